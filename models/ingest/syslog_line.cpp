#include "models/ingest/json_wrappers.h"
#include "models/ingest/line_parsers.h"
#include "models/ingest/text_head.h"
#include "models/records/severity.h"

namespace faultline {

namespace {

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

/// Walks a line word by word.
struct Cursor
{
    std::string_view line;
    std::size_t at = 0;
    std::string_view rest() const { return line.substr(at); }
    bool ended() const { return at >= line.size(); }
    void blanks()
    {
        while (at < line.size() && line[at] == ' ') ++at;
    }
    std::size_t wordEnd() const
    {
        const std::size_t space = line.find(' ', at);
        return space == std::string_view::npos ? line.size() : space;
    }
};

void field(RecordBuilder& builder, const Cursor& cursor, std::string_view path, std::size_t begin,
           std::size_t end)
{
    // "-" stands for nothing and stays in the skeleton.
    const std::string_view text = cursor.line.substr(begin, end - begin);
    if (!text.empty() && text != "-") builder.fields().slot(path, ValueKind::Text, text, begin);
}

/// `<N>`: the number and how many bytes it takes, 0 when there is none.
std::size_t priority(std::string_view line, int& value)
{
    if (!line.starts_with('<')) return 0;
    std::size_t end = 1;
    value = 0;
    while (end < line.size() && end < 4 && isDigit(line[end])) value = value * 10 + (line[end++] - '0');
    return end > 1 && end < line.size() && line[end] == '>' && value <= 191 ? end + 1 : 0;
}

void addPriority(RecordBuilder& builder, std::string_view line, std::size_t length, int value)
{
    static constexpr std::string_view kNames[] = {"emerg",   "alert",  "crit", "err",
                                                  "warning", "notice", "info", "debug"};
    builder.fields().slot("syslog.priority", ValueKind::Int, line.substr(1, length - 2), 1);
    builder.fields().derived("severity", ValueKind::Text, kNames[value & 7]);
    builder.fields().derived("syslog.facility", ValueKind::Int,
                             builder.arena().keep(std::to_string(value >> 3)));
}

/// The message at the cursor; JSON (also behind @cee:) becomes fields.
void addMessage(RecordBuilder& builder, Cursor cursor)
{
    cursor.blanks();
    std::size_t begin = cursor.at;
    if (cursor.rest().starts_with("\xef\xbb\xbf")) begin += 3;
    std::size_t json = begin;
    if (cursor.line.substr(json).starts_with("@cee:")) json = cursor.line.find_first_not_of(' ', json + 5);
    JsonTape& tape = builder.tape();
    if (json < cursor.line.size() && cursor.line[json] == '{' &&
        tape.read(cursor.line, json) == JsonTape::Verdict::Value && tape[0].next > 2) {
        flattenObject(builder, tape, 0, 0);
        unwrapMembers(builder);
        return;
    }
    const std::string_view text = cursor.line.substr(begin);
    if (!text.empty()) builder.fields().slot("message", ValueKind::Text, text, begin);
}

/// Structured data: [id k="v" ...] repeated, or "-". Its values become slots of `builder`, if any. False when
/// it is malformed.
bool readStructured(RecordBuilder* builder, Cursor& cursor)
{
    if (cursor.rest().starts_with('-')) {
        ++cursor.at;
        return true;
    }
    while (cursor.rest().starts_with('[')) {
        const std::size_t idBegin = ++cursor.at;
        while (!cursor.ended() && cursor.line[cursor.at] != ' ' && cursor.line[cursor.at] != ']') ++cursor.at;
        const std::string id(cursor.line.substr(idBegin, std::min<std::size_t>(cursor.at - idBegin, 64)));
        while (!cursor.ended() && cursor.line[cursor.at] == ' ') {
            cursor.blanks();
            const std::size_t nameBegin = cursor.at;
            const std::size_t equals = cursor.line.find('=', cursor.at);
            if (equals == std::string_view::npos || equals + 1 >= cursor.line.size() ||
                cursor.line[equals + 1] != '"')
                return false;
            const std::string_view name =
                cursor.line.substr(nameBegin, std::min<std::size_t>(equals - nameBegin, 64));
            const std::size_t begin = equals + 2;
            std::size_t end = begin;
            while (end < cursor.line.size() && cursor.line[end] != '"')
                end += cursor.line[end] == '\\' ? 2 : 1;
            if (end >= cursor.line.size()) return false;
            const std::string path = "sd." + id + "." + std::string(name);
            if (builder != nullptr)
                builder->fields().slot(path, ValueKind::Text, cursor.line.substr(begin, end - begin), begin);
            cursor.at = end + 1;
        }
        if (cursor.ended() || cursor.line[cursor.at] != ']') return false;
        ++cursor.at;
    }
    return true;
}

void read5424(RecordBuilder& builder, Cursor cursor)
{
    static constexpr std::string_view kPaths[] = {"timestamp", "hostname", "appname", "procid", "msgid"};
    for (const auto& path : kPaths) {
        cursor.blanks();
        const std::size_t end = cursor.wordEnd();
        field(builder, cursor, path, cursor.at, end);
        cursor.at = end;
    }
    cursor.blanks();
    // Malformed data belongs to the message: nothing of it may have become a field.
    Cursor ahead = cursor;
    if (readStructured(nullptr, ahead)) readStructured(&builder, cursor);
    addMessage(builder, cursor);
}

/// host, tag[pid]: message. A host is missing when the first word ends in ':'.
void read3164(RecordBuilder& builder, Cursor cursor)
{
    cursor.blanks();
    std::size_t end = cursor.wordEnd();
    if (end > cursor.at && cursor.line[end - 1] != ':' && end < cursor.line.size()) {
        field(builder, cursor, "hostname", cursor.at, end);
        cursor.at = end;
        cursor.blanks();
    }
    const std::size_t colon = cursor.line.find(':', cursor.at);
    end = cursor.wordEnd();
    const bool tagged = colon != std::string_view::npos && colon > cursor.at && colon < end;
    if (tagged) {
        std::size_t tagEnd = colon;
        const std::size_t open = cursor.line.rfind('[', colon);
        if (colon > cursor.at && cursor.line[colon - 1] == ']' && open != std::string_view::npos &&
            open > cursor.at) {
            tagEnd = open;
            field(builder, cursor, "appname", cursor.at, tagEnd);
            field(builder, cursor, "procid", open + 1, colon - 1);
        } else
            field(builder, cursor, "appname", cursor.at, tagEnd);
        cursor.at = colon + 1;
    }
    addMessage(builder, cursor);
}

} // namespace

bool readSyslog(RecordBuilder& builder, JsonEvents&, std::string_view line)
{
    int value = 0;
    const std::size_t pri = priority(line, value);
    Cursor cursor{line, pri};
    if (pri > 0 && cursor.rest().size() > 2 && cursor.rest().starts_with("1 ")) {
        builder.beginEvent(line);
        addPriority(builder, line, pri, value);
        cursor.at += 2;
        read5424(builder, cursor);
        builder.endEvent();
        return true;
    }
    std::string readable;
    const std::size_t time = textTimeLength(cursor.rest(), readable);
    // Without a priority only the layout of syslogd itself, "Jun 14 15:16:01 host tag: ...", is taken for
    // syslog.
    if (pri == 0 && (time == 0 || !readable.empty() || line[0] < 'A' || line[3] != ' ')) return false;
    if (pri == 0 && line.substr(time, 1) != " ") return false;
    builder.beginEvent(line);
    if (pri > 0) addPriority(builder, line, pri, value);
    if (time > 0) {
        field(builder, cursor, "timestamp", cursor.at, cursor.at + time);
        cursor.at += time;
        if (!readable.empty())
            builder.fields().derived("time", ValueKind::Text, builder.arena().keep(readable));
        read3164(builder, cursor);
    } else
        addMessage(builder, cursor);
    builder.endEvent();
    return true;
}

} // namespace faultline
