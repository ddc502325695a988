#pragma once
#include "models/tables/number_facts.h"
#include "views/keys/key_table.h"
#include "views/render/display_zone.h"
#include "views/render/theme.h"

#include <QtCharts/QChartView>

#include <array>
#include <optional>

class QCategoryAxis;
class QLineSeries;
class QValueAxis;

namespace faultline {

/// Percentiles of a field over time: p50, p95 and p99 as lines that differ in colour and in dashes; where
/// there are no values the lines break. The pointer, or Left and Right, choose a point, which pointed()
/// describes.
class TrendChart final : public QChartView, public HasKeys
{
    Q_OBJECT
public:
    explicit TrendChart(QWidget* parent = nullptr);
    void setTheme(const Theme& theme);
    /// How times are shown.
    void setZone(const DisplayZone& zone);
    /// The question must have asked for 0.5, 0.95 and 0.99, in that order.
    void setAnswer(const StatsOverTimeAnswer& answer, const NumberFacts::TimeScale& scale);
    QString keysTitle() const override { return tr("Percentiles over time"); }
    const KeyTable& keys() const override { return m_keys; }
    /// Points of the p99 line, gaps too.
    int points() const;

Q_SIGNALS:
    /// The time and the percentiles at the chosen point; empty when none is.
    void pointed(const QString& text);

protected:
    void mouseMoveEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    void drawForeground(QPainter* painter, const QRectF& rect) override;

private:
    void paintTheme();
    void setTicks();
    void setCursor(std::optional<std::size_t> bucket);
    /// The nearest bucket with values, from `bucket` on in that direction.
    void step(int direction);
    double millisecondsOf(std::size_t bucket) const;

    Theme m_theme = Theme::darkTheme();
    DisplayZone m_zone;
    KeyTable m_keys;
    StatsOverTimeAnswer m_answer;
    NumberFacts::TimeScale m_scale;
    std::array<QLineSeries*, 3> m_lines{};
    QCategoryAxis* m_times;
    QValueAxis* m_values;
    std::optional<std::size_t> m_cursor;
};

} // namespace faultline
