#pragma once
#include "models/query/engine.h"

#include <QAbstractTableModel>

#include <optional>

namespace faultline {

/// The fields of one event: name and value. Canonical ones first, then the document's in its order.
/// Lives on the GUI thread.
class FieldTableModel final : public QAbstractTableModel
{
    Q_OBJECT
public:
    enum Column { NameColumn, ValueColumn, ColumnCount };
    explicit FieldTableModel(QObject* parent = nullptr) : QAbstractTableModel(parent) {}
    void setEvent(std::optional<EventRow> event);
    const std::optional<EventRow>& event() const { return m_event; }

    struct Row
    {
        std::string field, value;
        ValueKind kind = ValueKind::Text;
    };
    const Row& row(int number) const { return m_rows[static_cast<std::size_t>(number)]; }

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    std::optional<EventRow> m_event;
    std::vector<Row> m_rows;
};

} // namespace faultline
