#pragma once
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace faultline {

/// True when `text` has *, ?, [ or { that no backslash hides.
bool hasGlob(std::string_view text);
/// "a{b,c{d,e}}f" as its alternatives, at most 1,000; a brace without a comma or a partner stands for itself.
std::vector<std::string> expandBraces(std::string_view pattern);
/// Matches one part of a path against *, ?, [a-z], [!x] and backslash escapes, byte by byte. A leading dot of
/// `name` is matched only by a dot. Time is at most the product of the lengths.
bool globMatch(std::string_view pattern, std::string_view name);
/// Files and folders that match, sorted by bytes, each once. "**" as a part of its own matches any number of
/// folders, links to folders not followed; hidden folders only when the pattern names them.
std::vector<std::string> expandGlob(std::string_view pattern, std::stop_token stop = {});

} // namespace faultline
