#pragma once
#include "models/base/time.h"
#include "models/session/demo/story.h"

#include <cstdint>

namespace faultline::demo {

enum class Kind : std::uint8_t {
    Home,
    Product,
    Search,
    AddToCart,
    ViewCart,
    Checkout,
    Login,
    Track,
    Background
};
inline constexpr std::size_t kKinds = 9;

/// Why a line is written; with the service and the kind of request it decides the message.
enum class Phase : std::uint8_t { Begin, Done, Slow, Rejected, Failed, Retry, Degraded, Background };
inline constexpr std::size_t kPhases = 8;

/// What all lines of one request share.
struct Request
{
    std::uint64_t traceHigh = 0, traceLow = 0;
    std::uint64_t number = 0; ///< from 0, in order of arrival by second
    std::uint32_t user = 0, session = 0, order = 0, address = 0;
    std::uint32_t cents = 0;
    std::uint16_t sku = 0;
    std::uint8_t items = 1;
    Kind kind = Kind::Home;
    bool variant = false; ///< has the flag
    bool knowsVariant =
        false; ///< the flag was evaluated: from kFlag10 on for signed-in and other shoppers alike
    std::uint8_t agent = 0;
};

/// One log line to be.
struct Event
{
    TimeNs time = 0;
    Request request;
    std::uint64_t span = 0, parent = 0;
    std::uint32_t durationUs = 0;
    std::uint32_t salt = 0; ///< random bits for what belongs to the line alone
    std::uint16_t status = 200;
    std::uint16_t message = 0; ///< row of the catalogue
    Service service = Service::Edge;
    std::uint8_t attempt = 1;
    std::uint8_t waiting = 0, inUse = 0; ///< of the pool, at that second
};

} // namespace faultline::demo
