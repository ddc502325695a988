#include "models/query/numbers.h"
#include "models/query/sink.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <map>
#include <mutex>

namespace faultline {

namespace {

constexpr unsigned kDigit = 16; // bits that a pass decides

/// A number whose order as an integer is the order of the doubles.
std::uint64_t keyOf(double value)
{
    const auto bits = std::bit_cast<std::uint64_t>(value + 0.0); // -0 is 0
    return (bits >> 63) != 0 ? ~bits : bits | std::uint64_t{1} << 63;
}
double valueOf(std::uint64_t key)
{
    return std::bit_cast<double>((key >> 63) != 0 ? key & ~(std::uint64_t{1} << 63) : ~key);
}

/// Values whose first `bits` key bits are `prefix`, of which some ranks are asked for.
struct Interval
{
    std::uint64_t prefix = 0;
    unsigned bits = 0;
    std::uint64_t before = 0; ///< values below the interval
    std::uint64_t count = 0;
    bool gather = false;
    std::vector<std::uint64_t> counts; ///< by the next 16 bits
    std::vector<double> values;        ///< gathered
    bool holds(std::uint64_t key) const { return bits == 0 || key >> (64 - bits) == prefix; }
};

/// Exact percentiles in bounded memory: counts by the leading bits of the values narrow each rank down, pass
/// by pass, until few enough values are left to gather and sort.
class StatsSink final : public Sink
{
public:
    StatsSink(const StatsQuestion& question, const SinkContext& context)
        : m_question(question)
        , m_limit(context.gatheredValues)
        , m_sums(context.snapshot->segments.size(), 0.0)
    {
        Interval whole;
        whole.counts.assign(1u << kDigit, 0);
        m_intervals.push_back(std::move(whole));
    }

    void scan(SegmentScan& scan, const SelectedRows& selected, std::size_t index) override
    {
        if (selected.begin >= selected.end || selected.set.isNone()) return;
        if (m_firstPass)
            scanFirst(scan, selected, index);
        else
            scanAgain(scan, selected);
    }

    bool nextPass() override;
    Result<Answer> answer() override;

private:
    void scanFirst(SegmentScan& scan, const SelectedRows& selected, std::size_t index);
    void scanAgain(SegmentScan& scan, const SelectedRows& selected);
    std::vector<std::uint64_t> ranks() const;

    StatsQuestion m_question;
    std::uint64_t m_limit; ///< of values that are gathered at once
    std::mutex m_mutex;
    bool m_firstPass = true, m_finished = false;
    std::uint64_t m_count = 0, m_other = 0;
    double m_min = std::numeric_limits<double>::infinity(), m_max = -std::numeric_limits<double>::infinity();
    std::vector<double> m_sums; ///< by segment, so that the sum does not depend on who was first
    std::vector<Interval> m_intervals;
    std::map<std::uint64_t, double> m_known; ///< rank -> value
};

void StatsSink::scanFirst(SegmentScan& scan, const SelectedRows& selected, std::size_t index)
{
    std::vector<std::uint32_t> counts(1u << kDigit, 0);
    std::uint64_t count = 0, others = 0;
    double least = std::numeric_limits<double>::infinity();
    double most = -std::numeric_limits<double>::infinity(), sum = 0;
    forEachNumber(
        scan, m_question.field, selected,
        [&](double value, std::uint32_t times) {
            count += times;
            least = std::min(least, value);
            most = std::max(most, value);
            sum += value * times;
            counts[keyOf(value) >> (64 - kDigit)] += times;
        },
        [&](std::uint32_t times) { others += times; });
    if (scan.stopped() || (count == 0 && others == 0)) return;
    std::lock_guard lock(m_mutex);
    m_other += others;
    if (count == 0) return;
    m_count += count;
    m_min = std::min(m_min, least);
    m_max = std::max(m_max, most);
    m_sums[index] = sum;
    auto& total = m_intervals.front().counts;
    for (std::size_t i = 0; i < total.size(); ++i) total[i] += counts[i];
}

void StatsSink::scanAgain(SegmentScan& scan, const SelectedRows& selected)
{
    struct Local
    {
        std::vector<std::uint32_t> counts;
        std::vector<double> values;
    };
    std::vector<Local> locals(m_intervals.size());
    for (std::size_t i = 0; i < locals.size(); ++i) {
        if (!m_intervals[i].gather) locals[i].counts.assign(1u << kDigit, 0);
    }
    forEachNumber(
        scan, m_question.field, selected,
        [&](double value, std::uint32_t times) {
            const std::uint64_t key = keyOf(value);
            for (std::size_t i = 0; i < locals.size(); ++i) {
                const Interval& interval = m_intervals[i];
                if (!interval.holds(key)) continue;
                if (interval.gather)
                    locals[i].values.insert(locals[i].values.end(), times, value);
                else
                    locals[i].counts[key >> (64 - kDigit - interval.bits) & ((1u << kDigit) - 1)] += times;
                return;
            }
        },
        [](std::uint32_t) {});
    if (scan.stopped()) return;
    std::lock_guard lock(m_mutex);
    for (std::size_t i = 0; i < locals.size(); ++i) {
        Interval& interval = m_intervals[i];
        interval.values.insert(interval.values.end(), locals[i].values.begin(), locals[i].values.end());
        for (std::size_t c = 0; c < locals[i].counts.size(); ++c) interval.counts[c] += locals[i].counts[c];
    }
}

std::vector<std::uint64_t> StatsSink::ranks() const
{
    std::vector<std::uint64_t> ranks;
    if (m_count == 0) return ranks;
    for (const double q : m_question.quantiles) {
        const double place = std::clamp(q, 0.0, 1.0) * static_cast<double>(m_count - 1);
        const auto low = static_cast<std::uint64_t>(std::floor(place));
        ranks.push_back(low);
        ranks.push_back(std::min(low + 1, m_count - 1));
    }
    std::sort(ranks.begin(), ranks.end());
    ranks.erase(std::unique(ranks.begin(), ranks.end()), ranks.end());
    return ranks;
}

bool StatsSink::nextPass()
{
    m_firstPass = false;
    std::vector<Interval> next;
    for (Interval& interval : m_intervals) {
        if (interval.gather) {
            std::sort(interval.values.begin(), interval.values.end());
            for (const std::uint64_t rank : ranks()) {
                if (rank < interval.before || rank - interval.before >= interval.values.size()) continue;
                m_known[rank] = interval.values[static_cast<std::size_t>(rank - interval.before)];
            }
            continue;
        }
        std::uint64_t before = interval.before;
        std::size_t digit = 0;
        for (const std::uint64_t rank : ranks()) {
            if (rank < before) continue; // in the interval found for the rank before it
            while (digit < interval.counts.size() && rank >= before + interval.counts[digit]) {
                before += interval.counts[digit++];
            }
            if (digit == interval.counts.size()) break;
            Interval narrow;
            narrow.bits = interval.bits + kDigit;
            narrow.prefix = interval.prefix << kDigit | digit;
            narrow.before = before;
            narrow.count = interval.counts[digit];
            if (narrow.bits == 64) {
                for (const std::uint64_t each : ranks()) {
                    if (each >= before && each - before < narrow.count)
                        m_known[each] = valueOf(narrow.prefix);
                }
            } else if (next.empty() || next.back().prefix != narrow.prefix ||
                       next.back().bits != narrow.bits) {
                next.push_back(std::move(narrow));
            }
        }
    }
    // The smallest are gathered first, as far as memory goes; the others are split finer.
    std::vector<Interval*> bySize;
    for (Interval& interval : next) bySize.push_back(&interval);
    std::sort(bySize.begin(), bySize.end(),
              [](const Interval* a, const Interval* b) { return a->count < b->count; });
    std::uint64_t room = m_limit;
    for (Interval* interval : bySize) {
        interval->gather = interval->count <= room;
        if (interval->gather)
            room -= interval->count;
        else
            interval->counts.assign(1u << kDigit, 0);
    }
    m_intervals = std::move(next);
    m_finished = m_intervals.empty();
    return !m_finished;
}

Result<Answer> StatsSink::answer()
{
    std::lock_guard lock(m_mutex);
    StatsAnswer answer;
    answer.count = m_count;
    answer.nonNumeric = m_other;
    if (m_count == 0) return Answer(std::move(answer));
    answer.min = m_min;
    answer.max = m_max;
    for (const double sum : m_sums) answer.sum += sum;
    answer.mean = answer.sum / static_cast<double>(m_count);
    if (!m_finished) return Answer(std::move(answer)); // percentiles come with the last pass
    for (const double q : m_question.quantiles) {
        const double place = std::clamp(q, 0.0, 1.0) * static_cast<double>(m_count - 1);
        const auto low = static_cast<std::uint64_t>(std::floor(place));
        const double below = m_known[low], above = m_known[std::min(low + 1, m_count - 1)];
        answer.quantiles.emplace_back(q, below + (above - below) * (place - static_cast<double>(low)));
    }
    return Answer(std::move(answer));
}

} // namespace

std::unique_ptr<Sink> makeStatsSink(const StatsQuestion& question, const SinkContext& context)
{
    return std::make_unique<StatsSink>(question, context);
}

} // namespace faultline
