#pragma once
#include "models/session/demo/demo.h"

#include <cstdint>
#include <string>

namespace faultline::test {

/// Log lines of the demo incident, about so many, stream after stream. Empty when they cannot be made.
inline std::string demoLines(std::uint64_t events)
{
    DemoOptions options;
    options.events = events;
    options.metrics = false;
    DemoMemorySink sink;
    if (!generateDemo(options, sink)) return {};
    std::string all;
    for (const auto& [name, bytes] : sink.streams()) all += bytes;
    return all;
}

} // namespace faultline::test
