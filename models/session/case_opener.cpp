#include "models/session/case_opener.h"

namespace faultline {

CaseOpener::CaseOpener(Places places, QObject* parent) : QObject(parent), m_places(std::move(places)) {}

CaseOpener::~CaseOpener()
{
    m_stop.request_stop();
    if (m_thread.joinable()) m_thread.join();
    m_mailbox.close();
}

Result<std::shared_ptr<OpenedCase>> CaseOpener::run(CaseRequest request, const std::stop_token& stop) const
{
    if (request.demo) {
        auto files = m_places.makeDemo(stop);
        if (!files) return std::move(files).error();
        request.paths = *files;
    }
    if (request.storePath.empty()) request.storePath = m_places.storeFor(request);
    Workspace::Options options;
    options.storePath = request.storePath;
    options.write = options.create = true;
    options.clock = m_places.clock;
    auto workspace = Workspace::open(options);
    if (!workspace) return std::move(workspace).error();
    auto sources = (*workspace)->store()->sources();
    if (!sources) return std::move(sources).error();
    auto opened = std::make_shared<OpenedCase>();
    opened->workspace = std::move(*workspace);
    opened->request = std::move(request);
    opened->before = std::move(*sources);
    return opened;
}

void CaseOpener::open(const CaseRequest& request)
{
    if (m_thread.joinable()) m_thread.join();
    m_thread = std::thread([this, request, stop = m_stop.get_token()] {
        auto result = run(request, stop);
        m_mailbox.post([this, result = std::move(result)] {
            if (m_thread.joinable()) m_thread.join();
            if (result)
                Q_EMIT opened(*result);
            else
                Q_EMIT failed(result.error());
        });
    });
}

} // namespace faultline
