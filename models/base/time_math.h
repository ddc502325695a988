#pragma once
#include "models/base/time.h"

#include <cstdint>
#include <optional>

namespace faultline {

// Arithmetic of times that holds for the whole range of TimeNs: two times can be 584 years apart, which no
// TimeNs can say. Pure; any thread.

/// Nanoseconds from `from` up to `to`, which is not before it.
constexpr std::uint64_t timeDistance(TimeNs from, TimeNs to)
{
    return static_cast<std::uint64_t>(to) - static_cast<std::uint64_t>(from);
}

/// Nanoseconds of a range that does not end before it begins.
constexpr std::uint64_t lengthOf(TimeRange range)
{
    return timeDistance(range.begin, range.end);
}

/// `from` and so many nanoseconds, or the last time there is.
constexpr TimeNs timeAfter(TimeNs from, std::uint64_t by)
{
    return by >= timeDistance(from, kTimeMax) ? kTimeMax
                                              : static_cast<TimeNs>(static_cast<std::uint64_t>(from) + by);
}

/// So many nanoseconds before `from`, or the first time there is.
constexpr TimeNs timeBefore(TimeNs from, std::uint64_t by)
{
    return by >= timeDistance(kTimeMin, from) ? kTimeMin
                                              : static_cast<TimeNs>(static_cast<std::uint64_t>(from) - by);
}

constexpr TimeNs middleOf(TimeRange range)
{
    return timeAfter(range.begin, lengthOf(range) / 2);
}

/// From `half` before a time to `half` after it, cut where there are no more times.
constexpr TimeRange around(TimeNs middle, std::uint64_t half)
{
    return {timeBefore(middle, half), timeAfter(middle, half)};
}

/// The time behind this share of a range, 0 its begin and 1 its end; no share lies outside.
TimeNs timeAtShare(TimeRange range, double share);
/// The share of a range at which a time lies: below 0 before it, above 1 after it. An empty range counts as
/// a nanosecond.
double shareOfTime(TimeRange range, TimeNs time);

/// The range moved by a share of its length, to later times when it is positive; nothing when times end on
/// the way, or the range is empty.
std::optional<TimeRange> panned(TimeRange range, double share);
/// The range with `factor` times its length; `at` keeps its place in it. Nothing when times end on the way,
/// or the range is empty.
std::optional<TimeRange> zoomed(TimeRange range, double factor, TimeNs at);
/// The range as far later, or earlier, as `to` is from `from`; it stops where times end, and keeps its
/// length.
TimeRange moved(TimeRange range, TimeNs from, TimeNs to);

} // namespace faultline
