#pragma once
#include "models/base/worker_pool.h"
#include "models/session/mailbox.h"
#include "models/session/user_state.h"

#include <QJsonObject>
#include <QObject>
#include <QTimer>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace faultline {

/// Reads a document on the calling thread, which may block. One that is damaged is empty, and `damaged` says
/// so; without a `state` there is none.
QJsonObject readObject(const UserState* state, const std::string& store, std::string_view name,
                       std::vector<Error>& damaged);

/// The user's documents for a window: what it puts is written a little later, on a thread of its own, in
/// order. What has not been written when it is destroyed is written then.
///
/// Threads  Lives on the GUI thread; replies and signals come there. Without a state (null) nothing is kept.
class StateKeeper final : public QObject
{
    Q_OBJECT
public:
    explicit StateKeeper(std::shared_ptr<const UserState> state, QObject* parent = nullptr);
    ~StateKeeper() override;
    /// Replaces a document; of several in a short time the last one is written.
    void put(const std::string& store, const std::string& name, const QJsonObject& document);
    /// Makes the document from what is on disk by then, so that another window's changes stay. `change` runs
    /// on a worker.
    void change(const std::string& store, const std::string& name,
                std::function<QJsonObject(const QJsonObject& before)> change);
    /// Behind all that was put and changed; the reply comes later, never from here.
    void read(const std::string& store, const std::string& name,
              std::function<void(const QJsonObject&)> reply);
    /// What was put and is not on disk yet.
    std::optional<QJsonObject> unwritten(const std::string& store, const std::string& name) const;
    /// Begins to write what was put.
    void flush();

Q_SIGNALS:
    void failed(const faultline::Error& error);

private:
    using Key = std::pair<std::string, std::string>; ///< store, name
    struct Waiting
    {
        QJsonObject document;
        quint64 serial = 0;
        bool posted = false;
    };
    std::shared_ptr<const UserState> m_state;
    std::map<Key, Waiting> m_waiting;
    quint64 m_serial = 0;
    bool m_said = false; ///< a failure of the disk, once
    QTimer m_timer;
    Mailbox m_mailbox;
    std::unique_ptr<WorkerPool> m_worker; ///< one thread; last, so that it ends before what it uses
    void say(const Error& error, bool always);
};

} // namespace faultline
