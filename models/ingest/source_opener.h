#pragma once
#include "models/ingest/ingest.h"
#include "models/ingest/ingest_run.h"
#include "models/ingest/resume.h"

#include <map>
#include <mutex>
#include <unordered_map>

namespace faultline {

/// Decides for each entry of a run what it is to the store (new, goes on, duplicate) and opens it for a
/// reader.
///
/// Duplicates within a run are found too: an entry that begins like another one of the run waits until that
/// one is committed. Threads  Any; one entry is opened by one reader.
class SourceOpener
{
public:
    SourceOpener(std::shared_ptr<Store> store, const IngestRequest& request,
                 std::shared_ptr<const Clock> clock, std::stop_token stop);

    /// Gives every entry a source in the store, in one transaction; skipped and unreadable ones are recorded.
    Status prepare(std::vector<InputEntry>& entries);

    enum class What { Read, Done, Stopped };
    struct Opened
    {
        What what = What::Done;
        PieceReader::Source source; ///< for Read
        std::string head;           ///< what source.head views
    };
    /// `commitNow` sends out what the reader holds; `commit` makes a batch durable.
    Result<Opened> open(std::size_t index, IngestRun& run, PieceReader& reader,
                        const CommitQueue::Commit& commit);

    /// The source that an entry's bytes went to.
    const SourceReport& report(std::size_t index) const { return m_reports[index]; }

private:
    Result<ResumeDecision> decide(std::size_t index);
    Status readHead(ByteInput& input, std::string& head);
    Result<Opened> finishDuplicate(std::size_t index, const ResumeDecision& decision,
                                   const CommitQueue::Commit& commit);
    Status adopt(std::size_t index, const ResumeDecision& decision);
    SourceRecord record(SourceId id) const;
    bool waitForTwin(std::size_t index, const std::string& head, IngestRun& run, PieceReader& reader);

    std::shared_ptr<Store> m_store;
    const IngestRequest& m_request;
    std::shared_ptr<const Clock> m_clock;
    std::stop_token m_stop;
    std::vector<InputEntry>* m_entries = nullptr;
    std::vector<SourceReport> m_reports;
    std::vector<std::vector<std::pair<std::string, std::string>>> m_constants; ///< path parts, an entry each
    mutable std::mutex m_mutex;
    std::map<SourceId, SourceRecord> m_sources; ///< with checkpoints, as of prepare() or of the last refresh
    std::unordered_map<std::string, std::size_t>
        m_heads; ///< hash of an entry's first bytes -> the first entry that had it
};

} // namespace faultline
