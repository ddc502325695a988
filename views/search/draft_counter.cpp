#include "views/search/draft_counter.h"

#include "views/render/counts.h"

#include <QTimer>

namespace faultline {
namespace {

constexpr int kPauseMs = 150; ///< of typing

} // namespace

DraftCounter::DraftCounter(std::shared_ptr<QueryService> queries, QObject* parent)
    : QObject(parent), m_queries(std::move(queries)), m_pause(new QTimer(this))
{
    m_pause->setSingleShot(true);
    m_pause->setInterval(kPauseMs);
    connect(m_pause, &QTimer::timeout, this, &DraftCounter::ask);
}

void DraftCounter::count(const InvestigationView* draft, TimeNs now)
{
    m_ticket.cancel();
    m_pause->stop();
    Q_EMIT said({});
    if (draft == nullptr) return;
    const auto filter = filterOf(*draft, now);
    if (!filter) return;
    m_selection = {*filter, draft->range};
    m_pause->start();
}

void DraftCounter::ask()
{
    m_ticket =
        m_queries->ask({CountQuestion{m_selection, {}}},
                       [this](const Result<std::vector<Answer>>& answers, const ScanProgress& progress) {
                           if (!answers || !progress.exact) return;
                           Q_EMIT said(eventCount(std::get<CountAnswer>(answers->front()).count));
                       });
}

} // namespace faultline
