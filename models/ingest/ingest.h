#pragma once
#include "models/base/result.h"
#include "models/store/store.h"

#include <functional>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace faultline {

class Normaliser;
class SourceClaims;

/// What to read and how.
struct IngestRequest
{
    std::vector<std::string> paths; ///< files, folders (recursive), globs; "-" is stdin
    std::string inputFormat;        ///< a decoder's name; empty: recognise
    bool follow = false;
    bool again = false;       ///< keep a second copy of content that the store already has
    std::string pathTemplate; ///< "{host}/var/log/{service}/..."; empty: guess
    std::int16_t zoneOffsetMinutes = 0;
    std::size_t workers = 0;              ///< 0: cores
    std::function<int()> stdinDescriptor; ///< empty: 0
    /// Whoever feeds standard input keeps what is not committed and gives it again: a stop leaves an open
    /// last line for the next run, as for a file.
    bool stdinIsKept = false;
    /// Shared by the runs that may go on at the same time on one store; empty: there is only this one.
    std::shared_ptr<SourceClaims> claims;
    /// InputEntry::path of inputs to be read before all others, in this order; one that is not found is
    /// passed over. Decides nothing but the order: of two files with the same content the one read first is
    /// kept.
    std::vector<std::string> first;
    /// InputEntry::path ("-": standard input) -> what people call its source, instead of its file's name.
    std::map<std::string, std::string> names;
};

struct IngestProgress
{
    std::uint64_t bytesDone = 0, bytesTotal = 0; ///< on disk; total 0 when not known
    std::uint64_t decodedBytes = 0, events = 0, quarantined = 0;
    std::size_t sourcesDone = 0, sourcesTotal = 0;
    double bytesPerSecond = 0; ///< decoded
    double secondsLeft = -1;   ///< -1: not known
    std::string current;       ///< name of a source being read
    bool paused = false;       ///< the disk is full
};

/// What one source got in this run.
struct SourceReport
{
    SourceId id; ///< 0: nothing is under the path that was named; the store does not know it
    std::string name, path, format;
    SourceState state = SourceState::Complete;
    std::string detail;
    Ledger ledger; ///< of this run
};

struct IngestReport
{
    std::vector<SourceReport> sources; ///< in the order in which they were named or found
    Ledger total;
    double seconds = 0;
    bool cancelled = false;
};

/// Reads sources into a store: exactly once, resumable after a kill, bounded memory.
///
/// Threads  run() blocks; call it on a worker. `progress` is called on an unspecified thread, at most 10
/// times a second. Cancel   stop: what is committed stays (a re-run goes on from there); to discard, remove
/// the sources of the report. Errors   Only what makes the whole run impossible (store gone). A bad source is
/// reported in its SourceReport.
class Ingest
{
public:
    Ingest(std::shared_ptr<Store> store, std::shared_ptr<const Normaliser> normaliser,
           std::shared_ptr<const Clock> clock);
    Result<IngestReport> run(const IngestRequest& request,
                             std::function<void(const IngestProgress&)> progress, std::stop_token stop);

private:
    std::shared_ptr<Store> m_store;
    std::shared_ptr<const Normaliser> m_normaliser;
    std::shared_ptr<const Clock> m_clock;
};

} // namespace faultline
