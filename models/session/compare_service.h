#pragma once
#include "models/analysis/comparison.h"
#include "models/base/worker_pool.h"
#include "models/session/mailbox.h"

#include <functional>
#include <memory>
#include <stop_token>

namespace faultline {

class Comparer;

/// Asks "what changed" on a thread of its own and brings the answer back to the thread that asked.
///
/// Threads  Lives on one thread (the GUI thread); ask() never blocks it. Replies come on that thread.
/// Cancel   A Ticket that is dropped or replaced stops its question; no reply comes after that.
class CompareService
{
public:
    /// First what is known early, with Comparison::exact false; then the whole, or an error.
    using Reply = std::function<void(const Result<Comparison>&)>;

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
        friend class CompareService;
        struct State;
        std::shared_ptr<State> m_state;
    };

    /// Workspace::comparer(). Null: nothing is ever answered.
    explicit CompareService(std::shared_ptr<Comparer> comparer);
    ~CompareService();
    /// Nothing is told any more, and what is under way is asked to end. After that it may be destroyed on any
    /// thread: on one where it may wait for that.
    void retire();

    /// Questions run one after the other.
    [[nodiscard]] Ticket ask(CompareQuestion question, Reply reply);

private:
    std::shared_ptr<Comparer> m_comparer;
    Mailbox m_mailbox;
    std::stop_source m_stopAll;
    std::unique_ptr<WorkerPool> m_asker;
};

} // namespace faultline
