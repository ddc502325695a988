#pragma once
#include "models/session/timeline_data.h"
#include "views/keys/key_table.h"
#include "views/render/display_zone.h"
#include "views/render/theme.h"
#include "views/timeline/time_scale.h"
#include "views/timeline/timeline_band.h"
#include "views/timeline/value_scale.h"

#include <QWidget>

#include <array>
#include <optional>
#include <utility>
#include <vector>

namespace faultline {

/// Events over time, stacked by severity or by the values of a field: one bar a bucket, at most one bucket a
/// pixel. As rates a bar is the mean of its bucket, and the mark above it the busiest moment within.
///
/// Mouse    A drag selects bars (rangeSelected) and says meanwhile what is in them, the wheel zooms at the
///          pointer and, with Shift, moves along the axis (zoomRequested); a hover names the bar. What is
///          said stands above the bars and covers none.
/// Ranges   None that is asked for is shorter than kShortest.
/// Keyboard keys() lists them.
class HistogramView final : public QWidget, public HasKeys
{
    Q_OBJECT
public:
    static constexpr TimeNs kShortest = 1'000'000; ///< a millisecond
    explicit HistogramView(QWidget* parent = nullptr);
    void setTheme(const Theme& theme);
    /// How times are shown.
    void setZone(const DisplayZone& zone);
    /// Counts for the range they were asked for. `bySeverity`: the groups are names of severities.
    void setAnswer(TimelineData data, TimeRange range, bool exact, bool bySeverity = true);
    const TimelineData& data() const { return m_data; }
    /// Events a second instead of events.
    void setRates(bool rates);
    bool rates() const { return m_rates; }
    /// Heights as logarithms: quiet times can be seen beside a storm.
    void setLogarithmic(bool logarithmic);
    bool logarithmic() const { return m_logarithmic; }
    ValueScale valueScale() const { return {highest(), m_logarithmic}; }
    /// Room at the left for the names of lanes under the chart.
    void setLeastLeft(int pixels);
    /// Where times stand, in pixels of this widget.
    TimeScale scale() const;
    /// The pointer is at this time, somewhere on this axis.
    void setCrosshair(std::optional<TimeNs> time);
    void clear();
    /// Another question has been asked: shows its range at once, with the bars there are, until its answer
    /// comes.
    void await(TimeRange range);
    /// What the chart does not show, in a line.
    void setNote(const QString& note);
    const QString& note() const { return m_note; }
    /// The question failed: this stands in the place of the answer.
    void fail(const QString& why);
    /// The bars are not the answer to what is asked: they are shown dimmed, and said to be old.
    void setStale(bool stale);
    bool stale() const { return m_stale; }
    /// What is said about the bar or the bars under the pointer or the keyboard's cursor; empty when nothing.
    QString hoverText() const;
    /// Where it stands; empty when nothing is said.
    QRect hoverBox() const;
    /// Where the bars are.
    QRect plot() const;
    /// The groups in sight with their totals, worst or most frequent first: "F fatal 12", for the legend.
    QStringList legend() const;
    void dropBrush();
    /// The bars that a drag or the keyboard has chosen, or the one with the keyboard's cursor.
    std::optional<TimeRange> selection() const;
    /// The event in view: a line across the chart.
    void setCursor(std::optional<TimeNs> time);
    /// Marked events: a diamond each above the bars.
    void setMarks(std::vector<TimeNs> times);
    const std::vector<TimeNs>& marks() const { return m_marks; }
    TimeRange range() const { return m_range; }
    /// Whether the bars are the whole answer for range().
    bool exact() const { return m_exact && m_data.size() != 0; }
    /// What a histogram of a range should be asked for at this width.
    std::size_t wantedBuckets() const;
    QSize sizeHint() const override;
    QString keysTitle() const override { return tr("Histogram"); }
    const KeyTable& keys() const override { return m_keys; }

Q_SIGNALS:
    /// By the keyboard: to be gone to.
    void rangeSelected(const faultline::TimeRange& range);
    /// Bars were selected that something may be done with; they stay shaded until dropBrush(). `at` is a
    /// place of the screen.
    void rangeBrushed(const faultline::TimeRange& range, const QPoint& at);
    void zoomRequested(const faultline::TimeRange& range);
    void crosshairMoved(std::optional<faultline::TimeNs> time);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    /// What the top of the chart stands for, in events or events a second.
    double highest() const;
    /// Bars that a drag or the keyboard has selected, both included.
    std::optional<std::pair<int, int>> brushed() const;
    TimeRange rangeOf(int first, int last) const;
    QString textOf(int first, int last) const;
    int bucketAt(double x) const;
    void paintBars(QPainter& painter, const QRect& area) const;
    void paintMarks(QPainter& painter, const QRect& area) const;
    void paintAxis(QPainter& painter, const QRect& area) const;
    void paintLegend(QPainter& painter, const QRect& area) const;
    void updateMargin();
    void paintPeaks(QPainter& painter, const QRect& area) const;
    void makeKeys();
    void moveKey(int by, bool extend);
    /// Asks for a range `factor` times as wide, with `at` where it is now.
    void zoom(double factor, TimeNs at);
    TimeNs zoomCentre() const;
    /// Asks for a range that share of its width later.
    void pan(double share);
    /// Of these bars, at least kShortest long.
    TimeRange selectedRange(int first, int last) const;
    void brush(int first, int last, const QPoint& at);
    void paintHover(QPainter& painter, const QRect& area) const;

    Theme m_theme = Theme::darkTheme();
    DisplayZone m_zone;
    KeyTable m_keys;
    QString m_note;
    int m_left = 48, m_leastLeft = 0; ///< room for the numbers of the axis
    TimelineData m_data;
    std::vector<TimelineBand> m_bands; ///< from the bottom up
    bool m_rates = false, m_logarithmic = false;
    bool m_failed = false; ///< the note says why there is no answer
    TimeRange m_range{0, 0};
    bool m_exact = true, m_stale = false;
    std::vector<TimeNs> m_marks;
    std::optional<TimeNs> m_cursor, m_crosshair;
    std::optional<double> m_pressed, m_hover;
    std::optional<std::pair<int, int>> m_kept; ///< a finished brush
    int m_keyAt = -1, m_keyFrom = -1;          ///< buckets of the keyboard's cursor and selection
};

} // namespace faultline
