#pragma once
#include "models/ingest/preflight.h"
#include "models/session/mailbox.h"

#include <QObject>

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace faultline {

/// preflight() with the aliases that are compiled in, for a read into the store at `storePath` (empty: free
/// space is not asked for). Blocks on disk.
Result<Preflight> lookAhead(const std::vector<std::string>& paths, const std::string& storePath,
                            std::shared_ptr<const Clock> clock, std::stop_token stop);

/// Looks at what is to be read before it is, on a thread of its own: one look at a time.
///
/// Threads  Lives on the GUI thread and never blocks it; signals come there.
class PreflightService final : public QObject
{
    Q_OBJECT
public:
    /// lookAhead(), or what a test puts in its place.
    using Look =
        std::function<Result<Preflight>(const std::vector<std::string>& paths, std::stop_token stop)>;
    PreflightService(Look look, LargeRead limits, QObject* parent = nullptr);
    ~PreflightService() override;
    /// Nothing is told any more, and what is under way is asked to end. After that it may be destroyed on any
    /// thread: on one where it may wait for that.
    void retire();
    /// Begins a look; what an earlier one finds is dropped.
    void look(std::vector<std::string> paths);
    /// Nobody waits for it any more. No signal follows.
    void cancel();

Q_SIGNALS:
    /// The read is not large: there is nothing to ask about.
    void small(const std::vector<std::string>& paths);
    /// It is large, and what there is will be looked at now.
    void large(const std::vector<std::string>& paths);
    void found(const std::shared_ptr<const faultline::Preflight>& preflight);
    void failed(const faultline::Error& error);

private:
    Look m_look;
    LargeRead m_limits;
    Mailbox m_mailbox;
    quint64 m_ticket = 0; ///< of the look at hand
    std::jthread m_thread;
};

} // namespace faultline
