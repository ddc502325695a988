#include "models/session/asker.h"

namespace faultline {

struct Asker::Ticket::State
{
    std::stop_source stop;
    bool waiting = true; ///< touched on the asking thread only
};

Asker::Ticket& Asker::Ticket::operator=(Ticket&& other) noexcept
{
    if (this != &other) {
        cancel();
        m_state = std::move(other.m_state);
    }
    return *this;
}

void Asker::Ticket::cancel()
{
    if (!m_state) return;
    m_state->waiting = false;
    m_state->stop.request_stop();
    m_state.reset();
}

bool Asker::Ticket::pending() const
{
    return m_state && m_state->waiting;
}

Asker::Asker(std::size_t threads)
    : m_threads(std::make_unique<WorkerPool>(threads, WorkerPool::Priority::Background))
{}

Asker::~Asker()
{
    m_stopAll.request_stop();
    m_threads.reset();
    m_mailbox.close();
}

void Asker::retire()
{
    m_stopAll.request_stop();
    m_mailbox.close();
}

Asker::Ticket Asker::run(Work work)
{
    Ticket ticket;
    ticket.m_state = std::make_shared<Ticket::State>();
    m_threads->post([this, state = ticket.m_state, work = std::move(work)] {
        // Either the question or the whole service may be stopped.
        const std::stop_callback onEnd(m_stopAll.get_token(), [&state] { state->stop.request_stop(); });
        if (state->stop.stop_requested()) return;
        work(state->stop.get_token(), [this, &state](std::function<void()> what, bool last) {
            m_mailbox.post([state, what = std::move(what), last] {
                if (!state->waiting) return;
                if (last) state->waiting = false;
                if (what) what();
            });
        });
    });
    return ticket;
}

} // namespace faultline
