#include "models/base/hash.h"
#include "models/session/demo/demo.h"
#include "models/session/demo/story.h"

#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

using namespace faultline;
using nlohmann::json;

namespace {

std::map<std::string, std::string> make(DemoOptions options, DemoReport* report = nullptr)
{
    DemoMemorySink sink;
    auto made = generateDemo(options, sink);
    if (!made) qFatal("%s", made.error().line().c_str());
    if (report) *report = *made;
    return sink.streams();
}

template <class Each> void eachLine(const std::string& text, Each&& each)
{
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = text.find('\n', at);
        each(std::string_view(text).substr(at, end - at));
        at = end + 1;
    }
}

DemoOptions sized(std::uint64_t events)
{
    DemoOptions options;
    options.events = events;
    return options;
}

/// The second of the story at which a merged line was written; -1 when its logger's time is not RFC 3339 or
/// an epoch.
double secondOf(const json& line, TimeNs start)
{
    for (const char* key : {"@timestamp", "timestamp", "time", "@t", "ts"}) {
        if (!line.contains(key)) continue;
        const json& value = line[key];
        const double base = static_cast<double>(start / kSecondNs);
        if (value.is_number_integer()) return value.get<double>() / 1000 - base;
        if (value.is_number()) return value.get<double>() - base;
        const std::string text = value.get<std::string>(); // 2026-11-17Thh:mm:ss.fff
        const auto digits = [&text](std::size_t i) { return (text[i] - '0') * 10 + text[i + 1] - '0'; };
        return (digits(11) - 12) * 3600 + digits(14) * 60 + std::stod(text.substr(17));
    }
    return -1;
}

std::string variantOf(const json& line)
{
    if (line.contains("feature_flag.result.variant")) return line["feature_flag.result.variant"];
    if (line.contains("feature_flag")) return line["feature_flag"]["result"]["variant"];
    return {};
}

} // namespace

class TestDemo : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void sameOptionsGiveTheSameBytes()
    {
        std::string all;
        for (const auto& [name, bytes] : make(sized(3'000))) all += name + '\n' + bytes;
        const QString found = QString::number(hash64(all), 16);
        // Pinned: a change of the demo is a decision, since sizes and screenshots are quoted from it.
        QCOMPARE(found, QStringLiteral("4458c1e1b9bafc49"));
        DemoOptions other = sized(3'000);
        other.seed = 2;
        QVERIFY2(make(other) != make(sized(3'000)), "another seed must give other bytes");
    }

    void countsAreWhatTheReportSays()
    {
        DemoReport report;
        const auto streams = make(DemoOptions(), &report);
        std::uint64_t lines = 0, bytes = 0;
        for (const auto& [name, text] : streams) {
            if (!name.starts_with("logs/")) continue;
            lines += static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
            bytes += text.size();
        }
        QCOMPARE(lines, report.events);
        QCOMPARE(bytes, report.bytes);
        QVERIFY2(lines >= 200'000, "the demo promises 200,000 events");
        QVERIFY(lines >= 205'800 && lines <= 214'200);
        QCOMPARE(streams.size(), demo::kServices + 3);
        const double average = static_cast<double>(bytes) / static_cast<double>(lines);
        QVERIFY2(average > 430 && average < 510, qPrintable(QString::number(average)));
    }

    void mergedIsInOrderOfTimeAndHoldsTheSameLines()
    {
        DemoOptions options = sized(4'000);
        std::multiset<std::string> apart, merged;
        for (const auto& [name, text] : make(options))
            if (name.starts_with("logs/"))
                eachLine(text, [&apart](std::string_view line) { apart.insert(std::string(line)); });
        options.layout = DemoOptions::Layout::Merged;
        double last = 0;
        const auto streams = make(options);
        eachLine(streams.at("logs/all.ndjson"), [&](std::string_view line) {
            merged.insert(std::string(line));
            const double second = secondOf(json::parse(line), options.start);
            QVERIFY2(second >= last - 0.001, line.data()); // loggers round to 1 ms
            last = std::max(last, second);
        });
        QVERIFY(apart == merged);
    }

    void everyLineIsValidJson()
    {
        for (const auto& [name, text] : make(sized(6'000))) {
            if (name.ends_with(".prom")) continue;
            eachLine(text, [&name = name](std::string_view line) {
                const json parsed = json::parse(line, nullptr, false);
                QVERIFY2(parsed.is_object(), (name + ": " + std::string(line)).c_str());
            });
        }
    }

    void entropyIsTheShareOfRandomIds()
    {
        for (const std::uint32_t permille : {0u, 250u, 1000u}) {
            DemoOptions options = sized(12'000);
            options.entropyPermille = permille;
            std::set<std::string> traces;
            std::map<std::string, int> heads;
            const auto streams = make(options);
            eachLine(streams.at("logs/edge.ndjson"), [&](std::string_view line) {
                const json parsed = json::parse(line);
                if (!parsed.contains("trace_id")) return;
                const std::string trace = parsed["trace_id"];
                traces.insert(trace);
                ++heads[trace.substr(0, 16)];
            });
            int counting = 0;
            for (const auto& [head, count] : heads) counting = std::max(counting, count);
            const double random =
                permille == 1000 ? 1 : 1 - static_cast<double>(counting) / static_cast<double>(traces.size());
            QVERIFY2(std::abs(random * 1000 - permille) < 40,
                     qPrintable(QStringLiteral("asked %1, found %2").arg(permille).arg(random)));
            if (permille == 1000) QVERIFY2(counting == 1, "random ids have no common head");
        }
    }

    void theStoryCanBeFound()
    {
        const auto streams = make(sized(60'000));
        const TimeNs start = DemoOptions().start;
        // The decoy is three minutes before the flag.
        double decoy = -1, flag = -1;
        eachLine(streams.at("markers/deployments.ndjson"), [&](std::string_view line) {
            const json parsed = json::parse(line);
            if (parsed["service.version"] == "2.41.0" && parsed["deployment.status"] == "succeeded")
                decoy = secondOf(parsed, start);
        });
        eachLine(streams.at("markers/feature-flags.ndjson"), [&](std::string_view line) {
            const json parsed = json::parse(line);
            if (parsed["feature_flag.rollout.to"] == 10) flag = secondOf(parsed, start);
        });
        QVERIFY2(decoy > 0 && std::abs(flag - decoy - 180) < 2, "decoy deploy three minutes before the flag");

        struct Side
        {
            double duration = 0;
            int lines = 0, errors = 0;
        };
        std::map<std::string, Side> early; // while both sides exist
        eachLine(streams.at("logs/pricing.ndjson"), [&](std::string_view line) {
            const json parsed = json::parse(line);
            const double second = secondOf(parsed, start);
            if (second < demo::kFlag10 || second > demo::kFlag100 || parsed["level"] == "debug" ||
                variantOf(parsed).empty())
                return;
            Side& side = early[variantOf(parsed)];
            ++side.lines;
            side.errors += parsed["level"] == "error";
            side.duration += parsed["duration_ms"].get<double>();
        });
        const Side& on = early["treatment"];
        const Side& off = early["control"];
        QVERIFY(on.lines > 100 && off.lines > 100);
        QVERIFY2(on.duration / on.lines > 10 * off.duration / off.lines, "the variant's query is slow");
        QVERIFY2(on.errors * off.lines > 5 * off.errors * on.lines && on.errors > 5,
                 "errors follow the variant");
    }

    void failuresCascadeThroughEveryServiceAndEnd()
    {
        const auto streams = make(sized(60'000));
        const TimeNs start = DemoOptions().start;
        for (const std::string_view service : demo::kServiceNames) {
            int before = 0, errorsBefore = 0, during = 0, errorsDuring = 0, after = 0, errorsAfter = 0;
            eachLine(streams.at("logs/" + std::string(service) + ".ndjson"), [&](std::string_view line) {
                const json parsed = json::parse(line);
                const double second = secondOf(parsed, start);
                const bool error = line.find("\"error\"") != line.npos ||
                                   line.find("\"ERROR\"") != line.npos ||
                                   line.find("\"FATAL\"") != line.npos ||
                                   line.find("\"Error\"") != line.npos || line.starts_with("{\"level\":50");
                if (second < 7000) ++before, errorsBefore += error;
                if (second > demo::kFlag100 + 360 && second < demo::kFlagRollback)
                    ++during, errorsDuring += error;
                if (second > demo::kFlagRollback + 600) ++after, errorsAfter += error;
            });
            const auto share = [](int errors, int all) { return all == 0 ? 0.0 : 100.0 * errors / all; };
            QVERIFY2(share(errorsDuring, during) > 5, std::string(service).c_str());
            QVERIFY2(share(errorsBefore, before) < 3 && share(errorsAfter, after) < 3,
                     std::string(service).c_str());
        }
        // In this order the services begin to feel the pool.
        using demo::Service;
        const demo::Story story(1);
        std::uint32_t last = 0;
        for (const Service service :
             {Service::Pricing, Service::OrdersDb, Service::Checkout, Service::Inventory, Service::Cart,
              Service::Payment, Service::Shipping, Service::Storefront, Service::Auth, Service::Catalog,
              Service::Search, Service::Edge}) {
            std::uint32_t second = demo::kFlag100;
            while (second < demo::kFlagRollback && story.felt(service, second) < 500) ++second;
            QVERIFY2(second > last && second < demo::kFlagRollback,
                     demo::kServiceNames[demo::index(service)].data());
            last = second;
        }
    }

    void metricsTellTheSameStory()
    {
        const auto streams = make(sized(5'000));
        std::uint64_t answered = 0;
        eachLine(streams.at("logs/edge.ndjson"),
                 [&](std::string_view line) { answered += json::parse(line).contains("status"); });
        std::map<std::string, std::uint64_t> last;
        std::map<std::string, std::uint64_t> lastTime;
        eachLine(streams.at("metrics/metrics.prom"), [&](std::string_view line) {
            if (line.starts_with('#')) return;
            const std::size_t end = line.rfind(' '), value = line.rfind(' ', end - 1);
            const std::string series(line.substr(0, value));
            const std::uint64_t time = std::stoull(std::string(line.substr(end + 1)));
            QVERIFY2(time > lastTime[series], "samples of a series rise in time");
            lastTime[series] = time;
            last[series] = std::stoull(std::string(line.substr(value + 1)));
        });
        std::uint64_t counted = 0;
        for (const char* code : {"2xx", "4xx", "5xx"})
            counted += last[std::string("http_requests_total{service=\"edge\",code=\"") + code + "\"}"];
        QCOMPARE(counted, answered);
        const QString count = QString::number(last["http_request_duration_seconds_count{service=\"edge\"}"]);
        QCOMPARE(count, QString::number(answered));
    }

    void rotationAndGzipKeepTheBytes()
    {
        QTemporaryDir folder;
        DemoOptions options = sized(8'000);
        options.rotateBytes = 300'000;
        options.layout = DemoOptions::Layout::Merged;
        const auto rotated = make(options);
        std::string joined;
        int parts = 0;
        for (const auto& [name, text] : rotated) {
            if (!name.starts_with("logs/")) continue;
            QVERIFY2(text.ends_with('\n'), "a file ends with a whole line");
            joined += text;
            ++parts;
        }
        QVERIFY(parts > 5);
        options.rotateBytes = 0;
        QVERIFY(make(options).at("logs/all.ndjson") == joined);

        DemoFolderSink sink(folder.path().toStdString(), true);
        QVERIFY(generateDemo(options, sink).ok());
        QCOMPARE(sink.files().size(), std::size_t{4});
        const auto gzip = [](const std::string& file) {
            FILE* pipe = popen(("gzip -dc '" + file + "'").c_str(), "r");
            std::string text;
            char buffer[65536];
            for (std::size_t got; (got = fread(buffer, 1, sizeof buffer, pipe)) > 0;)
                text.append(buffer, got);
            pclose(pipe);
            return text;
        };
        QVERIFY2(gzip(sink.files()[0]) == joined, "what gzip unpacks is what the plain layout has");
    }

    void stopsAndRefuses()
    {
        DemoMemorySink sink;
        std::stop_source stop;
        stop.request_stop();
        const auto stopped = generateDemo(DemoOptions(), sink, stop.get_token());
        QVERIFY(!stopped.ok() && stopped.error().kind == ErrorKind::Cancelled);
        DemoOptions options;
        options.entropyPermille = 1001;
        const auto refused = generateDemo(options, sink);
        QVERIFY(!refused.ok() && refused.error().kind == ErrorKind::Usage);
        DemoFolderSink nowhere("/proc/no-such-place");
        QVERIFY(!generateDemo(sized(100), nowhere).ok());
    }
};

QTEST_APPLESS_MAIN(TestDemo)
#include "tst_demo.moc"
