#include "models/store/segment_rescue.h"

#include "models/records/json_escapes.h"
#include "models/records/json_text.h"
#include "models/records/time_text.h"
#include "models/store/merge.h"
#include "models/store/segment_parts.h"

#include <algorithm>
#include <cstring>
#include <optional>

namespace faultline {

namespace {

constexpr std::string_view kLostText = "\xEF\xBF\xBD"; // U+FFFD

PackedInts packed(const std::vector<std::int64_t>& values)
{
    PackedInts ints;
    ints.width = 8;
    ints.count = values.size();
    ints.data.resize(values.size() * 8);
    std::memcpy(ints.data.data(), values.data(), ints.data.size());
    return ints;
}

ColumnPtr intColumn(const std::vector<std::int64_t>& values)
{
    auto column = std::make_shared<ColumnData>();
    column->form = ColumnData::Form::Ints;
    column->kind = ValueKind::Int;
    column->presence = Presence::all(static_cast<RowIndex>(values.size()));
    column->ints = packed(values);
    return column;
}

/// Texts of some rows, added in ascending order.
struct SparseText
{
    std::vector<std::uint64_t> bits;
    StringTable table;
    void add(RowIndex row, std::string_view text)
    {
        if (bits.size() <= row / 64) bits.resize(row / 64 + 1);
        bits[row / 64] |= std::uint64_t{1} << (row % 64);
        table.add(text);
    }
    ColumnPtr column(RowIndex rows)
    {
        auto column = std::make_shared<ColumnData>();
        column->form = ColumnData::Form::Heap;
        column->kind = ValueKind::Text;
        column->presence = Presence::of(bits, rows);
        column->table = std::move(table);
        return column;
    }
};

class GivenColumns final : public ColumnSource
{
public:
    explicit GivenColumns(const std::vector<ColumnPtr>& columns) : m_columns(columns) {}
    Result<ColumnPtr> column(const SegmentInfo&, ColumnIndex index) override { return m_columns[index]; }

private:
    const std::vector<ColumnPtr>& m_columns;
};

class Rescue
{
public:
    Rescue(Connection& connection, const SegmentRow& row, bool checksums, std::stop_token stop)
        : m_connection(connection), m_row(row), m_withChecksums(checksums), m_stop(std::move(stop))
    {}

    Result<SegmentRescue> run()
    {
        if (m_row.rows == 0) {
            m_result.faults.push_back("its number of rows makes no sense");
            return std::move(m_result);
        }
        auto parts = readSoundParts(m_connection, m_row, m_withChecksums, m_stop);
        if (!parts) return std::move(parts).error();
        m_info = std::move(parts->info);
        m_shapesLost = parts->shapesLost;
        m_columns = std::move(parts->columns);
        m_sound = std::move(parts->sound);
        m_deleted = std::move(parts->deleted);
        m_result.faults = std::move(parts->faults);
        m_result.fields = std::move(parts->fields);
        studyShapes();
        for (RowIndex r = 0; r < m_row.rows; ++r) {
            if (r % 1024 == 0 && m_stop.stop_requested()) return cancelled();
            keepRow(r);
        }
        if (auto done = build(); !done) return std::move(done).error();
        return std::move(m_result);
    }

private:
    static Error cancelled() { return makeError(ErrorKind::Cancelled, "check the store", "stopped"); }

    std::int64_t number(RowColumn column, RowIndex row) const { return m_columns[column]->ints.at(row); }

    // What each shape still has

    void studyShapes()
    {
        m_shapesLost = m_shapesLost || !m_sound[ShapeColumn];
        if (m_shapesLost) {
            // Rows of which only the fields are known.
            m_info.shapes.clear();
            m_info.shapes.emplace_back().raw = true;
            m_damagedShape = {0};
            dropTimes();
            return;
        }
        m_shapeLacks.resize(m_info.shapes.size());
        m_damagedShape.assign(m_info.shapes.size(), -1);
        for (std::size_t s = 0; s < m_info.shapes.size(); ++s) {
            const Shape& shape = m_info.shapes[s];
            bool lacks = false;
            for (const Shape::Slot& slot : shape.slots) {
                lacks = lacks || !m_sound[slot.column];
                lacks = lacks || (slot.style == SlotStyle::Time && !m_sound[TimeColumn]);
            }
            for (const ColumnIndex column : shape.derived) lacks = lacks || !m_sound[column];
            if (shape.raw) lacks = lacks || !m_sound[RawColumn] || !m_sound[OverflowColumn];
            m_shapeLacks[s] = lacks;
        }
    }

    /// Time columns have no data of their own: without a slot that says how, there is nothing to show.
    void dropTimes()
    {
        for (std::size_t i = RowColumnCount; i < m_columns.size(); ++i) {
            if (m_info.columns[i].kind == ValueKind::Time)
                m_columns[i] = absentColumn(ValueKind::Time, m_row.rows);
        }
    }

    /// The shape of events that had shape `from` and lost a value: their text is kept, what is left of the
    /// fields is beside it.
    std::int64_t damagedShapeOf(std::size_t from)
    {
        if (m_damagedShape[from] >= 0) return m_damagedShape[from];
        const Shape shape = m_info.shapes[from];
        Shape damaged;
        damaged.raw = true;
        const auto keeps = [&](ColumnIndex column) {
            return column != kNoColumn && m_sound[column] && m_info.columns[column].kind != ValueKind::Time;
        };
        for (const Shape::Slot& slot : shape.slots)
            if (keeps(slot.column)) damaged.derived.push_back(slot.column);
        for (const ColumnIndex column : shape.derived)
            if (keeps(column)) damaged.derived.push_back(column);
        for (std::size_t i = 0; i < kCanonicalCount; ++i)
            if (keeps(shape.canonical[i])) damaged.canonical[i] = shape.canonical[i];
        if (keeps(shape.severityColumn)) damaged.severityColumn = shape.severityColumn;
        m_info.shapes.push_back(std::move(damaged));
        m_damagedShape[from] = static_cast<std::int64_t>(m_info.shapes.size()) - 1;
        return m_damagedShape[from];
    }

    // Row by row

    static void count(std::map<SourceId, SegmentRescue::Events>& events, SourceId source,
                      std::optional<Ordinal> ordinal)
    {
        SegmentRescue::Events& of = events[source];
        ++of.count;
        if (ordinal) of.runs.emplace_back(*ordinal, *ordinal);
    }

    std::optional<SourceId> sourceOf(RowIndex row) const
    {
        if (m_sound[SourceColumn]) return SourceId{static_cast<std::uint32_t>(number(SourceColumn, row))};
        if (m_info.sources.size() == 1) return m_info.sources.front();
        return std::nullopt;
    }

    void keepRow(RowIndex row)
    {
        std::int64_t flags = m_sound[FlagsColumn] ? number(FlagsColumn, row) : 0;
        std::int64_t shape = m_shapesLost ? 0 : number(ShapeColumn, row);
        std::int64_t time = m_info.minTime;
        if (m_sound[TimeColumn])
            time = number(TimeColumn, row);
        else
            flags |= FlagTimeMissing;
        const bool deleted = (m_deleted[row >> 6] >> (row & 63) & 1) != 0;
        const auto source = sourceOf(row);
        std::optional<Ordinal> ordinal;
        if (m_sound[OrdinalColumn]) ordinal = static_cast<Ordinal>(number(OrdinalColumn, row));
        bool saved = false, whole = false;
        if (!deleted && source && ordinal) {
            whole = isWhole(row, static_cast<std::size_t>(shape), flags);
            saved = whole || keepDamaged(row, shape);
            if (!whole) flags |= FlagDamaged;
        }
        if (!saved) m_deleted[row >> 6] |= std::uint64_t{1} << (row & 63);
        m_times.push_back(time);
        m_flags.push_back(flags);
        m_shapes.push_back(shape);
        m_sources.push_back(source ? source->value : 0);
        m_ordinals.push_back(static_cast<std::int64_t>(ordinal.value_or(0)));
        m_severities.push_back(m_sound[SeverityColumn] ? number(SeverityColumn, row) : 0);
        if (saved)
            ++m_result.live[*source];
        else
            keepText(row, false, {});
        if (deleted) return;
        if (whole)
            ++m_result.whole;
        else
            count(saved ? m_result.damaged : m_result.lost, source.value_or(SourceId{}), ordinal);
    }

    bool isWhole(RowIndex row, std::size_t shape, std::int64_t flags)
    {
        const bool numbers = m_sound[TimeColumn] && m_sound[SeverityColumn] && m_sound[FlagsColumn];
        if (m_shapesLost || !numbers || m_shapeLacks[shape]) return false;
        if ((flags & FlagFromArray) != 0 && !m_sound[GlueColumn]) return false;
        m_text.clear();
        const bool raw = m_info.shapes[shape].raw;
        if (raw && !m_columns[RawColumn]->appendText(row, m_text)) return false;
        if (raw) keepText(row, true, m_text);
        return true;
    }

    void keepText(RowIndex row, bool has, std::string_view text)
    {
        if (has) m_raw.add(row, text);
    }

    /// An event that lacks something. False when nothing of it is left.
    bool keepDamaged(RowIndex row, std::int64_t& shape)
    {
        m_text.clear();
        const auto from = static_cast<std::size_t>(shape);
        const bool raw = m_shapesLost || m_info.shapes[from].raw;
        if (raw && m_columns[RawColumn]->appendText(row, m_text)) {
            if (!m_shapesLost) shape = damagedShapeOf(from);
        } else if (raw) {
            if (!appendFields(row)) return false;
            if (!m_shapesLost) shape = damagedShapeOf(from);
        } else if (m_shapeLacks[from]) {
            appendPatched(row, m_info.shapes[from]);
            shape = damagedShapeOf(from);
        } else {
            return true; // its document rebuilds; time, severity or flags are lost
        }
        keepText(row, true, m_text);
        return true;
    }

    /// The document with marks in the place of values that are lost.
    void appendPatched(RowIndex row, const Shape& shape)
    {
        for (std::size_t i = 0; i < shape.slots.size(); ++i) {
            const Shape::Slot& slot = shape.slots[i];
            m_text.append(shape.literals[i]);
            const bool quoted = shape.literals[i].ends_with('"');
            const std::size_t before = m_text.size();
            m_value.clear();
            bool there = m_sound[slot.column];
            if (slot.style == SlotStyle::Null) {
                m_text.append("null");
                continue;
            }
            if (slot.style == SlotStyle::Time) {
                there = m_sound[TimeColumn];
                if (there) formatTime(number(TimeColumn, row), slot.layout, m_text);
                if (there)
                    m_extra[m_info.columns[slot.column].path].add(row,
                                                                  std::string_view(m_text).substr(before));
            } else if (there) {
                there = m_columns[slot.column]->appendText(row, m_value);
                if (const auto escapes = JsonEscapes::ofStyle(slot.style))
                    appendJsonEscaped(m_value, *escapes, m_text);
                else
                    m_text.append(m_value);
            }
            const bool text =
                slot.style == SlotStyle::Raw && m_info.columns[slot.column].kind == ValueKind::Text;
            if (!there) m_text.append(quoted || text ? kLostText : std::string_view("null"));
        }
        m_text.append(shape.literals.back());
    }

    /// What is left of the fields, as an object; false when that is nothing.
    bool appendFields(RowIndex row)
    {
        m_text.assign("{");
        for (std::size_t i = RowColumnCount; i < m_columns.size(); ++i) {
            const ColumnData& column = *m_columns[i];
            if (column.kind == ValueKind::Time || !column.presence.has(row)) continue;
            if (m_text.size() > 1) m_text.push_back(',');
            m_text.push_back('"');
            appendJsonEscaped(m_info.columns[i].path, m_text);
            m_text.append("\":");
            m_value.clear();
            column.appendText(row, m_value);
            const bool text = column.kind == ValueKind::Text;
            if (text) m_text.push_back('"');
            if (text)
                appendJsonEscaped(m_value, m_text);
            else
                m_text.append(m_value);
            if (text) m_text.push_back('"');
        }
        m_text.push_back('}');
        return m_text.size() > 2;
    }

    // The new segment

    Status build()
    {
        for (auto* events : {&m_result.damaged, &m_result.lost})
            for (auto& [source, of] : *events) joinRuns(of.runs);
        if (m_result.live.empty()) return {};
        const std::pair<RowColumn, const std::vector<std::int64_t>*> numbers[] = {
            {TimeColumn, &m_times},       {SeverityColumn, &m_severities}, {SourceColumn, &m_sources},
            {OrdinalColumn, &m_ordinals}, {FlagsColumn, &m_flags},         {ShapeColumn, &m_shapes}};
        for (const auto& [column, values] : numbers) m_columns[column] = intColumn(*values);
        m_columns[RawColumn] = m_raw.column(m_row.rows);
        clearPatchedTimes();
        for (auto& [path, texts] : m_extra) {
            m_columns.push_back(texts.column(m_row.rows));
            m_info.columns.emplace_back().path = path;
        }
        auto info = std::make_shared<const SegmentInfo>(std::move(m_info));
        SegmentEntry entry;
        entry.info = info;
        entry.deleted = std::make_shared<const std::vector<std::uint64_t>>(std::move(m_deleted));
        GivenColumns columns(m_columns);
        auto merged = mergeSegments({&entry, 1}, columns, m_stop);
        if (!merged) return std::move(merged).error();
        m_result.segments = std::move(*merged);
        return {};
    }

    /// An event whose text is kept has no slot for its time any more.
    void clearPatchedTimes()
    {
        for (std::size_t i = RowColumnCount; i < m_columns.size(); ++i) {
            if (m_info.columns[i].kind != ValueKind::Time || m_columns[i]->presence.count() == 0) continue;
            std::vector<std::uint64_t> bits(m_deleted.size());
            for (RowIndex r = 0; r < m_row.rows; ++r) {
                const bool kept = !m_info.shapes[static_cast<std::size_t>(m_shapes[r])].raw;
                if (kept && m_columns[i]->presence.has(r)) bits[r >> 6] |= std::uint64_t{1} << (r & 63);
            }
            auto column = std::make_shared<ColumnData>(*m_columns[i]);
            column->presence = Presence::of(std::move(bits), m_row.rows);
            m_columns[i] = std::move(column);
        }
    }

    static void joinRuns(std::vector<std::pair<Ordinal, Ordinal>>& runs)
    {
        std::sort(runs.begin(), runs.end());
        std::vector<std::pair<Ordinal, Ordinal>> joined;
        for (const auto& run : runs) {
            if (!joined.empty() && run.first <= joined.back().second + 1)
                joined.back().second = std::max(joined.back().second, run.second);
            else
                joined.push_back(run);
        }
        runs = std::move(joined);
    }

    Connection& m_connection;
    const SegmentRow m_row;
    const bool m_withChecksums;
    std::stop_token m_stop;
    SegmentRescue m_result;

    SegmentInfo m_info;
    bool m_shapesLost = false;
    std::vector<ColumnPtr> m_columns; ///< absent where they are not sound
    std::vector<bool> m_sound;
    std::vector<std::uint64_t> m_deleted; ///< and, in the end, what is not kept
    std::vector<bool> m_shapeLacks;
    std::vector<std::int64_t> m_damagedShape; ///< by shape; -1: not asked for yet

    std::vector<std::int64_t> m_times, m_severities, m_sources, m_ordinals, m_flags, m_shapes;
    SparseText m_raw;
    std::map<std::string, SparseText> m_extra; ///< times of patched events, as they stood there
    std::string m_text, m_value;
};

std::uint64_t sumOf(const std::map<SourceId, SegmentRescue::Events>& events)
{
    std::uint64_t sum = 0;
    for (const auto& [source, of] : events) sum += of.count;
    return sum;
}

} // namespace

std::uint64_t SegmentRescue::damagedEvents() const
{
    return sumOf(damaged);
}

std::uint64_t SegmentRescue::lostEvents() const
{
    return sumOf(lost);
}

Result<SegmentRescue> rescueSegment(Connection& connection, const SegmentRow& row, bool withChecksums,
                                    std::stop_token stop)
{
    return Rescue(connection, row, withChecksums, std::move(stop)).run();
}

std::string eventsText(const std::map<SourceId, SegmentRescue::Events>& events)
{
    constexpr std::size_t kRuns = 8;
    std::string text;
    for (const auto& [source, of] : events) {
        if (!text.empty()) text += "; ";
        text += source.value == 0 ? "of an unknown source" : "source " + std::to_string(source.value);
        for (std::size_t i = 0; i < of.runs.size() && i < kRuns; ++i) {
            const auto& [first, last] = of.runs[i];
            text += (i == 0 ? ": ordinals " : ", ") + std::to_string(first);
            if (last != first) text += "-" + std::to_string(last);
        }
        if (of.runs.size() > kRuns) text += ", ...";
        text += " (" + std::to_string(of.count) + " events)";
    }
    return text;
}

} // namespace faultline
