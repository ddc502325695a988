#include "models/records/time_text.h"

#include "models/records/civil_date.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

namespace faultline {
namespace {

using Form = TimeLayout::Form;
using Zone = TimeLayout::Zone;
static_assert(std::endian::native == std::endian::little, "the fast path reads eight digits as one number");

constexpr std::array<std::int64_t, 19> kPow10 = [] {
    std::array<std::int64_t, 19> table{};
    std::int64_t power = 1;
    for (auto& entry : table) {
        entry = power;
        if (power <= INT64_MAX / 10) power *= 10;
    }
    return table;
}();
constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
constexpr std::string_view kWeekdays = "SunMonTueWedThuFriSat";
constexpr std::size_t kLongestTime = 96; ///< no time is longer; keeps hostile fractions cheap
constexpr std::size_t kLongestFormatted = 48;

constexpr bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

/// The text of a time, read from the left. Every step moves on only when it succeeds.
class Reader
{
public:
    explicit Reader(std::string_view text) : m_text(text) {}
    bool done() const { return m_text.empty(); }
    char peek() const { return m_text.empty() ? '\0' : m_text.front(); }
    char peekAt(std::size_t i) const { return i < m_text.size() ? m_text[i] : '\0'; }

    bool skip(char c)
    {
        if (peek() != c || m_text.empty()) return false;
        m_text.remove_prefix(1);
        return true;
    }
    bool skip(std::string_view word)
    {
        if (m_text.substr(0, word.size()) != word) return false;
        m_text.remove_prefix(word.size());
        return true;
    }
    /// Exactly `count` digits.
    bool number(std::size_t count, int& value)
    {
        if (m_text.size() < count) return false;
        int sum = 0;
        for (std::size_t i = 0; i < count; ++i) {
            if (!isDigit(m_text[i])) return false;
            sum = sum * 10 + (m_text[i] - '0');
        }
        value = sum;
        m_text.remove_prefix(count);
        return true;
    }
    /// A three-letter name out of `names` in any case; its index.
    bool name(std::string_view names, int& index)
    {
        if (m_text.size() < 3) return false;
        for (std::size_t i = 0; i < names.size(); i += 3) {
            const auto same = [&](std::size_t k) { return (m_text[k] | 0x20) == (names[i + k] | 0x20); };
            if (!same(0) || !same(1) || !same(2)) continue;
            index = static_cast<int>(i / 3);
            m_text.remove_prefix(3);
            return true;
        }
        return false;
    }
    /// Digits of a fraction: the first nine count, more are read over. Nothing read is a failure.
    bool fraction(std::int64_t& nanos, std::uint8_t& digits)
    {
        std::size_t count = 0;
        std::int64_t value = 0;
        while (count < m_text.size() && isDigit(m_text[count])) {
            if (count < 9) value = value * 10 + (m_text[count] - '0');
            ++count;
        }
        if (count == 0) return false;
        digits = static_cast<std::uint8_t>(std::min<std::size_t>(count, 9));
        nanos = value * kPow10[9U - digits];
        m_text.remove_prefix(count);
        return true;
    }

private:
    std::string_view m_text;
};

// ---------------------------------------------------------------- writing

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

/// Writes at most kLongestFormatted bytes; returns their end.
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

// ---------------------------------------------------------------- reading, any layout

/// What has been read of a text so far.
struct Draft
{
    CivilTime civil;
    TimeLayout layout;
    bool leapSecond = false;
    bool zoneAssumed = false;
    bool exact = true; ///< the layout may be able to write it again (proved at the end)
};

/// hh:mm:ss[frac], also hh:mm (java.time leaves seconds of 0 away).
bool readClock(Reader& in, Draft& draft)
{
    if (!in.number(2, draft.civil.hour) || !in.skip(':') || !in.number(2, draft.civil.minute)) return false;
    if (!in.skip(':')) {
        draft.exact = false;
        return true;
    }
    if (!in.number(2, draft.civil.second)) return false;
    if (draft.civil.second == 60) {
        draft.leapSecond = true;
        draft.exact = false;
    }
    if ((in.peek() == '.' || in.peek() == ',') && isDigit(in.peekAt(1))) {
        draft.layout.fractionMark = in.peek();
        in.skip(in.peek());
        return in.fraction(draft.civil.nanos, draft.layout.digits);
    }
    return true;
}

/// Z, +hh:mm, +hhmm, +hh, a space before them, UTC or GMT, or nothing: then the source's zone is assumed.
bool readZone(Reader& in, const TimeContext& context, Draft& draft)
{
    if (in.done()) {
        draft.zoneAssumed = true;
        draft.layout.offsetMinutes = context.zoneOffsetMinutes;
        return true;
    }
    if (in.skip(' ')) draft.exact = draft.layout.form == Form::ClfDate;
    if (in.skip('Z')) {
        draft.layout.zone = Zone::Z;
        return in.done();
    }
    if (in.skip('z')) {
        draft.layout.zone = Zone::LowerZ;
        return in.done();
    }
    if (in.skip("UTC") || in.skip("GMT")) {
        draft.exact = false;
        return in.done();
    }
    const bool west = in.peek() == '-';
    if (!in.skip('+') && !in.skip('-')) return false;
    int hours = 0;
    int minutes = 0;
    if (!in.number(2, hours)) return false;
    draft.layout.zone = Zone::HourOffset;
    if (in.skip(':')) {
        draft.layout.zone = Zone::ColonOffset;
        if (!in.number(2, minutes)) return false;
    } else if (in.number(2, minutes)) {
        draft.layout.zone = Zone::PlainOffset;
    }
    if (hours > 23 || minutes > 59) return false;
    const int offset = hours * 60 + minutes;
    draft.layout.offsetMinutes = static_cast<std::int16_t>(west ? -offset : offset);
    // Go prints "+0000 UTC": the name repeats what the offset says.
    if (in.skip(" UTC") || in.skip(" GMT")) draft.exact = false;
    return in.done();
}

std::optional<ParsedTime> finish(Draft& draft, std::string_view text)
{
    if (draft.leapSecond) {
        // Leap seconds are the last of a day in UTC. Where the zone is a guess any whole quarter will do.
        const int minuteOfDay = draft.civil.hour * 60 + draft.civil.minute - draft.layout.offsetMinutes;
        const bool plausible =
            draft.zoneAssumed ? draft.civil.minute % 15 == 14 : (minuteOfDay + 2 * 1440) % 1440 == 1439;
        if (!plausible) return std::nullopt;
        draft.civil.second = 59;
        draft.civil.nanos = kSecondNs - 1;
    }
    const auto ns = nsFromCivil(draft.civil, draft.layout.offsetMinutes);
    if (!ns || *ns == 0) return std::nullopt;
    ParsedTime parsed{*ns, {}, draft.zoneAssumed};
    if (draft.exact) {
        // The promise of the layout is proved, not argued: -00:00, a wrong weekday or a tenth digit fail
        // here.
        std::array<char, kLongestFormatted> again;
        const char* end = putTime(again.data(), *ns, draft.layout);
        if (std::string_view(again.data(), static_cast<std::size_t>(end - again.data())) == text)
            parsed.layout = draft.layout;
    }
    return parsed;
}

/// YYYY-MM-DD and YYYY/MM/DD with a clock behind.
std::optional<ParsedTime> parseDateFirst(std::string_view text, const TimeContext& context)
{
    Reader in(text);
    Draft draft;
    const char mark = text[4];
    if (!in.number(4, draft.civil.year) || !in.skip(mark) || !in.number(2, draft.civil.month) ||
        !in.skip(mark) || !in.number(2, draft.civil.day))
        return std::nullopt;
    const char separator = in.peek();
    const bool slashed = mark == '/';
    if (separator != ' ' && (slashed || (separator != 'T' && separator != 't' && separator != '_')))
        return std::nullopt;
    in.skip(separator);
    draft.layout.form = slashed ? Form::Slashed : Form::Rfc3339;
    if (!slashed) draft.layout.separator = separator;
    if (!readClock(in, draft) || !readZone(in, context, draft)) return std::nullopt;
    if (slashed && draft.layout.zone != Zone::None) draft.exact = false;
    return finish(draft, text);
}

/// ISO 8601's basic form: 20060102T150405[frac][zone].
std::optional<ParsedTime> parseBasic(std::string_view text, const TimeContext& context)
{
    Reader in(text);
    Draft draft;
    draft.exact = false;
    draft.layout.form = Form::Rfc3339;
    if (!in.number(4, draft.civil.year) || !in.number(2, draft.civil.month) ||
        !in.number(2, draft.civil.day) || !in.skip('T') || !in.number(2, draft.civil.hour) ||
        !in.number(2, draft.civil.minute) || !in.number(2, draft.civil.second))
        return std::nullopt;
    draft.leapSecond = draft.civil.second == 60;
    if ((in.skip('.') || in.skip(',')) && !in.fraction(draft.civil.nanos, draft.layout.digits))
        return std::nullopt;
    if (!readZone(in, context, draft)) return std::nullopt;
    return finish(draft, text);
}

/// 10/Oct/2000:13:55:36 -0700
std::optional<ParsedTime> parseClf(std::string_view text, const TimeContext& context)
{
    Reader in(text);
    Draft draft;
    draft.layout.form = Form::ClfDate;
    int month = 0;
    if (!in.number(2, draft.civil.day) || !in.skip('/') || !in.name(kMonths, month) || !in.skip('/') ||
        !in.number(4, draft.civil.year) || !in.skip(':') || !readClock(in, draft) || in.done() ||
        !readZone(in, context, draft))
        return std::nullopt;
    draft.civil.month = month + 1;
    if (draft.layout.zone != Zone::PlainOffset || draft.layout.digits != 0) draft.exact = false;
    return finish(draft, text);
}

/// Two digits of a day, or one with or without a space in front.
bool readDay(Reader& in, Draft& draft)
{
    if (in.number(2, draft.civil.day)) return true;
    in.skip(' ');
    draft.exact = false;
    return in.number(1, draft.civil.day);
}

/// RFC 3164 has no year: the one that brings the time nearest to `now`. A leap day looks up to eight years
/// away (1896 to 1904).
std::optional<ParsedTime> finishWithoutYear(Draft& draft, std::string_view text, const TimeContext& context)
{
    draft.exact = false;
    const int thisYear = civilFromNs(context.now, context.zoneOffsetMinutes).year;
    const bool leapDay = draft.civil.month == 2 && draft.civil.day == 29;
    const int reach = leapDay ? 8 : 1;
    std::optional<ParsedTime> best;
    std::uint64_t bestDistance = 0;
    for (int year = thisYear - reach; year <= thisYear + reach; ++year) {
        if (leapDay && !isLeapYear(year)) continue;
        Draft attempt = draft;
        attempt.civil.year = year;
        const auto parsed = finish(attempt, text);
        if (!parsed) continue;
        const auto distance =
            parsed->ns > context.now
                ? static_cast<std::uint64_t>(parsed->ns) - static_cast<std::uint64_t>(context.now)
                : static_cast<std::uint64_t>(context.now) - static_cast<std::uint64_t>(parsed->ns);
        if (best && distance >= bestDistance) continue;
        best = parsed;
        bestDistance = distance;
    }
    return best;
}

/// Texts that start with a name: RFC 1123 `Mon, 02 Jan 2006 15:04:05 GMT`, RFC 3164 `Jan  2 15:04:05`, C's
/// asctime() `Mon Jan  2 15:04:05 2006`, and RFC 3164 with the year that some devices add behind the day.
std::optional<ParsedTime> parseNamed(std::string_view text, const TimeContext& context)
{
    Reader in(text);
    Draft draft;
    int weekday = 0;
    int month = 0;
    const bool hasWeekday = in.name(kWeekdays, weekday);
    if (hasWeekday && in.skip(',')) {
        draft.layout.form = Form::Rfc1123;
        if (!in.skip(' ') || !readDay(in, draft) || !in.skip(' ') || !in.name(kMonths, month) ||
            !in.skip(' ') || !in.number(4, draft.civil.year) || !in.skip(' ') || !readClock(in, draft) ||
            in.done())
            return std::nullopt;
        draft.civil.month = month + 1;
        if (draft.layout.digits != 0) draft.exact = false;
        if (in.skip(" GMT")) return in.done() ? finish(draft, text) : std::nullopt;
        draft.exact = false;
        if (!readZone(in, context, draft)) return std::nullopt;
        draft.exact = false;
        return finish(draft, text);
    }
    if (hasWeekday && !in.skip(' ')) return std::nullopt;
    if (!in.name(kMonths, month) || !in.skip(' ') || !readDay(in, draft) || !in.skip(' '))
        return std::nullopt;
    draft.civil.month = month + 1;
    bool hasYear = in.peekAt(2) != ':' && in.number(4, draft.civil.year);
    if (hasYear && !in.skip(' ')) return std::nullopt;
    if (!readClock(in, draft)) return std::nullopt;
    if (!hasYear && in.peek() == ' ' && isDigit(in.peekAt(1))) {
        if (!in.skip(' ') || !in.number(4, draft.civil.year)) return std::nullopt;
        hasYear = true;
    }
    if (!readZone(in, context, draft)) return std::nullopt;
    draft.exact = false;
    return hasYear ? finish(draft, text) : finishWithoutYear(draft, text, context);
}

/// The decimal power of the unit that a number of this many whole seconds, milliseconds ... is written in.
std::uint8_t unitOfMagnitude(std::uint64_t magnitude)
{
    if (magnitude < 100'000'000'000ULL) return 0;
    if (magnitude < 100'000'000'000'000ULL) return 3;
    if (magnitude < 100'000'000'000'000'000ULL) return 6;
    return 9;
}

/// -?digits[.digits][e[+-]digits], read as digits: a double would lose nanoseconds.
std::optional<ParsedTime> parseEpoch(std::string_view text)
{
    const bool minus = text.front() == '-';
    std::array<char, kLongestTime> digits;
    std::size_t count = 0;
    std::size_t at = minus ? 1 : 0;
    int whole = 0; ///< digits in front of the point
    const std::size_t firstDigit = at;
    for (; at < text.size() && isDigit(text[at]); ++at, ++whole) digits[count++] = text[at];
    if (at == firstDigit) return std::nullopt;
    std::size_t fraction = 0;
    if (at < text.size() && text[at] == '.') {
        for (++at; at < text.size() && isDigit(text[at]); ++at, ++fraction) digits[count++] = text[at];
        if (fraction == 0) return std::nullopt;
    }
    bool exponent = false;
    if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
        exponent = true;
        ++at;
        const bool down = at < text.size() && text[at] == '-';
        if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
        int power = 0;
        const std::size_t start = at;
        for (; at < text.size() && isDigit(text[at]) && at - start < 3; ++at)
            power = power * 10 + (text[at] - '0');
        if (at == start) return std::nullopt;
        whole += down ? -power : power;
    }
    if (at != text.size()) return std::nullopt;
    const auto digitAt = [&](int i) {
        return i >= 0 && i < static_cast<int>(count) ? digits[static_cast<std::size_t>(i)] - '0' : 0;
    };
    std::uint64_t magnitude = 0;
    int first = 0;
    while (first < whole && digitAt(first) == 0) ++first;
    if (whole - first > 19) return std::nullopt;
    for (int i = first; i < whole; ++i) magnitude = magnitude * 10 + static_cast<std::uint64_t>(digitAt(i));
    const std::uint8_t unit = unitOfMagnitude(magnitude);
    // What stands behind the point, down to whole nanoseconds; finer digits are cut off.
    std::uint64_t below = 0;
    for (int i = whole; i < whole + 9 - unit; ++i)
        below = below * 10 + static_cast<std::uint64_t>(digitAt(i));
    std::uint64_t total = 0;
    if (__builtin_mul_overflow(magnitude, static_cast<std::uint64_t>(kPow10[9U - unit]), &total) ||
        __builtin_add_overflow(total, below, &total))
        return std::nullopt;
    constexpr std::uint64_t limit = std::uint64_t{1} << 63;
    if (total == 0 || total > limit || (total == limit && !minus)) return std::nullopt;
    Draft draft;
    draft.exact = !exponent && fraction <= 9 && (fraction == 0 || unit == 0);
    draft.layout.form = fraction > 0 ? Form::EpochDecimal : Form::EpochInt;
    draft.layout.digits = static_cast<std::uint8_t>(std::min<std::size_t>(fraction, 9));
    draft.layout.unit = fraction > 0 ? 0 : unit;
    ParsedTime parsed{static_cast<TimeNs>(minus ? 0 - total : total), {}, false};
    if (draft.exact) {
        std::array<char, kLongestFormatted> again;
        const char* end = putTime(again.data(), parsed.ns, draft.layout);
        if (std::string_view(again.data(), static_cast<std::size_t>(end - again.data())) == text)
            parsed.layout = draft.layout;
    }
    return parsed;
}

// ---------------------------------------------------------------- reading, one known layout

std::uint64_t load8(const char* from)
{
    std::uint64_t word = 0;
    std::memcpy(&word, from, sizeof word);
    return word;
}

constexpr std::uint64_t eightBytes(const char (&text)[9])
{
    std::uint64_t word = 0;
    for (int i = 7; i >= 0; --i) word = word << 8 | static_cast<unsigned char>(text[i]);
    return word;
}

/// How eight bytes must look: '0' in `form` stands for any digit, other bytes for themselves.
struct Mask8
{
    std::uint64_t form;
    std::uint64_t add; ///< lifts a byte over 0x7f unless it is a digit's value, or 0 where a mark stands
    explicit constexpr Mask8(const char (&text)[9]) : form(eightBytes(text)), add(0)
    {
        for (int i = 7; i >= 0; --i) add = add << 8 | (text[i] == '0' ? 0x76U : 0x7fU);
    }
    /// True when `word` looks so; `values` are then the digits' values, 0 where marks stand.
    bool matches(std::uint64_t word, std::uint64_t& values) const
    {
        values = word ^ form;
        return (((values + add) | values) & 0x8080808080808080ULL) == 0;
    }
};
constexpr Mask8 kDashedMonth("0000-00-");
constexpr Mask8 kSlashedMonth("0000/00/");
constexpr Mask8 kClock("00:00:00");
constexpr Mask8 kEight("00000000");

/// In byte i: ten times byte i plus byte i + 1, for each i: pairs of digits as numbers.
constexpr std::uint64_t pairs(std::uint64_t values)
{
    return values * 10 + (values >> 8);
}
constexpr int byteOf(std::uint64_t word, int i)
{
    return static_cast<int>(word >> (8 * i) & 0xff);
}

/// The value of eight digits, the first one in the lowest byte.
constexpr std::int64_t eightDigits(std::uint64_t values)
{
    values = (values * 10 + (values >> 8)) & 0x00ff00ff00ff00ffULL;
    values = (values * 100 + (values >> 16)) & 0x0000ffff0000ffffULL;
    return static_cast<std::int64_t>((values * 10000 + (values >> 32)) & 0xffffffffULL);
}

constexpr int kFirstYear = 1678; ///< whole years inside the range of TimeNs
constexpr int kLastYear = 2261;
constexpr auto kYearStart = [] {
    std::array<std::int32_t, kLastYear - kFirstYear + 1> table{};
    for (int year = kFirstYear; year <= kLastYear; ++year)
        table[static_cast<std::size_t>(year - kFirstYear)] =
            static_cast<std::int32_t>(daysFromCivil(year, 1, 1));
    return table;
}();
struct MonthSpan
{
    std::int16_t start; ///< days of the year before it
    std::int16_t days;
};
constexpr auto kMonthSpans = [] {
    std::array<std::array<MonthSpan, 16>, 2> table{}; // rows of 16: an index of four bits needs no check
    for (int leap = 0; leap < 2; ++leap) {
        int start = 0;
        for (int month = 1; month <= 12; ++month) {
            const int days = daysInMonth(leap ? 2000 : 2001, month);
            table[static_cast<std::size_t>(leap)][static_cast<std::size_t>(month)] = {
                static_cast<std::int16_t>(start), static_cast<std::int16_t>(days)};
            start += days;
        }
    }
    return table;
}();

/// YYYY-MM-DDThh:mm:ss of 19 bytes: whole seconds since 1970, without any zone. False when it is not exactly
/// so.
bool readDateAndClock(const char* text, const Mask8& month, char separator, std::int64_t& seconds)
{
    std::uint64_t date = 0;
    std::uint64_t clock = 0;
    if (!month.matches(load8(text), date) || !kClock.matches(load8(text + 11), clock)) return false;
    const unsigned dayTens = static_cast<unsigned char>(text[8]) - '0';
    const unsigned dayOnes = static_cast<unsigned char>(text[9]) - '0';
    if (dayTens > 9 || dayOnes > 9 || text[10] != separator) return false;
    date = pairs(date);
    clock = pairs(clock);
    const int year = byteOf(date, 0) * 100 + byteOf(date, 2);
    const int monthNumber = byteOf(date, 5);
    const int day = static_cast<int>(dayTens * 10 + dayOnes);
    const int hour = byteOf(clock, 0);
    const int minute = byteOf(clock, 3);
    const int second = byteOf(clock, 6);
    if (year < kFirstYear || year > kLastYear || monthNumber > 12 || hour > 23 || minute > 59 || second > 59)
        return false;
    const MonthSpan span = kMonthSpans[isLeapYear(year) ? 1 : 0][static_cast<std::size_t>(monthNumber)];
    if (day < 1 || day > span.days) return false; // month 0 has no days
    const std::int64_t days = kYearStart[static_cast<std::size_t>(year - kFirstYear)] + span.start + day - 1;
    seconds = days * 86400 + hour * 3600 + minute * 60 + second;
    return true;
}

/// `digits` digits that end at `end`, at least 18 readable bytes before it, as nanoseconds.
bool readFractionAt(const char* end, unsigned digits, std::int64_t& nanos)
{
    std::int64_t high = 0;
    unsigned low = digits;
    if (digits == 9) {
        const unsigned first = static_cast<unsigned char>(end[-9]) - '0';
        if (first > 9) return false;
        high = first * 100'000'000LL;
        low = 8;
    }
    // The digits are the upper bytes of the word; what stands before them becomes leading zeros.
    const unsigned shift = 8 * (8 - low);
    const std::uint64_t word = (load8(end - 8) ^ kEight.form) >> shift << shift;
    if ((((word + kEight.add) | word) & 0x8080808080808080ULL) != 0) return false;
    nanos = (high + eightDigits(word)) * kPow10[9 - digits];
    return true;
}

bool readZoneAs(const TimeLayout& layout, const char* at)
{
    if (layout.zone == Zone::None) return true;
    std::array<char, 8> expected;
    const char* end = putZone(expected.data(), layout);
    return std::memcmp(expected.data(), at, static_cast<std::size_t>(end - expected.data())) == 0;
}

constexpr std::array<std::uint8_t, 6> kZoneLength = {0, 1, 6, 5, 3, 1};

bool parseDateAs(const TimeLayout& layout, std::string_view text, TimeNs& ns)
{
    const bool slashed = layout.form == Form::Slashed;
    const std::size_t clockEnd = 19 + (layout.digits != 0 ? 1U + layout.digits : 0U);
    if (text.size() != clockEnd + kZoneLength[static_cast<std::size_t>(layout.zone)]) return false;
    std::int64_t seconds = 0;
    if (!readDateAndClock(text.data(), slashed ? kSlashedMonth : kDashedMonth,
                          slashed ? ' ' : layout.separator, seconds))
        return false;
    std::int64_t nanos = 0;
    if (layout.digits != 0 &&
        (text[19] != layout.fractionMark || !readFractionAt(text.data() + clockEnd, layout.digits, nanos)))
        return false;
    if (layout.zone == Zone::Z) {
        if (text.back() != 'Z') return false;
    } else if (!readZoneAs(layout, text.data() + clockEnd)) {
        return false;
    }
    // Years are bounded, so that this cannot overflow even with an offset of a day.
    ns = (seconds - std::int64_t{layout.offsetMinutes} * 60) * kSecondNs + nanos;
    return ns != 0;
}

bool parseEpochAs(const TimeLayout& layout, std::string_view text, TimeNs& ns)
{
    const std::size_t fraction = layout.form == Form::EpochDecimal ? layout.digits + 1U : 0U;
    if (text.size() <= fraction) return false;
    const bool minus = text.front() == '-';
    const std::size_t wholeEnd = text.size() - fraction;
    std::size_t at = minus ? 1 : 0;
    if (wholeEnd <= at || wholeEnd - at > 19 || (text[at] == '0' && wholeEnd - at > 1)) return false;
    std::uint64_t whole = 0; // 19 digits always fit
    for (; at < wholeEnd; ++at) {
        if (!isDigit(text[at])) return false;
        whole = whole * 10 + static_cast<std::uint64_t>(text[at] - '0');
    }
    if (unitOfMagnitude(whole) != layout.unit || whole > static_cast<std::uint64_t>(kTimeMax)) return false;
    std::int64_t below = 0;
    if (fraction != 0) {
        if (text[at] != '.') return false;
        for (++at; at < text.size(); ++at) {
            if (!isDigit(text[at])) return false;
            below = below * 10 + (text[at] - '0');
        }
        below *= kPow10[9U - layout.digits];
    }
    TimeNs value = 0;
    if (__builtin_mul_overflow(static_cast<std::int64_t>(whole), kPow10[9U - layout.unit], &value) ||
        __builtin_add_overflow(value, below, &value) || value == 0)
        return false;
    ns = minus ? -value : value;
    return true;
}

} // namespace

std::optional<ParsedTime> parseTime(std::string_view text, const TimeContext& context)
{
    if (text.empty() || text.size() > kLongestTime) return std::nullopt;
    const char first = text.front();
    if (isDigit(first) || first == '-') {
        if (text.size() >= 16 && (text[4] == '-' || text[4] == '/')) return parseDateFirst(text, context);
        if (text.size() >= 20 && text[2] == '/') return parseClf(text, context);
        if (text.size() >= 15 && text[8] == 'T') return parseBasic(text, context);
        return parseEpoch(text);
    }
    if (text.size() >= 14) return parseNamed(text, context);
    return std::nullopt;
}

bool parseTimeAs(const TimeLayout& layout, std::string_view text, TimeNs& ns)
{
    switch (layout.form) {
    case Form::Rfc3339:
    case Form::Slashed: return parseDateAs(layout, text, ns);
    case Form::EpochInt:
    case Form::EpochDecimal: return parseEpochAs(layout, text, ns);
    case Form::ClfDate:
    case Form::Rfc1123: {
        const auto parsed = parseTime(text, {});
        if (!parsed || parsed->layout != layout) return false;
        ns = parsed->ns;
        return true;
    }
    case Form::None: break;
    }
    return false;
}

void formatTime(TimeNs ns, const TimeLayout& layout, std::string& out)
{
    std::array<char, kLongestFormatted> buffer;
    const char* end = putTime(buffer.data(), ns, layout);
    out.append(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
}

std::string formatRfc3339(TimeNs ns)
{
    TimeLayout layout;
    layout.form = Form::Rfc3339;
    layout.digits = 9;
    layout.zone = Zone::Z;
    std::string out;
    formatTime(ns, layout, out);
    return out;
}

} // namespace faultline
