#pragma once
#include "models/base/time_math.h"

namespace faultline {

/// Where times stand between two pixels; shared by everything that lies under one time axis. A value.
struct TimeScale
{
    TimeRange range{0, 0};
    double left = 0, right = 0; ///< pixels of range.begin and range.end

    double width() const { return right - left; }
    double xOf(TimeNs time) const { return left + shareOfTime(range, time) * width(); }
    /// Pixels of a length of time.
    double pixelsOf(TimeNs length) const
    {
        const std::uint64_t all = lengthOf(range);
        return width() * static_cast<double>(length) / static_cast<double>(all > 0 ? all : 1);
    }
    /// Within the range whatever the pixel.
    TimeNs timeAt(double x) const { return timeAtShare(range, width() > 0 ? (x - left) / width() : 0); }
    /// The same, but never where the range has ended, if it holds any time.
    TimeNs timeWithin(double x) const
    {
        const TimeNs time = timeAt(x);
        return time < range.end || range.end <= range.begin ? time : range.end - 1;
    }
};

} // namespace faultline
