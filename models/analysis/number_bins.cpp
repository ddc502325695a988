#include "models/analysis/number_bins.h"

#include <algorithm>
#include <cmath>

namespace faultline {

std::vector<NumberBins::Bin> NumberBins::bins() const
{
    std::vector<Bin> found;
    for (std::size_t p = 0; p < m_pages.size(); ++p) {
        if (!m_pages[p]) continue;
        for (std::size_t i = 0; i < 128; ++i) {
            const auto& counts = (*m_pages[p])[i];
            if (counts[0] == 0 && counts[1] == 0) continue;
            const bool negative = p < 2048;
            const std::uint64_t key = std::uint64_t{p} << 52 | std::uint64_t{i} << 45;
            // The key of a negative number counts down: the lowest of its bin has all further bits set.
            const std::uint64_t bits = negative ? ~key : key & ~(std::uint64_t{1} << 63);
            found.push_back({std::bit_cast<double>(bits), {counts[0], counts[1]}});
        }
    }
    return found;
}

void NumberBins::clear()
{
    for (auto& page : m_pages) page.reset();
    m_values[0] = m_values[1] = 0;
}

std::size_t binOfQuantile(const std::vector<NumberBins::Bin>& bins, int side, double share)
{
    std::uint64_t all = 0, below = 0;
    for (const auto& bin : bins) all += bin.count[side];
    const double wanted = share * static_cast<double>(all);
    for (std::size_t i = 0; i < bins.size(); ++i) {
        below += bins[i].count[side];
        if (bins[i].count[side] != 0 && static_cast<double>(below) >= wanted) return i;
    }
    return bins.empty() ? 0 : bins.size() - 1;
}

double kolmogorovDistance(const std::vector<NumberBins::Bin>& bins)
{
    double all[2] = {0, 0}, below[2] = {0, 0}, most = 0;
    for (const auto& bin : bins)
        for (int side = 0; side < 2; ++side) all[side] += static_cast<double>(bin.count[side]);
    if (all[0] == 0 || all[1] == 0) return 0;
    for (const auto& bin : bins) {
        for (int side = 0; side < 2; ++side) below[side] += static_cast<double>(bin.count[side]);
        most = std::max(most, std::abs(below[0] / all[0] - below[1] / all[1]));
    }
    return most;
}

} // namespace faultline
