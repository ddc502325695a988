#include "models/analysis/change_ranking.h"

#include "models/query/filter_build.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <tuple>

namespace faultline {

namespace {

using statistics::Series;

constexpr double kMostDoublings = 6;
constexpr double kPairWeight = 0.6;
constexpr double kAwayPart = 8;     // of A, away from whose begin half of the score is lost: one of so many
constexpr double kStillThere = 2.5; // standard errors that an unexplained rest of a difference has at least
constexpr double kExplained = 0.4;  // of the strength that may be left of what another one explains
constexpr double kAboutAsStrong = 0.6; // of the best score: may be in front of it in a group
constexpr double kNearlyAll = 0.9;     // of the events of a side
constexpr double kRoughly = 0.2;       // of the larger: as many
constexpr double kAlike = 0.8;         // of the events of either are shared: the same events
constexpr double kSimpler = 0.2;       // the same, of what is no combination in front of combinations
constexpr double kUnlikely = 0.01;     // of one test alone
constexpr double kRising = 0.8;
constexpr std::uint64_t kRisingEvents = 16;

/// What the traffic of each bucket tells of how many events are to be expected there.
struct Exposures
{
    std::vector<double> byEvents[2], byTime[2];

    explicit Exposures(const ChangeSeries& series)
    {
        for (int side = 0; side < 2; ++side) {
            for (const std::uint32_t count : series.total(side)) {
                byEvents[side].push_back(count);
                byTime[side].push_back(count != 0 ? 1 : 0);
            }
        }
    }
};

/// The smaller of two estimates: counts as parts of the traffic, and by the clock. A flood of other events
/// spoils the first, a change of traffic the second.
statistics::Dispersion dispersionOf(const ChangeCandidate& candidate, const Exposures& exposures,
                                    const CompareBuckets& buckets)
{
    const auto of = [&](const std::vector<double>* exposure) {
        return statistics::dispersion({candidate.series[0], exposure[0]}, {candidate.series[1], exposure[1]},
                                      buckets.blocks(0), buckets.blocks(1));
    };
    const auto byEvents = of(exposures.byEvents), byTime = of(exposures.byTime);
    return byEvents.phi <= byTime.phi ? byEvents : byTime;
}

/// When the rate of the candidate became that of A: buckets of B that end where A begins are looked at too.
void findOnset(const ChangeCandidate& candidate, const Exposures& exposures, const CompareBuckets& buckets,
               const JudgeContext& context, Change& change)
{
    const TimeRange a = context.time[0], b = context.time[1];
    if (a.end <= a.begin + 1) return;
    if (change.inB == 0 && candidate.first[0]) {
        change.onset = candidate.first[0]->time;
        return;
    }
    // B as one bucket, then A; or, where B leads up to A, B as it is.
    const bool adjacent = b.begin < a.begin && b.end >= a.begin - buckets.width(1);
    const std::size_t before = adjacent ? buckets.bucketOf(1, a.begin - 1) + 1 : 1;
    std::vector<std::uint32_t> counts;
    std::vector<double> exposure;
    if (adjacent) {
        counts.assign(candidate.series[1].begin(),
                      candidate.series[1].begin() + static_cast<std::ptrdiff_t>(before));
        exposure.assign(exposures.byEvents[1].begin(),
                        exposures.byEvents[1].begin() + static_cast<std::ptrdiff_t>(before));
    } else {
        counts.push_back(static_cast<std::uint32_t>(std::min<std::uint64_t>(change.inB, 0xffff'ffffu)));
        exposure.push_back(static_cast<double>(context.events[1]));
    }
    counts.insert(counts.end(), candidate.series[0].begin(), candidate.series[0].end());
    exposure.insert(exposure.end(), exposures.byEvents[0].begin(), exposures.byEvents[0].end());
    // Not longer before A than A is long.
    const auto length = static_cast<std::size_t>(
        std::max<TimeNs>(1, (a.end - a.begin) / std::max<TimeNs>(buckets.width(1), 1)));
    const std::size_t from = adjacent && before > length ? before - length : 1;
    const auto at = statistics::changePoint({counts, exposure}, from);
    if (!at) return;
    if (*at < before) {
        const TimeNs onset = buckets.beginOf(1, *at);
        change.beganBefore = before - *at > 1;
        change.onset = change.beganBefore ? onset : a.begin;
    } else {
        change.onset = std::max(a.begin, buckets.beginOf(0, *at - before));
    }
}

/// Whether numbers of the field were small at first and large later (or the reverse) within B already.
bool rises(const ChangeCandidate& candidate)
{
    std::uint64_t all = 0, passed = 0, above[2] = {0, 0}, present[2] = {0, 0};
    for (const std::uint32_t count : candidate.probeSeries[1]) all += count;
    for (std::size_t i = 0; i < candidate.probeSeries[0].size(); ++i) {
        const std::size_t half = passed * 2 < all ? 0 : 1;
        above[half] += candidate.probeSeries[0][i];
        present[half] += candidate.probeSeries[1][i];
        passed += candidate.probeSeries[1][i];
    }
    if (present[0] + present[1] < kRisingEvents || present[0] == 0 || present[1] == 0) return false;
    const double early = static_cast<double>(above[0]) / static_cast<double>(present[0]);
    const double late = static_cast<double>(above[1]) / static_cast<double>(present[1]);
    return std::abs(early - late) > kRising;
}

double doublings(double count, double expected)
{
    return std::min(std::abs(std::log2((count + 0.5) / (expected + 0.5))), kMostDoublings);
}

double strengthOf(double x, double y, const statistics::Exposure& exposure, double phi)
{
    const double strength = std::abs(statistics::beyond(x, y, exposure.ratio)) / std::sqrt(phi);
    // What is not known of the exposure adds to the error of the difference.
    const double own = phi * (1 / (x + 0.5) + 1 / (y + 0.5));
    return strength / std::sqrt(1 + exposure.deviation * exposure.deviation / own);
}

Change measured(const ChangeCandidate& candidate, const statistics::Dispersion& dispersion,
                const JudgeContext& context)
{
    const ChangeItem& item = candidate.item;
    Change change;
    change.kind = item.kind;
    change.field = item.field;
    change.value = item.value;
    change.secondField = item.secondField;
    change.secondValue = item.secondValue;
    change.patternId = item.patternId;
    change.pattern = item.pattern;
    change.example = candidate.example;
    if (item.kind == Change::Kind::Number) change.numbers = item.numbers;
    change.filter = item.filter();
    change.inA = candidate.count[0];
    change.inB = candidate.count[1];
    const auto x = static_cast<double>(change.inA), y = static_cast<double>(change.inB);
    const double s = context.exposure.ratio;
    change.expectedA = y * s;
    change.shareA = context.events[0] == 0 ? 0 : x / static_cast<double>(context.events[0]);
    change.shareB = context.events[1] == 0 ? 0 : y / static_cast<double>(context.events[1]);
    const double larger = std::max(x, change.expectedA);
    change.effect = larger > 0 ? std::abs(x - change.expectedA) / larger : 0;
    change.way = change.inB == 0        ? Change::Way::New
                 : change.inA == 0      ? Change::Way::Gone
                 : x > change.expectedA ? Change::Way::More
                                        : Change::Way::Less;
    change.dispersion = dispersion.phi;
    change.strength = strengthOf(x, y, context.exposure, dispersion.phi);
    change.p = statistics::tailOfT(change.strength, dispersion.freedom);
    return change;
}

/// Looks at a value as a part of the events that have its field, too: where the field is one of a service,
/// a flood or a lull of that service is no change of its values. The better of the two tests counts, as two.
void measureInField(const ChangeCandidate& candidate, const FieldPresence& field,
                    const CompareBuckets& buckets, const JudgeContext& context, Change& change)
{
    if (field.count[0] == 0 || field.count[1] == 0) return;
    if (field.count[0] == context.events[0] && field.count[1] == context.events[1]) return;
    std::vector<double> exposure[2];
    for (int side = 0; side < 2; ++side)
        exposure[side].assign(field.series[side].begin(), field.series[side].end());
    const auto found =
        statistics::dispersion({candidate.series[0], exposure[0]}, {candidate.series[1], exposure[1]},
                               buckets.blocks(0), buckets.blocks(1));
    const double s = static_cast<double>(field.count[0]) / static_cast<double>(field.count[1]);
    const auto x = static_cast<double>(change.inA), y = static_cast<double>(change.inB);
    const double strength = strengthOf(x, y, {s, 0}, found.phi);
    const double p = statistics::tailOfT(strength, found.freedom);
    if (p < change.p) {
        change.p = p;
        change.strength = strength;
        change.dispersion = found.phi;
        change.expectedA = y * s;
        change.way = change.inB == 0 || change.inA == 0 ? change.way
                     : x > y * s                        ? Change::Way::More
                                                        : Change::Way::Less;
        const double larger = std::max(x, change.expectedA);
        change.effect = larger > 0 ? std::abs(x - change.expectedA) / larger : 0;
    }
    change.p = std::min(1.0, 2 * change.p);
}

double scoreOf(const Change& change, const TimeRange& a)
{
    double score = change.strength * std::sqrt(doublings(static_cast<double>(change.inA), change.expectedA));
    if (change.kind == Change::Kind::Pair) score *= kPairWeight;
    if (change.onset && a.end > a.begin) {
        const double away =
            std::abs(static_cast<double>(*change.onset - a.begin)) / static_cast<double>(a.end - a.begin);
        score *= std::exp2(-std::min(1.0, kAwayPart * away));
    }
    return score;
}

auto orderOf(const Change& change)
{
    return std::tie(change.kind, change.patternId, change.field, change.value, change.secondField,
                    change.secondValue);
}

bool better(const JudgedChange& a, const JudgedChange& b)
{
    if (a.change.score != b.change.score) return a.change.score > b.change.score;
    const auto won = [](const Change& change) { return static_cast<double>(change.inA) > change.expectedA; };
    if (won(a.change) != won(b.change)) return won(a.change);
    return orderOf(a.change) < orderOf(b.change);
}

} // namespace

Judged judge(ChangeSeries& series, const JudgeContext& context)
{
    Judged judged;
    const Exposures exposures(series);
    std::set<std::string> rising;
    std::vector<JudgedChange> all;
    auto& candidates = series.candidates();
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        const ChangeCandidate& candidate = candidates[i];
        if (candidate.count[0] + candidate.count[1] < statistics::kLeastEvents) continue;
        if (candidate.probe[0] && rises(candidate)) {
            if (rising.insert(candidate.item.field).second)
                judged.notes.push_back({candidate.item.field, FieldNote::Why::Rising, 0, 0});
            continue;
        }
        JudgedChange each{measured(candidate, dispersionOf(candidate, exposures, series.buckets()), context),
                          i};
        if (const FieldPresence* const field = series.presence(candidate))
            measureInField(candidate, *field, series.buckets(), context, each.change);
        findOnset(candidate, exposures, series.buckets(), context, each.change);
        all.push_back(std::move(each));
    }
    // Half of the level for combinations, of which there are many more, and half for the others.
    for (const bool pairs : {false, true}) {
        std::vector<double> p;
        std::vector<std::size_t> which;
        for (std::size_t i = 0; i < all.size(); ++i) {
            if ((all[i].change.kind == Change::Kind::Pair) != pairs) continue;
            which.push_back(i);
            p.push_back(all[i].change.p);
        }
        const auto q = statistics::adjusted(p, 2 * (pairs ? context.pairTests : context.tests));
        for (std::size_t i = 0; i < which.size(); ++i) all[which[i]].change.q = q[i];
    }
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (all[i].change.q > context.level && all[i].change.p > kUnlikely) continue;
        all[i].change.score = scoreOf(all[i].change, context.time[0]);
        auto& list = all[i].change.q <= context.level ? judged.passing : judged.weaker;
        list.push_back(std::move(all[i]));
    }
    std::sort(judged.passing.begin(), judged.passing.end(), better);
    std::sort(judged.weaker.begin(), judged.weaker.end(), better);
    return judged;
}

namespace {

/// Whether the difference `g` is that of `h`.
bool explains(const JudgedChange& h, std::size_t hAt, const JudgedChange& g, std::size_t gAt,
              const SharedEvents& shared, const JudgeContext& context)
{
    const auto number = [](std::uint64_t n) { return static_cast<double>(n); };
    const double bothA = number(shared.shared(hAt, gAt, 0)), bothB = number(shared.shared(hAt, gAt, 1));
    const double hA = number(h.change.inA), hB = number(h.change.inB);
    const double restA = number(g.change.inA) - bothA, restB = number(g.change.inB) - bothB;
    const double error = std::sqrt(g.change.dispersion);
    const double most = std::max(kStillThere, kExplained * g.change.strength);

    // One value of a field has what another one lost: a deploy, a flip.
    if (h.change.kind == Change::Kind::Value && g.change.kind == Change::Kind::Value &&
        h.change.field == g.change.field) {
        const double wonH = hA - h.change.expectedA;
        const double wonG = number(g.change.inA) - g.change.expectedA;
        if (wonH * wonG < 0 && std::abs(wonH + wonG) <= kRoughly * std::max(std::abs(wonH), std::abs(wonG)))
            return true;
    }
    // Of H that is nearly all of a side nothing is left to compare with: only its own events say the same.
    const double all[2] = {number(context.events[0]), number(context.events[1])};
    if (hA > kNearlyAll * all[0] || hB > kNearlyAll * all[1]) {
        const auto alike = [](double common, double a, double b) {
            return common >= kAlike * std::max(a, b);
        };
        if (alike(bothA, hA, number(g.change.inA)) && alike(bothB, hB, number(g.change.inB))) return true;
        // Or a combination of it, or of the value that it has taken the place of.
        return h.change.kind == Change::Kind::Value && g.change.kind == Change::Kind::Pair &&
               (g.change.field == h.change.field || g.change.secondField == h.change.field);
    }
    // Within H: as many as H's own change makes of them.
    if (bothA + bothB > 0) {
        const double within = statistics::signedRoot(bothA, bothB, (hA + 0.5) / (hB + 0.5)) / error;
        if (std::abs(within) >= most) return false;
    }
    // Outside it is gone: by the clock and the traffic of all, or as a part of what is left.
    const double x = number(g.change.inA), y = number(g.change.inB);
    const auto away = [&](double a, double b, double s) {
        return std::abs(statistics::signedRoot(a, b, s)) / error;
    };
    const bool byClock = away(x, y, context.exposure.ratio) >= most,
               byShare = away(x, y, all[0] / all[1]) >= most;
    if (byClock && away(restA, restB, context.exposure.ratio) < most) return true;
    if (byShare && all[0] > hA && all[1] > hB && away(restA, restB, (all[0] - hA) / (all[1] - hB)) < most)
        return true;
    if (byClock || byShare) return false;
    // A share within its field alone: the field's other values make up for it, or it is mostly H's events.
    return g.change.field == h.change.field || 2 * (restA + restB) < x + y;
}

} // namespace

void Folding::add(const std::vector<JudgedChange>& more, const SharedEvents& shared, bool weaker)
{
    const std::size_t known = m_heads.size();
    std::vector<std::size_t> left;
    for (std::size_t i = 0; i < more.size(); ++i) {
        std::size_t head = 0;
        while (head < known && !explains(m_heads[head], head, more[i], known + i, shared, m_context)) ++head;
        if (head == known)
            left.push_back(i);
        else if (!weaker)
            m_groups[head].same.push_back(more[i].change);
    }
    while (!left.empty()) {
        // Of those about as strong as the strongest the one that accounts for most.
        const JudgedChange& strongest = more[left.front()];
        const double least = kAboutAsStrong * strongest.change.score;
        // A combination is a part of something simpler where that explains it, however much rougher it is.
        const double leastSimple =
            strongest.change.kind == Change::Kind::Pair ? kSimpler * strongest.change.score : least;
        std::vector<std::size_t> best;
        double most = -1;
        for (const std::size_t h : left) {
            if (more[h].change.score < leastSimple) break;
            if (more[h].change.score < least && more[h].change.kind == Change::Kind::Pair) continue;
            std::vector<std::size_t> explained;
            double sum = more[h].change.score;
            for (const std::size_t g : left) {
                if (g == h || !explains(more[h], known + h, more[g], known + g, shared, m_context)) continue;
                explained.push_back(g);
                sum += more[g].change.score;
            }
            if (sum <= most) continue;
            most = sum;
            best = std::move(explained);
            best.insert(best.begin(), h);
        }
        ChangeGroup group{more[best.front()].change, {}};
        for (std::size_t i = 1; i < best.size(); ++i) group.same.push_back(more[best[i]].change);
        m_heads.push_back(more[best.front()]);
        m_groups.push_back(std::move(group));
        std::erase_if(left,
                      [&](std::size_t i) { return std::find(best.begin(), best.end(), i) != best.end(); });
    }
}

} // namespace faultline
