#include "models/session/store_monitor.h"

#include <algorithm>
#include <chrono>

namespace faultline {
namespace {

constexpr std::chrono::milliseconds kGather{200};
/// How often a paused writer is looked at again: its state changes without a commit.
constexpr std::chrono::milliseconds kIdleLook{1000};

struct Bucket
{
    TimeNs begin, end;
    std::uint64_t count;
};

} // namespace

TimeRange denseRange(const StoreSnapshot& snapshot, std::uint64_t& outside)
{
    outside = 0;
    std::vector<Bucket> buckets;
    std::uint64_t total = 0;
    for (const SegmentEntry& entry : snapshot.segments) {
        const Rollup& rollup = entry.info->rollup;
        for (std::size_t i = 0; i + 7 <= rollup.counts.size(); i += 7) {
            std::uint64_t count = 0;
            for (std::size_t severity = 0; severity < 7; ++severity) count += rollup.counts[i + severity];
            if (count == 0) continue;
            const TimeNs begin = rollup.begin + static_cast<TimeNs>(i / 7) * rollup.width;
            // A bucket is as wide as a round step; the segment knows where its events end.
            buckets.push_back({std::max(begin, entry.info->minTime),
                               std::min(begin + rollup.width - 1, entry.info->maxTime), count});
            total += count;
        }
    }
    if (total == 0) return {0, 0};
    std::sort(buckets.begin(), buckets.end(),
              [](const Bucket& a, const Bucket& b) { return a.begin < b.begin; });
    const auto timeAt = [&](double share) {
        std::uint64_t seen = 0;
        for (const Bucket& bucket : buckets) {
            seen += bucket.count;
            if (static_cast<double>(seen) >= share * static_cast<double>(total)) return bucket;
        }
        return buckets.back();
    };
    // The middle 98 %, and what is near to it: twice its length on both sides.
    const double low = static_cast<double>(timeAt(0.01).begin), high = static_cast<double>(timeAt(0.99).end);
    const double reach = 2 * std::max(high - low, static_cast<double>(kSecondNs));
    TimeRange dense{kTimeMax, kTimeMin};
    for (const Bucket& bucket : buckets) {
        const bool near = static_cast<double>(bucket.end) >= low - reach &&
                          static_cast<double>(bucket.begin) <= high + reach;
        if (!near) {
            outside += bucket.count;
            continue;
        }
        dense.begin = std::min(dense.begin, bucket.begin);
        dense.end = std::max(dense.end, bucket.end == kTimeMax ? kTimeMax : bucket.end + 1);
    }
    return dense;
}

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

void StoreMonitor::run(const std::stop_token& stop)
{
    bool wasPaused = false;
    while (!stop.stop_requested()) {
        {
            std::unique_lock lock(m_mutex);
            m_wake.wait_for(lock, stop, kIdleLook, [this] { return m_dirty; });
            if (stop.stop_requested()) return;
            const bool paused = m_store->writerStatus().paused;
            if (!m_dirty && paused == wasPaused) continue;
            wasPaused = paused;
            m_dirty = false;
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
            summary.dense = denseRange(**snapshot, summary.outside);
            TimeNs first = kTimeMax, last = kTimeMin;
            for (const SegmentEntry& entry : (*snapshot)->segments) {
                summary.withoutTime += entry.info->timeMissing;
                first = std::min(first, entry.info->minTime);
                last = std::max(last, entry.info->maxTime);
            }
            // One less than for ever: a range without bounds is the dense one.
            if (first <= last)
                summary.whole = {std::max(first, kTimeMin + 1), last == kTimeMax ? kTimeMax : last + 1};
            summary.writer = m_store->isWriter();
            summary.disk = m_store->writerStatus();
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
