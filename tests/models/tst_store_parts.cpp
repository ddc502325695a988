#include "models/store/catalogue.h"
#include "models/store/column_cache.h"
#include "models/store/merge_plan.h"
#include "models/store/observers.h"
#include "models/store/read_connection.h"
#include "models/store/reader_pool.h"
#include "models/store/store.h"
#include "tests/support/store_fixture.h"

#include <QFile>
#include <QTest>

#include <sys/stat.h>

#include <atomic>
#include <barrier>
#include <future>
#include <thread>

using namespace faultline;
using namespace faultline::testing;

namespace {

using Use = ReaderPool::Use;
using std::chrono::milliseconds;

// A pool over an empty database in memory: only the lending is looked at here.
ReaderPool::Factory inMemory()
{
    return [] {
        Connection::Options options;
        options.readOnly = false;
        return Connection::open(":memory:", options);
    };
}

SegmentEntry entryOf(std::int64_t id, RowIndex rows, RowIndex deleted = 0, std::uint64_t rawBytes = 0)
{
    auto info = std::make_shared<SegmentInfo>();
    info->id = SegmentId{id};
    info->rows = rows;
    info->minTime = id * 1000;
    info->maxTime = id * 1000 + 999;
    info->rawBytes = rawBytes ? rawBytes : rows * std::uint64_t{100};
    SegmentEntry entry;
    entry.info = std::move(info);
    entry.deletedRows = deleted;
    return entry;
}

ColumnPtr columnOf(std::size_t bytes)
{
    auto column = std::make_shared<ColumnData>();
    column->table.bytes.assign(bytes, 'x');
    return column;
}

} // namespace

class TestStoreParts : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void poolServesInOrder();
    void poolDeadlineAndStop();
    void poolKeepsOneForAlerts();
    void poolUnderABurst();
    void poolThatCannotOpen();
    void cacheDropsTheLeastRecentlyUsed();
    void cacheOutlivesAScan();
    void cacheLoadsOnce();
    void cacheKeepsNoErrors();
    void mergePlan();
    void mergePlanCopiesEachRowFewTimes();
    void removedObserverIsSilent();
    void catalogueNames();
    void catalogueListsMovesAndDeletes();
};

void TestStoreParts::poolServesInOrder()
{
    ReaderPool pool(2, inMemory()); // one for everybody, one reserved
    auto held = std::make_unique<Result<ReaderPool::Lease>>(pool.borrow());
    VERIFY_OK(*held);
    std::mutex mutex;
    std::vector<int> order;
    std::vector<std::thread> threads;
    for (int i = 0; i < 5; ++i) {
        threads.emplace_back([&, i] {
            auto lease = pool.borrow(Use::Normal, milliseconds(20'000));
            std::lock_guard lock(mutex);
            if (lease) order.push_back(i);
        });
        // The next one asks when this one is known to wait.
        QVERIFY(
            QTest::qWaitFor([&] { return pool.status().waiting == static_cast<std::size_t>(i + 1); }, 5000));
    }
    QCOMPARE(pool.status().inUse, std::size_t{1});
    held.reset();
    for (auto& thread : threads) thread.join();
    QVERIFY2((order == std::vector<int>{0, 1, 2, 3, 4}), "first come, first served");
    const ReaderPoolStatus status = pool.status();
    QCOMPARE(status.borrowed, std::uint64_t{6});
    QCOMPARE(status.inUse + status.waiting, std::size_t{0});
    QVERIFY(status.waited >= status.longestWait && status.longestWait.count() > 0);
}

void TestStoreParts::poolDeadlineAndStop()
{
    ReaderPool pool(2, inMemory());
    auto held = pool.borrow();
    VERIFY_OK(held);
    auto late = pool.borrow(Use::Normal, milliseconds(30));
    QVERIFY(!late);
    QCOMPARE(late.error().kind, ErrorKind::Deadline);
    std::stop_source stop;
    auto waiting = std::async(std::launch::async, [&] {
        return pool.borrow(Use::Normal, milliseconds(20'000), stop.get_token()).ok();
    });
    QVERIFY(QTest::qWaitFor([&] { return pool.status().waiting == 1; }, 5000));
    stop.request_stop();
    QVERIFY(waiting.wait_for(std::chrono::seconds(5)) == std::future_status::ready);
    QVERIFY(!waiting.get());
    QCOMPARE(pool.status().waiting, std::size_t{0});
}

void TestStoreParts::poolKeepsOneForAlerts()
{
    ReaderPool pool(4, inMemory());
    std::vector<Result<ReaderPool::Lease>> leases;
    for (int i = 0; i < 3; ++i) leases.push_back(pool.borrow(Use::Normal, milliseconds(0)));
    for (const auto& lease : leases) VERIFY_OK(lease);
    QVERIFY2(!pool.borrow(Use::Normal, milliseconds(10)), "the fourth is not for panels");
    auto alert = pool.borrow(Use::Reserved, milliseconds(10));
    VERIFY_OK(alert);
    QVERIFY2(!pool.borrow(Use::Reserved, milliseconds(10)), "four are four");
}

void TestStoreParts::poolUnderABurst()
{
    ReaderPool pool(5, inMemory());
    std::atomic<int> served{0}, most{0}, now{0};
    std::barrier start(40);
    std::vector<std::thread> panels;
    for (int i = 0; i < 40; ++i) {
        panels.emplace_back([&] {
            start.arrive_and_wait();
            auto lease = pool.borrow();
            if (!lease) return;
            const int in = ++now;
            for (int seen = most; seen < in && !most.compare_exchange_weak(seen, in);) continue;
            if ((*lease)->number("SELECT 1").value() == 1) ++served;
            --now;
        });
    }
    for (auto& panel : panels) panel.join();
    QCOMPARE(served.load(), 40);
    QVERIFY(most.load() <= 4);
}

void TestStoreParts::poolThatCannotOpen()
{
    ReaderPool pool(
        2, []() -> Result<std::unique_ptr<Connection>> { return makeError(ErrorKind::Store, "open", "no"); });
    for (int i = 0; i < 5; ++i)
        QCOMPARE(pool.borrow(Use::Normal, milliseconds(1000)).error().kind, ErrorKind::Store);
    QCOMPARE(pool.status().inUse, std::size_t{0});
}

void TestStoreParts::cacheDropsTheLeastRecentlyUsed()
{
    ColumnCache cache(120'000); // an eighth of it for what passes
    int loads = 0;
    const auto ask = [&](std::int64_t segment) {
        return cache.get(SegmentId{segment}, 3, [&]() -> Result<ColumnPtr> {
            ++loads;
            return columnOf(30'000);
        });
    };
    for (const std::int64_t segment : {1, 2, 3}) VERIFY_OK(ask(segment));
    QCOMPARE(loads, 3);
    VERIFY_OK(ask(1)); // now 2 is the oldest
    QCOMPARE(loads, 3);
    VERIFY_OK(ask(4));
    VERIFY_OK(ask(2));
    QVERIFY2(loads == 4, "what is asked for the first time pushes nothing out");
    VERIFY_OK(ask(4)); // asked for since 3 was
    QCOMPARE(loads, 5);
    QVERIFY(cache.find(SegmentId{3}, 3) == nullptr);
    for (const std::int64_t segment : {1, 2, 4}) VERIFY_OK(ask(segment));
    QCOMPARE(loads, 5);
    QVERIFY(cache.bytes() <= 120'000);
    VERIFY_OK(cache.get(SegmentId{9}, 0, []() -> Result<ColumnPtr> { return columnOf(200'000); }));
    QVERIFY2(cache.bytes() <= 120'000, "what does not fit passes through");
}

void TestStoreParts::cacheOutlivesAScan()
{
    ColumnCache cache(1'000'000);
    const auto ask = [&](std::int64_t segment) {
        (void)cache.get(SegmentId{segment}, 3, []() -> Result<ColumnPtr> { return columnOf(10'000); });
    };
    // Over twice as much as fits, again and again: what is there is found each time.
    for (int round = 0; round < 5; ++round)
        for (std::int64_t segment = 0; segment < 200; ++segment) ask(segment);
    QVERIFY2(cache.hits() >= 4 * 80, std::to_string(cache.hits()).c_str());
    // What people look at now is there the third time at the latest.
    for (int round = 0; round < 2; ++round)
        for (std::int64_t segment = 1'000; segment < 1'060; ++segment) ask(segment);
    const std::uint64_t before = cache.hits();
    for (std::int64_t segment = 1'000; segment < 1'060; ++segment) ask(segment);
    QCOMPARE(cache.hits() - before, std::uint64_t{60});
    QVERIFY(cache.bytes() <= 1'000'000);
}

void TestStoreParts::cacheLoadsOnce()
{
    ColumnCache cache(1 << 20);
    std::atomic<int> loads{0};
    std::barrier start(8);
    std::vector<std::thread> threads;
    std::atomic<int> good{0};
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&] {
            start.arrive_and_wait();
            auto column = cache.get(SegmentId{1}, 1, [&]() -> Result<ColumnPtr> {
                ++loads;
                std::this_thread::sleep_for(milliseconds(30));
                return columnOf(10);
            });
            if (column && (*column)->table.bytes.size() == 10) ++good;
        });
    }
    for (auto& thread : threads) thread.join();
    QCOMPARE(loads.load(), 1);
    QCOMPARE(good.load(), 8);
    QCOMPARE(cache.hits(), std::uint64_t{7});
}

void TestStoreParts::cacheKeepsNoErrors()
{
    ColumnCache cache(1 << 20);
    auto failed = cache.get(SegmentId{1}, 1,
                            []() -> Result<ColumnPtr> { return makeError(ErrorKind::Store, "read", "no"); });
    QVERIFY(!failed);
    VERIFY_OK(cache.get(SegmentId{1}, 1, []() -> Result<ColumnPtr> { return columnOf(10); }));
}

void TestStoreParts::mergePlan()
{
    using Groups = std::vector<std::vector<std::size_t>>;
    QVERIFY(planMerges({}).empty());
    QVERIFY2(planMerges({entryOf(1, 100)}).empty(), "one small segment stays");
    QVERIFY2(planMerges({entryOf(1, kSegmentRows), entryOf(2, 40'000)}).empty(), "large ones stay");
    QVERIFY((planMerges({entryOf(3, 100), entryOf(1, 100), entryOf(2, 100)}) == Groups{{1, 2, 0}}));
    QVERIFY2(planMerges({entryOf(1, 30'000), entryOf(2, 10)}).empty(), "a few rows do not copy many");
    QVERIFY2((planMerges({entryOf(1, 1000, 900)}) == Groups{{0}}), "mostly deleted: written anew alone");
    // Three of these do not fit into one segment.
    const std::vector<SegmentEntry> thirty{entryOf(1, 30'000), entryOf(2, 30'000), entryOf(3, 30'000),
                                           entryOf(4, 30'000)};
    QVERIFY((planMerges(thirty) == Groups{{0, 1}, {2, 3}}));
    const std::vector<SegmentEntry> heavy{entryOf(1, 100, 0, 15u << 20), entryOf(2, 100, 0, 15u << 20),
                                          entryOf(3, 100, 0, 15u << 20)};
    QVERIFY2((planMerges(heavy) == Groups{{0, 1}}), "bytes count as well");
}

void TestStoreParts::mergePlanCopiesEachRowFewTimes()
{
    // A live source that commits 20 events at a time, merged after each commit.
    std::vector<SegmentEntry> segments;
    std::uint64_t copied = 0, written = 0;
    std::int64_t id = 0;
    for (int n = 0; n < 2000; ++n) {
        segments.push_back(entryOf(++id, 20));
        written += 20;
        for (const auto& group : planMerges(segments)) {
            std::uint64_t rows = 0;
            for (const std::size_t i : group) rows += segments[i].info->rows;
            copied += rows;
            for (const std::size_t i : group) segments[i].info = nullptr;
            segments.push_back(entryOf(++id, static_cast<RowIndex>(rows)));
        }
        std::erase_if(segments, [](const SegmentEntry& entry) { return !entry.info; });
    }
    const std::string message = std::to_string(copied) + " rows copied for " + std::to_string(written) +
                                " written, " + std::to_string(segments.size()) + " segments";
    QVERIFY2(copied < written * 30, message.c_str());
    QVERIFY2(segments.size() < 60, message.c_str());
}

void TestStoreParts::removedObserverIsSilent()
{
    Observers observers;
    int calls = 0;
    std::uint64_t self = 0;
    self = observers.add([&] {
        ++calls;
        observers.remove(self); // from within
    });
    const auto other = observers.add([&] { calls += 10; });
    observers.notify();
    QCOMPARE(calls, 11);
    observers.remove(other);
    observers.notify();
    QCOMPARE(calls, 11);
}

void TestStoreParts::catalogueNames()
{
    const Catalogue catalogue("/data");
    const std::string path = catalogue.pathFor("/var/log/shop");
    QCOMPARE(catalogue.pathFor("/var/log/shop/"), path);
    QCOMPARE(catalogue.pathFor("/var/log/x/../shop"), path);
    QVERIFY(catalogue.pathFor("/srv/log/shop") != path);
    QVERIFY2(path.starts_with("/data/log-shop-") && path.ends_with(".faultline"), path.c_str());
    for (const char* odd : {"/", "/a b/\n\x1b[31m", "/..hidden", "/\xff\xfe"}) {
        const std::string name = catalogue.pathFor(odd).substr(6);
        QVERIFY2(
            name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") ==
                std::string::npos,
            name.c_str());
        QVERIFY2(!name.starts_with("."), name.c_str());
    }
    qputenv("FAULTLINE_DATA_DIR", "/somewhere");
    QCOMPARE(Catalogue().directory(), std::string("/somewhere"));
    qunsetenv("FAULTLINE_DATA_DIR");
    qputenv("XDG_DATA_HOME", "/xdg");
    QCOMPARE(Catalogue().directory(), std::string("/xdg/faultline"));
    qunsetenv("XDG_DATA_HOME");
}

void TestStoreParts::catalogueListsMovesAndDeletes()
{
    const StoreFolder folder;
    const Catalogue catalogue(folder.file("stores"));
    QVERIFY(catalogue.list().value().empty());
    const std::string path = catalogue.pathFor("/var/log/shop");
    {
        auto store = Store::open(path, {});
        VERIFY_OK(store);
        auto source = (*store)->addSource(makeSource("a"));
        VERIFY_OK(source);
        VERIFY_OK((*store)->commit(makeBatch(*source, 0, 10, kSecondNs)));
        auto entries = catalogue.list();
        VERIFY_OK(entries);
        QCOMPARE(entries->size(), std::size_t{1});
        QVERIFY(entries->front().inUse);
        QVERIFY(entries->front().bytes >= 16'384);
        QCOMPARE(Catalogue::remove(path).error().kind, ErrorKind::Locked);
        QCOMPARE(Catalogue::move(path, folder.file("x")).error().kind, ErrorKind::Locked);
    }
    QFile stranger(QString::fromStdString(folder.file("stores/notes.faultline")));
    QVERIFY(stranger.open(QIODevice::WriteOnly) && stranger.write("no store, whatever its name says") > 0);
    stranger.close();
    QCOMPARE(catalogue.list().value().size(), std::size_t{1});
    QVERIFY(!catalogue.list().value().front().inUse);
    QCOMPARE(Catalogue::remove(folder.file("stores/notes.faultline")).error().kind, ErrorKind::Input);
    QVERIFY(stranger.exists());

    const std::string moved = folder.file("stores/moved.faultline");
    VERIFY_OK(Catalogue::move(path, moved));
    QVERIFY(!QFile::exists(QString::fromStdString(path)));
    QVERIFY(!QFile::exists(QString::fromStdString(path + "-lock")));
    {
        auto store = Store::open(moved, {});
        VERIFY_OK(store);
        QCOMPARE(documentsOf(**store).value().size(), std::size_t{10});
    }
    QCOMPARE(Catalogue::move(moved, folder.file("stores/notes.faultline")).error().kind, ErrorKind::Input);
    VERIFY_OK(Catalogue::remove(moved));
    for (const char* suffix : {"", "-wal", "-shm", "-lock"})
        QVERIFY(!QFile::exists(QString::fromStdString(moved + suffix)));
    QCOMPARE(Catalogue::remove(moved).error().kind, ErrorKind::NotFound);
}

QTEST_APPLESS_MAIN(TestStoreParts)
#include "tst_store_parts.moc"
