#pragma once
#include "models/session/demo/demo.h"
#include "models/session/demo/event.h"

#include <array>
#include <vector>

namespace faultline::demo {

/// Counts what the services would export, per scrape of 30 s, so that metrics and logs tell the same story.
class MetricsRecorder
{
public:
    static constexpr std::uint32_t kScrape = 30, kScrapes = kDuration / kScrape;
    static constexpr std::array<std::uint32_t, 10> kBoundsMs = {5,   10,  25,   50,   100,
                                                                250, 500, 1000, 2500, 5000};

    MetricsRecorder() : m_slots(kScrapes * kServices), m_variants(kScrapes) {}
    void request(Service service, std::uint32_t second, unsigned status, std::uint32_t durationUs)
    {
        Slot& slot = m_slots[second / kScrape * kServices + index(service)];
        ++(status >= 500 ? slot.server : status >= 400 ? slot.client : slot.ok);
        slot.sumUs += durationUs;
        std::size_t bucket = 0;
        while (bucket < kBoundsMs.size() && durationUs > kBoundsMs[bucket] * 1000) ++bucket;
        ++slot.buckets[bucket];
    }
    void evaluation(const Request& request, std::uint32_t second)
    {
        if (request.knowsVariant) ++m_variants[second / kScrape][request.variant ? 1 : 0];
    }

    /// Prometheus text 0.0.4: each family in one group, series by series, with timestamps in milliseconds.
    Status write(const Story& story, TimeNs start, DemoWriter& writer, std::stop_token stop) const;

private:
    struct Slot
    {
        std::uint32_t ok = 0, client = 0, server = 0;
        std::uint64_t sumUs = 0;
        std::array<std::uint32_t, 11> buckets{};
    };
    std::vector<Slot> m_slots;
    std::vector<std::array<std::uint32_t, 2>> m_variants;
};

} // namespace faultline::demo
