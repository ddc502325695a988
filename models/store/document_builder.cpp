#include "models/records/json_escapes.h"
#include "models/store/segment.h"

namespace faultline {
namespace {

Error damaged(const char* why)
{
    return makeError(ErrorKind::Damaged, "rebuild an event", why,
                     {"`faultline doctor` says which events are affected and keeps the rest."});
}

} // namespace

DocumentBuilder::DocumentBuilder(std::shared_ptr<const SegmentInfo> segment, ColumnSource& columns)
    : m_segment(std::move(segment)), m_source(columns), m_columns(m_segment->columns.size())
{}

Result<const ColumnData*> DocumentBuilder::need(ColumnIndex column)
{
    if (column >= m_columns.size()) return damaged("it names a column that its segment does not have");
    if (m_columns[column] == nullptr) {
        Result<ColumnPtr> read = m_source.column(*m_segment, column);
        if (!read) return std::move(read).error();
        m_columns[column] = std::move(read).value();
    }
    return m_columns[column].get();
}

Status DocumentBuilder::append(RowIndex row, std::string& out)
{
    if (row >= m_segment->rows)
        return makeError(ErrorKind::NotFound, "rebuild an event", "its segment has fewer rows");
    const auto shapes = need(ShapeColumn);
    if (!shapes) return shapes.error();
    const auto number = static_cast<std::uint64_t>((*shapes)->ints.at(row));
    if (number >= m_segment->shapes.size()) return damaged("its shape does not exist");
    const Shape& shape = m_segment->shapes[number];
    const std::size_t before = out.size();
    const auto fail = [&](Error error) -> Status {
        out.resize(before);
        return error;
    };
    if (shape.raw) {
        const auto raw = need(RawColumn);
        if (!raw) return raw.error();
        if (!(*raw)->appendText(row, out)) return fail(damaged("its text is missing"));
        return {};
    }
    for (std::size_t i = 0; i < shape.slots.size(); ++i) {
        const Shape::Slot& slot = shape.slots[i];
        out.append(shape.literals[i]);
        if (slot.style == SlotStyle::Null) {
            out.append("null");
            continue;
        }
        if (slot.style == SlotStyle::Time) {
            const auto times = need(TimeColumn);
            if (!times) return fail(times.error());
            formatTime((*times)->ints.at(row), slot.layout, out);
            continue;
        }
        const ColumnData* column = slot.column < m_columns.size() ? m_columns[slot.column].get() : nullptr;
        if (column == nullptr) {
            const auto read = need(slot.column);
            if (!read) return fail(read.error());
            column = *read;
        }
        const std::size_t begin = out.size();
        if (!column->appendText(row, out)) return fail(damaged("a value of it is missing"));
        if (const auto escapes = JsonEscapes::ofStyle(slot.style))
            escapeJsonFrom(begin, *escapes, out, m_text);
    }
    out.append(shape.literals.back());
    return {};
}

Result<bool> DocumentBuilder::appendField(RowIndex row, ColumnIndex column, std::string& out)
{
    if (row >= m_segment->rows)
        return makeError(ErrorKind::NotFound, "read a field", "its segment has fewer rows");
    const auto data = need(column);
    if (!data) return data.error();
    return (*data)->appendText(row, out);
}

} // namespace faultline
