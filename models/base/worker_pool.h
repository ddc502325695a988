#pragma once
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

namespace faultline {

/// A fixed number of threads that run tasks in order of arrival.
///
/// Threads  Any thread may post. A task must not block on another task of the same pool.
/// Stop     The destructor drops what has not started and waits for what has: long tasks watch their own
///          stop token. Hand-over is by std::mutex, so that ThreadSanitizer can see it.
class WorkerPool
{
public:
    /// Background: its threads give way to the window's; see workInBackground().
    enum class Priority { Normal, Background };
    explicit WorkerPool(std::size_t threads, Priority priority = Priority::Normal);
    ~WorkerPool();
    WorkerPool(const WorkerPool&) = delete;
    WorkerPool& operator=(const WorkerPool&) = delete;

    void post(std::function<void()> task);
    std::size_t threads() const { return m_threads.size(); }

    /// First: whoever works on a loop that is not First turns to it between two of its indices. For short
    /// loops that somebody waits for.
    enum class Turn { InOrder, First };
    /// Calls body(i) for i in [0, count), on the pool and on the calling thread, and returns when all are
    /// done. Indices are taken in rising order. After `stop` is requested no further index is started.
    /// body may be called by a thread that waits in another parallelFor of this pool.
    void parallelFor(std::size_t count, const std::function<void(std::size_t)>& body,
                     std::stop_token stop = {}, Turn turn = Turn::InOrder);

private:
    class Loop;
    void run();
    void post(std::function<void()> task, bool first);
    void turnToFirst();
    std::mutex m_mutex;
    std::condition_variable m_wake;
    std::deque<std::function<void()>> m_tasks;
    std::vector<std::shared_ptr<Loop>> m_first; ///< that have indices left
    std::atomic<bool> m_hasFirst{false};        ///< m_first is not empty, without its lock
    bool m_ending = false;
    std::vector<std::thread> m_threads;
};

} // namespace faultline
