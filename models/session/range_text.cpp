#include "models/session/range_text.h"

#include "models/records/time_text.h"
#include "models/records/user_time.h"

#include <algorithm>
#include <array>
#include <optional>

namespace faultline {
namespace {

constexpr std::size_t kMostBytes = 4 * 1024;
constexpr TimeNs kDayNs = 86'400 * kSecondNs;
constexpr TimeNs kAround = 30 * kSecondNs;

/// A part of the typed text, which knows where it stands.
struct Part
{
    std::string_view text;
    std::size_t offset = 0;

    Part sub(std::size_t from, std::size_t count = std::string_view::npos) const
    {
        return Part{text.substr(from, count), offset + from}.trimmed();
    }
    Part trimmed() const
    {
        Part part = *this;
        const auto isSpace = [](char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; };
        while (!part.text.empty() && isSpace(part.text.front())) {
            part.text.remove_prefix(1);
            ++part.offset;
        }
        while (!part.text.empty() && isSpace(part.text.back())) part.text.remove_suffix(1);
        return part;
    }
};

std::string lower(std::string_view text)
{
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return out;
}

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

TimeNs saturated(TimeNs time, TimeNs by)
{
    TimeNs sum = 0;
    if (!__builtin_add_overflow(time, by, &sum)) return sum;
    return by < 0 ? kTimeMin + 1 : kTimeMax;
}

Error fault(const Part& part, std::string why, std::vector<std::string> hints = {})
{
    Error error = makeError(ErrorKind::Usage, "read the range", std::move(why), std::move(hints));
    if (error.hints.empty())
        error.hints = {
            "Write now-15m, last 2h, 2026-11-22 12:00..12:30, 2026-11-22, an epoch, or around 12:03 "
            "+/- 5m."};
    error.place = {part.offset, std::max<std::size_t>(part.text.size(), 1)};
    return error;
}

/// "15 min", "2 hours", "1h30m", "250ms".
std::optional<TimeNs> readLength(std::string_view text)
{
    std::string plain;
    for (const char c : lower(text))
        if (c != ' ') plain.push_back(c);
    if (plain.empty() || !isDigit(plain.front())) return std::nullopt;
    constexpr std::array<std::pair<std::string_view, std::string_view>, 15> kWords{{{"minutes", "m"},
                                                                                    {"minute", "m"},
                                                                                    {"mins", "m"},
                                                                                    {"min", "m"},
                                                                                    {"hours", "h"},
                                                                                    {"hour", "h"},
                                                                                    {"hrs", "h"},
                                                                                    {"hr", "h"},
                                                                                    {"seconds", "s"},
                                                                                    {"second", "s"},
                                                                                    {"secs", "s"},
                                                                                    {"sec", "s"},
                                                                                    {"weeks", "w"},
                                                                                    {"days", "d"},
                                                                                    {"day", "d"}}};
    for (const auto& [word, unit] : kWords)
        if (const auto at = plain.find(word); at != std::string::npos) plain.replace(at, word.size(), unit);
    if (plain.ends_with("week")) plain.erase(plain.size() - 3);
    const auto length = parseDuration(plain);
    return length && *length > 0 ? length : std::nullopt;
}

class Reader
{
public:
    explicit Reader(const RangeContext& context) : m_context(context) {}

    TimeNs fromWall(TimeNs wall) const { return m_context.fromWall ? m_context.fromWall(wall) : wall; }
    TimeNs toWall(TimeNs time) const { return m_context.toWall ? m_context.toWall(time) : time; }

    /// The midnight, as clocks show it, of the day of `time`.
    TimeNs midnight(TimeNs time) const
    {
        const TimeNs wall = toWall(time), rest = wall % kDayNs;
        return wall - rest - (rest < 0 ? kDayNs : 0);
    }

    Result<UserTime> time(const Part& part, TimeNs day) const
    {
        if (part.text.empty()) return fault(part, "a time is missing here");
        const std::string word = lower(part.text);
        if (word == "now") return UserTime{m_context.now, m_context.now};
        if (word == "today" || word == "yesterday")
            return spanAtWall(midnight(m_context.now) - (word == "today" ? 0 : kDayNs), kDayNs);
        if (part.text.size() > 1 && part.text.front() == '-') {
            if (const auto length = readLength(part.text.substr(1))) {
                const TimeNs at = saturated(m_context.now, -*length);
                return UserTime{at, at};
            }
        }
        if (const auto clock = timeOfDay(part.text, day)) return *clock;
        std::string text(part.text);
        if (text.ends_with(" UTC") || text.ends_with(" GMT")) text.replace(text.size() - 4, 4, "Z");
        const auto read = readUserTime(text, m_context.now);
        if (read) return hasZone(text) ? *read : moved(*read);
        std::vector<std::string> hints;
        const std::string hint = userTimeHint(part.text, formatRfc3339(midnight(day)).substr(0, 10));
        if (!hint.empty()) hints.push_back(hint);
        hints.emplace_back(kUserTimeForms);
        return fault(part, "this is no time", std::move(hints));
    }

private:
    /// Whether the text says its zone, or needs none.
    static bool hasZone(const std::string& text)
    {
        if (text.starts_with("now") || text.find_first_not_of("-0123456789.") == std::string::npos) {
            // An epoch needs none; a date alone is a day of the zone in use.
            const bool date = text.size() == 4 || text.find('-', 1) != std::string::npos;
            return text.starts_with("now") || !date;
        }
        if (const auto parsed = parseTime(text, {})) return !parsed->zoneAssumed;
        // 15-0500 and 15+0500 behind a time that has no minutes, 15:04-05:00.
        const char sign = text.size() > 5 ? text[text.size() - 5] : ' ';
        return text.ends_with('Z') || text.ends_with('z') ||
               (text.size() > 16 && (text[text.size() - 3] == ':' || sign == '+' || sign == '-'));
    }
    UserTime moved(const UserTime& wall) const
    {
        UserTime time{fromWall(wall.first), wall.last};
        if (wall.last != kTimeMax) time.last = saturated(time.first, wall.last - wall.first);
        // A day in which the clocks change is as long as it is.
        if (wall.last - wall.first >= kDayNs - 1 && wall.last != kTimeMax)
            time.last = fromWall(wall.last + 1) - 1;
        return time;
    }
    UserTime spanAtWall(TimeNs wall, TimeNs length) const { return moved({wall, wall + length - 1}); }

    /// 12:03, 12:03:04.5, on a day.
    std::optional<UserTime> timeOfDay(std::string_view text, TimeNs day) const
    {
        const std::size_t colon = text.find(':');
        if ((colon != 1 && colon != 2) || text.size() < colon + 3) return std::nullopt;
        if (text.find_first_not_of("0123456789:.,") != std::string_view::npos) return std::nullopt;
        const std::string date = formatRfc3339(midnight(day)).substr(0, 10);
        const auto read = readUserTime(date + (colon == 1 ? "T0" : "T") + std::string(text), m_context.now);
        if (!read) return std::nullopt;
        return moved(*read);
    }

    const RangeContext& m_context;
};

/// Where one of these stands, outside of what it could be a part of.
struct Cut
{
    std::size_t at, length;
};
std::optional<Cut> findCut(std::string_view text)
{
    const std::string low = lower(text);
    for (const std::string_view each :
         {"..", " to ", " until ", " - ", " \xe2\x80\x93 ", "\xe2\x80\x93", "/"}) {
        std::size_t at = low.find(each);
        // Dates can have slashes: then it takes two dates for one between.
        if (each == "/" && (std::count(low.begin(), low.end(), '/') != 1 || at < 5)) continue;
        if (at != std::string::npos) {
            std::size_t length = each.size();
            while (at + length < low.size() && low[at + length] == '.') ++length;
            return Cut{at, length};
        }
    }
    return std::nullopt;
}

std::optional<Cut> findPlusMinus(std::string_view text)
{
    for (const std::string_view each : {"+/-", "\xc2\xb1", "+-"})
        if (const auto at = text.find(each); at != std::string_view::npos) return Cut{at, each.size()};
    return std::nullopt;
}

/// `now-15m`, or `-15m`, as InvestigationView::relative has it; empty for other texts.
std::string relativeOf(std::string_view text)
{
    const std::string word = lower(text);
    if (word.starts_with("now-") && parseUserTime(word, 0)) return word;
    if (word.starts_with('-') && parseUserTime("now" + word, 0)) return "now" + word;
    return {};
}

Result<TypedRange> upToNow(std::string relative, const Part& part, TimeNs now)
{
    const auto range = relativeRange(relative, now);
    if (!range) return fault(part, "this is longer than times can be");
    return TypedRange{*range, std::move(relative)};
}

} // namespace

std::optional<TimeRange> relativeRange(std::string_view relative, TimeNs now)
{
    if (!relative.starts_with("now-")) return std::nullopt;
    const auto begin = parseUserTime(relative, now);
    if (!begin || *begin >= now) return std::nullopt;
    return TimeRange{*begin, now};
}

Result<TimeNs> readPoint(std::string_view text, const RangeContext& context)
{
    if (text.size() > kMostBytes) return fault({text.substr(0, 1), 0}, "this is longer than 4 KiB");
    const auto time = Reader(context).time(Part{text, 0}.trimmed(), context.day);
    if (!time) return time.error();
    return time->first;
}

Result<TypedRange> readRange(std::string_view text, const RangeContext& context)
{
    const Part whole = Part{text, 0}.trimmed();
    if (text.size() > kMostBytes) return fault({text.substr(0, 1), 0}, "this is longer than 4 KiB");
    const std::string low = lower(whole.text);
    if (low.empty() || low == "all" || low == "all time") return TypedRange{};
    const Reader reader(context);

    // Up to now.
    if (std::string relative = relativeOf(whole.text); !relative.empty())
        return upToNow(std::move(relative), whole, context.now);
    for (const std::string_view word : {"last ", "past "}) {
        if (!low.starts_with(word)) continue;
        const Part rest = whole.sub(word.size());
        const auto length = readLength(rest.text);
        if (!length) return fault(rest, "this is no length of time", {"Write last 15m, last 2h or last 1d."});
        return upToNow("now-" + std::to_string(*length / 1'000'000) + "ms", rest, context.now);
    }

    if (const auto cut = findPlusMinus(whole.text)) {
        Part centre = whole.sub(0, cut->at);
        if (lower(centre.text).starts_with("around ")) centre = centre.sub(7);
        const Part side = whole.sub(cut->at + cut->length);
        const auto at = reader.time(centre, context.day);
        if (!at) return at.error();
        const auto half = readLength(side.text);
        if (!half) return fault(side, "this is no length of time", {"Write +/- 30s, +/- 5m or +/- 1h."});
        return TypedRange{{saturated(at->first, -*half), saturated(at->first, *half)}, {}};
    }
    if (low.starts_with("around ")) {
        const auto at = reader.time(whole.sub(7), context.day);
        if (!at) return at.error();
        return TypedRange{{saturated(at->first, -kAround), saturated(at->first, kAround)}, {}};
    }

    if (const auto cut = findCut(whole.text)) {
        const Part from = whole.sub(0, cut->at), to = whole.sub(cut->at + cut->length);
        const auto begin = reader.time(from, context.day);
        if (!begin) return begin.error();
        if (lower(to.text) == "now")
            if (std::string relative = relativeOf(from.text); !relative.empty())
                return upToNow(std::move(relative), from, context.now);
        const auto end = reader.time(to, begin->first);
        if (!end) return end.error();
        TypedRange typed{{begin->first, end->first}, {}};
        // A day is included, a time of day is where it ends.
        if (end->last - end->first >= kDayNs - 2 * 3'600 * kSecondNs)
            typed.range.end = saturated(end->last, 1);
        if (typed.range.end <= typed.range.begin)
            return fault(to, "this is not after the first time", {"The earlier time stands first."});
        return typed;
    }

    if (const auto length = readLength(whole.text); length && !isDigit(whole.text.back()))
        return upToNow("now-" + std::to_string(*length / 1'000'000) + "ms", whole, context.now);
    const auto one = reader.time(whole, context.day);
    if (!one) return one.error();
    if (one->last - one->first < kSecondNs)
        return TypedRange{{saturated(one->first, -kAround), saturated(one->first, kAround)}, {}};
    return TypedRange{{one->first, saturated(one->last, 1)}, {}};
}

} // namespace faultline
