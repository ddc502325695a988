#include "models/session/compare_service.h"

#include "models/analysis/comparer.h"

namespace faultline {

struct CompareService::Ticket::State
{
    std::stop_source stop;
    bool waiting = true; ///< touched on the asking thread only
};

CompareService::Ticket& CompareService::Ticket::operator=(Ticket&& other) noexcept
{
    if (this != &other) {
        cancel();
        m_state = std::move(other.m_state);
    }
    return *this;
}

void CompareService::Ticket::cancel()
{
    if (!m_state) return;
    m_state->waiting = false;
    m_state->stop.request_stop();
    m_state.reset();
}

bool CompareService::Ticket::pending() const
{
    return m_state && m_state->waiting;
}

CompareService::CompareService(std::shared_ptr<Comparer> comparer)
    : m_comparer(std::move(comparer))
    , m_asker(std::make_unique<WorkerPool>(1, WorkerPool::Priority::Background))
{}

CompareService::~CompareService()
{
    m_stopAll.request_stop();
    m_asker.reset();
    m_mailbox.close();
}

void CompareService::retire()
{
    m_stopAll.request_stop();
    m_mailbox.close();
}

CompareService::Ticket CompareService::ask(CompareQuestion question, Reply reply)
{
    Ticket ticket;
    ticket.m_state = std::make_shared<Ticket::State>();
    m_asker->post([this, state = ticket.m_state, question = std::move(question),
                   reply = std::make_shared<Reply>(std::move(reply))] {
        const std::stop_callback onEnd(m_stopAll.get_token(), [&state] { state->stop.request_stop(); });
        if (state->stop.stop_requested() || !m_comparer) return;
        const auto deliver = [&](Result<Comparison> answer, bool last) {
            m_mailbox.post([state, reply, answer = std::move(answer), last] {
                if (!state->waiting) return;
                if (last) state->waiting = false;
                (*reply)(answer);
            });
        };
        deliver(m_comparer->compare(question, state->stop.get_token(),
                                    [&](const Comparison& early) { deliver(early, false); }),
                true);
    });
    return ticket;
}

} // namespace faultline
