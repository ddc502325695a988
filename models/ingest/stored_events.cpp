#include "models/ingest/stored_events.h"

#include "models/ingest/detect.h"
#include "models/ingest/line_parsers.h"
#include "models/ingest/pending_event.h"
#include "models/records/utf8.h"

#include <algorithm>
#include <optional>

namespace faultline {
namespace {

constexpr std::uint16_t kLostValue = 2048; // FlagDamaged of the store: what was lost stays lost

/// Takes nothing.
class NoSink final : public RecordSink
{
public:
    void record(const RecordOutcome&, std::span<DecodedEvent>) override {}
};

} // namespace

/// What a decoder makes of one document.
class StoredEvents::Sink final : public RecordSink
{
public:
    /// `expected`: events of the one record, handed to `take` as they come; 0: one event out of several
    /// lines.
    Sink(std::size_t expected, const std::function<bool(std::span<DecodedEvent>)>& take)
        : m_expected(expected), m_take(take)
    {}
    void record(const RecordOutcome& outcome, std::span<DecodedEvent> events) override
    {
        if (outcome.kind == RecordOutcome::Kind::Joins) joined = true;
        if (outcome.kind == RecordOutcome::Kind::Skipped && outcome.document.empty() && m_count > 0) return;
        ++m_count;
        if (failed) return;
        if (m_expected == 0) {
            lines(outcome, events);
        } else if (m_count > 1 || outcome.kind != RecordOutcome::Kind::Events ||
                   events.size() != m_expected) {
            failed = true;
        } else {
            failed = !m_take(events);
        }
    }
    std::unique_ptr<PendingEvent> pending; ///< of a document of several lines
    bool joined = false, failed = false;
    bool gave() const { return m_count > 0 && !failed; }

private:
    /// The first record is the event; whatever follows was joined to it when it was read in.
    void lines(const RecordOutcome& outcome, std::span<DecodedEvent> events)
    {
        if (!pending) {
            if (outcome.kind == RecordOutcome::Kind::Events && events.size() == 1) {
                pending = std::make_unique<PendingEvent>(events.front(), outcome);
            } else if (outcome.kind == RecordOutcome::Kind::Joins && !outcome.document.empty()) {
                const DecodedEvent event = lineEvent(outcome.document);
                pending = std::make_unique<PendingEvent>(event, outcome);
            } else {
                failed = true;
            }
        } else if (outcome.kind == RecordOutcome::Kind::Skipped) {
            pending->addBlankLine(outcome.bytes, outcome.document);
        } else {
            failed = !pending->join(outcome);
        }
    }
    const std::size_t m_expected;
    const std::function<bool(std::span<DecodedEvent>)>& m_take;
    std::size_t m_count = 0;
};

StoredEvents::StoredEvents(const SourceContext& context) : m_context(context), m_texts(context.innerJson) {}
StoredEvents::~StoredEvents() = default;

void StoredEvents::run(std::string_view bytes, Sink& sink)
{
    if (!m_decoder) {
        m_decoder = makeDecoder(m_context.format, {.innerJson = m_context.innerJson});
        if (!m_decoder) m_decoder = makeDecoder("text", {.innerJson = m_context.innerJson});
        m_first = true;
    }
    // A decoder that has seen a record reads on as in the middle of a source: nothing here is its first line.
    if (m_first && m_decoder->splittable()) {
        NoSink nothing;
        m_decoder->feed("{}\n", 1, nothing);
        m_decoder->finish(nothing);
        m_first = false;
    }
    m_decoder->feed(bytes, 4, sink);
    m_decoder->finish(sink);
    // A traceback that was joined may be open in it: the next document is not its next line.
    // Decoders of whole documents are made anew.
    if (sink.joined || sink.failed || !m_decoder->splittable()) m_decoder.reset();
}

void StoredEvents::finishEvent(const StoredEvent& stored, DecodedEvent& event) const
{
    event.flags |= stored.flags & (FlagFromArray | kLostValue);
    // A byte order mark before it was taken off.
    if (stored.ordinal == 0) event.flags |= stored.flags & FlagLenient;
    event.glueBefore = stored.glueBefore;
    event.glueAfter = stored.glueAfter;
}

void StoredEvents::asText(const StoredEvent& stored, std::size_t index, const Give& give)
{
    m_texts.beginRecord();
    readPlainText(m_texts, stored.document);
    DecodedEvent& event = m_texts.event();
    event.flags |= FlagPlainText | (stored.flags & (FlagCut | FlagJoined));
    if (!isValidUtf8(stored.document) || stored.document.find('\0') != std::string_view::npos)
        event.flags |= FlagInvalidUtf8;
    finishEvent(stored, event);
    give(index, event);
}

void StoredEvents::decodeOne(const StoredEvent& stored, std::size_t index, const Give& give)
{
    const std::string_view document = stored.document;
    const bool own = (stored.flags & FlagCut) != 0 || stored.ordinal == 0; // needs a decoder of its own
    if (stored.ordinal == 0) {
        m_decoder = makeDecoder(m_context.format, {.innerJson = m_context.innerJson});
        m_first = false;
    }
    if ((stored.flags & FlagCut) != 0) {
        // Cut again where it was cut: at its last byte.
        DecoderOptions options;
        options.maxLineBytes = document.size();
        options.innerJson = m_context.innerJson;
        m_decoder = makeDecoder(m_context.format, options);
        m_first = true;
        m_bytes.assign(document).append("x\n");
    } else {
        // A carriage return of its own would be taken for one of the line's end.
        m_bytes.assign(document).append(document.ends_with('\r') ? "\r\n" : "\n");
    }
    const bool one = document.find('\n') == std::string_view::npos && m_context.format != "json-document" &&
                     m_context.format != "otlp" && m_context.format != "journald-export";
    bool given = false;
    const std::function<bool(std::span<DecodedEvent>)> take = [&](std::span<DecodedEvent> events) {
        DecodedEvent& event = events.front();
        if ((event.flags & FlagFromArray) != 0 || event.document != document) return false;
        finishEvent(stored, event);
        give(index, event);
        return given = true;
    };
    Sink sink(one ? 1 : 0, take);
    run(m_bytes, sink);
    if (own) m_decoder.reset();
    if (given) return;
    if (one && sink.joined) { // a continuation line that nothing took in
        DecodedEvent event = lineEvent(document);
        finishEvent(stored, event);
        give(index, event);
        return;
    }
    if (!one && sink.gave() && sink.pending) {
        DecodedEvent& event = sink.pending->finish();
        if (event.document == document && (event.flags & FlagFromArray) == 0) {
            finishEvent(stored, event);
            give(index, event);
            return;
        }
    }
    asText(stored, index, give);
}

bool StoredEvents::decodeTogether(std::span<const StoredEvent> record, const Give& give)
{
    m_bytes.clear();
    for (const StoredEvent& event : record)
        m_bytes.append(event.glueBefore).append(event.document).append(event.glueAfter);
    m_bytes.push_back('\n');
    bool given = false;
    const std::function<bool(std::span<DecodedEvent>)> take = [&](std::span<DecodedEvent> events) {
        for (std::size_t i = 0; i < events.size(); ++i)
            if (events[i].document != record[i].document) return false;
        for (std::size_t i = 0; i < events.size(); ++i) {
            events[i].flags |= FlagFromArray;
            events[i].valueDependent = true;
            finishEvent(record[i], events[i]);
            give(i, events[i]);
        }
        return given = true;
    };
    Sink sink(record.size(), take);
    run(m_bytes, sink);
    return given;
}

void StoredEvents::decodeElement(const StoredEvent& stored, std::size_t index, const Give& give)
{
    m_bytes.assign("[").append(stored.document).append("]\n");
    bool given = false;
    const std::function<bool(std::span<DecodedEvent>)> take = [&](std::span<DecodedEvent> events) {
        if (events.front().document != stored.document) return false;
        events.front().flags |= FlagFromArray;
        finishEvent(stored, events.front());
        give(index, events.front());
        return given = true;
    };
    Sink sink(1, take);
    run(m_bytes, sink);
    if (!given) asText(stored, index, give);
}

void StoredEvents::decode(std::span<const StoredEvent> record, const Give& give)
{
    if (record.size() == 1 && (record.front().flags & FlagFromArray) == 0) {
        decodeOne(record.front(), 0, give);
        return;
    }
    if (decodeTogether(record, give)) return;
    for (std::size_t i = 0; i < record.size(); ++i) {
        if ((record[i].flags & FlagFromArray) != 0)
            decodeElement(record[i], i, give);
        else
            decodeOne(record[i], i, give);
    }
}

} // namespace faultline
