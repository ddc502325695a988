#include "models/analysis/pattern_report.h"

#include <algorithm>
#include <cmath>

namespace faultline {
namespace {

constexpr double kLeastExpected = 3, kLeastDue = 8;
constexpr std::size_t kLeastBuckets = 5, kLeastPause = 3;
constexpr double kLeastPeak = 6, kLeastTimes = 4, kLeastDeviations = 6;

/// The last bucket that has an event of the selection; nothing when none has.
std::optional<std::size_t> lastFilled(const std::vector<std::uint64_t>& series)
{
    for (std::size_t i = series.size(); i > 0; --i)
        if (series[i - 1] != 0) return i - 1;
    return std::nullopt;
}

void judgeStopped(const PatternFacts& facts, const PatternReport& report, PatternVerdict& verdict)
{
    const auto last = lastFilled(facts.series), end = lastFilled(report.series);
    if (!last || !end || *end <= *last) return;
    const std::size_t pause = *end - *last;
    std::size_t filled = 0, longest = 0, run = 0;
    std::optional<std::size_t> first;
    std::uint64_t events = 0;
    for (std::size_t i = 0; i <= *last; ++i) {
        if (facts.series[i] == 0) {
            run += first ? 1 : 0;
            continue;
        }
        if (!first) first = i;
        longest = std::max(longest, run);
        run = 0;
        ++filled;
        events += facts.series[i];
    }
    const double due =
        static_cast<double>(events) / static_cast<double>(*last - *first + 1) * static_cast<double>(pause);
    if (filled < kLeastBuckets || pause < kLeastPause || pause <= 2 * longest || due < kLeastDue) return;
    verdict.gone = PatternVerdict::Gone::Stopped;
    verdict.expected = due;
}

void judgeBurst(const PatternFacts& facts, PatternVerdict& verdict)
{
    if (facts.series.empty()) return;
    const auto peak = std::max_element(facts.series.begin(), facts.series.end());
    verdict.peak = static_cast<std::size_t>(peak - facts.series.begin());
    std::vector<std::uint64_t> sorted = facts.series;
    const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
    std::nth_element(sorted.begin(), middle, sorted.end());
    const double most = static_cast<double>(*peak), usual = static_cast<double>(*middle);
    verdict.burst = (most + 1) / (usual + 1);
    verdict.bursting = most >= kLeastPeak && most >= kLeastTimes * usual &&
                       most - usual >= kLeastDeviations * std::sqrt(std::max(usual, 1.0));
}

} // namespace

PatternVerdict judgePattern(const PatternFacts& facts, const PatternReport& report)
{
    PatternVerdict verdict;
    verdict.isNew = report.knowsBefore && facts.summary.count > 0 && !facts.storeHadIt;
    judgeBurst(facts, verdict);
    if (facts.summary.count > 0) {
        judgeStopped(facts, report, verdict);
    } else if (facts.before > 0) {
        const double width = static_cast<double>(report.step) * static_cast<double>(report.series.size());
        const double past = static_cast<double>(report.range.begin) - static_cast<double>(report.beforeBegin);
        verdict.expected = static_cast<double>(facts.before) * width / std::max(past, 1.0);
        verdict.gone =
            verdict.expected >= kLeastExpected ? PatternVerdict::Gone::Absent : PatternVerdict::Gone::Rare;
    }
    return verdict;
}

PatternFacts mergeFacts(std::span<const PatternFacts* const> all, const PatternReport& report)
{
    const PatternFacts* const least =
        *std::min_element(all.begin(), all.end(), [](const PatternFacts* a, const PatternFacts* b) {
            return a->summary.id < b->summary.id;
        });
    PatternFacts sum;
    sum.summary.id = least->summary.id;
    sum.summary.pattern = least->summary.pattern;
    sum.series.assign(report.series.size(), 0);
    for (const PatternFacts* const each : all) {
        const PatternSummary& one = each->summary;
        if (each->members.empty())
            sum.members.push_back(one.id);
        else
            sum.members.insert(sum.members.end(), each->members.begin(), each->members.end());
        sum.before += each->before;
        sum.storeHadIt = sum.storeHadIt || each->storeHadIt;
        if (each->lastBefore)
            sum.lastBefore = std::max(sum.lastBefore.value_or(*each->lastBefore), *each->lastBefore);
        for (std::size_t i = 0; i < std::min(sum.series.size(), each->series.size()); ++i)
            sum.series[i] += each->series[i];
        if (one.count == 0) continue;
        sum.summary.count += one.count;
        for (std::size_t i = 0; i < one.bySeverity.size(); ++i)
            sum.summary.bySeverity[i] += one.bySeverity[i];
        // Times of their own count before those that stand in.
        if (sum.first && one.timed != sum.summary.timed && !one.timed) continue;
        const bool better = !sum.first || (one.timed && !sum.summary.timed);
        if (better || *each->first < *sum.first) {
            sum.first = each->first;
            sum.summary.first = one.first;
            sum.summary.example = one.example;
        }
        if (better || *each->last > *sum.last) {
            sum.last = each->last;
            sum.summary.last = one.last;
        }
        sum.summary.timed = sum.summary.timed || one.timed;
    }
    std::sort(sum.members.begin(), sum.members.end());
    sum.verdict = judgePattern(sum, report);
    return sum;
}

} // namespace faultline
