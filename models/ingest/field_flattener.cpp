#include "models/ingest/field_flattener.h"

#include "models/base/hash.h"
#include "models/records/json_text.h"

#include <algorithm>

namespace faultline {

namespace {

std::uint64_t edgeHash(std::uint32_t parent, std::string_view name)
{
    return hash64(name) * 0x9e3779b97f4a7c15u + parent * 0xff51afd7ed558ccdu;
}

} // namespace

FieldFlattener::FieldFlattener(TextArena& arena) : m_arena(arena)
{
    clearInterned();
}

void FieldFlattener::clearInterned()
{
    m_paths.clear();
    m_edges.clear();
    m_paths.emplace_back(); // the root
    m_edges.emplace_back(); // index 0 means none
    m_edgeTable.assign(256, 0);
    m_pathTable.assign(256, 0);
}

void FieldFlattener::beginRecord()
{
    if (m_paths.size() > kPaths || m_edges.size() > 2 * kPaths) clearInterned();
}

void FieldFlattener::begin(DecodedEvent& event)
{
    m_event = &event;
    ++m_eventNumber;
    m_dead.clear();
    m_deadCount = 0;
    m_overflow.clear();
}

void FieldFlattener::growEdges()
{
    std::vector<std::uint32_t> table(m_edgeTable.size() * 2, 0);
    const std::size_t mask = table.size() - 1;
    for (std::uint32_t i = 1; i < m_edges.size(); ++i) {
        std::size_t place = edgeHash(m_edges[i].parent, m_edges[i].name) & mask;
        while (table[place] != 0) place = (place + 1) & mask;
        table[place] = i;
    }
    m_edgeTable.swap(table);
}

void FieldFlattener::growPaths()
{
    std::vector<std::uint32_t> table(m_pathTable.size() * 2, 0);
    const std::size_t mask = table.size() - 1;
    for (std::uint32_t i = 1; i < m_paths.size(); ++i) {
        std::size_t place = hash64(m_paths[i].text) & mask;
        while (table[place] != 0) place = (place + 1) & mask;
        table[place] = i;
    }
    m_pathTable.swap(table);
}

FieldFlattener::PathId FieldFlattener::pathFor(std::string_view text)
{
    const std::size_t mask = m_pathTable.size() - 1;
    std::size_t place = hash64(text) & mask;
    for (; m_pathTable[place] != 0; place = (place + 1) & mask)
        if (m_paths[m_pathTable[place]].text == text) return m_pathTable[place];
    const auto id = static_cast<PathId>(m_paths.size());
    m_paths.push_back({std::string(text), 0, 0});
    m_pathTable[place] = id;
    if (m_paths.size() * 2 > m_pathTable.size()) growPaths();
    return id;
}

std::uint32_t FieldFlattener::edgeFor(PathId parent, std::string_view name, bool escaped,
                                      std::uint32_t previous)
{
    // Documents of one logger have their members in one order: what followed last time is tried first.
    if (previous != 0) {
        const std::uint32_t guess = m_edges[previous].follower;
        if (guess != 0 && m_edges[guess].parent == parent && m_edges[guess].name == name) return guess;
    }
    const std::size_t mask = m_edgeTable.size() - 1;
    std::size_t place = edgeHash(parent, name) & mask;
    std::uint32_t found = 0;
    for (; m_edgeTable[place] != 0; place = (place + 1) & mask) {
        const Edge& edge = m_edges[m_edgeTable[place]];
        if (edge.parent == parent && edge.name == name) {
            found = m_edgeTable[place];
            break;
        }
    }
    if (found == 0) {
        m_text = m_paths[parent].text;
        if (parent != kRoot) m_text.push_back('.');
        const std::size_t before = m_text.size();
        if (escaped)
            unescapeJsonLenient(name, m_text);
        else
            m_text.append(name);
        if (m_text.size() - before > kNameBytes) {
            std::size_t cut = before + kNameBytes;
            while (cut > before && (static_cast<unsigned char>(m_text[cut]) & 0xc0) == 0x80) --cut;
            m_text.resize(cut);
        }
        found = static_cast<std::uint32_t>(m_edges.size());
        Edge edge;
        edge.name = std::string(name);
        edge.parent = parent;
        edge.path = pathFor(m_text);
        m_edges.push_back(std::move(edge));
        m_edgeTable[place] = found;
        if (m_edges.size() * 2 > m_edgeTable.size()) growEdges();
    }
    if (previous != 0) m_edges[previous].follower = found;
    return found;
}

void FieldFlattener::kill(std::size_t field)
{
    if (m_dead.size() <= field) m_dead.resize(field + 1, false);
    if (m_dead[field]) return;
    m_dead[field] = true;
    ++m_deadCount;
}

void FieldFlattener::overflow(std::string_view path, const FieldValue& value)
{
    m_overflow.append(m_overflow.empty() ? "{\"" : ",\"");
    appendJsonEscaped(path, m_overflow);
    m_overflow.append("\":");
    if (value.kind != ValueKind::Text) {
        m_overflow.append(value.text);
        return;
    }
    m_overflow.push_back('"');
    appendJsonEscaped(value.text, m_overflow);
    m_overflow.push_back('"');
}

void FieldFlattener::add(PathId path, const FieldValue& value, std::string_view where)
{
    auto& fields = m_event->fields;
    Path* entry = &m_paths[path];
    if (entry->event == m_eventNumber) {
        if (value.length == npos) {
            if (where.empty()) return;
            m_text.assign(where);
            m_text.push_back('.');
            m_text.append(entry->text);
            entry = &m_paths[pathFor(m_text)];
            if (entry->event == m_eventNumber) return;
        } else {
            if (fields[entry->field].length != npos) m_event->rebuilds = false;
            kill(entry->field);
        }
    }
    if (fields.size() >= kFields) {
        m_event->rebuilds = false;
        overflow(entry->text, value);
        return;
    }
    entry->event = m_eventNumber;
    entry->field = static_cast<std::uint32_t>(fields.size());
    if (value.length == npos) m_event->valueDependent = true;
    fields.push_back(value);
    fields.back().path = entry->text;
}

ValueKind FieldFlattener::numberKind(std::string_view digits)
{
    std::string_view rest = digits;
    const bool negative = rest.starts_with('-');
    if (negative) rest.remove_prefix(1);
    const std::size_t point = rest.find_first_not_of("0123456789");
    if (point == std::string_view::npos) {
        if (negative && rest == "0") return ValueKind::Number;
        if (rest.size() < 19) return ValueKind::Int;
        if (rest.size() > 19) return ValueKind::Number;
        return rest <= (negative ? "9223372036854775808" : "9223372036854775807") ? ValueKind::Int
                                                                                  : ValueKind::Number;
    }
    if (rest[point] != '.') return ValueKind::Number;
    const std::string_view fraction = rest.substr(point + 1);
    if (fraction.empty() || fraction.find_first_not_of("0123456789") != std::string_view::npos)
        return ValueKind::Number;
    if (rest.size() - 1 > 18) return ValueKind::Number;
    if (negative && rest.find_first_of("123456789") == std::string_view::npos) return ValueKind::Number;
    return ValueKind::Decimal;
}

void FieldFlattener::addToken(const JsonTape& tape, const JsonToken& token, std::size_t base, PathId path,
                              std::string_view where)
{
    FieldValue value;
    const std::string_view raw = tape.text(token);
    value.text = raw;
    const bool isSlot = base != npos;
    if (isSlot) {
        value.offset = token.begin - base;
        value.length = raw.size();
    }
    switch (token.type) {
    case JsonToken::Type::String:
        value.kind = ValueKind::Text;
        value.escaped = isSlot;
        if (token.flags != 0) {
            if (token.flags & (JsonToken::Escaped | JsonToken::BadUtf8)) {
                m_text.clear();
                unescapeJsonLenient(raw, m_text);
                value.text = m_arena.keep(m_text);
            }
            // Escapes that are not canonical: whoever writes the row looks for the habit behind them.
            if (isSlot && (token.flags & (JsonToken::LoneSurrogate | JsonToken::BadUtf8)))
                m_event->rebuilds = false;
            if (token.flags & JsonToken::LoneSurrogate) m_event->flags |= FlagLenient;
            if (token.flags & JsonToken::BadUtf8) m_event->flags |= FlagInvalidUtf8;
        }
        break;
    case JsonToken::Type::Number:
        value.kind = numberKind(raw);
        if (token.flags & JsonToken::Exotic) m_event->flags |= FlagLenient;
        break;
    case JsonToken::Type::True:
    case JsonToken::Type::False: value.kind = ValueKind::Bool; break;
    case JsonToken::Type::Null: value.kind = ValueKind::Null; break;
    case JsonToken::Type::Object:
    case JsonToken::Type::Array: {
        value.kind = ValueKind::Json;
        const auto& tokens = tape.tokens();
        std::uint8_t flags = 0;
        for (const JsonToken* inner = &token + 1; inner < tokens.data() + token.next; ++inner)
            flags |= inner->flags;
        if (flags & (JsonToken::LoneSurrogate | JsonToken::Exotic)) m_event->flags |= FlagLenient;
        if (flags & JsonToken::BadUtf8) m_event->flags |= FlagInvalidUtf8;
        break;
    }
    case JsonToken::Type::Key: return;
    }
    add(path, value, where);
}

void FieldFlattener::object(const JsonTape& tape, std::size_t token, std::size_t base,
                            std::string_view prefix, std::string_view where)
{
    const auto& tokens = tape.tokens();
    if (tokens[token].type != JsonToken::Type::Object) return;
    m_stack.clear();
    Open root;
    root.at = static_cast<std::uint32_t>(token + 1);
    root.end = tokens[token].next;
    root.path = prefix.empty() ? kRoot : pathFor(prefix);
    root.object = ++m_objectNumber;
    m_stack.push_back(root);
    while (!m_stack.empty()) {
        Open& top = m_stack.back();
        if (top.edge != 0) {
            m_edges[top.edge].last = static_cast<std::uint32_t>(m_event->fields.size());
            top.previous = top.edge;
            top.edge = 0;
        }
        // A document that was cut may end behind a key.
        if (top.at + 1 >= top.end) {
            m_stack.pop_back();
            continue;
        }
        const JsonToken& key = tokens[top.at];
        const JsonToken& value = tokens[top.at + 1];
        if (key.flags & JsonToken::BadUtf8) m_event->flags |= FlagInvalidUtf8;
        if (key.flags & JsonToken::LoneSurrogate) m_event->flags |= FlagLenient;
        const bool unescape = (key.flags & (JsonToken::Escaped | JsonToken::BadUtf8)) != 0;
        const std::uint32_t number = edgeFor(top.path, tape.text(key), unescape, top.previous);
        Edge& edge = m_edges[number];
        if (edge.object == top.object) {
            // The same member again: the last one wins, whatever the first one held.
            for (std::uint32_t i = edge.first; i < edge.last; ++i) kill(i);
            if (base != npos) m_event->rebuilds = false;
        }
        edge.object = top.object;
        edge.first = static_cast<std::uint32_t>(m_event->fields.size());
        top.edge = number;
        top.at = value.next;
        const PathId path = edge.path;
        const bool opens = value.type == JsonToken::Type::Object && value.next > &value - tokens.data() + 1 &&
                           m_stack.size() < kNesting;
        if (!opens) {
            addToken(tape, value, base, path, where);
            continue;
        }
        Open inner;
        inner.at = static_cast<std::uint32_t>(&value - tokens.data() + 1);
        inner.end = value.next;
        inner.path = path;
        inner.object = ++m_objectNumber;
        m_stack.push_back(inner);
    }
}

void FieldFlattener::value(const JsonTape& tape, std::size_t token, std::size_t base, std::string_view path,
                           std::string_view where)
{
    const JsonToken& found = tape[token];
    if (found.type == JsonToken::Type::Object && found.next > token + 1)
        object(tape, token, base, path, where);
    else
        addToken(tape, found, base, pathFor(path), where);
}

void FieldFlattener::slot(std::string_view path, ValueKind kind, std::string_view text, std::size_t offset)
{
    FieldValue value;
    value.kind = kind;
    value.text = text;
    value.offset = offset;
    value.length = text.size();
    add(pathFor(path), value, {});
}

void FieldFlattener::quotedSlot(std::string_view path, std::string_view raw, std::size_t offset)
{
    if (raw.find('\\') == std::string_view::npos) {
        slot(path, ValueKind::Text, raw, offset);
        return;
    }
    FieldValue value;
    m_text.clear();
    unescapeJsonLenient(raw, m_text);
    value.text = m_arena.keep(m_text);
    value.escaped = true; // one that JSON does not have will not rebuild
    value.offset = offset;
    value.length = raw.size();
    add(pathFor(path), value, {});
}

void FieldFlattener::derived(std::string_view path, ValueKind kind, std::string_view text,
                             std::string_view where)
{
    FieldValue value;
    value.kind = kind;
    value.text = text;
    add(pathFor(path), value, where);
}

void FieldFlattener::implied(std::string_view path, std::string_view text)
{
    FieldValue value;
    value.text = text;
    value.implied = true;
    add(pathFor(path), value, {});
}

std::size_t FieldFlattener::find(std::string_view path)
{
    const std::size_t mask = m_pathTable.size() - 1;
    for (std::size_t place = hash64(path) & mask; m_pathTable[place] != 0; place = (place + 1) & mask) {
        const Path& entry = m_paths[m_pathTable[place]];
        if (entry.text != path) continue;
        if (entry.event != m_eventNumber) return npos;
        return entry.field < m_dead.size() && m_dead[entry.field] ? npos : entry.field;
    }
    return npos;
}

void FieldFlattener::finish()
{
    if (m_deadCount > 0) {
        auto& fields = m_event->fields;
        std::size_t kept = 0;
        for (std::size_t i = 0; i < fields.size(); ++i) {
            if (i < m_dead.size() && m_dead[i]) continue;
            if (kept != i) fields[kept] = fields[i];
            ++kept;
        }
        fields.resize(kept);
        m_dead.clear();
        m_deadCount = 0;
        ++m_eventNumber; // the indices have moved: find() must not answer from before
    }
    if (!m_overflow.empty()) {
        m_overflow.push_back('}');
        m_event->overflow = m_arena.keep(m_overflow);
        m_overflow.clear();
    }
}

} // namespace faultline
