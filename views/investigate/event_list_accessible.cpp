#include "views/investigate/event_list_accessible.h"

#include "models/records/severity.h"
#include "models/tables/event_rows.h"
#include "views/investigate/event_list_view.h"

#include <QAccessible>
#include <QAccessibleWidget>
#include <QPointer>

#include <algorithm>
#include <map>
#include <utility>

namespace faultline {
namespace {

class ListAccessible;

/// What a row and a cell have in common: they are painted, not widgets.
class PartAccessible : public QAccessibleInterface
{
public:
    PartAccessible(EventListView* view, int row) : m_view(view), m_row(row) {}
    bool isValid() const override { return m_view != nullptr && m_row < rows(); }
    QObject* object() const override { return nullptr; }
    QAccessibleInterface* childAt(int x, int y) const override
    {
        for (int i = 0; i < childCount(); ++i)
            if (QAccessibleInterface* const each = child(i); each->rect().contains(x, y)) return each;
        return nullptr;
    }
    void setText(QAccessible::Text, const QString&) override {}
    int row() const { return m_row; }

protected:
    int rows() const { return m_view->model() != nullptr ? m_view->model()->rowCount() : 0; }
    EventListView* view() const { return m_view; }
    ListAccessible* list() const;
    QAccessible::State stateOf() const
    {
        QAccessible::State state;
        if (m_view == nullptr) {
            state.invalid = true;
            return state;
        }
        state.selectable = state.focusable = true;
        state.selected = m_view->isSelected(m_row);
        state.focused = m_view->hasFocus() && m_view->currentRow() == m_row;
        state.active = m_view->currentRow() == m_row;
        state.readOnly = true;
        state.offscreen = m_row < m_view->topRow() || m_row > m_view->topRow() + m_view->visibleRows();
        return state;
    }
    QRect onScreen(const QRect& inView) const
    {
        return {m_view->viewport()->mapToGlobal(inView.topLeft()), inView.size()};
    }

private:
    QPointer<EventListView> m_view;
    int m_row;
};

class CellAccessible final : public PartAccessible, public QAccessibleTableCellInterface
{
public:
    CellAccessible(EventListView* view, int row, int column) : PartAccessible(view, row), m_column(column) {}
    bool isValid() const override { return PartAccessible::isValid() && place() >= 0; }
    QAccessibleInterface* parent() const override;
    int childCount() const override { return 0; }
    QAccessibleInterface* child(int) const override { return nullptr; }
    int indexOfChild(const QAccessibleInterface*) const override { return -1; }
    QString text(QAccessible::Text kind) const override;
    QRect rect() const override
    {
        if (!isValid()) return {};
        const ListColumns::Box b = view()->box(m_column);
        const QRect line = view()->rowRect(row());
        return onScreen({b.left, line.top(), b.width, line.height()});
    }
    QAccessible::Role role() const override { return QAccessible::Cell; }
    QAccessible::State state() const override { return stateOf(); }
    void* interface_cast(QAccessible::InterfaceType type) override
    {
        return type == QAccessible::TableCellInterface ? static_cast<QAccessibleTableCellInterface*>(this)
                                                       : nullptr;
    }
    int columnExtent() const override { return 1; }
    QList<QAccessibleInterface*> columnHeaderCells() const override { return {}; }
    int columnIndex() const override { return place(); }
    int rowExtent() const override { return 1; }
    QList<QAccessibleInterface*> rowHeaderCells() const override { return {}; }
    int rowIndex() const override { return row(); }
    bool isSelected() const override { return view() != nullptr && view()->isSelected(row()); }
    QAccessibleInterface* table() const override;

private:
    int place() const
    {
        const std::vector<int> order = view()->columns();
        const auto at = std::find(order.begin(), order.end(), m_column);
        return at == order.end() ? -1 : static_cast<int>(at - order.begin());
    }
    int m_column;
};

class RowAccessible final : public PartAccessible
{
public:
    using PartAccessible::PartAccessible;
    QAccessibleInterface* parent() const override;
    int childCount() const override { return isValid() ? static_cast<int>(view()->columns().size()) : 0; }
    QAccessibleInterface* child(int index) const override;
    int indexOfChild(const QAccessibleInterface* child) const override
    {
        for (int i = 0; i < childCount(); ++i)
            if (this->child(i) == child) return i;
        return -1;
    }
    QString text(QAccessible::Text kind) const override;
    QRect rect() const override { return isValid() ? onScreen(view()->rowRect(row())) : QRect(); }
    QAccessible::Role role() const override { return QAccessible::Row; }
    QAccessible::State state() const override { return stateOf(); }
};

class ListAccessible final : public QAccessibleWidget, public QAccessibleTableInterface
{
public:
    explicit ListAccessible(EventListView* view) : QAccessibleWidget(view, QAccessible::Table), m_view(view)
    {}
    ~ListAccessible() override { forget(); }

    int childCount() const override
    {
        return std::clamp(rowCount() - m_view->topRow(), 0, m_view->visibleRows());
    }
    QAccessibleInterface* child(int index) const override
    {
        return index >= 0 && index < childCount() ? rowAt(m_view->topRow() + index) : nullptr;
    }
    int indexOfChild(const QAccessibleInterface* child) const override
    {
        const auto* const row = dynamic_cast<const RowAccessible*>(child);
        return row != nullptr ? row->row() - m_view->topRow() : -1;
    }
    QAccessibleInterface* childAt(int x, int y) const override
    {
        const int row = m_view->rowAt(m_view->viewport()->mapFromGlobal(QPoint(x, y)).y());
        return row >= 0 ? rowAt(row) : nullptr;
    }
    QAccessibleInterface* focusChild() const override
    {
        return m_view->hasFocus() && m_view->currentRow() >= 0 ? rowAt(m_view->currentRow()) : nullptr;
    }
    void* interface_cast(QAccessible::InterfaceType type) override
    {
        return type == QAccessible::TableInterface ? static_cast<QAccessibleTableInterface*>(this)
                                                   : QAccessibleWidget::interface_cast(type);
    }
    QAccessible::State state() const override
    {
        QAccessible::State state = QAccessibleWidget::state();
        state.multiSelectable = state.extSelectable = true;
        return state;
    }

    QAccessibleInterface* caption() const override { return nullptr; }
    QAccessibleInterface* summary() const override { return nullptr; }
    QAccessibleInterface* cellAt(int row, int column) const override
    {
        const std::vector<int> order = m_view->columns();
        if (row < 0 || row >= rowCount() || column < 0 || column >= static_cast<int>(order.size()))
            return nullptr;
        return cell(row, order[static_cast<std::size_t>(column)]);
    }
    int selectedCellCount() const override { return selectedRowCount() * columnCount(); }
    QList<QAccessibleInterface*> selectedCells() const override
    {
        QList<QAccessibleInterface*> cells;
        for (const int row : selectedRows())
            for (int column = 0; column < columnCount(); ++column) cells.push_back(cellAt(row, column));
        return cells;
    }
    QString columnDescription(int column) const override
    {
        const std::vector<int> order = m_view->columns();
        return column >= 0 && column < static_cast<int>(order.size())
                   ? m_view->title(order[static_cast<std::size_t>(column)])
                   : QString();
    }
    QString rowDescription(int) const override { return {}; }
    int selectedColumnCount() const override { return 0; }
    int selectedRowCount() const override
    {
        const auto rows = m_view->selected();
        return rows ? rows->second - rows->first + 1 : 0;
    }
    int columnCount() const override { return static_cast<int>(m_view->columns().size()); }
    int rowCount() const override { return m_view->model() != nullptr ? m_view->model()->rowCount() : 0; }
    QList<int> selectedColumns() const override { return {}; }
    /// Of those in sight: thousands can be selected.
    QList<int> selectedRows() const override
    {
        QList<int> rows;
        for (int i = 0; i < childCount(); ++i)
            if (m_view->isSelected(m_view->topRow() + i)) rows.push_back(m_view->topRow() + i);
        return rows;
    }
    bool isColumnSelected(int) const override { return false; }
    bool isRowSelected(int row) const override { return m_view->isSelected(row); }
    bool selectRow(int row) override
    {
        m_view->setCurrentRow(row);
        return m_view->currentRow() == row;
    }
    bool selectColumn(int) override { return false; }
    bool unselectRow(int) override { return false; }
    bool unselectColumn(int) override { return false; }
    void modelChange(QAccessibleTableModelChangeEvent*) override { forget(); }

    QAccessibleInterface* rowAt(int row) const
    {
        return part(row, -1, [this, row] { return new RowAccessible(m_view, row); });
    }
    QAccessibleInterface* cell(int row, int column) const
    {
        return part(row, column, [this, row, column] { return new CellAccessible(m_view, row, column); });
    }

private:
    /// Parts that a reader has asked for; more of them are forgotten, so that reading a long list aloud does
    /// not fill the memory.
    static constexpr std::size_t kMostParts = 4'000;
    template <class Make> QAccessibleInterface* part(int row, int column, Make make) const
    {
        const std::pair<int, int> place(row, column);
        if (const auto found = m_parts.find(place); found != m_parts.end())
            return QAccessible::accessibleInterface(found->second);
        // Not at once: a part that asks for another one is among them.
        if (m_parts.size() >= kMostParts && !std::exchange(m_forgetting, true))
            QMetaObject::invokeMethod(
                m_view,
                [view = m_view] {
                    auto* const known = QAccessible::queryAccessibleInterface(view);
                    if (auto* const list = dynamic_cast<ListAccessible*>(known)) list->forget();
                },
                Qt::QueuedConnection);
        QAccessibleInterface* const made = make();
        m_parts[place] = QAccessible::registerAccessibleInterface(made);
        return made;
    }
    void forget() const
    {
        for (const auto& [place, id] : m_parts) QAccessible::deleteAccessibleInterface(id);
        m_parts.clear();
        m_forgetting = false;
    }
    EventListView* m_view;
    mutable std::map<std::pair<int, int>, QAccessible::Id> m_parts;
    mutable bool m_forgetting = false;
};

ListAccessible* PartAccessible::list() const
{
    if (m_view == nullptr) return nullptr;
    return dynamic_cast<ListAccessible*>(QAccessible::queryAccessibleInterface(m_view));
}

QAccessibleInterface* CellAccessible::parent() const
{
    return list() != nullptr ? list()->rowAt(row()) : nullptr;
}

QAccessibleInterface* CellAccessible::table() const
{
    return list();
}

QString CellAccessible::text(QAccessible::Text kind) const
{
    if (!isValid()) return {};
    if (kind == QAccessible::Description) return view()->title(m_column);
    if (kind != QAccessible::Name && kind != QAccessible::Value) return {};
    const EventRow* const event = view()->model()->held(row());
    // A letter is for eyes.
    if (event != nullptr && m_column == EventRows::SeverityColumn) {
        const std::string_view name = severityName(event->severity);
        return QString::fromUtf8(name.data(), static_cast<qsizetype>(name.size()));
    }
    return view()->cellText(row(), m_column);
}

QAccessibleInterface* RowAccessible::parent() const
{
    return list();
}

QAccessibleInterface* RowAccessible::child(int index) const
{
    const std::vector<int> order = isValid() ? view()->columns() : std::vector<int>();
    if (list() == nullptr || index < 0 || index >= static_cast<int>(order.size())) return nullptr;
    return list()->cell(row(), order[static_cast<std::size_t>(index)]);
}

QString RowAccessible::text(QAccessible::Text kind) const
{
    if (!isValid() || kind != QAccessible::Name) return {};
    if (view()->model()->held(row()) == nullptr) return EventListView::tr("being read");
    QStringList words;
    for (int i = 0; i < childCount(); ++i)
        if (const QString text = child(i)->text(QAccessible::Name); !text.isEmpty()) words.push_back(text);
    if (view()->isMarked(row())) words.push_back(EventListView::tr("marked"));
    if (view()->model()->isMatch(row())) words.push_back(EventListView::tr("match"));
    return words.join(QStringLiteral(", "));
}

QAccessibleInterface* makeInterface(const QString& className, QObject* object)
{
    if (className != QLatin1String("faultline::EventListView")) return nullptr;
    auto* const view = qobject_cast<EventListView*>(object);
    return view != nullptr ? new ListAccessible(view) : nullptr;
}

} // namespace

void makeAccessible(EventListView& view)
{
    QAccessible::installFactory(makeInterface); // Qt keeps one of each
    // While the base of the view was made, Qt may have given it the interface of any scroll area, and keeps
    // it.
    QAccessibleInterface* const known = QAccessible::queryAccessibleInterface(&view);
    if (known != nullptr && dynamic_cast<ListAccessible*>(known) == nullptr)
        QAccessible::deleteAccessibleInterface(QAccessible::uniqueId(known));
}

} // namespace faultline
