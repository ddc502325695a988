#include "views/render/wrapped_text.h"

#include "views/render/plain_text.h"

#include <algorithm>

namespace faultline {
namespace {

/// So far before the edge a space is looked for, to keep words whole.
constexpr qsizetype kSpaceWithin = 24;

int cellsOf(char32_t code)
{
    if (code < 0x300) return 1;
    switch (QChar::category(code)) {
    case QChar::Mark_NonSpacing:
    case QChar::Mark_Enclosing: return 0;
    default: break;
    }
    const bool wide = (code >= 0x1100 && code <= 0x115f) || (code >= 0x2e80 && code <= 0xa4cf) ||
                      (code >= 0xac00 && code <= 0xd7a3) || (code >= 0xf900 && code <= 0xfaff) ||
                      (code >= 0xfe30 && code <= 0xfe6f) || (code >= 0xff00 && code <= 0xff60) ||
                      (code >= 0x1f300 && code <= 0x1faff) || (code >= 0x20000 && code <= 0x3fffd);
    return wide ? 2 : 1;
}

/// Where the line that begins at `from` ends, at most at `end`.
qsizetype lineEnd(const QString& text, qsizetype from, qsizetype end, int cells)
{
    qsizetype at = from;
    int used = 0;
    while (at < end) {
        char32_t code = text[at].unicode();
        qsizetype length = 1;
        if (text[at].isHighSurrogate() && at + 1 < end && text[at + 1].isLowSurrogate()) {
            code = QChar::surrogateToUcs4(text[at], text[at + 1]);
            length = 2;
        }
        const int wide = cellsOf(code);
        if (used + wide > cells && at > from) break;
        used += wide;
        at += length;
    }
    if (at >= end) return end;
    for (qsizetype space = at; space > from + cells / 2 && space > at - kSpaceWithin; --space)
        if (text[space - 1] == QLatin1Char(' ')) return space;
    return at;
}

} // namespace

WrappedText wrapText(std::string_view bytes, int cells, int most)
{
    WrappedText wrapped;
    cells = std::max(cells, 8);
    most = std::max(most, 1);
    // An end of line at the end begins no further one.
    while (!bytes.empty() && (bytes.back() == '\n' || bytes.back() == '\r')) bytes.remove_suffix(1);
    QString text = severalLines(bytes, kMostWrapped);
    text.remove(QChar(0x240d)); // of CR LF
    text.replace(QLatin1Char('\t'), QStringLiteral("    "));
    wrapped.moreOrOver = bytes.size() > kMostWrapped;
    qsizetype from = 0;
    for (;;) {
        const qsizetype newLine = text.indexOf(QLatin1Char('\n'), from);
        const qsizetype end = newLine < 0 ? text.size() : newLine;
        do {
            const qsizetype next = lineEnd(text, from, end, cells);
            if (wrapped.lines.size() < most)
                wrapped.lines.push_back(text.mid(from, next - from));
            else
                ++wrapped.more;
            from = next;
        } while (from < end);
        if (newLine < 0) break;
        from = newLine + 1;
    }
    if ((wrapped.more > 0 || wrapped.moreOrOver) && wrapped.lines.size() == most && most > 1) {
        wrapped.lines.removeLast();
        ++wrapped.more;
    }
    return wrapped;
}

} // namespace faultline
