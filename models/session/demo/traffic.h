#pragma once
#include "models/session/demo/catalogue.h"
#include "models/session/demo/metrics.h"

#include <vector>

namespace faultline::demo {

/// Turns requests into the events that the shop would log for them.
class Traffic
{
public:
    Traffic(const Story& story, const Catalogue& catalogue, MetricsRecorder& metrics, TimeNs start,
            std::uint64_t seed, std::uint32_t entropyPermille)
        : m_story(story)
        , m_catalogue(catalogue)
        , m_metrics(metrics)
        , m_start(start)
        , m_seed(seed)
        , m_entropy(entropyPermille)
    {}

    /// No event of a request is later than this after its arrival.
    static constexpr TimeNs kLongest = 14 * kSecondNs;

    /// Appends the events of the request with this number that arrives in `second`. Depends on nothing but
    /// the seed, the number and the second.
    void simulate(std::uint64_t number, std::uint32_t second, std::vector<Event>& out);

private:
    struct Call
    {
        Service service;
        std::uint32_t baseUs;
        bool critical; ///< without it the request fails
    };
    struct Walk;
    static std::span<const Call> calls(Kind kind);
    Request makeRequest(std::uint64_t number, std::uint32_t second, Rng& rng) const;
    bool call(Walk& walk, const Call& step);
    bool attempt(Walk& walk, const Call& step, unsigned number);
    void emit(Walk& walk, Service service, Phase phase, TimeNs time, std::uint32_t durationUs,
              unsigned status, unsigned attempt = 1);
    std::uint32_t secondOf(TimeNs time) const;

    const Story& m_story;
    const Catalogue& m_catalogue;
    MetricsRecorder& m_metrics;
    TimeNs m_start;
    std::uint64_t m_seed;
    std::uint32_t m_entropy;
};

} // namespace faultline::demo
