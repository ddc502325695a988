#include "app/cli/asking.h"
#include "app/cli/json_out.h"
#include "app/cli/table.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace faultline::cli {
namespace {

constexpr OptionSpec kOptions[] = {
    kStoreOption,  kFromOption,
    kToOption,     {"quantiles", "Q,...", "from 0 to 1 (default 0.5,0.9,0.95,0.99)"},
    kFormatOption, kTimingOption,
};

/// 0.5 -> p50, 0.999 -> p99.9.
std::string quantileName(double quantile)
{
    return "p" + plainNumber(quantile * 100);
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
    if (arguments.has("quantiles")) {
        question.quantiles.clear();
        for (const std::string& word : splitList(arguments.value("quantiles"))) {
            char* end = nullptr;
            const double quantile = std::strtod(word.c_str(), &end);
            if (*end != '\0' || !(quantile >= 0 && quantile <= 1))
                return makeError(ErrorKind::Usage, "read the option --quantiles",
                                 "\"" + word + "\" is not from 0 to 1");
            question.quantiles.push_back(quantile);
        }
    }
    auto selection = selectionOf(context, arguments, 1);
    if (!selection) return selection.error();
    question.selection = *selection;
    auto workspace = openToRead(context, arguments);
    if (!workspace) return workspace.error();
    auto answer = ask(context, arguments, **workspace, question);
    if (!answer) return answer.error();
    const StatsAnswer& found = std::get<StatsAnswer>(*answer);
    std::vector<std::pair<std::string, double>> rows = {
        {"min", found.min}, {"max", found.max}, {"mean", found.mean}};
    for (const auto& [quantile, value] : found.quantiles) rows.emplace_back(quantileName(quantile), value);
    rows.emplace_back("sum", found.sum);
    if (*format == Format::Json || *format == Format::Ndjson) {
        nlohmann::ordered_json object = {{"count", found.count}};
        for (const auto& [name, value] : rows)
            object[name] = found.count == 0 ? nlohmann::ordered_json() : nlohmann::ordered_json(value);
        object["non_numeric"] = found.nonNumeric;
        print(context, jsonText(object) + "\n");
    } else {
        Table table({{"statistic"}, {question.field, true}});
        table.add({"count", *format == Format::Csv ? std::to_string(found.count) : grouped(found.count)});
        if (found.count != 0)
            for (const auto& [name, value] : rows) table.add({name, plainNumber(value)});
        if (found.nonNumeric != 0) table.add({"not a number", grouped(found.nonNumeric)});
        if (*format == Format::Table)
            table.print(context);
        else {
            printCsv(context, {"statistic", "value"});
            printCsv(context, {"count", std::to_string(found.count)});
            for (const auto& [name, value] : rows)
                printCsv(context, {name, found.count == 0 ? "" : plainNumber(value)});
        }
    }
    return found.count == 0 ? AnswerIsNo : Done;
}

} // namespace

const Command statsCommand = {
    "stats",
    "FIELD [QUERY] [--quantiles Q,...] [OPTION...]",
    "count, least, most, mean and percentiles of a number",
    "Exact. A percentile q is read at q x (n - 1) of the sorted values, between two of them linearly, as "
    "PromQL does.\n"
    "Numbers written as text count as numbers. Exit status 1 when no event has one.\n",
    "  faultline stats duration_ms service:pricing\n"
    "  faultline stats responseTime 'level:>=warn' --quantiles 0.5,0.999\n",
    kOptions,
    run};

} // namespace faultline::cli
