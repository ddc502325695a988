#pragma once
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

namespace faultline {

/// Callbacks with a promise: after remove() returns, the callback does not run (unless remove() was called
/// by the callback itself). Any thread.
class Observers
{
public:
    std::uint64_t add(std::function<void()> callback)
    {
        std::lock_guard lock(m_mutex);
        m_callbacks.emplace(++m_last, std::move(callback));
        return m_last;
    }
    void remove(std::uint64_t id)
    {
        std::unique_lock lock(m_mutex);
        m_callbacks.erase(id);
        m_idle.wait(lock, [&] { return m_running == 0 || m_thread == std::this_thread::get_id(); });
    }
    bool empty() const
    {
        std::lock_guard lock(m_mutex);
        return m_callbacks.empty();
    }
    /// Calls each once. One thread at a time (the store's writer or its watcher).
    void notify()
    {
        std::unique_lock lock(m_mutex);
        m_running = 1;
        m_thread = std::this_thread::get_id();
        // By id, since callbacks may add and remove.
        for (auto next = m_callbacks.begin(); next != m_callbacks.end();) {
            const std::uint64_t id = next->first;
            const auto callback = next->second;
            lock.unlock();
            callback();
            lock.lock();
            next = m_callbacks.upper_bound(id);
        }
        m_running = 0;
        m_thread = {};
        m_idle.notify_all();
    }

private:
    mutable std::mutex m_mutex;
    std::condition_variable m_idle;
    std::map<std::uint64_t, std::function<void()>> m_callbacks;
    std::uint64_t m_last = 0;
    int m_running = 0;
    std::thread::id m_thread;
};

} // namespace faultline
