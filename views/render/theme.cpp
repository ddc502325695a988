#include "views/render/theme.h"

namespace faultline {

Theme Theme::darkTheme()
{
    Theme theme;
    theme.dark = true;
    theme.window = QColor(0x1b, 0x1e, 0x24);
    theme.base = QColor(0x14, 0x16, 0x1b);
    theme.alternate = QColor(0x19, 0x1c, 0x22);
    theme.text = QColor(0xdd, 0xe1, 0xe8);
    theme.dim = QColor(0x93, 0x9b, 0xa8);
    theme.accent = QColor(0x5a, 0xa9, 0xff);
    theme.selection = QColor(0x2a, 0x4a, 0x70);
    theme.selectionText = QColor(0xff, 0xff, 0xff);
    theme.grid = QColor(0x2c, 0x31, 0x3a);
    theme.border = QColor(0x3a, 0x40, 0x4b);
    theme.failure = QColor(0xff, 0x7b, 0x72);
    theme.match = QColor(0x6b, 0x5a, 0x1a);
    theme.severity = {QColor(0x6b, 0x73, 0x80), QColor(0x7d, 0x86, 0x94), QColor(0x8f, 0xa3, 0xbf),
                      QColor(0x4f, 0xa8, 0x8b), QColor(0xe3, 0xb3, 0x41), QColor(0xf0, 0x6a, 0x5f),
                      QColor(0xd9, 0x7c, 0xf0)};
    theme.categories = {QColor(0x5a, 0xa9, 0xff), QColor(0xe8, 0xa8, 0x4c), QColor(0x5c, 0xc2, 0x9a),
                        QColor(0xd8, 0x86, 0xd8), QColor(0xe0, 0x7a, 0x70), QColor(0x6f, 0xc8, 0xd8),
                        QColor(0xc2, 0xc4, 0x5a), QColor(0xa0, 0x98, 0xe8)};
    return theme;
}

Theme Theme::lightTheme()
{
    Theme theme;
    theme.dark = false;
    theme.window = QColor(0xf3, 0xf4, 0xf6);
    theme.base = QColor(0xff, 0xff, 0xff);
    theme.alternate = QColor(0xf8, 0xf9, 0xfb);
    theme.text = QColor(0x1c, 0x20, 0x28);
    theme.dim = QColor(0x5a, 0x63, 0x70);
    theme.accent = QColor(0x0b, 0x62, 0xc4);
    theme.selection = QColor(0xcf, 0xe3, 0xfb);
    theme.selectionText = QColor(0x10, 0x18, 0x24);
    theme.grid = QColor(0xe2, 0xe5, 0xea);
    theme.border = QColor(0xc5, 0xca, 0xd3);
    theme.failure = QColor(0xb4, 0x23, 0x18);
    theme.match = QColor(0xff, 0xec, 0xa8);
    theme.severity = {QColor(0x7a, 0x82, 0x8e), QColor(0x6a, 0x73, 0x80), QColor(0x55, 0x6b, 0x8c),
                      QColor(0x1d, 0x7a, 0x5f), QColor(0x9a, 0x67, 0x00), QColor(0xc2, 0x2f, 0x26),
                      QColor(0x8a, 0x2b, 0xa8)};
    theme.categories = {QColor(0x0b, 0x62, 0xc4), QColor(0xb0, 0x68, 0x00), QColor(0x1d, 0x7a, 0x5f),
                        QColor(0x96, 0x3a, 0x9e), QColor(0xb8, 0x3a, 0x30), QColor(0x0f, 0x74, 0x86),
                        QColor(0x6e, 0x70, 0x10), QColor(0x55, 0x48, 0xb8)};
    return theme;
}

QPalette Theme::palette() const
{
    QPalette result;
    result.setColor(QPalette::Window, window);
    result.setColor(QPalette::WindowText, text);
    result.setColor(QPalette::Base, base);
    result.setColor(QPalette::AlternateBase, alternate);
    result.setColor(QPalette::Text, text);
    result.setColor(QPalette::Button, window);
    result.setColor(QPalette::ButtonText, text);
    result.setColor(QPalette::BrightText, failure);
    result.setColor(QPalette::ToolTipBase, alternate);
    result.setColor(QPalette::ToolTipText, text);
    result.setColor(QPalette::PlaceholderText, dim);
    result.setColor(QPalette::Highlight, selection);
    result.setColor(QPalette::HighlightedText, selectionText);
    result.setColor(QPalette::Link, accent);
    result.setColor(QPalette::LinkVisited, accent);
    result.setColor(QPalette::Mid, border);
    result.setColor(QPalette::Dark, border);
    result.setColor(QPalette::Light, dark ? grid : base);
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
        result.setColor(QPalette::Disabled, role, dim);
    return result;
}

QChar severityLetter(Severity number)
{
    return QLatin1Char("-TDIWEF"[severityClass(number)]);
}

QString severityWord(Severity number)
{
    const std::string_view name = severityName(number);
    return QLatin1String(name.data(), static_cast<qsizetype>(name.size()));
}

} // namespace faultline
