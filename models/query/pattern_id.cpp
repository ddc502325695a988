#include "models/query/pattern_id.h"

#include <array>
#include <charconv>

namespace faultline {

std::string patternIdText(std::uint64_t id)
{
    std::array<char, 16> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), id, 16).ptr;
    const auto size = static_cast<std::size_t>(end - digits.data());
    return std::string(digits.size() - size, '0').append(digits.data(), size);
}

} // namespace faultline
