#include "models/tables/event_rows.h"

#include "models/records/severity.h"
#include "models/records/time_text.h"

namespace faultline {
namespace {

QString text(const std::string& bytes)
{
    return QString::fromUtf8(bytes.data(), static_cast<qsizetype>(bytes.size()));
}

} // namespace

QString fieldSummary(const EventRow& row)
{
    constexpr std::size_t kMostBytes = 400, kMostValue = 80;
    std::string shown;
    for (const EventRow::Field& field : row.fields) {
        if (shown.size() > kMostBytes) break;
        const bool said = field.kind == ValueKind::Time || field.text == row.service ||
                          (severityFromText(field.text) == row.severity && row.severity != 0);
        if (said || field.text.empty()) continue;
        std::string value = field.text.substr(0, kMostValue);
        // Never half a character.
        while (value.size() < field.text.size() && !value.empty() &&
               (static_cast<unsigned char>(field.text[value.size()]) & 0xc0) == 0x80)
            value.pop_back();
        if (value.size() < field.text.size()) value += "\u2026";
        if (value.find(' ') != std::string::npos && field.kind == ValueKind::Text) value = '"' + value + '"';
        if (!shown.empty()) shown += ' ';
        shown += field.path.substr(0, kMostValue) + '=' + value;
    }
    return text(shown);
}

bool EventRows::seekEnd(bool)
{
    return false;
}

int EventRows::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : FirstFieldColumn + static_cast<int>(m_fields.size());
}

QVariant EventRows::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid)) return {};
    if (role == LoadStateRole) return QVariant::fromValue(loadState(index.row()));
    const EventRow* const row = event(index.row());
    if (row == nullptr) return {};
    switch (role) {
    case TimeNsRole: return static_cast<qint64>(row->key.time);
    case SeverityRole: return row->severity;
    case FlagsRole: return row->flags;
    case SummaryRole: return row->message.empty();
    case Qt::DisplayRole: break;
    default: return {};
    }
    switch (index.column()) {
    case TimeColumn: return text(formatRfc3339(row->key.time));
    case SeverityColumn: {
        const std::string_view name = severityName(row->severity);
        return QString::fromUtf8(name.data(), static_cast<qsizetype>(name.size()));
    }
    case ServiceColumn: return text(row->service);
    case MessageColumn: return row->message.empty() ? summary(index.row()) : text(row->message);
    default: break;
    }
    const auto field = static_cast<std::size_t>(index.column() - FirstFieldColumn);
    if (field >= row->columns.size() || !row->columns[field]) return {};
    return text(*row->columns[field]);
}

QVariant EventRows::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (role != Qt::DisplayRole || orientation != Qt::Horizontal || section < 0 || section >= columnCount())
        return {};
    switch (section) {
    case TimeColumn: return tr("Time (UTC)");
    case SeverityColumn: return tr("Severity");
    case ServiceColumn: return tr("Service");
    case MessageColumn: return tr("Message");
    default: return text(m_fields[static_cast<std::size_t>(section - FirstFieldColumn)]);
    }
}

} // namespace faultline
