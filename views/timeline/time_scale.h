#pragma once
#include "models/base/time.h"

namespace faultline {

/// Where times stand between two pixels; shared by everything that lies under one time axis. A value.
struct TimeScale
{
    TimeRange range{0, 0};
    double left = 0, right = 0; ///< pixels of range.begin and range.end

    double span() const { return static_cast<double>(range.end) - static_cast<double>(range.begin); }
    double width() const { return right - left; }
    double xOf(TimeNs time) const
    {
        const double share =
            (static_cast<double>(time) - static_cast<double>(range.begin)) / (span() > 1 ? span() : 1.0);
        return left + share * width();
    }
    /// Within the range whatever the pixel.
    TimeNs timeAt(double x) const
    {
        const double share = width() > 0 ? (x - left) / width() : 0;
        const double kept = share < 0 ? 0 : share > 1 ? 1 : share;
        return range.begin + static_cast<TimeNs>(kept * span());
    }
};

} // namespace faultline
