#include "models/session/case_opener.h"

#include "models/session/state_keeper.h"
#include "models/store/catalogue.h"

#include <algorithm>
#include <filesystem>

namespace faultline {

CaseOpener::CaseOpener(Places places, QObject* parent)
    : QObject(parent), m_places(std::move(places)), m_worker(std::make_unique<WorkerPool>(1))
{}

CaseOpener::~CaseOpener()
{
    m_stop.request_stop();
    m_worker.reset();
    m_mailbox.close();
}

Result<std::shared_ptr<OpenedCase>> CaseOpener::run(CaseRequest request, const std::string& current,
                                                    const std::stop_token& stop) const
{
    if (request.demo) {
        auto files = m_places.makeDemo(stop);
        if (!files) return std::move(files).error();
        request.paths = *files;
    }
    auto opened = std::make_shared<OpenedCase>();
    opened->named = !request.storePath.empty();
    if (request.storePath.empty()) request.storePath = m_places.storeFor(request);
    if (!current.empty() && request.storePath == current) {
        opened->request = std::move(request);
        return opened;
    }
    std::error_code failed;
    opened->created = !std::filesystem::exists(request.storePath, failed);
    Workspace::Options options;
    options.storePath = request.storePath;
    options.write = options.create = options.background = true;
    options.clock = m_places.clock;
    auto workspace = Workspace::open(options);
    if (!workspace) return std::move(workspace).error();
    auto sources = (*workspace)->store()->sources();
    if (!sources) return std::move(sources).error();
    if (m_places.remember && !opened->created) m_places.remember((*workspace)->store()->path());
    opened->workspace = std::move(*workspace);
    opened->request = std::move(request);
    opened->before = std::move(*sources);
    opened->memory = recall(opened->workspace->store()->path());
    return opened;
}

CaseMemory CaseOpener::recall(const std::string& store) const
{
    CaseMemory memory;
    const UserState* const state = m_places.state.get();
    memory.session = readObject(state, store, kSessionDocument, memory.damaged);
    memory.views = readObject(state, store, kViewsDocument, memory.damaged);
    memory.everywhere = readObject(state, {}, kViewsDocument, memory.damaged);
    memory.history = readObject(state, {}, kHistoryDocument, memory.damaged);
    return memory;
}

void CaseOpener::open(const CaseRequest& request, const std::string& current)
{
    ++m_opening;
    m_worker->post([this, request, current, stop = m_stop.get_token()] {
        auto result = run(request, current, stop);
        m_mailbox.post([this, result = std::move(result)] {
            --m_opening;
            if (!result)
                Q_EMIT failed(result.error());
            else if ((*result)->workspace == nullptr)
                Q_EMIT alreadyOpen((*result)->request);
            else
                Q_EMIT opened(*result);
        });
        tellRecent();
    });
}

void CaseOpener::keep(const OpenedCase& opened)
{
    if (!m_places.remember || !opened.created) return;
    m_worker->post([this, path = opened.workspace->store()->path()] {
        m_places.remember(path);
        tellRecent();
    });
}

void CaseOpener::takeBack(std::shared_ptr<OpenedCase> opened)
{
    m_worker->post([this, opened = std::move(opened)]() mutable {
        const auto snapshot = opened->workspace->store()->snapshot();
        const auto sources = opened->workspace->store()->sources();
        // Another process may have handed events over meanwhile.
        const bool empty = opened->created && snapshot && (*snapshot)->events == 0 && sources &&
                           std::all_of(sources->begin(), sources->end(), [](const SourceRecord& source) {
                               return source.ledger.received.records == 0;
                           });
        const std::string path = opened->workspace->store()->path();
        opened.reset();
        // Where another process has it open by now, it stays: remove() takes the writer's lock.
        if (empty) (void)Catalogue::remove(path);
        tellRecent();
    });
}

void CaseOpener::listRecent()
{
    m_worker->post([this] { tellRecent(); });
}

void CaseOpener::release(std::shared_ptr<void> ended)
{
    m_worker->post([ended = std::move(ended)]() mutable { ended.reset(); });
}

void CaseOpener::tellRecent()
{
    if (!m_places.recent) return;
    m_mailbox.post([this, stores = m_places.recent()] { Q_EMIT recentChanged(stores); });
}

} // namespace faultline
