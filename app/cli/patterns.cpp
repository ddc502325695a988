#include "app/cli/asking.h"
#include "app/cli/csv.h"
#include "app/cli/json_out.h"
#include "app/cli/nothing_found.h"
#include "app/cli/patterns_table.h"
#include "app/cli/table.h"
#include "models/query/pattern_id.h"
#include "models/records/time_text.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace faultline::cli {
namespace {

constexpr auto kOptions = queryOptions(
    OptionSpec{"new-since", "TIME", "only patterns that were first seen at this time or later"},
    OptionSpec{"sort", "ORDER",
               "count (default); new: first seen last first; burst: events a second while it lasted"},
    OptionSpec{"top", "K", "at most K patterns (default 50; 0: all)"});

/// Events a second over the pattern's own time; a pattern shorter than a minute counts as one. 0 when no
/// event that has it has a time of its own.
double burst(const PatternSummary& pattern)
{
    if (!pattern.timed) return 0;
    const double seconds = static_cast<double>(pattern.last - pattern.first) / 1e9;
    return static_cast<double>(pattern.count) / std::max(seconds, 60.0);
}

Result<int> run(const Context& context, const Arguments& arguments)
{
    auto format = formatOf(arguments);
    if (!format) return format.error();
    auto top = arguments.number("top", 50, 0, 10'000'000);
    if (!top) return top.error();
    const std::string order = arguments.value("sort", "count");
    if (order != "count" && order != "new" && order != "burst")
        return makeError(ErrorKind::Usage, "read the option --sort",
                         "\"" + order + "\" is not one of count, new, burst");
    auto since = timeOption(context, arguments, "new-since", kTimeMin);
    if (!since) return since.error();
    auto selection = selectionOf(context, arguments);
    if (!selection) return selection.error();
    auto workspace = openToRead(context, arguments);
    if (!workspace) return workspace.error();
    auto answer = ask(context, arguments, **workspace, PatternQuestion{*selection, 0});
    if (!answer) return answer.error();
    std::vector<PatternSummary> patterns = std::move(std::get<PatternAnswer>(*answer).patterns);
    const bool found = !patterns.empty();
    if (arguments.has("new-since"))
        std::erase_if(patterns, [&](const PatternSummary& pattern) {
            return !pattern.timed || pattern.first < *since;
        });
    if (order == "new")
        std::stable_sort(patterns.begin(), patterns.end(),
                         [](const PatternSummary& a, const PatternSummary& b) {
                             return a.timed != b.timed ? a.timed : a.timed && a.first > b.first;
                         });
    if (order == "burst")
        std::stable_sort(
            patterns.begin(), patterns.end(),
            [](const PatternSummary& a, const PatternSummary& b) { return burst(a) > burst(b); });
    const std::size_t all = patterns.size();
    if (*top != 0 && patterns.size() > *top) patterns.resize(*top);
    if (*format == Format::Json || *format == Format::Ndjson) {
        JsonRows rows(context, *format == Format::Json);
        for (const PatternSummary& pattern : patterns) {
            nlohmann::ordered_json object = {{"id", patternIdText(pattern.id)},
                                             {"pattern", pattern.pattern},
                                             {"count", pattern.count},
                                             {"first", nullptr},
                                             {"last", nullptr},
                                             {"per_second", nullptr},
                                             {"severity", nlohmann::ordered_json::object()},
                                             {"example", pattern.example}};
            if (pattern.timed) {
                object["first"] = formatRfc3339(pattern.first);
                object["last"] = formatRfc3339(pattern.last);
                object["per_second"] = burst(pattern);
            }
            for (std::size_t i = 0; i < pattern.bySeverity.size(); ++i)
                if (pattern.bySeverity[i] != 0)
                    object["severity"][std::string(severityName(severityOfClass(i)))] = pattern.bySeverity[i];
            rows.add(object);
        }
        rows.end();
    } else if (*format == Format::Csv) {
        printCsv(context, {"id", "count", "first", "last", "pattern"});
        for (const PatternSummary& pattern : patterns)
            printCsv(context, {patternIdText(pattern.id), std::to_string(pattern.count),
                               pattern.timed ? formatRfc3339(pattern.first) : "",
                               pattern.timed ? formatRfc3339(pattern.last) : "", pattern.pattern});
    } else {
        printPatterns(context, patterns);
    }
    if (patterns.size() < all)
        std::fprintf(context.err, "%s of %s shown: --top 0 shows all\n", grouped(patterns.size()).c_str(),
                     counted(all, "pattern").c_str());
    if (found && patterns.empty())
        std::fputs("no pattern was first seen at that time or later\n", context.err);
    else
        explain(context, **workspace, {*selection, {}, askedText(arguments, *selection)}, found);
    return patterns.empty() ? AnswerIsNo : Done;
}

} // namespace

void printPatterns(const Context& context, std::span<const PatternSummary> patterns)
{
    Table table({{"count", true}, {"worst"}, {"first seen"}, {"last seen"}, {"pattern"}});
    for (const PatternSummary& pattern : patterns) {
        const std::size_t worst = worstClass(pattern.bySeverity);
        const auto shown = [&](TimeNs time) {
            return pattern.timed ? humanTime(time).substr(0, 19) : std::string(kNoTime);
        };
        table.add({grouped(pattern.count),
                   worst == 0 ? "-" : std::string(severityName(severityOfClass(worst))), shown(pattern.first),
                   shown(pattern.last), pattern.pattern});
    }
    table.print(context);
}

const Command patternsCommand = {
    "patterns",
    "[QUERY] [--new-since TIME] [--sort new|burst|count] [--top K] [OPTION...]",
    "message patterns: the constant part of each message, with its count",
    "Variables (numbers, ids, quoted parts, paths) are masked; a pattern's id is the hash of what is left.\n"
    "First and last are those of events with a time of their own; null (json) or empty (csv) when none has.\n"
    "Exit status 1 when there is no pattern.\n",
    "  faultline patterns level:error\n"
    "  faultline patterns --new-since 2026-11-17T15:40:00Z --sort new\n"
    "  faultline patterns service:checkout --sort burst --format json\n",
    kOptions,
    run};

} // namespace faultline::cli
