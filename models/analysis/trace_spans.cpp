#include "models/analysis/trace_fields.h"
#include "models/analysis/trace_lanes.h"

#include <algorithm>
#include <unordered_map>

namespace faultline {

namespace {

constexpr Severity kError = 17;

/// Ancestors of each span; a chain that comes back to itself ends there.
void setDepths(std::vector<TraceSpan>& spans)
{
    std::unordered_map<std::string_view, std::size_t> byId;
    for (std::size_t i = 0; i < spans.size(); ++i)
        if (!spans[i].id.empty()) byId.emplace(spans[i].id, i);
    for (TraceSpan& span : spans) {
        const TraceSpan* at = &span;
        while (span.depth < TraceSpan::kMostDepth && !at->parentId.empty()) {
            const auto parent = byId.find(at->parentId);
            if (parent == byId.end() || &spans[parent->second] == &span) break;
            at = &spans[parent->second];
            ++span.depth;
        }
    }
}

} // namespace

void addSpans(Trace& trace)
{
    std::map<std::pair<std::size_t, std::string>, std::size_t> known; // by lane and id
    for (const TraceEvent& event : trace.list) {
        if (!event.timed || (event.spanId.empty() && !event.duration)) continue;
        const TimeNs begin = beginOf(event.key.time, event.duration.value_or(0));
        TraceSpan* span = nullptr;
        if (!event.spanId.empty()) {
            const auto [at, added] = known.emplace(std::pair(event.lane, event.spanId), trace.spans.size());
            if (!added) span = &trace.spans[at->second];
        }
        if (span == nullptr) {
            TraceSpan made;
            made.id = event.spanId;
            made.lane = event.lane;
            made.begin = begin;
            made.end = event.key.time;
            trace.spans.push_back(std::move(made));
            span = &trace.spans.back();
        }
        if (span->parentId.empty() && event.parentId != span->id) span->parentId = event.parentId;
        span->begin = std::min(span->begin, begin);
        span->end = std::max(span->end, event.key.time);
        ++span->events;
        if (event.severity >= kError) ++span->errors;
    }
    std::stable_sort(trace.spans.begin(), trace.spans.end(), [](const TraceSpan& a, const TraceSpan& b) {
        return a.begin != b.begin ? a.begin < b.begin : a.end > b.end;
    });
    setDepths(trace.spans);
    trace.begin = trace.first;
    trace.end = trace.last;
    for (TraceLane& lane : trace.lanes) {
        lane.begin = lane.first;
        lane.end = lane.last;
    }
    for (const TraceSpan& span : trace.spans) {
        TraceLane& lane = trace.lanes[span.lane];
        lane.begin = std::min(lane.begin, span.begin);
        trace.begin = std::min(trace.begin, span.begin);
    }
}

} // namespace faultline
