#pragma once
#include "models/query/substring.h"
#include "models/records/value.h"
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace faultline {

/// What a scan needs to know about the test of a leaf, beside asking it value by value: what a matching text must
/// contain, so that whole columns are passed by.
struct TextHints
{
    /// A matching text contains at least one of these, without regard to case; empty when nothing is known.
    std::vector<CaselessNeedle> needles;
    /// A text matches exactly when it contains one of the needles (but see CaselessNeedle::hasOddFolds()).
    bool exactly = false;
    /// Only texts that equal this one match, without regard to case (ASCII).
    std::optional<std::string> whole;
};

/// Whether `needle` can occur in a text that consists of the bytes of one class only.
bool onlyHex(std::string_view lower);
bool onlyDigits(std::string_view text);

} // namespace faultline
