#include "tests/support/ingest_rows.h"

#include "models/ingest/detect.h"
#include "resources/embedded.h"
#include "tests/support/memory_columns.h"

#include <algorithm>
#include <cstring>

namespace faultline::test {

std::shared_ptr<const Normaliser> loadNormaliser()
{
    auto loaded = Normaliser::load(embeddedFile("fields/aliases.json"));
    return loaded ? *loaded : nullptr;
}

std::vector<StoredRow> rowsOf(const std::shared_ptr<const SegmentInfo>& info, const DeleteMask& deleted,
                              ColumnSource& columns)
{
    std::vector<ColumnPtr> data;
    for (ColumnIndex i = 0; i <= ShapeColumn; ++i) {
        auto column = columns.column(*info, i);
        if (!column) return {};
        data.push_back(*column);
    }
    std::vector<ColumnIndex> fields;
    for (ColumnIndex i = OverflowColumn; i < info->columns.size(); ++i) fields.push_back(i);
    std::sort(fields.begin(), fields.end(), [&](ColumnIndex a, ColumnIndex b) {
        const ColumnInfo &one = info->columns[a], &other = info->columns[b];
        return std::tie(one.path, one.kind) < std::tie(other.path, other.kind);
    });
    std::vector<StoredRow> rows;
    DocumentBuilder builder(info, columns);
    for (RowIndex r = 0; r < info->rows; ++r) {
        if (deleted && ((*deleted)[r >> 6] >> (r & 63) & 1) != 0) continue;
        StoredRow row;
        row.source = SourceId{static_cast<std::uint32_t>(data[SourceColumn]->ints.at(r))};
        row.ordinal = static_cast<Ordinal>(data[OrdinalColumn]->ints.at(r));
        row.time = data[TimeColumn]->ints.at(r);
        row.flags = static_cast<std::uint16_t>(data[FlagsColumn]->ints.at(r));
        if (!builder.append(r, row.document)) row.document = "(cannot be rebuilt)";
        const std::int64_t severity = data[SeverityColumn]->ints.at(r);
        row.text = "#" + std::to_string(row.ordinal) + " time " + std::to_string(row.time) + " severity " +
                   std::to_string(severity) + " flags " + std::to_string(row.flags);
        for (const ColumnIndex index : fields) {
            const ColumnInfo& column = info->columns[index];
            const bool valueless = column.kind == ValueKind::Null || column.kind == ValueKind::Time;
            std::string value;
            const auto present = builder.appendField(r, index, value);
            if (!present) return {};
            if (!valueless && *present)
                row.text += " | " + column.path + ":" + std::to_string(int(column.kind)) + "=" + value;
        }
        const Shape& shape = info->shapes.at(static_cast<std::size_t>(data[ShapeColumn]->ints.at(r)));
        for (const ColumnIndex index : shape.canonical)
            row.text += " ~" + (index == kNoColumn ? std::string() : info->columns[index].path);
        row.text += (shape.raw ? " raw: " : " shape: ") + row.document;
        rows.push_back(std::move(row));
    }
    return rows;
}

namespace {

void sortRows(std::vector<StoredRow>& rows)
{
    std::sort(rows.begin(), rows.end(), [](const StoredRow& a, const StoredRow& b) {
        return std::pair(a.source.value, a.ordinal) < std::pair(b.source.value, b.ordinal);
    });
}

} // namespace

std::vector<StoredRow> rowsOf(Store& store)
{
    std::vector<StoredRow> rows;
    auto snapshot = store.snapshot();
    if (!snapshot) return rows;
    for (const SegmentEntry& entry : (*snapshot)->segments)
        for (StoredRow& row : rowsOf(entry.info, entry.deleted, store)) rows.push_back(std::move(row));
    sortRows(rows);
    return rows;
}

std::vector<std::string> textsOf(const std::vector<StoredRow>& rows)
{
    std::vector<std::string> texts;
    for (const StoredRow& row : rows) texts.push_back(row.text);
    return texts;
}

ParsedSource parseSource(const std::string& bytes, const ParseHow& how,
                         const std::shared_ptr<const Normaliser>& normaliser)
{
    auto run = std::make_shared<SourceRun>();
    run->id = SourceId{1};
    run->context.format = how.format;
    run->context.constants = how.constants;
    run->context.overrides = how.overrides;
    run->context.clockOffset = how.clockOffset;
    run->context.innerJson = how.innerJson;
    run->arrival = run->fileTime = run->context.time.now = 1'800'000'000 * kSecondNs;
    run->chain = std::make_unique<SourceChain>(Checkpoint{});
    run->decoder = makeDecoder(how.format, {.innerJson = how.innerJson});
    PieceParser parser(normaliser, how.fastPath);
    MemoryColumns columns;
    ParsedSource result;
    RunningHash hash;
    std::vector<std::size_t> ends = how.cuts;
    ends.push_back(bytes.size());
    std::size_t begin = 0;
    for (std::size_t i = 0; i < ends.size(); ++i) {
        Piece piece;
        piece.size = ends[i] - begin;
        piece.buffer = std::make_unique<char[]>(piece.size + kPiecePadding);
        std::memcpy(piece.buffer.get(), bytes.data() + begin, piece.size);
        hash.add({piece.buffer.get(), piece.size});
        SourceSpan span;
        span.source = run;
        span.number = i;
        span.end = piece.size;
        span.position = begin;
        span.parallel = how.parallel;
        span.ends = i + 1 == ends.size();
        span.hash = hash.digest();
        piece.spans.push_back(std::move(span));
        begin = ends[i];
        auto batch = parser.parse(piece, {});
        if (!batch) continue;
        for (const SealedSegment& sealed : batch->segments)
            if (const auto info = columns.add(sealed))
                for (StoredRow& row : rowsOf(info, nullptr, columns)) result.rows.push_back(std::move(row));
        for (const auto& update : batch->sources) {
            result.ledger += update.delta;
            if (update.checkpoint) result.last = *update.checkpoint;
        }
        for (QuarantineRecord& record : batch->quarantine) result.quarantine.push_back(std::move(record));
    }
    sortRows(result.rows);
    return result;
}

} // namespace faultline::test
