#pragma once
#include "models/base/result.h"
#include "models/base/time.h"
#include "models/ingest/ingest.h"
#include "models/session/handover_client.h"
#include "models/session/handover_server.h"
#include "models/session/ingest_gate.h"
#include "models/session/stdin_relay.h"
#include "models/store/store.h"

#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <vector>

namespace faultline {

/// Runs an ingest into a store that this process writes.
using IngestRunner =
    std::function<Result<IngestReport>(const std::shared_ptr<Store>&, const IngestRequest&,
                                       std::function<void(const IngestProgress&)>, std::stop_token)>;
/// Ingest::run with the aliases that are compiled in.
Result<IngestRunner> makeIngestRunner(std::shared_ptr<const Clock> clock);

/// What is read into a store by this process.
struct IngestActivity
{
    bool reading = false;   ///< an ingest goes on
    bool following = false; ///< one that waits for more of what it has read
};

/// The ingests of the process that writes a store: its own, and those that others hand over.
///
/// Follow   A run that follows files alone is stopped while a source changes, and goes on where it stood.
/// Threads  Any. Destroy it before the store lets go of the lock.
class IngestHost
{
public:
    /// `store` is the writer. Where no socket can be made it works without: see notServing().
    IngestHost(std::shared_ptr<Store> store, IngestRunner runner);
    /// Waits its turn (see IngestGate), then runs.
    Result<IngestReport> run(const IngestRequest& request,
                             std::function<void(const IngestProgress&)> progress, std::stop_token stop);
    /// Removes sources while nothing is read in; a source that is not there counts as removed. Errors: Locked
    /// when a run goes on.
    Status remove(const std::vector<SourceId>& sources);
    /// Changes a source while nothing is read in; runs that follow files pause. Errors: Locked when another
    /// run goes on (a pipe cannot be paused), and those of changeSource().
    Result<SourceChangeReport> change(const SourceChangeRequest& request,
                                      const std::function<void(const RenormaliseProgress&)>& progress,
                                      std::stop_token stop);
    IngestActivity activity() const;
    /// Why other processes cannot hand work over; nothing when they can.
    const std::optional<Error>& notServing() const { return m_notServing; }

private:
    /// A run that is under way.
    struct Running
    {
        std::stop_source stop;
        bool pausable = false, follows = false;
        bool paused = false;
    };
    Error busy(const std::string& what) const;
    std::shared_ptr<Store> m_store;
    IngestRunner m_runner;
    IngestGate m_gate;
    mutable std::mutex m_mutex;
    std::list<std::shared_ptr<Running>> m_runs;
    std::shared_ptr<SourceClaims> m_claims;
    std::optional<Error> m_notServing;
    std::unique_ptr<HandoverServer> m_server; ///< last: uses all of the above
};

/// What ingestAnywhere() works with.
struct IngestPlace
{
    std::shared_ptr<Store> store; ///< as this process opened it
    Store::Options reopen;        ///< to open it again for writing
    IngestRunner runner;
    IngestHost* host = nullptr;                 ///< when this process writes the store
    std::chrono::milliseconds patience{10'000}; ///< with a lock holder that does not answer
    std::uint64_t keepStdinBytes = StdinRelay::kKeepBytes;
};

/// Ingests whoever writes the store: here; by handing it to the holder of the lock; or, when that one dies or
/// ends before it reported, by taking the lock and going on. Exactly once in all three cases: a file goes on
/// at the last commit, and a pipe is given again from its first byte (see StdinRelay), which goes on there
/// too. The ledger of a report after a takeover is what the whole command brought, the dead holder's part
/// included (exact unless a third process reads the same files meanwhile).
///
/// A pipe that gave more than keepStdinBytes cannot be repeated: what the dead holder had read and not
/// committed is lost; the source is then Incomplete, and its detail says how many bytes (exact for input that
/// is not compressed).
///
/// Errors   Those of the run; Locked when the holder takes no work; Store when nobody may write here.
Result<IngestReport> ingestAnywhere(const IngestPlace& place, const IngestRequest& request,
                                    std::function<void(const IngestProgress&)> progress,
                                    std::stop_token stop);

/// Removes sources whoever writes the store, with ways and errors as above. A source that is not there (any
/// more) counts as removed.
Status removeAnywhere(const IngestPlace& place, const std::vector<SourceId>& sources, std::stop_token stop);

/// The ways of ingestAnywhere() for any other work on the store: `here` in a store that this process writes
/// (asked for the lock when it is free), else `handed` to its holder, until one of them has done it. A holder
/// that is Gone may have done it, too: both must know that.
Status writeAnywhere(const IngestPlace& place, const std::string& what,
                     const std::function<Result<HandoverOutcome::What>()>& handed,
                     const std::function<Status(const std::shared_ptr<Store>&)>& here, std::stop_token stop);

} // namespace faultline
