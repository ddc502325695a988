#include "models/session/demo/metrics.h"

#include "models/session/demo/line_buffer.h"

#include <algorithm>

namespace faultline::demo {
namespace {

/// Hands lines over as they are made; remembers the first failure.
class Page
{
public:
    Page(DemoWriter& writer, TimeNs start)
        : m_writer(writer), m_firstMs(static_cast<std::uint64_t>(start / 1'000'000))
    {}
    LineBuffer& line()
    {
        if (!m_buffer.room()) handOver();
        return m_buffer;
    }
    /// Ends a sample's line with the time of the end of scrape `scrape`.
    void at(std::uint32_t scrape)
    {
        m_buffer.put(' ')
            .number(m_firstMs + (std::uint64_t{scrape} + 1) * MetricsRecorder::kScrape * 1000)
            .put('\n');
    }
    void family(std::string_view name, std::string_view type, std::string_view help)
    {
        line()
            .lit("# HELP ")
            .text(name)
            .put(' ')
            .text(help)
            .lit("\n# TYPE ")
            .text(name)
            .put(' ')
            .text(type)
            .put('\n');
    }
    Status finish()
    {
        handOver();
        return m_status;
    }

private:
    void handOver()
    {
        if (m_status) m_status = m_writer.write(m_buffer.view());
        m_buffer.clear();
    }
    DemoWriter& m_writer;
    LineBuffer m_buffer;
    std::uint64_t m_firstMs;
    Status m_status;
};

} // namespace

Status MetricsRecorder::write(const Story& story, TimeNs start, DemoWriter& writer,
                              std::stop_token stop) const
{
    Page page(writer, start);
    const auto slot = [this](std::uint32_t scrape, std::size_t service) -> const Slot& {
        return m_slots[scrape * kServices + service];
    };
    page.family("http_requests_total", "counter", "Requests answered, by class of status.");
    for (std::size_t service = 0; service < kServices; ++service) {
        for (unsigned kind = 0; kind < 3; ++kind) {
            constexpr std::string_view kClasses[] = {"2xx", "4xx", "5xx"};
            std::uint64_t total = 0;
            for (std::uint32_t scrape = 0; scrape < kScrapes; ++scrape) {
                const Slot& now = slot(scrape, service);
                total += kind == 0 ? now.ok : kind == 1 ? now.client : now.server;
                page.line()
                    .lit("http_requests_total{service=\"")
                    .text(kServiceNames[service])
                    .lit("\",code=\"");
                page.line().text(kClasses[kind]).lit("\"} ").number(total);
                page.at(scrape);
            }
        }
        if (stop.stop_requested())
            return makeError(ErrorKind::Cancelled, "write the demo's metrics", "stopped");
    }
    page.family("http_request_duration_seconds", "histogram", "Time to answer.");
    for (std::size_t service = 0; service < kServices; ++service) {
        std::array<std::uint64_t, kBoundsMs.size() + 1> totals{};
        std::uint64_t sum = 0;
        for (std::uint32_t scrape = 0; scrape < kScrapes; ++scrape) {
            const Slot& now = slot(scrape, service);
            std::uint64_t running = 0;
            sum += now.sumUs;
            for (std::size_t bucket = 0; bucket <= kBoundsMs.size(); ++bucket) {
                totals[bucket] += now.buckets[bucket];
                running += totals[bucket];
                page.line()
                    .lit("http_request_duration_seconds_bucket{service=\"")
                    .text(kServiceNames[service])
                    .lit("\",le=\"");
                if (bucket == kBoundsMs.size())
                    page.line().lit("+Inf");
                else
                    page.line().thousandth(kBoundsMs[bucket]);
                page.line().lit("\"} ").number(running);
                page.at(scrape);
            }
            page.line()
                .lit("http_request_duration_seconds_sum{service=\"")
                .text(kServiceNames[service])
                .lit("\"} ");
            page.line().number(sum / 1'000'000).put('.').padded(sum % 1'000'000, 6);
            page.at(scrape);
            page.line()
                .lit("http_request_duration_seconds_count{service=\"")
                .text(kServiceNames[service])
                .lit("\"} ")
                .number(running);
            page.at(scrape);
        }
        if (stop.stop_requested())
            return makeError(ErrorKind::Cancelled, "write the demo's metrics", "stopped");
    }
    const auto gauge = [&](std::string_view name, std::string_view labels, auto&& value) {
        for (std::uint32_t scrape = 0; scrape < kScrapes; ++scrape) {
            page.line().text(name).text(labels).put(' ').number(value((scrape + 1) * kScrape - 1));
            page.at(scrape);
        }
    };
    page.family("db_pool_connections_in_use", "gauge", "Connections of the pool that are lent.");
    gauge("db_pool_connections_in_use", "{pool=\"orders\"}",
          [&](std::uint32_t s) { return story.poolInUse(s); });
    page.family("db_pool_connections_max", "gauge", "Size of the pool.");
    gauge("db_pool_connections_max", "{pool=\"orders\"}", [](std::uint32_t) { return kPoolSize; });
    page.family("db_pool_pending_acquires", "gauge", "Callers that wait for a connection.");
    gauge("db_pool_pending_acquires", "{pool=\"orders\"}",
          [&](std::uint32_t s) { return story.poolWaiting(s); });
    page.family("feature_flag_evaluations_total", "counter", "Evaluations of a flag, by variant.");
    for (unsigned variant = 0; variant < 2; ++variant) {
        std::uint64_t total = 0;
        for (std::uint32_t scrape = 0; scrape < kScrapes; ++scrape) {
            total += m_variants[scrape][variant];
            page.line().lit("feature_flag_evaluations_total{key=\"").text(kFlagKey).lit("\",variant=\"");
            page.line().text(variant == 0 ? "control" : "treatment").lit("\"} ").number(total);
            page.at(scrape);
        }
    }
    page.family("process_cpu_usage_ratio", "gauge", "Share of the cores that the service uses.");
    for (std::size_t service = 0; service < kServices; ++service) {
        for (std::uint32_t scrape = 0; scrape < kScrapes; ++scrape) {
            const std::uint32_t second = scrape * kScrape;
            const std::uint32_t load = story.weight(second) * 180 / 1000 +
                                       static_cast<std::uint32_t>(mix(scrape * 16 + service) % 60) +
                                       story.felt(static_cast<Service>(service), second) * 4 / 10 + 40;
            page.line().lit("process_cpu_usage_ratio{service=\"").text(kServiceNames[service]).lit("\"} 0.");
            page.line().padded(std::min(load, 990u), 3);
            page.at(scrape);
        }
    }
    page.family("process_resident_memory_bytes", "gauge", "Resident memory.");
    for (std::size_t service = 0; service < kServices; ++service) {
        for (std::uint32_t scrape = 0; scrape < kScrapes; ++scrape) {
            // A saw tooth: garbage grows and is collected.
            const std::uint64_t megabytes = 180 + service * 37 + (scrape * (3 + service) % 120);
            page.line()
                .lit("process_resident_memory_bytes{service=\"")
                .text(kServiceNames[service])
                .lit("\"} ")
                .number(megabytes << 20);
            page.at(scrape);
        }
    }
    return page.finish();
}

} // namespace faultline::demo
