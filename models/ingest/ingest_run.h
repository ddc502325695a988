#pragma once
#include "models/ingest/commit_queue.h"
#include "models/ingest/ingest.h"
#include "models/ingest/normaliser.h"
#include "models/ingest/piece_parser.h"
#include "models/ingest/piece_queue.h"
#include "models/ingest/piece_reader.h"

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace faultline {

/// The threads of one run: readers cut sources into pieces, workers parse and seal them, a committer makes
/// them durable in order. Memory is bounded by the queue between the first two and by what the committer
/// holds.
///
/// Protocol  Readers (on the caller's threads) come from makeReader(), then finish().
/// Stop      Readers end; what they have read is parsed and committed, unless the disk is full.
class IngestRun
{
public:
    struct Parts
    {
        CommitQueue::Commit commit;
        std::shared_ptr<const Normaliser> normaliser;
        std::shared_ptr<const Clock> clock;
        std::size_t workers = 1;
    };
    IngestRun(Parts parts, std::stop_token stop);
    ~IngestRun();

    /// A reader's hand: one a thread.
    std::unique_ptr<PieceReader> makeReader(std::size_t index);
    IngestCounters& counters() { return m_counters; }
    /// Set when nothing more can be committed, or fail() was called: readers stop.
    bool failed() const { return m_gaveUp || m_commits->failed(); }
    void fail()
    {
        m_gaveUp = true;
        m_quit.request_stop();
    }

    /// What was committed for a source so far in this run.
    struct Committed
    {
        Ledger ledger;
        std::optional<SourceState> state;
        std::string detail;
    };
    std::map<SourceId, Committed> committed() const;
    /// Waits until what a reader has sent is on disk; false when stopped or failed.
    bool waitForReader(std::size_t index, const PieceReader& reader, std::stop_token stop)
    {
        return m_commits->waitDurable(index, reader.sent(), std::move(stop));
    }
    /// Waits until the end of what is there of a source is committed; false when stopped or failed.
    bool waitForSource(SourceId id, std::stop_token stop);

    /// No reader is active any more: drains, commits and ends the threads.
    std::optional<Error> finish();

private:
    void work();
    Parts m_parts;
    std::stop_token m_stop;
    std::atomic<bool> m_gaveUp{false};
    std::stop_source m_quit; ///< of the readers: stop was requested, or nothing can be committed
    struct Quit
    {
        std::stop_source source;
        void operator()() { source.request_stop(); }
    };
    std::stop_callback<Quit> m_onStop;
    IngestCounters m_counters;
    PieceQueue m_queue;
    mutable std::mutex m_mutex;
    std::condition_variable_any m_progressed;
    std::map<SourceId, Committed> m_committed;
    std::unique_ptr<CommitQueue> m_commits;
    std::vector<std::thread> m_workers;
};

} // namespace faultline
