#pragma once
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace faultline::test {

/// The lines of a text, each with its end.
std::vector<std::string_view> linesOf(std::string_view text);
/// Byte edits as a broken writer makes them, and values as an odd one does.
std::string mutated(std::string line, std::mt19937_64& random);
/// JSON lines with everything between them that joins, inherits or is refused.
std::string mixedLines(std::size_t bytes, std::uint64_t seed);

} // namespace faultline::test
