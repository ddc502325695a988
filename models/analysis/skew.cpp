#include "models/analysis/skew_events.h"
#include "models/analysis/tracer.h"

#include <algorithm>
#include <tuple>

namespace faultline {

namespace {

using Verdict = SkewEstimate::Verdict;
using Evidence = SkewEstimate::Evidence;

SkewSample turned(const SkewSample& sample)
{
    return {-sample.begin, -sample.end, sample.callee, sample.caller};
}

/// The estimate for two parties, and whether the second one is the caller.
std::pair<SkewEstimate, bool> estimateOf(SkewPairSamples&& samples, std::int64_t grainFirst,
                                         std::int64_t grainSecond)
{
    // Parents know who calls. In both directions: the one with more calls.
    const bool back = samples.calls[1].size() > samples.calls[0].size();
    auto& calls = samples.calls[back ? 1 : 0];
    if (calls.size() >= kLeastTraces) {
        const ClockGrain grain =
            back ? ClockGrain{grainSecond, grainFirst} : ClockGrain{grainFirst, grainSecond};
        return {estimateSkew(std::move(calls), Evidence::Parents, grain), back};
    }
    std::size_t firstLonger = 0, secondLonger = 0;
    for (const SkewSample& sample : samples.times) {
        if (sample.caller > sample.callee) ++firstLonger;
        if (sample.callee > sample.caller) ++secondLonger;
    }
    const bool second = secondLonger > firstLonger;
    std::vector<SkewSample> times;
    for (const SkewSample& sample : samples.times) {
        const SkewSample seen = second ? turned(sample) : sample;
        if (seen.caller > 0) times.push_back(seen); // else it has no "after the answer"
    }
    const ClockGrain grain =
        second ? ClockGrain{grainSecond, grainFirst} : ClockGrain{grainFirst, grainSecond};
    return {estimateSkew(std::move(times), Evidence::Times, grain), second};
}

} // namespace

Result<SkewReport> Tracer::skew(const SkewQuestion& question, std::stop_token stop)
{
    auto filter = CompiledFilter::compile(question.selection.filter);
    if (!filter) return filter.error();
    SkewReport report;
    std::vector<MissedEvents> missed;
    const Status status =
        overSnapshot(*m_source, *m_pool, question.selection.range, std::move(stop), missed,
                     [&](EventScan& events) -> Status {
                         report = {};
                         SkewEvents held(m_options.skewEvents);
                         if (Status read = held.read(events, **filter, question); !read) return read;
                         SkewSamples samples = samplesOf(held.events(), [&] { return events.stopped(); });
                         report.traces = samples.traces;
                         report.skippedWide = samples.skippedWide;
                         report.halvings = held.halvings();
                         for (auto& [who, of] : samples.pairs) {
                             if (events.stopped())
                                 return makeError(ErrorKind::Cancelled, "look at traces", "it was stopped");
                             SkewPair pair;
                             pair.shared = of.shared;
                             const auto [estimate, turnedRound] =
                                 estimateOf(std::move(of), held.grain(who.first), held.grain(who.second));
                             pair.estimate = estimate;
                             pair.caller = held.name(turnedRound ? who.second : who.first);
                             pair.callee = held.name(turnedRound ? who.first : who.second);
                             // Where nobody is known to call, names say which is which.
                             if (!estimate.says() && pair.callee < pair.caller)
                                 std::swap(pair.caller, pair.callee);
                             report.pairs.push_back(std::move(pair));
                         }
                         return {};
                     });
    if (!status) return status.error();
    std::sort(report.pairs.begin(), report.pairs.end(), [](const SkewPair& a, const SkewPair& b) {
        const auto key = [](const SkewPair& pair) {
            const Verdict verdict = pair.estimate.verdict;
            const int rank = verdict == Verdict::Apart ? 0 : verdict == Verdict::Suspected ? 1 : 2;
            const std::int64_t size = pair.estimate.offset < 0 ? -pair.estimate.offset : pair.estimate.offset;
            return std::tuple(rank, rank < 2 ? -size : 0, pair.caller, pair.callee);
        };
        return key(a) < key(b);
    });
    report.fixes = clockFixes(report.pairs);
    report.missed = std::move(missed);
    return report;
}

} // namespace faultline
