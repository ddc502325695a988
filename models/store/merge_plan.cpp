#include "models/store/merge_plan.h"

#include <algorithm>

namespace faultline {

namespace {

struct Size
{
    std::uint64_t rows = 0, bytes = 0;
};

Size sizeLeft(const SegmentEntry& entry)
{
    const std::uint64_t left = entry.info->rows - entry.deletedRows;
    return {left, entry.info->rawBytes / std::max<std::uint64_t>(entry.info->rows, 1) * left};
}

bool mostlyDeleted(const SegmentEntry& entry)
{
    return entry.deletedRows * std::uint64_t{3} > entry.info->rows;
}

bool small(const SegmentEntry& entry)
{
    const Size size = sizeLeft(entry);
    return mostlyDeleted(entry) || (size.rows * 2 < kSegmentRows && size.bytes * 2 < kSegmentRawBytes);
}

// Leaves out members that are most of the group already; what remains is worth a merge when it is not empty.
void trim(const std::vector<SegmentEntry>& segments, std::vector<std::size_t>& group)
{
    if (std::any_of(group.begin(), group.end(), [&](std::size_t i) { return mostlyDeleted(segments[i]); }))
        return;
    const auto rows = [&](std::size_t i) { return sizeLeft(segments[i]).rows; };
    std::uint64_t total = 0;
    for (const std::size_t i : group) total += rows(i);
    while (!group.empty()) {
        const auto largest = std::max_element(
            group.begin(), group.end(), [&](std::size_t a, std::size_t b) { return rows(a) < rows(b); });
        if (group.size() >= 2 && rows(*largest) * 4 <= total * 3) return;
        total -= rows(*largest);
        group.erase(largest);
    }
}

} // namespace

std::vector<std::vector<std::size_t>> planMerges(const std::vector<SegmentEntry>& segments)
{
    std::vector<std::size_t> candidates;
    for (std::size_t i = 0; i < segments.size(); ++i) {
        if (small(segments[i])) candidates.push_back(i);
    }
    std::sort(candidates.begin(), candidates.end(), [&](std::size_t a, std::size_t b) {
        const SegmentInfo& left = *segments[a].info;
        const SegmentInfo& right = *segments[b].info;
        return left.minTime != right.minTime ? left.minTime < right.minTime : left.id < right.id;
    });
    std::vector<std::vector<std::size_t>> groups;
    std::vector<std::size_t> group;
    Size sum;
    const auto finish = [&] {
        trim(segments, group);
        if (!group.empty()) groups.push_back(group);
        group.clear();
        sum = {};
    };
    for (const std::size_t i : candidates) {
        const Size size = sizeLeft(segments[i]);
        const bool fits = sum.rows + size.rows <= kSegmentRows && sum.bytes + size.bytes <= kSegmentRawBytes;
        if (!group.empty() && !fits) finish();
        group.push_back(i);
        sum.rows += size.rows;
        sum.bytes += size.bytes;
    }
    if (!group.empty()) finish();
    return groups;
}

} // namespace faultline
