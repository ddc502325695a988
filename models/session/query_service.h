#pragma once
#include "models/query/engine.h"
#include "models/session/asker.h"

#include <functional>
#include <memory>
#include <stop_token>
#include <vector>

namespace faultline {

/// Asks the engine on worker threads and brings the answers back to the thread that asked.
///
/// Threads  Lives on one thread (the GUI thread); ask() never blocks it. Replies come on that thread.
/// Cancel   A Ticket that is dropped or replaced stops its question; no reply comes after that.
class QueryService
{
public:
    /// Answers in the order of the questions; not `exact` while the scan goes on.
    using Reply = std::function<void(const Result<std::vector<Answer>>&, const ScanProgress&)>;

    using Ticket = Asker::Ticket;

    /// `askers` questions run at once; further ones wait in order.
    explicit QueryService(std::shared_ptr<QueryEngine> engine, std::size_t askers = 3);
    /// See Asker::retire().
    void retire() { m_asker.retire(); }

    [[nodiscard]] Ticket ask(std::vector<Question> questions, Reply reply, bool withPartial = false);

    /// For what takes several questions, one after the other: `work` runs on a worker thread, and what it
    /// gives back runs on the asking thread, unless the ticket is gone.
    using Work = std::function<std::function<void()>(QueryEngine&, std::stop_token)>;
    [[nodiscard]] Ticket run(Work work);

    /// What answers so far have left out; see QueryEngine::missed(). Never blocks long.
    std::vector<MissedEvents> missed() const { return m_engine->missed(); }

private:
    std::shared_ptr<QueryEngine> m_engine;
    Asker m_asker;
};

} // namespace faultline
