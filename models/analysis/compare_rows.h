#pragma once
#include "models/analysis/comparison.h"
#include "models/base/worker_pool.h"
#include "models/query/scan_source.h"
#include "models/query/segment_scan.h"

#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

namespace faultline {

/// A store that a comparison reads.
struct CompareStore
{
    std::shared_ptr<ScanSource> source;
    SnapshotPtr snapshot;
    std::shared_ptr<const SegmentScan::SourceNames> names;
    std::size_t number = 0; ///< 0: of A
};

/// A segment that could not be read, and of which store it is.
struct DamagedSegment
{
    std::size_t store = 0;
    MissedEvents events;
};

/// The rows of both sides in one segment.
struct SegmentSides
{
    const CompareStore* store = nullptr;
    const SegmentEntry* entry = nullptr;
    SelectedRows rows[2]; ///< of A, of B; rows outside [begin, end) may be set
    RowIndex count[2] = {0, 0};

    const SelectedRows& a() const { return rows[0]; }
    const SelectedRows& b() const { return rows[1]; }
    /// Rows of either side.
    SelectedRows both() const;
};

/// Where the events of the two sides are, found once; every later pass goes over these segments alone.
///
/// Threads  find() and forEach() work on the pool and on the calling thread.
class CompareRows
{
public:
    /// Segments in `damaged` are left out on both sides; what turns out to be damaged is added there, and the
    /// status is Damaged: everything is to be done again without it. ErrorKind::NotFound: a merge took a
    /// segment away; with a newer snapshot it works. `damaged` outlives this.
    static Result<CompareRows> find(std::vector<std::unique_ptr<CompareStore>> stores,
                                    const CompareQuestion& question, const std::shared_ptr<WorkerPool>& pool,
                                    const std::stop_token& stop, std::vector<DamagedSegment>& damaged);

    const std::vector<SegmentSides>& segments() const { return m_segments; }
    std::uint64_t events(int side) const { return m_events[side]; }
    /// From the first to behind the last event of the side, or the question's range, as far as the store
    /// goes.
    TimeRange time(int side) const { return m_time[side]; }

    /// Calls body(scan, segment, index) for each segment; the first failure, or Cancelled.
    using Body = std::function<void(SegmentScan&, const SegmentSides&, std::size_t)>;
    Status forEach(const Body& body);
    /// The same on the calling thread, for the segments that are named.
    Status forEachOf(const std::vector<std::uint32_t>& which, const Body& body);
    /// Calls body(i) for i in [0, count), on all threads, until one of them fails.
    Status inParallel(std::size_t count, const std::function<Status(std::size_t)>& body);
    const std::stop_token& stop() const { return m_stop; }

private:
    Status finish(SegmentScan& scan, const SegmentSides& segment);
    std::vector<std::unique_ptr<CompareStore>> m_stores;
    std::vector<SegmentSides> m_segments;
    std::uint64_t m_events[2] = {0, 0};
    TimeRange m_time[2] = {{0, 0}, {0, 0}};
    std::vector<DamagedSegment>* m_damaged = nullptr;
    std::shared_ptr<std::mutex> m_mutex = std::make_shared<std::mutex>(); ///< of m_damaged
    std::shared_ptr<WorkerPool> m_pool;
    std::stop_token m_stop;
};

} // namespace faultline
