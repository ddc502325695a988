#pragma once
#include "models/session/preflight_service.h"

#include <QAbstractTableModel>

#include <memory>

namespace faultline {

/// The files of a look before a read: a row each, also of those that will not be read.
/// Threads  GUI thread.
class PreflightModel final : public QAbstractTableModel
{
    Q_OBJECT
public:
    enum Column { Name, Format, Size, First, Last, Note, Columns };
    /// To sort by: a number or a text, by column. SkippedRole: whether it will not be read.
    enum Role { SortRole = Qt::UserRole, SkippedRole };
    explicit PreflightModel(QObject* parent = nullptr) : QAbstractTableModel(parent) {}
    void setPreflight(std::shared_ptr<const Preflight> preflight);

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

    /// "2026-01-02 03:00:00Z".
    static QString timeText(TimeNs time);

private:
    QString text(const PreflightFile& file, int column) const;
    std::shared_ptr<const Preflight> m_preflight;
};

} // namespace faultline
