#include "models/session/ingest_service.h"

#include "models/base/thread_priority.h"

namespace faultline {

IngestService::IngestService(Run run, Discard discard, QObject* parent)
    : QObject(parent), m_run(std::move(run)), m_discard(std::move(discard))
{}

IngestService::~IngestService()
{
    m_stop.request_stop();
    if (m_thread.joinable()) m_thread.join();
    m_mailbox.close();
}

void IngestService::retire()
{
    m_stop.request_stop();
    m_mailbox.close();
    moveToThread(nullptr);
}

bool IngestService::start(IngestRequest request)
{
    if (running()) return false;
    m_stop = std::stop_source();
    m_discarding = false;
    m_thread = std::thread([this, request = std::move(request), stop = m_stop.get_token()] {
        workInBackground(); // and the readers that it begins
        auto report = m_run(
            request,
            [this](const IngestProgress& progress) {
                m_mailbox.post([this, progress] { Q_EMIT progressed(progress); });
            },
            stop);
        m_mailbox.post([this, report = std::move(report)]() mutable {
            m_thread.join();
            if (!report) {
                Q_EMIT failed(report.error());
                return;
            }
            if (!m_discarding || !report->cancelled) {
                Q_EMIT finished(*report);
                return;
            }
            // Masking rows is a write: it goes to a thread as well.
            m_thread = std::thread([this, taken = *report] {
                const Status status = m_discard(taken);
                m_mailbox.post([this, taken, status] {
                    m_thread.join();
                    if (status)
                        Q_EMIT finished(taken);
                    else
                        Q_EMIT failed(status.error());
                });
            });
        });
    });
    return true;
}

void IngestService::cancel(CancelMode mode)
{
    m_discarding = mode == CancelMode::Discard;
    m_stop.request_stop();
}

} // namespace faultline
