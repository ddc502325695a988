#include "models/tables/field_table_model.h"

#include "models/records/time_text.h"

namespace faultline {
namespace {

QString text(const std::string& bytes)
{
    return QString::fromUtf8(bytes.data(), static_cast<qsizetype>(bytes.size()));
}

} // namespace

void FieldTableModel::setEvent(std::optional<EventRow> event)
{
    beginResetModel();
    m_event = std::move(event);
    m_rows.clear();
    if (m_event) {
        const auto add = [this](const char* name, const std::string& value) {
            if (!value.empty()) m_rows.push_back({name, value, ValueKind::Text});
        };
        add("timestamp", formatRfc3339(m_event->key.time));
        add("severity", std::string(severityName(m_event->severity)));
        add("service", m_event->service);
        add("host", m_event->host);
        add("logger", m_event->logger);
        add("trace_id", m_event->traceId);
        add("span_id", m_event->spanId);
        add("message", m_event->message);
        for (const EventRow::Field& field : m_event->fields) {
            // What a canonical row says already, under the same name, is not said twice.
            bool said = false;
            for (const Row& row : m_rows) said = said || (row.field == field.path && row.value == field.text);
            if (!said) m_rows.push_back({field.path, field.text, field.kind});
        }
    }
    endResetModel();
}

int FieldTableModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int FieldTableModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant FieldTableModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid)) return {};
    if (role != Qt::DisplayRole) return {};
    const Row& shown = row(index.row());
    if (index.column() == NameColumn) return text(shown.field);
    // A view measures all of a cell's text to cut it; more than this is never seen in one line.
    constexpr std::size_t kMostBytes = 2'000;
    return shown.value.size() <= kMostBytes ? text(shown.value)
                                            : text(shown.value.substr(0, kMostBytes)) + QChar(0x2026);
}

QVariant FieldTableModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (role != Qt::DisplayRole || orientation != Qt::Horizontal) return {};
    return section == NameColumn ? tr("Field") : tr("Value");
}

} // namespace faultline
