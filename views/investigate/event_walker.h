#pragma once
#include "models/session/query_service.h"
#include "models/session/timeline_data.h"
#include "models/session/view_link.h"

#include <QObject>

#include <functional>
#include <memory>

namespace faultline {

/// Finds the event to go to: the next error, the next jump of the rate, the one that a link names. GUI
/// thread; a later wish takes the place of an earlier one.
class EventWalker final : public QObject
{
    Q_OBJECT
public:
    explicit EventWalker(std::shared_ptr<QueryService> queries, QObject* parent = nullptr);
    /// The first event of the selection behind `from` (`back`: before it).
    void nextMatch(const Selection& selection, const EventKey& from, bool back);
    /// The same of those whose severity is error or worse.
    void nextError(const Selection& selection, const EventKey& from, bool back);
    /// The first event of the selection in the next bucket in which the rate jumps.
    void nextJump(const Selection& selection, const TimelineData& data, TimeNs from, bool back);
    /// The event that a link names: by its bytes, at its time.
    void find(const ViewLink& link);
    /// A link to the selection with that event, whose bytes are read for it.
    void link(const ViewLink& view, const EventKey& key, std::function<void(const QString& link)> reply);

Q_SIGNALS:
    void found(const faultline::EventKey& key);
    void notFound(const QString& why);

private:
    void first(PageQuestion question, const QString& nothing);
    std::shared_ptr<QueryService> m_queries;
    QueryService::Ticket m_ticket, m_linkTicket;
};

} // namespace faultline
