#pragma once
#include "models/query/engine.h"
#include "models/session/query_service.h"

#include <QAbstractTableModel>

#include <optional>

namespace faultline {

/// The patterns of a selection's messages, the most frequent first.
///
/// Size     At most kMost are held; more() tells whether there are others.
/// Partial  While the scan goes on the counts are those so far, and progress() tells of how many events.
/// Threads  Lives on the GUI thread and never blocks it.
/// Cancel   setSelection(), forget() and the destructor stop what is pending; a late answer is dropped.
class PatternListModel final : public QAbstractTableModel
{
    Q_OBJECT
public:
    enum Column {
        CountColumn,
        ShareColumn,
        SeverityColumn,
        PatternColumn,
        FirstColumn,
        LastColumn,
        ColumnCount
    };
    /// SeverityRole: the worst one that an event of the pattern has, the first number of its class.
    /// ShareRole: 0 to 1 of the events. FirstRole, LastRole: TimeNs, nothing when no event has a time of its
    /// own.
    enum Role { SeverityRole = Qt::UserRole, ShareRole, FirstRole, LastRole };
    static constexpr std::size_t kMost = 1'000;

    explicit PatternListModel(std::shared_ptr<QueryService> queries, QObject* parent = nullptr);

    /// Asks for the patterns; rows stay until the answer is there.
    void setSelection(const Selection& selection);
    /// Stops asking.
    void forget() { m_ticket.cancel(); }
    const PatternSummary* pattern(int row) const;
    int rowOf(quint64 id) const;
    bool more() const { return m_more; }
    quint64 total() const { return m_total; }
    bool loading() const { return m_ticket.pending(); }
    const ScanProgress& progress() const { return m_progress; }
    const std::optional<Error>& error() const { return m_error; }

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

Q_SIGNALS:
    /// The rows, progress() or error() are others.
    void answered();

private:
    void take(const Result<std::vector<Answer>>& answers, const ScanProgress& progress);

    std::shared_ptr<QueryService> m_queries;
    std::vector<PatternSummary> m_patterns;
    bool m_more = false;
    quint64 m_total = 0;
    ScanProgress m_progress;
    std::optional<Error> m_error;
    QueryService::Ticket m_ticket;
};

} // namespace faultline
