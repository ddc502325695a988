#pragma once
#include "models/session/investigation_view.h"
#include "models/session/query_service.h"

#include <QObject>

#include <memory>

class QTimer;

namespace faultline {

/// Counts what a query would keep while it is typed. GUI thread; a later text takes the place of an earlier
/// one.
class DraftCounter final : public QObject
{
    Q_OBJECT
public:
    explicit DraftCounter(std::shared_ptr<QueryService> queries, QObject* parent = nullptr);
    /// Null: nothing is being typed. A query that cannot be read yet is not counted.
    void count(const InvestigationView* draft, TimeNs now);

Q_SIGNALS:
    void said(const QString& text); ///< "1,234 events"; empty when there is nothing to say

private:
    void ask();
    std::shared_ptr<QueryService> m_queries;
    QTimer* m_pause;
    Selection m_selection;
    QueryService::Ticket m_ticket;
};

} // namespace faultline
