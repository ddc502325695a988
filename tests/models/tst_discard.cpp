// What a cancelled run brought can be taken back, also where another process wrote it.
#include "models/session/ingest_anywhere.h"
#include "models/session/workspace.h"
#include "tests/support/ingest_input.h"
#include "tests/support/store_fixture.h"

#include <QTest>

#include <csignal>

using namespace faultline;
using namespace faultline::testing;

class TestDiscard : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { std::signal(SIGPIPE, SIG_IGN); }

    void throughTheHolder()
    {
        const StoreFolder folder;
        auto runner = makeIngestRunner(std::make_shared<SystemClock>());
        VERIFY_OK(runner);
        auto held = Store::open(folder.file(), {});
        VERIFY_OK(held);
        std::shared_ptr<Store> store = *held;
        held = Result<std::shared_ptr<Store>>(std::shared_ptr<Store>());
        auto host = std::make_unique<IngestHost>(store, *runner);
        QVERIFY(!host->notServing());

        const std::string log = folder.file("app.ndjson");
        QVERIFY(writeFile(log, makeIngestInput(2'000, 7).bytes));
        Workspace::Options options;
        options.storePath = folder.file();
        options.write = true;
        auto workspace = Workspace::open(options);
        VERIFY_OK(workspace);
        QVERIFY(!(*workspace)->store()->isWriter());
        auto before = (*workspace)->store()->sources();
        VERIFY_OK(before);
        IngestRequest request;
        request.paths = {log};
        auto report = (*workspace)->ingest(request, {}, {});
        VERIFY_OK(report);
        QVERIFY(report->total.events > 0);
        auto kept = (*workspace)->discard(*report, *before);
        VERIFY_OK(kept);
        QVERIFY(kept->empty());
        auto left = store->sources();
        VERIFY_OK(left);
        QVERIFY2(left->empty(), "the source that the run made is removed");
        auto snapshot = store->snapshot();
        VERIFY_OK(snapshot);
        QCOMPARE((*snapshot)->events, std::uint64_t{0});
        // Once more is no error, and neither is a holder that has ended.
        VERIFY_OK((*workspace)->removeSources({report->sources[0].id}));
        snapshot = Result<SnapshotPtr>(SnapshotPtr());
        host.reset();
        store.reset();
        VERIFY_OK((*workspace)->removeSources({report->sources[0].id}));
    }
};

QTEST_GUILESS_MAIN(TestDiscard)
#include "tst_discard.moc"
