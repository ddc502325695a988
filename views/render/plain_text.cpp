#include "views/render/plain_text.h"

#include <QHash>
#include <QLocale>

#include <algorithm>

namespace faultline {
namespace {

bool turnsDirection(char16_t code)
{
    return (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069) || code == 0x200e ||
           code == 0x200f || code == 0x061c;
}

bool isControl(char16_t code)
{
    return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x2028 || code == 0x2029 || code == 0xfeff;
}

/// The first bytes, never half a character.
QString decoded(std::string_view bytes, std::size_t most)
{
    if (bytes.size() > most) {
        while (most > 0 && (static_cast<unsigned char>(bytes[most]) & 0xc0) == 0x80) --most;
        bytes = bytes.substr(0, most);
    }
    return QString::fromUtf8(bytes.data(), static_cast<qsizetype>(bytes.size()));
}

} // namespace

QString oneLine(std::string_view bytes, std::size_t mostBytes)
{
    QString text = decoded(bytes, mostBytes);
    for (QChar& c : text) {
        const char16_t code = c.unicode();
        if (code == u'\n' || code == u'\r' || code == u'\t')
            c = QLatin1Char(' ');
        else if (isControl(code) || turnsDirection(code))
            c = QChar(0x00b7);
    }
    return text;
}

QString severalLines(std::string_view bytes, std::size_t mostBytes)
{
    const QString text = decoded(bytes, mostBytes);
    QString shown;
    shown.reserve(text.size());
    for (const QChar c : text) {
        const char16_t code = c.unicode();
        if (code == u'\n' || code == u'\t')
            shown += c;
        else if (code < 0x20)
            shown += QChar(0x2400 + code);
        else if (code == 0x7f)
            shown += QChar(0x2421);
        else if (isControl(code) || turnsDirection(code))
            shown += QStringLiteral("‹U+%1›").arg(code, 4, 16, QLatin1Char('0')).toUpper();
        else
            shown += c;
    }
    return shown;
}

QString elidedMiddle(const QString& text, qsizetype mostCharacters)
{
    if (text.size() <= mostCharacters) return text;
    qsizetype head = std::max<qsizetype>(mostCharacters - 1, 0) * 2 / 3, tail = mostCharacters - 1 - head;
    // Never half of a surrogate pair.
    if (head > 0 && text[head - 1].isHighSurrogate()) --head;
    if (tail > 0 && text[text.size() - tail].isLowSurrogate()) --tail;
    return text.left(head) + QChar(0x2026) + text.right(std::max<qsizetype>(tail, 0));
}

QStringList withoutShared(const QStringList& names)
{
    const auto separates = [](QChar c) { return QStringView(u"-./_").contains(c); };
    // With its separator: "ts-" and "-service" of ts-order-service; empty where there is none.
    const auto head = [&](const QString& name) {
        const auto at = std::find_if(name.begin(), name.end(), separates);
        return at == name.end() ? QString() : name.left(at - name.begin() + 1);
    };
    const auto tail = [&](const QString& name) {
        const auto at = std::find_if(name.rbegin(), name.rend(), separates);
        return at == name.rend() ? QString() : name.right(at - name.rbegin() + 1);
    };
    const auto shared = [&](const auto& part) {
        QHash<QString, qsizetype> counts;
        for (const QString& name : names) ++counts[part(name)];
        QString most;
        for (auto each = counts.cbegin(); each != counts.cend(); ++each)
            if (!each.key().isEmpty() && each.value() >= 2 && 3 * each.value() >= 2 * names.size())
                most = each.key();
        return most;
    };
    const QString before = shared(head), behind = shared(tail);
    QStringList shorter;
    for (const QString& name : names) {
        const bool begins = !before.isEmpty() && name.startsWith(before);
        const bool ends = !behind.isEmpty() && name.endsWith(behind);
        const qsizetype from = begins ? before.size() : 0,
                        size = name.size() - from - (ends ? behind.size() : 0);
        if ((!begins && !ends) || size <= 0) {
            shorter.push_back(name);
            continue;
        }
        shorter.push_back((begins ? QStringLiteral("\u2026") : QString()) + name.mid(from, size) +
                          (ends ? QStringLiteral("\u2026") : QString()));
    }
    return shorter;
}

QString menuText(QString text)
{
    return text.replace(QLatin1Char('&'), QStringLiteral("&&"));
}

QString compactNumber(quint64 number)
{
    if (number < 10'000) return QLocale().toString(static_cast<qulonglong>(number));
    static constexpr char kUnits[] = "kMGTPE";
    double value = static_cast<double>(number) / 1'000;
    std::size_t unit = 0;
    // 999,999 is 1.00M, not 1000k.
    while (value >= 999.5 && unit + 1 < sizeof kUnits - 1) {
        value /= 1'000;
        ++unit;
    }
    const int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
    return QLocale().toString(value, 'f', decimals) + QLatin1Char(kUnits[unit]);
}

} // namespace faultline
