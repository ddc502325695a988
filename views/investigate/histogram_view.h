#pragma once
#include "models/query/engine.h"
#include "views/keys/key_table.h"
#include "views/render/theme.h"

#include <QWidget>

#include <array>
#include <optional>
#include <utility>
#include <vector>

namespace faultline {

/// Events over time, stacked by severity: one bar a bucket, at most one bucket a pixel.
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
    /// Counts of a histogram grouped by severity, for the range it was asked for.
    void setAnswer(const HistogramAnswer& answer, TimeNs origin, TimeNs step, TimeRange range, bool exact);
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
    /// The severities in sight with their totals, worst first: "F fatal 12", for the legend.
    QStringList legend() const;
    /// The event in view: a line across the chart.
    void setCursor(std::optional<TimeNs> time);
    TimeRange range() const { return m_range; }
    /// Whether the bars are the whole answer for range().
    bool exact() const { return m_exact && !m_buckets.empty(); }
    /// What a histogram of a range should be asked for at this width.
    std::size_t wantedBuckets() const;
    QSize sizeHint() const override;
    QString keysTitle() const override { return tr("Histogram"); }
    const KeyTable& keys() const override { return m_keys; }

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
    /// Bars that a drag or the keyboard has selected, both included.
    std::optional<std::pair<int, int>> brushed() const;
    TimeNs bucketBegin(int bucket) const;
    TimeRange rangeOf(int first, int last) const;
    QString barText(int first, int last) const;
    double xOf(TimeNs time) const;
    TimeNs timeAt(double x) const;
    int bucketAt(double x) const;
    void paintBars(QPainter& painter, const QRect& area) const;
    void paintAxis(QPainter& painter, const QRect& area) const;
    void paintLegend(QPainter& painter, const QRect& area) const;
    void updateMargin();
    void makeKeys();
    void moveKey(int by, bool extend);
    /// Asks for a range `factor` times as wide, with `at` where it is now.
    void zoom(double factor, TimeNs at);
    TimeNs zoomCentre() const;
    /// Asks for a range that share of its width later.
    void pan(double share);
    void finishSelection(TimeRange range);
    void paintHover(QPainter& painter, const QRect& area) const;

    Theme m_theme = Theme::darkTheme();
    KeyTable m_keys;
    QString m_note;
    std::array<std::uint64_t, 7> m_totals{};
    int m_left = 48; ///< room for the numbers of the axis
    std::vector<Bucket> m_buckets;
    std::uint64_t m_highest = 0;
    TimeNs m_origin = 0, m_step = 0;
    TimeRange m_range{0, 0};
    bool m_exact = true, m_stale = false;
    std::optional<TimeNs> m_cursor;
    std::optional<double> m_pressed, m_hover;
    int m_keyAt = -1, m_keyFrom = -1; ///< buckets of the keyboard's cursor and selection
};

} // namespace faultline
