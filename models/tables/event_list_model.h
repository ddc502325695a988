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
///          again when a view returns to it. As many of an earlier state of the store are shown in their
///          place until they have been read again. rowCount() stops at INT_MAX.
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
    /// An event that is to be found again, and the row where it is.
    struct Place
    {
        EventKey key;
        qint64 row = 0; ///< in refreshed(): the number of events before it
        bool there = true;
    };
    /// Asks again: more events may have come, and of a view that moves with the time its range is another.
    /// Rows that come or go before the first of `places` are told of as rows at the begin, so that its event,
    /// and those beside it, are what they were. refreshed() says where all of them are; only then the
    /// selection has the new range. Asked for again before that, the earlier refresh is off.
    void refresh(const TimeRange& range, std::vector<Place> places);
    /// A refresh that is under way is off: true when there was one.
    bool cancelRefresh();
    /// Fields shown as further columns behind the message.
    void setFields(std::vector<std::string> fields);

    const EventRow* event(int row) const override;
    const EventRow* held(int row) const override;
    const QString& summary(int row) const override;
    /// Where an event stands in the selection is found by asking; the answer comes with located().
    void locate(const EventKey& key);
    void forgetLocate() { m_locate.cancel(); }
    bool locating() const { return m_locate.pending(); }
    /// Rows that were looked at are on their way.
    bool reading() const;
    LoadState loadState(int row) const override;
    /// While the total is not known yet, or only in part.
    bool counting() const override { return m_count.pending(); }

    int rowCount(const QModelIndex& parent = {}) const override;

Q_SIGNALS:
    /// Before rows change because of a refresh, and when they have.
    void aboutToRefresh();
    void refreshed(const std::vector<faultline::EventListModel::Place>& places);
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
        std::vector<EventRow> rows;
        std::vector<QString> summaries; ///< by row; empty when all have a message
        QueryService::Ticket ticket, summaryTicket;
    };
    /// A page of an earlier state of the store, by the row where its first event is now.
    struct Earlier
    {
        qint64 first = 0;
        std::shared_ptr<Page> page;
    };
    const Page& page(int number) const;
    /// What stood in a row before it is read again; nothing when that is not known.
    const EventRow* earlier(int row, const QString** summary = nullptr) const;
    const EventRow* shown(const Page& page, int row) const;
    void keepSummaries(int number, Page& page) const;
    void forgetPages();
    /// Pages are of an earlier state from now on, their rows so many places further.
    void supersede(qint64 moved);
    void takeRefreshed(const TimeRange& range, std::vector<Place> places, const std::vector<Answer>& answers);
    void read(int number, Page& page) const;
    /// The first rows of a page whose scan goes on.
    void acceptFirst(int number, const std::vector<EventRow>& rows);
    void accept(int number, const Result<std::vector<Answer>>& answers);
    void askSummaries(int number, Page& page);
    void tellChanged(int number);
    void setTotal(qint64 total, bool exact);
    /// Rows come or go from there on; `change` what is held, at that moment.
    template <class Change> void setRows(int rows, int from, Change change);
    void askTotal();
    void failTotal(const Error& error);

    std::shared_ptr<QueryService> m_queries;
    Selection m_selection;
    int m_rows = 0;
    bool m_refreshing = false;                         ///< m_count is a refresh
    std::vector<Earlier> m_earlier;                    ///< the newest state first
    mutable QHash<int, std::shared_ptr<Page>> m_pages; ///< data() fills it, hence mutable
    mutable std::list<int> m_recent;                   ///< page numbers, used last first
    QueryService::Ticket m_count, m_locate;
};

} // namespace faultline
