#include "models/tables/event_list_model.h"

#include <algorithm>
#include <limits>

namespace faultline {

EventListModel::EventListModel(std::shared_ptr<QueryService> queries, QObject* parent)
    : EventRows(parent), m_queries(std::move(queries))
{}

EventListModel::~EventListModel() = default;

void EventListModel::setSelection(const Selection& selection)
{
    m_selection = selection;
    m_refreshing = false;
    m_locate.cancel();
    m_pages.clear();
    m_recent.clear();
    setTotal(0, false);
    askTotal();
    // The first rows need no count, and what is asked first comes first.
    page(0);
}

void EventListModel::refresh()
{
    m_refreshing = true;
    askTotal();
}

void EventListModel::setFields(std::vector<std::string> fields)
{
    beginResetModel();
    m_fields = std::move(fields);
    m_pages.clear();
    m_recent.clear();
    endResetModel();
}

void EventListModel::askTotal()
{
    CountQuestion question;
    question.selection = m_selection;
    m_count = m_queries->ask(
        {question},
        [this](const Result<std::vector<Answer>>& answers, const ScanProgress& progress) {
            if (!answers) {
                if (answers.error().kind == ErrorKind::Cancelled) return;
                Q_EMIT totalFailed(answers.error());
                Q_EMIT pageFailed(answers.error());
                return;
            }
            const auto count = std::get<CountAnswer>(answers->front()).count;
            // A partial count is a lower bound: it never takes rows away.
            if (!progress.exact && static_cast<qint64>(count) < m_rows) return;
            if (progress.exact && m_refreshing) markStale();
            if (progress.exact) m_refreshing = false;
            setTotal(static_cast<qint64>(count), progress.exact);
        },
        true);
}

void EventListModel::markStale()
{
    // After more events came, rows may have moved. What is shown stays until the page has been read again.
    for (auto& held : m_pages)
        if (held->state != LoadState::Loading) held->stale = true;
}

void EventListModel::setTotal(qint64 total, bool exact)
{
    const int rows = static_cast<int>(std::min<qint64>(total, std::numeric_limits<int>::max()));
    if (rows > m_rows) {
        beginInsertRows({}, m_rows, rows - 1);
        m_rows = rows;
        endInsertRows();
    } else if (rows < m_rows) {
        beginRemoveRows({}, rows, m_rows - 1);
        m_rows = rows;
        endRemoveRows();
    }
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
        if ((*held)->stale && !(*held)->ticket.pending()) read(number, **held);
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
    if (before != m_pages.constEnd() && !(*before)->stale && (*before)->rows.size() == kPageRows)
        question.after = (*before)->rows.back().key;
    else
        question.skip = static_cast<std::uint64_t>(number) * kPageRows;
    page.stale = false;
    auto* const self = const_cast<EventListModel*>(this);
    page.ticket =
        m_queries->ask({question}, [self, number](const Result<std::vector<Answer>>& answers,
                                                  const ScanProgress&) { self->accept(number, answers); });
}

void EventListModel::tellChanged(int number)
{
    const int first = number * kPageRows;
    const int last = std::min(first + kPageRows, m_rows) - 1;
    if (first <= last) Q_EMIT dataChanged(index(first, 0), index(last, columnCount() - 1));
}

void EventListModel::accept(int number, const Result<std::vector<Answer>>& answers)
{
    const auto held = m_pages.constFind(number);
    if (held == m_pages.constEnd()) return;
    Page& page = **held;
    if (answers) {
        page.rows = std::get<PageAnswer>(answers->front()).rows;
        page.state = LoadState::Ready;
        page.summaries.clear();
        askSummaries(number, page);
    } else {
        page.state = LoadState::Failed;
    }
    tellChanged(number);
    if (!answers) Q_EMIT pageFailed(answers.error());
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
    return at < held.summaries.size() ? held.summaries[at] : none;
}

const EventRow* EventListModel::event(int row) const
{
    if (row < 0 || row >= m_rows) return nullptr;
    const Page& held = page(row / kPageRows);
    const auto at = static_cast<std::size_t>(row % kPageRows);
    return held.state == LoadState::Ready && at < held.rows.size() ? &held.rows[at] : nullptr;
}

const EventRow* EventListModel::held(int row) const
{
    const auto held = m_pages.constFind(row / kPageRows);
    if (row < 0 || row >= m_rows || held == m_pages.constEnd()) return nullptr;
    const auto at = static_cast<std::size_t>(row % kPageRows);
    return (*held)->state == LoadState::Ready && at < (*held)->rows.size() ? &(*held)->rows[at] : nullptr;
}

EventListModel::LoadState EventListModel::loadState(int row) const
{
    if (row < 0 || row >= m_rows) return LoadState::Ready;
    return page(row / kPageRows).state;
}

void EventListModel::locate(const EventKey& key)
{
    CountQuestion before;
    before.selection = m_selection;
    before.before = key;
    PageQuestion itself;
    itself.selection = m_selection;
    itself.order = Order::Ascending;
    itself.after = key;
    itself.inclusive = true;
    itself.limit = 1;
    m_locate = m_queries->ask(
        {before, itself}, [this, key](const Result<std::vector<Answer>>& answers, const ScanProgress&) {
            if (!answers) return;
            const auto& rows = std::get<PageAnswer>(answers->back()).rows;
            Q_EMIT located(key, static_cast<qint64>(std::get<CountAnswer>(answers->front()).count),
                           !rows.empty() && rows.front().key == key);
        });
}

int EventListModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : m_rows;
}

} // namespace faultline
