#include "views/timeline/histogram_view.h"

#include "views/render/counts.h"
#include "views/render/plain_text.h"
#include "views/render/time_axis.h"

#include <QKeyEvent>
#include <QLocale>
#include <QPainter>
#include <QWheelEvent>

#include <algorithm>
#include <cmath>
#include <utility>

namespace faultline {
namespace {

constexpr int kAxisHeight = 20, kLeastLeft = 32, kRight = 12, kDragPixels = 4;
constexpr double kStaleOpacity = 0.3;

double nsOf(TimeRange range)
{
    return static_cast<double>(lengthOf(range));
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
    makeKeys();
    updateMargin();
}

void HistogramView::makeKeys()
{
    const QKeySequence left(Qt::SHIFT | Qt::Key_Left), right(Qt::SHIFT | Qt::Key_Right);
    m_keys.add({Qt::Key_Right}, tr("Bar after"), [this] { moveKey(1, false); });
    m_keys.add({Qt::Key_Left}, tr("Bar before"), [this] { moveKey(-1, false); });
    m_keys.add({right}, tr("Select, and to the right"), [this] { moveKey(1, true); });
    m_keys.add({left}, tr("Select, and to the left"), [this] { moveKey(-1, true); });
    // Bars can be narrow: zooming needs no selection.
    m_keys.add({Qt::Key_Plus, Qt::Key_Equal}, tr("Zoom in"), [this] { zoom(0.5, zoomCentre()); });
    m_keys.add({Qt::Key_Minus}, tr("Zoom out"), [this] { zoom(2.0, zoomCentre()); });
    m_keys.add({Qt::Key_Return}, tr("Zoom to the bar or the selection"), [this] {
        if (m_keyAt < 0) return;
        const int from = m_keyFrom < 0 ? m_keyAt : m_keyFrom;
        const TimeRange range = selectedRange(std::min(from, m_keyAt), std::max(from, m_keyAt));
        m_keyAt = m_keyFrom = -1;
        Q_EMIT rangeSelected(range);
    });
    m_keys.add({Qt::Key_Menu, QKeySequence(Qt::SHIFT | Qt::Key_F10)}, tr("What can be done with it"), [this] {
        if (m_keyAt < 0) return;
        const int from = m_keyFrom < 0 ? m_keyAt : m_keyFrom;
        brush(std::min(from, m_keyAt), std::max(from, m_keyAt),
              mapToGlobal(hoverBox().bottomLeft() + QPoint(0, 4)));
    });
    m_keys.add({QKeySequence(Qt::CTRL | Qt::Key_Right)}, tr("Move to later"), [this] { pan(0.25); });
    m_keys.add({QKeySequence(Qt::CTRL | Qt::Key_Left)}, tr("Move to earlier"), [this] { pan(-0.25); });
    m_keys.add({Qt::Key_Escape}, tr("Drop the selection"), [this] {
        m_keyAt = m_keyFrom = -1;
        update();
    });
}

void HistogramView::updateMargin()
{
    const QString label = axisLabel(highest(), m_rates);
    m_left = std::max({kLeastLeft, m_leastLeft, fontMetrics().horizontalAdvance(label) + 14});
}

QSize HistogramView::sizeHint() const
{
    return {800, 150};
}

void HistogramView::setZone(const DisplayZone& zone)
{
    m_zone = zone;
    update();
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

void HistogramView::setAnswer(TimelineData data, TimeRange range, bool exact, bool bySeverity)
{
    m_kept.reset();
    // The keyboard's cursor is a place among these bars.
    if (data.origin != m_data.origin || data.step != m_data.step || data.size() != m_data.size())
        m_keyAt = m_keyFrom = -1;
    m_data = std::move(data);
    m_range = range;
    m_exact = exact;
    if (std::exchange(m_failed, false)) m_note.clear();
    m_bands = timelineBands(m_data, bySeverity);
    updateMargin();
    setAccessibleDescription(tr("%1 from %2 to %3")
                                 .arg(eventCount(m_data.total), formatTimeForPeople(range.begin, 0, m_zone),
                                      formatTimeForPeople(range.end, 0, m_zone)));
    update();
}

void HistogramView::setLogarithmic(bool logarithmic)
{
    m_logarithmic = logarithmic;
    update();
}

double HistogramView::highest() const
{
    return m_rates ? m_data.highestRate() : static_cast<double>(m_data.highest);
}

void HistogramView::setRates(bool rates)
{
    m_rates = rates;
    updateMargin();
    update();
}

void HistogramView::setLeastLeft(int pixels)
{
    m_leastLeft = pixels;
    updateMargin();
    update();
}

TimeScale HistogramView::scale() const
{
    const QRect area = plot();
    return {m_range, static_cast<double>(area.left()), static_cast<double>(area.left() + area.width())};
}

void HistogramView::setCrosshair(std::optional<TimeNs> time)
{
    if (m_crosshair == time) return;
    m_crosshair = time;
    update();
}

void HistogramView::clear()
{
    m_kept.reset();
    m_data = {};
    m_bands.clear();
    m_keyAt = m_keyFrom = -1;
    m_range = {0, 0};
    m_exact = true;
    m_note.clear();
    update();
}

void HistogramView::setNote(const QString& note)
{
    if (m_note == note) return;
    m_note = note;
    update();
}

void HistogramView::fail(const QString& why)
{
    clear();
    setNote(why);
    m_failed = true;
}

void HistogramView::setStale(bool stale)
{
    if (m_stale == stale) return;
    m_stale = stale;
    update();
}

QStringList HistogramView::legend() const
{
    QStringList parts;
    for (const TimelineBand& band : m_bands)
        parts.push_back(band.title + QLatin1Char(' ') + compactNumber(m_data.groups[band.group].total));
    return parts;
}

void HistogramView::await(TimeRange range)
{
    m_kept.reset();
    m_exact = false;
    if (m_range != range) m_keyAt = m_keyFrom = -1;
    if (m_data.size() != 0) m_range = range;
    update();
}

void HistogramView::setMarks(std::vector<TimeNs> times)
{
    m_marks = std::move(times);
    update();
}

void HistogramView::paintMarks(QPainter& painter, const QRect& area) const
{
    constexpr double kHalf = 4;
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(m_theme.base);
    painter.setBrush(m_theme.severity[4]);
    for (const TimeNs time : m_marks) {
        if (!m_range.contains(time)) continue;
        const double x = scale().xOf(time), y = area.top() + kHalf + 1;
        const QPointF diamond[] = {{x, y - kHalf - 1}, {x + kHalf, y}, {x, y + kHalf + 1}, {x - kHalf, y}};
        painter.drawPolygon(diamond, 4);
    }
    painter.restore();
}

void HistogramView::setCursor(std::optional<TimeNs> time)
{
    m_cursor = time;
    update();
}

QRect HistogramView::plot() const
{
    return rect().adjusted(m_left, fontMetrics().height() + 8, -kRight, -kAxisHeight);
}

int HistogramView::bucketAt(double x) const
{
    if (m_data.size() == 0) return -1;
    // Where the range ends, the bar after it begins.
    const auto at = m_data.bucketAt(scale().timeWithin(x));
    return at ? static_cast<int>(*at) : -1;
}

void HistogramView::paintBars(QPainter& painter, const QRect& area) const
{
    const double height = area.height();
    const ValueScale values = valueScale();
    const double unit = m_rates ? 1e9 / static_cast<double>(m_data.step) : 1;
    const TimeScale at = scale();
    for (std::size_t i = 0; i < m_data.size(); ++i) {
        if (m_data.totals[i] == 0) continue;
        const TimeRange bucket = m_data.bucket(static_cast<std::int64_t>(i));
        const double left = at.xOf(bucket.begin), right = at.xOf(bucket.end);
        if (right <= area.left()) continue;
        if (left > area.right() + 1) break;
        // The last event of a range stands at its very end: its bar is seen too.
        const double from = std::clamp<double>(left, area.left(), std::max(area.left(), area.right() - 1));
        const double width =
            std::max(std::min<double>(right, area.right() + 1) - from - (right - left > 3 ? 1 : 0), 1.0);
        double bottom = area.bottom() + 1;
        const auto total = static_cast<double>(m_data.totals[i]);
        // The parts share the height of the bar by their counts, on either scale.
        const double tall = values.shareOf(total * unit) * height;
        for (const TimelineBand& band : m_bands) {
            const std::uint64_t count = m_data.groups[band.group].counts[i];
            if (count == 0) continue;
            // One event is never less than a pixel.
            const double bar = std::max(static_cast<double>(count) / total * tall, 1.0);
            painter.fillRect(QRectF(from, bottom - bar, width, bar), bandColour(band, m_theme));
            bottom -= bar;
        }
    }
}

void HistogramView::paintPeaks(QPainter& painter, const QRect& area) const
{
    if (m_data.fineStep == m_data.step) return;
    const ValueScale values = valueScale();
    const TimeScale at = scale();
    painter.setPen(QPen(m_theme.text, 1));
    for (std::size_t i = 0; i < m_data.size(); ++i) {
        if (m_data.peaks[i] == 0) continue;
        const TimeRange bucket = m_data.bucket(static_cast<std::int64_t>(i));
        const double left = std::max<double>(at.xOf(bucket.begin), area.left());
        const double right = std::min<double>(at.xOf(bucket.end) - 1, area.right());
        if (right < left) continue;
        const double y = area.bottom() + 1 - values.shareOf(m_data.peakRate(i)) * area.height();
        painter.drawLine(QPointF(left, y), QPointF(std::max(right, left + 1), y));
    }
}

void HistogramView::paintAxis(QPainter& painter, const QRect& area) const
{
    painter.setPen(m_theme.dim);
    const int line = painter.fontMetrics().height();
    if (m_data.highest > 0)
        painter.drawText(QRect(0, area.top() - line / 2, m_left - 6, line), Qt::AlignRight | Qt::AlignVCenter,
                         axisLabel(highest(), m_rates));
    painter.drawText(QRect(0, area.bottom() - line / 2, m_left - 6, line), Qt::AlignRight | Qt::AlignVCenter,
                     QStringLiteral("0"));
    for (const double mark : valueScale().marks()) {
        const int y = area.bottom() + 1 - qRound(valueScale().shareOf(mark) * area.height());
        painter.setPen(m_theme.dim);
        painter.drawText(QRect(0, y - line / 2, m_left - 6, line), Qt::AlignRight | Qt::AlignVCenter,
                         axisLabel(mark, m_rates));
        painter.setPen(m_theme.grid);
        painter.drawLine(area.left(), y, area.right(), y);
    }
    painter.setPen(m_theme.grid);
    painter.drawLine(area.left(), area.top(), area.right(), area.top());
    painter.setPen(m_theme.border);
    painter.drawLine(area.left(), area.bottom() + 1, area.right(), area.bottom() + 1);
    // As much room as the longest label of such a range needs.
    const double seconds = nsOf(m_range) / 1e9;
    const QString longest = seconds > 1'800 ? QStringLiteral("00-00 00:00")
                            : seconds > 20  ? QStringLiteral("00-00 00:00:00")
                                            : QStringLiteral("00-00 00:00:00.000");
    const int spacing = painter.fontMetrics().horizontalAdvance(longest) + 16;
    for (const TimeTick& tick : timeTicks(m_range, area.width(), spacing, m_zone)) {
        const double x = scale().xOf(tick.time);
        painter.setPen(m_theme.border);
        painter.drawLine(QPointF(x, area.bottom() + 1), QPointF(x, area.bottom() + 4));
        painter.setPen(tick.major ? m_theme.text : m_theme.dim);
        const int width = painter.fontMetrics().horizontalAdvance(tick.label);
        const double left = std::clamp(x - width / 2.0, 2.0, static_cast<double>(this->width() - width - 2));
        painter.drawText(QPointF(left, height() - 5), tick.label);
    }
}

void HistogramView::paintLegend(QPainter& painter, const QRect& area) const
{
    const int line = painter.fontMetrics().height(), square = line - 6;
    // The note stands at the right; the legend takes what is left, worst severities first.
    int right = area.right();
    const QString note = m_stale ? tr("the answer to the query before") : m_exact ? m_note : tr("counting…");
    if (!note.isEmpty() && m_data.highest > 0) {
        const QString shown = painter.fontMetrics().elidedText(note, Qt::ElideRight, area.width() / 2);
        painter.setPen(m_theme.dim);
        painter.drawText(QRect(area.left(), 2, area.width(), line + 2), Qt::AlignRight | Qt::AlignVCenter,
                         shown);
        right -= painter.fontMetrics().horizontalAdvance(shown) + 16;
    }
    int x = area.left();
    const QStringList texts = legend();
    for (std::size_t i = 0; i < m_bands.size(); ++i) {
        const QString& text = texts[static_cast<qsizetype>(i)];
        const int width = painter.fontMetrics().horizontalAdvance(text);
        if (x + square + 5 + width > right) break;
        painter.fillRect(QRect(x, 2 + (line + 2 - square) / 2, square, square),
                         bandColour(m_bands[i], m_theme));
        painter.setPen(m_theme.dim);
        painter.drawText(QRect(x + square + 5, 2, width + 2, line + 2), Qt::AlignLeft | Qt::AlignVCenter,
                         text);
        x += square + 5 + width + 16;
    }
}

TimeRange HistogramView::rangeOf(int first, int last) const
{
    // The first and the last bar stand out of the range, their events do not.
    return {std::clamp(m_data.bucket(first).begin, m_range.begin, m_range.end),
            std::clamp(m_data.bucket(last).end, m_range.begin, m_range.end)};
}

std::optional<std::pair<int, int>> HistogramView::brushed() const
{
    if (m_kept) return m_kept;
    if (m_pressed && m_hover && std::abs(*m_hover - *m_pressed) >= kDragPixels) {
        const int a = bucketAt(*m_pressed), b = bucketAt(*m_hover);
        if (a >= 0 && b >= 0) return std::minmax({a, b});
    }
    if (m_keyFrom >= 0 && m_keyAt >= 0) return std::minmax({m_keyFrom, m_keyAt});
    return {};
}

QString HistogramView::textOf(int first, int last) const
{
    return barText(m_data, m_bands, {first, last, rangeOf(first, last), m_exact, m_rates, m_zone});
}

QString HistogramView::hoverText() const
{
    if (const auto bars = brushed()) return textOf(bars->first, bars->second);
    const int at = m_keyAt >= 0 ? m_keyAt : m_hover ? bucketAt(*m_hover) : -1;
    return at < 0 ? QString() : textOf(at, at);
}

QRect HistogramView::hoverBox() const
{
    const QString text = hoverText();
    if (text.isEmpty()) return {};
    const QRect area = plot();
    const int width = std::min(fontMetrics().horizontalAdvance(text) + 12, area.width());
    // Above the bars, where the legend is: a peak is what one looks at.
    double x = m_hover ? *m_hover : area.left();
    if (m_keyAt >= 0) x = scale().xOf(m_data.bucket(m_keyAt).begin);
    if (const auto bars = brushed()) x = scale().xOf(rangeOf(bars->first, bars->second).begin);
    return {std::clamp(static_cast<int>(x) + 8, area.left(), std::max(area.left(), area.right() - width)), 1,
            width, fontMetrics().height() + 6};
}

void HistogramView::paintHover(QPainter& painter, const QRect& area) const
{
    const QString text = hoverText();
    if (text.isEmpty()) return;
    const int at = m_keyAt >= 0 ? m_keyAt : m_hover ? bucketAt(*m_hover) : -1;
    if (at >= 0) {
        const double x = std::clamp(scale().xOf(middleOf(m_data.bucket(at))),
                                    static_cast<double>(area.left()), static_cast<double>(area.right()));
        painter.setPen(m_theme.dim);
        painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()));
    }
    const QRect box = hoverBox();
    painter.fillRect(box, m_theme.window);
    painter.setPen(m_theme.border);
    painter.drawRect(box);
    painter.setPen(m_theme.text);
    painter.drawText(box, Qt::AlignCenter,
                     painter.fontMetrics().elidedText(text, Qt::ElideRight, box.width() - 8));
}

void HistogramView::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.fillRect(rect(), m_theme.base);
    const QRect area = plot();
    QString said; // of a chart without bars, over its lines
    if (m_data.highest == 0) {
        painter.setPen(m_theme.dim);
        QString nothing = m_note.isEmpty() ? tr("Nothing in this range") : m_note;
        if (m_stale) nothing = tr("The query before found nothing here");
        if (!m_exact) nothing = tr("Counting…");
        if (m_data.size() == 0) {
            painter.drawText(rect().adjusted(8, 0, -8, 0), Qt::AlignCenter | Qt::TextWordWrap, nothing);
            return;
        }
        said = nothing;
    }
    painter.setOpacity(m_stale ? kStaleOpacity : 1);
    paintBars(painter, area);
    if (m_rates) paintPeaks(painter, area);
    paintAxis(painter, area);
    painter.setOpacity(1);
    const auto shade = [&](double from, double to) {
        QColor color = m_theme.accent;
        color.setAlpha(60);
        painter.fillRect(QRectF(std::min(from, to), area.top(), std::abs(to - from), area.height()), color);
    };
    if (const auto bars = brushed()) {
        const TimeRange range = rangeOf(bars->first, bars->second);
        shade(scale().xOf(range.begin), scale().xOf(range.end));
    }
    paintMarks(painter, area);
    if (m_cursor && m_range.contains(*m_cursor)) {
        painter.setPen(QPen(m_theme.accent, 1, Qt::DashLine));
        const double x = scale().xOf(*m_cursor);
        painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()));
    }
    if (m_crosshair && !m_hover && m_range.contains(*m_crosshair)) {
        painter.setPen(m_theme.dim);
        const double x = scale().xOf(*m_crosshair);
        painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()));
    }
    if (!said.isEmpty()) {
        QRect words =
            painter.boundingRect(rect().adjusted(8, 0, -8, 0), Qt::AlignCenter | Qt::TextWordWrap, said);
        painter.fillRect(words.adjusted(-4, -2, 4, 2), m_theme.base);
        painter.setPen(m_theme.dim);
        painter.drawText(words, Qt::AlignCenter | Qt::TextWordWrap, said);
    }
    paintLegend(painter, area);
    paintHover(painter, area);
    if (hasFocus()) {
        painter.setPen(m_theme.accent);
        painter.drawRect(rect().adjusted(0, 0, -1, -1));
    }
}

void HistogramView::mousePressEvent(QMouseEvent* event)
{
    if (event->button() == Qt::LeftButton && m_data.size() != 0) m_pressed = event->position().x();
    m_kept.reset();
    m_keyAt = m_keyFrom = -1;
}

void HistogramView::mouseMoveEvent(QMouseEvent* event)
{
    m_hover = event->position().x();
    Q_EMIT crosshairMoved(m_data.size() != 0 ? std::optional(scale().timeAt(*m_hover)) : std::nullopt);
    update();
}

TimeRange HistogramView::selectedRange(int first, int last) const
{
    const TimeRange range = rangeOf(first, last);
    // Bars can be narrower than what is worth to be looked at: the middle of them then.
    return lengthOf(range) < kShortest ? around(middleOf(range), kShortest / 2) : range;
}

void HistogramView::brush(int first, int last, const QPoint& at)
{
    m_kept = std::pair(first, last);
    update();
    Q_EMIT rangeBrushed(selectedRange(first, last), at);
}

void HistogramView::dropBrush()
{
    if (!std::exchange(m_kept, std::nullopt)) return;
    m_keyFrom = -1;
    update();
}

std::optional<TimeRange> HistogramView::selection() const
{
    if (const auto bars = brushed()) return selectedRange(bars->first, bars->second);
    return m_keyAt >= 0 ? std::optional(selectedRange(m_keyAt, m_keyAt)) : std::nullopt;
}

void HistogramView::mouseReleaseEvent(QMouseEvent* event)
{
    if (!m_pressed) return;
    m_hover = event->position().x();
    m_keyFrom = -1;
    const auto bars = brushed();
    m_pressed.reset();
    update();
    if (bars) brush(bars->first, bars->second, event->globalPosition().toPoint());
}

void HistogramView::leaveEvent(QEvent*)
{
    m_hover.reset();
    Q_EMIT crosshairMoved(std::nullopt);
    update();
}

void HistogramView::zoom(double factor, TimeNs at)
{
    if (m_data.size() == 0) return;
    const double length = nsOf(m_range);
    const double least = std::max(factor, static_cast<double>(kShortest) / std::max(length, 1.0));
    if (factor < 1 && least >= 1) return; // as near as it gets
    if (const auto range = zoomed(m_range, least, at)) Q_EMIT zoomRequested(*range);
}

TimeNs HistogramView::zoomCentre() const
{
    if (m_keyAt >= 0) return middleOf(m_data.bucket(m_keyAt));
    if (m_cursor && m_range.contains(*m_cursor)) return *m_cursor;
    return middleOf(m_range);
}

void HistogramView::wheelEvent(QWheelEvent* event)
{
    const QPoint turned = event->angleDelta();
    // Shift, a wheel that tilts and a touch pad's other direction move along the axis.
    const bool along = turned.x() != 0 || (event->modifiers() & Qt::ShiftModifier) != 0;
    const int steps = along && turned.x() != 0 ? turned.x() : turned.y();
    if (along)
        pan(-steps / 120.0 * 0.1);
    else if (steps != 0)
        zoom(steps > 0 ? 0.5 : 2.0, scale().timeAt(event->position().x()));
}

void HistogramView::pan(double share)
{
    if (m_data.size() == 0) return;
    if (const auto range = panned(m_range, share)) Q_EMIT zoomRequested(*range);
}

void HistogramView::moveKey(int by, bool extend)
{
    const int last = static_cast<int>(m_data.size()) - 1;
    if (last < 0) return;
    const int from = m_keyAt;
    m_keyAt = from < 0 ? (by > 0 ? 0 : last) : std::clamp(from + by, 0, last);
    if (!extend)
        m_keyFrom = -1;
    else if (m_keyFrom < 0)
        m_keyFrom = std::max(from, 0);
    update();
}

void HistogramView::keyPressEvent(QKeyEvent* event)
{
    if (!m_keys.handle(*event)) event->ignore();
}

} // namespace faultline
