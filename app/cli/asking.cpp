#include "app/cli/asking.h"

#include "app/cli/progress.h"
#include "app/cli/saved_view.h"
#include "app/cli/table.h"
#include "models/query/filter_build.h"
#include "models/records/time_text.h"
#include "models/records/user_time.h"
#include "models/session/store_places.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>

namespace faultline::cli {
namespace {

/// The day of the store's first event that has a time, as an example; empty when there is none.
std::string firstDay(const Context& context, const Arguments& arguments)
{
    auto path = storePath(context, arguments);
    if (!path) return {};
    Workspace::Options options;
    options.storePath = *path;
    options.clock = context.clock;
    auto workspace = Workspace::open(options);
    if (!workspace) return {};
    PageQuestion question;
    // Nearly all time is not all time: events without a time of their own stay out.
    question.selection.range.begin = kTimeMin + 1;
    question.order = Order::Ascending;
    question.limit = 1;
    auto answer = (*workspace)->engine()->ask(question, context.stop);
    if (!answer) return {};
    const auto& rows = std::get<PageAnswer>(*answer).rows;
    return rows.empty() ? std::string() : humanTime(rows.front().key.time).substr(0, 10);
}

} // namespace

Result<std::string> storePath(const Context& context, const Arguments& arguments)
{
    if (arguments.has("store")) {
        if (arguments.value("store").empty())
            return makeError(ErrorKind::Usage, "read the option --store", "it is empty");
        return arguments.value("store");
    }
    if (const char* own = std::getenv("FAULTLINE_STORE"); own && *own) return std::string(own);
    const std::string last = StorePlaces(context.dataDirectory).last();
    if (last.empty())
        return makeError(
            ErrorKind::NotFound, "find a store", "none has been made yet",
            {"Read logs in first: faultline ingest PATH", "Or look at the demo: faultline demo"});
    return last;
}

Result<std::shared_ptr<Workspace>> openToRead(const Context& context, const Arguments& arguments)
{
    auto path = storePath(context, arguments);
    if (!path) return path.error();
    Workspace::Options options;
    options.storePath = *path;
    options.clock = context.clock;
    auto workspace = Workspace::open(options);
    if (workspace) context.grounds->engines.push_back((*workspace)->engine());
    return workspace;
}

std::string queryText(const Arguments& arguments, std::size_t first)
{
    std::string text;
    for (std::size_t i = first; i < arguments.values().size(); ++i) {
        if (!text.empty()) text += ' ';
        text += arguments.values()[i];
    }
    return text;
}

std::string askedText(const Arguments& arguments, const Selection& selection, std::size_t first)
{
    if (!arguments.has("view")) return queryText(arguments, first);
    return selection.filter ? printFilter(*selection.filter) : std::string();
}

std::string queryForPrompt(const Context& context, std::string_view query)
{
    if (context.jsonErrors) return std::string(query);
    std::string quoted = "'";
    for (const char c : query) {
        if (c == '\'')
            quoted += "'\\''";
        else
            quoted += c;
    }
    return quoted + "'";
}

Result<TimeNs> timeOption(const Context& context, const Arguments& arguments, std::string_view name,
                          TimeNs fallback)
{
    if (!arguments.has(name)) return fallback;
    const std::string text = arguments.value(name);
    if (const auto time = parseUserTime(text, context.clock->now())) return *time;
    std::string hint = userTimeHint(text);
    if (text.find(':') != text.npos && !hint.empty())
        if (const std::string day = firstDay(context, arguments); !day.empty())
            hint = userTimeHint(text, day);
    return makeError(ErrorKind::Usage, "read the option --" + std::string(name),
                     "\"" + text + "\" is not a time",
                     {hint.empty() ? std::string(kUserTimeForms) : std::move(hint)});
}

Result<Selection> selectionOf(const Context& context, const Arguments& arguments, std::size_t first)
{
    Selection selection;
    const TimeNs now = context.clock->now();
    if (arguments.has("view")) {
        const auto store = storePath(context, arguments);
        if (!store) return store.error();
        auto saved = savedSelection(context, *store, arguments.value("view"), now);
        if (!saved) return std::move(saved).error();
        selection = std::move(*saved);
    }
    const std::string text = queryText(arguments, first);
    if (!text.empty()) {
        auto filter = parseFilter(text, now);
        if (!filter) return filter.error();
        selection.filter = selection.filter ? filters::allOf({selection.filter, *filter}) : *filter;
    }
    auto from = timeOption(context, arguments, "from", selection.range.begin);
    if (!from) return from.error();
    auto to = timeOption(context, arguments, "to", selection.range.end);
    if (!to) return to.error();
    if (*from > *to) return makeError(ErrorKind::Usage, "read the time range", "--from is behind --to");
    selection.range = {*from, *to};
    return selection;
}

Status timed(const Context& context, const Arguments& arguments, Workspace& workspace,
             const std::function<Status()>& body)
{
    auto times = arguments.number("timing", 1, 1, 10'000);
    if (!times) return times.error();
    std::vector<double> taken;
    for (std::uint64_t i = 0; i < *times; ++i) {
        if (i > 0) workspace.engine()->forget();
        const auto begin = context.clock->steady();
        if (Status status = body(); !status) return status;
        taken.push_back(std::chrono::duration<double, std::milli>(context.clock->steady() - begin).count());
    }
    if (!arguments.has("timing")) return {};
    const double first = taken.front();
    std::sort(taken.begin(), taken.end());
    const std::size_t half = taken.size() / 2;
    const double median = taken.size() % 2 == 1 ? taken[half] : (taken[half - 1] + taken[half]) / 2;
    std::fprintf(context.err, "{\"first_ms\":%.3f,\"median_ms\":%.3f,\"min_ms\":%.3f}\n", first, median,
                 taken.front());
    return {};
}

Result<Answer> ask(const Context& context, const Arguments& arguments, Workspace& workspace,
                   const Question& question)
{
    Answer answer;
    // What takes seconds in a large store says how far it is.
    const auto* facets = std::get_if<FacetQuestion>(&question);
    const bool isLong = facets != nullptr && facets->fields.empty();
    ProgressLine line(context);
    QueryEngine::Partial partial;
    if (isLong && context.errIsTerminal && !arguments.has("timing")) {
        partial = [&line](const Answer&, const ScanProgress& progress) {
            const std::uint64_t all = std::max<std::uint64_t>(progress.eventsTotal, 1);
            if (!progress.exact)
                line.show("counting values: " + std::to_string(100 * progress.eventsScanned / all) +
                          " % of " + grouped(progress.eventsTotal) + " events");
        };
    }
    Status status = timed(context, arguments, workspace, [&]() -> Status {
        auto got = workspace.engine()->ask(question, context.stop, partial);
        if (!got) return got.error();
        answer = std::move(*got);
        return {};
    });
    if (!status) return status.error();
    return answer;
}

} // namespace faultline::cli
