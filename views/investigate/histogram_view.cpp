#include "views/investigate/histogram_view.h"

#include "views/render/time_axis.h"

#include <QKeyEvent>
#include <QLocale>
#include <QPainter>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>

namespace faultline {
namespace {

constexpr int kAxisHeight = 20, kLeft = 56, kRight = 12, kTop = 8, kDragPixels = 4;

int classOf(const std::string& name)
{
    for (const Severity number :
         {Severity{1}, Severity{5}, Severity{9}, Severity{13}, Severity{17}, Severity{21}})
        if (severityName(number) == name) return severityClass(number);
    return 0;
}

double span(TimeRange range)
{
    return static_cast<double>(range.end) - static_cast<double>(range.begin);
}

} // namespace

HistogramView::HistogramView(QWidget* parent) : QWidget(parent)
{
    setObjectName(QStringLiteral("histogram"));
    setAccessibleName(tr("Events over time, by severity"));
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
    setMinimumHeight(90);
    setAttribute(Qt::WA_OpaquePaintEvent);
}

QSize HistogramView::sizeHint() const
{
    return {800, 150};
}

void HistogramView::setTheme(const Theme& theme)
{
    m_theme = theme;
    update();
}

std::size_t HistogramView::wantedBuckets() const
{
    return static_cast<std::size_t>(std::clamp(plot().width() / 4, 20, 500));
}

void HistogramView::setAnswer(const HistogramAnswer& answer, TimeNs origin, TimeNs step, TimeRange range,
                              bool exact)
{
    m_step = std::max<TimeNs>(step, 1);
    m_origin = origin;
    m_range = range;
    m_exact = exact;
    const auto count = static_cast<std::size_t>(std::ceil(span(range) / static_cast<double>(m_step))) + 1;
    m_buckets.assign(std::min<std::size_t>(count, 20'000), {});
    m_highest = 0;
    for (const auto& series : answer.series) {
        const int severity = series.group.empty() ? 0 : classOf(series.group.front());
        for (std::size_t i = 0; i < series.counts.size(); ++i) {
            const std::int64_t at = answer.firstBucket + static_cast<std::int64_t>(i);
            if (at < 0 || at >= static_cast<std::int64_t>(m_buckets.size())) continue;
            Bucket& bucket = m_buckets[static_cast<std::size_t>(at)];
            bucket.counts[static_cast<std::size_t>(severity)] += series.counts[i];
            bucket.total += series.counts[i];
            m_highest = std::max(m_highest, bucket.total);
        }
    }
    setAccessibleDescription(tr("%1 events from %2 to %3")
                                 .arg(QLocale().toString(static_cast<qulonglong>(answer.total)),
                                      formatTimeForPeople(range.begin, 0),
                                      formatTimeForPeople(range.end, 0)));
    update();
}

void HistogramView::clear()
{
    m_buckets.clear();
    m_highest = 0;
    m_range = {0, 0};
    update();
}

void HistogramView::setCursor(std::optional<TimeNs> time)
{
    m_cursor = time;
    update();
}

QRect HistogramView::plot() const
{
    return rect().adjusted(kLeft, kTop, -kRight, -kAxisHeight);
}

double HistogramView::xOf(TimeNs time) const
{
    const QRect area = plot();
    return area.left() + (static_cast<double>(time) - static_cast<double>(m_range.begin)) /
                             std::max(span(m_range), 1.0) * area.width();
}

TimeNs HistogramView::timeAt(double x) const
{
    const QRect area = plot();
    const double share = std::clamp((x - area.left()) / std::max(area.width(), 1), 0.0, 1.0);
    return m_range.begin + static_cast<TimeNs>(share * span(m_range));
}

int HistogramView::bucketAt(double x) const
{
    if (m_buckets.empty() || m_step <= 0) return -1;
    const auto at = static_cast<int>((timeAt(x) - m_origin) / m_step);
    return at >= 0 && at < static_cast<int>(m_buckets.size()) ? at : -1;
}

void HistogramView::paintBars(QPainter& painter, const QRect& area) const
{
    const double height = area.height();
    for (std::size_t i = 0; i < m_buckets.size(); ++i) {
        const Bucket& bucket = m_buckets[i];
        if (bucket.total == 0) continue;
        const double left = xOf(m_origin + static_cast<TimeNs>(i) * m_step);
        const double right = xOf(m_origin + static_cast<TimeNs>(i + 1) * m_step);
        const double from = std::max<double>(left, area.left());
        const double width =
            std::max(std::min<double>(right, area.right() + 1) - from - (right - left > 3 ? 1 : 0), 1.0);
        if (from > area.right()) break;
        double bottom = area.bottom() + 1;
        // The worst stands at the bottom, where its height can be compared; one event is never less than a
        // pixel.
        for (int severity = 6; severity >= 0; --severity) {
            const std::uint64_t count = bucket.counts[static_cast<std::size_t>(severity)];
            if (count == 0) continue;
            const double bar =
                std::max(static_cast<double>(count) / static_cast<double>(m_highest) * height, 1.0);
            painter.fillRect(QRectF(from, bottom - bar, width, bar),
                             m_theme.severity[static_cast<std::size_t>(severity)]);
            bottom -= bar;
        }
    }
}

void HistogramView::paintAxis(QPainter& painter, const QRect& area) const
{
    painter.setPen(m_theme.dim);
    const QString top = QLocale().toString(static_cast<qulonglong>(m_highest));
    painter.drawText(QRect(0, area.top() - 4, kLeft - 6, 16), Qt::AlignRight | Qt::AlignTop,
                     painter.fontMetrics().elidedText(top, Qt::ElideRight, kLeft - 8));
    painter.drawText(QRect(0, area.bottom() - 12, kLeft - 6, 16), Qt::AlignRight | Qt::AlignBottom,
                     QStringLiteral("0"));
    painter.setPen(m_theme.grid);
    painter.drawLine(area.left(), area.top(), area.right(), area.top());
    painter.setPen(m_theme.border);
    painter.drawLine(area.left(), area.bottom() + 1, area.right(), area.bottom() + 1);
    const int spacing = painter.fontMetrics().horizontalAdvance(QStringLiteral("00-00 00:00:00.000")) + 16;
    for (const TimeTick& tick : timeTicks(m_range, area.width(), spacing)) {
        const double x = xOf(tick.time);
        painter.setPen(m_theme.border);
        painter.drawLine(QPointF(x, area.bottom() + 1), QPointF(x, area.bottom() + 4));
        painter.setPen(tick.major ? m_theme.text : m_theme.dim);
        const int width = painter.fontMetrics().horizontalAdvance(tick.label);
        const double left = std::clamp(x - width / 2.0, 2.0, static_cast<double>(this->width() - width - 2));
        painter.drawText(QPointF(left, height() - 5), tick.label);
    }
}

void HistogramView::paintHover(QPainter& painter, const QRect& area) const
{
    const int at = m_keyAt >= 0 ? m_keyAt : m_hover ? bucketAt(*m_hover) : -1;
    if (at < 0) return;
    const Bucket& bucket = m_buckets[static_cast<std::size_t>(at)];
    const TimeNs begin = m_origin + at * m_step;
    const double x = std::clamp(xOf(begin + m_step / 2), static_cast<double>(area.left()),
                                static_cast<double>(area.right()));
    painter.setPen(m_theme.dim);
    painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()));
    QString text = formatTimeForPeople(begin, m_step < kSecondNs ? 3 : 0) + QStringLiteral("  +") +
                   formatSpan(m_step) + QStringLiteral("  ") +
                   QLocale().toString(static_cast<qulonglong>(bucket.total));
    for (std::size_t severity = 6; severity > 0; --severity) {
        static constexpr const char* kNames[] = {"", "trace", "debug", "info", "warn", "error", "fatal"};
        if (bucket.counts[severity] != 0)
            text += QStringLiteral("  ") + QLatin1String(kNames[severity]) + QLatin1Char(' ') +
                    QLocale().toString(static_cast<qulonglong>(bucket.counts[severity]));
    }
    const int width = painter.fontMetrics().horizontalAdvance(text) + 12;
    const QRectF label(std::clamp(x + 8, static_cast<double>(area.left()),
                                  std::max<double>(area.left(), area.right() - width)),
                       area.top(), width, painter.fontMetrics().height() + 6);
    painter.fillRect(label, m_theme.window);
    painter.setPen(m_theme.border);
    painter.drawRect(label);
    painter.setPen(m_theme.text);
    painter.drawText(label, Qt::AlignCenter, text);
}

void HistogramView::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.fillRect(rect(), m_theme.base);
    const QRect area = plot();
    if (m_buckets.empty() || m_highest == 0) {
        painter.setPen(m_theme.dim);
        painter.drawText(rect(), Qt::AlignCenter, m_exact ? tr("Nothing in this range") : tr("Counting…"));
        if (m_buckets.empty()) return;
    }
    paintBars(painter, area);
    paintAxis(painter, area);
    const auto shade = [&](double from, double to) {
        QColor color = m_theme.accent;
        color.setAlpha(60);
        painter.fillRect(QRectF(std::min(from, to), area.top(), std::abs(to - from), area.height()), color);
    };
    if (m_pressed && m_hover) shade(*m_pressed, *m_hover);
    if (m_keyFrom >= 0 && m_keyAt >= 0)
        shade(xOf(m_origin + std::min(m_keyFrom, m_keyAt) * m_step),
              xOf(m_origin + (std::max(m_keyFrom, m_keyAt) + 1) * m_step));
    if (m_cursor && m_range.contains(*m_cursor)) {
        painter.setPen(QPen(m_theme.accent, 1, Qt::DashLine));
        const double x = xOf(*m_cursor);
        painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()));
    }
    paintHover(painter, area);
    if (!m_exact) {
        painter.setPen(m_theme.dim);
        painter.drawText(area.adjusted(0, 0, -4, 0), Qt::AlignTop | Qt::AlignRight, tr("counting…"));
    }
    if (hasFocus()) {
        painter.setPen(m_theme.accent);
        painter.drawRect(rect().adjusted(0, 0, -1, -1));
    }
}

void HistogramView::mousePressEvent(QMouseEvent* event)
{
    if (event->button() == Qt::LeftButton && !m_buckets.empty()) m_pressed = event->position().x();
    m_keyAt = m_keyFrom = -1;
}

void HistogramView::mouseMoveEvent(QMouseEvent* event)
{
    m_hover = event->position().x();
    update();
}

void HistogramView::finishSelection(TimeNs from, TimeNs to)
{
    if (from > to) std::swap(from, to);
    TimeRange range{from, to};
    if (range.end <= range.begin) range.end = range.begin + 1;
    Q_EMIT rangeSelected(range);
}

void HistogramView::mouseReleaseEvent(QMouseEvent* event)
{
    if (!m_pressed) return;
    const double from = *m_pressed, to = event->position().x();
    m_pressed.reset();
    update();
    if (std::abs(to - from) >= kDragPixels) finishSelection(timeAt(from), timeAt(to));
}

void HistogramView::leaveEvent(QEvent*)
{
    m_hover.reset();
    update();
}

void HistogramView::wheelEvent(QWheelEvent* event)
{
    if (m_buckets.empty() || event->angleDelta().y() == 0) return;
    const double factor = event->angleDelta().y() > 0 ? 0.5 : 2.0;
    const double width = span(m_range) * factor;
    if (width < 1'000 || width > 4e18) return;
    const TimeNs at = timeAt(event->position().x());
    const double share =
        (static_cast<double>(at) - static_cast<double>(m_range.begin)) / std::max(span(m_range), 1.0);
    const double begin = static_cast<double>(at) - share * width;
    if (begin < -9.2e18 || begin + width > 9.2e18) return;
    Q_EMIT zoomRequested({static_cast<TimeNs>(begin), static_cast<TimeNs>(begin + width)});
}

void HistogramView::keyPressEvent(QKeyEvent* event)
{
    const int last = static_cast<int>(m_buckets.size()) - 1;
    const int key = event->key();
    if (last < 0) return event->ignore();
    if (key == Qt::Key_Left || key == Qt::Key_Right) {
        const int from = m_keyAt;
        m_keyAt = from < 0 ? (key == Qt::Key_Right ? 0 : last)
                           : std::clamp(from + (key == Qt::Key_Right ? 1 : -1), 0, last);
        if ((event->modifiers() & Qt::ShiftModifier) != 0)
            m_keyFrom = m_keyFrom < 0 ? std::max(from, 0) : m_keyFrom;
        else
            m_keyFrom = -1;
        return update();
    }
    if ((key == Qt::Key_Return || key == Qt::Key_Enter) && m_keyAt >= 0) {
        const int from = m_keyFrom < 0 ? m_keyAt : m_keyFrom;
        const TimeNs begin = m_origin + std::min(from, m_keyAt) * m_step;
        const TimeNs end = m_origin + (std::max(from, m_keyAt) + 1) * m_step;
        m_keyAt = m_keyFrom = -1;
        return finishSelection(begin, end);
    }
    if (key == Qt::Key_Escape && m_keyAt >= 0) {
        m_keyAt = m_keyFrom = -1;
        return update();
    }
    event->ignore();
}

} // namespace faultline
