#pragma once
#include "models/base/worker_pool.h"
#include "models/session/case_request.h"
#include "models/session/mailbox.h"
#include "models/session/preflight_service.h"
#include "models/session/settings.h"
#include "models/session/store_places.h"
#include "models/session/workspace.h"

#include <QJsonObject>
#include <QObject>

#include <functional>
#include <memory>
#include <stop_token>

namespace faultline {

/// What the user left behind, read with the opening so that the first paint has it.
struct CaseMemory
{
    QJsonObject session;        ///< of this store: what was in view
    QJsonObject views;          ///< saved views of this store
    QJsonObject everywhere;     ///< saved views of all stores
    QJsonObject history;        ///< queries that were asked, of all stores
    std::vector<Error> damaged; ///< what could not be read, to be told
};

/// Names of these documents in UserState.
inline constexpr const char *kSessionDocument = "session", *kViewsDocument = "views",
                            *kHistoryDocument = "history";

/// A case with its store open.
struct OpenedCase
{
    std::shared_ptr<Workspace> workspace;
    CaseRequest request;              ///< paths to read into it
    std::vector<SourceRecord> before; ///< what the store had: for taking a read back
    bool named = false;               ///< the store was named, not found by the paths
    bool created = false;             ///< there was no store: this opening made it
    CaseMemory memory;
};

/// Opens cases on a thread of its own: the store's file is touched nowhere else before its window shows.
/// Threads  Lives on the GUI thread; signals come there. Requests are worked off in order.
class CaseOpener final : public QObject
{
    Q_OBJECT
public:
    struct Places
    {
        std::function<std::string(const CaseRequest&)> storeFor; ///< path of a case's store
        std::string dataDirectory; ///< where pasted lines are kept; empty: they are not taken
        std::function<Result<std::vector<std::string>>(std::stop_token)>
            makeDemo;    ///< its files, made when missing
        LargeRead large; ///< from where on a read is looked at before
        std::shared_ptr<const Clock> clock;
        /// Stores to offer again, the last one first; may be empty. Blocks on disk.
        std::function<std::vector<RecentStore>()> recent;
        std::function<void(const std::string&)> remember; ///< a store is in use; may be empty
        std::shared_ptr<const UserState> state;           ///< the user's documents; null: nothing is kept
        Settings settings;                                ///< as they were read before there was a window
        std::string localZone; ///< of the user, as "Europe/Berlin"; empty: that of the system
    };
    explicit CaseOpener(Places places, QObject* parent = nullptr);
    ~CaseOpener() override;
    /// `current` is the path of the store that is open: it is not opened twice, see alreadyOpen().
    void open(const CaseRequest& request, const std::string& current = {});
    /// Asks for the stores to offer; the answer is recentChanged(). Also given after each open().
    void listRecent();
    /// A store that was created has something in it: it is offered again from now on. One that was there
    /// before is when it is opened.
    void keep(const OpenedCase& opened);
    /// Lets go of a case whose store was created for nothing, and deletes the store, unless something is in
    /// it.
    void takeBack(std::shared_ptr<OpenedCase> opened);
    /// Lets go of what has ended where that may wait for the disk: not on the GUI thread, in the order of the
    /// calls, and before anything is opened that is asked for behind it.
    void release(std::shared_ptr<void> ended);
    bool busy() const { return m_opening > 0; }
    const Places& places() const { return m_places; }

Q_SIGNALS:
    void opened(const std::shared_ptr<faultline::OpenedCase>& opened);
    void failed(const faultline::Error& error);
    /// The case asked for is the one at hand; `request` has the paths to read into it.
    void alreadyOpen(const faultline::CaseRequest& request);
    void recentChanged(const std::vector<faultline::RecentStore>& stores);

private:
    Result<std::shared_ptr<OpenedCase>> run(CaseRequest request, const std::string& current,
                                            const std::stop_token& stop) const;
    CaseMemory recall(const std::string& store) const;
    void tellRecent();
    Places m_places;
    Mailbox m_mailbox;
    std::stop_source m_stop;
    int m_opening = 0;
    std::unique_ptr<WorkerPool> m_worker; ///< one thread; last, so that it ends before what it uses
};

} // namespace faultline
