#pragma once
#include "models/query/engine.h"
#include "models/session/query_service.h"

#include <functional>
#include <memory>

namespace faultline {

/// Finds the range of time that the events of a filter need. GUI thread; another question replaces the one
/// before.
class SpanFinder
{
public:
    explicit SpanFinder(std::shared_ptr<QueryService> queries) : m_queries(std::move(queries)) {}
    /// From the first event to the last, with a twentieth of it on both sides. Unbounded when there is none,
    /// when some have no time (a range would leave them out), or when it could not be asked.
    void find(const FilterPtr& filter, std::function<void(const TimeRange&)> found);
    void cancel() { m_ticket.cancel(); }

private:
    std::shared_ptr<QueryService> m_queries;
    QueryService::Ticket m_ticket;
};

} // namespace faultline
