#include "app/cli/asking.h"
#include "app/cli/csv.h"
#include "app/cli/json_out.h"
#include "app/cli/ledger_text.h"
#include "app/cli/source_changes.h"
#include "app/cli/table.h"

#include <nlohmann/json.hpp>

namespace faultline::cli {
namespace {

constexpr auto kOptions =
    readOptions(OptionSpec{"zone", "OFFSET", "set: zone of times that name none: +02:00"},
                OptionSpec{"offset", "DURATION",
                           "set: what the source's clock is behind: +90s, -1h30m; added to each time"},
                OptionSpec{"field", "ROLE=PATH",
                           "set: which field is the timestamp, severity, message, service, host, ..."},
                OptionSpec{"inner", "PATH", "set: the field whose text holds a JSON object"},
                OptionSpec{"preview", "", "set: show twenty events before and after, and change nothing"},
                OptionSpec{"undo", "", "set: take the last change back"},
                OptionSpec{"for-good", "", "remove: give its space back at once; it cannot be brought back"},
                OptionSpec{"remove", "ID", "the same as: sources remove ID"}, kAllOption);

void printRemoved(const Context& context, const std::vector<RemovedSource>& removed)
{
    for (const RemovedSource& source : removed)
        print(context, "removed: " + safe(source.name) + " (" + counted(source.events, "event") +
                           "); until " + humanTime(source.keptUntil) +
                           " UTC brought back by: faultline sources restore " +
                           std::to_string(source.id.value) + "\n");
}

Result<int> run(const Context& context, const Arguments& arguments)
{
    if (auto done = changeSources(context, arguments)) return std::move(*done);
    auto format = formatOf(arguments);
    if (!format) return format.error();
    auto workspace = openToRead(context, arguments);
    if (!workspace) return workspace.error();
    std::vector<SourceRecord> sources;
    std::vector<RemovedSource> removed;
    Status status = timed(context, arguments, **workspace, [&]() -> Status {
        auto found = (*workspace)->store()->sources();
        if (!found) return found.error();
        sources = std::move(*found);
        auto gone = SourceStore::of(*(*workspace)->store()).removedSources();
        if (!gone) return gone.error();
        removed = std::move(*gone);
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
        printRemoved(context, removed);
        break;
    }
    return reports.empty() ? AnswerIsNo : Done;
}

} // namespace

const Command sourcesCommand = {
    "sources",
    "[set|remove|restore SOURCE] [OPTION...]",
    "the ledger of each source; its settings, removal and bringing back",
    "received = stored + quarantined + duplicates, in records and in bytes (decoded bytes). Of more than "
    "forty\n"
    "sources the table shows those that were cut short, could not be read or have records in quarantine, and "
    "how many\n"
    "others there are; --all lists every one, also what was skipped as no log and what was a duplicate, with "
    "the reason.\n"
    "The other formats always list all. Exit status 1 when there is none.\n\n"
    "set SOURCE (its number, path or name) mends what was guessed when it was read in: its format "
    "(--format), the "
    "zone and\n"
    "the clock of its times, and which field is what. All of its events are read again out of the store; its "
    "file "
    "may be\n"
    "gone. Their bytes, their order and the ledger stay as they are. An empty value, or auto, takes a "
    "setting away.\n"
    "remove SOURCE takes it out of every answer; restore SOURCE brings it back for a day, until its space is "
    "used "
    "again.\n",
    "  faultline sources\n"
    "  faultline sources --all\n"
    "  faultline sources --format json | jq .total\n"
    "  faultline sources set 3 --zone +02:00 --field severity=prio --preview\n"
    "  faultline sources set app.log --field timestamp=sent_at,message=text\n"
    "  faultline sources set 3 --undo\n"
    "  faultline sources remove 3 && faultline sources restore 3\n",
    kOptions,
    run};

} // namespace faultline::cli
