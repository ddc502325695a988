#include "models/ingest/piece_parser.h"

#include "models/ingest/detect.h"

#include <algorithm>
#include <cstring>

namespace faultline {
namespace {

constexpr std::size_t kLongestLine = 1u << 20;
constexpr std::size_t kMostTries = 64;
constexpr TimeNs kDayNs = 86'400 * kSecondNs;
constexpr TimeNs kYear2000 = 946'684'800 * kSecondNs;

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
    : m_normaliser(std::move(normaliser)), m_fastPath(fastPath), m_rows(m_builder)
{}

PieceParser::~PieceParser() = default;

std::optional<CommitBatch> PieceParser::parse(const Piece& piece, std::stop_token stop)
{
    m_batch = CommitBatch{};
    m_stop = std::move(stop);
    m_stopped = false;
    for (const SourceSpan& span : piece.spans) {
        if (!parseSpan(piece, span)) {
            m_builder.reset();
            m_rows.beginSegment();
            return std::nullopt;
        }
    }
    if (m_builder.rows() > 0) {
        m_batch.segments.push_back(m_builder.seal());
        m_rows.beginSegment();
    }
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
    m_trie = trieFor(m_source->context);

    std::unique_ptr<Decoder> own;
    if (m_span->parallel) {
        own = makeDecoder(m_source->context.format);
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
    if (m_trie == nullptr) {
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
        m_direct = decoder.held() == 0 &&
                   (next < end ? beginsRecord(next) : (m_span->parallel || m_span->ends) && found != nullptr);
        if (m_direct && beginsRecord(at) && static_cast<std::size_t>(lineEnd - at) <= kLongestLine) {
            const char* const documentEnd = lineEnd > at && lineEnd[-1] == '\r' ? lineEnd - 1 : lineEnd;
            flushPending();
            SkeletonTrie::Hit hit;
            if (m_trie->add(at, documentEnd, m_builder, hit)) {
                const auto size = static_cast<std::uint64_t>(next - at);
                m_totals.ledger.received += {1, size + m_leading};
                m_totals.ledger.stored += {1, size + m_leading};
                m_leading = 0;
                m_lastQuarantined = false;
                endRow(hit.shape, hit.hasTime ? std::optional<TimeNs>(hit.time) : std::nullopt,
                       hit.hasTime && hit.zoneAssumed ? FlagTimeZoneAssumed : 0, hit.severity,
                       static_cast<std::size_t>(documentEnd - at));
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

/// Whether a line that begins so is a record that nothing before it takes in: an object, or, among a
/// container runtime's lines, one of these. Looks at kPiecePadding bytes at most.
bool PieceParser::beginsRecord(const char* line) const
{
    if (!m_container) return *line == '{';
    return *line >= '1' && *line <= '9' && line[4] == '-' && line[7] == '-' && line[10] == 'T';
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
    for (DecodedEvent& event : events) storeEvent(event);
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
    DecodedEvent event;
    event.document = line.document;
    event.flags = FlagPlainText;
    FieldValue message;
    message.path = "message";
    message.text = line.document;
    message.offset = 0;
    message.length = line.document.size();
    event.fields.push_back(message);
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
    storeEvent(pending->finish());
}

void PieceParser::storeEvent(DecodedEvent& event)
{
    const auto& constants = m_source->context.constants;
    const std::size_t own = event.fields.size();
    for (const auto& [path, value] : constants) {
        const auto begin = event.fields.begin();
        if (std::any_of(begin, begin + static_cast<std::ptrdiff_t>(own),
                        [&name = path](const FieldValue& field) { return field.path == name; }))
            continue; // the event says it itself
        FieldValue field;
        field.path = path;
        field.text = value;
        field.implied = true;
        event.fields.push_back(field);
    }
    const CanonicalFields fields = m_normaliser->apply(event, m_source->context, m_scratch);
    const RowWriter::Written written = m_rows.addEvent(event, fields);
    if (!event.glueBefore.empty() || !event.glueAfter.empty()) {
        std::string glue(event.glueBefore);
        glue.push_back('\0');
        glue.append(event.glueAfter);
        m_builder.addText(GlueColumn, glue);
    }
    if (m_trie != nullptr && written.repeatable && !fields.valueDependent && event.flags == 0)
        learn(event, fields, written.id);
    std::uint16_t flags = event.flags;
    if (fields.time && fields.time->zoneAssumed) flags |= FlagTimeZoneAssumed;
    endRow(written.shape, fields.time ? std::optional<TimeNs>(fields.time->ns) : std::nullopt, flags,
           fields.severity, event.document.size());
    m_scratch.clear();
}

void PieceParser::learn(const DecodedEvent& event, const CanonicalFields& fields, ShapeId shape)
{
    std::vector<SkeletonTrie::Derived> all;
    for (std::size_t i = 0; i < event.fields.size(); ++i) {
        const FieldValue& field = event.fields[i];
        if (field.length != FieldValue::npos) continue;
        SkeletonTrie::Derived derived;
        derived.column = m_rows.columnId(field.path, field.kind);
        const auto rewrite = std::find_if(fields.rewrites.begin(), fields.rewrites.end(),
                                          [i](const CanonicalFields::Rewrite& one) { return one.to == i; });
        if (field.implied && field.kind == ValueKind::Text) {
            derived.text = std::string(field.text);
        } else if (rewrite != fields.rewrites.end()) {
            const FieldValue& from = event.fields[rewrite->from];
            derived.from = m_rows.columnId(from.path, from.kind);
            derived.form = rewrite->form;
            derived.trace = rewrite == fields.rewrites.begin();
            if (rewrite->other != FieldValue::npos) {
                const FieldValue& other = event.fields[rewrite->other];
                derived.other = m_rows.columnId(other.path, other.kind);
            }
        } else {
            return; // taken out of values: the decoder has to look again
        }
        all.push_back(std::move(derived));
    }
    SkeletonTrie::SplitTime split;
    if (fields.time && fields.nanosField != FieldValue::npos) {
        const FieldValue &seconds = event.fields[fields.timeField], &nanos = event.fields[fields.nanosField];
        split = {m_rows.columnId(seconds.path, seconds.kind), m_rows.columnId(nanos.path, nanos.kind)};
    } else if (fields.time && fields.time->layout.form == TimeLayout::Form::None) {
        return; // a layout that no slot has: the decoder reads it each time
    }
    m_trie->learn(shape, m_normaliser->severityReading(event, fields, m_source->context), std::move(all),
                  split);
}

void PieceParser::endRow(std::uint32_t shape, std::optional<TimeNs> time, std::uint16_t flags,
                         Severity severity, std::size_t documentBytes)
{
    RowHeader row;
    row.source = m_source->id;
    row.ordinal = (m_base ? m_base->events : 0) + m_totals.ledger.events;
    row.shape = shape;
    row.severity = severity;
    row.flags = flags;
    row.documentBytes = static_cast<std::uint32_t>(documentBytes);
    if (time) {
        row.time = *time;
        if (*time > m_source->arrival && *time - m_source->arrival > kDayNs) row.flags |= FlagTimeFuture;
        if (*time < kYear2000) row.flags |= FlagTimePast;
        m_totals.lastTime = time;
        if (!m_firstTime) m_firstTime = time;
    } else {
        row.flags |= FlagTimeMissing;
        if (m_totals.lastTime)
            row.time = *m_totals.lastTime;
        else if (m_base && m_base->lastTime)
            row.time = *m_base->lastTime;
        else
            row.flags |= FlagInheritsHead;
    }
    m_builder.endRow(row);
    ++m_totals.ledger.events;
    if (m_builder.full()) sealIfFull();
}

bool PieceParser::numberSpan()
{
    if (!m_base) {
        m_base = m_source->chain->before(m_span->number, m_stop);
        if (m_base->stopped) return !(m_stopped = true);
        // Rows that this span has added; those of an earlier span of the source in this piece are numbered,
        // and after one this span knows its base before its first row.
        if (m_totals.ledger.events > 0) m_builder.shiftOrdinals(m_source->id, m_base->events);
        for (std::size_t i = m_firstQuarantine; i < m_batch.quarantine.size(); ++i)
            m_batch.quarantine[i].record += m_base->records;
    }
    if (m_builder.needsHeadTime()) {
        // The time of the line before, else of the first timed line after, else the file's.
        const std::optional<TimeNs> time = m_base->lastTime ? m_base->lastTime : m_firstTime;
        if (time || m_span->ends || m_builder.full())
            m_builder.setHeadTime(time.value_or(m_source->fileTime));
    }
    return !m_stopped;
}

void PieceParser::sealIfFull()
{
    if (!m_builder.full() || !numberSpan()) return;
    m_batch.segments.push_back(m_builder.seal());
    m_rows.beginSegment();
}

void PieceParser::reportSource(std::string_view bytes, const Decoder& decoder)
{
    if (m_builder.needsHeadTime()) m_builder.setHeadTime(m_source->fileTime);
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

SkeletonTrie* PieceParser::trieFor(const SourceContext& context)
{
    m_container = context.format == "cri";
    if (!m_fastPath || (context.format != "json" && !m_container)) return nullptr;
    std::string key = context.format + std::to_string(context.time.zoneOffsetMinutes);
    for (const auto* fields : {&context.constants, &context.overrides}) {
        for (const auto& [name, value] : *fields) {
            key.append(name).push_back('\0');
            key.append(value).push_back('\0');
        }
        key.push_back('\1');
    }
    if (const auto found = m_tries.find(key); found != m_tries.end()) return found->second.get();
    if (m_tries.size() >= kMostTries) m_tries.clear();
    return m_tries.emplace(key, std::make_unique<SkeletonTrie>(m_rows)).first->second.get();
}

} // namespace faultline
