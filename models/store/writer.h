#pragma once
#include "models/base/time.h"
#include "models/store/file_identity.h"
#include "models/store/segment_table.h"
#include "models/store/sqlite.h"
#include "models/store/store.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace faultline {

/// The one thread that writes and checkpoints, with the one connection that may.
///
/// Commits    Those that wait together go into one transaction, in the order of their arrival.
/// Disk full  commit() waits; the group is tried again until it fits. Other writes fail with DiskFull
/// meanwhile. Fail-stop  When the system refuses an fsync, nobody knows what is on the disk: every write from
/// then on fails,
///            until the store is opened again (which reads the log anew). An fsync is never tried twice.
///            The same when the file was removed or replaced: nothing is acknowledged that only a file
///            without a name has.
/// Other I/O  The transaction is rolled back and fails; the next one gets a fresh connection.
class Writer
{
public:
    struct Setup
    {
        std::string path, vfs;
        std::shared_ptr<const Clock> clock;
        /// After each commit, on the writer's thread. `segments` are those that the commit added.
        std::function<void(std::vector<SegmentInfo>&& segments, std::vector<std::string>&& checksums,
                           bool events)>
            committed;
        std::function<void()> notify; ///< after the callers were answered; may be slow
        std::function<Result<bool>(Connection&)>
            idle; ///< housekeeping when nothing is to be done; true: it wrote
    };
    /// Opens the connection that writes, with its pragmas.
    static Result<std::unique_ptr<Connection>> openConnection(const std::string& path, const std::string& vfs,
                                                              bool create);

    Writer(Setup setup, std::unique_ptr<Connection> connection);
    ~Writer(); ///< checkpoints and closes; nobody may be in commit() or run()
               ///< closes
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    Status commit(CommitBatch batch, std::stop_token stop);
    /// Runs `job` in a transaction on the writer's thread. `events`: what a snapshot shows changes.
    Status run(std::function<Status(Connection&)> job, bool events = false);
    WriterStatus status() const;

private:
    using Steady = std::chrono::steady_clock;
    struct Request
    {
        CommitBatch batch;
        std::stop_token stop;
        std::uint64_t bytes = 0;
        bool done = false;
        Status result;
    };
    struct Job
    {
        std::function<Status(Connection&)> work;
        bool events = false;
        bool done = false;
        Status result;
    };
    void loop();
    void runJob(std::unique_lock<std::mutex>& lock);
    void runGroup(std::unique_lock<std::mutex>& lock);
    void runIdle(std::unique_lock<std::mutex>& lock);
    void dropStopped();
    Status usable(); ///< opens the connection again after a failure
    Status stillThere();
    Status check(const CommitBatch& batch);
    Status write(const std::vector<Request*>& group, std::vector<InsertedSegment>& inserted);
    void afterFailure(const Error& error);
    void checkpointWhenLarge();
    void close();

    Setup m_setup;
    std::unique_ptr<Connection> m_connection; ///< the thread's alone, once it runs
    FieldNumbers m_fields;
    const FileIdentity m_file;
    std::optional<Error> m_failed; ///< fail-stop; the thread's alone
    bool m_frames = false;         ///< the log has something to move; the thread's alone
    Steady::time_point m_nextIdle;

    mutable std::mutex m_mutex;
    std::condition_variable m_wake, m_answered;
    std::deque<Request*> m_commits;
    std::deque<Job*> m_jobs;
    WriterStatus m_status;
    Steady::time_point m_retryAt;
    std::chrono::milliseconds m_retryAfter{};
    bool m_ending = false;
    std::thread m_thread;
};

} // namespace faultline
