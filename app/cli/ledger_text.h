#pragma once
#include "app/cli/command.h"
#include "models/ingest/ingest.h"

#include <nlohmann/json_fwd.hpp>
#include <string_view>

namespace faultline::cli {

/// A line a source with its account, and the sum. Of many sources only those that need attention are listed
/// one by one; how many others there are is said.
void printLedger(const Context& context, const std::vector<SourceReport>& sources, const Ledger& total);

/// {"sources":[{"source","format","received":{"records","bytes"},"stored","quarantined","duplicates",...}],"total":{...}}
nlohmann::ordered_json ledgerJson(const std::vector<SourceReport>& sources, const Ledger& total);

std::string_view stateName(SourceState state);

} // namespace faultline::cli
