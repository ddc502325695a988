#pragma once
#include "models/query/field_codes.h"
#include "models/query/pattern_id.h"

#include <cstdint>
#include <optional>
#include <string>

namespace faultline {

/// The messages of one segment as a small number a row that tells the pattern: the templates of the column
/// where they are patterns by today's rules, else the distinct texts. Two numbers may mean one pattern.
class MessagePatterns
{
public:
    /// Rows that are not selected may have any number.
    MessagePatterns(SegmentScan& scan, const SelectedRows& selected);
    /// The numbers of all rows, as stored: below size().
    const PackedInts& codes() const { return m_column ? m_column->ints : m_texts.codes(); }
    std::size_t size() const { return m_size; }
    /// Nothing when the number means that a row has no message. Costs a pass over the text where there are no
    /// templates.
    std::optional<std::uint64_t> id(std::size_t code) const;
    /// The pattern itself, see patternOf(); only for numbers that have an id.
    std::string text(std::size_t code) const;

private:
    const TextTemplate* templateOf(std::size_t code) const;
    ColumnPtr m_column; ///< its templates are patterns
    FieldCodes m_texts; ///< else
    std::size_t m_size = 1;
};

} // namespace faultline
