#include "models/session/dense_range.h"

#include <algorithm>
#include <set>

namespace faultline {
namespace {

/// Each round reads every segment that could move an end as seen so far; two or three do.
constexpr int kMostRounds = 16;

TimeNs after(TimeNs time)
{
    return time == kTimeMax ? kTimeMax : time + 1;
}

} // namespace

std::vector<DenseRangeFinder::Part> DenseRangeFinder::partsOf(const StoreSnapshot& snapshot) const
{
    std::vector<Part> parts;
    for (std::size_t s = 0; s < snapshot.segments.size(); ++s) {
        const SegmentEntry& entry = snapshot.segments[s];
        if (const auto read = m_read.find({entry.info->id, entry.maskVersion}); read != m_read.end()) {
            for (Part part : read->second) {
                part.segment = s;
                parts.push_back(part);
            }
            continue;
        }
        const Rollup& rollup = entry.info->rollup;
        // Rows without a time of their own, and deleted ones, take part in the bounds of a segment.
        const bool known = entry.info->timeMissing == 0 && entry.deletedRows == 0;
        for (std::size_t i = 0; i + 7 <= rollup.counts.size(); i += 7) {
            Part part;
            part.segment = s;
            for (std::size_t severity = 0; severity < 7; ++severity)
                part.count += rollup.counts[i + severity];
            if (part.count == 0) continue;
            TimeNs begin = 0, end = 0;
            if (__builtin_mul_overflow(static_cast<TimeNs>(i / 7), rollup.width, &begin) ||
                __builtin_add_overflow(begin, rollup.begin, &begin))
                begin = kTimeMax;
            if (__builtin_add_overflow(begin, rollup.width - 1, &end)) end = kTimeMax;
            // A bar is as wide as a round step; the segment knows where its events end.
            part.first = std::max(begin, entry.info->minTime);
            part.last = std::max(part.first, std::min(end, entry.info->maxTime));
            part.exactFirst = known && part.first == entry.info->minTime;
            part.exactLast = known && part.last == entry.info->maxTime;
            parts.push_back(part);
        }
    }
    std::sort(parts.begin(), parts.end(), [](const Part& a, const Part& b) { return a.first < b.first; });
    return parts;
}

DenseRange DenseRangeFinder::judge(const std::vector<Part>& parts, std::vector<std::size_t>& loose)
{
    DenseRange result;
    std::uint64_t total = 0;
    for (const Part& part : parts) total += part.count;
    if (total == 0) return result;
    const auto partAt = [&](double share) -> const Part& {
        std::uint64_t seen = 0;
        for (const Part& part : parts) {
            seen += part.count;
            if (static_cast<double>(seen) >= share * static_cast<double>(total)) return part;
        }
        return parts.back();
    };
    // The middle 98 %, and what is near to it: twice its length on both sides.
    const Part &lowest = partAt(0.01), &highest = partAt(0.99);
    const double low = static_cast<double>(lowest.first), high = static_cast<double>(highest.last);
    const double reach = 2 * std::max(high - low, static_cast<double>(kSecondNs));
    TimeRange dense{kTimeMax, kTimeMin}, outside = dense, whole = dense;
    const auto widen = [](TimeRange& range, const Part& part) {
        range.begin = std::min(range.begin, part.first);
        range.end = std::max(range.end, after(part.last));
    };
    for (const Part& part : parts) {
        const bool near =
            static_cast<double>(part.last) >= low - reach && static_cast<double>(part.first) <= high + reach;
        const bool sticksOut = !near || (!part.exactFirst && static_cast<double>(part.first) <= low) ||
                               (!part.exactLast && static_cast<double>(part.last) >= high);
        if (sticksOut && !(part.exactFirst && part.exactLast)) loose.push_back(part.segment);
        widen(whole, part);
        widen(near ? dense : outside, part);
        if (!near) result.outside += part.count;
    }
    result.dense = dense;
    // One less than for ever: a range without bounds means something else.
    result.whole = {std::max(whole.begin, kTimeMin + 1), whole.end};
    if (result.outside > 0) result.outsideTimes = outside;
    return result;
}

std::vector<DenseRangeFinder::Part> DenseRangeFinder::readParts(const SegmentEntry& entry,
                                                                ColumnSource& columns)
{
    std::vector<Part> parts;
    const auto column = columns.column(*entry.info, TimeColumn);
    const auto flags = entry.info->timeMissing > 0 ? columns.column(*entry.info, FlagsColumn) : column;
    if (!column || !flags) return parts;
    std::vector<TimeNs> times;
    times.reserve(entry.info->rows);
    for (RowIndex row = 0; row < entry.info->rows; ++row) {
        if (entry.info->timeMissing > 0 && ((*flags)->ints.at(row) & FlagTimeMissing) != 0) continue;
        if (entry.deleted != nullptr && ((*entry.deleted)[row >> 6] >> (row & 63) & 1) != 0) continue;
        times.push_back((*column)->ints.at(row));
    }
    if (times.empty()) return parts;
    // They ascend: cut where the widest gaps are.
    std::vector<std::size_t> cuts;
    for (std::size_t i = 1; i < times.size(); ++i)
        if (times[i] > times[i - 1]) cuts.push_back(i);
    const auto gap = [&](std::size_t i) {
        return static_cast<std::uint64_t>(times[i]) - static_cast<std::uint64_t>(times[i - 1]);
    };
    if (cuts.size() >= kMostParts) {
        std::nth_element(cuts.begin(), cuts.begin() + (kMostParts - 1), cuts.end(),
                         [&](std::size_t a, std::size_t b) { return gap(a) > gap(b); });
        cuts.resize(kMostParts - 1);
        std::sort(cuts.begin(), cuts.end());
    }
    cuts.push_back(times.size());
    std::size_t from = 0;
    for (const std::size_t to : cuts) {
        parts.push_back({times[from], times[to - 1], to - from, 0, true, true});
        from = to;
    }
    return parts;
}

DenseRange DenseRangeFinder::find(const StoreSnapshot& snapshot, ColumnSource& columns,
                                  const std::stop_token& stop)
{
    // What is gone, or has another mask, is not asked for again.
    std::set<Key> there;
    for (const SegmentEntry& entry : snapshot.segments) there.insert({entry.info->id, entry.maskVersion});
    std::erase_if(m_read, [&](const auto& read) { return !there.contains(read.first); });

    DenseRange result;
    for (int round = 0; round < kMostRounds; ++round) {
        std::vector<std::size_t> loose;
        result = judge(partsOf(snapshot), loose);
        std::sort(loose.begin(), loose.end());
        loose.erase(std::unique(loose.begin(), loose.end()), loose.end());
        bool better = false;
        for (const std::size_t segment : loose) {
            if (stop.stop_requested()) return result;
            const SegmentEntry& entry = snapshot.segments[segment];
            const Key key{entry.info->id, entry.maskVersion};
            if (m_read.contains(key)) continue;
            auto parts = readParts(entry, columns);
            // All deleted, or damaged (a question that reads it says so): the rollup would say more.
            if (parts.empty() && entry.deletedRows + entry.info->timeMissing < entry.info->rows) continue;
            m_read.emplace(key, std::move(parts));
            better = true;
        }
        if (!better) break;
    }
    return result;
}

DenseRange denseRange(const StoreSnapshot& snapshot, ColumnSource& columns, const std::stop_token& stop)
{
    return DenseRangeFinder().find(snapshot, columns, stop);
}

} // namespace faultline
