#include "views/investigate/investigate_page.h"

#include "models/tables/event_list_model.h"
#include "views/investigate/detail_pane.h"
#include "views/investigate/empty_note.h"
#include "views/investigate/event_list_view.h"
#include "views/investigate/event_menu.h"
#include "views/investigate/histogram_view.h"
#include "views/investigate/place_keeper.h"
#include "views/investigate/query_hints.h"
#include "views/investigate/query_terms.h"
#include "views/investigate/range_bar.h"
#include "views/investigate/search_bar.h"
#include "views/render/counts.h"
#include "views/render/plain_text.h"
#include "views/render/time_axis.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QKeyEvent>
#include <QMenu>
#include <QSplitter>
#include <QVBoxLayout>

namespace faultline {
namespace {

constexpr std::size_t kMostSteps = 200;
/// Of an error in the status line; the list and the chart say all of it.
constexpr qsizetype kMostFailure = 110;

} // namespace

InvestigatePage::InvestigatePage(std::shared_ptr<QueryService> queries, std::shared_ptr<const Clock> clock,
                                 QWidget* parent)
    : QWidget(parent)
    , m_queries(std::move(queries))
    , m_clock(std::move(clock))
    , m_model(new EventListModel(m_queries, this))
    , m_hints(new QueryHints(m_queries, this))
    , m_search(new SearchBar(this))
    , m_rangeBar(new RangeBar(this))
    , m_histogram(new HistogramView(this))
    , m_list(new EventListView(this))
    , m_place(new PlaceKeeper(m_model, m_list, this))
    , m_empty(new EmptyNote(m_list->viewport(), m_list->fontMetrics().height() + 8))
    , m_detail(new DetailPane(this))
    , m_split(new QSplitter(Qt::Horizontal, this))
    , m_nothing(tr("No events yet"))
    , m_spans(m_queries)
{
    m_keys.add({Qt::Key_Slash}, tr("To the search"), [this] { focusSearch(); });
    m_keys.add({Qt::Key_Backspace}, tr("The view before"), [this] { back(); });
    makeLayout();
    connectParts();
    m_histogram->await({0, 0});
}

InvestigatePage::~InvestigatePage() = default;

void InvestigatePage::makeLayout()
{
    m_split->addWidget(m_list);
    m_split->addWidget(m_detail);
    m_split->setStretchFactor(0, 2);
    m_split->setStretchFactor(1, 1);
    m_split->setChildrenCollapsible(false);
    m_split->setSizes({900, 480});
    m_detail->setMinimumWidth(260);
    auto* const layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 8, 8, 0);
    layout->setSpacing(6);
    layout->addWidget(m_search);
    layout->addWidget(m_rangeBar);
    layout->addWidget(m_histogram);
    layout->addWidget(m_split, 1);
    setTabOrder(m_search, m_histogram);
    setTabOrder(m_histogram, m_list);
}

void InvestigatePage::connectParts()
{
    m_list->setModel(m_model);
    connect(m_search, &SearchBar::submitted, this, &InvestigatePage::submit);
    connect(m_search, &SearchBar::left, m_list, [this] { m_list->setFocus(); });
    connect(m_search, &SearchBar::edited, this, [this](const QString& text) {
        if (m_stale && text == m_view.query) setStale(false);
    });
    connect(m_rangeBar, &RangeBar::backRequested, this, [this] { back(); });
    connect(m_rangeBar, &RangeBar::allRequested, this, &InvestigatePage::showAllTime);
    connect(m_histogram, &HistogramView::rangeSelected, this, &InvestigatePage::setRange);
    connect(m_histogram, &HistogramView::zoomRequested, this, &InvestigatePage::zoomTo);
    connect(m_list, &EventListView::currentChanged, this, &InvestigatePage::showRow);
    connect(m_list, &EventListView::detailRequested, m_detail, &DetailPane::focusFields);
    connect(m_list, &EventListView::traceRequested, this, [this](int row) {
        const EventRow* const event = m_model->event(row);
        if (event == nullptr) return;
        if (event->traceId.empty())
            Q_EMIT noticed(tr("This event belongs to no trace"));
        else
            showTrace(QString::fromStdString(event->traceId));
    });
    connect(m_model, &QAbstractItemModel::dataChanged, this, [this] {
        // The current row was not there yet when it became current.
        if (m_waitingRow >= 0 && m_model->event(m_waitingRow) != nullptr) showRow(m_waitingRow);
    });
    connect(m_place, &PlaceKeeper::found, this, [this](const EventKey& key, bool there) {
        // Where it is not one of these, a later view may have it: then it is current again.
        if (!there) return clearDetail();
        m_histogram->setCursor(key.time);
        if (m_detailed != key) askDetail(key);
    });
    connect(m_list, &EventListView::focused, this, [this] {
        if (m_list->currentRow() < 0 && !m_place->waiting()) m_list->setCurrentRow(m_list->topRow());
    });
    connect(m_model, &EventListModel::totalChanged, this, [this](qint64 total, bool exact) {
        m_listed = exact ? std::optional(total) : std::nullopt;
        m_count = total;
        m_countExact = exact;
        m_countFailure.clear();
        showEmptyText();
        showTotals();
        sayCount();
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
    connect(m_empty, &EmptyNote::clearRequested, this, [this] { submit({}); });
    connect(m_list, &EventListView::contextMenuRequested, this, &InvestigatePage::showRowMenu);
    connect(m_list, &EventListView::copyRequested, this, &InvestigatePage::copyRow);
    connect(m_model, &EventListModel::pageFailed, this, &InvestigatePage::failed);
    connect(m_detail, &DetailPane::filterRequested, this, &InvestigatePage::addFilter);
    connect(m_detail, &DetailPane::existsRequested, this, &InvestigatePage::addExists);
    connect(m_detail, &DetailPane::columnToggled, this, &InvestigatePage::toggleColumn);
    connect(m_list, &EventListView::columnRemoved, this, &InvestigatePage::toggleColumn);
    connect(m_detail, &DetailPane::traceRequested, this, &InvestigatePage::showTrace);
    connect(m_detail, &DetailPane::left, m_list, [this] { m_list->setFocus(); });
}

void InvestigatePage::setTheme(const Theme& theme)
{
    m_search->setTheme(theme);
    m_histogram->setTheme(theme);
    m_list->setTheme(theme);
    m_detail->setTheme(theme);
}

TimeRange InvestigatePage::shownRange() const
{
    if (!m_view.range.unbounded()) return m_view.range;
    // A single event has no length that could be shown.
    TimeRange range = m_view.whole ? m_summary.whole : m_summary.dense;
    constexpr TimeNs kHalf = kSecondNs / 2;
    if (range.end > range.begin && range.end - range.begin < 1'000'000 && range.begin > kTimeMin + kHalf &&
        range.end < kTimeMax - kHalf)
        range = {range.begin - kHalf, range.end + kHalf};
    return range;
}

void InvestigatePage::setSummary(const StoreSummary& summary)
{
    const bool first = m_summary.generation == 0 && m_summary.events == 0;
    const bool moved = summary.generation != m_summary.generation;
    m_summary = summary;
    m_known = true;
    if (summary.events == 0) m_histogram->clear();
    showEmptyText();
    updateRangeLabel();
    if (!moved) return;
    if (first) {
        apply(m_view, false);
        return;
    }
    m_place->stay();
    m_model->refresh();
    m_withoutTime.reset();
    m_hints->look(m_model->selection(), m_view.range.unbounded() && m_summary.withoutTime > 0, true);
    askHistogram();
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
    if (empty) m_histogram->setNote(m_nothing.section(QLatin1Char('\n'), 0, 0));
}

void InvestigatePage::setStale(bool stale)
{
    m_stale = stale;
    m_histogram->setStale(stale);
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
    auto filter = parseFilter(query.toStdString(), m_clock->now());
    if (!filter) {
        if (m_search->text() != query) m_search->setText(query);
        m_search->showError(query, filter.error());
        setStale(true);
        return;
    }
    View view = m_view;
    view.query = query;
    view.filter = (*filter)->kind == Filter::Kind::All ? nullptr : *filter;
    apply(view, query != m_view.query);
}

void InvestigatePage::setRange(const TimeRange& range)
{
    View view = m_view;
    view.range = range;
    view.whole = false;
    apply(view, true);
}

void InvestigatePage::zoomTo(const TimeRange& range)
{
    View view = m_view;
    view.range = range;
    // Further out there is nothing: that is all time.
    const TimeRange before = shownRange();
    const TimeRange& all = m_summary.outside > 0 ? m_summary.whole : m_summary.dense;
    const bool wider = range.begin <= before.begin && range.end >= before.end;
    view.whole = wider && range.begin <= all.begin && range.end >= all.end && m_summary.outside > 0;
    if (wider && range.begin <= all.begin && range.end >= all.end) view.range = TimeRange{};
    if (view.range == m_view.range && view.whole == m_view.whole) return;
    const bool going = m_zooming;
    apply(view, !going);
    m_zooming = true;
}

void InvestigatePage::showTrace(const QString& trace)
{
    View view;
    view.filter = equalsTerm(QStringLiteral("trace_id"), trace);
    view.query = QString::fromStdString(printFilter(*view.filter));
    m_spans.find(view.filter, [this, view](const TimeRange& range) mutable {
        view.range = range;
        apply(view, true);
    });
}

void InvestigatePage::showAround(TimeNs time)
{
    constexpr TimeNs kHalf = 30 * kSecondNs;
    View view;
    view.range = {time > kTimeMin + kHalf ? time - kHalf : kTimeMin + 1,
                  time < kTimeMax - kHalf ? time + kHalf : kTimeMax};
    apply(view, true);
}

void InvestigatePage::take(const Remedy& remedy)
{
    View view;
    view.filter = remedy.selection.filter;
    view.range = remedy.selection.range;
    if (view.filter != nullptr) view.query = QString::fromStdString(printFilter(*view.filter));
    apply(view, true);
    m_list->setFocus();
}

void InvestigatePage::focusSearch()
{
    m_search->focusInput();
}

void InvestigatePage::showAllTime()
{
    View view = m_view;
    view.range = TimeRange{};
    view.whole = m_summary.outside > 0;
    apply(view, true);
}

void InvestigatePage::apply(View view, bool remember)
{
    if (remember) {
        m_back.push_back(m_view);
        if (m_back.size() > kMostSteps) m_back.erase(m_back.begin());
        m_forward.clear();
    }
    m_view = std::move(view);
    m_search->setText(m_view.query);
    m_spans.cancel();
    setStale(false);
    m_rangeBar->setCanGoBack(!m_back.empty());
    m_zooming = false;
    m_charted.reset();
    m_withoutTime.reset();
    m_rangeBar->showOutside(0, {});
    m_histogram->setNote({});
    m_empty->hide();
    updateRangeLabel();
    if (m_selected) m_place->hold(*m_selected);
    m_list->clearCurrent();
    m_waitingRow = -1;
    m_model->setSelection({m_view.filter, m_view.range});
    m_place->restore();
    m_histogram->await(shownRange());
    askHistogram();
    m_hints->look(m_model->selection(), m_view.range.unbounded() && m_summary.withoutTime > 0);
}

void InvestigatePage::showTotals()
{
    const bool empty = m_listed == 0 && m_summary.events > 0;
    if (!empty) {
        m_empty->hide();
    } else if (m_empty->isHidden()) {
        m_empty->showEmpty(m_view.filter != nullptr);
        m_hints->explainEmpty(m_view.query);
    }
    if (m_summary.events == 0 || !m_view.range.unbounded() || !m_listed || !m_charted) return;
    // What the list has and the chart has not: events far away, and those without a time.
    const bool untimed = m_summary.withoutTime > 0;
    if (untimed && !m_withoutTime) return;
    const qint64 without = untimed ? *m_withoutTime : 0;
    const qint64 outside = *m_listed - *m_charted - without;
    m_histogram->setNote(
        without > 0
            ? tr("%1 without a time, shown in the list only").arg(eventCount(static_cast<quint64>(without)))
            : QString());
    // The store knows when they are; of a query only how many.
    m_rangeBar->showOutside(static_cast<quint64>(std::max<qint64>(outside, 0)),
                            m_view.filter == nullptr ? m_summary.outsideTimes : TimeRange{0, 0});
}

bool InvestigatePage::back()
{
    if (m_back.empty()) return false;
    View view = m_back.back();
    m_back.pop_back();
    m_forward.push_back(m_view);
    apply(std::move(view), false);
    return true;
}

bool InvestigatePage::forward()
{
    if (m_forward.empty()) return false;
    View view = m_forward.back();
    m_forward.pop_back();
    m_back.push_back(m_view);
    apply(std::move(view), false);
    return true;
}

void InvestigatePage::updateRangeLabel()
{
    m_rangeBar->setCanShowAll(!m_view.range.unbounded() || (m_summary.outside > 0 && !m_view.whole));
    const TimeRange range = shownRange();
    if (range.end > range.begin)
        m_rangeBar->showRange(range);
    else if (m_summary.events > 0)
        m_rangeBar->showText(tr("No event has a time"));
    else if (m_known)
        m_rangeBar->showText(m_nothing.section(QLatin1Char('\n'), 0, 0));
}

void InvestigatePage::askHistogram()
{
    const TimeRange range = shownRange();
    m_charted.reset();
    if (range.end <= range.begin) {
        m_histogramTicket.cancel();
        m_histogram->clear();
        showEmptyText();
        m_charted = 0;
        showTotals();
        return;
    }
    const double span = static_cast<double>(range.end) - static_cast<double>(range.begin);
    const TimeNs step = span < 9e18 ? roundStep(range.end - range.begin, m_histogram->wantedBuckets())
                                    : roundStep(kTimeMax, m_histogram->wantedBuckets() / 2);
    HistogramQuestion question;
    question.selection = {m_view.filter, range};
    const TimeNs rest = range.begin % step;
    question.origin =
        range.begin - (rest < 0 && range.begin > kTimeMin + step ? rest + step : std::max<TimeNs>(rest, 0));
    question.step = step;
    question.by = {"severity"};
    m_histogramTicket = m_queries->ask(
        {question},
        [this, origin = question.origin, step, range](const Result<std::vector<Answer>>& answers,
                                                      const ScanProgress& progress) {
            if (!answers) {
                if (answers.error().kind == ErrorKind::Cancelled) return;
                m_histogram->fail(oneLine(answers.error().line()));
                Q_EMIT failed(answers.error());
                return;
            }
            const auto& answer = std::get<HistogramAnswer>(answers->front());
            m_histogram->setAnswer(answer, origin, step, range, progress.exact);
            if (!progress.exact) return;
            m_charted = static_cast<qint64>(answer.total);
            showTotals();
        },
        true);
}

void InvestigatePage::showRow(int row)
{
    const EventRow* const event = m_model->event(row);
    m_waitingRow = event == nullptr ? row : -1;
    if (event == nullptr) return clearDetail();
    m_place->forget(); // a step of the user's own
    m_selected = event->key;
    m_histogram->setCursor(event->key.time);
    askDetail(event->key);
}

void InvestigatePage::clearDetail()
{
    m_detailed.reset();
    m_detailTicket.cancel();
    m_detail->clear();
    m_histogram->setCursor(std::nullopt);
}

void InvestigatePage::askDetail(const EventKey& key)
{
    m_detailed = key;
    PageQuestion question;
    question.order = Order::Ascending;
    question.after = key;
    question.inclusive = true;
    question.limit = 1;
    question.withDocument = question.withFields = true;
    m_detailTicket =
        m_queries->ask({question}, [this](const Result<std::vector<Answer>>& answers, const ScanProgress&) {
            if (!answers) {
                m_detailed.reset();
                m_detail->showMessage(QString::fromStdString(answers.error().line()));
                return;
            }
            const auto& rows = std::get<PageAnswer>(answers->front()).rows;
            if (!rows.empty()) m_detail->setEvent(rows.front());
        });
}

void InvestigatePage::copyRow(int row)
{
    const EventRow* const event = m_model->event(row);
    if (event == nullptr) return;
    PageQuestion question;
    question.order = Order::Ascending;
    question.after = event->key;
    question.inclusive = true;
    question.limit = 1;
    question.withDocument = true;
    m_copyTicket =
        m_queries->ask({question}, [](const Result<std::vector<Answer>>& answers, const ScanProgress&) {
            if (!answers || std::get<PageAnswer>(answers->front()).rows.empty()) return;
            const std::string& bytes = std::get<PageAnswer>(answers->front()).rows.front().document;
            QGuiApplication::clipboard()->setText(
                QString::fromUtf8(bytes.data(), static_cast<qsizetype>(bytes.size())));
        });
}

void InvestigatePage::addTerm(FilterPtr term)
{
    const FilterPtr both = withTerm(m_view.filter, std::move(term));
    if (both != nullptr) submit(QString::fromStdString(printFilter(*both)));
}

void InvestigatePage::addFilter(const QString& field, const QString& value, bool exclude)
{
    addTerm(equalsTerm(field, value, exclude));
}

void InvestigatePage::addExists(const QString& field, bool absent)
{
    addTerm(existsTerm(field, absent));
}

void InvestigatePage::toggleColumn(const QString& field)
{
    auto fields = m_model->fields();
    if (std::erase(fields, field.toStdString()) == 0) fields.push_back(field.toStdString());
    m_detail->setColumns(fields);
    m_model->setFields(std::move(fields));
}

void InvestigatePage::showRowMenu(int row, int column, const QPoint& globalPosition)
{
    const EventRow* const event = m_model->event(row);
    if (event == nullptr) return;
    EventMenuActions actions;
    actions.filter = [this](const QString& field, const QString& value, bool exclude) {
        addFilter(field, value, exclude);
    };
    actions.showTrace = [this](const QString& trace) { showTrace(trace); };
    actions.around = [this](TimeNs time) { showAround(time); };
    actions.removeColumn = [this](const QString& shown) { toggleColumn(shown); };
    actions.copy = [this, row] { copyRow(row); };
    makeEventMenu(*event, column, m_model->fields(), actions, this)->popup(globalPosition);
}

void InvestigatePage::keyPressEvent(QKeyEvent* event)
{
    if (!m_keys.handle(*event)) QWidget::keyPressEvent(event);
}

} // namespace faultline
