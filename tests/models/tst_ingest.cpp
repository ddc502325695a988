#include "models/ingest/detect.h"
#include "models/ingest/ingest_run.h"
#include "models/ingest/open_input.h"
#include "models/ingest/source_opener.h"
#include "tests/support/data_files.h"
#include "tests/support/ingest_fixture.h"
#include "tests/support/ingest_lines.h"

#include <QProcess>
#include <QTest>

#include <algorithm>
#include <fstream>
#include <random>
#include <set>

using namespace faultline;
using namespace faultline::test;

namespace {

/// Gives an input's bytes up to a place, then asks to stop.
class StoppingInput final : public ByteInput
{
public:
    StoppingInput(std::unique_ptr<ByteInput> input, std::uint64_t left, std::stop_source stop)
        : m_input(std::move(input)), m_left(left), m_stop(std::move(stop))
    {}
    Result<Chunk> read(char* buffer, std::size_t capacity) override
    {
        auto chunk =
            m_input->read(buffer, static_cast<std::size_t>(std::min<std::uint64_t>(capacity, m_left)));
        if (chunk) m_left -= chunk->bytes;
        if (m_left == 0) m_stop.request_stop();
        return chunk;
    }
    std::uint64_t consumed() const override { return m_input->consumed(); }
    std::uint64_t size() const override { return m_input->size(); }

private:
    std::unique_ptr<ByteInput> m_input;
    std::uint64_t m_left;
    std::stop_source m_stop;
};

/// One run over one file that is stopped once `bytes` more bytes were read. The position it ends with.
std::uint64_t ingestUntil(IngestFixture& fixture, const std::string& path, std::uint64_t bytes)
{
    std::stop_source stop;
    IngestRequest request;
    request.paths = {path};
    request.pathTemplate = "/no/such/path";
    InputEntry entry;
    entry.path = entry.name = path;
    entry.open = [&] { return openInput(path); };
    std::vector<InputEntry> entries{entry};
    SourceOpener opener(fixture.store, std::make_shared<KnownSources>(), request, fixture.clock,
                        stop.get_token());
    const CommitQueue::Commit commit = [&](CommitBatch batch, std::stop_token token) {
        return fixture.store->commit(std::move(batch), std::move(token));
    };
    IngestRun run({commit, fixture.normaliser, fixture.clock, 2}, stop.get_token());
    const auto reader = run.makeReader(0);
    if (!opener.takeTemplate(entries) || !opener.refresh() || !opener.prepare(entries)) return 0;
    auto opened = opener.open(0, run, *reader, commit);
    if (!opened || opened->what != SourceOpener::What::Read) return 0;
    opened->source.head = opened->head;
    opened->source.input = std::make_unique<StoppingInput>(std::move(opened->source.input), bytes, stop);
    PieceReader::Left left;
    reader->read(opened->source, left);
    reader->flush();
    run.finish();
    auto sources = fixture.store->sources();
    return sources && !sources->empty() ? sources->front().checkpoint.position : 0;
}

} // namespace

class TestIngest : public QObject
{
    Q_OBJECT

    std::shared_ptr<const Normaliser> m_normaliser = loadNormaliser();

private Q_SLOTS:
    void piecesDoNotShow()
    {
        std::mt19937_64 random(5);
        for (const char* format : {"json", "text", "docker", "document"}) {
            ParseHow how;
            how.format = format;
            if (!makeDecoder(how.format)) continue;
            const std::string bytes = mixedLines(60'000, 17);
            const ParsedSource whole = parseSource(bytes, how, m_normaliser);
            const auto probe = makeDecoder(how.format);
            for (const std::size_t pieces : {std::size_t(2), std::size_t(7), std::size_t(40)}) {
                std::set<std::size_t> cuts;
                while (cuts.size() < pieces) cuts.insert(1 + random() % (bytes.size() - 1));
                how.cuts.assign(cuts.begin(), cuts.end());
                how.parallel = false;
                const std::string what = std::string(format) + " in " + std::to_string(pieces) + " pieces";
                ParsedSource cut = parseSource(bytes, how, m_normaliser);
                VERIFY_SAME(textsOf(cut.rows), textsOf(whole.rows), what);
                QVERIFY2(cut.ledger == whole.ledger && cut.last == whole.last, what.c_str());
                if (!probe->splittable()) continue;
                // At records, each piece on its own.
                std::set<std::size_t> starts;
                std::size_t position = 0;
                for (const std::string_view line : linesOf(bytes)) {
                    // (Lines before the first time get that of the first timed line in their piece.)
                    if (position > 3'000 && probe->isRecordStart(line.substr(0, line.size() - 1)) &&
                        random() % 20 == 0)
                        starts.insert(position);
                    position += line.size();
                }
                how.cuts.assign(starts.begin(), starts.end());
                how.parallel = true;
                cut = parseSource(bytes, how, m_normaliser);
                VERIFY_SAME(textsOf(cut.rows), textsOf(whole.rows), what + ", parallel");
                QVERIFY2(cut.ledger == whole.ledger && cut.last == whole.last, what.c_str());
            }
        }
    }

    void everyByteComesBack_data()
    {
        QTest::addColumn<QString>("folder");
        for (const char* folder : {"incident-trainticket", "json-logs", "json-conformance", "text-hazards"})
            QTest::addRow("%s", folder) << QString::fromLatin1(folder);
    }
    void everyByteComesBack()
    {
        QFETCH(QString, folder);
        const auto files = dataFiles(folder.toStdString());
        if (!files) QSKIP(qPrintable(folder + QStringLiteral(": shared data that is not there")));
        QVERIFY2(!files->empty(), "the folder is there, its files are not");
        for (const std::string& file : *files) {
            auto bytes = readDataFile(file);
            if (!bytes || bytes->empty()) continue;
            // The store's side of large sources is tested below; here all are decoded twice.
            if (bytes->size() > 6'000'000) bytes->resize(6'000'000);
            ParseHow how;
            how.format = std::string(
                detectFormat(std::string_view(*bytes).substr(0, kDetectBytes), bytes->size() < kDetectBytes)
                    .format);
            const ParsedSource parsed = parseSource(*bytes, how, m_normaliser);
            const std::string lost = lostBytes(*bytes, parsed);
            QVERIFY2(lost.empty(), (file + " as " + how.format + ": " + lost).c_str());
        }
    }

    void sameRowsForAnyNumberOfWorkers()
    {
        std::vector<std::string> expected;
        Ledger ledger;
        for (const std::size_t workers : {std::size_t(1), std::size_t(2), std::size_t(3)}) {
            IngestFixture fixture;
            QVERIFY(fixture.valid());
            const std::string bytes = mixedLines(9'000'000, 23);
            auto report = fixture.ingest(fixture.write("a.log", bytes), workers);
            VERIFY_OK(report);
            QCOMPARE(report->sources.size(), std::size_t(1));
            QVERIFY(report->total.balanced());
            QCOMPARE(report->total.received.bytes, bytes.size());
            QVERIFY(report->total.quarantined.records > 0 && report->total.joined > 0);
            auto sources = fixture.store->sources();
            QVERIFY(sources && sources->front().ledger == report->total);
            const auto rows = rowsOf(*fixture.store);
            QCOMPARE(rows.size(), report->total.events);
            if (expected.empty()) {
                expected = textsOf(rows);
                ledger = report->total;
            }
            VERIFY_SAME(textsOf(rows), expected, std::to_string(workers) + " workers");
            QVERIFY(report->total == ledger);
        }
    }

    void anInterruptedIngestGoesOn()
    {
        const std::string bytes = mixedLines(2'500'000, 29);
        IngestFixture whole;
        auto report = whole.ingest(whole.write("a.log", bytes));
        VERIFY_OK(report);
        const auto expected = textsOf(rowsOf(*whole.store));
        const std::vector<std::vector<std::uint64_t>> plans = {
            {1}, {40}, {70'000, 1}, {300'000, 900'000, 17}, {1'300'000, 400'000}, {2'230'000}};
        for (const auto& plan : plans) {
            IngestFixture fixture;
            const std::string path = fixture.write("a.log", bytes);
            std::string what = "stopped after";
            std::uint64_t before = 0;
            for (const std::uint64_t more : plan) {
                const std::uint64_t position = ingestUntil(fixture, path, more);
                what += " " + std::to_string(position);
                QVERIFY2(position >= before && position < bytes.size(), what.c_str());
                before = position;
            }
            auto rest = fixture.ingest(path);
            VERIFY_OK(rest);
            QCOMPARE(rest->sources.front().state, SourceState::Complete);
            // The time of a file's head is that of the file, which the fixtures did not write at one time.
            VERIFY_SAME(textsOf(rowsOf(*fixture.store)), expected, what);
            auto sources = fixture.store->sources();
            QVERIFY(sources && sources->size() == 1);
            QVERIFY2(sources->front().ledger == report->total, what.c_str());
        }
    }

    void duplicatesAndAgain()
    {
        IngestFixture fixture;
        const std::string bytes = mixedLines(50'000, 31);
        IngestRequest request;
        request.paths = {fixture.write("a.log", bytes), fixture.write("b.log", bytes)};
        request.pathTemplate = "/no/such/path";
        auto report = fixture.ingest(request);
        VERIFY_OK(report);
        const std::size_t rows = rowsOf(*fixture.store).size();
        QCOMPARE(report->total.events, rows);
        QVERIFY(report->total.balanced());
        QCOMPARE(report->total.duplicates.bytes, bytes.size());
        // Whichever thread is faster: of equal files the first one named is read.
        QCOMPARE(report->sources[0].state, SourceState::Complete);
        QCOMPARE(report->sources[1].state, SourceState::Duplicate);
        QCOMPARE(report->total.stored.bytes + report->total.quarantined.bytes, bytes.size());
        // Again, over runs: nothing new in one, a duplicate still in the other.
        report = fixture.ingest(request);
        VERIFY_OK(report);
        QCOMPARE(report->total.events, std::uint64_t(0));
        QCOMPARE(rowsOf(*fixture.store).size(), rows);
        // What was appended, and nothing else.
        fixture.write("a.log", "{\"message\":\"one more\"}\n", true);
        report = fixture.ingest(request.paths[0]);
        VERIFY_OK(report);
        QCOMPARE(report->total.events, std::uint64_t(1));
        QCOMPARE(rowsOf(*fixture.store).size(), rows + 1);
        request.paths.pop_back();
        request.again = true;
        report = fixture.ingest(request);
        VERIFY_OK(report);
        QCOMPARE(report->total.events, rows + 1);
        QCOMPARE(rowsOf(*fixture.store).size(), 2 * rows + 2);
        QCOMPARE(report->total.duplicates.records, std::uint64_t(0));
    }

    void hugeLineNoEndAndTraces()
    {
        IngestFixture fixture;
        std::string bytes;
        std::uint64_t lines = 0;
        const auto fill = [&](std::size_t until) {
            while (bytes.size() < until)
                bytes += "{\"time\":\"2026-01-01T00:00:00Z\",\"message\":\"" + std::string(200, 'x') +
                         "\",\"n\":" + std::to_string(lines++) + "}\r\n";
        };
        fill((1u << 20) - 200); // a trace over the end of the first piece
        for (int i = 0; i < 200; ++i) bytes += "\tat a.B.c(B.java:" + std::to_string(i) + ")\r\n";
        fill(12u << 20);
        bytes += "{\"time\":\"2026-01-01T00:00:00Z\",\"message\":\"" + std::string(5u << 20, 'y') + "\"}\n";
        ++lines;
        fill(27u << 20);
        bytes += "{\"message\":\"no end\"}";
        ++lines;
        auto report = fixture.ingest(fixture.write("a.log", bytes));
        VERIFY_OK(report);
        QCOMPARE(report->total.received.bytes, bytes.size());
        QVERIFY(report->total.balanced());
        QCOMPARE(report->total.joined, std::uint64_t(200));
        QCOMPARE(report->total.events, lines);
        QCOMPARE(report->total.quarantined.records, std::uint64_t(0));
        QVERIFY(report->total.cutBytes > (4u << 20) - 100 && report->total.cutBytes < (4u << 20) + 200);
        const auto rows = rowsOf(*fixture.store);
        QCOMPARE(rows.size(), lines);
        QVERIFY(rows.back().document == "{\"message\":\"no end\"}");
        QCOMPARE(rows.back().time, rows.front().time); // inherited
        const auto joined = std::count_if(rows.begin(), rows.end(),
                                          [](const StoredRow& row) { return (row.flags & FlagJoined) != 0; });
        QCOMPARE(joined, std::ptrdiff_t(1));
    }

    void partsOfPathsAreFields()
    {
        IngestFixture fixture;
        const std::string path = fixture.write("checkout-7.log", "{\"message\":\"a\"}\n{\"message\":\"b\"}\n"
                                                                 "{\"message\":\"c\",\"service\":\"own\"}\n");
        IngestRequest request;
        request.paths = {path};
        request.pathTemplate = ".../{service}-{instance}.log";
        auto report = fixture.ingest(request);
        VERIFY_OK(report);
        const auto rows = textsOf(rowsOf(*fixture.store));
        QCOMPARE(rows.size(), std::size_t(3));
        QVERIFY2(rows[1].find("| service:1=checkout") != std::string::npos ||
                     rows[1].find("=checkout") != std::string::npos,
                 rows[1].c_str());
        QVERIFY2(rows[1].find("=7") != std::string::npos && rows[1].find("~service") != std::string::npos,
                 rows[1].c_str());
        QVERIFY2(rows[2].find("=own") != std::string::npos && rows[2].find("=checkout") == std::string::npos,
                 rows[2].c_str());
        request.pathTemplate = "{service";
        QVERIFY(!fixture.ingest(request));
    }

    void memoryIsBounded()
    {
        QTemporaryDir folder;
        const std::string path = folder.filePath(QStringLiteral("large.ndjson")).toStdString();
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
        const std::uint64_t size = 30'000'000, most = 3'000'000;
#else
        const std::uint64_t size = 300'000'000, most = 500'000;
#endif
        {
            std::ofstream file(path, std::ios::binary);
            std::mt19937_64 random(1);
            std::string block;
            std::uint64_t i = 0;
            for (std::uint64_t written = 0; written < size; written += block.size()) {
                block.clear();
                while (block.size() < (1u << 20)) {
                    ++i;
                    block += "{\"time\":" + std::to_string(1'790'000'000'000 + i) +
                             ",\"level\":\"info\",\"service\":\"cart\",\"trace_id\":\"" +
                             std::to_string(random()) + "\",\"message\":\"took " + std::to_string(i % 977) +
                             " ms, " + std::string(120, 'p') + "\"}\n";
                }
                file << block;
            }
        }
        QProcess child;
        child.setProcessChannelMode(QProcess::ForwardedErrorChannel);
        child.start(QCoreApplication::applicationFilePath(),
                    {QStringLiteral("--ingest-and-measure"), QString::fromStdString(path)});
        QVERIFY2(child.waitForFinished(180'000), "the child did not end");
        QCOMPARE(child.exitCode(), 0);
        const auto peak = child.readAllStandardOutput().trimmed().toULongLong();
        qInfo("peak of memory: %llu kB", peak);
        QVERIFY2(peak > 1'000 && peak < most,
                 qPrintable(QString::number(peak) + QStringLiteral(" kB at the peak")));
    }
};

namespace {

/// Ingests a file and prints the peak of resident memory in kB.
int measure(const char* path)
{
    {
        IngestFixture fixture;
        if (!fixture.valid()) return 2;
        auto report = fixture.ingest(path);
        if (!report || report->total.events == 0 || !report->total.balanced()) return 3;
    }
    std::ifstream status("/proc/self/status");
    for (std::string word; status >> word;)
        if (word == "VmHWM:" && status >> word) std::printf("%s\n", word.c_str());
    return 0;
}

} // namespace

int main(int argc, char** argv)
{
    if (argc == 3 && std::string_view(argv[1]) == "--ingest-and-measure") return measure(argv[2]);
    QCoreApplication application(argc, argv);
    TestIngest test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_ingest.moc"
