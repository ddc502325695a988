#include "views/investigate/place_keeper.h"

#include "models/tables/event_list_model.h"
#include "views/investigate/event_list_view.h"

#include <algorithm>

namespace faultline {

PlaceKeeper::PlaceKeeper(EventListModel* model, EventListView* list, QObject* parent)
    : QObject(parent), m_model(model), m_list(list)
{
    connect(model, &EventListModel::located, this, [this](const EventKey& key, qint64 row, bool there) {
        if (!m_anchor || m_anchor->key != key) return;
        m_anchor->foundRow = row;
        m_anchor->there = there;
        settle();
    });
    connect(model, &EventListModel::totalChanged, this, &PlaceKeeper::settle);
}

void PlaceKeeper::hold(const EventKey& key)
{
    const int current = m_list->currentRow(), top = m_list->topRow();
    const bool inSight = current >= top && current < top + m_list->visibleRows();
    Anchor anchor;
    anchor.key = key;
    anchor.below = inSight ? current - top : m_list->visibleRows() / 2;
    m_anchor = anchor;
}

void PlaceKeeper::restore()
{
    if (m_anchor) m_model->locate(m_anchor->key);
}

void PlaceKeeper::stay()
{
    if (m_anchor && !m_anchor->sameView) return restore(); // still on the way to another place
    const int current = m_list->currentRow(), top = m_list->topRow();
    const bool inSight = current >= top && current < top + m_list->visibleRows();
    Anchor anchor;
    anchor.row = inSight ? current : top;
    anchor.sameView = true;
    m_anchor.reset();
    const EventRow* const event = m_model->event(anchor.row);
    if (event == nullptr) return;
    anchor.key = event->key;
    m_anchor = anchor;
    restore();
}

void PlaceKeeper::forget()
{
    m_anchor.reset();
    m_model->forgetLocate();
}

void PlaceKeeper::settle()
{
    if (!m_anchor || !m_anchor->foundRow) return;
    const qint64 rows = m_model->rowCount();
    if (*m_anchor->foundRow >= rows && m_model->counting()) return; // its row is yet to come
    const auto row =
        static_cast<int>(std::clamp<qint64>(*m_anchor->foundRow, 0, std::max<qint64>(rows - 1, 0)));
    const Anchor anchor = *m_anchor;
    m_anchor.reset();
    if (anchor.sameView) {
        if (anchor.there && row != anchor.row) m_list->shift(row - anchor.row);
        return;
    }
    m_list->place(row, anchor.below, anchor.there);
    Q_EMIT found(anchor.key, anchor.there);
}

} // namespace faultline
