#include "models/query/json_members.h"

#include "models/records/json_text.h"

#include <charconv>

namespace faultline {

void JsonMembers::skipSpace()
{
    while (m_at < m_text.size()) {
        const char c = m_text[m_at];
        if (c != ' ' && c != '\t' && c != '\n' && c != '\r') return;
        ++m_at;
    }
}

bool JsonMembers::readString(std::string& out)
{
    if (m_at >= m_text.size() || m_text[m_at] != '"') return false;
    const std::size_t begin = ++m_at;
    while (m_at < m_text.size() && m_text[m_at] != '"') m_at += m_text[m_at] == '\\' ? 2 : 1;
    if (m_at >= m_text.size()) return false;
    const std::string_view inside = m_text.substr(begin, m_at++ - begin);
    out.clear();
    if (inside.find('\\') == std::string_view::npos) {
        out.assign(inside);
        return true;
    }
    if (unescapeJson(inside, out)) return true;
    out.assign(inside);
    return true;
}

bool JsonMembers::readValue(JsonMember& value)
{
    if (m_at >= m_text.size()) return false;
    const char first = m_text[m_at];
    if (first == '"') {
        value.kind = ValueKind::Text;
        return readString(value.text);
    }
    const std::size_t begin = m_at;
    if (first == '{' || first == '[') {
        std::size_t depth = 0;
        for (; m_at < m_text.size(); ++m_at) {
            const char c = m_text[m_at];
            if (c == '"') {
                for (++m_at; m_at < m_text.size() && m_text[m_at] != '"'; ++m_at) {
                    if (m_text[m_at] == '\\') ++m_at;
                }
            } else if (c == '{' || c == '[') {
                ++depth;
            } else if ((c == '}' || c == ']') && --depth == 0) {
                value.kind = ValueKind::Json;
                value.text.assign(m_text.substr(begin, ++m_at - begin));
                return true;
            }
        }
        return false;
    }
    while (m_at < m_text.size() && m_text[m_at] != ',' && m_text[m_at] != '}' && m_text[m_at] != ' ') ++m_at;
    const std::string_view text = m_text.substr(begin, m_at - begin);
    value.text.assign(text);
    if (text == "null") {
        value.kind = ValueKind::Null;
    } else if (text == "true" || text == "false") {
        value.kind = ValueKind::Bool;
        value.integer = text == "true" ? 1 : 0;
    } else {
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value.integer);
        const bool whole = error == std::errc() && end == text.data() + text.size();
        value.kind = whole && std::to_string(value.integer) == text ? ValueKind::Int : ValueKind::Number;
    }
    return !text.empty();
}

bool JsonMembers::next(std::string& key, JsonMember& value)
{
    skipSpace();
    if (m_at >= m_text.size() || m_text[m_at] != (m_begun ? ',' : '{')) return false;
    m_begun = true;
    ++m_at;
    skipSpace();
    if (!readString(key)) return false;
    skipSpace();
    if (m_at >= m_text.size() || m_text[m_at] != ':') return false;
    ++m_at;
    skipSpace();
    return readValue(value);
}

bool findMember(std::string_view object, std::string_view key, JsonMember& value)
{
    JsonMembers members(object);
    std::string name;
    JsonMember each;
    bool found = false;
    while (members.next(name, each)) {
        if (name != key) continue;
        value = each;
        found = true;
    }
    return found;
}

} // namespace faultline
