#include "views/fields/number_view.h"

#include "models/tables/cell_text.h"
#include "views/fields/distribution_view.h"
#include "views/fields/trend_chart.h"

#include <QGridLayout>
#include <QLabel>
#include <QVBoxLayout>

namespace faultline {
namespace {

constexpr std::array<const char*, 7> kStatistics{"min", "p50", "p90", "p95", "p99", "max", "mean"};

QLabel* plainLabel(const char* name, QWidget* parent)
{
    auto* const label = new QLabel(parent);
    label->setObjectName(QLatin1String(name));
    label->setTextFormat(Qt::PlainText);
    return label;
}

} // namespace

NumberView::NumberView(QWidget* parent)
    : QWidget(parent)
    , m_others(plainLabel("numberOthers", this))
    , m_sizesTitle(plainLabel("numberSizesTitle", this))
    , m_sizes(new DistributionView(this))
    , m_timesTitle(plainLabel("numberTrendTitle", this))
    , m_times(new TrendChart(this))
    , m_point(plainLabel("numberPoint", this))
{
    auto* const grid = new QGridLayout;
    grid->setContentsMargins(6, 4, 6, 0);
    grid->setHorizontalSpacing(10);
    grid->setVerticalSpacing(0);
    for (std::size_t i = 0; i < kStatistics.size(); ++i) {
        m_names[i] = plainLabel("numberName", this);
        m_names[i]->setText(QLatin1String(kStatistics[i]));
        m_values[i] = plainLabel("", this);
        m_values[i]->setObjectName(QStringLiteral("number_") + QLatin1String(kStatistics[i]));
        m_values[i]->setTextInteractionFlags(Qt::TextSelectableByMouse);
        const int row = i < 4 ? 0 : 1, column = static_cast<int>(i < 4 ? i : i - 4);
        grid->addWidget(m_names[i], 2 * row, column);
        grid->addWidget(m_values[i], 2 * row + 1, column);
        grid->setColumnStretch(column, 1);
    }
    m_others->setWordWrap(true);
    m_sizesTitle->setText(tr("Distribution"));
    m_timesTitle->setText(tr("Over time:  p50 \u00b7\u00b7\u00b7  p95 \u2013 \u2013  p99 \u2014"));
    m_point->setAccessibleName(tr("At the pointer"));
    m_point->setWordWrap(true);
    // Its own height always, so that the charts do not jump under the pointer.
    m_point->setMinimumHeight(2 * m_point->fontMetrics().lineSpacing());
    m_point->setAlignment(Qt::AlignLeft | Qt::AlignTop);
    for (QLabel* const label : {m_others, m_sizesTitle, m_timesTitle, m_point})
        label->setContentsMargins(6, 0, 6, 0);
    auto* const layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(3);
    layout->addLayout(grid);
    layout->addWidget(m_others);
    layout->addWidget(m_sizesTitle);
    layout->addWidget(m_sizes);
    layout->addWidget(m_timesTitle);
    layout->addWidget(m_times);
    layout->addWidget(m_point);
    connect(m_sizes, &DistributionView::pointed, m_point, &QLabel::setText);
    connect(m_times, &TrendChart::pointed, m_point, &QLabel::setText);
    hide();
}

void NumberView::setZone(const DisplayZone& zone)
{
    m_times->setZone(zone);
}

void NumberView::setTheme(const Theme& theme)
{
    m_theme = theme;
    m_sizes->setTheme(theme);
    m_times->setTheme(theme);
    for (QLabel* const label : m_names) {
        QPalette colors = label->palette();
        colors.setColor(QPalette::WindowText, theme.dim);
        label->setPalette(colors);
        m_sizesTitle->setPalette(colors);
        m_timesTitle->setPalette(colors);
        m_others->setPalette(colors);
    }
}

void NumberView::show(const NumberFacts& facts)
{
    const auto& whole = facts.whole();
    if (!whole || whole->count == 0) return hide();
    const auto quantile = [&](double q) {
        for (const auto& [asked, value] : whole->quantiles)
            if (asked == q) return measureText(value);
        return QString();
    };
    const std::array<QString, 7> texts{measureText(whole->min), quantile(0.5),  quantile(0.9),
                                       quantile(0.95),          quantile(0.99), measureText(whole->max),
                                       measureText(whole->mean)};
    for (std::size_t i = 0; i < texts.size(); ++i) {
        m_values[i]->setText(texts[i]);
        m_values[i]->setAccessibleName(QLatin1String(kStatistics[i]) + QLatin1Char(' ') + texts[i]);
    }
    m_others->setVisible(whole->nonNumeric > 0);
    m_others->setText(tr("%1 values are no numbers").arg(groupedNumber(whole->nonNumeric)));
    const auto& sizes = facts.distribution();
    m_sizesTitle->setVisible(sizes.has_value());
    m_sizes->setVisible(sizes.has_value());
    if (sizes) m_sizes->setDistribution(*sizes);
    const auto& times = facts.overTime();
    const bool any = times && !times->buckets.empty();
    m_timesTitle->setVisible(any);
    m_times->setVisible(any);
    m_point->setVisible(any || sizes);
    if (any) m_times->setAnswer(*times, facts.scale());
    QWidget::show();
}

} // namespace faultline
