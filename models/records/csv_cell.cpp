#include "models/records/csv_cell.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace faultline {
namespace {

bool isNumber(std::string_view text)
{
    if (text.starts_with('+')) {
        text.remove_prefix(1);
        if (text.starts_with('-')) return false;
    }
    double value = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    // What a double cannot hold has digits all the same.
    if (code == std::errc::result_out_of_range) return end == text.data() + text.size();
    return code == std::errc() && end == text.data() + text.size() && std::isfinite(value);
}

/// Bytes of the white space at the front, that spreadsheets pass over; 0 when there is none.
std::size_t spaceAtFront(std::string_view text)
{
    if (text.empty()) return 0;
    if (text.front() == ' ' || (text.front() >= '\t' && text.front() <= '\r')) return 1;
    // No-break spaces, the spaces of U+2000 to U+200B, the ideographic space, the byte order mark.
    constexpr std::string_view kWide[] = {"\xc2\xa0",     "\xe2\x80\x80", "\xe2\x80\x81", "\xe2\x80\x82",
                                          "\xe2\x80\x83", "\xe2\x80\x84", "\xe2\x80\x85", "\xe2\x80\x86",
                                          "\xe2\x80\x87", "\xe2\x80\x88", "\xe2\x80\x89", "\xe2\x80\x8a",
                                          "\xe2\x80\x8b", "\xe2\x80\xaf", "\xe3\x80\x80", "\xef\xbb\xbf"};
    for (const std::string_view space : kWide)
        if (text.starts_with(space)) return space.size();
    return 0;
}

bool looksLikeFormula(std::string_view text)
{
    if (text == "-" || isNumber(text)) return false; // "-" alone stands for nothing in many logs
    while (const std::size_t space = spaceAtFront(text)) text.remove_prefix(space);
    constexpr std::string_view kSigns[] = {
        "=", "+", "-", "@", "\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d", "\xef\xbc\xa0"};
    return std::any_of(std::begin(kSigns), std::end(kSigns),
                       [text](std::string_view sign) { return text.starts_with(sign); });
}

} // namespace

std::string csvCell(std::string_view text)
{
    std::string_view behind = text;
    while (behind.starts_with('\'')) behind.remove_prefix(1);
    const bool guarded = looksLikeFormula(behind);
    const bool quoted = text.find_first_of(",\"\r\n") != text.npos;
    if (!guarded && !quoted) return std::string(text);
    std::string cell = quoted ? "\"" : "";
    if (guarded) cell += '\'';
    for (const char c : text) {
        if (c == '"') cell += '"';
        cell += c;
    }
    if (quoted) cell += '"';
    return cell;
}

} // namespace faultline
