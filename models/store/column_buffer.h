#pragma once
#include "models/records/value.h"
#include "models/store/column_data.h"

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace faultline {

/// Equality of texts that are mostly short, without a call for them.
inline bool sameText(std::string_view a, std::string_view b)
{
    if (a.size() != b.size()) return false;
    const std::size_t size = a.size();
    if (size > 64) return std::memcmp(a.data(), b.data(), size) == 0;
    const auto differ = [&]<class Word>(Word, std::size_t at) {
        Word x, y;
        std::memcpy(&x, a.data() + at, sizeof x);
        std::memcpy(&y, b.data() + at, sizeof y);
        return x != y;
    };
    if (size >= 8) {
        for (std::size_t at = 0; at + 8 < size; at += 8)
            if (differ(std::uint64_t{}, at)) return false;
        return !differ(std::uint64_t{}, size - 8);
    }
    if (size >= 4) return !differ(std::uint32_t{}, 0) && !differ(std::uint32_t{}, size - 4);
    for (std::size_t at = 0; at < size; ++at)
        if (a[at] != b[at]) return false;
    return true;
}

/// The values of one column while rows are added. Texts are interned into a dictionary as they come, and
/// kept one by one from the moment that most of them turn out to be distinct. Nothing is allocated per value,
/// and clear() keeps the memory. One thread.
class ColumnBuffer
{
public:
    /// Empties it for a column.
    void clear(std::string_view path, ValueKind kind);

    void addText(RowIndex row, std::string_view text)
    {
        if (!take(row)) return;
        textBytes += text.size();
        if (dictionary)
            intern(text);
        else
            append(text);
    }
    void addInt(RowIndex row, std::int64_t value)
    {
        if (take(row)) ints.push_back(value);
    }
    void addDecimal(RowIndex row, Decimal value)
    {
        if (!take(row)) return;
        ints.push_back(value.mantissa);
        scales.push_back(value.scale);
    }
    void addPresent(RowIndex row) { take(row); }

    /// Writes the values of a dictionary out one by one.
    void leaveDictionary();

    std::string path;
    ValueKind kind = ValueKind::Text;
    RowIndex count = 0;                 ///< values
    std::vector<std::uint64_t> present; ///< one bit a row; empty while no row is missing
    std::vector<std::int64_t> ints;     ///< Int, Bool: values; Decimal: mantissas
    std::vector<std::uint8_t> scales;   ///< Decimal
    bool dictionary = true; ///< texts: `codes` into the distinct values below, else the values themselves
    std::vector<std::uint32_t> codes;
    std::vector<std::uint32_t> offsets{0};
    std::string bytes;
    std::uint64_t textBytes = 0; ///< of all values

    std::string_view textAt(std::size_t i) const
    {
        return std::string_view(bytes).substr(offsets[i], offsets[i + 1] - offsets[i]);
    }
    std::size_t texts() const { return offsets.size() - 1; }

private:
    bool take(RowIndex row)
    {
        if (row == m_nextRow && present.empty()) { // no gap so far
            ++m_nextRow;
            ++count;
            return true;
        }
        const std::size_t word = row / 64;
        if (row < m_nextRow || word >= present.size()) return takeSparse(row);
        present[word] |= std::uint64_t{1} << (row % 64);
        m_nextRow = row + 1;
        ++count;
        return true;
    }
    bool takeSparse(RowIndex row);
    void append(std::string_view text)
    {
        bytes.append(text);
        offsets.push_back(static_cast<std::uint32_t>(bytes.size()));
    }
    void intern(std::string_view text);
    void growTable();

    struct Slot
    {
        std::uint32_t hash = 0;
        std::uint32_t code = 0; ///< plus 1; 0: free
    };
    RowIndex m_nextRow = 0;
    std::vector<Slot> m_table;
    std::uint32_t m_lastCode = 0;
};

} // namespace faultline
