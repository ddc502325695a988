#pragma once
#include "models/records/time_text.h"

#include <array>

/// What reading and writing of times share. Nothing outside time_*.cpp includes this.
namespace faultline::timetext {

inline constexpr std::array<std::int64_t, 19> kPow10 = [] {
    std::array<std::int64_t, 19> table{};
    std::int64_t power = 1;
    for (auto& entry : table) {
        entry = power;
        if (power <= INT64_MAX / 10) power *= 10;
    }
    return table;
}();
inline constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
inline constexpr std::string_view kWeekdays = "SunMonTueWedThuFriSat";
inline constexpr std::size_t kLongestFormatted = 48;

constexpr bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

/// The decimal power of the unit that an epoch of this magnitude is written in (wire-formats: below 1e11
/// seconds, 1e14 milliseconds, 1e17 microseconds, else nanoseconds).
constexpr std::uint8_t unitOfMagnitude(std::uint64_t magnitude)
{
    if (magnitude < 100'000'000'000ULL) return 0;
    if (magnitude < 100'000'000'000'000ULL) return 3;
    if (magnitude < 100'000'000'000'000'000ULL) return 6;
    return 9;
}

/// Writes the text of `ns`, at most kLongestFormatted bytes; returns its end.
char* putTime(char* to, TimeNs ns, const TimeLayout& layout);
/// Writes the layout's zone, at most six bytes.
char* putZone(char* to, const TimeLayout& layout);

} // namespace faultline::timetext
