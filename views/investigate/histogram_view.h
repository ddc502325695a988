#pragma once
#include "models/query/engine.h"
#include "views/render/theme.h"

#include <QWidget>

#include <array>
#include <optional>
#include <vector>

namespace faultline {

/// Events over time, stacked by severity: one bar a bucket, at most one bucket a pixel.
///
/// Mouse    A drag selects a range (rangeSelected), the wheel zooms at the pointer, a hover names the bucket.
/// Keyboard Left/Right move a cursor over the buckets, Shift extends a selection, Enter zooms to it, Esc
/// drops it.
class HistogramView final : public QWidget
{
    Q_OBJECT
public:
    explicit HistogramView(QWidget* parent = nullptr);
    void setTheme(const Theme& theme);
    /// Counts of a histogram grouped by severity, for the range it was asked for.
    void setAnswer(const HistogramAnswer& answer, TimeNs origin, TimeNs step, TimeRange range, bool exact);
    void clear();
    /// The event in view: a line across the chart.
    void setCursor(std::optional<TimeNs> time);
    TimeRange range() const { return m_range; }
    /// What a histogram of a range should be asked for at this width.
    std::size_t wantedBuckets() const;
    QSize sizeHint() const override;

Q_SIGNALS:
    void rangeSelected(const faultline::TimeRange& range);
    void zoomRequested(const faultline::TimeRange& range);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    struct Bucket
    {
        std::array<std::uint64_t, 7> counts{};
        std::uint64_t total = 0;
    };
    QRect plot() const;
    double xOf(TimeNs time) const;
    TimeNs timeAt(double x) const;
    int bucketAt(double x) const;
    void paintBars(QPainter& painter, const QRect& area) const;
    void paintAxis(QPainter& painter, const QRect& area) const;
    void paintHover(QPainter& painter, const QRect& area) const;
    void finishSelection(TimeNs from, TimeNs to);

    Theme m_theme = Theme::darkTheme();
    std::vector<Bucket> m_buckets;
    std::uint64_t m_highest = 0;
    TimeNs m_origin = 0, m_step = 0;
    TimeRange m_range{0, 0};
    bool m_exact = true;
    std::optional<TimeNs> m_cursor;
    std::optional<double> m_pressed, m_hover;
    int m_keyAt = -1, m_keyFrom = -1; ///< buckets of the keyboard's cursor and selection
};

} // namespace faultline
