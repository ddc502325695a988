// From event to event: errors, jumps of the rate, links.
#include "models/records/time_text.h"
#include "models/tables/event_list_model.h"
#include "views/context/context_pane.h"
#include "views/investigate/event_list_view.h"
#include "views/investigate/event_walker.h"
#include "views/investigate/investigate_page.h"
#include "views/investigate/place_keeper.h"
#include "views/investigate/result_tabs.h"
#include "views/timeline/histogram_view.h"
#include "views/timeline/timeline_pane.h"

#include <QClipboard>
#include <QGuiApplication>

namespace faultline {

void InvestigatePage::addWalks()
{
    const auto walk = [this](bool back) {
        whenRowIsRead([this, back] { m_walker->nextError(m_model->selection(), walkStart(back), back); });
    };
    const auto jump = [this](bool back) {
        whenRowIsRead([this, back] {
            m_walker->nextJump(m_model->selection(), m_timeline->chart()->data(), walkStart(back).time, back);
        });
    };
    m_keys.add({Qt::Key_E}, tr("Next error"), [walk] { walk(false); });
    m_keys.add({QKeySequence(Qt::SHIFT | Qt::Key_E)}, tr("Error before"), [walk] { walk(true); });
    m_keys.add({Qt::Key_R}, tr("Next jump of the rate"), [jump] { jump(false); });
    m_keys.add({QKeySequence(Qt::SHIFT | Qt::Key_R)}, tr("Jump of the rate before"), [jump] { jump(true); });
    m_keys.add({QKeySequence(Qt::CTRL | Qt::Key_L)}, tr("Copy a link to this view"), [this] { copyLink(); });
    m_keys.add({Qt::Key_N}, tr("Next match"), [this] { nextMatch(false); });
    m_keys.add({QKeySequence(Qt::SHIFT | Qt::Key_N)}, tr("Match before"), [this] { nextMatch(true); });
    connect(m_walker, &EventWalker::found, this, &InvestigatePage::goToEvent);
    connect(m_walker, &EventWalker::notFound, this, &InvestigatePage::noticed);
}

void InvestigatePage::addRangeOffers()
{
    m_timeline->offerForRange({tr("&Zoom to it"), QStringLiteral("zoomToRange"),
                               [this](const TimeRange& range) { setRange(range); }});
    m_timeline->offerForRange({tr("&Search only here"), QStringLiteral("searchRange"),
                               [this](const TimeRange& range) { addRangeChip(range); }});
}

void InvestigatePage::addRangeChip(const TimeRange& range)
{
    Filter within;
    within.kind = Filter::Kind::Range;
    within.field = "timestamp";
    within.low = formatRfc3339(range.begin);
    within.high = formatRfc3339(range.end);
    within.highExclusive = true;
    InvestigationView next = view();
    next.addChip({printFilter(within)});
    apply(std::move(next), true);
}

void InvestigatePage::whenRowIsRead(std::function<void()> walk)
{
    if (m_waitingRow < 0)
        walk();
    else
        m_afterRow = std::move(walk);
}

EventKey InvestigatePage::walkStart(bool back) const
{
    if (const auto key = currentKey()) return *key;
    const TimeRange range = shownRange();
    return {back ? range.end : range.begin, {}, 0};
}

void InvestigatePage::nextMatch(bool back)
{
    m_results->show(ResultTabs::Place::Events);
    // In the list itself it is the row beside.
    if (m_active == m_list && m_list->currentRow() >= 0 && !m_place->waiting()) {
        const int row = m_list->currentRow() + (back ? -1 : 1);
        if (row >= 0 && row < m_model->rowCount()) return m_list->setCurrentRow(row);
    }
    m_walker->nextMatch(m_model->selection(), walkStart(back), back);
}

void InvestigatePage::goToEvent(const EventKey& key)
{
    m_selected = key;
    m_afterRow = nullptr;
    m_waitingRow = -1; // what was on its way comes too late
    m_place->hold(key);
    m_place->restore();
    m_context->follow(key);
    m_results->show(ResultTabs::Place::Events);
    if (!m_context->isAncestorOf(focusWidget())) m_list->setFocus();
}

void InvestigatePage::openLink(const ViewLink& link)
{
    InvestigationView next;
    next.query = link.query;
    next.range = link.range;
    if (!link.zone.empty()) Q_EMIT zoneChosen(DisplayZone::kindOf(link.zone));
    apply(std::move(next), true);
    m_walker->find(link);
}

ViewLink InvestigatePage::linkToView() const
{
    ViewLink link;
    if (m_filter) link.query = printFilter(*m_filter);
    link.range = view().range; // of a view until now: what that was
    link.zone = m_zone.name();
    return link;
}

void InvestigatePage::copyLink()
{
    const ViewLink link = linkToView();
    const auto put = [this](const QString& text) {
        if (static_cast<std::size_t>(text.size()) > kMostLinkBytes) { // of ASCII alone
            Q_EMIT noticed(tr("This view is too long for a link: its query alone fills %1 KiB of at most 64. "
                              "Nothing was copied.")
                               .arg(text.size() / 1'024));
            return;
        }
        QGuiApplication::clipboard()->setText(text);
        Q_EMIT noticed(tr("The link is in the clipboard"));
    };
    if (m_selected && m_list->currentRow() >= 0)
        m_walker->link(link, *m_selected, put);
    else
        put(QString::fromStdString(printLink(link)));
}

} // namespace faultline
