#include "app/cli/asking.h"
#include "app/cli/csv.h"
#include "app/cli/json_out.h"
#include "app/cli/nothing_found.h"
#include "app/cli/table.h"

#include <nlohmann/json.hpp>

namespace faultline::cli {
namespace {

constexpr auto kOptions =
    queryOptions(OptionSpec{"top", "K", "most frequent values to show of each field (default 5)"},
                 OptionSpec{"only", "A,B", "only these fields"});

Result<int> run(const Context& context, const Arguments& arguments)
{
    auto format = formatOf(arguments);
    if (!format) return format.error();
    auto top = arguments.number("top", 5, 0, 1'000'000);
    if (!top) return top.error();
    auto selection = selectionOf(context, arguments);
    if (!selection) return selection.error();
    auto workspace = openToRead(context, arguments);
    if (!workspace) return workspace.error();
    FacetQuestion question;
    question.selection = *selection;
    question.fields = splitList(arguments.value("only"));
    question.top = *top;
    auto answer = ask(context, arguments, **workspace, question);
    if (!answer) return answer.error();
    const FacetAnswer& found = std::get<FacetAnswer>(*answer);
    if (*format == Format::Json || *format == Format::Ndjson) {
        JsonRows rows(context, *format == Format::Json);
        for (const FieldSummary& field : found.fields) {
            nlohmann::ordered_json object = {{"field", field.field},
                                             {"type", field.type},
                                             {"present", field.present},
                                             {"distinct", field.distinct},
                                             {"top", nlohmann::ordered_json::array()}};
            for (const auto& value : field.top)
                object["top"].push_back({{"value", value.value}, {"count", value.count}});
            rows.add(object);
        }
        rows.end();
    } else {
        Table table(
            {{"field"}, {"type"}, {"present", true}, {"share", true}, {"distinct", true}, {"top values"}});
        if (*format == Format::Csv) printCsv(context, {"field", "type", "present", "distinct", "top"});
        for (const FieldSummary& field : found.fields) {
            std::string values;
            for (const auto& value : field.top) {
                const std::string text = safe(value.value);
                const bool cut = *format == Format::Table && context.outIsTerminal;
                values += (values.empty() ? "" : ", ") + (cut ? cutToWidth(text, 32) : text) + " (" +
                          grouped(value.count) + ")";
            }
            if (*format == Format::Csv)
                printCsv(context, {field.field, field.type, std::to_string(field.present),
                                   std::to_string(field.distinct), values});
            else {
                char share[16] = "";
                if (found.total != 0)
                    std::snprintf(share, sizeof share, "%.1f%%",
                                  100.0 * static_cast<double>(field.present) /
                                      static_cast<double>(found.total));
                table.add({field.field, field.type, grouped(field.present), share, grouped(field.distinct),
                           values});
            }
        }
        if (*format == Format::Table) table.print(context);
    }
    explain(context, **workspace, {*selection, question.fields, askedText(arguments, *selection)},
            found.total != 0);
    return found.total == 0 ? AnswerIsNo : Done;
}

} // namespace

const Command fieldsCommand = {
    "fields",
    "[QUERY] [--top K] [--only A,B] [OPTION...]",
    "each field: type, presence, distinct values, the most frequent ones",
    "Exact over all matching events. A field whose type changes from event to event is \"mixed\".\n",
    "  faultline fields\n"
    "  faultline fields 'service:payment level:error' --top 3\n"
    "  faultline fields --only service,severity --format json\n",
    kOptions,
    run};

} // namespace faultline::cli
