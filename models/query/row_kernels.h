#pragma once
#include "models/query/packed_view.h"
#include "models/query/row_set.h"
#include "models/store/column_data.h"

#include <cstdint>
#include <type_traits>
#include <vector>

namespace faultline {

/// The word of 64 bytes that are 0 or 0xff each: bit k is byte k.
std::uint64_t packBytes(const std::uint8_t* bytes);

/// Sets bit i of `words` when pass(stored number i) is true, for i in [0, count). The test is a compare of
/// narrow numbers: the inner loop has no branch, so that the compiler can make it wide.
template <class View, class Pass>
void testNumbers(View view, std::size_t count, std::uint64_t* words, const Pass& pass)
{
    alignas(64) std::uint8_t bytes[64];
    std::size_t i = 0;
    for (; i + 64 <= count; i += 64) {
        for (std::size_t k = 0; k < 64; ++k) bytes[k] = pass(view[i + k]) ? 0xff : 0;
        words[i / 64] = packBytes(bytes);
    }
    std::uint64_t last = 0;
    for (std::size_t k = 0; i + k < count; ++k) {
        if (pass(view[i + k])) last |= std::uint64_t{1} << k;
    }
    if (i < count) words[i / 64] = last;
}

/// Dense results to rows: bit n of `dense` belongs to the n-th present row.
RowSet spreadBits(std::vector<std::uint64_t> dense, const Presence& presence);

/// The rows that a column has a value in.
RowSet presentRows(const Presence& presence);

/// The rows whose number, as value = base + scale x stored, is in [first, last]; dense columns are spread.
RowSet rowsInSpan(const ColumnData& column, std::int64_t first, std::int64_t last);

/// The rows whose code, stored for every row, has verdict[code] != 0. `verdict` has an entry for each code, 0
/// first.
RowSet rowsWithVerdict(const PackedInts& codes, RowIndex rows, const std::vector<std::uint8_t>& verdict);

/// Calls body(row, dense) for the present rows in `within`, in order.
template <class Body>
void forEachPresent(const Presence& presence, const RowSet& within, RowIndex begin, RowIndex end, Body&& body)
{
    if (presence.isAll()) {
        forEachRow(within, begin, end, [&](RowIndex row) { body(row, row); });
        return;
    }
    forEachRow(within, begin, end, [&](RowIndex row) {
        if (presence.has(row)) body(row, presence.rank(row));
    });
}

} // namespace faultline
