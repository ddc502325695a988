#include "views/fields/trend_chart.h"

#include "models/tables/cell_text.h"
#include "views/render/time_axis.h"

#include <QGraphicsLayout>
#include <QKeyEvent>
#include <QtCharts/QCategoryAxis>
#include <QtCharts/QLineSeries>
#include <QtCharts/QValueAxis>

#include <algorithm>
#include <cmath>
#include <limits>

namespace faultline {
namespace {

constexpr int kTickSpacing = 60; // pixels; wider, and six hours in a narrow panel have no tick at all

double milliseconds(TimeNs time)
{
    return static_cast<double>(time) / 1e6;
}

/// A round distance between at most five ticks.
double roundInterval(double span)
{
    const double least = span / 4;
    const double power = std::pow(10.0, std::floor(std::log10(least)));
    for (const double factor : {1.0, 2.0, 5.0})
        if (factor * power >= least) return factor * power;
    return 10 * power;
}

} // namespace

TrendChart::TrendChart(QWidget* parent)
    : QChartView(new QChart, parent), m_times(new QCategoryAxis), m_values(new QValueAxis)
{
    setObjectName(QStringLiteral("numberTrend"));
    setAccessibleName(tr("Percentiles over time"));
    setFrameShape(NoFrame);
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setFixedHeight(170);
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    chart()->setAnimationOptions(QChart::NoAnimation);
    chart()->legend()->hide();
    chart()->setBackgroundRoundness(0);
    chart()->setMargins(QMargins(0, 4, 10, 0));
    chart()->layout()->setContentsMargins(0, 0, 0, 0);
    m_times->setLabelsPosition(QCategoryAxis::AxisLabelsPositionOnValue);
    m_values->setTickType(QValueAxis::TicksDynamic);
    m_values->setLabelFormat(QStringLiteral("%.4g"));
    chart()->addAxis(m_times, Qt::AlignBottom);
    chart()->addAxis(m_values, Qt::AlignLeft);
    for (QLineSeries*& line : m_lines) {
        line = new QLineSeries;
        chart()->addSeries(line);
        line->attachAxis(m_times);
        line->attachAxis(m_values);
    }
    m_keys.add({Qt::Key_Left}, tr("The point before"), [this] { step(-1); });
    m_keys.add({Qt::Key_Right}, tr("The next point"), [this] { step(1); });
    paintTheme();
}

void TrendChart::setZone(const DisplayZone& zone)
{
    m_zone = zone;
    setTicks();
}

void TrendChart::setTheme(const Theme& theme)
{
    m_theme = theme;
    paintTheme();
}

void TrendChart::paintTheme()
{
    // A chart does not follow the palette.
    chart()->setBackgroundBrush(m_theme.base);
    chart()->setBackgroundPen(Qt::NoPen);
    setBackgroundBrush(m_theme.base);
    const std::array<QColor, 3> colors{m_theme.severity[3], m_theme.accent, m_theme.severity[5]};
    const std::array<Qt::PenStyle, 3> styles{Qt::DotLine, Qt::DashLine, Qt::SolidLine};
    for (std::size_t i = 0; i < m_lines.size(); ++i) {
        QPen pen(colors[i], 1.0, styles[i]);
        pen.setCosmetic(true);
        m_lines[i]->setPen(pen);
    }
    QFont small = font();
    small.setPointSizeF(std::max(7.0, small.pointSizeF() - 1));
    for (QAbstractAxis* const axis :
         {static_cast<QAbstractAxis*>(m_times), static_cast<QAbstractAxis*>(m_values)}) {
        axis->setLabelsColor(m_theme.dim);
        axis->setLabelsFont(small);
        axis->setGridLinePen(QPen(m_theme.grid, 1));
        axis->setLinePen(QPen(m_theme.border, 1));
    }
}

double TrendChart::millisecondsOf(std::size_t bucket) const
{
    const double index = static_cast<double>(m_answer.firstBucket) + static_cast<double>(bucket);
    return milliseconds(m_scale.origin) + (index + 0.5) * milliseconds(m_scale.step);
}

void TrendChart::setAnswer(const StatsOverTimeAnswer& answer, const NumberFacts::TimeScale& scale)
{
    m_answer = answer;
    m_scale = scale;
    double low = 0, high = 0;
    std::array<QList<QPointF>, 3> points;
    for (std::size_t i = 0; i < m_answer.buckets.size(); ++i) {
        const Statistics& each = m_answer.buckets[i];
        for (std::size_t q = 0; q < m_lines.size(); ++q) {
            const bool there = each.count > 0 && q < each.quantiles.size();
            const double value = there ? each.quantiles[q].second : std::numeric_limits<double>::quiet_NaN();
            points[q].append(QPointF(millisecondsOf(i), value));
            if (!there) continue;
            low = std::min(low, value);
            high = std::max(high, value);
        }
    }
    if (!(high > low)) high = low + 1;
    const double interval = roundInterval(high - low);
    m_values->setTickAnchor(0);
    m_values->setTickInterval(interval);
    m_values->setRange(std::floor(low / interval) * interval, std::ceil(high / interval) * interval);
    for (std::size_t q = 0; q < m_lines.size(); ++q) m_lines[q]->replace(points[q]);
    // A point between two gaps is no line.
    bool alone = false;
    const auto has = [&](std::size_t i) {
        return i < m_answer.buckets.size() && m_answer.buckets[i].count > 0;
    };
    for (std::size_t i = 0; i < m_answer.buckets.size(); ++i)
        alone = alone || (has(i) && !has(i + 1) && (i == 0 || !has(i - 1)));
    for (QLineSeries* const line : m_lines) line->setPointsVisible(alone);
    setTicks();
    setCursor(std::nullopt);
    double worst = 0;
    std::size_t at = 0;
    for (std::size_t i = 0; i < m_answer.buckets.size(); ++i)
        if (has(i) && m_answer.buckets[i].quantiles.size() > 2 &&
            m_answer.buckets[i].quantiles[2].second > worst)
            worst = m_answer.buckets[at = i].quantiles[2].second;
    setAccessibleDescription(
        m_answer.buckets.empty()
            ? tr("No values with a time")
            : tr("%1 points; the highest p99 is %2, at %3. Left and Right read the points.")
                  .arg(m_answer.buckets.size())
                  .arg(measureText(worst),
                       formatTimeForPeople(static_cast<TimeNs>(millisecondsOf(at) * 1e6), 0, m_zone)));
}

void TrendChart::setTicks()
{
    for (const QString& label : m_times->categoriesLabels()) m_times->remove(label);
    const double begin = milliseconds(m_scale.range.begin), end = milliseconds(m_scale.range.end);
    if (!(end > begin)) return;
    m_times->setRange(begin, end);
    m_times->setStartValue(begin);
    QStringList used;
    const int plot = std::max(60, width() - 60);
    for (const TimeTick& tick : timeTicks(m_scale.range, plot, kTickSpacing, m_zone)) {
        const double place = milliseconds(tick.time);
        if (place <= begin || place >= end) continue;
        // The axis drops a second label of the same text.
        QString label = tick.label;
        while (used.contains(label)) label += QChar(0x200b);
        used.push_back(label);
        m_times->append(label, place);
    }
}

int TrendChart::points() const
{
    return static_cast<int>(m_lines.back()->count());
}

void TrendChart::setCursor(std::optional<std::size_t> bucket)
{
    if (bucket && (*bucket >= m_answer.buckets.size() || m_answer.buckets[*bucket].count == 0))
        bucket.reset();
    m_cursor = bucket;
    scene()->update();
    if (!bucket) return Q_EMIT pointed({});
    const Statistics& each = m_answer.buckets[*bucket];
    const auto value = [&](std::size_t q) {
        return q < each.quantiles.size() ? measureText(each.quantiles[q].second) : QString();
    };
    const TimeNs time =
        m_scale.origin + (m_answer.firstBucket + static_cast<std::int64_t>(*bucket)) * m_scale.step;
    Q_EMIT pointed(tr("%1: p50 %2, p95 %3, p99 %4 of %5")
                       .arg(formatTimeForPeople(time, m_scale.step < kSecondNs ? 3 : 0, m_zone), value(0),
                            value(1), value(2), groupedNumber(each.count)));
}

void TrendChart::step(int direction)
{
    const auto count = static_cast<std::ptrdiff_t>(m_answer.buckets.size());
    std::ptrdiff_t at = m_cursor        ? static_cast<std::ptrdiff_t>(*m_cursor) + direction
                        : direction > 0 ? 0
                                        : count - 1;
    while (at >= 0 && at < count && m_answer.buckets[static_cast<std::size_t>(at)].count == 0)
        at += direction;
    if (at >= 0 && at < count) setCursor(static_cast<std::size_t>(at));
}

void TrendChart::mouseMoveEvent(QMouseEvent* event)
{
    QChartView::mouseMoveEvent(event);
    if (m_answer.buckets.empty()) return;
    const QPointF value = chart()->mapToValue(chart()->mapFromScene(mapToScene(event->pos())), m_lines[0]);
    const double index = (value.x() - millisecondsOf(0)) / milliseconds(m_scale.step);
    if (!std::isfinite(index) || index < -0.5 || index > static_cast<double>(m_answer.buckets.size()) - 0.5)
        return setCursor(std::nullopt);
    setCursor(static_cast<std::size_t>(std::max(0.0, std::round(index))));
}

void TrendChart::leaveEvent(QEvent* event)
{
    QChartView::leaveEvent(event);
    if (!hasFocus()) setCursor(std::nullopt);
}

void TrendChart::keyPressEvent(QKeyEvent* event)
{
    // Past the view: it would scroll the scene, and never let go of the key.
    if (!m_keys.handle(*event)) event->ignore();
}

void TrendChart::resizeEvent(QResizeEvent* event)
{
    QChartView::resizeEvent(event);
    setTicks();
}

void TrendChart::focusInEvent(QFocusEvent* event)
{
    QChartView::focusInEvent(event);
    if (event->reason() != Qt::MouseFocusReason && !m_cursor) step(1);
}

void TrendChart::focusOutEvent(QFocusEvent* event)
{
    QChartView::focusOutEvent(event);
    setCursor(std::nullopt);
}

void TrendChart::drawForeground(QPainter* painter, const QRectF&)
{
    const QRectF plot = chart()->mapToScene(chart()->plotArea()).boundingRect();
    if (hasFocus()) {
        painter->setPen(QPen(m_theme.accent, 0));
        painter->drawRect(mapToScene(viewport()->rect().adjusted(0, 0, -1, -1)).boundingRect());
    }
    if (!m_cursor) return;
    const QPointF at = chart()->mapToScene(
        chart()->mapToPosition(QPointF(millisecondsOf(*m_cursor), m_values->min()), m_lines[0]));
    painter->setPen(QPen(m_theme.text, 0, Qt::DotLine));
    painter->drawLine(QPointF(at.x(), plot.top()), QPointF(at.x(), plot.bottom()));
}

} // namespace faultline
