// What the mouse does in the list of events: rows, and the columns of the header.
#include "models/tables/event_rows.h"
#include "views/investigate/event_list_view.h"

#include <QApplication>
#include <QContextMenuEvent>
#include <QMenu>
#include <QMouseEvent>
#include <QScrollBar>

namespace faultline {

int EventListView::edgeAt(const QPoint& at) const
{
    return at.y() < m_headerHeight
               ? m_columns.edgeAt(at.x() + horizontalScrollBar()->value(), viewport()->width())
               : -1;
}

int EventListView::columnAt(int x) const
{
    return m_columns.columnAt(x + horizontalScrollBar()->value(), viewport()->width());
}

void EventListView::mousePressEvent(QMouseEvent* event)
{
    const QPoint at = event->position().toPoint();
    const bool left = event->button() == Qt::LeftButton;
    m_resizing = left ? edgeAt(at) : -1;
    m_pressed = -1;
    if (m_resizing >= 0) return;
    const int column = columnAt(at.x());
    if (at.y() < m_headerHeight) {
        if (column >= 0) setCurrentColumn(column);
        m_pressed = left ? column : -1;
        m_pressedAt = at;
        return;
    }
    const int row = rowAt(at.y());
    if (row < 0) return;
    if (column >= 0) m_column = column;
    const bool extend = left && event->modifiers().testFlag(Qt::ShiftModifier);
    // A right click on one of several rows is about all of them.
    if (!left && m_from >= 0 && isSelected(row)) return;
    goTo(row, extend);
}

void EventListView::mouseMoveEvent(QMouseEvent* event)
{
    const QPoint at = event->position().toPoint();
    if (m_resizing >= 0) {
        m_columns.setWidth(m_resizing, at.x() - box(m_resizing).left, viewport()->width());
        takeLayout();
        return;
    }
    if (m_pressed >= 0 && event->buttons().testFlag(Qt::LeftButton)) {
        const bool dragging =
            m_drop >= 0 || (at - m_pressedAt).manhattanLength() >= QApplication::startDragDistance();
        if (!dragging) return;
        m_drop = m_columns.placeAt(at.x() + horizontalScrollBar()->value(), viewport()->width());
        viewport()->setCursor(Qt::ClosedHandCursor);
        viewport()->update();
        return;
    }
    viewport()->setCursor(edgeAt(at) >= 0 ? Qt::SplitHCursor : Qt::ArrowCursor);
}

void EventListView::mouseReleaseEvent(QMouseEvent*)
{
    const int column = m_pressed, drop = m_drop;
    m_resizing = m_pressed = m_drop = -1;
    viewport()->setCursor(Qt::ArrowCursor);
    viewport()->update();
    if (column < 0 || drop < 0) return;
    // Taken out first, so that places behind it come one nearer.
    const int from = m_columns.placeOf(column);
    moveColumn(column, drop > from ? drop - 1 : drop);
}

void EventListView::mouseDoubleClickEvent(QMouseEvent* event)
{
    if (const int column = edgeAt(event->position().toPoint()); column >= 0) fitColumn(column);
}

void EventListView::showHeaderMenu(int column, const QPoint& globalPosition)
{
    auto* const menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->setObjectName(QStringLiteral("headerMenu"));
    if (column >= 0 && column != EventRows::MessageColumn) {
        menu->addAction(tr("Width to contents"), this, [this, column] { fitColumn(column); });
        if (const std::string* const field = m_columns.fieldOf(column))
            menu->addAction(tr("Remove column"), this,
                            [this, name = QString::fromStdString(*field)] { Q_EMIT columnRemoved(name); });
        else
            menu->addAction(tr("Remove column"), this, [this, column] { setColumnShown(column, false); });
    }
    const int place = m_columns.placeOf(column);
    if (place > 0)
        menu->addAction(tr("Move to the left"), this,
                        [this, column, place] { moveColumn(column, place - 1); });
    if (place >= 0 && place + 1 < static_cast<int>(m_columns.inOrder().size()))
        menu->addAction(tr("Move to the right"), this,
                        [this, column, place] { moveColumn(column, place + 1); });
    menu->addSeparator();
    menu->addAction(tr("Choose columns…"), this, [this] { Q_EMIT columnsRequested(); });
    QAction* const wrapping = menu->addAction(tr("Several lines a row"), this, [this] {
        setWrap(!m_wrap);
        Q_EMIT layoutChanged();
    });
    wrapping->setCheckable(true);
    wrapping->setChecked(m_wrap);
    menu->popup(globalPosition);
}

void EventListView::contextMenuEvent(QContextMenuEvent* event)
{
    const bool keyboard = event->reason() == QContextMenuEvent::Keyboard;
    const int column = keyboard ? m_column : columnAt(event->pos().x());
    if (!keyboard && event->pos().y() < m_headerHeight) return showHeaderMenu(column, event->globalPos());
    const int row = keyboard ? m_current : rowAt(event->pos().y());
    if (row < 0) return;
    if (m_from < 0 || !isSelected(row)) setCurrentRow(row);
    const QPoint at = keyboard
                          ? viewport()->mapToGlobal(rowRect(row).bottomLeft() + QPoint(box(column).left, 0))
                          : event->globalPos();
    Q_EMIT contextMenuRequested(row, column, at);
}

} // namespace faultline
