#pragma once
#include "models/session/mailbox.h"
#include "models/session/workspace.h"

#include <QObject>

#include <functional>
#include <stop_token>
#include <thread>

namespace faultline {

/// What the user wants to look at.
struct CaseRequest
{
    std::vector<std::string> paths; ///< to be read; may be empty when a store is named
    std::string storePath;          ///< empty: the store that belongs to the paths
    bool demo = false;              ///< the demo incident instead of paths
};

/// A case with its store open.
struct OpenedCase
{
    std::shared_ptr<Workspace> workspace;
    CaseRequest request;              ///< paths to read into it
    std::vector<SourceRecord> before; ///< what the store had: for taking a read back
};

/// Opens cases on a thread of its own: the store's file is touched nowhere else before its window shows.
/// Threads  Lives on the GUI thread; signals come there. One case at a time; a later open() waits for the
/// earlier.
class CaseOpener final : public QObject
{
    Q_OBJECT
public:
    struct Places
    {
        std::function<std::string(const CaseRequest&)> storeFor; ///< path of a case's store
        std::function<Result<std::vector<std::string>>(std::stop_token)>
            makeDemo; ///< its files, made when missing
        std::shared_ptr<const Clock> clock;
    };
    explicit CaseOpener(Places places, QObject* parent = nullptr);
    ~CaseOpener() override;
    void open(const CaseRequest& request);
    bool busy() const { return m_thread.joinable(); }

Q_SIGNALS:
    void opened(const std::shared_ptr<faultline::OpenedCase>& opened);
    void failed(const faultline::Error& error);

private:
    Result<std::shared_ptr<OpenedCase>> run(CaseRequest request, const std::stop_token& stop) const;
    Places m_places;
    Mailbox m_mailbox;
    std::stop_source m_stop;
    std::thread m_thread;
};

} // namespace faultline
