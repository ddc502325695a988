#include "models/tables/source_list_model.h"

#include "models/records/severity.h"
#include "models/tables/cell_text.h"

#include <algorithm>

namespace faultline {
namespace {

QString bytesText(quint64 bytes)
{
    if (bytes < 1'000) return SourceListModel::tr("%1 B").arg(bytes);
    double value = static_cast<double>(bytes) / 1'000;
    static constexpr const char* kUnits[] = {"kB", "MB", "GB", "TB"};
    std::size_t unit = 0;
    for (; value >= 999.95 && unit < 3; ++unit) value /= 1'000;
    return QStringLiteral("%1 %2").arg(value, 0, 'f', 1).arg(QLatin1String(kUnits[unit]));
}

/// What a row shows of a source is the same. (Silence is shown of live ones alone; all else only grows.)
bool looksTheSame(const SourceView& a, const SourceView& b)
{
    const SourceRecord &one = a.record, &other = b.record;
    const bool live = b.life == SourceLife::Live || b.life == SourceLife::Silent;
    return a.life == b.life && a.removedUntil == b.removedUntil && one.state == other.state &&
           one.ledger == other.ledger && one.lastArrival == other.lastArrival && one.format == other.format &&
           one.settings == other.settings && one.detail == other.detail && one.name == other.name &&
           one.path == other.path && a.rate.value_or(0) == b.rate.value_or(0) &&
           (!live || (a.silence == b.silence && a.usualGap == b.usualGap));
}

QString timeText(const SettingsPreview::Face& face)
{
    if (!face.ownTime) return SettingsPreviewModel::tr("no time");
    std::string text = formatRfc3339(face.time).substr(0, 23);
    std::replace(text.begin(), text.end(), 'T', ' ');
    return QString::fromStdString(text);
}

QString bothTexts(const QString& before, const QString& after)
{
    if (before == after) return after;
    const QString nothing = QStringLiteral("–");
    return QStringLiteral("%1 → %2").arg(before.isEmpty() ? nothing : before,
                                         after.isEmpty() ? nothing : after);
}

QString severityText(Severity severity)
{
    const std::string_view name = severityName(severity);
    return QString::fromUtf8(name.data(), static_cast<qsizetype>(name.size()));
}

} // namespace

QString durationText(std::int64_t ns)
{
    const std::int64_t seconds = ns / kSecondNs;
    if (seconds < 120) return SourceListModel::tr("%1 s").arg(seconds);
    if (seconds < 7'200) return SourceListModel::tr("%1 min").arg(seconds / 60);
    if (seconds < 172'800) return SourceListModel::tr("%1 h").arg(seconds / 3'600);
    return SourceListModel::tr("%1 d").arg(seconds / 86'400);
}

QString momentText(TimeNs time)
{
    std::string text = formatRfc3339(time).substr(0, 19);
    std::replace(text.begin(), text.end(), 'T', ' ');
    return QString::fromStdString(text);
}

void SourceListModel::setSources(const std::vector<SourceView>& sources)
{
    std::vector<SourceView> sorted = sources;
    std::sort(sorted.begin(), sorted.end(),
              [](const SourceView& a, const SourceView& b) { return a.record.id < b.record.id; });
    const bool same = sorted.size() == m_sources.size() &&
                      std::equal(sorted.begin(), sorted.end(), m_sources.begin(),
                                 [](const auto& a, const auto& b) { return a.record.id == b.record.id; });
    if (same) {
        m_sources.swap(sorted);
        for (int row = 0; row < rowCount(); ++row) {
            const int first = row;
            while (row < rowCount() && !looksTheSame(sorted[static_cast<std::size_t>(row)],
                                                     m_sources[static_cast<std::size_t>(row)]))
                ++row;
            if (row > first) Q_EMIT dataChanged(index(first, 0), index(row - 1, ColumnCount - 1));
        }
        return;
    }
    beginResetModel();
    m_sources = std::move(sorted);
    endResetModel();
}

const SourceView* SourceListModel::source(int row) const
{
    return row < 0 || row >= rowCount() ? nullptr : &m_sources[static_cast<std::size_t>(row)];
}

int SourceListModel::rowOf(SourceId id) const
{
    for (std::size_t i = 0; i < m_sources.size(); ++i)
        if (m_sources[i].record.id == id) return static_cast<int>(i);
    return -1;
}

int SourceListModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_sources.size());
}

int SourceListModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QString SourceListModel::textOf(const SourceView& source, int column) const
{
    const SourceRecord& record = source.record;
    const bool live = source.life == SourceLife::Live || source.life == SourceLife::Silent;
    switch (column) {
    case NameColumn: return cellText(record.name, 400);
    case FormatColumn: return cellText(record.format, 100);
    case StateColumn: {
        if (source.removedUntil) return tr("removed");
        const std::string_view name = sourceLifeName(source.life);
        return QString::fromUtf8(name.data(), static_cast<qsizetype>(name.size()));
    }
    case EventsColumn: return groupedNumber(record.ledger.events);
    case RateColumn:
        return source.rate && *source.rate > 0 ? tr("%1/s").arg(measureText(*source.rate)) : QString();
    case LagColumn: return live && !source.removedUntil ? durationText(source.silence) : QString();
    case ArrivalColumn: return record.lastArrival == 0 ? QString() : momentText(record.lastArrival);
    case QuarantinedColumn: return groupedNumber(record.ledger.quarantined.records);
    case BytesColumn: return bytesText(record.ledger.received.bytes);
    default: return {};
    }
}

QVariant SourceListModel::data(const QModelIndex& index, int role) const
{
    const SourceView* const source = index.isValid() ? this->source(index.row()) : nullptr;
    if (source == nullptr) return {};
    const SourceRecord& record = source->record;
    switch (role) {
    case Qt::DisplayRole: return textOf(*source, index.column());
    case Qt::TextAlignmentRole:
        return index.column() >= EventsColumn ? QVariant(Qt::AlignRight | Qt::AlignVCenter)
                                              : QVariant(Qt::AlignLeft | Qt::AlignVCenter);
    case Qt::ToolTipRole: {
        QString text = cellText(record.path, 2'000);
        if (!record.detail.empty()) text += QLatin1Char('\n') + cellText(record.detail, 2'000);
        if (source->life == SourceLife::Silent && source->usualGap && !source->removedUntil)
            text +=
                QLatin1Char('\n') + tr("Nothing for %1; usually something comes every %2.")
                                        .arg(durationText(source->silence), durationText(*source->usualGap));
        return plainToolTip(text);
    }
    case Qt::AccessibleTextRole:
        return QStringLiteral("%1: %2").arg(
            headerData(index.column(), Qt::Horizontal, Qt::DisplayRole).toString(),
            textOf(*source, index.column()));
    case LateRole:
        return !source->removedUntil &&
               (source->life == SourceLife::Silent || source->life == SourceLife::Unreadable ||
                source->life == SourceLife::Incomplete);
    case SearchRole:
        return QString(cellText(record.path, 4'000) + QLatin1Char(' ') + textOf(*source, NameColumn) +
                       QLatin1Char(' ') + textOf(*source, FormatColumn) + QLatin1Char(' ') +
                       textOf(*source, StateColumn));
    case SortRole:
        switch (index.column()) {
        case EventsColumn: return QVariant::fromValue<quint64>(record.ledger.events);
        case RateColumn: return source->rate.value_or(0);
        case LagColumn:
            return textOf(*source, LagColumn).isEmpty() ? QVariant(qint64{-1})
                                                        : QVariant(qint64{source->silence});
        case ArrivalColumn: return QVariant::fromValue<qint64>(record.lastArrival);
        case QuarantinedColumn: return QVariant::fromValue<quint64>(record.ledger.quarantined.records);
        case BytesColumn: return QVariant::fromValue<quint64>(record.ledger.received.bytes);
        default: return textOf(*source, index.column());
        }
    default: return {};
    }
}

QVariant SourceListModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal) return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant((section >= EventsColumn ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    if (role == Qt::ToolTipRole && section == ArrivalColumn) return tr("Time of the last arrival, in UTC");
    if (role == Qt::ToolTipRole && section == LagColumn)
        return tr("Time since the last arrival, of sources that are followed");
    if (role == Qt::ToolTipRole && section == RateColumn) return tr("Events a second over the last minute");
    if (role != Qt::DisplayRole) return {};
    switch (section) {
    case NameColumn: return tr("Source");
    case FormatColumn: return tr("Format");
    case StateColumn: return tr("State");
    case EventsColumn: return tr("Events");
    case RateColumn: return tr("Rate");
    case LagColumn: return tr("Lag");
    case ArrivalColumn: return tr("Last arrival");
    case QuarantinedColumn: return tr("Quarantined");
    case BytesColumn: return tr("Bytes");
    default: return {};
    }
}

void SettingsPreviewModel::setPreview(SettingsPreview preview)
{
    beginResetModel();
    m_preview = std::move(preview);
    endResetModel();
}

int SettingsPreviewModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_preview.rows.size());
}

int SettingsPreviewModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant SettingsPreviewModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid() || index.row() >= rowCount()) return {};
    const SettingsPreview::Row& row = m_preview.rows[static_cast<std::size_t>(index.row())];
    if (role == ChangedRole) {
        switch (index.column()) {
        case TimeAfterColumn:
            return row.before.time != row.after.time || row.before.ownTime != row.after.ownTime;
        case SeverityColumn: return row.before.severity != row.after.severity;
        case ServiceColumn: return row.before.service != row.after.service;
        case HostColumn: return row.before.host != row.after.host;
        case MessageColumn: return row.before.message != row.after.message;
        default: return false;
        }
    }
    if (role == Qt::ToolTipRole) return plainToolTip(cellText(row.document, 2'000));
    if (role == Qt::TextAlignmentRole)
        return QVariant((index.column() == NumberColumn ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    if (role != Qt::DisplayRole) return {};
    switch (index.column()) {
    case NumberColumn: return groupedNumber(row.ordinal + 1);
    case TimeBeforeColumn: return timeText(row.before);
    case TimeAfterColumn: return timeText(row.after);
    case SeverityColumn:
        return bothTexts(severityText(row.before.severity), severityText(row.after.severity));
    case ServiceColumn: return bothTexts(cellText(row.before.service, 100), cellText(row.after.service, 100));
    case HostColumn: return bothTexts(cellText(row.before.host, 100), cellText(row.after.host, 100));
    case MessageColumn: return bothTexts(cellText(row.before.message, 200), cellText(row.after.message, 200));
    default: return {};
    }
}

QVariant SettingsPreviewModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal) return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant((section == NumberColumn ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    if (role != Qt::DisplayRole) return {};
    switch (section) {
    case NumberColumn: return tr("Event");
    case TimeBeforeColumn: return tr("Time before");
    case TimeAfterColumn: return tr("Time after");
    case SeverityColumn: return tr("Severity");
    case ServiceColumn: return tr("Service");
    case HostColumn: return tr("Host");
    case MessageColumn: return tr("Message");
    default: return {};
    }
}

void QuarantineModel::setRecords(std::vector<QuarantineRecord> records)
{
    beginResetModel();
    m_records = std::move(records);
    endResetModel();
}

const QuarantineRecord* QuarantineModel::record(int row) const
{
    return row < 0 || row >= rowCount() ? nullptr : &m_records[static_cast<std::size_t>(row)];
}

int QuarantineModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_records.size());
}

int QuarantineModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant QuarantineModel::data(const QModelIndex& index, int role) const
{
    const QuarantineRecord* const record = index.isValid() ? this->record(index.row()) : nullptr;
    if (record == nullptr) return {};
    if (role == Qt::TextAlignmentRole)
        return index.column() < ReasonColumn ? QVariant(Qt::AlignRight | Qt::AlignVCenter)
                                             : QVariant(Qt::AlignLeft | Qt::AlignVCenter);
    if (role != Qt::DisplayRole) return {};
    switch (index.column()) {
    case RecordColumn: return groupedNumber(record->record + 1);
    case ByteColumn: return groupedNumber(record->position);
    case LengthColumn: return groupedNumber(record->length);
    case ReasonColumn: return cellText(record->reason, 500);
    default: return {};
    }
}

QVariant QuarantineModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal) return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant((section < ReasonColumn ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    if (role != Qt::DisplayRole) return {};
    switch (section) {
    case RecordColumn: return tr("Record");
    case ByteColumn: return tr("At byte");
    case LengthColumn: return tr("Length");
    case ReasonColumn: return tr("Reason");
    default: return {};
    }
}

} // namespace faultline
