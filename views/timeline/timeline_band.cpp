#include "views/timeline/timeline_band.h"

#include "models/base/time_math.h"
#include "views/render/counts.h"
#include "views/render/plain_text.h"
#include "views/render/time_axis.h"

#include <QCoreApplication>
#include <QLocale>

#include <algorithm>
#include <array>
#include <cmath>

namespace faultline {
namespace {

constexpr std::size_t kNameBytes = 60;

} // namespace

std::vector<TimelineBand> timelineBands(const TimelineData& data, bool bySeverity)
{
    std::vector<TimelineBand> bands;
    for (std::size_t i = 0; i < data.groups.size(); ++i) {
        const TimelineData::Group& group = data.groups[i];
        TimelineBand band;
        band.group = i;
        if (bySeverity) {
            const std::size_t at = severityClassNamed(group.name);
            band.severity = static_cast<int>(at);
            band.name = severityWord(severityOfClass(at));
            band.title = severityLetter(severityOfClass(at)) + QLatin1Char(' ') + band.name;
        } else {
            band.category = group.other ? -1 : static_cast<int>(i);
            band.name = group.other    ? QCoreApplication::translate("faultline::TimelineBand", "others")
                        : group.absent ? QCoreApplication::translate("faultline::TimelineBand", "(absent)")
                                       : oneLine(group.name, kNameBytes);
            band.title = band.name;
        }
        bands.push_back(std::move(band));
    }
    if (bySeverity)
        std::stable_sort(bands.begin(), bands.end(), [](const TimelineBand& a, const TimelineBand& b) {
            return a.severity > b.severity;
        });
    return bands;
}

QColor bandColour(const TimelineBand& band, const Theme& theme)
{
    if (band.severity >= 0) return theme.severity[static_cast<std::size_t>(band.severity)];
    if (band.category < 0) return theme.dim;
    return theme.categories[static_cast<std::size_t>(band.category) % theme.categories.size()];
}

QString axisLabel(double value, bool rate)
{
    if (!rate) return compactNumber(static_cast<quint64>(value));
    const QString number = value < 10 ? QLocale::c().toString(value, 'g', 2)
                                      : compactNumber(static_cast<quint64>(std::llround(value)));
    return number + QStringLiteral("/s");
}

QString barText(const TimelineData& data, const std::vector<TimelineBand>& bands, const BarsSaid& bars)
{
    const auto first = static_cast<std::size_t>(bars.first), last = static_cast<std::size_t>(bars.last);
    std::uint64_t total = 0;
    double peak = 0;
    for (std::size_t at = first; at <= last; ++at) {
        total += data.totals[at];
        peak = std::max(peak, data.peakRate(at));
    }
    const int digits = fractionFor(data.step);
    const QString gap = QStringLiteral("  ");
    QString text = formatTimeForPeople(bars.range.begin, digits, bars.zone);
    if (first == last) {
        text += gap + QLatin1Char('+') + formatSpan(data.step);
    } else {
        const QString end = formatTimeForPeople(bars.range.end, digits, bars.zone);
        text = QCoreApplication::translate("faultline::TimelineBand", "%1 to %2")
                   .arg(text, end.left(10) == text.left(10) ? end.mid(11) : end);
        if (const std::uint64_t length = lengthOf(bars.range); length <= static_cast<std::uint64_t>(kTimeMax))
            text += gap + formatSpan(static_cast<TimeNs>(length));
    }
    text += gap + eventCount(total);
    if (!bars.exact) text += QCoreApplication::translate("faultline::TimelineBand", " so far");
    if (bars.rates && total != 0) {
        const double seconds = static_cast<double>(data.step) * static_cast<double>(last - first + 1) / 1e9;
        text += gap + QCoreApplication::translate("faultline::TimelineBand", "mean %1, peak %2")
                          .arg(axisLabel(static_cast<double>(total) / seconds, true), axisLabel(peak, true));
    }
    for (const TimelineBand& band : bands) {
        if (band.severity == 0) continue;
        std::uint64_t count = 0;
        for (std::size_t at = first; at <= last; ++at) count += data.groups[band.group].counts[at];
        if (count != 0)
            text += gap + band.name + QLatin1Char(' ') + QLocale().toString(static_cast<qulonglong>(count));
    }
    return text;
}

} // namespace faultline
