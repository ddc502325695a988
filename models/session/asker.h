#pragma once
#include "models/base/worker_pool.h"
#include "models/session/mailbox.h"

#include <cstddef>
#include <functional>
#include <memory>
#include <stop_token>

namespace faultline {

/// Works on questions on threads of its own, and brings what they give back to the thread that asked. What
/// the services of a view have in common.
///
/// Threads  Lives on one thread (the GUI thread); run() never blocks it. What is told runs on that thread.
///          Owners declare it behind what their work uses: its destructor waits for the work.
/// Cancel   A Ticket that is dropped or replaced stops its question; nothing is told after that.
class Asker
{
public:
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
        friend class Asker;
        struct State;
        std::shared_ptr<State> m_state;
    };

    /// `threads` questions run at once; further ones wait in order.
    explicit Asker(std::size_t threads);
    ~Asker();
    /// Nothing is told any more, and what is under way is asked to end. After that it may be destroyed on any
    /// thread: on one where it may wait for that.
    void retire();

    /// `what` runs on the asking thread, unless the ticket is gone; after the last one it is not pending.
    using Tell = std::function<void(std::function<void()> what, bool last)>;
    using Work = std::function<void(std::stop_token, const Tell&)>;
    [[nodiscard]] Ticket run(Work work);

private:
    Mailbox m_mailbox;
    std::stop_source m_stopAll;
    std::unique_ptr<WorkerPool> m_threads;
};

} // namespace faultline
