#pragma once
#include "models/base/result.h"
#include "models/base/time.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace faultline {

struct Filter;
using FilterPtr = std::shared_ptr<const Filter>;

/// A parsed filter of the search language (DESIGN section 7). A value: immutable, compared by content.
/// models/query/match.h says what a leaf matches.
struct Filter
{
    enum class Kind : std::uint8_t {
        All, ///< matches everything (an empty query, or `*`)
        And,
        Or,      ///< two or more children
        Not,     ///< one child; the exact complement
        Word,    ///< case-insensitive substring of any text field: `text`
        Equals,  ///< field:value, the whole value; for `message` only with a wildcard, and then a part of it
        Phrase,  ///< message:value without a wildcard: substring
        Compare, ///< field op value
        Range,   ///< field:[low TO high], one bound may be open
        Exists,  ///< field:*
        Matches, ///< field=~"re"; `text` is the expression; field may be empty: any text field
    };
    enum class Op : std::uint8_t { Less, LessEqual, Greater, GreaterEqual };
    Kind kind = Kind::All;
    std::string field;
    std::string text; ///< the value, unquoted
    /// Word and Equals: `text` is a pattern: `*` is any run, `\*` and `\\` are these characters. See
    /// wildcardPieces().
    bool wildcard = false;
    Op op = Op::Less;
    std::string low, high;                            ///< Range; empty: open
    bool lowOpen = false, highOpen = false;           ///< Range: `*` bound
    bool lowExclusive = false, highExclusive = false; ///< {a TO b}; false for an open bound
    std::vector<FilterPtr> children;
    bool operator==(const Filter& other) const;
};

/// Bounds that protect the program from a hostile query.
inline constexpr std::size_t kFilterTextLimit = 64 * 1024; ///< bytes of a query
inline constexpr std::size_t kFilterDepthLimit = 128;      ///< parentheses and NOT within each other
inline constexpr std::size_t kFilterTermLimit = 8'192;     ///< leaves
inline constexpr std::size_t kFilterFieldLimit = 1'024;    ///< bytes of a field name

/// Parses a query. `now` resolves relative times (`now-15m`) in comparisons, which become absolute. The Error
/// has a place in `text`, says what would be valid there, and offers the text as a phrase (filter_text.h).
///
///     query := or                      precedence: NOT before AND before OR; two terms side by side are AND
///     or    := and { OR and }          and := not { [AND] not }        not := (NOT | "-") not | term
///     term  := "(" or ")" | word | field ":" value | field (< | <= | > | >=) operand | [field] (=~ | !~)
///     regex value := word | "*" | (< | <= | > | >=) operand | ("[" | "{") bound TO bound ("]" | "}") | "("
///     or ")"
///
/// A word is bare, "quoted" (escapes \" \\ \n \r \t \* \xHH \uHHHH; no wildcards) or `raw`. In a bare word a
/// backslash before punctuation or a space takes it literally and stands for itself before anything else; a
/// bare regular expression keeps every backslash. A bare value may hold : = / and balanced parentheses. In
/// field:(a OR b) every word is a value of it; `-` before a digit is a sign. Small letters: see filter_text.h
Result<FilterPtr> parseFilter(std::string_view text, TimeNs now);

/// The query text of a filter: parseFilter(printFilter(x)) == x, for every x that parseFilter() or the
/// functions of models/query/filter_build.h give. "" for a filter that matches everything.
std::string printFilter(const Filter& filter);

/// Three lines for a terminal: the text, a caret under the faulty place, what would be valid. A long text is
/// shortened around the place; tabs, control and bidi characters are shown as one column. No final newline.
std::string explainFilterError(std::string_view text, const Error& error);

/// The literal parts of a wildcard pattern: one more than it has `*`; "a*\**" gives {"a", "*", ""}.
std::vector<std::string> wildcardPieces(std::string_view pattern);

} // namespace faultline
