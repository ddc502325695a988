#pragma once
#include <cstddef>
#include <string>
#include <string_view>

/// What the search language does with a text that was pasted rather than written as a query.
///
/// AND, OR and NOT are operators in small letters too where every other term of the query is field:value (its
/// value right behind the colon), a comparison, a phrase, or such in parentheses. Beside bare words, which
/// may be prose ("code not found"), they are an error that offers both readings; neither is chosen in
/// silence.
namespace faultline {

/// A query that finds `text` as it stands: in "quotes", without the white space around it, with what needs an
/// escape escaped. Empty for a text of white space.
std::string quotedText(std::string_view text);

/// What begins a hint that offers a whole query; the query is the rest of the hint.
inline constexpr std::string_view kAsTextHint = "To search for it as it stands: ";
inline constexpr std::string_view kWithOperatorHint = "With the operator: ";
/// A query longer than this is not offered: nobody reads it.
inline constexpr std::size_t kOfferedLimit = 4096;
/// The query that a hint offers; empty when it offers none. Part of `hint`.
std::string_view offeredQuery(std::string_view hint);

} // namespace faultline
