// Where pieces of a source may be cut, and what stays in an event of several lines.
#include "models/ingest/detect.h"
#include "tests/support/ingest_fixture.h"

#include <QTest>

#include <algorithm>
#include <random>

using namespace faultline;
using namespace faultline::test;

class TestIngestPieces : public QObject
{
    Q_OBJECT

    std::shared_ptr<const Normaliser> m_normaliser = loadNormaliser();

private Q_SLOTS:
    /// Parts of container records on two streams, cut where the reader cuts.
    void containerPiecesDoNotShow()
    {
        std::mt19937_64 random(31);
        for (const char* format : {"docker", "cri"}) {
            const bool cri = format == std::string("cri");
            for (const unsigned oneIn : {2U, 6U, 300U, 100'000U}) {
                std::string bytes;
                for (int i = 0; bytes.size() < 400'000; ++i) {
                    const bool part = random() % oneIn == 0, other = random() % 5 == 0;
                    const std::string stream = other ? "stderr" : "stdout";
                    const std::string time = "2026-01-01T00:" + std::to_string(10 + i / 100 % 50) + ":" +
                                             std::to_string(10 + i % 50) + ".5Z";
                    const std::string text = (i % 3 == 0 ? "warn: line " : "line ") + std::to_string(i);
                    if (i % 97 == 5)
                        bytes += "a stray line\n";
                    else if (cri)
                        bytes += time + " " + stream + (part ? " P " : " F ") + text + "\n";
                    else
                        bytes += "{\"log\":\"" + text + (part ? "" : "\\n") + "\",\"stream\":\"" + stream +
                                 "\",\"time\":\"" + time + "\"}\n";
                }
                ParseHow how;
                how.format = format;
                const ParsedSource whole = parseSource(bytes, how, m_normaliser);
                const auto probe = makeDecoder(how.format);
                std::size_t begin = 0;
                for (int tries = 0; tries < 40 && begin < bytes.size(); ++tries) {
                    const std::size_t seen =
                        std::min<std::size_t>(bytes.size() - begin, 1 + random() % 60'000);
                    const std::size_t cut = probe->lastCut(std::string_view(bytes).substr(begin, seen));
                    QVERIFY(cut <= seen);
                    if (cut == 0) continue;
                    begin += cut;
                    how.cuts.push_back(begin);
                }
                const std::string what = std::string(format) + ", a part in " + std::to_string(oneIn);
                QVERIFY2(how.cuts.size() > 5, what.c_str());
                how.parallel = true;
                const ParsedSource cut = parseSource(bytes, how, m_normaliser);
                QVERIFY2(textsOf(cut.rows) == textsOf(whole.rows), what.c_str());
                QVERIFY2(cut.ledger == whole.ledger && cut.last == whole.last, what.c_str());
            }
        }
    }

    /// Sources that go through one decoder in order, larger than several pieces.
    void largeSourcesInOrder()
    {
        std::string document = "[\n", journal, docker;
        std::size_t count = 0;
        for (; document.size() < 3'000'000; ++count) {
            const std::string number = std::to_string(count);
            document +=
                (count == 0 ? "{\n \"n\": " : ",{\n \"n\": ") + number + ",\n \"msg\": \"hello\"\n}\n";
            journal += "__REALTIME_TIMESTAMP=179535984" + std::to_string(1'000'000 + count) +
                       "\nMESSAGE=hello " + number + "\n\n";
            docker += "{\"log\":\"hello " + number +
                      "\\n\",\"stream\":\"stdout\",\"time\":\"2026-01-01T00:00:00Z\"}\n";
        }
        document += "]\n";
        const std::pair<const char*, const std::string*> sources[] = {
            {"json-document", &document}, {"journald-export", &journal}, {"docker", &docker}};
        for (const auto& [format, bytes] : sources) {
            IngestFixture fixture;
            QVERIFY(fixture.valid());
            const auto report = fixture.ingest(fixture.write("large", *bytes));
            QVERIFY2(report.ok(), format);
            QCOMPARE(report->sources.size(), std::size_t{1});
            QCOMPARE(QString::fromStdString(report->sources[0].format), QString::fromLatin1(format));
            const Ledger& ledger = report->sources[0].ledger;
            QVERIFY2(ledger.balanced(), format);
            QCOMPARE(ledger.received.bytes, std::uint64_t{bytes->size()});
            QCOMPARE(ledger.events, std::uint64_t{count});
        }
    }

    void blankLinesOfAnEventStay()
    {
        const std::string trace =
            "2026-01-01T00:00:00Z ERROR failed\n\tat a.B.c(B.java:1)\r\n\n \t\r\n\tat d.E.f(E.java:2)";
        ParseHow how;
        how.format = "text";
        const ParsedSource found =
            parseSource("\n\n" + trace + "\n\n2026-01-01T00:00:01Z INFO next\n", how, m_normaliser);
        QCOMPARE(found.rows.size(), std::size_t{2});
        QCOMPARE(QString::fromStdString(found.rows[0].document), QString::fromStdString(trace));
        QVERIFY(found.ledger.balanced());
    }
};

QTEST_APPLESS_MAIN(TestIngestPieces)
#include "tst_ingest_pieces.moc"
