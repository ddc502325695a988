#include "models/store/lock_file.h"
#include "models/store/schema.h"
#include "models/store/store.h"
#include "models/store/store_impl.h"
#include "tests/support/store_fixture.h"

#include <QElapsedTimer>
#include <QFile>
#include <QTest>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

using namespace faultline;
using namespace faultline::testing;

namespace {

constexpr TimeNs kStart = 1'700'000'000 * kSecondNs;

Result<std::shared_ptr<Store>> openStore(const StoreFolder& folder, Store::Mode mode = Store::Mode::ReadWrite,
                                         std::shared_ptr<const Clock> clock = nullptr,
                                         const char* name = "test.faultline")
{
    Store::Options options;
    options.mode = mode;
    options.clock = std::move(clock);
    return Store::open(folder.file(name), options);
}

unsigned modeOf(const std::string& path)
{
    struct stat info
    {};
    return ::stat(path.c_str(), &info) == 0 ? info.st_mode & 0777U : 0;
}

std::vector<std::uint64_t> bitsOf(std::initializer_list<RowIndex> rows, RowIndex count)
{
    std::vector<std::uint64_t> bits((count + 63) / 64);
    for (const RowIndex row : rows) bits[row >> 6] |= std::uint64_t{1} << (row & 63);
    return bits;
}

} // namespace

class TestStore : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void newStoreIsPrivate();
    void committedEventsComeBack();
    void commitsFromManyThreads();
    void refusesWhatIsNotWellFormed();
    void settingsByPrefix();
    void sourcesAndCheckpoints();
    void deletedRowsStayInOldSnapshots();
    void removedSource();
    void mergeUnderOpenCursors();
    void mergeDropsDeletedRows();
    void secondOpenerReadsAndNotices();
    void lockBetweenProcesses();
    void readerInAnotherProcess();
    void immutableStore();
    void unwritableFolder();
    void notAStore();
    void cleanCloseLeavesOneFile();
};

void TestStore::newStoreIsPrivate()
{
    const StoreFolder folder;
    const std::string path = folder.file("a/b/new.faultline");
    auto store = Store::open(path, {});
    VERIFY_OK(store);
    QVERIFY((*store)->isWriter());
    QCOMPARE(modeOf(path), 0600U);
    QCOMPARE(modeOf(path + "-wal"), 0600U);
    QCOMPARE(modeOf(path + "-lock"), 0600U);
    QCOMPARE(modeOf(folder.file("a/b")), 0700U);
    QCOMPARE(modeOf(folder.file("a")), 0700U);
    auto snapshot = (*store)->snapshot();
    VERIFY_OK(snapshot);
    QVERIFY((*snapshot)->segments.empty());
    QCOMPARE((*snapshot)->events, std::uint64_t{0});
}

void TestStore::committedEventsComeBack()
{
    const StoreFolder folder;
    std::vector<std::string> before;
    {
        auto store = openStore(folder);
        VERIFY_OK(store);
        auto source = (*store)->addSource(makeSource("app.json"));
        VERIFY_OK(source);
        VERIFY_OK((*store)->commit(makeBatch(*source, 0, 300, kStart, 2)));
        VERIFY_OK((*store)->commit(makeBatch(*source, 300, 200, kStart + 300 * kSecondNs)));
        auto documents = documentsOf(**store);
        VERIFY_OK(documents);
        before = *documents;
        QCOMPARE(before.size(), std::size_t{500});
        QCOMPARE(before[0], documentOf(*source, 0));
        QCOMPARE(before[499], documentOf(*source, 499));
        auto snapshot = (*store)->snapshot();
        VERIFY_OK(snapshot);
        QCOMPARE((*snapshot)->segments.size(), std::size_t{2});
        QVERIFY2((*snapshot)->segments[0].info->maxTime > (*snapshot)->segments[1].info->maxTime,
                 "newest first");
        QCOMPARE((*snapshot)->minTime, kStart);
        QCOMPARE((*snapshot)->maxTime, kStart + 499 * kSecondNs);
        QVERIFY2((*store)->snapshot().value() == *snapshot, "without a commit, the same snapshot");
    }
    auto store = openStore(folder);
    VERIFY_OK(store);
    auto after = documentsOf(**store);
    VERIFY_OK(after);
    QVERIFY2(before == *after, "the reopened store has the same documents");
    auto sources = (*store)->sources();
    VERIFY_OK(sources);
    QCOMPARE(sources->size(), std::size_t{1});
    QVERIFY(sources->front().ledger.balanced());
    QCOMPARE(sources->front().ledger.events, std::uint64_t{500});
    QCOMPARE(sources->front().checkpoint.position, std::uint64_t{50'000});
    auto quarantine = (*store)->quarantine(std::nullopt, 1, 10);
    VERIFY_OK(quarantine);
    QCOMPARE(quarantine->size(), std::size_t{1});
    QCOMPARE(quarantine->front().bytes, std::string("{broken 0/1"));
}

void TestStore::commitsFromManyThreads()
{
    const StoreFolder folder;
    auto opened = openStore(folder);
    VERIFY_OK(opened);
    Store& store = **opened;
    std::atomic<int> failures{0};
    std::vector<SourceId> ids;
    for (int t = 0; t < 6; ++t) {
        auto id = store.addSource(makeSource("s" + std::to_string(t)));
        VERIFY_OK(id);
        ids.push_back(*id);
    }
    std::vector<std::thread> threads;
    for (const SourceId id : ids) {
        threads.emplace_back([&, id] {
            for (Ordinal n = 0; n < 5; ++n) {
                if (!store.commit(
                        makeBatch(id, n * 20, 20, kStart + static_cast<TimeNs>(n) * 20 * kSecondNs, 1)))
                    ++failures;
                auto snapshot = store.snapshot();
                // What commit() acknowledged is in the next snapshot, whoever asks.
                if (!snapshot || (*snapshot)->events < (n + 1) * 20) ++failures;
            }
        });
    }
    for (auto& thread : threads) thread.join();
    QCOMPARE(failures.load(), 0);
    auto documents = documentsOf(store);
    VERIFY_OK(documents);
    QCOMPARE(documents->size(), std::size_t{600});
    auto sources = store.sources(true);
    VERIFY_OK(sources);
    for (const auto& source : *sources) {
        QCOMPARE(source.checkpoints.size(), std::size_t{5});
        QCOMPARE(source.ledger.stored.records, std::uint64_t{100});
        QCOMPARE(source.ledger.quarantined.records, std::uint64_t{5});
    }
}

void TestStore::refusesWhatIsNotWellFormed()
{
    const StoreFolder folder;
    auto store = openStore(folder);
    VERIFY_OK(store);
    auto source = (*store)->addSource(makeSource("a"));
    VERIFY_OK(source);
    auto unknown = (*store)->commit(makeBatch(SourceId{99}, 0, 5, kStart));
    QVERIFY(!unknown);
    QCOMPARE(unknown.error().kind, ErrorKind::NotFound);
    CommitBatch unbalanced = makeBatch(*source, 0, 5, kStart);
    unbalanced.sources[0].delta.received.bytes += 1;
    QVERIFY2(!(*store)->commit(unbalanced), "an account that does not add up");
    CommitBatch crooked = makeBatch(*source, 0, 5, kStart);
    crooked.segments[0].chunks.pop_back();
    QVERIFY2(!(*store)->commit(crooked), "a column without its chunk");
    auto documents = documentsOf(**store);
    VERIFY_OK(documents);
    QVERIFY2(documents->empty(), "a refused batch leaves nothing behind");
    VERIFY_OK((*store)->commit(makeBatch(*source, 0, 5, kStart)));
}

void TestStore::settingsByPrefix()
{
    const StoreFolder folder;
    auto store = openStore(folder);
    VERIFY_OK(store);
    for (const char* key : {"view.a", "view.b", "views", "pattern.1", "viex"})
        VERIFY_OK((*store)->setSetting(key, key));
    VERIFY_OK((*store)->setSetting("view.a", "again"));
    auto found = (*store)->settings("view.");
    VERIFY_OK(found);
    QVERIFY((*found == std::map<std::string, std::string>{{"view.a", "again"}, {"view.b", "view.b"}}));
    QCOMPARE((*store)->settings("").value().size(), std::size_t{5});
}

void TestStore::sourcesAndCheckpoints()
{
    const StoreFolder folder;
    auto store = openStore(folder);
    VERIFY_OK(store);
    auto ids = (*store)->addSources({makeSource("a"), makeSource("b")});
    VERIFY_OK(ids);
    QCOMPARE(ids->size(), std::size_t{2});
    SourceRecord changed = makeSource("renamed");
    changed.id = (*ids)[1];
    changed.state = SourceState::Incomplete;
    changed.detail = "cut at byte 7";
    changed.inode = ~std::uint64_t{0};
    VERIFY_OK((*store)->updateSource(changed));
    for (Ordinal n = 0; n < 3; ++n) {
        VERIFY_OK((*store)->commit(
            makeBatch((*ids)[1], n * 10, 10, kStart + static_cast<TimeNs>(n) * 10 * kSecondNs)));
    }
    auto all = (*store)->sources(true);
    VERIFY_OK(all);
    const SourceRecord& b = (*all)[1];
    QCOMPARE(b.name, std::string("renamed"));
    QCOMPARE(b.state, SourceState::Incomplete);
    QCOMPARE(b.inode, ~std::uint64_t{0});
    QCOMPARE(b.checkpoints.size(), std::size_t{3});
    QVERIFY(b.checkpoints[0].position < b.checkpoints[2].position);
    QVERIFY(b.checkpoints[2] == b.checkpoint);
    QVERIFY(b.firstArrival == kStart && b.lastArrival == kStart + 20 * kSecondNs);
    changed.id = SourceId{77};
    QCOMPARE((*store)->updateSource(changed).error().kind, ErrorKind::NotFound);
}

void TestStore::deletedRowsStayInOldSnapshots()
{
    const StoreFolder folder;
    auto store = openStore(folder);
    VERIFY_OK(store);
    auto source = (*store)->addSource(makeSource("a"));
    VERIFY_OK(source);
    VERIFY_OK((*store)->commit(makeBatch(*source, 0, 100, kStart)));
    auto before = (*store)->snapshot();
    VERIFY_OK(before);
    const SegmentId segment = (*before)->segments[0].info->id;
    VERIFY_OK((*store)->deleteRows(segment, bitsOf({0, 64, 99}, 100)));
    VERIFY_OK((*store)->deleteRows(segment, bitsOf({0, 1}, 100)));
    auto after = (*store)->snapshot();
    VERIFY_OK(after);
    QCOMPARE((*before)->segments[0].deletedRows, RowIndex{0});
    QCOMPARE((*after)->segments[0].deletedRows, RowIndex{4});
    QCOMPARE((*after)->segments[0].maskVersion, std::uint64_t{2});
    QCOMPARE((*after)->events, std::uint64_t{96});
    QVERIFY((*after)->generation > (*before)->generation);
    auto documents = documentsOf(**after, **store);
    VERIFY_OK(documents);
    QCOMPARE(documents->front(), documentOf(*source, 2));
    std::vector<std::uint64_t> all(2, ~std::uint64_t{0});
    VERIFY_OK((*store)->deleteRows(segment, all));
    auto none = (*store)->snapshot();
    VERIFY_OK(none);
    QVERIFY2((*none)->segments.empty(), "a segment without rows leaves the list");
    QCOMPARE(documentsOf(**before, **store).value().size(), std::size_t{100});
    QCOMPARE((*store)->deleteRows(segment, all).error().kind, ErrorKind::NotFound);
}

void TestStore::removedSource()
{
    const StoreFolder folder;
    auto store = openStore(folder);
    VERIFY_OK(store);
    auto a = (*store)->addSource(makeSource("a"));
    VERIFY_OK(a);
    auto b = (*store)->addSource(makeSource("b"));
    VERIFY_OK(b);
    VERIFY_OK((*store)->commit(makeBatch(*a, 0, 30, kStart, 3)));
    VERIFY_OK((*store)->commit(makeBatch(*b, 0, 30, kStart, 2)));
    auto merged = (*store)->mergeSmallSegments(); // so that one segment mixes both
    VERIFY_OK(merged);
    QCOMPARE(*merged, std::size_t{2});
    VERIFY_OK((*store)->removeSource(*a));
    auto documents = documentsOf(**store);
    VERIFY_OK(documents);
    QCOMPARE(documents->size(), std::size_t{30});
    for (Ordinal n = 0; n < 30; ++n) QCOMPARE((*documents)[n], documentOf(*b, n));
    QCOMPARE((*store)->sources().value().size(), std::size_t{1});
    QCOMPARE((*store)->quarantine(std::nullopt, 0, 100).value().size(), std::size_t{2});
    QCOMPARE((*store)->commit(makeBatch(*a, 30, 5, kStart)).error().kind, ErrorKind::NotFound);
    QCOMPARE((*store)->removeSource(*a).error().kind, ErrorKind::NotFound);
    auto fresh = (*store)->addSource(makeSource("a"));
    VERIFY_OK(fresh);
    QVERIFY2(*fresh > *b, "the number of a removed source is not given again");
}

void TestStore::mergeUnderOpenCursors()
{
    const StoreFolder folder;
    const auto clock = std::make_shared<ManualClock>(kStart);
    auto opened = openStore(folder, Store::Mode::ReadWrite, clock);
    VERIFY_OK(opened);
    Store& store = **opened;
    auto source = store.addSource(makeSource("a"));
    VERIFY_OK(source);
    constexpr Ordinal kPieces = 12;
    for (Ordinal n = 0; n < kPieces; ++n) {
        VERIFY_OK(
            store.commit(makeBatch(*source, n * 50, 50, kStart + static_cast<TimeNs>(n) * 50 * kSecondNs)));
    }
    auto held = store.snapshot();
    VERIFY_OK(held);
    auto expected = documentsOf(**held, store);
    VERIFY_OK(expected);
    auto merged = store.mergeSmallSegments();
    VERIFY_OK(merged);
    QCOMPARE(*merged, std::size_t{kPieces});
    auto after = store.snapshot();
    VERIFY_OK(after);
    QCOMPARE((*after)->segments.size(), std::size_t{1});
    QCOMPARE((*after)->events, std::uint64_t{600});
    QVERIFY2(documentsOf(**after, store).value() == *expected, "a merge changes no document and no order");
    QCOMPARE(store.mergeSmallSegments().value(), std::size_t{0});

    // Long after: other processes had their time, but this snapshot is still held.
    clock->advance(3600 * kSecondNs);
    auto& impl = dynamic_cast<StoreImpl&>(store);
    QTest::qWait(1500); // the writer's housekeeping runs when it is idle
    QVERIFY2(documentsOf(**held, store).value() == *expected, "a held snapshot reads on after the merge");
    const auto countRetired = [&] {
        auto reader = impl.reader();
        return reader ? (*reader)->number("SELECT count(*) FROM segment WHERE state = 2").value() : -1;
    };
    QCOMPARE(countRetired(), std::int64_t{kPieces});
    held = Result<SnapshotPtr>(SnapshotPtr());
    clock->advance(3600 * kSecondNs);
    QElapsedTimer timer;
    timer.start();
    // Any commit wakes the writer; a second later it is idle again.
    VERIFY_OK(store.setSetting("wake", "up"));
    while (countRetired() != 0 && timer.elapsed() < 10'000) QTest::qWait(100);
    QCOMPARE(countRetired(), std::int64_t{0});
    QVERIFY(documentsOf(store).value() == *expected);
}

void TestStore::mergeDropsDeletedRows()
{
    const StoreFolder folder;
    auto opened = openStore(folder);
    VERIFY_OK(opened);
    Store& store = **opened;
    auto source = store.addSource(makeSource("a"));
    VERIFY_OK(source);
    VERIFY_OK(store.commit(makeBatch(*source, 0, 64, kStart)));
    auto snapshot = store.snapshot();
    VERIFY_OK(snapshot);
    std::vector<std::uint64_t> half{0xffffffffULL};
    VERIFY_OK(store.deleteRows((*snapshot)->segments[0].info->id, half));
    QCOMPARE(store.mergeSmallSegments().value(), std::size_t{1});
    auto after = store.snapshot();
    VERIFY_OK(after);
    QCOMPARE((*after)->segments[0].info->rows, RowIndex{32});
    QCOMPARE((*after)->segments[0].deletedRows, RowIndex{0});
    QCOMPARE(documentsOf(store).value().front(), documentOf(*source, 32));
}

void TestStore::secondOpenerReadsAndNotices()
{
    const StoreFolder folder;
    auto writer = openStore(folder);
    VERIFY_OK(writer);
    auto reader = openStore(folder);
    VERIFY_OK(reader);
    QVERIFY((*writer)->isWriter());
    QVERIFY(!(*reader)->isWriter());
    std::atomic<int> told{0}, toldWriter{0};
    const auto id = (*reader)->onChange([&] { ++told; });
    (*writer)->onChange([&] { ++toldWriter; });
    QCOMPARE((*reader)->snapshot().value()->events, std::uint64_t{0});
    auto source = (*writer)->addSource(makeSource("a"));
    VERIFY_OK(source);
    VERIFY_OK((*writer)->commit(makeBatch(*source, 0, 40, kStart)));
    QVERIFY2(toldWriter > 0 || QTest::qWaitFor([&] { return toldWriter > 0; }, 2000),
             "the writer's own observers");
    QCOMPARE((*reader)->snapshot().value()->events, std::uint64_t{40});
    QVERIFY2(QTest::qWaitFor([&] { return told > 0; }, 3000), "a reader is told of commits");
    QVERIFY(documentsOf(**reader).value() == documentsOf(**writer).value());
    auto refused = (*reader)->commit(makeBatch(*source, 40, 5, kStart));
    QVERIFY(!refused);
    QCOMPARE(refused.error().kind, ErrorKind::Locked);
    QVERIFY2(refused.error().why.find(std::to_string(::getpid())) != std::string::npos,
             "says which process writes");
    QCOMPARE((*reader)->setSetting("a", "b").error().kind, ErrorKind::Locked);
    (*reader)->removeOnChange(id);
    writer = Result<std::shared_ptr<Store>>(std::shared_ptr<Store>());
    QCOMPARE(documentsOf(**reader).value().size(), std::size_t{40});
    auto next = openStore(folder);
    VERIFY_OK(next);
    QVERIFY2((*next)->isWriter(), "the lock is free after the writer closed");
}

void TestStore::lockBetweenProcesses()
{
    const StoreFolder folder;
    int ready[2], leave[2];
    QVERIFY(::pipe(ready) == 0 && ::pipe(leave) == 0);
    const pid_t child = ::fork();
    QVERIFY(child >= 0);
    if (child == 0) {
        auto lock = LockFile::tryLock(folder.file());
        const char answer = lock && *lock ? 'y' : 'n';
        char word = 0;
        if (::write(ready[1], &answer, 1) != 1 || ::read(leave[0], &word, 1) < 0) ::_exit(1);
        ::_exit(0); // without destructors: as a killed process does
    }
    char answer = 0;
    QCOMPARE(::read(ready[0], &answer, 1), ssize_t{1});
    QCOMPARE(answer, 'y');
    auto denied = LockFile::tryLock(folder.file());
    VERIFY_OK(denied);
    QVERIFY2(!denied->has_value(), "the other process has the lock");
    QCOMPARE(LockFile::holder(folder.file()), long{child});
    QCOMPARE(::write(leave[1], "x", 1), ssize_t{1});
    int status = 0;
    QCOMPARE(::waitpid(child, &status, 0), child);
    auto granted = LockFile::tryLock(folder.file());
    VERIFY_OK(granted);
    QVERIFY2(granted->has_value(), "the lock of a dead process is free");
    for (const int descriptor : {ready[0], ready[1], leave[0], leave[1]}) ::close(descriptor);
}

void TestStore::readerInAnotherProcess()
{
#ifdef __SANITIZE_THREAD__
    QSKIP("ThreadSanitizer does not start threads in a fork of a program that has some");
#endif
    const StoreFolder folder;
    int ready[2];
    QVERIFY(::pipe(ready) == 0);
    const pid_t child = ::fork(); // before any thread of this test's stores
    QVERIFY(child >= 0);
    if (child == 0) {
        // Writes three batches and dies without closing.
        auto store = Store::open(folder.file(), {});
        if (!store) ::_exit(2);
        auto source = (*store)->addSource(makeSource("a"));
        if (!source) ::_exit(3);
        for (Ordinal n = 0; n < 3; ++n) {
            if (!(*store)->commit(makeBatch(*source, n * 10, 10, kStart))) ::_exit(4);
            if (::write(ready[1], "c", 1) != 1) ::_exit(5);
        }
        char word = 0;
        ::_exit(::read(ready[0], &word, 0) == 0 ? 0 : 6);
    }
    char word = 0;
    QCOMPARE(::read(ready[0], &word, 1), ssize_t{1});
    Store::Options options;
    options.mode = Store::Mode::ReadOnly;
    auto reader = Store::open(folder.file(), options);
    VERIFY_OK(reader);
    QVERIFY((*reader)->snapshot().value()->events >= 10);
    int status = 0;
    QCOMPARE(::waitpid(child, &status, 0), child);
    QVERIFY2(WIFEXITED(status) && WEXITSTATUS(status) == 0, qPrintable(QString::number(status)));
    QCOMPARE((*reader)->snapshot().value()->events, std::uint64_t{30});
    QCOMPARE(documentsOf(**reader).value().size(), std::size_t{30});
    auto successor = openStore(folder);
    VERIFY_OK(successor);
    QVERIFY2((*successor)->isWriter(), "takes over after the writer died");
    QCOMPARE(documentsOf(**successor).value().size(), std::size_t{30});
    ::close(ready[0]);
    ::close(ready[1]);
}

void TestStore::immutableStore()
{
    const StoreFolder folder;
    {
        auto store = openStore(folder);
        VERIFY_OK(store);
        auto source = (*store)->addSource(makeSource("a"));
        VERIFY_OK(source);
        VERIFY_OK((*store)->commit(makeBatch(*source, 0, 10, kStart)));
    }
    auto store = openStore(folder, Store::Mode::Immutable);
    VERIFY_OK(store);
    QVERIFY(!(*store)->isWriter());
    QCOMPARE(documentsOf(**store).value().size(), std::size_t{10});
    QVERIFY(modeOf(folder.file() + "-wal") == 0);
    QVERIFY(modeOf(folder.file() + "-shm") == 0);
}

void TestStore::unwritableFolder()
{
    if (::geteuid() != 0) QSKIP("needs the right to become another user");
    const StoreFolder folder;
    const std::string path = folder.file("sub/test.faultline");
    {
        auto store = Store::open(path, {});
        VERIFY_OK(store);
        auto source = (*store)->addSource(makeSource("a"));
        VERIFY_OK(source);
        VERIFY_OK((*store)->commit(makeBatch(*source, 0, 10, kStart)));
    }
    // Another user who may read the file and not write the folder.
    QVERIFY(::chmod(folder.file("").c_str(), 0755) == 0);
    QVERIFY(::chmod(folder.file("sub").c_str(), 0755) == 0);
    QVERIFY(::chmod(path.c_str(), 0644) == 0);
    const pid_t child = ::fork();
    QVERIFY(child >= 0);
    if (child == 0) {
        if (::setgid(65534) != 0 || ::setuid(65534) != 0) ::_exit(9);
        auto store = Store::open(path, {});
        if (!store) ::_exit(2);
        if ((*store)->isWriter()) ::_exit(3);
        auto documents = documentsOf(**store);
        ::_exit(documents && documents->size() == 10 ? 0 : 4);
    }
    int status = 0;
    QCOMPARE(::waitpid(child, &status, 0), child);
    QVERIFY(WIFEXITED(status));
    QCOMPARE(WEXITSTATUS(status), 0);
}

void TestStore::notAStore()
{
    const StoreFolder folder;
    QFile file(QString::fromStdString(folder.file()));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("{\"message\":\"a log, by mistake\"}\n");
    file.close();
    auto store = openStore(folder);
    QVERIFY(!store);
    QCOMPARE(store.error().kind, ErrorKind::Damaged);
    QVERIFY(file.open(QIODevice::ReadOnly));
    QVERIFY2(file.readAll().startsWith("{\"message\""), "a file that is no store is left as it is");
    QCOMPARE(openStore(folder, Store::Mode::ReadOnly, nullptr, "absent").error().kind, ErrorKind::NotFound);
    QCOMPARE(Store::open(folder.file("."), {}).error().kind, ErrorKind::Input);
}

void TestStore::cleanCloseLeavesOneFile()
{
    const StoreFolder folder;
    {
        auto store = openStore(folder);
        VERIFY_OK(store);
        auto source = (*store)->addSource(makeSource("a"));
        VERIFY_OK(source);
        VERIFY_OK((*store)->commit(makeBatch(*source, 0, 1000, kStart)));
        VERIFY_OK((*store)->snapshot());
        QVERIFY((*store)->fileBytes() > 0);
    }
    QVERIFY2(modeOf(folder.file() + "-wal") == 0, "the log went into the store");
    QVERIFY2(modeOf(folder.file() + "-shm") == 0, "no shared memory file is left");
}

QTEST_APPLESS_MAIN(TestStore)
#include "tst_store.moc"
