#pragma once
#include "app/cli/command.h"
#include "models/ingest/ingest.h"

#include <nlohmann/json_fwd.hpp>
#include <string_view>

namespace faultline::cli {

/// Which rows a ledger shows.
struct LedgerRows
{
    bool ids = false; ///< a column with the numbers that --source and --remove take
    bool all = false; ///< every source; else, of more than forty, those that need attention
};
/// A line a source with its account, and the sum. Of sources that are not listed one by one it is said how
/// many there are, and of what kind.
void printLedger(const Context& context, const std::vector<SourceReport>& sources, const Ledger& total,
                 LedgerRows rows = {});

/// {"sources":[{"source","format","received":{"records","bytes"},"stored","quarantined","duplicates","events",
/// "cut_bytes","state","id","detail"}],"total":{...}}; "id" when the store knows the source, "detail" when
/// there is one.
nlohmann::ordered_json ledgerJson(const std::vector<SourceReport>& sources, const Ledger& total);

/// What the store knows of its sources, as a ledger shows it; the sum goes to `total`.
std::vector<SourceReport> reportsOf(const std::vector<SourceRecord>& sources, Ledger& total);

/// The error for a number that no source has.
Error noSuchSource(std::uint64_t id);

std::string_view stateName(SourceState state);

} // namespace faultline::cli
