#include "views/fields/row_delegates.h"

#include "models/tables/field_list_model.h"
#include "models/tables/field_values_model.h"
#include "models/tables/pattern_list_model.h"
#include "views/render/plain_text.h"

#include <QPainter>

#include <algorithm>

namespace faultline {
namespace {

constexpr int kPad = 6;

/// One line of a model's text, safe to paint.
QString lineOf(const QModelIndex& index)
{
    return oneLine(index.data().toString().toStdString());
}

QString signOf(FieldType type)
{
    switch (type) {
    case FieldType::Unknown: break;
    case FieldType::Text: return QStringLiteral("t");
    case FieldType::Number: return QStringLiteral("#");
    case FieldType::Bool: return QString(QChar(0x2713));
    case FieldType::Time: return QString(QChar(0x25f7));
    case FieldType::Json: return QStringLiteral("{}");
    case FieldType::Null: return QString(QChar(0x2205));
    case FieldType::Mixed: return QStringLiteral("*");
    }
    return QString(QChar(0x00b7));
}

/// Two times as "2026-01-02 03:04:05", as exactly as there is room for; the tool tip has all of it. The day
/// is said once where both have the same.
QString spanText(const QString& first, const QString& last, const QFontMetrics& metrics, int width)
{
    if (last.isEmpty()) return first;
    const bool sameDay = first.left(10) == last.left(10);
    const auto span = [](const QString& a, const QString& b) { return a + QStringLiteral(" \u2013 ") + b; };
    QStringList ways{span(first, sameDay ? last.mid(11) : last)};
    if (sameDay)
        ways << span(first.mid(11), last.mid(11)) << span(first.mid(11, 5), last.mid(11, 5));
    else
        ways << span(first.mid(5, 11), last.mid(5, 11)) << span(first.mid(5, 5), last.mid(5, 5));
    for (const QString& way : ways)
        if (metrics.horizontalAdvance(way) <= width) return way;
    return ways.back();
}

int lineHeight(const QStyleOptionViewItem& option)
{
    return option.fontMetrics.height() + 6;
}

} // namespace

bool RowDelegate::paintGround(QPainter& painter, const QStyleOptionViewItem& option) const
{
    const bool current = (option.state & QStyle::State_Selected) != 0;
    painter.setFont(option.font);
    painter.setLayoutDirection(Qt::LeftToRight);
    painter.fillRect(option.rect, current ? m_theme.selection : m_theme.base);
    if (current && (option.state & QStyle::State_HasFocus) != 0) {
        painter.setPen(m_theme.accent);
        painter.drawRect(option.rect.adjusted(0, 0, -1, -1));
    }
    return current;
}

void RowDelegate::paintBar(QPainter& painter, const QRect& area, double share, bool current) const
{
    if (current) return;
    QColor color = m_theme.accent;
    color.setAlphaF(m_theme.dark ? 0.22f : 0.16f);
    QRect bar = area;
    bar.setWidth(static_cast<int>(std::clamp(share, 0.0, 1.0) * area.width()));
    // What is there can be seen.
    if (share > 0) bar.setWidth(std::max(bar.width(), 2));
    painter.fillRect(bar, color);
}

void RowDelegate::paintText(QPainter& painter, const QRect& area, const QString& text, const QColor& color,
                            Qt::Alignment alignment)
{
    if (area.width() <= 0) return;
    painter.setPen(color);
    const QString shown = painter.fontMetrics().elidedText(text, Qt::ElideRight, area.width());
    painter.drawText(
        area, static_cast<int>(alignment | Qt::AlignAbsolute | Qt::AlignVCenter) | Qt::TextSingleLine, shown);
}

void FieldRowDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option,
                             const QModelIndex& index) const
{
    painter->save();
    const bool current = paintGround(*painter, option);
    const QVariant share = index.data(FieldListModel::ShareRole);
    const bool none = share.isValid() && share.toDouble() <= 0;
    const QColor strong = current ? theme().selectionText : none ? theme().dim : theme().text;
    const QColor weak = current ? theme().selectionText : theme().dim;
    const QFontMetrics& metrics = option.fontMetrics;
    QRect area = option.rect.adjusted(kPad, 0, -kPad, 0);
    const int sign = metrics.horizontalAdvance(QStringLiteral("{}")) + 4;
    paintText(*painter, QRect(area.left(), area.top(), sign, area.height()),
              signOf(static_cast<FieldType>(index.data(FieldListModel::TypeRole).toInt())), weak,
              Qt::AlignHCenter);
    area.setLeft(area.left() + sign + 4);
    const QString presence = index.siblingAtColumn(FieldListModel::PresenceColumn).data().toString();
    const int width = metrics.horizontalAdvance(QStringLiteral("> 99.9 %"));
    paintText(*painter, QRect(area.right() - width + 1, area.top(), width, area.height()), presence, weak,
              Qt::AlignRight);
    area.setRight(area.right() - width - kPad);
    paintText(*painter, area, lineOf(index), strong);
    painter->restore();
}

QSize FieldRowDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex&) const
{
    return {100, lineHeight(option)};
}

void ValueRowDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option,
                             const QModelIndex& index) const
{
    painter->save();
    const bool current = paintGround(*painter, option);
    const auto kind = index.data(FieldValuesModel::KindRole).value<FieldValuesModel::Kind>();
    const bool value = kind == FieldValuesModel::Kind::Value;
    if (value)
        paintBar(*painter, option.rect.adjusted(0, 1, 0, -1),
                 index.data(FieldValuesModel::ShareRole).toDouble(), current);
    // Text upon a bar is never the weak one.
    const QColor color = current ? theme().selectionText : value ? theme().text : theme().dim;
    const QFontMetrics& metrics = option.fontMetrics;
    QRect area = option.rect.adjusted(kPad, 0, -kPad, 0);
    int width = metrics.horizontalAdvance(QStringLiteral("> 99.9 %"));
    paintText(*painter, QRect(area.right() - width + 1, area.top(), width, area.height()),
              index.siblingAtColumn(FieldValuesModel::ShareColumn).data().toString(), color, Qt::AlignRight);
    area.setRight(area.right() - width - kPad);
    const QString count = index.siblingAtColumn(FieldValuesModel::CountColumn).data().toString();
    width = metrics.horizontalAdvance(count);
    paintText(*painter, QRect(area.right() - width, area.top(), width + 1, area.height()), count, color,
              Qt::AlignRight);
    area.setRight(area.right() - width - kPad);
    paintText(*painter, area, lineOf(index), color);
    painter->restore();
}

QSize ValueRowDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex&) const
{
    return {100, lineHeight(option)};
}

void PatternRowDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option,
                               const QModelIndex& index) const
{
    painter->save();
    const bool current = paintGround(*painter, option);
    const QColor strong = current ? theme().selectionText : theme().text;
    const QColor weak = current ? theme().selectionText : theme().dim;
    const QModelIndex pattern = index.siblingAtColumn(PatternListModel::PatternColumn);
    const auto severity = static_cast<Severity>(index.data(PatternListModel::SeverityRole).toInt());
    const int height = option.fontMetrics.height();
    QRect area = option.rect.adjusted(kPad, 4, -kPad, -4);
    const int letter = option.fontMetrics.horizontalAdvance(QLatin1Char('W')) + 6;
    QFont bold = option.font;
    bold.setBold(true);
    painter->setFont(bold);
    paintText(*painter, QRect(area.left(), area.top(), letter, height), QString(severityLetter(severity)),
              current ? theme().selectionText : theme().severityColor(severity));
    painter->setFont(option.font);
    area.setLeft(area.left() + letter);
    // Many begin alike, and differ at their end.
    paintText(*painter, QRect(area.left(), area.top(), area.width(), height),
              option.fontMetrics.elidedText(lineOf(pattern), Qt::ElideMiddle, area.width()), strong);
    const auto text = [&](int column) { return index.siblingAtColumn(column).data().toString(); };
    const QString count = text(PatternListModel::CountColumn);
    const QString counts = (count == QLatin1String("1") ? PatternListModel::tr("%1 event, %2")
                                                        : PatternListModel::tr("%1 events, %2"))
                               .arg(count, text(PatternListModel::ShareColumn));
    QRect second(area.left(), area.top() + height + 2, area.width(), height);
    const int counted = std::min(option.fontMetrics.horizontalAdvance(counts), second.width());
    paintText(*painter, QRect(second.left(), second.top(), counted + 1, height), counts, weak);
    second.setLeft(second.left() + counted + 2 * kPad);
    const bool timed = index.data(PatternListModel::FirstRole).isValid();
    paintText(*painter, second,
              spanText(text(PatternListModel::FirstColumn),
                       timed ? text(PatternListModel::LastColumn) : QString(), option.fontMetrics,
                       second.width()),
              weak);
    painter->setPen(theme().grid);
    painter->drawLine(option.rect.bottomLeft(), option.rect.bottomRight());
    painter->restore();
}

QSize PatternRowDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex&) const
{
    return {100, 2 * option.fontMetrics.height() + 11};
}

} // namespace faultline
