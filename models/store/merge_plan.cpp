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

bool worthIt(const std::vector<SegmentEntry>& segments, const std::vector<std::size_t>& group)
{
    if (std::any_of(group.begin(), group.end(), [&](std::size_t i) { return mostlyDeleted(segments[i]); }))
        return true;
    if (group.size() < 2) return false;
    std::uint64_t total = 0, largest = 0;
    for (const std::size_t i : group) {
        const std::uint64_t rows = sizeLeft(segments[i]).rows;
        total += rows;
        largest = std::max(largest, rows);
    }
    return largest * 4 <= total * 3;
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
        if (worthIt(segments, group)) groups.push_back(group);
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
