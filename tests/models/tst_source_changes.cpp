// A source is changed whoever writes the store, and while its file is followed.
#include "models/session/ingest_anywhere.h"
#include "models/session/source_changes.h"
#include "models/session/workspace.h"
#include "tests/support/ingest_rows.h"
#include "tests/support/store_fixture.h"

#include <QTest>

#include <unistd.h>

#include <array>
#include <csignal>
#include <fstream>
#include <future>
#include <thread>

using namespace faultline;
using namespace faultline::testing;
using What = SourceChangeRequest::What;

namespace {

void append(const std::string& path, int first, int count)
{
    std::ofstream out(path, std::ios::app);
    for (int i = first; i < first + count; ++i)
        out << "{\"time\":\"2026-01-01T00:00:" << 10 + i % 50 << "Z\",\"msg\":\"m " << i << "\"}\n";
}

SourceChangeRequest shiftBy(SourceId source, std::int64_t offset)
{
    SourceChangeRequest request;
    request.source = source;
    request.settings.clockOffset = offset;
    return request;
}

bool waitForEvents(Store& store, std::uint64_t events)
{
    return QTest::qWaitFor(
        [&] {
            auto snapshot = store.snapshot();
            return snapshot && (*snapshot)->events >= events;
        },
        30'000);
}

std::size_t shiftedRows(Store& store, const std::vector<test::StoredRow>& before, std::int64_t offset)
{
    const auto rows = test::rowsOf(store);
    std::size_t shifted = 0;
    for (std::size_t i = 0; i < std::min(rows.size(), before.size()); ++i)
        shifted += rows[i].time == before[i].time + offset ? 1 : 0;
    return shifted;
}

} // namespace

class TestSourceChanges : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { std::signal(SIGPIPE, SIG_IGN); }

    void throughTheHolder()
    {
        const StoreFolder folder;
        const std::string log = folder.file("a.log");
        append(log, 0, 500);
        Workspace::Options options;
        options.storePath = folder.file();
        options.write = options.create = true;
        auto holder = Workspace::open(options);
        VERIFY_OK(holder);
        IngestRequest request;
        request.paths = {log};
        VERIFY_OK((*holder)->ingest(request, {}, {}));
        auto other = Workspace::open(options);
        VERIFY_OK(other);
        QVERIFY(!(*other)->store()->isWriter());
        Store& store = *(*holder)->store();
        const auto before = test::rowsOf(store);
        const SourceId id = store.sources().value().front().id;

        std::uint64_t seen = 0;
        auto done = (*other)->changeSource(shiftBy(id, kSecondNs),
                                           [&](const RenormaliseProgress& so) { seen = so.eventsTotal; }, {});
        VERIFY_OK(done);
        QCOMPARE(done->events, std::uint64_t{500});
        QCOMPARE(done->timed, std::uint64_t{500});
        QVERIFY(seen == 500 || seen == 0); // only the newest progress is sent, if any
        QCOMPARE(shiftedRows(store, before, kSecondNs), std::size_t{500});
        SourceChangeRequest step;
        step.source = id;
        step.what = What::Undo;
        VERIFY_OK((*other)->changeSource(step, {}, {}));
        QCOMPARE(shiftedRows(store, before, 0), std::size_t{500});
        QCOMPARE((*other)->changeSource(step, {}, {}).error().kind, ErrorKind::NotFound);
        step.what = What::Remove;
        VERIFY_OK((*other)->changeSource(step, {}, {}));
        QVERIFY(test::rowsOf(store).empty());
        step.what = What::Restore;
        VERIFY_OK((*other)->changeSource(step, {}, {}));
        QCOMPARE(shiftedRows(store, before, 0), std::size_t{500});
        // The holder has ended: then here.
        holder = Result<std::shared_ptr<Workspace>>(std::shared_ptr<Workspace>());
        VERIFY_OK((*other)->changeSource(shiftBy(id, 2 * kSecondNs), {}, {}));
        QCOMPARE(shiftedRows(*(*other)->store(), before, 2 * kSecondNs), std::size_t{500});
    }

    /// A run that follows pauses, goes on where it stood, and reads what comes with the new settings.
    void whileItIsFollowed()
    {
        const StoreFolder folder;
        const std::string log = folder.file("a.log");
        append(log, 0, 100);
        Workspace::Options options;
        options.storePath = folder.file();
        options.write = options.create = true;
        auto workspace = Workspace::open(options);
        VERIFY_OK(workspace);
        Store& store = *(*workspace)->store();
        std::stop_source stop;
        IngestRequest request;
        request.paths = {log};
        request.follow = true;
        auto run = std::async(std::launch::async,
                              [&] { return (*workspace)->ingest(request, {}, stop.get_token()); });
        QVERIFY(waitForEvents(store, 100));
        QVERIFY((*workspace)->activity().following);
        const auto before = test::rowsOf(store);
        const SourceId id = store.sources().value().front().id;
        VERIFY_OK((*workspace)->changeSource(shiftBy(id, 5 * kSecondNs), {}, {}));
        QCOMPARE(shiftedRows(store, before, 5 * kSecondNs), std::size_t{100});
        append(log, 100, 50);
        QVERIFY(waitForEvents(store, 150));
        const auto after = test::rowsOf(store);
        QCOMPARE(after.size(), std::size_t{150});
        QCOMPARE(after[149].time, after[99].time); // seconds 10 + 49 both
        QCOMPARE(after[149].time, before[49].time + 5 * kSecondNs);
        stop.request_stop();
        auto report = run.get();
        VERIFY_OK(report);
        QVERIFY(report->cancelled);
        QCOMPARE(report->sources.size(), std::size_t{1});
        QCOMPARE(report->total.events, std::uint64_t{150});
        QVERIFY(store.sources().value().front().ledger.balanced());
    }

    /// A command that is followed twice: the second run does not go on with what the first one writes.
    void twoPipesOfOneStream()
    {
        const StoreFolder folder;
        Workspace::Options options;
        options.storePath = folder.file();
        options.write = options.create = true;
        auto workspace = Workspace::open(options);
        VERIFY_OK(workspace);
        Store& store = *(*workspace)->store();
        int ends[2][2];
        std::array<Result<IngestReport>, 2> reports{makeError(ErrorKind::Internal, "read", "it did not run"),
                                                    makeError(ErrorKind::Internal, "read", "it did not run")};
        const auto send = [&](int to, int first, int count) {
            std::string lines;
            for (int i = first; i < first + count; ++i)
                lines += "{\"time\":" + std::to_string(1'700'000'000 + i) + ",\"msg\":\"line\"}\n";
            return ::write(ends[to][1], lines.data(), lines.size()) == static_cast<ssize_t>(lines.size());
        };
        const auto stored = [&] {
            auto snapshot = store.snapshot();
            return snapshot ? (*snapshot)->events : 0;
        };
        std::array<std::thread, 2> runs;
        for (int run = 0; run < 2; ++run) {
            QCOMPARE(::pipe(ends[run]), 0);
            IngestRequest request;
            request.paths = {"-"};
            request.stdinDescriptor = [from = ends[run][0]] { return from; };
            const auto at = static_cast<std::size_t>(run);
            runs[at] = std::thread([&, request, at] { reports[at] = (*workspace)->ingest(request, {}, {}); });
            QVERIFY(send(run, 0, 10));
            // The second run begins when the first one has these lines on disk.
            if (run == 0) QTRY_COMPARE_WITH_TIMEOUT(stored(), std::uint64_t{10}, 10'000);
        }
        QVERIFY(send(1, 10, 5));
        QTRY_COMPARE_WITH_TIMEOUT(stored(), std::uint64_t{15}, 10'000);
        QVERIFY(send(0, 10, 5));
        for (std::size_t run = 0; run < 2; ++run) {
            ::close(ends[run][1]);
            runs[run].join();
            ::close(ends[run][0]);
            VERIFY_OK(reports[run]);
            QVERIFY(reports[run]->total.balanced());
            QCOMPARE(reports[run]->total.received.records, std::uint64_t{15});
        }
        QCOMPARE(reports[0]->total.stored.records, std::uint64_t{15});
        QCOMPARE(reports[1]->total.stored.records, std::uint64_t{5}); // the first ten were there
        QCOMPARE(reports[1]->total.duplicates.records, std::uint64_t{10});
        const auto sources = store.sources().value();
        QCOMPARE(sources.size(), std::size_t{2});
        for (const SourceRecord& source : sources) {
            QVERIFY(source.ledger.balanced());
            QCOMPARE(source.checkpoint.records, source.ledger.received.records);
        }
        QCOMPARE(stored(), std::uint64_t{20});
    }

    /// A pipe cannot be paused: the change is refused, and says why.
    void whileAPipeIsRead()
    {
        const StoreFolder folder;
        const std::string log = folder.file("a.log");
        append(log, 0, 10);
        Workspace::Options options;
        options.storePath = folder.file();
        options.write = options.create = true;
        auto workspace = Workspace::open(options);
        VERIFY_OK(workspace);
        IngestRequest file;
        file.paths = {log};
        VERIFY_OK((*workspace)->ingest(file, {}, {}));
        int ends[2];
        QCOMPARE(::pipe(ends), 0);
        IngestRequest request;
        request.paths = {"-"};
        request.stdinDescriptor = [&] { return ends[0]; };
        std::stop_source stop;
        auto run = std::async(std::launch::async,
                              [&] { return (*workspace)->ingest(request, {}, stop.get_token()); });
        QVERIFY(QTest::qWaitFor([&] { return (*workspace)->activity().reading; }, 10'000));
        Store& store = *(*workspace)->store();
        const SourceId id = store.sources().value().front().id;
        QCOMPARE((*workspace)->changeSource(shiftBy(id, kSecondNs), {}, {}).error().kind, ErrorKind::Locked);
        SourceChangeRequest remove;
        remove.source = id;
        remove.what = What::Remove;
        QCOMPARE((*workspace)->changeSource(remove, {}, {}).error().kind, ErrorKind::Locked);
        stop.request_stop();
        ::close(ends[1]);
        VERIFY_OK(run.get());
        ::close(ends[0]);
    }
};

QTEST_GUILESS_MAIN(TestSourceChanges)
#include "tst_source_changes.moc"
