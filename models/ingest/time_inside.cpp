#include "models/ingest/time_inside.h"

#include "models/ingest/text_head.h"

#include <algorithm>

namespace faultline {
namespace {

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}
bool isLetter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

std::size_t digitsAt(std::string_view text)
{
    return std::min(text.find_first_not_of("0123456789"), text.size());
}

/// A date and time of day at the start of `text`, no epoch and no clock alone; its text, or in RFC 3339.
bool datedTime(std::string_view text, std::string& out)
{
    const std::size_t digits = digitsAt(text);
    if (text.size() < 19) return false;
    // 2026-11-22, 2026/11/22, 22 Nov, 22/Nov, Sun Nov 22
    const bool dated = (digits == 4 && (text[4] == '-' || text[4] == '/')) ||
                       (digits == 2 && isLetter(text[3])) ||
                       (digits == 0 && isLetter(text[0]) && (text[3] == ' ' || text[3] == ','));
    if (!dated) return false;
    const std::size_t length = textTimeLength(text, out);
    if (length > 0 && out.empty()) out.assign(text.substr(0, length));
    return length > 0;
}

/// Words in lower case alone: more than one before a date is a sentence about it.
bool isProse(std::string_view text)
{
    int words = 0;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(' '), text.size());
        const std::string_view word = text.substr(0, end);
        words +=
            word.size() > 1 && word.find_first_not_of("abcdefghijklmnopqrstuvwxyz") == std::string_view::npos;
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return words > 1;
}

} // namespace

bool timeInside(std::string_view line, std::string& out)
{
    constexpr std::size_t bracketed = 200, behindName = 64;
    const std::size_t limit = std::min(line.size(), bracketed);
    for (std::size_t i = 1; i < limit; ++i) {
        const char before = line[i - 1];
        if (before == '[') {
            if (datedTime(line.substr(i), out)) return true;
        } else if (before == '(' && line.substr(0, i).ends_with("audit(")) {
            // audit(1364481363.243:24287)
            const std::string_view rest = line.substr(i);
            if (digitsAt(rest) == 10 && rest.size() > 14 && rest[10] == '.' &&
                digitsAt(rest.substr(11)) == 3 && rest[14] == ':') {
                out.assign(rest.substr(0, 14));
                return true;
            }
        } else if (i < behindName && isDigit(line[i]) && (before == ' ' || before == ':' || before == '|')) {
            if (!isProse(line.substr(0, i)) && datedTime(line.substr(i), out)) return true;
        }
    }
    out.clear();
    return false;
}

} // namespace faultline
