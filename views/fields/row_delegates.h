#pragma once
#include "views/render/theme.h"

#include <QStyledItemDelegate>

namespace faultline {

/// What rows of the panel have in common: the colours, the ground of the current row, text on one line.
class RowDelegate : public QStyledItemDelegate
{
    Q_OBJECT
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void setTheme(const Theme& theme) { m_theme = theme; }

protected:
    /// Paints the ground; says whether the row is the current one.
    bool paintGround(QPainter& painter, const QStyleOptionViewItem& option) const;
    /// A share of the row's width, as a bar behind its text.
    void paintBar(QPainter& painter, const QRect& area, double share, bool current) const;
    /// Plain text, cut at the end.
    static void paintText(QPainter& painter, const QRect& area, const QString& text, const QColor& color,
                          Qt::Alignment alignment = Qt::AlignLeft);
    const Theme& theme() const { return m_theme; }

private:
    Theme m_theme = Theme::darkTheme();
};

/// A row of FieldListModel: sign of the type, name, presence.
class FieldRowDelegate final : public RowDelegate
{
public:
    using RowDelegate::RowDelegate;
    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override;
    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;
};

/// A row of FieldValuesModel: value, count, share, and a bar as long as the share.
class ValueRowDelegate final : public RowDelegate
{
public:
    using RowDelegate::RowDelegate;
    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override;
    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;
};

/// A row of PatternListModel on two lines: the pattern; worst severity, count, share, first and last time.
class PatternRowDelegate final : public RowDelegate
{
public:
    using RowDelegate::RowDelegate;
    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override;
    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;
};

} // namespace faultline
