#pragma once
#include "models/query/fold_search.h"

#include <string_view>
#include <vector>

namespace faultline {

/// What is known of the texts that match a leaf, so that whole columns are passed by.
struct TextHints
{
    /// A matching text contains at least one of these; empty when nothing is known. They belong to the test.
    std::vector<const FoldSearch*> needles;
    /// A text matches exactly when it contains one of the needles.
    bool exactly = false;
    /// Only texts that equal this one match, without regard to case.
    const FoldSearch* whole = nullptr;
};

bool onlyHex(std::string_view lower);
bool onlyDigits(std::string_view text);

} // namespace faultline
