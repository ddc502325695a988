#include "tests/support/ingest_rows.h"

#include "models/ingest/detect.h"
#include "resources/embedded.h"
#include "tests/support/ingest_lines.h"
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

namespace {

bool isBlank(std::string_view line)
{
    return line.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

} // namespace

std::string firstDifference(const std::vector<std::string>& a, const std::vector<std::string>& b)
{
    for (std::size_t i = 0; i < std::max(a.size(), b.size()); ++i) {
        const std::string one = i < a.size() ? a[i] : "(none)", other = i < b.size() ? b[i] : "(none)";
        if (one != other) return "row " + std::to_string(i) + ":\n  " + one + "\n  " + other;
    }
    return {};
}

std::string lostBytes(const std::string& bytes, const ParsedSource& parsed)
{
    if (!parsed.ledger.balanced()) return "the ledger is not balanced";
    if (parsed.ledger.received.bytes != bytes.size())
        return "received " + std::to_string(parsed.ledger.received.bytes) + " of " +
               std::to_string(bytes.size());
    bool whole = true;
    std::size_t at = 0;
    for (const StoredRow& row : parsed.rows) {
        whole = whole && (row.flags & (FlagFromArray | FlagCut)) == 0;
        // Joined lines of a container record do not stand together in the source.
        if ((row.flags & FlagJoined) != 0 && bytes.find(row.document) == std::string::npos)
            whole = false;
        else if (const std::size_t found = bytes.find(row.document, at); found != std::string::npos)
            at = found + row.document.size();
        else
            return "not in its place: " + row.document.substr(0, 300);
    }
    if (!whole) return {};
    std::vector<std::string_view> expected, have;
    std::size_t position = 0, quarantined = 0;
    const auto bare = [](std::string_view line) {
        while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
        return line;
    };
    for (const std::string_view line : linesOf(bytes)) {
        while (quarantined < parsed.quarantine.size() &&
               parsed.quarantine[quarantined].position + parsed.quarantine[quarantined].length <= position)
            ++quarantined;
        const bool refused =
            quarantined < parsed.quarantine.size() && parsed.quarantine[quarantined].position <= position;
        std::string_view text = line;
        if (position == 0 && text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
        if (!refused && !isBlank(text)) expected.push_back(bare(text));
        position += line.size();
    }
    for (const StoredRow& row : parsed.rows)
        for (const std::string_view line : linesOf(row.document))
            if (!isBlank(line)) have.push_back(bare(line));
    for (std::size_t i = 0; i < std::max(expected.size(), have.size()); ++i)
        if (i >= expected.size() || i >= have.size() || expected[i] != have[i])
            return "line " + std::to_string(i) + ": " +
                   std::string(i < expected.size() ? expected[i].substr(0, 200) : "(none)") + " became " +
                   std::string(i < have.size() ? have[i].substr(0, 200) : "(none)");
    return {};
}

} // namespace faultline::test
