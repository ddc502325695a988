#pragma once
#include "models/session/source_service.h"

#include <QAbstractTableModel>

#include <vector>

namespace faultline {

QString durationText(std::int64_t ns); ///< 90 s, 12 min, 3 h, 4 d
QString momentText(TimeNs time);       ///< 2026-01-02 03:04:05, in UTC

/// The sources of a store as rows; removed ones that can be brought back stand among them. Lives on the GUI
/// thread.
class SourceListModel final : public QAbstractTableModel
{
    Q_OBJECT
public:
    enum Column {
        NameColumn,
        FormatColumn,
        StateColumn,
        EventsColumn,
        RateColumn,
        LagColumn,
        ArrivalColumn,
        QuarantinedColumn,
        BytesColumn,
        ColumnCount
    };
    /// SortRole: numbers as numbers. SearchRole: what a typed word is looked for in. LateRole: the source is
    /// silent, or in trouble: its row stands out.
    enum Role { SortRole = Qt::UserRole, SearchRole, LateRole };

    explicit SourceListModel(QObject* parent = nullptr) : QAbstractTableModel(parent) {}
    /// Rows that stay keep their place, so that what is selected stays selected; only rows that look
    /// otherwise than before are told of.
    void setSources(const std::vector<SourceView>& sources);
    const SourceView* source(int row) const;
    int rowOf(SourceId id) const; ///< -1: none

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    QString textOf(const SourceView& source, int column) const;
    std::vector<SourceView> m_sources; ///< by id
};

/// Rows of events before and after other settings. Lives on the GUI thread.
class SettingsPreviewModel final : public QAbstractTableModel
{
    Q_OBJECT
public:
    enum Column {
        NumberColumn,
        TimeBeforeColumn,
        TimeAfterColumn,
        SeverityColumn,
        ServiceColumn,
        HostColumn,
        MessageColumn,
        ColumnCount
    };
    enum Role { ChangedRole = Qt::UserRole };
    explicit SettingsPreviewModel(QObject* parent = nullptr) : QAbstractTableModel(parent) {}
    void setPreview(SettingsPreview preview);

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    SettingsPreview m_preview;
};

/// Records in quarantine: place, length, reason. Lives on the GUI thread.
class QuarantineModel final : public QAbstractTableModel
{
    Q_OBJECT
public:
    enum Column { RecordColumn, ByteColumn, LengthColumn, ReasonColumn, ColumnCount };
    explicit QuarantineModel(QObject* parent = nullptr) : QAbstractTableModel(parent) {}
    void setRecords(std::vector<QuarantineRecord> records);
    const QuarantineRecord* record(int row) const;

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    std::vector<QuarantineRecord> m_records;
};

} // namespace faultline
