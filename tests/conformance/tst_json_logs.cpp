// Real logs: every file of json-logs/expected-fields.json read as expected (differences are listed with their
// reason), all bytes of all log files accounted for, and mutated lines that must not crash.
#include "models/ingest/detect.h"
#include "models/ingest/normaliser.h"
#include "resources/embedded.h"
#include "tests/support/data_files.h"
#include "tests/support/decoded_records.h"
#include "tests/support/shared_data.h"

#include <QtTest>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <random>

using namespace faultline;
using namespace faultline::test;

namespace {

/// What one file came to. Only events whose document is a JSON object count, as in the expectations.
class Summary final : public RecordSink
{
public:
    explicit Summary(const Normaliser& normaliser) : m_normaliser(normaliser)
    {
        m_source.time.now = 1'795'359'845'000'000'000;
    }
    void record(const RecordOutcome& outcome, std::span<DecodedEvent> events) override
    {
        bytes += outcome.bytes;
        for (auto& event : events) {
            const CanonicalFields fields = m_normaliser.apply(event, m_source, m_scratch);
            const bool object = event.document.find('{') != std::string_view::npos &&
                                event.document.substr(0, 1) == "{" && (event.flags & FlagPlainText) == 0;
            if (!object) continue;
            ++objects;
            ++severity[fields.severity == 0 && fields.severityField != CanonicalFields::npos
                           ? std::string_view("other")
                           : severityName(fields.severity)];
            if (fields.time) {
                ++timed;
                first = timed == 1 ? fields.time->ns : std::min(first, fields.time->ns);
                last = timed == 1 ? fields.time->ns : std::max(last, fields.time->ns);
                ++timeFields[std::string(event.fields[fields.timeField].path)];
            }
            if (fields.severityField != CanonicalFields::npos)
                ++levelFields[std::string(event.fields[fields.severityField].path)];
            const std::size_t message = fields.field[static_cast<std::size_t>(Canonical::Message)];
            if (message != CanonicalFields::npos) ++messageFields[std::string(event.fields[message].path)];
        }
        m_scratch.clear();
    }
    std::uint64_t bytes = 0;
    std::size_t objects = 0, timed = 0;
    TimeNs first = 0, last = 0;
    std::map<std::string_view, std::size_t> severity;
    std::map<std::string, std::size_t> timeFields, levelFields, messageFields;

private:
    const Normaliser& m_normaliser;
    SourceContext m_source;
    std::deque<std::string> m_scratch;
};

std::string milliseconds(TimeNs ns)
{
    std::string text = formatRfc3339(ns - (ns % 1'000'000 + 1'000'000) % 1'000'000);
    return text.substr(0, 23) + "Z";
}

std::string mostUsed(const std::map<std::string, std::size_t>& names)
{
    std::string best;
    std::size_t count = 0;
    for (const auto& [name, uses] : names)
        if (uses > count) {
            best = name;
            count = uses;
        }
    return best;
}

/// Where this program reads a file in another way than the expectations, and why.
struct Difference
{
    const char* file;
    const char* what;
    const char* value; ///< what is read here
    const char* why;
};
const std::vector<Difference>& differences()
{
    static const std::vector<Difference> table = {
        {"lnav/logfile_ecs_log.json", "severity", "debug=1 info=1 warn=1 error=2 ",
         "\"critical\" is OpenTelemetry's 18 (ERROR2), not FATAL"},
        {"lnav/logfile_journald.json", "severity", "info=1 error=1 ",
         "PRIORITY 1 (alert) is OpenTelemetry's 19 (ERROR3), not FATAL"},
    };
    return table;
}

} // namespace

class TestJsonLogs : public QObject
{
    Q_OBJECT
    std::shared_ptr<const Normaliser> m_normaliser;

private Q_SLOTS:
    void initTestCase()
    {
        auto loaded = Normaliser::load(embeddedFile("fields/aliases.json"));
        QVERIFY2(loaded.ok(), loaded.ok() ? "" : loaded.error().line().c_str());
        m_normaliser = *loaded;
    }
    void expectedFields_data()
    {
        QTest::addColumn<QString>("file");
        QTest::addColumn<QByteArray>("expected");
        const auto text = readDataFile("json-logs/expected-fields.json");
        if (!test::sharedData("json-logs")) QSKIP("json-logs is absent from the shared data");
        QVERIFY2(text, "json-logs is there, its expected-fields.json cannot be read");
        const auto expected = nlohmann::json::parse(*text);
        for (const auto& [file, fields] : expected.items())
            QTest::newRow(file.c_str())
                << QString::fromStdString(file) << QByteArray::fromStdString(fields.dump());
    }
    void expectedFields()
    {
        QFETCH(QString, file);
        QFETCH(QByteArray, expected);
        const std::string name = file.toStdString();
        const auto wanted = nlohmann::json::parse(expected.toStdString());
        const auto bytes = readDataFile("json-logs/" + name);
        QVERIFY2(bytes.has_value(), name.c_str());
        const Detection detection =
            detectFormat(std::string_view(*bytes).substr(0, kDetectBytes), bytes->size() <= kDetectBytes);
        const auto decoder = makeDecoder(detection.format);
        QVERIFY2(decoder != nullptr, std::string(detection.format).c_str());
        Summary found(*m_normaliser);
        decoder->feed(*bytes, 0, found);
        decoder->finish(found);
        QCOMPARE(found.bytes, static_cast<std::uint64_t>(bytes->size()));

        std::string faults;
        const auto compare = [&](const char* what, const std::string& seen, const std::string& want) {
            std::string value = want;
            for (const auto& known : differences())
                if (name == known.file && std::string_view(what) == known.what) value = known.value;
            if (seen != value) faults += std::string(what) + " is " + seen + ", expected " + value + "; ";
        };
        compare("objects", std::to_string(found.objects), wanted["json_objects"].dump());
        compare("with_time", std::to_string(found.timed), wanted["with_time"].dump());
        if (found.timed > 0) {
            compare("first", milliseconds(found.first), wanted["first"]);
            compare("last", milliseconds(found.last), wanted["last"]);
        }
        std::string time = wanted["time_field"];
        std::replace(time.begin(), time.end(), '/', '.');
        compare("time_field", mostUsed(found.timeFields), time);
        if (wanted.contains("level_field")) {
            compare("level_field", mostUsed(found.levelFields), wanted["level_field"]);
            std::string seen, want;
            for (const char* const level :
                 {"trace", "debug", "info", "warn", "error", "fatal", "other", "none"}) {
                const auto count = found.severity.find(level);
                const std::size_t number = count == found.severity.end() ? 0 : count->second;
                if (number > 0) seen += std::string(level) + "=" + std::to_string(number) + " ";
                const auto& counts = wanted["severity"];
                if (counts.contains(level)) want += std::string(level) + "=" + counts[level].dump() + " ";
            }
            compare("severity", seen, want);
        }
        if (wanted.contains("message_field") && wanted["with_message"] != 0) {
            std::string message = wanted["message_field"];
            std::replace(message.begin(), message.end(), '/', '.');
            compare("message_field", mostUsed(found.messageFields), message);
            compare("with_message", std::to_string(found.messageFields[message]),
                    wanted["with_message"].dump());
        }
        QVERIFY2(faults.empty(), (name + " (" + std::string(detection.format) + "): " + faults).c_str());
    }
    void everyByteIsAccountedFor_data()
    {
        QTest::addColumn<QString>("file");
        for (const char* const folder : {"json-logs", "ecs-events", "text-hazards", "otlp-json"}) {
            const auto files = dataFiles(folder);
            if (!files) {
                QTest::newRow(folder) << QString(); // absent: skipped by its name
                continue;
            }
            QVERIFY2(!files->empty(), "the folder is there, its files are not");
            for (const auto& file : *files) QTest::newRow(file.c_str()) << QString::fromStdString(file);
        }
    }
    void everyByteIsAccountedFor()
    {
        QFETCH(QString, file);
        if (file.isEmpty()) QSKIP("this folder is absent from the shared data");
        auto bytes = readDataFile(file.toStdString());
        if (!bytes) return; // not a log: an image, an empty file
        if (bytes->size() > 300'000) bytes->resize(300'000);
        const Detection detection = detectFormat(*bytes);
        QVERIFY(!detection.reason.empty());
        for (const std::string_view format : {detection.format, std::string_view("json"),
                                              std::string_view("text"), std::string_view("json-document")}) {
            const Collector whole = decode(format, *bytes);
            QCOMPARE(whole.bytes(), static_cast<std::uint64_t>(bytes->size()));
            std::uint64_t position = 0;
            for (const auto& record : whole.records) {
                QCOMPARE(record.position, position);
                position += record.bytes;
                for (const auto& event : record.events) {
                    const std::string fault = faultOf(event);
                    QVERIFY2(fault.empty(),
                             (std::string(format) + ": " + fault + " in " + event.document).c_str());
                }
            }
            if (bytes->size() > 60'000 || format != detection.format) continue;
            const Collector cut = decode(format, *bytes, 997, 17);
            QCOMPARE(cut.bytes(), whole.bytes());
            QVERIFY2(cut.events() == whole.events(), std::string(format).c_str());
        }
    }
    void mutatedLines()
    {
        // Seeded: each round takes a line of any format, changes some bytes and reads it as every format.
        const std::vector<std::string> seeds = {
            "{\"time\":\"2026-01-01T00:00:00Z\",\"level\":\"info\",\"msg\":\"x "
            "y\",\"n\":1.50,\"a\":{\"b\":[1,2,{\"c\":null}]}}",
            "{\"log\":\"{\\\"level\\\":\\\"warn\\\",\\\"msg\\\":\\\"a\\\\tb\\\"}\\n\",\"stream\":\"stdout\","
            "\"time\":\"2026-01-01T00:00:00Z\"}",
            "[{\"a\":1},{\"b\":\"\\u00e9\\ud83d\\ude00\"}]",
            "{\"resourceLogs\":[{\"resource\":{\"attributes\":[{\"key\":\"service.name\",\"value\":{"
            "\"stringValue\":\"s\"}}]},\"scopeLogs\":[{\"logRecords\":[{\"timeUnixNano\":\"1\",\"body\":{"
            "\"kvlistValue\":{\"values\":[{\"key\":\"k\",\"value\":{\"arrayValue\":{\"values\":[{"
            "\"intValue\":\"5\"}]}}}]}}}]}]}]}",
            "{\"@t\":\"2026-01-01T00:00:00Z\",\"@mt\":\"Hi {Name,10} {N:0.0} "
            "{{\",\"Name\":\"n\",\"@r\":[\"1.0\"]}",
            "time=2026-01-01T00:00:00Z level=info msg=\"a \\\"b\\\"\" n=5 x=",
            "<34>1 2026-01-01T00:00:00Z host app 12 ID [x@1 a=\"b\\\"c\"] {\"a\":1}",
            "<34>Jan  1 00:00:00 host tag[1]: {\"a\":1}",
            "web-1 | {\"level\":\"info\",\"msg\":\"x\"}",
            "2026-01-01T00:00:00.000000000Z stdout F {\"level\":\"info\"}",
            "2026-01-01 00:00:00,123 [main] ERROR a.b.C - it broke",
            "I0517 15:04:22.619632   123 file.cc:253] message",
            "[Sun Dec 04 04:47:44 2005] [error] mod_jk child",
            "10.0.0.1 - - [10/Oct/2000:13:55:36 -0700] \"GET / HTTP/1.1\" 200 5",
        };
        std::mt19937_64 random(20261122);
        std::deque<std::string> scratch;
        for (int round = 0; round < 10'000; ++round) {
            std::string line = seeds[random() % seeds.size()];
            const std::size_t changes = random() % 4;
            for (std::size_t i = 0; i < changes && !line.empty(); ++i) {
                const std::size_t at = random() % line.size();
                switch (random() % 5) {
                case 0: line[at] = static_cast<char>(random()); break;
                case 1: line.erase(at, 1 + random() % 5); break;
                case 2: line.insert(at, line.substr(random() % line.size(), 1 + random() % 8)); break;
                case 3: line.insert(at, 1, "{}[]\",:\\\n\r\t 0"[random() % 13]); break;
                default: line.resize(at); break;
                }
            }
            line += '\n';
            const auto& formats = knownFormats();
            const std::string_view format = formats[static_cast<std::size_t>(round) % formats.size()].name;
            const Collector found = decode(format, line);
            QVERIFY2(found.bytes() == line.size(), line.c_str());
            for (const auto& event : found.events()) {
                const std::string fault = faultOf(event);
                QVERIFY2(fault.empty(), (std::string(format) + ": " + fault + " in " + line).c_str());
            }
            if (round % 16 == 0) QVERIFY(!detectFormat(line).format.empty());
        }
    }
};

QTEST_APPLESS_MAIN(TestJsonLogs)
#include "tst_json_logs.moc"
