#include "views/investigate/column_picker.h"

#include "views/render/plain_text.h"

#include <QGuiApplication>
#include <QKeyEvent>
#include <QLineEdit>
#include <QListWidget>
#include <QScreen>
#include <QVBoxLayout>

#include <algorithm>

namespace faultline {
namespace {

using Kind = ListLayout::Column::Kind;
constexpr int kKindRole = Qt::UserRole, kFieldRole = Qt::UserRole + 1;

/// Fields that are columns of their own already, or are the event itself.
bool hasColumn(const std::string& name)
{
    return name == "severity" || name == "timestamp" || name == "service" || name == "message";
}

} // namespace

ColumnPicker::ColumnPicker(std::shared_ptr<QueryService> queries, QWidget* parent)
    : QFrame(parent, Qt::Popup)
    , m_queries(std::move(queries))
    , m_search(new QLineEdit(this))
    , m_list(new QListWidget(this))
{
    setObjectName(QStringLiteral("columnPicker"));
    setAccessibleName(tr("Choose columns"));
    setFrameShape(QFrame::StyledPanel);
    m_search->setObjectName(QStringLiteral("columnSearch"));
    m_search->setAccessibleName(tr("Look for a field"));
    m_search->setPlaceholderText(tr("Look for a field"));
    m_search->installEventFilter(this);
    m_list->setObjectName(QStringLiteral("columnList"));
    m_list->setAccessibleName(tr("Columns and fields"));
    m_list->setUniformItemSizes(true);
    m_list->setTextElideMode(Qt::ElideMiddle);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_list->installEventFilter(this);
    auto* const layout = new QVBoxLayout(this);
    layout->setContentsMargins(6, 6, 6, 6);
    layout->addWidget(m_search);
    layout->addWidget(m_list, 1);
    resize(320, 380);
    connect(m_search, &QLineEdit::textChanged, this, &ColumnPicker::filter);
    connect(m_list, &QListWidget::itemClicked, this, &ColumnPicker::toggle);
}

void ColumnPicker::open(const ListLayout& layout, const QPoint& globalPosition)
{
    m_layout = layout;
    m_search->clear();
    fill(layout.fields());
    QPoint at = globalPosition;
    if (const QScreen* const screen = QGuiApplication::screenAt(globalPosition)) {
        const QRect room = screen->availableGeometry();
        at.setX(std::clamp(at.x(), room.left(), std::max(room.left(), room.right() - width())));
        at.setY(std::clamp(at.y(), room.top(), std::max(room.top(), room.bottom() - height())));
    }
    move(at);
    show();
    m_search->setFocus();
    m_names = m_queries->run([this](QueryEngine& engine, std::stop_token stop) -> std::function<void()> {
        auto names = engine.fieldNames(stop);
        if (!names) return [this, error = names.error()] { Q_EMIT failed(error); };
        return [this, names = std::move(names).value()] { fill(names); };
    });
}

void ColumnPicker::addItem(const QString& text, ListLayout::Column column)
{
    const bool shown =
        std::any_of(m_layout.columns.begin(), m_layout.columns.end(), [&](const ListLayout::Column& each) {
            return each.kind == column.kind && each.field == column.field;
        });
    auto* const item = new QListWidgetItem(text, m_list);
    item->setData(kKindRole, static_cast<int>(column.kind));
    item->setData(kFieldRole, QByteArray::fromStdString(column.field));
    item->setFlags(Qt::ItemIsEnabled | Qt::ItemIsSelectable);
    item->setCheckState(shown ? Qt::Checked : Qt::Unchecked);
}

void ColumnPicker::fill(const std::vector<std::string>& names)
{
    const QListWidgetItem* const current = m_list->currentItem();
    const QString before = current != nullptr ? current->text() : QString();
    m_list->clear();
    addItem(tr("Time"), {Kind::Time, {}, 0});
    addItem(tr("Severity"), {Kind::Level, {}, 0});
    addItem(tr("Service"), {Kind::Service, {}, 0});
    // What is shown comes first, in its order.
    const std::vector<std::string> shown = m_layout.fields();
    for (const std::string& field : shown) addItem(oneLine(field), {Kind::Field, field, 0});
    for (const std::string& name : names)
        if (!hasColumn(name) && std::find(shown.begin(), shown.end(), name) == shown.end())
            addItem(oneLine(name), {Kind::Field, name, 0});
    filter();
    const auto same = m_list->findItems(before, Qt::MatchExactly | Qt::MatchCaseSensitive);
    if (!before.isEmpty() && !same.isEmpty()) m_list->setCurrentItem(same.front());
}

void ColumnPicker::filter()
{
    const QString wanted = m_search->text().trimmed();
    int first = -1, best = 3;
    for (int row = 0; row < m_list->count(); ++row) {
        const bool found = m_list->item(row)->text().contains(wanted, Qt::CaseInsensitive);
        m_list->item(row)->setHidden(!found);
        if (!found) continue;
        // What is called so goes before what begins so, and that before what has it somewhere.
        const QString text = m_list->item(row)->text();
        const int rank = text.compare(wanted, Qt::CaseInsensitive) == 0 ? 0
                         : text.startsWith(wanted, Qt::CaseInsensitive) ? 1
                                                                        : 2;
        if (rank < best) first = row;
        best = std::min(best, rank);
    }
    const QListWidgetItem* const current = m_list->currentItem();
    if (current == nullptr || current->isHidden() || sender() == m_search) {
        m_list->setCurrentRow(first);
        if (m_list->currentItem() != nullptr) m_list->scrollToItem(m_list->currentItem());
    }
}

void ColumnPicker::toggle(QListWidgetItem* item)
{
    if (item == nullptr || item->isHidden()) return;
    const ListLayout::Column column{static_cast<Kind>(item->data(kKindRole).toInt()),
                                    item->data(kFieldRole).toByteArray().toStdString(), 0};
    const bool show = item->checkState() != Qt::Checked;
    item->setCheckState(show ? Qt::Checked : Qt::Unchecked);
    std::erase_if(m_layout.columns, [&](const ListLayout::Column& each) {
        return each.kind == column.kind && each.field == column.field;
    });
    if (show) m_layout.columns.push_back(column);
    Q_EMIT columnToggled(column, show);
}

bool ColumnPicker::eventFilter(QObject* object, QEvent* event)
{
    if (event->type() != QEvent::KeyPress) return QFrame::eventFilter(object, event);
    auto* const pressed = static_cast<QKeyEvent*>(event);
    switch (pressed->key()) {
    case Qt::Key_Return:
    case Qt::Key_Enter: toggle(m_list->currentItem()); return true;
    case Qt::Key_Space:
        if (object != m_list) break;
        toggle(m_list->currentItem());
        return true;
    case Qt::Key_Up:
    case Qt::Key_Down: {
        if (object != m_search) break;
        // The list follows while one types.
        const int by = pressed->key() == Qt::Key_Down ? 1 : -1;
        int row = m_list->currentRow() + by;
        while (row >= 0 && row < m_list->count() && m_list->item(row)->isHidden()) row += by;
        if (row >= 0 && row < m_list->count()) m_list->setCurrentRow(row);
        return true;
    }
    default: break;
    }
    return QFrame::eventFilter(object, event);
}

} // namespace faultline
