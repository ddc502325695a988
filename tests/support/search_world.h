#pragma once
#include "tests/support/memory_events.h"
#include "tests/support/random_events.h"

#include <QString>

namespace faultline::test {

/// Random events, and the same in segments: what a test of search asks both about.
struct World
{
    World(std::uint64_t seed, std::size_t count, std::size_t segmentEvents = 150);
    /// Masks a fifth of the rows, and takes the events away.
    void removeSome();
    RandomEvents random;
    std::vector<TruthEvent> events;
    std::shared_ptr<MemoryEvents> store;
};

inline QString show(std::string_view text)
{
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

} // namespace faultline::test
