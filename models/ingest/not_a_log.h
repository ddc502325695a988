#pragma once
#include <string>
#include <string_view>

namespace faultline {

/// Why a readable text is no log, by its name and its first bytes together: a table with a header in a .csv
/// or .tsv file, metrics in Prometheus's text format, or prose under a name that prose has (README, LICENSE,
/// *.md). Empty when it may be one: no name alone condemns a file, lines with a time or a level or in JSON
/// are always read. `name` may be a path, also with the ending of a compression; `head`: the first bytes,
/// decoded. Any thread.
std::string reasonNotALog(std::string_view name, std::string_view head, bool complete);

} // namespace faultline
