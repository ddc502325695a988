#pragma once
#include "models/records/mask.h"
#include "models/records/value.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace faultline {

/// Row of a segment, from 0. Rows are in order of (time, source, ordinal).
using RowIndex = std::uint32_t;

/// Which rows of a segment have a value in a column, with rank: the values themselves are stored dense.
class Presence
{
public:
    Presence() = default; ///< no rows
    static Presence all(RowIndex rows);
    static Presence of(std::vector<std::uint64_t> bits, RowIndex rows); ///< bit r of word r / 64

    RowIndex rows() const { return m_rows; }
    RowIndex count() const { return m_count; }
    bool isAll() const { return m_count == m_rows; }
    bool has(RowIndex row) const { return isAll() || (m_bits[row >> 6] >> (row & 63) & 1); }
    /// Number of present rows before `row`: the dense index of `row` when it is present.
    RowIndex rank(RowIndex row) const;
    /// One bit a row; empty when isAll().
    const std::vector<std::uint64_t>& bits() const { return m_bits; }
    std::size_t bytes() const;

private:
    RowIndex m_rows = 0, m_count = 0;
    std::vector<std::uint64_t> m_bits;
    std::vector<RowIndex> m_ranks; ///< before each word
};

/// Strings back to back.
struct StringTable
{
    std::vector<std::uint32_t> offsets{0}; ///< size() + 1 of them
    std::string bytes;
    std::size_t size() const { return offsets.size() - 1; }
    std::string_view at(std::size_t i) const
    {
        return std::string_view(bytes).substr(offsets[i], offsets[i + 1] - offsets[i]);
    }
    void add(std::string_view text)
    {
        bytes.append(text);
        offsets.push_back(static_cast<std::uint32_t>(bytes.size()));
    }
};

/// Unsigned numbers of the narrowest width that holds them; value = base + scale x stored.
struct PackedInts
{
    std::int64_t base = 0;
    std::uint64_t scale = 1;
    std::uint8_t width = 0; ///< bytes each: 0 (all equal base), 1, 2, 4 or 8
    std::size_t count = 0;
    std::vector<std::uint8_t> data; ///< count x width, little-endian
    std::uint64_t stored(std::size_t i) const;
    std::int64_t at(std::size_t i) const
    {
        return static_cast<std::int64_t>(static_cast<std::uint64_t>(base) + scale * stored(i));
    }
    template <class T> const T* as() const { return reinterpret_cast<const T*>(data.data()); }
};

/// One template of a text column: constant[0] variable[0] constant[1] ... constant[n].
struct TextTemplate
{
    std::string
        pattern; ///< constants joined by kVariableMark (records/mask.h); hash64() of it is the pattern's id
    std::vector<std::string> constants;
    std::vector<VariableKind> kinds;
    std::uint64_t id = 0; ///< 0: not a pattern by the rules of today (digits alone, or older rules)
    RowIndex rows = 0;    ///< how many present rows use it
    /// Values of each variable, dense over the rows of this template in row order.
    struct Values
    {
        bool numeric = false; ///< all are Digits: in `ints`, else in `texts` (through `codes` when repeated)
        PackedInts ints;
        StringTable texts;
        PackedInts codes; ///< used when codes.count > 0: index into `texts`
        void append(std::size_t i, std::string& out) const;
    };
    std::vector<Values> values;
};

/// A column of a segment, decoded. Immutable and shared between threads.
struct ColumnData
{
    enum class Form : std::uint8_t {
        Absent,     ///< no row has it (also: Null and Time columns, which have presence only)
        Ints,       ///< Int, Bool (0/1), row columns: `ints`, dense
        Decimals,   ///< `ints` are mantissas, `scales` their digits (scales.width 0: all the same)
        Dictionary, ///< `table` sorted by byte, no duplicates; `ints` are codes for EVERY row: 0 absent, else
                    ///< index + 1
        Heap,       ///< `table`, dense
        Fixed,      ///< hex text of `fixedBytes` bytes each in `fixed`, dense; see uuid, upper
        Templates, ///< `templates`; `ints` are codes for EVERY row: 0 absent, else index + 1; `nth` for every
                   ///< row
    };
    Form form = Form::Absent;
    ValueKind kind = ValueKind::Text;
    Presence presence;
    PackedInts ints;
    PackedInts scales;
    StringTable table;
    std::vector<std::uint8_t> fixed;
    std::uint32_t fixedBytes = 0;
    bool uuid = false;  ///< Fixed: written 8-4-4-4-12
    bool upper = false; ///< Fixed: upper-case digits
    std::vector<TextTemplate> templates;
    PackedInts nth; ///< Templates: index of the row among the rows of its template

    /// Appends the value of a row as text (Int and Decimal as digits, Bool as true/false, Null as null);
    /// false when the row has none. A Time column appends nothing and returns presence.
    bool appendText(RowIndex row, std::string& out) const;
    std::size_t bytes() const; ///< memory held, for the cache
};
using ColumnPtr = std::shared_ptr<const ColumnData>;

} // namespace faultline
