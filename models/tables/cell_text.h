#pragma once
#include <QString>

#include <string_view>

namespace faultline {

/// Texts that item models give to views. Any thread.

/// At most `most` bytes of a text, never half a character; an ellipsis where it was cut. A view measures all
/// of what a cell gives it.
QString cellText(std::string_view bytes, std::size_t most = 1'000);
/// A tool tip that shows the text as it is: Qt takes what looks like HTML for HTML.
QString plainToolTip(const QString& text);
/// 12,345,678
QString groupedNumber(quint64 number);
/// 42 %, 0.3 %, < 0.1 %, > 99.9 %; never 0 % of some nor 100 % of less than all. `whole` 0: nothing.
QString percentText(quint64 part, quint64 whole);
/// A measured number: up to 5 digits that count, 1,234.5 or 1.2e+09.
QString measureText(double number);

} // namespace faultline
