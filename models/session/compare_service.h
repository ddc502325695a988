#pragma once
#include "models/analysis/comparison.h"
#include "models/session/asker.h"

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

    using Ticket = Asker::Ticket;

    /// Workspace::comparer(). Null: nothing is ever answered.
    explicit CompareService(std::shared_ptr<Comparer> comparer);
    /// See Asker::retire().
    void retire() { m_asker.retire(); }

    /// Questions run one after the other.
    [[nodiscard]] Ticket ask(CompareQuestion question, Reply reply);

private:
    std::shared_ptr<Comparer> m_comparer;
    Asker m_asker{1};
};

} // namespace faultline
