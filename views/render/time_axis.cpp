#include "views/render/time_axis.h"

#include "models/base/time_math.h"
#include "models/records/time_text.h"

#include <QCoreApplication>

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>

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
    if (rest >= 0) return time - rest;
    TimeNs floor = 0;
    return __builtin_sub_overflow(time - rest, step, &floor) ? kTimeMin : floor;
}

} // namespace

TimeNs roundStep(TimeNs span, std::size_t buckets)
{
    return stepFor(std::max<TimeNs>(span, 1), static_cast<double>(std::max<std::size_t>(buckets, 1)));
}

QString formatTimeForPeople(TimeNs time, int fractionDigits, const DisplayZone& zone)
{
    return formatTimeAt(time, fractionDigits, zone.offset(time));
}

QString formatTimeAt(TimeNs time, int fractionDigits, int offset)
{
    TimeNs shown = 0;
    if (__builtin_add_overflow(time, offset * kSecondNs, &shown)) shown = time;
    time = shown;
    const std::string full = formatRfc3339(time); // 2023-01-29T08:42:22.383150913Z
    QString text =
        QString::fromLatin1(full.data(), 10) + QLatin1Char(' ') + QString::fromLatin1(full.data() + 11, 8);
    if (fractionDigits > 0 && full.size() > 20)
        text += QLatin1Char('.') + QString::fromLatin1(full.data() + 20, std::min(fractionDigits, 9));
    return text;
}

int fractionFor(TimeNs length)
{
    return length >= kSecondNs ? 0 : length >= kMs ? 3 : length >= 1'000 ? 6 : 9;
}

TimeNs roundStep(TimeRange range, std::size_t buckets)
{
    const std::uint64_t length = lengthOf(range);
    return length <= static_cast<std::uint64_t>(kTimeMax) ? roundStep(static_cast<TimeNs>(length), buckets)
                                                          : roundStep(kTimeMax, buckets / 2);
}

QString formatRange(TimeRange range, const DisplayZone& zone)
{
    const std::uint64_t span = lengthOf(range);
    const bool sayable = span <= static_cast<std::uint64_t>(kTimeMax);
    const QString length = sayable ? formatSpan(static_cast<TimeNs>(span))
                                   : QCoreApplication::translate("faultline", "everything");
    const int digits = sayable ? fractionFor(static_cast<TimeNs>(span / 10)) : 0;
    QString begin = formatTimeForPeople(range.begin, digits, zone);
    const QString before = zone.suffix(range.begin), after = zone.suffix(range.end);
    if (before != after) begin += QLatin1Char(' ') + before;
    return QCoreApplication::translate("faultline", "%1 to %2 %3 (%4)")
        .arg(begin, formatTimeForPeople(range.end, digits, zone), after, length);
}

QString formatSpan(TimeNs span)
{
    struct Unit
    {
        TimeNs size, part;
        const char *name, *partName;
    };
    static constexpr std::array<Unit, 6> units{{{365 * kDay, kDay, "y", "d"},
                                                {kDay, kHour, "d", "h"},
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

namespace {

using Days = std::chrono::sys_days;

Days dayOf(TimeNs time)
{
    return Days(std::chrono::floor<std::chrono::days>(std::chrono::nanoseconds(time)));
}

/// Midnight of a day, where the clock of events reaches it.
std::optional<TimeNs> timeOf(Days day)
{
    TimeNs time = 0;
    if (__builtin_mul_overflow(static_cast<TimeNs>(day.time_since_epoch().count()), kDay, &time)) return {};
    return time;
}

QString digits(int number, int width)
{
    return QStringLiteral("%1").arg(number, width, 10, QLatin1Char('0'));
}

/// Ticks so far of a range of one offset, which is added to its times.
struct Ticks
{
    std::vector<TimeTick> all;
    int offset = 0;
    QString lastDate;
    void add(TimeNs wall, QString label, bool major)
    {
        all.push_back({wall - offset * kSecondNs, std::move(label), major});
    }
    bool full() const { return all.size() >= 1'000; }
};

void dayTicks(TimeRange range, int step, Ticks& ticks)
{
    const std::chrono::year_month_day first(dayOf(range.begin));
    std::chrono::year_month month(first.year(), first.month());
    // Counted from the first of a month, so that every month has the same days; none is too near to the next.
    for (; !ticks.full(); month += std::chrono::months(1)) {
        const int last = static_cast<int>(
            static_cast<unsigned>(std::chrono::year_month_day_last(month / std::chrono::last).day()));
        for (int day = 1; (last + 1 - day) * 5 >= step * 4; day += step) {
            const auto time = timeOf(Days(month / std::chrono::day(static_cast<unsigned>(day))));
            if (!time || *time >= range.end) return;
            if (*time < range.begin) continue;
            const bool whole = ticks.all.empty() || (day == 1 && month.month() == std::chrono::January);
            const QString date = digits(static_cast<int>(static_cast<unsigned>(month.month())), 2) +
                                 QLatin1Char('-') + digits(day, 2);
            ticks.add(*time,
                      whole ? digits(static_cast<int>(month.year()), 4) + QLatin1Char('-') + date : date,
                      whole || day == 1);
        }
    }
}

void monthTicks(TimeRange range, int step, Ticks& ticks)
{
    const std::chrono::year_month_day first(dayOf(range.begin));
    std::chrono::year year = first.year();
    // Years that many apart begin at a multiple; parts of a year at its first month.
    if (step >= 12) {
        const int years = step / 12, behind = ((static_cast<int>(year) % years) + years) % years;
        year -= std::chrono::years(behind);
    }
    for (std::chrono::year_month month(year, std::chrono::January); !ticks.full();
         month += std::chrono::months(step)) {
        const auto time = timeOf(Days(month / std::chrono::day(1)));
        if (!time) {
            if (static_cast<int>(month.year()) < 1970) continue;
            return;
        }
        if (*time >= range.end) return;
        if (*time < range.begin) continue;
        const bool january = month.month() == std::chrono::January;
        QString label = digits(static_cast<int>(month.year()), 4);
        if (step < 12)
            label += QLatin1Char('-') + digits(static_cast<int>(static_cast<unsigned>(month.month())), 2);
        ticks.add(*time, label, step < 12 && january);
    }
}

/// Ticks of a fixed length, which all begin at midnight.
void clockTicks(TimeRange range, TimeNs step, Ticks& ticks)
{
    const int decimals = step >= kSecondNs ? 0 : step >= kMs ? 3 : 6;
    TimeNs time = floorTo(range.begin, step);
    if (time < range.begin && __builtin_add_overflow(time, step, &time)) return;
    for (; time < range.end && !ticks.full();) {
        const QString full = formatTimeForPeople(time, decimals);
        const QString date = full.left(10);
        const bool major = date != ticks.lastDate;
        QString label = full.mid(11, decimals > 0 ? -1 : step >= kMinute ? 5 : 8);
        // The first label says which day it is, and midnight begins one.
        if (major) label = ticks.all.empty() ? date.mid(5) + QLatin1Char(' ') + label : date.mid(5);
        ticks.lastDate = date;
        ticks.add(time, std::move(label), major);
        if (__builtin_add_overflow(time, step, &time)) break;
    }
}

} // namespace

std::vector<TimeTick> timeTicks(TimeRange range, int pixels, int spacing, const DisplayZone& zone)
{
    if (range.end <= range.begin || pixels <= 0) return {};
    // The whole range of times is wider than a TimeNs can say.
    const double span = static_cast<double>(range.end) - static_cast<double>(range.begin);
    const double atMost = std::max(1.0, static_cast<double>(pixels) / std::max(spacing, 1));
    const auto fits = [&](double step) { return span / step <= atMost; };
    Ticks ticks;
    // From months on an hour is less than a pixel: one offset does, and none of a day is worth the search.
    constexpr std::size_t kMostPieces = 64;
    const auto each = [&](std::size_t most, const auto& make) {
        for (const DisplayZone::Piece& piece : zone.pieces(range, most)) {
            const TimeNs shift = piece.offset * kSecondNs;
            TimeRange wall;
            if (__builtin_add_overflow(piece.range.begin, shift, &wall.begin)) wall.begin = kTimeMin;
            if (__builtin_add_overflow(piece.range.end, shift, &wall.end)) wall.end = kTimeMax;
            ticks.offset = piece.offset;
            make(wall);
        }
        return std::move(ticks.all);
    };
    for (const TimeNs step : kSteps)
        if (step < kDay && fits(static_cast<double>(step)))
            return each(kMostPieces, [&](const TimeRange& wall) { clockTicks(wall, step, ticks); });
    for (const int days : {1, 2, 5, 10})
        if (fits(static_cast<double>(kDay) * days))
            return each(kMostPieces, [&](const TimeRange& wall) { dayTicks(wall, days, ticks); });
    constexpr double kMonth = 30.4 * static_cast<double>(kDay);
    for (const int months : {1, 3, 6, 12, 24, 60, 120, 240, 600})
        if (fits(kMonth * months))
            return each(1, [&](const TimeRange& wall) { monthTicks(wall, months, ticks); });
    return each(1, [&](const TimeRange& wall) { monthTicks(wall, 1'200, ticks); });
}

} // namespace faultline
