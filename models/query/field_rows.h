#pragma once
#include "models/query/field_reader.h"

#include <algorithm>
#include <bit>
#include <string_view>
#include <vector>

namespace faultline {

/// The selected rows of a segment that have a field, each in the one place that gives its value (as
/// FieldReader reads it): so that each place can be counted in the form in which its column is stored.
struct FieldRows
{
    struct Part
    {
        ColumnIndex column = kNoColumn;
        ValueKind kind = ValueKind::Text;
        ColumnPtr data;
        RowSet rows; ///< not empty; all of them have the column
        RowIndex count = 0;
        /// All values of the column are meant: their dense numbers are 0 to count - 1.
        bool whole() const { return count == data->presence.count(); }
    };
    FieldPlace::Row row = FieldPlace::Row::None; ///< else parts.front() is that row column
    std::vector<Part> parts;
    RowSet overflow;        ///< rows with an overflow object, in none of the parts
    ColumnPtr overflowData; ///< null when no row is left for it
};

/// Reads the columns of the field. After an error, or when stopped, anything: look at the scan.
FieldRows findRows(SegmentScan& scan, std::string_view field, const SelectedRows& selected,
                   bool withOverflow = true);

/// Calls body(row, dense) for `rows`, all present, of the words [first, last), in order.
template <class Body>
void forEachDense(const Presence& presence, const RowSet& rows, std::size_t first, std::size_t last,
                  Body&& body)
{
    if (presence.isAll()) {
        const auto end = static_cast<RowIndex>(std::min<std::size_t>(last * 64, rows.rows()));
        forEachRow(rows, static_cast<RowIndex>(first * 64), end, [&](RowIndex row) { body(row, row); });
        return;
    }
    for (std::size_t i = first; i < last; ++i) {
        std::uint64_t word = rows.word(i);
        if (word == 0) continue;
        const std::uint64_t present = presence.bits()[i];
        const auto base = static_cast<RowIndex>(i * 64);
        RowIndex dense = presence.rank(base);
        if (word == present) {
            for (; word != 0; word &= word - 1)
                body(base + static_cast<RowIndex>(std::countr_zero(word)), dense++);
            continue;
        }
        for (; word != 0; word &= word - 1) {
            const std::uint64_t below = (word & (0 - word)) - 1;
            body(base + static_cast<RowIndex>(std::countr_zero(word)),
                 dense + static_cast<RowIndex>(std::popcount(present & below)));
        }
    }
}

/// The same for all rows of a part, looking at the stop token now and then.
template <class Body> void forEachDense(SegmentScan& scan, const FieldRows::Part& part, Body&& body)
{
    constexpr std::size_t step = 128; // words
    const std::size_t words = part.rows.wordCount();
    for (std::size_t i = 0; i < words && !scan.stopped(); i += step)
        forEachDense(part.data->presence, part.rows, i, std::min(words, i + step), body);
}

/// Counts how often each stored number of a part occurs: counts[stored], for widths up to 2. Numbers that are
/// stored for every row (codes), or for present rows only.
std::vector<std::uint32_t> countStored(SegmentScan& scan, const FieldRows::Part& part);

/// Whether countStored() is less work than a look at each value.
inline bool worthCounting(const FieldRows::Part& part)
{
    return part.data->ints.width < 2 || (part.data->ints.width == 2 && part.count >= 3000);
}

} // namespace faultline
