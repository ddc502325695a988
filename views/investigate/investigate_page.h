#pragma once
#include "models/query/engine.h"
#include "models/session/arrivals.h"
#include "models/session/experiments.h"
#include "models/session/investigation_view.h"
#include "models/session/list_layout.h"
#include "models/session/marks.h"
#include "models/session/query_service.h"
#include "models/session/range_text.h"
#include "models/session/store_monitor.h"
#include "models/session/view_link.h"
#include "views/fields/field_panel.h"
#include "views/investigate/event_asker.h"
#include "views/investigate/event_list_view.h"
#include "views/investigate/span_finder.h"
#include "views/keys/key_table.h"
#include "views/render/display_zone.h"
#include "views/render/theme.h"

#include <QJsonObject>
#include <QWidget>

#include <functional>
#include <memory>
#include <optional>
#include <vector>

class QSplitter;

namespace faultline {

class ColumnPicker;
class ContextPane;
class DetailPane;
class ChangesPane;
class ChipBar;
class CompareService;
class DraftCounter;
class EmptyNote;
class EventCopier;
class EventWalker;
class EventListModel;
class LivePill;
class MarkKeeper;
class PlaceKeeper;
class QueryHints;
class RangeBar;
class ResultTabs;
class SearchBar;
class TimelinePane;
class TimePrompt;
struct Remedy;

/// The screen of an investigation: search bar, histogram, list and detail of one store.
///
/// State    A view is a query, filters beside it and a range; each change is a step that Backspace takes
/// back. The current event
///          stays current, and where it is on the screen, while it is one of those shown.
/// Threads  GUI thread; asks through QueryService and shows answers that belong to the view at hand.
class InvestigatePage final : public QWidget, public HasKeys
{
    Q_OBJECT
public:
    /// Asks the user for a text, beginning with another one; nothing when they change their mind.
    using AskText = std::function<std::optional<QString>(QWidget* parent, const QString& before)>;
    InvestigatePage(std::shared_ptr<QueryService> queries, std::shared_ptr<const Clock> clock,
                    AskText askText, QWidget* parent = nullptr);
    ~InvestigatePage() override;

    /// "What changed", asked of this service: a page under the timeline with its keys.
    void addChanges(std::shared_ptr<CompareService> compares);
    void setTheme(const Theme& theme);
    /// The store has changed, or was read for the first time.
    void setSummary(const StoreSummary& summary);
    /// Files are read into the store: what comes of them is not said to be new.
    void beginFilling();
    /// The read is over: what it gave is in the summary of this look at the store (StoreMonitor::look()) and
    /// those behind it. What comes later is new.
    void endFilling(std::uint64_t look);
    bool filling() const { return m_filling; }
    /// Held: what comes to the store is counted and not shown, until it goes on.
    void setPaused(bool paused);
    bool paused() const { return m_paused; }
    /// What stands in the place of events while the store has none: a line, and why in further ones.
    void setNothing(const QString& text);
    /// Searches; a query that cannot be read is shown with its fault, and the answer there is as an old one.
    void submit(const QString& query);
    void setRange(const TimeRange& range);
    /// Every event, and a chart of all their times.
    void showAllTime();
    /// All events of a trace, whenever they were, and the chart from its first to its last.
    void showTrace(const QString& trace);
    /// All that happened so long before and after: no filter. `half` 0: as the user types then.
    void showAround(TimeNs time, TimeNs half = 30 * kSecondNs);
    /// Shows the range that a text names, see readRange(); else says at its place what is wrong.
    void typeRange(const QString& text);
    /// How times are shown.
    void setZone(const DisplayZone& zone);
    const DisplayZone& zone() const { return m_zone; }
    /// Features that are not yet trusted appear, or go.
    void setExperiments(const EnabledExperiments& enabled);
    /// What is in view, for the next opening of this store: see restoreSession().
    QJsonObject session() const;
    /// The session in the form of a saved view: without what is of this moment, and of this window's size.
    QJsonObject savedForm() const;
    /// Shows a saved view, as one step.
    void openSaved(const QJsonObject& saved);
    SearchBar* searchBar() const { return m_search; }
    /// Before the first summary. `viewToo`: the query and the range; else only how things are shown.
    void restoreSession(const QJsonObject& session, bool viewToo);
    /// Shows what a link names, and its event where this store has it; else says so.
    void openLink(const ViewLink& link);
    /// A link to what is in view, relative times frozen, goes to the clipboard.
    void copyLink();
    /// The keyboard goes to the search bar.
    void focusSearch();
    bool back();
    bool forward();
    QString query() const { return QString::fromStdString(view().query); }
    const TimeRange& range() const { return view().range; }
    const InvestigationView& view() const { return m_views.now(); }
    /// Shows another view, as one step.
    void show(InvestigationView view);
    /// Columns, wrapping and the pane around the event: for sessions and saved views.
    const ListLayout& listLayout() const { return m_layout; }
    void setListLayout(const ListLayout& layout);
    /// Marked events of this store; those that were kept come with setMarks().
    void setMarks(std::vector<Mark> marks);
    const std::vector<Mark>& marks() const;
    /// The list goes to the first event of this time, or to the next one behind it.
    void goToTime(TimeNs time);
    QString keysTitle() const override { return tr("Investigation"); }
    const KeyTable& keys() const override { return m_keys; }

Q_SIGNALS:
    void countChanged(qint64 shown, bool exact);
    /// "521,674 events", how far that is the answer, or why there is none.
    void countSaid(const QString& text);
    void failed(const faultline::Error& error);
    void noticed(const QString& text);                  ///< something for the status line
    void zoneChosen(faultline::DisplayZone::Kind kind); ///< by the user, or by a link; shown by setZone()
    void sessionChanged();                              ///< session() is another
    void listLayoutChanged();                           ///< by the user
    void marksChanged();                                ///< by the user: to be kept

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void makeLayout();
    void connectParts();
    void connectFields();
    void connectList();
    void connectDetail();
    void connectContext();
    void connectMarks();
    /// `remember`: as a step that can be taken back.
    void apply(InvestigationView view, bool remember);
    /// Shows what m_views has now.
    void showView();
    void setChips(const std::vector<FilterChip>& chips, bool on);
    /// Many small steps of zooming are one step back.
    void zoomTo(const TimeRange& range);
    void showRow(int row);
    void addWalks();
    void addRangeOffers();
    /// What a typed time is read with: the zone in use, and the day that is looked at.
    RangeContext timeContext() const;
    void addLive();
    /// True when the view is held: the summary is kept for later.
    bool hold(const StoreSummary& summary);
    /// The exact total of the view has come.
    void takeTotal(qint64 events);
    /// Counts what came, where the view's own total does not say it.
    void countArrivals();
    void settleFilling();
    void seeArrivals();
    void seeArrivalsAtTheEnd();
    void sayArrivals();
    /// Now, or as soon as the current row is read: until then, where it stands in time is not known.
    void whenRowIsRead(std::function<void()> walk);
    /// Searches only within a range, while the chart keeps the one it shows.
    void addRangeChip(const TimeRange& range);
    void nextMatch(bool back);
    /// Without a chosen event.
    ViewLink linkToView() const;
    /// To a marked event, or another one that the view at hand may not have.
    void goToEvent(const EventKey& key);
    void nextMark(bool back);
    void showMarks();
    void askTime();
    void showContext(bool shown);
    /// The keyboard goes to the next part that can be seen.
    void nextPane(bool back);
    /// The user has changed the layout in one of the lists.
    void takeLayout(const EventListView* from);
    void setColumnShown(const ListLayout::Column& column, bool shown);
    /// Of the list that has the keyboard, else of the matches.
    std::optional<EventKey> currentKey() const;
    void addTimes();
    /// A view with another range, which is no more relative to now.
    InvestigationView withRange(const TimeRange& range) const;
    /// One that goes until now, and was kept: its range is that of the present now.
    void placeAtNow(InvestigationView& view) const;
    /// A view that goes until now: to the present now. Whether that is another range.
    bool moveToNow();
    void askAround();
    /// From where a walk begins: the current event, else the begin or the end of what is in view.
    EventKey walkStart(bool back) const;
    void showDetail(const EventKey& key);
    void clearDetail();
    void addFilter(const QString& field, const QString& value, bool exclude);
    void addExists(const QString& field, bool absent);
    void addTerm(FilterPtr term, bool exclude);
    /// The answer in sight is not that of the text in the search bar.
    void setStale(bool stale);
    void sayCount();
    void showEmptyText();
    void toggleColumn(const QString& field);
    /// Events of a pattern, or all others.
    void addPattern(quint64 id, const QString& text, bool exclude);
    /// Shows the fields and goes there; hides them when the keyboard is there.
    void toggleFields(FieldPanel::Tab tab);
    void showRowMenu(EventListView* list, int row, int column, const QPoint& globalPosition);
    void showTraceOf(const EventListView* list, int row);
    void copyRows(const EventListView* list, EventListView::CopyForm form);
    void take(const Remedy& remedy);
    void showTotals();
    TimeRange shownRange() const;
    void updateRangeLabel();

    std::shared_ptr<QueryService> m_queries;
    std::shared_ptr<const Clock> m_clock;
    StoreSummary m_summary;
    ViewHistory m_views;
    FilterPtr m_filter; ///< of the view at hand
    DisplayZone m_zone;
    KeyTable m_keys;
    EventListModel* m_model;
    QueryHints* m_hints;
    SearchBar* m_search;
    RangeBar* m_rangeBar;
    ChipBar* m_chips;
    DraftCounter* m_draft;
    TimelinePane* m_timeline;
    EventWalker* m_walker;
    EventListView* m_list;
    PlaceKeeper* m_place;
    EmptyNote* m_empty;
    ContextPane* m_context;
    QSplitter* m_lists;
    ChangesPane* m_changes = nullptr;
    ResultTabs* m_results;   ///< the lists, and the pages beside them
    EventListView* m_active; ///< the list that had the keyboard last
    ListLayout m_layout;
    EventCopier* m_copier;
    ColumnPicker* m_picker;
    MarkKeeper* m_marks;
    TimePrompt* m_timePrompt;
    DetailPane* m_detail;
    FieldPanel* m_fields;
    bool m_fieldsChosen = false; ///< shown or hidden by the user; else by the width of the page
    QSplitter* m_split;
    int m_waitingRow = -1;              ///< current, and still being read
    bool m_waitedOver = false;          ///< it was, before a refresh that is under way
    std::function<void()> m_afterRow;   ///< to be done when it is
    std::optional<EventKey> m_selected; ///< the current event, also while the view at hand does not have it
    std::optional<EventKey> m_detailed; ///< whose fields are shown, or on their way
    std::optional<EventKey> m_aside;    ///< being gone to, wherever it is
    std::optional<EventKey> m_sought;   ///< the time that is being gone to
    LivePill* m_pill = nullptr;
    Arrivals m_arrivals;
    bool m_paused = false, m_filling = false;
    std::optional<std::uint64_t> m_filledBy; ///< the look that has all of what was read
    std::optional<StoreSummary> m_held;      ///< the last one of a store that grew while the view was held
    QueryService::Ticket m_arrivalsTicket;
    bool m_arrivalsAgain = false; ///< the store has changed since that was asked
    bool m_stopped = false;       ///< a refresh that was under way when the view was held
    bool m_zooming = false, m_stale = false;
    bool m_known = false; ///< what is in the store
    QString m_nothing, m_countFailure;
    qint64 m_count = 0;
    bool m_countExact = false;
    std::optional<qint64> m_listed, m_charted, m_withoutTime; ///< exact totals of the view
    SpanFinder m_spans;
    EventAsker m_asker;
};

} // namespace faultline
