#pragma once
#include "models/session/query_service.h"
#include "models/tables/event_rows.h"

#include <QHash>

#include <list>
#include <memory>
#include <optional>

namespace faultline {

/// The events of a selection in order of time, oldest first, read a page at a time.
///
/// Size     At most kWindowPages pages of kPageRows rows are held; the one unused longest goes first and is
/// read
///          again when a view returns to it. rowCount() stops at INT_MAX.
/// Errors   A page that fails leaves its cells blank, LoadStateRole reads Failed, pageFailed() says why.
/// Threads  Lives on the GUI thread and never blocks it.
/// Cancel   setSelection() and the destructor stop pending reads; a reply to an earlier selection is dropped.
class EventListModel final : public EventRows
{
    Q_OBJECT
public:
    static constexpr int kPageRows = 256, kWindowPages = 48;

    explicit EventListModel(std::shared_ptr<QueryService> queries, QObject* parent = nullptr);
    ~EventListModel() override;

    /// Shows other events. Empty until the count is known (totalChanged()).
    void setSelection(const Selection& selection);
    const Selection& selection() const { return m_selection; }
    /// Asks again for the same selection: more events may have come. Rows keep their place where they can.
    void refresh();
    /// Fields shown as further columns behind the message.
    void setFields(std::vector<std::string> fields);

    const EventRow* event(int row) const override;
    const EventRow* held(int row) const override;
    const QString& summary(int row) const override;
    /// Where an event stands in the selection is found by asking; the answer comes with located().
    void locate(const EventKey& key);
    void forgetLocate() { m_locate.cancel(); }
    LoadState loadState(int row) const override;
    /// While the total is not known yet, or only in part.
    bool counting() const override { return m_count.pending(); }

    int rowCount(const QModelIndex& parent = {}) const override;

Q_SIGNALS:
    void totalChanged(qint64 total, bool exact);
    /// `row` is the number of events before it; `there` tells whether it is one of the selection's.
    void located(const faultline::EventKey& key, qint64 row, bool there);
    void pageFailed(const faultline::Error& error);
    /// The total could not be found out; pageFailed() says it too.
    void totalFailed(const faultline::Error& error);

private:
    struct Page
    {
        LoadState state = LoadState::Loading;
        bool stale = false; ///< shown, and to be read again when it is looked at
        std::vector<EventRow> rows;
        std::vector<QString> summaries; ///< by row; empty when all have a message
        QueryService::Ticket ticket, summaryTicket;
    };
    const Page& page(int number) const;
    void read(int number, Page& page) const;
    void accept(int number, const Result<std::vector<Answer>>& answers);
    void askSummaries(int number, Page& page);
    void tellChanged(int number);
    void setTotal(qint64 total, bool exact);
    void markStale();
    void askTotal();

    std::shared_ptr<QueryService> m_queries;
    Selection m_selection;
    int m_rows = 0;
    bool m_refreshing = false;                         ///< pages held are of an earlier state of the store
    mutable QHash<int, std::shared_ptr<Page>> m_pages; ///< data() fills it, hence mutable
    mutable std::list<int> m_recent;                   ///< page numbers, used last first
    QueryService::Ticket m_count, m_locate;
};

} // namespace faultline
