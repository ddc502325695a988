#pragma once
#include "models/query/engine.h"
#include "views/keys/key_table.h"
#include "views/render/display_zone.h"
#include "views/render/theme.h"
#include "views/timeline/time_scale.h"

#include <QWidget>

#include <array>
#include <optional>
#include <vector>

namespace faultline {

/// Which service was how bad when: a lane a service, under the timeline and on its axis.
///
/// A cell shows the worst severity in it, by colour and by height (fatal and error fill the lane, warn two
/// thirds, the rest a third), stronger the more such events there are. One rectangle a cell, never an event.
///
/// Mouse     A click chooses a cell; a hover says its counts and moves the crosshair of all.
/// Keyboard  keys() lists them.
class HeatStrip final : public QWidget, public HasKeys
{
    Q_OBJECT
public:
    static constexpr int kMostLanes = 8;
    /// Services by name, at most kMostLanes; the others share one more lane. For the next answer.
    void setMostLanes(int lanes);
    explicit HeatStrip(QWidget* parent = nullptr);
    void setTheme(const Theme& theme);
    /// How times are shown.
    void setZone(const DisplayZone& zone);
    /// The axis above it.
    void setScale(const TimeScale& scale);
    /// The answer to a HistogramQuestion by {"service", "severity"} of (origin, step); lanes by their worst
    /// events first.
    void setAnswer(const HistogramAnswer& answer, TimeNs origin, TimeNs step);
    void clear();
    /// The time that the pointer is at, somewhere on this axis.
    void setCrosshair(std::optional<TimeNs> time);
    QStringList lanes() const; ///< names in sight, top to bottom
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;
    QString keysTitle() const override { return tr("Services over time"); }
    const KeyTable& keys() const override { return m_keys; }

Q_SIGNALS:
    /// `service` is empty for events without one; not given for the lane of all others.
    void cellChosen(const QString& service, const faultline::TimeRange& range);
    void crosshairMoved(std::optional<faultline::TimeNs> time);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    using Counts = std::array<std::uint64_t, 7>; ///< by severity class
    struct Lane
    {
        QString name; ///< as shown
        QString service;
        bool other = false;
        Counts total{};
        std::vector<Counts> cells;
    };
    struct Cell
    {
        int lane = -1;
        std::int64_t bucket = 0;
        bool operator==(const Cell&) const = default;
    };
    int laneHeight() const;
    Cell cellAt(const QPointF& place) const;
    TimeRange bucketRange(std::int64_t bucket) const;
    void choose(const Cell& cell);
    void move(int lanes, int buckets);
    QString describe(const Cell& cell) const;
    void paintLane(QPainter& painter, const Lane& lane, int top) const;
    void tellAccessible();

    Theme m_theme = Theme::darkTheme();
    DisplayZone m_zone;
    KeyTable m_keys;
    TimeScale m_scale;
    std::vector<Lane> m_lanes;
    TimeNs m_origin = 0, m_step = 1;
    std::array<std::uint64_t, 7> m_most{}; ///< the most events of a class in one cell
    Cell m_hover, m_current;
    int m_mostLanes = kMostLanes;
    std::optional<TimeNs> m_crosshair;
};

} // namespace faultline
