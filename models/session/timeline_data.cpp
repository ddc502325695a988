#include "models/session/timeline_data.h"

#include "models/base/time_buckets.h"
#include "models/base/time_math.h"

#include <algorithm>
#include <cmath>

namespace faultline {

TimeRange TimelineData::bucket(std::int64_t index) const
{
    const TimeBuckets buckets(origin, step);
    return {buckets.beginOf(index), buckets.endOf(index)};
}

std::optional<std::size_t> TimelineData::bucketAt(TimeNs time) const
{
    if (time < origin) return std::nullopt;
    const std::uint64_t at = timeDistance(origin, time) / static_cast<std::uint64_t>(step);
    return at < totals.size() ? std::optional(static_cast<std::size_t>(at)) : std::nullopt;
}

double TimelineData::meanRate(std::size_t index) const
{
    return static_cast<double>(totals[index]) * 1e9 / static_cast<double>(step);
}

double TimelineData::peakRate(std::size_t index) const
{
    return static_cast<double>(peaks[index]) * 1e9 / static_cast<double>(fineStep);
}

double TimelineData::highestRate() const
{
    std::uint64_t highestPeak = 0;
    for (const std::uint64_t peak : peaks) highestPeak = std::max(highestPeak, peak);
    return static_cast<double>(highestPeak) * 1e9 / static_cast<double>(fineStep);
}

TimelineGrid timelineGrid(TimeRange range, TimeNs step, std::size_t mostFineBuckets)
{
    TimelineGrid grid;
    grid.step = std::max<TimeNs>(step, 1);
    const TimeNs rest = range.begin % grid.step;
    grid.origin = rest >= 0                            ? range.begin - rest
                  : range.begin > kTimeMin + grid.step ? range.begin - rest - grid.step
                                                       : range.begin;
    const std::uint64_t buckets =
        timeDistance(grid.origin, range.end) / static_cast<std::uint64_t>(grid.step) + 1;
    // Divisors of every round step: a second is the finest that people think in, unless the bucket is finer.
    for (const unsigned parts : {60u, 30u, 20u, 12u, 10u, 6u, 5u, 4u, 3u, 2u}) {
        if (grid.step % parts != 0 || buckets * parts > mostFineBuckets) continue;
        if (grid.step > kSecondNs && grid.step / parts < kSecondNs) continue;
        grid.parts = parts;
        break;
    }
    return grid;
}

TimelineData gatherTimeline(const HistogramAnswer& answer, const TimelineGrid& grid, TimeRange range)
{
    TimelineData data;
    data.origin = grid.origin;
    data.step = grid.step;
    data.fineStep = grid.fineStep();
    constexpr std::uint64_t kMostBuckets = 20'000;
    const std::uint64_t wanted =
        (timeDistance(grid.origin, range.end) + static_cast<std::uint64_t>(grid.step) - 1) /
        static_cast<std::uint64_t>(grid.step);
    const auto buckets = static_cast<std::size_t>(std::min(std::max<std::uint64_t>(wanted, 1), kMostBuckets));
    data.totals.assign(buckets, 0);
    data.peaks.assign(buckets, 0);
    std::vector<std::uint64_t> fine(buckets * grid.parts, 0);
    for (const auto& series : answer.series) {
        TimelineData::Group group;
        group.other = series.other;
        group.absent = !series.absent.empty() && series.absent.front();
        for (const std::string& part : series.group) group.name += (group.name.empty() ? "" : " / ") + part;
        group.counts.assign(buckets, 0);
        for (std::size_t i = 0; i < series.counts.size(); ++i) {
            const std::int64_t at = answer.firstBucket + static_cast<std::int64_t>(i);
            if (at < 0 || at >= static_cast<std::int64_t>(fine.size())) continue;
            const auto place = static_cast<std::size_t>(at);
            fine[place] += series.counts[i];
            group.counts[place / grid.parts] += series.counts[i];
            group.total += series.counts[i];
        }
        if (group.total != 0) data.groups.push_back(std::move(group));
    }
    std::stable_sort(data.groups.begin(), data.groups.end(),
                     [](const TimelineData::Group& a, const TimelineData::Group& b) {
                         return a.other != b.other ? b.other : a.total > b.total;
                     });
    for (std::size_t i = 0; i < fine.size(); ++i) {
        const std::size_t at = i / grid.parts;
        data.totals[at] += fine[i];
        data.peaks[at] = std::max(data.peaks[at], fine[i]);
        data.total += fine[i];
    }
    for (const std::uint64_t total : data.totals) data.highest = std::max(data.highest, total);
    return data;
}

std::vector<std::size_t> rateJumps(const TimelineData& data)
{
    constexpr std::size_t kWindow = 16;
    constexpr double kFactor = 2, kLeast = 10, kDeviations = 5;
    std::vector<std::size_t> found;
    std::vector<std::uint64_t> before;
    bool high = false;
    for (std::size_t i = 1; i < data.totals.size(); ++i) {
        const auto end = data.totals.begin() + static_cast<std::ptrdiff_t>(i);
        before.assign(end - static_cast<std::ptrdiff_t>(std::min(i, kWindow)), end);
        const auto middle = before.begin() + static_cast<std::ptrdiff_t>(before.size() / 2);
        std::nth_element(before.begin(), middle, before.end());
        const auto usual = static_cast<double>(*middle), now = static_cast<double>(data.totals[i]);
        const bool jumps = now >= usual * kFactor &&
                           now >= usual + std::max(kLeast, kDeviations * std::sqrt(std::max(usual, 1.0)));
        if (jumps && !high) found.push_back(i);
        high = jumps;
    }
    return found;
}

} // namespace faultline
