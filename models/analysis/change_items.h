#pragma once
#include "models/analysis/comparison.h"
#include "models/analysis/field_tally.h"

#include <cstdint>
#include <string>
#include <vector>

namespace faultline {

/// What is tested: a predicate and its counts on both sides, before anything is known of time.
struct ChangeItem
{
    Change::Kind kind = Change::Kind::Value;
    std::string field, value, secondField, secondValue;
    std::uint64_t patternId = 0;
    std::string pattern;
    Change::Numbers numbers; ///< Number
    std::uint64_t count[2] = {0, 0};
    double naive = 0; ///< statistics::signedRoot() of the counts: at least as large as the strength

    /// The events, as a search.
    FilterPtr filter() const;
    /// In order of kinds, then of names: decides where everything else is equal.
    bool before(const ChangeItem& other) const;
};

/// What one field gives to be tested.
struct FieldItems
{
    std::vector<ChangeItem> items; ///< the strongest; not judged
    std::uint64_t tests = 0;       ///< all that were looked at
    std::vector<FieldNote> notes;
    /// Values in the order of Value::text when they are few enough to be combined with other fields', else
    /// empty.
    std::vector<FieldTally::Value> few;
    double strongest = 0; ///< |naive| of the strongest value
};

/// Fields with at most so many values are combined with each other.
inline constexpr std::size_t kFewValues = 40;

/// `exposure`: events of A for one of B where nothing has changed.
FieldItems itemsOf(const FieldTally& tally, double exposure, std::uint64_t eventsA, std::uint64_t eventsB);

/// Keeps the `most` with the largest |naive|, ties by ChangeItem::before(), and orders them so.
void keepStrongest(std::vector<ChangeItem>& items, std::size_t most);

} // namespace faultline
