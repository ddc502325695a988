#pragma once
#include "models/ingest/decoder.h"
#include "models/store/source_record.h"

#include <algorithm>
#include <string>

namespace faultline {

/// An event that may still get continuation lines, with copies of everything that its decoder lent it.
class PendingEvent
{
public:
    PendingEvent(const DecodedEvent& event, const RecordOutcome& outcome);
    PendingEvent(const PendingEvent&) = delete;
    PendingEvent& operator=(const PendingEvent&) = delete;

    /// Takes a continuation line; false when the event would grow past 1 MiB: the line is an event of its own
    /// then.
    bool join(const RecordOutcome& line);
    /// Separators before its record or behind it.
    void addSeparators(std::uint64_t bytes);
    /// A blank line behind its last record: it stays in the document when another line is joined behind it.
    void addBlankLine(std::uint64_t bytes, std::string_view text);
    /// The event with its joined lines: they extend its last text when that ended the document (plain text),
    /// or become the field error.stack_trace. Valid while this object lives; call once.
    DecodedEvent& finish();

    const Ledger& ledger() const { return m_ledger; } ///< of the records it covers, events excluded
    std::uint64_t bytes() const { return m_ledger.received.bytes; }

private:
    std::string m_document, m_texts, m_extended;
    DecodedEvent m_event;
    std::size_t m_ownBytes = 0;    ///< of the document before anything was joined
    std::size_t m_joinedAt = 0;    ///< where the first joined line begins
    std::uint64_t m_separator = 0; ///< bytes behind the last line
    std::string m_blanks;          ///< blank lines behind it, with their ends
    Ledger m_ledger;
};

/// The event of a continuation line that nothing before it takes in: its text alone. Views into `line`.
DecodedEvent lineEvent(std::string_view line);

} // namespace faultline
