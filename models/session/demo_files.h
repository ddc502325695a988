#pragma once
#include "models/base/result.h"
#include "models/session/demo/demo.h"

#include <stop_token>
#include <string>
#include <vector>

namespace faultline {

/// The folder of the files that ensureDemoFiles() makes.
std::string demoFolder(const std::string& dataDirectory, const DemoOptions& options, bool gzip);

/// Makes the demo's files below `dataDirectory` when they are not there yet, and gives the paths to read: the
/// logs, and the markers when the options have them. The files stay: a second start need not write them
/// again, and the name of their folder holds everything that decides the bytes.
Result<std::vector<std::string>> ensureDemoFiles(const std::string& dataDirectory, const DemoOptions& options,
                                                 bool gzip, std::stop_token stop);

} // namespace faultline
