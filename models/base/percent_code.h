#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace faultline {

/// Every byte but the unreserved ones of RFC 3986 (letters, digits, "-", ".", "_", "~") as "%XX".
std::string percentEncoded(std::string_view text);
/// The bytes behind the percent codes of a text, whatever they are; other bytes stay. Nothing when a code is
/// cut or has other than hex digits.
std::optional<std::string> percentDecoded(std::string_view text);

} // namespace faultline
