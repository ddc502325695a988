#pragma once
#include "models/base/result.h"
#include "models/ingest/ingest.h"
#include "models/session/source_changes.h"

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

namespace faultline {

/// How handing a piece of work over ended.
struct HandoverOutcome
{
    enum class What : std::uint8_t {
        Report, ///< done, and durable: see report
        Nobody, ///< no process listens at this store
        Gone,   ///< the holder died, or ended, with the work unfinished: what it committed stays
    };
    What what = What::Nobody;
    IngestReport report;
};

/// Hands `request` to the process that writes the store at `storePath` (as Store::path() says it) and waits
/// for its report. Paths go absolute; "-" reads `request.stdinDescriptor`, which the holder gets a copy of.
///
/// Cancel   `stop`: the holder is asked to stop, and still reports what it committed (cancelled).
/// Errors   What the holder answered (also Locked, Unsupported); Locked when it belongs to another user;
/// Limit
///          for a request over 16 MiB; Cancelled before the request was sent.
/// Threads  Blocks; `progress` is called on the calling thread.
Result<HandoverOutcome> ingestThroughHolder(const std::string& storePath, const IngestRequest& request,
                                            const std::function<void(const IngestProgress&)>& progress,
                                            std::stop_token stop);

/// Asks the process that writes the store to remove sources; Report when it is done. Blocks until then.
Result<HandoverOutcome> removeThroughHolder(const std::string& storePath,
                                            const std::vector<SourceId>& sources);

/// Asks the process that writes the store to change a source. Cancel and errors as above; Gone: it may have
/// been changed; see SourceChangeRequest::seen.
Result<HandoverOutcome> changeThroughHolder(const std::string& storePath, const SourceChangeRequest& request,
                                            const std::function<void(const IngestProgress&)>& progress,
                                            std::stop_token stop);

} // namespace faultline
