#pragma once
#include "models/session/query_service.h"

#include <functional>
#include <memory>

namespace faultline {

/// Fetches single events of the store. GUI thread; a later question takes the place of an earlier one.
class EventAsker
{
public:
    explicit EventAsker(std::shared_ptr<QueryService> queries) : m_queries(std::move(queries)) {}
    /// All of an event, with its source as the only one of its columns. Not called where the event is gone,
    /// nor after cancel().
    void detail(const EventKey& key, std::function<void(const Result<EventRow>&)> reply);
    /// No reply to detail() comes any more.
    void cancel() { m_detail.cancel(); }

private:
    std::shared_ptr<QueryService> m_queries;
    QueryService::Ticket m_detail;
};

} // namespace faultline
