#include "models/analysis/trace_rows.h"

#include "models/analysis/trace.h"
#include "models/query/field_codes.h"

#include <algorithm>
#include <mutex>

namespace faultline {

namespace {

constexpr std::size_t kChunk = 4'096; // rows of a segment that are held at a time

} // namespace

Result<TraceRows> TraceRows::find(EventScan& events, const CompiledFilter& filter, const TimeRange& range,
                                  const std::string& lane)
{
    TraceRows found;
    found.m_lane = lane;
    std::mutex mutex;
    const Status status =
        events.forEach(filter, range, [&](SegmentScan&, const SelectedRows& selected, std::size_t index) {
            if (selected.count() == 0) return;
            Cursor cursor;
            cursor.segment = static_cast<std::uint32_t>(index);
            cursor.rows = selected.set;
            cursor.next = selected.begin;
            cursor.end = selected.end;
            const std::lock_guard lock(mutex);
            found.m_cursors.push_back(std::move(cursor));
        });
    if (!status) return status.error();
    std::sort(found.m_cursors.begin(), found.m_cursors.end(), [&](const Cursor& a, const Cursor& b) {
        const TimeNs timeA = events.segments()[a.segment].info->minTime,
                     timeB = events.segments()[b.segment].info->minTime;
        return timeA != timeB ? timeA < timeB : a.segment < b.segment;
    });
    return found;
}

std::uint32_t TraceRows::nameOf(std::string text)
{
    if (text.size() > TraceLane::kNameBytes) text.resize(TraceLane::kNameBytes);
    const auto known = m_known.find(text);
    if (known != m_known.end()) return known->second;
    if (m_names.size() >= kMostNames) return kOthers;
    const auto number = static_cast<std::uint32_t>(m_names.size());
    m_names.push_back(text);
    m_known.emplace(std::move(text), number);
    return number;
}

Status TraceRows::fill(EventScan& events, Cursor& cursor)
{
    cursor.chunk.clear();
    cursor.at = 0;
    return events.at(cursor.segment, [&](SegmentScan& scan) {
        const ColumnPtr times = scan.column(TimeColumn), sources = scan.column(SourceColumn),
                        ordinals = scan.column(OrdinalColumn), severities = scan.column(SeverityColumn);
        if (!times || !sources || !ordinals || !severities || times->ints.count < scan.rows()) return;
        const RowSet* missing = scan.info().timeMissing > 0 ? &scan.timeMissing() : nullptr;
        // A word of rows at a time, until there are enough.
        const RowIndex begin = cursor.next;
        while (cursor.next < cursor.end && cursor.chunk.size() < kChunk) {
            const RowIndex last = std::min(cursor.end, (cursor.next / 64 + 1) * 64);
            forEachRow(cursor.rows, cursor.next, last, [&](RowIndex row) {
                TraceRow found;
                found.key = {times->ints.at(row), SourceId{static_cast<std::uint32_t>(sources->ints.at(row))},
                             static_cast<Ordinal>(ordinals->ints.at(row))};
                found.segment = cursor.segment;
                found.row = row;
                found.severity = static_cast<Severity>(severities->ints.at(row));
                found.timed = missing == nullptr || !missing->has(row);
                cursor.chunk.push_back(found);
            });
            cursor.next = last;
        }
        const SelectedRows selected{cursor.rows, begin, cursor.next};
        const FieldCodes codes = FieldCodes::of(scan, m_lane, selected);
        if (scan.stopped()) return;
        std::map<std::uint32_t, std::uint32_t> names; // by code
        std::string text;
        for (TraceRow& row : cursor.chunk) {
            const std::uint32_t code = codes.code(row.row);
            const auto known = names.find(code);
            if (known != names.end()) {
                row.name = known->second;
                continue;
            }
            text.clear();
            row.name = codes.append(code, text) ? nameOf(text) : kAbsent;
            names.emplace(code, row.name);
        }
    });
}

Status TraceRows::forEach(EventScan& events, const std::function<void(const TraceRow&)>& body)
{
    // The open segments, the one with the earliest row in front.
    const auto later = [](const Cursor* a, const Cursor* b) {
        return b->chunk[b->at].key < a->chunk[a->at].key;
    };
    std::vector<Cursor*> open;
    std::size_t next = 0;
    const auto minTime = [&](std::size_t at) {
        return events.segments()[m_cursors[at].segment].info->minTime;
    };
    for (;;) {
        while (next < m_cursors.size() &&
               (open.empty() || minTime(next) <= open.front()->chunk[open.front()->at].key.time)) {
            Cursor& cursor = m_cursors[next++];
            if (Status status = fill(events, cursor); !status) return status;
            if (cursor.chunk.empty()) continue;
            open.push_back(&cursor);
            std::push_heap(open.begin(), open.end(), later);
        }
        if (open.empty()) return {};
        std::pop_heap(open.begin(), open.end(), later);
        Cursor& cursor = *open.back();
        body(cursor.chunk[cursor.at]);
        if (++cursor.at == cursor.chunk.size()) {
            if (cursor.next < cursor.end) {
                if (Status status = fill(events, cursor); !status) return status;
            } else {
                cursor.chunk.clear();
            }
            if (cursor.chunk.empty()) {
                cursor.chunk = {};
                cursor.rows = RowSet();
                open.pop_back();
                continue;
            }
        }
        std::push_heap(open.begin(), open.end(), later);
    }
}

} // namespace faultline
