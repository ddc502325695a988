#pragma once
#include "models/session/ingest_service.h"

#include <QObject>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace faultline {

/// What a case follows beside the files that it reads once: commands, and files as they grow. Each feed is an
/// ingest of its own that goes on until it is stopped, or its command ends.
///
/// Threads  Lives on the GUI thread and never blocks it, but for its end: that waits until what was followed
///          has ended (SIGTERM, then SIGKILL, see CommandSource) and what it gave is committed; see retire().
class LiveFeeds final : public QObject
{
    Q_OBJECT
public:
    using Run = IngestService::Run;
    explicit LiveFeeds(Run run, QObject* parent = nullptr);
    ~LiveFeeds() override;
    /// Nothing is told any more, and what is under way is asked to end. After that it may be destroyed on any
    /// thread: on one where it may wait for that.
    void retire();

    struct Feed
    {
        quint64 id = 0;
        std::string name; ///< the command as it was typed, or the first path
        quint64 events = 0;
        bool ending = false; ///< stop was asked for
    };
    /// The command is what the user typed, here and now: never a text from a file, a link or a snapshot.
    void followCommand(const std::string& command);
    void followFiles(std::vector<std::string> paths);
    void stop(quint64 id);
    void stopAll();
    std::vector<Feed> feeds() const; ///< as they began

Q_SIGNALS:
    void changed();
    /// A feed is over; `why` is empty when it ended well or was stopped.
    void ended(const std::string& name, const QString& why);
    /// Its first rows are on disk.
    void fed();

private:
    struct Running;
    void start(std::string name, Run run, IngestRequest request);
    void end(quint64 id, const QString& why);
    Run m_run;
    quint64 m_last = 0;
    std::vector<std::unique_ptr<Running>> m_running;
};

} // namespace faultline
