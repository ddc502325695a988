#include "models/tables/field_values_model.h"

#include "models/tables/cell_text.h"

namespace faultline {

FieldValuesModel::FieldValuesModel(std::shared_ptr<QueryService> queries, QObject* parent)
    : QAbstractTableModel(parent), m_queries(std::move(queries))
{}

void FieldValuesModel::clear()
{
    m_ticket.cancel();
    beginResetModel();
    m_field.clear();
    m_summary.reset();
    m_rows.clear();
    m_total = 0;
    m_error.reset();
    endResetModel();
}

void FieldValuesModel::ask(const Selection& selection, const QString& field)
{
    if (field != m_field) clear();
    m_field = field;
    m_error.reset();
    m_progress = {};
    FacetQuestion question;
    question.selection = selection;
    question.fields = {field.toStdString()};
    question.top = kTop;
    m_ticket = m_queries->ask(
        {question},
        [this](const Result<std::vector<Answer>>& answers, const ScanProgress& progress) {
            take(answers, progress);
        },
        true);
}

void FieldValuesModel::take(const Result<std::vector<Answer>>& answers, const ScanProgress& progress)
{
    if (!answers) {
        if (answers.error().kind == ErrorKind::Cancelled) return;
        m_error = answers.error();
        Q_EMIT answered();
        return;
    }
    const auto& answer = std::get<FacetAnswer>(answers->front());
    if (answer.fields.empty()) return;
    beginResetModel();
    m_progress = progress;
    m_total = answer.total;
    m_summary = answer.fields.front();
    m_rows.clear();
    quint64 shown = 0;
    for (std::size_t i = 0; i < m_summary->top.size(); ++i) {
        m_rows.push_back({Kind::Value, m_summary->top[i].count, i});
        shown += m_summary->top[i].count;
    }
    if (m_summary->present > shown) m_rows.push_back({Kind::Others, m_summary->present - shown, 0});
    if (m_total > m_summary->present) m_rows.push_back({Kind::Absent, m_total - m_summary->present, 0});
    endResetModel();
    Q_EMIT answered();
}

FieldValuesModel::Kind FieldValuesModel::kind(int row) const
{
    return row < 0 || row >= rowCount() ? Kind::Others : m_rows[static_cast<std::size_t>(row)].kind;
}

std::optional<QString> FieldValuesModel::value(int row) const
{
    if (kind(row) != Kind::Value) return std::nullopt;
    return QString::fromStdString(m_summary->top[m_rows[static_cast<std::size_t>(row)].value].value);
}

QString FieldValuesModel::label(const Row& row, std::size_t most) const
{
    switch (row.kind) {
    case Kind::Value: {
        const std::string& value = m_summary->top[row.value].value;
        return value.empty() ? tr("(empty)") : cellText(value, most);
    }
    case Kind::Others: {
        const std::uint64_t others =
            m_summary->distinct - std::min<std::uint64_t>(m_summary->distinct, m_summary->top.size());
        return tr("and %1 other values").arg(groupedNumber(others));
    }
    case Kind::Absent: return tr("(absent)");
    }
    return {};
}

int FieldValuesModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int FieldValuesModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant FieldValuesModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid)) return {};
    const Row& row = m_rows[static_cast<std::size_t>(index.row())];
    switch (role) {
    case KindRole: return QVariant::fromValue(row.kind);
    case ShareRole: return m_total == 0 ? 0.0 : static_cast<double>(row.count) / static_cast<double>(m_total);
    case Qt::TextAlignmentRole:
        return index.column() == ValueColumn ? QVariant()
                                             : QVariant(static_cast<int>(Qt::AlignRight | Qt::AlignVCenter));
    case Qt::AccessibleTextRole:
        return tr("%1, %2 events, %3")
            .arg(label(row, 200), groupedNumber(row.count), percentText(row.count, m_total));
    case Qt::ToolTipRole:
        return plainToolTip(
            label(row, 4'000) + QLatin1Char('\n') +
            tr("%1 events, %2").arg(groupedNumber(row.count), percentText(row.count, m_total)));
    case Qt::DisplayRole: break;
    default: return {};
    }
    switch (index.column()) {
    case ValueColumn: return label(row, 500);
    case CountColumn: return groupedNumber(row.count);
    default: return percentText(row.count, m_total);
    }
}

QVariant FieldValuesModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (role != Qt::DisplayRole || orientation != Qt::Horizontal) return {};
    switch (section) {
    case ValueColumn: return tr("Value");
    case CountColumn: return tr("Events");
    default: return tr("Share");
    }
}

} // namespace faultline
