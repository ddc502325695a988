#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace faultline {

/// How many letters to change, add, drop or swap with their neighbour to make one word of the other. Bytes
/// are letters; takes time by the product of the lengths.
std::size_t editDistance(std::string_view a, std::string_view b);

/// The words of `known` that someone who typed `word` may have meant, nearest first, at most `most`: without
/// case, with a letter or two wrong (a third of the word), or as a part of a dotted name ("user" for
/// "user.id", "status_code" for "http.response.status_code"). Words over 100 bytes have none.
std::vector<std::string> nearWords(std::string_view word, const std::vector<std::string>& known,
                                   std::size_t most);

} // namespace faultline
