// How the list of events paints itself.
#include "models/tables/event_rows.h"
#include "views/investigate/event_list_view.h"
#include "views/render/counts.h"
#include "views/render/plain_text.h"
#include "views/render/time_axis.h"

#include <QApplication>
#include <QPainter>
#include <QScrollBar>

#include <algorithm>

namespace faultline {
namespace {

constexpr int kPadding = 6;
constexpr double kStaleOpacity = 0.4;
/// Rows whose texts are kept in lines: more than a screen has.
constexpr std::size_t kMostKept = 600;

/// Columns whose texts take several lines: a time, a level and a name stay on one.
bool wraps(int column)
{
    return column == EventRows::MessageColumn || column >= EventRows::FirstFieldColumn;
}

} // namespace

ListColumns::Box EventListView::box(int column) const
{
    ListColumns::Box b = m_columns.box(column, viewport()->width());
    b.left -= horizontalScrollBar()->value();
    return b;
}

QString EventListView::title(int column) const
{
    if (column == EventRows::TimeColumn) return tr("Time (%1)").arg(m_zone.shortName());
    return m_model != nullptr
               ? oneLine(
                     m_model->headerData(column, Qt::Horizontal, Qt::DisplayRole).toString().toStdString())
               : QString();
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

std::string EventListView::textOf(int row, const EventRow& event, int column) const
{
    if (column == EventRows::MessageColumn)
        return event.message.empty() ? m_model->summary(row).toStdString() : event.message;
    const auto field = static_cast<std::size_t>(column - EventRows::FirstFieldColumn);
    if (column < EventRows::FirstFieldColumn || field >= event.columns.size()) return {};
    return event.columns[field] ? *event.columns[field] : std::string("\u2013");
}

QString EventListView::cellText(int row, const EventRow& event, int column) const
{
    switch (column) {
    case EventRows::TimeColumn:
        return (event.flags & FlagTimeMissing) != 0 ? tr("(no time)") : timeText(event);
    case EventRows::SeverityColumn: return QString(severityLetter(event.severity));
    case EventRows::ServiceColumn: return oneLine(event.service);
    default: return oneLine(textOf(row, event, column));
    }
}

QString EventListView::timeText(const EventRow& event) const
{
    const QString text = formatTimeAt(event.key.time, 3, m_zone.offset(event.key.time, event.zoneMinutes));
    if (m_zone.kind() != DisplayZone::Kind::Source) return text;
    // Rows of several zones stand side by side: each says its own, in the place of the year.
    return text.mid(5) + QLatin1Char(' ') + m_zone.suffix(event.key.time, event.zoneMinutes);
}

QString EventListView::cellText(int row, int column) const
{
    const EventRow* const event = m_model != nullptr ? m_model->held(row) : nullptr;
    return event != nullptr ? cellText(row, *event, column) : QString();
}

const EventListView::WrappedRow& EventListView::wrapped(int row, const EventRow& event) const
{
    if (const auto kept = m_wrapped.find(event.key); kept != m_wrapped.end()) return kept->second;
    if (m_wrapped.size() >= kMostKept) m_wrapped.clear();
    WrappedRow made;
    const int most = std::clamp(roomForRows() / m_lineHeight, 1, kMostLines);
    for (const int column : m_columns.inOrder()) {
        if (!wraps(column)) continue;
        const int width = m_columns.box(column, viewport()->width()).width - 2 * kPadding;
        WrappedText text = wrapText(textOf(row, event, column), static_cast<int>(width / m_advance), most);
        const auto lines = static_cast<int>(text.lines.size()) + (text.more > 0 || text.moreOrOver ? 1 : 0);
        made.lines = std::max(made.lines, std::min(lines, most));
        made.cells[column] = std::move(text);
    }
    return m_wrapped[event.key] = std::move(made);
}

void EventListView::paintHeader(QPainter& painter) const
{
    const int wide = viewport()->width();
    painter.fillRect(0, 0, wide, m_headerHeight, m_theme.window);
    painter.setPen(m_theme.border);
    painter.drawLine(0, m_headerHeight - 1, wide, m_headerHeight - 1);
    for (const int column : m_columns.inOrder()) {
        const ListColumns::Box b = box(column);
        painter.setPen(column == m_column && hasFocus() ? m_theme.accent : m_theme.dim);
        const QRect cell(b.left + kPadding, 0, b.width - 2 * kPadding, m_headerHeight - 1);
        if (column != EventRows::SeverityColumn)
            painter.drawText(cell, Qt::AlignVCenter | Qt::AlignLeft | Qt::TextSingleLine,
                             fontMetrics().elidedText(title(column), Qt::ElideRight, cell.width()));
        if (column == m_column && hasFocus())
            painter.fillRect(b.left + 1, m_headerHeight - 4, b.width - 3, 3, m_theme.accent);
        // An edge that can be dragged.
        if (column != EventRows::MessageColumn && b.width > 0) {
            painter.setPen(m_theme.border);
            painter.drawLine(b.left + b.width - 1, 4, b.left + b.width - 1, m_headerHeight - 5);
        }
    }
    if (m_drop >= 0) {
        const std::vector<int> order = m_columns.inOrder();
        const auto place = static_cast<std::size_t>(m_drop);
        const ListColumns::Box b = box(place < order.size() ? order[place] : order.back());
        const int x = place < order.size() ? b.left : b.left + b.width;
        painter.fillRect(std::clamp(x - 1, 0, wide - 3), 0, 3, m_headerHeight, m_theme.accent);
    }
}

void EventListView::paintGutter(QPainter& painter, int row, const QRect& line) const
{
    // Shapes, so that nothing is told by colour alone: a diamond for a mark, a triangle for the event that
    // the others are around, a dot for a match.
    const double middle = line.top() + m_rowHeight / 2.0, half = m_charWidth / 2.0;
    painter.save();
    painter.translate(-horizontalScrollBar()->value(), 0);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    if (isMarked(row)) {
        const double x = 1 + half;
        const QPointF diamond[] = {
            {x, middle - half - 1}, {x + half, middle}, {x, middle + half + 1}, {x - half, middle}};
        painter.setBrush(m_theme.severity[4]);
        painter.drawPolygon(diamond, 4);
    }
    const double x = m_charWidth + 2 + half;
    painter.setBrush(row == m_current ? m_theme.selectionText : m_theme.accent);
    if (isAnchor(row)) {
        const QPointF triangle[] = {
            {x - half, middle - half - 1}, {x + half, middle}, {x - half, middle + half + 1}};
        painter.drawPolygon(triangle, 3);
    } else if (m_model->isMatch(row)) {
        painter.drawEllipse(QPointF(x, middle), half * 0.7, half * 0.7);
    }
    painter.restore();
}

void EventListView::paintSeverity(QPainter& painter, const EventRow& event, int top, bool current) const
{
    const ListColumns::Box mark = box(EventRows::SeverityColumn);
    const QColor severity = m_theme.severityColor(event.severity);
    if (severityClass(event.severity) >= 4) {
        painter.fillRect(QRect(mark.left + 1, top + 1, mark.width - 4, m_rowHeight - 2), severity);
        painter.setPen(m_theme.dark ? QColor(0x14, 0x16, 0x1b) : QColor(Qt::white));
    } else {
        painter.setPen(current ? m_theme.selectionText : severity);
    }
    painter.drawText(QRect(mark.left + 1, top, mark.width - 4, m_rowHeight), Qt::AlignCenter,
                     QString(severityLetter(event.severity)));
}

void EventListView::paintCell(QPainter& painter, int row, const EventRow& event, int column, int top,
                              const QColor& color) const
{
    const ListColumns::Box b = box(column);
    if (b.width <= 2 * kPadding || b.left >= viewport()->width() || b.left + b.width <= 0) return;
    constexpr int kFlags = Qt::AlignVCenter | Qt::AlignLeft | Qt::TextSingleLine | Qt::TextForceLeftToRight;
    QRect cell(b.left + kPadding, top, b.width - 2 * kPadding, m_rowHeight);
    painter.setPen(color);
    if (!m_wrap || !wraps(column)) {
        painter.drawText(cell, kFlags, fitted(cellText(row, event, column), cell.width()));
        return;
    }
    const WrappedRow& lines = wrapped(row, event);
    const auto text = lines.cells.find(column);
    if (text == lines.cells.end()) return;
    for (const QString& line : text->second.lines) {
        painter.drawText(cell, kFlags, fitted(line, cell.width()));
        cell.translate(0, m_lineHeight);
    }
    if (text->second.more == 0 && !text->second.moreOrOver) return;
    if (static_cast<int>(text->second.lines.size()) >= lines.lines) return; // room for one line alone
    painter.setPen(row == m_current ? m_theme.selectionText : m_theme.dim);
    const QString more = counted(static_cast<quint64>(text->second.more), tr("more line"), tr("more lines"));
    painter.drawText(cell, kFlags,
                     text->second.moreOrOver ? tr("\u2026 over %1").arg(more) : tr("\u2026 %1").arg(more));
}

void EventListView::paintRow(QPainter& painter, int row, int top, int height) const
{
    const QRect line(0, top, viewport()->width(), height);
    const bool current = row == m_current, chosen = current || (m_from >= 0 && isSelected(row));
    painter.fillRect(line, chosen ? m_theme.selection : row % 2 != 0 ? m_theme.alternate : m_theme.base);
    const EventRow* const event = m_model->event(row);
    if (event == nullptr) {
        painter.setPen(m_theme.dim);
        painter.drawText(line.adjusted(m_columns.gutter() + kPadding, 0, 0, 0), Qt::AlignVCenter,
                         m_model->loadState(row) == EventRows::LoadState::Failed ? tr("could not be read")
                                                                                 : QStringLiteral("…"));
        return;
    }
    const QColor plain = chosen ? m_theme.selectionText : m_theme.text;
    paintGutter(painter, row, line);
    for (const int column : m_columns.inOrder()) {
        switch (column) {
        case EventRows::SeverityColumn: paintSeverity(painter, *event, top, chosen); break;
        case EventRows::TimeColumn:
            paintCell(painter, row, *event, column, top, chosen ? m_theme.selectionText : m_theme.dim);
            break;
        case EventRows::ServiceColumn:
            paintCell(painter, row, *event, column, top, chosen ? m_theme.selectionText : m_theme.accent);
            break;
        case EventRows::MessageColumn: {
            QColor words = plain;
            if (!chosen && severityClass(event->severity) >= 5)
                words = m_theme.severityColor(event->severity);
            if (event->message.empty()) words = chosen ? m_theme.selectionText : m_theme.dim;
            paintCell(painter, row, *event, column, top, words);
            break;
        }
        default: paintCell(painter, row, *event, column, top, plain);
        }
    }
    if (!isAnchor(row) && !(current && m_from >= 0)) return;
    painter.setPen(m_theme.accent);
    painter.setBrush(Qt::NoBrush);
    painter.drawRect(line.adjusted(0, 0, -1, -1));
}

void EventListView::paintEvent(QPaintEvent*)
{
    QPainter painter(viewport());
    // Rows cover what is behind them, unless they are dimmed: each pixel is filled once.
    if (m_stale) painter.fillRect(viewport()->rect(), m_theme.base);
    const int rows = m_model != nullptr ? m_model->rowCount() : 0;
    painter.setOpacity(m_stale ? kStaleOpacity : 1);
    int top = m_headerHeight;
    for (int row = topRow(); row < rows && top < viewport()->height(); ++row) {
        const int height = heightOf(row);
        paintRow(painter, row, top, height);
        top += height;
    }
    painter.setOpacity(1);
    if (!m_stale) painter.fillRect(viewport()->rect().adjusted(0, top, 0, 0), m_theme.base);
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

void EventListView::fitColumn(int column)
{
    if (m_model == nullptr) return;
    int wide = column == EventRows::SeverityColumn ? 0 : fontMetrics().horizontalAdvance(title(column));
    const int last = std::min(topRow() + visibleRows() + 1, m_model->rowCount());
    for (int row = topRow(); row < last; ++row)
        wide = std::max(wide, fontMetrics().horizontalAdvance(cellText(row, column)));
    m_columns.setWidth(column, wide + 2 * kPadding + m_charWidth, viewport()->width());
    takeLayout();
}

} // namespace faultline
