#include "views/sql/sql_cell_delegate.h"

#include "models/tables/sql_result_model.h"
#include "views/render/plain_text.h"

namespace faultline {

void SqlCellDelegate::initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const
{
    QStyledItemDelegate::initStyleOption(option, index);
    option->text = oneLine(option->text.toStdString());
    option->textElideMode = Qt::ElideRight;
    if (index.data(SqlResultModel::NullRole).toBool()) option->palette.setColor(QPalette::Text, m_theme.dim);
}

} // namespace faultline
