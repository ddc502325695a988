#pragma once
#include "models/base/worker_pool.h"
#include "models/session/folder_watch.h"
#include "models/session/mailbox.h"
#include "models/session/user_state.h"

#include <QJsonObject>
#include <QObject>
#include <QTimer>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

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
    /// How long the end waits for another process that holds the lock of the documents.
    static constexpr std::chrono::milliseconds kWaitAtTheEnd{1'000};

    explicit StateKeeper(std::shared_ptr<const UserState> state, QObject* parent = nullptr);
    ~StateKeeper() override;
    /// Replaces a document; of several in a short time the last one is written. For what is of one window:
    /// where two put, the last one stays.
    void put(const std::string& store, const std::string& name, const QJsonObject& document);
    /// What becomes of a document. An Error (its `why`) says that what is there is none of its kind: it is
    /// put aside, told by failed(), and the change made to an empty one.
    using Change = std::function<Result<QJsonObject>(const QJsonObject& before)>;
    /// Makes the document from what is on disk by then, while no other process changes it, so that another
    /// window's changes stay. `change` runs on a worker, and more than once where the disk fails: a change
    /// that could not be written is made again before the next one, and at the end.
    void change(const std::string& store, const std::string& name, Change change);
    /// Behind all that was put and changed; the reply comes later, never from here.
    void read(const std::string& store, const std::string& name,
              std::function<void(const QJsonObject&)> reply);
    /// From now on changed() tells of this document: first as it is, then whenever it is another one, through
    /// this window, another one or another process. Nothing is told without a state.
    void follow(const std::string& store, const std::string& name);
    void unfollow(const std::string& store, const std::string& name);
    /// What was put and is not on disk yet.
    std::optional<QJsonObject> unwritten(const std::string& store, const std::string& name) const;
    /// Begins to write what was put.
    void flush();
    /// The end: writes all there is, and gives what could not be written. Another process that holds the lock
    /// is waited for kWaitAtTheEnd, once. Blocks.
    std::vector<Error> finish();

Q_SIGNALS:
    void failed(const faultline::Error& error);
    /// A document that is followed. Not while changes of this window are on their way: it holds them then.
    void changed(const std::string& store, const std::string& name, const QJsonObject& document);

private:
    using Key = std::pair<std::string, std::string>; ///< store, name
    struct Waiting
    {
        QJsonObject document;
        quint64 serial = 0;
        bool posted = false;
    };
    struct Followed
    {
        QJsonObject known;
        bool told = false;
        std::string folder; ///< empty: not known yet
    };
    struct Changes
    {
        quint64 posted = 0, done = 0; ///< serials of the last ones
    };
    void look(const Key& key);
    void tell(const Key& key, const QJsonObject& document);
    void say(const Error& error, bool always);
    // On the worker:
    LockPatience patience() const;
    Result<UserState::Document> make(const Key& key);

    std::shared_ptr<const UserState> m_state;
    std::map<Key, Waiting> m_waiting;
    std::map<Key, Followed> m_followed;
    std::map<Key, Changes> m_changes;
    quint64 m_serial = 0;
    bool m_said = false; ///< a failure of the disk, once
    QTimer m_timer;
    FolderWatch m_watch;
    std::stop_source m_ending;
    Mailbox m_mailbox;
    std::map<Key, std::vector<Change>> m_unmade; ///< worker: could not be written, oldest first
    std::map<Key, Error> m_lost;                 ///< worker: why a document is not as it was put or changed
    std::unique_ptr<WorkerPool> m_worker;        ///< one thread; last, so that it ends before what it uses
};

} // namespace faultline
