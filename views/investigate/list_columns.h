#pragma once
#include <array>
#include <map>
#include <string>
#include <vector>

namespace faultline {

/// Where the columns of the list stand, in pixels: time, severity and service, then fields that were added,
/// and at the end the message, which takes what is left. Columns have the numbers of EventListModel. GUI
/// thread.
class ListColumns
{
public:
    struct Box
    {
        int left = 0, width = 0;
    };
    /// Widths that nobody has set follow the font.
    void setCharWidth(int pixels) { m_charWidth = pixels; }
    /// A field that comes back has the width it had.
    void setFields(std::vector<std::string> fields) { m_fields = std::move(fields); }
    int count() const;
    Box box(int column, int viewWidth) const;
    /// -1 where there is none.
    int columnAt(int x, int viewWidth) const;
    /// The column whose right edge is near to `x`; -1 when none is. The last one has no edge.
    int edgeAt(int x, int viewWidth) const;
    /// Within what can be used: at least a few characters, at most half of the view.
    void setWidth(int column, int pixels, int viewWidth);
    /// Whether it is a field, which can be taken away, and which.
    const std::string* fieldOf(int column) const;

private:
    std::vector<int> inOrder() const;
    int width(int column) const;
    int m_charWidth = 7;
    std::vector<std::string> m_fields;
    std::array<int, 3> m_set{}; ///< of time, severity and service; 0: not set
    std::map<std::string, int> m_setFields;
};

} // namespace faultline
