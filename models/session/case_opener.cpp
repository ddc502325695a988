#include "models/session/case_opener.h"

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
    if (request.storePath.empty()) request.storePath = m_places.storeFor(request);
    auto opened = std::make_shared<OpenedCase>();
    if (!current.empty() && request.storePath == current) {
        opened->request = std::move(request);
        return opened;
    }
    Workspace::Options options;
    options.storePath = request.storePath;
    options.write = options.create = true;
    options.clock = m_places.clock;
    auto workspace = Workspace::open(options);
    if (!workspace) return std::move(workspace).error();
    auto sources = (*workspace)->store()->sources();
    if (!sources) return std::move(sources).error();
    if (m_places.remember) m_places.remember((*workspace)->store()->path());
    opened->workspace = std::move(*workspace);
    opened->request = std::move(request);
    opened->before = std::move(*sources);
    return opened;
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

void CaseOpener::listRecent()
{
    m_worker->post([this] { tellRecent(); });
}

void CaseOpener::release(std::shared_ptr<OpenedCase> opened)
{
    m_worker->post([opened = std::move(opened)]() mutable { opened.reset(); });
}

void CaseOpener::tellRecent()
{
    if (!m_places.recent) return;
    m_mailbox.post([this, stores = m_places.recent()] { Q_EMIT recentChanged(stores); });
}

} // namespace faultline
