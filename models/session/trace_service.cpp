#include "models/session/trace_service.h"

#include "models/analysis/tracer.h"

namespace faultline {

struct TraceService::Ticket::State
{
    std::stop_source stop;
    bool waiting = true; ///< touched on the asking thread only
};

TraceService::Ticket& TraceService::Ticket::operator=(Ticket&& other) noexcept
{
    if (this != &other) {
        cancel();
        m_state = std::move(other.m_state);
    }
    return *this;
}

void TraceService::Ticket::cancel()
{
    if (!m_state) return;
    m_state->waiting = false;
    m_state->stop.request_stop();
    m_state.reset();
}

bool TraceService::Ticket::pending() const
{
    return m_state && m_state->waiting;
}

TraceService::TraceService(std::shared_ptr<Tracer> tracer)
    : m_tracer(std::move(tracer)), m_asker(std::make_unique<WorkerPool>(1, WorkerPool::Priority::Background))
{}

TraceService::~TraceService()
{
    m_stopAll.request_stop();
    m_asker.reset();
    m_mailbox.close();
}

void TraceService::retire()
{
    m_stopAll.request_stop();
    m_mailbox.close();
}

template <class Answer>
TraceService::Ticket TraceService::ask(std::function<Result<Answer>(Tracer&, std::stop_token)> work,
                                       Reply<Answer> reply)
{
    Ticket ticket;
    ticket.m_state = std::make_shared<Ticket::State>();
    m_asker->post([this, state = ticket.m_state, work = std::move(work),
                   reply = std::make_shared<Reply<Answer>>(std::move(reply))] {
        const std::stop_callback onEnd(m_stopAll.get_token(), [&state] { state->stop.request_stop(); });
        if (state->stop.stop_requested() || !m_tracer) return;
        auto answer = std::make_shared<const Result<Answer>>(work(*m_tracer, state->stop.get_token()));
        m_mailbox.post([state, reply, answer] {
            if (!state->waiting) return;
            state->waiting = false;
            (*reply)(*answer);
        });
    });
    return ticket;
}

TraceService::Ticket TraceService::trace(TraceQuestion question, Reply<Trace> reply)
{
    return ask<Trace>([question = std::move(question)](
                          Tracer& tracer, std::stop_token stop) { return tracer.trace(question, stop); },
                      std::move(reply));
}

TraceService::Ticket TraceService::top(TopTracesQuestion question, Reply<TopTraces> reply)
{
    return ask<TopTraces>([question = std::move(question)](
                              Tracer& tracer, std::stop_token stop) { return tracer.top(question, stop); },
                          std::move(reply));
}

TraceService::Ticket TraceService::skew(SkewQuestion question, Reply<SkewReport> reply)
{
    return ask<SkewReport>([question = std::move(question)](
                               Tracer& tracer, std::stop_token stop) { return tracer.skew(question, stop); },
                           std::move(reply));
}

} // namespace faultline
