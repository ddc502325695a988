#pragma once
#include "models/session/query_service.h"
#include "models/session/timeline_data.h"
#include "views/keys/key_table.h"
#include "views/render/display_zone.h"
#include "views/render/theme.h"

#include <QWidget>

#include <functional>
#include <memory>
#include <string>
#include <vector>

class QToolButton;

namespace faultline {

class HeatStrip;
class HistogramView;
class OverviewBar;

/// Something that can be done with a range of time that was selected on the chart.
struct RangeOffer
{
    QString text; ///< of a menu, with its key
    QString name; ///< of its action
    std::function<void(const TimeRange&)> run;
};

/// Everything on the time axis of an investigation: the overview of the store, the histogram, the lane of
/// services. Asks for what it shows; one crosshair for all.
///
/// Threads  GUI thread; an answer that belongs to an earlier question is dropped.
class TimelinePane final : public QWidget, public HasKeys
{
    Q_OBJECT
public:
    TimelinePane(std::shared_ptr<QueryService> queries, QWidget* parent = nullptr);
    ~TimelinePane() override;
    void setTheme(const Theme& theme);
    /// How times are shown.
    void setZone(const DisplayZone& zone);
    HistogramView* chart() const { return m_chart; }
    /// The buttons that choose the groups and the unit; they belong into the row above.
    QWidget* controls() const { return m_controls; }
    /// Shows another selection. An empty range: there is nothing to be shown.
    void show(FilterPtr filter, TimeRange range);
    /// The same filter once more: the store has grown. What is asked for already is waited for, so that the
    /// lanes of a store that grows all the time are seen too.
    void grow(TimeRange range);
    /// All times of the store, for the overview; asks again when the store has changed.
    void setWhole(TimeRange whole, bool changed);
    /// Stacks by a field, "severity" to begin with.
    void setGroup(const QString& field);
    const QString& group() const { return m_group; }
    /// Events a second instead of events.
    void setRates(bool rates);
    bool rates() const;
    /// Fields that can be chosen besides the usual ones.
    void offerGroup(const QString& field);
    /// Something more that can be done with a range that was selected by a drag, behind what there is.
    void offerForRange(RangeOffer offer);
    /// Whether the scale of the chart can be chosen; without it, it is linear.
    void offerLogarithm(bool offered);
    void setStale(bool stale);
    QString keysTitle() const override { return tr("Timeline"); }
    const KeyTable& keys() const override { return m_keys; }

Q_SIGNALS:
    void rangeSelected(const faultline::TimeRange& range);
    void zoomRequested(const faultline::TimeRange& range);
    /// A cell of the lane of services: that service, at that time.
    void serviceChosen(const QString& service, const faultline::TimeRange& range);
    /// The chart is complete, with so many events.
    void charted(qint64 events);
    void failed(const faultline::Error& error);
    void groupChanged(const QString& field);
    void ratesChanged(bool rates);

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void makeControls();
    void ask();
    void askLanes();
    void askOverview();
    void align();
    void chooseGroup();
    void showRangeMenu(const TimeRange& range, const QPoint& at);
    bool bySeverity() const { return m_group == QLatin1String("severity"); }

    std::shared_ptr<QueryService> m_queries;
    KeyTable m_keys;
    OverviewBar* m_overview;
    HistogramView* m_chart;
    HeatStrip* m_lanes;
    QWidget* m_controls;
    QToolButton *m_groupButton, *m_rateButton, *m_logButton;
    QString m_group;
    QStringList m_offered;
    std::vector<RangeOffer> m_rangeOffers;
    FilterPtr m_filter;
    DisplayZone m_zone;
    TimeRange m_range{0, 0}, m_whole{0, 0};
    TimelineGrid m_grid;
    bool m_chartAgain = false, m_lanesAgain = false,
         m_overviewAgain = false; ///< ask once more when the answer is there
    QueryService::Ticket m_chartTicket, m_lanesTicket, m_overviewTicket;
};

} // namespace faultline
