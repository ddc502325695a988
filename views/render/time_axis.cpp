#include "views/render/time_axis.h"

#include "models/records/time_text.h"

#include <algorithm>
#include <array>

namespace faultline {
namespace {

constexpr TimeNs kMs = 1'000'000, kMinute = 60 * kSecondNs, kHour = 60 * kMinute, kDay = 24 * kHour;
constexpr std::array<TimeNs, 31> kSteps{1'000,          10'000,         100'000,       kMs,
                                        2 * kMs,        5 * kMs,        10 * kMs,      20 * kMs,
                                        50 * kMs,       100 * kMs,      200 * kMs,     500 * kMs,
                                        kSecondNs,      2 * kSecondNs,  5 * kSecondNs, 10 * kSecondNs,
                                        15 * kSecondNs, 30 * kSecondNs, kMinute,       2 * kMinute,
                                        5 * kMinute,    10 * kMinute,   15 * kMinute,  30 * kMinute,
                                        kHour,          3 * kHour,      6 * kHour,     12 * kHour,
                                        kDay,           7 * kDay,       28 * kDay};

TimeNs stepFor(TimeNs span, double atMost)
{
    for (const TimeNs step : kSteps)
        if (static_cast<double>(span) / static_cast<double>(step) <= atMost) return step;
    TimeNs step = 364 * kDay;
    while (static_cast<double>(span) / static_cast<double>(step) > atMost && step < kTimeMax / 4) step *= 2;
    return step;
}

TimeNs floorTo(TimeNs time, TimeNs step)
{
    const TimeNs rest = time % step;
    return rest < 0 ? time - rest - step : time - rest;
}

} // namespace

TimeNs roundStep(TimeNs span, std::size_t buckets)
{
    return stepFor(std::max<TimeNs>(span, 1), static_cast<double>(std::max<std::size_t>(buckets, 1)));
}

QString formatTimeForPeople(TimeNs time, int fractionDigits)
{
    const std::string full = formatRfc3339(time); // 2023-01-29T08:42:22.383150913Z
    QString text =
        QString::fromLatin1(full.data(), 10) + QLatin1Char(' ') + QString::fromLatin1(full.data() + 11, 8);
    if (fractionDigits > 0 && full.size() > 20)
        text += QLatin1Char('.') + QString::fromLatin1(full.data() + 20, std::min(fractionDigits, 9));
    return text;
}

QString formatSpan(TimeNs span)
{
    struct Unit
    {
        TimeNs size, part;
        const char *name, *partName;
    };
    static constexpr std::array<Unit, 5> units{{{kDay, kHour, "d", "h"},
                                                {kHour, kMinute, "h", "min"},
                                                {kMinute, kSecondNs, "min", "s"},
                                                {kSecondNs, kMs, "s", "ms"},
                                                {kMs, 1'000, "ms", "us"}}};
    for (const Unit& unit : units) {
        if (span < unit.size) continue;
        QString text = QString::number(span / unit.size) + QLatin1Char(' ') + QLatin1String(unit.name);
        if (const TimeNs rest = span % unit.size / unit.part; rest > 0)
            text +=
                QLatin1Char(' ') + QString::number(rest) + QLatin1Char(' ') + QLatin1String(unit.partName);
        return text;
    }
    return QString::number(span) + QStringLiteral(" ns");
}

std::vector<TimeTick> timeTicks(TimeRange range, int pixels, int spacing)
{
    std::vector<TimeTick> ticks;
    if (range.end <= range.begin || pixels <= 0) return ticks;
    const TimeNs span = range.end - range.begin;
    if (span <= 0) return ticks;
    const TimeNs step = stepFor(span, std::max(1.0, static_cast<double>(pixels) / std::max(spacing, 1)));
    const int digits = step >= kSecondNs ? 0 : step >= kMs ? 3 : 6;
    QString lastDate;
    for (TimeNs time = floorTo(range.begin + step - 1, step); time < range.end && ticks.size() < 1'000;
         time += step) {
        const QString full = formatTimeForPeople(time, digits);
        const QString date = full.left(10);
        TimeTick tick;
        tick.time = time;
        tick.major = date != lastDate;
        if (step >= kDay)
            tick.label = date;
        else {
            tick.label = full.mid(11, digits > 0 ? -1 : step >= kMinute ? 5 : 8);
            if (tick.major) tick.label = date.mid(5) + QLatin1Char(' ') + tick.label;
        }
        lastDate = date;
        ticks.push_back(tick);
        if (time > kTimeMax - step) break;
    }
    return ticks;
}

} // namespace faultline
