#pragma once
#include "models/ingest/ingest.h"
#include "models/session/mailbox.h"

#include <QObject>

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <thread>

namespace faultline {

/// Runs ingests one after the other on a thread of its own and reports to the thread that owns it.
///
/// Threads  Lives on the GUI thread; start() and the cancels never block it. Signals come on that thread.
class IngestService final : public QObject
{
    Q_OBJECT
public:
    /// What a run does: Ingest::run, or the hand-over to another process.
    using Run = std::function<Result<IngestReport>(
        const IngestRequest&, std::function<void(const IngestProgress&)>, std::stop_token)>;
    /// Takes back what a run has committed (the answer "discard" to a cancel).
    using Discard = std::function<Status(const IngestReport&)>;

    IngestService(Run run, Discard discard, QObject* parent = nullptr);
    ~IngestService() override;
    /// Nothing is told any more, and what is under way is asked to end. After that it may be destroyed on any
    /// thread: on one where it may wait for that.
    void retire();

    bool running() const { return m_thread.joinable(); }
    /// False when a run is under way.
    bool start(IngestRequest request);
    enum class CancelMode { Keep, Discard };
    void cancel(CancelMode mode);

Q_SIGNALS:
    void progressed(const faultline::IngestProgress& progress);
    void finished(const faultline::IngestReport& report);
    void failed(const faultline::Error& error);

private:
    Run m_run;
    Discard m_discard;
    Mailbox m_mailbox;
    std::stop_source m_stop;
    bool m_discarding = false;
    std::thread m_thread;
};

} // namespace faultline
