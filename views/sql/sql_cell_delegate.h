#pragma once
#include "views/render/theme.h"

#include <QStyledItemDelegate>

namespace faultline {

/// A cell of an SQL answer: on one line, safe to paint, NULL in the colour of what is not there.
class SqlCellDelegate final : public QStyledItemDelegate
{
    Q_OBJECT
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void setTheme(const Theme& theme) { m_theme = theme; }

protected:
    void initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const override;

private:
    Theme m_theme = Theme::darkTheme();
};

} // namespace faultline
