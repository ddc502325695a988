#include "models/base/worker_pool.h"

#include "models/base/thread_priority.h"

#include <algorithm>
#include <atomic>
#include <memory>

namespace faultline {

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
    {
        std::lock_guard lock(m_mutex);
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

void WorkerPool::parallelFor(std::size_t count, const std::function<void(std::size_t)>& body,
                             std::stop_token stop)
{
    // Shared with the helpers: one that starts after the caller has returned finds no index left and
    // touches nothing of the caller's.
    struct Shared
    {
        std::atomic<std::size_t> next{0};
        std::size_t count = 0;
        const std::function<void(std::size_t)>* body = nullptr;
        std::stop_token stop;
        std::mutex mutex;
        std::condition_variable idle;
        std::size_t active = 0;
        bool closed = false;
    };
    auto shared = std::make_shared<Shared>();
    shared->count = count;
    shared->body = &body;
    shared->stop = std::move(stop);
    const auto work = [](Shared& s) {
        while (!s.stop.stop_requested()) {
            const std::size_t i = s.next.fetch_add(1);
            if (i >= s.count) return;
            (*s.body)(i);
        }
    };
    const std::size_t helpers = count > 1 ? std::min(count - 1, m_threads.size()) : 0;
    for (std::size_t i = 0; i < helpers; ++i) {
        post([shared, work] {
            {
                std::lock_guard lock(shared->mutex);
                if (shared->closed) return;
                ++shared->active;
            }
            work(*shared);
            std::lock_guard lock(shared->mutex);
            if (--shared->active == 0) shared->idle.notify_all();
        });
    }
    work(*shared);
    std::unique_lock lock(shared->mutex);
    shared->closed = true;
    shared->idle.wait(lock, [&] { return shared->active == 0; });
}

} // namespace faultline
