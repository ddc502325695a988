#include "models/ingest/journald_export.h"

#include "models/records/utf8.h"

#include <algorithm>

namespace faultline {

namespace {

constexpr std::size_t kKeptBytes = 1024 * 1024;

bool isKey(std::string_view text)
{
    return !text.empty() && text.size() <= 64 &&
           text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == std::string_view::npos;
}

} // namespace

void JournaldExportDecoder::feed(std::string_view bytes, std::uint64_t position, RecordSink& sink)
{
    if (m_text.empty() && m_dropped == 0) m_position = position;
    m_text.append(bytes);
    while (step(sink)) {
    }
    m_text.erase(0, m_start);
    m_start = 0;
    // What is too long is given up as it comes; only its beginning is kept.
    if (m_text.size() > m_options.maxDocumentBytes) {
        if (m_reason.empty())
            m_reason = "an entry longer than " + std::to_string(m_options.maxDocumentBytes) + " bytes";
        const std::size_t keep = std::min(kKeptBytes, m_options.maxDocumentBytes);
        m_dropped += m_text.size() - keep - 1;
        const char last = m_text.back();
        m_text.resize(keep);
        m_text.push_back(last);
        m_at = m_text.size() - 1;
    }
}

/// Understands one more line or value; false when more bytes are needed.
bool JournaldExportDecoder::step(RecordSink& sink)
{
    const std::string_view text = entry();
    if (!m_reason.empty()) {
        const std::size_t blank = text.find("\n\n", m_at > 0 ? m_at - 1 : 0);
        if (blank == std::string_view::npos) {
            m_at = text.empty() ? 0 : text.size() - 1;
            return false;
        }
        emit(true, blank, blank + 2, sink);
        return true;
    }
    const std::size_t end = text.find('\n', m_at);
    if (end == std::string_view::npos) return false;
    const std::string_view line = text.substr(m_at, end - m_at);
    if (line.empty()) {
        if (m_fields.empty()) { // blank lines before an entry
            m_leading += 1;
            m_position += 1;
            m_start += end + 1;
            m_at = 0;
            if (m_any) {
                RecordOutcome outcome;
                outcome.kind = RecordOutcome::Kind::Skipped;
                outcome.position = m_position - 1;
                outcome.bytes = 1;
                m_leading = 0;
                sink.record(outcome, {});
            }
            return true;
        }
        emit(false, m_at > 0 ? m_at - 1 : 0, end + 1, sink);
        return true;
    }
    const std::size_t equals = line.find('=');
    const std::string_view key = line.substr(0, equals);
    if (!isKey(key)) {
        m_reason = "byte " + std::to_string(m_at) + ": expected KEY=value or KEY";
        return true;
    }
    if (equals != std::string_view::npos) {
        m_fields.push_back({m_at, equals, m_at + equals + 1, line.size() - equals - 1});
        m_at = end + 1;
        return true;
    }
    if (text.size() < end + 9) return false;
    std::uint64_t length = 0;
    for (std::size_t i = 0; i < 8; ++i)
        length |= static_cast<std::uint64_t>(static_cast<unsigned char>(text[end + 1 + i])) << (8 * i);
    if (length > m_options.maxDocumentBytes) {
        m_reason = "byte " + std::to_string(m_at) + ": a value of " + std::to_string(length) + " bytes";
        return true;
    }
    const std::size_t begin = end + 9;
    if (text.size() < begin + length + 1) return false;
    if (text[begin + length] != '\n') {
        m_reason = "byte " + std::to_string(begin + length) + ": expected the end of a line behind a value";
        return true;
    }
    m_fields.push_back({m_at, line.size(), begin, static_cast<std::size_t>(length)});
    m_at = begin + static_cast<std::size_t>(length) + 1;
    return true;
}

void JournaldExportDecoder::emit(bool quarantine, std::size_t end, std::size_t next, RecordSink& sink)
{
    const std::string_view document = entry().substr(0, end);
    RecordOutcome outcome;
    outcome.position = m_position - std::min(m_leading, m_position);
    outcome.bytes = next + m_dropped + m_leading;
    outcome.document = document;
    m_any = true;
    m_leading = 0;
    if (quarantine) {
        outcome.kind = RecordOutcome::Kind::Quarantined;
        outcome.document = document.substr(0, kKeptBytes);
        outcome.reason.swap(m_reason);
        sink.record(outcome, {});
    } else {
        m_builder.beginRecord();
        DecodedEvent& event = m_builder.beginEvent(document);
        bool valid = true;
        for (const auto& field : m_fields) {
            const std::string_view value = document.substr(field.value, field.valueBytes);
            m_builder.fields().slot(document.substr(field.key, field.keyBytes), ValueKind::Text, value,
                                    field.value);
            valid = valid && isValidUtf8(value);
        }
        m_builder.endEvent();
        if (!valid) event.flags |= FlagInvalidUtf8;
        sink.record(outcome, m_builder.events());
    }
    m_position += next + m_dropped;
    m_dropped = 0;
    m_start += next;
    m_at = 0;
    m_fields.clear();
    m_reason.clear();
}

void JournaldExportDecoder::finish(RecordSink& sink)
{
    if (m_text.empty() && m_dropped == 0) {
        if (m_leading > 0) {
            RecordOutcome outcome;
            outcome.kind = RecordOutcome::Kind::Skipped;
            outcome.bytes = m_leading;
            m_leading = 0;
            sink.record(outcome, {});
        }
        return;
    }
    // The last entry may lack its blank line; a line without an end is still a line.
    const std::string_view text = entry();
    if (m_reason.empty() && m_at < text.size()) {
        const std::string_view line = text.substr(m_at);
        const std::size_t equals = line.find('=');
        if (equals != std::string_view::npos && isKey(line.substr(0, equals)) &&
            line.find('\n') == std::string_view::npos)
            m_fields.push_back({m_at, equals, m_at + equals + 1, line.size() - equals - 1});
        else
            m_reason = "byte " + std::to_string(m_at) + ": the source ends inside an entry";
    }
    const bool bad = !m_reason.empty();
    std::size_t end = text.size();
    if (!bad && end > 0 && text[end - 1] == '\n' && m_at == end) --end;
    emit(bad, end, text.size(), sink);
}

} // namespace faultline
