#include "app/cli/asking.h"
#include "app/cli/compare_out.h"
#include "app/cli/nothing_found.h"
#include "app/cli/reading.h"
#include "app/cli/table.h"
#include "models/analysis/comparer.h"
#include "models/query/filter_build.h"
#include "models/session/store_places.h"

#include <cmath>
#include <cstdlib>
#include <filesystem>

namespace faultline::cli {
namespace {

constexpr auto kOptions = queryOptions(
    OptionSpec{"against", "B",
               "what A is compared with: before (as long; default with --from), rest (default), or a query"},
    OptionSpec{"against-from", "TIME", "B from this time on"},
    OptionSpec{"against-to", "TIME", "B up to, but without, this time"},
    OptionSpec{
        "threshold", "EFFECT",
        "exit status 1 when a difference is this large: 0 to 1, 0.5 is doubled or halved, 1 new or gone"},
    OptionSpec{"level", "Q", "share of the differences that may be chance (default 0.05)"},
    OptionSpec{"top", "K", "at most K differences (default 10)"});

/// A number between 0 and 1.
Result<double> shareOption(const Arguments& arguments, std::string_view name, double fallback, bool endsToo)
{
    if (!arguments.has(name)) return fallback;
    const std::string text = arguments.value(name);
    char* end = nullptr;
    const double value = std::strtod(text.c_str(), &end);
    const bool ok =
        !text.empty() && *end == '\0' && (endsToo ? value >= 0 && value <= 1 : value > 0 && value < 1);
    if (ok) return value;
    return makeError(ErrorKind::Usage, "read the option --" + std::string(name),
                     "\"" + text + "\" is not a number from 0 to 1");
}

/// Values in front that are files or folders are what is compared: "error" is a word of a query, "./error"
/// and "error.log" are paths where there is such a file.
std::size_t leadingPaths(const Arguments& arguments)
{
    std::size_t count = 0;
    for (const std::string& value : arguments.values()) {
        std::error_code failed;
        const bool looksLikeOne = value.find('/') != value.npos || value.find('.') != value.npos;
        if (count == 2 || !looksLikeOne || !std::filesystem::exists(value, failed) || failed) break;
        ++count;
    }
    return count;
}

/// A store as it is; anything else is read into a store of its own first.
Result<std::shared_ptr<Workspace>> openInput(const Context& context, const std::string& path)
{
    if (path.ends_with(".faultline")) {
        Workspace::Options options;
        options.storePath = path;
        options.clock = context.clock;
        auto workspace = Workspace::open(options);
        if (workspace) context.grounds->engines.push_back((*workspace)->engine());
        return workspace;
    }
    IngestRequest request;
    request.paths = {path};
    auto done = readIn(context, StorePlaces(context.dataDirectory).forPaths({path}), request);
    if (!done) return done.error();
    if (done->report.cancelled) return makeError(ErrorKind::Cancelled, "read " + path, "it was stopped");
    if (!done->nothing.empty()) return makeError(ErrorKind::Input, "read " + path, done->nothing);
    return std::move(done->workspace);
}

Result<CompareQuestion> questionOf(const Context& context, const Arguments& arguments, std::size_t first,
                                   bool twoInputs)
{
    CompareQuestion question;
    auto a = selectionOf(context, arguments, first);
    if (!a) return a.error();
    question.a = std::move(*a);
    auto from = timeOption(context, arguments, "against-from", kTimeMin);
    if (!from) return from.error();
    auto to = timeOption(context, arguments, "against-to", kTimeMax);
    if (!to) return to.error();
    if (*from > *to)
        return makeError(ErrorKind::Usage, "read the time range", "--against-from is behind --against-to");
    const bool ranged = arguments.has("against-from") || arguments.has("against-to");
    const std::string against = arguments.value("against");
    if (against == "before" || against == "rest") {
        if (ranged)
            return makeError(ErrorKind::Usage, "read the option --against",
                             against + " and --against-from or --against-to contradict each other");
        if (twoInputs)
            return makeError(ErrorKind::Usage, "read the option --against",
                             against + " is of one store, and two are compared");
        question.against =
            against == "before" ? CompareQuestion::Against::Before : CompareQuestion::Against::Rest;
    } else if (!against.empty() || ranged || twoInputs) {
        question.against = CompareQuestion::Against::Selection;
        question.b = {question.a.filter, {*from, *to}};
        if (!against.empty()) {
            auto filter = parseFilter(against, context.clock->now());
            if (!filter) {
                Error error = filter.error();
                error.what = "read the option --against: " + error.what;
                error.place.reset(); // of that text, not of QUERY
                return error;
            }
            question.b.filter = std::move(*filter);
        }
    } else {
        question.against =
            arguments.has("from") ? CompareQuestion::Against::Before : CompareQuestion::Against::Rest;
    }
    auto top = arguments.number("top", 10, 1, CompareQuestion::kMostGroups);
    if (!top) return top.error();
    question.top = *top;
    auto level = shareOption(arguments, "level", question.falseDiscovery, false);
    if (!level) return level.error();
    question.falseDiscovery = *level;
    return question;
}

Result<int> run(const Context& context, const Arguments& arguments)
{
    auto format = formatOf(arguments);
    if (!format) return format.error();
    auto threshold = shareOption(arguments, "threshold", 2, true);
    if (!threshold) return threshold.error();
    const std::size_t paths = leadingPaths(arguments);
    if (paths > 0 && arguments.has("store"))
        return makeError(ErrorKind::Usage, "compare", "--store and a path contradict each other");
    auto question = questionOf(context, arguments, paths, paths == 2);
    if (!question) return question.error();
    auto first = paths == 0 ? openToRead(context, arguments) : openInput(context, arguments.values()[0]);
    if (!first) return first.error();
    std::shared_ptr<Workspace> second;
    std::shared_ptr<Comparer> comparer = (*first)->comparer();
    if (paths == 2) {
        auto opened = openInput(context, arguments.values()[1]);
        if (!opened) return opened.error();
        second = std::move(*opened);
        comparer = (*first)->comparerAgainst(*second);
    }
    Comparison found;
    Status status = timed(context, arguments, **first, [&]() -> Status {
        auto answer = comparer->compare(*question, context.stop);
        if (!answer) return answer.error();
        found = std::move(*answer);
        return {};
    });
    if (!status) return status.error();
    for (const MissedEvents& missed : found.missed) context.grounds->missed.push_back(missed);
    printComparison(context, found, *format);
    if (found.eventsA == 0 || found.eventsB == 0) {
        std::fprintf(context.err, "%s has no events: nothing can be said\n", found.eventsA == 0 ? "A" : "B");
        if (found.eventsA == 0)
            explain(context, **first, {question->a, {}, askedText(arguments, question->a, paths)}, false);
        return AnswerIsNo;
    }
    for (const ChangeGroup& group : found.groups)
        if (group.head.effect >= *threshold) return AnswerIsNo;
    return Done;
}

} // namespace

const Command compareCommand = {
    "compare",
    "[A.ndjson|A.faultline [B]] [QUERY] [--from TIME] [--to TIME] [--against before|rest|QUERY] [OPTION...]",
    "what changed: a time, a query, a file or a store against another one",
    "QUERY, --from and --to say what is odd (A); --against says what is normal (B). With two paths A is the "
    "first\n"
    "and B the second one, and their times need not overlap: a bad run against a good one. A path that is "
    "no\n"
    "store is read into a store of its own first.\n"
    "Patterns of messages, values of every field, pairs of values, numbers and presence of fields are "
    "compared\n"
    "over all events, and tested for more than chance: counts of log lines come in bursts, which is taken "
    "into\n"
    "account, and so is how many tests were made. The most telling come first, of those alike the ones that\n"
    "began first. Differences of the same events are told once. \"search\" finds the events of a "
    "difference.\n"
    "Exit status 1 when a side has no events or, with --threshold, when a difference is that large.\n",
    "  faultline compare --from 2026-11-17T15:40:00Z --to 2026-11-17T15:55:00Z\n"
    "  faultline compare level:error --against rest --format json\n"
    "  faultline compare feature_flag.result.variant:treatment --against "
    "feature_flag.result.variant:control\n"
    "  faultline compare bad.ndjson good.ndjson --threshold 0.5\n",
    kOptions,
    run};

} // namespace faultline::cli
