#pragma once
#include "models/base/result.h"

#include <cstddef>
#include <string>
#include <string_view>

namespace faultline {

/// Bytes of the character at the start of `text` when it is white space, ASCII or the kinds that come with
/// pasted text (no-break, ideographic ...); else 0.
std::size_t spaceAtStart(std::string_view text);
/// The same for typographic double quotes, which cannot begin a bare word.
std::size_t curlyQuoteAtStart(std::string_view text);

/// One word of a query, as read.
struct FilterToken
{
    std::string text; ///< escapes resolved; a pattern (Filter::wildcard) when `wildcard`
    bool wildcard = false;
    bool quoted = false;   ///< "..." or `...`
    bool raw = false;      ///< `...`, or a bare regular expression: no escapes
    std::size_t begin = 0; ///< bytes [begin, end) of the query, quotes included
    std::size_t end = 0;
};

/// Reads the words of a query. What ends a bare word depends on where it stands, so the parser says what it
/// expects. Knows the characters; the parser knows the grammar.
class FilterLexer
{
public:
    enum class Place : std::uint8_t {
        Term,    ///< a word or a field name: an operator ends it
        Value,   ///< behind field: or an operator
        Bound,   ///< inside [ ]
        Pattern, ///< a regular expression: bare ones keep every backslash
    };
    explicit FilterLexer(std::string_view text) : m_text(text) {}

    std::string_view text() const { return m_text; }
    std::size_t offset() const { return m_at; }
    bool atEnd() const { return m_at >= m_text.size(); }
    /// 0 behind the end.
    char peek(std::size_t ahead = 0) const
    {
        return m_at + ahead < m_text.size() ? m_text[m_at + ahead] : '\0';
    }
    bool startsWith(std::string_view what) const { return m_text.substr(m_at).starts_with(what); }
    void advance(std::size_t bytes) { m_at += bytes; }
    void moveTo(std::size_t offset) { m_at = offset; }
    /// Skips white space, also the kinds that chats and documents paste (no-break and ideographic spaces).
    void skipSpace();
    /// True at the end, at white space or before a parenthesis that closes.
    bool atBoundary() const;
    /// Takes `keyword` when it stands here as a word of its own.
    bool takeKeyword(std::string_view keyword);
    bool atKeyword(std::string_view keyword) const;
    /// The same in any mixture of cases, where no operator of a field follows: `not: x` is a field.
    bool atKeywordInAnyCase(std::string_view keyword) const;

    /// Reads the word that starts here.
    Result<FilterToken> read(Place place);
    /// Where byte `decoded` of a token's text came from.
    std::size_t sourceOffset(const FilterToken& token, std::size_t decoded) const;

private:
    Result<FilterToken> readQuoted();
    Result<FilterToken> readRaw();
    Result<FilterToken> readBare(Place place);
    bool endsBare(Place place, std::size_t at) const;
    bool endsKeyword(std::size_t behind) const;
    std::size_t spaceAt(std::size_t at) const { return spaceAtStart(m_text.substr(at)); }
    std::size_t closingParenthesis(std::size_t open) const;

    std::string_view m_text;
    std::size_t m_at = 0;
};

/// An Error of kind Usage about bytes [offset, offset + length) of a query.
Error filterError(std::size_t offset, std::size_t length, std::string why, std::string hint = {});

} // namespace faultline
