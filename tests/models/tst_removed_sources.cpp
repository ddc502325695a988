// Sources that are removed, and brought back.
#include "models/store/source_store.h"
#include "tests/support/ingest_fixture.h"
#include "tests/support/packing.h"
#include "tests/support/source_checks.h"

#include <QTest>

#include <unistd.h>

#include <filesystem>

using namespace faultline;
using namespace faultline::test;
using faultline::testing::describe;

class TestRemovedSources : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    /// What a removed source holds was read in again under another name: it is not brought back, or its
    /// events would be there twice.
    void bringBackWhatIsThereAgain_data()
    {
        QTest::addColumn<QString>("how");
        for (const char* how : {"renamed", "grown and renamed", "compressed", "grown and compressed"})
            QTest::newRow(how) << QString::fromLatin1(how);
    }
    void bringBackWhatIsThereAgain()
    {
        QFETCH(QString, how);
        IngestFixture fixture;
        const std::string bytes = manyLines("{\"time\":\"2026-01-01T00:00:%2Z\",\"msg\":\"m %n\"}", 300);
        const std::string more = manyLines("{\"time\":\"2026-01-01T01:00:%2Z\",\"msg\":\"more %n\"}", 30);
        const std::string path = fixture.write("a.log", bytes);
        VERIFY_OK(fixture.ingest(fixture.write("other.log", more))); // has nothing of it
        VERIFY_OK(fixture.ingest(path));
        const auto before = rowsOf(*fixture.store);
        const SourceId id = fixture.store->sources().value().back().id;
        SourceStore& store = SourceStore::of(*fixture.store);
        fixture.clock->advance(kSecondNs);
        VERIFY_OK(store.setSourceAside(id));
        fixture.clock->advance(kSecondNs);
        const bool grown = how.contains(QStringLiteral("grown"));
        const std::string now = grown ? bytes + more : bytes;
        const std::string again = how.contains(QStringLiteral("compressed"))
                                      ? fixture.write("a.log.1.gz", packed(now, "gzip"))
                                      : fixture.write("a.log.1", now);
        std::filesystem::remove(path);
        VERIFY_OK(fixture.ingest(again));
        const SourceRecord held = fixture.store->sources().value().back();
        const Status refused = store.restoreSource(id);
        QVERIFY2(!refused, "its events are there twice");
        QCOMPARE(refused.error().kind, ErrorKind::Input);
        QVERIFY2(refused.error().why.find("source " + std::to_string(held.id.value) + " (" + held.name) !=
                     std::string::npos,
                 refused.error().why.c_str());
        QCOMPARE(rowsOf(*fixture.store).size(), before.size() + (grown ? 30 : 0));
        VERIFY_OK(fixture.store->removeSource(held.id));
        VERIFY_OK(store.restoreSource(id));
        QVERIFY(firstDifference(before, rowsOf(*fixture.store)).empty());
        QVERIFY2(whatIsWrong(*fixture.store).empty(), whatIsWrong(*fixture.store).c_str());
    }

    /// A pipe has no path of its own to be told by.
    void bringBackAPipe()
    {
        IngestFixture fixture;
        const auto pipe = [&](const std::string& bytes) -> Result<IngestReport> {
            int ends[2];
            if (::pipe(ends) != 0) return makeError(ErrorKind::Internal, "make a pipe", "it failed");
            const bool sent =
                ::write(ends[1], bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size());
            ::close(ends[1]);
            IngestRequest request;
            request.paths = {"-"};
            request.stdinDescriptor = [&] { return ends[0]; };
            auto report = fixture.ingest(request);
            ::close(ends[0]);
            if (!sent) return makeError(ErrorKind::Internal, "fill a pipe", "it failed");
            return report;
        };
        const std::string first = manyLines("{\"time\":\"2026-01-01T00:00:%2Z\",\"msg\":\"m %n\"}", 100);
        const std::string other = manyLines("{\"time\":\"2026-01-01T00:00:%2Z\",\"msg\":\"o %n\"}", 100);
        VERIFY_OK(pipe(first));
        const SourceId id = fixture.store->sources().value().front().id;
        SourceStore& store = SourceStore::of(*fixture.store);
        fixture.clock->advance(kSecondNs);
        VERIFY_OK(store.setSourceAside(id));
        fixture.clock->advance(kSecondNs);
        VERIFY_OK(pipe(other));
        VERIFY_OK(store.restoreSource(id)); // another stream is no reason
        QCOMPARE(rowsOf(*fixture.store).size(), std::size_t{200});
        VERIFY_OK(store.setSourceAside(id));
        VERIFY_OK(pipe(first + other));
        QCOMPARE(rowsOf(*fixture.store).size(), std::size_t{300});
        QCOMPARE(store.restoreSource(id).error().kind, ErrorKind::Input);
        QCOMPARE(rowsOf(*fixture.store).size(), std::size_t{300});
    }

    /// What was there beside its twin before it was removed may be there beside it again.
    void bringBackWhatWasThereTwice()
    {
        IngestFixture fixture;
        IngestRequest request;
        request.paths = {
            fixture.write("a.log", manyLines("{\"time\":\"2026-01-01T00:00:%2Z\",\"msg\":\"m %n\"}", 100))};
        VERIFY_OK(fixture.ingest(request));
        const SourceId older = firstSource(*fixture.store);
        request.again = true;
        VERIFY_OK(fixture.ingest(request));
        QCOMPARE(rowsOf(*fixture.store).size(), std::size_t{200});
        fixture.clock->advance(kSecondNs);
        VERIFY_OK(SourceStore::of(*fixture.store).setSourceAside(older));
        VERIFY_OK(SourceStore::of(*fixture.store).restoreSource(older));
        QCOMPARE(rowsOf(*fixture.store).size(), std::size_t{200});
    }

    void removeAndBringBack()
    {
        IngestFixture fixture;
        IngestRequest request;
        for (int i = 0; i < 3; ++i)
            request.paths.push_back(fixture.write(
                "f" + std::to_string(i), manyLines(("{\"time\":\"2026-01-01T00:00:%2Z\",\"msg\":\"f" +
                                                    std::to_string(i) + " %n\"}\n{bad")
                                                       .c_str(),
                                                   40)));
        VERIFY_OK(fixture.ingest(request));
        const auto before = rowsOf(*fixture.store);
        const auto rejects = fixture.store->quarantine(std::nullopt, 0, 1'000).value().size();
        const SourceRecord source = fixture.store->sources(true).value()[1];
        VERIFY_OK(SourceStore::of(*fixture.store).setSourceAside(source.id));
        QCOMPARE(rowsOf(*fixture.store).size(), before.size() - 40);
        QCOMPARE(fixture.store->quarantine(std::nullopt, 0, 1'000).value().size(), rejects - 40);
        QCOMPARE(fixture.store->sources().value().size(), std::size_t{2});
        const auto removed = SourceStore::of(*fixture.store).removedSources().value();
        QCOMPARE(removed.size(), std::size_t{1});
        QCOMPARE(removed[0].path, source.path);
        QCOMPARE(removed[0].events, std::uint64_t{40});
        QCOMPARE(removed[0].keptUntil - removed[0].removedAt, kRemovedKept);
        VERIFY_OK(fixture.store->mergeSmallSegments()); // must not take the rows along
        fixture.reopen();
        // Read in again meanwhile: then its events would be there twice.
        VERIFY_OK(fixture.ingest(source.path));
        QCOMPARE(SourceStore::of(*fixture.store).restoreSource(source.id).error().kind, ErrorKind::Input);
        VERIFY_OK(fixture.store->removeSource(fixture.store->sources().value().back().id));
        VERIFY_OK(SourceStore::of(*fixture.store).restoreSource(source.id));
        const std::string differs = firstDifference(before, rowsOf(*fixture.store));
        QVERIFY2(differs.empty(), differs.c_str());
        QCOMPARE(fixture.store->quarantine(std::nullopt, 0, 1'000).value().size(), rejects);
        const auto again = fixture.store->sources(true).value();
        QCOMPARE(again.size(), std::size_t{3});
        QVERIFY(again[1].id == source.id && again[1].ledger == source.ledger &&
                again[1].checkpoints == source.checkpoints);
        QVERIFY(SourceStore::of(*fixture.store).removedSources().value().empty());
        QVERIFY2(whatIsWrong(*fixture.store).empty(), whatIsWrong(*fixture.store).c_str());
        QCOMPARE(SourceStore::of(*fixture.store).restoreSource(source.id).error().kind, ErrorKind::NotFound);
        // A whole segment of its own, given up: gone for good.
        VERIFY_OK(SourceStore::of(*fixture.store).setSourceAside(source.id));
        VERIFY_OK(SourceStore::of(*fixture.store).reclaimSource(source.id));
        QCOMPARE(SourceStore::of(*fixture.store).restoreSource(source.id).error().kind, ErrorKind::NotFound);
    }
};

QTEST_GUILESS_MAIN(TestRemovedSources)
#include "tst_removed_sources.moc"
