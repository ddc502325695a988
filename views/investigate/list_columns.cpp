#include "views/investigate/list_columns.h"

#include "models/tables/event_list_model.h"

#include <algorithm>
#include <cstdlib>

namespace faultline {
namespace {

constexpr int kGrip = 4, kLeastChars = 3;
constexpr int kTimeChars = 26, kSeverityChars = 3, kServiceChars = 22, kFieldChars = 18;

} // namespace

int ListColumns::count() const
{
    return EventListModel::FirstFieldColumn + static_cast<int>(m_fields.size());
}

std::vector<int> ListColumns::inOrder() const
{
    std::vector<int> order{EventListModel::TimeColumn, EventListModel::SeverityColumn,
                           EventListModel::ServiceColumn};
    for (int column = EventListModel::FirstFieldColumn; column < count(); ++column) order.push_back(column);
    order.push_back(EventListModel::MessageColumn);
    return order;
}

const std::string* ListColumns::fieldOf(int column) const
{
    return column >= EventListModel::FirstFieldColumn && column < count()
               ? &m_fields[static_cast<std::size_t>(column - EventListModel::FirstFieldColumn)]
               : nullptr;
}

int ListColumns::width(int column) const
{
    if (const std::string* const field = fieldOf(column)) {
        const auto set = m_setFields.find(*field);
        return set != m_setFields.end() ? set->second : kFieldChars * m_charWidth;
    }
    static constexpr std::array<int, 3> kChars{kTimeChars, kSeverityChars, kServiceChars};
    const auto at = static_cast<std::size_t>(column);
    return m_set[at] > 0 ? m_set[at] : kChars[at] * m_charWidth;
}

ListColumns::Box ListColumns::box(int column, int viewWidth) const
{
    int left = 0;
    for (const int each : inOrder()) {
        const int wide = each == EventListModel::MessageColumn ? std::max(0, viewWidth - left) : width(each);
        if (each == column) return {left, wide};
        left += wide;
    }
    return {};
}

int ListColumns::columnAt(int x, int viewWidth) const
{
    for (const int column : inOrder()) {
        const Box b = box(column, viewWidth);
        if (x >= b.left && x < b.left + b.width) return column;
    }
    return -1;
}

int ListColumns::edgeAt(int x, int viewWidth) const
{
    for (const int column : inOrder()) {
        const Box b = box(column, viewWidth);
        if (column != EventListModel::MessageColumn && std::abs(x - b.left - b.width) <= kGrip) return column;
    }
    return -1;
}

void ListColumns::setWidth(int column, int pixels, int viewWidth)
{
    const int least = kLeastChars * m_charWidth;
    const int wide = std::clamp(pixels, least, std::max(least, viewWidth / 2));
    if (const std::string* const field = fieldOf(column))
        m_setFields[*field] = wide;
    else if (column >= 0 && column < EventListModel::MessageColumn)
        m_set[static_cast<std::size_t>(column)] = wide;
}

} // namespace faultline
