// What an investigation has to do with what is around an event: the other pane, marks, going to a time.
#include "models/tables/context_model.h"
#include "models/tables/event_list_model.h"
#include "views/context/context_pane.h"
#include "views/investigate/detail_pane.h"
#include "views/investigate/event_list_view.h"
#include "views/investigate/investigate_page.h"
#include "views/investigate/place_keeper.h"
#include "views/investigate/result_tabs.h"
#include "views/investigate/search_bar.h"
#include "views/investigate/time_prompt.h"
#include "views/marks/mark_keeper.h"
#include "views/marks/mark_list.h"
#include "views/render/time_axis.h"
#include "views/timeline/histogram_view.h"
#include "views/timeline/timeline_pane.h"

#include <QScrollBar>
#include <QSplitter>

#include <algorithm>
#include <utility>

namespace faultline {

void InvestigatePage::connectContext()
{
    m_keys.add({Qt::Key_X}, tr("What is around the event: show, or hide"),
               [this] { showContext(m_context->isHidden()); });
    m_keys.add({Qt::Key_S}, tr("Around it: everything, source, service, host, trace"), [this] {
        constexpr int kScopes = static_cast<int>(ListLayout::Scope::Trace) + 1;
        m_context->setScope(
            static_cast<ListLayout::Scope>((static_cast<int>(m_context->scope()) + 1) % kScopes));
        showContext(true);
    });
    m_keys.add({Qt::Key_F6}, tr("To the next part of the window"), [this] { nextPane(false); });
    m_keys.add({QKeySequence(Qt::SHIFT | Qt::Key_F6)}, tr("To the part before"), [this] { nextPane(true); });
    m_keys.add({QKeySequence(Qt::CTRL | Qt::Key_G), Qt::Key_Colon}, tr("Go to a time"),
               [this] { askTime(); });
    connect(m_context, &ContextPane::eventChosen, this, [this](const EventKey& key) {
        m_timeline->chart()->setCursor(key.time);
        showDetail(key);
    });
    connect(m_context, &ContextPane::scopeChanged, this, [this] { takeLayout(m_list); });
    connect(m_context, &ContextPane::closeRequested, this, [this] { showContext(false); });
    connect(m_context, &ContextPane::left, m_list, [this] { m_list->setFocus(); });
    connect(m_context, &ContextPane::failed, this, &InvestigatePage::failed);
    connect(m_timePrompt, &TimePrompt::chosen, this, &InvestigatePage::goToTime);
    connect(m_timePrompt, &TimePrompt::left, m_results, &ResultTabs::focusPage);
    connect(m_model, &EventListModel::located, this, [this](const EventKey& key, qint64 row, bool) {
        if (m_sought != key) return;
        m_sought.reset();
        m_results->show(ResultTabs::Place::Events);
        const int last = m_model->rowCount() - 1;
        m_list->setCurrentRow(static_cast<int>(std::clamp<qint64>(row, 0, std::max(last, 0))), true);
        m_list->setFocus();
    });
}

void InvestigatePage::showContext(bool shown)
{
    if (!shown && m_context->isAncestorOf(focusWidget())) m_list->setFocus();
    if (!shown) m_active = m_list;
    if (shown) m_results->show(ResultTabs::Place::Events);
    m_context->setVisible(shown);
    takeLayout(m_list);
    if (!shown || m_list->currentRow() < 0) return;
    // It takes half of the room: what comes after the chosen event stays in sight as well.
    QMetaObject::invokeMethod(
        this,
        [this] {
            QScrollBar* const bar = m_list->verticalScrollBar();
            if (m_list->currentRow() >= 0) bar->setValue(m_list->currentRow() - bar->pageStep() / 2);
        },
        Qt::QueuedConnection);
}

void InvestigatePage::nextPane(bool back)
{
    // In the order in which one reads them; the lists are beside each other.
    std::vector<std::pair<QWidget*, std::function<void()>>> panes{
        {m_search, [this] { focusSearch(); }},
        {m_timeline, [this] { m_timeline->chart()->setFocus(Qt::ShortcutFocusReason); }},
        {m_fields, [this] { m_fields->focusList(); }},
        {m_list, [this] { m_list->setFocus(Qt::ShortcutFocusReason); }},
        {m_context, [this] { m_context->list()->setFocus(Qt::ShortcutFocusReason); }},
        {m_detail, [this] { m_detail->focusFields(); }}};
    m_results->eachPage([&panes](QWidget* page, const std::function<void()>& focus) {
        panes.insert(panes.end() - 1, {page, focus});
    });
    const auto count = static_cast<int>(panes.size());
    int at = 0;
    for (int i = 0; i < count; ++i) {
        const QWidget* const pane = panes[static_cast<std::size_t>(i)].first;
        if (pane->hasFocus() || pane->isAncestorOf(focusWidget())) at = i;
    }
    do at = (at + (back ? count - 1 : 1)) % count;
    while (!panes[static_cast<std::size_t>(at)].first->isVisible());
    panes[static_cast<std::size_t>(at)].second();
}

std::optional<EventKey> InvestigatePage::currentKey() const
{
    if (m_active != m_list) {
        const EventRow* const event = m_context->model()->held(m_active->currentRow());
        if (event != nullptr) return event->key;
    }
    // One that the view does not have counts while its fields are shown.
    const bool shown = m_list->currentRow() >= 0 || m_detailed == m_selected;
    return m_selected && shown ? m_selected : std::nullopt;
}

void InvestigatePage::askTime()
{
    m_timePrompt->open(
        [this](const std::string& text) {
            RangeContext context = timeContext();
            if (const auto key = currentKey()) context.day = key->time;
            return readPoint(text, context);
        },
        QRect(m_results->mapTo(this, QPoint()), m_results->size()));
}

void InvestigatePage::goToTime(TimeNs time)
{
    if (m_model->rowCount() == 0) return Q_EMIT noticed(tr("There are no events to go to"));
    const TimeRange& range = view().range;
    if (!range.unbounded() && (time < range.begin || time >= range.end))
        Q_EMIT noticed(tr("That time is outside of the range in view: this is the event nearest to it"));
    m_place->forget();
    m_sought = EventKey{time, SourceId{0}, 0};
    m_place->locate(*m_sought);
}

void InvestigatePage::connectMarks()
{
    for (EventListView* const list : {m_list, m_context->list()})
        connect(list, &EventListView::markRequested, this, [this, list](int row) {
            if (const EventRow* const event = list->model()->held(row)) m_marks->toggle(event->key);
        });
    m_keys.add({Qt::Key_BracketRight}, tr("Next mark"), [this] { nextMark(false); });
    m_keys.add({Qt::Key_BracketLeft}, tr("Mark before"), [this] { nextMark(true); });
    m_keys.add({QKeySequence(Qt::CTRL | Qt::Key_M)}, tr("List of marks"), [this] { showMarks(); });
    connect(m_marks, &MarkKeeper::said, this, &InvestigatePage::noticed);
    connect(m_marks, &MarkKeeper::changed, this, &InvestigatePage::marksChanged);
    connect(m_marks, &MarkKeeper::keysChanged, this, [this] {
        m_list->setMarked(m_marks->keys());
        m_context->list()->setMarked(m_marks->keys());
        std::vector<TimeNs> times;
        for (const EventKey& key : *m_marks->keys()) times.push_back(key.time);
        m_timeline->chart()->setMarks(std::move(times));
    });
}

void InvestigatePage::nextMark(bool back)
{
    if (const auto key = m_marks->next(walkStart(back), back)) {
        m_aside = *key;
        return goToEvent(*key);
    }
    if (m_marks->keys()->empty())
        Q_EMIT noticed(tr("No event is marked: M marks the one at hand"));
    else
        Q_EMIT noticed(back ? tr("No mark before this event") : tr("No mark after this event"));
}

void InvestigatePage::showMarks()
{
    auto* const marks = new MarkList(m_marks, m_zone, this);
    connect(marks, &MarkList::chosen, this, [this](const EventAnchor& anchor) {
        const auto key = m_marks->keyOf(anchor);
        if (!key) return Q_EMIT noticed(tr("This store does not hold the marked line"));
        m_aside = *key;
        goToEvent(*key);
    });
    marks->show();
}

void InvestigatePage::setMarks(std::vector<Mark> marks)
{
    m_marks->setMarks(std::move(marks));
}

const std::vector<Mark>& InvestigatePage::marks() const
{
    return m_marks->marks();
}

} // namespace faultline
