#include "app/cli/asking.h"
#include "app/cli/csv.h"
#include "app/cli/json_out.h"
#include "app/cli/ledger_text.h"
#include "app/cli/table.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace faultline::cli {
namespace {

constexpr auto kOptions = readOptions(
    OptionSpec{"remove", "ID", "remove a source: its events, its quarantine and its position"}, kAllOption);

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
    if (found == sources->end()) return noSuchSource(*id);
    if (Status status = (*workspace)->removeSources({wanted}); !status) return status.error();
    print(context, "removed " + safe(found->path) + ": " + counted(found->ledger.events, "event") + "\n");
    return Done;
}

Result<int> run(const Context& context, const Arguments& arguments)
{
    if (auto status = arguments.optionsOnly("sources"); !status) return status.error();
    if (arguments.has("remove")) return remove(context, arguments);
    auto format = formatOf(arguments);
    if (!format) return format.error();
    auto workspace = openToRead(context, arguments);
    if (!workspace) return workspace.error();
    std::vector<SourceRecord> sources;
    Status status = timed(context, arguments, **workspace, [&]() -> Status {
        auto found = (*workspace)->store()->sources();
        if (!found) return found.error();
        sources = std::move(*found);
        return {};
    });
    if (!status) return status.error();
    Ledger total;
    const std::vector<SourceReport> reports = reportsOf(sources, total);
    switch (*format) {
    case Format::Json: print(context, jsonText(ledgerJson(reports, total)) + "\n"); break;
    case Format::Ndjson: {
        const nlohmann::ordered_json all = ledgerJson(reports, total);
        for (const auto& row : all["sources"]) print(context, jsonText(row) + "\n");
        break;
    }
    case Format::Csv:
        printCsv(context, {"id", "source", "format", "state", "received", "stored", "quarantined",
                           "duplicates", "events", "bytes", "note"});
        for (const SourceReport& report : reports)
            printCsv(context,
                     {std::to_string(report.id.value), report.path, report.format,
                      std::string(stateName(report.state)), std::to_string(report.ledger.received.records),
                      std::to_string(report.ledger.stored.records),
                      std::to_string(report.ledger.quarantined.records),
                      std::to_string(report.ledger.duplicates.records), std::to_string(report.ledger.events),
                      std::to_string(report.ledger.received.bytes), report.detail});
        break;
    case Format::Table:
        if (reports.empty())
            print(context, "no source has been read into this store\n");
        else
            printLedger(context, reports, total, {.ids = true, .all = arguments.has("all")});
        break;
    }
    return reports.empty() ? AnswerIsNo : Done;
}

} // namespace

const Command sourcesCommand = {
    "sources",
    "[--all] [--remove ID] [OPTION...]",
    "the ledger of each source over its whole life",
    "received = stored + quarantined + duplicates, in records and in bytes (decoded bytes). Of more than "
    "forty\n"
    "sources the table shows those that were cut short, could not be read or have records in quarantine, and "
    "how many\n"
    "others there are; --all lists every one, also what was skipped as no log and what was a duplicate, with "
    "the reason.\n"
    "The other formats always list all. Exit status 1 when there is none.\n",
    "  faultline sources\n"
    "  faultline sources --all\n"
    "  faultline sources --format json | jq .total\n"
    "  faultline sources --remove 3\n",
    kOptions,
    run};

} // namespace faultline::cli
