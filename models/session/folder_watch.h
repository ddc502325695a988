#pragma once
#include "models/session/descriptor.h"

#include <QObject>
#include <QSocketNotifier>

#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace faultline {

/// Tells when a file of a folder has been replaced by one that was written beside it, by any process of this
/// machine. Without inotify (a limit of the user's, another system) nothing is told.
///
/// Threads  Lives on the GUI thread, which never looks at the folder; add() is for a worker.
class FolderWatch final : public QObject
{
    Q_OBJECT
public:
    explicit FolderWatch(QObject* parent = nullptr);
    /// From now on; blocks on disk. Any thread.
    void add(const std::string& folder);

Q_SIGNALS:
    /// `file` is its name within the folder; empty: some were missed, any may have been replaced.
    void replaced(const std::string& folder, const std::string& file);

private:
    void take();
    Descriptor m_inotify;
    std::unique_ptr<QSocketNotifier> m_notifier;
    std::mutex m_mutex;
    std::map<int, std::string> m_folders; ///< by the number of the watch
};

} // namespace faultline
