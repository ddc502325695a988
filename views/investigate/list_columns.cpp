#include "views/investigate/list_columns.h"

#include "models/tables/event_rows.h"

#include <algorithm>
#include <cstdlib>

namespace faultline {
namespace {

constexpr int kGrip = 4, kLeastChars = 3, kLeastMessageChars = 24;
constexpr int kTimeChars = 26, kSeverityChars = 3, kServiceChars = 22, kFieldChars = 18;

} // namespace

int ListColumns::numberOf(const Column& column) const
{
    switch (column.kind) {
    case Kind::Time: return EventRows::TimeColumn;
    case Kind::Level: return EventRows::SeverityColumn;
    case Kind::Service: return EventRows::ServiceColumn;
    case Kind::Message: return EventRows::MessageColumn;
    case Kind::Field: break;
    }
    const auto found = std::find(m_fields.begin(), m_fields.end(), column.field);
    return found == m_fields.end() ? -1
                                   : EventRows::FirstFieldColumn + static_cast<int>(found - m_fields.begin());
}

void ListColumns::setFields(std::vector<std::string> fields)
{
    m_fields = std::move(fields);
    std::erase_if(m_order, [this](const Column& column) { return numberOf(column) < 0; });
    for (const std::string& field : m_fields) {
        const auto same = [&](const Column& column) {
            return column.kind == Kind::Field && column.field == field;
        };
        if (std::any_of(m_order.begin(), m_order.end(), same)) continue;
        const auto message = std::find_if(m_order.begin(), m_order.end(),
                                          [](const Column& column) { return column.kind == Kind::Message; });
        m_order.insert(message, {Kind::Field, field});
    }
}

void ListColumns::setLayout(const std::vector<ListLayout::Column>& columns)
{
    m_order.clear();
    bool message = false;
    for (const ListLayout::Column& column : columns) {
        m_order.push_back({column.kind, column.field});
        message = message || column.kind == Kind::Message;
        const int pixels = column.chars * m_charWidth;
        if (column.kind == Kind::Field && pixels > 0)
            m_setFields[column.field] = pixels;
        else if (column.kind == Kind::Field)
            m_setFields.erase(column.field);
        else if (column.kind != Kind::Message)
            m_set[static_cast<std::size_t>(column.kind)] = pixels;
    }
    if (!message) m_order.push_back({Kind::Message, {}});
}

std::vector<ListLayout::Column> ListColumns::layout() const
{
    std::vector<ListLayout::Column> columns;
    for (const Column& column : m_order) {
        int pixels = 0;
        if (column.kind == Kind::Field) {
            const auto set = m_setFields.find(column.field);
            pixels = set != m_setFields.end() ? set->second : 0;
        } else if (column.kind != Kind::Message) {
            pixels = m_set[static_cast<std::size_t>(column.kind)];
        }
        const int chars = (pixels + m_charWidth / 2) / m_charWidth;
        columns.push_back({column.kind, column.field, std::min(chars, ListLayout::kMostChars)});
    }
    return columns;
}

std::vector<int> ListColumns::inOrder() const
{
    std::vector<int> order;
    for (const Column& column : m_order)
        if (const int number = numberOf(column); number >= 0) order.push_back(number);
    return order;
}

int ListColumns::placeOf(int column) const
{
    const auto at = std::find_if(m_order.begin(), m_order.end(),
                                 [&](const Column& each) { return numberOf(each) == column; });
    return at == m_order.end() ? -1 : static_cast<int>(at - m_order.begin());
}

bool ListColumns::move(int column, int place)
{
    const int from = placeOf(column);
    place = std::clamp(place, 0, static_cast<int>(m_order.size()) - 1);
    if (from < 0 || from == place) return false;
    const Column moved = m_order[static_cast<std::size_t>(from)];
    m_order.erase(m_order.begin() + from);
    m_order.insert(m_order.begin() + place, moved);
    return true;
}

void ListColumns::setShown(int column, bool shown)
{
    const int place = placeOf(column);
    if (column < 0 || column >= EventRows::MessageColumn || shown == (place >= 0)) return;
    static constexpr std::array<Kind, 3> kKinds{Kind::Time, Kind::Level, Kind::Service};
    const Kind kind = kKinds[static_cast<std::size_t>(column)];
    if (!shown) {
        m_order.erase(m_order.begin() + place);
        return;
    }
    // Where it usually stands: behind those that usually stand before it.
    int behind = 0;
    for (int before = 0; before < column; ++before)
        if (const int at = placeOf(before); at >= behind) behind = at + 1;
    m_order.insert(m_order.begin() + behind, {kind, {}});
}

const std::string* ListColumns::fieldOf(int column) const
{
    const int at = column - EventRows::FirstFieldColumn;
    return at >= 0 && at < static_cast<int>(m_fields.size()) ? &m_fields[static_cast<std::size_t>(at)]
                                                             : nullptr;
}

int ListColumns::width(const Column& column) const
{
    if (column.kind == Kind::Field) {
        const auto set = m_setFields.find(column.field);
        return set != m_setFields.end() ? set->second : kFieldChars * m_charWidth;
    }
    static constexpr std::array<int, 3> kChars{kTimeChars, kSeverityChars, kServiceChars};
    const auto at = static_cast<std::size_t>(column.kind);
    return m_set[at] > 0 ? m_set[at] : kChars[at] * m_charWidth;
}

int ListColumns::messageWidth(int viewWidth) const
{
    int others = m_gutter;
    for (const Column& column : m_order)
        if (column.kind != Kind::Message && numberOf(column) >= 0) others += width(column);
    return std::max(viewWidth - others, kLeastMessageChars * m_charWidth);
}

ListColumns::Box ListColumns::box(int column, int viewWidth) const
{
    int left = m_gutter;
    for (const Column& each : m_order) {
        const int number = numberOf(each);
        if (number < 0) continue;
        const int wide = each.kind == Kind::Message ? messageWidth(viewWidth) : width(each);
        if (number == column) return {left, wide};
        left += wide;
    }
    return {};
}

int ListColumns::width(int viewWidth) const
{
    int wide = m_gutter;
    for (const int column : inOrder()) wide += box(column, viewWidth).width;
    return wide;
}

int ListColumns::columnAt(int x, int viewWidth) const
{
    for (const int column : inOrder()) {
        const Box b = box(column, viewWidth);
        if (x >= b.left && x < b.left + b.width) return column;
    }
    return -1;
}

int ListColumns::placeAt(int x, int viewWidth) const
{
    int place = 0;
    for (const int column : inOrder()) {
        const Box b = box(column, viewWidth);
        if (x < b.left + b.width / 2) break;
        ++place;
    }
    return place;
}

int ListColumns::edgeAt(int x, int viewWidth) const
{
    for (const int column : inOrder()) {
        const Box b = box(column, viewWidth);
        if (column != EventRows::MessageColumn && std::abs(x - b.left - b.width) <= kGrip) return column;
    }
    return -1;
}

void ListColumns::setWidth(int column, int pixels, int viewWidth)
{
    const int least = kLeastChars * m_charWidth;
    const int wide = std::clamp(pixels, least, std::max(least, viewWidth / 2));
    if (const std::string* const field = fieldOf(column))
        m_setFields[*field] = wide;
    else if (column >= 0 && column < EventRows::MessageColumn)
        m_set[static_cast<std::size_t>(column)] = wide;
}

} // namespace faultline
