#include "models/ingest/line_decoder.h"

#include "models/ingest/json_wrappers.h"
#include "models/ingest/line_parsers.h"
#include "models/ingest/text_head.h"
#include "models/records/utf8.h"

#include <algorithm>

namespace faultline {

namespace {

constexpr std::string_view kBom = "\xef\xbb\xbf";

bool isBlank(std::string_view text)
{
    return text.find_first_not_of(" \t\r") == std::string_view::npos;
}

/// A number, a string or a literal, alone on its line.
bool mayBeScalar(char c)
{
    return c == '"' || c == '-' || (c >= '0' && c <= '9') || c == 't' || c == 'f' || c == 'n';
}

/// "ValueError: what", "pkg.SomeError": the last line of a Python traceback.
bool isExceptionLine(std::string_view text)
{
    std::size_t end = 0;
    while (end < text.size() &&
           ((text[end] >= 'a' && text[end] <= 'z') || (text[end] >= 'A' && text[end] <= 'Z') ||
            (text[end] >= '0' && text[end] <= '9') || text[end] == '_' || text[end] == '.'))
        ++end;
    return end > 0 && (end == text.size() || text.substr(end).starts_with(": "));
}

} // namespace

LineDecoder::LineDecoder(Format format, std::string_view name, const DecoderOptions& options)
    : m_format(format)
    , m_name(name)
    , m_lineLimit(options.maxLineBytes)
    , m_framer(options.maxLineBytes)
    , m_builder(options.innerJson)
{}

void LineDecoder::feed(std::string_view bytes, std::uint64_t position, RecordSink& sink)
{
    m_framer.feed(bytes, position, [&](const FramedLine& framed) { line(framed, sink); });
}

void LineDecoder::finish(RecordSink& sink)
{
    m_framer.finish([&](const FramedLine& framed) { line(framed, sink); });
    releaseHeld(sink);
    if (m_leading > 0) { // nothing but blank lines
        FramedLine blank;
        blank.bytes = 0;
        m_any = true;
        emit(blank, RecordOutcome::Kind::Skipped, {}, sink);
    }
}

std::uint64_t LineDecoder::held() const
{
    return m_framer.held() + m_leading + m_heldBytes;
}

std::size_t LineDecoder::lastCut(std::string_view bytes) const
{
    return lastContainerCut(container(), bytes, m_lineLimit);
}

bool LineDecoder::isRecordStart(std::string_view text) const
{
    if (holdsLines()) {
        std::string_view stream;
        return containerLine(container(), text, stream) != ContainerLine::Other;
    }
    if (m_format == Format::Json) return text.starts_with('{');
    if (isBlank(text) || isContinuation(text)) return false;
    if (m_format == Format::Logfmt) return text.find('=') != std::string_view::npos && !text.starts_with(' ');
    if (m_format == Format::Text) {
        const TextHead head = readTextHead(text);
        return head.time.length > 0 || !head.readableTime.empty();
    }
    return !isExceptionLine(text) && !text.starts_with("Traceback ") &&
           !text.starts_with("During handling ") && !text.starts_with("The above exception ");
}

void LineDecoder::emit(const FramedLine& framed, RecordOutcome::Kind kind, std::string_view document,
                       RecordSink& sink)
{
    RecordOutcome outcome;
    outcome.kind = kind;
    outcome.position = framed.position - std::min(m_leading, framed.position);
    outcome.bytes = framed.bytes + m_leading;
    outcome.cutBytes = framed.cutBytes;
    outcome.document = document;
    if (kind == RecordOutcome::Kind::Quarantined) outcome.reason.swap(m_reason);
    m_leading = 0;
    m_any = true;
    if (kind == RecordOutcome::Kind::Events) {
        m_anyEvent = true;
        sink.record(outcome, m_builder.events());
    } else
        sink.record(outcome, {});
}

void LineDecoder::line(const FramedLine& framed, RecordSink& sink)
{
    if (m_format != Format::Docker && m_format != Format::Cri) {
        give(framed, sink);
        return;
    }
    std::string_view stream;
    const ContainerLine kind = containerLine(container(), framed.text, stream);
    const OpenParts::Verdict verdict = m_open.take(kind, stream, framed.bytes);
    if (verdict == OpenParts::Verdict::Give) {
        give(framed, sink);
        return;
    }
    hold(framed);
    if (verdict == OpenParts::Verdict::Release) releaseHeld(sink);
}

void LineDecoder::give(const FramedLine& framed, RecordSink& sink)
{
    std::string_view text = framed.text;
    bool bom = false;
    if (!m_any && framed.position == 0 && text.starts_with(kBom)) {
        text.remove_prefix(kBom.size());
        bom = true;
    }
    if (isBlank(text) && framed.cutBytes == 0) {
        if (!m_any) {
            m_leading += framed.bytes;
            return;
        }
        emit(framed, RecordOutcome::Kind::Skipped, framed.text, sink);
        return;
    }
    m_builder.beginRecord();
    switch (readLine(framed, text)) {
    case Entry::Event:
        if (bom) m_builder.events()[0].flags |= FlagLenient;
        emit(framed, RecordOutcome::Kind::Events, text, sink);
        break;
    case Entry::Join: emit(framed, RecordOutcome::Kind::Joins, text, sink); break;
    case Entry::Quarantine: emit(framed, RecordOutcome::Kind::Quarantined, text, sink); break;
    }
}

LineDecoder::Entry LineDecoder::readLine(const FramedLine& framed, std::string_view text)
{
    const std::size_t first = text.find_first_not_of(" \t\r");
    const char c = first == std::string_view::npos ? '\0' : text[first];
    if (framed.cutBytes > 0) {
        if (c != '{' || !m_json.readCut(text)) readPlainText(m_builder, text);
        m_builder.event().flags |= FlagCut;
        flagBytes(text);
        return Entry::Event;
    }
    if (c == '{' || c == '[') return readJson(text, first > 0);
    if (joins(text)) return Entry::Join;
    if (readOther(text)) {
        flagBytes(text);
        return Entry::Event;
    }
    const bool structured =
        m_format == Format::Json || m_format == Format::Docker || m_format == Format::Prefixed;
    if (structured && mayBeScalar(c) && m_builder.tape().read(text) == JsonTape::Verdict::Value) {
        m_builder.beginEvent(text);
        m_builder.fields().slot("message", ValueKind::Text, text, 0);
        m_builder.endEvent();
        flagBytes(text);
        return Entry::Event;
    }
    textEvent(text, structured ? FlagPlainText : 0);
    return Entry::Event;
}

LineDecoder::Entry LineDecoder::readJson(std::string_view text, bool indented)
{
    switch (m_json.read(text)) {
    case JsonEvents::Outcome::Events: m_inTraceback = false; return Entry::Event;
    case JsonEvents::Outcome::Other:
        m_builder.beginEvent(text);
        m_builder.fields().slot("message", ValueKind::Text, text, 0);
        m_builder.endEvent();
        flagBytes(text);
        return Entry::Event;
    case JsonEvents::Outcome::TooDeep:
        m_builder.beginEvent(text);
        m_builder.fields().slot("message", ValueKind::Text, text, 0);
        m_builder.endEvent();
        m_builder.event().flags |= FlagLenient;
        flagBytes(text);
        return Entry::Event;
    case JsonEvents::Outcome::Invalid: break;
    }
    const bool textual = m_format == Format::Text || m_format == Format::Logfmt ||
                         m_format == Format::Syslog || m_format == Format::Cri;
    m_reason = m_json.fault();
    if (indented && m_anyEvent) return Entry::Join;
    if (readOther(text)) {
        flagBytes(text);
        return Entry::Event;
    }
    if (!indented && !textual && !(text[0] == '[' && readTextHead(text).known)) return Entry::Quarantine;
    textEvent(text, textual ? 0 : FlagPlainText);
    return Entry::Event;
}

bool LineDecoder::readOther(std::string_view text)
{
    bool partial = false;
    switch (m_format) {
    case Format::Logfmt:
        if (readLogfmt(m_builder, text)) return true;
        break;
    case Format::Cri:
        if (readCri(m_builder, m_json, text, partial)) return true;
        break;
    case Format::Prefixed:
        if (readPrefixed(m_builder, m_json, text)) return true;
        break;
    default: break;
    }
    if (readSyslog(m_builder, m_json, text)) return true;
    if (m_format != Format::Cri && readCri(m_builder, m_json, text, partial)) return true;
    if (m_format != Format::Prefixed && m_format != Format::Logfmt && readPrefixed(m_builder, m_json, text))
        return true;
    return m_format != Format::Logfmt && readLogfmt(m_builder, text);
}

bool LineDecoder::joins(std::string_view text)
{
    if (!m_anyEvent) return false;
    if (text.starts_with("Traceback (most recent call last)")) {
        m_inTraceback = true;
        return true;
    }
    if (isContinuation(text)) return true;
    if (!m_inTraceback) return false;
    if (text.starts_with("During handling of the above exception") ||
        text.starts_with("The above exception was"))
        return true;
    m_inTraceback = false;
    return isExceptionLine(text);
}

void LineDecoder::textEvent(std::string_view document, std::uint16_t flags)
{
    readPlainText(m_builder, document);
    m_builder.event().flags |= flags;
    flagBytes(document);
}

void LineDecoder::flagBytes(std::string_view text)
{
    if (isValidUtf8(text) && text.find('\0') == std::string_view::npos) return;
    for (auto& event : m_builder.events()) event.flags |= FlagInvalidUtf8;
}

void LineDecoder::hold(const FramedLine& framed)
{
    m_held.push_back({std::string(framed.text), framed.position, framed.bytes, framed.cutBytes});
    m_heldBytes += framed.bytes;
}

void LineDecoder::releaseHeld(RecordSink& sink)
{
    std::vector<Held> lines;
    lines.swap(m_held);
    m_heldBytes = 0;
    m_open.clear();
    std::vector<bool> used(lines.size(), false);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        FramedLine framed;
        framed.text = lines[i].text;
        framed.position = lines[i].position;
        framed.bytes = lines[i].bytes;
        framed.cutBytes = lines[i].cutBytes;
        if (used[i]) {
            emit(framed, RecordOutcome::Kind::Joins, {}, sink);
            continue;
        }
        std::string_view stream, other;
        std::vector<std::size_t> parts{i};
        if (framed.cutBytes == 0 &&
            containerLine(container(), lines[i].text, stream) == ContainerLine::Part) {
            for (std::size_t j = i + 1; j < lines.size(); ++j) {
                if (used[j] || lines[j].cutBytes > 0) continue;
                const ContainerLine part = containerLine(container(), lines[j].text, other);
                if (part == ContainerLine::Other || other != stream) continue;
                parts.push_back(j);
                if (part == ContainerLine::Last) break;
            }
        }
        if (parts.size() == 1) {
            give(framed, sink);
            continue;
        }
        m_joinedDocument.clear();
        m_joinedText.clear();
        for (const std::size_t part : parts) {
            used[part] = true;
            if (!m_joinedDocument.empty()) m_joinedDocument.push_back('\n');
            m_joinedDocument.append(lines[part].text);
        }
        m_builder.beginRecord();
        if (!giveJoined(lines, parts)) readPlainText(m_builder, m_joinedDocument);
        m_builder.event().rebuilds = false;
        m_builder.event().flags |= FlagJoined;
        m_builder.event().valueDependent = true;
        emit(framed, RecordOutcome::Kind::Events, m_joinedDocument, sink);
    }
}

/// One event out of the parts of a container record: the members of the first, the texts of all.
bool LineDecoder::giveJoined(const std::vector<Held>& lines, const std::vector<std::size_t>& parts)
{
    auto& fields = m_builder.fields();
    if (m_format == Format::Cri) {
        for (const std::size_t part : parts) {
            const std::string_view text = lines[part].text;
            m_joinedText.append(text.substr(std::min(text.find(' ') + 10, text.size())));
        }
        const std::string_view first = lines[parts[0]].text;
        const std::size_t space = first.find(' ');
        m_builder.beginEvent(m_joinedDocument);
        fields.derived("time", ValueKind::Text, m_builder.arena().keep(first.substr(0, space)));
        fields.derived("stream", ValueKind::Text, m_builder.arena().keep(first.substr(space + 1, 6)));
        fields.derived("message", ValueKind::Text, m_builder.arena().keep(m_joinedText));
        unwrapMembers(m_builder);
        m_builder.endEvent();
        return true;
    }
    JsonTape& tape = m_builder.tape();
    for (const std::size_t part : parts) {
        if (tape.read(lines[part].text) != JsonTape::Verdict::Value ||
            tape[0].type != JsonToken::Type::Object)
            return false;
        for (std::size_t i = 1; i + 1 < tape[0].next; i = tape[i + 1].next)
            if (tape.text(tape[i]) == "log" && tape[i + 1].type == JsonToken::Type::String)
                unescapeJsonLenient(tape.text(tape[i + 1]), m_joinedText);
    }
    tape.read(lines[parts[0]].text);
    m_builder.beginEvent(m_joinedDocument);
    for (std::size_t i = 1; i + 1 < tape[0].next; i = tape[i + 1].next)
        if (const std::string_view key = tape.text(tape[i]); key != "log")
            fields.value(tape, i + 1, FieldValue::npos, key);
    fields.derived("log", ValueKind::Text, m_builder.arena().keep(m_joinedText));
    unwrapMembers(m_builder);
    m_builder.endEvent();
    return true;
}

} // namespace faultline
