#pragma once
#include "views/fields/row_delegates.h"

namespace faultline {

/// A row of ChangeListModel on two lines: sign of the way, the difference, when it began; counts of A and B
/// with a bar for each share, strength. Above the first weaker one a line says why they are weaker.
class ChangeRowDelegate final : public RowDelegate
{
public:
    using RowDelegate::RowDelegate;
    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override;
    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;
};

} // namespace faultline
