#pragma once
#include "models/store/store.h"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace faultline {

/// A value as SQL knows it. Texts and blobs are views: whoever made the value says how long they live.
struct SqlValue
{
    enum class Type : std::uint8_t { Null, Integer, Real, Text, Blob };
    Type type = Type::Null;
    std::int64_t integer = 0;
    double real = 0;
    std::string_view text; ///< Text, Blob
};

/// A JSON number as SQL has it: Integer where it is a whole number that fits, Real where a double can hold
/// it, else Text (1e999). The text is a view of `text`.
SqlValue numberValue(std::string_view text);

/// The name of a canonical field in queries and in SQL.
std::string_view canonicalColumnName(Canonical field);

/// The values of the events of one segment, a row at a time; columns are decoded when they are first asked
/// for and kept until release(). One thread.
///
/// Errors  Members that read answer null, false or nothing when a column could not be read; error() then says
///         why. It stays until takeError().
class EventReader
{
public:
    EventReader(SegmentEntry entry, ColumnSource& columns);
    const SegmentInfo& info() const { return *m_entry.info; }
    bool isDeleted(RowIndex row) const
    {
        return m_entry.deleted && ((*m_entry.deleted)[row >> 6] >> (row & 63) & 1) != 0;
    }
    bool hasDeleted() const { return m_entry.deletedRows != 0; }

    /// A decoded column, null on an error.
    const ColumnData* column(ColumnIndex index);
    ColumnPtr share(ColumnIndex index); ///< the same, to hold on to
    /// Time, severity, source, ordinal or flags of a row; 0 on an error.
    std::int64_t number(RowColumn which, RowIndex row)
    {
        const ColumnData* data = column(which);
        return data ? data->ints.at(row) : 0;
    }
    /// The canonical value, else that of the field of its name, appended to `out`; false when there is none.
    bool canonical(Canonical field, RowIndex row, std::string& out);
    /// False when no row of the segment can have this text there.
    bool mayHave(Canonical field, std::string_view text);
    bool document(RowIndex row, std::string& out);
    /// hash64() of the pattern of the message; nothing when there is no message.
    std::optional<std::uint64_t> pattern(RowIndex row);
    /// Any field by its path, with its type: Int and Bool (1, 0) are Integer, Decimal Real, Number as
    /// numberValue(), Json and Text are Text, the event's own time is as the document has it. Null when it is
    /// null or absent. A view of the value may point into `scratch`.
    SqlValue field(std::string_view path, RowIndex row, std::string& scratch);

    bool holdsColumns() const { return m_holds; }
    void release(); ///< gives the memory of the columns back; they are decoded again when needed
    bool failed() const { return m_error.has_value(); }
    const std::optional<Error>& error() const { return m_error; }

private:
    const Shape* shapeOf(RowIndex row);
    std::span<const ColumnIndex> columnsNamed(std::string_view path);
    SqlValue valueOf(ColumnIndex index, RowIndex row, std::string& scratch);
    SqlValue fromOverflow(std::string_view path, RowIndex row, std::string& scratch);

    SegmentEntry m_entry;
    ColumnSource& m_source;
    bool m_holds = false;
    std::vector<ColumnPtr> m_columns;
    std::optional<DocumentBuilder> m_documents;
    std::map<std::string, std::vector<ColumnIndex>, std::less<>> m_named;
    std::array<std::optional<std::vector<ColumnIndex>>, kCanonicalCount> m_candidates;
    std::optional<Error> m_error;
    std::string m_text;
};

} // namespace faultline
