#include "models/query/message_patterns.h"

#include "models/base/hash.h"
#include "models/query/field_reader.h"
#include "models/records/mask.h"

#include <algorithm>

namespace faultline {

MessagePatterns::MessagePatterns(SegmentScan& scan, const SelectedRows& selected)
{
    const FieldPlace place = findField(scan, "message");
    if (place.parts.size() == 1 && !place.parts.front().only && !place.overflow) {
        ColumnPtr column = scan.column(place.parts.front().column);
        // Id 0: templates by older rules.
        const bool patterns = column && column->form == ColumnData::Form::Templates &&
                              !column->templates.empty() && column->templates.front().id != 0 &&
                              column->ints.count >= scan.rows();
        if (patterns) {
            m_column = std::move(column);
            m_size = std::max<std::size_t>(m_column->templates.size() + 1,
                                           m_column->ints.width <= 1 ? 256 : 65'537);
            return;
        }
    }
    m_texts = FieldCodes::of(scan, "message", selected);
    m_size = m_texts.size();
}

const TextTemplate* MessagePatterns::templateOf(std::size_t stored) const
{
    const auto code = static_cast<std::uint64_t>(m_column->ints.base) + m_column->ints.scale * stored;
    return code == 0 || code > m_column->templates.size() ? nullptr : &m_column->templates[code - 1];
}

std::optional<std::uint64_t> MessagePatterns::id(std::size_t code) const
{
    if (m_column) {
        const TextTemplate* const known = templateOf(code);
        return known != nullptr ? std::optional(known->id) : std::nullopt;
    }
    std::string message;
    if (!m_texts.append(static_cast<std::uint32_t>(code), message)) return std::nullopt;
    return hash64(patternOf(message));
}

std::string MessagePatterns::text(std::size_t code) const
{
    if (m_column) {
        const TextTemplate* const known = templateOf(code);
        return known != nullptr ? known->pattern : std::string();
    }
    std::string message;
    m_texts.append(static_cast<std::uint32_t>(code), message);
    return patternOf(message);
}

} // namespace faultline
