#pragma once
#include "models/query/engine.h"
#include "models/session/query_service.h"
#include "models/session/store_monitor.h"
#include "views/keys/key_table.h"
#include "views/render/theme.h"

#include <QWidget>

#include <memory>
#include <optional>
#include <vector>

class QLabel;
class QPushButton;
class QSplitter;

namespace faultline {

class DetailPane;
class EmptyNote;
class EventListModel;
class EventListView;
class HistogramView;
class PlaceKeeper;
class QueryHints;
class SearchBar;
struct Remedy;

/// The screen of an investigation: search bar, histogram, list and detail of one store.
///
/// State    A view is a query and a range; each change is a step that Backspace takes back. The current event
///          stays current, and where it is on the screen, while it is one of those shown.
/// Threads  GUI thread; asks through QueryService and shows answers that belong to the view at hand.
class InvestigatePage final : public QWidget, public HasKeys
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
    /// All events of a trace, whenever they were.
    void showTrace(const QString& trace);
    /// The keyboard goes to the search bar.
    void focusSearch();
    bool back();
    bool forward();
    QString query() const { return m_view.query; }
    const TimeRange& range() const { return m_view.range; }
    QString keysTitle() const override { return tr("Investigation"); }
    const KeyTable& keys() const override { return m_keys; }

Q_SIGNALS:
    void countChanged(qint64 shown, bool exact);
    void failed(const faultline::Error& error);
    void noticed(const QString& text); ///< something for the status line

protected:
    void keyPressEvent(QKeyEvent* event) override;

private:
    struct View
    {
        QString query;
        FilterPtr filter;
        TimeRange range; ///< unbounded: all that is in the dense range
    };
    void makeLayout();
    void connectParts();
    void apply(View view, bool remember);
    /// Many small steps of zooming are one step back.
    void zoomTo(const TimeRange& range);
    void askHistogram();
    void showRow(int row);
    void askDetail(const EventKey& key);
    void clearDetail();
    void addFilter(const QString& field, const QString& value, bool exclude);
    void addExists(const QString& field, bool absent);
    void addTerm(FilterPtr term);
    void showRowMenu(int row, int column, const QPoint& globalPosition);
    void copyRow(int row);
    void take(const Remedy& remedy);
    void showTotals();
    TimeRange shownRange() const;
    void updateRangeLabel();

    std::shared_ptr<QueryService> m_queries;
    std::shared_ptr<const Clock> m_clock;
    StoreSummary m_summary;
    View m_view;
    std::vector<View> m_back, m_forward;
    KeyTable m_keys;
    EventListModel* m_model;
    QueryHints* m_hints;
    SearchBar* m_search;
    QLabel* m_rangeLabel;
    QPushButton* m_backButton;
    QPushButton* m_allButton;
    QPushButton* m_outside;
    HistogramView* m_histogram;
    EventListView* m_list;
    PlaceKeeper* m_place;
    EmptyNote* m_empty;
    DetailPane* m_detail;
    QSplitter* m_split;
    int m_waitingRow = -1;              ///< current, and still being read
    std::optional<EventKey> m_selected; ///< the current event, also while the view at hand does not have it
    std::optional<EventKey> m_detailed; ///< whose fields are shown, or on their way
    bool m_zooming = false;
    std::optional<qint64> m_listed, m_charted, m_withoutTime; ///< exact totals of the view
    QueryService::Ticket m_histogramTicket, m_detailTicket, m_copyTicket;
};

} // namespace faultline
