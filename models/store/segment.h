#pragma once
#include "models/base/ids.h"
#include "models/base/result.h"
#include "models/base/time.h"
#include "models/records/shape.h"
#include "models/records/value.h"
#include "models/store/column_data.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace faultline {

inline constexpr RowIndex kSegmentRows = 65'536;
inline constexpr std::uint64_t kSegmentRawBytes = 32u << 20;
inline constexpr ColumnIndex kSegmentColumns = 1'024;

/// The columns that every segment has; they come first in its list of columns, in this order, and have
/// these names in the directory. All are Ints but Raw, Overflow and Glue (Text, sparse).
enum RowColumn : ColumnIndex {
    TimeColumn,     ///< TimeNs, ascending
    SeverityColumn, ///< 0 to 24
    SourceColumn,   ///< SourceId
    OrdinalColumn,  ///< Ordinal
    FlagsColumn,    ///< EventFlag bits
    ShapeColumn,    ///< index into shapes
    RawColumn,      ///< the document of rows whose shape is raw
    OverflowColumn, ///< JSON object of the fields past kSegmentColumns, or past 2,000 in the event
    GlueColumn, ///< what an envelope has before its next element: "before \0 after" for FlagFromArray rows
    RowColumnCount
};

/// One column as the directory knows it: enough to skip its data.
struct ColumnInfo
{
    std::string path; ///< dotted field name; "" never occurs; row columns are "_time", "_severity", ...
    ValueKind kind = ValueKind::Text;
    std::uint8_t codec = 0;     ///< models/store/codecs.h; 0 for Time and Null columns of full presence
    std::uint32_t present = 0;  ///< rows that have a value
    std::uint32_t distinct = 0; ///< exact for Dictionary and Bool, else 0 = not known
    std::int64_t minInt = 0,
                 maxInt = 0; ///< Int: values; Decimal: mantissas when all scales are equal (else min > max)
    std::string minText,
        maxText; ///< Text: bytewise bounds, the first 32 bytes (max: rounded up); empty when not known
    std::uint64_t rawBytes = 0; ///< of the values as text
    std::uint64_t storedBytes = 0;
};

/// Severity x time, small: for the overview of the whole store without reading a column.
struct Rollup
{
    TimeNs begin = 0; ///< start of the first bucket, a multiple of width
    TimeNs width =
        0; ///< of a bucket: the smallest of 1 s, 10 s, 1 m, 10 m, 1 h, 1 d ... that needs at most 64
    std::vector<std::uint32_t> counts; ///< bucket x 7 severity classes; rows without FlagTimeMissing only
};

/// Everything about a segment but its data. Immutable once stored (the delete mask is beside it).
struct SegmentInfo
{
    SegmentId id;
    RowIndex rows = 0;
    TimeNs minTime = 0, maxTime = 0;
    std::uint64_t rawBytes = 0; ///< of the documents
    std::uint64_t storedBytes = 0;
    RowIndex timeMissing = 0;        ///< rows with FlagTimeMissing
    std::vector<SourceId> sources;   ///< that have rows here, ascending
    std::vector<ColumnInfo> columns; ///< RowColumnCount row columns first
    std::vector<Shape> shapes;
    Rollup rollup;

    /// All columns (kinds) of a field; empty when the segment has none.
    std::vector<ColumnIndex> columnsOf(std::string_view path) const;
};

/// A segment ready to be written: its directory and one blob a column (empty blobs for columns without data).
struct SealedSegment
{
    SegmentInfo info;                ///< id not yet given
    std::vector<std::string> chunks; ///< same order as info.columns
};

/// Serialises the directory (columns, shapes, rollup); the format is documented in
/// resources/help/file-format.md.
std::string encodeDirectory(const SegmentInfo& info);
/// Reads it back. Hostile input gives an Error (Damaged), never a crash; counts are bounded before memory is
/// taken.
Result<SegmentInfo> decodeDirectory(std::string_view bytes);

/// Decodes one column's blob. `info` is the column's entry, `rows` the segment's. Hostile input gives an
/// Error.
Result<ColumnPtr> decodeColumn(const ColumnInfo& info, RowIndex rows, std::string_view blob);

class TextParts;

/// Reads columns of stored segments; implemented by the store (with its cache) and by tests (in memory).
class ColumnSource
{
public:
    virtual ~ColumnSource() = default;
    /// Any thread. Blocks on disk: never call on the GUI thread.
    virtual Result<ColumnPtr> column(const SegmentInfo& segment, ColumnIndex index) = 0;
    /// The same column to be unpacked part by part, for one thread; `segment` lives as long as it does. Any
    /// thread.
    virtual Result<std::shared_ptr<TextParts>> texts(const SegmentInfo& segment, ColumnIndex index);
};

/// Rebuilds documents of one segment, a row at a time; keeps the columns that it has used. One thread.
class DocumentBuilder
{
public:
    DocumentBuilder(std::shared_ptr<const SegmentInfo> segment, ColumnSource& columns);
    /// Appends the event's own bytes.
    Status append(RowIndex row, std::string& out);
    /// The value of a field as text; false when the row has none.
    Result<bool> appendField(RowIndex row, ColumnIndex column, std::string& out);
    const SegmentInfo& segment() const { return *m_segment; }

private:
    Result<const ColumnData*> need(ColumnIndex column);
    std::shared_ptr<const SegmentInfo> m_segment;
    ColumnSource& m_source;
    std::vector<ColumnPtr> m_columns;
    std::string m_text; ///< of a value before its escapes
};

} // namespace faultline
