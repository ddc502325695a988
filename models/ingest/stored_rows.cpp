#include "models/ingest/stored_rows.h"

#include <algorithm>
#include <bit>

namespace faultline {
namespace {

constexpr std::size_t kPadding = 64;
/// A unit never comes near them, unless the store was made to exhaust memory.
constexpr std::size_t kMostRows = std::size_t{32} * kSegmentRows;
constexpr std::size_t kMostBytes = std::size_t{16} * kSegmentRawBytes;

Error stopped()
{
    return makeError(ErrorKind::Cancelled, "read the events of a source", "stopped");
}

bool isDeleted(const SegmentEntry& entry, RowIndex row)
{
    return entry.deleted && ((*entry.deleted)[row >> 6] >> (row & 63) & 1) != 0;
}

/// "before \0 after": the first NUL divides, since JSON's separators hold none.
void splitGlue(std::string_view glue, StoredEvent& event)
{
    const std::size_t nul = glue.find('\0');
    event.glueBefore = glue.substr(0, nul);
    event.glueAfter = nul == std::string_view::npos ? std::string_view() : glue.substr(nul + 1);
}

} // namespace

Result<OrdinalSpan> StoredRows::spanOf(std::size_t segment) const
{
    const SegmentEntry& entry = m_snapshot->segments[segment];
    const SegmentInfo& info = *entry.info;
    OrdinalSpan span;
    span.segment = segment;
    span.glued = info.columns[GlueColumn].present > 0;
    const ColumnInfo& numbers = info.columns[OrdinalColumn];
    if (info.sources.size() == 1 && !span.glued && numbers.minInt <= numbers.maxInt) {
        span.first = static_cast<Ordinal>(numbers.minInt);
        span.last = static_cast<Ordinal>(numbers.maxInt);
        span.rows = info.rows - entry.deletedRows;
    } else {
        auto sources = m_columns->column(info, SourceColumn);
        if (!sources) return std::move(sources).error();
        auto ordinals = m_columns->column(info, OrdinalColumn);
        if (!ordinals) return std::move(ordinals).error();
        RowIndex last = 0;
        for (RowIndex row = 0; row < info.rows; ++row) {
            if (isDeleted(entry, row) || (*sources)->ints.at(row) != m_source.value) continue;
            const auto ordinal = static_cast<Ordinal>((*ordinals)->ints.at(row));
            if (span.rows == 0 || ordinal < span.first) span.first = ordinal;
            if (span.rows == 0 || ordinal > span.last) {
                span.last = ordinal;
                last = row;
            }
            ++span.rows;
        }
        if (span.glued && span.rows > 0) {
            auto flags = m_columns->column(info, FlagsColumn);
            if (!flags) return std::move(flags).error();
            auto glue = m_columns->column(info, GlueColumn);
            if (!glue) return std::move(glue).error();
            std::string text;
            StoredEvent event;
            event.flags = static_cast<std::uint16_t>((*flags)->ints.at(last));
            (*glue)->appendText(last, text);
            splitGlue(text, event);
            span.open = !StoredEvents::endsEnvelope(event);
        }
    }
    span.bytes = info.rawBytes / std::max<std::uint64_t>(info.rows, 1) * span.rows;
    return span;
}

Status StoredRows::sample(const OrdinalSpan& span, std::vector<OrdinalSample>& samples) const
{
    const SegmentEntry& entry = m_snapshot->segments[span.segment];
    const SegmentInfo& info = *entry.info;
    auto sources = m_columns->column(info, SourceColumn);
    if (!sources) return std::move(sources).error();
    auto ordinals = m_columns->column(info, OrdinalColumn);
    if (!ordinals) return std::move(ordinals).error();
    std::vector<OrdinalRow> rows;
    rows.reserve(static_cast<std::size_t>(span.rows));
    for (RowIndex row = 0; row < info.rows; ++row) {
        if (isDeleted(entry, row) || (*sources)->ints.at(row) != m_source.value) continue;
        rows.push_back({static_cast<Ordinal>((*ordinals)->ints.at(row)), row});
    }
    ColumnPtr flags, glue;
    if (span.glued) {
        auto readFlags = m_columns->column(info, FlagsColumn);
        if (!readFlags) return std::move(readFlags).error();
        auto readGlue = m_columns->column(info, GlueColumn);
        if (!readGlue) return std::move(readGlue).error();
        flags = std::move(*readFlags);
        glue = std::move(*readGlue);
    }
    std::string text;
    const auto starts = [&](std::size_t row) { return (flags->ints.at(row) & FlagFromArray) == 0; };
    const auto ends = [&](std::size_t row) {
        StoredEvent event;
        event.flags = FlagFromArray;
        text.clear();
        glue->appendText(static_cast<RowIndex>(row), text);
        splitGlue(text, event);
        return StoredEvents::endsEnvelope(event);
    };
    sampleRows(span, std::move(rows), starts, ends, samples);
    return {};
}

Result<StoredRows> StoredRows::plan(SnapshotPtr snapshot, ColumnSource& columns, SourceId source,
                                    std::stop_token stop)
{
    if (!snapshot->unreadable.empty()) {
        return makeError(ErrorKind::Damaged, "read the events of source " + std::to_string(source.value),
                         std::to_string(snapshot->unreadable.size()) +
                             " segments of the store cannot be read, and may hold some of them",
                         {"Run `faultline doctor --repair` on the store first."});
    }
    StoredRows rows(std::move(snapshot), columns, source);
    const auto& segments = rows.m_snapshot->segments;
    for (std::size_t i = 0; i < segments.size(); ++i) {
        if (stop.stop_requested()) return stopped();
        const auto& sources = segments[i].info->sources;
        if (std::find(sources.begin(), sources.end(), source) == sources.end()) continue;
        auto span = rows.spanOf(i);
        if (!span) return std::move(span).error();
        if (span->rows > 0) rows.m_spans.push_back(*span);
        rows.m_events += span->rows;
    }
    auto units =
        cutByOrdinal(rows.m_spans, [&](const OrdinalSpan& span, std::vector<OrdinalSample>& samples) {
            return stop.stop_requested() ? Status(stopped()) : rows.sample(span, samples);
        });
    if (!units) return std::move(units).error();
    rows.m_units = std::move(*units);
    return rows;
}

bool StoredRows::hasEnvelopes(const Unit& unit) const
{
    return std::any_of(m_spans.begin() + static_cast<std::ptrdiff_t>(unit.begin),
                       m_spans.begin() + static_cast<std::ptrdiff_t>(unit.end),
                       [](const OrdinalSpan& span) { return span.glued; });
}

Status StoredRows::readSegment(std::size_t segment, Ordinal first, Ordinal last, Rows& into,
                               std::vector<std::size_t>& places) const
{
    const SegmentEntry& entry = m_snapshot->segments[segment];
    const SegmentInfo& info = *entry.info;
    std::vector<ColumnPtr> columns;
    for (const ColumnIndex index : {TimeColumn, SourceColumn, OrdinalColumn, FlagsColumn, GlueColumn}) {
        auto column = m_columns->column(info, index);
        if (!column) return std::move(column).error();
        columns.push_back(std::move(*column));
    }
    DocumentBuilder documents(entry.info, *m_columns);
    for (RowIndex row = 0; row < info.rows; ++row) {
        if (isDeleted(entry, row) || columns[1]->ints.at(row) != m_source.value) continue;
        const auto ordinal = static_cast<Ordinal>(columns[2]->ints.at(row));
        if (ordinal < first || ordinal > last) continue;
        if (into.rows.size() >= kMostRows || into.bytes.size() >= kMostBytes)
            return makeError(
                ErrorKind::Damaged, "read the events of source " + std::to_string(m_source.value),
                "too many of them have the same place in it", {"Run `faultline doctor` on the store."});
        Row& one = into.rows.emplace_back();
        one.event.ordinal = ordinal;
        one.event.flags = static_cast<std::uint16_t>(columns[3]->ints.at(row));
        one.time = columns[0]->ints.at(row);
        one.segment = segment;
        one.row = row;
        places.push_back(into.bytes.size());
        if (auto done = documents.append(row, into.bytes); !done) return done;
        places.push_back(into.bytes.size());
        into.bytes.push_back('\n');
        if ((one.event.flags & FlagFromArray) != 0) columns[4]->appendText(row, into.bytes);
        places.push_back(into.bytes.size());
    }
    return {};
}

Result<StoredRows::Rows> StoredRows::read(const Unit& unit, Ordinal first, Ordinal last, std::stop_token stop,
                                          Rows space) const
{
    Rows all = std::move(space);
    all.rows.clear();
    all.bytes.clear();
    std::vector<std::size_t> places; // of the document, its end, the end of its glue
    for (std::size_t i = unit.begin; i < unit.end; ++i) {
        const OrdinalSpan& span = m_spans[i];
        if (span.last < first || last < span.first) continue;
        if (stop.stop_requested()) return stopped();
        if (auto done = readSegment(span.segment, first, last, all, places); !done)
            return std::move(done).error();
    }
    all.bytes.append(kPadding, '\0');
    const std::string_view bytes = all.bytes;
    for (std::size_t i = 0; i < all.rows.size(); ++i) {
        const std::size_t begin = places[3 * i], end = places[3 * i + 1], glue = places[3 * i + 2];
        StoredEvent& event = all.rows[i].event;
        event.document = bytes.substr(begin, end - begin);
        if (glue > end + 1) splitGlue(bytes.substr(end + 1, glue - end - 1), event);
    }
    const auto before = [](const Row& a, const Row& b) { return a.event.ordinal < b.event.ordinal; };
    if (!std::is_sorted(all.rows.begin(), all.rows.end(), before))
        std::sort(all.rows.begin(), all.rows.end(), before);
    return all;
}

} // namespace faultline
