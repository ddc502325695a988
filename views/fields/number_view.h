#pragma once
#include "models/tables/number_facts.h"
#include "views/render/display_zone.h"
#include "views/render/theme.h"

#include <QWidget>

#include <array>

class QLabel;

namespace faultline {

class DistributionView;
class TrendChart;

/// The numbers of one field: least, greatest, mean and percentiles, their distribution, and percentiles over
/// time. Hidden until there are numbers.
class NumberView final : public QWidget
{
    Q_OBJECT
public:
    explicit NumberView(QWidget* parent = nullptr);
    void setTheme(const Theme& theme);
    /// How times are shown.
    void setZone(const DisplayZone& zone);
    void show(const NumberFacts& facts);

private:
    Theme m_theme = Theme::darkTheme();
    std::array<QLabel*, 7> m_names{}, m_values{};
    QLabel* m_others;
    QLabel* m_sizesTitle;
    DistributionView* m_sizes;
    QLabel* m_timesTitle;
    TrendChart* m_times;
    QLabel* m_point;
};

} // namespace faultline
