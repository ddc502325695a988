#include "models/tables/cell_text.h"

#include <QLocale>

#include <algorithm>
#include <cmath>

namespace faultline {

QString cellText(std::string_view bytes, std::size_t most)
{
    if (bytes.size() <= most) return QString::fromUtf8(bytes.data(), static_cast<qsizetype>(bytes.size()));
    while (most > 0 && (static_cast<unsigned char>(bytes[most]) & 0xc0) == 0x80) --most;
    return QString::fromUtf8(bytes.data(), static_cast<qsizetype>(most)) + QChar(0x2026);
}

QString plainToolTip(const QString& text)
{
    return QStringLiteral("<p style=\"white-space:pre-wrap\">") + text.toHtmlEscaped() +
           QStringLiteral("</p>");
}

QString groupedNumber(quint64 number)
{
    return QLocale().toString(static_cast<qulonglong>(number));
}

QString percentText(quint64 part, quint64 whole)
{
    if (whole == 0) return {};
    if (part == 0) return QStringLiteral("0 %");
    if (part >= whole) return QStringLiteral("100 %");
    const double percent = 100.0 * static_cast<double>(part) / static_cast<double>(whole);
    const QLocale locale;
    if (percent < 0.1) return QStringLiteral("< %1 %").arg(locale.toString(0.1, 'f', 1));
    if (percent > 99.9) return QStringLiteral("> %1 %").arg(locale.toString(99.9, 'f', 1));
    const bool fine = percent < 9.95 || percent > 99;
    return QStringLiteral("%1 %").arg(locale.toString(percent, 'f', fine ? 1 : 0));
}

QString measureText(double number)
{
    const QLocale locale;
    const double size = std::abs(number);
    if (size == 0) return QStringLiteral("0");
    if (size >= 1e9 || size < 1e-3) return locale.toString(number, 'g', 4);
    const int before = static_cast<int>(std::floor(std::log10(size))) + 1;
    QString text = locale.toString(number, 'f', std::clamp(5 - std::max(before, 1), 0, 4));
    const QString point = locale.decimalPoint();
    if (text.contains(point)) {
        while (text.endsWith(QLatin1Char('0'))) text.chop(1);
        if (text.endsWith(point)) text.chop(point.size());
    }
    return text;
}

} // namespace faultline
