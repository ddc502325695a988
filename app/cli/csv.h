#pragma once
#include "app/cli/command.h"

#include <string>
#include <vector>

namespace faultline::cli {

/// Writes a row of cells, see csvCell(), and "\r\n". To a terminal the cells go with control bytes made
/// visible, line ends aside; anywhere else as they are, with U+FFFD for bytes that are not UTF-8, as in JSON.
void printCsv(const Context& context, const std::vector<std::string>& cells);

} // namespace faultline::cli
