#include "views/investigate/investigate_page.h"

#include "models/base/time_math.h"
#include "models/tables/event_list_model.h"
#include "views/changes/changes_pane.h"
#include "views/context/context_pane.h"
#include "views/fields/field_panel.h"
#include "views/investigate/column_picker.h"
#include "views/investigate/detail_pane.h"
#include "views/investigate/empty_note.h"
#include "views/investigate/event_copier.h"
#include "views/investigate/event_list_view.h"
#include "views/investigate/event_walker.h"
#include "views/investigate/live_pill.h"
#include "views/investigate/place_keeper.h"
#include "views/investigate/query_hints.h"
#include "views/investigate/query_terms.h"
#include "views/investigate/range_bar.h"
#include "views/investigate/result_tabs.h"
#include "views/investigate/search_bar.h"
#include "views/investigate/time_prompt.h"
#include "views/marks/mark_keeper.h"
#include "views/render/counts.h"
#include "views/render/plain_text.h"
#include "views/render/time_axis.h"
#include "views/search/chip_bar.h"
#include "views/search/draft_counter.h"
#include "views/timeline/histogram_view.h"
#include "views/timeline/timeline_pane.h"

#include <QKeyEvent>
#include <QSplitter>
#include <QVBoxLayout>

namespace faultline {
namespace {

/// Of an error in the status line; the list and the chart say all of it.
constexpr qsizetype kMostFailure = 110;

FilterChip chipOf(const FilterPtr& term, bool exclude)
{
    return {printFilter(*term), true, exclude, false};
}

} // namespace

InvestigatePage::InvestigatePage(std::shared_ptr<QueryService> queries, std::shared_ptr<const Clock> clock,
                                 AskText askText, QWidget* parent)
    : QWidget(parent)
    , m_queries(std::move(queries))
    , m_clock(std::move(clock))
    , m_model(new EventListModel(m_queries, this))
    , m_hints(new QueryHints(m_queries, this))
    , m_search(new SearchBar(this))
    , m_rangeBar(new RangeBar(this))
    , m_chips(new ChipBar(std::move(askText), this))
    , m_draft(new DraftCounter(m_queries, this))
    , m_timeline(new TimelinePane(m_queries, this))
    , m_walker(new EventWalker(m_queries, this))
    , m_list(new EventListView(this))
    , m_place(new PlaceKeeper(m_model, m_list, this))
    , m_empty(new EmptyNote(m_list->viewport(), m_list->fontMetrics().height() + 8))
    , m_context(new ContextPane(m_queries, this))
    , m_lists(new QSplitter(Qt::Vertical, this))
    , m_results(new ResultTabs(m_keys, this))
    , m_active(m_list)
    , m_copier(new EventCopier(m_queries, this))
    , m_picker(new ColumnPicker(m_queries, this))
    , m_marks(new MarkKeeper(m_queries, this))
    , m_timePrompt(new TimePrompt(this))
    , m_detail(new DetailPane(this))
    , m_fields(new FieldPanel(m_queries, this))
    , m_split(new QSplitter(Qt::Horizontal, this))
    , m_nothing(tr("No events yet"))
    , m_spans(m_queries)
    , m_asker(m_queries)
{
    m_keys.add({Qt::Key_Slash}, tr("To the search"), [this] { focusSearch(); });
    m_keys.add({QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_F)}, tr("All filters off and on"),
               [this] { setChips(view().chips, !view().chipsOn); });
    m_keys.add({QKeySequence(Qt::SHIFT | Qt::Key_Backspace)}, tr("Forward"), [this] { forward(); });
    m_keys.add({Qt::Key_Backspace}, tr("Back"), [this] { back(); });
    addWalks();
    addRangeOffers();
    addTimes();
    addLive();
    makeLayout();
    connectParts();
    m_search->setCompletion(m_queries);
    m_timeline->chart()->await({0, 0});
}

InvestigatePage::~InvestigatePage() = default;

void InvestigatePage::makeLayout()
{
    m_split->addWidget(m_fields);
    m_lists->addWidget(m_context);
    m_lists->addWidget(m_list);
    m_lists->setChildrenCollapsible(false);
    m_lists->setSizes({200, 200});
    m_context->hide();
    m_results->addPage(ResultTabs::Place::Events, tr("Events"), m_lists, [this] {
        (m_context->isHidden() ? m_list : m_active)->setFocus(Qt::ShortcutFocusReason);
    });
    m_split->addWidget(m_results);
    m_split->addWidget(m_detail);
    m_split->setStretchFactor(1, 2);
    m_split->setStretchFactor(2, 1);
    m_split->setChildrenCollapsible(false);
    m_split->setSizes({280, 720, 400});
    m_fields->hide();
    m_detail->setMinimumWidth(260);
    setFocusProxy(m_list);
    auto* const layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 8, 8, 0);
    layout->setSpacing(6);
    layout->addWidget(m_search);
    layout->addWidget(m_chips);
    m_rangeBar->addControls(m_timeline->controls());
    layout->addWidget(m_rangeBar);
    layout->addWidget(m_timeline);
    layout->addWidget(m_split, 1);
    setTabOrder(m_search, m_chips);
    setTabOrder(m_chips, m_timeline);
    setTabOrder(m_timeline, m_context->list());
    setTabOrder(m_context->list(), m_list);
}

void InvestigatePage::connectParts()
{
    connect(m_search, &SearchBar::submitted, this, &InvestigatePage::submit);
    connect(m_search, &SearchBar::left, m_results, &ResultTabs::focusPage);
    connect(m_search, &SearchBar::abandoned, this, [this] {
        if (m_stale) setStale(false);
        if (m_search->text() != query()) m_search->setText(query());
        m_draft->count(nullptr, 0);
    });
    connect(m_search, &SearchBar::edited, this, [this](const QString& text) {
        if (m_stale && text == query()) setStale(false);
        InvestigationView draft = view();
        draft.query = text.toStdString();
        m_draft->count(text == query() ? nullptr : &draft, m_clock->now());
    });
    connect(m_draft, &DraftCounter::said, m_search, &SearchBar::showDraft);
    connect(m_chips, &ChipBar::chipsChanged, this, &InvestigatePage::setChips);
    connect(m_chips, &ChipBar::left, m_results, &ResultTabs::focusPage);
    connect(m_rangeBar, &RangeBar::backRequested, this, [this] { back(); });
    connect(m_rangeBar, &RangeBar::allRequested, this, &InvestigatePage::showAllTime);
    connect(m_timeline, &TimelinePane::rangeSelected, this, &InvestigatePage::setRange);
    connect(m_timeline, &TimelinePane::zoomRequested, this, &InvestigatePage::zoomTo);
    connect(m_timeline, &TimelinePane::failed, this, &InvestigatePage::failed);
    connect(m_timeline, &TimelinePane::charted, this, [this](qint64 events) {
        m_charted = events;
        showTotals();
    });
    connect(m_timeline, &TimelinePane::serviceChosen, this,
            [this](const QString& service, const TimeRange& range) {
                InvestigationView next = withRange(range);
                next.addChip(service.isEmpty()
                                 ? chipOf(existsTerm(QStringLiteral("service"), false), true)
                                 : chipOf(equalsTerm(QStringLiteral("service"), service), false));
                apply(std::move(next), true);
            });
    connect(m_model, &EventListModel::totalChanged, this, [this](qint64 total, bool exact) {
        m_listed = exact ? std::optional(total) : std::nullopt;
        m_count = total;
        m_countExact = exact;
        m_countFailure.clear();
        showEmptyText();
        showTotals();
        sayCount();
        if (exact) takeTotal(total);
        settleFilling();
        Q_EMIT countChanged(total, exact);
    });
    connect(m_model, &EventListModel::totalFailed, this, [this](const Error& error) {
        m_countFailure = oneLine(error.line());
        showEmptyText();
        sayCount();
    });
    connect(m_hints, &QueryHints::unknownFound, this, [this](const QString& text) {
        // Of the query before: it must not take the place of an error.
        if (!m_stale) m_search->showHint(text);
    });
    connect(m_hints, &QueryHints::remediesFound, m_empty, &EmptyNote::showRemedies);
    connect(m_hints, &QueryHints::withoutTimeCounted, this, [this](qint64 events) {
        m_withoutTime = events;
        showTotals();
    });
    connect(m_empty, &EmptyNote::remedyChosen, this, &InvestigatePage::take);
    connect(m_empty, &EmptyNote::clearRequested, this, [this] {
        InvestigationView next = view();
        next.query.clear();
        next.chips = next.pinned().chips;
        if (next == view()) next.chips.clear(); // the pinned ones are all that is left
        apply(std::move(next), true);
    });
    connect(m_model, &EventListModel::pageFailed, this, &InvestigatePage::failed);
    connectFields();
    connectList();
}

void InvestigatePage::setTheme(const Theme& theme)
{
    m_search->setTheme(theme);
    m_rangeBar->setTheme(theme);
    m_chips->setTheme(theme);
    m_timeline->setTheme(theme);
    m_list->setTheme(theme);
    m_pill->setTheme(theme);
    m_context->setTheme(theme);
    m_detail->setTheme(theme);
    m_fields->setTheme(theme);
    if (m_changes != nullptr) m_changes->setTheme(theme);
}

TimeRange InvestigatePage::shownRange() const
{
    if (!view().range.unbounded()) return view().range;
    // A single event has no length that could be shown.
    TimeRange range = view().whole ? m_summary.whole : m_summary.dense;
    const bool instant = range.end > range.begin && lengthOf(range) < 1'000'000;
    return instant ? around(range.begin, kSecondNs / 2) : range;
}

void InvestigatePage::setSummary(const StoreSummary& summary)
{
    if (hold(summary)) return;
    const bool first = m_summary.generation == 0 && m_summary.events == 0;
    const bool moved = summary.generation != m_summary.generation;
    m_summary = summary;
    m_known = true;
    m_rangeBar->setLastEvent(summary.dense.end > summary.dense.begin ? std::optional(summary.dense.end)
                                                                     : std::nullopt);
    m_fields->setSummary(summary);
    if (m_changes != nullptr) m_changes->setStoreEvents(summary.events);
    if (summary.events == 0) m_timeline->chart()->clear();
    m_timeline->setWhole(summary.outside > 0 ? summary.dense : summary.whole, moved);
    showEmptyText();
    updateRangeLabel();
    if (!moved) return settleFilling();
    m_search->refreshNames();
    if (first) return showView();
    if (moveToNow()) {
        m_search->setRange(view().range);
        m_context->setMatches({m_filter, view().range});
        m_fields->moveTo({m_filter, view().range});
        updateRangeLabel();
    }
    m_place->stay(view().range);
    m_context->refresh();
    m_marks->refresh();
    m_withoutTime.reset();
    m_hints->look({m_filter, view().range}, view().range.unbounded() && m_summary.withoutTime > 0, true);
    m_charted.reset();
    m_timeline->grow(shownRange());
}

void InvestigatePage::setNothing(const QString& text)
{
    m_nothing = text;
    showEmptyText();
    updateRangeLabel();
}

void InvestigatePage::showEmptyText()
{
    const bool empty = m_known && m_summary.events == 0;
    m_list->setEmptyText(!m_countFailure.isEmpty() ? m_countFailure : empty ? m_nothing : QString());
    if (empty) m_timeline->chart()->setNote(m_nothing.section(QLatin1Char('\n'), 0, 0));
}

void InvestigatePage::setStale(bool stale)
{
    m_stale = stale;
    m_timeline->setStale(stale);
    m_list->setStale(stale);
    m_empty->setEnabled(!stale);
    sayCount();
}

void InvestigatePage::sayCount()
{
    const QString events = eventCount(static_cast<quint64>(m_count));
    const QString text = m_countExact ? events : tr("%1 so far…").arg(events);
    if (!m_countFailure.isEmpty())
        Q_EMIT countSaid(tr("Not counted: %1").arg(elidedMiddle(m_countFailure, kMostFailure)));
    else
        Q_EMIT countSaid(m_stale ? tr("%1 of the query before").arg(text) : text);
}

void InvestigatePage::submit(const QString& query)
{
    m_draft->count(nullptr, 0);
    const std::string text = query.toStdString();
    if (const auto filter = filterOf(text, m_clock->now()); !filter) {
        if (m_search->text() != query) m_search->setText(query);
        m_search->showError(query, filter.error());
        setStale(true);
        return;
    }
    InvestigationView next = view();
    next.query = text;
    apply(std::move(next), true);
}

void InvestigatePage::setChips(const std::vector<FilterChip>& chips, bool on)
{
    InvestigationView next = view();
    next.chips = chips;
    next.chipsOn = on;
    apply(std::move(next), true);
}

void InvestigatePage::show(InvestigationView next)
{
    apply(std::move(next), true);
}

void InvestigatePage::setRange(const TimeRange& range)
{
    if (range.end <= range.begin) return;
    apply(withRange(range), true);
}

void InvestigatePage::zoomTo(const TimeRange& range)
{
    InvestigationView next = withRange(range);
    // Further out there is nothing: that is all time.
    const TimeRange before = shownRange();
    const TimeRange& all = m_summary.outside > 0 ? m_summary.whole : m_summary.dense;
    const bool wider = range.begin <= before.begin && range.end >= before.end;
    next.whole = wider && range.begin <= all.begin && range.end >= all.end && m_summary.outside > 0;
    if (wider && range.begin <= all.begin && range.end >= all.end) next.range = TimeRange{};
    if (next == view()) return;
    const bool going = m_zooming;
    apply(std::move(next), !going);
    m_zooming = true;
}

void InvestigatePage::showTrace(const QString& trace)
{
    const FilterPtr term = equalsTerm(QStringLiteral("trace_id"), trace);
    InvestigationView next = view().pinned();
    next.query = printFilter(*term);
    m_spans.find(term, [this, next](const TimeRange& range) mutable {
        next.range = range;
        apply(std::move(next), true);
    });
}

void InvestigatePage::take(const Remedy& remedy)
{
    InvestigationView next;
    next.range = remedy.selection.range;
    if (remedy.selection.filter != nullptr) next.query = printFilter(*remedy.selection.filter);
    apply(std::move(next), true);
    m_list->setFocus();
}

void InvestigatePage::focusSearch()
{
    m_search->focusInput();
}

void InvestigatePage::showAllTime()
{
    InvestigationView next = withRange(TimeRange{});
    next.whole = m_summary.outside > 0;
    apply(std::move(next), true);
}

void InvestigatePage::apply(InvestigationView next, bool remember)
{
    if (const auto filter = filterOf(next, m_clock->now()); !filter) {
        // Only the text of a filter can be wrong here: it stays as it was.
        Error error = filter.error();
        error.place.reset(); // within the filter, not within the query
        error.hints.clear();
        m_search->showError({}, error);
        m_chips->setChips(view().chips, view().chipsOn);
        return;
    }
    if (remember)
        m_views.go(std::move(next));
    else
        m_views.replace(std::move(next));
    showView();
}

void InvestigatePage::showView()
{
    moveToNow();
    const auto filter = filterOf(view(), m_clock->now());
    m_filter = filter ? *filter : nullptr;
    m_draft->count(nullptr, 0);
    m_search->setText(query());
    m_search->setRange(view().range);
    m_chips->setChips(view().chips, view().chipsOn);
    m_spans.cancel();
    setStale(false);
    m_rangeBar->setCanGoBack(!m_views.past().empty());
    m_zooming = false;
    m_charted.reset();
    m_withoutTime.reset();
    m_rangeBar->showOutside(0, {});
    m_timeline->chart()->setNote({});
    m_empty->hide();
    updateRangeLabel();
    m_place->leave();
    if (m_selected) m_place->hold(*m_selected);
    m_list->clearCurrent();
    m_waitingRow = -1;
    m_afterRow = nullptr;
    m_arrivalsTicket.cancel();
    m_arrivals.reset();
    sayArrivals();
    m_model->setSelection({m_filter, view().range});
    m_context->setMatches(m_model->selection());
    m_place->restore();
    m_timeline->show(m_filter, shownRange());
    m_hints->look(m_model->selection(), view().range.unbounded() && m_summary.withoutTime > 0);
    m_fields->setSelection(m_model->selection());
    Q_EMIT sessionChanged();
}

void InvestigatePage::showTotals()
{
    const bool empty = m_listed == 0 && m_summary.events > 0;
    if (!empty) {
        m_empty->hide();
    } else if (m_empty->isHidden()) {
        m_empty->showEmpty(m_filter != nullptr);
        // With filters beside it the text alone is another question.
        m_hints->explainEmpty(view().active().empty() ? query() : QString());
    }
    if (m_summary.events == 0 || !view().range.unbounded() || !m_listed || !m_charted) return;
    // One of the two is of an earlier state of the store: their difference is of no events.
    if (m_place->staying()) return;
    // What the list has and the chart has not: events far away, and those without a time.
    const bool untimed = m_summary.withoutTime > 0;
    if (untimed && !m_withoutTime) return;
    const qint64 without = untimed ? *m_withoutTime : 0;
    const qint64 outside = *m_listed - *m_charted - without;
    m_timeline->chart()->setNote(
        without > 0
            ? tr("%1 without a time, shown in the list only").arg(eventCount(static_cast<quint64>(without)))
            : QString());
    // The store knows when they are; of a query only how many.
    m_rangeBar->showOutside(static_cast<quint64>(std::max<qint64>(outside, 0)),
                            m_filter == nullptr ? m_summary.outsideTimes : TimeRange{0, 0});
}

bool InvestigatePage::back()
{
    if (!m_views.back()) return false;
    showView();
    return true;
}

bool InvestigatePage::forward()
{
    if (!m_views.forward()) return false;
    showView();
    return true;
}

void InvestigatePage::updateRangeLabel()
{
    m_rangeBar->setCanShowAll(!view().range.unbounded() || (m_summary.outside > 0 && !view().whole));
    const TimeRange range = shownRange();
    if (range.end > range.begin)
        m_rangeBar->showRange(range, view().relative);
    else if (m_summary.events > 0)
        m_rangeBar->showText(tr("No event has a time"));
    else if (m_known)
        m_rangeBar->showText(m_nothing.section(QLatin1Char('\n'), 0, 0));
}

void InvestigatePage::addTerm(FilterPtr term, bool exclude)
{
    InvestigationView next = view();
    next.addChip(chipOf(term, exclude));
    if (!exclude && withTerm(m_filter, term) == nullptr) return; // said already
    apply(std::move(next), true);
}

void InvestigatePage::addFilter(const QString& field, const QString& value, bool exclude)
{
    addTerm(equalsTerm(field, value), exclude);
}

void InvestigatePage::addExists(const QString& field, bool absent)
{
    addTerm(existsTerm(field, false), absent);
}

void InvestigatePage::keyPressEvent(QKeyEvent* event)
{
    if (!m_keys.handle(*event)) QWidget::keyPressEvent(event);
}

} // namespace faultline
