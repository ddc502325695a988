#pragma once
#include "models/query/segment_scan.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace faultline {

/// Where the values of a field are in one segment: the columns of that name of every kind, the columns that
/// shapes name for it when it is canonical, the overflow column, or a row column ("severity", "timestamp",
/// "source").
struct FieldPlace
{
    enum class Row : std::uint8_t { None, OfSeverity, OfTime, OfSource };
    struct Part
    {
        ColumnIndex column = kNoColumn;
        std::shared_ptr<const RowSet> only; ///< null: every row that has the column
    };
    Row row = Row::None;
    std::vector<Part> parts; ///< canonical columns first
    bool overflow = false;   ///< rows may have it in the overflow column
    bool nothing() const { return row == Row::None && parts.empty() && !overflow; }
};

/// Finds the field. Reads the shape column only when shapes differ over a canonical field.
FieldPlace findField(SegmentScan& scan, std::string_view name);

/// The rows that have a value in the column; texts are not unpacked for it.
RowSet presentIn(SegmentScan& scan, ColumnIndex column);

/// The canonical field of that name; Canonical::Count when it is none.
Canonical canonicalOf(std::string_view name);
std::string_view canonicalName(Canonical field);

/// Values of one column as text, also those of Time columns.
class ColumnReader
{
public:
    ColumnReader(SegmentScan& scan, ColumnIndex column);
    bool has(RowIndex row) const { return m_data && m_data->presence.has(row); }
    /// False when the row has none.
    bool append(RowIndex row, std::string& out) const;
    const ColumnPtr& data() const { return m_data; }
    ValueKind kind() const { return m_kind; }

private:
    ValueKind m_kind;
    ColumnPtr m_data;
    ColumnPtr m_times, m_shapes;       ///< Time columns only
    std::vector<TimeLayout> m_layouts; ///< by shape
};

/// The value of a field as people group by it: one text a row, the first place that has one; the severity's
/// class, the time in RFC 3339, the source's path. Bound to a scan.
class FieldReader
{
public:
    FieldReader(SegmentScan& scan, std::string_view name);
    bool append(RowIndex row, std::string& out) const;
    const FieldPlace& place() const { return m_place; }
    const ColumnReader& reader(std::size_t part) const { return m_readers[part]; }

private:
    SegmentScan& m_scan;
    std::string m_name;
    FieldPlace m_place;
    std::vector<ColumnReader> m_readers; ///< as place().parts
    ColumnPtr m_row;                     ///< of FieldPlace::row
    ColumnPtr m_overflow;
};

} // namespace faultline
