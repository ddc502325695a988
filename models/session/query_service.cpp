#include "models/session/query_service.h"

namespace faultline {

struct QueryService::Ticket::State
{
    std::stop_source stop;
    bool waiting = true; ///< touched on the asking thread only
};

QueryService::Ticket& QueryService::Ticket::operator=(Ticket&& other) noexcept
{
    if (this != &other) {
        cancel();
        m_state = std::move(other.m_state);
    }
    return *this;
}

void QueryService::Ticket::cancel()
{
    if (!m_state) return;
    m_state->waiting = false;
    m_state->stop.request_stop();
    m_state.reset();
}

bool QueryService::Ticket::pending() const
{
    return m_state && m_state->waiting;
}

QueryService::QueryService(std::shared_ptr<QueryEngine> engine, std::size_t askers)
    : m_engine(std::move(engine))
    , m_askers(std::make_unique<WorkerPool>(askers, WorkerPool::Priority::Background))
{}

QueryService::~QueryService()
{
    m_stopAll.request_stop();
    m_askers.reset();
    m_mailbox.close();
}

void QueryService::retire()
{
    m_stopAll.request_stop();
    m_mailbox.close();
}

QueryService::Ticket QueryService::ask(std::vector<Question> questions, Reply reply, bool withPartial)
{
    Ticket ticket;
    ticket.m_state = std::make_shared<Ticket::State>();
    m_askers->post([this, state = ticket.m_state, questions = std::move(questions),
                    reply = std::make_shared<Reply>(std::move(reply)), withPartial] {
        // Either the question or the whole service may be stopped.
        const std::stop_callback onEnd(m_stopAll.get_token(), [&state] { state->stop.request_stop(); });
        if (state->stop.stop_requested()) return;
        const auto deliver = [this, state, reply](Result<std::vector<Answer>> answers, ScanProgress progress,
                                                  bool last) {
            m_mailbox.post([state, reply, answers = std::move(answers), progress, last] {
                if (!state->waiting) return;
                if (last) state->waiting = false;
                (*reply)(answers, progress);
            });
        };
        ScanProgress done;
        done.exact = true;
        QueryEngine::Partial partial;
        if (withPartial && questions.size() == 1)
            partial = [&deliver, &done](const Answer& answer, const ScanProgress& progress) {
                if (progress.exact)
                    done = progress; // the same comes as the reply: it need not be shown twice
                else
                    deliver(std::vector<Answer>{answer}, progress, false);
            };
        auto answers = m_engine->askAll(questions, state->stop.get_token(), partial);
        deliver(std::move(answers), done, true);
    });
    return ticket;
}

QueryService::Ticket QueryService::run(Work work)
{
    Ticket ticket;
    ticket.m_state = std::make_shared<Ticket::State>();
    m_askers->post([this, state = ticket.m_state, work = std::move(work)] {
        const std::stop_callback onEnd(m_stopAll.get_token(), [&state] { state->stop.request_stop(); });
        if (state->stop.stop_requested()) return;
        m_mailbox.post([state, done = work(*m_engine, state->stop.get_token())] {
            if (!state->waiting) return;
            state->waiting = false;
            if (done) done();
        });
    });
    return ticket;
}

} // namespace faultline
