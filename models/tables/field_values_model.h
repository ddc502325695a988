#pragma once
#include "models/query/engine.h"
#include "models/session/query_service.h"

#include <QAbstractTableModel>

#include <optional>

namespace faultline {

/// The most frequent values of one field in the events of a selection, exactly counted; behind them how many
/// events have other values, and how many have none.
///
/// Partial  While the scan goes on the counts are those so far, and progress() tells of how many events.
/// Threads  Lives on the GUI thread and never blocks it.
/// Cancel   ask(), clear() and the destructor stop what is pending; a late answer is dropped.
class FieldValuesModel final : public QAbstractTableModel
{
    Q_OBJECT
public:
    enum Column { ValueColumn, CountColumn, ShareColumn, ColumnCount };
    enum class Kind { Value, Others, Absent };
    Q_ENUM(Kind)
    /// ShareRole: 0 to 1 of the events of the selection. KindRole: a Kind.
    enum Role { ShareRole = Qt::UserRole, KindRole };
    static constexpr std::size_t kTop = 10;

    explicit FieldValuesModel(std::shared_ptr<QueryService> queries, QObject* parent = nullptr);

    /// Other events or another field; rows of the same field stay until the answer is there.
    void ask(const Selection& selection, const QString& field);
    void clear();
    const QString& field() const { return m_field; }
    Kind kind(int row) const;
    /// The whole value; nothing for a row that is none.
    std::optional<QString> value(int row) const;
    const std::optional<FieldSummary>& summary() const { return m_summary; }
    quint64 total() const { return m_total; }
    bool loading() const { return m_ticket.pending(); }
    const ScanProgress& progress() const { return m_progress; }
    const std::optional<Error>& error() const { return m_error; }

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

Q_SIGNALS:
    /// summary(), progress() or error() is another.
    void answered();

private:
    struct Row
    {
        Kind kind = Kind::Value;
        quint64 count = 0;
        std::size_t value = 0; ///< in m_summary->top
    };
    void take(const Result<std::vector<Answer>>& answers, const ScanProgress& progress);
    QString label(const Row& row, std::size_t most) const;

    std::shared_ptr<QueryService> m_queries;
    QString m_field;
    std::optional<FieldSummary> m_summary;
    std::vector<Row> m_rows;
    quint64 m_total = 0;
    ScanProgress m_progress;
    std::optional<Error> m_error;
    QueryService::Ticket m_ticket;
};

} // namespace faultline
