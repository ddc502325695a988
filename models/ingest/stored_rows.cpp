#include "models/ingest/stored_rows.h"

#include <algorithm>
#include <bit>

namespace faultline {
namespace {

constexpr std::size_t kPadding = 64;

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

Result<StoredRows::Span> StoredRows::spanOf(std::size_t segment) const
{
    const SegmentEntry& entry = m_snapshot->segments[segment];
    const SegmentInfo& info = *entry.info;
    Span span;
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

void StoredRows::cut(const std::vector<Span>& spans)
{
    for (std::size_t i = 0; i < spans.size();) {
        Unit unit;
        unit.first = spans[i].first;
        std::uint64_t bytes = 0;
        bool glued = false;
        // What overlaps, or goes on with an envelope, belongs together; small neighbours are put together.
        for (; i < spans.size(); ++i) {
            const Span& span = spans[i];
            const bool together =
                unit.segments.empty() || span.first <= unit.last || spans[i - 1].open ||
                (unit.rows + span.rows <= kSegmentRows && bytes + span.bytes <= kSegmentRawBytes);
            if (!together) break;
            unit.last = unit.segments.empty() ? span.last : std::max(unit.last, span.last);
            unit.segments.push_back(span.segment);
            unit.rows += span.rows;
            bytes += span.bytes;
            glued = glued || span.glued;
        }
        const std::uint64_t parts = std::max(unit.rows / kSegmentRows, bytes / kSegmentRawBytes);
        if (glued || parts <= 1) {
            m_units.push_back(std::move(unit));
            continue;
        }
        // Segments that overlap much: by ordinal, with all of them in each part.
        const Ordinal begin = unit.first, end = unit.last;
        const Ordinal width = (end - begin) / parts + 1;
        for (Ordinal first = begin; first <= end; first += width) {
            Unit part = unit;
            part.first = first;
            part.last = std::min(end, first + width - 1);
            part.rows = unit.rows / parts;
            m_units.push_back(std::move(part));
        }
    }
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
    std::vector<Span> spans;
    const auto& segments = rows.m_snapshot->segments;
    for (std::size_t i = 0; i < segments.size(); ++i) {
        if (stop.stop_requested()) return stopped();
        const auto& sources = segments[i].info->sources;
        if (std::find(sources.begin(), sources.end(), source) == sources.end()) continue;
        auto span = rows.spanOf(i);
        if (!span) return std::move(span).error();
        if (span->rows > 0) spans.push_back(*span);
        rows.m_events += span->rows;
    }
    std::sort(spans.begin(), spans.end(), [](const Span& a, const Span& b) {
        return a.first != b.first ? a.first < b.first : a.last < b.last;
    });
    rows.cut(spans);
    return rows;
}

bool StoredRows::hasEnvelopes(const Unit& unit) const
{
    return std::any_of(unit.segments.begin(), unit.segments.end(), [this](std::size_t i) {
        return m_snapshot->segments[i].info->columns[GlueColumn].present > 0;
    });
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

Result<StoredRows::Rows> StoredRows::read(const Unit& unit, Ordinal first, Ordinal last,
                                          std::stop_token stop) const
{
    Rows all;
    std::vector<std::size_t> places; // of the document, its end, the end of its glue
    for (const std::size_t segment : unit.segments) {
        if (stop.stop_requested()) return stopped();
        if (auto done = readSegment(segment, first, last, all, places); !done) return std::move(done).error();
    }
    all.bytes.append(kPadding, '\0');
    const std::string_view bytes = all.bytes;
    for (std::size_t i = 0; i < all.rows.size(); ++i) {
        const std::size_t begin = places[3 * i], end = places[3 * i + 1], glue = places[3 * i + 2];
        StoredEvent& event = all.rows[i].event;
        event.document = bytes.substr(begin, end - begin);
        if (glue > end + 1) splitGlue(bytes.substr(end + 1, glue - end - 1), event);
    }
    std::sort(all.rows.begin(), all.rows.end(),
              [](const Row& a, const Row& b) { return a.event.ordinal < b.event.ordinal; });
    return all;
}

} // namespace faultline
