#include "models/base/worker_pool.h"

#include <QTest>

#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <thread>
#include <vector>

using namespace faultline;

class TestWorkerPool : public QObject
{
    Q_OBJECT
    static int niceOfAThread(WorkerPool& pool)
    {
        std::promise<int> told;
        pool.post([&told] { told.set_value(::getpriority(PRIO_PROCESS, 0)); });
        return told.get_future().get();
    }

private Q_SLOTS:
    /// Scans must not hold up a window that wants to paint; who asked goes on as before.
    void threadsInTheBackgroundGiveWay()
    {
        const int own = ::getpriority(PRIO_PROCESS, 0);
        WorkerPool normal(1), background(1, WorkerPool::Priority::Background);
        QCOMPARE(niceOfAThread(normal), own);
        QCOMPARE(niceOfAThread(background), std::max(own, 5));
        QCOMPARE(::getpriority(PRIO_PROCESS, 0), own);
    }
    void theOnesThatTheyBeginToo()
    {
        WorkerPool background(1, WorkerPool::Priority::Background);
        std::promise<int> told;
        background.post([&told] {
            WorkerPool inner(1);
            told.set_value(niceOfAThread(inner));
        });
        QVERIFY(told.get_future().get() >= 5);
    }
    void everyIndexOnce()
    {
        WorkerPool pool(3);
        constexpr std::size_t kCount = 1'000;
        std::vector<std::atomic<int>> seen(kCount);
        pool.parallelFor(kCount, [&](std::size_t i) { ++seen[i]; });
        for (std::size_t i = 0; i < kCount; ++i) QCOMPARE(seen[i].load(), 1);
    }
    void noneIsBegunAfterAStop()
    {
        WorkerPool pool(1);
        std::stop_source stop;
        std::atomic<int> ran = 0;
        pool.parallelFor(
            1'000,
            [&](std::size_t) {
                ++ran;
                stop.request_stop();
            },
            stop.get_token());
        QVERIFY2(ran <= 2, "each of the two threads may have begun one"); // the pool's and the calling one
    }
    /// Whoever works on a long loop turns to a short one that somebody waits for.
    void whatComesFirstComesFirst()
    {
        constexpr int kShort = 100, kThreads = 3; // the pool's, and those that call
        WorkerPool pool(1);
        std::promise<void> begun;
        std::atomic<bool> asked = false;
        std::atomic<int> shortOnes = 0, longOnes = 0, fewest = kShort;
        std::thread asker([&] {
            pool.parallelFor(1'000, [&](std::size_t i) {
                if (i == 0) begun.set_value();
                while (!asked) std::this_thread::yield(); // whoever is in the long loop waits here
                ++longOnes;
                // Taken after the short loop came: all of that one has been taken, if not yet begun.
                for (int now = shortOnes, least = fewest; i >= kThreads && now < least;)
                    if (fewest.compare_exchange_weak(least, now)) break;
            });
        });
        begun.get_future().wait();
        pool.parallelFor(
            kShort,
            [&](std::size_t) {
                ++shortOnes;
                asked = true;
            },
            {}, WorkerPool::Turn::First);
        asker.join();
        QCOMPARE(shortOnes.load(), kShort);
        QCOMPARE(longOnes.load(), 1'000);
        QVERIFY2(fewest > kShort - kThreads, qPrintable(QStringLiteral("after %1 of it").arg(fewest.load())));
    }
    /// A loop that comes first and is stopped, or whose caller has gone, keeps nobody.
    void whatComesFirstAndIsStopped()
    {
        WorkerPool pool(2);
        for (int round = 0; round < 200; ++round) {
            std::stop_source stop;
            std::atomic<int> done = 0;
            std::thread other([&] {
                pool.parallelFor(
                    20,
                    [&](std::size_t i) {
                        if (i == 5) stop.request_stop();
                    },
                    stop.get_token(), WorkerPool::Turn::First);
            });
            pool.parallelFor(50, [&](std::size_t) { ++done; });
            other.join();
            QCOMPARE(done.load(), 50);
        }
    }
};

QTEST_APPLESS_MAIN(TestWorkerPool)
#include "tst_worker_pool.moc"
