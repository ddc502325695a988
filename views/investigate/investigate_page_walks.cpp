// From event to event: errors, jumps of the rate, links.
#include "models/records/time_text.h"
#include "models/tables/event_list_model.h"
#include "views/investigate/event_list_view.h"
#include "views/investigate/event_walker.h"
#include "views/investigate/investigate_page.h"
#include "views/investigate/place_keeper.h"
#include "views/timeline/histogram_view.h"
#include "views/timeline/timeline_pane.h"

#include <QClipboard>
#include <QGuiApplication>

namespace faultline {

void InvestigatePage::addWalks()
{
    const auto walk = [this](bool back) { m_walker->nextError(m_model->selection(), walkStart(back), back); };
    const auto jump = [this](bool back) {
        m_walker->nextJump(m_model->selection(), m_timeline->chart()->data(), walkStart(back).time, back);
    };
    m_keys.add({Qt::Key_E}, tr("Next error"), [walk] { walk(false); });
    m_keys.add({QKeySequence(Qt::SHIFT | Qt::Key_E)}, tr("Error before"), [walk] { walk(true); });
    m_keys.add({Qt::Key_R}, tr("Next jump of the rate"), [jump] { jump(false); });
    m_keys.add({QKeySequence(Qt::SHIFT | Qt::Key_R)}, tr("Jump of the rate before"), [jump] { jump(true); });
    m_keys.add({QKeySequence(Qt::CTRL | Qt::Key_L)}, tr("Copy a link to this view"), [this] { copyLink(); });
    connect(m_walker, &EventWalker::found, this, [this](const EventKey& key) {
        m_selected = key;
        m_place->hold(key);
        m_place->restore();
        m_list->setFocus();
    });
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

EventKey InvestigatePage::walkStart(bool back) const
{
    if (m_selected && m_list->currentRow() >= 0) return *m_selected;
    const TimeRange range = shownRange();
    return {back ? range.end : range.begin, {}, 0};
}

void InvestigatePage::openLink(const ViewLink& link)
{
    InvestigationView next;
    next.query = link.query;
    next.range = link.range;
    apply(std::move(next), true);
    m_walker->find(link);
}

void InvestigatePage::copyLink()
{
    ViewLink link;
    if (m_filter) link.query = printFilter(*m_filter);
    link.range = view().range;
    link.zone = "utc";
    const auto put = [this](const QString& text) {
        QGuiApplication::clipboard()->setText(text);
        Q_EMIT noticed(tr("The link is in the clipboard"));
    };
    if (m_selected && m_list->currentRow() >= 0)
        m_walker->link(link, *m_selected, put);
    else
        put(QString::fromStdString(printLink(link)));
}

} // namespace faultline
