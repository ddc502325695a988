#include "models/tables/field_list_model.h"

#include "models/tables/cell_text.h"

#include <algorithm>
#include <array>
#include <unordered_map>

namespace faultline {
namespace {

constexpr std::array<std::string_view, 9> kFirst{"timestamp", "severity", "message", "service", "host",
                                                 "logger",    "trace_id", "span_id", "source"};

std::uint32_t bit(ValueKind kind)
{
    return 1u << static_cast<unsigned>(kind);
}

QString typeName(FieldType type)
{
    switch (type) {
    case FieldType::Unknown: break;
    case FieldType::Text: return FieldListModel::tr("text");
    case FieldType::Number: return FieldListModel::tr("number");
    case FieldType::Bool: return FieldListModel::tr("yes or no");
    case FieldType::Time: return FieldListModel::tr("time");
    case FieldType::Json: return FieldListModel::tr("JSON");
    case FieldType::Null: return FieldListModel::tr("null");
    case FieldType::Mixed: return FieldListModel::tr("several types");
    }
    return {};
}

} // namespace

FieldType fieldTypeOf(std::uint32_t kinds)
{
    // A null among others says nothing about the others.
    if (kinds != bit(ValueKind::Null)) kinds &= ~bit(ValueKind::Null);
    if (kinds == 0) return FieldType::Unknown;
    const std::uint32_t numbers = bit(ValueKind::Int) | bit(ValueKind::Decimal) | bit(ValueKind::Number);
    if ((kinds & ~numbers) == 0) return FieldType::Number;
    if (kinds == bit(ValueKind::Text)) return FieldType::Text;
    if (kinds == bit(ValueKind::Bool)) return FieldType::Bool;
    if (kinds == bit(ValueKind::Time)) return FieldType::Time;
    if (kinds == bit(ValueKind::Json)) return FieldType::Json;
    if (kinds == bit(ValueKind::Null)) return FieldType::Null;
    return FieldType::Mixed;
}

FieldListModel::FieldListModel(std::shared_ptr<QueryService> queries, QObject* parent)
    : QAbstractTableModel(parent), m_queries(std::move(queries))
{}

void FieldListModel::setSelection(const Selection& selection)
{
    m_selection = selection;
    m_error.reset();
    m_total.reset();
    m_batch.cancel();
    for (Field& field : m_fields) field.fresh = field.shown = false;
    if (!m_rows.empty()) Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
    if (m_fields.empty() && !m_names.pending())
        refresh();
    else if (!m_names.pending())
        askNext();
    Q_EMIT stateChanged();
}

void FieldListModel::refresh()
{
    m_batch.cancel();
    m_names = m_queries->run([this](QueryEngine& engine, const std::stop_token& stop) {
        return [this, names = engine.fieldNames(stop)] {
            if (names) {
                takeNames(*names);
            } else if (names.error().kind != ErrorKind::Cancelled) {
                m_error = names.error();
            }
            Q_EMIT stateChanged();
        };
    });
    Q_EMIT stateChanged();
}

void FieldListModel::takeNames(const std::vector<std::string>& names)
{
    m_error.reset();
    std::unordered_map<std::string, Field> known;
    for (Field& field : m_fields) known.emplace(field.name, std::move(field));
    beginResetModel();
    m_fields.clear();
    m_fields.reserve(names.size());
    for (const std::string& name : names) {
        Field field;
        if (const auto before = known.find(name); before != known.end()) field = std::move(before->second);
        field.name = name;
        field.fresh = false;
        field.rank = static_cast<int>(std::find(kFirst.begin(), kFirst.end(), name) - kFirst.begin());
        m_fields.push_back(std::move(field));
    }
    order();
    showRows();
    endResetModel();
    askNext();
}

void FieldListModel::order()
{
    std::stable_sort(m_fields.begin(), m_fields.end(), [](const Field& a, const Field& b) {
        if (a.rank != b.rank) return a.rank < b.rank;
        const std::uint64_t first = a.present.value_or(0), second = b.present.value_or(0);
        return first != second ? first > second : a.name < b.name;
    });
}

void FieldListModel::showRows()
{
    m_rows.clear();
    for (std::size_t i = 0; i < m_fields.size(); ++i)
        if (m_nameFilter.isEmpty() ||
            QString::fromStdString(m_fields[i].name).contains(m_nameFilter, Qt::CaseInsensitive))
            m_rows.push_back(i);
}

void FieldListModel::setNameFilter(const QString& text)
{
    if (text == m_nameFilter) return;
    beginResetModel();
    m_nameFilter = text;
    showRows();
    endResetModel();
}

void FieldListModel::setInSight(int first, int last)
{
    m_firstInSight = std::max(0, first);
    m_lastInSight = last;
}

void FieldListModel::askNext()
{
    std::vector<std::size_t> asked;
    const auto take = [&](std::size_t index) {
        if (asked.size() < kBatch && !m_fields[index].fresh &&
            std::find(asked.begin(), asked.end(), index) == asked.end())
            asked.push_back(index);
    };
    for (int row = m_firstInSight; row <= m_lastInSight && row < rowCount(); ++row)
        take(m_rows[static_cast<std::size_t>(row)]);
    for (std::size_t i = 0; i < m_fields.size() && asked.size() < kBatch; ++i) take(i);
    if (asked.empty()) {
        Q_EMIT layoutAboutToBeChanged();
        const QModelIndexList before = persistentIndexList();
        std::vector<QString> names;
        for (const QModelIndex& index : before) names.push_back(name(index.row()));
        order();
        showRows();
        QModelIndexList after;
        for (qsizetype i = 0; i < before.size(); ++i) {
            const int row = rowOf(names[static_cast<std::size_t>(i)]);
            after.push_back(row < 0 ? QModelIndex() : index(row, before[i].column()));
        }
        changePersistentIndexList(before, after);
        Q_EMIT layoutChanged();
        Q_EMIT stateChanged();
        return;
    }
    FacetQuestion question;
    question.selection = m_selection;
    question.top = 0;
    question.exactDistinct = false;
    question.values = false;
    for (const std::size_t index : asked) question.fields.push_back(m_fields[index].name);
    m_batch = m_queries->ask({question}, [this, asked](const Result<std::vector<Answer>>& answers,
                                                       const ScanProgress&) { takeBatch(asked, answers); });
}

void FieldListModel::takeBatch(const std::vector<std::size_t>& asked,
                               const Result<std::vector<Answer>>& answers)
{
    if (!answers) {
        if (answers.error().kind == ErrorKind::Cancelled) return;
        m_error = answers.error();
        Q_EMIT stateChanged();
        return;
    }
    const auto& answer = std::get<FacetAnswer>(answers->front());
    m_total = answer.total;
    for (const std::size_t index : asked) {
        Field& field = m_fields[index];
        const auto found =
            std::lower_bound(answer.fields.begin(), answer.fields.end(), field.name,
                             [](const FieldSummary& a, const std::string& b) { return a.field < b; });
        field.fresh = field.shown = true;
        if (found == answer.fields.end() || found->field != field.name) continue;
        field.present = found->present;
        // Of what no event of the selection has, the type is that of the others.
        if (found->kinds != 0) field.kinds = found->kinds;
    }
    if (!m_rows.empty()) Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
    askNext();
    Q_EMIT stateChanged();
}

QString FieldListModel::name(int row) const
{
    if (row < 0 || row >= rowCount()) return {};
    return QString::fromStdString(m_fields[m_rows[static_cast<std::size_t>(row)]].name);
}

int FieldListModel::rowOf(const QString& name) const
{
    const std::string wanted = name.toStdString();
    const auto found = std::find_if(m_rows.begin(), m_rows.end(),
                                    [&](std::size_t index) { return m_fields[index].name == wanted; });
    return found == m_rows.end() ? -1 : static_cast<int>(found - m_rows.begin());
}

int FieldListModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int FieldListModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant FieldListModel::accessibleText(const Field& field) const
{
    QStringList parts{cellText(field.name)};
    if (const QString type = typeName(fieldTypeOf(field.kinds)); !type.isEmpty()) parts.push_back(type);
    if (field.shown && m_total && *m_total > 0)
        parts.push_back(tr("in %1 of the events").arg(percentText(field.present.value_or(0), *m_total)));
    return parts.join(QStringLiteral(", "));
}

QVariant FieldListModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid)) return {};
    const Field& field = m_fields[m_rows[static_cast<std::size_t>(index.row())]];
    const bool known = field.shown && field.present && m_total;
    switch (role) {
    case NameRole: return QString::fromStdString(field.name);
    case TypeRole: return static_cast<int>(fieldTypeOf(field.kinds));
    case ShareRole:
        if (!known) return {};
        return *m_total == 0 ? 0.0 : static_cast<double>(*field.present) / static_cast<double>(*m_total);
    case PresentRole: return known ? QVariant(static_cast<qulonglong>(*field.present)) : QVariant();
    case Qt::AccessibleTextRole: return accessibleText(field);
    case Qt::ToolTipRole: {
        QStringList lines{cellText(field.name)};
        const QString type = typeName(fieldTypeOf(field.kinds));
        if (!type.isEmpty()) lines.push_back(type);
        if (known)
            lines.push_back(
                tr("%1 of %2 events").arg(groupedNumber(*field.present), groupedNumber(*m_total)));
        return plainToolTip(lines.join(QLatin1Char('\n')));
    }
    case Qt::DisplayRole: break;
    default: return {};
    }
    if (index.column() == NameColumn) return cellText(field.name);
    return known ? percentText(*field.present, *m_total) : QString();
}

QVariant FieldListModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (role != Qt::DisplayRole || orientation != Qt::Horizontal) return {};
    return section == NameColumn ? tr("Field") : tr("Present");
}

} // namespace faultline
