#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace faultline {

/// Appends the JSON object or array at the front of `text` without the white space between its tokens; every
/// token keeps its own bytes. Returns how many bytes of `text` it took; 0 when there is no whole object or
/// array, or when it could not stand on one line (a line end inside a string), and `out` is then as it was.
///
/// Looks at brackets and strings only: for text that was read as JSON before. No recursion.
std::size_t appendCompactJson(std::string_view text, std::string& out);

} // namespace faultline
