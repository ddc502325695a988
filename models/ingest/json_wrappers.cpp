#include "models/ingest/json_wrappers.h"

#include "models/ingest/clef.h"
#include "models/ingest/text_head.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace faultline {

namespace {

constexpr std::size_t npos = FieldFlattener::npos;
constexpr std::size_t kLevels = 3;
constexpr std::array<std::string_view, 6> kNames = {"log", "message", "msg", "Log", "MESSAGE", "body"};

std::string_view trimmed(std::string_view text)
{
    const std::size_t begin = text.find_first_not_of(" \t\r\n");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

bool isGelf(const JsonTape& tape, std::size_t object)
{
    bool version = false, message = false;
    for (std::size_t i = object + 1; i + 1 < tape[object].next; i = tape[i + 1].next) {
        const std::string_view key = tape.text(tape[i]);
        if (key == "short_message")
            message = true;
        else if (key == "version")
            version = tape.text(tape[i + 1]).starts_with("1.");
    }
    return version && message;
}

/// Level, logger and the like of a text that a container wrote, as derived fields.
void deriveHead(RecordBuilder& builder, std::string_view text, bool withMessage)
{
    const TextHead head = readTextHead(text);
    auto& fields = builder.fields();
    const auto part = [&](std::string_view path, const TextHead::Part& span) {
        if (span.length > 0) fields.derived(path, ValueKind::Text, text.substr(span.offset, span.length));
    };
    part("level", head.level);
    part("logger", head.logger);
    part("thread", head.thread);
    part("trace_id", head.trace);
    part("span_id", head.span);
    if (withMessage) part("message", head.message);
}

/// The members of a docker record that stands inside a string: its `log` is given as message, not twice.
bool unwrapDocker(RecordBuilder& builder, const JsonTape& tape, std::string_view where,
                  std::string_view& inner)
{
    std::size_t log = npos;
    bool stream = false;
    for (std::size_t i = 1; i + 1 < tape[0].next; i = tape[i + 1].next) {
        const std::string_view key = tape.text(tape[i]);
        if (key == "log" && tape[i + 1].type == JsonToken::Type::String)
            log = i + 1;
        else if (key == "stream")
            stream = true;
    }
    if (log == npos || !stream) return false;
    auto& fields = builder.fields();
    for (std::size_t i = 1; i + 1 < tape[0].next; i = tape[i + 1].next)
        if (i + 1 != log) fields.value(tape, i + 1, npos, tape.text(tape[i]), where);
    const std::string_view raw = tape.text(tape[log]);
    std::string text;
    unescapeJsonLenient(raw, text);
    inner = trimmed(builder.arena().keep(text));
    return true;
}

/// journald writes values that are not UTF-8 as arrays of byte numbers.
void byteArray(RecordBuilder& builder, std::string_view json)
{
    std::string text;
    const char* at = json.data() + 1;
    const char* const end = json.data() + json.size() - 1;
    while (at < end) {
        unsigned value = 0;
        while (at < end && (*at == ' ' || *at == ',' || *at == '\n' || *at == '\t' || *at == '\r')) ++at;
        if (at == end) break;
        const auto [next, error] = std::from_chars(at, end, value);
        if (error != std::errc() || value > 255) return;
        text.push_back(static_cast<char>(value));
        at = next;
    }
    if (!text.empty()) builder.fields().derived("message", ValueKind::Text, builder.arena().keep(text));
}

} // namespace

void flattenObject(RecordBuilder& builder, const JsonTape& tape, std::size_t token, std::size_t base)
{
    if (!isGelf(tape, token)) {
        builder.fields().object(tape, token, base);
        addClefFields(builder, tape, token);
        return;
    }
    for (std::size_t i = token + 1; i + 1 < tape[token].next; i = tape[i + 1].next) {
        std::string_view name = tape.text(tape[i]);
        if (name.size() > 1 && name[0] == '_') name.remove_prefix(1);
        builder.fields().value(tape, i + 1, base, name.substr(0, FieldFlattener::kNameBytes));
    }
}

bool isWrapperName(std::string_view path)
{
    return std::find(kNames.begin(), kNames.end(), path) != kNames.end();
}

void RecordBuilder::unwrapInner()
{
    // An event whose text is no object is as any other: the fast path leaves texts that may be one to the
    // decoder.
    const std::size_t index = m_fields.find(m_inner);
    if (index == npos || event().fields[index].kind != ValueKind::Text) return;
    const std::string_view text = trimmed(event().fields[index].text);
    if (!text.starts_with('{') || m_innerTape.read(text) != JsonTape::Verdict::Value) return;
    m_fields.object(m_innerTape, 0, npos, {}, m_inner);
}

void unwrapMembers(RecordBuilder& builder)
{
    auto& fields = builder.fields();
    const bool docker = fields.find("stream") != npos && fields.find("log") != npos;
    if (docker) builder.event().valueDependent = true;
    for (const auto& name : kNames) {
        const std::size_t index = fields.find(name);
        if (index == npos) continue;
        const FieldValue& outer = builder.event().fields[index];
        if (outer.kind == ValueKind::Json && name == "MESSAGE" && outer.text.starts_with('[')) {
            byteArray(builder, outer.text);
            continue;
        }
        if (outer.kind != ValueKind::Text) continue;
        std::string_view text = trimmed(outer.text);
        bool wrapped = docker && name == "log";
        for (std::size_t level = 0; level < kLevels; ++level) {
            if (!text.starts_with('{') || !text.ends_with('}')) {
                if (wrapped && !text.empty()) deriveHead(builder, text, level > 0);
                break;
            }
            JsonTape& inner = builder.innerTape();
            if (inner.read(text) != JsonTape::Verdict::Value || inner[0].next < 3) break;
            if (unwrapDocker(builder, inner, name, text)) {
                wrapped = true;
                continue;
            }
            fields.object(inner, 0, npos, {}, name);
            break;
        }
    }
}

} // namespace faultline
