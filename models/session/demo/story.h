#pragma once
#include "models/session/demo/rng.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace faultline::demo {

enum class Service : std::uint8_t {
    Edge,
    Storefront,
    Auth,
    Catalog,
    Search,
    Cart,
    Pricing,
    Checkout,
    Payment,
    Inventory,
    Shipping,
    OrdersDb
};
inline constexpr std::size_t kServices = 12;
inline constexpr std::array<std::string_view, kServices> kServiceNames = {
    "edge",    "storefront", "auth",    "catalog",   "search",   "cart",
    "pricing", "checkout",   "payment", "inventory", "shipping", "orders-db"};
constexpr std::size_t index(Service service)
{
    return static_cast<std::size_t>(service);
}

/// Seconds from the start at which things happen.
inline constexpr std::uint32_t kDuration = 6 * 3600;
inline constexpr std::uint32_t kEarlyDeploy = 47 * 60;  ///< catalog, harmless
inline constexpr std::uint32_t kConfigChange = 90 * 60; ///< edge's cache rule, harmless
inline constexpr std::uint32_t kCarrierFlapBegin = 2 * 3600 + 5 * 60;
inline constexpr std::uint32_t kCarrierFlapEnd = kCarrierFlapBegin + 4 * 60;
inline constexpr std::uint32_t kDecoyDeploy = 3 * 3600 + 37 * 60; ///< search 2.40.3 -> 2.41.0
inline constexpr std::uint32_t kFlag10 = 3 * 3600 + 40 * 60;
inline constexpr std::uint32_t kFlag50 = 3 * 3600 + 52 * 60;
inline constexpr std::uint32_t kFlag100 = 4 * 3600 + 4 * 60;
inline constexpr std::uint32_t kDecoyRollback = 4 * 3600 + 20 * 60;
inline constexpr std::uint32_t kFlagRollback = 4 * 3600 + 31 * 60;
inline constexpr std::uint32_t kPoolSize = 80;

inline constexpr std::string_view kFlagKey = "pricing-engine-v2";

/// The six hours as numbers a second: how much traffic, who has the flag, how far the database's pool is
/// overloaded.
class Story
{
public:
    explicit Story(std::uint64_t seed);

    /// Relative arrivals in a second; totalWeight() is their sum.
    std::uint32_t weight(std::uint32_t second) const { return m_weight[second]; }
    std::uint64_t totalWeight() const { return m_totalWeight; }
    /// Percent of the users who have the flag.
    static std::uint32_t rollout(std::uint32_t second);
    /// Whether this user has it then: sticky, by a hash of the user.
    static bool hasFlag(std::uint32_t user, std::uint32_t second);
    /// Connections in use (at most kPoolSize) and callers that wait for one.
    std::uint32_t poolInUse(std::uint32_t second) const { return m_inUse[second]; }
    std::uint32_t poolWaiting(std::uint32_t second) const { return m_waiting[second]; }
    /// Thousandths, 0 while the pool suffices.
    std::uint32_t overload(std::uint32_t second) const { return m_overload[second]; }
    /// The overload as a service feels it: later the farther it is from the database.
    std::uint32_t felt(Service service, std::uint32_t second) const;
    /// Thousandths of a service's calls that fail of its own or of the pool's accord.
    std::uint32_t failPermille(Service service, std::uint32_t second) const;
    /// Version that runs at that second.
    static std::string_view version(Service service, std::uint32_t second);

private:
    std::vector<std::uint32_t> m_weight;
    std::vector<std::uint16_t> m_overload, m_inUse, m_waiting;
    std::uint64_t m_totalWeight = 0;
};

} // namespace faultline::demo
