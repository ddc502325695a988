#pragma once
#include "models/query/engine.h"
#include "models/session/query_service.h"

#include <QAbstractTableModel>

#include <optional>
#include <string>
#include <vector>

namespace faultline {

/// What a field's values are, as a person sees it.
enum class FieldType : std::uint8_t { Unknown, Text, Number, Bool, Time, Json, Null, Mixed };
/// Of the kinds that FieldSummary::kinds lists.
FieldType fieldTypeOf(std::uint32_t kinds);

/// The fields that events of a store have, and how many of a selection's events have each: canonical ones
/// first, then by presence, then by name.
///
/// Asking   Names come from directories, at once. Presence is asked for in batches, one after the other: rows
///          in sight first (setInSight()), then the rest. Rows keep their place until all is known, then
///          they are put in order once.
/// Threads  Lives on the GUI thread and never blocks it.
/// Cancel   setSelection() and the destructor stop what is pending; a late answer is dropped.
class FieldListModel final : public QAbstractTableModel
{
    Q_OBJECT
public:
    enum Column { NameColumn, PresenceColumn, ColumnCount };
    /// NameRole: the whole name. ShareRole: 0 to 1, or nothing while it is not known. PresentRole: events.
    enum Role { NameRole = Qt::UserRole, TypeRole, ShareRole, PresentRole };
    static constexpr std::size_t kBatch = 48;

    explicit FieldListModel(std::shared_ptr<QueryService> queries, QObject* parent = nullptr);

    /// Presence in other events.
    void setSelection(const Selection& selection);
    /// The store has changed: names and presence are asked for again; what was known is shown meanwhile.
    void refresh();
    /// Only names that contain this, in any case.
    void setNameFilter(const QString& text);
    /// The rows that can be seen: they are asked for first.
    void setInSight(int first, int last);
    QString name(int row) const;
    /// -1 when it is not shown.
    int rowOf(const QString& name) const;
    std::size_t allFields() const { return m_fields.size(); }
    /// Events of the selection, once a batch has said so.
    std::optional<quint64> total() const { return m_total; }
    /// Names or presence are on their way.
    bool loading() const { return m_names.pending() || m_batch.pending(); }
    const std::optional<Error>& error() const { return m_error; }

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

Q_SIGNALS:
    /// loading(), error(), total() or the number of fields is another.
    void stateChanged();

private:
    struct Field
    {
        std::string name;
        int rank = 0; ///< canonical ones by their own order, all others the same
        std::uint32_t kinds = 0;
        std::optional<std::uint64_t> present; ///< of an earlier selection while not `shown`
        bool fresh = false;                   ///< asked for
        bool shown = false;                   ///< of this selection, perhaps before the store grew
    };
    void takeNames(const std::vector<std::string>& names);
    void askNext();
    void takeBatch(const std::vector<std::size_t>& asked, const Result<std::vector<Answer>>& answers);
    void showRows();
    void order();
    QVariant accessibleText(const Field& field) const;

    std::shared_ptr<QueryService> m_queries;
    Selection m_selection;
    std::vector<Field> m_fields;
    std::vector<std::size_t> m_rows; ///< shown, by index in m_fields
    QString m_nameFilter;
    int m_firstInSight = 0, m_lastInSight = 40;
    std::optional<quint64> m_total;
    std::optional<Error> m_error;
    QueryService::Ticket m_names, m_batch;
};

} // namespace faultline
