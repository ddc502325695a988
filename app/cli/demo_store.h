#pragma once
#include "app/cli/reading.h"
#include "models/session/demo/demo.h"

namespace faultline::cli {

/// Makes the demo's files in the data directory when they are not there yet, and reads logs and markers into
/// `store`.
Result<ReadIn> readDemo(const Context& context, const std::string& store, const DemoOptions& options,
                        bool gzip);

/// Says where these files are and how large, or deletes them.
Status finishDemoFiles(const Context& context, const DemoOptions& options, bool gzip, bool erase);

} // namespace faultline::cli
