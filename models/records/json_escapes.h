#pragma once
#include "models/records/shape.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace faultline {

/// What a writer of JSON escapes in strings beyond the canonical form of appendJsonEscaped(): a set of bits.
/// Loggers have habits: Go writes `<` as \u003c, PHP `/` as \/, Python `é` as \u00e9, .NET all of these in
/// upper case. A slot that knows its writer's habit gives its text back to the byte. Stored, as SlotStyle.
class JsonEscapes
{
public:
    enum Bit : std::uint8_t {
        Upper = 1,         ///< the digits of \u are 0-9A-F, else 0-9a-f
        Slash = 2,         ///< \/
        Html = 4,          ///< < > & by \u
        Ascii = 8,         ///< 0x7f and all characters from U+0080 on by \u (pairs above U+FFFF)
        Separators = 16,   ///< U+2028, U+2029 and U+FFFD by \u
        LongControls = 32, ///< backspace and form feed as \u0008 and \u000c
        Marks = 64,        ///< ' by \u, and with Upper " + ` (.NET), without it = (Gson)
    };
    constexpr JsonEscapes() = default;
    constexpr explicit JsonEscapes(unsigned bits) : m_bits(static_cast<std::uint8_t>(bits & 0x7f)) {}

    constexpr bool canonical() const { return m_bits == 0; }
    constexpr unsigned bits() const { return m_bits; }
    constexpr bool operator==(const JsonEscapes&) const = default;
    constexpr JsonEscapes operator|(JsonEscapes other) const { return JsonEscapes(m_bits | other.m_bits); }

    /// SlotStyle::JsonString, or with bits set a style of its own: 0x80 | bits.
    constexpr SlotStyle style() const
    {
        return canonical() ? SlotStyle::JsonString : static_cast<SlotStyle>(0x80u | m_bits);
    }
    /// The escapes of a style of strings; nothing for all other styles.
    static constexpr std::optional<JsonEscapes> ofStyle(SlotStyle style)
    {
        const auto code = static_cast<unsigned>(style);
        if (style == SlotStyle::JsonString) return JsonEscapes();
        if (code <= 0x80) return std::nullopt;
        return JsonEscapes(code);
    }

private:
    std::uint8_t m_bits = 0;
};

/// Appends `text`, which is valid UTF-8 unless `escapes` is canonical, with a writer's escapes.
void appendJsonEscaped(std::string_view text, JsonEscapes escapes, std::string& out);

/// Gives what `out` has from `begin` on a writer's escapes, as appendJsonEscaped() writes them. The usual
/// text, which needs none, is only looked at. `scratch` is used and left unspecified.
void escapeJsonFrom(std::size_t begin, JsonEscapes escapes, std::string& out, std::string& scratch);

/// Whether a text without backslashes, quotes and control bytes is written with `escapes` as it is.
bool isWrittenPlain(std::string_view text, JsonEscapes escapes);

/// The habits that the inside of a JSON string shows: the least set that could have written its escapes.
/// Nothing when no set could (both cases of hex, `\u0041`, a lone surrogate, malformed escapes). The caller
/// compares: characters that were left alone may contradict it.
std::optional<JsonEscapes> shownEscapes(std::string_view inside);

/// The habit that writes `text` as `inside`, tried in this order: `before` (the writer's last one), what is
/// shown added to it, what is shown alone. Nothing when none does. `scratch` is used and left unspecified.
std::optional<JsonEscapes> escapesFor(std::string_view text, std::string_view inside, JsonEscapes before,
                                      std::string& scratch);

} // namespace faultline
