// JSON lines on both roads into a segment: decoder, flattener, normaliser and RowWriter one line at a time,
// and a piece through PieceParser with its tree of skeletons. Bytes are accounted for, every document comes
// back from the sealed segment byte for byte, and both roads give the same events, times and severities.
//
// The first byte is the size of the pieces that the decoder gets, from 1.
#include "models/ingest/detect.h"
#include "models/ingest/piece_parser.h"
#include "resources/embedded.h"
#include "tests/fuzz/target.h"
#include "tests/support/memory_columns.h"

#include <algorithm>
#include <map>

using namespace faultline;
using faultline::fuzz::require;

namespace {

std::shared_ptr<const Normaliser> normaliser()
{
    static const auto loaded = Normaliser::load(embeddedFile("fields/aliases.json"));
    require(loaded.ok(), "the aliases load");
    return *loaded;
}

SourceContext context()
{
    SourceContext source;
    source.format = "json";
    source.time.now = 1'795'359'845 * kSecondNs;
    source.constants.emplace_back("path.part", "x");
    return source;
}

struct Row
{
    std::string document;
    TimeNs time = 0;
    Severity severity = 0;
    bool timed = false;
};

/// What a decoder gives, straight into a segment.
class Straight final : public RecordSink
{
public:
    void record(const RecordOutcome& outcome, std::span<DecodedEvent> events) override
    {
        bytes += outcome.bytes;
        joined = joined || outcome.kind == RecordOutcome::Kind::Joins;
        quarantined += outcome.kind == RecordOutcome::Kind::Quarantined ? 1 : 0;
        for (DecodedEvent& event : events) {
            FieldValue constant;
            constant.path = m_context.constants.front().first;
            constant.text = m_context.constants.front().second;
            constant.implied = true;
            event.fields.push_back(constant);
            const CanonicalFields fields = m_normaliser->apply(event, m_context, m_scratch);
            const RowWriter::Written written = m_writer.addEvent(event, fields);
            RowHeader header;
            header.ordinal = rows.size();
            header.source = SourceId{1};
            header.shape = written.shape;
            header.severity = fields.severity;
            header.time = fields.time ? fields.time->ns : 0;
            header.flags = fields.time ? 0 : FlagTimeMissing;
            header.documentBytes = static_cast<std::uint32_t>(event.document.size());
            m_builder.endRow(header);
            rows.push_back(
                {std::string(event.document), header.time, fields.severity, fields.time.has_value()});
            m_scratch.clear();
        }
    }
    SealedSegment seal() { return m_builder.seal(); }

    std::uint64_t bytes = 0;
    bool joined = false;
    std::uint64_t quarantined = 0;
    std::vector<Row> rows; ///< by ordinal

private:
    std::shared_ptr<const Normaliser> m_normaliser = normaliser();
    SourceContext m_context = context();
    SegmentBuilder m_builder;
    RowWriter m_writer{m_builder};
    std::deque<std::string> m_scratch;
};

std::int64_t rowNumber(DocumentBuilder& documents, RowIndex row, ColumnIndex column)
{
    std::string text;
    const auto there = documents.appendField(row, column, text);
    require(there.ok() && *there, "a row column has a value in every row");
    return std::strtoll(text.c_str(), nullptr, 10);
}

/// All events of sealed segments, through the bytes of directories and blobs.
std::vector<Row> readBack(const std::vector<SealedSegment>& segments)
{
    test::MemoryColumns columns;
    std::map<std::int64_t, Row> byOrdinal;
    for (const SealedSegment& sealed : segments) {
        const auto info = columns.add(sealed);
        require(info != nullptr, "a directory that was written can be read");
        DocumentBuilder documents(info, columns);
        for (RowIndex row = 0; row < info->rows; ++row) {
            Row found;
            const Status status = documents.append(row, found.document);
            require(status.ok(), "a document rebuilds", status ? std::string() : status.error().line());
            found.time = rowNumber(documents, row, TimeColumn);
            found.severity = static_cast<Severity>(rowNumber(documents, row, SeverityColumn));
            found.timed = (rowNumber(documents, row, FlagsColumn) & FlagTimeMissing) == 0;
            byOrdinal[rowNumber(documents, row, OrdinalColumn)] = std::move(found);
        }
    }
    std::vector<Row> rows;
    for (auto& [ordinal, row] : byOrdinal) {
        require(ordinal == static_cast<std::int64_t>(rows.size()), "ordinals have no gap");
        rows.push_back(std::move(row));
    }
    return rows;
}

void compare(const std::vector<Row>& expected, const std::vector<Row>& found, std::string_view road)
{
    require(expected.size() == found.size(), "no event is lost or doubled:", road);
    for (std::size_t i = 0; i < expected.size(); ++i) {
        require(expected[i].document == found[i].document,
                "a document comes back byte for byte:", expected[i].document);
        require(expected[i].severity == found[i].severity, "severity is the same:", expected[i].document);
        require(expected[i].timed == found[i].timed, "a time is found on both roads:", expected[i].document);
        require(!expected[i].timed || expected[i].time == found[i].time,
                "the time is the same:", expected[i].document);
    }
}

CommitBatch parsePiece(std::string_view bytes)
{
    Piece piece;
    piece.buffer = std::make_unique<char[]>(bytes.size() + kPiecePadding);
    std::copy(bytes.begin(), bytes.end(), piece.buffer.get());
    piece.size = bytes.size();
    auto source = std::make_shared<SourceRun>();
    source->id = SourceId{1};
    source->context = context();
    source->chain = std::make_unique<SourceChain>(Checkpoint{});
    source->decoder = makeDecoder("json");
    SourceSpan span;
    span.source = source;
    span.end = bytes.size();
    span.ends = true;
    piece.spans.push_back(span);
    PieceParser parser(normaliser());
    auto batch = parser.parse(piece, {});
    require(batch.has_value(), "a piece that nobody stops is parsed");
    return std::move(*batch);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size < 1) return 0;
    const std::string_view bytes = fuzz::viewOf(data + 1, size - 1);
    const std::size_t piece = std::size_t{data[0]} + 1;

    Straight straight;
    const auto decoder = makeDecoder("json");
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
        const std::string part(bytes.substr(at, piece));
        decoder->feed(part, at, straight);
        require(decoder->held() <= at + part.size(), "a decoder holds at most what it got");
    }
    decoder->finish(straight);
    require(straight.bytes == bytes.size(), "every byte belongs to one record");
    std::vector<SealedSegment> sealed;
    sealed.push_back(straight.seal());
    if (!straight.rows.empty()) compare(straight.rows, readBack(sealed), "line by line");

    const CommitBatch batch = parsePiece(bytes);
    require(batch.sources.size() == 1, "one source, one account");
    const Ledger& ledger = batch.sources.front().delta;
    require(ledger.balanced(), "received is stored, quarantined and duplicates");
    require(ledger.received.bytes == bytes.size(), "the account has every byte");
    require(ledger.quarantined.records == batch.quarantine.size(), "what is quarantined is kept");
    require(batch.quarantine.size() == straight.quarantined, "both roads quarantine the same");
    // Lines that join the event before them are joined by the piece only.
    const std::vector<Row> rows = readBack(batch.segments);
    require(rows.size() == ledger.events, "the account has every event");
    if (!straight.joined) compare(straight.rows, rows, "by the tree of skeletons");
    return 0;
}
