#pragma once
#include "models/ingest/piece_reader.h"
#include "models/store/store.h"

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

namespace faultline {

/// Commits what the workers made, in the order in which each reader cut its pieces, so that a source's
/// position never passes events that are not yet durable. Batches that are ready together share a
/// transaction. Threads: submit() from any; one thread of its own commits.
class CommitQueue
{
public:
    using Committed = std::function<void(const std::vector<CommitBatch::SourceUpdate>&)>;
    /// `commit` makes a batch durable (the store's, or the hand-over to the process that holds the lock).
    using Commit = std::function<Status(CommitBatch, std::stop_token)>;
    CommitQueue(Commit commit, Committed committed, std::stop_token stop);
    ~CommitQueue();

    /// Waits while too much is held, so that workers cannot run ahead of the disk.
    void submit(std::size_t reader, std::uint64_t number, CommitBatch batch);
    /// Commits what is held and complete, then ends the thread. The first failure, if any.
    std::optional<Error> finish();
    bool failed() const;
    /// Waits until the first `pieces` pieces of a reader are durable; false when that will not be.
    bool waitDurable(std::size_t reader, std::uint64_t pieces, std::stop_token stop);

private:
    void run();
    Commit m_commit;
    Committed m_committed;
    std::stop_token m_stop;
    mutable std::mutex m_mutex;
    std::condition_variable_any m_changed;
    std::map<std::size_t, std::uint64_t> m_next;    ///< number to commit next, by reader
    std::map<std::size_t, std::uint64_t> m_durable; ///< number of pieces on disk, by reader
    std::map<std::pair<std::size_t, std::uint64_t>, CommitBatch> m_held;
    bool m_finishing = false;
    std::optional<Error> m_error;
    std::thread m_thread;
};

} // namespace faultline
