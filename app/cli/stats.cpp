#include "app/cli/asking.h"
#include "app/cli/csv.h"
#include "app/cli/json_out.h"
#include "app/cli/nothing_found.h"
#include "app/cli/table.h"
#include "models/query/filter_build.h"
#include "models/session/sql_text.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

namespace faultline::cli {
namespace {

constexpr auto kOptions = queryOptions(
    OptionSpec{"quantiles", "Q,...", "from 0 to 1 (default 0.5,0.9,0.95,0.99)"},
    OptionSpec{"by", "FIELD,...", "the same for each value (combination of values)"},
    OptionSpec{"top", "K", "with --by: only the K values with most events (default 100; 0: all)"});

/// 0.5 -> p50, 0.999 -> p99.9.
std::string quantileName(double quantile)
{
    return "p" + plainNumber(quantile * 100);
}

Result<std::vector<double>> quantilesOf(const Arguments& arguments, std::vector<double> fallback)
{
    if (!arguments.has("quantiles")) return fallback;
    std::vector<double> quantiles;
    for (const std::string& word : splitList(arguments.value("quantiles"))) {
        char* end = nullptr;
        const double quantile = std::strtod(word.c_str(), &end);
        if (*end != '\0' || !(quantile >= 0 && quantile <= 1))
            return makeError(ErrorKind::Usage, "read the option --quantiles",
                             "\"" + word + "\" is not from 0 to 1");
        quantiles.push_back(quantile);
    }
    return quantiles;
}

using Row = std::pair<std::string, std::optional<double>>;

/// The numbers behind the count, by name; without a value when nothing was a number.
std::vector<Row> rowsOf(const Statistics& of, const std::vector<double>& quantiles)
{
    const auto known = [&](double value) {
        return of.count == 0 ? std::nullopt : std::optional<double>(value);
    };
    std::vector<Row> rows = {{"min", known(of.min)}, {"max", known(of.max)}, {"mean", known(of.mean)}};
    for (std::size_t i = 0; i < quantiles.size(); ++i)
        rows.emplace_back(quantileName(quantiles[i]),
                          i < of.quantiles.size() ? known(of.quantiles[i].second) : std::nullopt);
    rows.emplace_back("sum", known(of.sum));
    return rows;
}

void addMembers(nlohmann::ordered_json& object, const Statistics& of, const std::vector<double>& quantiles)
{
    object["count"] = of.count;
    for (const auto& [name, value] : rowsOf(of, quantiles))
        object[name] = value ? nlohmann::ordered_json(*value) : nlohmann::ordered_json();
    object["non_numeric"] = of.nonNumeric;
}

void printWhole(const Context& context, Format format, const StatsQuestion& question, const Statistics& of)
{
    const std::vector<Row> rows = rowsOf(of, question.quantiles);
    if (format == Format::Json || format == Format::Ndjson) {
        nlohmann::ordered_json object = nlohmann::ordered_json::object();
        addMembers(object, of, question.quantiles);
        print(context, jsonText(object) + "\n");
    } else if (format == Format::Csv) {
        printCsv(context, {"statistic", "value"});
        printCsv(context, {"count", std::to_string(of.count)});
        for (const auto& [name, value] : rows) printCsv(context, {name, value ? exactNumber(*value) : ""});
        printCsv(context, {"non_numeric", std::to_string(of.nonNumeric)});
    } else {
        Table table({{"statistic"}, {question.field, true}});
        table.add({"count", grouped(of.count)});
        for (const auto& [name, value] : rows)
            if (value) table.add({name, plainNumber(*value)});
        if (of.nonNumeric != 0) table.add({"not a number", grouped(of.nonNumeric)});
        table.print(context);
    }
}

void printGroups(const Context& context, Format format, const StatsQuestion& question, const StatsAnswer& of)
{
    const bool csv = format == Format::Csv;
    JsonRows json(context, format == Format::Json);
    std::vector<Table::Column> columns;
    std::vector<std::string> titles = question.by;
    for (const std::string& field : question.by) columns.push_back({field});
    titles.emplace_back("count");
    for (const auto& [name, value] : rowsOf({}, question.quantiles)) titles.push_back(name);
    titles.emplace_back("non_numeric");
    for (std::size_t i = question.by.size(); i < titles.size(); ++i) columns.push_back({titles[i], true});
    Table table(std::move(columns));
    if (csv) printCsv(context, titles);
    for (const StatsAnswer::Group& group : of.groups) {
        if (format == Format::Json || format == Format::Ndjson) {
            nlohmann::ordered_json object = nlohmann::ordered_json::object();
            for (std::size_t i = 0; i < question.by.size(); ++i)
                object[question.by[i]] =
                    group.group[i] ? nlohmann::ordered_json(*group.group[i]) : nlohmann::ordered_json();
            addMembers(object, group.statistics, question.quantiles);
            json.add(object);
            continue;
        }
        const auto count = [csv](std::uint64_t number) {
            return csv ? std::to_string(number) : grouped(number);
        };
        std::vector<std::string> cells;
        for (const auto& value : group.group) cells.push_back(value.value_or(csv ? "" : "(absent)"));
        cells.push_back(count(group.statistics.count));
        for (const auto& [name, value] : rowsOf(group.statistics, question.quantiles))
            cells.push_back(!value ? "" : csv ? exactNumber(*value) : plainNumber(*value));
        cells.push_back(count(group.statistics.nonNumeric));
        if (csv)
            printCsv(context, cells);
        else
            table.add(std::move(cells));
    }
    if (format == Format::Json || format == Format::Ndjson) json.end();
    if (format == Format::Table) table.print(context);
    if (of.allGroups > of.groups.size())
        std::fprintf(context.err, "%s of %s shown: --top 0 shows all\n", grouped(of.groups.size()).c_str(),
                     counted(of.allGroups, "value").c_str());
}

Result<int> run(const Context& context, const Arguments& arguments)
{
    auto format = formatOf(arguments);
    if (!format) return format.error();
    if (arguments.values().empty())
        return makeError(ErrorKind::Usage, "stats", "the field is missing",
                         {"faultline stats duration_ms service:checkout"});
    StatsQuestion question;
    question.field = arguments.values().front();
    auto quantiles = quantilesOf(arguments, question.quantiles);
    if (!quantiles) return quantiles.error();
    question.quantiles = *quantiles;
    auto top = arguments.number("top", 100, 0, 10'000'000);
    if (!top) return top.error();
    question.top = *top;
    question.by = splitList(arguments.value("by"));
    auto selection = selectionOf(context, arguments, 1);
    if (!selection) return selection.error();
    question.selection = *selection;
    // Values under which no event has the field would only be rows of nothing.
    if (!question.by.empty())
        question.selection.filter = filters::allOf(
            {selection->filter ? selection->filter : filters::all(), filters::exists(question.field)});
    auto workspace = openToRead(context, arguments);
    if (!workspace) return workspace.error();
    auto answer = ask(context, arguments, **workspace, question);
    if (!answer) return answer.error();
    const StatsAnswer& found = std::get<StatsAnswer>(*answer);
    if (question.by.empty())
        printWhole(context, *format, question, found);
    else
        printGroups(context, *format, question, found);
    std::vector<std::string> fields = question.by;
    fields.push_back(question.field);
    if (found.count == 0 && found.nonNumeric != 0)
        std::fprintf(context.err, "%s has no number in the events that match: faultline count --by %s\n",
                     safe(question.field).c_str(), safe(question.field).c_str());
    else
        explain(context, **workspace,
                {{filters::allOf({selection->filter ? selection->filter : filters::all(),
                                  filters::exists(question.field)}),
                  selection->range},
                 fields,
                 askedText(arguments, *selection, 1)},
                found.count != 0);
    return found.count == 0 ? AnswerIsNo : Done;
}

} // namespace

const Command statsCommand = {
    "stats",
    "FIELD [QUERY] [--by FIELD,...] [--quantiles Q,...] [OPTION...]",
    "count, least, most, mean and percentiles of a number",
    "Exact. A percentile q is read at q x (n - 1) of the sorted values, between two of them linearly, as "
    "PromQL does.\n"
    "Numbers written as text count as numbers. --format json gives one object (with --by an array of them) "
    "with count,\n"
    "min, max, mean, the percentiles (p50 ...), sum and non_numeric. Exit status 1 when no event has a "
    "number.\n",
    "  faultline stats duration_ms service:pricing\n"
    "  faultline stats duration_ms --by service --top 5\n"
    "  faultline stats responseTime 'level:>=warn' --quantiles 0.5,0.999\n",
    kOptions,
    run};

} // namespace faultline::cli
