#include "views/sql/statement_edit.h"

#include "views/render/plain_text.h"

#include <QFontDatabase>
#include <QKeyEvent>
#include <QTextBlock>

#include <algorithm>

namespace faultline {
namespace {

/// Characters (UTF-16 units) of the first `bytes` bytes.
qsizetype charactersBefore(const QString& text, std::size_t bytes)
{
    return QString::fromUtf8(text.toUtf8().left(static_cast<qsizetype>(bytes))).size();
}

} // namespace

StatementEdit::StatementEdit(QWidget* parent) : QPlainTextEdit(parent)
{
    setObjectName(QStringLiteral("sqlStatement"));
    setAccessibleName(tr("SQL statement"));
    setPlaceholderText(tr("A statement in SQL; Examples has some to begin with"));
    setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    setTabChangesFocus(true);
    setFrameShape(QFrame::StyledPanel);
    m_keys.add({Qt::CTRL | Qt::Key_Return, Qt::CTRL | Qt::Key_Enter, Qt::Key_F5}, tr("Run"),
               [this] { Q_EMIT runRequested(); });
    m_keys.add({Qt::ALT | Qt::Key_Up}, tr("The statement before"), [this] { step(-1); });
    m_keys.add({Qt::ALT | Qt::Key_Down}, tr("The statement after"), [this] { step(1); });
    m_keys.add({Qt::Key_Escape}, tr("Stop, or back to the investigation"), [this] { Q_EMIT left(); });
    connect(document(), &QTextDocument::contentsChange, this, [this](int, int removed, int added) {
        if (removed != added) clearFault();
    });
}

void StatementEdit::setTheme(const Theme& theme)
{
    m_theme = theme;
    clearFault();
}

void StatementEdit::setPast(const QStringList& past)
{
    m_past = past.mid(std::max<qsizetype>(past.size() - kMostPast, 0));
    m_at = -1;
}

void StatementEdit::remember()
{
    m_past.removeAll(toPlainText());
    m_past.push_back(toPlainText());
    setPast(m_past);
}

void StatementEdit::step(int by)
{
    if (m_past.isEmpty()) return;
    if (m_at < 0) {
        if (by > 0) return;
        m_unfinished = toPlainText();
        m_at = m_past.size();
        // What is there ran last: the one before it is meant.
        if (m_unfinished == m_past.back()) --m_at;
    }
    m_at = std::clamp<qsizetype>(m_at + by, 0, m_past.size());
    const bool own = m_at == m_past.size();
    setPlainText(own ? m_unfinished : m_past[m_at]);
    moveCursor(QTextCursor::End);
    if (own) m_at = -1;
}

void StatementEdit::showFault(const Error::Place& place)
{
    const QString text = toPlainText();
    QTextCursor at(document());
    at.setPosition(static_cast<int>(charactersBefore(text, place.offset)));
    setTextCursor(at);
    const qsizetype end = std::min(charactersBefore(text, place.offset + place.length), text.size());
    at.setPosition(static_cast<int>(end), QTextCursor::KeepAnchor);
    QTextEdit::ExtraSelection mark;
    mark.cursor = at;
    mark.format.setUnderlineStyle(QTextCharFormat::WaveUnderline);
    mark.format.setUnderlineColor(m_theme.failure);
    mark.format.setForeground(m_theme.failure);
    setExtraSelections({mark});
}

void StatementEdit::clearFault()
{
    setExtraSelections({});
}

void StatementEdit::keyPressEvent(QKeyEvent* event)
{
    if (!m_keys.handle(*event)) QPlainTextEdit::keyPressEvent(event);
}

QString caretLines(const QString& statement, const Error::Place& place, int mostCharacters)
{
    const qsizetype at = charactersBefore(statement, place.offset);
    const qsizetype begin = at > 0 ? statement.lastIndexOf(QLatin1Char('\n'), at - 1) + 1 : 0;
    qsizetype end = statement.indexOf(QLatin1Char('\n'), at);
    if (end < 0) end = statement.size();
    const qsizetype number = statement.left(begin).count(QLatin1Char('\n')) + 1;
    // Enough before the place to know it, the rest behind.
    const qsizetype from = at - begin > mostCharacters * 2 / 3 ? at - mostCharacters / 3 : begin;
    const qsizetype to = std::min<qsizetype>(end, from + mostCharacters);
    const auto shown = [&](qsizetype first, qsizetype last) {
        return oneLine(statement.mid(first, last - first).toStdString(), 4'000);
    };
    const QString head =
        QStringLiteral("%1: %2").arg(number).arg(from > begin ? QStringLiteral("…") : QString());
    const qsizetype length =
        std::max<qsizetype>(std::min(charactersBefore(statement, place.offset + place.length), to) - at, 1);
    return head + shown(from, to) + (to < end ? QStringLiteral("…") : QString()) + QLatin1Char('\n') +
           QString(head.size() + shown(from, at).size(), QLatin1Char(' ')) +
           QString(length, QLatin1Char('^'));
}

} // namespace faultline
