#pragma once
#include "models/base/time.h"
#include "views/render/display_zone.h"

#include <QString>

#include <vector>

namespace faultline {

/// A tick of a time axis.
struct TimeTick
{
    TimeNs time = 0;
    QString label;
    bool major = false; ///< carries a date: the first one, and where the day (month, year) changes
};

/// Ticks at natural times for a range shown over `pixels`, at most one per `spacing` pixels: 1, 2, 5, 10, 15,
/// 30 seconds or minutes, 1, 3, 6, 12 hours, 1, 2, 5, 10 days of a month, 1, 3, 6 months, 1, 2, 5, 10 ...
/// years of the zone's clocks. Labels say the time, and the date where the day changes; from days on the
/// date, from months on the month, from years on the year.
std::vector<TimeTick> timeTicks(TimeRange range, int pixels, int spacing, const DisplayZone& zone = {});

/// A width for histogram buckets: the smallest round step that needs at most `buckets` of them for the range.
TimeNs roundStep(TimeNs span, std::size_t buckets);
/// The same for a range, however long.
TimeNs roundStep(TimeRange range, std::size_t buckets);

/// "2023-01-29 08:42:22.383", what the clocks of the zone show.
QString formatTimeForPeople(TimeNs time, int fractionDigits, const DisplayZone& zone = {});
/// The same with clocks so many seconds east of UTC.
QString formatTimeAt(TimeNs time, int fractionDigits, int offset);
/// "3 h 12 min", "250 ms", "27 y 263 d" (years of 365 days).
QString formatSpan(TimeNs span);

/// Digits of a second that tell times of so long a step apart: 0, 3, 6 or 9.
int fractionFor(TimeNs length);

/// "2026-11-17 12:00:00 to 2026-11-17 18:00:00 UTC (6 h)", with as many digits as its length needs. Both ends
/// have their offset where the clocks change between them.
QString formatRange(TimeRange range, const DisplayZone& zone = {});

} // namespace faultline
