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
struct Filter
{
    enum class Kind : std::uint8_t {
        All,      ///< matches everything (an empty query)
        And, Or,  ///< children
        Not,      ///< one child; the exact complement
        Word,     ///< case-insensitive substring of any text field: `text`
        Equals,   ///< field:value, with `*` wildcards in `pieces` when wildcard; substring for message
        Phrase,   ///< message:"connection reset": substring
        Compare,  ///< field op value
        Range,    ///< field:[low TO high], bounds may be open
        Exists,   ///< field:*
        Matches,  ///< field=~"re"; `text` is the expression; field may be empty: any text field
    };
    enum class Op : std::uint8_t { Less, LessEqual, Greater, GreaterEqual };
    Kind kind = Kind::All;
    std::string field;
    std::string text;    ///< the value as written (unquoted)
    bool wildcard = false;
    Op op = Op::Less;
    std::string low, high;             ///< Range; empty: open
    bool lowOpen = false, highOpen = false; ///< Range: `*` bound
    bool lowExclusive = false, highExclusive = false; ///< {a TO b}
    std::vector<FilterPtr> children;
    bool operator==(const Filter& other) const;
};

/// Parses a query. `now` resolves relative times in comparisons with timestamp. The Error has a place in `text`
/// and says what would be valid there.
Result<FilterPtr> parseFilter(std::string_view text, TimeNs now);
/// The query text of a filter: parseFilter(printFilter(x)) == x.
std::string printFilter(const Filter& filter);
/// Three lines for a terminal: the text, a caret under the faulty place, what would be valid.
std::string explainFilterError(std::string_view text, const Error& error);

} // namespace faultline
