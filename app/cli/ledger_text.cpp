#include "app/cli/ledger_text.h"

#include "app/cli/table.h"

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

std::vector<std::string> cells(const std::string& name, std::string_view format, std::string_view state,
                               const Ledger& ledger, const std::string& detail)
{
    return {name,
            std::string(format),
            std::string(state),
            grouped(ledger.received.records),
            grouped(ledger.stored.records),
            grouped(ledger.quarantined.records),
            grouped(ledger.duplicates.records),
            grouped(ledger.events),
            humanBytes(ledger.received.bytes),
            detail};
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

void printLedger(const Context& context, const std::vector<SourceReport>& sources, const Ledger& total)
{
    constexpr std::size_t kAll = 40;
    Table table({{"source"},
                 {"format"},
                 {"state"},
                 {"received", true},
                 {"stored", true},
                 {"quarantined", true},
                 {"duplicates", true},
                 {"events", true},
                 {"bytes", true},
                 {"note"}});
    const bool few = sources.size() <= kAll;
    std::size_t shown = 0;
    for (const SourceReport& source : sources) {
        if (!few && (!needsAttention(source) || shown >= kAll)) continue;
        ++shown;
        table.add(cells(source.name, source.format, stateName(source.state), source.ledger, source.detail));
    }
    if (!few) table.add({"(" + grouped(sources.size() - shown) + " more sources)"});
    table.add(cells("total", "", "", total, ""));
    table.print(context);
    if (!total.balanced())
        print(context, "The account does not add up: received is not stored + quarantined + duplicates. This "
                       "is a fault of "
                       "the program; run faultline doctor.\n");
}

Json ledgerJson(const std::vector<SourceReport>& sources, const Ledger& total)
{
    Json object = {{"sources", Json::array()}};
    for (const SourceReport& source : sources) {
        Json row = {{"source", source.path.empty() ? source.name : source.path}, {"format", source.format}};
        addLedger(row, source.ledger);
        row["state"] = stateName(source.state);
        if (!source.detail.empty()) row["detail"] = source.detail;
        object["sources"].push_back(std::move(row));
    }
    addLedger(object["total"], total);
    return object;
}

} // namespace faultline::cli
