#pragma once
#include "models/query/engine.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace faultline {

/// A histogram as a timeline draws it: buckets, groups within them, and the busiest moment of each bucket,
/// because a mean over a bucket hides bursts. A value; pure; any thread.
struct TimelineData
{
    struct Group
    {
        std::string name; ///< as the field has it; empty when `absent` or `other`
        bool absent = false, other = false;
        std::uint64_t total = 0;
        std::vector<std::uint64_t> counts; ///< one a bucket
    };
    TimeNs origin = 0, step = 1;       ///< bucket i is [origin + i x step, origin + (i + 1) x step)
    TimeNs fineStep = 1;               ///< what `peaks` were counted over; a divisor of `step`
    std::vector<Group> groups;         ///< most frequent first, `other` last
    std::vector<std::uint64_t> totals; ///< one a bucket
    std::vector<std::uint64_t> peaks;  ///< most events within one fineStep of the bucket
    std::uint64_t highest = 0, total = 0;

    std::size_t size() const { return totals.size(); }
    /// Also before the first and behind the last; within what a TimeNs holds.
    TimeRange bucket(std::int64_t index) const;
    std::optional<std::size_t> bucketAt(TimeNs time) const;
    /// Events a second: the mean over a bucket, and over its busiest fineStep.
    double meanRate(std::size_t index) const;
    double peakRate(std::size_t index) const;
    double highestRate() const; ///< the highest peakRate()
};

/// What to ask for: buckets of `step` that lie at round times, counted in `parts` finer ones each. `range`
/// must not be empty; at most `buckets` of them cover it (two more where it does not begin at a round time).
struct TimelineGrid
{
    TimeNs origin = 0, step = 1;
    unsigned parts = 1;
    TimeNs fineStep() const { return step / parts; }
};
TimelineGrid timelineGrid(TimeRange range, TimeNs step, std::size_t mostFineBuckets);

/// Gathers the answer to a HistogramQuestion of (grid.origin, grid.fineStep()).
TimelineData gatherTimeline(const HistogramAnswer& answer, const TimelineGrid& grid, TimeRange range);

/// The buckets in which the rate jumps, for "next jump of the rate": where the total is at least twice the
/// median of the 16 buckets before it, by at least ten events and by five times what chance makes of that
/// median (its square root, as arrivals that know nothing of each other vary). A median, since a mean follows
/// a rise that takes some buckets, and never sees it. What stays high is one jump.
std::vector<std::size_t> rateJumps(const TimelineData& data);

} // namespace faultline
