#pragma once
#include "models/records/severity.h"

#include <QColor>
#include <QPalette>
#include <QString>

#include <array>

namespace faultline {

/// The colours of the window and of its exports: dark or light, one accent. Severity has a colour and a
/// letter, so that it is never told by colour alone. A value; any thread.
struct Theme
{
    bool dark = true;
    QColor window, base, alternate, text, dim, accent, selection, selectionText, grid, border, failure, match;
    std::array<QColor, 7> severity;   ///< by severity class, 0 none to 6 fatal
    std::array<QColor, 8> categories; ///< values of a field side by side, the most frequent first

    static Theme darkTheme();
    static Theme lightTheme();
    QPalette palette() const;
    const QColor& severityColor(Severity number) const { return severity[severityClass(number)]; }
};

/// The letter of a severity class: "-TDIWEF".
QChar severityLetter(Severity number);
/// The name of its class: "error".
QString severityWord(Severity number);

} // namespace faultline
