#pragma once
#include "models/query/fold_search.h"
#include "models/store/column_data.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace faultline {

/// Where a needle can be in the texts of one template, from its constants and the kinds of its variables
/// alone.
struct TemplateVerdict
{
    bool always = false;    ///< a constant contains it: all rows match
    bool insideOne = false; ///< it fits inside a single variable
    bool crossing = false;  ///< it can reach over the border of a variable
    /// A part of the needle, and the variable (of digits or hex) that has it.
    struct Fragment
    {
        std::size_t variable = 0, begin = 0, end = 0;
        bool operator==(const Fragment&) const = default;
    };
    /// Unless empty: where the needle reaches over a border, one of these variables has its part of the
    /// needle.
    std::vector<Fragment> fragments;
    bool never() const { return !always && !insideOne && !crossing; }
};

/// Runs the needle over the template as over a pattern with character classes (digits, hex, anything). May
/// say "can" where it cannot, never the reverse.
TemplateVerdict matchTemplate(const TextTemplate& text, const FoldSearch& needle);
/// Whether the needle fits inside a variable of this kind.
bool fitsVariable(VariableKind kind, const FoldSearch& needle);

} // namespace faultline
