#pragma once
#include "app/cli/command.h"
#include "models/ingest/preflight.h"

namespace faultline::cli {

/// `ingest --preflight`: what a read of these paths into `store` would be, and nothing is read in. A table,
/// or one JSON object with the same numbers:
/// {"files":[{"name","path","bytes","format","first","last","skipped",
/// "compressed","looked"}],"formats":[{"format","files","bytes"}],"read","skipped","not_looked_at",
/// "listed_all","bytes","decoded_bytes","events","store_bytes","sample_bytes","bytes_per_second","seconds",
/// "first","last","free_bytes","fits","took_seconds"}; what is not known is null. `all`: every file.
/// Exit code: 1 when there is nothing to read.
Result<int> runPreflight(const Context& context, const std::vector<std::string>& paths,
                         const std::string& store, bool json, bool all);

} // namespace faultline::cli
