#include "models/analysis/trace_lanes.h"

#include "models/analysis/trace_fields.h"
#include "models/analysis/tracer.h"
#include "models/query/field_reader.h"
#include "models/query/filter_build.h"
#include "models/records/severity.h"

#include <algorithm>
#include <mutex>

namespace faultline {

namespace {

constexpr Severity kError = 17;
constexpr std::size_t kIdBytes = 128; // of a span id that is shown

std::uint64_t distance(TimeNs from, TimeNs to)
{
    return static_cast<std::uint64_t>(to) - static_cast<std::uint64_t>(from);
}

/// At most `most` bytes, not within a character; "..." where something is left out.
std::string cut(std::string text, std::size_t most)
{
    if (text.size() <= most) return text;
    std::size_t end = most - 3;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
    text.resize(end);
    return text + "...";
}

/// What is shown of the events of one segment.
void readTexts(SegmentScan& scan, std::vector<std::pair<RowIndex, TraceEvent*>>& wanted)
{
    SelectedRows rows{RowSet::none(scan.rows()), 0, scan.rows()};
    for (const auto& [row, event] : wanted) rows.set.insert(row);
    const FieldReader messages(scan, "message"), spans(scan, "span_id");
    std::vector<FieldReader> parents;
    for (const std::string_view name : parentFields())
        if (!findField(scan, name).nothing()) parents.emplace_back(scan, name);
    const DurationReader durations(scan, rows);
    std::string text;
    for (const auto& [row, event] : wanted) {
        if (scan.stopped()) return;
        text.clear();
        messages.append(row, text);
        event->message = cut(text, Trace::kMessageBytes);
        text.clear();
        spans.append(row, text);
        event->spanId = cut(text, kIdBytes);
        for (const FieldReader& parent : parents) {
            text.clear();
            if (!parent.append(row, text) || text.empty() || text == "null") continue;
            // No parent, as some write it.
            if (text.find_first_not_of('0') == text.npos) continue;
            event->parentId = cut(text, kIdBytes);
            break;
        }
        if (const std::int64_t ns = durations.at(row); ns >= 0) event->duration = ns;
    }
}

} // namespace

std::size_t TraceLanes::laneOf(std::uint32_t name)
{
    const auto known = m_laneOf.find(name);
    if (known != m_laneOf.end()) return known->second;
    if (name != TraceRows::kOthers && m_trace.lanes.size() >= TraceLane::kMostLanes - 1)
        return m_laneOf[name] = laneOf(TraceRows::kOthers);
    m_trace.lanes.emplace_back();
    m_laneNames.push_back(name);
    m_laneError.emplace_back();
    return m_laneOf[name] = m_trace.lanes.size() - 1;
}

void TraceLanes::noteGap(const TraceRow& row)
{
    if (m_previous) {
        Gap gap{*m_previous, row, distance(m_previous->key.time, row.key.time), m_trace.events};
        const auto longer = [](const Gap& a, const Gap& b) {
            return a.length != b.length ? a.length > b.length : a.number < b.number;
        };
        if (gap.length > 0 && (m_gaps.size() < Trace::kMostGaps || longer(gap, m_gaps.front()))) {
            if (m_gaps.size() >= Trace::kMostGaps) {
                std::pop_heap(m_gaps.begin(), m_gaps.end(), longer);
                m_gaps.pop_back();
            }
            m_gaps.push_back(gap);
            std::push_heap(m_gaps.begin(), m_gaps.end(), longer);
        }
    }
    m_previous = row;
}

void TraceLanes::add(const TraceRow& row)
{
    const std::size_t number = laneOf(row.name);
    TraceLane& lane = m_trace.lanes[number];
    const std::uint8_t level = severityClass(row.severity);
    ++m_trace.events;
    ++lane.events;
    m_trace.worst = std::max(m_trace.worst, level);
    lane.worst = std::max(lane.worst, level);
    if (row.severity >= kError) {
        ++m_trace.errors;
        ++lane.errors;
        if (!m_firstError) m_firstError = row;
        if (!m_laneError[number]) m_laneError[number] = row;
    }
    if (row.timed) {
        if (!m_trace.timed) m_trace.first = row.key.time;
        if (!lane.timed) lane.first = row.key.time;
        m_trace.timed = lane.timed = true;
        m_trace.last = lane.last = row.key.time;
        noteGap(row);
    } else {
        ++m_trace.untimed;
    }
    if (m_list.size() < m_question.events)
        m_list.push_back(row);
    else
        ++m_trace.leftOut;
}

Status TraceLanes::read(EventScan& events, Texts& texts) const
{
    std::map<std::uint32_t, std::vector<std::pair<RowIndex, TraceEvent*>>> bySegment;
    for (auto& [place, event] : texts) bySegment[place.first].emplace_back(place.second, &event);
    std::vector<std::size_t> which;
    for (const auto& [segment, rows] : bySegment) which.push_back(segment);
    return events.forEachOf(which, [&](SegmentScan& scan, std::size_t index) {
        readTexts(scan, bySegment.find(static_cast<std::uint32_t>(index))->second);
    });
}

Result<Trace> TraceLanes::finish(EventScan& events, const std::vector<std::string>& names)
{
    m_trace.id = m_question.id;
    m_trace.field = m_question.field;
    Texts texts;
    const auto want = [&](const TraceRow& row) {
        TraceEvent& event = texts[{row.segment, row.row}];
        event.key = row.key;
        event.severity = row.severity;
        event.timed = row.timed;
        event.lane = m_laneOf.find(row.name)->second;
    };
    const auto textOf = [&](const TraceRow& row) -> const TraceEvent& {
        return texts.find({row.segment, row.row})->second;
    };
    std::sort(m_gaps.begin(), m_gaps.end(), [](const Gap& a, const Gap& b) {
        return a.length != b.length ? a.length > b.length : a.number < b.number;
    });
    const std::uint64_t whole = m_trace.timed ? distance(m_trace.first, m_trace.last) : 0;
    std::erase_if(m_gaps, [whole](const Gap& gap) { return gap.length < whole / 20; });
    for (const TraceRow& row : m_list) want(row);
    for (const Gap& gap : m_gaps) {
        want(gap.before);
        want(gap.after);
    }
    for (const auto& row : m_laneError)
        if (row) want(*row);
    if (Status status = read(events, texts); !status) return status.error();

    for (const TraceRow& row : m_list) m_trace.list.push_back(textOf(row));
    for (const Gap& gap : m_gaps) m_trace.gaps.push_back({textOf(gap.before), textOf(gap.after)});
    if (m_firstError) m_trace.firstError = textOf(*m_firstError);
    for (std::size_t i = 0; i < m_trace.lanes.size(); ++i) {
        TraceLane& lane = m_trace.lanes[i];
        lane.absent = m_laneNames[i] == TraceRows::kAbsent;
        lane.others = m_laneNames[i] == TraceRows::kOthers;
        lane.name = names[m_laneNames[i]];
        if (m_laneError[i]) lane.firstError = textOf(*m_laneError[i]);
    }
    addSpans(m_trace);
    return std::move(m_trace);
}

Result<Trace> Tracer::trace(const TraceQuestion& question, std::stop_token stop)
{
    if (question.events == 0 || question.events > TraceQuestion::kMostEvents)
        return makeError(ErrorKind::Usage, "look at a trace",
                         "its list has 1 to " + std::to_string(TraceQuestion::kMostEvents) + " events");
    if (question.id.empty() || question.field.empty())
        return makeError(ErrorKind::Usage, "look at a trace", "its id is missing");
    auto filter = CompiledFilter::compile(filters::equals(question.field, question.id));
    if (!filter) return filter.error();
    Trace answer;
    std::vector<MissedEvents> missed;
    const Status status = overSnapshot(
        *m_source, *m_pool, question.range, std::move(stop), missed, [&](EventScan& events) -> Status {
            auto rows = TraceRows::find(events, **filter, question.range, question.lane);
            if (!rows) return rows.error();
            TraceLanes lanes(question);
            Status walked = rows->forEach(events, [&](const TraceRow& row) { lanes.add(row); });
            if (!walked) return walked;
            auto trace = lanes.finish(events, rows->names());
            if (!trace) return trace.error();
            answer = std::move(*trace);
            return {};
        });
    if (!status) return status.error();
    answer.missed = std::move(missed);
    return answer;
}

} // namespace faultline
