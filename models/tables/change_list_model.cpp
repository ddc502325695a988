#include "models/tables/change_list_model.h"

#include "models/analysis/change_text.h"
#include "models/records/time_text.h"
#include "models/tables/cell_text.h"

#include <algorithm>

namespace faultline {
namespace {

QString shareText(double share)
{
    return QStringLiteral("%1 %").arg(share * 100, 0, 'f', share >= 0.1 || share <= 0 ? 0 : 1);
}

QString textOf(std::string_view text)
{
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

} // namespace

void ChangeListModel::setComparison(std::shared_ptr<const Comparison> comparison)
{
    beginResetModel();
    m_comparison = std::move(comparison);
    arrange();
    endResetModel();
}

void ChangeListModel::setOrder(Order order)
{
    if (order == m_order) return;
    beginResetModel();
    m_order = order;
    arrange();
    endResetModel();
}

void ChangeListModel::setTimeText(std::function<QString(TimeNs)> text)
{
    m_timeText = std::move(text);
    if (!m_rows.empty())
        Q_EMIT dataChanged(index(0, OnsetColumn), index(rowCount() - 1, OnsetColumn), {Qt::DisplayRole});
}

void ChangeListModel::arrange()
{
    m_rows.clear();
    m_passing = 0;
    if (!m_comparison) return;
    const auto take = [this](const std::vector<ChangeGroup>& groups) {
        const auto begin = static_cast<std::ptrdiff_t>(m_rows.size());
        for (const ChangeGroup& group : groups) m_rows.push_back(&group);
        if (m_order == Order::Ranked) return;
        std::stable_sort(m_rows.begin() + begin, m_rows.end(),
                         [](const ChangeGroup* a, const ChangeGroup* b) {
                             return a->head.onset.value_or(kTimeMax) < b->head.onset.value_or(kTimeMax);
                         });
    };
    take(m_comparison->groups);
    m_passing = static_cast<int>(m_rows.size());
    take(m_comparison->weaker);
}

QString ChangeListModel::timeText(TimeNs time) const
{
    return m_timeText ? m_timeText(time) : QString::fromStdString(formatRfc3339(time));
}

const ChangeGroup* ChangeListModel::group(int row) const
{
    return row >= 0 && row < rowCount() ? m_rows[static_cast<std::size_t>(row)] : nullptr;
}

int ChangeListModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int ChangeListModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant ChangeListModel::data(const QModelIndex& index, int role) const
{
    const ChangeGroup* const group = index.isValid() ? this->group(index.row()) : nullptr;
    if (group == nullptr) return {};
    const Change& change = group->head;
    switch (role) {
    case HeadingRole:
        if (index.row() != m_passing) return {};
        return tr("Less sure: no more than chance gives among %1 tests. With few events the cause may be "
                  "here.")
            .arg(groupedNumber(m_comparison->tests));
    case WayRole: return static_cast<int>(change.way);
    case ShareARole: return change.shareA;
    case ShareBRole: return change.shareB;
    case Qt::AccessibleTextRole:
        if (index.column() != WhatColumn) break;
        return cellText(change.what + ". " + change.why, 2'000);
    case Qt::DisplayRole: break;
    default: return {};
    }
    switch (index.column()) {
    case WayColumn: return textOf(wayName(change.way));
    case WhatColumn: return cellText(change.what, 1'000);
    case FieldColumn:
        return change.kind == Change::Kind::Pattern ? tr("message") : cellText(change.field, 200);
    case InAColumn: return groupedNumber(change.inA);
    case InBColumn: return groupedNumber(change.inB);
    case ShareAColumn: return shareText(change.shareA);
    case ShareBColumn: return shareText(change.shareB);
    case OnsetColumn: return change.onset ? timeText(*change.onset) : QString();
    case StrengthColumn: return QString::number(change.strength, 'f', 1);
    default: return {};
    }
}

QVariant ChangeListModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole) return {};
    switch (section) {
    case WayColumn: return tr("Way");
    case WhatColumn: return tr("Difference");
    case FieldColumn: return tr("Field");
    case InAColumn: return tr("In A");
    case InBColumn: return tr("In B");
    case ShareAColumn: return tr("Share of A");
    case ShareBColumn: return tr("Share of B");
    case OnsetColumn: return tr("Began");
    case StrengthColumn: return tr("Strength");
    default: return {};
    }
}

} // namespace faultline
