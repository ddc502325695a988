#pragma once
#include "models/ingest/decoder.h"
#include "models/ingest/normaliser.h"
#include "models/records/json_escapes.h"
#include "models/store/segment_builder.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace faultline {

/// Number of a column (path and kind) in a RowWriter; valid until its generation() changes.
using ColumnId = std::uint32_t;
inline constexpr ColumnId kNoColumnId = 0xffffffffu;
/// Number of a shape in a RowWriter.
using ShapeId = std::uint32_t;

/// A shape whose columns are numbered by the RowWriter, so that it outlives the segment it was first seen in.
struct ShapePlan
{
    struct Slot
    {
        ColumnId column = kNoColumnId;
        SlotStyle style = SlotStyle::Raw;
        TimeLayout layout;
        bool operator==(const Slot&) const = default;
    };
    std::vector<std::string> literals;
    std::vector<Slot> slots;
    std::vector<ColumnId> derived;
    bool raw = false;
    std::array<ColumnId, kCanonicalCount> canonical{};
    ColumnId severityColumn = kNoColumnId;
    bool operator==(const ShapePlan&) const = default;
};

/// Puts decoded events into a SegmentBuilder: finds columns and shapes, verifies that the document rebuilds
/// from them, and keeps the document itself where it does not.
///
/// The numbers it gives to columns and shapes stay valid over many segments, so that the fast path need not
/// look names up again. Hostile input that makes endless new names makes it start over: generation() grows.
/// Threads: one.
class RowWriter
{
public:
    explicit RowWriter(SegmentBuilder& builder) : m_builder(builder) {}

    /// The shape that an event got.
    struct Written
    {
        ShapeId id = 0;          ///< of its plan; meaningful when repeatable
        std::uint32_t shape = 0; ///< in the segment, for endRow()
        bool repeatable = false; ///< rebuilds from its shape
    };
    /// Adds the fields of an event (not yet endRow). `fields` are its canonical ones.
    Written addEvent(const DecodedEvent& event, const CanonicalFields& fields);

    ColumnId columnId(std::string_view path, ValueKind kind);
    const ShapePlan& plan(ShapeId shape) const { return m_plans[shape]; }
    ValueKind kindOf(ColumnId id) const { return m_columns[id].kind; }
    const std::string& pathOf(ColumnId id) const { return m_columns[id].path; }

    /// The column in the segment being built; kNoColumn when the segment has no room for it.
    ColumnIndex indexOf(ColumnId id)
    {
        const Column& column = m_columns[id];
        return column.segment == m_segment ? column.index : place(id);
    }
    /// The shape in the segment being built; false when one of its columns has no room.
    bool shapeOf(ShapeId id, std::uint32_t& shape)
    {
        const Placed& placed = m_placed[id];
        if (placed.segment != m_segment) return placeShape(id, shape);
        shape = placed.shape;
        return placed.fits;
    }

    /// A new segment begins in the builder: nothing has a place yet.
    void beginSegment();
    std::uint64_t generation() const { return m_generation; }

private:
    struct Column
    {
        std::string path;
        ValueKind kind;
        ColumnIndex index = kNoColumn;
        std::uint32_t segment = 0;
        std::uint64_t event = 0; ///< number of the last event that used it
        JsonEscapes escapes;     ///< habit of the writer of its last strings
    };
    struct Placed
    {
        std::uint32_t shape = 0;
        std::uint32_t segment = 0;
        bool fits = false;
    };
    ColumnIndex place(ColumnId id);
    bool placeShape(ShapeId id, std::uint32_t& shape);
    ShapeId shapeId(const ShapePlan& plan);
    bool rebuilds(const DecodedEvent& event, const CanonicalFields& fields, ShapePlan& plan);
    void addValue(ColumnIndex index, ValueKind kind, std::string_view text);
    Written addRaw(const DecodedEvent& event, const CanonicalFields& fields);

    SegmentBuilder& m_builder;
    std::vector<Column> m_columns;
    std::unordered_map<std::string, ColumnId> m_columnIds;
    std::array<ColumnId, 256> m_recentColumns{}; ///< by the address of the name; to be compared
    std::vector<ShapePlan> m_plans;
    std::vector<Placed> m_placed;
    std::unordered_map<std::string, ShapeId> m_shapeIds;
    ShapeId m_lastShape = 0; ///< to be compared
    std::uint32_t m_segment = 1;
    std::uint64_t m_event = 0;
    std::uint64_t m_generation = 0;
    std::string m_key, m_text;
    std::vector<ColumnId> m_ids;
};

/// Int and Decimal from digits as a document has them; false when they are not written canonically.
bool parseCanonicalInt(std::string_view digits, std::int64_t& value);
bool parseCanonicalDecimal(std::string_view digits, Decimal& value);

} // namespace faultline
