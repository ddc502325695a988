#pragma once
#include "models/analysis/trace.h"
#include "models/session/asker.h"

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

    using Ticket = Asker::Ticket;

    /// Workspace::tracer(). Null: nothing is ever answered.
    explicit TraceService(std::shared_ptr<Tracer> tracer);
    /// See Asker::retire().
    void retire() { m_asker.retire(); }

    // Questions run one after the other; see Tracer.

    [[nodiscard]] Ticket trace(TraceQuestion question, Reply<Trace> reply);
    [[nodiscard]] Ticket top(TopTracesQuestion question, Reply<TopTraces> reply);
    [[nodiscard]] Ticket skew(SkewQuestion question, Reply<SkewReport> reply);

private:
    template <class Answer>
    Ticket ask(std::function<Result<Answer>(Tracer&, std::stop_token)> work, Reply<Answer> reply);
    std::shared_ptr<Tracer> m_tracer;
    Asker m_asker{1};
};

} // namespace faultline
