#pragma once
#include "models/store/sqlite.h"

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>

namespace faultline {

/// Notices the commits of another process: PRAGMA data_version on a connection of its own, which reads a
/// number in shared memory. Asked by snapshot(), and four times a second by a thread that tells the
/// observers.
class Watcher
{
public:
    Watcher(std::unique_ptr<Connection> connection, std::function<void()> changed);
    ~Watcher();
    Watcher(const Watcher&) = delete;
    Watcher& operator=(const Watcher&) = delete;

    /// A number that differs from the one before when something was committed in between. Any thread.
    Result<std::int64_t> version();

private:
    void loop(std::stop_token stop, Result<std::int64_t> known);
    std::mutex m_mutex; ///< of the connection
    std::unique_ptr<Connection> m_connection;
    std::function<void()> m_changed;
    std::mutex m_sleepMutex;
    std::condition_variable_any m_sleep;
    std::jthread m_thread;
};

} // namespace faultline
