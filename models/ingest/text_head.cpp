#include "models/ingest/text_head.h"

#include "models/ingest/time_inside.h"
#include "models/records/mask_rules.h"
#include "models/records/severity.h"

namespace faultline {

namespace {

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}
bool isUpper(char c)
{
    return c >= 'A' && c <= 'Z';
}
bool isLetter(char c)
{
    return isUpper(c) || (c >= 'a' && c <= 'z');
}

/// `pattern` over the start of `text`: 0 a digit, everything else itself. npos-free: false when it does not
/// fit.
bool fits(std::string_view text, std::string_view pattern)
{
    if (text.size() < pattern.size()) return false;
    for (std::size_t i = 0; i < pattern.size(); ++i)
        if (pattern[i] == '0' ? !isDigit(text[i]) : text[i] != pattern[i]) return false;
    return true;
}

std::size_t digitsAt(std::string_view text, std::size_t at)
{
    std::size_t count = 0;
    while (at + count < text.size() && isDigit(text[at + count])) ++count;
    return count;
}

/// 1 to 12 of an English month's name, 0 when it is none.
int monthAt(std::string_view text)
{
    static constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
    if (text.size() < 3) return 0;
    const std::size_t at = kMonths.find(text.substr(0, 3));
    return at == std::string_view::npos || at % 3 != 0 ? 0 : static_cast<int>(at / 3) + 1;
}

bool weekdayAt(std::string_view text)
{
    static constexpr std::string_view kDays = "MonTueWedThuFriSatSun";
    const std::size_t at = text.size() < 3 ? std::string_view::npos : kDays.find(text.substr(0, 3));
    return at != std::string_view::npos && at % 3 == 0;
}

/// `.123` or `,123`; 0 when there is none.
std::size_t fractionAt(std::string_view text, std::size_t at)
{
    if (at >= text.size() || (text[at] != '.' && text[at] != ',')) return 0;
    const std::size_t digits = digitsAt(text, at + 1);
    return digits == 0 || digits > 12 ? 0 : digits + 1;
}

std::size_t zoneAt(std::string_view text, std::size_t at)
{
    if (at >= text.size()) return 0;
    if (text[at] == 'Z') return 1;
    if (text[at] != '+' && text[at] != '-') return 0;
    const std::string_view rest = text.substr(at + 1);
    if (fits(rest, "00:00")) return 6;
    if (fits(rest, "0000")) return 5;
    if (fits(rest, "00")) return 3;
    return 0;
}

/// "  3" or " 13" or "3": the length of a day of month at `at`, and its number.
std::size_t dayAt(std::string_view text, std::size_t at, int& day)
{
    std::size_t skip = 0;
    while (skip < 2 && at + skip < text.size() && text[at + skip] == ' ') ++skip;
    const std::size_t digits = digitsAt(text, at + skip);
    if (digits == 0 || digits > 2) return 0;
    day = 0;
    for (std::size_t i = 0; i < digits; ++i) day = day * 10 + (text[at + skip + i] - '0');
    return skip + digits;
}

void writeDate(int year, int month, int day, std::string_view clock, std::string& out)
{
    // YYYY-MM-DDT, by hand: this runs once a line.
    const auto digits = [&out](int value, int places) {
        for (int scale = places == 4 ? 1000 : 10; scale > 0; scale /= 10)
            out.push_back(static_cast<char>('0' + value / scale % 10));
    };
    out.clear();
    digits(year, 4);
    out.push_back('-');
    digits(month, 2);
    out.push_back('-');
    digits(day, 2);
    out.push_back('T');
    out.append(clock);
    for (std::size_t i = 11; i < out.size(); ++i)
        if (out[i] == ',') out[i] = '.';
}

int number(std::string_view text)
{
    int value = 0;
    for (const char c : text) value = value * 10 + (c - '0');
    return value;
}

/// Times that begin with a month or a day of the week.
std::size_t namedTime(std::string_view text, std::string& readable)
{
    std::size_t at = 0;
    if (weekdayAt(text)) {
        if (text.size() > 5 && text[3] == ',') { // Mon, 02 Jan 2006 15:04:05 GMT
            if (!fits(text.substr(5), "00 ") || monthAt(text.substr(8)) == 0 ||
                !fits(text.substr(11), " 0000 00:00:00"))
                return 0;
            return text.substr(25).starts_with(" GMT") || text.substr(25).starts_with(" UTC") ? 29 : 25;
        }
        if (text.size() < 5 || text[3] != ' ') return 0;
        at = 4;
    }
    const int month = monthAt(text.substr(at));
    if (month == 0) return 0;
    int day = 0;
    const std::size_t dayLength = dayAt(text, at + 3, day);
    if (dayLength == 0) return 0;
    std::size_t end = at + 3 + dayLength;
    int year = 0;
    if (fits(text.substr(std::min(end, text.size())), " 0000 00:")) { // a year before the clock
        year = number(text.substr(end + 1, 4));
        end += 5;
    }
    if (!fits(text.substr(std::min(end, text.size())), " 00:00:00")) return 0;
    const std::size_t clock = end + 1;
    end = clock + 8;
    end += fractionAt(text, end);
    const std::size_t clockEnd = end;
    if (at > 0 && year == 0) { // Sun Dec 04 04:47:44 [PST] 2005
        std::size_t gap = end;
        if (gap + 4 < text.size() && text[gap] == ' ' && isUpper(text[gap + 1]) && isUpper(text[gap + 2])) {
            ++gap;
            while (gap < text.size() && isUpper(text[gap])) ++gap;
        }
        if (!fits(text.substr(gap), " 0000")) return 0;
        year = number(text.substr(gap + 1, 4));
        end = gap + 5;
    }
    if (year != 0) writeDate(year, month, day, text.substr(clock, clockEnd - clock), readable);
    return end;
}

} // namespace

std::size_t textTimeLength(std::string_view text, std::string& readable)
{
    readable.clear();
    if (text.size() < 8) return 0;
    if (isLetter(text[0])) return namedTime(text, readable);
    if (!isDigit(text[0])) return 0;
    const auto tail = [text](std::size_t at) {
        return at < text.size() ? text.substr(at) : std::string_view();
    };
    if (fits(text, "0000-00-00") || fits(text, "0000/00/00")) {
        const char separator = text.size() > 10 ? text[10] : '\0';
        if (fits(tail(10), "-00.00.00")) { // 2005-06-03-15.42.50.675872
            std::string clock(text.substr(11, 8));
            clock[2] = clock[5] = ':';
            const std::size_t fraction = fractionAt(text, 19);
            clock.append(text.substr(19, fraction));
            writeDate(number(text.substr(0, 4)), number(text.substr(5, 2)), number(text.substr(8, 2)), clock,
                      readable);
            return 19 + fraction;
        }
        if ((separator != 'T' && separator != 't' && separator != ' ' && separator != '_') ||
            !fits(tail(11), "00:00:00"))
            return 0;
        std::size_t end = 19;
        if (text[4] == '-' && end < text.size() && text[end] == ':' && digitsAt(text, end + 1) == 3) {
            writeDate(number(text.substr(0, 4)), number(text.substr(5, 2)), number(text.substr(8, 2)),
                      text.substr(11, 8), readable); // hh:mm:ss:mmm
            readable.push_back('.');
            readable.append(text.substr(end + 1, 3));
            return end + 4;
        }
        end += fractionAt(text, end);
        if (const std::size_t zone = zoneAt(text, end); zone > 0) return end + zone;
        return end;
    }
    if (fits(text, "00/") && monthAt(tail(3)) != 0 && fits(tail(6), "/0000") && text.size() > 11 &&
        (text[11] == ':' || text[11] == ' ') && fits(tail(12), "00:00:00")) { // 10/Oct/2000:13:55:36 -0700
        const std::size_t fraction = fractionAt(text, 20);
        if (text[11] == ':' && fraction == 0) {
            if (text.size() > 21 && text[20] == ' ') {
                const std::size_t zone = zoneAt(text, 21);
                if (zone > 0) return 21 + zone;
            }
            return 20;
        }
        writeDate(number(text.substr(7, 4)), monthAt(text.substr(3)), number(text.substr(0, 2)),
                  text.substr(12, 8 + fraction), readable);
        return 20 + fraction;
    }
    if (fits(text, "00/00/00 00:00:00") && number(text.substr(3, 2)) <= 12) { // 17/06/09 20:10:52
        const std::size_t fraction = fractionAt(text, 17);
        writeDate(2000 + number(text.substr(0, 2)), number(text.substr(3, 2)), number(text.substr(6, 2)),
                  text.substr(9, 8 + fraction), readable);
        return 17 + fraction;
    }
    if (fits(text, "000000 000000 ")) { // 081109 203615
        std::string clock(text.substr(7, 2));
        clock.append(":").append(text.substr(9, 2)).append(":").append(text.substr(11, 2));
        writeDate(2000 + number(text.substr(0, 2)), number(text.substr(2, 2)), number(text.substr(4, 2)),
                  clock, readable);
        return 13;
    }
    if (fits(text, "00000000 00:00:00")) { // 20260327 11:34:21.908
        const std::size_t fraction = fractionAt(text, 17);
        writeDate(number(text.substr(0, 4)), number(text.substr(4, 2)), number(text.substr(6, 2)),
                  text.substr(9, 8 + fraction), readable);
        return 17 + fraction;
    }
    if (fits(text, "00 ") && monthAt(tail(3)) != 0 &&
        fits(tail(6), " 0000 00:00:00")) { // 29 Aug 2023 13:47:38.984
        const std::size_t fraction = fractionAt(text, 20);
        writeDate(number(text.substr(7, 4)), monthAt(text.substr(3)), number(text.substr(0, 2)),
                  text.substr(12, 8 + fraction), readable);
        return 20 + fraction;
    }
    const std::size_t digits = digitsAt(text, 0);
    const bool seconds = digits == 10 && text[0] == '1', milliseconds = digits == 13 && text[0] == '1';
    if (seconds || milliseconds) {
        const std::size_t end =
            digits + (seconds && text.size() > 10 && text[10] == '.' ? fractionAt(text, digits) : 0);
        if (end < text.size() && (text[end] == ' ' || text[end] == '\t')) return end;
    }
    return 0;
}

namespace {

/// hh:mm:ss[.fff] alone.
std::size_t clockLength(std::string_view text)
{
    if (!fits(text, "00:00:00")) return 0;
    const std::size_t end = 8 + fractionAt(text, 8);
    return end < text.size() && (text[end] == ' ' || text[end] == ']') ? end : 0;
}

/// Length of a level's name at the start of `text`, 0 when there is none. Lower-case words count only where a
/// level is likely: behind a time or in brackets.
std::size_t levelLength(std::string_view text, bool likely)
{
    std::size_t end = 0;
    bool upper = true;
    while (end < text.size() && end < 14 && isLetter(text[end])) {
        upper = upper && isUpper(text[end]);
        ++end;
    }
    if (end < 3 || end > 13 || (!upper && !likely)) return 0;
    if (end < text.size() &&
        (isDigit(text[end]) || text[end] == '_' || text[end] == '.' || text[end] == '/' || text[end] == '=' ||
         (text[end] == '-' && end + 1 < text.size() && text[end + 1] != ' ')))
        return 0;
    const std::string_view word = text.substr(0, end);
    for (const std::string_view ambiguous :
         {"all", "log", "off", "config", "default", "fine", "inf", "fail"}) {
        if (word.size() != ambiguous.size()) continue;
        bool same = true;
        for (std::size_t i = 0; i < word.size(); ++i) same = same && (word[i] | 0x20) == ambiguous[i];
        if (same && !(upper && end < text.size() && text[end] == ':')) return 0;
    }
    return severityFromText(word).has_value() ? end : 0;
}

bool isLoggerByte(char c)
{
    return isLetter(c) || isDigit(c) || c == '.' || c == '_' || c == '$' || c == '#' || c == '/' ||
           c == '-' || c == '@';
}

/// Reads the parts one after the other.
class HeadReader
{
public:
    explicit HeadReader(std::string_view line) : m_line(line) {}

    TextHead read()
    {
        skipBlanks();
        if (klog()) return finish();
        // Blue Gene's logs begin with an alert tag, "-" for none.
        std::string unused;
        if (rest().starts_with("- ") && textTimeLength(rest().substr(2), unused) > 0) m_at += 2;
        for (int round = 0; round < 8; ++round) {
            skipSeparators();
            if (m_head.time.length == 0 && m_clock == 0 && time()) continue;
            if (m_head.level.length == 0 && level()) continue;
            if (m_head.level.length == 0 && (m_head.time.length > 0 || m_clock > 0) && beforeLevel())
                continue;
            if (m_head.level.length > 0 && m_head.time.length == 0 && m_clock == 0 && threadThenTime())
                continue;
            if (m_head.level.length > 0 && behindLevel()) continue;
            break;
        }
        return finish();
    }

private:
    std::string_view rest() const { return m_line.substr(m_at); }
    char here() const { return m_at < m_line.size() ? m_line[m_at] : '\0'; }
    void skipBlanks()
    {
        while (here() == ' ' || here() == '\t') ++m_at;
    }
    void skipSeparators()
    {
        skipBlanks();
        while (here() == '|' ||
               (m_head.known && (here() == '-' || here() == ':') && m_at + 1 < m_line.size() &&
                (m_line[m_at + 1] == ' ' || m_line[m_at + 1] == '-'))) {
            ++m_at;
            skipBlanks();
        }
    }
    TextHead finish()
    {
        skipSeparators();
        if (m_head.known && here() == ']') ++m_at, skipSeparators();
        if (!m_head.known) m_at = 0;
        while (m_head.known && id()) {
        }
        std::size_t end = m_line.size();
        while (end > m_at && (m_line[end - 1] == ' ' || m_line[end - 1] == '\t' || m_line[end - 1] == '\r'))
            --end;
        m_head.message = {m_at, end - m_at};
        return m_head;
    }
    /// "TraceID: 338a7163b327d47129b14bdabfd09a18 ", "span_id=144121127acac6ee, ": a name and as many hex
    /// digits as such an id has.
    bool id()
    {
        const auto named = [this](std::string_view kind) {
            std::size_t at = m_at;
            for (const char c : kind)
                if (at >= m_line.size() || (m_line[at++] | 0x20) != c) return std::size_t{0};
            if (at < m_line.size() && (m_line[at] == '_' || m_line[at] == '.' || m_line[at] == '-')) ++at;
            if (at + 2 >= m_line.size() || (m_line[at] | 0x20) != 'i' || (m_line[at + 1] | 0x20) != 'd')
                return std::size_t{0};
            at += 2;
            if (m_line[at] != ':' && m_line[at] != '=') return std::size_t{0};
            ++at;
            return at < m_line.size() && m_line[at] == ' ' ? at + 1 : at;
        };
        const std::size_t trace = m_head.trace.length == 0 ? named("trace") : 0;
        const std::size_t begin = trace != 0 || m_head.span.length != 0 ? trace : named("span");
        if (begin == 0) return false;
        std::size_t end = begin;
        while (end < m_line.size() && masking::isHexDigit(m_line[end])) ++end;
        if (end - begin != 16 && (trace == 0 || end - begin != 32)) return false;
        if (end < m_line.size() && m_line[end] != ' ' && m_line[end] != ',') return false;
        (trace != 0 ? m_head.trace : m_head.span) = {begin, end - begin};
        m_at = end + (end < m_line.size() && m_line[end] == ',' ? 1 : 0);
        skipBlanks();
        return true;
    }
    /// I0517 15:04:22.619632   1234 file.cc:253] message
    bool klog()
    {
        static constexpr std::string_view kLetters = "IWEF";
        const bool shortDate = fits(rest().substr(std::min<std::size_t>(1, rest().size())), "0000 00:00:00.");
        const bool longDate =
            !shortDate && fits(rest().substr(std::min<std::size_t>(1, rest().size())), "00000000 00:00:00.");
        if (kLetters.find(here()) == std::string_view::npos || here() == '\0' || (!shortDate && !longDate))
            return false;
        const std::size_t close = rest().find("] ");
        if (close == std::string_view::npos || close > 200) return false;
        static constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
        const std::size_t year = longDate ? 4 : 0;
        const int month = number(m_line.substr(m_at + 1 + year, 2)),
                  day = number(m_line.substr(m_at + 3 + year, 2));
        if (month < 1 || month > 12) return false;
        const std::size_t clock = m_at + 6 + year;
        const std::size_t fraction = fractionAt(m_line, clock + 8);
        if (longDate) {
            writeDate(number(m_line.substr(m_at + 1, 4)), month, day, m_line.substr(clock, 8 + fraction),
                      m_head.readableTime);
        } else {
            m_head.readableTime.assign(kMonths.substr(static_cast<std::size_t>(month - 1) * 3, 3));
            m_head.readableTime.push_back(' ');
            m_head.readableTime.append(m_line.substr(m_at + 3, 2))
                .append(" ")
                .append(m_line.substr(clock, 8));
        }
        m_head.level = {m_at, 1};
        m_head.time = {m_at + 1, clock + 8 + fraction - m_at - 1};
        m_at = m_head.time.offset + m_head.time.length;
        skipBlanks();
        if (const std::size_t digits = digitsAt(m_line, m_at); digits > 0) {
            m_head.process = {m_at, digits};
            m_at += digits;
            skipBlanks();
        }
        const std::size_t end = m_line.find("] ", m_at);
        if (end == std::string_view::npos) return false;
        m_head.logger = {m_at, end - m_at};
        m_at = end + 2;
        m_head.known = true;
        return true;
    }
    bool time()
    {
        const std::size_t begin = m_at;
        if (here() == '[' || here() == '(' || here() == '"') ++m_at;
        std::string readable;
        if (const std::size_t length = textTimeLength(rest(), readable); length > 0) {
            m_head.time = {m_at, length};
            m_head.readableTime = std::move(readable);
            m_head.known = true;
            m_at += length;
        } else if (const std::size_t clock = clockLength(rest()); clock > 0) {
            m_clock = clock;
            m_head.clock = {m_at, clock};
            m_head.known = true;
            m_at += clock;
        } else {
            m_at = begin;
            return false;
        }
        if (here() == ']' || here() == ')' || here() == '"') ++m_at;
        return true;
    }
    bool level()
    {
        const std::size_t begin = m_at;
        const bool bracket = here() == '[' || here() == '<' || here() == '(';
        if (bracket) ++m_at;
        while (bracket && here() == ' ') ++m_at;
        const bool behindTime = m_head.time.length > 0 || m_clock > 0;
        const std::size_t length = levelLength(rest(), bracket || behindTime);
        std::size_t end = m_at + length;
        const auto at = [this](std::size_t place) { return place < m_line.size() ? m_line[place] : '\0'; };
        std::size_t padded = end;
        while (bracket && at(padded) == ' ') ++padded;
        const bool closed = at(padded) == ']' || at(padded) == '>' || at(padded) == ')';
        const bool ends = at(end) == '\0' || at(end) == ' ' || at(end) == '\t' || at(end) == ':' ||
                          at(end) == '|' || at(end) == ']' || at(end) == ',';
        // "[INFO] x", "ERROR: x", "INFO x", and "[INFO 2015-05-20 ...]"
        const bool strict =
            behindTime || bracket || at(end) == ':' || at(end) == ' ' || at(end) == '|' || at(end) == '\t';
        if (length == 0 || !strict || !(closed || ends)) {
            m_at = begin;
            return false;
        }
        m_head.level = {m_at, length};
        m_head.known = true;
        m_at = bracket && closed ? padded + 1 : end;
        if (here() == ':' || here() == ',') ++m_at;
        return true;
    }
    /// Whether a level follows at `at` behind blanks and separators.
    bool levelFollows(std::size_t at) const
    {
        while (at < m_line.size() && (m_line[at] == ' ' || m_line[at] == '\t' || m_line[at] == '|' ||
                                      (m_line[at] == '-' && at + 1 < m_line.size() && m_line[at + 1] == ' ')))
            ++at;
        if (at < m_line.size() && (m_line[at] == '[' || m_line[at] == '<')) ++at;
        return at < m_line.size() && levelLength(m_line.substr(at), false) > 0;
    }
    /// Between time and level: a thread or a context in brackets, a process number, one word.
    bool beforeLevel()
    {
        if (here() == '[') {
            const std::size_t close = m_line.find(']', m_at);
            if (close == std::string_view::npos || close - m_at > 200 || close == m_at + 1 ||
                !levelFollows(close + 1))
                return false;
            if (m_head.thread.length > 0) return false;
            m_head.thread = {m_at + 1, close - m_at - 1};
            m_at = close + 1;
            return true;
        }
        std::size_t end = m_at;
        while (end < m_line.size() && end - m_at < 100 && m_line[end] != ' ' && m_line[end] != '\t' &&
               m_line[end] != '|')
            ++end;
        if (end == m_at || !levelFollows(end) || m_line[m_at] == '"' || m_line[m_at] == '{') return false;
        const bool digits = digitsAt(m_line, m_at) == end - m_at;
        TextHead::Part& part = digits ? m_head.process : m_head.thread;
        if (part.length > 0) return false;
        part = {m_at, end - m_at};
        m_at = end;
        return true;
    }
    /// "INFO  [main] [2021-01-01 ...]" and "[INFO:choose_repo] x:47 2013-...": a time close behind.
    bool threadThenTime()
    {
        if (here() != '[') return false;
        const std::size_t close = m_line.find(']', m_at);
        if (close == std::string_view::npos || close - m_at > 100 || close == m_at + 1) return false;
        std::size_t next = close + 1;
        while (next < m_line.size() && m_line[next] == ' ') ++next;
        std::string readable;
        if (next < m_line.size() && m_line[next] == '[') ++next;
        if (textTimeLength(m_line.substr(next), readable) == 0) return false;
        m_head.thread = {m_at + 1, close - m_at - 1};
        m_at = close + 1;
        return true;
    }
    /// Behind the level: process number, `---`, a thread in brackets, a logger that ends in ':' or ' - '.
    bool behindLevel()
    {
        if (m_head.logger.length > 0) return false;
        if (const std::size_t digits = digitsAt(m_line, m_at);
            digits > 0 && m_head.process.length == 0 && m_line.substr(m_at + digits).starts_with(" --- ")) {
            m_head.process = {m_at, digits};
            m_at += digits + 5;
            return true;
        }
        if (here() == '[' && m_head.thread.length == 0) {
            const std::size_t close = m_line.find(']', m_at);
            if (close == std::string_view::npos || close - m_at > 100 || close == m_at + 1) return false;
            m_head.thread = {m_at + 1, close - m_at - 1};
            m_at = close + 1;
            if (here() == ':') ++m_at;
            return true;
        }
        std::size_t end = m_at;
        bool dotted = false;
        // Tomcat's names have parts in brackets: o.a.c.c.C.[.[.[.[dispatcherServlet]
        const auto bracket = [&] {
            const char c = m_line[end];
            return (c == '[' && m_line[end - 1] == '.') ||
                   (c == ']' && m_line.substr(m_at, end - m_at).find(".[") != std::string_view::npos);
        };
        while (end < m_line.size() && end - m_at < 150 &&
               (isLoggerByte(m_line[end]) || (end > m_at && bracket()))) {
            dotted = dotted || m_line[end] == '.' || m_line[end] == '$' || m_line[end] == '#' ||
                     m_line[end] == '/';
            ++end;
        }
        if (end == m_at || !isLetter(m_line[m_at])) return false;
        std::size_t behind = end;
        while (behind < m_line.size() && m_line[behind] == ' ') ++behind;
        const std::string_view tail = m_line.substr(behind);
        const bool colon = m_line.substr(end).starts_with(": ") || (behind > end && tail.starts_with(": "));
        const bool dash = behind > end && tail.starts_with("- ");
        const bool class_ = dotted && behind > end &&
                            m_line.substr(m_at, end - m_at).find('.') != std::string_view::npos &&
                            m_line.substr(m_at, end - m_at).find('#') != std::string_view::npos;
        if (!(colon && (dotted || behind > end || end - m_at > 2)) && !(dash && dotted) && !class_)
            return false;
        m_head.logger = {m_at, end - m_at};
        m_at = colon ? behind + 1 : dash ? behind + 1 : end;
        return true;
    }

    std::string_view m_line;
    TextHead m_head;
    std::size_t m_at = 0, m_clock = 0;
};

} // namespace

TextHead readTextHead(std::string_view line)
{
    TextHead head = HeadReader(line).read();
    if (head.time.length == 0 && head.clock.length == 0 && timeInside(line, head.readableTime))
        head.known = true;
    return head;
}

bool isContinuation(std::string_view line)
{
    if (line.empty()) return false;
    if (line[0] == ' ' || line[0] == '\t') return true;
    if (line.starts_with("at ") || line.starts_with("Caused by") || line.starts_with("Suppressed: "))
        return true;
    if (line.starts_with("... ")) {
        const std::size_t digits = digitsAt(line, 4);
        return digits > 0 && line.substr(4 + digits).starts_with(" more");
    }
    return false;
}

} // namespace faultline
