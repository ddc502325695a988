// A source is changed whoever writes the store, and while its file is followed.
#include "models/session/handover_protocol.h"
#include "models/session/ingest_anywhere.h"
#include "models/session/source_changes.h"
#include "models/session/workspace.h"
#include "tests/support/ingest_rows.h"
#include "tests/support/packing.h"
#include "tests/support/store_fixture.h"

#include <QTest>

#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <future>
#include <set>
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

/// Ends a run when its case ends, also in the middle: its future would wait for ever.
class StopAtEnd
{
public:
    explicit StopAtEnd(std::stop_source& stop) : m_stop(stop) {}
    ~StopAtEnd() { m_stop.request_stop(); }
    StopAtEnd(const StopAtEnd&) = delete;
    StopAtEnd& operator=(const StopAtEnd&) = delete;

private:
    std::stop_source& m_stop;
};

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

    /// The process that holds the lock dies behind its commit and before it says so: the change is made once,
    /// and reported as if it had been made by who is asked next.
    void holderDiesBeforeItAnswers_data()
    {
        QTest::addColumn<int>("what");
        QTest::addColumn<bool>("here");
        const std::pair<const char*, What> kinds[] = {{"set", What::Set},
                                                      {"undo", What::Undo},
                                                      {"remove", What::Remove},
                                                      {"restore", What::Restore},
                                                      {"reclaim", What::Reclaim}};
        for (const auto& [name, what] : kinds) {
            QTest::addRow("%s, the next holder", name) << static_cast<int>(what) << false;
            QTest::addRow("%s, here", name) << static_cast<int>(what) << true;
        }
    }
    void holderDiesBeforeItAnswers()
    {
        QFETCH(int, what);
        QFETCH(bool, here);
        const StoreFolder folder;
        const std::string log = folder.file("a.log");
        append(log, 0, 200);
        auto holder = Store::open(folder.file(), {});
        VERIFY_OK(holder);
        auto runner = makeIngestRunner(std::make_shared<SystemClock>());
        VERIFY_OK(runner);
        IngestRequest read;
        read.paths = {log};
        VERIFY_OK((*runner)(*holder, read, {}, {}));
        const auto before = test::rowsOf(**holder);
        const SourceId id = (*holder)->sources().value().front().id;
        SourceChangeRequest request = shiftBy(id, 3 * kSecondNs);
        request.what = static_cast<What>(what);
        if (request.what == What::Undo) {
            VERIFY_OK(changeSource(*holder, shiftBy(id, kSecondNs), {}, {}));
            VERIFY_OK(changeSource(*holder, shiftBy(id, 2 * kSecondNs), {}, {}));
        }
        if (request.what == What::Restore || request.what == What::Reclaim)
            VERIFY_OK(SourceStore::of(**holder).setSourceAside(id));
        std::atomic<int> asked = 0;
        const auto change = [&](const SourceChangeRequest& given, std::function<void(const IngestProgress&)>,
                                std::stop_token stop) -> Result<IngestReport> {
            auto done = changeSource(*holder, given, {}, std::move(stop));
            if (++asked == 1) {
                if (here) holder->reset();
                // The connection closes without a word.
                return makeError(ErrorKind::Cancelled, "answer", "it died");
            }
            if (!done) return done.error();
            return handover::reportOf(*done);
        };
        auto server =
            HandoverServer::start((*holder)->path(),
                                  [](const IngestRequest&, std::function<void(const IngestProgress&)>,
                                     std::stop_token) -> Result<IngestReport> { return IngestReport(); },
                                  [](const std::vector<SourceId>&) { return Status(); }, change);
        VERIFY_OK(server);
        IngestPlace place;
        place.store = Store::open(folder.file(), {}).value();
        QVERIFY(!place.store->isWriter());
        place.runner = *runner;
        const auto done = changeSourceAnywhere(place, request, {}, {});
        VERIFY_OK(done);
        QCOMPARE(asked.load(), here ? 1 : 2);
        Store& store = *place.store;
        const bool settings = request.what == What::Set || request.what == What::Undo;
        const std::size_t rows = request.what == What::Remove || request.what == What::Reclaim ? 0 : 200;
        QCOMPARE(test::rowsOf(store).size(), rows);
        QCOMPARE(done->events, std::uint64_t{settings ? 200u : 0u});
        QCOMPARE(done->timed, std::uint64_t{settings ? 200u : 0u});
        QCOMPARE(SourceStore::of(store).sourceChanges(id)->size(), std::size_t{settings ? 1u : 0u});
        QCOMPARE(SourceStore::of(store).removedSources()->size(),
                 std::size_t{request.what == What::Remove ? 1u : 0u});
        if (request.what == What::Set) QCOMPARE(shiftedRows(store, before, 3 * kSecondNs), std::size_t{200});
        if (request.what == What::Undo) QCOMPARE(shiftedRows(store, before, kSecondNs), std::size_t{200});
    }

    /// What somebody else did since a change was asked for is neither undone nor covered up.
    void changedByAnotherMeanwhile()
    {
        const StoreFolder folder;
        const std::string log = folder.file("a.log");
        append(log, 0, 20);
        auto store = Store::open(folder.file(), {});
        VERIFY_OK(store);
        auto runner = makeIngestRunner(std::make_shared<SystemClock>());
        VERIFY_OK(runner);
        IngestRequest read;
        read.paths = {log};
        VERIFY_OK((*runner)(*store, read, {}, {}));
        const auto before = test::rowsOf(**store);
        const SourceId id = (*store)->sources().value().front().id;
        VERIFY_OK(changeSource(*store, shiftBy(id, kSecondNs), {}, {}));
        SourceChangeRequest set = shiftBy(id, 2 * kSecondNs), undo;
        undo.source = id;
        undo.what = What::Undo;
        set.seen = undo.seen = lookAtSource(**store, id).value();
        handover::Request message;
        message.change = undo;
        auto sent = handover::decodeRequest(handover::encodeRequest(message));
        VERIFY_OK(sent);
        QVERIFY(sent->change && sent->change->seen == undo.seen);
        VERIFY_OK(changeSource(*store, shiftBy(id, 5 * kSecondNs), {}, {}));
        QCOMPARE(changeSource(*store, set, {}, {}).error().kind, ErrorKind::Locked);
        QCOMPARE(changeSource(*store, undo, {}, {}).error().kind, ErrorKind::Locked);
        QCOMPARE(shiftedRows(**store, before, 5 * kSecondNs), std::size_t{20});
        QCOMPARE(SourceStore::of(**store).sourceChanges(id)->size(), std::size_t{2});
    }

    /// Who changes a source where no window is open takes the work of others meanwhile.
    void othersHandOverDuringAChange()
    {
        const StoreFolder folder;
        const std::string log = folder.file("a.log"), more = folder.file("b.log");
        append(log, 0, 200);
        append(more, 200, 10);
        auto holder = Store::open(folder.file(), {});
        VERIFY_OK(holder);
        auto runner = makeIngestRunner(std::make_shared<SystemClock>());
        VERIFY_OK(runner);
        IngestRequest read;
        read.paths = {log};
        VERIFY_OK((*runner)(*holder, read, {}, {}));
        const SourceId id = (*holder)->sources().value().front().id;
        IngestPlace place, other;
        place.store = Store::open(folder.file(), {}).value();
        place.runner = other.runner = *runner;
        other.store = Store::open(folder.file(), {}).value();
        other.patience = std::chrono::milliseconds(60);
        QVERIFY(!place.store->isWriter());
        holder->reset(); // from here on the lock is free, and the work is done where it was asked for
        std::future<Result<IngestReport>> given;
        read.paths = {more};
        const auto done = changeSourceAnywhere(
            place, shiftBy(id, kSecondNs),
            [&](const RenormaliseProgress&) {
                if (given.valid()) return;
                given = std::async(std::launch::async, [&] { return ingestAnywhere(other, read, {}, {}); });
                // It gives up within this time where nobody takes its work.
                given.wait_for(std::chrono::milliseconds(500));
            },
            {});
        VERIFY_OK(done);
        QVERIFY(given.valid());
        const auto report = given.get();
        VERIFY_OK(report);
        QCOMPARE(report->total.events, std::uint64_t{10});
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
        const StopAtEnd atEnd(stop);
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

    /// A file is rotated while its run pauses for a change: what was written last under its old name is read,
    /// and what is new, each once.
    void rotatedInThePause_data()
    {
        QTest::addColumn<bool>("folder");
        QTest::addColumn<bool>("compressed");
        QTest::newRow("a file") << false << false;
        QTest::newRow("a file, compressed") << false << true;
        QTest::newRow("a folder") << true << false;
    }
    void rotatedInThePause()
    {
        QFETCH(bool, folder);
        QFETCH(bool, compressed);
        const StoreFolder stores;
        const std::string logs = stores.file("logs");
        QVERIFY(std::filesystem::create_directory(logs));
        const std::string log = logs + "/a.log";
        append(log, 0, 100);
        append(logs + "/a.log.7", 1'000, 5); // of the same series, and not asked for
        if (folder) std::filesystem::remove(logs + "/a.log.7");
        Workspace::Options options;
        options.storePath = stores.file();
        options.write = options.create = true;
        auto workspace = Workspace::open(options);
        VERIFY_OK(workspace);
        Store& store = *(*workspace)->store();
        std::stop_source stop;
        IngestRequest request;
        request.paths = {folder ? logs : log};
        request.follow = true;
        auto run = std::async(std::launch::async,
                              [&] { return (*workspace)->ingest(request, {}, stop.get_token()); });
        const StopAtEnd atEnd(stop);
        QVERIFY(waitForEvents(store, 100));
        const SourceId id = store.sources().value().front().id;
        bool rotated = false;
        VERIFY_OK((*workspace)
                      ->changeSource(shiftBy(id, 5 * kSecondNs),
                                     [&](const RenormaliseProgress&) {
                                         if (std::exchange(rotated, true)) return;
                                         append(log, 100, 20);
                                         std::filesystem::rename(log, log + ".1");
                                         append(log, 120, 30);
                                         if (!compressed) return;
                                         std::ifstream in(log + ".1", std::ios::binary);
                                         const std::string bytes{std::istreambuf_iterator<char>(in), {}};
                                         std::ofstream(log + ".1.gz", std::ios::binary)
                                             << test::packed(bytes, "gzip");
                                         std::filesystem::remove(log + ".1");
                                     },
                                     {}));
        QVERIFY(rotated);
        QVERIFY2(waitForEvents(store, 150), "lines that came in the pause are lost");
        append(log, 150, 5);
        QVERIFY(waitForEvents(store, 155));
        if (!compressed) { // who had it open still writes to it
            append(log + ".1", 155, 5);
            QVERIFY(waitForEvents(store, 160));
        }
        // Once more: both are followed under the names that they have.
        VERIFY_OK((*workspace)->changeSource(shiftBy(id, 6 * kSecondNs), {}, {}));
        append(log, 160, 5);
        const std::size_t all = compressed ? 160 : 165;
        QVERIFY(waitForEvents(store, all));
        stop.request_stop();
        const auto report = run.get();
        VERIFY_OK(report);
        const auto rows = test::rowsOf(store);
        QCOMPARE(rows.size(), all);
        std::set<std::string> once;
        for (const auto& row : rows) once.insert(row.document);
        QCOMPARE(once.size(), all);
        const auto sources = store.sources().value();
        QCOMPARE(sources.size(), std::size_t{2});
        for (const SourceRecord& source : sources) {
            QVERIFY(source.ledger.balanced());
            const std::string expected = source.id != id ? "a.log" : compressed ? "a.log.1.gz" : "a.log.1";
            QVERIFY2(source.path == logs + "/" + expected, source.path.c_str());
        }
        QCOMPARE(report->total.events, std::uint64_t{all});
    }

    /// What is read a second time on purpose is not read a third time after a pause.
    void aSecondCopyIsFollowed()
    {
        const StoreFolder folder;
        const std::string log = folder.file("a.log");
        append(log, 0, 50);
        Workspace::Options options;
        options.storePath = folder.file();
        options.write = options.create = true;
        auto workspace = Workspace::open(options);
        VERIFY_OK(workspace);
        Store& store = *(*workspace)->store();
        IngestRequest request;
        request.paths = {log};
        VERIFY_OK((*workspace)->ingest(request, {}, {}));
        request.again = request.follow = true;
        std::stop_source stop;
        auto run = std::async(std::launch::async,
                              [&] { return (*workspace)->ingest(request, {}, stop.get_token()); });
        const StopAtEnd atEnd(stop);
        QVERIFY(waitForEvents(store, 100));
        const SourceId id = store.sources().value().back().id;
        VERIFY_OK((*workspace)->changeSource(shiftBy(id, 5 * kSecondNs), {}, {}));
        append(log, 50, 10);
        QVERIFY(waitForEvents(store, 110));
        stop.request_stop();
        VERIFY_OK(run.get());
        QCOMPARE(test::rowsOf(store).size(), std::size_t{110});
        QCOMPARE(store.sources().value().size(), std::size_t{2});
    }

    /// Changes that come one upon the other pause a run that has not gone on yet: it goes on in the end.
    void manyChangesWhileItIsFollowed()
    {
        const StoreFolder folder;
        const std::string log = folder.file("a.log");
        append(log, 0, 50);
        Workspace::Options options;
        options.storePath = folder.file();
        options.write = options.create = true;
        auto workspace = Workspace::open(options);
        VERIFY_OK(workspace);
        Store& store = *(*workspace)->store();
        IngestRequest request;
        request.paths = {log};
        request.follow = true;
        std::stop_source stop;
        auto run = std::async(std::launch::async,
                              [&] { return (*workspace)->ingest(request, {}, stop.get_token()); });
        const StopAtEnd atEnd(stop);
        QVERIFY(waitForEvents(store, 50));
        const SourceId id = store.sources().value().front().id;
        std::array<std::future<Result<SourceChangeReport>>, 6> changes;
        for (std::size_t i = 0; i < changes.size(); ++i)
            changes[i] = std::async(std::launch::async, [&, i] {
                const auto offset = static_cast<std::int64_t>(i + 1) * kSecondNs;
                return (*workspace)->changeSource(shiftBy(id, offset), {}, {});
            });
        for (auto& change : changes) VERIFY_OK(change.get());
        QVERIFY2((*workspace)->activity().following, "the run has ended");
        append(log, 50, 10);
        QVERIFY(waitForEvents(store, 60));
        stop.request_stop();
        const auto report = run.get();
        VERIFY_OK(report);
        QVERIFY(report->cancelled);
        QCOMPARE(report->total.events, std::uint64_t{60});
        QCOMPARE(test::rowsOf(store).size(), std::size_t{60});
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
        const StopAtEnd atEnd(stop);
        Store& store = *(*workspace)->store();
        // Stored: the run has begun. Longer than the file, so that it is known at once to be something else.
        const std::string line = "{\"msg\":\"" + std::string(2'000, 'x') + "\"}\n";
        QCOMPARE(::write(ends[1], line.data(), line.size()), static_cast<ssize_t>(line.size()));
        QVERIFY(waitForEvents(store, 11));
        QVERIFY((*workspace)->activity().reading);
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
