#pragma once
#include "models/ingest/ingest.h"
#include "models/ingest/ingest_run.h"
#include "models/ingest/resume.h"
#include "models/ingest/source_settings.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

namespace faultline {

class RunClaims;

/// Decides for each entry of a run what it is to the store (new, goes on, duplicate) and opens it for a
/// reader.
///
/// Duplicates within a run are found too: an entry that begins like another one of the run waits until that
/// one is committed. Threads  Any; one entry is opened by one reader.
class SourceOpener
{
public:
    /// `known` may be shared with another opener of the run, whose claims() are given then; whoever commits
    /// tells it what became durable.
    SourceOpener(std::shared_ptr<Store> store, std::shared_ptr<KnownSources> known,
                 const IngestRequest& request, std::shared_ptr<const Clock> clock, std::stop_token stop,
                 std::shared_ptr<RunClaims> claims = {});
    /// The sources that the run writes: let go of with the last of its openers.
    std::shared_ptr<RunClaims> claims() const { return m_claims; }
    /// Which parts of the paths are fields: the template asked for, else a guess from the paths. Error:
    /// Usage.
    Status takeTemplate(const std::vector<InputEntry>& entries);
    const std::string& pathTemplate() const { return m_template; }
    void setPathTemplate(std::string text) { m_template = std::move(text); }
    /// From here on the entries are those of a follower: one thread, everything read is committed before a
    /// decision, nothing is read a second time on purpose.
    void beginFollowing() { m_following = true; }

    /// Gives every entry that has none a source in the store, in one transaction; skipped and unreadable ones
    /// are recorded, those under which nothing is there are not (their report has no id). Again for entries
    /// that were appended since.
    Status prepare(std::vector<InputEntry>& entries);
    /// Reads anew what the store knows: others may have changed it. Not while commits of this run are on
    /// their way.
    Status refresh();
    /// A followed file has another path now.
    Status rename(SourceId id, const InputEntry& now);

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
    /// A reader has left entries unopened, since the run ends: nobody waits for them.
    void giveUp();

    /// The source that an entry's bytes went to.
    const SourceReport& report(std::size_t index) const { return m_reports[index]; }
    std::size_t size() const { return m_reports.size(); }

private:
    Result<ResumeDecision> decide(std::size_t index);
    Status readHead(ByteInput& input, std::string& head);
    Result<Opened> finishDuplicate(std::size_t index, const ResumeDecision& decision,
                                   const CommitQueue::Commit& commit);
    /// `nothingNew`: its input is at its end already.
    Status adopt(std::size_t index, const ResumeDecision& decision, bool nothingNew);
    Status setAside(SourceId holder);
    SourceRecord record(SourceId id) const;
    bool isAsItWas(const InputEntry& entry, const ResumeDecision& decision) const;
    std::unique_ptr<SourceRun> makeRun(std::size_t index, const ResumeDecision& decision,
                                       const std::string& head, SourceSettings settings);
    std::string settingsOf(const InputEntry& entry) const;
    /// Waits until every entry before this one is known by its head, so that of equal ones the first is read,
    /// whichever thread is faster. False when the run ends.
    bool awaitTurn(std::size_t index);
    void pass(std::size_t index);
    /// The entry with the same first bytes that is read now; nothing when this one is to be read.
    std::optional<std::size_t> twinBeingRead(std::size_t index, const std::string& head,
                                             std::optional<std::size_t> waited);
    bool waitForTwin(std::size_t twin, IngestRun& run, PieceReader& reader);

    std::shared_ptr<Store> m_store;
    const IngestRequest& m_request;
    std::shared_ptr<const Clock> m_clock;
    std::stop_token m_stop;
    std::shared_ptr<RunClaims> m_claims;
    std::vector<InputEntry>* m_entries = nullptr;
    std::deque<SourceReport> m_reports;
    std::string m_template; ///< of paths
    bool m_following = false;
    std::shared_ptr<KnownSources> m_known;
    std::mutex m_mutex;
    std::unordered_map<std::string, std::size_t>
        m_heads; ///< hash of an entry's first bytes -> the last entry that was read for it
    std::condition_variable_any m_turnCame;
    std::vector<bool> m_passed; ///< entries known by their heads, or not to be compared
    std::size_t m_turn = 0;     ///< the first that has not passed
    bool m_gaveUp = false;
};

} // namespace faultline
