#include "models/tables/preflight_model.h"

#include "models/records/time_text.h"
#include "models/tables/cell_text.h"

#include <QLocale>

namespace faultline {

QString PreflightModel::timeText(TimeNs time)
{
    QString text = QString::fromStdString(formatRfc3339(time)).left(19) + QLatin1Char('Z');
    return text.replace(10, 1, QLatin1Char(' '));
}

void PreflightModel::setPreflight(std::shared_ptr<const Preflight> preflight)
{
    beginResetModel();
    m_preflight = std::move(preflight);
    endResetModel();
}

int PreflightModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() || m_preflight == nullptr ? 0 : static_cast<int>(m_preflight->files.size());
}

int PreflightModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : Columns;
}

QString PreflightModel::text(const PreflightFile& file, int column) const
{
    const bool skipped = !file.skipReason.empty();
    switch (column) {
    case Name: return cellText(file.name);
    case Format: return file.looked && !skipped ? QString::fromStdString(file.format) : QString();
    case Size:
        return QLocale().formattedDataSize(static_cast<qint64>(file.bytes), 1, QLocale::DataSizeSIFormat);
    case First:
        if (!file.first) return {};
        return file.last ? timeText(*file.first) : tr("from %1").arg(timeText(*file.first));
    case Last: return file.last ? timeText(*file.last) : QString();
    case Note:
        if (skipped) return tr("Skipped: %1").arg(cellText(file.skipReason));
        if (!file.looked) return tr("Not looked at");
        if (!file.first) return tr("No time in its first records");
        if (!file.last)
            return file.compressed ? tr("Compressed: its end is not known") : tr("Its end is not known");
        return {};
    default: return {};
    }
}

QVariant PreflightModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid() || m_preflight == nullptr) return {};
    const PreflightFile& file = m_preflight->files[static_cast<std::size_t>(index.row())];
    switch (role) {
    case Qt::DisplayRole: return text(file, index.column());
    case Qt::ToolTipRole:
        return index.column() == Name   ? QVariant(plainToolTip(cellText(file.path)))
               : index.column() == Note ? QVariant(plainToolTip(text(file, Note)))
                                        : QVariant();
    case Qt::TextAlignmentRole:
        return index.column() == Size ? QVariant(Qt::AlignRight | Qt::AlignVCenter) : QVariant();
    case SkippedRole: return !file.skipReason.empty();
    case SortRole:
        switch (index.column()) {
        case Size: return static_cast<qulonglong>(file.bytes);
        case First: return static_cast<qlonglong>(file.first.value_or(kTimeMin));
        case Last: return static_cast<qlonglong>(file.last.value_or(kTimeMin));
        default: return text(file, index.column());
        }
    default: return {};
    }
}

QVariant PreflightModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole) return {};
    switch (section) {
    case Name: return tr("File");
    case Format: return tr("Format");
    case Size: return tr("Size");
    case First: return tr("First record");
    case Last: return tr("Last record");
    case Note: return tr("Note");
    default: return {};
    }
}

} // namespace faultline
