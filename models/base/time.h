#pragma once
#include <chrono>
#include <compare>
#include <cstdint>
#include <limits>

namespace faultline {

/// Nanoseconds since 1970-01-01T00:00:00Z; the range is 1677-09-21 to 2262-04-11.
using TimeNs = std::int64_t;

inline constexpr TimeNs kTimeMin = std::numeric_limits<TimeNs>::min();
inline constexpr TimeNs kTimeMax = std::numeric_limits<TimeNs>::max();
inline constexpr TimeNs kSecondNs = 1'000'000'000;

/// Half open: begin <= t < end; end == kTimeMax includes kTimeMax itself.
struct TimeRange
{
    TimeNs begin = kTimeMin;
    TimeNs end = kTimeMax;
    constexpr bool contains(TimeNs t) const { return t >= begin && (t < end || end == kTimeMax); }
    constexpr bool overlaps(TimeNs first, TimeNs last) const
    {
        return last >= begin && (first < end || end == kTimeMax);
    }
    constexpr bool covers(TimeNs first, TimeNs last) const { return contains(first) && contains(last); }
    constexpr bool unbounded() const { return begin == kTimeMin && end == kTimeMax; }
    constexpr bool operator==(const TimeRange&) const = default;
};

/// The clock is passed in, so that tests and backtests decide what time it is. Any thread.
class Clock
{
public:
    virtual ~Clock() = default;
    virtual TimeNs now() const = 0;                                   ///< wall clock
    virtual std::chrono::steady_clock::time_point steady() const = 0; ///< for deadlines and rates
};

/// The machine's clock.
class SystemClock final : public Clock
{
public:
    TimeNs now() const override;
    std::chrono::steady_clock::time_point steady() const override;
};

} // namespace faultline
