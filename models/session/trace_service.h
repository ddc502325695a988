#pragma once
#include "models/analysis/trace.h"
#include "models/base/worker_pool.h"
#include "models/session/mailbox.h"

#include <functional>
#include <memory>
#include <stop_token>

namespace faultline {

class Tracer;

/// Asks about traces on a thread of its own and brings the answer back to the thread that asked.
///
/// Threads  Lives on one thread (the GUI thread); no call ever blocks it. Replies come on that thread.
/// Cancel   A Ticket that is dropped or replaced stops its question; no reply comes after that.
class TraceService
{
public:
    template <class Answer> using Reply = std::function<void(const Result<Answer>&)>;

    /// Holds a question open. Move-only; belongs to the asking thread.
    class Ticket
    {
    public:
        Ticket() = default;
        ~Ticket() { cancel(); }
        Ticket(Ticket&&) noexcept = default;
        Ticket& operator=(Ticket&& other) noexcept;
        void cancel();
        bool pending() const;

    private:
        friend class TraceService;
        struct State;
        std::shared_ptr<State> m_state;
    };

    /// Workspace::tracer(). Null: nothing is ever answered.
    explicit TraceService(std::shared_ptr<Tracer> tracer);
    ~TraceService();
    /// Nothing is told any more, and what is under way is asked to end. After that it may be destroyed on any
    /// thread: on one where it may wait for that.
    void retire();

    // Questions run one after the other; see Tracer.

    [[nodiscard]] Ticket trace(TraceQuestion question, Reply<Trace> reply);
    [[nodiscard]] Ticket top(TopTracesQuestion question, Reply<TopTraces> reply);
    [[nodiscard]] Ticket skew(SkewQuestion question, Reply<SkewReport> reply);

private:
    template <class Answer>
    Ticket ask(std::function<Result<Answer>(Tracer&, std::stop_token)> work, Reply<Answer> reply);
    std::shared_ptr<Tracer> m_tracer;
    Mailbox m_mailbox;
    std::stop_source m_stopAll;
    std::unique_ptr<WorkerPool> m_asker;
};

} // namespace faultline
