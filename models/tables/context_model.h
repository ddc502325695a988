#pragma once
#include "models/session/query_service.h"
#include "models/tables/event_rows.h"

#include <deque>
#include <memory>
#include <optional>

class QTimer;

namespace faultline {

/// What happened around an event: a window of rows that grows at both of its ends when they come near, by key
/// and never by counting, so that it costs the same in a store of any size.
///
/// Size     At most kMostRows rows are held; those farthest from the growing end go first.
/// Errors   failed(); the rows there are stay, and further ones are asked for again with the next show(),
///          seekEnd() or refresh().
/// Threads  Lives on the GUI thread and never blocks it.
/// Cancel   show() and clear() drop what was asked before.
/// Order    What was asked is brought to its end: a store that changes all the time is compared with what is
///          held again and again, one time after the other, and rows at the ends are read between two of
///          them.
class ContextModel final : public EventRows
{
    Q_OBJECT
public:
    static constexpr int kPageRows = 128, kMostRows = 4'096;

    explicit ContextModel(std::shared_ptr<QueryService> queries, QObject* parent = nullptr);
    ~ContextModel() override;

    /// Rows around this event, of those that `scope` keeps (null: all); shown() tells. Rows that are held
    /// already are not read again.
    void show(const EventKey& key, const FilterPtr& scope);
    void clear();
    /// Events of this selection are matches.
    void setMatches(const Selection& selection);
    void setFields(std::vector<std::string> fields);
    /// The store has changed: what is held is compared with it, and the ends may be ends no longer.
    void refresh();
    /// The row of an event; -1 when it is not held.
    int rowOf(const EventKey& key) const;
    /// The rows held are of another scope than the one asked for last.
    bool stale() const { return m_stale; }
    /// The last answer was an error.
    bool failing() const { return m_failing; }

    const EventRow* event(int row) const override;
    const EventRow* held(int row) const override;
    const QString& summary(int row) const override;
    LoadState loadState(int row) const override;
    bool counting() const override { return m_around.pending(); }
    bool isMatch(int row) const override;
    bool seekEnd(bool last) override;
    int rowCount(const QModelIndex& parent = {}) const override;

Q_SIGNALS:
    /// `row` is that of the event, or where it would be; `there` tells which.
    void shown(const faultline::EventKey& key, int row, bool there);
    /// Where seekEnd() led.
    void sought(int row);
    void failed(const faultline::Error& error);

private:
    struct Row
    {
        EventRow event;
        QString summary;
        bool match = false;
    };
    PageQuestion question(Order order, const EventKey& after, bool inclusive, std::uint64_t limit) const;
    void askAround(const EventKey& key, bool seeking);
    void acceptAround(const EventKey& key, bool seeking, const std::vector<Answer>& answers);
    void grow(bool back);
    void acceptGrown(bool back, PageAnswer answer);
    void readAgain(bool always);
    void acceptAgain(const std::vector<EventRow>& rows);
    /// Something is under way that a refresh has to wait for.
    bool busy() const;
    void refreshSoon();
    void fail(const Error& error);
    void look(std::size_t first, std::size_t last);
    void markMatches(std::size_t first, std::size_t last);
    void askSummaries(std::size_t first, std::size_t last);
    void hold(QueryService::Ticket ticket);
    void tell(const EventKey& from, const EventKey& to);
    bool isHeld(int row) const { return row >= 0 && row < static_cast<int>(m_rows.size()); }

    std::shared_ptr<QueryService> m_queries;
    FilterPtr m_scope;
    Selection m_matches;
    std::deque<Row> m_rows;
    std::optional<EventKey> m_wanted; ///< the event that is being gone to
    bool m_seeking = false;           ///< and it is an end, see seekEnd()
    QTimer* m_later;                  ///< the refresh that waits
    bool m_next = false;              ///< there is one
    bool m_atBegin = true, m_atEnd = true, m_stale = false, m_failing = false;
    bool m_changing = false; ///< rows are being put in: who looks at them meanwhile starts no read
    QueryService::Ticket m_around, m_before, m_after, m_again;
    std::vector<QueryService::Ticket> m_details; ///< of summaries, and of matches
    std::vector<QueryService::Ticket> m_marking; ///< of matches, of the present question alone
    bool m_againAlways = false; ///< rows are to be replaced by the next answer, whatever it is
};

} // namespace faultline
