#include "models/query/numbers.h"
#include "models/query/sink.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <map>
#include <memory>
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

/// A sum that keeps what adding doubles rounds off (Neumaier).
class Sum
{
public:
    void add(double value)
    {
        const double sum = m_sum + value;
        m_lost += std::abs(m_sum) >= std::abs(value) ? (m_sum - sum) + value : (value - sum) + m_sum;
        m_sum = sum;
    }
    void add(const Sum& other)
    {
        add(other.m_sum);
        m_lost += other.m_lost;
    }
    double value() const { return std::isfinite(m_lost) ? m_sum + m_lost : m_sum; }

private:
    double m_sum = 0, m_lost = 0;
};

/// A value that occurs so often.
struct Weighted
{
    double value = 0;
    std::uint64_t times = 0;
};

/// Values as they come, singly or with a weight; nothing is sorted.
struct Gathered
{
    std::vector<double> values;
    std::vector<Weighted> weighted;
    std::size_t size() const { return values.size() + 2 * weighted.size(); }
    void append(Gathered&& more)
    {
        values.insert(values.end(), more.values.begin(), more.values.end());
        weighted.insert(weighted.end(), more.weighted.begin(), more.weighted.end());
    }
    template <class Body> void forEach(Body&& body) const
    {
        for (const double value : values) body(value, std::uint64_t{1});
        for (const Weighted& each : weighted) body(each.value, each.times);
    }
};

/// Counts by 16 bits of a key; knows which part of the table is in use.
class DigitCounts
{
public:
    void add(std::uint64_t digit, std::uint64_t times)
    {
        m_counts[digit] += times;
        m_first = std::min(m_first, digit);
        m_last = std::max(m_last, digit);
    }
    void add(const DigitCounts& other)
    {
        for (std::uint64_t i = other.m_first; i <= other.m_last; ++i) m_counts[i] += other.m_counts[i];
        m_first = std::min(m_first, other.m_first);
        m_last = std::max(m_last, other.m_last);
    }
    /// Back to nothing; cheap where little of the table was used.
    void clear()
    {
        for (std::uint64_t i = m_first; i <= m_last; ++i) m_counts[i] = 0;
        m_first = kDigits;
        m_last = 0;
    }
    std::uint64_t operator[](std::size_t digit) const { return m_counts[digit]; }
    static constexpr std::uint64_t kDigits = std::uint64_t{1} << kDigit;

private:
    std::vector<std::uint64_t> m_counts = std::vector<std::uint64_t>(kDigits, 0);
    std::uint64_t m_first = kDigits, m_last = 0; ///< none while first > last
};

/// Values whose first `bits` key bits are `prefix`, of which some ranks are asked for.
struct Interval
{
    std::uint64_t prefix = 0;
    unsigned bits = 0;
    std::uint64_t before = 0; ///< values below the interval
    std::uint64_t count = 0;
    bool gather = false;
    std::unique_ptr<DigitCounts> counts; ///< by the next 16 bits
    Gathered gathered;
    bool holds(std::uint64_t key) const { return bits == 0 || key >> (64 - bits) == prefix; }
    std::uint64_t digitOf(std::uint64_t key) const
    {
        return key >> (64 - kDigit - bits) & (DigitCounts::kDigits - 1);
    }
};

/// Exact percentiles in bounded memory. Counts by the leading bits of the values narrow each rank down; as
/// long as all values can be held, one pass over the data is enough, else further passes gather those around
/// the ranks or count by the next bits.
class StatsSink final : public Sink
{
public:
    StatsSink(const StatsQuestion& question, const SinkContext& context)
        : m_question(question), m_limit(context.gatheredValues), m_sums(context.snapshot->segments.size())
    {
        Interval whole;
        whole.counts = std::make_unique<DigitCounts>();
        if (!question.cuts.empty()) m_between.assign(question.cuts.size() + 1, 0);
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
    std::vector<Interval> narrow(const Interval& interval);
    void findRanks(Interval& interval);
    std::unique_ptr<DigitCounts> takeCounts();

    StatsQuestion m_question;
    std::uint64_t m_limit; ///< of values that are held at once
    std::mutex m_mutex;
    bool m_firstPass = true, m_finished = false;
    std::uint64_t m_count = 0, m_other = 0;
    double m_min = std::numeric_limits<double>::infinity(), m_max = -std::numeric_limits<double>::infinity();
    std::vector<std::uint64_t> m_between; ///< as Statistics::between
    std::vector<Sum> m_sums;              ///< by segment, so that the sum does not depend on who was first
    std::vector<Interval> m_intervals;
    std::vector<Gathered> m_all;                       ///< of the first pass, as long as they are few enough
    std::uint64_t m_allSize = 0;                       ///< of them; more than m_limit: they were dropped
    std::map<std::uint64_t, double> m_known;           ///< rank -> value
    std::vector<std::unique_ptr<DigitCounts>> m_spare; ///< cleared
};

std::unique_ptr<DigitCounts> StatsSink::takeCounts()
{
    std::lock_guard lock(m_mutex);
    if (m_spare.empty()) return std::make_unique<DigitCounts>();
    auto counts = std::move(m_spare.back());
    m_spare.pop_back();
    return counts;
}

void StatsSink::scanFirst(SegmentScan& scan, const SelectedRows& selected, std::size_t index)
{
    auto counts = takeCounts();
    Gathered mine;
    std::uint64_t count = 0, others = 0;
    double least = std::numeric_limits<double>::infinity();
    double most = -std::numeric_limits<double>::infinity();
    Sum sum;
    forEachNumber(
        scan, m_question.field, selected,
        [&](double value, std::uint32_t times) {
            count += times;
            least = std::min(least, value);
            most = std::max(most, value);
            sum.add(value * times);
            if (times == 1)
                mine.values.push_back(value);
            else
                mine.weighted.push_back({value, times});
        },
        [&](std::uint32_t times) { others += times; });
    mine.forEach(
        [&](double value, std::uint64_t times) { counts->add(keyOf(value) >> (64 - kDigit), times); });
    std::vector<std::uint64_t> between(m_between.size(), 0);
    if (!between.empty()) {
        const auto& cuts = m_question.cuts;
        mine.forEach([&](double value, std::uint64_t times) {
            const auto above = std::upper_bound(cuts.begin(), cuts.end(), value);
            between[static_cast<std::size_t>(above - cuts.begin())] += times;
        });
    }
    std::lock_guard lock(m_mutex);
    if (!scan.stopped()) {
        m_other += others;
        m_count += count;
        m_min = std::min(m_min, least);
        m_max = std::max(m_max, most);
        m_sums[index] = sum;
        m_intervals.front().counts->add(*counts);
        for (std::size_t i = 0; i < between.size(); ++i) m_between[i] += between[i];
        m_allSize += mine.size();
        if (m_allSize <= m_limit)
            m_all.push_back(std::move(mine));
        else
            m_all = {};
    }
    counts->clear();
    m_spare.push_back(std::move(counts));
}

void StatsSink::scanAgain(SegmentScan& scan, const SelectedRows& selected)
{
    struct Local
    {
        std::unique_ptr<DigitCounts> counts;
        Gathered gathered;
    };
    std::vector<Local> locals(m_intervals.size());
    for (std::size_t i = 0; i < locals.size(); ++i) {
        if (!m_intervals[i].gather) locals[i].counts = takeCounts();
    }
    forEachNumber(
        scan, m_question.field, selected,
        [&](double value, std::uint32_t times) {
            const std::uint64_t key = keyOf(value);
            for (std::size_t i = 0; i < locals.size(); ++i) {
                const Interval& interval = m_intervals[i];
                if (!interval.holds(key)) continue;
                if (!interval.gather)
                    locals[i].counts->add(interval.digitOf(key), times);
                else if (times == 1)
                    locals[i].gathered.values.push_back(value);
                else
                    locals[i].gathered.weighted.push_back({value, times});
                return;
            }
        },
        [](std::uint32_t) {});
    std::lock_guard lock(m_mutex);
    for (std::size_t i = 0; i < locals.size(); ++i) {
        Interval& interval = m_intervals[i];
        if (!scan.stopped()) {
            interval.gathered.append(std::move(locals[i].gathered));
            if (locals[i].counts) interval.counts->add(*locals[i].counts);
        }
        if (!locals[i].counts) continue;
        locals[i].counts->clear();
        m_spare.push_back(std::move(locals[i].counts));
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

/// The parts of a counted interval in which ranks are that are not known yet.
std::vector<Interval> StatsSink::narrow(const Interval& interval)
{
    std::vector<Interval> next;
    std::uint64_t before = interval.before;
    std::size_t digit = 0;
    for (const std::uint64_t rank : ranks()) {
        if (rank < before) continue; // in the part found for the rank before it
        while (digit < DigitCounts::kDigits && rank >= before + (*interval.counts)[digit]) {
            before += (*interval.counts)[digit++];
        }
        if (digit == DigitCounts::kDigits) break;
        Interval part;
        part.bits = interval.bits + kDigit;
        part.prefix = interval.prefix << kDigit | digit;
        part.before = before;
        part.count = (*interval.counts)[digit];
        if (part.bits == 64)
            m_known[rank] = valueOf(part.prefix);
        else if (next.empty() || next.back().prefix != part.prefix)
            next.push_back(std::move(part));
    }
    return next;
}

/// All values of the interval are gathered: the ranks are looked up.
void StatsSink::findRanks(Interval& interval)
{
    auto& [values, weighted] = interval.gathered;
    if (!weighted.empty()) {
        for (const double value : values) weighted.push_back({value, 1});
        std::sort(weighted.begin(), weighted.end(),
                  [](const Weighted& a, const Weighted& b) { return a.value < b.value; });
    }
    std::uint64_t below = interval.before; // values before weighted[at], or values in front of values[at]
    std::size_t at = 0;
    for (const std::uint64_t rank : ranks()) {
        if (rank < interval.before || rank - interval.before >= interval.count) continue;
        if (weighted.empty()) {
            // What lies in front of the rank before is sorted off already.
            const auto place = static_cast<std::ptrdiff_t>(rank - interval.before);
            std::nth_element(values.begin() + static_cast<std::ptrdiff_t>(at), values.begin() + place,
                             values.end());
            at = static_cast<std::size_t>(place);
            m_known[rank] = values[at];
            continue;
        }
        while (rank >= below + weighted[at].times) below += weighted[at++].times;
        m_known[rank] = weighted[at].value;
    }
}

bool StatsSink::nextPass()
{
    std::vector<Interval> next;
    for (Interval& interval : m_intervals) {
        if (interval.gather) {
            findRanks(interval);
            continue;
        }
        for (Interval& part : narrow(interval)) next.push_back(std::move(part));
    }
    if (m_firstPass && m_allSize <= m_limit) {
        for (const Gathered& all : m_all) {
            all.forEach([&](double value, std::uint64_t times) {
                const std::uint64_t key = keyOf(value);
                const auto interval = std::find_if(next.begin(), next.end(),
                                                   [key](const auto& each) { return each.holds(key); });
                if (interval == next.end()) return;
                if (times == 1)
                    interval->gathered.values.push_back(value);
                else
                    interval->gathered.weighted.push_back({value, times});
            });
        }
        for (Interval& interval : next) findRanks(interval);
        next.clear();
    }
    m_firstPass = false;
    m_all = {};
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
            interval->counts = std::make_unique<DigitCounts>();
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
    answer.between = m_between;
    if (m_count == 0) return Answer(std::move(answer));
    answer.min = m_min;
    answer.max = m_max;
    Sum sum;
    for (const Sum& each : m_sums) sum.add(each);
    answer.sum = sum.value();
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
