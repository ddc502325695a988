#include "models/ingest/piece.h"

namespace faultline {

SourceChain::State SourceChain::before(std::uint64_t span, std::stop_token stop)
{
    std::unique_lock lock(m_mutex);
    State state;
    state.stopped = !m_counted.wait(lock, std::move(stop), [&] { return m_span == span; });
    state.records = m_records;
    state.events = m_events;
    state.lastTime = m_lastTime;
    return state;
}

void SourceChain::add(std::uint64_t span, const SpanTotals& totals)
{
    {
        std::lock_guard lock(m_mutex);
        m_span = span + 1;
        m_records += totals.ledger.received.records;
        m_events += totals.ledger.events;
        if (totals.lastTime) m_lastTime = totals.lastTime;
    }
    m_counted.notify_all();
}

} // namespace faultline
