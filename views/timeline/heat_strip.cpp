#include "views/timeline/heat_strip.h"

#include "models/base/time_buckets.h"
#include "views/render/plain_text.h"
#include "views/render/time_axis.h"

#include <QKeyEvent>
#include <QLocale>
#include <QMouseEvent>
#include <QPainter>
#include <QStringList>
#include <QTextDocument>
#include <QToolTip>

#include <algorithm>
#include <cmath>
#include <map>

namespace faultline {
namespace {

constexpr std::size_t kWarn = 4, kError = 5;

} // namespace

HeatStrip::HeatStrip(QWidget* parent) : QWidget(parent)
{
    setObjectName(QStringLiteral("heatStrip"));
    setAccessibleName(tr("Services over time, by their worst severity"));
    setMouseTracking(true);
    setFocusPolicy(Qt::NoFocus); // until there are lanes
    setAttribute(Qt::WA_OpaquePaintEvent);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    m_keys.add({Qt::Key_Right}, tr("Cell after"), [this] { move(0, 1); });
    m_keys.add({Qt::Key_Left}, tr("Cell before"), [this] { move(0, -1); });
    m_keys.add({Qt::Key_Down}, tr("Service below"), [this] { move(1, 0); });
    m_keys.add({Qt::Key_Up}, tr("Service above"), [this] { move(-1, 0); });
    m_keys.add({Qt::Key_Return}, tr("Only this service, at this time"), [this] { choose(m_current); });
    m_keys.add({Qt::Key_Escape}, tr("No cell"), [this] {
        m_current = {};
        Q_EMIT crosshairMoved(std::nullopt);
        update();
    });
}

int HeatStrip::laneHeight() const
{
    return fontMetrics().height() + 1;
}

QSize HeatStrip::sizeHint() const
{
    return {800, static_cast<int>(m_lanes.size()) * laneHeight() + (m_lanes.empty() ? 0 : 2)};
}

QSize HeatStrip::minimumSizeHint() const
{
    return {200, sizeHint().height()};
}

void HeatStrip::setZone(const DisplayZone& zone)
{
    m_zone = zone;
    update();
}

void HeatStrip::setTheme(const Theme& theme)
{
    m_theme = theme;
    update();
}

void HeatStrip::setScale(const TimeScale& scale)
{
    m_scale = scale;
    update();
}

void HeatStrip::setMostLanes(int lanes)
{
    m_mostLanes = std::clamp(lanes, 1, kMostLanes);
}

void HeatStrip::setCrosshair(std::optional<TimeNs> time)
{
    m_crosshair = time;
    update();
}

void HeatStrip::clear()
{
    m_lanes.clear();
    m_current = m_hover = {};
    setFocusPolicy(Qt::NoFocus);
    updateGeometry();
    update();
}

void HeatStrip::setAnswer(const HistogramAnswer& answer, TimeNs origin, TimeNs step)
{
    const auto chosen = m_current.lane >= 0
                            ? std::optional(m_lanes[static_cast<std::size_t>(m_current.lane)].service)
                            : std::nullopt;
    const bool sameCells = origin == m_origin && std::max<TimeNs>(step, 1) == m_step;
    m_origin = origin;
    m_step = std::max<TimeNs>(step, 1);
    std::map<QString, Lane> lanes;
    std::size_t buckets = 0;
    for (const auto& series : answer.series) {
        const std::int64_t last = answer.firstBucket + static_cast<std::int64_t>(series.counts.size());
        buckets = std::max(buckets, static_cast<std::size_t>(std::clamp<std::int64_t>(last, 0, 20'000)));
    }
    for (const auto& series : answer.series) {
        const bool absent = series.absent.empty() || series.absent.front();
        const std::string name = series.other || absent || series.group.empty() ? "" : series.group.front();
        // "other" and events without a service sort behind every name.
        const QString key = series.other ? QStringLiteral("2")
                            : absent     ? QStringLiteral("1")
                                         : QStringLiteral("0") + QString::fromStdString(name);
        Lane& lane = lanes[key];
        lane.other = series.other;
        lane.service = QString::fromStdString(name);
        lane.name = series.other ? tr("others") : absent ? tr("(no service)") : oneLine(name, 80);
        lane.cells.resize(buckets);
        const std::size_t severity = series.group.size() > 1 ? severityClassNamed(series.group[1]) : 0;
        for (std::size_t i = 0; i < series.counts.size(); ++i) {
            const std::int64_t at = answer.firstBucket + static_cast<std::int64_t>(i);
            if (at < 0 || at >= static_cast<std::int64_t>(buckets)) continue;
            lane.cells[static_cast<std::size_t>(at)][severity] += series.counts[i];
            lane.total[severity] += series.counts[i];
        }
    }
    std::vector<Lane> sorted;
    for (auto& [key, lane] : lanes) sorted.push_back(std::move(lane));
    std::stable_sort(sorted.begin(), sorted.end(), [](const Lane& a, const Lane& b) {
        if (a.other != b.other) return b.other;
        const auto weight = [](const Lane& lane) {
            std::uint64_t all = 0;
            for (const std::uint64_t count : lane.total) all += count;
            return std::tuple(lane.total[kError] + lane.total[kError + 1], lane.total[kWarn], all);
        };
        return weight(a) > weight(b);
    });
    const auto most = static_cast<std::size_t>(m_mostLanes);
    if (sorted.size() > most + 1) {
        Lane rest = std::move(sorted[most]);
        rest.other = true;
        rest.service.clear();
        for (std::size_t i = most + 1; i < sorted.size(); ++i)
            for (std::size_t severity = 0; severity < kSeverityClasses; ++severity) {
                rest.total[severity] += sorted[i].total[severity];
                for (std::size_t at = 0; at < buckets; ++at)
                    rest.cells[at][severity] += sorted[i].cells[at][severity];
            }
        rest.name = tr("%n others", nullptr, static_cast<int>(sorted.size() - most));
        sorted.resize(most);
        sorted.push_back(std::move(rest));
    }
    m_most = {};
    for (const Lane& lane : sorted)
        for (const Counts& cell : lane.cells) {
            const std::size_t at = worstClass(cell);
            m_most[at] = std::max(m_most[at], cell[at]);
        }
    const bool otherHeight = sorted.size() != m_lanes.size();
    m_lanes = std::move(sorted);
    // Another service, or another time, at the same place is not what was chosen.
    if (chosen && (!sameCells || m_current.lane >= static_cast<int>(m_lanes.size()) ||
                   m_lanes[static_cast<std::size_t>(m_current.lane)].service != *chosen))
        m_current = {};
    setFocusPolicy(m_lanes.empty() ? Qt::NoFocus : Qt::StrongFocus);
    m_hover = {};
    if (otherHeight) updateGeometry();
    tellAccessible();
    update();
}

void HeatStrip::tellAccessible()
{
    QStringList lines;
    for (const Lane& lane : m_lanes)
        lines.push_back(
            tr("%1: %2 errors, %3 warnings")
                .arg(lane.name,
                     QLocale().toString(static_cast<qulonglong>(lane.total[kError] + lane.total[kError + 1])),
                     QLocale().toString(static_cast<qulonglong>(lane.total[kWarn]))));
    setAccessibleDescription(lines.join(QStringLiteral("; ")));
}

QStringList HeatStrip::lanes() const
{
    QStringList names;
    for (const Lane& lane : m_lanes) names.push_back(lane.name);
    return names;
}

TimeRange HeatStrip::bucketRange(std::int64_t bucket) const
{
    const TimeBuckets buckets(m_origin, m_step);
    return {buckets.beginOf(bucket), buckets.endOf(bucket)};
}

HeatStrip::Cell HeatStrip::cellAt(const QPointF& place) const
{
    const int lane = static_cast<int>(place.y()) / laneHeight();
    if (lane < 0 || lane >= static_cast<int>(m_lanes.size()) || place.x() < m_scale.left ||
        place.x() > m_scale.right)
        return {};
    // Where the range ends, the cell after it begins.
    return {lane, TimeBuckets(m_origin, m_step).bucketOf(m_scale.timeWithin(place.x()))};
}

QString HeatStrip::describe(const Cell& cell) const
{
    const Lane& lane = m_lanes[static_cast<std::size_t>(cell.lane)];
    QString text = lane.name + QStringLiteral("\n") +
                   formatTimeForPeople(bucketRange(cell.bucket).begin, m_step < kSecondNs ? 3 : 0, m_zone) +
                   QStringLiteral("  +") + formatSpan(m_step);
    bool any = false;
    if (cell.bucket >= 0 && cell.bucket < static_cast<std::int64_t>(lane.cells.size())) {
        const Counts& counts = lane.cells[static_cast<std::size_t>(cell.bucket)];
        for (std::size_t severity = counts.size(); severity-- > 0;) {
            if (counts[severity] == 0) continue;
            any = true;
            text +=
                QStringLiteral("\n%1 %2 %3")
                    .arg(severityLetter(severityOfClass(severity)), severityWord(severityOfClass(severity)),
                         QLocale().toString(static_cast<qulonglong>(counts[severity])));
        }
    }
    if (!any) text += QStringLiteral("\n") + tr("no events");
    return text;
}

void HeatStrip::paintLane(QPainter& painter, const Lane& lane, int top) const
{
    const int height = laneHeight() - 1;
    for (std::size_t i = 0; i < lane.cells.size(); ++i) {
        const Counts& counts = lane.cells[i];
        const std::size_t severity = worstClass(counts);
        if (counts[severity] == 0) continue;
        const TimeRange bucket = bucketRange(static_cast<std::int64_t>(i));
        const double left = std::max(m_scale.xOf(bucket.begin), m_scale.left);
        const double right = std::min(m_scale.xOf(bucket.end), m_scale.right + 1);
        if (right <= left) continue;
        // Logarithmic: one error among thousands is seen, and a storm differs from a few.
        const double share = std::log1p(static_cast<double>(counts[severity])) /
                             std::log1p(static_cast<double>(std::max<std::uint64_t>(m_most[severity], 1)));
        QColor color = m_theme.severity[severity];
        color.setAlphaF(static_cast<float>(0.35 + 0.65 * share));
        const double part = severity >= kError ? 1.0 : severity == kWarn ? 0.66 : 0.33;
        const double tall = std::max(std::round(height * part), 2.0);
        painter.fillRect(
            QRectF(left, top + height - tall, std::max(right - left - (right - left > 3 ? 1 : 0), 1.0), tall),
            color);
    }
}

void HeatStrip::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.fillRect(rect(), m_theme.base);
    const int height = laneHeight();
    const double room = std::max(m_scale.left - 10, 0.0);
    QStringList names;
    for (const Lane& lane : m_lanes) names.push_back(lane.name);
    const QFontMetrics metrics = painter.fontMetrics();
    if (std::any_of(names.begin(), names.end(),
                    [&](const QString& name) { return metrics.horizontalAdvance(name) > room; }))
        names = withoutShared(names);
    for (std::size_t i = 0; i < m_lanes.size(); ++i) {
        const int top = static_cast<int>(i) * height;
        painter.setPen(m_theme.grid);
        painter.drawLine(QPointF(m_scale.left, top + height - 1), QPointF(m_scale.right, top + height - 1));
        paintLane(painter, m_lanes[i], top);
        const QRectF name(4, top, room, height);
        painter.setPen(static_cast<int>(i) == m_current.lane ? m_theme.text : m_theme.dim);
        painter.drawText(
            name, Qt::AlignRight | Qt::AlignVCenter,
            metrics.elidedText(names[static_cast<qsizetype>(i)], Qt::ElideMiddle, static_cast<int>(room)));
    }
    const auto frame = [&](const Cell& cell, const QColor& color) {
        if (cell.lane < 0 || cell.lane >= static_cast<int>(m_lanes.size())) return;
        const TimeRange bucket = bucketRange(cell.bucket);
        painter.setPen(color);
        painter.drawRect(QRectF(m_scale.xOf(bucket.begin), cell.lane * height,
                                std::max(m_scale.xOf(bucket.end) - m_scale.xOf(bucket.begin), 2.0),
                                height - 2));
    };
    frame(m_hover, m_theme.dim);
    if (hasFocus()) frame(m_current, m_theme.accent);
    if (m_crosshair && m_scale.range.contains(*m_crosshair)) {
        painter.setPen(m_theme.dim);
        const double x = m_scale.xOf(*m_crosshair);
        painter.drawLine(QPointF(x, 0), QPointF(x, rect().height()));
    }
    if (hasFocus()) {
        painter.setPen(m_theme.accent);
        painter.drawRect(rect().adjusted(0, 0, -1, -1));
    }
}

void HeatStrip::mouseMoveEvent(QMouseEvent* event)
{
    const Cell cell = cellAt(event->position());
    if (cell.lane >= 0)
        Q_EMIT crosshairMoved(m_scale.timeAt(event->position().x()));
    else if (m_hover.lane >= 0)
        Q_EMIT crosshairMoved(std::nullopt);
    if (cell == m_hover) return;
    m_hover = cell;
    if (cell.lane >= 0)
        QToolTip::showText(event->globalPosition().toPoint(),
                           Qt::convertFromPlainText(describe(cell), Qt::WhiteSpaceNormal), this);
    else
        QToolTip::hideText();
    update();
}

void HeatStrip::leaveEvent(QEvent*)
{
    m_hover = {};
    Q_EMIT crosshairMoved(std::nullopt);
    update();
}

void HeatStrip::focusOutEvent(QFocusEvent* event)
{
    QWidget::focusOutEvent(event);
    Q_EMIT crosshairMoved(std::nullopt); // of the cell that was gone to by key
}

void HeatStrip::mousePressEvent(QMouseEvent* event)
{
    if (event->button() != Qt::LeftButton) return;
    m_current = cellAt(event->position());
    choose(m_current);
}

void HeatStrip::choose(const Cell& cell)
{
    if (cell.lane < 0 || cell.lane >= static_cast<int>(m_lanes.size())) return;
    const Lane& lane = m_lanes[static_cast<std::size_t>(cell.lane)];
    // The first and the last cell stand out of the range, their events do not.
    const TimeRange bucket = bucketRange(cell.bucket);
    const TimeRange range{std::clamp(bucket.begin, m_scale.range.begin, m_scale.range.end),
                          std::clamp(bucket.end, m_scale.range.begin, m_scale.range.end)};
    if (!lane.other && range.end > range.begin) Q_EMIT cellChosen(lane.service, range);
}

void HeatStrip::move(int lanes, int buckets)
{
    if (m_lanes.empty()) return;
    const TimeBuckets columns(m_origin, m_step);
    const std::int64_t first = columns.bucketOf(m_scale.range.begin),
                       last = std::max(first, columns.bucketOf(m_scale.timeWithin(m_scale.right)));
    if (m_current.lane < 0)
        m_current = {0, buckets < 0 ? last : first};
    else
        m_current = {std::clamp(m_current.lane + lanes, 0, static_cast<int>(m_lanes.size()) - 1),
                     std::clamp(m_current.bucket + buckets, first, last)};
    Q_EMIT crosshairMoved(middleOf(bucketRange(m_current.bucket)));
    // What a screen reader says on the way.
    setAccessibleDescription(describe(m_current));
    update();
}

void HeatStrip::keyPressEvent(QKeyEvent* event)
{
    if (!m_keys.handle(*event)) event->ignore();
}

} // namespace faultline
