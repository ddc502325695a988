#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace faultline {

/// The field by which a filter asks for the pattern of a message: its value is patternIdText() of the
/// pattern's id (EventRow::patternId, PatternSummary::id).
inline constexpr std::string_view kPatternIdField = "pattern_id";

/// An id as 16 hexadecimal digits in small letters.
std::string patternIdText(std::uint64_t id);

} // namespace faultline
