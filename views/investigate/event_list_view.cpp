#include "views/investigate/event_list_view.h"

#include "models/tables/event_list_model.h"
#include "views/render/time_axis.h"

#include <QFontDatabase>
#include <QKeyEvent>
#include <QPainter>
#include <QScrollBar>

#include <algorithm>

namespace faultline {
namespace {

constexpr int kTimeChars = 24, kSeverityChars = 3, kFieldChars = 18, kPadding = 6, kGrip = 4;

/// One line of plain text for a cell: control bytes would otherwise move the pen.
QString cellText(const std::string& bytes)
{
    constexpr std::size_t kMostBytes = 1'000; // more cannot be seen in a row
    QString text =
        QString::fromUtf8(bytes.data(), static_cast<qsizetype>(std::min(bytes.size(), kMostBytes)));
    for (QChar& c : text) {
        const char16_t code = c.unicode();
        if (code == u'\n' || code == u'\r' || code == u'\t')
            c = QLatin1Char(' ');
        else if (code < 0x20 || code == 0x7f || (code >= 0x80 && code < 0xa0))
            c = QChar(0x00b7);
        else if ((code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069) || code == 0x200e ||
                 code == 0x200f)
            c = QChar(0x00b7);
    }
    return text;
}

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
}

void EventListView::updateMetrics()
{
    const QFontMetrics metrics(font());
    m_rowHeight = metrics.height() + 2;
    m_headerHeight = metrics.height() + 8;
    m_charWidth = std::max(1, metrics.horizontalAdvance(QLatin1Char('0')));
    m_serviceWidth = std::max(m_serviceWidth, 16 * m_charWidth);
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
    connect(model, &QAbstractItemModel::modelReset, this, refresh);
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

std::optional<EventKey> EventListView::topKey() const
{
    if (m_model == nullptr) return std::nullopt;
    const EventRow* const row = m_model->event(verticalScrollBar()->value());
    return row != nullptr ? std::optional(row->key) : std::nullopt;
}

EventListView::ColumnBox EventListView::box(int column) const
{
    const int time = kTimeChars * m_charWidth + 2 * kPadding;
    const int severity = kSeverityChars * m_charWidth;
    const int fields = m_model != nullptr ? static_cast<int>(m_model->fields().size()) : 0;
    const int fieldWidth = kFieldChars * m_charWidth;
    switch (column) {
    case EventListModel::TimeColumn: return {0, time};
    case EventListModel::SeverityColumn: return {time, severity};
    case EventListModel::ServiceColumn: return {time + severity, m_serviceWidth};
    default: break;
    }
    const int rest = time + severity + m_serviceWidth;
    // Fields that were added stand before the message, which takes what is left.
    if (column == EventListModel::MessageColumn)
        return {rest + fields * fieldWidth, viewport()->width() - rest - fields * fieldWidth};
    return {rest + (column - EventListModel::FirstFieldColumn) * fieldWidth, fieldWidth};
}

int EventListView::rowAt(int y) const
{
    if (m_model == nullptr || y < m_headerHeight) return -1;
    const int row = verticalScrollBar()->value() + (y - m_headerHeight) / m_rowHeight;
    return row < m_model->rowCount() ? row : -1;
}

int EventListView::columnAt(int x) const
{
    for (int column = 0; m_model != nullptr && column < m_model->columnCount(); ++column) {
        const ColumnBox b = box(column);
        if (x >= b.left && x < b.left + b.width) return column;
    }
    return -1;
}

void EventListView::paintHeader(QPainter& painter) const
{
    painter.fillRect(0, 0, viewport()->width(), m_headerHeight, m_theme.window);
    painter.setPen(m_theme.border);
    painter.drawLine(0, m_headerHeight - 1, viewport()->width(), m_headerHeight - 1);
    for (int column = 0; m_model != nullptr && column < m_model->columnCount(); ++column) {
        const ColumnBox b = box(column);
        painter.setPen(m_theme.dim);
        QString title = m_model->headerData(column, Qt::Horizontal, Qt::DisplayRole).toString();
        if (column == EventListModel::SeverityColumn) title.clear();
        const QRect cell(b.left + kPadding, 0, b.width - 2 * kPadding, m_headerHeight - 1);
        painter.drawText(cell, Qt::AlignVCenter | Qt::AlignLeft,
                         fontMetrics().elidedText(title, Qt::ElideRight, cell.width()));
        if (column == EventListModel::ServiceColumn) {
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
        const ColumnBox b = box(column);
        if (b.width <= 2 * kPadding) return;
        painter.setPen(color);
        const QRect cell(b.left + kPadding, top, b.width - kPadding, m_rowHeight);
        painter.setClipRect(cell);
        painter.drawText(cell, Qt::AlignVCenter | Qt::AlignLeft | Qt::TextSingleLine, text);
    };
    const bool noTime = (event->flags & FlagTimeMissing) != 0;
    draw(EventListModel::TimeColumn, noTime ? tr("(no time)") : formatTimeForPeople(event->key.time, 3),
         current ? m_theme.selectionText : m_theme.dim);
    const ColumnBox mark = box(EventListModel::SeverityColumn);
    painter.setClipping(false);
    if (severityClass(event->severity) >= 4) {
        painter.fillRect(QRect(mark.left + 1, top + 1, mark.width - 4, m_rowHeight - 2), severity);
        painter.setPen(m_theme.dark ? QColor(0x14, 0x16, 0x1b) : QColor(Qt::white));
    } else {
        painter.setPen(current ? m_theme.selectionText : severity);
    }
    painter.drawText(QRect(mark.left + 1, top, mark.width - 4, m_rowHeight), Qt::AlignCenter,
                     QString(severityLetter(event->severity)));
    draw(EventListModel::ServiceColumn, cellText(event->service),
         current ? m_theme.selectionText : m_theme.accent);
    for (std::size_t i = 0; i < event->columns.size(); ++i)
        draw(EventListModel::FirstFieldColumn + static_cast<int>(i),
             event->columns[i] ? cellText(*event->columns[i]) : QStringLiteral("–"), plain);
    draw(EventListModel::MessageColumn, cellText(event->message),
         !current && severityClass(event->severity) >= 5 ? severity : plain);
    painter.setClipping(false);
}

QString EventListView::emptyText() const
{
    if (m_model == nullptr) return {};
    return m_model->counting() ? tr("Looking…") : tr("No event matches.");
}

void EventListView::paintEvent(QPaintEvent*)
{
    QPainter painter(viewport());
    painter.fillRect(viewport()->rect(), m_theme.base);
    const int rows = m_model != nullptr ? m_model->rowCount() : 0;
    int top = m_headerHeight;
    for (int row = verticalScrollBar()->value(); row < rows && top < viewport()->height();
         ++row, top += m_rowHeight)
        paintRow(painter, row, top);
    if (rows == 0) {
        painter.setPen(m_theme.dim);
        painter.drawText(viewport()->rect().adjusted(0, m_headerHeight, 0, 0), Qt::AlignCenter, emptyText());
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
    const int row = m_current < 0 ? verticalScrollBar()->value() : m_current;
    const bool plain = (event->modifiers() & ~(Qt::ShiftModifier | Qt::KeypadModifier)) == Qt::NoModifier;
    switch (event->key()) {
    case Qt::Key_Down: setCurrentRow(m_current < 0 ? row : row + 1); return;
    case Qt::Key_Up: setCurrentRow(m_current < 0 ? row : row - 1); return;
    case Qt::Key_PageDown: setCurrentRow(row + visibleRows()); return;
    case Qt::Key_PageUp: setCurrentRow(row - visibleRows()); return;
    case Qt::Key_Home: setCurrentRow(0); return;
    case Qt::Key_End: setCurrentRow(m_model != nullptr ? m_model->rowCount() - 1 : 0); return;
    default: break;
    }
    const bool shift = (event->modifiers() & Qt::ShiftModifier) != 0;
    if (plain) {
        const int last = m_model != nullptr ? m_model->rowCount() - 1 : 0;
        if (event->key() == Qt::Key_J && !shift) return setCurrentRow(m_current < 0 ? row : row + 1);
        if (event->key() == Qt::Key_K && !shift) return setCurrentRow(m_current < 0 ? row : row - 1);
        if (event->key() == Qt::Key_G) return setCurrentRow(shift ? last : 0);
        if (event->key() == Qt::Key_C && !shift && m_current >= 0) {
            Q_EMIT copyRequested(m_current);
            return;
        }
    }
    if (event->matches(QKeySequence::Copy) && m_current >= 0) {
        Q_EMIT copyRequested(m_current);
        return;
    }
    // Not ours: the window's single keys (Backspace, /) get it.
    event->ignore();
}

void EventListView::mousePressEvent(QMouseEvent* event)
{
    const QPoint at = event->position().toPoint();
    const ColumnBox service = box(EventListModel::ServiceColumn);
    if (at.y() < m_headerHeight && std::abs(at.x() - service.left - service.width) <= kGrip) {
        m_resizing = EventListModel::ServiceColumn;
        return;
    }
    if (const int row = rowAt(at.y()); row >= 0) setCurrentRow(row);
}

void EventListView::mouseMoveEvent(QMouseEvent* event)
{
    const QPoint at = event->position().toPoint();
    const ColumnBox service = box(EventListModel::ServiceColumn);
    if (m_resizing >= 0) {
        m_serviceWidth = std::clamp(at.x() - service.left, 4 * m_charWidth,
                                    std::max(4 * m_charWidth, viewport()->width() / 2));
        viewport()->update();
        return;
    }
    const bool onEdge = at.y() < m_headerHeight && std::abs(at.x() - service.left - service.width) <= kGrip;
    viewport()->setCursor(onEdge ? Qt::SplitHCursor : Qt::ArrowCursor);
}

void EventListView::mouseReleaseEvent(QMouseEvent*)
{
    m_resizing = -1;
}

void EventListView::contextMenuEvent(QContextMenuEvent* event)
{
    int row = rowAt(event->pos().y());
    if (event->reason() == QContextMenuEvent::Keyboard) row = m_current;
    if (row < 0) return;
    setCurrentRow(row);
    Q_EMIT contextMenuRequested(row, columnAt(event->pos().x()), event->globalPos());
}

void EventListView::focusInEvent(QFocusEvent* event)
{
    QAbstractScrollArea::focusInEvent(event);
    if (m_current < 0 && m_model != nullptr && m_model->rowCount() > 0)
        setCurrentRow(verticalScrollBar()->value());
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
