#include "app/cli/asking.h"
#include "app/cli/csv.h"
#include "app/cli/histogram_text.h"
#include "app/cli/json_out.h"
#include "app/cli/nothing_found.h"
#include "app/cli/table.h"
#include "models/records/time_text.h"

#include <nlohmann/json.hpp>

namespace faultline::cli {
namespace {

constexpr auto kOptions = queryOptions(
    OptionSpec{"by", "FIELD,...", "a count for each value (combination of values)"},
    OptionSpec{"step", "DURATION", "a count for each piece of time: 30s, 1m, 1h; auto: about forty pieces"},
    OptionSpec{"top", "K", "only the K most frequent; with --step the rest becomes (other)"});

using Json = nlohmann::ordered_json;

std::string shown(const std::optional<std::string>& value)
{
    return value ? *value : "(absent)";
}

Result<int> groups(const Context& context, const Arguments& arguments, Workspace& workspace,
                   const Selection& selection, Format format, const std::vector<std::string>& by,
                   std::uint64_t top)
{
    auto answer = ask(context, arguments, workspace, GroupQuestion{selection, by, top});
    if (!answer) return answer.error();
    const GroupAnswer& found = std::get<GroupAnswer>(*answer);
    if (format == Format::Json || format == Format::Ndjson) {
        JsonRows rows(context, format == Format::Json);
        for (const GroupAnswer::Row& row : found.rows) {
            Json object;
            for (std::size_t i = 0; i < by.size(); ++i)
                object[by[i]] = row.group[i] ? Json(*row.group[i]) : Json();
            object["count"] = row.count;
            rows.add(object);
        }
        rows.end();
    } else {
        std::vector<std::string> titles = by;
        titles.insert(format == Format::Csv ? titles.end() : titles.begin(), "count");
        std::vector<Table::Column> columns;
        for (const std::string& title : titles) columns.push_back({title, title == "count"});
        Table table(columns);
        if (format == Format::Csv) printCsv(context, titles);
        for (const GroupAnswer::Row& row : found.rows) {
            std::vector<std::string> cells;
            for (const auto& value : row.group)
                cells.push_back(format == Format::Csv ? value.value_or("") : shown(value));
            const std::string count = format == Format::Csv ? std::to_string(row.count) : grouped(row.count);
            cells.insert(format == Format::Csv ? cells.end() : cells.begin(), count);
            if (format == Format::Csv)
                printCsv(context, cells);
            else
                table.add(std::move(cells));
        }
        if (format == Format::Table) table.print(context);
    }
    if (found.groups > found.rows.size() && format == Format::Table)
        std::fprintf(context.err, "%s of %s shown\n", grouped(found.rows.size()).c_str(),
                     counted(found.groups, "value").c_str());
    return found.total == 0 ? AnswerIsNo : Done;
}

Result<int> histogram(const Context& context, const Arguments& arguments, Workspace& workspace,
                      const Selection& selection, Format format, const std::vector<std::string>& by,
                      std::uint64_t top)
{
    HistogramQuestion question;
    const std::string text = arguments.value("step");
    if (text == "auto") {
        auto step = automaticStep(workspace, selection.range, 40);
        if (!step) return step.error();
        question.step = *step;
    } else if (const auto step = parseDuration(text); step && *step > 0) {
        question.step = *step;
    } else {
        return makeError(ErrorKind::Usage, "read the option --step", "\"" + text + "\" is not a duration",
                         {"Write 500ms, 30s, 1m, 1h30m, 1d or auto."});
    }
    question.selection = selection;
    question.by = by;
    question.top = top;
    auto answer = ask(context, arguments, workspace, question);
    if (!answer) return answer.error();
    const HistogramAnswer& found = std::get<HistogramAnswer>(*answer);
    if (format == Format::Table) {
        printHistogram(context, question, found);
    } else {
        const auto bucketTime = [&](std::size_t i) {
            return formatRfc3339(question.origin +
                                 (found.firstBucket + static_cast<std::int64_t>(i)) * question.step);
        };
        JsonRows rows(context, format == Format::Json);
        if (format == Format::Csv) {
            std::vector<std::string> titles = by;
            titles.insert(titles.end(), {"bucket", "count"});
            printCsv(context, titles);
        }
        for (std::size_t i = 0; i < found.buckets; ++i) {
            for (const HistogramAnswer::Series& series : found.series) {
                // A bucket without events is left out where there are groups; alone it is a zero, so that
                // gaps show.
                if (!by.empty() && series.counts[i] == 0) continue;
                Json object;
                std::vector<std::string> cells;
                for (std::size_t k = 0; k < by.size(); ++k) {
                    const bool none = !series.other && series.absent[k];
                    const std::string value = series.other ? "(other)" : none ? "" : series.group[k];
                    object[by[k]] = none ? Json() : Json(value);
                    cells.push_back(value);
                }
                object["bucket"] = bucketTime(i);
                object["count"] = series.counts[i];
                cells.insert(cells.end(), {bucketTime(i), std::to_string(series.counts[i])});
                if (format == Format::Csv)
                    printCsv(context, cells);
                else
                    rows.add(object);
            }
        }
        if (format != Format::Csv) rows.end();
    }
    if (found.outside != 0)
        std::fprintf(context.err, "%s no usable time: not in the buckets\n",
                     counted(found.outside, "event has", "events have").c_str());
    return found.total + found.outside == 0 ? AnswerIsNo : Done;
}

Result<int> number(const Context& context, const Arguments& arguments, Workspace& workspace,
                   const Selection& selection, Format format)
{
    auto answer = ask(context, arguments, workspace, CountQuestion{selection, {}});
    if (!answer) return answer.error();
    const std::uint64_t count = std::get<CountAnswer>(*answer).count;
    if (format == Format::Json || format == Format::Ndjson)
        print(context, jsonText({{"count", count}}) + "\n");
    else if (format == Format::Csv)
        print(context, "count\r\n" + std::to_string(count) + "\r\n");
    else
        print(context, std::to_string(count) + "\n");
    return count == 0 ? AnswerIsNo : Done;
}

Result<int> run(const Context& context, const Arguments& arguments)
{
    auto format = formatOf(arguments);
    if (!format) return format.error();
    auto top = arguments.number("top", 0, 0, 10'000'000);
    if (!top) return top.error();
    auto selection = selectionOf(context, arguments);
    if (!selection) return selection.error();
    auto workspace = openToRead(context, arguments);
    if (!workspace) return workspace.error();
    const std::vector<std::string> by = splitList(arguments.value("by"));
    Result<int> code = arguments.has("step")
                           ? histogram(context, arguments, **workspace, *selection, *format, by, *top)
                       : by.empty() ? number(context, arguments, **workspace, *selection, *format)
                                    : groups(context, arguments, **workspace, *selection, *format, by, *top);
    if (code)
        explain(context, **workspace, {*selection, by, askedText(arguments, *selection)}, *code == Done);
    return code;
}

} // namespace

const Command countCommand = {"count",
                              "[QUERY] [--by FIELD,...] [--step DURATION] [--top K] [OPTION...]",
                              "how many events match, by value and over time",
                              "Without --by and --step prints the number alone. Counts are exact. Exit "
                              "status 1 when nothing matches.\n",
                              "  faultline count level:error\n"
                              "  faultline count level:error --by service --top 10\n"
                              "  faultline count service:checkout --by severity --step 5m\n"
                              "  faultline count 'status:>=500' --by path --step 1m --format json\n",
                              kOptions,
                              run};

} // namespace faultline::cli
