#pragma once
#include "models/session/dense_range.h"
#include "models/session/mailbox.h"
#include "models/store/store.h"

#include <QObject>

#include <condition_variable>
#include <mutex>
#include <thread>

namespace faultline {

/// The store at a glance.
struct StoreSummary
{
    std::uint64_t generation = 0;
    std::uint64_t events = 0, fileBytes = 0;
    std::size_t sources = 0;
    std::uint64_t quarantined = 0;
    /// Where nearly all events lie: without the few that are far outside (1970, 2262). Empty when there are
    /// none.
    TimeRange dense{0, 0};
    TimeRange whole{0, 0};        ///< all of them
    std::uint64_t outside = 0;    ///< events with a time that is not in `dense`
    TimeRange outsideTimes{0, 0}; ///< from the first of those to the last
    /// Events without a usable time, deleted ones included: 0 is certain, more is a bound.
    std::uint64_t withoutTime = 0;
    bool writer = false;
    WriterStatus disk;
    std::uint64_t look = 0; ///< it has all that was committed before this call of StoreMonitor::look()
};

/// Reads the summary whenever the store changes, on a thread of its own, and says so on the thread it lives
/// on. Bursts of commits are gathered: at most one signal each 200 ms.
class StoreMonitor final : public QObject
{
    Q_OBJECT
public:
    explicit StoreMonitor(std::shared_ptr<Store> store, QObject* parent = nullptr);
    ~StoreMonitor() override;
    /// Nothing is told any more, and what is under way is asked to end. After that it may be destroyed on any
    /// thread: on one where it may wait for that.
    void retire();
    const StoreSummary& summary() const { return m_summary; }
    /// Has the store read once more, changed or not; see StoreSummary::look.
    std::uint64_t look();

Q_SIGNALS:
    void changed(const faultline::StoreSummary& summary);
    void failed(const faultline::Error& error);

private:
    void run(const std::stop_token& stop);
    std::shared_ptr<Store> m_store;
    StoreSummary m_summary;
    DenseRangeFinder m_dense; ///< the thread's
    Mailbox m_mailbox;
    std::mutex m_mutex;
    std::condition_variable_any m_wake;
    bool m_dirty = true;
    std::uint64_t m_looks = 0;
    std::uint64_t m_callback = 0;
    std::jthread m_thread;
};

} // namespace faultline
