#include "models/session/store_upkeep.h"

#include "models/base/thread_priority.h"

namespace faultline {

StoreUpkeep::StoreUpkeep(std::shared_ptr<Store> store, std::chrono::milliseconds quiet)
    : m_store(std::move(store)), m_quiet(quiet)
{
    if (!m_store->isWriter()) return;
    m_callback = m_store->onChange([this] {
        std::lock_guard lock(m_mutex);
        m_changed = true;
        m_wake.notify_all();
    });
    m_thread = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

StoreUpkeep::~StoreUpkeep()
{
    if (!m_thread.joinable()) return;
    m_store->removeOnChange(m_callback);
    m_thread.request_stop();
    m_thread.join();
}

void StoreUpkeep::run(const std::stop_token& stop)
{
    workInBackground();
    while (!stop.stop_requested()) {
        {
            std::unique_lock lock(m_mutex);
            if (!m_wake.wait(lock, stop, [this] { return m_changed; })) return;
            // Each further commit begins the wait anew.
            do m_changed = false;
            while (m_wake.wait_for(lock, stop, m_quiet, [this] { return m_changed; }));
            if (stop.stop_requested()) return;
        }
        // A failure leaves everything as it was; the next quiet time tries again, and doctor says what is
        // wrong.
        const auto merged = m_store->mergeSmallSegments(stop);
        if (!merged || *merged == 0) continue;
        std::lock_guard lock(m_mutex);
        m_changed = false; // the merge's own commit
    }
}

} // namespace faultline
