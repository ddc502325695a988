#include "models/records/civil_date.h"
#include "models/records/time_parts.h"

#include <bit>
#include <cstring>

// Reading of one known layout: every log line comes through here.
namespace faultline {
namespace {

using namespace timetext;
using Form = TimeLayout::Form;
using Zone = TimeLayout::Zone;
static_assert(std::endian::native == std::endian::little, "the fast path reads eight digits as one number");

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

} // namespace faultline
