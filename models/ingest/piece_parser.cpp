#include "models/ingest/piece_parser.h"

#include "models/ingest/detect.h"

#include <algorithm>
#include <cstring>

namespace faultline {
namespace {

constexpr std::size_t kLongestLine = 1u << 20;

} // namespace

/// Hands a decoder's records to the parser.
class PieceParser::Sink final : public RecordSink
{
public:
    explicit Sink(PieceParser& parser) : m_parser(parser) {}
    void record(const RecordOutcome& outcome, std::span<DecodedEvent> events) override
    {
        switch (outcome.kind) {
        case RecordOutcome::Kind::Events: m_parser.takeEvents(outcome, events); break;
        case RecordOutcome::Kind::Joins: m_parser.takeLine(outcome); break;
        case RecordOutcome::Kind::Quarantined: m_parser.takeQuarantined(outcome); break;
        case RecordOutcome::Kind::Skipped: m_parser.takeSeparators(outcome.bytes, outcome.document); break;
        }
    }

private:
    PieceParser& m_parser;
};

PieceParser::PieceParser(std::shared_ptr<const Normaliser> normaliser, bool fastPath)
    : m_writer(std::move(normaliser), fastPath)
{}

PieceParser::~PieceParser() = default;

std::optional<CommitBatch> PieceParser::parse(const Piece& piece, std::stop_token stop)
{
    m_batch = CommitBatch{};
    m_stop = std::move(stop);
    m_stopped = false;
    for (const SourceSpan& span : piece.spans) {
        if (!parseSpan(piece, span)) {
            m_writer.reset();
            return std::nullopt;
        }
    }
    if (m_writer.builder().rows() > 0) m_batch.segments.push_back(m_writer.seal());
    return std::move(m_batch);
}

bool PieceParser::parseSpan(const Piece& piece, const SourceSpan& span)
{
    m_span = &span;
    m_source = span.source.get();
    m_totals = {};
    m_base.reset();
    m_firstTime.reset();
    m_firstQuarantine = m_batch.quarantine.size();
    m_leading = 0;
    m_lastQuarantined = false;
    m_direct = false;
    m_writer.useSource(m_source->context);

    std::unique_ptr<Decoder> own;
    if (m_span->parallel) {
        own = makeDecoder(m_source->context.format, {.innerJson = m_source->context.innerJson});
        const auto earlier = [&span](const SourceSpan& other) {
            return other.number < span.number && other.source->id == span.source->id;
        };
        if (span.number > 0 && std::any_of(piece.spans.begin(), piece.spans.end(), earlier) && !numberSpan())
            return false;
    } else {
        if (!numberSpan()) return false;
        m_pending = std::move(m_source->pending);
    }
    Decoder& decoder = own ? *own : *m_source->decoder;
    Sink sink(*this);
    const std::string_view bytes(piece.buffer.get() + span.begin, span.end - span.begin);
    parseLines(bytes, decoder, sink);
    if (span.ends || m_span->parallel) decoder.finish(sink);
    if (span.ends || span.pause || m_span->parallel) flushPending();
    if (m_leading != 0) { // no record took them: they count by themselves
        m_totals.ledger.received.bytes += m_leading;
        m_totals.ledger.stored.bytes += m_leading;
    }
    if (!numberSpan()) return false;
    reportSource(bytes, decoder);
    if (!m_span->parallel) m_source->pending = std::move(m_pending);
    m_source->chain->add(span.number, m_totals);
    return true;
}

void PieceParser::parseLines(std::string_view bytes, Decoder& decoder, Sink& sink)
{
    if (!m_writer.readsLines()) {
        decoder.feed(bytes, m_span->position, sink);
        return;
    }
    const char* const begin = bytes.data();
    const char* const end = begin + bytes.size();
    const char* at = begin;
    while (at < end && !m_stopped) {
        const void* const found = std::memchr(at, '\n', static_cast<std::size_t>(end - at));
        const char* const lineEnd = found != nullptr ? static_cast<const char*>(found) : end;
        const char* const next = found != nullptr ? lineEnd + 1 : end;
        // Without a look at what follows, a line may still be joined by the one behind it.
        // What waits in the decoder may come with lines that join it.
        m_direct =
            decoder.held() == 0 && (next < end ? m_writer.beginsRecord(next)
                                               : (m_span->parallel || m_span->ends) && found != nullptr);
        if (m_direct && m_writer.beginsRecord(at) && static_cast<std::size_t>(lineEnd - at) <= kLongestLine) {
            const char* const documentEnd = lineEnd > at && lineEnd[-1] == '\r' ? lineEnd - 1 : lineEnd;
            flushPending();
            std::optional<TimeNs> own;
            if (m_writer.storeLine(at, documentEnd, nextPlace(), own)) {
                const auto size = static_cast<std::uint64_t>(next - at);
                m_totals.ledger.received += {1, size + m_leading};
                m_totals.ledger.stored += {1, size + m_leading};
                m_leading = 0;
                m_lastQuarantined = false;
                rowStored(own);
                at = next;
                continue;
            }
        }
        decoder.feed({at, static_cast<std::size_t>(next - at)},
                     m_span->position + static_cast<std::uint64_t>(at - begin), sink);
        at = next;
    }
    m_direct = false;
}

void PieceParser::takeEvents(const RecordOutcome& outcome, std::span<DecodedEvent> events)
{
    flushPending();
    m_lastQuarantined = false;
    RecordOutcome counted = outcome;
    counted.bytes += m_leading;
    if (!m_direct && events.size() == 1 && (events.front().flags & FlagFromArray) == 0) {
        m_pending = std::make_unique<PendingEvent>(events.front(), outcome);
        m_pending->addSeparators(m_leading);
        m_leading = 0;
        return;
    }
    m_leading = 0;
    m_totals.ledger.received += {1, counted.bytes};
    m_totals.ledger.stored += {1, counted.bytes};
    m_totals.ledger.cutBytes += counted.cutBytes;
    for (DecodedEvent& event : events) rowStored(m_writer.store(event, nextPlace()));
}

void PieceParser::takeLine(const RecordOutcome& line)
{
    if (m_pending && m_pending->join(line)) return;
    if (line.document.empty()) { // a part of a line whose event is stored already
        m_totals.ledger.received += {1, line.bytes};
        m_totals.ledger.stored += {1, line.bytes};
        ++m_totals.ledger.joined;
        return;
    }
    DecodedEvent event = lineEvent(line.document);
    takeEvents(line, {&event, 1});
}

void PieceParser::takeQuarantined(const RecordOutcome& outcome)
{
    flushPending();
    QuarantineRecord record;
    record.source = m_source->id;
    record.record = (m_base ? m_base->records : 0) + m_totals.ledger.received.records;
    record.position = outcome.position;
    record.length = outcome.bytes;
    record.bytes.assign(outcome.document.substr(0, kLongestLine));
    record.reason = outcome.reason;
    record.arrival = m_source->arrival;
    m_batch.quarantine.push_back(std::move(record));
    m_totals.ledger.received += {1, outcome.bytes + m_leading};
    m_totals.ledger.quarantined += {1, outcome.bytes + m_leading};
    m_leading = 0;
    m_lastQuarantined = true;
}

void PieceParser::takeSeparators(std::uint64_t bytes, std::string_view blank)
{
    if (m_pending) {
        m_pending->addBlankLine(bytes, blank);
        return;
    }
    const bool first = m_totals.ledger.received.records == 0 && (!m_base || m_base->records == 0);
    if (first) {
        m_leading += bytes;
        return;
    }
    m_totals.ledger.received.bytes += bytes;
    (m_lastQuarantined ? m_totals.ledger.quarantined : m_totals.ledger.stored).bytes += bytes;
}

void PieceParser::flushPending()
{
    if (!m_pending) return;
    const std::unique_ptr<PendingEvent> pending = std::move(m_pending);
    m_totals.ledger += pending->ledger();
    rowStored(m_writer.store(pending->finish(), nextPlace()));
}

RowPlace PieceParser::nextPlace() const
{
    RowPlace place;
    place.source = m_source->id;
    place.ordinal = (m_base ? m_base->events : 0) + m_totals.ledger.events;
    place.arrival = m_source->arrival;
    place.inherited = m_totals.lastTime || !m_base ? m_totals.lastTime : m_base->lastTime;
    return place;
}

void PieceParser::rowStored(std::optional<TimeNs> own)
{
    if (own) {
        m_totals.lastTime = own;
        if (!m_firstTime) m_firstTime = own;
    }
    ++m_totals.ledger.events;
    if (m_writer.builder().full()) sealIfFull();
}

bool PieceParser::numberSpan()
{
    if (!m_base) {
        m_base = m_source->chain->before(m_span->number, m_stop);
        if (m_base->stopped) return !(m_stopped = true);
        // Rows that this span has added; those of an earlier span of the source in this piece are numbered,
        // and after one this span knows its base before its first row.
        if (m_totals.ledger.events > 0) m_writer.builder().shiftOrdinals(m_source->id, m_base->events);
        for (std::size_t i = m_firstQuarantine; i < m_batch.quarantine.size(); ++i)
            m_batch.quarantine[i].record += m_base->records;
    }
    if (m_writer.builder().needsHeadTime()) {
        // The time of the line before, else of the first timed line after, else the file's.
        const std::optional<TimeNs> time = m_base->lastTime ? m_base->lastTime : m_firstTime;
        if (time || m_span->ends || m_writer.builder().full())
            m_writer.builder().setHeadTime(time.value_or(m_source->fileTime));
    }
    return !m_stopped;
}

void PieceParser::sealIfFull()
{
    if (!m_writer.builder().full() || !numberSpan()) return;
    m_batch.segments.push_back(m_writer.seal());
}

void PieceParser::reportSource(std::string_view bytes, const Decoder& decoder)
{
    if (m_writer.builder().needsHeadTime()) m_writer.builder().setHeadTime(m_source->fileTime);
    CommitBatch::SourceUpdate update;
    update.id = m_source->id;
    update.delta = m_totals.ledger;
    update.arrival = m_source->arrival;
    update.format = m_source->context.format;
    update.state = m_span->state;
    update.detail = m_span->detail;
    Checkpoint checkpoint;
    checkpoint.records = m_base->records + m_totals.ledger.received.records;
    checkpoint.events = m_base->events + m_totals.ledger.events;
    checkpoint.position = m_span->position + bytes.size();
    checkpoint.lastTime = m_totals.lastTime ? m_totals.lastTime : m_base->lastTime;
    if (m_span->parallel) {
        checkpoint.hash = m_span->hash;
    } else {
        const std::uint64_t held = m_span->ends ? 0 : decoder.held() + (m_pending ? m_pending->bytes() : 0);
        checkpoint.position -= std::min(checkpoint.position, held);
        SourceRun& source = *m_source;
        source.unhashed.append(bytes);
        if (checkpoint.position > source.hashed) {
            const std::size_t count = checkpoint.position - source.hashed;
            source.hash.add(std::string_view(source.unhashed).substr(0, count));
            source.unhashed.erase(0, count);
            source.hashed = checkpoint.position;
        }
        checkpoint.hash = source.hash.digest();
    }
    update.checkpoint = checkpoint;
    m_batch.sources.push_back(std::move(update));
}

} // namespace faultline
