#pragma once
#include "models/analysis/change_items.h"
#include "models/analysis/compare_rows.h"

#include <map>
#include <mutex>
#include <vector>

namespace faultline {

/// The patterns of messages on both sides. scan() from any thread; the rest when all is scanned.
class PatternTally
{
public:
    void scan(SegmentScan& scan, const SegmentSides& sides);
    /// All of them, by id; `naive` is not set.
    std::vector<ChangeItem> items() const;

private:
    struct Known
    {
        std::string pattern;
        std::uint64_t count[2] = {0, 0};
    };
    std::mutex m_mutex;
    std::map<std::uint64_t, Known> m_known;
};

} // namespace faultline
