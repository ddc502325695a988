#include "views/investigate/event_list_view.h"

#include "models/tables/event_list_model.h"
#include "views/render/plain_text.h"
#include "views/render/time_axis.h"

#include <QApplication>
#include <QFontDatabase>
#include <QKeyEvent>
#include <QMenu>
#include <QPainter>
#include <QScrollBar>

#include <algorithm>

namespace faultline {
namespace {

constexpr int kPadding = 6;
constexpr double kStaleOpacity = 0.4;

} // namespace

EventListView::EventListView(QWidget* parent) : QAbstractScrollArea(parent)
{
    setObjectName(QStringLiteral("eventList"));
    setAccessibleName(tr("Events"));
    setAccessibleDescription(tr("Events in order of time. Up and down move, Enter shows the fields."));
    setFocusPolicy(Qt::StrongFocus);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setFrameShape(QFrame::NoFrame);
    viewport()->setMouseTracking(true);
    viewport()->setAttribute(Qt::WA_OpaquePaintEvent);
    setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    updateMetrics();
    makeKeys();
}

void EventListView::makeKeys()
{
    const auto last = [this] { return m_model != nullptr ? m_model->rowCount() - 1 : 0; };
    const auto copy = [this] {
        if (m_current >= 0) Q_EMIT copyRequested(m_current);
    };
    const QKeySequence shiftG(Qt::SHIFT | Qt::Key_G);
    m_keys.add({Qt::Key_J, Qt::Key_Down}, tr("Next event"), [this] { step(1); });
    m_keys.add({Qt::Key_K, Qt::Key_Up}, tr("Event before"), [this] { step(-1); });
    m_keys.add({Qt::Key_PageDown}, tr("A page down"), [this] { step(visibleRows()); });
    m_keys.add({Qt::Key_PageUp}, tr("A page up"), [this] { step(-visibleRows()); });
    m_keys.add({Qt::Key_G, Qt::Key_Home}, tr("First event"), [this] { setCurrentRow(0); });
    m_keys.add({shiftG, Qt::Key_End}, tr("Last event"), [this, last] { setCurrentRow(last()); });
    m_keys.add({Qt::Key_Return}, tr("To the fields of the event"), [this] { Q_EMIT detailRequested(); });
    m_keys.add({Qt::Key_T}, tr("All events of its trace"), [this] {
        if (m_current >= 0) Q_EMIT traceRequested(m_current);
    });
    m_keys.add({Qt::Key_C, QKeySequence(Qt::CTRL | Qt::Key_C)}, tr("Copy the original line"), copy);
}

void EventListView::step(int rows)
{
    // Without a current row the first step goes to the top of what is in sight.
    setCurrentRow(m_current < 0 ? topRow() : m_current + rows);
}

void EventListView::updateMetrics()
{
    const QFontMetrics metrics(font());
    m_rowHeight = metrics.height() + 2;
    m_headerHeight = metrics.height() + 8;
    m_charWidth = std::max(1, metrics.horizontalAdvance(QLatin1Char('0')));
    m_advance = std::max(1.0, QFontMetricsF(font()).horizontalAdvance(QString(100, QLatin1Char('0'))) / 100);
    m_columns.setCharWidth(m_charWidth);
    updateScrollBar();
}

void EventListView::setModel(EventListModel* model)
{
    m_model = model;
    const auto refresh = [this] {
        updateScrollBar();
        viewport()->update();
    };
    connect(model, &QAbstractItemModel::rowsInserted, this, refresh);
    connect(model, &QAbstractItemModel::rowsRemoved, this, [this, refresh] {
        if (m_current >= m_model->rowCount()) m_current = -1;
        refresh();
    });
    connect(model, &QAbstractItemModel::dataChanged, this, refresh);
    connect(model, &QAbstractItemModel::modelReset, this, [this, refresh] {
        m_columns.setFields(m_model->fields());
        refresh();
    });
    connect(model, &EventListModel::totalChanged, this, refresh);
    refresh();
}

void EventListView::setTheme(const Theme& theme)
{
    m_theme = theme;
    viewport()->update();
}

int EventListView::visibleRows() const
{
    return std::max(1, (viewport()->height() - m_headerHeight) / m_rowHeight);
}

void EventListView::updateScrollBar()
{
    const int rows = m_model != nullptr ? m_model->rowCount() : 0;
    verticalScrollBar()->setRange(0, std::max(0, rows - visibleRows()));
    verticalScrollBar()->setPageStep(visibleRows());
    verticalScrollBar()->setSingleStep(1);
}

void EventListView::setCurrentRow(int row, bool centre)
{
    if (m_model == nullptr || m_model->rowCount() == 0) return;
    row = std::clamp(row, 0, m_model->rowCount() - 1);
    QScrollBar* const bar = verticalScrollBar();
    if (centre)
        bar->setValue(row - visibleRows() / 2);
    else if (row < bar->value())
        bar->setValue(row);
    else if (row >= bar->value() + visibleRows())
        bar->setValue(row - visibleRows() + 1);
    if (row != m_current) {
        m_current = row;
        Q_EMIT currentChanged(row);
    }
    viewport()->update();
}

void EventListView::clearCurrent()
{
    m_current = -1;
    viewport()->update();
}

void EventListView::place(int row, int below, bool current)
{
    if (m_model == nullptr || row < 0 || row >= m_model->rowCount()) return;
    below = std::clamp(below, 0, visibleRows() - 1);
    verticalScrollBar()->setValue(row - below);
    if (current) m_current = row;
    viewport()->update();
}

void EventListView::shift(int rows)
{
    if (m_current >= 0) m_current += rows;
    verticalScrollBar()->setValue(topRow() + rows);
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

QString EventListView::fitted(const QString& text, int width) const
{
    const auto fits = static_cast<qsizetype>(width / m_advance);
    const bool simple = std::all_of(text.begin(), text.end(), [](QChar c) { return c.unicode() < 0x250; });
    // Most text has characters of one width: nothing to measure.
    if (simple)
        return text.size() <= fits ? text : text.left(std::max<qsizetype>(fits - 1, 0)) + QChar(0x2026);
    return fontMetrics().elidedText(text, Qt::ElideRight, width);
}

int EventListView::rowAt(int y) const
{
    if (m_model == nullptr || y < m_headerHeight) return -1;
    const int row = verticalScrollBar()->value() + (y - m_headerHeight) / m_rowHeight;
    return row < m_model->rowCount() ? row : -1;
}

int EventListView::edgeAt(const QPoint& at) const
{
    return at.y() < m_headerHeight ? m_columns.edgeAt(at.x(), viewport()->width()) : -1;
}

void EventListView::paintHeader(QPainter& painter) const
{
    painter.fillRect(0, 0, viewport()->width(), m_headerHeight, m_theme.window);
    painter.setPen(m_theme.border);
    painter.drawLine(0, m_headerHeight - 1, viewport()->width(), m_headerHeight - 1);
    for (int column = 0; m_model != nullptr && column < m_model->columnCount(); ++column) {
        const ListColumns::Box b = box(column);
        painter.setPen(m_theme.dim);
        QString title = m_model->headerData(column, Qt::Horizontal, Qt::DisplayRole).toString();
        if (column == EventListModel::SeverityColumn) title.clear();
        const QRect cell(b.left + kPadding, 0, b.width - 2 * kPadding, m_headerHeight - 1);
        painter.drawText(cell, Qt::AlignVCenter | Qt::AlignLeft,
                         fontMetrics().elidedText(title, Qt::ElideRight, cell.width()));
        // An edge that can be dragged.
        if (column != EventListModel::MessageColumn && b.width > 0) {
            painter.setPen(m_theme.border);
            painter.drawLine(b.left + b.width - 1, 4, b.left + b.width - 1, m_headerHeight - 5);
        }
    }
}

void EventListView::paintRow(QPainter& painter, int row, int top) const
{
    const QRect line(0, top, viewport()->width(), m_rowHeight);
    const bool current = row == m_current;
    painter.fillRect(line, current ? m_theme.selection : row % 2 != 0 ? m_theme.alternate : m_theme.base);
    const EventRow* const event = m_model->event(row);
    if (event == nullptr) {
        painter.setPen(m_theme.dim);
        painter.drawText(line.adjusted(kPadding, 0, 0, 0), Qt::AlignVCenter,
                         m_model->loadState(row) == EventListModel::LoadState::Failed
                             ? tr("could not be read")
                             : QStringLiteral("…"));
        return;
    }
    const QColor plain = current ? m_theme.selectionText : m_theme.text;
    const QColor severity = m_theme.severityColor(event->severity);
    const auto draw = [&](int column, const QString& text, const QColor& color) {
        const ListColumns::Box b = box(column);
        if (b.width <= 2 * kPadding) return;
        painter.setPen(color);
        const QRect cell(b.left + kPadding, top, b.width - 2 * kPadding, m_rowHeight);
        painter.drawText(cell,
                         Qt::AlignVCenter | Qt::AlignLeft | Qt::TextSingleLine | Qt::TextForceLeftToRight,
                         fitted(text, cell.width()));
    };
    draw(EventListModel::TimeColumn, cellText(row, *event, EventListModel::TimeColumn),
         current ? m_theme.selectionText : m_theme.dim);
    const ListColumns::Box mark = box(EventListModel::SeverityColumn);
    if (severityClass(event->severity) >= 4) {
        painter.fillRect(QRect(mark.left + 1, top + 1, mark.width - 4, m_rowHeight - 2), severity);
        painter.setPen(m_theme.dark ? QColor(0x14, 0x16, 0x1b) : QColor(Qt::white));
    } else {
        painter.setPen(current ? m_theme.selectionText : severity);
    }
    painter.drawText(QRect(mark.left + 1, top, mark.width - 4, m_rowHeight), Qt::AlignCenter,
                     QString(severityLetter(event->severity)));
    draw(EventListModel::ServiceColumn, cellText(row, *event, EventListModel::ServiceColumn),
         current ? m_theme.selectionText : m_theme.accent);
    for (int column = EventListModel::FirstFieldColumn; column < m_columns.count(); ++column)
        draw(column, cellText(row, *event, column), plain);
    QColor words = !current && severityClass(event->severity) >= 5 ? severity : plain;
    if (event->message.empty()) words = current ? m_theme.selectionText : m_theme.dim;
    draw(EventListModel::MessageColumn, cellText(row, *event, EventListModel::MessageColumn), words);
}

QString EventListView::cellText(int row, const EventRow& event, int column) const
{
    switch (column) {
    case EventListModel::TimeColumn:
        return (event.flags & FlagTimeMissing) != 0 ? tr("(no time)")
                                                    : formatTimeForPeople(event.key.time, 3);
    case EventListModel::SeverityColumn: return QString(severityLetter(event.severity));
    case EventListModel::ServiceColumn: return oneLine(event.service);
    case EventListModel::MessageColumn:
        return oneLine(event.message.empty() ? m_model->summary(row).toStdString() : event.message);
    default: break;
    }
    const auto field = static_cast<std::size_t>(column - EventListModel::FirstFieldColumn);
    if (field >= event.columns.size()) return {};
    return event.columns[field] ? oneLine(*event.columns[field]) : QStringLiteral("–");
}

void EventListView::paintEvent(QPaintEvent*)
{
    QPainter painter(viewport());
    painter.fillRect(viewport()->rect(), m_theme.base);
    const int rows = m_model != nullptr ? m_model->rowCount() : 0;
    painter.setOpacity(m_stale ? kStaleOpacity : 1);
    int top = m_headerHeight;
    for (int row = verticalScrollBar()->value(); row < rows && top < viewport()->height();
         ++row, top += m_rowHeight)
        paintRow(painter, row, top);
    painter.setOpacity(1);
    if (rows == 0 && m_model != nullptr) {
        painter.setFont(QApplication::font());
        painter.setPen(m_theme.dim);
        painter.drawText(viewport()->rect().adjusted(16, m_headerHeight, -16, 0),
                         Qt::AlignCenter | Qt::TextWordWrap,
                         m_model->counting() && m_emptyText.isEmpty() ? tr("Looking…") : m_emptyText);
        painter.setFont(font());
    }
    paintHeader(painter);
    if (hasFocus()) {
        painter.setPen(m_theme.accent);
        painter.drawLine(0, m_headerHeight - 1, viewport()->width(), m_headerHeight - 1);
    }
}

void EventListView::resizeEvent(QResizeEvent* event)
{
    QAbstractScrollArea::resizeEvent(event);
    updateScrollBar();
}

void EventListView::keyPressEvent(QKeyEvent* event)
{
    // Not ours: the page's single keys (Backspace, /) get it.
    if (!m_keys.handle(*event)) event->ignore();
}

void EventListView::mousePressEvent(QMouseEvent* event)
{
    const QPoint at = event->position().toPoint();
    m_resizing = event->button() == Qt::LeftButton ? edgeAt(at) : -1;
    if (m_resizing >= 0) return;
    if (const int row = rowAt(at.y()); row >= 0) setCurrentRow(row);
}

void EventListView::mouseMoveEvent(QMouseEvent* event)
{
    const QPoint at = event->position().toPoint();
    if (m_resizing >= 0) {
        m_columns.setWidth(m_resizing, at.x() - box(m_resizing).left, viewport()->width());
        viewport()->update();
        return;
    }
    viewport()->setCursor(edgeAt(at) >= 0 ? Qt::SplitHCursor : Qt::ArrowCursor);
}

void EventListView::mouseReleaseEvent(QMouseEvent*)
{
    m_resizing = -1;
}

void EventListView::mouseDoubleClickEvent(QMouseEvent* event)
{
    if (const int column = edgeAt(event->position().toPoint()); column >= 0) fitColumn(column);
}

void EventListView::fitColumn(int column)
{
    if (m_model == nullptr) return;
    QString title = m_model->headerData(column, Qt::Horizontal, Qt::DisplayRole).toString();
    if (column == EventListModel::SeverityColumn) title.clear();
    int wide = fontMetrics().horizontalAdvance(title);
    const int last = std::min(topRow() + visibleRows() + 1, m_model->rowCount());
    for (int row = topRow(); row < last; ++row)
        if (const EventRow* const event = m_model->event(row))
            wide = std::max(wide, fontMetrics().horizontalAdvance(cellText(row, *event, column)));
    m_columns.setWidth(column, wide + 2 * kPadding + m_charWidth, viewport()->width());
    viewport()->update();
}

void EventListView::showHeaderMenu(int column, const QPoint& globalPosition)
{
    if (column < 0 || column == EventListModel::MessageColumn) return;
    auto* const menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->setObjectName(QStringLiteral("headerMenu"));
    menu->addAction(tr("Width to contents"), this, [this, column] { fitColumn(column); });
    if (const std::string* const field = m_columns.fieldOf(column))
        menu->addAction(tr("Remove column"), this,
                        [this, name = QString::fromStdString(*field)] { Q_EMIT columnRemoved(name); });
    menu->popup(globalPosition);
}

void EventListView::contextMenuEvent(QContextMenuEvent* event)
{
    const int column = m_columns.columnAt(event->pos().x(), viewport()->width());
    if (event->reason() != QContextMenuEvent::Keyboard && event->pos().y() < m_headerHeight)
        return showHeaderMenu(column, event->globalPos());
    int row = rowAt(event->pos().y());
    if (event->reason() == QContextMenuEvent::Keyboard) row = m_current;
    if (row < 0) return;
    setCurrentRow(row);
    Q_EMIT contextMenuRequested(row, column, event->globalPos());
}

void EventListView::focusInEvent(QFocusEvent* event)
{
    QAbstractScrollArea::focusInEvent(event);
    Q_EMIT focused();
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
