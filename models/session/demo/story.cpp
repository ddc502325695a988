#include "models/session/demo/story.h"

#include <algorithm>

namespace faultline::demo {
namespace {

/// Seconds from the pool's exhaustion until a service's callers see it, and how hard it is hit (thousandths).
struct Cascade
{
    std::uint16_t delay, gain, noise; ///< noise: failures in ten thousandths on a good day
};
constexpr std::array<Cascade, kServices> kCascade = {{
    {320, 330, 4},  // edge
    {200, 240, 6},  // storefront
    {235, 220, 8},  // auth
    {260, 200, 5},  // catalog
    {290, 220, 6},  // search
    {110, 320, 6},  // cart
    {0, 500, 8},    // pricing
    {45, 480, 10},  // checkout
    {140, 360, 14}, // payment
    {75, 360, 8},   // inventory
    {170, 300, 16}, // shipping
    {15, 560, 2},   // orders-db
}};

/// Straight lines between the half hours: a midday that swells towards the evening.
constexpr std::array<std::uint16_t, 13> kDrift = {620, 650,  700,  760,  810,  850, 900,
                                                  960, 1010, 1040, 1060, 1030, 980};

std::uint32_t drift(std::uint32_t second)
{
    const std::uint32_t slot = second / 1800, into = second % 1800;
    return (kDrift[slot] * (1800 - into) + kDrift[slot + 1] * into) / 1800;
}

/// Bursts of 5 to 40 seconds, two to five times the traffic, with a sharp rise and a slow fall.
std::vector<std::uint16_t> bursts(Rng& rng)
{
    std::vector<std::uint16_t> factor(kDuration, 1000);
    for (std::uint32_t second = 60; second < kDuration; second += rng.between(90, 700)) {
        const std::uint32_t length = rng.between(5, 40), height = rng.between(900, 4000);
        for (std::uint32_t i = 0; i < length && second + i < kDuration; ++i) {
            const std::uint32_t share = i == 0 ? 600 : 1000 - 1000 * i / length;
            factor[second + i] = static_cast<std::uint16_t>(factor[second + i] + height * share / 1000);
        }
    }
    return factor;
}

} // namespace

Story::Story(std::uint64_t seed)
    : m_weight(kDuration), m_overload(kDuration), m_inUse(kDuration), m_waiting(kDuration)
{
    Rng rng(mix(seed ^ 0x5704u));
    const std::vector<std::uint16_t> burst = bursts(rng);
    // Demand for connections, in thousandths of one, follows its target with a time constant of 48 s: work in
    // flight neither starts nor drains at once. Overload feeds back through retries, which is what makes the
    // collapse outlast a burst (a metastable failure).
    std::int64_t demand = 18'000;
    std::uint32_t before = 0;
    for (std::uint32_t second = 0; second < kDuration; ++second) {
        const std::uint32_t jitter = rng.between(820, 1180);
        std::uint64_t weight = std::uint64_t{drift(second)} * burst[second] / 1000 * jitter / 1000;
        if (second >= kCarrierFlapBegin && second < kCarrierFlapEnd) weight = weight * 13 / 10;
        weight = weight * (1000 + before * 6 / 10) / 1000;
        m_weight[second] = static_cast<std::uint32_t>(std::max<std::uint64_t>(weight, 1));
        m_totalWeight += m_weight[second];

        const std::int64_t traffic = static_cast<std::int64_t>(m_weight[second]);
        const std::int64_t slow = static_cast<std::int64_t>(rollout(second)) * 13 + 200;
        const std::int64_t target = std::min<std::int64_t>(traffic, 2600) * slow * 70 / 1000;
        demand += (target - demand) / 48;
        const std::int64_t over = std::clamp<std::int64_t>((demand - 80'000) / 34, 0, 1000);
        m_overload[second] = static_cast<std::uint16_t>(over);
        m_inUse[second] = static_cast<std::uint16_t>(std::min<std::int64_t>(demand / 1000, kPoolSize));
        m_waiting[second] =
            static_cast<std::uint16_t>(std::clamp<std::int64_t>((demand - 80'000) / 1000 * 3, 0, 400));
        before = m_overload[second];
    }
}

std::uint32_t Story::rollout(std::uint32_t second)
{
    if (second < kFlag10 || second >= kFlagRollback) return 0;
    return second < kFlag50 ? 10 : second < kFlag100 ? 50 : 100;
}

bool Story::hasFlag(std::uint32_t user, std::uint32_t second)
{
    return mix(user * 0x9e3779b97f4a7c15u + 77) % 100 < rollout(second);
}

std::uint32_t Story::felt(Service service, std::uint32_t second) const
{
    const std::uint32_t delay = kCascade[index(service)].delay;
    // Recovery is quicker than the collapse: a caller sees the pool free again within a fifth of the delay.
    const std::uint32_t late = second >= delay ? m_overload[second - delay] : 0;
    const std::uint32_t soon = second >= delay / 5 ? m_overload[second - delay / 5] : 0;
    return std::min(late, soon);
}

std::uint32_t Story::failPermille(Service service, std::uint32_t second) const
{
    const Cascade& cascade = kCascade[index(service)];
    std::uint32_t permille = felt(service, second) * cascade.gain / 1000;
    if (service == Service::Shipping && second >= kCarrierFlapBegin && second < kCarrierFlapEnd)
        permille = std::max<std::uint32_t>(permille, 550);
    // Noise below one in a thousand: by ten thousandths, spread over the seconds.
    return permille + (mix(second * 31 + index(service)) % 10 < cascade.noise ? 1 : 0) + cascade.noise / 10;
}

std::string_view Story::version(Service service, std::uint32_t second)
{
    switch (service) {
    case Service::Edge: return "2.8.4";
    case Service::Storefront: return "5.112.0";
    case Service::Auth: return "1.18.2";
    case Service::Catalog: return second < kEarlyDeploy ? "3.9.0" : "3.9.1";
    case Service::Search: return second < kDecoyDeploy || second >= kDecoyRollback ? "2.40.3" : "2.41.0";
    case Service::Cart: return "0.77.1";
    case Service::Pricing: return "4.21.0";
    case Service::Checkout: return "6.3.2";
    case Service::Payment: return "2.14.5";
    case Service::Inventory: return "1.55.0";
    case Service::Shipping: return "3.2.8";
    case Service::OrdersDb: return "15.6";
    }
    return {};
}

} // namespace faultline::demo
