#include "views/search/query_edit.h"

#include "models/query/filter_spans.h"

#include <QCoreApplication>
#include <QInputMethodEvent>
#include <QTextCharFormat>

namespace faultline {

QueryEdit::QueryEdit(QWidget* parent) : QLineEdit(parent)
{
    connect(this, &QLineEdit::textChanged, this, &QueryEdit::colour);
}

void QueryEdit::setTheme(const Theme& theme)
{
    m_theme = theme;
    colour();
}

std::size_t QueryEdit::cursorByte() const
{
    return static_cast<std::size_t>(text().left(cursorPosition()).toUtf8().size());
}

void QueryEdit::setCursorByte(std::size_t byte)
{
    const QByteArray bytes = text().toUtf8();
    setCursorPosition(static_cast<int>(QString::fromUtf8(bytes.left(static_cast<qsizetype>(byte))).size()));
}

void QueryEdit::colour()
{
    if (m_colouring) return;
    using Kind = FilterSpan::Kind;
    const QByteArray bytes = text().toUtf8();
    QList<QInputMethodEvent::Attribute> attributes;
    qsizetype byte = 0, character = 0;
    const auto characterAt = [&](std::size_t wanted) {
        const auto to = static_cast<qsizetype>(wanted);
        character += QString::fromUtf8(bytes.mid(byte, to - byte)).size();
        byte = to;
        return character;
    };
    for (const FilterSpan& span : filterSpans({bytes.constData(), static_cast<std::size_t>(bytes.size())})) {
        const qsizetype begin = characterAt(span.begin), end = characterAt(span.end);
        QTextCharFormat format;
        switch (span.kind) {
        case Kind::Field: format.setForeground(m_theme.accent); break;
        case Kind::Operator:
        case Kind::Bracket: format.setForeground(m_theme.dim); break;
        case Kind::Keyword:
            format.setForeground(m_theme.severity[6]);
            format.setFontWeight(QFont::Bold);
            break;
        case Kind::Value:
        case Kind::Phrase: format.setForeground(m_theme.severity[3]); break;
        case Kind::Word: continue;
        }
        attributes.append({QInputMethodEvent::TextFormat, static_cast<int>(begin) - cursorPosition(),
                           static_cast<int>(end - begin), format});
    }
    m_colouring = true; // the event may come back as a change of the text
    QInputMethodEvent event(QString(), attributes);
    QCoreApplication::sendEvent(this, &event);
    m_colouring = false;
}

} // namespace faultline
