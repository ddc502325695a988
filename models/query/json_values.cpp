#include "models/query/json_values.h"

#include "models/records/json_text.h"

namespace faultline {

namespace {

constexpr std::size_t kDeepest = 64;

} // namespace

void JsonValues::skipSpace()
{
    while (m_at < m_json.size() &&
           (m_json[m_at] == ' ' || m_json[m_at] == '\t' || m_json[m_at] == '\n' || m_json[m_at] == '\r'))
        ++m_at;
}

bool JsonValues::take(char c)
{
    if (m_at >= m_json.size() || m_json[m_at] != c) return false;
    ++m_at;
    return true;
}

bool JsonValues::readString(std::string_view& inside)
{
    if (!take('"')) return false;
    const std::size_t begin = m_at;
    while (m_at < m_json.size() && m_json[m_at] != '"') m_at += m_json[m_at] == '\\' ? 2 : 1;
    if (m_at >= m_json.size()) return false;
    inside = m_json.substr(begin, m_at - begin);
    ++m_at;
    return true;
}

bool JsonValues::wanted(std::size_t place) const
{
    if (place == kDead) return false;
    return m_walk != Walk::Path || place == m_rest.size();
}

/// Reads `"key":` and says where on the path its value is.
bool JsonValues::readKey()
{
    std::string_view key;
    if (!readString(key)) return false;
    if (key.find('\\') != std::string_view::npos) {
        if (!unescapeJson(key, m_key)) m_key = key;
        key = m_key;
    }
    skipSpace();
    if (!take(':')) return false;
    skipSpace();
    const std::size_t place = m_levels.back().place;
    switch (m_walk) {
    case Walk::Texts: m_place = 0; break;
    case Walk::Elements: m_place = kDead; break;
    case Walk::Path:
        m_place = kDead;
        if (place != kDead && place < m_rest.size() && m_rest.substr(place).starts_with(key)) {
            const std::size_t end = place + key.size();
            if (end == m_rest.size())
                m_place = end;
            else if (m_rest[end] == '.')
                m_place = end + 1;
        }
        break;
    }
    return true;
}

bool JsonValues::next(Value& value)
{
    for (;;) {
        skipSpace();
        if (!m_levels.empty()) {
            const bool object = m_levels.back().object;
            if (take(object ? '}' : ']')) {
                m_levels.pop_back();
                m_afterValue = true;
                continue;
            }
            if (m_afterValue && !take(',')) return false;
            skipSpace();
            m_afterValue = false;
            if (object) {
                if (!readKey()) return false;
            } else {
                m_place = m_levels.back().place;
            }
        } else if (m_begun) {
            return false;
        }
        const bool root = !m_begun;
        m_begun = true;
        if (m_at >= m_json.size()) return false;
        const char c = m_json[m_at];
        const std::size_t place = m_place;
        if (c == '[' || c == '{') {
            if (m_levels.size() >= kDeepest) return false;
            ++m_at;
            // An object inside an array has no values of the array's field.
            const bool members = c == '{' && m_walk == Walk::Elements;
            m_levels.push_back({c == '{', members ? kDead : place});
            m_afterValue = false;
            if (!root && m_walk == Walk::Path && wanted(place)) {
                value = {ValueKind::Json, {}};
                return true;
            }
            continue;
        }
        m_afterValue = true;
        if (c == '"') {
            std::string_view inside;
            if (!readString(inside)) return false;
            if (!wanted(place)) continue;
            if (inside.find('\\') != std::string_view::npos) {
                if (!unescapeJson(inside, m_text)) m_text = inside;
                inside = m_text;
            }
            value = {ValueKind::Text, inside};
            return true;
        }
        const std::size_t begin = m_at;
        while (m_at < m_json.size() &&
               std::string_view(",]} \t\r\n").find(m_json[m_at]) == std::string_view::npos)
            ++m_at;
        if (m_at == begin) return false;
        if (!wanted(place)) continue;
        const std::string_view text = m_json.substr(begin, m_at - begin);
        value = {c == 't' || c == 'f' ? ValueKind::Bool
                 : c == 'n'           ? ValueKind::Null
                                      : ValueKind::Number,
                 text};
        return true;
    }
}

} // namespace faultline
