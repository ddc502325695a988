#pragma once
#include "views/render/theme.h"

#include <QLineEdit>

namespace faultline {

/// A line for a query whose parts have colours: fields, values, operators, phrases. Formats are told to the
/// line edit the way an input method tells them, since it has no other means for colours.
class QueryEdit final : public QLineEdit
{
    Q_OBJECT
public:
    explicit QueryEdit(QWidget* parent = nullptr);
    void setTheme(const Theme& theme);
    /// The byte of the query that the cursor stands at.
    std::size_t cursorByte() const;
    void setCursorByte(std::size_t byte);

private:
    void colour();
    Theme m_theme;
    bool m_colouring = false;
};

} // namespace faultline
