#include "models/analysis/pattern_tally.h"

#include "models/query/message_patterns.h"
#include "models/query/packed_view.h"
#include "models/records/mask.h"

namespace faultline {

void PatternTally::scan(SegmentScan& scan, const SegmentSides& sides)
{
    const MessagePatterns patterns(scan, sides.both());
    if (scan.stopped()) return;
    std::vector<std::uint32_t> counts[2];
    for (int side = 0; side < 2; ++side) {
        counts[side].assign(std::max<std::size_t>(patterns.size(), 65'536), 0);
        const SelectedRows& rows = sides.rows[side];
        if (sides.count[side] != 0)
            countCodes(patterns.codes(), rows.set, rows.begin, rows.end, counts[side].data());
    }
    std::map<std::uint64_t, Known> here;
    for (std::size_t code = 0; code < counts[0].size() && !scan.stopped(); ++code) {
        if (counts[0][code] == 0 && counts[1][code] == 0) continue;
        const auto id = patterns.id(code);
        if (!id) continue;
        Known& known = here[*id];
        if (known.count[0] == 0 && known.count[1] == 0) known.pattern = patterns.text(code);
        for (int side = 0; side < 2; ++side) known.count[side] += counts[side][code];
    }
    if (scan.stopped()) return;
    std::lock_guard lock(m_mutex);
    for (auto& [id, each] : here) {
        Known& known = m_known[id];
        if (known.count[0] == 0 && known.count[1] == 0) known.pattern = std::move(each.pattern);
        for (int side = 0; side < 2; ++side) known.count[side] += each.count[side];
    }
}

std::vector<ChangeItem> PatternTally::items() const
{
    std::vector<ChangeItem> items;
    for (const auto& [id, known] : m_known) {
        ChangeItem item;
        item.kind = Change::Kind::Pattern;
        item.patternId = id;
        item.pattern = patternForDisplay(known.pattern);
        item.count[0] = known.count[0];
        item.count[1] = known.count[1];
        items.push_back(std::move(item));
    }
    return items;
}

} // namespace faultline
