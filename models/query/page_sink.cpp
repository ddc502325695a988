#include "models/query/packed_view.h"
#include "models/query/row_builder.h"
#include "models/query/sink.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>

namespace faultline {

namespace {

/// Most rows that a page holds at once.
constexpr std::uint64_t kMostRows = 1u << 24;
/// Of the rows that are told while the scan goes on: more than a screen has.
constexpr std::size_t kFirstRows = 64;

struct Found
{
    EventKey key;
    std::uint32_t segment = 0;
    RowIndex row = 0;
};

using RowNumbers = std::vector<std::size_t>;

/// The numbers of rows from one on, those of a segment together: opening a segment costs more than a row.
std::vector<RowNumbers> bySegment(const std::vector<Found>& found, std::size_t from)
{
    std::vector<RowNumbers> groups;
    std::map<std::uint32_t, std::size_t> groupOf;
    for (std::size_t i = from; i < found.size(); ++i) {
        const auto [at, fresh] = groupOf.try_emplace(found[i].segment, groups.size());
        if (fresh) groups.emplace_back();
        groups[at->second].push_back(i);
    }
    return groups;
}

/// A page by key. With a number of rows to skip there is a pass before, which keeps the selected rows of
/// every segment: the time at which the page begins is then found by counting, with a binary search over
/// time. While the scan is under way its answer has the rows that no segment to come can go before.
class PageSink final : public Sink
{
public:
    PageSink(const PageQuestion& question, const SinkContext& context)
        : m_question(question), m_context(context), m_after(question.after), m_counting(question.skip > 0)
    {
        if (m_counting) m_selected.resize(context.snapshot->segments.size());
        if (context.partial) m_done.resize(context.snapshot->segments.size());
    }

    bool wants(const SegmentEntry& entry) override;
    void scan(SegmentScan& scan, const SelectedRows& selected, std::size_t index) override;
    std::size_t pieces() override;
    Status piece(std::size_t number) override;
    bool nextPass() override;
    Result<Answer> answer() override;

private:
    void collect(SegmentScan& scan, const SelectedRows& selected, std::size_t index);
    /// What was found so far, without what may still move: its lock is held.
    std::vector<Found> settled() const;
    bool canHold(const SegmentInfo& info) const;
    /// The rows of the page among those that were found.
    std::vector<Found> shownOf(const std::vector<Found>& found) const;
    /// The rows with these numbers, which are of one segment.
    Status build(const std::vector<Found>& found, const RowNumbers& which, std::vector<EventRow>& rows) const;
    /// What is settled of a screenful, while the scan goes on.
    Status buildFirst();
    bool descending() const { return m_question.order == Order::Descending; }
    /// Rows to collect: those to skip among equal times, the page, and one to know whether there are more.
    std::size_t needed() const
    {
        return static_cast<std::size_t>(
            std::min(m_skip + std::min(m_question.limit, kMostRows) + 1, 2 * kMostRows));
    }
    bool before(const EventKey& a, const EventKey& b) const { return descending() ? b < a : a < b; }
    /// Whether a row with this key belongs behind `after`.
    bool behind(const EventKey& key) const
    {
        return !m_after || before(*m_after, key) || (m_question.inclusive && key == *m_after);
    }
    const ColumnPtr& timesOf(std::size_t segment);
    /// Selected rows that come before all rows of time `time`, in the order of the page.
    std::uint64_t countBefore(TimeNs time);
    /// Selected rows of time `time` that come before the page's `after`.
    std::uint64_t countAtAfter();

    PageQuestion m_question;
    SinkContext m_context;
    std::optional<EventKey> m_after;
    std::uint64_t m_skip = 0;     ///< of the rows collected
    std::optional<TimeNs> m_from; ///< where the page begins, found by counting
    std::mutex m_mutex;
    std::vector<Found> m_found; ///< in order, at most needed()
    std::vector<bool> m_done;   ///< segments that were scanned; only when asked for partial answers
    bool m_complete = false;    ///< no row is to come
    std::vector<Found> m_shown; ///< of the page; from pieces() on
    bool m_more = false;
    std::optional<std::size_t> m_told; ///< rows that were built before the pieces
    std::vector<EventRow> m_rows;      ///< of the page, those that are built
    std::vector<RowNumbers> m_pieces;  ///< of rows that are to be built
    bool m_counting;                   ///< the pass before
    bool m_past = false;               ///< there are not so many rows to skip
    std::vector<std::optional<SelectedRows>> m_selected;
    std::map<std::size_t, ColumnPtr> m_times;
    std::optional<Error> m_error;
};

bool PageSink::wants(const SegmentEntry& entry)
{
    if (m_counting) return true;
    std::lock_guard lock(m_mutex);
    return canHold(*entry.info);
}

bool PageSink::canHold(const SegmentInfo& info) const
{
    std::optional<TimeNs> from = m_from;
    if (m_after) from = m_after->time;
    if (from && (descending() ? info.minTime > *from : info.maxTime < *from)) return false;
    if (m_found.size() < needed()) return true;
    const TimeNs worst = m_found.back().key.time;
    return descending() ? info.maxTime >= worst : info.minTime <= worst;
}

std::vector<Found> PageSink::settled() const
{
    if (m_complete || m_done.empty()) return m_found;
    const auto& segments = m_context.snapshot->segments;
    const TimeRange& range = m_question.selection.range;
    std::size_t count = m_found.size();
    for (std::size_t i = 0; i < segments.size(); ++i) {
        const SegmentInfo& info = *segments[i].info;
        if (m_done[i] || !range.overlaps(info.minTime, info.maxTime) || !canHold(info)) continue;
        while (count > 0 && (descending() ? m_found[count - 1].key.time <= info.maxTime
                                          : m_found[count - 1].key.time >= info.minTime))
            --count;
    }
    return {m_found.begin(), m_found.begin() + static_cast<std::ptrdiff_t>(count)};
}

void PageSink::scan(SegmentScan& scan, const SelectedRows& selected, std::size_t index)
{
    collect(scan, selected, index);
    if (m_done.empty() || scan.stopped()) return;
    std::lock_guard lock(m_mutex);
    m_done[index] = true;
}

void PageSink::collect(SegmentScan& scan, const SelectedRows& selected, std::size_t index)
{
    RowIndex begin = selected.begin, end = selected.end;
    if (begin >= end || selected.set.isNone()) return;
    if (m_counting) {
        m_selected[index] = selected; // each task has its own segment
        return;
    }
    const ColumnPtr times = scan.column(TimeColumn), sources = scan.column(SourceColumn),
                    ordinals = scan.column(OrdinalColumn);
    if (!times || !sources || !ordinals || times->ints.count < scan.rows()) return;
    std::optional<TimeNs> from = m_from;
    if (m_after) from = m_after->time; // rows with the time of the key are looked at one by one
    if (from && descending() && *from != kTimeMax) {
        end = static_cast<RowIndex>(std::min<std::size_t>(end, lowerBound(times->ints, *from + 1)));
    } else if (from && !descending()) {
        begin = static_cast<RowIndex>(std::max<std::size_t>(begin, lowerBound(times->ints, *from)));
    }
    std::vector<Found> local;
    const std::size_t most = needed();
    const auto take = [&](RowIndex row) {
        const EventKey key{times->ints.at(row), SourceId{static_cast<std::uint32_t>(sources->ints.at(row))},
                           static_cast<Ordinal>(ordinals->ints.at(row))};
        if (behind(key)) local.push_back({key, static_cast<std::uint32_t>(index), row});
    };
    // Word by word from the end that comes first, until there is enough.
    constexpr RowIndex kStep = 64;
    while (begin < end && local.size() < most && !scan.stopped()) {
        if (descending()) {
            const RowIndex first = std::max(begin, (end - 1) / kStep * kStep);
            const std::size_t known = local.size();
            forEachRow(selected.set, first, end, take);
            std::reverse(local.begin() + static_cast<std::ptrdiff_t>(known), local.end());
            end = first;
        } else {
            const RowIndex last = std::min(end, (begin / kStep + 1) * kStep);
            forEachRow(selected.set, begin, last, take);
            begin = last;
        }
    }
    if (scan.stopped() || local.empty()) return;
    if (local.size() > most) local.resize(most);
    std::lock_guard lock(m_mutex);
    std::vector<Found> merged(m_found.size() + local.size());
    std::merge(m_found.begin(), m_found.end(), local.begin(), local.end(), merged.begin(),
               [this](const Found& a, const Found& b) { return before(a.key, b.key); });
    if (merged.size() > most) merged.resize(most);
    m_found = std::move(merged);
}

const ColumnPtr& PageSink::timesOf(std::size_t segment)
{
    ColumnPtr& times = m_times[segment];
    if (times || m_error) return times;
    auto column = m_context.source->column(*m_context.snapshot->segments[segment].info, TimeColumn);
    if (!column)
        m_error = std::move(column).error();
    else
        times = std::move(column).value();
    return times;
}

std::uint64_t PageSink::countBefore(TimeNs time)
{
    std::uint64_t count = 0;
    for (std::size_t i = 0; i < m_selected.size() && !m_error; ++i) {
        if (!m_selected[i]) continue;
        const SelectedRows& rows = *m_selected[i];
        const SegmentInfo& info = *m_context.snapshot->segments[i].info;
        RowIndex begin = rows.begin, end = rows.end;
        if (descending()) {
            if (info.maxTime <= time) continue;
            if (info.minTime <= time) {
                const ColumnPtr& times = timesOf(i);
                if (!times) break;
                begin = std::max(begin, static_cast<RowIndex>(lowerBound(times->ints, time + 1)));
            }
        } else {
            if (info.minTime >= time) continue;
            if (info.maxTime >= time) {
                const ColumnPtr& times = timesOf(i);
                if (!times) break;
                end = std::min(end, static_cast<RowIndex>(lowerBound(times->ints, time)));
            }
        }
        count += countRows(rows.set, begin, end);
    }
    return count;
}

std::uint64_t PageSink::countAtAfter()
{
    std::uint64_t count = 0;
    for (std::size_t i = 0; i < m_selected.size() && !m_error; ++i) {
        const SegmentInfo& info = *m_context.snapshot->segments[i].info;
        if (!m_selected[i] || info.minTime > m_after->time || info.maxTime < m_after->time) continue;
        const ColumnPtr& times = timesOf(i);
        if (!times) break;
        auto sources = m_context.source->column(info, SourceColumn);
        auto ordinals = m_context.source->column(info, OrdinalColumn);
        if (!sources || !ordinals) {
            m_error = !sources ? sources.error() : ordinals.error();
            break;
        }
        const auto first = static_cast<RowIndex>(lowerBound(times->ints, m_after->time));
        for (RowIndex row = std::max(first, m_selected[i]->begin); row < m_selected[i]->end; ++row) {
            if (times->ints.at(row) != m_after->time) break;
            const EventKey key{m_after->time, SourceId{static_cast<std::uint32_t>((*sources)->ints.at(row))},
                               static_cast<Ordinal>((*ordinals)->ints.at(row))};
            if (m_selected[i]->set.has(row) && !behind(key)) ++count;
        }
    }
    return count;
}

bool PageSink::nextPass()
{
    m_complete = !m_counting;
    if (m_complete) return false;
    m_counting = false;
    m_done.assign(m_done.size(), false);
    std::uint64_t total = 0;
    for (const auto& rows : m_selected) total += rows ? rows->count() : 0;
    std::uint64_t skip = m_question.skip;
    if (m_after) skip += countBefore(m_after->time) + countAtAfter();
    m_after.reset();
    m_past = skip >= total;
    m_complete = m_past || m_error;
    if (m_complete) return false;
    // The time of the row at place `skip`: the last one (in order) with at most `skip` rows before it.
    std::uint64_t low = 0;
    TimeNs first = kTimeMax, final = kTimeMin;
    for (const SegmentEntry& entry : m_context.snapshot->segments) {
        first = std::min(first, entry.info->minTime);
        final = std::max(final, entry.info->maxTime);
    }
    const auto base = static_cast<std::uint64_t>(first), last = static_cast<std::uint64_t>(final);
    std::uint64_t high = last - base;
    const auto timeAt = [&](std::uint64_t offset) {
        return static_cast<TimeNs>(descending() ? last - offset : base + offset);
    };
    while (low < high && !m_context.stop.stop_requested()) {
        const std::uint64_t middle = low + (high - low) / 2 + 1;
        if (countBefore(timeAt(middle)) <= skip)
            low = middle;
        else
            high = middle - 1;
    }
    m_from = timeAt(low);
    m_skip = skip - countBefore(*m_from);
    m_selected = {};
    m_times.clear();
    return !m_error;
}

std::size_t PageSink::pieces()
{
    if (m_counting || m_past || m_error) return 0;
    m_shown = shownOf(m_found);
    m_more = m_found.size() > m_skip + m_shown.size();
    m_told = m_rows.size();
    m_pieces = bySegment(m_shown, *m_told);
    m_rows.resize(m_shown.size());
    return m_pieces.size();
}

Status PageSink::piece(std::size_t number)
{
    return build(m_shown, m_pieces[number], m_rows);
}

std::vector<Found> PageSink::shownOf(const std::vector<Found>& found) const
{
    const auto begin = static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(m_skip, found.size()));
    const auto end = static_cast<std::ptrdiff_t>(
        std::min<std::uint64_t>(m_skip + std::min(m_question.limit, kMostRows), found.size()));
    return {found.begin() + begin, found.begin() + end};
}

Status PageSink::build(const std::vector<Found>& found, const RowNumbers& which,
                       std::vector<EventRow>& rows) const
{
    RowBuilder builder(m_context.snapshot->segments[found[which.front()].segment], m_question, m_context);
    for (const std::size_t i : which)
        if (auto status = builder.build(found[i].row, found[i].key, rows[i]); !status) return status;
    return {};
}

Status PageSink::buildFirst()
{
    if (m_counting || m_told || m_question.skip > 0 || m_rows.size() >= kFirstRows) return {};
    std::vector<Found> found;
    {
        std::lock_guard lock(m_mutex);
        found = settled();
    }
    found.resize(std::min({found.size(), kFirstRows, static_cast<std::size_t>(m_question.limit)}));
    std::vector<EventRow> rows(found.size());
    for (const auto& which : bySegment(found, m_rows.size()))
        if (auto status = build(found, which, rows); !status) return status;
    std::move(m_rows.begin(), m_rows.end(), rows.begin());
    m_rows = std::move(rows);
    return {};
}

Result<Answer> PageSink::answer()
{
    if (m_error) return *m_error;
    PageAnswer answer;
    if (m_complete) {
        answer.rows = std::move(m_rows);
        answer.more = m_more;
        return Answer(std::move(answer));
    }
    if (auto status = buildFirst(); !status) return status.error();
    // The others are under way in several threads.
    const auto ready = static_cast<std::ptrdiff_t>(m_told.value_or(m_rows.size()));
    answer.rows.assign(m_rows.begin(), m_rows.begin() + ready);
    answer.more = true;
    return Answer(std::move(answer));
}

} // namespace

std::unique_ptr<Sink> makePageSink(const PageQuestion& question, const SinkContext& context)
{
    return std::make_unique<PageSink>(question, context);
}

} // namespace faultline
