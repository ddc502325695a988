#include "app/cli/ledger_text.h"

#include "app/cli/table.h"

#include <array>
#include <nlohmann/json.hpp>

namespace faultline::cli {
namespace {

using Json = nlohmann::ordered_json;

Json tallyJson(const Tally& tally)
{
    return {{"records", tally.records}, {"bytes", tally.bytes}};
}

void addLedger(Json& object, const Ledger& ledger)
{
    object["received"] = tallyJson(ledger.received);
    object["stored"] = tallyJson(ledger.stored);
    object["quarantined"] = tallyJson(ledger.quarantined);
    object["duplicates"] = tallyJson(ledger.duplicates);
    object["events"] = ledger.events;
    object["cut_bytes"] = ledger.cutBytes;
}

void addRow(Table& table, LedgerRows rows, std::vector<std::string> cells)
{
    if (!rows.ids) cells.erase(cells.begin());
    table.add(std::move(cells));
}

std::vector<std::string> cells(const SourceReport& source, std::string_view state)
{
    const Ledger& ledger = source.ledger;
    return {source.id.value == 0 ? "" : std::to_string(source.id.value),
            source.name,
            source.format,
            std::string(state),
            grouped(ledger.received.records),
            grouped(ledger.stored.records),
            grouped(ledger.quarantined.records),
            grouped(ledger.duplicates.records),
            grouped(ledger.events),
            humanBytes(ledger.received.bytes),
            source.detail};
}

/// "(180 more: 170 complete, 8 skipped, 2 duplicates; --all lists them)".
std::string restText(const std::array<std::size_t, 8>& byState)
{
    std::size_t sum = 0;
    std::string kinds;
    for (std::size_t state = 1; state < byState.size(); ++state) {
        if (byState[state] == 0) continue;
        sum += byState[state];
        kinds += (kinds.empty() ? "" : ", ") + grouped(byState[state]) + ' ' +
                 std::string(stateName(static_cast<SourceState>(state)));
    }
    return "(" + grouped(sum) + " more: " + kinds + "; --all lists them)";
}

bool needsAttention(const SourceReport& source)
{
    return source.state == SourceState::Incomplete || source.state == SourceState::Unreadable ||
           source.ledger.quarantined.records != 0;
}

} // namespace

std::string_view stateName(SourceState state)
{
    switch (state) {
    case SourceState::Reading: return "reading";
    case SourceState::Complete: return "complete";
    case SourceState::Incomplete: return "incomplete";
    case SourceState::Skipped: return "skipped";
    case SourceState::Unreadable: return "unreadable";
    case SourceState::Duplicate: return "duplicate";
    }
    return "?";
}

void printLedger(const Context& context, const std::vector<SourceReport>& sources, const Ledger& total,
                 LedgerRows rows)
{
    constexpr std::size_t kAll = 40;
    std::vector<Table::Column> columns = {{"id", true},
                                          {"source"},
                                          {"format"},
                                          {"state"},
                                          {"received", true},
                                          {"stored", true},
                                          {"quarantined", true},
                                          {"duplicates", true},
                                          {"events", true},
                                          {"bytes", true},
                                          {"note"}};
    if (!rows.ids) columns.erase(columns.begin());
    Table table(std::move(columns));
    const bool few = rows.all || sources.size() <= kAll;
    std::size_t shown = 0;
    std::array<std::size_t, 8> hidden{}; // by state
    for (const SourceReport& source : sources) {
        if (!few && (!needsAttention(source) || shown >= kAll)) {
            ++hidden[static_cast<std::size_t>(source.state) % hidden.size()];
            continue;
        }
        ++shown;
        addRow(table, rows, cells(source, stateName(source.state)));
    }
    SourceReport sum;
    sum.name = "total";
    sum.ledger = total;
    addRow(table, rows, cells(sum, ""));
    table.print(context);
    if (shown < sources.size()) print(context, restText(hidden) + "\n");
    if (!total.balanced())
        print(context, "The account does not add up: received is not stored + quarantined + duplicates. This "
                       "is a fault of the program; run faultline doctor.\n");
}

Json ledgerJson(const std::vector<SourceReport>& sources, const Ledger& total)
{
    Json object = {{"sources", Json::array()}};
    for (const SourceReport& source : sources) {
        Json row = {{"source", source.path.empty() ? source.name : source.path}, {"format", source.format}};
        addLedger(row, source.ledger);
        row["state"] = stateName(source.state);
        if (source.id.value != 0) row["id"] = source.id.value;
        if (!source.detail.empty()) row["detail"] = source.detail;
        object["sources"].push_back(std::move(row));
    }
    addLedger(object["total"], total);
    return object;
}

std::vector<SourceReport> reportsOf(const std::vector<SourceRecord>& sources, Ledger& total)
{
    std::vector<SourceReport> reports;
    for (const SourceRecord& source : sources) {
        SourceReport report;
        report.id = source.id;
        report.name = source.name;
        report.path = source.path;
        report.format = source.format;
        report.state = source.state;
        report.detail = source.detail;
        report.ledger = source.ledger;
        total += source.ledger;
        reports.push_back(std::move(report));
    }
    return reports;
}

Error noSuchSource(std::uint64_t id)
{
    return makeError(ErrorKind::NotFound, "find the source " + std::to_string(id),
                     "there is none of this number", {"faultline sources --all lists them."});
}

} // namespace faultline::cli
