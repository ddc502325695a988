#include "models/ingest/clef.h"

#include <charconv>
#include <string>

namespace faultline {

namespace {

constexpr std::size_t npos = static_cast<std::size_t>(-1);

std::size_t member(const JsonTape& tape, std::size_t object, std::string_view name)
{
    for (std::size_t i = object + 1; i + 1 < tape[object].next; i = tape[i + 1].next)
        if (tape.text(tape[i]) == name) return i + 1;
    return npos;
}

void appendValue(const JsonTape& tape, std::size_t token, std::string& out)
{
    if (tape[token].type == JsonToken::Type::String)
        unescapeJsonLenient(tape.text(tape[token]), out);
    else
        out.append(tape.text(tape[token]));
}

} // namespace

void renderTemplate(std::string_view messageTemplate, const JsonTape& tape, std::size_t object,
                    std::string& out)
{
    static constexpr int kMaxAlignment = 1000;
    const std::size_t renderings = member(tape, object, "@r");
    std::size_t nextRendering = npos;
    if (renderings != npos && tape[renderings].type == JsonToken::Type::Array) nextRendering = renderings + 1;
    std::size_t at = 0;
    while (at < messageTemplate.size()) {
        const char c = messageTemplate[at];
        if ((c == '{' || c == '}') && at + 1 < messageTemplate.size() && messageTemplate[at + 1] == c) {
            out.push_back(c);
            at += 2;
            continue;
        }
        const std::size_t close = c == '{' ? messageTemplate.find('}', at) : npos;
        if (close == npos) {
            out.push_back(c);
            ++at;
            continue;
        }
        std::string_view name = messageTemplate.substr(at + 1, close - at - 1);
        const std::size_t colon = name.find(':');
        const bool formatted = colon != npos;
        name = name.substr(0, colon);
        int alignment = 0;
        if (const std::size_t comma = name.find(','); comma != npos) {
            std::from_chars(name.data() + comma + 1, name.data() + name.size(), alignment);
            name = name.substr(0, comma);
        }
        if (name.starts_with('@') || name.starts_with('$')) name.remove_prefix(1);
        std::string text;
        bool found = false;
        if (formatted && nextRendering != npos && nextRendering < tape[renderings].next) {
            appendValue(tape, nextRendering, text);
            nextRendering = tape[nextRendering].next;
            found = true;
        } else if (const std::size_t value = name.empty() ? npos : member(tape, object, name);
                   value != npos) {
            appendValue(tape, value, text);
            found = true;
        }
        if (!found) text.assign(messageTemplate.substr(at, close + 1 - at));
        if (alignment > kMaxAlignment || alignment < -kMaxAlignment) alignment = 0;
        const std::size_t width = static_cast<std::size_t>(alignment < 0 ? -alignment : alignment);
        const std::size_t fill = text.size() < width ? width - text.size() : 0;
        if (alignment > 0) out.append(fill, ' ');
        out.append(text);
        if (alignment < 0) out.append(fill, ' ');
        at = close + 1;
    }
}

void addClefFields(RecordBuilder& builder, const JsonTape& tape, std::size_t token)
{
    std::size_t time = npos, level = npos, message = npos, messageTemplate = npos, id = npos;
    for (std::size_t i = token + 1; i + 1 < tape[token].next; i = tape[i + 1].next) {
        const std::string_view key = tape.text(tape[i]);
        if (key.size() < 2 || key.size() > 3 || key[0] != '@') continue;
        if (key == "@t")
            time = i + 1;
        else if (key == "@l")
            level = i + 1;
        else if (key == "@m")
            message = i + 1;
        else if (key == "@mt")
            messageTemplate = i + 1;
        else if (key == "@i")
            id = i + 1;
    }
    if (time == npos || (message == npos && messageTemplate == npos && id == npos)) return;
    if (level == npos) builder.fields().implied("@l", "Information");
    if (message != npos || messageTemplate == npos || tape[messageTemplate].type != JsonToken::Type::String)
        return;
    std::string source, text;
    unescapeJsonLenient(tape.text(tape[messageTemplate]), source);
    renderTemplate(source, tape, token, text);
    builder.fields().derived("message", ValueKind::Text, builder.arena().keep(text), "@m");
}

} // namespace faultline
