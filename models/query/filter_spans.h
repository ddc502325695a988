#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace faultline {

/// A part of a query as it is typed, for colours. Bytes.
struct FilterSpan
{
    enum class Kind : std::uint8_t { Word, Phrase, Field, Operator, Value, Keyword, Bracket };
    std::size_t begin = 0, end = 0;
    Kind kind = Kind::Word;
    bool operator==(const FilterSpan&) const = default;
};

/// The parts of a query, in order, without those between (white space). Also of one that cannot be read, or
/// not yet: an open quote goes to the end. Linear; any thread.
std::vector<FilterSpan> filterSpans(std::string_view text);

/// What stands at the cursor and could be completed.
struct CompletionPlace
{
    enum class What : std::uint8_t {
        Field, ///< the begin of a word: names of fields
        Value, ///< behind `field:`: values that the field has
    };
    What what = What::Field;
    std::string field;              ///< for Value
    std::string prefix;             ///< what is typed already, unquoted
    std::size_t begin = 0, end = 0; ///< the bytes that a completion takes the place of
    bool negated = false;           ///< a `-` stands before it (and stays)
};
/// Nothing inside a comparison, a range or a regular expression, and where the cursor is within a word.
std::optional<CompletionPlace> completionPlace(std::string_view text, std::size_t cursor);

/// The query with `place` completed: a field gets its colon, a value its quotes where it needs them and a
/// space behind. `cursor`: where the cursor goes.
std::string complete(std::string_view text, const CompletionPlace& place, std::string_view chosen,
                     std::size_t& cursor);

/// A value or a name as the language writes it: bare where that reads the same, else quoted.
std::string filterWord(std::string_view text);

} // namespace faultline
