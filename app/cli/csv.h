#pragma once
#include "app/cli/command.h"

#include <string>
#include <string_view>
#include <vector>

namespace faultline::cli {

/// A CSV cell (RFC 4180): quoted when it holds a comma, a quote or a line end.
///
/// A text that a spreadsheet would run as a formula (= + - @ or their full-width forms, also behind white
/// space, and no number) gets an apostrophe in front; so does a text that begins with apostrophes and such a
/// formula. Taking one apostrophe away again from what looks so gives the text back, byte for byte.
std::string csvCell(std::string_view text);

/// Writes a row of cells and "\r\n". To a terminal the cells go with control bytes made visible, line ends
/// aside; anywhere else as they are, with U+FFFD for bytes that are not UTF-8, as in JSON.
void printCsv(const Context& context, const std::vector<std::string>& cells);

} // namespace faultline::cli
