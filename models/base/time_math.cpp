#include "models/base/time_math.h"

#include <algorithm>
#include <cmath>

namespace faultline {
namespace {

constexpr double kTwoTo64 = 18446744073709551616.0;

/// A length as nanoseconds; negative ones and NaN as 0.
std::uint64_t wholeNs(double length)
{
    if (!(length > 0)) return 0;
    return length >= kTwoTo64 ? UINT64_MAX : static_cast<std::uint64_t>(length);
}

} // namespace

TimeNs timeAtShare(TimeRange range, double share)
{
    if (!(share > 0)) return range.begin;
    if (share >= 1) return range.end;
    return std::min(timeAfter(range.begin, wholeNs(share * static_cast<double>(lengthOf(range)))), range.end);
}

double shareOfTime(TimeRange range, TimeNs time)
{
    const double length = std::max(static_cast<double>(lengthOf(range)), 1.0);
    return time >= range.begin ? static_cast<double>(timeDistance(range.begin, time)) / length
                               : -static_cast<double>(timeDistance(time, range.begin)) / length;
}

std::optional<TimeRange> panned(TimeRange range, double share)
{
    const std::uint64_t by = wholeNs(std::abs(share) * static_cast<double>(lengthOf(range)));
    if (by == 0) return std::nullopt;
    if (share > 0) {
        if (by > timeDistance(range.end, kTimeMax)) return std::nullopt;
        return TimeRange{timeAfter(range.begin, by), timeAfter(range.end, by)};
    }
    if (by > timeDistance(kTimeMin, range.begin)) return std::nullopt;
    return TimeRange{timeBefore(range.begin, by), timeBefore(range.end, by)};
}

std::optional<TimeRange> zoomed(TimeRange range, double factor, TimeNs at)
{
    const double length = factor * static_cast<double>(lengthOf(range));
    const double share = std::clamp(shareOfTime(range, at), 0.0, 1.0);
    const std::uint64_t all = wholeNs(std::round(length));
    const std::uint64_t before = std::min(wholeNs(share * length), all), after = all - before;
    if (all == 0 || length >= kTwoTo64 || before > timeDistance(kTimeMin, at) ||
        after > timeDistance(at, kTimeMax))
        return std::nullopt;
    return TimeRange{timeBefore(at, before), timeAfter(at, after)};
}

TimeRange moved(TimeRange range, TimeNs from, TimeNs to)
{
    if (to >= from) {
        const std::uint64_t by = std::min(timeDistance(from, to), timeDistance(range.end, kTimeMax));
        return {timeAfter(range.begin, by), timeAfter(range.end, by)};
    }
    const std::uint64_t by = std::min(timeDistance(to, from), timeDistance(kTimeMin, range.begin));
    return {timeBefore(range.begin, by), timeBefore(range.end, by)};
}

} // namespace faultline
