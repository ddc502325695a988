#include "views/changes/change_row_delegate.h"

#include "models/tables/change_list_model.h"
#include "views/render/plain_text.h"

#include <QPainter>

#include <algorithm>

namespace faultline {
namespace {

constexpr int kPad = 6, kBar = 56;

/// Told without a colour: new, gone, more, less.
QString signOf(Change::Way way)
{
    switch (way) {
    case Change::Way::New: return QStringLiteral("+");
    case Change::Way::Gone: return QString(QChar(0x2212));
    case Change::Way::More: return QString(QChar(0x2191));
    case Change::Way::Less: return QString(QChar(0x2193));
    }
    return {};
}

} // namespace

void ChangeRowDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option,
                              const QModelIndex& index) const
{
    painter->save();
    const QFontMetrics& metrics = option.fontMetrics;
    const int height = metrics.height();
    QStyleOptionViewItem row = option;
    if (const QString heading = index.data(ChangeListModel::HeadingRole).toString(); !heading.isEmpty()) {
        const QRect above(option.rect.left(), option.rect.top(), option.rect.width(), height + 8);
        row.rect.setTop(above.bottom() + 1);
        painter->fillRect(above, theme().alternate);
        painter->setFont(option.font);
        paintText(*painter, above.adjusted(kPad, 0, -kPad, 0), heading, theme().text);
    }
    const bool current = paintGround(*painter, row);
    const QColor strong = current ? theme().selectionText : theme().text;
    const QColor weak = current ? theme().selectionText : theme().dim;
    const auto text = [&](int column) {
        return oneLine(index.siblingAtColumn(column).data().toString().toStdString());
    };
    QRect line(row.rect.left() + kPad, row.rect.top() + 4, row.rect.width() - 2 * kPad, height);
    const int sign = metrics.horizontalAdvance(QLatin1Char('W')) + 8;
    paintText(*painter, QRect(line.left(), line.top(), sign, height),
              signOf(static_cast<Change::Way>(index.data(ChangeListModel::WayRole).toInt())), strong,
              Qt::AlignHCenter);
    const int left = line.left() + sign + 4;
    const QString onset = text(ChangeListModel::OnsetColumn);
    const int began = metrics.horizontalAdvance(onset);
    paintText(*painter, QRect(line.right() - began, line.top(), began + 1, height), onset, weak,
              Qt::AlignRight);
    const int room = std::max(line.right() - began - 2 * kPad - left, 0);
    // Many begin alike, and differ at their end.
    paintText(*painter, QRect(left, line.top(), room, height),
              metrics.elidedText(text(ChangeListModel::WhatColumn), Qt::ElideMiddle, room), strong);
    int x = left;
    const int y = line.top() + height + 3;
    const auto side = [&](const QString& name, int count, int share, int role, const QColor& color) {
        const QString words = ChangeListModel::tr("%1 %2 (%3)").arg(name, text(count), text(share));
        const int width = metrics.horizontalAdvance(words);
        if (x + width > line.right()) return;
        paintText(*painter, QRect(x, y, width + 1, height), words, weak);
        x += width + kPad;
        if (x + kBar > line.right()) return;
        const QRect frame(x, y + height / 2 - 3, kBar, 6);
        painter->fillRect(frame, theme().grid);
        const double part = std::clamp(index.data(role).toDouble(), 0.0, 1.0);
        const int filled = part > 0 ? std::max(static_cast<int>(part * kBar), 1) : 0;
        painter->fillRect(QRect(frame.left(), frame.top(), filled, frame.height()), color);
        x += kBar + 2 * kPad;
    };
    side(QStringLiteral("A"), ChangeListModel::InAColumn, ChangeListModel::ShareAColumn,
         ChangeListModel::ShareARole, current ? theme().selectionText : theme().accent);
    side(QStringLiteral("B"), ChangeListModel::InBColumn, ChangeListModel::ShareBColumn,
         ChangeListModel::ShareBRole, weak);
    paintText(*painter, QRect(x, y, std::max(line.right() - x, 0), height),
              ChangeListModel::tr("strength %1").arg(text(ChangeListModel::StrengthColumn)), weak,
              Qt::AlignRight);
    painter->setPen(theme().grid);
    painter->drawLine(option.rect.bottomLeft(), option.rect.bottomRight());
    painter->restore();
}

QSize ChangeRowDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    const int height = option.fontMetrics.height();
    const bool heading = index.data(ChangeListModel::HeadingRole).isValid();
    return {100, 2 * height + 12 + (heading ? height + 9 : 0)};
}

} // namespace faultline
