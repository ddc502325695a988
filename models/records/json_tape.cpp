#include "models/records/json_tape.h"

#include "models/records/utf8.h"

#include <charconv>
#include <cmath>
#include <cstring>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace faultline {

namespace {

bool isSpace(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}
bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

int hexDigit(char c)
{
    if (isDigit(c)) return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

int hex4(std::string_view text, std::size_t at)
{
    if (at + 4 > text.size()) return -1;
    int value = 0;
    for (std::size_t i = 0; i < 4; ++i) {
        const int digit = hexDigit(text[at + i]);
        if (digit < 0) return -1;
        value = value * 16 + digit;
    }
    return value;
}

std::uint8_t byteAt(std::string_view text, std::size_t at)
{
    return static_cast<std::uint8_t>(text[at]);
}

/// Length of the well-formed UTF-8 sequence at `at`, or 0.
std::size_t utf8Length(std::string_view text, std::size_t at)
{
    const Utf8Step step = decodeUtf8(text.substr(at));
    return step.valid ? step.length : 0;
}

/// First byte at or after `at` that is a quote, a backslash, below 0x20 or not ASCII.
std::size_t plainEnd(std::string_view text, std::size_t at)
{
#if defined(__SSE2__)
    const __m128i quote = _mm_set1_epi8('"'), slash = _mm_set1_epi8('\\'), space = _mm_set1_epi8(0x20);
    while (at + 16 <= text.size()) {
        const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + at));
        // Signed: bytes from 0x80 are negative, so one comparison finds control bytes and non-ASCII.
        const __m128i hit =
            _mm_or_si128(_mm_cmplt_epi8(bytes, space),
                         _mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, slash)));
        const int mask = _mm_movemask_epi8(hit);
        if (mask != 0) return at + static_cast<std::size_t>(__builtin_ctz(static_cast<unsigned>(mask)));
        at += 16;
    }
#endif
    while (at < text.size()) {
        const std::uint8_t c = byteAt(text, at);
        if (c == '"' || c == '\\' || c < 0x20 || c >= 0x80) break;
        ++at;
    }
    return at;
}

std::string describe(std::string_view text, std::size_t at)
{
    if (at >= text.size()) return "the end";
    const std::uint8_t c = byteAt(text, at);
    if (c >= 0x20 && c < 0x7f) return std::string("'") + text[at] + "'";
    static constexpr char digits[] = "0123456789abcdef";
    return std::string("byte 0x") + digits[c >> 4] + digits[c & 15];
}

} // namespace

JsonTape::Verdict JsonTape::fail(std::size_t offset, std::string reason)
{
    m_fault.offset = offset;
    m_fault.reason = std::move(reason);
    m_truncated = offset >= m_text.size();
    m_end = offset;
    // What is open ends here, so that what was complete can be walked.
    for (const auto index : m_open) {
        m_tokens[index].end = static_cast<std::uint32_t>(std::min(offset, m_text.size()));
        m_tokens[index].next = static_cast<std::uint32_t>(m_tokens.size());
    }
    return Verdict::Invalid;
}

bool JsonTape::readString(std::size_t& at, JsonToken& token)
{
    token.begin = static_cast<std::uint32_t>(at);
    token.flags = 0;
    for (;;) {
        at = plainEnd(m_text, at);
        if (at >= m_text.size()) {
            fail(m_text.size(), "the text ends inside a string");
            return false;
        }
        const std::uint8_t c = byteAt(m_text, at);
        if (c == '"') break;
        if (c >= 0x80) {
            const std::size_t length = utf8Length(m_text, at);
            if (length == 0) token.flags |= JsonToken::BadUtf8;
            at += length == 0 ? 1 : length;
            continue;
        }
        if (c != '\\') {
            fail(at, "control " + describe(m_text, at) + " in a string (it must be escaped)");
            return false;
        }
        token.flags |= JsonToken::Escaped;
        if (at + 1 >= m_text.size()) {
            fail(m_text.size(), "the text ends inside a string");
            return false;
        }
        const char kind = m_text[at + 1];
        if (kind == '/') {
            token.flags |= JsonToken::Odd;
        } else if (kind == 'u') {
            const int code = hex4(m_text, at + 2);
            if (code < 0) {
                const bool cut = at + 6 > m_text.size();
                fail(cut ? m_text.size() : at, "\\u without four hex digits");
                return false;
            }
            bool canonical =
                code < 0x20 && code != '\b' && code != '\t' && code != '\n' && code != '\f' && code != '\r';
            if (canonical && m_text[at + 5] >= 'A' && m_text[at + 5] <= 'F') canonical = false;
            if (!canonical) token.flags |= JsonToken::Odd;
            at += 6;
            if (code >= 0xd800 && code < 0xdc00) {
                const bool pair = at + 1 < m_text.size() && m_text[at] == '\\' && m_text[at + 1] == 'u';
                const int low = pair ? hex4(m_text, at + 2) : -1;
                if (low >= 0xdc00 && low < 0xe000)
                    at += 6;
                else
                    token.flags |= JsonToken::LoneSurrogate;
            } else if (code >= 0xdc00 && code < 0xe000)
                token.flags |= JsonToken::LoneSurrogate;
            continue;
        } else if (std::memchr("\"\\bfnrt", kind, 7) == nullptr) {
            fail(at, "no such escape: \\ and " + describe(m_text, at + 1));
            return false;
        }
        at += 2;
    }
    token.end = static_cast<std::uint32_t>(at);
    ++at;
    return true;
}

bool JsonTape::readNumber(std::size_t& at, JsonToken& token)
{
    const std::size_t begin = at, size = m_text.size();
    bool exponent = false;
    if (m_text[at] == '-') ++at;
    if (at >= size || !isDigit(m_text[at])) {
        fail(at, "expected a digit after '-' but found " + describe(m_text, at));
        return false;
    }
    if (m_text[at] == '0') {
        ++at;
        if (at < size && isDigit(m_text[at])) {
            fail(at, "a number with a leading 0");
            return false;
        }
    } else
        while (at < size && isDigit(m_text[at])) ++at;
    if (at < size && m_text[at] == '.') {
        ++at;
        if (at >= size || !isDigit(m_text[at])) {
            fail(at, "expected a digit after '.' but found " + describe(m_text, at));
            return false;
        }
        while (at < size && isDigit(m_text[at])) ++at;
    }
    if (at < size && (m_text[at] == 'e' || m_text[at] == 'E')) {
        exponent = true;
        ++at;
        if (at < size && (m_text[at] == '+' || m_text[at] == '-')) ++at;
        if (at >= size || !isDigit(m_text[at])) {
            fail(at, "expected a digit in an exponent but found " + describe(m_text, at));
            return false;
        }
        while (at < size && isDigit(m_text[at])) ++at;
    }
    token.begin = static_cast<std::uint32_t>(begin);
    token.end = static_cast<std::uint32_t>(at);
    token.type = JsonToken::Type::Number;
    token.flags = 0;
    if (exponent || at - begin > 300) {
        double value = 0;
        const auto [end, error] = std::from_chars(m_text.data() + begin, m_text.data() + at, value);
        if (error == std::errc::result_out_of_range || !std::isfinite(value)) token.flags = JsonToken::Exotic;
    }
    return true;
}

JsonTape::Verdict JsonTape::read(std::string_view text, std::size_t begin, bool whole)
{
    m_text = text.substr(0, 0xfffffff0u);
    m_tokens.clear();
    m_open.clear();
    m_kinds.clear();
    m_truncated = false;
    const std::size_t size = m_text.size();
    std::size_t at = begin;
    bool tooDeep = false;
    enum class State : std::uint8_t { Value, FirstKey, Key, FirstElement, After };
    State state = State::Value;
    const auto recorded = [this] { return m_kinds.size() < kDepth; };
    for (;;) {
        while (at < size && isSpace(m_text[at])) ++at;
        if (state == State::After) {
            if (m_kinds.empty()) break;
            const char open = m_kinds.back();
            if (at < size && m_text[at] == ',') {
                ++at;
                state = open == '{' ? State::Key : State::Value;
                continue;
            }
            if (at >= size || m_text[at] != (open == '{' ? '}' : ']')) {
                return fail(at, std::string("expected ',' or '") + (open == '{' ? '}' : ']') +
                                    "' but found " + describe(m_text, at));
            }
        }
        if (at >= size) return fail(size, "the text ends where a value or a member is expected");
        const char c = m_text[at];
        const bool closes = state == State::After || (state == State::FirstKey && c == '}') ||
                            (state == State::FirstElement && c == ']');
        if (closes) {
            ++at;
            m_kinds.pop_back();
            if (m_kinds.size() < m_open.size()) {
                JsonToken& token = m_tokens[m_open.back()];
                token.end = static_cast<std::uint32_t>(at);
                token.next = static_cast<std::uint32_t>(m_tokens.size());
                m_open.pop_back();
            }
            state = State::After;
            continue;
        }
        JsonToken token;
        if (state == State::FirstKey || state == State::Key) {
            if (c != '"')
                return fail(at, "expected a member's name in quotes but found " + describe(m_text, at));
            ++at;
            token.type = JsonToken::Type::Key;
            if (!readString(at, token)) return Verdict::Invalid;
            while (at < size && isSpace(m_text[at])) ++at;
            if (at >= size || m_text[at] != ':')
                return fail(at, "expected ':' after a member's name but found " + describe(m_text, at));
            ++at;
            if (m_kinds.size() <= kDepth) {
                token.next = static_cast<std::uint32_t>(m_tokens.size() + 1);
                m_tokens.push_back(token);
            }
            state = State::Value;
            continue;
        }
        if (c == '{' || c == '[') {
            if (m_kinds.size() >= kMaxDepth) return fail(at, "nested deeper than a million levels");
            if (recorded()) {
                token.type = c == '{' ? JsonToken::Type::Object : JsonToken::Type::Array;
                token.begin = static_cast<std::uint32_t>(at);
                m_open.push_back(static_cast<std::uint32_t>(m_tokens.size()));
                m_tokens.push_back(token);
            } else
                tooDeep = true;
            m_kinds.push_back(c);
            ++at;
            state = c == '{' ? State::FirstKey : State::FirstElement;
            continue;
        }
        if (c == '"') {
            ++at;
            token.type = JsonToken::Type::String;
            if (!readString(at, token)) return Verdict::Invalid;
        } else if (c == '-' || isDigit(c)) {
            if (!readNumber(at, token)) return Verdict::Invalid;
        } else {
            std::string_view word;
            if (c == 't')
                word = "true", token.type = JsonToken::Type::True;
            else if (c == 'f')
                word = "false", token.type = JsonToken::Type::False;
            else if (c == 'n')
                word = "null", token.type = JsonToken::Type::Null;
            else
                return fail(at, "expected a value but found " + describe(m_text, at));
            if (m_text.substr(at, word.size()) != word) {
                const bool cut = word.starts_with(m_text.substr(at));
                return fail(cut ? size : at, "expected a value but found " + describe(m_text, at));
            }
            token.begin = static_cast<std::uint32_t>(at);
            at += word.size();
            token.end = static_cast<std::uint32_t>(at);
        }
        if (m_kinds.size() <= kDepth) {
            token.next = static_cast<std::uint32_t>(m_tokens.size() + 1);
            m_tokens.push_back(token);
        }
        state = State::After;
    }
    m_end = at;
    if (whole && at < size) return fail(at, "text after the end of the value: " + describe(m_text, at));
    if (!whole)
        while (m_end > begin && isSpace(m_text[m_end - 1])) --m_end;
    return tooDeep ? Verdict::TooDeep : Verdict::Value;
}

void unescapeJsonLenient(std::string_view inside, std::string& out)
{
    static constexpr std::string_view kReplacement = "\xef\xbf\xbd";
    std::size_t at = 0;
    while (at < inside.size()) {
        const std::size_t stop = plainEnd(inside, at);
        out.append(inside.substr(at, stop - at));
        at = stop;
        if (at >= inside.size()) break;
        const std::uint8_t c = byteAt(inside, at);
        if (c >= 0x80) {
            const std::size_t length = utf8Length(inside, at);
            if (length == 0)
                out.append(kReplacement);
            else
                out.append(inside.substr(at, length));
            at += length == 0 ? 1 : length;
            continue;
        }
        if (c != '\\' || at + 1 >= inside.size()) {
            out.push_back(inside[at++]);
            continue;
        }
        const char kind = inside[at + 1];
        at += 2;
        switch (kind) {
        case 'b': out.push_back('\b'); break;
        case 'f': out.push_back('\f'); break;
        case 'n': out.push_back('\n'); break;
        case 'r': out.push_back('\r'); break;
        case 't': out.push_back('\t'); break;
        case 'u': {
            const int code = hex4(inside, at);
            at = std::min(at + 4, inside.size());
            if (code >= 0xd800 && code < 0xdc00 && inside.substr(at, 2) == "\\u") {
                const int low = hex4(inside, at + 2);
                if (low >= 0xdc00 && low < 0xe000) {
                    at += 6;
                    appendUtf8(0x10000u + ((static_cast<char32_t>(code) - 0xd800u) << 10) +
                                   (static_cast<char32_t>(low) - 0xdc00u),
                               out);
                    break;
                }
            }
            if (code < 0 || (code >= 0xd800 && code < 0xe000))
                out.append(kReplacement);
            else
                appendUtf8(static_cast<char32_t>(code), out);
            break;
        }
        default: out.push_back(kind); break;
        }
    }
}

} // namespace faultline
