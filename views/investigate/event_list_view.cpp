#include "views/investigate/event_list_view.h"

#include "models/tables/event_rows.h"
#include "views/investigate/event_list_accessible.h"

#include <QAccessible>
#include <QFontDatabase>
#include <QKeyEvent>
#include <QScrollBar>

#include <algorithm>
#include <cstdlib>

namespace faultline {

EventListView::EventListView(QWidget* parent) : QAbstractScrollArea(parent), m_keysTitle(tr("List of events"))
{
    makeAccessible(*this);
    setObjectName(QStringLiteral("eventList"));
    setAccessibleName(tr("Events"));
    setAccessibleDescription(tr("Events in order of time. Up and down move, Enter shows the fields."));
    setFocusPolicy(Qt::StrongFocus);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAsNeeded);
    // Each query begins without a row: a bar that came and went would lay the rows out anew each time.
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOn);
    setFrameShape(QFrame::NoFrame);
    viewport()->setMouseTracking(true);
    viewport()->setAttribute(Qt::WA_OpaquePaintEvent);
    setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    updateMetrics();
    makeKeys();
    makeColumnKeys();
}

EventListView::~EventListView() = default;

void EventListView::makeKeys()
{
    const auto copy = [this](CopyForm form) { return [this, form] { Q_EMIT copyRequested(form); }; };
    const auto row = [this](void (EventListView::*signal)(int)) {
        return [this, signal] {
            if (m_current >= 0) Q_EMIT(this->*signal)(m_current);
        };
    };
    const QKeySequence shiftG(Qt::SHIFT | Qt::Key_G);
    m_keys.add({Qt::Key_J, Qt::Key_Down}, tr("Next event"), [this] { step(1); });
    m_keys.add({Qt::Key_K, Qt::Key_Up}, tr("Event before"), [this] { step(-1); });
    m_keys.add({Qt::Key_PageDown}, tr("A page down"), [this] { step(visibleRows()); });
    m_keys.add({Qt::Key_PageUp}, tr("A page up"), [this] { step(-visibleRows()); });
    m_keys.add({Qt::Key_G, Qt::Key_Home}, tr("First event"), [this] { goToEnd(false); });
    m_keys.add({shiftG, Qt::Key_End}, tr("Last event"), [this] { goToEnd(true); });
    m_keys.add({QKeySequence(Qt::SHIFT | Qt::Key_Down), QKeySequence(Qt::SHIFT | Qt::Key_J)},
               tr("Select the next event too"), [this] { step(1, true); });
    m_keys.add({QKeySequence(Qt::SHIFT | Qt::Key_Up), QKeySequence(Qt::SHIFT | Qt::Key_K)},
               tr("Select the event before too"), [this] { step(-1, true); });
    m_keys.add({QKeySequence(Qt::SHIFT | Qt::Key_PageDown)}, tr("Select a page down"),
               [this] { step(visibleRows(), true); });
    m_keys.add({QKeySequence(Qt::SHIFT | Qt::Key_PageUp)}, tr("Select a page up"),
               [this] { step(-visibleRows(), true); });
    m_keys.add({QKeySequence(Qt::SHIFT | Qt::Key_Home)}, tr("Select up to the first event"),
               [this] { goToEnd(false, true); });
    m_keys.add({QKeySequence(Qt::SHIFT | Qt::Key_End)}, tr("Select up to the last event"),
               [this] { goToEnd(true, true); });
    m_keys.add({QKeySequence(Qt::CTRL | Qt::Key_A)}, tr("Select all events, at most 10,000"),
               [this] { selectAll(); });
    m_keys.add({Qt::Key_Return}, tr("To the fields of the event"), [this] { Q_EMIT detailRequested(); });
    m_keys.add({Qt::Key_M}, tr("Mark the event, or take its mark away"), row(&EventListView::markRequested));
    m_keys.add({Qt::Key_T}, tr("All events of its trace"), row(&EventListView::traceRequested));
    m_keys.add({Qt::Key_C, QKeySequence(Qt::CTRL | Qt::Key_C)}, tr("Copy the original lines"),
               copy(CopyForm::Json));
    m_keys.add({QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_C)}, tr("Copy the columns as text"),
               copy(CopyForm::Text));
    m_keys.add({QKeySequence(Qt::SHIFT | Qt::Key_C)}, tr("Copy the columns as Markdown"),
               copy(CopyForm::Markdown));
}

void EventListView::makeColumnKeys()
{
    const auto move = [this](int by) {
        return [this, by] { moveColumn(m_column, m_columns.placeOf(m_column) + by); };
    };
    m_keys.add({Qt::Key_W}, tr("Long messages over several lines, or one"), [this] {
        setWrap(!m_wrap);
        Q_EMIT layoutChanged();
    });
    m_keys.add({Qt::Key_L}, tr("Choose columns"), [this] { Q_EMIT columnsRequested(); });
    m_keys.add({Qt::Key_Left}, tr("Column to the left"), [this] { stepColumn(-1); });
    m_keys.add({Qt::Key_Right}, tr("Column to the right"), [this] { stepColumn(1); });
    m_keys.add({QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_Left)}, tr("Move the column to the left"),
               move(-1));
    m_keys.add({QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_Right)}, tr("Move the column to the right"),
               move(1));
    m_keys.add({Qt::Key_Less}, tr("The column narrower"), [this] { resizeColumn(-1); });
    m_keys.add({Qt::Key_Greater}, tr("The column wider"), [this] { resizeColumn(1); });
}

void EventListView::goTo(int row, bool extend)
{
    if (m_model == nullptr || m_model->rowCount() == 0) return;
    row = std::clamp(row, 0, m_model->rowCount() - 1);
    int from = -1;
    if (extend) {
        from = m_from >= 0 ? m_from : std::max(m_current, 0);
        row = std::clamp(row, from - kMostSelected + 1, from + kMostSelected - 1);
    }
    setCurrentRow(row);
    if (!extend) return;
    m_from = from;
    m_to = row;
    viewport()->update();
    Q_EMIT selectionChanged();
}

void EventListView::step(int rows, bool extend)
{
    // Without a current row the first step goes to the top of what is in sight.
    goTo(m_current < 0 ? topRow() : m_current + rows, extend);
}

void EventListView::goToEnd(bool last, bool extend)
{
    if (m_model == nullptr || (!extend && m_model->seekEnd(last))) return;
    goTo(last ? m_model->rowCount() - 1 : 0, extend);
}

void EventListView::stepColumn(int by)
{
    const std::vector<int> order = m_columns.inOrder();
    const int place = std::clamp(m_columns.placeOf(m_column) + by, 0, static_cast<int>(order.size()) - 1);
    setCurrentColumn(order[static_cast<std::size_t>(place)]);
}

void EventListView::setCurrentColumn(int column)
{
    if (m_columns.placeOf(column) < 0) return;
    m_column = column;
    const ListColumns::Box b = box(column);
    QScrollBar* const bar = horizontalScrollBar();
    if (b.left < m_columns.gutter())
        bar->setValue(bar->value() + b.left - m_columns.gutter());
    else if (b.left + b.width > viewport()->width())
        bar->setValue(bar->value() + b.left + b.width - viewport()->width());
    viewport()->update();
    tellFocus();
}

void EventListView::resizeColumn(int by)
{
    m_columns.setWidth(m_column, box(m_column).width + by * m_charWidth, viewport()->width());
    takeLayout();
}

void EventListView::moveColumn(int column, int place)
{
    if (m_columns.move(column, place)) takeLayout();
}

void EventListView::setColumnShown(int column, bool shown)
{
    m_columns.setShown(column, shown);
    takeLayout();
}

void EventListView::takeLayout()
{
    m_wrapped.clear();
    if (m_columns.placeOf(m_column) < 0) m_column = m_columns.inOrder().front();
    updateScrollBar();
    viewport()->update();
    Q_EMIT layoutChanged();
}

void EventListView::setListLayout(const ListLayout& layout)
{
    m_columns.setLayout(layout.columns);
    if (m_model != nullptr && m_model->fields() == layout.fields()) m_columns.setFields(layout.fields());
    m_wrap = layout.wrap;
    m_wrapped.clear();
    updateScrollBar();
    viewport()->update();
}

void EventListView::saveLayout(ListLayout& layout) const
{
    layout.columns = m_columns.layout();
    layout.wrap = m_wrap;
}

void EventListView::setWrap(bool wrap)
{
    if (m_wrap == wrap) return;
    const int top = topRow();
    const bool inSight = m_current >= top && m_current < top + visibleRows();
    m_wrap = wrap;
    m_wrapped.clear();
    updateScrollBar();
    if (inSight) setCurrentRow(m_current);
    viewport()->update();
}

void EventListView::updateMetrics()
{
    const QFontMetrics metrics(font());
    m_lineHeight = metrics.height();
    m_rowHeight = m_lineHeight + 2;
    m_headerHeight = metrics.height() + 8;
    m_charWidth = std::max(1, metrics.horizontalAdvance(QLatin1Char('0')));
    m_advance = std::max(1.0, QFontMetricsF(font()).horizontalAdvance(QString(100, QLatin1Char('0'))) / 100);
    m_columns.setCharWidth(m_charWidth);
    m_columns.setGutter(2 * m_charWidth + 2);
    m_wrapped.clear();
    updateScrollBar();
}

void EventListView::setModel(EventRows* model)
{
    m_model = model;
    const auto refresh = [this] {
        updateScrollBar();
        viewport()->update();
    };
    connect(model, &QAbstractItemModel::rowsInserted, this,
            [this](const QModelIndex&, int first, int last) { rowsMoved(first, last, true); });
    connect(model, &QAbstractItemModel::rowsRemoved, this,
            [this](const QModelIndex&, int first, int last) { rowsMoved(first, last, false); });
    connect(model, &QAbstractItemModel::dataChanged, this, [this, refresh] {
        if (m_wrap) m_wrapped.clear();
        refresh();
    });
    connect(model, &QAbstractItemModel::modelReset, this, [this, refresh] {
        m_columns.setFields(m_model->fields());
        if (m_columns.placeOf(m_column) < 0) m_column = m_columns.inOrder().front();
        m_wrapped.clear();
        refresh();
    });
    connect(model, &EventRows::stateChanged, this, refresh);
    m_columns.setFields(model->fields());
    refresh();
}

void EventListView::rowsMoved(int first, int last, bool inserted)
{
    const int rows = last - first + 1, top = topRow();
    const int before = m_model->rowCount() - (inserted ? rows : 0);
    updateScrollBar();
    // Rows that come or go above what is in sight: it stays where it is.
    const bool above = inserted ? before > 0 && first <= top && first < before : last < top;
    if (above) {
        shift(inserted ? rows : -rows, top);
    } else if (!inserted) {
        if (m_current >= first && m_current <= last)
            m_current = -1;
        else if (m_current > last)
            m_current -= rows;
        clearSelection();
        // Those at the upper edge are gone: what came after them takes their place.
        if (first < top) verticalScrollBar()->setValue(first);
    }
    viewport()->update();
}

void EventListView::setZone(const DisplayZone& zone)
{
    m_zone = zone;
    viewport()->update();
}

void EventListView::setTheme(const Theme& theme)
{
    m_theme = theme;
    viewport()->update();
}

int EventListView::heightOf(int row) const
{
    if (!m_wrap || m_model == nullptr) return m_rowHeight;
    const EventRow* const event = m_model->held(row);
    return event == nullptr ? m_rowHeight : wrapped(row, *event).lines * m_lineHeight + 2;
}

int EventListView::visibleRows() const
{
    if (!m_wrap || m_model == nullptr) return std::max(1, roomForRows() / m_rowHeight);
    int room = roomForRows(), rows = 0;
    for (int row = topRow(); row < m_model->rowCount(); ++row, ++rows)
        if ((room -= heightOf(row)) < 0) break;
    return std::max(1, rows);
}

int EventListView::topFor(int row) const
{
    if (!m_wrap) return std::max(0, row - visibleRows() + 1);
    int room = roomForRows() - heightOf(row);
    while (row > 0 && (room -= heightOf(row - 1)) >= 0) --row;
    return std::max(row, 0);
}

void EventListView::updateScrollBar()
{
    const int rows = m_model != nullptr ? m_model->rowCount() : 0;
    verticalScrollBar()->setRange(0, rows > 0 ? topFor(rows - 1) : 0);
    verticalScrollBar()->setPageStep(visibleRows());
    verticalScrollBar()->setSingleStep(1);
    const int wide = viewport()->width();
    horizontalScrollBar()->setRange(0, std::max(0, m_columns.width(wide) - wide));
    horizontalScrollBar()->setPageStep(wide);
    horizontalScrollBar()->setSingleStep(3 * m_charWidth);
}

void EventListView::setCurrentRow(int row, bool centre)
{
    if (m_model == nullptr || m_model->rowCount() == 0) return;
    row = std::clamp(row, 0, m_model->rowCount() - 1);
    QScrollBar* const bar = verticalScrollBar();
    if (centre) {
        bar->setValue(row - visibleRows() / 2);
        if (m_wrap) bar->setValue(std::max(bar->value(), topFor(row)));
    } else if (row < bar->value()) {
        bar->setValue(row);
    } else if (const int top = topFor(row); top > bar->value()) {
        bar->setValue(top);
    }
    clearSelection();
    if (row != m_current) {
        m_current = row;
        tellFocus();
        Q_EMIT currentChanged(row);
    }
    viewport()->update();
}

void EventListView::clearSelection()
{
    if (m_from < 0) return;
    m_from = m_to = -1;
    Q_EMIT selectionChanged();
}

void EventListView::clearCurrent()
{
    m_current = -1;
    clearSelection();
    viewport()->update();
}

void EventListView::selectAll()
{
    if (m_model == nullptr || m_model->rowCount() == 0) return;
    m_from = 0;
    m_to = std::min(m_model->rowCount(), kMostSelected) - 1;
    viewport()->update();
    Q_EMIT selectionChanged();
}

std::optional<EventListView::Rows> EventListView::selected() const
{
    if (m_from >= 0) return Rows(std::min(m_from, m_to), std::max(m_from, m_to));
    if (m_current < 0) return std::nullopt;
    return Rows(m_current, m_current);
}

bool EventListView::isSelected(int row) const
{
    const auto rows = selected();
    return rows && row >= rows->first && row <= rows->second;
}

void EventListView::setAnchor(const std::optional<EventKey>& key)
{
    m_anchor = key;
    viewport()->update();
}

void EventListView::setMarked(std::shared_ptr<const std::set<EventKey>> marked)
{
    m_marked = std::move(marked);
    viewport()->update();
}

bool EventListView::isMarked(int row) const
{
    if (m_marked == nullptr || m_marked->empty() || m_model == nullptr) return false;
    const EventRow* const event = m_model->held(row);
    return event != nullptr && m_marked->count(event->key) != 0;
}

bool EventListView::isAnchor(int row) const
{
    if (!m_anchor || m_model == nullptr) return false;
    const EventRow* const event = m_model->held(row);
    return event != nullptr && event->key == *m_anchor;
}

void EventListView::place(int row, std::optional<int> below, bool current)
{
    if (m_model == nullptr || row < 0 || row >= m_model->rowCount()) return;
    if (below) {
        QScrollBar* const bar = verticalScrollBar();
        bar->setValue(row - std::clamp(*below, 0, visibleRows() - 1));
        if (m_wrap) bar->setValue(std::max(bar->value(), topFor(row)));
    }
    if (current) {
        clearSelection();
        m_current = row;
        tellFocus();
    }
    viewport()->update();
}

std::optional<EventListView::Rows> EventListView::run() const
{
    return m_from >= 0 ? std::optional(Rows(m_from, m_to)) : std::nullopt;
}

void EventListView::remap(int current, const std::optional<Rows>& run)
{
    m_current = current;
    m_from = run ? run->first : -1;
    m_to = run ? run->second : -1;
    viewport()->update();
}

void EventListView::shift(int rows, int top)
{
    if (m_current >= 0) m_current = std::max(m_current + rows, -1);
    if (m_from >= 0) {
        m_from += rows;
        m_to += rows;
        // Rows of it are gone: what is left is not what was chosen.
        if (m_from < 0 || m_to < 0) {
            m_from = m_to = 0;
            clearSelection();
        }
    }
    // Not from where the bar is now: with fewer rows it may have given way already.
    verticalScrollBar()->setValue(top + rows);
    viewport()->update();
}

void EventListView::setStale(bool stale)
{
    if (m_stale == stale) return;
    m_stale = stale;
    viewport()->update();
}

void EventListView::setEmptyText(const QString& text)
{
    m_emptyText = text;
    viewport()->update();
}

int EventListView::topRow() const
{
    return verticalScrollBar()->value();
}

int EventListView::rowAt(int y) const
{
    if (m_model == nullptr || y < m_headerHeight) return -1;
    int row = topRow();
    if (!m_wrap) {
        row += (y - m_headerHeight) / m_rowHeight;
        return row < m_model->rowCount() ? row : -1;
    }
    for (int bottom = m_headerHeight; row < m_model->rowCount(); ++row)
        if (y < (bottom += heightOf(row))) return row;
    return -1;
}

QRect EventListView::rowRect(int row) const
{
    int top = m_headerHeight;
    if (!m_wrap) {
        top += (row - topRow()) * m_rowHeight;
    } else if (std::abs(row - topRow()) > 1'000) {
        top += (row - topRow()) * m_rowHeight; // far out of sight: not worth being exact
    } else {
        for (int each = topRow(); each < row; ++each) top += heightOf(each);
        for (int each = row; each < topRow(); ++each) top -= heightOf(each);
    }
    return {0, top, viewport()->width(), heightOf(row)};
}

void EventListView::tellFocus()
{
    if (m_current < topRow() || !hasFocus()) return;
    QAccessibleEvent event(this, QAccessible::Focus);
    event.setChild(m_current - topRow());
    QAccessible::updateAccessibility(&event);
}

void EventListView::resizeEvent(QResizeEvent* event)
{
    QAbstractScrollArea::resizeEvent(event);
    const bool inSight = m_current >= topRow() && rowRect(m_current).top() < event->oldSize().height();
    m_wrapped.clear();
    updateScrollBar();
    if (!inSight) return;
    // Another pane has opened beside it: what one looks at stays in sight.
    if (const int top = topFor(m_current); top > topRow()) verticalScrollBar()->setValue(top);
}

void EventListView::keyPressEvent(QKeyEvent* event)
{
    // Not ours: the page's single keys (Backspace, /) get it.
    if (!m_keys.handle(*event)) event->ignore();
}

void EventListView::focusInEvent(QFocusEvent* event)
{
    QAbstractScrollArea::focusInEvent(event);
    Q_EMIT focused();
    tellFocus();
    viewport()->update();
}

void EventListView::focusOutEvent(QFocusEvent* event)
{
    QAbstractScrollArea::focusOutEvent(event);
    viewport()->update();
}

void EventListView::changeEvent(QEvent* event)
{
    QAbstractScrollArea::changeEvent(event);
    if (event->type() == QEvent::FontChange) updateMetrics();
}

} // namespace faultline
