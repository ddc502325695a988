#include "views/parts/eliding_label.h"

#include <QHelpEvent>
#include <QPainter>
#include <QStyle>
#include <QTextDocument>
#include <QToolTip>

#include <algorithm>

namespace faultline {

ElidingLabel::ElidingLabel(int least, QWidget* parent) : QLabel(parent), m_least(least)
{
    setTextFormat(Qt::PlainText);
}

QSize ElidingLabel::minimumSizeHint() const
{
    const QSize whole = QLabel::sizeHint();
    const QMargins margins = contentsMargins();
    const int least =
        m_least * fontMetrics().averageCharWidth() + margins.left() + margins.right() + 2 * margin();
    return {std::min(whole.width(), least), QLabel::minimumSizeHint().height()};
}

QRect ElidingLabel::place() const
{
    return contentsRect().adjusted(margin(), margin(), -margin(), -margin());
}

bool ElidingLabel::fits() const
{
    return fontMetrics().horizontalAdvance(text()) <= place().width();
}

void ElidingLabel::paintEvent(QPaintEvent* event)
{
    if (fits()) return QLabel::paintEvent(event);
    QPainter painter(this);
    const QString shown = fontMetrics().elidedText(text(), Qt::ElideRight, place().width());
    style()->drawItemText(&painter, place(), static_cast<int>(alignment()), palette(), isEnabled(), shown,
                          foregroundRole());
}

bool ElidingLabel::event(QEvent* event)
{
    if (event->type() == QEvent::ToolTip && toolTip().isEmpty()) {
        const auto* const help = static_cast<QHelpEvent*>(event);
        // As it is, never as markup.
        QToolTip::showText(help->globalPos(),
                           fits() ? QString() : Qt::convertFromPlainText(text(), Qt::WhiteSpaceNormal), this);
        return true;
    }
    return QLabel::event(event);
}

} // namespace faultline
