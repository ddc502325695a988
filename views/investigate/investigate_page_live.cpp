// A store that grows while it is looked at: what came is said, and the view can be held.
#include "models/tables/event_list_model.h"
#include "views/investigate/event_list_view.h"
#include "views/investigate/investigate_page.h"
#include "views/investigate/live_pill.h"

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

void InvestigatePage::setFilling(bool filling)
{
    m_filling = filling;
    if (!filling) seeArrivals();
}

void InvestigatePage::setPaused(bool paused)
{
    if (m_paused == paused) return;
    m_paused = paused;
    m_heldTicket.cancel();
    sayArrivals();
    if (paused) return;
    if (const auto held = std::exchange(m_held, std::nullopt)) setSummary(*held);
}

bool InvestigatePage::hold(const StoreSummary& summary)
{
    if (!m_paused || m_summary.generation == 0) return false;
    m_held = summary;
    // The count alone goes on: nothing that comes is lost, it is only not shown.
    m_heldTicket = m_queries->ask({CountQuestion{m_model->selection(), std::nullopt}},
                                  [this](const Result<std::vector<Answer>>& answers, const ScanProgress&) {
                                      if (!answers) return;
                                      const auto& count = std::get<CountAnswer>(answers->front());
                                      takeTotal(static_cast<qint64>(count.count));
                                  });
    return true;
}

void InvestigatePage::takeTotal(qint64 events)
{
    m_arrivals.total(events);
    // While files are read, all of it is new.
    if (m_filling) m_arrivals.seen();
    sayArrivals();
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
