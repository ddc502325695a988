#pragma once
#include "models/query/engine.h"

#include <QAbstractTableModel>

namespace faultline {

/// Events in order of time, as a list shows them: what a list needs to know, whichever way its rows are read.
///
/// Threads  Lives on the GUI thread and never blocks it.
class EventRows : public QAbstractTableModel
{
    Q_OBJECT
public:
    enum Column { TimeColumn, SeverityColumn, ServiceColumn, MessageColumn, FirstFieldColumn };
    /// SummaryRole: whether the message column shows fields, for want of a message.
    enum Role { LoadStateRole = Qt::UserRole, TimeNsRole, SeverityRole, FlagsRole, SummaryRole };
    enum class LoadState { Ready, Loading, Failed };
    Q_ENUM(LoadState)
    using QAbstractTableModel::QAbstractTableModel;

    /// The event of a row, or nothing while it is loading. Starts a read where one is needed.
    virtual const EventRow* event(int row) const = 0;
    /// The same, and never starts a read.
    virtual const EventRow* held(int row) const = 0;
    /// Fields of an event without a message, "k=v k=v" on one line; empty for others and while it is read.
    virtual const QString& summary(int row) const = 0;
    virtual LoadState loadState(int row) const = 0;
    /// While it is not known yet how many rows there are.
    virtual bool counting() const = 0;
    /// Whether the event is one that the query keeps, among others that are shown around it.
    virtual bool isMatch(int) const { return false; }
    /// Goes to the first or the last event of all, where the rows are only some of them: true when the rows
    /// there have yet to be read.
    virtual bool seekEnd(bool last);
    /// Fields shown as columns of their own, from FirstFieldColumn on.
    const std::vector<std::string>& fields() const { return m_fields; }

    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

Q_SIGNALS:
    /// counting(), or what is known about rows, has changed without a change of rows.
    void stateChanged();

protected:
    std::vector<std::string> m_fields;
};

/// "k=v k=v" of what other columns do not show of an event; values of several words in quotes.
QString fieldSummary(const EventRow& row);

} // namespace faultline
