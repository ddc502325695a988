#pragma once
#include "models/base/time.h"

#include <array>
#include <cstdint>
#include <optional>

namespace faultline {

/// A point of the proleptic Gregorian calendar, without a zone.
struct CivilTime
{
    int year = 0;
    int month = 1; ///< 1 to 12
    int day = 1;   ///< 1 to 31
    int hour = 0;
    int minute = 0;
    int second = 0; ///< 0 to 59
    std::int64_t nanos = 0;
    bool operator==(const CivilTime&) const = default;
};

constexpr bool isLeapYear(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

constexpr int daysInMonth(int year, int month)
{
    constexpr std::array<int, 13> days = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && isLeapYear(year) ? 29 : days[static_cast<std::size_t>(month)];
}

/// Days since 1970-01-01 of a date; any year from -9999 to 99999. (400-year eras that start in March, so that
/// the leap day is the last of its year.)
constexpr std::int64_t daysFromCivil(int year, int month, int day)
{
    const std::int64_t y = month <= 2 ? year - 1 : year;
    const std::int64_t era = (y >= 0 ? y : y - 399) / 400;
    const std::int64_t yearOfEra = y - era * 400;
    const std::int64_t dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    const std::int64_t dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear;
    return era * 146097 + dayOfEra - 719468;
}

/// The day of the week of a day number: 0 Sunday ... 6 Saturday.
constexpr int weekdayOf(std::int64_t days)
{
    return static_cast<int>(((days + 4) % 7 + 7) % 7);
}

/// The calendar's reading of `ns`, shifted east by `offsetMinutes`.
CivilTime civilFromNs(TimeNs ns, int offsetMinutes);

/// The reverse; nothing when the fields are out of range or the result does not fit TimeNs.
std::optional<TimeNs> nsFromCivil(const CivilTime& civil, int offsetMinutes);

} // namespace faultline
