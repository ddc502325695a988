#include "tests/support/search_world.h"

#include <random>

namespace faultline::test {

namespace {

/// Some events get their service, message and ids from fields of other names, as loggers do.
void renameCanonical(std::vector<TruthEvent>& events, std::uint64_t seed)
{
    std::mt19937_64 random(seed);
    for (TruthEvent& event : events) {
        const auto way = random() % 4;
        const std::size_t own = event.values.size();
        event.values.reserve(own + 8); // what is added below must not move what is looked at
        for (std::size_t v = 0; v < own; ++v) {
            TruthValue& value = event.values[v];
            if (value.path == "message" && random() % 2 == 0) {
                value.text += " order " + std::to_string(random() % 200'000) + " for r-" +
                              std::to_string(random() % 90);
            }
            if (value.path == "service" && way == 1) {
                value.path = event.canonical[1] = "app.name";
                if (random() % 2 == 0) event.values.push_back({"app", ValueKind::Text, "shop"});
            } else if (value.path == "message" && way >= 2) {
                value.path = event.canonical[0] = way == 2 ? "msg" : "log.text";
                if (random() % 3 == 0)
                    event.values.push_back({"message", ValueKind::Text, "not the message"});
            }
            if (value.path == event.canonical[1] && random() % 5 == 0) break;
        }
        if (way == 3) { // a field that is another one's canonical field, and none here
            event.values.push_back({"app.name", ValueKind::Text, "kelvin"});
        }
        event.values.push_back({"request", ValueKind::Text, "r-" + std::to_string(random() % 100'000)});
        static constexpr char hex[] = "0123456789abcdef";
        std::string id;
        for (int i = 0; i < 32; ++i) id += hex[(random() % 40) * (static_cast<std::uint64_t>(i) + 3) % 16];
        event.values.push_back({way == 0 ? "trace.id" : "trace_id", ValueKind::Text, id});
        event.canonical[4] = event.values.back().path;
    }
}

} // namespace

World::World(std::uint64_t seed, std::size_t count, std::size_t segmentEvents)
    : random(seed), events(random.events(count, 3))
{
    renameCanonical(events, seed);
    MemoryEvents::Options options;
    options.seed = seed;
    options.segmentEvents = segmentEvents;
    store = std::make_shared<MemoryEvents>(events, options);
}

void World::removeSome()
{
    const auto gone = [](const EventKey& key) { return (key.ordinal * 7 + key.source.value) % 5 == 0; };
    store->remove(gone);
    std::erase_if(events, [&](const TruthEvent& event) { return gone(event.key); });
}

} // namespace faultline::test
