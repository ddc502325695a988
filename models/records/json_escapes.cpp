#include "models/records/json_escapes.h"

#include "models/records/json_special.h"
#include "models/records/json_text.h"
#include "models/records/utf8.h"

#include <array>
#include <cstdint>
#include <cstring>

namespace faultline {
namespace {

using Bit = JsonEscapes::Bit;

constexpr std::uint8_t kQuoteMark = 0x80; ///< beside the bits: escaped by \u only with Marks and Upper

/// For each byte the bits that have it escaped in a way of their own. Of longer characters only the first
/// bytes of U+2028, U+2029 (e2) and U+FFFD (ef) have Separators, which their other bytes decide.
constexpr std::array<std::uint8_t, 256> kBits = [] {
    std::array<std::uint8_t, 256> table{};
    table['/'] = Bit::Slash;
    table['<'] = table['>'] = table['&'] = Bit::Html;
    table['\b'] = table['\f'] = Bit::LongControls;
    table['\''] = table['='] = Bit::Marks;
    table['"'] = table['+'] = table['`'] = Bit::Marks | kQuoteMark;
    for (std::size_t c = 0x7f; c < 0x100; ++c) table[c] = Bit::Ascii;
    table[0xe2] = table[0xef] = Bit::Ascii | Bit::Separators;
    return table;
}();

/// Whether the canonical form of a text is the text: no quote, no backslash, nothing below 0x20.
bool isCanonicallyPlain(std::string_view text)
{
    std::uint64_t found = 0;
    std::size_t at = 0;
    for (; at + 8 <= text.size(); at += 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, text.data() + at, 8);
        found |= jsonSpecials(word);
    }
    std::uint64_t last = 0x2020202020202020u;
    std::memcpy(&last, text.data() + at, text.size() - at);
    return (found | jsonSpecials(last)) == 0;
}

bool isSeparator(std::string_view text)
{
    return text.starts_with("\u2028") || text.starts_with("\u2029") || text.starts_with("\ufffd");
}

/// How the character at the start of `text` is written: false when as the canonical form has it.
bool hasOwnForm(std::string_view text, unsigned bits)
{
    const auto byte = static_cast<unsigned char>(text.front());
    const unsigned shared = kBits[byte] & bits;
    if (shared == 0) return false;
    if (shared & Bit::Ascii) return true;
    if (shared & Bit::Separators) return isSeparator(text);
    if (shared & Bit::Marks) {
        if (byte == '\'') return true;
        return ((bits & Bit::Upper) != 0) == ((kBits[byte] & kQuoteMark) != 0);
    }
    return true;
}

void appendUnit(unsigned unit, bool upper, std::string& out)
{
    const char* const digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
    out += "\\u";
    for (int shift = 12; shift >= 0; shift -= 4) out += digits[unit >> shift & 15];
}

/// Appends the character at the start of `text` in its own form; returns its length.
std::size_t appendOwnForm(std::string_view text, bool upper, std::string& out)
{
    if (text.front() == '/') {
        out += "\\/";
        return 1;
    }
    const Utf8Step step = decodeUtf8(text);
    const auto code = static_cast<std::uint32_t>(step.codePoint);
    if (code > 0xffff) {
        appendUnit(0xd800 + ((code - 0x10000) >> 10), upper, out);
        appendUnit(0xdc00 + ((code - 0x10000) & 0x3ff), upper, out);
    } else {
        appendUnit(code, upper, out);
    }
    return step.length;
}

int hexDigit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/// The bits that a \u escape of this unit shows; nothing when no writer that is known writes it.
std::optional<unsigned> bitsOfUnit(unsigned unit)
{
    if (unit == '\b' || unit == '\f') return Bit::LongControls;
    if (unit == '\n' || unit == '\r' || unit == '\t') return std::nullopt;
    if (unit < 0x20) return 0;
    if (unit == 0x2028 || unit == 0x2029 || unit == 0xfffd) return Bit::Separators;
    if (unit >= 0x7f) return Bit::Ascii;
    if (unit == '"' || unit == '+' || unit == '`') return unsigned{Bit::Marks} | Bit::Upper;
    const unsigned bits = kBits[unit] & ~unsigned{kQuoteMark};
    if (bits == 0 || bits == Bit::Slash) return std::nullopt;
    return bits;
}

bool writes(std::string_view text, std::string_view inside, JsonEscapes escapes, std::string& scratch)
{
    scratch.clear();
    appendJsonEscaped(text, escapes, scratch);
    return scratch == inside;
}

} // namespace

void appendJsonEscaped(std::string_view text, JsonEscapes escapes, std::string& out)
{
    const unsigned bits = escapes.bits();
    if (bits == 0) {
        appendJsonEscaped(text, out);
        return;
    }
    const bool upper = (bits & Bit::Upper) != 0;
    std::size_t run = 0;
    for (std::size_t i = 0; i < text.size();) {
        const auto byte = static_cast<unsigned char>(text[i]);
        const bool canonicalUnit = upper && byte < 0x20 && byte != '\n' && byte != '\r' && byte != '\t' &&
                                   byte != '\b' && byte != '\f';
        if (!canonicalUnit && !hasOwnForm(text.substr(i), bits)) {
            ++i;
            continue;
        }
        appendJsonEscaped(text.substr(run, i - run), out);
        i += appendOwnForm(text.substr(i), upper, out);
        run = i;
    }
    appendJsonEscaped(text.substr(run), out);
}

void escapeJsonFrom(std::size_t begin, JsonEscapes escapes, std::string& out, std::string& scratch)
{
    const std::string_view text = std::string_view(out).substr(begin);
    if (isCanonicallyPlain(text) && isWrittenPlain(text, escapes)) return;
    scratch.assign(text);
    out.resize(begin);
    appendJsonEscaped(scratch, escapes, out);
}

bool isWrittenPlain(std::string_view text, JsonEscapes escapes)
{
    const unsigned bits = escapes.bits();
    if (bits == 0) return true;
    for (std::size_t i = 0; i < text.size(); ++i)
        if ((kBits[static_cast<unsigned char>(text[i])] & bits) != 0 && hasOwnForm(text.substr(i), bits))
            return false;
    return true;
}

std::optional<JsonEscapes> shownEscapes(std::string_view inside)
{
    unsigned bits = 0;
    bool lower = false, upper = false;
    for (std::size_t at = inside.find('\\'); at != std::string_view::npos; at = inside.find('\\', at)) {
        if (at + 1 >= inside.size()) return std::nullopt;
        const char kind = inside[at + 1];
        at += 2;
        if (kind == '/') bits |= Bit::Slash;
        if (kind != 'u') continue;
        if (inside.size() - at < 4) return std::nullopt;
        unsigned unit = 0;
        for (std::size_t i = at; i < at + 4; ++i) {
            const int digit = hexDigit(inside[i]);
            if (digit < 0) return std::nullopt;
            lower = lower || inside[i] >= 'a';
            upper = upper || (inside[i] >= 'A' && inside[i] <= 'F');
            unit = unit << 4 | static_cast<unsigned>(digit);
        }
        at += 4;
        const auto shown = bitsOfUnit(unit);
        if (!shown) return std::nullopt;
        bits |= *shown;
    }
    if (lower && (upper || (bits & Bit::Upper) != 0)) return std::nullopt;
    return JsonEscapes(bits | (upper ? unsigned{Bit::Upper} : 0u));
}

std::optional<JsonEscapes> escapesFor(std::string_view text, std::string_view inside, JsonEscapes before,
                                      std::string& scratch)
{
    if (writes(text, inside, before, scratch)) return before;
    const auto shown = shownEscapes(inside);
    if (!shown) return std::nullopt;
    const JsonEscapes either = before | *shown;
    for (const JsonEscapes escapes : {either, *shown, *shown | JsonEscapes(Bit::Upper)})
        if (escapes != before && writes(text, inside, escapes, scratch)) return escapes;
    return std::nullopt;
}

} // namespace faultline
