#include "models/records/time_text.h"

#include "models/records/civil_date.h"
#include "models/records/time_parts.h"

#include <algorithm>
#include <array>

// Reading of any layout.
namespace faultline {
namespace {

using namespace timetext;
using Form = TimeLayout::Form;
using Zone = TimeLayout::Zone;
constexpr std::size_t kLongestTime = 96; ///< no time is longer; keeps hostile fractions cheap

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

} // namespace faultline
