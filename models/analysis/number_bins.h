#pragma once
#include <array>
#include <bit>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace faultline {

/// Numbers of two sides, counted in bins that are 1/128 of a power of two wide (0.8 % at most), so that whole
/// numbers up to 256 have bins of their own. The counts are exact; the place of a number is known to its bin.
class NumberBins
{
public:
    void add(int side, double value, std::uint64_t times)
    {
        if (value == 0) value = 0; // -0 too
        const std::uint64_t key = keyOf(value);
        auto& page = m_pages[key >> 52];
        if (!page) page = std::make_unique<Page>();
        (*page)[key >> 45 & 127][static_cast<std::size_t>(side)] += times;
        m_values[side] += times;
    }
    std::uint64_t values(int side) const { return m_values[side]; }

    struct Bin
    {
        double low = 0; ///< the numbers in it are at least this, and below that of the next
        std::uint64_t count[2] = {0, 0};
    };
    /// Those that hold something, ascending.
    std::vector<Bin> bins() const;
    void clear();

private:
    using Page = std::array<std::array<std::uint64_t, 2>, 128>;
    /// Grows with the number.
    static std::uint64_t keyOf(double value)
    {
        const auto bits = std::bit_cast<std::uint64_t>(value);
        return bits >> 63 != 0 ? ~bits : bits | std::uint64_t{1} << 63;
    }
    std::array<std::unique_ptr<Page>, 4096> m_pages;
    std::uint64_t m_values[2] = {0, 0};
};

/// The bin in which the given share of a side's numbers is reached, by number: 0.5 is the median.
std::size_t binOfQuantile(const std::vector<NumberBins::Bin>& bins, int side, double share);
/// The largest distance of the two distributions.
double kolmogorovDistance(const std::vector<NumberBins::Bin>& bins);

} // namespace faultline
