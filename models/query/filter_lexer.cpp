#include "models/query/filter_lexer.h"

#include "models/records/utf8.h"

#include <algorithm>
#include <array>

namespace faultline {

namespace {

bool isAlnum(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// A backslash takes this byte literally; before anything else it stands for itself (C:\Users).
bool isEscapable(char c)
{
    return !isAlnum(c) && static_cast<unsigned char>(c) < 0x80;
}

int hexDigit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/// White space beside ASCII that comes with pasted text.
constexpr std::array<std::string_view, 18> kPastedSpaces{
    "\xc2\xa0",     "\xc2\x85",     "\xe2\x80\x80", "\xe2\x80\x81", "\xe2\x80\x82", "\xe2\x80\x83",
    "\xe2\x80\x84", "\xe2\x80\x85", "\xe2\x80\x86", "\xe2\x80\x87", "\xe2\x80\x88", "\xe2\x80\x89",
    "\xe2\x80\x8a", "\xe2\x80\xa8", "\xe2\x80\xa9", "\xe2\x80\xaf", "\xe3\x80\x80", "\xef\xbb\xbf"};

/// One escape of a quoted string, `at` on the backslash; moves behind it. False when there is no such escape.
bool readEscape(std::string_view text, std::size_t& at, std::string& out)
{
    const char c = at + 1 < text.size() ? text[at + 1] : '\0';
    const auto digits = [&](std::size_t count, char32_t& value) {
        value = 0;
        for (std::size_t i = 0; i < count; ++i) {
            const int digit = at + 2 + i < text.size() ? hexDigit(text[at + 2 + i]) : -1;
            if (digit < 0) return false;
            value = value * 16 + static_cast<char32_t>(digit);
        }
        return true;
    };
    char32_t value = 0;
    switch (c) {
    case '"':
    case '\\':
    case '*':
    case '/':
    case '`':
    case '\'': out += c; break;
    case 'n': out += '\n'; break;
    case 'r': out += '\r'; break;
    case 't': out += '\t'; break;
    case 'x':
        if (!digits(2, value)) return false;
        out += static_cast<char>(value);
        at += 2;
        break;
    case 'u':
        if (!digits(4, value) || (value >= 0xd800 && value < 0xe000)) return false;
        appendUtf8(value, out);
        at += 4;
        break;
    default: return false;
    }
    at += 2;
    return true;
}

} // namespace

Error filterError(std::size_t offset, std::size_t length, std::string why, std::string hint)
{
    Error error = makeError(ErrorKind::Usage, "read the query", std::move(why));
    if (!hint.empty()) error.hints.push_back(std::move(hint));
    error.place = Error::Place{offset, length};
    return error;
}

std::size_t spaceAtStart(std::string_view text)
{
    if (text.empty()) return 0;
    const char c = text[0];
    if (c == ' ' || (c >= '\t' && c <= '\r')) return 1;
    if (static_cast<unsigned char>(c) < 0x80) return 0;
    for (const auto space : kPastedSpaces)
        if (text.starts_with(space)) return space.size();
    return 0;
}

std::size_t curlyQuoteAtStart(std::string_view text)
{
    for (const std::string_view quote : {"\xe2\x80\x9c", "\xe2\x80\x9d", "\xe2\x80\x9e", "\xc2\xab"})
        if (text.starts_with(quote)) return quote.size();
    return 0;
}

void FilterLexer::skipSpace()
{
    while (const std::size_t bytes = spaceAt(m_at)) m_at += bytes;
}

bool FilterLexer::atBoundary() const
{
    return atEnd() || peek() == ')' || spaceAt(m_at) > 0;
}

bool FilterLexer::endsKeyword(std::size_t behind) const
{
    if (behind >= m_text.size() || spaceAt(behind) > 0) return true;
    const char c = m_text[behind];
    return c == '(' || c == ')' || c == '"' || c == '`';
}

bool FilterLexer::atKeyword(std::string_view keyword) const
{
    return startsWith(keyword) && endsKeyword(m_at + keyword.size());
}

bool FilterLexer::atKeywordInAnyCase(std::string_view keyword) const
{
    if (atKeyword(keyword)) return true;
    const std::string_view here = m_text.substr(std::min(m_at, m_text.size()), keyword.size());
    const auto same = [](char c, char capital) { return (c & ~0x20) == capital; };
    if (!std::equal(here.begin(), here.end(), keyword.begin(), keyword.end(), same)) return false;
    std::size_t behind = m_at + keyword.size();
    if (!endsKeyword(behind)) return false;
    while (const std::size_t space = spaceAt(behind)) behind += space;
    const std::string_view rest = m_text.substr(std::min(behind, m_text.size()));
    if (rest.starts_with("!=") || rest.starts_with("!~")) return false;
    return rest.empty() || std::string_view(":<>=").find(rest.front()) == std::string_view::npos;
}

bool FilterLexer::takeKeyword(std::string_view keyword)
{
    if (!atKeyword(keyword)) return false;
    m_at += keyword.size();
    return true;
}

Result<FilterToken> FilterLexer::read(Place place)
{
    if (peek() == '"') return readQuoted();
    if (peek() == '`') return readRaw();
    return readBare(place);
}

Result<FilterToken> FilterLexer::readQuoted()
{
    FilterToken token;
    token.quoted = true;
    token.begin = m_at;
    std::size_t at = m_at + 1;
    while (at < m_text.size() && m_text[at] != '"') {
        if (m_text[at] != '\\') {
            token.text += m_text[at++];
            continue;
        }
        if (at + 1 >= m_text.size()) break;
        if (!readEscape(m_text, at, token.text)) {
            std::size_t length = 2;
            while (at + length < m_text.size() &&
                   (static_cast<unsigned char>(m_text[at + length]) & 0xc0) == 0x80)
                ++length;
            return filterError(
                at, length, "this escape does not exist in \"quotes\"",
                "there are \\\" \\\\ \\n \\r \\t \\* \\xHH and \\uHHHH; for a regular expression double "
                "the backslash or use `backticks`, which have no escapes");
        }
    }
    if (at >= m_text.size() || m_text[at] != '"')
        return filterError(token.begin, 1, "this quote is not closed",
                           "add a \" at the end of the phrase; a quote inside it is written \\\"");
    m_at = at + 1;
    token.end = m_at;
    return token;
}

Result<FilterToken> FilterLexer::readRaw()
{
    FilterToken token;
    token.quoted = token.raw = true;
    token.begin = m_at;
    const std::size_t close = m_text.find('`', m_at + 1);
    if (close == std::string_view::npos)
        return filterError(m_at, 1, "this backtick is not closed",
                           "add a ` at the end; a text that has a backtick itself goes into \"quotes\"");
    token.text = m_text.substr(m_at + 1, close - m_at - 1);
    m_at = close + 1;
    token.end = m_at;
    return token;
}

/// The parenthesis that closes the one at `open`, before any white space or quote; npos when there is none.
std::size_t FilterLexer::closingParenthesis(std::size_t open) const
{
    std::size_t depth = 0;
    for (std::size_t at = open; at < m_text.size() && spaceAt(at) == 0 && m_text[at] != '"'; ++at) {
        if (m_text[at] == '\\') {
            ++at;
        } else if (m_text[at] == '(') {
            ++depth;
        } else if (m_text[at] == ')' && --depth == 0) {
            return at;
        }
    }
    return std::string_view::npos;
}

bool FilterLexer::endsBare(Place place, std::size_t at) const
{
    const char c = m_text[at];
    if (c == ')' || spaceAt(at) > 0) return true;
    if (place == Place::Bound) return c == ']' || c == '}';
    if (place != Place::Term) return false;
    const char next = at + 1 < m_text.size() ? m_text[at + 1] : '\0';
    if (c == '!') return next == '=' || next == '~';
    return c == ':' || c == '<' || c == '>' || c == '=';
}

Result<FilterToken> FilterLexer::readBare(Place place)
{
    FilterToken token;
    token.begin = m_at;
    token.raw = place == Place::Pattern;
    std::string pattern;      // the same word as a wildcard pattern
    std::size_t balanced = 0; // end of a parenthesis inside the word
    bool afterRun = false;    // ** is one run
    const auto literal = [&](char c) {
        afterRun = false;
        token.text += c;
        if (c == '*' || c == '\\') pattern += '\\';
        pattern += c;
    };
    while (m_at < m_text.size()) {
        const char c = m_text[m_at];
        if (m_at >= balanced) {
            // std::vector and fe80::1 are words, not fields
            if (place == Place::Term && startsWith("::") && peek(2) != ':' && m_at > token.begin) {
                literal(':');
                literal(':');
                m_at += 2;
                continue;
            }
            if (endsBare(place, m_at)) break;
        }
        if (c == '"' || (c == '`' && place != Place::Pattern))
            return filterError(m_at, 1, "a quote stands inside a word",
                               "put a space before it, quote the whole word, or write \\" +
                                   std::string(1, c));
        if (c == '(' && m_at >= balanced) {
            if (token.text == "AND" || token.text == "OR" || token.text == "NOT") break;
            const std::size_t close = closingParenthesis(m_at);
            if (close == std::string_view::npos)
                return filterError(m_at, 1, "a parenthesis opens inside a word and does not close in it",
                                   "put a space before it to group, or quote the whole word");
            balanced = close + 1;
        }
        if (c == '\\' && m_at + 1 < m_text.size()) {
            if (token.raw) {
                literal(c);
                literal(m_text[m_at + 1]);
                m_at += 2;
                continue;
            }
            if (isEscapable(m_text[m_at + 1])) {
                literal(m_text[m_at + 1]);
                m_at += 2;
                continue;
            }
            const std::string_view next = m_text.substr(m_at + 1);
            if (const std::size_t odd = spaceAtStart(next) + curlyQuoteAtStart(next); odd > 0) {
                for (const char byte : next.substr(0, odd)) literal(byte);
                m_at += 1 + odd;
                continue;
            }
        }
        if (c == '*' && !token.raw) {
            token.wildcard = true;
            token.text += c;
            if (!afterRun) pattern += c;
            afterRun = true;
        } else {
            literal(c);
        }
        ++m_at;
    }
    token.end = m_at;
    if (token.wildcard) token.text = std::move(pattern);
    return token;
}

std::size_t FilterLexer::sourceOffset(const FilterToken& token, std::size_t decoded) const
{
    if (!token.quoted) return token.begin + decoded;
    if (token.raw) return token.begin + 1 + decoded;
    std::string text;
    std::size_t at = token.begin + 1;
    while (at + 1 < token.end && text.size() < decoded)
        if (m_text[at] != '\\')
            text += m_text[at++];
        else if (!readEscape(m_text, at, text))
            break;
    return at;
}

} // namespace faultline
