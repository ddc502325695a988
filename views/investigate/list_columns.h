#pragma once
#include "models/session/list_layout.h"

#include <array>
#include <map>
#include <string>
#include <vector>

namespace faultline {

/// Where the columns of the list stand, in pixels, in the order that the user gave them. The message takes
/// what the others leave, and never less than it needs to be read: then the list is wider than its view.
/// Columns have the numbers of EventRows. GUI thread.
class ListColumns
{
public:
    struct Box
    {
        int left = 0, width = 0;
    };
    /// Widths that nobody has set follow the font.
    void setCharWidth(int pixels) { m_charWidth = pixels; }
    /// Room for marks at the left of the first column, in pixels.
    void setGutter(int pixels) { m_gutter = pixels; }
    int gutter() const { return m_gutter; }
    /// The fields that the rows have, in their order. A new one stands before the message; one that comes
    /// back has the width it had.
    void setFields(std::vector<std::string> fields);
    /// Takes order and widths; fields come with setFields().
    void setLayout(const std::vector<ListLayout::Column>& columns);
    std::vector<ListLayout::Column> layout() const;
    /// The columns from left to right.
    std::vector<int> inOrder() const;
    /// Where a column stands, from 0; -1 when it is not shown.
    int placeOf(int column) const;
    /// False when it is there already, at the first or the last place.
    bool move(int column, int place);
    /// A column that is not a field is shown, or no more; the message always is.
    void setShown(int column, bool shown);
    Box box(int column, int viewWidth) const;
    /// Of all columns together.
    int width(int viewWidth) const;
    /// -1 where there is none.
    int columnAt(int x, int viewWidth) const;
    /// The place that a column would get when it is dropped there.
    int placeAt(int x, int viewWidth) const;
    /// The column whose right edge is near to `x`; -1 when none is. The message has no edge.
    int edgeAt(int x, int viewWidth) const;
    /// Within what can be used: at least a few characters, at most half of the view.
    void setWidth(int column, int pixels, int viewWidth);
    /// Whether it is a field, and which.
    const std::string* fieldOf(int column) const;

private:
    using Kind = ListLayout::Column::Kind;
    struct Column
    {
        Kind kind;
        std::string field;
    };
    int numberOf(const Column& column) const;
    int width(const Column& column) const;
    int messageWidth(int viewWidth) const;
    int m_charWidth = 7, m_gutter = 0;
    std::vector<std::string> m_fields;
    std::vector<Column> m_order{
        {Kind::Time, {}}, {Kind::Level, {}}, {Kind::Service, {}}, {Kind::Message, {}}};
    std::array<int, 3> m_set{}; ///< of time, severity and service; 0: not set
    std::map<std::string, int> m_setFields;
};

} // namespace faultline
