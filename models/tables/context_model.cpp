#include "models/tables/context_model.h"

#include "models/query/filter_build.h"

#include <QTimer>

#include <algorithm>
#include <limits>

namespace faultline {
namespace {

/// So near to an end of what is held the rows behind it are read.
constexpr int kEdge = 64;
/// Between two refreshes: who paints meanwhile asks for the rows behind an end.
constexpr int kPaintMs = 40;

/// Events without a time of their own take part only where the range has no ends, see Selection.
bool inRange(const EventRow& event, const TimeRange& range)
{
    if (range.unbounded()) return true;
    return (event.flags & FlagTimeMissing) == 0 && event.key.time >= range.begin &&
           event.key.time < range.end;
}

bool sameFilter(const FilterPtr& a, const FilterPtr& b)
{
    return a == b || (a != nullptr && b != nullptr && *a == *b);
}

FilterPtr both(const FilterPtr& a, const FilterPtr& b)
{
    if (a == nullptr) return b;
    return b == nullptr ? a : filters::allOf({a, b});
}

/// A source that is read otherwise has the same events with other fields.
bool looksLike(const EventRow& a, const EventRow& b)
{
    return a.key == b.key && a.severity == b.severity && a.flags == b.flags && a.message == b.message &&
           a.service == b.service && a.columns == b.columns;
}

const PageAnswer& pageOf(const Answer& answer)
{
    return std::get<PageAnswer>(answer);
}

} // namespace

ContextModel::ContextModel(std::shared_ptr<QueryService> queries, QObject* parent)
    : EventRows(parent), m_queries(std::move(queries)), m_later(new QTimer(this))
{
    m_later->setSingleShot(true);
    m_later->setInterval(kPaintMs);
    connect(m_later, &QTimer::timeout, this, [this] {
        if (!m_next) return;
        if (busy()) return m_later->start();
        m_next = false;
        readAgain(false);
    });
}

ContextModel::~ContextModel() = default;

void ContextModel::show(const EventKey& key, const FilterPtr& scope)
{
    if (sameFilter(scope, m_scope) && !m_stale) {
        if (const int row = rowOf(key); row >= 0) {
            m_around.cancel();
            m_wanted.reset();
            Q_EMIT stateChanged();
            Q_EMIT shown(key, row, true);
            return;
        }
    } else {
        m_stale = !m_rows.empty();
    }
    m_scope = scope;
    askAround(key, false);
}

void ContextModel::clear()
{
    m_around.cancel();
    m_before.cancel();
    m_after.cancel();
    m_again.cancel();
    m_details.clear();
    m_marking.clear();
    m_wanted.reset();
    m_next = m_failing = false;
    m_stale = false;
    m_atBegin = m_atEnd = true;
    beginResetModel();
    m_rows.clear();
    endResetModel();
    Q_EMIT stateChanged();
}

PageQuestion ContextModel::question(Order order, const EventKey& after, bool inclusive,
                                    std::uint64_t limit) const
{
    PageQuestion question;
    question.selection.filter = m_scope;
    question.order = order;
    question.after = after;
    question.inclusive = inclusive;
    question.limit = limit;
    question.fields = m_fields;
    return question;
}

void ContextModel::askAround(const EventKey& key, bool seeking)
{
    m_wanted = key;
    m_seeking = seeking;
    m_before.cancel();
    m_after.cancel();
    m_again.cancel();
    m_around =
        m_queries->ask({question(Order::Descending, key, false, kPageRows),
                        question(Order::Ascending, key, true, kPageRows)},
                       [this, key, seeking](const Result<std::vector<Answer>>& answers, const ScanProgress&) {
                           if (answers) return acceptAround(key, seeking, *answers);
                           if (answers.error().kind == ErrorKind::Cancelled) return;
                           fail(answers.error());
                           Q_EMIT stateChanged();
                       });
    Q_EMIT stateChanged();
}

void ContextModel::acceptAround(const EventKey& key, bool seeking, const std::vector<Answer>& answers)
{
    const PageAnswer &before = pageOf(answers.front()), &after = pageOf(answers.back());
    m_failing = false;
    m_wanted.reset();
    m_stale = false;
    m_details.clear();
    m_marking.clear();
    m_changing = true;
    beginResetModel();
    m_rows.clear();
    for (auto row = before.rows.rbegin(); row != before.rows.rend(); ++row) m_rows.push_back({*row, {}});
    for (const EventRow& row : after.rows) m_rows.push_back({row, {}});
    m_atBegin = !before.more;
    m_atEnd = !after.more;
    m_changing = false;
    endResetModel();
    look(0, m_rows.size());
    Q_EMIT stateChanged();
    const bool there = !after.rows.empty() && after.rows.front().key == key;
    const auto row = static_cast<int>(std::min(before.rows.size(), m_rows.empty() ? 0 : m_rows.size() - 1));
    if (seeking)
        Q_EMIT sought(row);
    else
        Q_EMIT shown(key, row, there);
}

bool ContextModel::seekEnd(bool last)
{
    if (m_rows.empty() || m_stale) return false;
    // While the store changes the end that is known may be none any more.
    const bool known = !m_next && !m_again.pending();
    if (known && (last ? m_atEnd : m_atBegin)) return false;
    const EventKey end = last ? EventKey{kTimeMax, SourceId{std::numeric_limits<std::uint32_t>::max()},
                                         std::numeric_limits<Ordinal>::max()}
                              : EventKey{kTimeMin, SourceId{0}, 0};
    askAround(end, true);
    return true;
}

void ContextModel::grow(bool back)
{
    if (m_changing || m_rows.empty() || m_stale || m_around.pending() || m_again.pending()) return;
    QueryService::Ticket& ticket = back ? m_before : m_after;
    bool& ended = back ? m_atBegin : m_atEnd;
    if (ended || ticket.pending()) return;
    const EventKey& from = back ? m_rows.front().event.key : m_rows.back().event.key;
    ticket = m_queries->ask({question(back ? Order::Descending : Order::Ascending, from, false, kPageRows)},
                            [this, back](const Result<std::vector<Answer>>& answers, const ScanProgress&) {
                                if (answers) return acceptGrown(back, pageOf(answers->front()));
                                if (answers.error().kind == ErrorKind::Cancelled) return;
                                // Not again and again: painting asks for it.
                                (back ? m_atBegin : m_atEnd) = true;
                                fail(answers.error());
                                Q_EMIT stateChanged();
                            });
}

void ContextModel::fail(const Error& error)
{
    m_failing = true;
    Q_EMIT failed(error);
}

void ContextModel::acceptGrown(bool back, PageAnswer answer)
{
    const std::size_t count = answer.rows.size(), had = m_rows.size();
    if (std::exchange(m_failing, false)) Q_EMIT stateChanged();
    (back ? m_atBegin : m_atEnd) = !answer.more;
    if (count == 0) return;
    const int first = back ? 0 : static_cast<int>(had);
    m_changing = true;
    beginInsertRows({}, first, first + static_cast<int>(count) - 1);
    for (EventRow& row : answer.rows) {
        if (back)
            m_rows.push_front({std::move(row), {}});
        else
            m_rows.push_back({std::move(row), {}});
    }
    m_changing = false;
    endInsertRows();
    look(static_cast<std::size_t>(first), static_cast<std::size_t>(first) + count);
    if (m_rows.size() <= kMostRows) return;
    const auto most = static_cast<std::ptrdiff_t>(m_rows.size()) - kMostRows;
    const auto last = static_cast<int>(m_rows.size()) - 1;
    m_changing = true;
    if (back) {
        beginRemoveRows({}, kMostRows, last);
        m_rows.erase(m_rows.end() - most, m_rows.end());
        m_atEnd = false;
        m_after.cancel();
    } else {
        beginRemoveRows({}, 0, static_cast<int>(most) - 1);
        m_rows.erase(m_rows.begin(), m_rows.begin() + most);
        m_atBegin = false;
        m_before.cancel();
    }
    m_changing = false;
    endRemoveRows();
}

void ContextModel::setFields(std::vector<std::string> fields)
{
    beginResetModel();
    m_fields = std::move(fields);
    for (Row& row : m_rows) row.event.columns.clear(); // of the fields before
    endResetModel();
    readAgain(true);
}

void ContextModel::refresh()
{
    if (m_next) return;
    if (busy()) return refreshSoon();
    readAgain(false);
}

void ContextModel::refreshSoon()
{
    m_next = true;
    m_later->start();
}

bool ContextModel::busy() const
{
    return m_around.pending() || m_before.pending() || m_after.pending() || m_again.pending() ||
           m_later->isActive();
}

void ContextModel::readAgain(bool always)
{
    if (m_wanted) return askAround(*m_wanted, m_seeking);
    if (m_rows.empty()) return;
    m_before.cancel();
    m_after.cancel();
    m_againAlways = m_againAlways || always;
    m_again = m_queries->ask({question(Order::Ascending, m_rows.front().event.key, true, m_rows.size())},
                             [this](const Result<std::vector<Answer>>& answers, const ScanProgress&) {
                                 m_atBegin = m_atEnd = false;
                                 if (!answers) {
                                     if (answers.error().kind != ErrorKind::Cancelled) fail(answers.error());
                                     return;
                                 }
                                 acceptAgain(pageOf(answers->front()).rows);
                             });
}

void ContextModel::acceptAgain(const std::vector<EventRow>& rows)
{
    m_failing = false;
    const bool same =
        std::equal(rows.begin(), rows.end(), m_rows.begin(), m_rows.end(),
                   [](const EventRow& fresh, const Row& held) { return looksLike(fresh, held.event); });
    const auto answered = [](const QueryService::Ticket& each) { return !each.pending(); };
    std::erase_if(m_details, answered);
    std::erase_if(m_marking, answered);
    if (std::exchange(m_againAlways, false) || !same) {
        m_details.clear();
        m_marking.clear();
        m_changing = true;
        beginResetModel();
        m_rows.clear();
        for (const EventRow& row : rows) m_rows.push_back({row, {}});
        m_changing = false;
        endResetModel();
    }
    // Of the same rows it is known, or asked already.
    if (m_details.empty() && m_marking.empty()) look(0, m_rows.size());
    // Painting asks for what is behind the ends before the next refresh begins.
    if (m_next) m_later->start();
    Q_EMIT stateChanged();
}

void ContextModel::setMatches(const Selection& selection)
{
    m_matches = selection;
    m_marking.clear(); // answers to the question before are of no use
    markMatches(0, m_rows.size());
}

int ContextModel::rowOf(const EventKey& key) const
{
    const auto at =
        std::lower_bound(m_rows.begin(), m_rows.end(), key,
                         [](const Row& row, const EventKey& wanted) { return row.event.key < wanted; });
    return at != m_rows.end() && at->event.key == key ? static_cast<int>(at - m_rows.begin()) : -1;
}

void ContextModel::look(std::size_t first, std::size_t last)
{
    markMatches(first, last);
    askSummaries(first, last);
}

void ContextModel::hold(QueryService::Ticket ticket)
{
    std::erase_if(m_details, [](const QueryService::Ticket& each) { return !each.pending(); });
    m_details.push_back(std::move(ticket));
}

void ContextModel::tell(const EventKey& from, const EventKey& to)
{
    const auto before = [](const Row& row, const EventKey& key) { return row.event.key < key; };
    const auto first = std::lower_bound(m_rows.begin(), m_rows.end(), from, before);
    const auto last = std::lower_bound(first, m_rows.end(), to, before);
    if (first == m_rows.end()) return;
    const auto end =
        last == m_rows.end() ? m_rows.size() - 1 : static_cast<std::size_t>(last - m_rows.begin());
    Q_EMIT dataChanged(index(static_cast<int>(first - m_rows.begin()), 0),
                       index(static_cast<int>(end), columnCount() - 1));
}

void ContextModel::markMatches(std::size_t first, std::size_t last)
{
    if (first >= last) return;
    const EventKey from = m_rows[first].event.key, to = m_rows[last - 1].event.key;
    if (m_matches.filter == nullptr) {
        // Without a filter a match among others says something only where others are.
        for (std::size_t i = first; i < last; ++i)
            m_rows[i].match = !m_matches.range.unbounded() && inRange(m_rows[i].event, m_matches.range);
        tell(from, to);
        return;
    }
    PageQuestion matches = question(Order::Ascending, from, true, last - first);
    matches.fields.clear();
    matches.selection = {both(m_scope, m_matches.filter), m_matches.range};
    const bool untimed = std::any_of(m_rows.begin() + static_cast<std::ptrdiff_t>(first),
                                     m_rows.begin() + static_cast<std::ptrdiff_t>(last),
                                     [](const Row& row) { return (row.event.flags & FlagTimeMissing) != 0; });
    // A range keeps a rare match far behind these rows from being looked for; it also leaves out events
    // without a time of their own.
    if (!untimed || !m_matches.range.unbounded()) {
        TimeRange& range = matches.selection.range;
        range.begin = std::max(range.begin, from.time);
        if (to.time < kTimeMax) range.end = std::min(range.end, to.time + 1);
        if (range.begin >= range.end) {
            for (std::size_t i = first; i < last; ++i) m_rows[i].match = false;
            return tell(from, to);
        }
    }
    std::erase_if(m_marking, [](const QueryService::Ticket& each) { return !each.pending(); });
    m_marking.push_back(
        m_queries->ask({std::move(matches)},
                       [this, from, to](const Result<std::vector<Answer>>& answers, const ScanProgress&) {
                           if (!answers) return; // marks are missing, rows are not
                           const std::vector<EventRow>& found = pageOf(answers->front()).rows;
                           auto next = found.begin();
                           for (Row& row : m_rows) {
                               if (row.event.key < from || to < row.event.key) continue;
                               while (next != found.end() && next->key < row.event.key) ++next;
                               row.match = next != found.end() && next->key == row.event.key;
                           }
                           tell(from, to);
                       }));
}

void ContextModel::askSummaries(std::size_t first, std::size_t last)
{
    while (first < last && !m_rows[first].event.message.empty()) ++first;
    if (first >= last) return;
    const EventKey from = m_rows[first].event.key, to = m_rows[last - 1].event.key;
    PageQuestion silent = question(Order::Ascending, from, true, last - first);
    silent.fields.clear();
    silent.withFields = true;
    hold(m_queries->ask({std::move(silent)},
                        [this, from, to](const Result<std::vector<Answer>>& answers, const ScanProgress&) {
                            if (!answers) return; // the rows are there, without a summary
                            for (const EventRow& full : pageOf(answers->front()).rows) {
                                if (!full.message.empty()) continue;
                                if (const int row = rowOf(full.key); row >= 0)
                                    m_rows[static_cast<std::size_t>(row)].summary = fieldSummary(full);
                            }
                            tell(from, to);
                        }));
}

const EventRow* ContextModel::event(int row) const
{
    auto* const self = const_cast<ContextModel*>(this);
    if (row < kEdge) self->grow(true);
    if (row >= static_cast<int>(m_rows.size()) - kEdge) self->grow(false);
    return held(row);
}

const EventRow* ContextModel::held(int row) const
{
    return isHeld(row) ? &m_rows[static_cast<std::size_t>(row)].event : nullptr;
}

const QString& ContextModel::summary(int row) const
{
    static const QString none;
    return isHeld(row) ? m_rows[static_cast<std::size_t>(row)].summary : none;
}

EventRows::LoadState ContextModel::loadState(int) const
{
    return LoadState::Ready;
}

bool ContextModel::isMatch(int row) const
{
    return isHeld(row) && m_rows[static_cast<std::size_t>(row)].match;
}

int ContextModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

} // namespace faultline
