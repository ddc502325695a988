// A store that grows while it is looked at: what came is said, and the view can be held.
#include "models/tables/event_list_model.h"
#include "views/investigate/event_list_view.h"
#include "views/investigate/investigate_page.h"
#include "views/investigate/live_pill.h"
#include "views/investigate/place_keeper.h"

#include <QScrollBar>

#include <utility>

namespace faultline {

void InvestigatePage::addLive()
{
    m_pill = new LivePill(m_list);
    m_keys.add({Qt::Key_P, Qt::Key_Pause}, tr("Hold the view, or go on with what has come"),
               [this] { setPaused(!m_paused); });
    connect(m_pill, &QToolButton::clicked, this, [this] {
        if (m_paused) return setPaused(false);
        m_list->setFocus();
        m_list->setCurrentRow(m_model->rowCount() - 1);
        seeArrivals();
    });
    // Who scrolls to the end sees what has come.
    connect(m_list->verticalScrollBar(), &QScrollBar::actionTriggered, this,
            [this] { seeArrivalsAtTheEnd(); });
    connect(m_list, &EventListView::currentChanged, this, [this] { seeArrivalsAtTheEnd(); });
}

void InvestigatePage::beginFilling()
{
    m_filling = true;
    m_filledBy.reset();
}

void InvestigatePage::endFilling(std::uint64_t look)
{
    m_filledBy = look;
    settleFilling();
}

void InvestigatePage::settleFilling()
{
    if (!m_filling || !m_filledBy) return;
    // The last rows of a read are on disk before they are counted here.
    const StoreSummary& last = m_held ? *m_held : m_summary;
    const bool counted = m_held ? !m_arrivalsTicket.pending() : m_listed && !m_place->staying();
    if (last.look < *m_filledBy || !counted) return;
    m_filling = false;
    if (!m_held) return seeArrivals();
    m_arrivals.known();
    sayArrivals();
}

void InvestigatePage::setPaused(bool paused)
{
    if (m_paused == paused) return;
    m_paused = paused;
    m_arrivalsTicket.cancel();
    sayArrivals();
    if (paused) {
        m_stopped = m_place->stop();
        if (m_stopped) countArrivals();
        return;
    }
    const bool stopped = std::exchange(m_stopped, false);
    if (const auto held = std::exchange(m_held, std::nullopt)) setSummary(*held);
    if (stopped && !m_place->staying()) m_place->stay(view().range);
}

bool InvestigatePage::hold(const StoreSummary& summary)
{
    if (!m_paused || m_summary.generation == 0) return false;
    const bool moved = summary.generation != (m_held ? *m_held : m_summary).generation;
    m_held = summary;
    // The count alone goes on: nothing that comes is lost, it is only not shown.
    if (moved) countArrivals();
    settleFilling();
    return true;
}

void InvestigatePage::takeTotal(qint64 events)
{
    m_arrivals.shown(events, m_model->selection().range.begin);
    // While files are read, nothing is new.
    if (m_filling) m_arrivals.known();
    if (m_arrivals.moved() || m_held) countArrivals();
    sayArrivals();
}

void InvestigatePage::countArrivals()
{
    if (!m_arrivals.since()) return; // the first answer asks again
    m_arrivalsAgain = m_arrivalsTicket.pending();
    if (m_arrivalsAgain) return;
    CountQuestion question;
    question.selection = m_model->selection();
    const TimeNs since = *m_arrivals.since();
    TimeRange& range = question.selection.range;
    // The range that is held has ended; what comes is new in the one that it will be.
    if (m_paused && !view().relative.empty()) range.end = std::max(range.end, m_clock->now());
    range.begin = since;
    m_arrivalsTicket = m_queries->ask(
        {question}, [this, since](const Result<std::vector<Answer>>& answers, const ScanProgress&) {
            // Who has looked at the view meanwhile has another begin.
            if (answers && m_arrivals.since() == since)
                m_arrivals.total(static_cast<qint64>(std::get<CountAnswer>(answers->front()).count));
            if (m_filling) m_arrivals.known();
            sayArrivals();
            if (std::exchange(m_arrivalsAgain, false)) return countArrivals();
            settleFilling();
        });
}

void InvestigatePage::seeArrivals()
{
    m_arrivals.seen();
    sayArrivals();
}

void InvestigatePage::seeArrivalsAtTheEnd()
{
    const int last = m_model->rowCount() - 1;
    const auto* const bar = m_list->verticalScrollBar();
    if (!m_paused && (m_list->currentRow() == last || bar->sliderPosition() == bar->maximum())) seeArrivals();
}

void InvestigatePage::sayArrivals()
{
    m_pill->show(m_arrivals.fresh(), m_paused);
}

} // namespace faultline
