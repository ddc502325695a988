#pragma once
#include <array>
#include <cstdint>
#include <string_view>

/// Details of mask.cpp: what bytes and words are. Nothing else includes this.
namespace faultline::masking {

/// What a byte is in a message; words are runs of bytes without Break.
enum Class : std::uint16_t {
    Break = 0, ///< white space, control bytes, quotes, brackets, comma, semicolon, =, |
    Digit = 1,
    HexLetter = 2, ///< a to f
    Lower = 4,     ///< g to z, and every byte of a character outside ASCII
    Upper = 8,
    Inner = 16, ///< other punctuation that stands inside words: - _ + % # ...
    Slash = 32, ///< / and backslash
    At = 64,
    Dot = 128,
    Colon = 256,
};
inline constexpr unsigned kLetters = HexLetter | Lower | Upper;
inline constexpr unsigned kPunctuation = Inner | Dot | Colon;

inline constexpr std::array<std::uint16_t, 256> kClasses = [] {
    std::array<std::uint16_t, 256> table{};
    for (std::size_t c = 0; c < 256; ++c) {
        if (c >= '0' && c <= '9')
            table[c] = Digit;
        else if (c >= 'a' && c <= 'f')
            table[c] = HexLetter;
        else if ((c >= 'g' && c <= 'z') || c >= 0x80)
            table[c] = Lower;
        else if (c >= 'A' && c <= 'Z')
            table[c] = Upper;
    }
    for (const char c : std::string_view("-_+%#*$~!?&^")) table[static_cast<unsigned char>(c)] = Inner;
    table['/'] = table['\\'] = Slash;
    table['@'] = At;
    table['.'] = Dot;
    table[':'] = Colon;
    return table;
}();

constexpr unsigned classOf(char c)
{
    return kClasses[static_cast<unsigned char>(c)];
}
constexpr bool isDigit(char c)
{
    return classOf(c) == Digit;
}
constexpr bool isLetter(char c)
{
    return (classOf(c) & kLetters) != 0;
}
constexpr bool isWordByte(char c)
{
    return (classOf(c) & (kLetters | Digit)) != 0;
}
constexpr bool isHexDigit(char c)
{
    return isDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/// 8-4-4-4-12 hex digits in any case.
bool isUuid(std::string_view text);
/// The length of the JSON web token (RFC 7519: three or five parts in base64url) that `text` begins with; 0:
/// none.
std::size_t tokenLength(std::string_view text);
/// The name of a machine: labels with dots and a top-level domain that file names and code do not end with.
bool isHostName(std::string_view text);
/// Four numbers with points between them, with or without a port.
bool isDottedQuad(std::string_view text);
/// Labels with dots between them, and nothing else.
bool isDottedName(std::string_view text);
/// Whether the word behind `user` is an account: the word before `user` asks for one (`for`, `invalid`, `by`)
/// and `name` is not a noun that goes with it (`user request`).
bool isAccountContext(std::string_view before, std::string_view name);
/// host:port, where the host has a dot and is not a source file (`main.cpp:12` is a place in code).
bool isHostAndPort(std::string_view text);
/// Groups of hex digits with at least two colons, and nothing else but what IPv6 adds: MAC, WWN, IPv6.
bool isColonAddress(std::string_view text);
/// A path or a URL from its first byte: /x, ./x, ../x, ~/x, c:\x, scheme://x.
bool isPathStart(std::string_view text);
/// user@host, but not Class@1f2e3d4c.
bool isAddressAtHost(std::string_view text);
/// Units that a size is printed in; the length of the one at the start of `text`, 0 when there is none.
std::size_t sizeUnitLength(std::string_view text);
/// `Fri Jul 01 08:16:53 PDT 2005`, `Jul  1 08:16:53`: the length of a date with names at the start of `text`,
/// or 0.
std::size_t namedDateLength(std::string_view text);

} // namespace faultline::masking
