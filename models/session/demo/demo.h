#pragma once
#include "models/base/result.h"
#include "models/base/time.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace faultline {

/// What the demo incident is made of. The same options give the same bytes on any machine: integer arithmetic
/// throughout, an own generator of random numbers, no locale, no floating point in what is written.
struct DemoOptions
{
    std::uint64_t seed = 1;
    /// Log events to aim at, spread over the six hours; the result is within 2 % from 100,000 events on.
    std::uint64_t events = 210'000;
    /// Share of requests, in thousandths, whose ids (trace, span, request, session) are random. The ids of
    /// the others count up, so they are as unique but compress well. Sizes of a store depend on it: name it
    /// with them.
    std::uint32_t entropyPermille = 1'000;
    /// 2026-11-17T12:00:00Z, a Tuesday. Must be a whole second.
    TimeNs start = 1'794'916'800 * kSecondNs;
    enum class Layout : std::uint8_t {
        PerService, ///< logs/<service>.ndjson
        Merged,     ///< logs/all.ndjson, in order of time
    };
    Layout layout = Layout::PerService;
    bool metrics = true; ///< metrics/metrics.prom: Prometheus text with timestamps, a sample every 30 s
    bool markers = true; ///< markers/deployments.ndjson and markers/feature-flags.ndjson
    /// Decoded bytes after which a log stream goes on under the next name (logs/cart-0002.ndjson); 0: never.
    std::uint64_t rotateBytes = 0;
    /// Called about once in 65,536 events, on the generating thread: events and bytes so far.
    std::function<void(std::uint64_t, std::uint64_t)> progress;
};

/// Takes the bytes of one stream. Calls come from one thread; each hands over whole lines.
class DemoWriter
{
public:
    virtual ~DemoWriter() = default;
    virtual Status write(std::string_view lines) = 0;
    /// The end of the stream: what was held is written out. Called once.
    virtual Status close() = 0;
};

/// Where the streams of a demo go. Names are relative paths with `/`, such as "logs/checkout.ndjson".
class DemoSink
{
public:
    virtual ~DemoSink() = default;
    virtual Result<std::unique_ptr<DemoWriter>> open(const std::string& name) = 0;
};

/// Files below a folder, which is made when it is missing; existing files are replaced.
class DemoFolderSink final : public DemoSink
{
public:
    /// `gzip`: each file becomes name.gz, one member, ISA-L level 1. What it decodes to is the same on any
    /// machine.
    explicit DemoFolderSink(std::string folder, bool gzip = false);
    Result<std::unique_ptr<DemoWriter>> open(const std::string& name) override;
    /// The files that were written, in the order of opening.
    const std::vector<std::string>& files() const { return m_files; }

private:
    std::string m_folder;
    bool m_gzip;
    std::vector<std::string> m_files;
};

/// Keeps the streams in memory, for tests and for benchmarks without a disk.
class DemoMemorySink final : public DemoSink
{
public:
    Result<std::unique_ptr<DemoWriter>> open(const std::string& name) override;
    const std::map<std::string, std::string>& streams() const { return m_streams; }

private:
    std::map<std::string, std::string> m_streams;
};

struct DemoReport
{
    std::uint64_t events = 0; ///< log lines
    std::uint64_t bytes = 0;  ///< of the log lines
    std::uint64_t requests = 0;
    TimeRange range; ///< the six hours
};

/// Writes the demo: six hours of a shop with twelve services. Traffic drifts with the hour and comes in
/// bursts; at 2:05 a carrier's API flaps and its clients retry; at 3:37 `search` is deployed (the decoy);
/// from 3:40 the flag `pricing-engine-v2` is rolled out to 10 %, at 3:52 to 50 %, at 4:04 to 100 % of the
/// users. Its query is slow, the pool of connections of `orders-db` runs out and failures cascade through
/// every service. At 4:20 somebody rolls `search` back, in vain; at 4:31 the flag, and the shop recovers. See
/// DemoStory for the exact seconds.
///
/// Memory   About 10 MB and what six seconds of events need. Streams are written as they grow.
/// Errors   Those of the sink; Cancelled on `stop`; Usage for options out of range.
Result<DemoReport> generateDemo(const DemoOptions& options, DemoSink& sink, std::stop_token stop = {});

} // namespace faultline
