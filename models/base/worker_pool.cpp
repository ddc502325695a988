#include "models/base/worker_pool.h"

#include "models/base/thread_priority.h"

#include <algorithm>

namespace faultline {

/// The indices of a parallelFor. Shared with those that help: one that comes after the caller has returned
/// finds it closed, and touches nothing of the caller's.
class WorkerPool::Loop
{
public:
    Loop(std::size_t count, const std::function<void(std::size_t)>& body, std::stop_token stop)
        : m_count(count), m_body(&body), m_stop(std::move(stop))
    {}

    /// Takes indices while there are any.
    template <class Between> void work(const Between& between)
    {
        while (!m_stop.stop_requested()) {
            between();
            const std::size_t i = m_next.fetch_add(1);
            if (i >= m_count) return;
            (*m_body)(i);
        }
    }
    /// The same, by another thread than the caller's.
    template <class Between> void help(const Between& between)
    {
        {
            std::lock_guard lock(m_mutex);
            if (m_closed) return;
            ++m_active;
        }
        work(between);
        std::lock_guard lock(m_mutex);
        if (--m_active == 0) m_idle.notify_all();
    }
    /// By the caller, after its own work: waits for those that help.
    void finish()
    {
        std::unique_lock lock(m_mutex);
        m_closed = true;
        m_idle.wait(lock, [this] { return m_active == 0; });
    }

private:
    std::atomic<std::size_t> m_next{0};
    const std::size_t m_count;
    const std::function<void(std::size_t)>* m_body;
    const std::stop_token m_stop;
    std::mutex m_mutex;
    std::condition_variable m_idle;
    std::size_t m_active = 0;
    bool m_closed = false;
};

WorkerPool::WorkerPool(std::size_t threads, Priority priority)
{
    m_threads.reserve(threads);
    for (std::size_t i = 0; i < threads; ++i)
        m_threads.emplace_back([this, priority] {
            if (priority == Priority::Background) workInBackground();
            run();
        });
}

WorkerPool::~WorkerPool()
{
    {
        std::lock_guard lock(m_mutex);
        m_ending = true;
        m_tasks.clear();
    }
    m_wake.notify_all();
    for (auto& thread : m_threads) thread.join();
}

void WorkerPool::post(std::function<void()> task)
{
    post(std::move(task), false);
}

void WorkerPool::post(std::function<void()> task, bool first)
{
    {
        std::lock_guard lock(m_mutex);
        if (first)
            m_tasks.push_front(std::move(task));
        else
            m_tasks.push_back(std::move(task));
    }
    m_wake.notify_one();
}

void WorkerPool::run()
{
    for (;;) {
        std::function<void()> task;
        {
            std::unique_lock lock(m_mutex);
            m_wake.wait(lock, [this] { return m_ending || !m_tasks.empty(); });
            if (m_tasks.empty()) return;
            task = std::move(m_tasks.front());
            m_tasks.pop_front();
        }
        task();
    }
}

void WorkerPool::turnToFirst()
{
    while (m_hasFirst.load(std::memory_order_relaxed)) {
        std::shared_ptr<Loop> loop;
        {
            std::lock_guard lock(m_mutex);
            if (m_first.empty()) return;
            loop = m_first.front();
        }
        loop->help([] {});
        std::lock_guard lock(m_mutex);
        std::erase(m_first, loop);
        m_hasFirst = !m_first.empty();
    }
}

void WorkerPool::parallelFor(std::size_t count, const std::function<void(std::size_t)>& body,
                             std::stop_token stop, Turn turn)
{
    const auto loop = std::make_shared<Loop>(count, body, std::move(stop));
    const bool first = turn == Turn::First;
    const auto between = [this, first] {
        if (!first) turnToFirst();
    };
    if (first && count > 1) {
        std::lock_guard lock(m_mutex);
        m_first.push_back(loop);
        m_hasFirst = true;
    }
    const std::size_t helpers = count > 1 ? std::min(count - 1, m_threads.size()) : 0;
    // What comes first is not behind the helpers of others, which turn to it as well.
    for (std::size_t i = 0; i < helpers; ++i) post([loop, between] { loop->help(between); }, first);
    loop->work(between);
    if (first) {
        std::lock_guard lock(m_mutex);
        std::erase(m_first, loop);
        m_hasFirst = !m_first.empty();
    }
    loop->finish();
}

} // namespace faultline
