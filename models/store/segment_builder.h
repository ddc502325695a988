#pragma once
#include "models/store/segment.h"

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace faultline {

/// What a row carries beside its field values.
struct RowHeader
{
    TimeNs time = 0;
    Ordinal ordinal = 0;
    SourceId source;
    std::uint32_t shape = 0; ///< from SegmentBuilder::shape()
    std::uint16_t flags = 0; ///< EventFlag
    std::uint8_t severity = 0;
    std::uint32_t documentBytes = 0; ///< length of the event's own bytes
};

/// Collects rows column by column, then sorts, encodes and compresses them into a SealedSegment.
///
/// Protocol  For each row: add*(column, value) for each of its columns, at most once a column, then endRow().
///           Columns and shapes are found once and kept by the caller until reset().
/// Limits    full() turns true at kSegmentRows rows or kSegmentRawBytes of documents; the caller seals then.
///           column() answers kNoColumn past kSegmentColumns: the caller puts the field into the overflow
///           column and the document into the raw column.
/// Threads   One thread at a time.
class SegmentBuilder
{
public:
    SegmentBuilder();
    ~SegmentBuilder();
    SegmentBuilder(SegmentBuilder&&) noexcept;
    SegmentBuilder& operator=(SegmentBuilder&&) noexcept;

    /// The column of a field and kind, made when new. Row columns are not asked for here, but RawColumn,
    /// OverflowColumn and GlueColumn may be added to by their constant index.
    ColumnIndex column(std::string_view path, ValueKind kind);
    /// The number of a shape, interned.
    std::uint32_t shape(const Shape& shape);
    std::size_t shapeCount() const;

    void addText(ColumnIndex column, std::string_view text); ///< Text, Number, Json; copied
    void addInt(ColumnIndex column, std::int64_t value);     ///< Int, Bool
    void addDecimal(ColumnIndex column, Decimal value);
    void addPresent(ColumnIndex column); ///< Null, Time
    void endRow(const RowHeader& row);

    RowIndex rows() const;
    std::uint64_t rawBytes() const;
    bool full() const;

    /// Gives the rows marked FlagInheritsHead this time (their flag is cleared, FlagTimeMissing stays).
    void setHeadTime(TimeNs time);
    bool needsHeadTime() const;
    /// The time of the last row that has one of its own, in order of addition.
    std::optional<TimeNs> lastOwnTime() const;

    /// Adds `base` to the ordinals of the rows of `source` added so far: pieces of a file are parsed before
    /// it is known how many events come before them.
    void shiftOrdinals(SourceId source, Ordinal base);

    /// Encodes everything and leaves the builder empty (as after reset()). zstdLevel 1 for live data.
    SealedSegment seal(int zstdLevel = 1);
    void reset();

private:
    struct State;
    std::unique_ptr<State> m_state;
};

} // namespace faultline
