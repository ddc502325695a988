#include "models/session/store_monitor.h"

#include <algorithm>
#include <chrono>

namespace faultline {
namespace {

constexpr std::chrono::milliseconds kGather{200};
/// How often a paused writer is looked at again: its state changes without a commit.
constexpr std::chrono::milliseconds kIdleLook{1000};

} // namespace

StoreMonitor::StoreMonitor(std::shared_ptr<Store> store, QObject* parent)
    : QObject(parent), m_store(std::move(store))
{
    m_callback = m_store->onChange([this] {
        std::lock_guard lock(m_mutex);
        m_dirty = true;
        m_wake.notify_all();
    });
    m_thread = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

StoreMonitor::~StoreMonitor()
{
    m_store->removeOnChange(m_callback);
    m_thread.request_stop();
    m_thread.join();
    m_mailbox.close();
}

void StoreMonitor::retire()
{
    m_thread.request_stop();
    m_mailbox.close();
    moveToThread(nullptr);
}

std::uint64_t StoreMonitor::look()
{
    std::lock_guard lock(m_mutex);
    m_dirty = true;
    m_wake.notify_all();
    return ++m_looks;
}

void StoreMonitor::run(const std::stop_token& stop)
{
    bool wasPaused = false;
    while (!stop.stop_requested()) {
        std::uint64_t look = 0;
        {
            std::unique_lock lock(m_mutex);
            m_wake.wait_for(lock, stop, kIdleLook, [this] { return m_dirty; });
            if (stop.stop_requested()) return;
            const bool paused = m_store->writerStatus().paused;
            if (!m_dirty && paused == wasPaused) continue;
            wasPaused = paused;
            m_dirty = false;
            look = m_looks;
        }
        auto snapshot = m_store->snapshot();
        auto sources = m_store->sources();
        if (!snapshot || !sources) {
            const Error error = snapshot ? sources.error() : snapshot.error();
            m_mailbox.post([this, error] { Q_EMIT failed(error); });
        } else {
            StoreSummary summary;
            summary.generation = (*snapshot)->generation;
            summary.events = (*snapshot)->events;
            summary.fileBytes = m_store->fileBytes();
            summary.sources = sources->size();
            for (const SourceRecord& source : *sources)
                summary.quarantined += source.ledger.quarantined.records;
            for (const SegmentEntry& entry : (*snapshot)->segments)
                summary.withoutTime += entry.info->timeMissing;
            const DenseRange found = m_dense.find(**snapshot, *m_store, stop);
            summary.dense = found.dense;
            summary.whole = found.whole;
            summary.outside = found.outside;
            summary.outsideTimes = found.outsideTimes;
            summary.writer = m_store->isWriter();
            summary.disk = m_store->writerStatus();
            summary.look = look;
            m_mailbox.post([this, summary] {
                m_summary = summary;
                Q_EMIT changed(summary);
            });
        }
        std::unique_lock lock(m_mutex);
        m_wake.wait_for(lock, stop, kGather, [] { return false; });
    }
}

} // namespace faultline
