#pragma once
#include "models/base/result.h"
#include "models/ingest/ingest.h"
#include "models/session/descriptor.h"
#include "models/session/handover_protocol.h"

#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace faultline {

/// Takes work from processes that may not write the store, for the one that does. The socket (0600, beside
/// the store, see handover_protocol.h) is there as long as this lives: it must live only while the process
/// holds the writer's lock. Peers of another user are refused.
///
/// Threads  One accepts, one a client, one a run. `run` is called on any of them, also several at once.
/// End      The destructor stops the runs and waits for them; their clients find the connection closed
/// without
///          a report, and do the rest themselves.
class HandoverServer
{
public:
    using Run = std::function<Result<IngestReport>(
        const IngestRequest&, std::function<void(const IngestProgress&)>, std::stop_token)>;

    /// Removes sources from the store.
    using Remove = std::function<Status(const std::vector<SourceId>&)>;

    /// Changes a source; the answer as handover::reportOf() has it.
    using Change = std::function<Result<IngestReport>(
        const SourceChangeRequest&, std::function<void(const IngestProgress&)>, std::stop_token)>;

    /// An Error where the folder takes no sockets: the store can be written all the same.
    static Result<std::unique_ptr<HandoverServer>> start(const std::string& storePath, Run run, Remove remove,
                                                         Change change);
    ~HandoverServer();
    HandoverServer(const HandoverServer&) = delete;
    HandoverServer& operator=(const HandoverServer&) = delete;

private:
    class Client;
    HandoverServer(handover::SocketPlace place, Run run, Remove remove, Change change, Descriptor listener,
                   Descriptor wake);
    void accept();
    handover::SocketPlace m_place;
    Run m_run;
    Remove m_remove;
    Change m_change;
    Descriptor m_listener, m_wake;
    std::list<std::unique_ptr<Client>> m_clients; ///< of the accepting thread
    std::jthread m_thread;
};

} // namespace faultline
