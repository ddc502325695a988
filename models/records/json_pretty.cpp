#include "models/records/json_pretty.h"

#include <algorithm>

namespace faultline {
namespace {

constexpr std::size_t kDeepest = 64;

bool isSpace(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/// Past the string that begins at `at`.
std::size_t stringEnd(std::string_view text, std::size_t at)
{
    for (++at; at < text.size() && text[at] != '"'; ++at)
        if (text[at] == '\\') ++at;
    return std::min(at + 1, text.size());
}

std::size_t afterSpaces(std::string_view text, std::size_t at)
{
    while (at < text.size() && isSpace(text[at])) ++at;
    return at;
}

} // namespace

bool appendPrettyJson(std::string_view text, std::size_t most, std::string& out)
{
    std::size_t at = afterSpaces(text, 0), depth = 0;
    if (at >= text.size() || (text[at] != '{' && text[at] != '[')) return false;
    const std::size_t end = out.size() + most;
    const auto newLine = [&] {
        out += '\n';
        out.append(2 * std::min(depth, kDeepest), ' ');
    };
    while (at < text.size() && out.size() < end) {
        const char c = text[at];
        switch (c) {
        case '{':
        case '[': {
            out += c;
            const std::size_t next = afterSpaces(text, at + 1);
            if (next < text.size() && text[next] == (c == '{' ? '}' : ']')) {
                out += text[next];
                at = next + 1;
                if (depth == 0) return out.size() <= end;
                continue;
            }
            ++depth;
            newLine();
            break;
        }
        case '}':
        case ']':
            if (depth > 0) --depth;
            newLine();
            out += c;
            if (depth == 0) return out.size() <= end;
            break;
        case ',':
            out += c;
            newLine();
            break;
        case ':': out += ": "; break;
        case '"': {
            const std::size_t next = stringEnd(text, at);
            out.append(text.substr(at, std::min(next - at, end - out.size())));
            at = next;
            continue;
        }
        default:
            if (!isSpace(c)) out += c;
        }
        ++at;
    }
    return false;
}

} // namespace faultline
