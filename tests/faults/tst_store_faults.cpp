#include "models/store/store.h"
#include "tests/support/fault_vfs.h"
#include "tests/support/store_fixture.h"

#include <QElapsedTimer>
#include <QTest>
#include <QThread>

#include <algorithm>
#include <filesystem>
#include <future>
#include <thread>

using namespace faultline;
using namespace faultline::testing;

namespace {

constexpr TimeNs kStart = 1'700'000'000 * kSecondNs;
constexpr RowIndex kRows = 12;
constexpr int kBatches = 3;

// What one run of the workload was told.
struct Outcome
{
    bool opened = false;
    bool writer = false;
    bool sourceAdded = false;
    std::vector<bool> acknowledged = std::vector<bool>(kBatches);
    bool settingKept = false;
    int readFailures = 0;
};

Store::Options onFaultVfs()
{
    Store::Options options;
    options.vfs = FaultVfs::name();
    options.readers = 2;
    return options;
}

TimeNs timeOf(int batch)
{
    return kStart + TimeNs{batch} * kRows * kSecondNs;
}

// Every way of writing and reading, in little. A commit that waits for space gives up after `patience`.
Outcome runWorkload(const std::string& path, std::chrono::milliseconds patience)
{
    Outcome outcome;
    auto opened = Store::open(path, onFaultVfs());
    if (!opened) return outcome;
    Store& store = **opened;
    outcome.opened = true;
    outcome.writer = store.isWriter();
    auto source = store.addSource(makeSource("app"));
    if (!source) return outcome;
    outcome.sourceAdded = true;
    for (int n = 0; n < kBatches; ++n) {
        std::stop_source stop;
        std::jthread giveUp;
        if (patience.count() > 0) {
            giveUp = std::jthread([&stop, patience](std::stop_token done) {
                std::mutex mutex;
                std::condition_variable_any wake;
                std::unique_lock lock(mutex);
                wake.wait_for(lock, done, patience, [] { return false; });
                if (!done.stop_requested()) stop.request_stop();
            });
        }
        outcome.acknowledged[static_cast<std::size_t>(n)] =
            store
                .commit(makeBatch(*source, static_cast<Ordinal>(n) * kRows, kRows, timeOf(n), 1),
                        stop.get_token())
                .ok();
        auto snapshot = store.snapshot();
        if (!snapshot || !documentsOf(**snapshot, store)) ++outcome.readFailures;
    }
    outcome.settingKept = store.setSetting("key", "value").ok();
    if (!store.sources(true)) ++outcome.readFailures;
    return outcome;
}

// Opens the store without faults and compares it with what was acknowledged; empty when all is as it must be.
std::string judge(const std::string& path, const Outcome& outcome)
{
    auto opened = Store::open(path, onFaultVfs());
    if (!opened) return "cannot be opened afterwards: " + describe(opened.error());
    Store& store = **opened;
    if (!store.isWriter()) return "the lock was not given back";
    auto sources = store.sources(true);
    if (!sources) return "sources: " + describe(sources.error());
    if (outcome.sourceAdded && sources->size() != 1) return "the source that was acknowledged is gone";
    if (!outcome.sourceAdded && sources->size() > 1) return "a source twice";
    auto documents = documentsOf(store);
    if (!documents) return "documents: " + describe(documents.error());
    std::uint64_t stored = 0;
    std::size_t quarantined = 0;
    if (!sources->empty()) {
        const SourceId id = sources->front().id;
        auto rejects = store.quarantine(id, 0, 100);
        if (!rejects) return "quarantine: " + describe(rejects.error());
        for (int n = 0; n < kBatches; ++n) {
            const Ordinal first = static_cast<Ordinal>(n) * kRows;
            std::size_t rows = 0;
            for (RowIndex r = 0; r < kRows; ++r) {
                rows += static_cast<std::size_t>(
                    std::count(documents->begin(), documents->end(), documentOf(id, first + r)));
            }
            const auto& points = sources->front().checkpoints;
            const bool point = std::any_of(points.begin(), points.end(),
                                           [&](const auto& p) { return p.records == first + kRows; });
            const bool reject = std::any_of(rejects->begin(), rejects->end(),
                                            [&](const auto& q) { return q.record == first + 1; });
            const std::string name = "batch " + std::to_string(n);
            if (rows != 0 && rows != kRows)
                return name + " has " + std::to_string(rows) + " events: torn or doubled";
            if (point != (rows > 0) || reject != (rows > 0))
                return name + ": events, checkpoint and quarantine are apart";
            if (outcome.acknowledged[static_cast<std::size_t>(n)] && rows == 0)
                return name + " was acknowledged and is gone";
            stored += rows;
            quarantined += reject ? 1 : 0;
        }
        const Ledger& ledger = sources->front().ledger;
        if (!ledger.balanced() || ledger.events != stored || ledger.quarantined.records != quarantined)
            return "the ledger is wrong";
    }
    if (documents->size() != stored) return "events of nobody";
    auto settings = store.settings("");
    if (!settings) return "settings: " + describe(settings.error());
    if (outcome.settingKept && settings->count("key") == 0) return "an acknowledged setting is gone";
    // It lives: another commit works.
    auto fresh = store.addSource(makeSource("fresh"));
    if (!fresh) return "no further source: " + describe(fresh.error());
    if (auto done = store.commit(makeBatch(*fresh, 0, 5, kStart)); !done)
        return "no further commit: " + describe(done.error());
    if (documentsOf(store).value().size() != stored + 5) return "the further commit is not there";
    return {};
}

} // namespace

class TestStoreFaults : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyCallFails_data();
    void everyCallFails();
    void fsyncFailureStopsTheStore();
    void diskFullPausesAndResumes();
    void diskFullEndsOnStop();
    void fileTakenAway_data();
    void fileTakenAway();
};

void TestStoreFaults::everyCallFails_data()
{
    QTest::addColumn<quint32>("calls");
    QTest::addColumn<bool>("full");
    QTest::addColumn<bool>("shortRead");
    QTest::addColumn<bool>("sticky");
    const struct
    {
        const char* name;
        std::uint32_t calls;
        bool full, shortRead;
    } kinds[] = {{"all", IoAll, false, false},
                 {"short read", IoRead, false, true},
                 {"full", IoWrite, true, false},
                 {"fsync", IoSync, false, false}};
    for (const auto& kind : kinds) {
        for (const bool sticky : {false, true}) {
            QTest::addRow("%s, %s", kind.name, sticky ? "for good" : "once")
                << kind.calls << kind.full << kind.shortRead << sticky;
        }
    }
}

void TestStoreFaults::everyCallFails()
{
    QFETCH(quint32, calls);
    QFETCH(bool, full);
    QFETCH(bool, shortRead);
    QFETCH(bool, sticky);
    const StoreFolder folder;
    Fault fault;
    fault.calls = calls;
    fault.full = full;
    fault.shortRead = shortRead;
    FaultVfs::arm(fault);
    const Outcome clean = runWorkload(folder.file("clean"), {});
    const std::uint64_t total = FaultVfs::calls();
    FaultVfs::disarm();
    QVERIFY2(clean.settingKept && clean.acknowledged == std::vector<bool>(kBatches, true),
             "the workload works without faults");
    QVERIFY(total > 3);
    int told = 0;
    // Every single call where any of them may fail; the special kinds are samples of the same calls.
    const std::uint64_t stride = calls == IoAll ? 1 : 3;
    for (std::uint64_t k = 1; k <= total; k += stride) {
        const std::string path = folder.file(("k" + std::to_string(k)).c_str());
        fault.at = k;
        fault.sticky = sticky;
        FaultVfs::arm(fault);
        const Outcome outcome = runWorkload(path, std::chrono::milliseconds(full && sticky ? 10 : 3'000));
        const std::uint64_t failures = FaultVfs::failures();
        FaultVfs::disarm();
        const std::string fact = judge(path, outcome);
        const std::string message =
            "call " + std::to_string(k) + " of " + std::to_string(total) + ": " + fact;
        QVERIFY2(fact.empty(), message.c_str());
        if (failures > 0 && (!outcome.opened || !outcome.settingKept ||
                             outcome.acknowledged != clean.acknowledged || outcome.readFailures > 0))
            ++told;
        for (const char* suffix : {"", "-wal", "-shm", "-lock"}) std::filesystem::remove(path + suffix);
    }
    QVERIFY2(told > 0 || (full && !sticky), "some of the faults were seen by the caller");
}

void TestStoreFaults::fsyncFailureStopsTheStore()
{
    const StoreFolder folder;
    const std::string path = folder.file();
    auto opened = Store::open(path, onFaultVfs());
    VERIFY_OK(opened);
    auto source = (*opened)->addSource(makeSource("a"));
    VERIFY_OK(source);
    VERIFY_OK((*opened)->commit(makeBatch(*source, 0, kRows, timeOf(0))));
    Fault fault;
    fault.calls = IoSync;
    fault.at = 1;
    FaultVfs::arm(fault);
    auto failed = (*opened)->commit(makeBatch(*source, kRows, kRows, timeOf(1)));
    QVERIFY2(!failed, "a commit whose fsync failed is not acknowledged");
    QCOMPARE(failed.error().kind, ErrorKind::Store);
    auto next = (*opened)->commit(makeBatch(*source, kRows, kRows, timeOf(1)));
    QVERIFY2(!next, "an fsync is not tried again: the store has stopped");
    QVERIFY(!next.error().hints.empty());
    QVERIFY(!(*opened)->writerStatus().reason.empty());
    QVERIFY2((*opened)->snapshot().ok(), "reading goes on");
    FaultVfs::disarm();
    opened = Result<std::shared_ptr<Store>>(std::shared_ptr<Store>());
    auto again = Store::open(path, onFaultVfs());
    VERIFY_OK(again);
    const std::size_t events = documentsOf(**again).value().size();
    QVERIFY2(events == kRows || events == 2 * kRows, "the batch in doubt is wholly there or wholly absent");
    QCOMPARE((*again)->sources().value().front().checkpoint.records, std::uint64_t{events});
}

void TestStoreFaults::diskFullPausesAndResumes()
{
    const StoreFolder folder;
    auto opened = Store::open(folder.file(), onFaultVfs());
    VERIFY_OK(opened);
    Store& store = **opened;
    auto source = store.addSource(makeSource("a"));
    VERIFY_OK(source);
    VERIFY_OK(store.commit(makeBatch(*source, 0, kRows, timeOf(0))));
    Fault fault;
    fault.calls = IoWrite;
    fault.at = 1;
    fault.sticky = true;
    fault.full = true;
    FaultVfs::arm(fault);
    auto waiting = std::async(std::launch::async,
                              [&] { return store.commit(makeBatch(*source, kRows, kRows, timeOf(1))).ok(); });
    QVERIFY2(QTest::qWaitFor([&] { return store.writerStatus().paused; }, 3000), "the state is told");
    const WriterStatus status = store.writerStatus();
    QVERIFY(status.bytesNeeded > 0);
    QCOMPARE(status.place, std::filesystem::path(folder.file()).parent_path().string());
    QCOMPARE(documentsOf(store).value().size(), std::size_t{kRows});
    auto setting = store.setSetting("a", "b");
    QVERIFY2(!setting, "what is no commit does not wait");
    QCOMPARE(setting.error().kind, ErrorKind::DiskFull);
    QTest::qWait(400);
    QVERIFY2(store.writerStatus().paused, "still");
    QVERIFY(waiting.wait_for(std::chrono::seconds(0)) == std::future_status::timeout);
    QElapsedTimer timer;
    timer.start();
    FaultVfs::disarm(); // space is back
    QVERIFY2(waiting.get(), "the commit that waited is acknowledged");
    QVERIFY2(timer.elapsed() < 5000, "within 5 s");
    QVERIFY(!store.writerStatus().paused);
    QCOMPARE(documentsOf(store).value().size(), std::size_t{2 * kRows});
    VERIFY_OK(store.setSetting("a", "b"));
}

void TestStoreFaults::diskFullEndsOnStop()
{
    const StoreFolder folder;
    auto opened = Store::open(folder.file(), onFaultVfs());
    VERIFY_OK(opened);
    auto source = (*opened)->addSource(makeSource("a"));
    VERIFY_OK(source);
    Fault fault;
    fault.calls = IoWrite;
    fault.at = 1;
    fault.sticky = true;
    fault.full = true;
    FaultVfs::arm(fault);
    std::stop_source stop;
    auto waiting = std::async(std::launch::async, [&] {
        return (*opened)->commit(makeBatch(*source, 0, kRows, timeOf(0)), stop.get_token());
    });
    QVERIFY(QTest::qWaitFor([&] { return (*opened)->writerStatus().paused; }, 3000));
    stop.request_stop();
    QVERIFY2(waiting.wait_for(std::chrono::seconds(2)) == std::future_status::ready, "ends at once");
    const Status ended = waiting.get();
    QVERIFY(!ended);
    QCOMPARE(ended.error().kind, ErrorKind::Cancelled);
    QVERIFY(!(*opened)->writerStatus().paused);
    FaultVfs::disarm();
    VERIFY_OK((*opened)->commit(makeBatch(*source, 0, kRows, timeOf(0))));
    QCOMPARE(documentsOf(**opened).value().size(), std::size_t{kRows});
}

void TestStoreFaults::fileTakenAway_data()
{
    QTest::addColumn<bool>("replaced");
    QTest::newRow("removed") << false;
    QTest::newRow("replaced") << true;
}

// What goes into a file without a name is not acknowledged, and not shown as the store.
void TestStoreFaults::fileTakenAway()
{
    QFETCH(bool, replaced);
    const StoreFolder folder;
    auto writer = Store::open(folder.file(), {});
    VERIFY_OK(writer);
    auto source = (*writer)->addSource(makeSource("a"));
    VERIFY_OK(source);
    VERIFY_OK((*writer)->commit(makeBatch(*source, 0, kRows, timeOf(0))));
    Store::Options reading;
    reading.mode = Store::Mode::ReadOnly;
    auto reader = Store::open(folder.file(), reading);
    VERIFY_OK(reader);
    VERIFY_OK((*reader)->snapshot());
    if (replaced) {
        VERIFY_OK(Store::open(folder.file("other.faultline"), {}));
        std::filesystem::rename(folder.file("other.faultline"), folder.file());
    } else {
        std::filesystem::remove(folder.file());
    }
    const Status lost = (*writer)->commit(makeBatch(*source, kRows, kRows, timeOf(1)));
    QVERIFY2(!lost, "nothing is acknowledged that nobody can find");
    QCOMPARE(lost.error().kind, ErrorKind::Store);
    QVERIFY(!(*writer)->setSetting("key", "value"));
    QVERIFY(!(*writer)->snapshot());
    const auto seen = (*reader)->snapshot();
    QVERIFY(!seen);
    QCOMPARE(seen.error().kind, ErrorKind::Store);
}

QTEST_APPLESS_MAIN(TestStoreFaults)
#include "tst_store_faults.moc"
