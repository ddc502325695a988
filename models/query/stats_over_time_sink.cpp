#include "models/base/time_buckets.h"
#include "models/query/packed_view.h"
#include "models/query/sink.h"

#include <algorithm>
#include <memory>
#include <mutex>
#include <optional>

namespace faultline {

namespace {

/// Buckets whose statistics are made in one row of passes; each takes about half a megabyte.
constexpr std::int64_t kTogether = 32;

/// Statistics of a field bucket by bucket. The buckets take turns, some at a time from the newest on, each
/// with a sink of its own; a turn looks only at the segments of its time, and since rows are in order of
/// time, a bucket is a run of them. So memory is bounded, segments are read about once, and percentiles are
/// exact.
class StatsOverTimeSink final : public Sink
{
public:
    StatsOverTimeSink(const StatsOverTimeQuestion& question, const SinkContext& context)
        : m_context(context), m_buckets(question.origin, question.step)
    {
        m_each.selection = question.selection;
        m_each.field = question.field;
        m_each.quantiles = question.quantiles;
        m_context.gatheredValues = context.gatheredValues / kTogether;
        if (question.step <= 0) {
            m_error = makeError(ErrorKind::Usage, "make statistics over time", "the step is not above zero");
            return;
        }
        const auto span = bucketsOf(question.selection.range);
        if (!span) return;
        m_first = span->first;
        m_last = span->second;
        if (static_cast<TimeBuckets::Wide>(m_last) - m_first >=
            static_cast<TimeBuckets::Wide>(StatsOverTimeQuestion::kMostBuckets)) {
            m_error = makeError(ErrorKind::Limit, "make statistics over time",
                                "it would be more than " +
                                    std::to_string(StatsOverTimeQuestion::kMostBuckets) + " points",
                                {"Take a larger step or a shorter range."});
            return;
        }
        m_done.resize(static_cast<std::size_t>(m_last - m_first + 1));
        m_turnEnd = m_last + 1;
        startTurn();
    }

    bool wants(const SegmentEntry& entry) override
    {
        if (m_error) return true; // to say so
        return !m_turn.empty() && entry.info->minTime <= lastTimeOf(m_turnEnd - 1) &&
               entry.info->maxTime >= m_buckets.beginOf(m_turnBegin);
    }
    void scan(SegmentScan& scan, const SelectedRows& selected, std::size_t index) override;
    bool nextPass() override;
    Result<Answer> answer() override;

private:
    /// The first and the last bucket that may have events; nothing without any segment in the range.
    std::optional<std::pair<std::int64_t, std::int64_t>> bucketsOf(const TimeRange& range) const;
    TimeNs lastTimeOf(std::int64_t bucket) const
    {
        const TimeNs end = m_buckets.endOf(bucket);
        return end == kTimeMax ? end : end - 1;
    }
    void startTurn();

    StatsQuestion m_each;
    SinkContext m_context;
    TimeBuckets m_buckets;
    std::int64_t m_first = 0, m_last = -1;
    std::int64_t m_turnBegin = 0, m_turnEnd = 0; ///< buckets of this turn
    std::vector<std::unique_ptr<Sink>> m_turn;   ///< null: finished
    std::mutex m_mutex;                          ///< answer() while a scan goes on
    std::vector<Statistics> m_done;
    std::optional<Error> m_error;
};

std::optional<std::pair<std::int64_t, std::int64_t>>
StatsOverTimeSink::bucketsOf(const TimeRange& range) const
{
    std::optional<std::pair<std::int64_t, std::int64_t>> span;
    for (const SegmentEntry& entry : m_context.snapshot->segments) {
        if (!range.overlaps(entry.info->minTime, entry.info->maxTime)) continue;
        const TimeNs last = range.end == kTimeMax ? kTimeMax : range.end - 1;
        const auto begin = m_buckets.bucketOf(std::max(entry.info->minTime, range.begin));
        const auto end = m_buckets.bucketOf(std::min(entry.info->maxTime, last));
        if (!span) span.emplace(begin, end);
        span->first = std::min(span->first, begin);
        span->second = std::max(span->second, end);
    }
    return span;
}

void StatsOverTimeSink::startTurn()
{
    m_turn.clear();
    m_turnEnd = std::min(m_turnEnd, m_last + 1);
    m_turnBegin = std::max(m_first, m_turnEnd - kTogether);
    for (std::int64_t bucket = m_turnBegin; bucket < m_turnEnd; ++bucket)
        m_turn.push_back(makeStatsSink(m_each, m_context));
}

void StatsOverTimeSink::scan(SegmentScan& scan, const SelectedRows& selected, std::size_t index)
{
    if (m_error) return scan.fail(*m_error);
    const ColumnPtr times = scan.column(TimeColumn);
    if (!times || times->ints.count < scan.rows()) return;
    SelectedRows timed = selected;
    if (scan.info().timeMissing > 0) timed.set.subtract(scan.timeMissing());
    if (timed.set.isNone()) return;
    const auto rowOf = [&](TimeNs time) {
        const auto row = static_cast<RowIndex>(lowerBound(times->ints, time));
        return std::clamp(row, selected.begin, selected.end);
    };
    timed.end = rowOf(m_buckets.beginOf(m_turnBegin));
    for (std::int64_t bucket = m_turnBegin; bucket < m_turnEnd && !scan.stopped(); ++bucket) {
        const TimeNs end = m_buckets.endOf(bucket);
        timed.begin = timed.end;
        timed.end = end == kTimeMax ? selected.end : rowOf(end);
        auto& sink = m_turn[static_cast<std::size_t>(bucket - m_turnBegin)];
        if (sink && timed.begin < timed.end) sink->scan(scan, timed, index);
    }
}

bool StatsOverTimeSink::nextPass()
{
    std::lock_guard lock(m_mutex);
    if (m_error) return false;
    bool again = false;
    for (std::size_t i = 0; i < m_turn.size(); ++i) {
        auto& sink = m_turn[i];
        if (!sink) continue;
        if (sink->nextPass()) {
            again = true;
            continue;
        }
        auto answer = sink->answer();
        if (!answer) {
            m_error = answer.error();
            return false;
        }
        const auto place = static_cast<std::size_t>(m_turnBegin - m_first) + i;
        m_done[place] = static_cast<Statistics&>(std::get<StatsAnswer>(*answer));
        sink.reset();
    }
    if (again) return true;
    m_turnEnd = m_turnBegin;
    if (m_turn.empty() || m_turnEnd <= m_first) {
        m_turn.clear();
        return false;
    }
    startTurn();
    return true;
}

Result<Answer> StatsOverTimeSink::answer()
{
    std::lock_guard lock(m_mutex);
    if (m_error) return *m_error;
    const auto any = [](const Statistics& each) { return each.count + each.nonNumeric > 0; };
    const auto first = std::find_if(m_done.begin(), m_done.end(), any);
    StatsOverTimeAnswer answer;
    if (first == m_done.end()) return Answer(std::move(answer));
    const auto last = std::find_if(m_done.rbegin(), m_done.rend(), any).base();
    answer.firstBucket = m_first + (first - m_done.begin());
    answer.buckets.assign(first, last);
    return Answer(std::move(answer));
}

} // namespace

std::unique_ptr<Sink> makeStatsOverTimeSink(const StatsOverTimeQuestion& question, const SinkContext& context)
{
    return std::make_unique<StatsOverTimeSink>(question, context);
}

} // namespace faultline
