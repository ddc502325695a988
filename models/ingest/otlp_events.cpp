#include "models/ingest/json_envelopes.h"
#include "models/ingest/json_events.h"

namespace faultline {

namespace {

constexpr std::size_t npos = static_cast<std::size_t>(-1);
constexpr std::size_t kDepth = 16; // of values within values

std::size_t member(const JsonTape& tape, std::size_t object, std::string_view name)
{
    if (object == npos || tape[object].type != JsonToken::Type::Object) return npos;
    for (std::size_t i = object + 1; i + 1 < tape[object].next; i = tape[i + 1].next)
        if (tape.text(tape[i]) == name) return i + 1;
    return npos;
}

std::size_t arrayMember(const JsonTape& tape, std::size_t object, std::string_view name)
{
    const std::size_t found = member(tape, object, name);
    return found != npos && tape[found].type == JsonToken::Type::Array ? found : npos;
}

std::string_view unescaped(RecordBuilder& builder, const JsonTape& tape, std::size_t token)
{
    const std::string_view raw = tape.text(tape[token]);
    if (tape[token].flags == 0) return raw;
    std::string text;
    unescapeJsonLenient(raw, text);
    return builder.arena().keep(text);
}

/// Walks AnyValues: scalars become fields (slots where `base` is not npos), key-value lists nest with dots.
class AnyValues
{
public:
    AnyValues(RecordBuilder& builder, const JsonTape& tape, std::size_t base)
        : m_builder(builder), m_tape(tape), m_base(base)
    {}

    /// The array of {"key", "value"} at `list`, below `prefix`.
    void keyValues(std::size_t list, const std::string& prefix)
    {
        struct Open
        {
            std::size_t at, end;
            std::string prefix;
        };
        std::vector<Open> stack;
        stack.push_back({list + 1, m_tape[list].next, prefix});
        while (!stack.empty()) {
            if (stack.back().at >= stack.back().end) {
                stack.pop_back();
                continue;
            }
            const std::size_t entry = stack.back().at;
            stack.back().at = m_tape[entry].next;
            const std::size_t key = member(m_tape, entry, "key"), value = member(m_tape, entry, "value");
            if (key == npos || m_tape[key].type != JsonToken::Type::String) continue;
            std::string path = stack.back().prefix;
            if (!path.empty()) path.push_back('.');
            path.append(unescaped(m_builder, m_tape, key).substr(0, FieldFlattener::kNameBytes));
            const std::size_t inner = scalar(value, path);
            if (inner != npos && stack.size() < kDepth)
                stack.push_back({inner + 1, m_tape[inner].next, path});
            else if (inner != npos)
                m_builder.fields().value(m_tape, inner, m_base, path);
        }
    }
    /// A field for an AnyValue that is not a key-value list; else the list's array of pairs.
    std::size_t scalar(std::size_t any, const std::string& path)
    {
        if (any == npos || m_tape[any].type != JsonToken::Type::Object) return npos;
        if (m_tape[any].next == any + 1) { // {} is null
            m_builder.fields().derived(path, ValueKind::Null, "null");
            return npos;
        }
        const std::string_view kind = m_tape.text(m_tape[any + 1]);
        const std::size_t value = any + 2;
        const JsonToken& token = m_tape[value];
        if (kind == "kvlistValue") return arrayMember(m_tape, value, "values");
        if (kind == "arrayValue") {
            std::string text;
            json(any, text);
            m_builder.fields().value(m_tape, value, m_base, path + ".values");
            m_builder.fields().derived(path, ValueKind::Json, m_builder.arena().keep(text));
            return npos;
        }
        if (kind == "intValue" && token.type == JsonToken::Type::String && m_base != npos &&
            FieldFlattener::numberKind(m_tape.text(token)) == ValueKind::Int &&
            isDigits(m_tape.text(token))) {
            // 64-bit numbers may come as strings: the quotes stay in the skeleton.
            m_builder.fields().slot(path, ValueKind::Int, m_tape.text(token), token.begin - m_base);
            return npos;
        }
        if (kind == "intValue" && token.type == JsonToken::Type::String && isDigits(m_tape.text(token))) {
            m_builder.fields().derived(path, FieldFlattener::numberKind(m_tape.text(token)),
                                       m_tape.text(token));
            return npos;
        }
        m_builder.fields().value(m_tape, value, m_base, path);
        return npos;
    }
    /// Appends an AnyValue as plain JSON.
    void json(std::size_t any, std::string& out)
    {
        struct Open
        {
            std::size_t at, end;
            bool object, first;
        };
        std::vector<Open> stack;
        const auto put = [&](std::size_t value) {
            if (value == npos || m_tape[value].type != JsonToken::Type::Object ||
                m_tape[value].next <= value + 2) {
                out.append("null");
                return;
            }
            const std::string_view kind = m_tape.text(m_tape[value + 1]);
            const JsonToken& token = m_tape[value + 2];
            const bool list = kind == "kvlistValue";
            if (list || kind == "arrayValue") {
                const std::size_t values = arrayMember(m_tape, value + 2, "values");
                out.push_back(list ? '{' : '[');
                if (values != npos && stack.size() < JsonTape::kDepth)
                    stack.push_back({values + 1, m_tape[values].next, list, true});
                else
                    out.push_back(list ? '}' : ']');
                return;
            }
            const bool quoted = token.type == JsonToken::Type::String;
            const bool number = quoted && kind == "intValue" && isDigits(m_tape.text(token));
            if (quoted && !number) out.push_back('"');
            out.append(m_tape.text(token));
            if (quoted && !number) out.push_back('"');
        };
        put(any);
        while (!stack.empty()) {
            Open& top = stack.back();
            if (top.at >= top.end) {
                out.push_back(top.object ? '}' : ']');
                stack.pop_back();
                continue;
            }
            const std::size_t entry = top.at;
            top.at = m_tape[entry].next;
            if (!top.first) out.push_back(',');
            top.first = false;
            if (!top.object) {
                put(entry);
                continue;
            }
            const std::size_t key = member(m_tape, entry, "key");
            out.push_back('"');
            if (key != npos) out.append(m_tape.text(m_tape[key]));
            out.append("\":");
            put(member(m_tape, entry, "value"));
        }
    }

private:
    static bool isDigits(std::string_view text)
    {
        if (text.starts_with('-')) text.remove_prefix(1);
        return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos &&
               (text.size() == 1 || text[0] != '0');
    }
    RecordBuilder& m_builder;
    const JsonTape& m_tape;
    std::size_t m_base;
};

void logRecord(RecordBuilder& builder, const JsonTape& tape, std::size_t record)
{
    const std::size_t base = tape[record].begin;
    builder.beginEvent(tape.text(tape[record]));
    AnyValues values(builder, tape, base);
    for (std::size_t key = record + 1; key + 1 < tape[record].next; key = tape[key + 1].next) {
        const std::string_view name = tape.text(tape[key]);
        const std::size_t value = key + 1;
        if (name == "attributes" && tape[value].type == JsonToken::Type::Array) {
            values.keyValues(value, {});
        } else if (name == "body" && tape[value].type == JsonToken::Type::Object) {
            const std::size_t list = values.scalar(value, "body");
            if (list == npos) continue;
            values.keyValues(list, "body");
            std::string text;
            values.json(value, text);
            builder.fields().derived("body", ValueKind::Json, builder.arena().keep(text));
        } else
            builder.fields().value(tape, value, base, name);
    }
}

} // namespace

bool readOtlp(RecordBuilder& builder, const JsonTape& tape, std::string_view document)
{
    const std::size_t before = builder.events().size();
    const std::size_t resources = arrayMember(tape, 0, "resourceLogs");
    for (std::size_t group = resources + 1; group < tape[resources].next; group = tape[group].next) {
        const std::size_t resource = arrayMember(tape, member(tape, group, "resource"), "attributes");
        const std::size_t scopes = arrayMember(tape, group, "scopeLogs");
        if (scopes == npos) continue;
        for (std::size_t scoped = scopes + 1; scoped < tape[scopes].next; scoped = tape[scoped].next) {
            const std::size_t scope = member(tape, scoped, "scope");
            const std::size_t scopeAttributes = arrayMember(tape, scope, "attributes");
            const std::size_t records = arrayMember(tape, scoped, "logRecords");
            if (records == npos) continue;
            for (std::size_t record = records + 1; record < tape[records].next; record = tape[record].next) {
                if (tape[record].type != JsonToken::Type::Object) continue;
                logRecord(builder, tape, record);
                AnyValues envelope(builder, tape, npos);
                for (const std::string_view name : {"name", "version"})
                    if (const std::size_t value = member(tape, scope, name); value != npos)
                        builder.fields().value(tape, value, npos,
                                               name == "name" ? "scope.name" : "scope.version");
                if (scopeAttributes != npos) envelope.keyValues(scopeAttributes, "scope");
                if (resource != npos) envelope.keyValues(resource, {});
                builder.endEvent();
            }
        }
    }
    if (builder.events().size() == before) return false;
    setGlue(document, builder.events().subspan(before));
    return true;
}

} // namespace faultline
