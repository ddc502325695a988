#include "models/base/worker_pool.h"

#include <QTest>

#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <future>
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
};

QTEST_APPLESS_MAIN(TestWorkerPool)
#include "tst_worker_pool.moc"
