#pragma once
#include <string>
#include <string_view>

namespace faultline {

/// A CSV cell (RFC 4180): quoted when it holds a comma, a quote or a line end.
///
/// A text that a spreadsheet would run as a formula (= + - @ or their full-width forms, also behind white
/// space, and no number) gets an apostrophe in front; so does a text that begins with apostrophes and such a
/// formula. Taking one apostrophe away again from what looks so gives the text back, byte for byte.
std::string csvCell(std::string_view text);

} // namespace faultline
