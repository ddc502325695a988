#include "models/records/mask.h"

#include "models/records/mask_rules.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

namespace faultline {
namespace {

using namespace masking;

// Bounds of a pattern's text, counted in what does not change with the values: behind them the rest of the
// message is one variable. A word longer than kLongestWord is data.
constexpr std::size_t kMostVariables = 250;
constexpr std::size_t kMostElements = 4096;
constexpr std::size_t kLongestWord = 128;
constexpr std::size_t kShortestHexWord = 8;     ///< of letters only: `deadbeef`, not `facade`
constexpr std::size_t kShortestHexMix = 6;      ///< of letters and then digits: `bcd123`, not `db12`
constexpr std::size_t kLongestNumberedWord = 6; ///< `log4j`, `k8s`, `i18n` are words

VariableKind kindOf(std::string_view text)
{
    unsigned classes = 0;
    for (const char c : text) {
        classes |= classOf(c);
        if ((classes & ~unsigned{Digit | HexLetter}) != 0 || classOf(c) == Break) return VariableKind::Text;
    }
    if (classes == Digit) {
        if (text.size() == 1 || (text.front() != '0' && text.size() <= 18)) return VariableKind::Digits;
        return VariableKind::Hex;
    }
    return classes == (Digit | HexLetter) ? VariableKind::Hex : VariableKind::Text;
}

/// Hex digits in upper case, too many to be a name and a number.
bool isUpperHex(std::string_view text)
{
    return text.size() >= kShortestHexWord &&
           std::all_of(text.begin(), text.end(), [](char c) { return isDigit(c) || (c >= 'A' && c <= 'F'); });
}

class Masker
{
public:
    Masker(std::string_view message, std::vector<Variable>& out) : m_text(message), m_out(out) {}
    void run();

private:
    std::size_t lettersEnd(std::size_t from) const;
    bool plainWord();
    std::size_t wordEnd(std::size_t from, unsigned& classes) const;
    void word(std::size_t begin, std::size_t end, unsigned classes);
    void digitWord(std::size_t begin, std::size_t end, unsigned classes);
    void pieces(std::size_t begin, std::size_t end);
    void path(std::size_t begin);
    void person(std::size_t begin, std::size_t end);
    void quote(std::size_t at);
    void assignment(std::size_t at);
    void number(std::size_t begin, std::size_t end);
    bool list(std::size_t open);
    void closeBracket(std::size_t close);
    std::size_t wholeValue(std::size_t begin, std::size_t end) const;
    std::size_t clockBehindDate(std::size_t begin, std::size_t end) const;
    void add(std::size_t begin, std::size_t end);
    bool isListItem(std::size_t begin) const;
    bool isKey(std::size_t begin, std::size_t end) const;

    char at(std::size_t i) const { return i < m_text.size() ? m_text[i] : ' '; }
    std::string_view slice(std::size_t begin, std::size_t end) const
    {
        return m_text.substr(begin, end - begin);
    }
    std::string_view rest(std::size_t from, std::size_t length) const
    {
        return from < m_text.size() ? m_text.substr(from, length) : std::string_view();
    }

    std::string_view m_text;
    std::vector<Variable>& m_out;
    std::size_t m_at = 0;
    std::size_t m_wordBegin = 0; ///< the word before this one
    std::size_t m_wordEnd = 0;
    /// Where the innermost open bracket is and how many variables stood before it.
    std::size_t m_bracket = std::string_view::npos;
    std::size_t m_bracketVariables = 0;
    std::size_t m_depth = 0;     ///< of parentheses and braces
    bool m_noMoreDouble = false; ///< no closing quote is left: do not look again
    bool m_noMoreSingle = false;
    bool m_noMoreBack = false;
};

void Masker::add(std::size_t begin, std::size_t end)
{
    if (!m_out.empty() && isListItem(begin)) {
        m_out.back().end = static_cast<std::uint32_t>(end);
        m_out.back().kind = VariableKind::Text;
        m_at = end;
        return;
    }
    m_out.push_back(
        {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end), kindOf(slice(begin, end))});
    m_at = end;
}

/// Whether the variable at `begin` goes on a list that the last one started: what stands between them is a
/// separator and the same name that stands before the last one, as in `blk_1 blk_2, blk_3`.
bool Masker::isListItem(std::size_t begin) const
{
    constexpr std::size_t longestName = 32;
    std::size_t name = m_out.back().end;
    if (begin < name + 2 || begin - name > longestName || isDigit(m_text[begin - 1])) return false;
    if (m_text[name] == ',') ++name;
    if (m_text[name] == ' ') ++name;
    const std::size_t length = begin - name;
    const std::size_t first = m_out.back().begin;
    if (name == m_out.back().end || length == 0 || first < length) return false;
    const std::string_view text = slice(name, begin);
    if (!isLetter(text.front()) || slice(first - length, first) != text) return false;
    if (first > length && classOf(m_text[first - length - 1]) != Break) return false;
    return std::none_of(text.begin(), text.end(), [](char c) { return classOf(c) == Break; });
}

std::size_t Masker::wordEnd(std::size_t from, unsigned& classes) const
{
    const char* const data = m_text.data();
    const std::size_t size = m_text.size();
    unsigned all = 0;
    std::size_t i = from;
    for (; i < size; ++i) {
        const unsigned c = classOf(data[i]);
        if (c == Break) break;
        all |= c;
    }
    classes = all;
    return i;
}

/// The end of a run of ASCII letters and bytes of other characters: eight at a time.
std::size_t Masker::lettersEnd(std::size_t from) const
{
    constexpr std::uint64_t every = 0x0101010101010101ULL;
    std::size_t i = from;
    for (; i + 8 <= m_text.size(); i += 8) {
        std::uint64_t bytes = 0;
        std::memcpy(&bytes, m_text.data() + i, sizeof bytes);
        const std::uint64_t lower = (bytes | every * 0x20) & every * 0x7f;
        const std::uint64_t fromA = lower + every * (0x80 - 'a');
        const std::uint64_t aboveZ = lower + every * (0x80 - 'z' - 1);
        const std::uint64_t others = ~((fromA & ~aboveZ) | bytes) & every * 0x80;
        if (others != 0) return i + static_cast<std::size_t>(std::countr_zero(others)) / 8;
    }
    while (i < m_text.size() && isLetter(m_text[i])) ++i;
    return i;
}

/// A word of letters alone, which most are: steps over it, or masks it where it is a variable all the same.
/// False when the word at m_at holds anything else.
bool Masker::plainWord()
{
    const std::size_t begin = m_at;
    const std::size_t end = lettersEnd(begin);
    if (end == begin || (end < m_text.size() && classOf(m_text[end]) != Break)) return false;
    const std::size_t length = end - begin;
    m_at = end;
    if (length <= 4) {
        if (length == 3 && classOf(m_text[begin]) == Upper) {
            const std::size_t date = namedDateLength(rest(begin, 48));
            if (date != 0) add(begin, begin + date);
        } else if (length >= 3) {
            person(begin, end);
        }
    } else if (length >= kShortestHexWord) {
        const auto isHexLetter = [](char c) { return classOf(c) == HexLetter; };
        const std::string_view text = slice(begin, end);
        if (length > kLongestWord || std::all_of(text.begin(), text.end(), isHexLetter)) add(begin, end);
    }
    return true;
}

void Masker::run()
{
    std::size_t elements = 0;
    while (m_at < m_text.size()) {
        const char c = m_text[m_at];
        if (c == ' ') {
            ++m_at;
            continue;
        }
        if (++elements > kMostElements || m_out.size() >= kMostVariables) {
            add(m_at, m_text.size());
            return;
        }
        if (classOf(c) != Break) {
            const std::size_t begin = m_at;
            if (!plainWord()) {
                unsigned classes = 0;
                const std::size_t end = wordEnd(begin, classes);
                m_at = end;
                if ((classes & (Digit | Slash | At | Dot)) != 0 || end - begin > kLongestWord)
                    word(begin, end, classes);
            }
            m_wordBegin = begin;
            m_wordEnd = m_at;
            continue;
        }
        switch (c) {
        case '"':
        case '\'':
        case '`': quote(m_at); break;
        case '=': assignment(m_at); break;
        case '[':
            if (list(m_at)) break;
            m_bracket = m_at++;
            m_bracketVariables = m_out.size();
            break;
        case '(':
        case '{':
            ++m_depth;
            ++m_at;
            break;
        case ')':
        case '}':
            m_depth -= m_depth > 0 ? 1 : 0;
            ++m_at;
            break;
        case ']': closeBracket(m_at); break;
        case '<':
            // A bound with its unit: <1 sec
            if (isDigit(at(m_at + 1)))
                number(m_at, m_at + 1);
            else
                ++m_at;
            break;
        case kVariableMark: {
            std::size_t end = m_at;
            while (end < m_text.size() && m_text[end] == kVariableMark) ++end;
            add(m_at, end);
            break;
        }
        default: ++m_at;
        }
    }
}

/// A word that may be, or hold, a variable. m_at stands behind it already.
void Masker::word(std::size_t begin, std::size_t end, unsigned classes)
{
    if (end - begin > kLongestWord * 8 && (classes & Slash) == 0) return add(begin, end);
    if ((classes & Slash) != 0) {
        std::size_t from = begin;
        while (from < end && (m_text[from] == '*' || m_text[from] == ':' || m_text[from] == '#')) ++from;
        if (isPathStart(slice(from, end))) return path(from);
        // key:/path, name:http://... : the path behind the last colon that starts one
        const std::size_t colon =
            (classes & Colon) != 0 ? slice(from, end).find(":/") : std::string_view::npos;
        if (colon != std::string_view::npos && at(from + colon + 2) != '/' &&
            isPathStart(slice(from + colon + 1, end))) {
            if ((classes & Digit) != 0) pieces(from, from + colon);
            return path(from + colon + 1);
        }
    }
    while (end > begin && (classOf(m_text[end - 1]) & kPunctuation) != 0 && m_text[end - 1] != '%') --end;
    if (begin == end) return;
    if ((classes & At) != 0 && isAddressAtHost(slice(begin, end))) return add(begin, end);
    if ((classes & Digit) != 0) return digitWord(begin, end, classes);
    if (end - begin > kLongestWord || ((classes & Dot) != 0 && isHostName(slice(begin, end))))
        add(begin, end);
}

/// Names of people and accounts where the words around them say so: `for user NAME`, `invalid user NAME`,
/// `for NAME from 10.0.0.1`.
void Masker::person(std::size_t begin, std::size_t end)
{
    if (m_text[begin] != 'u' && m_text[begin] != 'f') return;
    const std::string_view text = slice(begin, end);
    if (text != "user" && text != "for") return;
    if (at(end) != ' ' || !isWordByte(at(end + 1))) return;
    unsigned classes = 0;
    const std::size_t nameBegin = end + 1;
    std::size_t nameEnd = wordEnd(nameBegin, classes);
    const bool sentence = nameEnd > nameBegin && (m_text[nameEnd - 1] == '.' || m_text[nameEnd - 1] == ':');
    if (sentence) --nameEnd;
    if ((classes & Slash) != 0) return;
    if (text == "user"
            ? isAccountContext(slice(m_wordBegin, m_wordEnd), slice(nameBegin, nameEnd))
            : rest(nameEnd, 6) == " from " && (isDigit(at(nameEnd + 6)) || isDigit(at(nameEnd + 7))))
        add(nameBegin, nameEnd);
}

void Masker::digitWord(std::size_t begin, std::size_t end, unsigned classes)
{
    std::size_t first = begin;
    while (first < end && !isWordByte(m_text[first])) ++first;
    const bool isSigned =
        first > begin && first == begin + 1 && (m_text[begin] == '-' || m_text[begin] == '+');
    if ((classes & kLetters) == 0) return number(isSigned ? begin : first, end);
    const std::string_view text = slice(first, end);
    if (isUuid(text) || ((classes & Colon) != 0 && (isColonAddress(text) || isHostAndPort(text))) ||
        ((classes & Dot) != 0 && isHostName(text)))
        return add(first, end);
    if (isDigit(text.front()) && (isSigned || text.size() > 8)) {
        // Times and quantities: 2015-10-18T18:01:47.978Z, -1.5ms, 1h30m12.5s
        const bool dated =
            text.size() >= 15 && text[4] == '-' && text[7] == '-' && (text[10] == 'T' || text[10] == 't');
        if (dated) return add(first, end);
    }
    const bool hex = text.size() > 2 && text[0] == '0' && (text[1] | 0x20) == 'x';
    if (isDigit(text.front()) && !hex) {
        // One quantity with a unit: digits, points and letters, the letters last or in turns (1h30m, 12.5us,
        // 95th).
        const bool quantity = std::all_of(text.begin(), text.end(),
                                          [](char c) { return isWordByte(c) || c == '.' || c == '%'; });
        if (quantity) return add(isSigned ? begin : first, end);
    }
    pieces(begin, end);
}

/// Digits and punctuation only. A size takes its unit, and the rounded form in parentheses behind it, along,
/// since both change with the magnitude: `403 bytes`, `1072 bytes (1.04 KB)`.
void Masker::number(std::size_t begin, std::size_t end)
{
    if (m_text[begin] == '<') {
        unsigned classes = 0;
        end = wordEnd(begin + 1, classes);
        if (at(end) == ' ') {
            const std::string_view next = rest(end + 1, 4);
            for (const std::string_view unit : {"sec", "ms", "min", "s"})
                if (next.substr(0, unit.size()) == unit && !isWordByte(at(end + 1 + unit.size()))) {
                    end += 1 + unit.size();
                    break;
                }
        }
        return add(begin, end);
    }
    // Thousands: 1,234,567
    const bool thousands = end - begin <= 3 && m_bracket == std::string_view::npos;
    while (thousands && at(end) == ',' && isDigit(at(end + 1)) && isDigit(at(end + 2)) &&
           isDigit(at(end + 3)) && !isWordByte(at(end + 4)))
        end += 4;
    if (const std::size_t clock = clockBehindDate(begin, end); clock != end) return add(begin, clock);
    // An address takes the name that was looked up for it along: 10.0.0.1 (host.example.org), 10.0.0.1 ().
    if (at(end) == ' ' && at(end + 1) == '(' && isDottedQuad(slice(begin, end))) {
        std::size_t close = end + 2;
        while (close < m_text.size() && classOf(m_text[close]) != Break) ++close;
        const std::string_view name = slice(end + 2, close);
        if (at(close) == ')' && (name.empty() || isDottedName(name))) end = close + 1;
        return add(begin, end);
    }
    if (at(end) == ' ') {
        const std::size_t unit = sizeUnitLength(rest(end + 1, 10));
        if (unit != 0) {
            end += 1 + unit;
            if (at(end) == ' ' && at(end + 1) == '(' && isDigit(at(end + 2))) {
                std::size_t inner = end + 2;
                while (isDigit(at(inner)) || at(inner) == '.' || at(inner) == ',') ++inner;
                if (at(inner) == ' ') {
                    const std::size_t second = sizeUnitLength(rest(inner + 1, 10));
                    if (second != 0 && at(inner + 1 + second) == ')') end = inner + second + 2;
                }
            }
        }
    }
    add(begin, end);
}

/// A word of several parts, as task_2008_0001_m_000590 or core.2275: masks the parts with digits and keeps
/// the letters, so that what the number belongs to stays in the pattern.
void Masker::pieces(std::size_t begin, std::size_t end)
{
    std::size_t i = begin;
    std::size_t openBegin = 0; ///< a variable that the next part may join
    std::size_t openEnd = 0;
    bool mixed = false; ///< the open variable holds an id of letters and digits
    const auto flush = [&] {
        if (openEnd > openBegin) add(openBegin, openEnd);
        openBegin = openEnd = 0;
        mixed = false;
    };
    while (i < end) {
        if (!isWordByte(m_text[i])) {
            ++i;
            continue;
        }
        const std::size_t start = i;
        // Ids that no part of says anything: a UUID behind a name and a colon, a JSON web token.
        std::size_t whole = tokenLength(slice(start, end));
        if (end - start >= 36 && isUuid(slice(start, start + 36)) && !isWordByte(at(start + 36))) whole = 36;
        if (whole != 0) {
            flush();
            add(start, start + whole);
            i = start + whole;
            continue;
        }
        unsigned classes = 0;
        unsigned runs = 0; ///< of digits
        bool digitBefore = false;
        std::size_t lastRun = start;
        for (; i < end && isWordByte(m_text[i]); ++i) {
            const bool digit = isDigit(m_text[i]);
            if (digit && !digitBefore) {
                ++runs;
                lastRun = i;
            }
            digitBefore = digit;
            classes |= classOf(m_text[i]);
        }
        const std::size_t length = i - start;
        const bool joins = openEnd > openBegin && openEnd + 1 == start;
        std::size_t from = start;
        bool isVariable = true;
        bool isMixed = false;
        if (runs == 0) {
            // The rest of an id like 7d9f8b6c5-xkzvw, which happens to have no digit.
            isVariable = joins && mixed && m_text[openEnd] == '-' && length <= 12;
            isMixed = isVariable;
        } else if ((classes & kLetters) != 0) {
            const bool hex = (classes & ~unsigned{Digit | HexLetter}) == 0 || isUpperHex(slice(start, i));
            if (m_text[start] == '0' && (at(start + 1) | 0x20) == 'x') {
                from = length > 2 ? start + 2 : start;
            } else if (runs == 1 && digitBefore && lastRun > start && !(hex && length >= kShortestHexMix) &&
                       !(joins && mixed)) {
                from = lastRun; // letters, then digits: node12
            } else if (runs == 1 && !digitBefore && lastRun > start && length <= kLongestNumberedWord &&
                       !joins) {
                isVariable = false; // log4j
            } else {
                isMixed = true;
            }
        }
        if (!isVariable) {
            flush();
            continue;
        }
        // A sign: blk_-123, at the front or behind other punctuation.
        if (from == start && from > begin && m_text[from - 1] == '-' &&
            (from - 1 == begin || !isWordByte(m_text[from - 2])))
            --from;
        if (joins && from <= start) {
            openEnd = i;
        } else {
            flush();
            openBegin = from;
            openEnd = i;
        }
        mixed = mixed || isMixed;
    }
    flush();
    m_at = end;
}

/// Up to white space, a quote or a bracket that closes.
void Masker::path(std::size_t begin)
{
    std::size_t end = begin;
    for (; end < m_text.size(); ++end) {
        const char c = m_text[end];
        if (classOf(c) != Break || c == '=' || c == '|') continue;
        break;
    }
    while (end > begin + 1 && (m_text[end - 1] == '.' || m_text[end - 1] == ':' || m_text[end - 1] == '!' ||
                               m_text[end - 1] == '?'))
        --end;
    add(begin, end);
}

/// The key of a JSON object inside a message.
bool Masker::isKey(std::size_t begin, std::size_t end) const
{
    if (at(end + 1) != ':' || end - begin > 64) return false;
    std::size_t before = begin - 1;
    while (before > 0 && m_text[before - 1] == ' ' && begin - before < 4) --before;
    if (before == 0 || (m_text[before - 1] != '{' && m_text[before - 1] != ',')) return false;
    return std::all_of(m_text.begin() + static_cast<std::ptrdiff_t>(begin),
                       m_text.begin() + static_cast<std::ptrdiff_t>(end),
                       [](char c) { return isLetter(c) || c == '_' || c == '-' || c == '.'; });
}

/// What stands between quotes. An apostrophe is none: a single quote opens behind and closes before a byte
/// that is not part of a word.
void Masker::quote(std::size_t open)
{
    const char mark = m_text[open];
    m_at = open + 1;
    bool& noMore = mark == '"' ? m_noMoreDouble : mark == '`' ? m_noMoreBack : m_noMoreSingle;
    if (noMore) return;
    if (mark == '\'' && open > 0 && isWordByte(m_text[open - 1])) return;
    std::size_t close = open + 1;
    for (;; ++close) {
        close = m_text.find(mark, close);
        if (close == std::string_view::npos) {
            noMore = true;
            return;
        }
        if (m_text[close - 1] == '\\' && close - 1 > open) continue;
        if (mark != '\'' || !isWordByte(at(close + 1))) break;
    }
    if (close > open + 1 && !(mark == '"' && isKey(open + 1, close))) add(open + 1, close);
    m_at = close + 1;
}

/// The end of a value of several words, `(status=1, msg=Seat is taken, data=null)`: inside brackets it goes
/// on to the comma or the bracket that ends it, unless another key comes first.
std::size_t Masker::wholeValue(std::size_t begin, std::size_t end) const
{
    constexpr std::size_t longestValue = 96;
    for (std::size_t i = end; i < m_text.size() && i - begin < longestValue; ++i) {
        const char c = m_text[i];
        if (c == ',' || c == ')' || c == '}') return i;
        if (c != ' ' && classOf(c) == Break) break;
    }
    return end;
}

/// A date takes the clock behind it along: 2013-05-04 09:51:52,123. `end` where there is none.
std::size_t Masker::clockBehindDate(std::size_t begin, std::size_t end) const
{
    if (end - begin != 10 || (m_text[begin + 4] != '-' && m_text[begin + 4] != '/') || at(end) != ' ')
        return end;
    if (!isDigit(at(end + 1)) || at(isDigit(at(end + 2)) ? end + 3 : end + 2) != ':') return end;
    unsigned classes = 0;
    std::size_t last = wordEnd(end + 1, classes);
    while (!isWordByte(m_text[last - 1])) --last;
    if (at(last) == ',' && isDigit(at(last + 1)) && isDigit(at(last + 2)) && isDigit(at(last + 3)) &&
        !isWordByte(at(last + 4)))
        last += 4;
    return last;
}

/// The value of a key that is a plain list, `stations=[a, b]` or `names: [a, b]`: what stands in the
/// brackets, so that lists of any length are one pattern.
bool Masker::list(std::size_t open)
{
    if (open < 2) return false;
    const bool assigned = m_text[open - 1] == '=';
    const bool named = m_text[open - 1] == ':' || (m_text[open - 1] == ' ' && m_text[open - 2] == ':');
    if (!assigned && !named) return false;
    std::size_t close = open + 1;
    for (; close < m_text.size(); ++close) {
        const char c = m_text[close];
        if (classOf(c) != Break || c == ',' || c == '"' || c == '\'') continue;
        if (c == ' ' && (assigned || m_text[close - 1] == ',')) continue;
        break;
    }
    if (at(close) != ']' || close == open + 1) return false;
    add(open + 1, close);
    m_at = close + 1;
    return true;
}

/// key=value: the value, however it looks.
void Masker::assignment(std::size_t sign)
{
    m_at = sign + 1;
    if (sign == 0 || !isWordByte(m_text[sign - 1]) || m_at >= m_text.size()) return;
    if (isPathStart(rest(m_at, 24))) return path(m_at);
    unsigned classes = 0;
    const std::size_t begin = m_at;
    std::size_t end = wordEnd(begin, classes);
    while (end > begin && (m_text[end - 1] == '.' || m_text[end - 1] == ':')) --end;
    if (end == begin) return;
    // trip=Trip(id=1): the name of a type stays.
    if (at(end) == '(' || at(end) == '{' || at(end) == '[') return;
    if (m_depth > 0) end = wholeValue(begin, end);
    if ((classes & (kLetters | Slash | At)) == 0) return number(begin, end);
    add(begin, end);
}

/// A list in brackets, [1, 2, 3]: its variables become one when only commas stand between them.
void Masker::closeBracket(std::size_t close)
{
    m_at = close + 1;
    const std::size_t open = m_bracket;
    m_bracket = std::string_view::npos;
    if (open == std::string_view::npos || m_out.size() < m_bracketVariables + 2) return;
    if (m_out[m_bracketVariables].begin != open + 1 || m_out.back().end != close) return;
    for (std::size_t i = m_bracketVariables + 1; i < m_out.size(); ++i) {
        const std::string_view between = slice(m_out[i - 1].end, m_out[i].begin);
        if (between != "," && between != ", " && between != " ") return;
    }
    m_out.resize(m_bracketVariables);
    add(open + 1, close);
    m_at = close + 1;
}

} // namespace

void maskMessage(std::string_view message, std::vector<Variable>& out)
{
    out.clear();
    if (message.size() > std::numeric_limits<std::uint32_t>::max())
        message = message.substr(0, std::numeric_limits<std::uint32_t>::max());
    Masker(message, out).run();
}

} // namespace faultline
