#pragma once
#include <optional>
#include <string>
#include <vector>

namespace faultline::test {

/// The bytes of a file of the shared data (see shared_data.h), decompressed; nothing when it is not there.
std::optional<std::string> readDataFile(const std::string& relative);
/// The files below a folder of it, relative to the data folder, sorted; nothing when it is not there. A
/// folder that is there and has none is for the test to fail on.
std::optional<std::vector<std::string>> dataFiles(const std::string& folder);

} // namespace faultline::test
