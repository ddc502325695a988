#include "models/tables/sql_result_model.h"

#include "models/tables/cell_text.h"

#include <iterator>

namespace faultline {

void SqlResultModel::begin(const std::vector<std::string>& columns)
{
    beginResetModel();
    m_columns = columns;
    m_rows.clear();
    endResetModel();
}

void SqlResultModel::add(const SqlService::Rows& rows)
{
    if (rows.empty()) return;
    const int first = static_cast<int>(m_rows.size());
    beginInsertRows({}, first, first + static_cast<int>(rows.size()) - 1);
    m_rows.insert(m_rows.end(), rows.begin(), rows.end());
    endInsertRows();
}

void SqlResultModel::clear()
{
    begin({});
}

const SqlCell* SqlResultModel::cell(const QModelIndex& index) const
{
    if (!index.isValid() || index.row() >= rowCount() || index.column() >= columnCount()) return nullptr;
    return &m_rows[static_cast<std::size_t>(index.row())][static_cast<std::size_t>(index.column())];
}

int SqlResultModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int SqlResultModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_columns.size());
}

QVariant SqlResultModel::data(const QModelIndex& index, int role) const
{
    const SqlCell* const value = cell(index);
    if (value == nullptr) return {};
    switch (role) {
    case Qt::DisplayRole: return value->null ? tr("NULL") : cellText(value->text);
    case Qt::ToolTipRole:
        return value->text.size() > 60 ? plainToolTip(cellText(value->text, 4'000)) : QVariant();
    case Qt::TextAlignmentRole:
        return static_cast<int>((value->number ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    case NullRole: return value->null;
    default: return {};
    }
}

QVariant SqlResultModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (role != Qt::DisplayRole || section < 0) return {};
    if (orientation == Qt::Vertical) return groupedNumber(static_cast<quint64>(section) + 1);
    if (section >= columnCount()) return {};
    return cellText(m_columns[static_cast<std::size_t>(section)], 200);
}

} // namespace faultline
