#include "models/records/json_compact.h"

#include <vector>

namespace faultline {

std::size_t appendCompactJson(std::string_view text, std::string& out)
{
    const std::size_t before = out.size();
    std::vector<bool> objects; // the open brackets: true for {
    std::size_t at = 0;
    const auto isSpace = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
    while (at < text.size() && isSpace(text[at])) ++at;
    for (; at < text.size(); ++at) {
        const char c = text[at];
        if (isSpace(c)) continue;
        if (c == '{' || c == '[') {
            objects.push_back(c == '{');
        } else if (objects.empty()) {
            break; // begins with something else
        } else if (c == '}' || c == ']') {
            if (objects.back() != (c == '}')) break;
            objects.pop_back();
            if (objects.empty()) {
                out.push_back(c);
                return at + 1;
            }
        } else if (c == '"') {
            const std::size_t begin = at;
            for (++at; at < text.size() && text[at] != '"'; ++at) {
                if (text[at] == '\\' && at + 1 < text.size()) ++at;
                if (text[at] == '\n') {
                    out.resize(before);
                    return 0;
                }
            }
            if (at == text.size()) break;
            out.append(text, begin, at + 1 - begin);
            continue;
        }
        out.push_back(c);
    }
    out.resize(before);
    return 0;
}

} // namespace faultline
