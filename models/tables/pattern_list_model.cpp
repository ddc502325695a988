#include "models/tables/pattern_list_model.h"

#include "models/records/severity.h"
#include "models/records/time_text.h"
#include "models/tables/cell_text.h"

#include <algorithm>

namespace faultline {
namespace {

Severity worstOf(const PatternSummary& pattern)
{
    return severityOfClass(worstClass(pattern.bySeverity));
}

QString severityText(Severity severity)
{
    const std::string_view name = severityName(severity);
    return QString::fromUtf8(name.data(), static_cast<qsizetype>(name.size()));
}

QString timeText(const PatternSummary& pattern, TimeNs time)
{
    if (!pattern.timed) return PatternListModel::tr("no time");
    // To the second: 2026-01-02 03:04:05.
    std::string text = formatRfc3339(time).substr(0, 19);
    std::replace(text.begin(), text.end(), 'T', ' ');
    return QString::fromStdString(text);
}

} // namespace

PatternListModel::PatternListModel(std::shared_ptr<QueryService> queries, QObject* parent)
    : QAbstractTableModel(parent), m_queries(std::move(queries))
{}

void PatternListModel::setSelection(const Selection& selection)
{
    m_error.reset();
    m_progress = {};
    PatternQuestion question;
    question.selection = selection;
    question.top = kMost + 1;
    m_ticket = m_queries->ask(
        {question},
        [this](const Result<std::vector<Answer>>& answers, const ScanProgress& progress) {
            take(answers, progress);
        },
        true);
    Q_EMIT answered();
}

void PatternListModel::take(const Result<std::vector<Answer>>& answers, const ScanProgress& progress)
{
    if (!answers) {
        if (answers.error().kind == ErrorKind::Cancelled) return;
        m_error = answers.error();
        Q_EMIT answered();
        return;
    }
    const auto& answer = std::get<PatternAnswer>(answers->front());
    beginResetModel();
    m_progress = progress;
    m_total = answer.total;
    m_patterns = answer.patterns;
    m_more = m_patterns.size() > kMost;
    if (m_more) m_patterns.resize(kMost);
    endResetModel();
    Q_EMIT answered();
}

const PatternSummary* PatternListModel::pattern(int row) const
{
    return row < 0 || row >= rowCount() ? nullptr : &m_patterns[static_cast<std::size_t>(row)];
}

int PatternListModel::rowOf(quint64 id) const
{
    const auto found = std::find_if(m_patterns.begin(), m_patterns.end(),
                                    [id](const PatternSummary& pattern) { return pattern.id == id; });
    return found == m_patterns.end() ? -1 : static_cast<int>(found - m_patterns.begin());
}

int PatternListModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_patterns.size());
}

int PatternListModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant PatternListModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid)) return {};
    const PatternSummary& row = m_patterns[static_cast<std::size_t>(index.row())];
    switch (role) {
    case SeverityRole: return worstOf(row);
    case ShareRole: return m_total == 0 ? 0.0 : static_cast<double>(row.count) / static_cast<double>(m_total);
    case FirstRole: return row.timed ? QVariant(static_cast<qint64>(row.first)) : QVariant();
    case LastRole: return row.timed ? QVariant(static_cast<qint64>(row.last)) : QVariant();
    case Qt::TextAlignmentRole:
        return index.column() == CountColumn || index.column() == ShareColumn
                   ? QVariant(static_cast<int>(Qt::AlignRight | Qt::AlignVCenter))
                   : QVariant();
    case Qt::AccessibleTextRole:
        return tr("%1 events, %2, worst severity %3: %4")
            .arg(groupedNumber(row.count), percentText(row.count, m_total), severityText(worstOf(row)),
                 cellText(row.pattern, 300));
    case Qt::ToolTipRole:
        return plainToolTip(
            tr("%1\n\n%2 events, %3 of the view; worst severity %4\nfirst %5, last %6 UTC\n\n%7")
                .arg(cellText(row.pattern, 4'000), groupedNumber(row.count), percentText(row.count, m_total),
                     severityText(worstOf(row)), timeText(row, row.first), timeText(row, row.last),
                     tr("For example: %1").arg(cellText(row.example, 1'000))));
    case Qt::DisplayRole: break;
    default: return {};
    }
    switch (index.column()) {
    case CountColumn: return groupedNumber(row.count);
    case ShareColumn: return percentText(row.count, m_total);
    case SeverityColumn: return severityText(worstOf(row));
    case PatternColumn: return row.pattern.empty() ? tr("(empty message)") : cellText(row.pattern, 500);
    case FirstColumn: return timeText(row, row.first);
    default: return timeText(row, row.last);
    }
}

QVariant PatternListModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (role != Qt::DisplayRole || orientation != Qt::Horizontal) return {};
    switch (section) {
    case CountColumn: return tr("Events");
    case ShareColumn: return tr("Share");
    case SeverityColumn: return tr("Worst");
    case PatternColumn: return tr("Pattern");
    case FirstColumn: return tr("First (UTC)");
    default: return tr("Last (UTC)");
    }
}

} // namespace faultline
