#include "models/ingest/document_decoder.h"

#include "models/ingest/line_parsers.h"
#include "models/records/utf8.h"

#include <algorithm>

namespace faultline {

namespace {

bool isSeparator(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == ',' || c == '\x1e';
}
constexpr std::string_view kBom = "\xef\xbb\xbf";
/// Deeper than any document that is read: brackets past it are only counted.
constexpr std::size_t kMaxOpen = 1'000'000;

} // namespace

DocumentDecoder::DocumentDecoder(std::string_view name, const DecoderOptions& options)
    : m_name(name), m_options(options), m_builder(options.innerJson)
{}

void DocumentDecoder::emit(RecordOutcome::Kind kind, std::string_view text, RecordSink& sink)
{
    RecordOutcome outcome;
    outcome.kind = kind;
    outcome.position = m_position - std::min(m_leading, m_position);
    outcome.bytes = m_bytes + m_leading;
    outcome.document = text;
    if (kind == RecordOutcome::Kind::Quarantined) outcome.reason.swap(m_reason);
    m_leading = 0;
    m_any = true;
    sink.record(outcome,
                kind == RecordOutcome::Kind::Events ? m_builder.events() : std::span<DecodedEvent>());
    m_text.clear();
    if (m_text.capacity() > kArrayBytes) m_text.shrink_to_fit();
    m_position += m_bytes;
    m_bytes = 0;
}

void DocumentDecoder::take(std::string_view bytes)
{
    m_bytes += bytes.size();
    // One byte over the limit tells flush() that it was reached.
    const std::size_t room =
        m_options.maxDocumentBytes + 1 - std::min(m_text.size(), m_options.maxDocumentBytes + 1);
    m_text.append(bytes.substr(0, room));
}

void DocumentDecoder::feed(std::string_view bytes, std::uint64_t position, RecordSink& sink)
{
    std::size_t at = 0;
    if (m_bytes == 0) m_position = position;
    while (at < bytes.size()) {
        if (m_mode == Mode::Between) {
            at = between(bytes, at, sink);
        } else if (m_mode == Mode::Document) {
            at = document(bytes, at, sink);
        } else {
            const std::size_t end = bytes.find('\n', at);
            const std::size_t stop = end == std::string_view::npos ? bytes.size() : end;
            take(bytes.substr(at, stop - at));
            at = stop;
            if (end != std::string_view::npos) flush(sink, true);
        }
    }
}

/// Takes separators and begins the next record.
std::size_t DocumentDecoder::between(std::string_view bytes, std::size_t at, RecordSink& sink)
{
    std::size_t end = at;
    while (end < bytes.size() && isSeparator(bytes[end])) ++end;
    const std::uint64_t skipped = end - at;
    if (skipped > 0) {
        m_bytes = skipped;
        if (m_any)
            emit(RecordOutcome::Kind::Skipped, {}, sink);
        else {
            m_leading += skipped;
            m_position += skipped;
            m_bytes = 0;
        }
    }
    if (end >= bytes.size()) return end;
    const char c = bytes[end];
    const bool opens = c == '{' || c == '[';
    m_mode = opens ? Mode::Document : Mode::Text;
    m_array = c == '[';
    m_part = false;
    m_open.clear();
    m_inString = m_escape = false;
    return end;
}

std::size_t DocumentDecoder::document(std::string_view bytes, std::size_t at, RecordSink& sink)
{
    for (std::size_t i = at; i < bytes.size(); ++i) {
        const char c = bytes[i];
        if (m_inString) {
            if (m_escape)
                m_escape = false;
            else if (c == '\\')
                m_escape = true;
            else if (c == '"')
                m_inString = false;
            continue;
        }
        if (c == '"') {
            m_inString = true;
        } else if (c == '{' || c == '[') {
            if (m_open.size() < kMaxOpen) m_open.push_back(c);
        } else if (c == '}' || c == ']') {
            // Brackets that do not match close as well: the parser says where the fault is.
            if (!m_open.empty()) m_open.pop_back();
            if (m_open.empty()) {
                take(bytes.substr(at, i + 1 - at));
                flush(sink, true);
                return i + 1;
            }
        } else if (c == ',' && m_array && m_open.size() == 1 && m_text.size() + (i - at) >= kArrayBytes) {
            take(bytes.substr(at, i + 1 - at));
            flush(sink, false);
            return i + 1;
        }
    }
    take(bytes.substr(at));
    return bytes.size();
}

/// The elements of a part of an array, as events.
bool DocumentDecoder::readElements()
{
    JsonTape& tape = m_builder.tape();
    const std::string_view text = m_text;
    std::size_t at = 0;
    bool opened = m_part;
    while (at < text.size()) {
        const char c = text[at];
        if (isSeparator(c) || (c == '[' && !opened)) {
            opened = opened || c == '[';
            ++at;
            continue;
        }
        if (c == ']') break;
        if (tape.read(text, at, false) != JsonTape::Verdict::Value ||
            tape[0].type != JsonToken::Type::Object) {
            m_reason = "byte " + std::to_string(tape.fault().offset) + " of this part of the array: " +
                       (tape.fault().reason.empty() ? std::string("an element that is not an object")
                                                    : tape.fault().reason);
            return false;
        }
        at = tape[0].end;
        m_json.object(tape, 0, tape.text(tape[0]), tape[0].begin);
        m_builder.endEvent();
    }
    setGlue(text, m_builder.events());
    return !m_builder.events().empty();
}

void DocumentDecoder::flush(RecordSink& sink, bool complete)
{
    const bool textual = m_mode == Mode::Text;
    if (complete) m_mode = Mode::Between;
    m_builder.beginRecord();
    std::string_view text = m_text;
    if (m_text.size() > m_options.maxDocumentBytes) {
        m_reason = "a document longer than " + std::to_string(m_options.maxDocumentBytes) + " bytes";
        emit(RecordOutcome::Kind::Quarantined, text.substr(0, kKeptBytes), sink);
        return;
    }
    if (textual) {
        const bool bom = m_position == 0 && text.starts_with(kBom);
        if (bom) text.remove_prefix(kBom.size());
        readPlainText(m_builder, text.substr(0, kKeptBytes));
        DecodedEvent& event = m_builder.event();
        event.flags |= FlagPlainText;
        if (!isValidUtf8(text)) event.flags |= FlagInvalidUtf8;
        emit(RecordOutcome::Kind::Events, text, sink);
        return;
    }
    if (m_part || !complete) {
        const bool read = readElements();
        const bool nothing = !read && m_builder.events().empty() && m_reason.empty();
        m_part = true;
        emit(nothing ? RecordOutcome::Kind::Skipped
             : read  ? RecordOutcome::Kind::Events
                     : RecordOutcome::Kind::Quarantined,
             read || nothing ? text : text.substr(0, kKeptBytes), sink);
        m_reason.clear();
        return;
    }
    switch (m_json.read(text)) {
    case JsonEvents::Outcome::Events: emit(RecordOutcome::Kind::Events, text, sink); return;
    case JsonEvents::Outcome::Other:
    case JsonEvents::Outcome::TooDeep:
        if (text.size() <= kKeptBytes) {
            m_builder.beginEvent(text);
            m_builder.fields().slot("message", ValueKind::Text, text, 0);
            m_builder.endEvent();
            m_builder.event().flags |= FlagLenient;
            emit(RecordOutcome::Kind::Events, text, sink);
            return;
        }
        m_reason = "a document over 1 MiB that holds no events";
        break;
    case JsonEvents::Outcome::Invalid: m_reason = m_json.fault(); break;
    }
    emit(RecordOutcome::Kind::Quarantined, text.substr(0, kKeptBytes), sink);
}

void DocumentDecoder::finish(RecordSink& sink)
{
    if (m_bytes > 0) {
        flush(sink, true);
    } else if (m_leading > 0)
        emit(RecordOutcome::Kind::Skipped, {}, sink);
    m_mode = Mode::Between;
}

} // namespace faultline
