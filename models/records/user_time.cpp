#include "models/records/user_time.h"

#include "models/records/civil_date.h"
#include "models/records/time_text.h"

#include <algorithm>
#include <limits>

namespace faultline {
namespace {

/// A number of fewer seconds since 1970 is a mistyped date or a time of day more often than a time in 1972.
constexpr TimeNs kFirstEpoch = 100'000'000 * kSecondNs;
constexpr TimeNs kMinuteNs = 60 * kSecondNs, kHourNs = 60 * kMinuteNs, kDayNs = 24 * kHourNs;

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

std::string_view trimmed(std::string_view text)
{
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return text;
}

int number(std::string_view text, std::size_t from, std::size_t count)
{
    int value = 0;
    for (std::size_t i = from; i < from + count; ++i) {
        if (!isDigit(text[i])) return -1;
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

UserTime spanOf(TimeNs first, std::int64_t length)
{
    UserTime time{first, first};
    if (__builtin_add_overflow(first, length - 1, &time.last)) time.last = kTimeMax;
    return time;
}

/// Year, month and day, with `step` for the last that is given; from midnight in UTC.
std::optional<UserTime> calendar(CivilTime begin, int CivilTime::*step)
{
    const auto first = nsFromCivil(begin, 0);
    if (!first) return std::nullopt;
    if (step == &CivilTime::day) return spanOf(*first, kDayNs);
    ++(begin.*step);
    if (begin.month > 12) {
        begin.month = 1;
        ++begin.year;
    }
    const auto behind = nsFromCivil(begin, 0);
    return UserTime{*first, behind ? *behind - 1 : kTimeMax};
}

/// YYYY, YYYY-MM and YYYY-MM-DD, also with slashes.
std::optional<UserTime> readDateAlone(std::string_view text)
{
    if (text.size() != 4 && text.size() != 7 && text.size() != 10) return std::nullopt;
    CivilTime civil;
    civil.year = number(text, 0, 4);
    if (text.size() == 4) return calendar(civil, &CivilTime::year);
    if (text[4] != '-' && text[4] != '/') return std::nullopt;
    civil.month = number(text, 5, 2);
    if (text.size() == 7) return calendar(civil, &CivilTime::month);
    if (text[7] != text[4]) return std::nullopt;
    civil.day = number(text, 8, 2);
    return calendar(civil, &CivilTime::day);
}

bool isDateFirst(std::string_view text)
{
    return text.size() > 10 && (text[4] == '-' || text[4] == '/') && text[7] == text[4];
}

/// 2026-11-22T15, with or without a zone: as long as the hour.
std::optional<UserTime> readHour(std::string_view text)
{
    constexpr std::size_t kHourEnd = 13, kLongest = 24;
    if (!isDateFirst(text) || text.size() < kHourEnd || text.size() > kLongest) return std::nullopt;
    if (!isDigit(text[11]) || !isDigit(text[12])) return std::nullopt;
    if (text.size() > kHourEnd && text[kHourEnd] == ':') return std::nullopt;
    std::string whole(text.substr(0, kHourEnd));
    whole += ":00";
    whole += text.substr(kHourEnd);
    const auto parsed = parseTime(whole, {0, 0});
    if (!parsed) return std::nullopt;
    return spanOf(parsed->ns, kHourNs);
}

/// How long the last part of a written clock is; 1 for what has none.
std::int64_t clockLength(std::string_view text)
{
    const std::size_t colon =
        text.rfind(':', text.size() > 6 && text[text.size() - 3] == ':' &&
                                (text[text.size() - 6] == '+' || text[text.size() - 6] == '-')
                            ? text.size() - 6
                            : std::string_view::npos);
    if (colon == std::string_view::npos) return 1;
    if (isDateFirst(text) && colon < 16) return kMinuteNs;
    const std::size_t point = text.find_first_of(".,", colon);
    if (point == std::string_view::npos) return kSecondNs;
    std::int64_t span = kSecondNs;
    for (std::size_t i = point + 1; i < text.size() && isDigit(text[i]) && span > 1; ++i) span /= 10;
    return span;
}

/// Digits, maybe with a sign and a fraction: an epoch, if anything.
bool isBareNumber(std::string_view text)
{
    if (text.starts_with('-')) text.remove_prefix(1);
    return !text.empty() && text.find_first_not_of("0123456789.") == std::string_view::npos;
}

std::optional<TimeNs> readNow(std::string_view behind, TimeNs now)
{
    if (behind.empty()) return now;
    const char sign = behind.front();
    behind.remove_prefix(1);
    if ((sign != '-' && sign != '+') || (!behind.empty() && behind.front() == '-')) return std::nullopt;
    const auto distance = parseDuration(behind);
    TimeNs result = 0;
    if (!distance || __builtin_add_overflow(now, sign == '-' ? -*distance : *distance, &result))
        return std::nullopt;
    return result;
}

} // namespace

std::optional<UserTime> readUserTime(std::string_view text, TimeNs now)
{
    text = trimmed(text);
    if (text.starts_with("now")) {
        const auto time = readNow(text.substr(3), now);
        return time ? std::optional(UserTime{*time, *time}) : std::nullopt;
    }
    if (const auto date = readDateAlone(text)) return date;
    if (const auto hour = readHour(text)) return hour;
    const auto parsed = parseTime(text, {0, now});
    if (!parsed) return std::nullopt;
    if (isBareNumber(text))
        return parsed->ns < kFirstEpoch ? std::nullopt : std::optional(UserTime{parsed->ns, parsed->ns});
    return spanOf(parsed->ns, clockLength(text));
}

std::optional<TimeNs> parseUserTime(std::string_view text, TimeNs now)
{
    const auto time = readUserTime(text, now);
    return time ? std::optional(time->first) : std::nullopt;
}

std::string userTimeHint(std::string_view text, std::string_view day)
{
    text = trimmed(text);
    const std::size_t colon = text.find(':');
    const bool clock = (colon == 1 || colon == 2) && text.size() >= colon + 3 && isDigit(text[0]) &&
                       isDigit(text[colon - 1]) && number(text, colon + 1, 2) >= 0;
    if (clock)
        return "A time of day needs its date: " + std::string(day) + (colon == 1 ? "T0" : "T") +
               std::string(text.substr(0, 40)) + ".";
    if (isBareNumber(text) && text.size() <= 16)
        return "A number is a year of four digits, or an epoch from 100000000 s (1973) on; a date is "
               "2026-11-22.";
    return {};
}

} // namespace faultline
