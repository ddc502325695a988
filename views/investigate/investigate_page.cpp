#include "views/investigate/investigate_page.h"

#include "models/tables/event_list_model.h"
#include "views/investigate/detail_pane.h"
#include "views/investigate/empty_note.h"
#include "views/investigate/event_list_view.h"
#include "views/investigate/event_menu.h"
#include "views/investigate/histogram_view.h"
#include "views/investigate/place_keeper.h"
#include "views/investigate/query_hints.h"
#include "views/investigate/search_bar.h"
#include "views/render/time_axis.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLocale>
#include <QMenu>
#include <QPushButton>
#include <QSplitter>
#include <QVBoxLayout>

namespace faultline {
namespace {

constexpr std::size_t kMostSteps = 200;

FilterPtr leaf(Filter::Kind kind, const QString& field, const QString& value)
{
    auto filter = std::make_shared<Filter>();
    filter->kind = kind;
    filter->field = field.toStdString();
    filter->text = value.toStdString();
    return filter;
}

} // namespace

InvestigatePage::InvestigatePage(std::shared_ptr<QueryService> queries, std::shared_ptr<const Clock> clock,
                                 QWidget* parent)
    : QWidget(parent)
    , m_queries(std::move(queries))
    , m_clock(std::move(clock))
    , m_model(new EventListModel(m_queries, this))
    , m_hints(new QueryHints(m_queries, this))
    , m_search(new SearchBar(this))
    , m_rangeLabel(new QLabel(this))
    , m_backButton(new QPushButton(tr("Back"), this))
    , m_allButton(new QPushButton(tr("All time"), this))
    , m_outside(new QPushButton(this))
    , m_histogram(new HistogramView(this))
    , m_list(new EventListView(this))
    , m_place(new PlaceKeeper(m_model, m_list, this))
    , m_empty(new EmptyNote(m_list->viewport(), m_list->fontMetrics().height() + 8))
    , m_detail(new DetailPane(this))
    , m_split(new QSplitter(Qt::Horizontal, this))
{
    m_keys.add({Qt::Key_Slash}, tr("To the search"), [this] { focusSearch(); });
    m_keys.add({Qt::Key_Backspace}, tr("The view before"), [this] { back(); });
    makeLayout();
    connectParts();
    updateRangeLabel();
}

InvestigatePage::~InvestigatePage() = default;

void InvestigatePage::makeLayout()
{
    m_rangeLabel->setObjectName(QStringLiteral("rangeLabel"));
    m_rangeLabel->setTextFormat(Qt::PlainText);
    m_backButton->setObjectName(QStringLiteral("backButton"));
    m_backButton->setToolTip(tr("The view before (Backspace)"));
    m_allButton->setObjectName(QStringLiteral("allButton"));
    m_outside->setObjectName(QStringLiteral("outsideChip"));
    m_outside->setFlat(true);
    m_outside->hide();
    for (QPushButton* const button : {m_backButton, m_allButton, m_outside})
        button->setFocusPolicy(Qt::TabFocus);
    for (QPushButton* const button : {m_backButton, m_allButton}) button->setEnabled(false);

    auto* const rangeRow = new QHBoxLayout;
    rangeRow->setContentsMargins(0, 0, 0, 0);
    rangeRow->addWidget(m_backButton);
    rangeRow->addWidget(m_allButton);
    rangeRow->addWidget(m_rangeLabel, 1);
    rangeRow->addWidget(m_outside);
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
    layout->addLayout(rangeRow);
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
    connect(m_backButton, &QPushButton::clicked, this, [this] { back(); });
    connect(m_allButton, &QPushButton::clicked, this, &InvestigatePage::showAllTime);
    connect(m_outside, &QPushButton::clicked, this, [this] { setRange(m_summary.whole); });
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
        showTotals();
        Q_EMIT countChanged(total, exact);
    });
    connect(m_hints, &QueryHints::unknownFound, m_search, &SearchBar::showHint);
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
    connect(m_detail, &DetailPane::columnRequested, this, [this](const QString& field) {
        auto fields = m_model->fields();
        if (std::find(fields.begin(), fields.end(), field.toStdString()) != fields.end()) return;
        fields.push_back(field.toStdString());
        m_model->setFields(std::move(fields));
    });
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
    TimeRange range = m_summary.dense;
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
    const QString nothing = summary.events == 0 ? tr("No events yet") : QString();
    m_list->setEmptyText(nothing);
    if (summary.events == 0) m_histogram->setNote(nothing);
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

void InvestigatePage::submit(const QString& query)
{
    auto filter = parseFilter(query.toStdString(), m_clock->now());
    if (!filter) {
        if (m_search->text() != query) m_search->setText(query);
        m_search->showError(query, filter.error());
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
    apply(view, true);
}

void InvestigatePage::zoomTo(const TimeRange& range)
{
    View view = m_view;
    view.range = range;
    // Further out there is nothing: that is all time.
    const TimeRange before = shownRange();
    const bool wider = range.begin <= before.begin && range.end >= before.end;
    if (wider && range.begin <= m_summary.dense.begin && range.end >= m_summary.dense.end)
        view.range = TimeRange{};
    if (view.range == m_view.range) return;
    const bool going = m_zooming;
    apply(view, !going);
    m_zooming = true;
}

void InvestigatePage::showTrace(const QString& trace)
{
    View view;
    view.filter = leaf(Filter::Kind::Equals, QStringLiteral("trace_id"), trace);
    view.query = QString::fromStdString(printFilter(*view.filter));
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
    setRange(TimeRange{});
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
    m_backButton->setEnabled(!m_back.empty());
    m_allButton->setEnabled(!m_view.range.unbounded());
    m_zooming = false;
    m_charted.reset();
    m_withoutTime.reset();
    m_outside->hide();
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
        without > 0 ? tr("%1 events without a time, shown in the list only").arg(QLocale().toString(without))
                    : QString());
    m_outside->setVisible(outside > 0);
    m_outside->setText(tr("%1 events outside this time").arg(QLocale().toString(outside)));
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
    const TimeRange range = shownRange();
    if (range.end <= range.begin) {
        m_rangeLabel->setText(tr("No events yet"));
        return;
    }
    const double span = static_cast<double>(range.end) - static_cast<double>(range.begin);
    const QString length = span < 9e18 ? formatSpan(range.end - range.begin) : tr("everything");
    m_rangeLabel->setText(tr("%1 to %2 UTC (%3)")
                              .arg(formatTimeForPeople(range.begin, span < 1e10 ? 3 : 0),
                                   formatTimeForPeople(range.end, span < 1e10 ? 3 : 0), length));
}

void InvestigatePage::askHistogram()
{
    const TimeRange range = shownRange();
    m_charted.reset();
    if (range.end <= range.begin) {
        m_histogramTicket.cancel();
        m_histogram->clear();
        if (m_summary.events == 0) m_histogram->setNote(tr("No events yet"));
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
                if (answers.error().kind != ErrorKind::Cancelled) Q_EMIT failed(answers.error());
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
    auto both = std::make_shared<Filter>();
    if (m_view.filter == nullptr) {
        *both = *term;
    } else {
        both->kind = Filter::Kind::And;
        if (m_view.filter->kind == Filter::Kind::And)
            both->children = m_view.filter->children;
        else
            both->children = {m_view.filter};
        for (const FilterPtr& child : both->children)
            if (*child == *term) return; // said already
        both->children.push_back(std::move(term));
    }
    submit(QString::fromStdString(printFilter(*both)));
}

void InvestigatePage::addFilter(const QString& field, const QString& value, bool exclude)
{
    FilterPtr term = leaf(Filter::Kind::Equals, field, value);
    if (exclude) {
        auto negated = std::make_shared<Filter>();
        negated->kind = Filter::Kind::Not;
        negated->children = {std::move(term)};
        term = std::move(negated);
    }
    addTerm(std::move(term));
}

void InvestigatePage::addExists(const QString& field, bool absent)
{
    FilterPtr term = leaf(Filter::Kind::Exists, field, {});
    if (absent) {
        auto negated = std::make_shared<Filter>();
        negated->kind = Filter::Kind::Not;
        negated->children = {std::move(term)};
        term = std::move(negated);
    }
    addTerm(std::move(term));
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
    actions.around = [this](TimeNs time) {
        if (time > kTimeMin + 30 * kSecondNs && time < kTimeMax - 30 * kSecondNs)
            setRange({time - 30 * kSecondNs, time + 30 * kSecondNs});
    };
    actions.copy = [this, row] { copyRow(row); };
    makeEventMenu(*event, column, m_model->fields(), actions, this)->popup(globalPosition);
}

void InvestigatePage::keyPressEvent(QKeyEvent* event)
{
    if (!m_keys.handle(*event)) QWidget::keyPressEvent(event);
}

} // namespace faultline
