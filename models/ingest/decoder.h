#pragma once
#include "models/base/result.h"
#include "models/records/time_text.h"
#include "models/records/value.h"
#include "models/store/source_record.h"

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace faultline {

/// A value that a decoder found in a record.
struct FieldValue
{
    std::string_view path; ///< dotted; valid during the call
    ValueKind kind = ValueKind::Text;
    std::string_view text; ///< Text: unescaped; numbers: digits as written; Json: its bytes; Bool: true/false
    /// Where it stands in the document: byte offset and length of the slot (for JSON strings the inside of
    /// the quotes). length == npos: it does not stand there (derived: path parts, envelope members, unwrapped
    /// inner documents, normalised ids).
    std::size_t offset = 0;
    std::size_t length = npos;
    bool escaped = false; ///< the slot is the inside of a JSON string
    bool implied = false; ///< derived from the names alone: the same for every event of this skeleton
    static constexpr std::size_t npos = static_cast<std::size_t>(-1);
};

/// One event as a decoder hands it on, before fields are made canonical.
struct DecodedEvent
{
    std::string_view document;              ///< the event's own bytes, without the line's end
    std::vector<FieldValue> fields;         ///< in order of the document; of duplicate members only the last
    std::uint16_t flags = 0;                ///< EventFlag
    std::string_view glueBefore, glueAfter; ///< FlagFromArray: the envelope's bytes around the element
    bool rebuilds = true;      ///< false: keep the document as raw text (duplicate members, bad UTF-8 ...)
    std::string_view overflow; ///< JSON object of fields past 2,000, or empty
    /// The decoder looked into values (inner JSON, a wrapped text's head, an envelope, a rendered template):
    /// another event of the same shape may give other fields. The fast path does not learn from such an
    /// event.
    bool valueDependent = false;
};

/// One framed unit of a source, and what became of it. Every byte of the source belongs to exactly one
/// record.
struct RecordOutcome
{
    enum class Kind : std::uint8_t {
        Events, ///< `events` follow
        Joins,  ///< `document` is a continuation line of the event before it; an empty one is part of that
                ///< event's document already (the later parts of a split container line): only counted
        Quarantined, ///< `reason` says why
        Skipped,     ///< an empty record (only separators at the end): belongs to the record before it;
                     ///< `document`: the blank line's own text, where it is a line
    };
    Kind kind = Kind::Events;
    std::uint64_t position = 0; ///< byte in the source where it begins
    std::uint64_t bytes = 0;    ///< with its separator
    std::uint64_t cutBytes = 0;
    std::string_view document;
    std::string reason;
};

/// Takes what a decoder finds, in order of the source. One thread. The views are valid during the call.
class RecordSink
{
public:
    virtual ~RecordSink() = default;
    /// `events` is empty unless kind is Events. An envelope's events come in one call.
    virtual void record(const RecordOutcome& outcome, std::span<DecodedEvent> events) = 0;
};

/// Turns bytes, cut at any place, into records. One object a source; keeps what it needs between calls.
///
/// Limits   A line over 1 MiB: the first MiB is the document, the rest counts as cut. Depth 64, 2,000 fields.
///          A document format (one big array, pretty-printed) may hold at most 64 MiB of one record, then it
///          is quarantined. Never recursive over the input.
/// Errors   Bad input is a Quarantined record, never a failure of the call.
class Decoder
{
public:
    virtual ~Decoder() = default;
    virtual std::string_view
    format() const = 0; ///< "json", "logfmt", "docker", "cri", ... stable: stored and shown
    /// Takes the next bytes; calls the sink for each record that is complete. `position` of the first byte in
    /// the source.
    virtual void feed(std::string_view bytes, std::uint64_t position, RecordSink& sink) = 0;
    /// The source ends here: what is held becomes records.
    virtual void finish(RecordSink& sink) = 0;
    /// Bytes taken and not yet part of a record that the sink has got: a commit covers position - held().
    virtual std::uint64_t held() const = 0;
    /// True when a line is a record and nothing but joins passes from one line to the next, so that pieces of
    /// a file that begin at a line with isRecordStart() may be decoded on their own.
    virtual bool splittable() const { return false; }
    /// True when lines wait for others before they are a record (container parts): then lastCut() alone says
    /// where a piece may end, and what comes live is decoded in order.
    virtual bool holdsLines() const { return false; }
    /// The last place in `bytes` where a record begins and nothing waits, 0 when there is none. `bytes` begin
    /// at such a place.
    virtual std::size_t lastCut(std::string_view bytes) const
    {
        (void)bytes;
        return 0;
    }
    virtual bool isRecordStart(std::string_view line) const
    {
        (void)line;
        return true;
    }
};

} // namespace faultline
