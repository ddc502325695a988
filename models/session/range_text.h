#pragma once
#include "models/base/result.h"
#include "models/base/time.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace faultline {

/// What a typed range is read with.
struct RangeContext
{
    TimeNs now = 0;
    /// A time whose day is meant by a time of day alone: the event or the range in view.
    TimeNs day = 0;
    /// The time at which clocks of the zone in use show `wall` (as if it were UTC); empty: UTC.
    std::function<TimeNs(TimeNs wall)> fromWall;
    /// What clocks of that zone show at a time, as if it were UTC; empty: UTC.
    std::function<TimeNs(TimeNs time)> toWall;
};

struct TypedRange
{
    TimeRange range;
    std::string relative; ///< "now-15m": it goes from there to now, and moves with it; else empty
};

/// Reads a range as people type and paste it:
///
///   now-15m, last 2h, 90s, -1d..now         up to now
///   A..B, A to B, A - B, A/B                from A until before B; a B of a day or longer is included
///   A                                       as long as its last part: a day, an hour, a minute; what is no
///                                           longer than a second has half a minute on each side
///   around A +/- 5m, A +/- 5m               on both sides
///   today, yesterday; all
///
/// A and B are what readUserTime() reads (RFC 3339, epochs, layouts of logs), `now-2h`, `-2h` (before now),
/// or a time of day (12:03) of the day of `context.day`, B of that of A. A zone that is not written is that
/// of the context. Error: Usage with the place in the text, why, and what would be valid. At most 4 KiB.
Result<TypedRange> readRange(std::string_view text, const RangeContext& context);

/// Reads one time, an A of readRange(). The same errors.
Result<TimeNs> readPoint(std::string_view text, const RangeContext& context);

/// The range of `now-15m` at another time; nothing when it is no such text.
std::optional<TimeRange> relativeRange(std::string_view relative, TimeNs now);

} // namespace faultline
