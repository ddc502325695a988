#pragma once
#include <cstdint>

namespace faultline::demo {

/// Mixes 64 bits into 64 others (the finaliser of SplitMix64, public domain by its author S. Vigna).
constexpr std::uint64_t mix(std::uint64_t x)
{
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

/// SplitMix64: small, fast, the same on every machine. Each request has its own, so that requests are
/// independent.
class Rng
{
public:
    constexpr explicit Rng(std::uint64_t seed) : m_state(seed) {}
    constexpr std::uint64_t next() { return mix(m_state += 0x9e3779b97f4a7c15u); }
    /// 0 <= result < n.
    constexpr std::uint32_t below(std::uint32_t n)
    {
        return static_cast<std::uint32_t>(((next() >> 32) * n) >> 32);
    }
    constexpr std::uint32_t between(std::uint32_t low, std::uint32_t high)
    {
        return low + below(high - low + 1);
    }
    constexpr bool chance(std::uint32_t permille) { return below(1'000) < permille; }

private:
    std::uint64_t m_state;
};

} // namespace faultline::demo
