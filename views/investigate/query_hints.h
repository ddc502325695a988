#pragma once
#include "models/session/empty_reason.h"
#include "models/session/query_service.h"

#include <QObject>

#include <memory>
#include <optional>

namespace faultline {

/// What is worth saying about a query besides its answer: names that nothing has, what would help when
/// nothing matches, and how many of its events have no time. GUI thread; answers to an earlier query are
/// dropped.
class QueryHints final : public QObject
{
    Q_OBJECT
public:
    explicit QueryHints(std::shared_ptr<QueryService> queries, QObject* parent = nullptr);
    /// Another selection is shown, or the store has changed (`again`). `withoutTime`: its events without a
    /// time are to be counted.
    void look(const Selection& selection, bool withoutTime, bool again = false);
    /// The selection has no events; `text` is the query as it was typed.
    void explainEmpty(const QString& text);

Q_SIGNALS:
    /// Names that no event has; empty when all are known.
    void unknownFound(const QString& sentences);
    void withoutTimeCounted(qint64 events);
    void remediesFound(const std::vector<faultline::Remedy>& remedies);

private:
    void goOn();
    std::shared_ptr<QueryService> m_queries;
    Selection m_selection;
    std::optional<bool> m_again; ///< look() once more when the answers are there: its `withoutTime`
    QString m_sentences;
    QueryService::Ticket m_unknown, m_withoutTime, m_empty;
};

} // namespace faultline
