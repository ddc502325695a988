#include "models/analysis/compare_rows.h"

#include "models/base/parallel.h"
#include "models/base/time_buckets.h"
#include "models/query/compiled_filter.h"
#include "models/query/packed_view.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

namespace faultline {

namespace {

Error cancelled()
{
    return makeError(ErrorKind::Cancelled, "compare events", "it was stopped");
}

bool isDamaged(const std::vector<DamagedSegment>& damaged, std::size_t store, SegmentId id)
{
    return std::any_of(damaged.begin(), damaged.end(), [&](const DamagedSegment& known) {
        return known.store == store && known.events.segment == id;
    });
}

/// A side as it is looked for: which store, which events.
struct Wanted
{
    std::shared_ptr<const CompiledFilter> filter;
    TimeRange range;
};

SelectedRows select(SegmentScan& scan, const Wanted& wanted)
{
    SelectedRows rows{RowSet::all(scan.rows()), 0, scan.rows()};
    if (!wanted.filter->matchesAll()) rows.set = wanted.filter->evaluate(scan);
    if (!scan.stopped()) narrowToRange(scan, wanted.range, rows);
    rows.set.keepRange(rows.begin, rows.end);
    return rows;
}

SelectedRows nothing(RowIndex rows)
{
    return {RowSet::none(rows), 0, 0};
}

/// Everything that is live and not in A.
SelectedRows restOf(SegmentScan& scan, const SelectedRows& a)
{
    SelectedRows rows{RowSet::all(scan.rows()), 0, scan.rows()};
    narrowToRange(scan, TimeRange(), rows);
    rows.set.subtract(a.set);
    return rows;
}

constexpr int kCellBits = 40;     // of 2^40 ns, 18 minutes
constexpr double kStrays = 0.005; // of the events of a side may lie far from all others, at each end

/// When the events of a side are: in cells of fixed places, so that it does not matter how they are stored.
struct Seen
{
    bool any = false;
    TimeNs first = 0, last = 0;
    std::map<std::int64_t, std::uint64_t> cells;

    void add(const Seen& other)
    {
        if (!other.any) return;
        first = any ? std::min(first, other.first) : other.first;
        last = any ? std::max(last, other.last) : other.last;
        any = true;
        for (const auto& [cell, count] : other.cells) cells[cell] += count;
    }
};

void noteTimes(SegmentScan& scan, const SelectedRows& rows, Seen& seen)
{
    const ColumnPtr times = scan.column(TimeColumn);
    if (!times || times->ints.count < scan.rows()) return;
    for (RowIndex row = rows.begin; row < rows.end;) {
        const std::int64_t cell = times->ints.at(row) >> kCellBits;
        const TimeNs cellEnd = cell >= kTimeMax >> kCellBits ? kTimeMax : (cell + 1) << kCellBits;
        const auto next = static_cast<RowIndex>(
            std::max<std::size_t>(lowerBound(times->ints, cellEnd, row), std::size_t{row} + 1));
        if (const RowIndex count = countRows(rows.set, row, std::min(next, rows.end)); count != 0)
            seen.cells[cell] += count;
        row = next;
    }
    for (RowIndex row = rows.begin; row < rows.end && !seen.any; ++row) {
        if (!rows.set.has(row)) continue;
        seen.any = true;
        seen.first = times->ints.at(row);
    }
    for (RowIndex row = rows.end; row-- > rows.begin;) {
        if (!rows.set.has(row)) continue;
        seen.last = times->ints.at(row);
        break;
    }
}

/// Where nearly all events of the side are, without the few that are far outside (1970, 2262).
TimeRange denseOf(const Seen& seen)
{
    const TimeNs end = seen.last == kTimeMax ? kTimeMax : seen.last + 1;
    std::uint64_t all = 0;
    for (const auto& [cell, count] : seen.cells) all += count;
    const auto strays = static_cast<std::uint64_t>(kStrays * static_cast<double>(all));
    std::uint64_t passed = 0;
    std::int64_t low = seen.cells.begin()->first, high = seen.cells.rbegin()->first;
    for (const auto& [cell, count] : seen.cells) {
        low = cell;
        if ((passed += count) > strays) break;
    }
    passed = 0;
    for (auto cell = seen.cells.rbegin(); cell != seen.cells.rend(); ++cell) {
        high = cell->first;
        if ((passed += cell->second) > strays) break;
    }
    using Wide = TimeBuckets::Wide;
    const Wide from = static_cast<Wide>(low) << kCellBits, to = (static_cast<Wide>(high) + 1) << kCellBits;
    const Wide margin = (to - from) / 10;
    return {static_cast<TimeNs>(std::max<Wide>(from - margin, seen.first)),
            static_cast<TimeNs>(std::min<Wide>(to + margin, end))};
}

/// The question's range, but not much more than the events reach.
TimeRange extentOf(const TimeRange& asked, const Seen& seen)
{
    if (!seen.any) return {0, 0};
    using Wide = TimeBuckets::Wide;
    TimeRange extent = denseOf(seen);
    const Wide length = static_cast<Wide>(extent.end) - extent.begin;
    if (asked.begin != kTimeMin && static_cast<Wide>(extent.begin) - asked.begin <= length)
        extent.begin = asked.begin;
    if (asked.end != kTimeMax && static_cast<Wide>(asked.end) - extent.end <= length) extent.end = asked.end;
    return extent;
}

} // namespace

SelectedRows SegmentSides::both() const
{
    if (count[0] == 0) return rows[1];
    if (count[1] == 0) return rows[0];
    SelectedRows all = rows[0];
    all.set |= rows[1].set;
    all.begin = std::min(rows[0].begin, rows[1].begin);
    all.end = std::max(rows[0].end, rows[1].end);
    return all;
}

Result<CompareRows> CompareRows::find(std::vector<std::unique_ptr<CompareStore>> stores,
                                      const CompareQuestion& question,
                                      const std::shared_ptr<WorkerPool>& pool, const std::stop_token& stop,
                                      std::vector<DamagedSegment>& damaged)
{
    CompareRows found;
    found.m_stores = std::move(stores);
    found.m_pool = pool;
    found.m_stop = stop;
    found.m_damaged = &damaged;

    auto filterA = CompiledFilter::compile(question.a.filter);
    if (!filterA) return filterA.error();
    auto filterB = CompiledFilter::compile(question.b.filter);
    if (!filterB) return filterB.error();
    Wanted a{*filterA, question.a.range}, b{*filterB, question.b.range};
    const bool rest = question.against == CompareQuestion::Against::Rest;
    const bool twoStores = found.m_stores.size() > 1;

    for (const auto& store : found.m_stores) {
        for (const SegmentEntry& entry : store->snapshot->segments) {
            if (isDamaged(damaged, store->number, entry.info->id)) continue;
            SegmentSides segment;
            segment.store = store.get();
            segment.entry = &entry;
            segment.rows[0] = segment.rows[1] = nothing(entry.info->rows);
            found.m_segments.push_back(std::move(segment));
        }
    }
    const CompareStore* const storeA = found.m_stores.front().get();
    const CompareStore* const storeB = found.m_stores.back().get();
    std::mutex mutex;
    Seen seen[2];
    const Status status = found.forEach([&](SegmentScan& scan, const SegmentSides& sides, std::size_t index) {
        SegmentSides& mine = found.m_segments[index];
        const SegmentInfo& info = scan.info();
        if (sides.store == storeA && a.range.overlaps(info.minTime, info.maxTime))
            mine.rows[0] = select(scan, a);
        if (sides.store == storeB) {
            if (rest && !twoStores)
                mine.rows[1] = restOf(scan, mine.rows[0]);
            else if (rest || b.range.overlaps(info.minTime, info.maxTime))
                mine.rows[1] = select(scan, b);
        }
        Seen here[2];
        for (int side = 0; side < 2 && !scan.stopped(); ++side) {
            mine.count[side] = mine.rows[side].count();
            if (mine.count[side] != 0) noteTimes(scan, mine.rows[side], here[side]);
        }
        std::lock_guard lock(mutex);
        for (int side = 0; side < 2; ++side) {
            found.m_events[side] += mine.count[side];
            seen[side].add(here[side]);
        }
    });
    if (!status) return status.error();
    std::erase_if(found.m_segments,
                  [](const SegmentSides& segment) { return segment.count[0] == 0 && segment.count[1] == 0; });
    found.m_time[0] = extentOf(a.range, seen[0]);
    found.m_time[1] = extentOf(rest ? TimeRange() : b.range, seen[1]);
    return found;
}

Status CompareRows::finish(SegmentScan& scan, const SegmentSides& segment)
{
    Status status = scan.status();
    if (!status && status.error().kind == ErrorKind::Damaged) {
        const SegmentInfo& info = *segment.entry->info;
        std::lock_guard lock(*m_mutex);
        if (!isDamaged(*m_damaged, segment.store->number, info.id))
            m_damaged->push_back({segment.store->number, {info.id, info.rows, status.error().why}});
    }
    return status;
}

Status CompareRows::inParallel(std::size_t count, const std::function<Status(std::size_t)>& body)
{
    const Status status = parallelFor(*m_pool, count, body, m_stop);
    return m_stop.stop_requested() ? Status(cancelled()) : status;
}

Status CompareRows::forEach(const Body& body)
{
    return inParallel(m_segments.size(), [&](std::size_t at) -> Status {
        const SegmentSides& segment = m_segments[at];
        SegmentScan scan(*segment.entry, *segment.store->source, m_stop, segment.store->names);
        body(scan, segment, at);
        return finish(scan, segment);
    });
}

Status CompareRows::forEachOf(const std::vector<std::uint32_t>& which, const Body& body)
{
    for (const std::uint32_t at : which) {
        if (m_stop.stop_requested()) return cancelled();
        const SegmentSides& segment = m_segments[at];
        SegmentScan scan(*segment.entry, *segment.store->source, m_stop, segment.store->names);
        body(scan, segment, at);
        if (Status status = finish(scan, segment); !status) return status;
    }
    return {};
}

} // namespace faultline
