// Milliseconds of each question of DESIGN section 14 over segments in memory: the scan alone, with decoded
// columns, past the caches of selections. Usage: scan_bench [events] [threads beside the asking one] [runs]
#include "models/base/worker_pool.h"
#include "models/query/local_engine.h"
#include "models/store/segment_builder.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <map>
#include <random>
#include <string>
#include <vector>

using namespace faultline;

namespace {

/// All columns decoded and held; as many bytes as there are.
class DecodedEvents final : public ScanSource
{
public:
    void add(SealedSegment sealed)
    {
        sealed.info.id = SegmentId{static_cast<std::int64_t>(m_columns.size())};
        std::vector<ColumnPtr> columns;
        for (std::size_t c = 0; c < sealed.chunks.size(); ++c) {
            auto column = decodeColumn(sealed.info.columns[c], sealed.info.rows, sealed.chunks[c]);
            if (!column) std::exit(1);
            m_bytes[sealed.info.columns[c].path] += (*column)->bytes();
            m_forms[sealed.info.columns[c].path] = static_cast<int>((*column)->form);
            columns.push_back(std::move(column).value());
        }
        m_columns.push_back(std::move(columns));
        SegmentEntry entry;
        entry.info = std::make_shared<const SegmentInfo>(std::move(sealed.info));
        m_state.events += entry.info->rows;
        m_state.segments.insert(m_state.segments.begin(), std::move(entry));
        m_state.minTime = m_state.segments.back().info->minTime;
        m_state.maxTime = m_state.segments.front().info->maxTime;
    }
    Result<SnapshotPtr> snapshot() override
    {
        return SnapshotPtr(std::make_shared<const StoreSnapshot>(m_state));
    }
    Result<std::map<SourceId, std::string>> sourceNames() override
    {
        return std::map<SourceId, std::string>{{SourceId{1}, "bench"}};
    }
    Result<ColumnPtr> column(const SegmentInfo& segment, ColumnIndex index) override
    {
        return m_columns[static_cast<std::size_t>(segment.id.value)][index];
    }
    void report() const
    {
        for (const auto& [path, bytes] : m_bytes) {
            std::printf("  %-14s form %d  %8.1f MB\n", path.c_str(), m_forms.at(path),
                        static_cast<double>(bytes) / 1e6);
        }
    }

private:
    StoreSnapshot m_state;
    std::vector<std::vector<ColumnPtr>> m_columns;
    std::map<std::string, std::size_t> m_bytes;
    std::map<std::string, int> m_forms;
};

std::string hex(std::uint64_t a, std::uint64_t b)
{
    char text[33];
    std::snprintf(text, sizeof text, "%016llx%016llx", static_cast<unsigned long long>(a),
                  static_cast<unsigned long long>(b));
    return text;
}

/// Requests of a shop, a few events each with one trace id; bursts of errors.
std::string fill(DecodedEvents& store, std::size_t events)
{
    std::mt19937_64 random(7);
    std::string someTrace;
    TimeNs time = 1'795'359'600'000'000'000;
    std::string trace;
    for (std::size_t done = 0; done < events;) {
        SegmentBuilder builder;
        const ColumnIndex service = builder.column("service", ValueKind::Text),
                          message = builder.column("message", ValueKind::Text),
                          traceId = builder.column("trace_id", ValueKind::Text),
                          user = builder.column("user.id", ValueKind::Text),
                          status = builder.column("status", ValueKind::Int),
                          took = builder.column("duration_ms", ValueKind::Decimal),
                          path = builder.column("path", ValueKind::Text),
                          host = builder.column("host", ValueKind::Text);
        Shape shape;
        shape.raw = true;
        shape.derived = {service, message, traceId, user, status, took, path, host};
        shape.canonical[0] = message;
        shape.canonical[1] = service;
        shape.canonical[2] = host;
        shape.canonical[4] = traceId;
        const std::uint32_t number = builder.shape(shape);
        for (; done < events && !builder.full(); ++done) {
            const bool burst = (done / 200'000) % 5 == 3;
            time += static_cast<TimeNs>(random() % (burst ? 100'000 : 2'000'000));
            if (done % 5 == 0) trace = hex(random(), random());
            if (done == events / 3) someTrace = trace;
            const auto id = std::to_string(random() % 10 == 0 ? random() % 50 : random() % 500'000);
            const auto kind = random() % 100;
            RowHeader header{time, done, SourceId{1}, number, 0, 9, 300};
            std::string text;
            if (kind < 40)
                text =
                    "request GET /api/cart/" + id + " finished in " + std::to_string(random() % 900) + " ms";
            else if (kind < 70)
                text = "order " + std::to_string(random() % 1'000'000) + " for customer " + id + " accepted";
            else if (kind < 85)
                text = "cache miss for key session:" + hex(random(), 0).substr(0, 16);
            else if (kind < 95)
                text = "pool: " + std::to_string(random() % 64) + " of 64 connections in use";
            else
                text = "upstream inventory answered late, retry " + std::to_string(random() % 4);
            if (kind >= 97 || (burst && kind >= 90)) {
                header.severity = 17;
                text = "connection to payments-" + std::to_string(random() % 4) + " timed out after " +
                       std::to_string(random() % 30'000) + " ms: upstream reset";
            } else if (kind >= 92) {
                header.severity = 13;
            } else if (kind < 10) {
                header.severity = 5;
            }
            builder.addText(service, "service-" + std::to_string(random() % 12));
            builder.addText(host, "node-" + std::to_string(random() % 40));
            builder.addText(message, text);
            builder.addText(traceId, trace);
            builder.addText(user, "u" + id);
            builder.addInt(status, header.severity == 17 ? 503 : random() % 20 == 0 ? 404 : 200);
            builder.addDecimal(took, {static_cast<std::int64_t>(random() % 3'000 * (random() % 50 + 1)), 2});
            builder.addText(path, "/api/" + std::to_string(random() % 300));
            builder.endRow(header);
        }
        store.add(builder.seal());
    }
    return someTrace;
}

double cpuMs()
{
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

} // namespace

int main(int argc, char** argv)
{
    const std::size_t events = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 2'000'000;
    const std::size_t threads = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1;
    const int runs = argc > 3 ? std::atoi(argv[3]) : 5;
    const char* const only = argc > 4 ? argv[4] : nullptr;
    auto store = std::make_shared<DecodedEvents>();
    const std::string trace = fill(*store, events);
    store->report();
    LocalEngine engine(store, std::make_shared<WorkerPool>(threads));
    const auto where = [](const std::string& query) {
        auto filter = parseFilter(query, 0);
        if (!filter) std::exit(2);
        return Selection{*filter, {}};
    };
    PageQuestion newest;
    newest.selection = where("status:503");
    PageQuestion oneTrace;
    oneTrace.selection = where("trace_id:" + trace);
    HistogramQuestion overview{{}, 0, 60 * kSecondNs, {"severity"}, 0};
    HistogramQuestion odd{{}, 1, 7 * kSecondNs, {"severity"}, 0};
    HistogramQuestion filtered{where("service:service-3"), 0, 10 * kSecondNs, {"severity"}, 0};
    const std::vector<std::pair<const char*, Question>> questions{
        {"count all", CountQuestion{{}, {}}},
        {"severity x time, rollup", overview},
        {"severity x time, columns", odd},
        {"severity x time, filtered", filtered},
        {"facet service", FacetQuestion{{}, {"service"}, 10, true}},
        {"facet path", FacetQuestion{{}, {"path"}, 10, true}},
        {"percentiles", StatsQuestion{{}, "duration_ms", {0.5, 0.95, 0.99}, {}, 0}},
        {"top 10 of user.id", GroupQuestion{{}, {"user.id"}, 10}},
        {"top 10 of trace_id", GroupQuestion{{}, {"trace_id"}, 10}},
        {"service x severity", GroupQuestion{{}, {"service", "severity"}, 0}},
        {"substring", CountQuestion{where("message:\"timed out\""), {}}},
        {"any-field word", CountQuestion{where("upstream"), {}}},
        {"any-field digits", CountQuestion{where("4711"), {}}},
        {"regex", CountQuestion{where("message=~\"retry [23]$\""), {}}},
        {"regex, no literal", CountQuestion{where("message=~\"[0-9]{5} ms\""), {}}},
        {"one trace id", oneTrace},
        {"newest 200", newest},
        {"patterns", PatternQuestion{{}, 0}},
    };
    std::printf(
        "%zu events, %zu + 1 threads, %d runs: ms of the fastest and the median, CPU ms of the median run\n",
        events, threads, runs);
    for (const auto& [name, question] : questions) {
        if (only != nullptr && std::string(name).find(only) == std::string::npos) continue;
        std::vector<std::pair<double, double>> times;
        for (int run = 0; run < runs; ++run) {
            engine.forget();
            const auto begin = std::chrono::steady_clock::now();
            const double cpu = cpuMs();
            const auto answer = engine.ask(question, {}, {});
            const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
            if (!answer) {
                std::printf("%s\n", answer.error().line().c_str());
                return 1;
            }
            times.emplace_back(took.count(), cpuMs() - cpu);
        }
        std::sort(times.begin(), times.end());
        std::printf("%-28s %9.2f %9.2f   cpu %9.2f\n", name, times.front().first,
                    times[times.size() / 2].first, times[times.size() / 2].second);
    }
    return 0;
}
