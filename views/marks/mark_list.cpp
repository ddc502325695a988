#include "views/marks/mark_list.h"

#include "views/marks/mark_keeper.h"
#include "views/render/plain_text.h"
#include "views/render/time_axis.h"

#include <QHeaderView>
#include <QKeyEvent>
#include <QLabel>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>

namespace faultline {

MarkListModel::MarkListModel(MarkKeeper* keeper, const DisplayZone& zone, QObject* parent)
    : QAbstractTableModel(parent), m_keeper(keeper), m_zone(zone), m_marks(keeper->marks())
{
    connect(keeper, &MarkKeeper::changed, this, &MarkListModel::take);
    connect(keeper, &MarkKeeper::marksSet, this, &MarkListModel::take);
    connect(keeper, &MarkKeeper::keysChanged, this, &MarkListModel::take);
}

void MarkListModel::take()
{
    const bool same = m_marks.size() == m_keeper->marks().size() &&
                      std::equal(m_marks.begin(), m_marks.end(), m_keeper->marks().begin(),
                                 [](const Mark& a, const Mark& b) { return a.anchor == b.anchor; });
    if (same) {
        m_marks = m_keeper->marks();
        if (!m_marks.empty()) Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
        return;
    }
    beginResetModel();
    m_marks = m_keeper->marks();
    endResetModel();
}

int MarkListModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_marks.size());
}

int MarkListModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant MarkListModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid)) return {};
    const Mark& shown = mark(index.row());
    if (role == Qt::EditRole && index.column() == LabelColumn) return QString::fromStdString(shown.label);
    if (role != Qt::DisplayRole) return {};
    switch (index.column()) {
    case TimeColumn: return formatTimeForPeople(shown.anchor.time, 3, m_zone);
    case LabelColumn: return oneLine(shown.label);
    default: break;
    }
    return m_keeper->keyOf(shown.anchor) ? oneLine(shown.text)
                                         : tr("(not in this store) %1").arg(oneLine(shown.text));
}

bool MarkListModel::setData(const QModelIndex& index, const QVariant& value, int role)
{
    if (!index.isValid() || role != Qt::EditRole || index.column() != LabelColumn) return false;
    m_keeper->setLabel(EventAnchor(mark(index.row()).anchor), value.toString());
    return true;
}

Qt::ItemFlags MarkListModel::flags(const QModelIndex& index) const
{
    Qt::ItemFlags flags = QAbstractTableModel::flags(index);
    if (index.isValid() && index.column() == LabelColumn) flags |= Qt::ItemIsEditable;
    return flags;
}

QVariant MarkListModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (role != Qt::DisplayRole || orientation != Qt::Horizontal) return {};
    switch (section) {
    // Of what offset its source had a mark knows nothing.
    case TimeColumn:
        return tr("Time (%1)")
            .arg(m_zone.kind() == DisplayZone::Kind::Local ? m_zone.shortName() : QStringLiteral("UTC"));
    case LabelColumn: return tr("Label");
    case TextColumn: return tr("Event");
    default: return {};
    }
}

MarkList::MarkList(MarkKeeper* keeper, const DisplayZone& zone, QWidget* parent)
    : QDialog(parent)
    , m_keeper(keeper)
    , m_model(new MarkListModel(keeper, zone, this))
    , m_table(new QTableView(this))
    , m_note(new QLabel(this))
{
    setObjectName(QStringLiteral("markDialog"));
    setWindowTitle(tr("Marks"));
    setAttribute(Qt::WA_DeleteOnClose);
    resize(760, 360);
    m_table->setObjectName(QStringLiteral("markList"));
    m_table->setAccessibleName(tr("Marks"));
    m_table->setModel(m_model);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setEditTriggers(QAbstractItemView::EditKeyPressed);
    m_table->setShowGrid(false);
    m_table->setWordWrap(false);
    m_table->setTabKeyNavigation(false);
    m_table->verticalHeader()->hide();
    m_table->horizontalHeader()->setStretchLastSection(true);
    m_table->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    const int digit = m_table->fontMetrics().horizontalAdvance(QLatin1Char('0'));
    m_table->setColumnWidth(MarkListModel::TimeColumn, 26 * digit);
    m_table->setColumnWidth(MarkListModel::LabelColumn, 26 * digit);
    m_table->installEventFilter(this);
    m_note->setObjectName(QStringLiteral("markNote"));
    m_note->setWordWrap(true);
    auto* const layout = new QVBoxLayout(this);
    layout->addWidget(m_table);
    layout->addWidget(m_note);
    connect(m_table, &QTableView::doubleClicked, this,
            [this](const QModelIndex& at) { Q_EMIT chosen(EventAnchor(m_model->mark(at.row()).anchor)); });
    connect(m_model, &QAbstractItemModel::modelReset, this, &MarkList::showState);
    showState();
    if (m_model->rowCount() > 0) m_table->setCurrentIndex(m_model->index(0, MarkListModel::LabelColumn));
    m_table->setFocus();
}

void MarkList::showState()
{
    m_note->setText(m_model->rowCount() == 0
                        ? tr("No marks yet. M marks the event at hand; ] and [ go from mark to mark.")
                        : tr("Enter goes to the event, F2 names its mark, Del takes the mark away."));
}

bool MarkList::eventFilter(QObject* object, QEvent* event)
{
    if (object != m_table || event->type() != QEvent::KeyPress) return QDialog::eventFilter(object, event);
    const int key = static_cast<QKeyEvent*>(event)->key();
    const QModelIndex at = m_table->currentIndex();
    if (!at.isValid()) return QDialog::eventFilter(object, event);
    const EventAnchor anchor = m_model->mark(at.row()).anchor;
    switch (key) {
    case Qt::Key_Return:
    case Qt::Key_Enter: Q_EMIT chosen(anchor); return true;
    case Qt::Key_F2: m_table->edit(m_model->index(at.row(), MarkListModel::LabelColumn)); return true;
    case Qt::Key_Delete: {
        m_keeper->remove(anchor);
        const int row = std::min(at.row(), m_model->rowCount() - 1);
        if (row >= 0) m_table->setCurrentIndex(m_model->index(row, MarkListModel::LabelColumn));
        return true;
    }
    default: return QDialog::eventFilter(object, event);
    }
}

} // namespace faultline
