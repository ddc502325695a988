#include "models/analysis/change_statistics.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace faultline::statistics {

namespace {

constexpr std::size_t kFewestPatterns = 5;   // that a median of ratios stands on
constexpr std::uint64_t kPatternEvents = 20; // that make a ratio worth to be looked at

constexpr std::size_t kFewestBlocks = 7;  // whose differences tell of bursts on one side alone
constexpr std::size_t kFewestWindows = 7; // that tell of slow swings
constexpr double kSlowSigns = 1.5;        // standard errors of the ratio of the two variances

double term(double x, double expected)
{
    return x <= 0 || expected <= 0 ? 0 : x * std::log(x / expected);
}

/// The value at half of the weight; `items` are sorted by it.
double weightedMedian(std::vector<std::pair<double, double>>& items)
{
    std::sort(items.begin(), items.end());
    double all = 0, below = 0;
    for (const auto& [value, weight] : items) all += weight;
    for (std::size_t i = 0; i < items.size(); ++i) {
        below += items[i].second;
        if (below > all / 2) return items[i].first;
        if (below == all / 2 && i + 1 < items.size()) return (items[i].first + items[i + 1].first) / 2;
    }
    return items.empty() ? 0 : items.back().first;
}

} // namespace

double beyond(double x, double y, double s)
{
    const double expected = y * s;
    if (x > expected * kLeastFactor) return signedRoot(x, y, s * kLeastFactor);
    if (x * kLeastFactor < expected) return signedRoot(x, y, s / kLeastFactor);
    return 0;
}

double signedRoot(double x, double y, double s)
{
    const double all = x + y;
    if (all <= 0) return 0;
    const double a = all * s / (1 + s), b = all - a;
    const double deviance = std::max(0.0, 2 * (term(x, a) + term(y, b)));
    return x >= a ? std::sqrt(deviance) : -std::sqrt(deviance);
}

Differences successiveDifferences(const Series& series, std::size_t block, double rate)
{
    Differences sum;
    double before = 0, beforeExposure = 0;
    bool any = false;
    for (std::size_t i = 0; i + block <= series.counts.size(); i += block) {
        double count = 0, exposure = 0;
        for (std::size_t k = i; k < i + block; ++k) {
            count += series.counts[k];
            exposure += series.exposure[k];
        }
        if (exposure <= 0) continue; // nothing is known of this time: what comes next follows the one before
        if (any) {
            const double difference = count / exposure - before / beforeExposure;
            sum.squares += difference * difference / (1 / exposure + 1 / beforeExposure);
            sum.expected += rate;
            ++sum.count;
        }
        before = count;
        beforeExposure = exposure;
        any = true;
    }
    return sum;
}

namespace {

/// Variance of the counts of windows about their mean, over that of independent events.
double windowVariance(const Series& series, std::size_t block, double rate, std::size_t& windows)
{
    double squares = 0;
    windows = 0;
    for (std::size_t i = 0; i + block <= series.counts.size(); i += block) {
        double count = 0, exposure = 0;
        for (std::size_t k = i; k < i + block; ++k) {
            count += series.counts[k];
            exposure += series.exposure[k];
        }
        if (exposure <= 0) continue;
        const double difference = count - rate * exposure;
        squares += difference * difference / (rate * exposure);
        ++windows;
    }
    return windows > 1 ? squares / static_cast<double>(windows - 1) : 0;
}

} // namespace

Dispersion dispersion(const Series& a, const Series& b, std::span<const std::size_t> blocksA,
                      std::span<const std::size_t> blocksB)
{
    const auto total = [](const auto& values) { return std::accumulate(values.begin(), values.end(), 0.0); };
    const double x = total(a.counts), y = total(b.counts);
    const double exposureA = total(a.exposure), exposureB = total(b.exposure);
    const double rateA = exposureA > 0 ? x / exposureA : 0, rateB = exposureB > 0 ? y / exposureB : 0;
    const auto ratio = [](const Differences& d) { return d.expected > 0 ? d.squares / d.expected : 0.0; };
    double fine = 1, freedom = 1e6;
    for (std::size_t scale = 0; scale < blocksA.size(); ++scale) {
        const Differences inA = successiveDifferences(a, blocksA[scale], rateA);
        const Differences inB = successiveDifferences(b, blocksB[scale], rateB);
        const std::size_t count = inA.count + inB.count;
        if (scale == 0) freedom = std::max(1.0, 2.0 / 3.0 * static_cast<double>(count));
        if (count < 3) break;
        double phi =
            inA.expected + inB.expected > 0 ? (inA.squares + inB.squares) / (inA.expected + inB.expected) : 0;
        // Longer blocks are fewer: the largest of several estimates is not to be one of chance.
        if (scale > 0) phi *= 1 - 1 / std::sqrt(static_cast<double>(count));
        // What is more on one side may come in bursts there, and singly on the other.
        const Differences& more = rateA >= rateB ? inA : inB;
        if (more.count >= kFewestBlocks)
            phi = std::max(phi, ratio(more) *
                                    (scale == 0 ? 1 : 1 - 1 / std::sqrt(static_cast<double>(more.count))));
        fine = std::max(fine, phi);
    }
    // Slow swings: the windows of B differ by more than neighbours do.
    Dispersion found{fine, freedom};
    if (rateB <= 0) return found;
    for (std::size_t scale = blocksB.size(); scale-- > 0;) {
        std::size_t windows = 0;
        const double plain = windowVariance(b, blocksB[scale], rateB, windows);
        if (windows < kFewestWindows) continue;
        const double near = std::max(1.0, ratio(successiveDifferences(b, blocksB[scale], rateB)));
        const auto count = static_cast<double>(windows);
        if (plain > near * (1 + kSlowSigns / std::sqrt(count))) {
            const double times = static_cast<double>(blocksB.back()) / static_cast<double>(blocksB[scale]);
            const double slow = (plain - near) * times;
            found.phi = fine + slow;
            // Satterthwaite, Biometrics Bulletin 2, 1946.
            found.freedom = found.phi * found.phi / (fine * fine / freedom + slow * slow / (count - 1));
        }
        break;
    }
    return found;
}

double tailOfT(double t, double freedom)
{
    t = std::abs(t);
    const double n = std::max(freedom, 1.0);
    const double z = (8 * n + 1) / (8 * n + 3) * std::sqrt(n * std::log1p(t * t / n));
    return std::min(1.0, std::erfc(z / std::sqrt(2.0)));
}

Exposure exposureOf(std::span<const Ratio> patterns, std::uint64_t x, std::uint64_t y)
{
    Exposure plain{y > 0 && x > 0 ? static_cast<double>(x) / static_cast<double>(y) : 1.0, 0};
    std::vector<std::pair<double, double>> logs;
    double weights = 0, squares = 0;
    for (const Ratio& pattern : patterns) {
        if (pattern.x == 0 || pattern.y == 0 || pattern.x + pattern.y < kPatternEvents) continue;
        const double weight = std::sqrt(static_cast<double>(std::min(pattern.x, pattern.y)));
        logs.emplace_back(std::log(static_cast<double>(pattern.x) / static_cast<double>(pattern.y)), weight);
        weights += weight;
        squares += weight * weight;
    }
    if (logs.size() < kFewestPatterns) return plain;
    const double middle = weightedMedian(logs);
    for (auto& [value, weight] : logs) value = std::abs(value - middle);
    // Spread as a standard deviation, and the error of a median of so many.
    const double spread = 1.4826 * weightedMedian(logs);
    const double effective = weights * weights / squares;
    const double error = 1.2533 * spread / std::sqrt(effective);
    if (std::abs(middle - std::log(plain.ratio)) <= 2 * error) return plain;
    return {std::exp(middle), error};
}

std::vector<double> adjusted(std::span<const double> p, std::uint64_t tests)
{
    std::vector<std::size_t> order(p.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return p[a] != p[b] ? p[a] < p[b] : a < b; });
    std::vector<double> q(p.size(), 1);
    double least = 1;
    for (std::size_t rank = order.size(); rank-- > 0;) {
        least =
            std::min(least, p[order[rank]] * static_cast<double>(std::max<std::uint64_t>(tests, p.size())) /
                                static_cast<double>(rank + 1));
        q[order[rank]] = least;
    }
    return q;
}

std::optional<std::size_t> changePoint(const Series& series, std::size_t from)
{
    const std::size_t size = series.counts.size();
    double all = 0, exposure = 0;
    for (std::size_t i = 0; i < size; ++i) {
        all += series.counts[i];
        exposure += series.exposure[i];
    }
    if (size < 2 || all <= 0 || exposure <= 0) return std::nullopt;
    std::optional<std::size_t> best;
    double most = 0, count = 0, passed = 0;
    for (std::size_t i = 0; i + 1 < size; ++i) {
        count += series.counts[i];
        passed += series.exposure[i];
        const double left = exposure - passed;
        if (i + 1 < from || passed <= 0 || left <= 0) continue;
        // Twice the logarithm of the likelihood's ratio to one rate throughout.
        const double gain =
            2 * (term(count, all * passed / exposure) + term(all - count, all * left / exposure));
        if (gain > most) {
            most = gain;
            best = i + 1;
        }
    }
    return best;
}

} // namespace faultline::statistics
