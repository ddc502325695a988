#pragma once
#include "models/query/engine.h"
#include "models/session/query_service.h"
#include "models/session/store_monitor.h"
#include "views/render/theme.h"

#include <QWidget>

#include <memory>
#include <vector>

class QLabel;
class QPushButton;
class QSplitter;

namespace faultline {

class DetailPane;
class EventListModel;
class EventListView;
class HistogramView;
class SearchBar;

/// The screen of an investigation: search bar, histogram, list and detail of one store.
///
/// State    A view is a query and a range; each change is a step that Backspace takes back.
/// Threads  GUI thread; asks through QueryService and shows answers that belong to the view at hand.
class InvestigatePage final : public QWidget
{
    Q_OBJECT
public:
    InvestigatePage(std::shared_ptr<QueryService> queries, std::shared_ptr<const Clock> clock,
                    QWidget* parent = nullptr);
    ~InvestigatePage() override;

    void setTheme(const Theme& theme);
    /// The store has changed, or was read for the first time.
    void setSummary(const StoreSummary& summary);
    /// Searches; a query that cannot be read is shown with its fault and changes nothing.
    void submit(const QString& query);
    void setRange(const TimeRange& range);
    void showAllTime();
    /// The keyboard goes to the search bar.
    void focusSearch();
    bool back();
    bool forward();
    QString query() const { return m_view.query; }
    const TimeRange& range() const { return m_view.range; }

Q_SIGNALS:
    void countChanged(qint64 shown, bool exact);
    void failed(const faultline::Error& error);

protected:
    void keyPressEvent(QKeyEvent* event) override;

private:
    struct View
    {
        QString query;
        FilterPtr filter;
        TimeRange range; ///< unbounded: all that is in the dense range
    };
    void apply(View view, bool remember);
    void askHistogram();
    void showRow(int row);
    void addFilter(const QString& field, const QString& value, bool exclude);
    void addExists(const QString& field, bool absent);
    void addTerm(FilterPtr term);
    void showRowMenu(int row, int column, const QPoint& globalPosition);
    void copyRow(int row);
    TimeRange shownRange() const;
    void updateRangeLabel();

    std::shared_ptr<QueryService> m_queries;
    std::shared_ptr<const Clock> m_clock;
    StoreSummary m_summary;
    View m_view;
    std::vector<View> m_back, m_forward;
    EventListModel* m_model;
    SearchBar* m_search;
    QLabel* m_rangeLabel;
    QPushButton* m_backButton;
    QPushButton* m_allButton;
    QPushButton* m_outside;
    HistogramView* m_histogram;
    EventListView* m_list;
    DetailPane* m_detail;
    QSplitter* m_split;
    int m_waitingRow = -1; ///< current, and still being read
    QueryService::Ticket m_histogramTicket, m_detailTicket, m_copyTicket;
};

} // namespace faultline
