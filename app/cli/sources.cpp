#include "app/cli/asking.h"
#include "app/cli/json_out.h"
#include "app/cli/ledger_text.h"
#include "app/cli/table.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace faultline::cli {
namespace {

constexpr OptionSpec kOptions[] = {
    kStoreOption,
    {"remove", "ID", "remove a source: its events, its quarantine and its position"},
    kFormatOption,
};

Result<int> remove(const Context& context, const Arguments& arguments)
{
    auto id = arguments.number("remove", 0, 0, UINT32_MAX);
    if (!id) return id.error();
    auto path = storePath(context, arguments);
    if (!path) return path.error();
    Workspace::Options options;
    options.storePath = *path;
    options.write = true;
    options.clock = context.clock;
    auto workspace = Workspace::open(options);
    if (!workspace) return workspace.error();
    auto sources = (*workspace)->store()->sources();
    if (!sources) return sources.error();
    const SourceId wanted{static_cast<std::uint32_t>(*id)};
    const auto found =
        std::find_if(sources->begin(), sources->end(), [&](const SourceRecord& s) { return s.id == wanted; });
    if (found == sources->end())
        return makeError(ErrorKind::NotFound, "remove the source " + std::to_string(*id),
                         "there is none of this number", {"faultline sources lists them."});
    if (Status status = (*workspace)->store()->removeSource(wanted); !status) return status.error();
    print(context, "removed " + safe(found->path) + ": " + grouped(found->ledger.events) + " events\n");
    return Done;
}

Result<int> run(const Context& context, const Arguments& arguments)
{
    if (arguments.has("remove")) return remove(context, arguments);
    auto format = formatOf(arguments);
    if (!format) return format.error();
    auto workspace = openToRead(context, arguments);
    if (!workspace) return workspace.error();
    auto sources = (*workspace)->store()->sources();
    if (!sources) return sources.error();
    std::vector<SourceReport> reports;
    Ledger total;
    for (const SourceRecord& source : *sources) {
        SourceReport report;
        report.id = source.id;
        report.name = std::to_string(source.id.value) + "  " + source.name;
        report.path = source.path;
        report.format = source.format;
        report.state = source.state;
        report.detail = source.detail;
        report.ledger = source.ledger;
        total += source.ledger;
        reports.push_back(std::move(report));
    }
    switch (*format) {
    case Format::Json: print(context, jsonText(ledgerJson(reports, total)) + "\n"); break;
    case Format::Ndjson: {
        const nlohmann::ordered_json all = ledgerJson(reports, total);
        for (const auto& row : all["sources"]) print(context, jsonText(row) + "\n");
        break;
    }
    case Format::Csv:
        printCsv(context, {"id", "source", "format", "state", "received", "stored", "quarantined",
                           "duplicates", "events", "bytes"});
        for (const SourceReport& report : reports)
            printCsv(context,
                     {std::to_string(report.id.value), report.path, report.format,
                      std::string(stateName(report.state)), std::to_string(report.ledger.received.records),
                      std::to_string(report.ledger.stored.records),
                      std::to_string(report.ledger.quarantined.records),
                      std::to_string(report.ledger.duplicates.records), std::to_string(report.ledger.events),
                      std::to_string(report.ledger.received.bytes)});
        break;
    case Format::Table: printLedger(context, reports, total); break;
    }
    return reports.empty() ? AnswerIsNo : Done;
}

} // namespace

const Command sourcesCommand = {
    "sources",
    "[--remove ID] [OPTION...]",
    "the ledger of each source over its whole life",
    "received = stored + quarantined + duplicates, in records and in bytes (decoded bytes).\n",
    "  faultline sources\n"
    "  faultline sources --format json | jq .total\n"
    "  faultline sources --remove 3\n",
    kOptions,
    run};

} // namespace faultline::cli
