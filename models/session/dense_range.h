#pragma once
#include "models/store/store.h"

#include <map>
#include <stop_token>
#include <utility>
#include <vector>

namespace faultline {

/// Where the events of a store lie in time. Ranges are {0, 0} when there is nothing in them.
struct DenseRange
{
    TimeRange dense{0, 0};        ///< nearly all: without the few that are far outside (1970, 2262)
    TimeRange whole{0, 0};        ///< all that have a time; never unbounded
    std::uint64_t outside = 0;    ///< events with a time that is not in `dense`
    TimeRange outsideTimes{0, 0}; ///< from the first of those to the last (which is end - 1)
};

/// Finds it from the rollups. A rollup has at most 64 bars for its segment, so that one old event makes bars
/// of months: of a segment with such a bar where it would move an end of the range, the times are read.
///
/// Bounds   What was read is kept as at most kMostParts spans a segment.
/// Threads  One; blocks on disk.
class DenseRangeFinder
{
public:
    static constexpr std::size_t kMostParts = 64;
    /// A segment whose times cannot be read counts as its rollup says. After `stop` the ends may be wide.
    DenseRange find(const StoreSnapshot& snapshot, ColumnSource& columns, const std::stop_token& stop = {});

private:
    struct Part
    {
        TimeNs first = 0, last = 0;
        std::uint64_t count = 0;
        std::size_t segment = 0; ///< of the snapshot
        bool exactFirst = false, exactLast = false;
    };
    /// A segment at one state of its mask.
    using Key = std::pair<SegmentId, std::uint64_t>;
    std::vector<Part> partsOf(const StoreSnapshot& snapshot) const;
    static DenseRange judge(const std::vector<Part>& parts, std::vector<std::size_t>& loose);
    static std::vector<Part> readParts(const SegmentEntry& entry, ColumnSource& columns);

    std::map<Key, std::vector<Part>> m_read;
};

/// The same once, for a command.
DenseRange denseRange(const StoreSnapshot& snapshot, ColumnSource& columns, const std::stop_token& stop = {});

} // namespace faultline
