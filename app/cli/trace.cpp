#include "app/cli/asking.h"
#include "app/cli/nothing_found.h"
#include "app/cli/table.h"
#include "app/cli/trace_out.h"
#include "models/analysis/tracer.h"
#include "models/query/filter_build.h"
#include "models/session/clock_fixes.h"

#include <array>

namespace faultline::cli {
namespace {

constexpr std::array kOptions = {
    kStoreOption,
    kFromOption,
    kToOption,
    kViewOption,
    OptionSpec{"top", "N", "traces of QUERY: the busiest, slowest and failing ones, N of each"},
    OptionSpec{"busiest", "", "of these lists only: those with most events"},
    OptionSpec{"slowest", "", "of these lists only: those that took longest"},
    OptionSpec{"failing", "", "of these lists only: those with most errors"},
    OptionSpec{"skew", "", "how far clocks are apart, by the traces that two sources share"},
    OptionSpec{"by", "FIELD", "what makes events a trace (default trace_id): request_id, correlation_id ..."},
    OptionSpec{"lanes", "FIELD",
               "what has a lane (default service), and with --skew a clock (default source): host ..."},
    OptionSpec{"events", "N", "list at most N events of the trace (default 200)"},
    OptionSpec{"all", "", "with --skew: also pairs of which nothing can be said"},
    OptionSpec{"format", "F", "text, json or ndjson; csv with --top"},
    kTimingOption};

struct Asking
{
    const Context& context;
    const Arguments& arguments;
    Format format;
    std::string field;
};

Result<Format> traceFormat(const Arguments& arguments, bool csv)
{
    const std::string name = arguments.value("format", "text");
    if (name == "text") return Format::Table;
    auto format = formatOf(arguments);
    if (!format || (*format == Format::Csv && !csv))
        return makeError(ErrorKind::Usage, "read the option --format",
                         "\"" + name + "\" is not one of text, json, ndjson" + (csv ? ", csv" : ""));
    return format;
}

/// A field that does hold the id, when the one that was asked has it not.
void hintField(const Context& context, Workspace& workspace, const TraceQuestion& question)
{
    PageQuestion page;
    page.selection.filter = filters::word(question.id);
    page.limit = 1;
    page.withFields = true;
    auto answer = workspace.engine()->ask(page, context.stop);
    if (!answer) return;
    for (const EventRow& row : std::get<PageAnswer>(*answer).rows) {
        for (const EventRow::Field& field : row.fields) {
            if (field.text != question.id || context.jsonErrors) continue;
            std::fprintf(context.err, "  it is a value of %s: faultline trace %s --by %s\n",
                         safe(field.path).c_str(), safe(question.id).c_str(), safe(field.path).c_str());
            return;
        }
    }
}

Result<int> one(const Asking& asking)
{
    const auto& [context, arguments, format, field] = asking;
    if (arguments.values().size() != 1)
        return makeError(ErrorKind::Usage, "trace",
                         arguments.values().empty() ? "the id is missing" : "it takes one id",
                         {"faultline trace 4bf92f3577b34da6a3ce929d0e0e4736",
                          "faultline trace --top 10 shows which there are."});
    if (arguments.has("view"))
        return makeError(ErrorKind::Usage, "trace", "--view goes with --top and --skew");
    TraceQuestion question;
    question.id = arguments.values().front();
    question.field = field;
    question.lane = arguments.value("lanes", "service");
    auto from = timeOption(context, arguments, "from", kTimeMin);
    if (!from) return from.error();
    auto to = timeOption(context, arguments, "to", kTimeMax);
    if (!to) return to.error();
    question.range = {*from, *to};
    auto events = arguments.number("events", 200, 1, TraceQuestion::kMostEvents);
    if (!events) return events.error();
    question.events = *events;
    auto workspace = openToRead(context, arguments);
    if (!workspace) return workspace.error();
    Trace trace;
    Status status = timed(context, arguments, **workspace, [&]() -> Status {
        auto answer = (*workspace)->tracer()->trace(question, context.stop);
        if (!answer) return answer.error();
        trace = std::move(*answer);
        return {};
    });
    if (!status) return status.error();
    for (const MissedEvents& missed : trace.missed) context.grounds->missed.push_back(missed);
    if (trace.events > 0) {
        printTrace(context, trace, question.lane, format);
        return Done;
    }
    const Selection selection{filters::equals(question.field, question.id), question.range};
    explain(context, **workspace, {selection, {}, printFilter(*selection.filter)}, false);
    hintField(context, **workspace, question);
    return AnswerIsNo;
}

Result<int> top(const Asking& asking)
{
    const auto& [context, arguments, format, field] = asking;
    std::optional<TraceOrder> order;
    int orders = 0;
    constexpr std::pair<const char*, TraceOrder> kOrders[] = {
        {"busiest", TraceOrder::Busiest}, {"slowest", TraceOrder::Slowest}, {"failing", TraceOrder::Failing}};
    for (const auto& [name, which] : kOrders) {
        if (!arguments.has(name)) continue;
        order = which;
        ++orders;
    }
    if (orders > 1)
        return makeError(ErrorKind::Usage, "trace", "--busiest, --slowest and --failing: one of them");
    TopTracesQuestion question;
    question.field = field;
    question.lane = arguments.value("lanes", "service");
    auto count = arguments.number("top", 10, 1, TopTracesQuestion::kMostTop);
    if (!count) return count.error();
    question.top = *count;
    auto selection = selectionOf(context, arguments);
    if (!selection) return selection.error();
    question.selection = *selection;
    auto workspace = openToRead(context, arguments);
    if (!workspace) return workspace.error();
    TopTraces traces;
    Status status = timed(context, arguments, **workspace, [&]() -> Status {
        auto answer = (*workspace)->tracer()->top(question, context.stop);
        if (!answer) return answer.error();
        traces = std::move(*answer);
        return {};
    });
    if (!status) return status.error();
    for (const MissedEvents& missed : traces.missed) context.grounds->missed.push_back(missed);
    if (traces.events + traces.without + traces.overlong == 0) {
        explain(context, **workspace, {*selection, {field}, askedText(arguments, *selection)}, false);
        return AnswerIsNo;
    }
    printTopTraces(context, traces, order, format);
    if (traces.traces == 0) explain(context, **workspace, {*selection, {field}, {}}, true);
    const bool none = order == TraceOrder::Failing ? traces.failing.empty() : traces.busiest.empty();
    return none ? AnswerIsNo : Done;
}

Result<int> skew(const Asking& asking)
{
    const auto& [context, arguments, format, field] = asking;
    SkewQuestion question;
    question.field = field;
    question.party = arguments.value("lanes", "source");
    auto selection = selectionOf(context, arguments);
    if (!selection) return selection.error();
    question.selection = *selection;
    auto workspace = openToRead(context, arguments);
    if (!workspace) return workspace.error();
    SkewReport report;
    Status status = timed(context, arguments, **workspace, [&]() -> Status {
        auto answer = (*workspace)->tracer()->skew(question, context.stop);
        if (!answer) return answer.error();
        report = std::move(*answer);
        return {};
    });
    if (!status) return status.error();
    for (const MissedEvents& missed : report.missed) context.grounds->missed.push_back(missed);
    std::vector<SourceClockFix> fixes;
    if (question.party == "source") {
        auto found = sourceClockFixes(**workspace, report);
        if (!found) return found.error();
        fixes = std::move(*found);
    }
    const std::string store =
        arguments.has("store") ? " --store " + queryForPrompt(context, arguments.value("store")) : "";
    printSkew(context, report, fixes, store, arguments.has("all"), format);
    bool known = false;
    for (const SkewPair& pair : report.pairs)
        known = known || pair.estimate.verdict == SkewEstimate::Verdict::Apart ||
                pair.estimate.verdict == SkewEstimate::Verdict::Together;
    if (report.pairs.empty()) std::fputs("no two share a trace\n", context.err);
    return known ? Done : AnswerIsNo;
}

Result<int> run(const Context& context, const Arguments& arguments)
{
    const bool lists = arguments.has("top") || arguments.has("busiest") || arguments.has("slowest") ||
                       arguments.has("failing");
    const bool clocks = arguments.has("skew");
    if (lists && clocks) return makeError(ErrorKind::Usage, "trace", "--skew and --top: one of them");
    auto format = traceFormat(arguments, lists);
    if (!format) return format.error();
    const Asking asking{context, arguments, *format, arguments.value("by", "trace_id")};
    if (asking.field.empty()) return makeError(ErrorKind::Usage, "read the option --by", "it is empty");
    if (clocks) return skew(asking);
    return lists ? top(asking) : one(asking);
}

} // namespace

const Command traceCommand = {
    "trace",
    "ID | --top N [QUERY] [--busiest|--slowest|--failing] | --skew [QUERY] [OPTION...]",
    "one request over all services; the slowest and failing ones; clocks that are apart",
    "With an ID: the events of the trace as a lane a service, over time: spans (#), events (o), errors (X), "
    "the\n"
    "times in which no service logged anything, and its events. An event that says how long it took\n"
    "(duration_ms, event.duration ...) is taken to be written at its end. All counts are exact.\n"
    "With --top: traces of the events that match, exact over all of them.\n"
    "With --skew: for each two sources that share traces, how far their clocks are apart, and the command "
    "that\n"
    "would set it right. What a caller logs before and after a call bounds the callee's clock from both\n"
    "sides; who calls is known by parent span ids, or seen in the times. Nothing is claimed where the "
    "traces\n"
    "do not carry it.\n"
    "Exit status 1 when there is no such trace, none failing, or nothing can be said of any clock.\n",
    "  faultline trace 0651bb5de6c6dd08802b8e5ad1699757\n"
    "  faultline trace 802b8e5ad169 --by reqId --format json\n"
    "  faultline trace --top 5 service:checkout --slowest\n"
    "  faultline trace --skew\n",
    kOptions,
    run};

} // namespace faultline::cli
