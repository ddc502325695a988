#include "models/ingest/json_wrappers.h"
#include "models/ingest/line_parsers.h"
#include "models/ingest/text_head.h"

namespace faultline {

namespace {

constexpr std::size_t kMaxPrefix = 512;

std::string_view trimRight(std::string_view text)
{
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

bool isNameByte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.' || c == '/';
}

std::size_t nameLength(std::string_view text)
{
    std::size_t end = 0;
    while (end < text.size() && isNameByte(text[end])) ++end;
    return end;
}

void addName(RecordBuilder& builder, std::string_view path, std::string_view text, std::size_t offset)
{
    builder.fields().slot(path, ValueKind::Text, text, offset);
}

/// `[pod/name/container]`, `service | `, `pod container `; else the head of a text line.
void addPrefix(RecordBuilder& builder, std::string_view prefix, bool jsonHasMessage)
{
    const std::size_t blank = prefix.find_first_not_of(" \t");
    const std::size_t begin = blank == std::string_view::npos ? 0 : blank;
    std::string_view text = prefix.substr(begin);
    if (text.starts_with("[pod/") && text.back() == ']') {
        const std::size_t slash = text.find('/', 5);
        if (slash != std::string_view::npos && text.find('/', slash + 1) == std::string_view::npos) {
            addName(builder, "kubernetes.pod.name", text.substr(5, slash - 5), begin + 5);
            addName(builder, "container.name", text.substr(slash + 1, text.size() - slash - 2),
                    begin + slash + 1);
            return;
        }
    }
    const std::size_t name = nameLength(text);
    if (name > 0 && text.back() == '|' && trimRight(text.substr(0, text.size() - 1)).size() == name) {
        addName(builder, "container.name", text.substr(0, name), begin);
        return;
    }
    const TextHead head = readTextHead(text);
    if (!head.known && name > 0 && name < text.size() && text[name] == ' ') {
        const std::size_t second = name + 1;
        const std::size_t length = nameLength(text.substr(second));
        if (length > 0 && second + length == text.size() &&
            text.substr(0, name).find('-') != std::string_view::npos) {
            addName(builder, "kubernetes.pod.name", text.substr(0, name), begin);
            addName(builder, "container.name", text.substr(second, length), begin + second);
            return;
        }
    }
    addHeadFields(builder, text, begin, jsonHasMessage ? "prefix" : "message");
}

bool hasMessage(const JsonTape& tape)
{
    for (std::size_t i = 1; i + 1 < tape[0].next; i = tape[i + 1].next) {
        const std::string_view key = tape.text(tape[i]);
        if (key == "msg" || key == "message" || key == "MESSAGE" || key == "@m" || key == "log") return true;
    }
    return false;
}

} // namespace

bool readPrefixed(RecordBuilder& builder, JsonEvents&, std::string_view line)
{
    const std::string_view text = trimRight(line);
    if (text.size() < 4 || text.back() != '}') return false;
    JsonTape& tape = builder.tape();
    std::size_t tries = 0;
    for (std::size_t open = text.find('{'); open != std::string_view::npos && open <= kMaxPrefix && tries < 3;
         open = text.find('{', open + 1)) {
        if (open == 0 || (text[open - 1] != ' ' && text[open - 1] != '\t' && text[open - 1] != '|' &&
                          text[open - 1] != ':' && text[open - 1] != ']'))
            continue;
        ++tries;
        if (tape.read(text, open) != JsonTape::Verdict::Value || tape[0].next < 3) continue;
        builder.beginEvent(line);
        const std::string_view prefix = trimRight(text.substr(0, open));
        if (!prefix.empty()) addPrefix(builder, prefix, hasMessage(tape));
        flattenObject(builder, tape, 0, 0);
        unwrapMembers(builder);
        builder.endEvent();
        return true;
    }
    return false;
}

bool readCri(RecordBuilder& builder, JsonEvents&, std::string_view line, bool& partial)
{
    if (line.size() < 30 || line[0] < '0' || line[0] > '9' || line[10] != 'T') return false;
    const std::size_t space = line.find(' ');
    if (space < 20 || space > 40) return false;
    const std::string_view rest = line.substr(space + 1);
    const bool out = rest.starts_with("stdout "), err = rest.starts_with("stderr ");
    if ((!out && !err) || rest.size() < 9 || (rest[7] != 'P' && rest[7] != 'F') ||
        (rest.size() > 9 && rest[8] != ' '))
        return false;
    partial = rest[7] == 'P';
    const std::size_t offset = std::min(space + 10, line.size());
    const std::string_view text = line.substr(offset);
    builder.beginEvent(line);
    auto& fields = builder.fields();
    fields.slot("time", ValueKind::Text, line.substr(0, space), 0);
    fields.slot("stream", ValueKind::Text, rest.substr(0, 6), space + 1);
    fields.slot("logtag", ValueKind::Text, rest.substr(7, 1), space + 8);
    JsonTape& tape = builder.tape();
    if (!partial && text.starts_with('{') && tape.read(line, offset) == JsonTape::Verdict::Value &&
        tape[0].next > 2) {
        // The runtime's time stands; an inner one keeps its place under another name.
        for (std::size_t i = 1; i + 1 < tape[0].next; i = tape[i + 1].next) {
            const std::string_view key = tape.text(tape[i]);
            std::string path(key.substr(0, FieldFlattener::kNameBytes));
            if (key == "time" || key == "stream" || key == "logtag") path.insert(0, "log.");
            fields.value(tape, i + 1, 0, path);
        }
        unwrapMembers(builder);
    } else if (!partial) {
        const TextHead head = readTextHead(text);
        const auto part = [&](std::string_view path, const TextHead::Part& span) {
            if (span.length > 0) fields.derived(path, ValueKind::Text, text.substr(span.offset, span.length));
        };
        fields.slot("message", ValueKind::Text, text, offset);
        part("level", head.level);
        part("logger", head.logger);
        part("thread", head.thread);
    } else
        fields.slot("message", ValueKind::Text, text, offset);
    builder.endEvent();
    return true;
}

} // namespace faultline
