#include "models/records/utf8.h"

#include <simdjson.h>

namespace faultline {
namespace {

constexpr Utf8Step malformed(std::size_t length)
{
    return {U'\uFFFD', static_cast<std::uint8_t>(length), false};
}

} // namespace

bool isValidUtf8(std::string_view text)
{
    return simdjson::validate_utf8(text.data(), text.size());
}

Utf8Step decodeUtf8(std::string_view text)
{
    const auto byteAt = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char lead = byteAt(0);
    if (lead < 0x80) return {lead, 1, true};
    if (lead < 0xc2 || lead > 0xf4) return malformed(1);
    const std::size_t length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    // The second byte alone decides about overlong forms, surrogates and the upper end.
    const unsigned char low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    const unsigned char high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    if (text.size() < 2 || byteAt(1) < low || byteAt(1) > high) return malformed(1);
    char32_t code = lead & (0x7fU >> length);
    code = code << 6 | (byteAt(1) & 0x3fU);
    for (std::size_t i = 2; i < length; ++i) {
        if (i >= text.size() || (byteAt(i) & 0xc0) != 0x80) return malformed(i);
        code = code << 6 | (byteAt(i) & 0x3fU);
    }
    return {code, static_cast<std::uint8_t>(length), true};
}

void appendUtf8(char32_t code, std::string& out)
{
    if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) code = U'\uFFFD';
    const auto put = [&out](char32_t byte) { out.push_back(static_cast<char>(byte)); };
    if (code < 0x80) {
        put(code);
    } else if (code < 0x800) {
        put(0xc0 | code >> 6);
        put(0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
        put(0xe0 | code >> 12);
        put(0x80 | (code >> 6 & 0x3f));
        put(0x80 | (code & 0x3f));
    } else {
        put(0xf0 | code >> 18);
        put(0x80 | (code >> 12 & 0x3f));
        put(0x80 | (code >> 6 & 0x3f));
        put(0x80 | (code & 0x3f));
    }
}

void appendReplacingInvalid(std::string_view text, std::string& out)
{
    if (isValidUtf8(text)) {
        out.append(text);
        return;
    }
    while (!text.empty()) {
        const Utf8Step step = decodeUtf8(text);
        if (step.valid)
            out.append(text.substr(0, step.length));
        else
            appendUtf8(U'\uFFFD', out);
        text.remove_prefix(step.length);
    }
}

std::string_view utf8Prefix(std::string_view text, std::size_t bytes)
{
    if (text.size() <= bytes) return text;
    std::size_t cut = bytes;
    // A character has at most three continuation bytes: longer runs are malformed and may be cut anywhere.
    for (int back = 0; back < 3 && cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xc0) == 0x80; ++back)
        --cut;
    if (cut < bytes && decodeUtf8(text.substr(cut)).valid) return text.substr(0, cut);
    return text.substr(0, bytes);
}

} // namespace faultline
