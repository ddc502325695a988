#include "models/analysis/clock_skew.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <numeric>
#include <set>

namespace faultline {

namespace {

// The mean of a normal distribution's lowest quarter lies 1.27 deviations below its middle.
constexpr double kSelection = 1.3;

/// Ranks from 0; equal values share the mean of theirs.
std::vector<double> ranksOf(const std::vector<std::int64_t>& values)
{
    std::vector<std::size_t> order(values.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
    std::vector<double> ranks(values.size());
    for (std::size_t first = 0; first < order.size();) {
        std::size_t last = first;
        while (last + 1 < order.size() && values[order[last + 1]] == values[order[first]]) ++last;
        for (std::size_t i = first; i <= last; ++i) ranks[order[i]] = static_cast<double>(first + last) / 2;
        first = last + 1;
    }
    return ranks;
}

/// Spearman's: Pearson's correlation of the ranks; 0 where one of them does not vary.
double rankCorrelation(const std::vector<std::int64_t>& a, const std::vector<std::int64_t>& b)
{
    const std::vector<double> ranksA = ranksOf(a), ranksB = ranksOf(b);
    const double mean = static_cast<double>(a.size() - 1) / 2;
    double ab = 0, aa = 0, bb = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        ab += (ranksA[i] - mean) * (ranksB[i] - mean);
        aa += (ranksA[i] - mean) * (ranksA[i] - mean);
        bb += (ranksB[i] - mean) * (ranksB[i] - mean);
    }
    return aa > 0 && bb > 0 ? ab / std::sqrt(aa * bb) : 0;
}

bool callerShows(const std::vector<SkewSample>& samples)
{
    std::vector<std::int64_t> callers, callees;
    std::size_t longer = 0;
    for (const SkewSample& sample : samples) {
        callers.push_back(sample.caller);
        callees.push_back(sample.callee);
        if (sample.caller >= sample.callee) ++longer;
    }
    if (longer * 10 < samples.size() * 9) return false;
    return rankCorrelation(callers, callees) >= kLeastCorrelation;
}

/// How many of the intervals, widened by `jitter` on both sides, have one offset in common, at most.
std::size_t mostSuited(const std::vector<SkewSample>& samples, std::int64_t jitter)
{
    std::vector<std::int64_t> begins, ends;
    for (const SkewSample& sample : samples) {
        if (sample.end - jitter > sample.begin + jitter) continue;
        begins.push_back(sample.end - jitter);
        ends.push_back(sample.begin + jitter);
    }
    std::sort(begins.begin(), begins.end());
    std::sort(ends.begin(), ends.end());
    std::size_t most = 0, open = 0, closed = 0;
    for (const std::int64_t at : begins) {
        ++open;
        while (closed < ends.size() && ends[closed] < at) ++closed;
        most = std::max(most, open - closed);
    }
    return most;
}

std::int64_t median(const std::vector<std::int64_t>& sorted)
{
    const std::size_t half = sorted.size() / 2;
    return sorted.size() % 2 == 1 ? sorted[half] : sorted[half - 1] + (sorted[half] - sorted[half - 1]) / 2;
}

} // namespace

SkewEstimate estimateSkew(std::vector<SkewSample> samples, SkewEstimate::Evidence evidence, ClockGrain grain)
{
    SkewEstimate estimate;
    estimate.evidence = evidence;
    estimate.traces = samples.size();
    if (samples.size() < kLeastTraces) return estimate;
    if (evidence == SkewEstimate::Evidence::Times && !callerShows(samples)) {
        estimate.verdict = SkewEstimate::Verdict::NoPattern;
        return estimate;
    }
    for (SkewSample& sample : samples) {
        sample.begin += grain.callee;
        sample.end -= grain.caller;
    }
    std::sort(samples.begin(), samples.end(), [](const SkewSample& a, const SkewSample& b) {
        if (a.width() != b.width()) return a.width() < b.width();
        return a.begin != b.begin ? a.begin < b.begin : a.end < b.end;
    });
    // What is longer at the callee than at the caller is no call; some jitter is.
    const auto nested = std::find_if(samples.begin(), samples.end(),
                                     [](const SkewSample& sample) { return sample.width() >= 0; });
    const auto others = static_cast<std::size_t>(nested - samples.begin());
    if (others * 10 > samples.size() || samples.size() - others < kLeastTraces) {
        estimate.verdict = SkewEstimate::Verdict::NoPattern;
        return estimate;
    }
    const std::size_t kept = std::max(kLeastTraces, (samples.size() - others) / 4);
    std::vector<std::int64_t> lower, upper, middle;
    for (std::size_t i = others; i < others + kept; ++i) {
        lower.push_back(samples[i].end);
        upper.push_back(samples[i].begin);
        middle.push_back(samples[i].end + samples[i].width() / 2);
    }
    std::sort(lower.begin(), lower.end());
    std::sort(upper.begin(), upper.end());
    std::sort(middle.begin(), middle.end());
    const auto off = static_cast<std::size_t>(std::ceil(0.98 * std::sqrt(static_cast<double>(kept))));
    const std::size_t low = kept / 2 > off ? kept / 2 - off : 0;
    const std::int64_t middleLow = median(lower), middleHigh = median(upper);
    const double spread = static_cast<double>(middle[kept * 84 / 100] - middle[kept * 16 / 100]) / 2;
    const std::int64_t jitter = std::llround(kSelection * spread);
    estimate.low = lower[low] - jitter;
    estimate.high = upper[kept - 1 - low] + jitter;
    estimate.offset = middleLow + (middleHigh - middleLow) / 2;
    estimate.uncertainty = std::max(estimate.high - estimate.offset, estimate.offset - estimate.low);
    const std::size_t suited = mostSuited(samples, jitter);
    if (suited * 10 < samples.size() * 9) {
        estimate.verdict = SkewEstimate::Verdict::Inconsistent;
    } else if (estimate.low <= 0 && estimate.high >= 0) {
        estimate.verdict = SkewEstimate::Verdict::Together;
    } else if (evidence == SkewEstimate::Evidence::Times &&
               std::abs(estimate.offset) < 2 * estimate.uncertainty) {
        estimate.verdict = SkewEstimate::Verdict::NoPattern;
    } else if (evidence == SkewEstimate::Evidence::Times) {
        estimate.verdict = SkewEstimate::Verdict::Suspected;
    } else {
        estimate.verdict = SkewEstimate::Verdict::Apart;
    }
    if (!estimate.says()) estimate.offset = estimate.low = estimate.high = estimate.uncertainty = 0;
    return estimate;
}

std::vector<ClockFix> clockFixes(const std::vector<SkewPair>& pairs)
{
    std::vector<const SkewPair*> apart;
    for (const SkewPair& pair : pairs)
        if (pair.estimate.verdict == SkewEstimate::Verdict::Apart) apart.push_back(&pair);
    std::vector<ClockFix> fixes;
    std::set<std::string> right; // clocks that others are set by: they stay
    while (!apart.empty()) {
        std::map<std::string, std::size_t> times;
        for (const SkewPair* pair : apart) {
            ++times[pair->caller];
            ++times[pair->callee];
        }
        // Together with somebody: more to be believed.
        std::map<std::string, std::size_t> believed;
        for (const SkewPair& pair : pairs) {
            if (pair.estimate.verdict != SkewEstimate::Verdict::Together) continue;
            ++believed[pair.caller];
            ++believed[pair.callee];
        }
        const auto weight = [&](const std::string& party) {
            const auto many = static_cast<std::int64_t>(right.contains(party) ? 0 : times[party]);
            return std::pair(many, -static_cast<std::int64_t>(believed[party]));
        };
        // The pair that decides: it has the party that is apart from most, and is the surest of those.
        const SkewPair* best = nullptr;
        const auto worst = [&](const SkewPair& pair) {
            return std::max(weight(pair.caller), weight(pair.callee));
        };
        for (const SkewPair* pair : apart) {
            if (best == nullptr || worst(*pair) > worst(*best) ||
                (worst(*pair) == worst(*best) && pair->estimate.uncertainty < best->estimate.uncertainty))
                best = pair;
        }
        if (right.contains(best->caller) && right.contains(best->callee)) break;
        const bool ofCaller = weight(best->caller) > weight(best->callee);
        ClockFix fix;
        fix.party = ofCaller ? best->caller : best->callee;
        fix.after = ofCaller ? best->callee : best->caller;
        fix.add = ofCaller ? best->estimate.offset : -best->estimate.offset;
        fix.uncertainty = best->estimate.uncertainty;
        fixes.push_back(fix);
        right.insert(fix.after);
        std::erase_if(apart, [&](const SkewPair* pair) {
            return pair->caller == fix.party || pair->callee == fix.party;
        });
    }
    std::sort(fixes.begin(), fixes.end(),
              [](const ClockFix& a, const ClockFix& b) { return a.party < b.party; });
    return fixes;
}

} // namespace faultline
