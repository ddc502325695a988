#pragma once
#include "models/session/timeline_data.h"
#include "views/render/display_zone.h"
#include "views/render/theme.h"

#include <QString>

#include <vector>

namespace faultline {

/// A group of a timeline as it is drawn and named.
struct TimelineBand
{
    std::size_t group = 0; ///< in TimelineData::groups
    int severity = -1;     ///< class, where the groups are severities
    int category = -1;     ///< place among the values, -1 for all others
    QString name;          ///< "error"
    QString title;         ///< "E error": never by colour alone
};

/// From the bottom of a bar up: the worst severity, where its height can be compared, or the most frequent
/// value; the others last.
std::vector<TimelineBand> timelineBands(const TimelineData& data, bool bySeverity);
QColor bandColour(const TimelineBand& band, const Theme& theme);

/// For the axis: "12.3k", or as a rate "12.3k/s", "0.25/s".
QString axisLabel(double value, bool rate);

/// What is said of the bars from `first` to `last`, in a line.
struct BarsSaid
{
    int first = 0, last = 0;
    TimeRange range; ///< of these bars
    bool exact = true, rates = false;
    DisplayZone zone;
};
QString barText(const TimelineData& data, const std::vector<TimelineBand>& bands, const BarsSaid& bars);

} // namespace faultline
