#pragma once
#include "models/store/column_data.h"

#include <bit>
#include <cstdint>
#include <span>
#include <vector>

namespace faultline {

/// A set of rows of one segment: none, all, or one bit a row. Bits behind the last row are always 0.
class RowSet
{
public:
    RowSet() = default; ///< none of 0 rows
    static RowSet none(RowIndex rows) { return RowSet(rows, State::None); }
    static RowSet all(RowIndex rows) { return RowSet(rows, State::All); }
    /// No bit set yet, but words to write; call normalise() when done.
    static RowSet bits(RowIndex rows);
    static RowSet of(std::vector<std::uint64_t> words, RowIndex rows); ///< shorter vectors are filled with 0
    static RowSet range(RowIndex rows, RowIndex begin, RowIndex end);

    RowIndex rows() const { return m_rows; }
    bool isNone() const { return m_state == State::None; }
    bool isAll() const { return m_state == State::All; }
    bool has(RowIndex row) const
    {
        return m_state == State::All || (m_state == State::Some && (m_words[row >> 6] >> (row & 63) & 1));
    }
    RowIndex count() const;
    std::size_t bytes() const { return sizeof *this + m_words.size() * sizeof(std::uint64_t); }

    /// Words to write; turns none and all into bits first.
    std::uint64_t* words();
    /// Word i, whatever the form.
    std::uint64_t word(std::size_t i) const;
    std::size_t wordCount() const { return (m_rows + 63u) / 64; }
    void insert(RowIndex row) { words()[row >> 6] |= std::uint64_t{1} << (row & 63); }

    RowSet& operator&=(const RowSet& other);
    RowSet& operator|=(const RowSet& other);
    RowSet& subtract(const RowSet& other);
    void invert();
    /// Keeps rows [begin, end) only.
    void keepRange(RowIndex begin, RowIndex end);
    /// Finds out whether the bits are none or all, and drops them then.
    void normalise();

private:
    enum class State : std::uint8_t { None, All, Some };
    RowSet(RowIndex rows, State state) : m_rows(rows), m_state(state) {}
    RowIndex m_rows = 0;
    State m_state = State::None;
    std::vector<std::uint64_t> m_words;
};

/// Calls body(row) for the rows of `set` in [begin, end), in order. Body returns void.
template <class Body> void forEachRow(const RowSet& set, RowIndex begin, RowIndex end, Body&& body)
{
    if (begin >= end || set.isNone()) return;
    if (set.isAll()) {
        for (RowIndex row = begin; row < end; ++row) body(row);
        return;
    }
    const std::size_t first = begin >> 6, last = (end - 1) >> 6;
    for (std::size_t i = first; i <= last; ++i) {
        std::uint64_t word = set.word(i);
        if (i == first) word &= ~std::uint64_t{0} << (begin & 63);
        if (i == last && (end & 63) != 0) word &= ~std::uint64_t{0} >> (64 - (end & 63));
        const RowIndex base = static_cast<RowIndex>(i << 6);
        if (word == ~std::uint64_t{0}) {
            for (RowIndex k = 0; k < 64; ++k) body(base + k);
            continue;
        }
        while (word != 0) {
            body(base + static_cast<RowIndex>(std::countr_zero(word)));
            word &= word - 1;
        }
    }
}
template <class Body> void forEachRow(const RowSet& set, Body&& body)
{
    forEachRow(set, 0, set.rows(), body);
}

/// Number of rows of `set` in [begin, end).
RowIndex countRows(const RowSet& set, RowIndex begin, RowIndex end);

} // namespace faultline
