#include "models/records/json_text.h"

#include "models/records/json_special.h"
#include "models/records/utf8.h"

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

namespace faultline {
namespace {

constexpr char kHex[] = "0123456789abcdef";

/// For each byte the letter behind the backslash of its escape, 'u' for \u00xx, 0 for none.
constexpr std::array<char, 256> kEscape = [] {
    std::array<char, 256> table{};
    for (std::size_t c = 0; c < 0x20; ++c) table[c] = 'u';
    table['"'] = '"';
    table['\\'] = '\\';
    table['\b'] = 'b';
    table['\f'] = 'f';
    table['\n'] = 'n';
    table['\r'] = 'r';
    table['\t'] = 't';
    return table;
}();

/// The number of four hex digits at `at`, or -1.
int hex4(std::string_view text, std::size_t at)
{
    if (text.size() < 4 || at > text.size() - 4) return -1;
    int value = 0;
    for (std::size_t i = at; i < at + 4; ++i) {
        const char c = text[i];
        int digit = 0;
        if (c >= '0' && c <= '9')
            digit = c - '0';
        else if (c >= 'a' && c <= 'f')
            digit = c - 'a' + 10;
        else if (c >= 'A' && c <= 'F')
            digit = c - 'A' + 10;
        else
            return -1;
        value = value << 4 | digit;
    }
    return value;
}

/// Appends the character of the \u escape whose digits start at `at` and moves `at` behind it (and behind
/// the second half of a pair). False when it is malformed or a lone surrogate.
bool appendUnicodeEscape(std::string_view text, std::size_t& at, std::string& out)
{
    const int first = hex4(text, at);
    if (first < 0) return false;
    at += 4;
    if (first < 0xd800 || first > 0xdfff) {
        appendUtf8(static_cast<char32_t>(first), out);
        return true;
    }
    if (first > 0xdbff || text.substr(at, 2) != "\\u") return false;
    const int second = hex4(text, at + 2);
    if (second < 0xdc00 || second > 0xdfff) return false;
    at += 6;
    appendUtf8(static_cast<char32_t>(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00)), out);
    return true;
}

/// Code points that reorder, hide or break lines of text around them: bidi controls, line and paragraph
/// separators, C1 controls, deprecated and tag characters.
bool isHazard(char32_t c)
{
    return (c >= 0x80 && c <= 0x9f) || c == 0x061c || c == 0x200e || c == 0x200f ||
           (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x206f) || (c >= 0xe0000 && c <= 0xe007f);
}

void appendHexByte(unsigned char byte, std::string& out)
{
    out += "\\x";
    out += kHex[byte >> 4];
    out += kHex[byte & 15];
}

void appendCodePoint(char32_t code, std::string& out)
{
    out += code > 0xffff ? "\\U" : "\\u";
    for (int shift = code > 0xffff ? 28 : 12; shift >= 0; shift -= 4) out += kHex[code >> shift & 15];
}

} // namespace

void appendJsonEscaped(std::string_view text, std::string& out)
{
    // Through a small buffer: a document inside a string has an escape every few bytes.
    constexpr std::size_t word = sizeof(std::uint64_t), longest = 6;
    std::array<char, 512> buffer;
    std::size_t used = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (used + word + longest > buffer.size()) {
            out.append(buffer.data(), used);
            used = 0;
        }
        if (text.size() - i >= word) {
            std::uint64_t bytes = 0;
            std::memcpy(&bytes, text.data() + i, word);
            std::memcpy(buffer.data() + used, &bytes, word);
            const std::uint64_t special = jsonSpecials(bytes);
            if (special == 0) {
                used += word;
                i += word - 1;
                continue;
            }
            if constexpr (std::endian::native == std::endian::little) {
                const auto plain = static_cast<std::size_t>(std::countr_zero(special)) / 8;
                used += plain;
                i += plain;
            }
        }
        const auto byte = static_cast<unsigned char>(text[i]);
        const char escape = kEscape[byte];
        if (escape == 0) {
            buffer[used++] = text[i];
            continue;
        }
        buffer[used++] = '\\';
        buffer[used++] = escape;
        if (escape == 'u') {
            for (const char digit : {'0', '0', kHex[byte >> 4], kHex[byte & 15]}) buffer[used++] = digit;
        }
    }
    out.append(buffer.data(), used);
}

bool unescapeJson(std::string_view inside, std::string& out)
{
    out.clear();
    std::size_t at = 0;
    while (true) {
        const std::size_t slash = inside.find('\\', at);
        if (slash == std::string_view::npos) {
            out.append(inside, at);
            return true;
        }
        out.append(inside, at, slash - at);
        if (slash + 1 >= inside.size()) return false;
        at = slash + 2;
        switch (inside[slash + 1]) {
        case '"': out += '"'; break;
        case '\\': out += '\\'; break;
        case '/': out += '/'; break;
        case 'b': out += '\b'; break;
        case 'f': out += '\f'; break;
        case 'n': out += '\n'; break;
        case 'r': out += '\r'; break;
        case 't': out += '\t'; break;
        case 'u':
            if (!appendUnicodeEscape(inside, at, out)) return false;
            break;
        default: return false;
        }
    }
}

void appendTerminalSafe(std::string_view text, std::string& out, bool keepNewlines)
{
    std::size_t run = 0;
    std::size_t i = 0;
    while (i < text.size()) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if (byte >= 0x20 && byte < 0x7f) {
            ++i;
            continue;
        }
        const Utf8Step step = decodeUtf8(text.substr(i));
        const bool plain =
            byte == '\n' ? keepNewlines : byte >= 0x80 && step.valid && !isHazard(step.codePoint);
        if (plain) {
            i += step.length;
            continue;
        }
        out.append(text, run, i - run);
        if (byte == '\n') {
            out += "\\n";
        } else if (byte == '\r') {
            out += "\\r";
        } else if (byte == '\t') {
            out += "\\t";
        } else if (byte < 0x80) {
            appendHexByte(byte, out);
        } else if (step.valid) {
            appendCodePoint(step.codePoint, out);
        } else {
            for (std::size_t k = i; k < i + step.length; ++k)
                appendHexByte(static_cast<unsigned char>(text[k]), out);
        }
        i += step.length;
        run = i;
    }
    out.append(text, run, text.size() - run);
}

} // namespace faultline
