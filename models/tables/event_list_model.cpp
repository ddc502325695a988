#include "models/tables/event_list_model.h"

#include <algorithm>
#include <limits>

namespace faultline {
namespace {

/// How many events of a selection are before one, and whether it is there.
std::pair<CountQuestion, PageQuestion> placeQuestions(const Selection& selection, const EventKey& key)
{
    CountQuestion before;
    before.selection = selection;
    before.before = key;
    PageQuestion itself;
    itself.selection = selection;
    itself.order = Order::Ascending;
    itself.after = key;
    itself.inclusive = true;
    itself.limit = 1;
    return {std::move(before), std::move(itself)};
}

} // namespace

EventListModel::EventListModel(std::shared_ptr<QueryService> queries, QObject* parent)
    : EventRows(parent), m_queries(std::move(queries))
{}

EventListModel::~EventListModel() = default;

void EventListModel::setSelection(const Selection& selection)
{
    m_selection = selection;
    m_locate.cancel();
    forgetPages();
    setTotal(0, false);
    askTotal();
    // The first rows need no count, and what is asked first comes first.
    page(0);
}

template <class Change> void EventListModel::setRows(int rows, int from, Change change)
{
    if (rows > m_rows) {
        beginInsertRows({}, from, from + rows - m_rows - 1);
        m_rows = rows;
        change();
        endInsertRows();
    } else if (rows < m_rows) {
        beginRemoveRows({}, from, from + m_rows - rows - 1);
        m_rows = rows;
        change();
        endRemoveRows();
    } else {
        change();
    }
}

void EventListModel::forgetPages()
{
    m_pages.clear();
    m_recent.clear();
    m_earlier.clear();
}

void EventListModel::refresh(const TimeRange& range, std::vector<Place> places)
{
    CountQuestion total;
    total.selection = {m_selection.filter, range};
    std::vector<Question> questions{total};
    for (const Place& place : places) {
        auto [before, itself] = placeQuestions(total.selection, place.key);
        questions.emplace_back(std::move(before));
        questions.emplace_back(std::move(itself));
    }
    m_refreshing = true;
    m_count = m_queries->ask(std::move(questions),
                             [this, range, places = std::move(places)](
                                 const Result<std::vector<Answer>>& answers, const ScanProgress&) {
                                 m_refreshing = false;
                                 if (answers) return takeRefreshed(range, places, *answers);
                                 failTotal(answers.error());
                             });
}

bool EventListModel::cancelRefresh()
{
    if (!m_refreshing || !m_count.pending()) return false;
    m_count.cancel();
    m_refreshing = false;
    return true;
}

void EventListModel::takeRefreshed(const TimeRange& range, std::vector<Place> places,
                                   const std::vector<Answer>& answers)
{
    qint64 moved = 0;
    for (std::size_t i = 0; i < places.size(); ++i) {
        Place& place = places[i];
        const auto before = static_cast<qint64>(std::get<CountAnswer>(answers[2 * i + 1]).count);
        const auto& rows = std::get<PageAnswer>(answers[2 * i + 2]).rows;
        if (i == 0) moved = before - place.row;
        place.row = before;
        place.there = !rows.empty() && rows.front().key == place.key;
    }
    Q_EMIT aboutToRefresh();
    m_selection.range = range;
    // What went before the first place, and what came there, is not at the end.
    const qint64 rows = std::clamp<qint64>(m_rows + moved, 0, std::numeric_limits<int>::max());
    moved = rows - m_rows;
    setRows(static_cast<int>(rows), 0, [this, moved] { supersede(moved); });
    setTotal(static_cast<qint64>(std::get<CountAnswer>(answers.front()).count), true);
    Q_EMIT refreshed(places);
}

void EventListModel::supersede(qint64 moved)
{
    for (Earlier& each : m_earlier) each.first += moved;
    std::vector<Earlier> now;
    for (const int number : m_recent) {
        std::shared_ptr<Page> page = m_pages.value(number);
        page->ticket.cancel();
        page->summaryTicket.cancel();
        if (page->state == LoadState::Ready)
            now.push_back({qint64{number} * kPageRows + moved, std::move(page)});
    }
    m_earlier.insert(m_earlier.begin(), std::make_move_iterator(now.begin()),
                     std::make_move_iterator(now.end()));
    if (m_earlier.size() > kWindowPages) m_earlier.resize(kWindowPages);
    m_pages.clear();
    m_recent.clear();
}

const EventRow* EventListModel::earlier(int row, const QString** summary) const
{
    for (const Earlier& each : m_earlier) {
        if (row < each.first || row - each.first >= static_cast<qint64>(each.page->rows.size())) continue;
        const auto at = static_cast<std::size_t>(row - each.first);
        if (summary != nullptr && at < each.page->summaries.size()) *summary = &each.page->summaries[at];
        return &each.page->rows[at];
    }
    return nullptr;
}

void EventListModel::setFields(std::vector<std::string> fields)
{
    beginResetModel();
    m_fields = std::move(fields);
    forgetPages();
    endResetModel();
}

void EventListModel::askTotal()
{
    CountQuestion question;
    question.selection = m_selection;
    m_refreshing = false;
    m_count = m_queries->ask(
        {question},
        [this](const Result<std::vector<Answer>>& answers, const ScanProgress& progress) {
            if (!answers) return failTotal(answers.error());
            const auto count = std::get<CountAnswer>(answers->front()).count;
            // A partial count is a lower bound: it never takes rows away.
            if (!progress.exact && static_cast<qint64>(count) < m_rows) return;
            setTotal(static_cast<qint64>(count), progress.exact);
        },
        true);
}

void EventListModel::failTotal(const Error& error)
{
    if (error.kind == ErrorKind::Cancelled) return;
    Q_EMIT totalFailed(error);
    Q_EMIT pageFailed(error);
}

void EventListModel::setTotal(qint64 total, bool exact)
{
    const int rows = static_cast<int>(std::min<qint64>(total, std::numeric_limits<int>::max()));
    setRows(rows, std::min(rows, m_rows), [] {});
    if (m_rows > 0) Q_EMIT dataChanged(index(0, 0), index(m_rows - 1, columnCount() - 1));
    Q_EMIT stateChanged();
    Q_EMIT totalChanged(total, exact);
}

const EventListModel::Page& EventListModel::page(int number) const
{
    if (const auto held = m_pages.constFind(number); held != m_pages.constEnd()) {
        if (m_recent.front() != number) {
            m_recent.remove(number);
            m_recent.push_front(number);
        }
        return **held;
    }
    while (m_pages.size() >= kWindowPages) {
        m_pages.remove(m_recent.back());
        m_recent.pop_back();
    }
    auto fresh = std::make_shared<Page>();
    read(number, *fresh);
    m_recent.push_front(number);
    return **m_pages.insert(number, std::move(fresh));
}

void EventListModel::read(int number, Page& page) const
{
    PageQuestion question;
    question.selection = m_selection;
    question.order = Order::Ascending;
    question.limit = kPageRows;
    question.fields = m_fields;
    const auto before = m_pages.constFind(number - 1);
    if (before != m_pages.constEnd() && (*before)->rows.size() == kPageRows)
        question.after = (*before)->rows.back().key;
    else
        question.skip = static_cast<std::uint64_t>(number) * kPageRows;
    auto* const self = const_cast<EventListModel*>(this);
    page.ticket = m_queries->ask(
        {question},
        [self, number](const Result<std::vector<Answer>>& answers, const ScanProgress& progress) {
            if (answers && !progress.exact)
                self->acceptFirst(number, std::get<PageAnswer>(answers->front()).rows);
            else
                self->accept(number, answers);
        },
        true);
}

void EventListModel::tellChanged(int number)
{
    const int first = number * kPageRows;
    const int last = std::min(first + kPageRows, m_rows) - 1;
    if (first <= last) Q_EMIT dataChanged(index(first, 0), index(last, columnCount() - 1));
}

void EventListModel::acceptFirst(int number, const std::vector<EventRow>& rows)
{
    const auto held = m_pages.constFind(number);
    if (held == m_pages.constEnd() || rows.size() <= (*held)->rows.size()) return;
    (*held)->rows = rows;
    // The count that goes on knows of other events, and may know of fewer.
    const qint64 known = qint64{number} * kPageRows + static_cast<qint64>(rows.size());
    if (counting() && !m_refreshing && known > m_rows)
        setTotal(known, false);
    else
        tellChanged(number);
}

void EventListModel::accept(int number, const Result<std::vector<Answer>>& answers)
{
    const auto held = m_pages.constFind(number);
    if (held == m_pages.constEnd()) return;
    Page& page = **held;
    if (answers) {
        page.rows = std::get<PageAnswer>(answers->front()).rows;
        page.state = LoadState::Ready;
        keepSummaries(number, page);
        askSummaries(number, page);
    } else {
        page.state = LoadState::Failed;
    }
    tellChanged(number);
    if (!answers) Q_EMIT pageFailed(answers.error());
}

bool EventListModel::reading() const
{
    return std::any_of(m_pages.begin(), m_pages.end(),
                       [](const std::shared_ptr<Page>& each) { return each->ticket.pending(); });
}

void EventListModel::keepSummaries(int number, Page& page) const
{
    // What was known of them is shown until they have been asked for again.
    for (std::size_t i = 0; i < page.rows.size(); ++i) {
        if (!page.rows[i].message.empty()) continue;
        const QString* summary = nullptr;
        const EventRow* const before = earlier(number * kPageRows + static_cast<int>(i), &summary);
        if (before == nullptr || summary == nullptr || before->key != page.rows[i].key) continue;
        page.summaries.resize(page.rows.size());
        page.summaries[i] = *summary;
    }
}

void EventListModel::askSummaries(int number, Page& page)
{
    page.summaryTicket.cancel();
    const auto silent = [](const EventRow& row) { return row.message.empty(); };
    const auto first = std::find_if(page.rows.begin(), page.rows.end(), silent);
    if (first == page.rows.end()) return;
    // All fields cost more than a page: only where a row would be empty, and after the page is shown.
    PageQuestion question;
    question.selection = m_selection;
    question.order = Order::Ascending;
    question.after = first->key;
    question.inclusive = true;
    question.limit = static_cast<std::uint64_t>(page.rows.end() - first);
    question.withFields = true;
    page.summaryTicket = m_queries->ask(
        {question}, [this, number](const Result<std::vector<Answer>>& answers, const ScanProgress&) {
            const auto held = m_pages.constFind(number);
            if (held == m_pages.constEnd() || !answers) return; // the rows are there, without a summary
            Page& shown = **held;
            shown.summaries.assign(shown.rows.size(), {});
            const auto byKey = [](const EventRow& row, const EventKey& key) { return row.key < key; };
            for (const EventRow& full : std::get<PageAnswer>(answers->front()).rows) {
                if (!full.message.empty()) continue;
                const auto at = std::lower_bound(shown.rows.begin(), shown.rows.end(), full.key, byKey);
                if (at != shown.rows.end() && at->key == full.key)
                    shown.summaries[static_cast<std::size_t>(at - shown.rows.begin())] = fieldSummary(full);
            }
            tellChanged(number);
        });
}

const QString& EventListModel::summary(int row) const
{
    static const QString none;
    if (row < 0 || row >= m_rows) return none;
    const Page& held = page(row / kPageRows);
    const auto at = static_cast<std::size_t>(row % kPageRows);
    const QString* before = &none;
    if (held.state == LoadState::Loading) (void)earlier(row, &before);
    return at < held.summaries.size() ? held.summaries[at] : *before;
}

const EventRow* EventListModel::event(int row) const
{
    if (row < 0 || row >= m_rows) return nullptr;
    return shown(page(row / kPageRows), row);
}

const EventRow* EventListModel::shown(const Page& page, int row) const
{
    const auto at = static_cast<std::size_t>(row % kPageRows);
    if (page.state != LoadState::Failed && at < page.rows.size()) return &page.rows[at];
    return page.state == LoadState::Loading ? earlier(row) : nullptr;
}

const EventRow* EventListModel::held(int row) const
{
    if (row < 0 || row >= m_rows) return nullptr;
    const auto held = m_pages.constFind(row / kPageRows);
    return held == m_pages.constEnd() ? earlier(row) : shown(**held, row);
}

EventListModel::LoadState EventListModel::loadState(int row) const
{
    if (row < 0 || row >= m_rows) return LoadState::Ready;
    const Page& held = page(row / kPageRows);
    return held.state == LoadState::Loading && shown(held, row) != nullptr ? LoadState::Ready : held.state;
}

void EventListModel::locate(const EventKey& key)
{
    auto [before, itself] = placeQuestions(m_selection, key);
    m_locate = m_queries->ask({std::move(before), std::move(itself)},
                              [this, key](const Result<std::vector<Answer>>& answers, const ScanProgress&) {
                                  if (!answers) return;
                                  const auto& rows = std::get<PageAnswer>(answers->back()).rows;
                                  Q_EMIT located(
                                      key, static_cast<qint64>(std::get<CountAnswer>(answers->front()).count),
                                      !rows.empty() && rows.front().key == key);
                              });
}

int EventListModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : m_rows;
}

} // namespace faultline
