#pragma once
#include "models/query/field_rows.h"
#include "models/query/text_table.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace faultline {

/// A field of one segment as a small number a row, so that grouping and counting never look at texts. Two
/// codes may mean the same text (severities of one class).
class FieldCodes
{
public:
    /// Numbers the values of the selected rows (others may have any code).
    static FieldCodes of(SegmentScan& scan, std::string_view field, const SelectedRows& selected);

    /// The code of a row, below size(): the number as stored, without base and scale.
    const PackedInts& codes() const { return m_column ? m_column->ints : m_own; }
    std::uint32_t size() const { return m_size; }
    std::uint32_t code(RowIndex row) const { return static_cast<std::uint32_t>(codes().stored(row)); }
    /// Appends the text of a code; false when it means that the row has no value.
    bool append(std::uint32_t code, std::string& out) const;

private:
    enum class Values : std::uint8_t { Nothing, Dictionary, Severities, Source, Ints, Table };
    bool useColumn(SegmentScan& scan, const FieldPlace& place);
    void useTable(SegmentScan& scan, std::string_view field, const SelectedRows& selected);
    void numberTexts(SegmentScan& scan, std::string_view field, const SelectedRows& selected,
                     TextTable& seen);
    void numberTimes(SegmentScan& scan, const FieldRows::Part& part, TextTable& seen);
    void numberTemplates(SegmentScan& scan, const FieldRows::Part& part, TextTable& seen);
    void numberPart(SegmentScan& scan, const FieldRows::Part& part, TextTable& seen);
    /// The code of a text, a new one when it was not seen yet.
    std::uint32_t codeOf(std::string_view text, TextTable& seen);
    std::uint32_t* ownCodes() { return reinterpret_cast<std::uint32_t*>(m_own.data.data()); }
    std::uint32_t newCode(std::string_view text)
    {
        m_texts.add(text);
        return static_cast<std::uint32_t>(m_texts.size());
    }
    Values m_values = Values::Nothing;
    ColumnPtr m_column;  ///< codes are its ints
    PackedInts m_own;    ///< else here
    StringTable m_texts; ///< by code - 1
    std::vector<std::string> m_sources;
    bool m_isBool = false;
    std::uint32_t m_size = 1;
};

/// Adds the rows of `set` in [begin, end) to the counter of their code. `counts` has room for every code that
/// the width can hold, up to 65,536, or for each that occurs.
void countCodes(const PackedInts& codes, const RowSet& set, RowIndex begin, RowIndex end,
                std::uint32_t* counts);

} // namespace faultline
