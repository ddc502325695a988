#include "models/store/event_cursor.h"

#include <algorithm>

namespace faultline {

EventView::EventView(SnapshotPtr snapshot, ColumnSource& columns, std::function<bool()> stopped)
    : m_snapshot(std::move(snapshot)), m_stopped(std::move(stopped))
{
    std::vector<const SegmentEntry*> entries;
    entries.reserve(m_snapshot->segments.size());
    for (const SegmentEntry& entry : m_snapshot->segments)
        if (entry.deletedRows < entry.info->rows) entries.push_back(&entry);
    std::sort(entries.begin(), entries.end(), [](const SegmentEntry* a, const SegmentEntry* b) {
        if (a->info->minTime != b->info->minTime) return a->info->minTime < b->info->minTime;
        return a->info->id < b->info->id;
    });
    m_readers.reserve(entries.size());
    std::vector<TimeNs> ends; // a heap of the ends of those that are open, the least in front
    const auto later = std::greater<>();
    for (const SegmentEntry* entry : entries) {
        m_readers.push_back(std::make_unique<EventReader>(*entry, columns));
        while (!ends.empty() && ends.front() < entry->info->minTime) {
            std::pop_heap(ends.begin(), ends.end(), later);
            ends.pop_back();
        }
        ends.push_back(entry->info->maxTime);
        std::push_heap(ends.begin(), ends.end(), later);
        m_overlap = std::max(m_overlap, ends.size());
    }
}

EventReader& EventView::reader(std::size_t segment)
{
    if (!m_used.empty() && m_used.back() == segment) return *m_readers[segment];
    std::erase(m_used, segment);
    m_used.push_back(segment);
    if (m_used.size() > kKept) {
        m_readers[m_used.front()]->release();
        m_used.erase(m_used.begin());
    }
    return *m_readers[segment];
}

std::optional<EventView::Place> EventView::find(Handle handle) const
{
    if (handle < 0) return std::nullopt;
    const auto number = static_cast<std::uint64_t>(handle);
    const Place place{static_cast<std::size_t>(number / kSegmentRows),
                      static_cast<RowIndex>(number % kSegmentRows)};
    if (place.segment >= m_readers.size()) return std::nullopt;
    const EventReader& reader = *m_readers[place.segment];
    if (place.row >= reader.info().rows || reader.isDeleted(place.row)) return std::nullopt;
    return place;
}

EventCursor::EventCursor(EventView& view, EventPlan plan) : m_view(view), m_plan(std::move(plan))
{
    if (m_plan.nothing || m_plan.first > m_plan.last) return;
    for (std::size_t i = view.segments(); i-- > 0;) m_pending.push_back(i);
    if (m_plan.order == EventPlan::Order::Descending) {
        // By their greatest time; the last of the list is opened first.
        std::sort(m_pending.begin(), m_pending.end(), [&](std::size_t a, std::size_t b) {
            const TimeNs x = view.info(a).maxTime;
            const TimeNs y = view.info(b).maxTime;
            return x != y ? x < y : a < b;
        });
    }
    choose();
}

void EventCursor::fail(const Error& error)
{
    m_error = error;
    m_active.clear();
    m_pending.clear();
    m_current = kNone;
}

void EventCursor::next()
{
    if (!advance(m_active[m_current])) {
        if (m_error) return;
        m_active.erase(m_active.begin() + static_cast<std::ptrdiff_t>(m_current));
    }
    choose();
}

void EventCursor::choose()
{
    const bool ordered = m_plan.order != EventPlan::Order::Any;
    for (;;) {
        m_current = m_active.empty() ? kNone : 0;
        if (ordered) {
            for (std::size_t i = 1; i < m_active.size(); ++i)
                if (before(m_active[i], m_active[m_current])) m_current = i;
        }
        if (m_error || m_pending.empty()) return;
        if (m_current != kNone) {
            if (!ordered) return;
            // A segment that is still closed may hold an event that comes first.
            const SegmentInfo& closed = m_view.info(m_pending.back());
            const TimeNs now = m_active[m_current].time;
            if (m_plan.order == EventPlan::Order::Ascending ? closed.minTime > now : closed.maxTime < now)
                return;
        }
        const std::size_t segment = m_pending.back();
        m_pending.pop_back();
        if (!open(segment) && m_error) return;
    }
}

bool EventCursor::before(const Run& a, const Run& b)
{
    const bool descending = m_plan.order == EventPlan::Order::Descending;
    if (a.time != b.time) return descending ? a.time > b.time : a.time < b.time;
    for (const RowColumn which : {SourceColumn, OrdinalColumn}) {
        const std::int64_t x = m_view.reader(a.segment).number(which, a.row);
        const std::int64_t y = m_view.reader(b.segment).number(which, b.row);
        if (x != y) return descending ? x > y : x < y;
    }
    return false;
}

bool EventCursor::open(std::size_t segment)
{
    if (m_view.stopped()) {
        fail(makeError(ErrorKind::Cancelled, "run the statement", "stopped"));
        return false;
    }
    const SegmentInfo& info = m_view.info(segment);
    if (info.maxTime < m_plan.first || info.minTime > m_plan.last) return false;
    Run run;
    run.segment = segment;
    run.end = info.rows;

    const ColumnInfo& severities = info.columns[SeverityColumn];
    std::uint32_t there = ~std::uint32_t{0};
    if (severities.minInt >= 0 && severities.maxInt < 32 && severities.minInt <= severities.maxInt) {
        there = 0;
        for (std::int64_t s = severities.minInt; s <= severities.maxInt; ++s) there |= std::uint32_t{1} << s;
    }
    if ((there & m_plan.severities) == 0) return false;
    run.testSeverity = (there & ~m_plan.severities) != 0;

    if (m_plan.sources) {
        const auto& wanted = *m_plan.sources;
        const auto isWanted = [&](SourceId id) {
            return std::binary_search(wanted.begin(), wanted.end(), id);
        };
        if (std::none_of(info.sources.begin(), info.sources.end(), isWanted)) return false;
        run.testSource = !std::all_of(info.sources.begin(), info.sources.end(), isWanted);
    }
    EventReader& reader = m_view.reader(segment);
    for (std::size_t c = 0; c < kCanonicalCount; ++c)
        if (m_plan.equals[c] && !reader.mayHave(static_cast<Canonical>(c), *m_plan.equals[c])) {
            if (reader.failed()) fail(*reader.error());
            return false;
        }

    const bool partly = info.minTime < m_plan.first || info.maxTime > m_plan.last;
    if (partly || m_plan.order != EventPlan::Order::Any) {
        run.times = reader.share(TimeColumn);
        if (!run.times) {
            fail(*reader.error());
            return false;
        }
    }
    if (partly) {
        // Rows are in order of time.
        const auto lower = [&](auto isBefore) {
            RowIndex low = 0;
            for (RowIndex high = info.rows; low < high;) {
                const RowIndex middle = low + (high - low) / 2;
                if (isBefore(run.times->ints.at(middle)))
                    low = middle + 1;
                else
                    high = middle;
            }
            return low;
        };
        run.begin = lower([&](TimeNs t) { return t < m_plan.first; });
        run.end = lower([&](TimeNs t) { return t <= m_plan.last; });
    }
    if (!advance(run)) return false;
    m_active.push_back(std::move(run));
    return true;
}

bool EventCursor::passes(const Run& run, RowIndex row)
{
    EventReader& reader = m_view.reader(run.segment);
    if (run.testSeverity) {
        const auto severity = static_cast<std::uint64_t>(reader.number(SeverityColumn, row));
        if (severity < 32 && (m_plan.severities >> severity & 1) == 0) return reader.failed();
    }
    if (run.testSource) {
        const SourceId source{static_cast<std::uint32_t>(reader.number(SourceColumn, row))};
        if (!std::binary_search(m_plan.sources->begin(), m_plan.sources->end(), source))
            return reader.failed();
    }
    for (std::size_t c = 0; c < kCanonicalCount; ++c) {
        if (!m_plan.equals[c]) continue;
        m_text.clear();
        const bool has = reader.canonical(static_cast<Canonical>(c), row, m_text);
        if (!has || m_text != *m_plan.equals[c]) return reader.failed();
    }
    return true;
}

bool EventCursor::advance(Run& run)
{
    constexpr std::size_t kStride = 4096;
    const bool descending = m_plan.order == EventPlan::Order::Descending;
    EventReader& reader = m_view.reader(run.segment);
    while (run.begin < run.end) {
        const RowIndex row = descending ? --run.end : run.begin++;
        if (++m_sinceStop >= kStride) {
            m_sinceStop = 0;
            if (m_view.stopped()) {
                fail(makeError(ErrorKind::Cancelled, "run the statement", "stopped"));
                return false;
            }
        }
        if (reader.isDeleted(row)) continue;
        if (!passes(run, row)) continue;
        if (reader.failed()) {
            fail(*reader.error());
            return false;
        }
        run.row = row;
        if (run.times) run.time = run.times->ints.at(row);
        return true;
    }
    return false;
}

} // namespace faultline
