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

struct Found
{
    EventKey key;
    std::uint32_t segment = 0;
    RowIndex row = 0;
};

/// A page by key. With a number of rows to skip there is a pass before, which keeps the selected rows of
/// every segment: the time at which the page begins is then found by counting, with a binary search over
/// time.
class PageSink final : public Sink
{
public:
    PageSink(const PageQuestion& question, const SinkContext& context)
        : m_question(question), m_context(context), m_after(question.after), m_counting(question.skip > 0)
    {
        if (m_counting) m_selected.resize(context.snapshot->segments.size());
    }

    bool wants(const SegmentEntry& entry) override;
    void scan(SegmentScan& scan, const SelectedRows& selected, std::size_t index) override;
    bool nextPass() override;
    Result<Answer> answer() override;

private:
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
    bool m_counting;            ///< the pass before
    bool m_past = false;        ///< there are not so many rows to skip
    std::vector<std::optional<SelectedRows>> m_selected;
    std::map<std::size_t, ColumnPtr> m_times;
    std::optional<Error> m_error;
};

bool PageSink::wants(const SegmentEntry& entry)
{
    if (m_counting) return true;
    const SegmentInfo& info = *entry.info;
    std::optional<TimeNs> from = m_from;
    if (m_after) from = m_after->time;
    if (from && (descending() ? info.minTime > *from : info.maxTime < *from)) return false;
    std::lock_guard lock(m_mutex);
    if (m_found.size() < needed()) return true;
    const TimeNs worst = m_found.back().key.time;
    return descending() ? info.maxTime >= worst : info.minTime <= worst;
}

void PageSink::scan(SegmentScan& scan, const SelectedRows& selected, std::size_t index)
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
    if (!m_counting) return false;
    m_counting = false;
    std::uint64_t total = 0;
    for (const auto& rows : m_selected) total += rows ? rows->count() : 0;
    std::uint64_t skip = m_question.skip;
    if (m_after) skip += countBefore(m_after->time) + countAtAfter();
    m_after.reset();
    m_past = skip >= total;
    if (m_past || m_error) return false;
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

Result<Answer> PageSink::answer()
{
    if (m_error) return *m_error;
    std::vector<Found> found;
    {
        std::lock_guard lock(m_mutex);
        found = m_found;
    }
    PageAnswer answer;
    if (m_counting || m_past || found.size() <= m_skip) return Answer(std::move(answer));
    found.erase(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(m_skip));
    const std::uint64_t limit = std::min(m_question.limit, kMostRows);
    answer.more = found.size() > limit;
    if (answer.more) found.resize(static_cast<std::size_t>(limit));
    answer.rows.reserve(found.size());
    constexpr std::size_t kBuilders = 32; // segments that overlap in time, open at once
    std::map<std::uint32_t, std::unique_ptr<RowBuilder>> builders;
    for (const Found& each : found) {
        auto builder = builders.find(each.segment);
        if (builder == builders.end()) {
            if (builders.size() >= kBuilders) builders.clear();
            builder = builders
                          .emplace(each.segment,
                                   std::make_unique<RowBuilder>(m_context.snapshot->segments[each.segment],
                                                                m_question, m_context))
                          .first;
        }
        EventRow row;
        if (auto status = builder->second->build(each.row, each.key, row); !status) return status.error();
        answer.rows.push_back(std::move(row));
    }
    return Answer(std::move(answer));
}

} // namespace

std::unique_ptr<Sink> makePageSink(const PageQuestion& question, const SinkContext& context)
{
    return std::make_unique<PageSink>(question, context);
}

} // namespace faultline
