#pragma once
#include "models/base/time.h"

#include <QString>

#include <vector>

namespace faultline {

/// A tick of a time axis.
struct TimeTick
{
    TimeNs time = 0;
    QString label;
    bool major = false; ///< begins a day, or carries the date
};

/// Ticks at round times (1-2-5-10-15-30 s or min, hours, days) for a range shown over `pixels`, at most one
/// per `spacing` pixels. UTC.
std::vector<TimeTick> timeTicks(TimeRange range, int pixels, int spacing);

/// A width for histogram buckets: the smallest round step that needs at most `buckets` of them for the range.
TimeNs roundStep(TimeNs span, std::size_t buckets);

/// "2023-01-29 08:42:22.383" and, for spans, "3 h 12 min", "250 ms".
QString formatTimeForPeople(TimeNs time, int fractionDigits);
QString formatSpan(TimeNs span);

} // namespace faultline
