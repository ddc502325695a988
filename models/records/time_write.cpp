#include "models/records/civil_date.h"
#include "models/records/time_parts.h"

#include <cstring>

namespace faultline {
namespace timetext {
namespace {

using Form = TimeLayout::Form;
using Zone = TimeLayout::Zone;

/// "00" to "99".
constexpr std::array<char, 200> kPairs = [] {
    std::array<char, 200> table{};
    for (std::size_t i = 0; i < 100; ++i) {
        table[2 * i] = static_cast<char>('0' + i / 10);
        table[2 * i + 1] = static_cast<char>('0' + i % 10);
    }
    return table;
}();

char* putTwo(char* to, int value)
{
    std::memcpy(to, kPairs.data() + 2 * value, 2);
    return to + 2;
}

/// `count` digits, at most nine, with leading zeros.
char* putDigits(char* to, std::int64_t number, int count)
{
    auto value = static_cast<std::uint32_t>(number);
    int i = count;
    for (; i >= 2; i -= 2) {
        putTwo(to + i - 2, static_cast<int>(value % 100));
        value /= 100;
    }
    if (i == 1) *to = static_cast<char>('0' + value);
    return to + count;
}

char* putText(char* to, std::string_view text)
{
    std::memcpy(to, text.data(), text.size());
    return to + text.size();
}

char* putFraction(char* to, std::int64_t nanos, const TimeLayout& layout)
{
    if (layout.digits == 0) return to;
    *to++ = layout.fractionMark;
    return putDigits(to, nanos / kPow10[9U - layout.digits], layout.digits);
}

char* putDate(char* to, const CivilTime& c, char mark)
{
    to = putTwo(to, c.year / 100);
    to = putTwo(to, c.year % 100);
    *to++ = mark;
    to = putTwo(to, c.month);
    *to++ = mark;
    return putTwo(to, c.day);
}

char* putClock(char* to, const CivilTime& c)
{
    to = putTwo(to, c.hour);
    *to++ = ':';
    to = putTwo(to, c.minute);
    *to++ = ':';
    return putTwo(to, c.second);
}

char* putUnsigned(char* to, std::uint64_t value)
{
    std::array<char, 20> digits;
    std::size_t first = digits.size();
    for (; value >= 100; value /= 100) putTwo(digits.data() + (first -= 2), static_cast<int>(value % 100));
    if (value >= 10)
        putTwo(digits.data() + (first -= 2), static_cast<int>(value));
    else
        digits[--first] = static_cast<char>('0' + value);
    std::memcpy(to, digits.data() + first, digits.size() - first);
    return to + (digits.size() - first);
}

char* putEpoch(char* to, TimeNs ns, const TimeLayout& layout)
{
    auto magnitude = static_cast<std::uint64_t>(ns);
    if (ns < 0) {
        *to++ = '-';
        magnitude = 0 - magnitude;
    }
    if (layout.form == Form::EpochInt)
        return putUnsigned(to, magnitude / static_cast<std::uint64_t>(kPow10[9U - layout.unit]));
    constexpr auto second = static_cast<std::uint64_t>(kSecondNs);
    to = putUnsigned(to, magnitude / second);
    return putFraction(to, static_cast<std::int64_t>(magnitude % second), layout);
}

} // namespace

char* putZone(char* to, const TimeLayout& layout)
{
    if (layout.zone == Zone::None) return to;
    if (layout.zone == Zone::Z || layout.zone == Zone::LowerZ) {
        *to++ = layout.zone == Zone::Z ? 'Z' : 'z';
        return to;
    }
    const int minutes = layout.offsetMinutes < 0 ? -layout.offsetMinutes : layout.offsetMinutes;
    *to++ = layout.offsetMinutes < 0 ? '-' : '+';
    to = putTwo(to, minutes / 60);
    if (layout.zone == Zone::HourOffset) return to;
    if (layout.zone == Zone::ColonOffset) *to++ = ':';
    return putTwo(to, minutes % 60);
}

char* putTime(char* to, TimeNs ns, const TimeLayout& layout)
{
    if (layout.form == Form::EpochInt || layout.form == Form::EpochDecimal) return putEpoch(to, ns, layout);
    if (layout.form == Form::None) return to;
    const CivilTime c = civilFromNs(ns, layout.offsetMinutes);
    const auto month = kMonths.substr(static_cast<std::size_t>(c.month - 1) * 3, 3);
    switch (layout.form) {
    case Form::Rfc3339:
        to = putDate(to, c, '-');
        *to++ = layout.separator;
        return putZone(putFraction(putClock(to, c), c.nanos, layout), layout);
    case Form::Slashed:
        to = putDate(to, c, '/');
        *to++ = ' ';
        return putFraction(putClock(to, c), c.nanos, layout);
    case Form::ClfDate:
        to = putTwo(to, c.day);
        *to++ = '/';
        to = putText(to, month);
        *to++ = '/';
        to = putDigits(to, c.year, 4);
        *to++ = ':';
        to = putClock(to, c);
        *to++ = ' ';
        return putZone(to, layout);
    case Form::Rfc1123: {
        const int weekday = weekdayOf(daysFromCivil(c.year, c.month, c.day));
        to = putText(to, kWeekdays.substr(static_cast<std::size_t>(weekday) * 3, 3));
        to = putText(to, ", ");
        to = putTwo(to, c.day);
        *to++ = ' ';
        to = putText(to, month);
        *to++ = ' ';
        to = putDigits(to, c.year, 4);
        *to++ = ' ';
        return putText(putClock(to, c), " GMT");
    }
    default: return to;
    }
}

} // namespace timetext

void formatTime(TimeNs ns, const TimeLayout& layout, std::string& out)
{
    std::array<char, timetext::kLongestFormatted> buffer;
    const char* end = timetext::putTime(buffer.data(), ns, layout);
    out.append(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
}

std::string formatRfc3339(TimeNs ns)
{
    TimeLayout layout;
    layout.form = TimeLayout::Form::Rfc3339;
    layout.digits = 9;
    layout.zone = TimeLayout::Zone::Z;
    std::string out;
    formatTime(ns, layout, out);
    return out;
}

} // namespace faultline
