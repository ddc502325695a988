#include "models/session/demo/demo.h"
#include "models/session/demo/line_writer.h"
#include "models/session/demo/markers.h"
#include "models/session/demo/metrics.h"
#include "models/session/demo/traffic.h"

#include <algorithm>
#include <array>

namespace faultline {
namespace {

using namespace demo;

/// Lines that a request makes on average over the six hours, in thousandths: measured, and held by a test.
constexpr std::uint64_t kLinesPerThousandRequests = 6'490;

/// A log stream: its buffer, and the writer of its current file.
class LogStream
{
public:
    LogStream(DemoSink& sink, std::string name, std::uint64_t rotateBytes)
        : m_sink(sink), m_name(std::move(name)), m_rotateBytes(rotateBytes)
    {}
    LineBuffer& buffer() { return m_buffer; }
    std::uint64_t bytes() const { return m_bytes; }

    Status makeRoom() { return m_buffer.room() ? Status{} : flush(); }
    Status flush()
    {
        if (!m_writer || (m_rotateBytes != 0 && m_inFile >= m_rotateBytes)) {
            if (Status status = close(); !status) return status;
            auto writer = m_sink.open(fileName());
            if (!writer) return writer.error();
            m_writer = std::move(*writer);
            m_inFile = 0;
        }
        m_bytes += m_buffer.size();
        m_inFile += m_buffer.size();
        Status status = m_writer->write(m_buffer.view());
        m_buffer.clear();
        return status;
    }
    Status close()
    {
        if (!m_writer) return {};
        Status status = m_writer->close();
        m_writer.reset();
        return status;
    }

private:
    std::string fileName()
    {
        ++m_files;
        if (m_rotateBytes == 0) return "logs/" + m_name + ".ndjson";
        std::string number = std::to_string(m_files);
        number.insert(0, number.size() < 4 ? 4 - number.size() : 0, '0');
        return "logs/" + m_name + "-" + number + ".ndjson";
    }
    DemoSink& m_sink;
    std::string m_name;
    std::uint64_t m_rotateBytes;
    LineBuffer m_buffer;
    std::unique_ptr<DemoWriter> m_writer;
    std::uint64_t m_bytes = 0, m_inFile = 0, m_files = 0;
};

/// Puts events in order of time: one bucket a second, as many as a request may last. What lies before the
/// second in which requests arrive is complete.
class Sorter
{
public:
    Sorter() : m_buckets(static_cast<std::size_t>(Traffic::kLongest / kSecondNs) + 2) {}
    void add(std::uint32_t second, const Event& event)
    {
        m_buckets[second % m_buckets.size()].push_back(event);
    }
    /// The events of a second, in order of time, ties in order of arrival.
    template <class Take> Status take(std::uint32_t second, Take&& each)
    {
        auto& bucket = m_buckets[second % m_buckets.size()];
        m_order.clear();
        for (std::uint32_t i = 0; i < bucket.size(); ++i) m_order.push_back({bucket[i].time, i});
        std::sort(m_order.begin(), m_order.end());
        for (const auto& [time, i] : m_order)
            if (Status status = each(bucket[i]); !status) return status;
        bucket.clear();
        return {};
    }

private:
    std::vector<std::vector<Event>> m_buckets;
    std::vector<std::pair<TimeNs, std::uint32_t>> m_order;
};

Status writeSmall(DemoSink& sink, const std::string& name, const std::function<Status(DemoWriter&)>& body)
{
    auto writer = sink.open(name);
    if (!writer) return writer.error();
    if (Status status = body(**writer); !status) return status;
    return (*writer)->close();
}

class Generator
{
public:
    Generator(const DemoOptions& options, DemoSink& sink, std::stop_token stop)
        : m_options(options)
        , m_sink(sink)
        , m_stop(std::move(stop))
        , m_story(options.seed)
        , m_traffic(m_story, m_catalogue, m_metrics, options.start, options.seed, options.entropyPermille)
        , m_lines(m_catalogue, options.start)
    {
        if (options.layout == DemoOptions::Layout::Merged) {
            m_streams.push_back(std::make_unique<LogStream>(sink, "all", options.rotateBytes));
        } else {
            for (const std::string_view name : kServiceNames)
                m_streams.push_back(
                    std::make_unique<LogStream>(sink, std::string(name), options.rotateBytes));
        }
    }

    Result<DemoReport> run()
    {
        if (Status status = logs(); !status) return status.error();
        if (Status status = rest(); !status) return status.error();
        return m_report;
    }

private:
    Status logs()
    {
        const std::uint64_t requests = m_options.events * 1000 / kLinesPerThousandRequests + 1;
        std::uint64_t number = 0;
        std::uint64_t weight = 0;
        constexpr std::uint32_t kTail = static_cast<std::uint32_t>(Traffic::kLongest / kSecondNs);
        for (std::uint32_t second = 0; second < kDuration + kTail; ++second) {
            if (m_stop.stop_requested()) return makeError(ErrorKind::Cancelled, "write the demo", "stopped");
            if (second < kDuration) {
                weight += m_story.weight(second);
                // Shares of the whole by whole numbers: requests < 2^40 and weights < 2^28 do not overflow
                // when the quotient and the remainder are taken apart.
                const std::uint64_t total = m_story.totalWeight();
                const std::uint64_t until = requests / total * weight + requests % total * weight / total;
                for (; number < until; ++number) arrive(number, second);
            }
            if (Status status = m_sorter.take(second, [this](const Event& event) { return line(event); });
                !status)
                return status;
        }
        m_report.requests = number;
        for (auto& stream : m_streams) {
            if (Status status = stream->flush(); !status) return status;
            if (Status status = stream->close(); !status) return status;
            m_report.bytes += stream->bytes();
        }
        m_report.range = {m_options.start, m_options.start + kDuration * kSecondNs};
        return {};
    }

    void arrive(std::uint64_t number, std::uint32_t second)
    {
        m_fresh.clear();
        m_traffic.simulate(number, second, m_fresh);
        for (Event& event : m_fresh) {
            const TimeNs latest = m_options.start + second * kSecondNs + Traffic::kLongest - 1;
            event.time = std::min(event.time, latest);
            m_sorter.add(static_cast<std::uint32_t>((event.time - m_options.start) / kSecondNs), event);
        }
    }

    Status line(const Event& event)
    {
        LogStream& stream = *m_streams[m_streams.size() == 1 ? 0 : demo::index(event.service)];
        if (Status status = stream.makeRoom(); !status) return status;
        m_lines.write(event, stream.buffer());
        if (++m_report.events % 65'536 == 0) {
            if (m_stop.stop_requested()) return makeError(ErrorKind::Cancelled, "write the demo", "stopped");
            if (m_options.progress) {
                std::uint64_t bytes = 0;
                for (const auto& each : m_streams) bytes += each->bytes();
                m_options.progress(m_report.events, bytes);
            }
        }
        return {};
    }

    Status rest()
    {
        const TimeNs start = m_options.start;
        if (m_options.markers) {
            Status status = writeSmall(m_sink, "markers/deployments.ndjson", [start](DemoWriter& writer) {
                return writeDeployments(start, writer);
            });
            if (!status) return status;
            status = writeSmall(m_sink, "markers/feature-flags.ndjson",
                                [start](DemoWriter& writer) { return writeFlagChanges(start, writer); });
            if (!status) return status;
        }
        if (m_options.metrics)
            return writeSmall(m_sink, "metrics/metrics.prom", [this, start](DemoWriter& writer) {
                return m_metrics.write(m_story, start, writer, m_stop);
            });
        return {};
    }

    const DemoOptions& m_options;
    DemoSink& m_sink;
    std::stop_token m_stop;
    Story m_story;
    Catalogue m_catalogue;
    MetricsRecorder m_metrics;
    Traffic m_traffic;
    LineWriter m_lines;
    Sorter m_sorter;
    std::vector<std::unique_ptr<LogStream>> m_streams;
    std::vector<Event> m_fresh;
    DemoReport m_report;
};

} // namespace

Result<DemoReport> generateDemo(const DemoOptions& options, DemoSink& sink, std::stop_token stop)
{
    const auto refuse = [](std::string why) {
        return makeError(ErrorKind::Usage, "make the demo", std::move(why));
    };
    if (options.events < 1 || options.events > 10'000'000'000)
        return refuse("events must be 1 to 10,000,000,000");
    if (options.entropyPermille > 1000) return refuse("entropy must be 0 to 1");
    if (options.start < 0 || options.start % kSecondNs != 0 ||
        options.start > kTimeMax - 2 * kDuration * kSecondNs)
        return refuse("start must be a whole second from 1970 to 2262");
    return Generator(options, sink, std::move(stop)).run();
}

} // namespace faultline
