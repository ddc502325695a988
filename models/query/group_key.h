#pragma once
#include "models/query/field_codes.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace faultline {

/// The values of several fields in one row, as one text that sorts as the values do: per field a byte 0
/// (absent) or 1; after 1 the text, with 00 01 for each 00, and 00 00 at its end. One field alone is written
/// without either.
void appendKeyPart(bool present, std::string_view value, bool alone, std::string& key);
std::vector<std::optional<std::string>> splitKey(std::string_view key, std::size_t fields);

/// Several fields of one segment at once: a number a row for each combination of values that occurs.
class GroupCodes
{
public:
    GroupCodes(SegmentScan& scan, const std::vector<std::string>& fields, const SelectedRows& selected);

    /// Below size() for every selected row. Rows without any of the fields have a code too.
    std::uint32_t size() const { return m_size; }
    /// The codes of all rows: the numbers as stored, without base and scale.
    const PackedInts& codes() const { return m_single ? m_fields.front().codes() : m_combined; }
    std::string key(std::uint32_t code) const;
    void key(std::uint32_t code, std::string& key) const; ///< replaces `key`
    void count(SegmentScan& scan, const SelectedRows& selected, std::vector<std::uint32_t>& counts) const;
    /// Adds the rows of `set` in [begin, end) to counts[0 .. size()).
    void countRange(const RowSet& set, RowIndex begin, RowIndex end, std::uint32_t* counts) const;

private:
    bool m_single = false;
    std::vector<FieldCodes> m_fields;
    PackedInts m_combined;
    /// A combination of the first fields, and the code of the field after them.
    struct Pair
    {
        std::uint32_t before = 0, code = 0;
    };
    std::vector<std::vector<Pair>> m_pairs; ///< by field, then by the number of the combination up to it
    std::uint32_t m_size = 1;
};

} // namespace faultline
