#pragma once
#include "models/analysis/compare_rows.h"

#include <cstdint>
#include <string>
#include <vector>

namespace faultline {

/// A field to be compared, and where it is.
struct PlannedField
{
    std::string name;
    std::vector<std::uint32_t> segments; ///< numbers in CompareRows::segments()
    std::uint64_t cost = 0;              ///< rough: what its columns hold
};

/// Every field that a segment's directory names, the most work first. Left out: the time; the message, which
/// is compared by its patterns; and fields of other names that are a canonical field (hostname is host)
/// wherever they occur.
std::vector<PlannedField> planFields(const CompareRows& rows);

} // namespace faultline
