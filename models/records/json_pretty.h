#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace faultline {

/// Appends the JSON object or array at the front of `text`, a member or an element a line, indented by two
/// spaces a level; every token keeps its own bytes, empty ones stay `{}` and `[]`. Ends after `most` bytes of
/// output, within a token if need be. Returns whether all of it was written; `out` is as it was when there is
/// no object or array at the front.
///
/// Looks at brackets and strings only: for text that was read as JSON before. No recursion; indents no deeper
/// than 64 levels.
bool appendPrettyJson(std::string_view text, std::size_t most, std::string& out);

} // namespace faultline
