#pragma once
#include "models/analysis/clock_skew.h"
#include "models/analysis/event_scan.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace faultline {

/// An event of a trace, as far as clocks go.
struct SkewEvent
{
    std::uint64_t trace = 0; ///< hash of its id
    std::uint64_t party = 0; ///< hash of its name
    TimeNs begin = 0, end = 0;
    std::uint64_t span = 0, parent = 0; ///< hashes; 0: none
};

/// Collects the events of traces, whole traces, as many as can be held: when there are more, only the traces
/// whose hash begins with one more 0 bit stay. Which these are depends on the events alone. Any thread.
class SkewEvents
{
public:
    explicit SkewEvents(std::size_t limit) : m_limit(limit) {}
    Status read(EventScan& events, const CompiledFilter& filter, const SkewQuestion& question);
    unsigned halvings() const { return m_halvings; }
    /// In order of (trace, party, begin, end, span); after read().
    const std::vector<SkewEvent>& events() const { return m_events; }
    const std::string& name(std::uint64_t party) const { return m_names.find(party)->second; }
    /// See ClockGrain.
    std::int64_t grain(std::uint64_t party) const;

private:
    void scan(SegmentScan& scan, const SelectedRows& selected, const SkewQuestion& question);
    void take(std::vector<SkewEvent>& events, const std::map<std::uint64_t, std::string>& names);
    bool stays(std::uint64_t trace) const { return m_halvings == 0 || trace >> (64 - m_halvings) == 0; }
    std::size_t m_limit;
    std::mutex m_mutex;
    unsigned m_halvings = 0;
    std::vector<SkewEvent> m_events;
    std::map<std::uint64_t, std::string> m_names;
    std::map<std::uint64_t, std::int64_t> m_grains;
};

/// What the traces say of each two parties.
struct SkewPairSamples
{
    std::uint64_t shared = 0;
    /// As if the first of the two were the caller.
    std::vector<SkewSample> times;
    /// Calls by parent spans: of the second by the first, and of the first by the second.
    std::vector<SkewSample> calls[2];
    static constexpr std::size_t kMost = 20'000; ///< samples of one kind; those of the least hashes
};

struct SkewSamples
{
    std::map<std::pair<std::uint64_t, std::uint64_t>, SkewPairSamples> pairs; ///< the first < the second
    std::uint64_t traces = 0, skippedWide = 0;
};
/// Of no use when `stopped` says true.
SkewSamples samplesOf(const std::vector<SkewEvent>& events, const std::function<bool()>& stopped);

} // namespace faultline
