#include "models/ingest/preflight.h"
#include "models/ingest/read_order.h"
#include "models/session/handover_protocol.h"
#include "tests/support/ingest_fixture.h"
#include "tests/support/packing.h"

#include <QTest>

#include <filesystem>

using namespace faultline;
using namespace faultline::test;
namespace fs = std::filesystem;

namespace {

constexpr TimeNs kBegin = 1'767'322'800 * kSecondNs; // 2026-01-02T03:00:00Z

/// `count` events, one a second.
std::string jsonLines(int count, TimeNs begin = kBegin)
{
    std::string text;
    for (int i = 0; i < count; ++i)
        text += "{\"time\":\"" + formatRfc3339(begin + i * kSecondNs) +
                "\",\"level\":\"info\",\"service\":\"pay\",\"message\":\"request " +
                std::to_string(i * 7919) + " took " + std::to_string(i % 97) + " ms\"}\n";
    return text;
}

/// A clock that goes on by a step each time it is read.
class SteppingClock final : public Clock
{
public:
    explicit SteppingClock(std::chrono::milliseconds step) : m_step(step) {}
    TimeNs now() const override { return kBegin; }
    std::chrono::steady_clock::time_point steady() const override
    {
        return std::chrono::steady_clock::time_point(m_step * ++m_reads);
    }

private:
    std::chrono::milliseconds m_step;
    mutable std::atomic<int> m_reads{0};
};

const PreflightFile& named(const Preflight& found, const std::string& name)
{
    for (const PreflightFile& file : found.files)
        if (file.name == name) return file;
    qFatal("there is no %s", name.c_str());
}

} // namespace

class TestPreflight : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<IngestFixture> m_case;
    PreflightOptions options() const
    {
        PreflightOptions options;
        options.budget = std::chrono::minutes(5); // a slow machine is no fault
        options.clock = std::make_shared<SystemClock>();
        options.normaliser = m_case->normaliser;
        return options;
    }
    std::string folder() const { return m_case->path("."); }

private Q_SLOTS:
    void init()
    {
        m_case = std::make_unique<IngestFixture>();
        QVERIFY(m_case->valid());
    }

    void whatIsThere()
    {
        const std::string lines = jsonLines(4000);
        m_case->write("a.ndjson", lines);
        m_case->write("b.ndjson.gz", packed(jsonLines(30'000, kBegin + 7200 * kSecondNs), "gzip"));
        m_case->write("short.ndjson.gz", packed(jsonLines(3, kBegin), "gzip"));
        m_case->write("plain.log", "2026-01-02 03:00:01 INFO started\n2026-01-02 03:00:09 WARN slow\n");
        m_case->write("core.bin", std::string(5000, '\x01'));
        m_case->write("empty.log", "");
        m_case->write("in.tar", archived({{"x/c.log", jsonLines(5, kBegin + 3600 * kSecondNs)}}, "tar"));
        PreflightOptions with = options();
        with.storePath = m_case->path("no/such/folder/case.faultline");
        auto found = preflight({folder()}, with);
        VERIFY_OK(found);

        QCOMPARE(found->toRead, std::size_t{5});
        QCOMPARE(found->skipped, std::size_t{2});
        QCOMPARE(found->unlooked, std::size_t{0});
        QVERIFY(found->listedAll);
        const PreflightFile& a = named(*found, "a.ndjson");
        QCOMPARE(QString::fromStdString(a.format), QStringLiteral("json"));
        QCOMPARE(a.bytes, std::uint64_t{lines.size()});
        QCOMPARE(a.first.value_or(0), kBegin);
        QCOMPARE(a.last.value_or(0), kBegin + 3999 * kSecondNs);
        const PreflightFile& b = named(*found, "b.ndjson.gz");
        QVERIFY(b.compressed);
        QCOMPARE(b.first.value_or(0), kBegin + 7200 * kSecondNs);
        QVERIFY2(!b.last, "nobody unpacks a file to know its end");
        QCOMPARE(named(*found, "short.ndjson.gz").last.value_or(0), kBegin + 2 * kSecondNs);
        QCOMPARE(QString::fromStdString(named(*found, "plain.log").format), QStringLiteral("text"));
        QCOMPARE(named(*found, "plain.log").last.value_or(0), kBegin + 9 * kSecondNs);
        QVERIFY(!named(*found, "core.bin").skipReason.empty());
        QCOMPARE(QString::fromStdString(named(*found, "empty.log").skipReason), QStringLiteral("empty"));
        const PreflightFile& member = named(*found, "in.tar!x/c.log");
        QVERIFY(member.member && member.looked);
        QCOMPARE(member.first.value_or(0), kBegin + 3600 * kSecondNs);
        QCOMPARE(member.last.value_or(0), kBegin + 3604 * kSecondNs);
        QCOMPARE(found->span->begin, kBegin);
        QCOMPARE(found->span->end, kBegin + 7200 * kSecondNs + 1);
        QVERIFY(found->freeBytes && *found->freeBytes > 0);
        QVERIFY(found->fits() == (found->storeBytes <= *found->freeBytes));

        // Estimates against what an ingest of the same finds.
        auto report = m_case->ingest(folder());
        VERIFY_OK(report);
        const double events = static_cast<double>(found->events) / static_cast<double>(report->total.events);
        QVERIFY2(events > 0.8 && events < 1.25, qPrintable(QString::number(events)));
        const double bytes =
            static_cast<double>(found->decodedBytes) / static_cast<double>(report->total.received.bytes);
        QVERIFY2(bytes > 0.75 && bytes < 1.35, qPrintable(QString::number(bytes)));
        QVERIFY(found->storeBytes > 0 && found->storeBytes < found->decodedBytes);
        QVERIFY(found->bytesPerSecond > 0 && found->seconds > 0);
    }

    /// Whoever asks gets an answer when the time is over, and is told what it does not cover.
    void withinItsTime()
    {
        fs::create_directories(m_case->path("many/deep"));
        for (int i = 0; i < 60; ++i) {
            m_case->write("many/" + std::to_string(i) + ".ndjson", jsonLines(20 + i));
            m_case->write("many/deep/" + std::to_string(i) + ".ndjson", jsonLines(2));
        }
        for (const int step : {1, 5, 20, 100, 3000}) {
            PreflightOptions with = options();
            with.clock = std::make_shared<SteppingClock>(std::chrono::milliseconds(step));
            with.budget = std::chrono::milliseconds(2000);
            auto found = preflight({m_case->path("many")}, with);
            VERIFY_OK(found);
            std::size_t unlooked = 0, looked = 0;
            for (const PreflightFile& file : found->files) {
                if (!file.skipReason.empty()) continue;
                ++(file.looked ? looked : unlooked);
            }
            QCOMPARE(found->unlooked, unlooked);
            QCOMPARE(found->toRead, looked + unlooked);
            QVERIFY2(found->listedAll == (found->toRead == 120), qPrintable(QString::number(step)));
            if (step == 1) QCOMPARE(looked, std::size_t{120});
            if (step == 3000) QCOMPARE(looked, std::size_t{0});
        }
    }

    void stopped()
    {
        m_case->write("a.ndjson", jsonLines(4));
        std::stop_source stop;
        stop.request_stop();
        auto found = preflight({folder()}, options(), stop.get_token());
        QVERIFY(!found);
        QCOMPARE(found.error().kind, ErrorKind::Cancelled);
    }

    void large()
    {
        m_case->write("a.log", std::string(1000, 'x'));
        m_case->write("b.log", std::string(1000, 'x'));
        QVERIFY(!isLargeRead({folder()}));
        QVERIFY(!isLargeRead({folder()}, {2000, 2}));
        QVERIFY(isLargeRead({folder()}, {1999, 2}));
        QVERIFY(isLargeRead({folder()}, {2000, 1}));
        QVERIFY(!isLargeRead({"-", "/no/such/file"}, {0, 0}));
        QVERIFY(isLargeRead({m_case->path("*.log")}, {2000, 1}));
        fs::create_directory_symlink(folder(), m_case->path("round"));
        QVERIFY(!isLargeRead({folder()}, {2000, 2}));
    }

    void firstWhatIsAskedFor()
    {
        Preflight found;
        const auto add = [&found](const char* path, std::optional<TimeNs> first, std::optional<TimeNs> last) {
            PreflightFile file;
            file.path = path;
            file.first = first;
            file.last = last;
            found.files.push_back(file);
        };
        add("before", 0, 99);
        add("in", 100, 150);
        add("around", 50, 500);
        add("behind", 200, 300);
        add("from 20", 20, {});
        add("from 120", 120, {});
        add("from 250", 250, {});
        add("unknown", {}, {});
        add("skipped", 100, 150);
        found.files.back().skipReason = "empty";
        const std::vector<std::string> expected = {"in", "around", "from 120", "from 20", "unknown"};
        QVERIFY(filesFirst(found, {100, 200}) == expected);
    }

    /// The order of a run is the one asked for; its report and its ledger are those of any other run.
    void readInThisOrder()
    {
        std::vector<InputEntry> entries(4);
        for (std::size_t i = 0; i < 4; ++i) entries[i].path = std::string(1, static_cast<char>('a' + i));
        const auto places = putFirst(entries, {"c", "x", "b"});
        std::string order;
        for (const InputEntry& entry : entries) order += entry.path;
        QCOMPARE(QString::fromStdString(order), QStringLiteral("cbad"));
        QVERIFY(places == (std::vector<std::size_t>{2, 1, 0, 3}));

        for (int i = 0; i < 6; ++i)
            m_case->write("f" + std::to_string(i) + ".ndjson", jsonLines(50, kBegin + i * 3600 * kSecondNs));
        m_case->write("g.ndjson", jsonLines(50, kBegin + 3 * 3600 * kSecondNs)); // the same as f3
        auto found = preflight({folder()}, options());
        VERIFY_OK(found);
        IngestRequest request;
        request.paths = {folder()};
        request.pathTemplate = "/no/such/path";
        request.first = filesFirst(*found, {kBegin + 4 * 3600 * kSecondNs, kBegin + 5 * 3600 * kSecondNs});
        QCOMPARE(request.first.size(), std::size_t{1});
        auto report = m_case->ingest(request);
        VERIFY_OK(report);
        QCOMPARE(report->sources.size(), std::size_t{7});
        for (std::size_t i = 0; i < 6; ++i)
            QCOMPARE(QString::fromStdString(report->sources[i].name), QStringLiteral("f%1.ndjson").arg(i));
        QCOMPARE(report->total.received.records, std::uint64_t{350});
        QCOMPARE(report->total.stored.records, std::uint64_t{300});
        QCOMPARE(report->total.duplicates.records, std::uint64_t{50});
        // The one asked for was the first to be known to the store.
        SourceId least{0xffffffff};
        std::string first;
        for (const SourceReport& source : report->sources)
            if (source.id < least) {
                least = source.id;
                first = source.name;
            }
        QCOMPARE(QString::fromStdString(first), QStringLiteral("f4.ndjson"));
        auto again = m_case->ingest(request);
        VERIFY_OK(again);
        QCOMPARE(again->total.stored.records, std::uint64_t{0});
    }

    /// Another process that writes the store is told the order and the names.
    void handedOver()
    {
        handover::Request request;
        request.ingest.paths = {"/var/log"};
        request.ingest.first = {"/var/log/\xfe/1", "/var/log/2"};
        request.ingest.names = {{"-", "kubectl logs"}, {"/var/\xfe", "pasted"}};
        auto same = handover::decodeRequest(handover::encodeRequest(request));
        VERIFY_OK(same);
        QVERIFY(same->ingest.first == request.ingest.first);
        QVERIFY(same->ingest.names == request.ingest.names);
    }

    void sourceByAName()
    {
        const std::string path = m_case->write("a.ndjson", jsonLines(3));
        IngestRequest request;
        request.paths = {path};
        request.names[path] = "pasted at noon";
        auto report = m_case->ingest(request);
        VERIFY_OK(report);
        QCOMPARE(QString::fromStdString(report->sources.at(0).name), QStringLiteral("pasted at noon"));
    }
};

QTEST_GUILESS_MAIN(TestPreflight)
#include "tst_preflight.moc"
