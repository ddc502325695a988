#include "views/timeline/overview_bar.h"

#include "models/base/time_buckets.h"
#include "views/render/time_axis.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace faultline {
namespace {

constexpr int kSide = 12, kGripPixels = 4, kDragPixels = 3;
constexpr double kShortest = 1e6;  ///< nanoseconds
constexpr double kLeastWindow = 6; ///< pixels: a short view stays to be found

} // namespace

OverviewBar::OverviewBar(QWidget* parent) : QWidget(parent)
{
    setObjectName(QStringLiteral("overview"));
    setAccessibleName(tr("The whole store, and the part in view"));
    setFocusPolicy(Qt::TabFocus);
    setMouseTracking(true);
    setAttribute(Qt::WA_OpaquePaintEvent);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    m_keys.add({Qt::Key_Right}, tr("Later"), [this] { pan(0.25); });
    m_keys.add({Qt::Key_Left}, tr("Earlier"), [this] { pan(-0.25); });
    m_keys.add({Qt::Key_Plus, Qt::Key_Equal}, tr("Half as much"), [this] { zoom(0.5); });
    m_keys.add({Qt::Key_Minus}, tr("Twice as much"), [this] { zoom(2); });
}

QSize OverviewBar::sizeHint() const
{
    return {800, 22};
}

void OverviewBar::setZone(const DisplayZone& zone)
{
    m_zone = zone;
    update();
}

void OverviewBar::setTheme(const Theme& theme)
{
    m_theme = theme;
    update();
}

std::size_t OverviewBar::wantedBuckets() const
{
    return static_cast<std::size_t>(std::clamp((width() - 2 * kSide) / 2, 50, 800));
}

void OverviewBar::clear()
{
    m_totals.clear();
    m_bad.clear();
    m_whole = {0, 0};
    update();
}

void OverviewBar::setView(TimeRange view)
{
    m_view = view;
    setAccessibleDescription(
        tr("%1 to %2")
            .arg(formatTimeForPeople(view.begin, 0, m_zone), formatTimeForPeople(view.end, 0, m_zone)));
    update();
}

void OverviewBar::setAnswer(const HistogramAnswer& answer, TimeNs origin, TimeNs step, TimeRange whole)
{
    m_whole = whole;
    m_origin = origin;
    m_step = std::max<TimeNs>(step, 1);
    m_totals.clear();
    m_bad.clear();
    for (const auto& series : answer.series) {
        const bool bad =
            !series.group.empty() && (series.group.front() == "error" || series.group.front() == "fatal");
        for (std::size_t i = 0; i < series.counts.size(); ++i) {
            const std::int64_t at = answer.firstBucket + static_cast<std::int64_t>(i);
            if (at < 0 || at > 20'000) continue;
            const auto place = static_cast<std::size_t>(at);
            if (place >= m_totals.size()) {
                m_totals.resize(place + 1);
                m_bad.resize(place + 1);
            }
            m_totals[place] += series.counts[i];
            if (bad) m_bad[place] += series.counts[i];
        }
    }
    update();
}

TimeScale OverviewBar::scale() const
{
    return {m_whole, static_cast<double>(kSide), static_cast<double>(std::max(width() - kSide, kSide + 1))};
}

void OverviewBar::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.fillRect(rect(), m_theme.window);
    if (m_whole.end <= m_whole.begin) return;
    const TimeScale at = scale();
    const int bottom = height() - 2, tall = height() - 4;
    painter.setPen(m_theme.border);
    painter.drawLine(QPointF(at.left, bottom), QPointF(at.right, bottom));
    const TimeBuckets buckets(m_origin, m_step);
    const std::uint64_t highest = m_totals.empty() ? 0 : *std::max_element(m_totals.begin(), m_totals.end());
    for (std::size_t i = 0; i < m_totals.size() && highest > 0; ++i) {
        if (m_totals[i] == 0) continue;
        const double left = at.xOf(buckets.beginOf(static_cast<std::int64_t>(i)));
        const double wide = std::max(at.pixelsOf(m_step), 1.0);
        // The square root lets quiet times be seen beside a storm.
        const auto part = [&](std::uint64_t count) {
            return std::max(std::sqrt(static_cast<double>(count) / static_cast<double>(highest)) * tall, 1.0);
        };
        painter.fillRect(QRectF(left, bottom - part(m_totals[i]), wide, part(m_totals[i])), m_theme.dim);
        if (m_bad[i] != 0)
            painter.fillRect(QRectF(left, bottom - part(m_bad[i]), wide, part(m_bad[i])),
                             m_theme.severity[5]);
    }
    if (m_view.end > m_view.begin) {
        double from = std::clamp(at.xOf(m_view.begin), at.left, at.right),
               to = std::clamp(at.xOf(m_view.end), at.left, at.right);
        if (to - from < kLeastWindow) {
            const double middle =
                std::clamp((from + to) / 2, at.left + kLeastWindow / 2, at.right - kLeastWindow / 2);
            from = middle - kLeastWindow / 2;
            to = middle + kLeastWindow / 2;
        }
        QColor shade = m_theme.window;
        shade.setAlpha(150);
        painter.fillRect(QRectF(at.left, 0, from - at.left, height()), shade);
        painter.fillRect(QRectF(to, 0, at.right - to, height()), shade);
        painter.setPen(QPen(m_theme.accent, hasFocus() ? 2 : 1));
        painter.drawRect(QRectF(from, 1, to - from, height() - 3));
    }
}

OverviewBar::Grip OverviewBar::gripAt(double x) const
{
    const TimeScale at = scale();
    const double from = at.xOf(m_view.begin), to = at.xOf(m_view.end);
    const bool wide = to - from > 4 * kGripPixels;
    if (wide && std::abs(x - from) <= kGripPixels) return Grip::Begin;
    if (wide && std::abs(x - to) <= kGripPixels) return Grip::End;
    // What shows everything cannot be moved: there a drag selects.
    const bool all = m_view.begin <= m_whole.begin && m_view.end >= m_whole.end;
    const double half = std::max(kLeastWindow / 2, (to - from) / 2), middle = (from + to) / 2;
    return !all && std::abs(x - middle) <= half ? Grip::Move : Grip::Select;
}

TimeRange OverviewBar::dragged(double x) const
{
    const TimeScale at = scale();
    const TimeNs now = at.timeAt(x), before = at.timeAt(m_pressed);
    TimeRange range = m_atPress;
    switch (m_grip) {
    case Grip::Move: range = moved(range, before, now); break;
    case Grip::Begin: range.begin = now; break;
    case Grip::End: range.end = now; break;
    default: range = {before, now}; break;
    }
    if (range.end < range.begin) std::swap(range.begin, range.end);
    if (range.end == range.begin) range.end = timeAfter(range.begin, 1);
    return range;
}

void OverviewBar::give(TimeRange range, bool going)
{
    Q_EMIT rangeChosen(range, going);
}

void OverviewBar::mousePressEvent(QMouseEvent* event)
{
    if (event->button() != Qt::LeftButton || m_whole.end <= m_whole.begin) return;
    m_pressed = event->position().x();
    m_grip = gripAt(m_pressed);
    m_atPress = m_view;
    m_moved = false;
}

void OverviewBar::mouseMoveEvent(QMouseEvent* event)
{
    const double x = event->position().x();
    if (m_grip == Grip::None) {
        const Grip grip = m_whole.end > m_whole.begin ? gripAt(x) : Grip::None;
        setCursor(grip == Grip::Begin || grip == Grip::End ? Qt::SizeHorCursor
                  : grip == Grip::Move                     ? Qt::OpenHandCursor
                                                           : Qt::ArrowCursor);
        return;
    }
    if (!m_moved && std::abs(x - m_pressed) < kDragPixels) return;
    m_moved = true;
    m_view = dragged(x);
    update();
    if (m_grip != Grip::Select) give(m_view, true);
}

void OverviewBar::mouseReleaseEvent(QMouseEvent* event)
{
    if (m_grip == Grip::None) return;
    const double x = event->position().x();
    const Grip grip = m_grip;
    if (m_moved) {
        const TimeRange range = dragged(x);
        m_grip = Grip::None;
        give(range, false);
        return;
    }
    m_grip = Grip::None;
    if (grip != Grip::Select || (m_view.begin <= m_whole.begin && m_view.end >= m_whole.end)) return;
    // A click beside the window brings it there.
    give(around(scale().timeAt(x), lengthOf(m_view) / 2), false);
}

void OverviewBar::pan(double share)
{
    if (m_view.end <= m_view.begin) return;
    if (const auto range = panned(m_view, share)) give(*range, false);
}

void OverviewBar::zoom(double factor)
{
    if (m_view.end <= m_view.begin || static_cast<double>(lengthOf(m_view)) * factor < kShortest) return;
    if (const auto range = zoomed(m_view, factor, middleOf(m_view))) give(*range, false);
}

void OverviewBar::keyPressEvent(QKeyEvent* event)
{
    if (!m_keys.handle(*event)) event->ignore();
}

} // namespace faultline
