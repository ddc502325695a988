#include "models/session/preflight_service.h"

#include "models/ingest/normaliser.h"
#include "resources/embedded.h"

namespace faultline {

Result<Preflight> lookAhead(const std::vector<std::string>& paths, const std::string& storePath,
                            std::shared_ptr<const Clock> clock, std::stop_token stop)
{
    auto normaliser = Normaliser::load(embeddedFile("fields/aliases.json"));
    if (!normaliser) return std::move(normaliser).error();
    PreflightOptions options;
    options.clock = std::move(clock);
    options.normaliser = std::move(*normaliser);
    options.storePath = storePath;
    return preflight(paths, options, std::move(stop));
}

PreflightService::PreflightService(Look look, LargeRead limits, QObject* parent)
    : QObject(parent), m_look(std::move(look)), m_limits(limits)
{}

PreflightService::~PreflightService()
{
    m_thread = {}; // asks it to stop, and waits
    m_mailbox.close();
}

void PreflightService::retire()
{
    cancel();
    m_mailbox.close();
    moveToThread(nullptr);
}

void PreflightService::look(std::vector<std::string> paths)
{
    cancel();
    // The one before ends within a file's first bytes; the new thread waits for that, not this one.
    m_thread =
        std::jthread([this, ticket = m_ticket, before = std::make_shared<std::jthread>(std::move(m_thread)),
                      paths = std::move(paths)](std::stop_token stop) {
            *before = {};
            const auto tell = [this, ticket](auto&& say) {
                m_mailbox.post([this, ticket, say] {
                    if (ticket == m_ticket) say();
                });
            };
            if (!isLargeRead(paths, m_limits, stop)) return tell([this, paths] { Q_EMIT small(paths); });
            tell([this, paths] { Q_EMIT large(paths); });
            auto result = m_look(paths, stop);
            if (!result) return tell([this, error = result.error()] { Q_EMIT failed(error); });
            tell([this, preflight = std::make_shared<const Preflight>(std::move(*result))] {
                Q_EMIT found(preflight);
            });
        });
}

void PreflightService::cancel()
{
    ++m_ticket;
    m_thread.request_stop();
}

} // namespace faultline
