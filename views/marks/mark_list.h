#pragma once
#include "models/session/marks.h"
#include "views/render/display_zone.h"

#include <QAbstractTableModel>
#include <QDialog>

#include <functional>
#include <vector>

class QLabel;
class QTableView;

namespace faultline {

class MarkKeeper;

/// The marks of a store as rows: time, label (which can be edited), what the event said.
class MarkListModel final : public QAbstractTableModel
{
    Q_OBJECT
public:
    enum Column { TimeColumn, LabelColumn, TextColumn, ColumnCount };
    explicit MarkListModel(MarkKeeper* keeper, const DisplayZone& zone = {}, QObject* parent = nullptr);
    const Mark& mark(int row) const { return m_marks[static_cast<std::size_t>(row)]; }
    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    bool setData(const QModelIndex& index, const QVariant& value, int role = Qt::EditRole) override;
    Qt::ItemFlags flags(const QModelIndex& index) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    void take();
    MarkKeeper* m_keeper;
    DisplayZone m_zone;
    std::vector<Mark> m_marks;
};

/// The list of marks, beside the window: Enter goes to one, F2 names it, Del takes it away.
class MarkList final : public QDialog
{
    Q_OBJECT
public:
    /// Times as clocks of `zone` show them.
    MarkList(MarkKeeper* keeper, const DisplayZone& zone, QWidget* parent);

Q_SIGNALS:
    void chosen(const faultline::EventAnchor& anchor);

protected:
    bool eventFilter(QObject* object, QEvent* event) override;

private:
    void showState();
    MarkKeeper* m_keeper;
    MarkListModel* m_model;
    QTableView* m_table;
    QLabel* m_note;
};

} // namespace faultline
