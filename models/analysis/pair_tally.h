#pragma once
#include "models/analysis/change_items.h"
#include "models/analysis/compare_rows.h"

#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

namespace faultline {

/// A field with few values, as it is combined with others.
struct PairField
{
    std::string name;
    std::vector<std::string> values; ///< sorted; at most kFewValues
    double strongest = 0;            ///< FieldItems::strongest
};

/// How often two values of two fields are on the same event, for each two of some fields. scan() from any
/// thread; items() when all is scanned.
class PairTally
{
public:
    explicit PairTally(std::vector<PairField> fields);
    void scan(SegmentScan& scan, const SegmentSides& sides);
    /// The strongest combinations; how many were tested is added to `tests`.
    std::vector<ChangeItem> items(double exposure, std::uint64_t& tests) const;

    /// The fields to combine: of those with the strongest differences, as many as the work allows for so many
    /// events.
    static std::vector<PairField> choose(std::vector<PairField> fields, std::uint64_t events);

private:
    using Table = std::vector<std::uint64_t>; ///< side x value of the first (0: none) x value of the second
    std::vector<PairField> m_fields;
    std::mutex m_mutex;
    std::vector<Table> m_tables; ///< of (0, 1), (0, 2), ... (1, 2), ...
};

} // namespace faultline
