#pragma once
#include "models/base/worker_pool.h"
#include "models/query/compiled_filter.h"
#include "models/query/engine.h"
#include "models/query/scan_source.h"
#include "models/query/segment_scan.h"

#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <utility>
#include <vector>

namespace faultline {

/// Passes over the segments of one snapshot, for analyses that answer nothing that the engine could.
///
/// Threads  forEach() works on the pool and on the calling thread; the rest on the calling thread.
class EventScan
{
public:
    EventScan(ScanSource& source, WorkerPool& pool, SnapshotPtr snapshot, std::stop_token stop,
              std::vector<MissedEvents>& damaged);

    /// First: reads the names of sources.
    Status begin();
    const std::vector<SegmentEntry>& segments() const { return m_snapshot->segments; }
    bool isDamaged(std::size_t index) const;
    bool stopped() const { return m_stop.stop_requested(); }

    /// Calls body(scan, selected, index) for each sound segment with rows that the filter selects, newest
    /// first; `wants` leaves segments out before they are read. The first failure, or Cancelled.
    using Body = std::function<void(SegmentScan&, const SelectedRows&, std::size_t)>;
    using Wants = std::function<bool(const SegmentEntry&)>;
    Status forEach(const CompiledFilter& filter, const TimeRange& range, const Body& body,
                   const Wants& wants = {});
    /// The same on segments by number, without a filter.
    Status forEachOf(const std::vector<std::size_t>& which,
                     const std::function<void(SegmentScan&, std::size_t)>& body);
    /// One segment, on the calling thread.
    Status at(std::size_t index, const std::function<void(SegmentScan&)>& body);

private:
    Status finish(const SegmentScan& scan);
    Status inParallel(std::size_t count, const std::function<Status(std::size_t)>& body);
    ScanSource& m_source;
    WorkerPool& m_pool;
    SnapshotPtr m_snapshot;
    std::shared_ptr<const SegmentScan::SourceNames> m_names;
    std::stop_token m_stop;
    std::mutex m_mutex; ///< of m_damaged
    std::vector<MissedEvents>& m_damaged;
};

/// Runs `work` over a snapshot; again without each segment that turns out to be damaged, and on a newer
/// snapshot when a merge took a segment away. `missed` gets what was left out of `range`.
Status overSnapshot(ScanSource& source, WorkerPool& pool, const TimeRange& range, std::stop_token stop,
                    std::vector<MissedEvents>& missed, const std::function<Status(EventScan&)>& work);

} // namespace faultline
