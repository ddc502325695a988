#pragma once
#include "models/analysis/comparison.h"

#include <QAbstractTableModel>

#include <functional>
#include <memory>
#include <vector>

namespace faultline {

/// The differences of a comparison, a row each: first those that are more than chance, then the weaker ones.
/// Differences of the same events are one row, that of the one that explains most. GUI thread; never asks.
class ChangeListModel final : public QAbstractTableModel
{
    Q_OBJECT
public:
    enum Column {
        WayColumn,
        WhatColumn,
        FieldColumn,
        InAColumn,
        InBColumn,
        ShareAColumn,
        ShareBColumn,
        OnsetColumn,
        StrengthColumn,
        ColumnCount
    };
    /// HeadingRole: of the first weaker row, why those from here on are weaker; else nothing. WayRole:
    /// Change::Way as a number. ShareARole, ShareBRole: 0 to 1.
    enum Role { HeadingRole = Qt::UserRole, WayRole, ShareARole, ShareBRole };
    enum class Order {
        Ranked, ///< the most telling first
        Onset   ///< what began first, first; what has no onset behind that
    };
    using QAbstractTableModel::QAbstractTableModel;

    /// Null: no rows.
    void setComparison(std::shared_ptr<const Comparison> comparison);
    const Comparison* comparison() const { return m_comparison.get(); }
    void setOrder(Order order);
    Order order() const { return m_order; }
    /// How a time is written; empty: RFC 3339 in UTC.
    void setTimeText(std::function<QString(TimeNs)> text);
    /// Null where there is no such row; lives until the next answer.
    const ChangeGroup* group(int row) const;
    bool weaker(int row) const { return row >= m_passing; }

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    void arrange();
    QString timeText(TimeNs time) const;
    std::shared_ptr<const Comparison> m_comparison;
    std::vector<const ChangeGroup*> m_rows; ///< of m_comparison
    int m_passing = 0;
    Order m_order = Order::Ranked;
    std::function<QString(TimeNs)> m_timeText;
};

} // namespace faultline
