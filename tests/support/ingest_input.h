#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace faultline::testing {

/// A log of JSON lines, plain lines and broken ones, with the account that it must get.
struct IngestInput
{
    std::string bytes;
    std::vector<std::string> documents; ///< of the events, sorted
    std::uint64_t records = 0, quarantined = 0, quarantinedBytes = 0;
};
/// `salt` tells one input from another.
IngestInput makeIngestInput(std::size_t lines, std::uint64_t salt);
bool writeFile(const std::string& path, const std::string& bytes);
/// Compares a store that nobody else has open with what must be in it: each document once, byte for byte, the
/// account exact and balanced, doctor content. Empty when all is as it must be.
std::string judgeIngest(const std::string& storePath, const IngestInput& input);

} // namespace faultline::testing
