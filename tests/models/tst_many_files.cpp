// A run over many files, and over files that do not hold still.
#include "models/ingest/ingest_run.h"
#include "models/ingest/open_input.h"
#include "models/ingest/source_opener.h"
#include "tests/support/ingest_fixture.h"

#include <QTest>

#include <algorithm>
#include <filesystem>

using namespace faultline;
using namespace faultline::test;

namespace {

std::string lines(int first, int count)
{
    std::string text;
    for (int i = first; i < first + count; ++i)
        text += "{\"time\":\"2026-11-17T12:00:00Z\",\"level\":\"info\",\"msg\":\"line " + std::to_string(i) +
                "\"}\n";
    return text;
}

} // namespace

class TestManyFiles : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    // A reader that wants to reach the end of such a file never does: it ends with the line that was the last
    // one when it was opened.
    void aFileThatGrowsFasterThanItIsRead()
    {
        IngestFixture fixture;
        QVERIFY(fixture.valid());
        constexpr int kLines = 10'000;
        const std::string first = lines(0, kLines) + "{\"half\":";
        const std::string log = fixture.write("grow.log", first);
        IngestRequest request;
        request.paths = {log};
        InputEntry entry;
        entry.path = entry.name = log;
        entry.open = [&] { return openInput(log); };
        std::vector<InputEntry> entries{entry};
        SourceOpener opener(fixture.store, std::make_shared<KnownSources>(), request, fixture.clock, {});
        const CommitQueue::Commit commit = [&](CommitBatch batch, std::stop_token token) {
            return fixture.store->commit(std::move(batch), std::move(token));
        };
        IngestRun run({commit, fixture.normaliser, fixture.clock, 1}, {});
        const auto reader = run.makeReader(0);
        VERIFY_OK(opener.takeTemplate(entries));
        VERIFY_OK(opener.refresh());
        VERIFY_OK(opener.prepare(entries));
        auto opened = opener.open(0, run, *reader, commit);
        VERIFY_OK(opened);
        fixture.write("grow.log", "1}\n" + lines(kLines, kLines), true);
        std::string all = opened->head;
        std::string buffer(100'000, '\0');
        for (;;) {
            auto chunk = opened->source.input->read(buffer.data(), buffer.size());
            VERIFY_OK(chunk);
            all.append(buffer, 0, chunk->bytes);
            if (chunk->eof) break;
        }
        QCOMPARE(all.size(), first.size() + 3);
        QVERIFY(all == first + "1}\n");
    }

    // The rest comes with the next run.
    void whatCameLaterIsReadNextTime()
    {
        IngestFixture fixture;
        QVERIFY(fixture.valid());
        const std::string log = fixture.write("grow.log", lines(0, 1'000));
        VERIFY_OK(fixture.ingest(log));
        fixture.write("grow.log", lines(1'000, 500), true);
        auto rest = fixture.ingest(log);
        VERIFY_OK(rest);
        QCOMPARE(rest->total.events, std::uint64_t{500});
    }

    // All three begin alike, so that two wait for the first; then one of these must wait for the other.
    void aCopyOfOneThatWaited()
    {
        const std::string head = lines(0, 2'000);
        const std::string second = head + lines(90'000, 1'000);
        for (int round = 0; round < 4; ++round) {
            IngestFixture fixture;
            QVERIFY(fixture.valid());
            fixture.write("a.log", head + lines(10'000, 6'000));
            fixture.write("b.log", second);
            fixture.write("c.log", second);
            auto report = fixture.ingest(fixture.path(""), 4);
            VERIFY_OK(report);
            auto sources = fixture.store->sources();
            VERIFY_OK(sources);
            const auto duplicates =
                std::count_if(sources->begin(), sources->end(),
                              [](const SourceRecord& s) { return s.state == SourceState::Duplicate; });
            QVERIFY2(duplicates == 1,
                     qPrintable(QStringLiteral("round %1: %2 of b.log and c.log are duplicates, "
                                               "one should be")
                                    .arg(round)
                                    .arg(duplicates)));
        }
    }

    void unchangedFilesGoOnWithoutAnything()
    {
        IngestFixture fixture;
        QVERIFY(fixture.valid());
        constexpr int kFiles = 60;
        for (int i = 0; i < kFiles; ++i)
            fixture.write("f" + std::to_string(i) + ".log", lines(i * 100, 5 + i % 7));
        auto first = fixture.ingest(fixture.path(""));
        VERIFY_OK(first);
        auto before = fixture.store->sources(true);
        VERIFY_OK(before);
        QCOMPARE(before->size(), std::size_t{kFiles});
        fixture.write("f7.log", lines(9'000, 3), true);
        fixture.write("f8.log", lines(9'100, 5)); // other content
        auto second = fixture.ingest(fixture.path(""));
        VERIFY_OK(second);
        QCOMPARE(second->total.events, std::uint64_t{8});
        auto after = fixture.store->sources(true);
        VERIFY_OK(after);
        QCOMPARE(after->size(), std::size_t{kFiles + 1}); // f8's older generation
        for (const SourceRecord& was : *before) {
            const auto now = std::find_if(after->begin(), after->end(),
                                          [&](const SourceRecord& s) { return s.id == was.id; });
            QVERIFY(now != after->end());
            if (was.path.ends_with("/f7.log") || was.path.ends_with("/f8.log")) continue;
            QCOMPARE(now->path, was.path);
            QVERIFY(now->ledger == was.ledger);
            QVERIFY(now->checkpoints == was.checkpoints);
            QCOMPARE(now->state, SourceState::Complete);
        }
    }
};

QTEST_GUILESS_MAIN(TestManyFiles)
#include "tst_many_files.moc"
