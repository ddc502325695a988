// Every alias of resources/fields/aliases.json has sample lines; this runs them all through decoder and
// normaliser.
#include "models/ingest/detect.h"
#include "models/ingest/normaliser.h"
#include "models/ingest/workload_name.h"
#include "resources/embedded.h"
#include "tests/support/decoded_records.h"

#include <QtTest>

#include <algorithm>
#include <nlohmann/json.hpp>

using namespace faultline;
using namespace faultline::test;

namespace {

/// The canonical reading of the first event of a line, as text by name.
class Reader final : public RecordSink
{
public:
    Reader(const Normaliser& normaliser, SourceContext source)
        : m_normaliser(normaliser), m_source(std::move(source))
    {}
    void record(const RecordOutcome&, std::span<DecodedEvent> events) override
    {
        if (events.empty() || !found.empty()) return;
        DecodedEvent& event = events[0];
        const CanonicalFields fields = m_normaliser.apply(event, m_source, m_scratch);
        static constexpr const char* kNames[] = {"message", "service",  "host",
                                                 "logger",  "trace_id", "span_id"};
        for (std::size_t i = 0; i < kCanonicalCount; ++i)
            found[kNames[i]] = fields.field[i] == CanonicalFields::npos
                                   ? std::string()
                                   : std::string(event.fields[fields.field[i]].text);
        found["timestamp"] = fields.time ? formatRfc3339(fields.time->ns) : std::string();
        found["severity"] = std::to_string(fields.severity);
        found["timeField"] =
            fields.timeField == CanonicalFields::npos ? "" : std::string(event.fields[fields.timeField].path);
        found["valueDependent"] = fields.valueDependent ? "true" : "false";
    }
    std::map<std::string, std::string> found;

private:
    const Normaliser& m_normaliser;
    SourceContext m_source;
    std::deque<std::string> m_scratch;
};

/// JSON written with ' for ".
std::string quoted(std::string text)
{
    std::replace(text.begin(), text.end(), '\'', '"');
    return text;
}

} // namespace

class TestAliases : public QObject
{
    Q_OBJECT
    std::shared_ptr<const Normaliser> m_normaliser;

    std::map<std::string, std::string> read(const std::string& line, SourceContext source = {})
    {
        source.time.now = 1'795'359'845'000'000'000;
        Reader reader(*m_normaliser, std::move(source));
        const auto decoder = makeDecoder("json");
        decoder->feed(line + "\n", 0, reader);
        decoder->finish(reader);
        return reader.found;
    }

private Q_SLOTS:
    void initTestCase()
    {
        auto loaded = Normaliser::load(embeddedFile("fields/aliases.json"));
        QVERIFY2(loaded.ok(), loaded.ok() ? "" : loaded.error().line().c_str());
        m_normaliser = *loaded;
    }
    void samples()
    {
        const auto json = nlohmann::json::parse(embeddedFile("fields/aliases.json"));
        int samples = 0;
        for (const auto& [section, list] : json.items()) {
            if (!list.is_array()) continue;
            for (const auto& alias : list) {
                for (const auto& sample : alias.value("samples", nlohmann::json::array())) {
                    ++samples;
                    const std::string line = sample["line"];
                    const auto found = read(line);
                    for (const auto& [name, value] : sample["expect"].items()) {
                        const std::string wanted =
                            value.is_string() ? value.get<std::string>() : value.dump();
                        const auto got = found.find(name);
                        const std::string seen = got == found.end() ? "(nothing)" : got->second;
                        const std::string text = section + ": " + line + ": " + name + " is '" + seen +
                                                 "', expected '" + wanted + "'";
                        QVERIFY2(seen == wanted, text.c_str());
                    }
                }
            }
        }
        QVERIFY2(samples > 150, std::to_string(samples).c_str());
    }
    void brokenResourceIsAnError()
    {
        QVERIFY(!Normaliser::load("{").ok());
        QVERIFY(!Normaliser::load("{\"timestamp\":[]}").ok());
    }
    void orderOfTimes()
    {
        // The first alias that holds a time; what stands in the document before what was derived from it.
        auto found = read(quoted("{'time':'2026-01-01T00:00:00Z','@timestamp':'2026-01-02T00:00:00Z'}"));
        QCOMPARE(found["timeField"].c_str(), "@timestamp");
        QCOMPARE(found["valueDependent"].c_str(), "false");
        found = read(quoted("{'time':'2026-01-01T00:00:00Z','@timestamp':'never'}"));
        QCOMPARE(found["timeField"].c_str(), "time");
        QCOMPARE(found["valueDependent"].c_str(), "true");
        found = read(quoted("{'Timestamp':'2026-01-02T00:00:00Z','log':'{\\'time\\':\\'2026-01-01T00:00:"
                            "00Z\\',\\'msg\\':\\'x\\'}'}"));
        QCOMPARE(found["timestamp"].c_str(), "2026-01-02T00:00:00.000000000Z");
        QCOMPARE(found["message"].c_str(), "x");
        found = read(quoted("{'timestamp':0,'message':'x'}"));
        QCOMPARE(found["timestamp"].c_str(), "");
        QCOMPARE(found["valueDependent"].c_str(), "true");
    }
    void theTrainTicketLine()
    {
        const auto found = read(
            quoted("{'Timestamp': '2023-01-29T08:42:22.383150913Z', 'TimeUnixNano': '1674981742383150913', "
                   "'Node': '33.33.33.116', 'PodName': 'ts-travel-service-64469b5b48-25zj6', 'Container': "
                   "'server', 'TraceID': 'ffc8ca7e4c8f06c75142c880d5595d96', 'SpanID': '439bc949a9eeb0cc', "
                   "'Log': '{\\'log\\':\\'16:42:22.382 INFO  t.s.TravelServiceImpl#532 TraceID: "
                   "ffc8ca7e4c8f06c75142c880d5595d96 SpanID: 439bc949a9eeb0cc "
                   "[getRoute]\\\\n\\',\\'stream\\':\\'stdout\\',\\'time\\':\\'2023-01-29T08:42:22."
                   "383150913Z\\'}'}"));
        QCOMPARE(found.at("timestamp").c_str(), "2023-01-29T08:42:22.383150913Z");
        QCOMPARE(found.at("timeField").c_str(), "Timestamp");
        QCOMPARE(found.at("severity").c_str(), "9");
        QCOMPARE(found.at("message").c_str(), "[getRoute]");
        QCOMPARE(found.at("logger").c_str(), "t.s.TravelServiceImpl#532");
        QCOMPARE(found.at("service").c_str(), "ts-travel-service");
        QCOMPARE(found.at("trace_id").c_str(), "ffc8ca7e4c8f06c75142c880d5595d96");
    }
    /// What each controller of Kubernetes puts behind a name.
    void workloads()
    {
        const std::pair<const char*, const char*> pods[] = {
            {"ts-order-service-7f9c8d6b5-x2x9z", "ts-order-service"}, // Deployment
            {"ts-food-service-f5756978c-k8vqf", "ts-food-service"},
            {"ts-station-food-service-dc4d75dd-fw6ft", "ts-station-food-service"},
            {"fluentd-x2x9z", "fluentd"}, // DaemonSet, Job
            {"redis-0", "redis"},         // StatefulSet
            {"pg-main-12", "pg-main"},
            {"backup-28394560-zv8dt", "backup"}, // CronJob
            {"import-3-k8vqf", "import"},        // indexed Job, DeploymentConfig
            {"nginx-deployment-2035384211-7c2xr", "nginx-deployment"},
            {"web-frontend", "web-frontend"}, // none
            {"kube-apiserver-node1", "kube-apiserver-node1"},
            {"web", "web"},
            {"-x2x9z", "-x2x9z"},
            {"", ""},
        };
        for (const auto& [pod, workload] : pods)
            QCOMPARE(std::string(workloadName(pod)), std::string(workload));
        QCOMPARE(serviceOfPod("cart-0", "server"), std::string_view("cart"));
        QCOMPARE(serviceOfPod("cart-0", "istio-proxy"), std::string_view("istio-proxy"));
        QCOMPARE(serviceOfPod("", "server"), std::string_view("server"));
        QCOMPARE(serviceOfPod("cart-0", ""), std::string_view("cart"));
    }
    void overridesComeFirst()
    {
        SourceContext source;
        source.overrides = {{"message", "note"}, {"timestamp", "when"}, {"severity", "grade"}};
        const auto found = read(quoted("{'message':'m','note':'n','time':'2026-01-01T00:00:00Z','when':'2026-"
                                       "01-02T00:00:00Z','level':'info','grade':'error'}"),
                                source);
        QCOMPARE(found.at("message").c_str(), "n");
        QCOMPARE(found.at("timestamp").c_str(), "2026-01-02T00:00:00.000000000Z");
        QCOMPARE(found.at("severity").c_str(), "17");
    }
    void ids()
    {
        const std::string id = "4bf92f3577b34da6a3ce929d0e0e4736";
        QVERIFY(isSettledId(id, 32));
        QVERIFY(!isSettledId("4BF92F3577B34DA6A3CE929D0E0E4736", 32));
        QVERIFY(!isSettledId("a3ce929d0e0e4736", 32)); // padded
        QVERIFY(isSettledId("a3ce929d0e0e4736", 16));
        QVERIFY(isSettledId("order-17", 32)); // no id: stays as it is
        QCOMPARE(read(quoted("{'trace_id':'00000000000000000000000000000000'}")).at("trace_id").c_str(), "");
        QCOMPARE(read(quoted("{'trace_id':'order-17'}")).at("trace_id").c_str(), "order-17");
        QCOMPARE(read("{\"trace_id\":\"" + id + "\"}").at("valueDependent").c_str(), "false");
    }
};

QTEST_APPLESS_MAIN(TestAliases)
#include "tst_aliases.moc"
