#include "models/ingest/pending_event.h"

namespace faultline {
namespace {

constexpr std::size_t kLongestEvent = 1u << 20;

} // namespace

PendingEvent::PendingEvent(const DecodedEvent& event, const RecordOutcome& outcome)
    : m_document(event.document), m_event(event), m_ownBytes(event.document.size())
{
    std::size_t size = event.overflow.size();
    for (const FieldValue& field : event.fields) size += field.path.size() + field.text.size();
    m_texts.reserve(size); // once: the views below stay valid
    const auto keep = [this](std::string_view text) {
        const std::size_t at = m_texts.size();
        m_texts.append(text);
        return std::string_view(m_texts).substr(at);
    };
    for (FieldValue& field : m_event.fields) {
        field.path = keep(field.path);
        field.text = keep(field.text);
    }
    m_event.overflow = keep(event.overflow);
    m_event.glueBefore = m_event.glueAfter = {};
    m_separator =
        outcome.bytes - std::min<std::uint64_t>(outcome.bytes, outcome.cutBytes + m_document.size());
    m_ledger.received = m_ledger.stored = {1, outcome.bytes};
    m_ledger.cutBytes = outcome.cutBytes;
}

DecodedEvent lineEvent(std::string_view line)
{
    DecodedEvent event;
    event.document = line;
    event.flags = FlagPlainText;
    FieldValue message;
    message.path = "message";
    message.text = line;
    message.offset = 0;
    message.length = line.size();
    event.fields.push_back(message);
    return event;
}

bool PendingEvent::join(const RecordOutcome& line)
{
    if (line.document.empty()) { // its bytes are in the event already: a part of a container's split line
        m_ledger.received += {1, line.bytes};
        m_ledger.stored += {1, line.bytes};
        ++m_ledger.joined;
        return true;
    }
    if (m_document.size() + m_blanks.size() + line.document.size() + 2 > kLongestEvent) return false;
    m_document.append(m_separator == 2 ? "\r\n" : "\n").append(m_blanks);
    m_blanks.clear();
    if (m_joinedAt == 0) m_joinedAt = m_document.size();
    m_document.append(line.document);
    m_separator = line.bytes - std::min<std::uint64_t>(line.bytes, line.cutBytes + line.document.size());
    m_ledger.received += {1, line.bytes};
    m_ledger.stored += {1, line.bytes};
    m_ledger.cutBytes += line.cutBytes;
    ++m_ledger.joined;
    return true;
}

void PendingEvent::addSeparators(std::uint64_t bytes)
{
    m_ledger.received.bytes += bytes;
    m_ledger.stored.bytes += bytes;
}

void PendingEvent::addBlankLine(std::uint64_t bytes, std::string_view text)
{
    addSeparators(bytes);
    if (m_blanks.size() < kLongestEvent)
        m_blanks.append(text).append(bytes - text.size() == 2 ? "\r\n" : "\n");
}

DecodedEvent& PendingEvent::finish()
{
    m_event.document = m_document;
    if (m_joinedAt == 0) return m_event;
    m_event.flags |= FlagJoined;
    FieldValue* last = nullptr;
    bool hasStack = false;
    for (FieldValue& field : m_event.fields) {
        hasStack = hasStack || field.path == "error.stack_trace";
        if (field.length != FieldValue::npos && (last == nullptr || field.offset >= last->offset))
            last = &field;
    }
    if (last != nullptr && last->kind == ValueKind::Text && !last->escaped &&
        last->offset + last->length == m_ownBytes) {
        m_extended.assign(last->text);
        m_extended.append(m_document, m_ownBytes);
        last->text = m_extended;
        last->length += m_document.size() - m_ownBytes;
        return m_event;
    }
    FieldValue joined;
    joined.path = hasStack ? "joined_lines" : "error.stack_trace";
    joined.text = std::string_view(m_document).substr(m_joinedAt);
    joined.offset = m_joinedAt;
    joined.length = joined.text.size();
    m_event.fields.push_back(joined);
    return m_event;
}

} // namespace faultline
