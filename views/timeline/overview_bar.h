#pragma once
#include "models/query/engine.h"
#include "views/keys/key_table.h"
#include "views/render/display_zone.h"
#include "views/render/theme.h"
#include "views/timeline/time_scale.h"

#include <QWidget>

#include <optional>
#include <vector>

namespace faultline {

/// The whole store in one thin line, with the part that the view shows.
///
/// Mouse     A drag within the window moves it, at its edges widens it, elsewhere selects anew; a click
///           elsewhere moves it there.
/// Keyboard  keys() lists them.
class OverviewBar final : public QWidget, public HasKeys
{
    Q_OBJECT
public:
    explicit OverviewBar(QWidget* parent = nullptr);
    void setTheme(const Theme& theme);
    /// How times are shown.
    void setZone(const DisplayZone& zone);
    /// All there is, and how much of it when. A part of `answer` may be still to come.
    void setAnswer(const HistogramAnswer& answer, TimeNs origin, TimeNs step, TimeRange whole);
    void clear();
    /// What the view shows.
    void setView(TimeRange view);
    std::size_t wantedBuckets() const;
    QSize sizeHint() const override;
    QString keysTitle() const override { return tr("Overview of the store"); }
    const KeyTable& keys() const override { return m_keys; }

Q_SIGNALS:
    /// The user wants to see another range; `going` while the mouse still moves.
    void rangeChosen(const faultline::TimeRange& range, bool going);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    enum class Grip { None, Move, Begin, End, Select };
    TimeScale scale() const;
    Grip gripAt(double x) const;
    TimeRange dragged(double x) const;
    void pan(double share);
    void zoom(double factor);
    void give(TimeRange range, bool going);

    Theme m_theme = Theme::darkTheme();
    DisplayZone m_zone;
    KeyTable m_keys;
    TimeRange m_whole{0, 0}, m_view{0, 0};
    TimeNs m_origin = 0, m_step = 1;
    std::vector<std::uint64_t> m_totals, m_bad; ///< all events, and errors and fatal ones
    Grip m_grip = Grip::None;
    double m_pressed = 0;
    TimeRange m_atPress{0, 0};
    bool m_moved = false;
};

} // namespace faultline
