#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace faultline {

/// Whether all of `text` is well-formed UTF-8 (no overlong forms, no surrogates, nothing above U+10FFFF).
/// Vectorised: several GB/s. Any thread.
bool isValidUtf8(std::string_view text);

/// One step through text that may be malformed.
struct Utf8Step
{
    char32_t codePoint = 0;  ///< U+FFFD when !valid
    std::uint8_t length = 1; ///< bytes used, 1 to 4; of a malformed sequence its longest good prefix (Unicode
                             ///< chapter 3.9, "maximal subpart": what each replacement character stands for)
    bool valid = true;
};
/// Decodes the character at the start of `text`, which must not be empty.
Utf8Step decodeUtf8(std::string_view text);

/// Appends a code point; surrogates and numbers above U+10FFFF as U+FFFD.
void appendUtf8(char32_t codePoint, std::string& out);

/// Appends `text` with every maximal malformed part replaced by U+FFFD: for outputs that must be UTF-8.
void appendReplacingInvalid(std::string_view text, std::string& out);

/// The longest prefix of at most `bytes` bytes that does not end inside a character of valid UTF-8.
std::string_view utf8Prefix(std::string_view text, std::size_t bytes);

} // namespace faultline
