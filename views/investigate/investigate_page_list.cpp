// What an investigation has to do with its lists: rows, columns, copying, and the fields of the chosen event.
#include "models/tables/context_model.h"
#include "models/tables/event_list_model.h"
#include "views/context/context_pane.h"
#include "views/investigate/column_picker.h"
#include "views/investigate/detail_pane.h"
#include "views/investigate/event_copier.h"
#include "views/investigate/event_menu.h"
#include "views/investigate/investigate_page.h"
#include "views/investigate/place_keeper.h"
#include "views/investigate/result_tabs.h"
#include "views/marks/mark_keeper.h"
#include "views/render/counts.h"
#include "views/timeline/histogram_view.h"
#include "views/timeline/timeline_pane.h"

#include <algorithm>
#include <utility>

namespace faultline {

void InvestigatePage::connectList()
{
    m_list->setModel(m_model);
    connect(m_list, &EventListView::currentChanged, this, &InvestigatePage::showRow);
    connect(m_model, &QAbstractItemModel::dataChanged, this, [this] {
        // The current row was not there yet when it became current.
        if (m_waitingRow >= 0 && m_model->event(m_waitingRow) != nullptr) showRow(m_waitingRow);
    });
    // While rows move, its number is that of another one.
    connect(m_model, &EventListModel::aboutToRefresh, this,
            [this] { m_waitedOver = std::exchange(m_waitingRow, -1) >= 0; });
    connect(m_model, &EventListModel::refreshed, this, [this] {
        if (!std::exchange(m_waitedOver, false)) return;
        m_waitingRow = m_list->currentRow();
        if (m_waitingRow >= 0 && m_model->event(m_waitingRow) != nullptr) showRow(m_waitingRow);
    });
    connect(m_place, &PlaceKeeper::found, this, [this](const EventKey& key, bool there) {
        const bool aside = m_aside == key;
        m_aside.reset();
        if (!there) m_list->clearCurrent();
        if (!there && aside) Q_EMIT noticed(tr("This event is not one of those in view"));
        // Where it is not one of these, a later view may have it: then it is current again.
        if (!there && !aside && m_context->isHidden()) return clearDetail();
        m_timeline->chart()->setCursor(key.time);
        m_context->follow(key);
        if (m_detailed != key || !m_context->isHidden()) showDetail(key);
    });
    connect(m_list, &EventListView::focused, this, [this] {
        if (m_list->currentRow() < 0 && !m_place->waiting() && !m_aside)
            m_list->setCurrentRow(m_list->topRow());
    });
    connect(m_model, &EventListModel::totalChanged, this, [this](qint64 total, bool exact) {
        // Whoever has the keyboard in the list already sees where a step would begin; not while rows come
        // that belong before it.
        const bool none = m_list->currentRow() < 0 && !m_selected && !m_place->waiting() && !m_aside;
        if (exact && total > 0 && none && !m_filling && m_list->hasFocus())
            m_list->setCurrentRow(m_list->topRow());
    });
    for (EventListView* const list : {m_list, m_context->list()}) {
        connect(list, &EventListView::detailRequested, m_detail, &DetailPane::focusFields);
        connect(list, &EventListView::traceRequested, this,
                [this, list](int row) { showTraceOf(list, row); });
        connect(list, &EventListView::contextMenuRequested, this,
                [this, list](int row, int column, const QPoint& at) { showRowMenu(list, row, column, at); });
        connect(list, &EventListView::copyRequested, this,
                [this, list](EventListView::CopyForm form) { copyRows(list, form); });
        connect(list, &EventListView::columnRemoved, this, &InvestigatePage::toggleColumn);
        connect(list, &EventListView::columnsRequested, this, [this, list] {
            m_picker->open(m_layout, list->viewport()->mapToGlobal(QPoint(40, list->headerHeight())));
        });
        connect(list, &EventListView::layoutChanged, this, [this, list] { takeLayout(list); });
        connect(list, &EventListView::focused, this, [this, list] { m_active = list; });
        connect(list, &EventListView::selectionChanged, this, [this, list] {
            const auto rows = list->selected();
            if (!rows || rows->first == rows->second) return;
            const int count = rows->second - rows->first + 1, all = list->model()->rowCount();
            const QString events = eventCount(static_cast<quint64>(count));
            Q_EMIT noticed(count == EventListView::kMostSelected && count < all
                               ? tr("%1 selected, as many as can be at once").arg(events)
                               : tr("%1 selected").arg(events));
        });
    }
    connect(m_picker, &ColumnPicker::columnToggled, this, &InvestigatePage::setColumnShown);
    connect(m_picker, &ColumnPicker::failed, this, &InvestigatePage::failed);
    connect(m_copier, &EventCopier::said, this, &InvestigatePage::noticed);
    connectDetail();
    connectContext();
    connectMarks();
}

void InvestigatePage::connectDetail()
{
    connect(m_detail, &DetailPane::filterRequested, this, &InvestigatePage::addFilter);
    connect(m_detail, &DetailPane::existsRequested, this, &InvestigatePage::addExists);
    connect(m_detail, &DetailPane::columnToggled, this, &InvestigatePage::toggleColumn);
    m_keys.add({Qt::Key_V}, tr("Fields: the original line, its JSON, a value in full"),
               [this] { m_detail->nextForm(); });
    connect(m_detail, &DetailPane::groupRequested, m_timeline, &TimelinePane::setGroup);
    connect(m_detail, &DetailPane::traceRequested, this, &InvestigatePage::showTrace);
    connect(m_detail, &DetailPane::left, m_results, &ResultTabs::focusPage);
}

void InvestigatePage::showRow(int row)
{
    m_place->forget(); // a step of the user's own, also to a row that is still read
    m_aside.reset();
    const EventRow* const event = m_model->event(row);
    m_waitingRow = event == nullptr ? row : -1;
    if (event == nullptr) return clearDetail();
    m_selected = event->key;
    m_timeline->chart()->setCursor(event->key.time);
    m_context->follow(event->key);
    showDetail(event->key);
    if (const auto walk = std::exchange(m_afterRow, nullptr)) walk();
    Q_EMIT sessionChanged();
}

void InvestigatePage::clearDetail()
{
    m_detailed.reset();
    m_asker.cancel();
    m_detail->clear();
    m_timeline->chart()->setCursor(std::nullopt);
}

void InvestigatePage::showDetail(const EventKey& key)
{
    m_detailed = key;
    m_asker.detail(key, [this](const Result<EventRow>& event) {
        if (event) {
            m_detail->setEvent(*event);
            m_context->setEvent(*event);
            return;
        }
        m_detailed.reset();
        m_detail->showMessage(QString::fromStdString(event.error().line()));
    });
}

void InvestigatePage::showTraceOf(const EventListView* list, int row)
{
    const EventRow* const event = list->model()->event(row);
    if (event == nullptr) return;
    if (event->traceId.empty())
        Q_EMIT noticed(tr("This event belongs to no trace"));
    else
        showTrace(QString::fromStdString(event->traceId));
}

void InvestigatePage::copyRows(const EventListView* list, EventListView::CopyForm form)
{
    const auto chosen = list->selected();
    if (!chosen) return Q_EMIT noticed(tr("No event is chosen"));
    EventCopier::Rows rows;
    rows.selection = list == m_list ? m_model->selection() : m_context->selection();
    if (const EventRow* const first = list->model()->held(chosen->first)) rows.first = first->key;
    rows.skip = static_cast<std::uint64_t>(chosen->first);
    rows.count = static_cast<std::uint64_t>(chosen->second - chosen->first) + 1;
    m_copier->copy(rows, form, m_layout, linkToView());
}

void InvestigatePage::toggleColumn(const QString& field)
{
    const std::string name = field.toStdString();
    const auto& fields = m_model->fields();
    const bool shown = std::find(fields.begin(), fields.end(), name) != fields.end();
    setColumnShown({ListLayout::Column::Kind::Field, name, 0}, !shown);
}

void InvestigatePage::setColumnShown(const ListLayout::Column& column, bool shown)
{
    if (column.kind != ListLayout::Column::Kind::Field)
        return m_list->setColumnShown(static_cast<int>(column.kind), shown);
    auto fields = m_model->fields();
    std::erase(fields, column.field);
    if (shown && m_layout.columns.size() >= ListLayout::kMostColumns)
        return Q_EMIT noticed(tr("There are %1 columns: take one away first").arg(m_layout.columns.size()));
    if (shown) fields.push_back(column.field);
    m_detail->setColumns(fields);
    m_model->setFields(fields);
    m_context->setFields(fields);
    takeLayout(m_list);
}

void InvestigatePage::takeLayout(const EventListView* from)
{
    from->saveLayout(m_layout);
    m_layout.context = !m_context->isHidden();
    m_layout.scope = m_context->scope();
    EventListView* const other = from == m_list ? m_context->list() : m_list;
    other->setListLayout(m_layout);
    Q_EMIT listLayoutChanged();
}

void InvestigatePage::setListLayout(const ListLayout& layout)
{
    m_layout = layout;
    const std::vector<std::string> fields = layout.fields();
    m_list->setListLayout(layout);
    m_context->list()->setListLayout(layout);
    m_detail->setColumns(fields);
    if (m_model->fields() != fields) m_model->setFields(fields);
    m_context->setFields(fields);
    m_context->setScope(layout.scope);
    m_context->setVisible(layout.context);
}

void InvestigatePage::showRowMenu(EventListView* list, int row, int column, const QPoint& globalPosition)
{
    const EventRow* const event = list->model()->event(row);
    if (event == nullptr) return;
    EventMenuActions actions;
    actions.filter = [this](const QString& field, const QString& value, bool exclude) {
        addFilter(field, value, exclude);
    };
    actions.exists = [this](const QString& field, bool absent) { addExists(field, absent); };
    actions.group = [this](const QString& field) { m_timeline->setGroup(field); };
    actions.showTrace = [this](const QString& trace) { showTrace(trace); };
    actions.around = [this](TimeNs time, TimeNs half) { showAround(time, half); };
    actions.removeColumn = [this](const QString& shown) { toggleColumn(shown); };
    actions.mark = [this, key = event->key] { m_marks->toggle(key); };
    actions.copy = [this, list](EventListView::CopyForm form) { copyRows(list, form); };
    const auto rows = list->selected();
    makeEventMenu(*event, column, m_model->fields(), list->isMarked(row),
                  rows ? rows->second - rows->first + 1 : 1, actions, this)
        ->popup(globalPosition);
}

} // namespace faultline
