#include "models/store/merge.h"

#include "models/store/segment_builder.h"

#include <algorithm>
#include <memory>
#include <tuple>

namespace faultline {
namespace {

constexpr RowIndex kRowsBetweenStops = 1'024;

Error cancelled()
{
    return makeError(ErrorKind::Cancelled, "merge segments", "it was asked to stop");
}

/// A segment that is read, with what its rows need in the output.
struct Input
{
    std::shared_ptr<const SegmentInfo> info;
    std::vector<ColumnPtr> columns;
    std::unique_ptr<DocumentBuilder> documents;
    std::vector<std::vector<ColumnIndex>>
        columnsOfShape;                 ///< field and text columns that rows of a shape have
    std::vector<ColumnIndex> columnMap; ///< to the output's; kNoColumn: not asked for yet
    std::vector<std::int64_t> shapeMap; ///< to the output's; -1: not asked for yet

    const PackedInts& row(RowColumn column) const { return columns[column]->ints; }
    void forgetOutput()
    {
        columnMap.assign(info->columns.size(), kNoColumn);
        for (ColumnIndex i = 0; i < RowColumnCount; ++i) columnMap[i] = i;
        shapeMap.assign(info->shapes.size(), -1);
    }
};

/// Gives the columns that were read to the rebuilding of documents.
class InputColumns final : public ColumnSource
{
public:
    explicit InputColumns(const std::vector<Input>& inputs) : m_inputs(inputs) {}
    Result<ColumnPtr> column(const SegmentInfo& segment, ColumnIndex index) override
    {
        for (const Input& input : m_inputs)
            if (input.info.get() == &segment) return input.columns[index];
        return makeError(ErrorKind::Internal, "merge segments", "a column of another segment was asked for");
    }

private:
    const std::vector<Input>& m_inputs;
};

struct RowRef
{
    TimeNs time;
    Ordinal ordinal;
    std::uint32_t source;
    std::uint32_t input;
    RowIndex row;
    bool operator<(const RowRef& other) const
    {
        return std::tie(time, source, ordinal, input, row) <
               std::tie(other.time, other.source, other.ordinal, other.input, other.row);
    }
};

bool isDeleted(const SegmentEntry& entry, RowIndex row)
{
    return entry.deleted != nullptr && row / 64 < entry.deleted->size() &&
           ((*entry.deleted)[row / 64] >> (row % 64) & 1) != 0;
}

/// Which columns the rows of each shape have, from the rows themselves.
void findColumnsOfShapes(Input& input)
{
    input.columnsOfShape.assign(input.info->shapes.size(), {});
    const PackedInts& shapes = input.row(ShapeColumn);
    std::vector<ColumnIndex> lastSeen(input.info->shapes.size(), kNoColumn);
    for (std::size_t index = RawColumn; index < input.columns.size(); ++index) {
        const Presence& presence = input.columns[index]->presence;
        const auto column = static_cast<ColumnIndex>(index);
        for (RowIndex row = 0; row < presence.rows(); ++row) {
            if (!presence.isAll() && row % 64 == 0 && presence.bits()[row / 64] == 0) {
                row += 63;
                continue;
            }
            if (!presence.has(row)) continue;
            const auto shape = static_cast<std::size_t>(shapes.at(row));
            if (lastSeen[shape] == column) continue;
            lastSeen[shape] = column;
            input.columnsOfShape[shape].push_back(column);
        }
    }
}

Result<Input> readInput(const SegmentEntry& entry, ColumnSource& source, const std::stop_token& stop)
{
    Input input;
    input.info = entry.info;
    for (std::size_t i = 0; i < entry.info->columns.size(); ++i) {
        if (stop.stop_requested()) return cancelled();
        Result<ColumnPtr> column = source.column(*entry.info, static_cast<ColumnIndex>(i));
        if (!column) return std::move(column).error();
        input.columns.push_back(std::move(column).value());
    }
    findColumnsOfShapes(input);
    input.forgetOutput();
    return input;
}

/// Writes rows of the inputs into one output after the other.
class Merger
{
public:
    explicit Merger(std::vector<Input>& inputs) : m_inputs(inputs) {}

    Status add(const RowRef& ref)
    {
        Input& input = m_inputs[ref.input];
        const auto shape = static_cast<std::size_t>(input.row(ShapeColumn).at(ref.row));
        if (m_builder.full() || !mapShape(input, shape)) {
            seal();
            if (!mapShape(input, shape)) // cannot be: one segment's columns fit an empty one
                return makeError(ErrorKind::Internal, "merge segments", "an event has too many columns");
        }
        m_text.clear();
        if (Status status = input.documents->append(ref.row, m_text); !status) return status;
        RowHeader header{ref.time, ref.ordinal, SourceId{ref.source},
                         static_cast<std::uint32_t>(input.shapeMap[shape])};
        header.documentBytes = static_cast<std::uint32_t>(m_text.size());
        header.flags = static_cast<std::uint16_t>(input.row(FlagsColumn).at(ref.row));
        header.severity = static_cast<std::uint8_t>(input.row(SeverityColumn).at(ref.row));
        for (const ColumnIndex column : input.columnsOfShape[shape])
            copy(*input.columns[column], ref.row, input.columnMap[column]);
        m_builder.endRow(header);
        return {};
    }
    void seal()
    {
        if (m_builder.rows() == 0)
            m_builder.reset();
        else
            m_sealed.push_back(m_builder.seal());
        for (Input& input : m_inputs) input.forgetOutput();
    }
    std::vector<SealedSegment> take() { return std::move(m_sealed); }

private:
    bool mapColumn(Input& input, ColumnIndex column)
    {
        if (column == kNoColumn || input.columnMap[column] != kNoColumn) return true;
        const ColumnInfo& info = input.info->columns[column];
        input.columnMap[column] = m_builder.column(info.path, info.kind);
        return input.columnMap[column] != kNoColumn;
    }
    /// False when the output has no room for the shape's columns.
    bool mapShape(Input& input, std::size_t index)
    {
        if (input.shapeMap[index] >= 0) return true;
        Shape shape = input.info->shapes[index];
        bool fits = true;
        const auto map = [&](ColumnIndex& column) {
            if (column == kNoColumn) return;
            fits = fits && mapColumn(input, column);
            column = input.columnMap[column];
        };
        for (Shape::Slot& slot : shape.slots) map(slot.column);
        for (ColumnIndex& column : shape.derived) map(column);
        for (ColumnIndex& column : shape.canonical) map(column);
        map(shape.severityColumn);
        for (const ColumnIndex column : input.columnsOfShape[index]) fits = fits && mapColumn(input, column);
        if (fits) input.shapeMap[index] = m_builder.shape(shape);
        return fits;
    }
    void copy(const ColumnData& from, RowIndex row, ColumnIndex to)
    {
        if (!from.presence.has(row)) return;
        switch (from.kind) {
        case ValueKind::Int:
        case ValueKind::Bool: m_builder.addInt(to, from.ints.at(from.presence.rank(row))); return;
        case ValueKind::Decimal: {
            const RowIndex at = from.presence.rank(row);
            m_builder.addDecimal(to, {from.ints.at(at), static_cast<std::uint8_t>(from.scales.at(at))});
            return;
        }
        case ValueKind::Null:
        case ValueKind::Time: m_builder.addPresent(to); return;
        case ValueKind::Text:
        case ValueKind::Number:
        case ValueKind::Json:
            m_text.clear();
            from.appendText(row, m_text);
            m_builder.addText(to, m_text);
            return;
        }
    }

    std::vector<Input>& m_inputs;
    SegmentBuilder m_builder;
    std::vector<SealedSegment> m_sealed;
    std::string m_text;
};

} // namespace

Result<std::vector<SealedSegment>> mergeSegments(std::span<const SegmentEntry> entries, ColumnSource& columns,
                                                 std::stop_token stop)
{
    std::vector<Input> inputs;
    std::vector<RowRef> rows;
    for (const SegmentEntry& entry : entries) {
        Result<Input> read = readInput(entry, columns, stop);
        if (!read) return std::move(read).error();
        const Input& input = inputs.emplace_back(std::move(read).value());
        for (RowIndex row = 0; row < entry.info->rows; ++row) {
            if (isDeleted(entry, row)) continue;
            rows.push_back({input.row(TimeColumn).at(row),
                            static_cast<Ordinal>(input.row(OrdinalColumn).at(row)),
                            static_cast<std::uint32_t>(input.row(SourceColumn).at(row)),
                            static_cast<std::uint32_t>(inputs.size() - 1), row});
        }
    }
    std::sort(rows.begin(), rows.end());
    InputColumns held(inputs);
    for (Input& input : inputs) input.documents = std::make_unique<DocumentBuilder>(input.info, held);
    Merger merger(inputs);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (i % kRowsBetweenStops == 0 && stop.stop_requested()) return cancelled();
        if (Status status = merger.add(rows[i]); !status) return status.error();
    }
    if (!rows.empty()) merger.seal();
    return merger.take();
}

} // namespace faultline
