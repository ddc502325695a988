#include "app/cli/trace_out.h"

#include "app/cli/csv.h"
#include "app/cli/json_out.h"
#include "app/cli/trace_text.h"
#include "models/ingest/source_settings.h"
#include "models/records/severity.h"
#include "models/records/time_text.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

namespace faultline::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kBar = 60; // columns, where there is no terminal

std::string worstName(std::uint8_t worst)
{
    return worst == 0 ? "-" : std::string(severityName(severityOfClass(worst)));
}

Json textOrNull(const std::string& text)
{
    return text.empty() ? Json() : Json(text);
}

Json timeOrNull(bool timed, TimeNs time)
{
    return timed ? Json(formatRfc3339(time)) : Json();
}

Json eventJson(const Trace& trace, const TraceEvent& event, const std::string& lane)
{
    const TraceLane& own = trace.lanes[event.lane];
    return {{"timestamp", timeOrNull(event.timed, event.key.time)},
            {"severity", severityName(event.severity)},
            {lane, own.absent ? Json() : Json(laneName(own))},
            {"message", event.message},
            {"span_id", textOrNull(event.spanId)},
            {"parent_id", textOrNull(event.parentId)},
            {"duration_ns", event.duration ? Json(*event.duration) : Json()}};
}

Json traceJson(const Trace& trace, const std::string& lane)
{
    Json object = {{"trace", trace.id},
                   {"field", trace.field},
                   {"events", trace.events},
                   {"errors", trace.errors},
                   {"worst", severityName(severityOfClass(trace.worst))},
                   {"untimed", trace.untimed},
                   {"first", timeOrNull(trace.timed, trace.first)},
                   {"last", timeOrNull(trace.timed, trace.last)},
                   {"begin", timeOrNull(trace.timed, trace.begin)},
                   {"duration_ns", trace.timed ? Json(trace.end - trace.begin) : Json()},
                   {"first_error", trace.firstError ? eventJson(trace, *trace.firstError, lane) : Json()},
                   {"lanes", Json::array()},
                   {"gaps", Json::array()},
                   {"spans", Json::array()},
                   {"list", Json::array()},
                   {"left_out", trace.leftOut}};
    for (const TraceLane& own : trace.lanes)
        object["lanes"].push_back(
            {{lane, own.absent ? Json() : Json(laneName(own))},
             {"events", own.events},
             {"errors", own.errors},
             {"worst", severityName(severityOfClass(own.worst))},
             {"begin", timeOrNull(own.timed, own.begin)},
             {"end", timeOrNull(own.timed, own.end)},
             {"first_error", own.firstError ? eventJson(trace, *own.firstError, lane) : Json()}});
    for (const TraceGap& gap : trace.gaps)
        object["gaps"].push_back({{"duration_ns", gap.length()},
                                  {"before", eventJson(trace, gap.before, lane)},
                                  {"after", eventJson(trace, gap.after, lane)}});
    for (const TraceSpan& span : trace.spans) {
        const TraceLane& own = trace.lanes[span.lane];
        object["spans"].push_back({{"span_id", textOrNull(span.id)},
                                   {"parent_id", textOrNull(span.parentId)},
                                   {lane, own.absent ? Json() : Json(laneName(own))},
                                   {"begin", formatRfc3339(span.begin)},
                                   {"duration_ns", span.end - span.begin},
                                   {"events", span.events},
                                   {"errors", span.errors},
                                   {"depth", span.depth}});
    }
    for (const TraceEvent& event : trace.list) object["list"].push_back(eventJson(trace, event, lane));
    return object;
}

std::string where(const Trace& trace, const TraceEvent& event)
{
    return laneName(trace.lanes[event.lane]) + ": " + event.message;
}

void printLanes(const Context& context, const Trace& trace, const std::string& lane)
{
    std::size_t name = lane.size();
    for (const TraceLane& own : trace.lanes) name = std::max(name, displayWidth(safe(laneName(own))));
    const std::size_t used = name + 50;
    const std::size_t bar = !context.outIsTerminal      ? kBar
                            : context.width > used + 10 ? context.width - used
                                                        : 10;
    Table table({{lane}, {"events", true}, {"errors", true}, {"begin", true}, {"took", true}, {"over time"}});
    for (std::size_t i = 0; i < trace.lanes.size(); ++i) {
        const TraceLane& own = trace.lanes[i];
        table.add({laneName(own), grouped(own.events), grouped(own.errors),
                   own.timed ? offsetText(own.begin, trace.begin) : std::string(kNoTime),
                   own.timed ? spanText(own.end - own.begin) : "-", laneBar(trace, i, bar, context.utf8)});
    }
    table.print(context);
}

void printTraceText(const Context& context, const Trace& trace, const std::string& lane)
{
    print(context, safe(trace.field) + " " + safe(trace.id) + "\n" + counted(trace.events, "event") + " in " +
                       counted(trace.lanes.size(), "lane") + ", " + counted(trace.errors, "error"));
    if (trace.timed)
        print(context, ", " + spanText(trace.end - trace.begin) + " from " + humanTime(trace.begin) + " UTC");
    print(context, "\n");
    if (trace.untimed > 0)
        print(context, counted(trace.untimed, "event") + " without a time of " +
                           (trace.untimed == 1 ? "its" : "their") + " own\n");
    if (trace.firstError)
        print(context, "first error " +
                           (trace.firstError->timed ? offsetText(trace.firstError->key.time, trace.begin)
                                                    : std::string(kNoTime)) +
                           "  " + safe(where(trace, *trace.firstError)) + "\n");
    print(context, "\n");
    printLanes(context, trace, lane);
    if (!trace.gaps.empty()) {
        print(context, "\nno service logged anything, longest first:\n");
        Table table({{"gap", true}, {"from", true}, {"behind"}, {"up to"}});
        for (const TraceGap& gap : trace.gaps)
            table.add({spanText(gap.length()), offsetText(gap.before.key.time, trace.begin),
                       cutToWidth(safe(where(trace, gap.before)), 44), where(trace, gap.after)});
        table.print(context);
    }
    print(context, "\n");
    Table events({{"time", true}, {"level"}, {lane}, {"took", true}, {"message"}});
    for (const TraceEvent& event : trace.list)
        events.add({event.timed ? offsetText(event.key.time, trace.begin) : std::string(kNoTime),
                    std::string(severityName(event.severity)), laneName(trace.lanes[event.lane]),
                    event.duration ? spanText(*event.duration) : "", event.message});
    events.print(context);
}

Json summaryJson(const TraceSummary& trace)
{
    return {{"trace", trace.id},
            {"events", trace.events},
            {"errors", trace.errors},
            {"worst", severityName(severityOfClass(trace.worst))},
            {"begin", timeOrNull(trace.timed, trace.begin)},
            {"duration_ns", trace.timed ? Json(trace.duration()) : Json()},
            {"services", trace.services},
            {"more_services", trace.moreServices},
            {"first_failing", textOrNull(trace.firstFailing)}};
}

std::string listed(const TraceSummary& trace, std::size_t most)
{
    std::string names;
    for (std::size_t i = 0; i < trace.services.size() && i < most; ++i)
        names += (i > 0 ? ", " : "") + trace.services[i];
    if (trace.services.size() > most || trace.moreServices) names += ", ...";
    return names;
}

void printList(const Context& context, const std::vector<TraceSummary>& list)
{
    Table table({{"trace"},
                 {"events", true},
                 {"errors", true},
                 {"worst"},
                 {"took", true},
                 {"begin"},
                 {"first failing"},
                 {"services"}});
    for (const TraceSummary& trace : list)
        table.add({trace.id, grouped(trace.events), grouped(trace.errors), worstName(trace.worst),
                   trace.timed ? spanText(static_cast<std::int64_t>(trace.duration())) : "-",
                   trace.timed ? humanTime(trace.begin) : std::string(kNoTime),
                   trace.firstFailing.empty() ? "-" : trace.firstFailing, listed(trace, 12)});
    table.print(context);
}

struct NamedList
{
    TraceOrder order;
    std::string_view name;
    const std::vector<TraceSummary>* list;
};

std::vector<NamedList> listsOf(const TopTraces& traces, std::optional<TraceOrder> order)
{
    std::vector<NamedList> lists{{TraceOrder::Busiest, "busiest", &traces.busiest},
                                 {TraceOrder::Slowest, "slowest", &traces.slowest},
                                 {TraceOrder::Failing, "failing", &traces.failing}};
    if (order) std::erase_if(lists, [&](const NamedList& list) { return list.order != *order; });
    return lists;
}

std::string_view verdictName(SkewEstimate::Verdict verdict)
{
    switch (verdict) {
    case SkewEstimate::Verdict::Apart: return "apart";
    case SkewEstimate::Verdict::Suspected: return "suspected";
    case SkewEstimate::Verdict::Together: return "together";
    case SkewEstimate::Verdict::FewTraces: return "few traces";
    case SkewEstimate::Verdict::NoPattern: return "no pattern";
    case SkewEstimate::Verdict::Inconsistent: return "inconsistent";
    }
    return "";
}

std::string commandOf(const SourceClockFix& fix, const std::string& storeOption)
{
    return "faultline sources set " + std::to_string(fix.source.value) + " --offset " +
           clockOffsetText(fix.then) + storeOption;
}

Json skewJson(const SkewReport& report, const std::vector<SourceClockFix>& fixes,
              const std::string& storeOption)
{
    Json object = {{"traces", report.traces},
                   {"of_traces_1_in", std::uint64_t{1} << std::min(report.halvings, 63u)},
                   {"skipped", report.skippedWide},
                   {"pairs", Json::array()},
                   {"fixes", Json::array()}};
    for (const SkewPair& pair : report.pairs) {
        Json row = {{"caller", pair.caller},
                    {"callee", pair.callee},
                    {"verdict", verdictName(pair.estimate.verdict)},
                    {"shared", pair.shared},
                    {"traces", pair.estimate.traces},
                    {"offset_ns", nullptr},
                    {"uncertainty_ns", nullptr},
                    {"evidence", nullptr}};
        if (pair.estimate.says()) {
            row["offset_ns"] = pair.estimate.offset;
            row["uncertainty_ns"] = pair.estimate.uncertainty;
            row["evidence"] = pair.estimate.evidence == SkewEstimate::Evidence::Parents ? "parents" : "times";
        }
        object["pairs"].push_back(std::move(row));
    }
    for (const SourceClockFix& fix : fixes)
        object["fixes"].push_back({{"source", fix.path},
                                   {"id", fix.source.value},
                                   {"after", fix.after},
                                   {"offset_now_ns", fix.now},
                                   {"offset_ns", fix.then},
                                   {"uncertainty_ns", fix.uncertainty},
                                   {"command", commandOf(fix, storeOption)}});
    return object;
}

void printSkewText(const Context& context, const SkewReport& report, const std::vector<SourceClockFix>& fixes,
                   const std::string& storeOption, bool all)
{
    Table table({{"caller"},
                 {"callee"},
                 {"clocks"},
                 {"callee ahead", true},
                 {"within", true},
                 {"traces", true},
                 {"by"}});
    std::map<std::string_view, std::uint64_t> others;
    for (const SkewPair& pair : report.pairs) {
        if (!pair.estimate.says() && !all) {
            ++others[verdictName(pair.estimate.verdict)];
            continue;
        }
        const bool known = pair.estimate.says();
        table.add({pair.caller, pair.callee, std::string(verdictName(pair.estimate.verdict)),
                   known ? spanText(pair.estimate.offset) : "-",
                   known ? "+-" + spanText(pair.estimate.uncertainty) : "-", grouped(pair.estimate.traces),
                   !known                                                      ? "-"
                   : pair.estimate.evidence == SkewEstimate::Evidence::Parents ? "parent spans"
                                                                               : "times"});
    }
    if (!table.empty()) table.print(context);
    for (const SourceClockFix& fix : fixes)
        print(context, "\nto set " + safe(fix.path) + " by " + safe(fix.after) + ":\n  " +
                           safe(commandOf(fix, storeOption)) + "\nundo: faultline sources set " +
                           std::to_string(fix.source.value) + " --undo" + safe(storeOption) + "\n");
    const bool suspects = std::any_of(report.pairs.begin(), report.pairs.end(), [](const SkewPair& pair) {
        return pair.estimate.verdict == SkewEstimate::Verdict::Suspected;
    });
    std::string rest;
    for (const auto& [name, count] : others)
        rest += (rest.empty() ? "" : ", ") + counted(count, "pair") + ": " + std::string(name);
    std::fflush(context.out);
    if (suspects)
        std::fputs("suspected: without parent spans, work that one does after the other looks the same\n",
                   context.err);
    if (!rest.empty())
        std::fprintf(context.err, "nothing can be said of %s (--all lists them)\n", rest.c_str());
    if (report.halvings > 0)
        std::fprintf(context.err, "estimated from %s, one in %s by hash\n",
                     counted(report.traces, "trace").c_str(),
                     grouped(std::uint64_t{1} << std::min(report.halvings, 63u)).c_str());
    if (report.skippedWide > 0)
        std::fprintf(context.err, "%s with more than %zu parties passed over\n",
                     counted(report.skippedWide, "trace").c_str(), SkewReport::kMostParties);
}

} // namespace

void printTrace(const Context& context, const Trace& trace, const std::string& lane, Format format)
{
    if (format == Format::Json) {
        print(context, jsonText(traceJson(trace, lane)) + "\n");
    } else if (format == Format::Ndjson) {
        JsonRows rows(context, false);
        for (const TraceEvent& event : trace.list) rows.add(eventJson(trace, event, lane));
        rows.end();
    } else {
        printTraceText(context, trace, lane);
    }
    std::fflush(context.out);
    if (trace.leftOut > 0 && format != Format::Json)
        std::fprintf(context.err, "%s of %s listed; all are counted: --events N lists more\n",
                     grouped(trace.list.size()).c_str(), counted(trace.events, "event").c_str());
}

void printTopTraces(const Context& context, const TopTraces& traces, std::optional<TraceOrder> order,
                    Format format)
{
    const auto lists = listsOf(traces, order);
    if (format == Format::Json && !order) {
        Json object = {{"traces", traces.traces},
                       {"failed", traces.failed},
                       {"events", traces.events},
                       {"without", traces.without}};
        for (const NamedList& named : lists) {
            Json& rows = object[std::string(named.name)] = Json::array();
            for (const TraceSummary& trace : *named.list) rows.push_back(summaryJson(trace));
        }
        print(context, jsonText(object) + "\n");
    } else if (format == Format::Json || format == Format::Ndjson) {
        JsonRows rows(context, format == Format::Json);
        for (const NamedList& named : lists) {
            for (const TraceSummary& trace : *named.list) {
                Json row = summaryJson(trace);
                if (!order) row["list"] = named.name;
                rows.add(row);
            }
        }
        rows.end();
    } else if (format == Format::Csv) {
        printCsv(context, {"list", "trace", "events", "errors", "worst", "begin", "duration_ns",
                           "first_failing", "services"});
        for (const NamedList& named : lists) {
            for (const TraceSummary& trace : *named.list)
                printCsv(context, {std::string(named.name), trace.id, std::to_string(trace.events),
                                   std::to_string(trace.errors), worstName(trace.worst),
                                   trace.timed ? formatRfc3339(trace.begin) : "",
                                   trace.timed ? std::to_string(trace.duration()) : "", trace.firstFailing,
                                   listed(trace, TraceSummary::kMostNames)});
        }
    } else {
        bool first = true;
        for (const NamedList& named : lists) {
            if (named.list->empty()) continue;
            if (!order) print(context, std::string(first ? "" : "\n") + std::string(named.name) + "\n");
            printList(context, *named.list);
            first = false;
        }
        std::fflush(context.out);
        std::fprintf(context.err, "%s, %s of them with an error; %s, %s without an id\n",
                     counted(traces.traces, "trace").c_str(), grouped(traces.failed).c_str(),
                     counted(traces.events, "event").c_str(), grouped(traces.without).c_str());
    }
    std::fflush(context.out);
    if (traces.overlong > 0)
        std::fprintf(context.err, "%s with an id of more than %zu bytes: in no trace\n",
                     counted(traces.overlong, "event").c_str(), TopTraces::kIdBytes);
}

void printSkew(const Context& context, const SkewReport& report, const std::vector<SourceClockFix>& fixes,
               const std::string& storeOption, bool all, Format format)
{
    if (format == Format::Table) return printSkewText(context, report, fixes, storeOption, all);
    const Json object = skewJson(report, fixes, storeOption);
    if (format == Format::Json) return print(context, jsonText(object) + "\n");
    for (const Json& row : object["pairs"]) print(context, jsonText(row) + "\n");
}

} // namespace faultline::cli
