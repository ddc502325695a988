#include "views/fields/keyed_list.h"

#include <QContextMenuEvent>

namespace faultline {

KeyedList::KeyedList(const QString& title, QWidget* parent) : QListView(parent), m_title(title)
{
    setAccessibleName(title);
    setUniformItemSizes(true);
    setEditTriggers(NoEditTriggers);
    setSelectionMode(SingleSelection);
    setFrameShape(NoFrame);
    setTabKeyNavigation(false);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setTextElideMode(Qt::ElideRight);
    setLayoutDirection(Qt::LeftToRight);
}

void KeyedList::setCurrentRow(int row)
{
    if (model() != nullptr && row >= 0 && row < model()->rowCount())
        setCurrentIndex(model()->index(row, modelColumn()));
}

void KeyedList::keyPressEvent(QKeyEvent* event)
{
    if (m_keys.handle(*event)) return;
    if (writes(*event))
        event->ignore();
    else
        QListView::keyPressEvent(event);
}

void KeyedList::contextMenuEvent(QContextMenuEvent* event)
{
    QModelIndex at = indexAt(event->pos());
    QPoint position = event->globalPos();
    if (event->reason() == QContextMenuEvent::Keyboard) {
        at = currentIndex();
        position = viewport()->mapToGlobal(visualRect(at).bottomLeft());
    }
    if (!at.isValid()) return;
    setCurrentIndex(at);
    Q_EMIT menuRequested(at.row(), position);
}

void KeyedList::focusInEvent(QFocusEvent* event)
{
    QListView::focusInEvent(event);
    if (!currentIndex().isValid()) setCurrentRow(0);
    Q_EMIT focused();
}

} // namespace faultline
