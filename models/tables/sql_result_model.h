#pragma once
#include "models/session/sql_service.h"

#include <QAbstractTableModel>

namespace faultline {

/// The answer of an SQL statement, as it comes. Absent values are shown as NULL, dimmed by NullRole; numbers
/// stand at the right.
///
/// Threads  GUI thread.
class SqlResultModel final : public QAbstractTableModel
{
    Q_OBJECT
public:
    enum Role { NullRole = Qt::UserRole };
    using QAbstractTableModel::QAbstractTableModel;

    void begin(const std::vector<std::string>& columns);
    void add(const SqlService::Rows& rows);
    void clear();
    /// The whole value, as text; NULL as an empty one. A cell that is not there: null.
    const SqlCell* cell(const QModelIndex& index) const;

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    std::vector<std::string> m_columns;
    SqlService::Rows m_rows;
};

} // namespace faultline
