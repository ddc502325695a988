#pragma once
#include "models/base/time.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace faultline {

/// How a time was written, exactly enough to write it again: parse(text) gives (ns, layout), and
/// format(ns, layout) gives `text` back, byte for byte. Stored as `code`; a code never changes meaning.
struct TimeLayout
{
    enum class Form : std::uint8_t {
        None = 0,
        Rfc3339 = 1,      ///< YYYY-MM-DD sep hh:mm:ss[frac][zone]; sep and zone in the other members
        EpochInt = 2,     ///< whole number in `unit`
        EpochDecimal = 3, ///< seconds with a fraction of `digits` digits
        Slashed = 4,      ///< YYYY/MM/DD hh:mm:ss[frac]
        ClfDate = 5,      ///< 10/Oct/2000:13:55:36 -0700
        Rfc1123 = 6,      ///< Mon, 02 Jan 2006 15:04:05 GMT
    };
    enum class Zone : std::uint8_t {
        None = 0,
        Z = 1,
        ColonOffset = 2,
        PlainOffset = 3,
        HourOffset = 4,
        LowerZ = 5
    };
    Form form = Form::None;
    char separator = 'T';    ///< between date and time: T, t, space or _
    char fractionMark = '.'; ///< . or ,
    std::uint8_t digits = 0; ///< of the fraction, 0 to 9
    Zone zone = Zone::None;
    std::int16_t offsetMinutes = 0; ///< of the text's own zone, or of the zone assumed when it has none
    std::uint8_t unit = 0;          ///< EpochInt: 0 s, 3 ms, 6 us, 9 ns

    std::uint64_t code() const;                               ///< packed for storage
    static std::optional<TimeLayout> fromCode(std::uint64_t); ///< nothing when no such layout exists
    bool operator==(const TimeLayout&) const = default;
};

struct ParsedTime
{
    TimeNs ns = 0;
    TimeLayout layout; ///< Form::None when the text cannot be rebuilt from (ns, layout): keep the text too
    bool zoneAssumed = false;
};

/// What to assume where a text does not say it.
struct TimeContext
{
    std::int16_t zoneOffsetMinutes = 0; ///< for texts without a zone
    TimeNs now = 0;                     ///< for layouts without a year (RFC 3164): the nearest year to this
};

/// Reads any layout of the field: RFC 3339 and its relatives (T or space, '.' or ',', 0 to 9 or more digits,
/// Z, +hh:mm, +hhmm, +hh or none), YYYY/MM/DD, RFC 3164, Apache, RFC 1123, and epochs in s, ms, us or ns
/// written as digits (by magnitude: < 1e11 s, < 1e14 ms, < 1e17 us, else ns). The whole text must be the
/// time. A leap second :60 is read as :59.999999999 (layout None). Nothing when it is no time, when it is 0,
/// or when it is not representable (year 1, 9999). Any thread; no allocation.
std::optional<ParsedTime> parseTime(std::string_view text, const TimeContext& context);

/// The fast path: reads `text` when it is exactly of `layout`. Same answer as parseTime(), or false.
bool parseTimeAs(const TimeLayout& layout, std::string_view text, TimeNs& ns);

/// Appends the text of `ns` in `layout` (which must not be None).
void formatTime(TimeNs ns, const TimeLayout& layout, std::string& out);

/// RFC 3339 in UTC with 9 digits: 2026-11-22T15:04:05.123456789Z. The form of every machine-readable output.
std::string formatRfc3339(TimeNs ns);

/// Times as people give them on the command line and in the search bar: everything of parseTime() but epochs
/// before 1973, 2026, 2026-11, 2026-11-22, 2026-11-22T15, `now`, `now-15m`, `now+1h30m` (units ms s m h d w).
std::optional<TimeNs> parseUserTime(std::string_view text, TimeNs now);

/// Durations with units as in `1h30m`, `250ms`, `2d`, `15m`: nanoseconds.
std::optional<std::int64_t> parseDuration(std::string_view text);

} // namespace faultline
