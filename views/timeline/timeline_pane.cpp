#include "views/timeline/timeline_pane.h"

#include "views/render/plain_text.h"
#include "views/render/time_axis.h"
#include "views/timeline/heat_strip.h"
#include "views/timeline/histogram_view.h"
#include "views/timeline/overview_bar.h"

#include <QHBoxLayout>
#include <QMenu>
#include <QToolButton>
#include <QVBoxLayout>

namespace faultline {
namespace {

constexpr std::size_t kMostFine = 6'000;  ///< buckets that peaks are counted in
constexpr std::size_t kMostGroups = 8;    ///< values by name, the rest together
constexpr std::size_t kMostCells = 1'000; ///< services x severities
/// The list below keeps its place in a low window.
constexpr int kOtherHeight = 400, kHeightPerLane = 40;
constexpr int kLaneNames = 118; ///< pixels at the left for the names of services

} // namespace

TimelinePane::TimelinePane(std::shared_ptr<QueryService> queries, QWidget* parent)
    : QWidget(parent)
    , m_queries(std::move(queries))
    , m_overview(new OverviewBar(this))
    , m_chart(new HistogramView(this))
    , m_lanes(new HeatStrip(this))
    , m_controls(new QWidget(this))
    , m_groupButton(new QToolButton(m_controls))
    , m_rateButton(new QToolButton(m_controls))
    , m_logButton(new QToolButton(m_controls))
    , m_group(QStringLiteral("severity"))
{
    setObjectName(QStringLiteral("timelinePane"));
    auto* const layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(2);
    layout->addWidget(m_overview);
    layout->addWidget(m_chart);
    layout->addWidget(m_lanes);
    makeControls();
    m_chart->setLeastLeft(kLaneNames);
    connect(m_chart, &HistogramView::rangeSelected, this, &TimelinePane::rangeSelected);
    connect(m_chart, &HistogramView::rangeBrushed, this, &TimelinePane::showRangeMenu);
    connect(m_chart, &HistogramView::zoomRequested, this, &TimelinePane::zoomRequested);
    connect(m_overview, &OverviewBar::rangeChosen, this, [this](const TimeRange& range, bool going) {
        // On the way the chart follows without a question; each would be out of date at once.
        if (going)
            m_chart->await(range);
        else
            Q_EMIT rangeSelected(range);
    });
    connect(m_lanes, &HeatStrip::cellChosen, this, &TimelinePane::serviceChosen);
    connect(m_chart, &HistogramView::crosshairMoved, m_lanes, &HeatStrip::setCrosshair);
    connect(m_lanes, &HeatStrip::crosshairMoved, m_chart, &HistogramView::setCrosshair);
}

TimelinePane::~TimelinePane() = default;

void TimelinePane::makeControls()
{
    m_groupButton->setObjectName(QStringLiteral("groupButton"));
    m_groupButton->setToolTip(tr("What the bars are stacked by"));
    m_groupButton->setAccessibleName(tr("Stacked by"));
    m_rateButton->setObjectName(QStringLiteral("rateButton"));
    m_rateButton->setText(tr("Rate"));
    m_rateButton->setCheckable(true);
    m_rateButton->setToolTip(tr("Events a second, with a mark for the busiest moment of each bar"));
    m_logButton->setObjectName(QStringLiteral("logButton"));
    m_logButton->setText(tr("Log"));
    m_logButton->setCheckable(true);
    m_logButton->setToolTip(
        tr("Logarithmic heights: quiet times are seen beside a storm; the parts of a bar share "
           "its height by their counts"));
    m_logButton->setAccessibleName(tr("Logarithmic scale"));
    m_logButton->hide();
    for (QToolButton* const button : {m_groupButton, m_rateButton, m_logButton})
        button->setFocusPolicy(Qt::TabFocus);
    auto* const row = new QHBoxLayout(m_controls);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(4);
    row->addWidget(m_groupButton);
    row->addWidget(m_rateButton);
    row->addWidget(m_logButton);
    connect(m_logButton, &QToolButton::toggled, m_chart, &HistogramView::setLogarithmic);
    connect(m_groupButton, &QToolButton::clicked, this, &TimelinePane::chooseGroup);
    connect(m_rateButton, &QToolButton::toggled, this, [this](bool rates) {
        m_chart->setRates(rates);
        align();
        Q_EMIT ratesChanged(rates);
    });
    m_groupButton->setText(tr("By %1").arg(m_group));
}

void TimelinePane::chooseGroup()
{
    auto* const menu = new QMenu(this);
    menu->setObjectName(QStringLiteral("groupMenu"));
    menu->setAttribute(Qt::WA_DeleteOnClose);
    QStringList fields{QStringLiteral("severity"), QStringLiteral("service"), QStringLiteral("host"),
                       QStringLiteral("logger"), QStringLiteral("source")};
    for (const QString& field : m_offered)
        if (!fields.contains(field)) fields.push_back(field);
    for (const QString& field : fields) {
        QAction* const action = menu->addAction(menuText(oneLine(field.toStdString(), 80)), this,
                                                [this, field] { setGroup(field); });
        action->setCheckable(true);
        action->setChecked(field == m_group);
    }
    menu->popup(m_groupButton->mapToGlobal(QPoint(0, m_groupButton->height())));
}

void TimelinePane::offerForRange(RangeOffer offer)
{
    m_rangeOffers.push_back(std::move(offer));
}

void TimelinePane::showRangeMenu(const TimeRange& range, const QPoint& at)
{
    auto* const menu = new QMenu(this);
    menu->setObjectName(QStringLiteral("rangeMenu"));
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addSection(formatRange(range, m_zone))->setEnabled(false);
    for (const RangeOffer& offer : m_rangeOffers) {
        QAction* const action = menu->addAction(offer.text, this, [run = offer.run, range] { run(range); });
        action->setObjectName(offer.name);
        if (menu->activeAction() == nullptr) menu->setActiveAction(action);
    }
    connect(menu, &QMenu::aboutToHide, m_chart, &HistogramView::dropBrush);
    menu->popup(at);
}

void TimelinePane::offerGroup(const QString& field)
{
    if (!m_offered.contains(field)) m_offered.push_back(field);
}

void TimelinePane::setGroup(const QString& field)
{
    if (field == m_group) return;
    m_group = field;
    offerGroup(field);
    m_groupButton->setText(tr("By %1").arg(elidedMiddle(oneLine(field.toStdString(), 200), 24)));
    if (m_range.end > m_range.begin) {
        m_chart->await(m_range);
        ask();
    }
    Q_EMIT groupChanged(field);
}

void TimelinePane::offerLogarithm(bool offered)
{
    if (!offered) m_logButton->setChecked(false);
    m_logButton->setVisible(offered);
}

void TimelinePane::setRates(bool rates)
{
    m_rateButton->setChecked(rates);
}

bool TimelinePane::rates() const
{
    return m_rateButton->isChecked();
}

void TimelinePane::setTheme(const Theme& theme)
{
    m_overview->setTheme(theme);
    m_chart->setTheme(theme);
    m_lanes->setTheme(theme);
}

void TimelinePane::setZone(const DisplayZone& zone)
{
    m_zone = zone;
    m_overview->setZone(zone);
    m_chart->setZone(zone);
    m_lanes->setZone(zone);
}

void TimelinePane::setStale(bool stale)
{
    m_chart->setStale(stale);
    m_lanes->setEnabled(!stale);
}

void TimelinePane::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    align();
}

void TimelinePane::align()
{
    m_lanes->setScale(m_chart->scale());
}

void TimelinePane::show(FilterPtr filter, TimeRange range)
{
    m_filter = std::move(filter);
    m_chartTicket.cancel();
    m_lanesTicket.cancel();
    grow(range);
}

void TimelinePane::grow(TimeRange range)
{
    m_range = range;
    m_overview->setView(range);
    m_chart->await(range);
    if (m_range.end > m_range.begin) {
        // On a store that changes all the time an answer that is begun is brought to its end.
        if (m_chartTicket.pending())
            m_chartAgain = true;
        else
            ask();
        if (m_lanesTicket.pending())
            m_lanesAgain = true;
        else
            askLanes();
        return;
    }
    m_chartTicket.cancel();
    m_lanesTicket.cancel();
    m_chart->clear();
    m_lanes->clear();
    Q_EMIT charted(0);
}

void TimelinePane::ask()
{
    m_chartAgain = false;
    m_grid = timelineGrid(m_range, roundStep(m_range, m_chart->wantedBuckets()), kMostFine);
    HistogramQuestion question;
    question.selection = {m_filter, m_range};
    question.origin = m_grid.origin;
    question.step = m_grid.fineStep();
    question.by = {m_group.toStdString()};
    question.top = bySeverity() ? 0 : kMostGroups;
    m_chartTicket = m_queries->ask(
        {question},
        [this, grid = m_grid, range = m_range, severities = bySeverity()](
            const Result<std::vector<Answer>>& answers, const ScanProgress& progress) {
            if (!answers) {
                if (answers.error().kind == ErrorKind::Cancelled) return;
                m_chart->fail(oneLine(answers.error().line()));
                Q_EMIT failed(answers.error());
                if (m_chartAgain) ask();
                return;
            }
            TimelineData gathered = gatherTimeline(std::get<HistogramAnswer>(answers->front()), grid, range);
            const auto total = static_cast<qint64>(gathered.total);
            m_chart->setAnswer(std::move(gathered), m_range, progress.exact && !m_chartAgain, severities);
            align();
            if (!progress.exact) return;
            if (m_chartAgain) return ask();
            Q_EMIT charted(total);
        },
        true);
}

void TimelinePane::askLanes()
{
    m_lanesAgain = false;
    HistogramQuestion question;
    question.selection = {m_filter, m_range};
    const TimelineGrid grid = timelineGrid(m_range, roundStep(m_range, m_chart->wantedBuckets() / 2), 1);
    question.origin = grid.origin;
    question.step = grid.step;
    question.by = {"service", "severity"};
    question.top = kMostCells;
    m_lanesTicket = m_queries->ask(
        {question}, [this, grid](const Result<std::vector<Answer>>& answers, const ScanProgress& progress) {
            if (!progress.exact) return;
            if (answers) { // else the chart says what failed
                m_lanes->setMostLanes((window()->height() - kOtherHeight) / kHeightPerLane);
                m_lanes->setAnswer(std::get<HistogramAnswer>(answers->front()), grid.origin, grid.step);
                align();
            }
            if (m_lanesAgain) askLanes();
        });
}

void TimelinePane::setWhole(TimeRange whole, bool changed)
{
    if (whole == m_whole && !changed) return;
    m_whole = whole;
    if (whole.end <= whole.begin) {
        m_overviewTicket.cancel();
        m_overview->clear();
        return;
    }
    if (changed && m_overviewTicket.pending())
        m_overviewAgain = true;
    else
        askOverview();
}

void TimelinePane::askOverview()
{
    m_overviewAgain = false;
    HistogramQuestion question;
    question.selection.range = m_whole;
    const TimelineGrid grid = timelineGrid(m_whole, roundStep(m_whole, m_overview->wantedBuckets()), 1);
    question.origin = grid.origin;
    question.step = grid.step;
    question.by = {"severity"};
    m_overviewTicket =
        m_queries->ask({question}, [this, grid, whole = m_whole](const Result<std::vector<Answer>>& answers,
                                                                 const ScanProgress& progress) {
            if (!progress.exact) return;
            if (answers)
                m_overview->setAnswer(std::get<HistogramAnswer>(answers->front()), grid.origin, grid.step,
                                      whole);
            if (m_overviewAgain) askOverview();
        });
}

} // namespace faultline
