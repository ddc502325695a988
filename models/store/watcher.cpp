#include "models/store/watcher.h"

namespace faultline {

Watcher::Watcher(std::unique_ptr<Connection> connection, std::function<void()> changed)
    : m_connection(std::move(connection)), m_changed(std::move(changed))
{
    // What is known is known before the thread runs: a commit before its first step is told too.
    m_thread =
        std::jthread([this, known = version()](std::stop_token stop) { loop(std::move(stop), known); });
}

Watcher::~Watcher() = default; // the thread is the last member: it ends first

Result<std::int64_t> Watcher::version()
{
    std::lock_guard lock(m_mutex);
    return m_connection->number("PRAGMA data_version");
}

void Watcher::loop(std::stop_token stop, Result<std::int64_t> known)
{
    constexpr std::chrono::milliseconds kInterval{250};
    while (!stop.stop_requested()) {
        {
            std::unique_lock lock(m_sleepMutex);
            m_sleep.wait_for(lock, stop, kInterval, [] { return false; });
        }
        if (stop.stop_requested()) return;
        auto now = version();
        if (!now || (known && *now == *known))
            continue; // a passing error is looked at again at the next turn
        known = std::move(now);
        m_changed();
    }
}

} // namespace faultline
