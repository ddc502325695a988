#include "models/analysis/event_scan.h"

#include "models/base/parallel.h"

#include <algorithm>
#include <optional>

namespace faultline {

namespace {

constexpr int kSnapshots = 8; // tries when merges take segments away

Error cancelled()
{
    return makeError(ErrorKind::Cancelled, "look at traces", "it was stopped");
}

} // namespace

EventScan::EventScan(ScanSource& source, WorkerPool& pool, SnapshotPtr snapshot, std::stop_token stop,
                     std::vector<MissedEvents>& damaged)
    : m_source(source)
    , m_pool(pool)
    , m_snapshot(std::move(snapshot))
    , m_stop(std::move(stop))
    , m_damaged(damaged)
{}

Status EventScan::begin()
{
    auto names = m_source.sourceNames();
    if (!names) return names.error();
    m_names = std::make_shared<const SegmentScan::SourceNames>(std::move(*names));
    return {};
}

bool EventScan::isDamaged(std::size_t index) const
{
    const SegmentId id = segments()[index].info->id;
    return std::any_of(m_damaged.begin(), m_damaged.end(),
                       [id](const MissedEvents& missed) { return missed.segment == id; });
}

Status EventScan::finish(const SegmentScan& scan)
{
    Status status = scan.status();
    if (!status && status.error().kind == ErrorKind::Damaged) {
        const std::lock_guard lock(m_mutex);
        const SegmentId id = scan.info().id;
        const bool known = std::any_of(m_damaged.begin(), m_damaged.end(),
                                       [id](const MissedEvents& missed) { return missed.segment == id; });
        if (!known) m_damaged.push_back({id, scan.info().rows, status.error().why});
    }
    return status;
}

Status EventScan::inParallel(std::size_t count, const std::function<Status(std::size_t)>& body)
{
    const Status status = parallelFor(m_pool, count, body, m_stop);
    return m_stop.stop_requested() ? Status(cancelled()) : status;
}

Status EventScan::forEach(const CompiledFilter& filter, const TimeRange& range, const Body& body,
                          const Wants& wants)
{
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < segments().size(); ++i) {
        const SegmentEntry& entry = segments()[i];
        if (isDamaged(i) || !range.overlaps(entry.info->minTime, entry.info->maxTime)) continue;
        if (!wants || wants(entry)) order.push_back(i);
    }
    return inParallel(order.size(), [&](std::size_t at) -> Status {
        const SegmentEntry& entry = segments()[order[at]];
        SegmentScan scan(entry, m_source, m_stop, m_names);
        SelectedRows selected{RowSet::all(scan.rows()), 0, scan.rows()};
        if (!filter.matchesAll()) selected.set = filter.evaluate(scan);
        if (!scan.stopped()) narrowToRange(scan, range, selected);
        if (!scan.stopped() && selected.begin < selected.end && !selected.set.isNone())
            body(scan, selected, order[at]);
        return finish(scan);
    });
}

Status EventScan::forEachOf(const std::vector<std::size_t>& which,
                            const std::function<void(SegmentScan&, std::size_t)>& body)
{
    return inParallel(which.size(), [&](std::size_t at) -> Status {
        SegmentScan scan(segments()[which[at]], m_source, m_stop, m_names);
        body(scan, which[at]);
        return finish(scan);
    });
}

Status EventScan::at(std::size_t index, const std::function<void(SegmentScan&)>& body)
{
    if (m_stop.stop_requested()) return cancelled();
    SegmentScan scan(segments()[index], m_source, m_stop, m_names);
    body(scan);
    return finish(scan);
}

Status overSnapshot(ScanSource& source, WorkerPool& pool, const TimeRange& range, std::stop_token stop,
                    std::vector<MissedEvents>& missed, const std::function<Status(EventScan&)>& work)
{
    std::vector<MissedEvents> damaged;
    for (int left = kSnapshots;;) {
        auto snapshot = source.snapshot();
        if (!snapshot) return snapshot.error();
        const std::size_t known = damaged.size();
        EventScan scan(source, pool, *snapshot, stop, damaged);
        Status status = scan.begin();
        if (status) status = work(scan);
        if (stop.stop_requested()) return cancelled();
        if (!status) {
            // Once more without the segment, or with the snapshot after the merge that took it away.
            if (damaged.size() > known) continue;
            if (status.error().kind == ErrorKind::NotFound && --left > 0) continue;
            return status;
        }
        missed = std::move(damaged);
        for (const UnreadableSegment& segment : (*snapshot)->unreadable)
            if (range.overlaps(segment.minTime, segment.maxTime))
                missed.push_back({segment.id, segment.events, segment.why});
        return {};
    }
}

} // namespace faultline
