#include "models/analysis/compare_rows.h"

#include "models/query/compiled_filter.h"

#include <algorithm>
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

struct Seen
{
    bool any = false;
    TimeNs first = 0, last = 0;
    void add(TimeNs from, TimeNs to)
    {
        first = any ? std::min(first, from) : from;
        last = any ? std::max(last, to) : to;
        any = true;
    }
};

/// First and last time of the rows.
void noteTimes(SegmentScan& scan, const SelectedRows& rows, Seen& seen)
{
    const ColumnPtr times = scan.column(TimeColumn);
    if (!times || times->ints.count < scan.rows()) return;
    std::optional<RowIndex> first;
    RowIndex last = 0;
    for (std::size_t i = rows.begin / 64; i < rows.set.wordCount() && !first; ++i) {
        if (const std::uint64_t word = rows.set.word(i); word != 0)
            first = static_cast<RowIndex>(i * 64) + static_cast<RowIndex>(std::countr_zero(word));
    }
    if (!first) return;
    for (std::size_t i = rows.set.wordCount(); i-- > 0;) {
        if (const std::uint64_t word = rows.set.word(i); word != 0) {
            last = static_cast<RowIndex>(i * 64) + 63 - static_cast<RowIndex>(std::countl_zero(word));
            break;
        }
    }
    seen.add(times->ints.at(*first), times->ints.at(last));
}

/// The question's range where it is bounded, else that of the events.
TimeRange extentOf(const TimeRange& asked, const Seen& seen)
{
    if (!seen.any) return {0, 0};
    const TimeNs end = seen.last == kTimeMax ? kTimeMax : seen.last + 1;
    TimeRange extent{asked.begin == kTimeMin ? seen.first : asked.begin,
                     asked.end == kTimeMax ? end : asked.end};
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
            if (here[side].any) seen[side].add(here[side].first, here[side].last);
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
    std::stop_source inner;
    const std::stop_callback outer(m_stop, [&inner] { inner.request_stop(); });
    std::mutex mutex;
    std::optional<Error> error;
    m_pool->parallelFor(
        count,
        [&](std::size_t at) {
            if (Status status = body(at); !status) {
                std::lock_guard lock(mutex);
                if (!error || error->kind == ErrorKind::Cancelled) error = status.error();
                inner.request_stop();
            }
        },
        inner.get_token());
    if (m_stop.stop_requested()) return cancelled();
    if (error) return *error;
    return {};
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
