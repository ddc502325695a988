#include "models/analysis/comparer.h"
#include "models/base/worker_pool.h"
#include "models/session/compare_service.h"
#include "tests/support/search_world.h"

#include <QTest>
#include <QThread>

#include <optional>

namespace faultline::test {

/// The comparison as a view asks for it.
class TestCompareService : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void answersComeOnTheAskingThread();
    void aDroppedTicketHearsNothing();
    void endsWhileItIsAsked();
};

namespace {

CompareQuestion question(const World& world)
{
    CompareQuestion asked;
    asked.a.range = {world.events[world.events.size() / 2].key.time, kTimeMax};
    return asked;
}

} // namespace

void TestCompareService::answersComeOnTheAskingThread()
{
    World world(3, 600);
    CompareService service(std::make_shared<Comparer>(world.store, std::make_shared<WorkerPool>(1)));
    std::optional<Comparison> answer;
    int early = 0;
    bool elsewhere = false;
    const auto ticket = service.ask(question(world), [&](const Result<Comparison>& found) {
        elsewhere = elsewhere || QThread::currentThread() != thread();
        if (!found) return;
        if (found->exact)
            answer = *found;
        else
            ++early;
    });
    QVERIFY(ticket.pending());
    QTRY_VERIFY(answer.has_value());
    QVERIFY(!ticket.pending());
    QVERIFY(!elsewhere);
    QCOMPARE(early, 1);
    QCOMPARE(answer->eventsA + answer->eventsB, std::uint64_t{600});
}

void TestCompareService::aDroppedTicketHearsNothing()
{
    World world(4, 600);
    CompareService service(std::make_shared<Comparer>(world.store, std::make_shared<WorkerPool>(1)));
    bool first = false, second = false;
    auto ticket = service.ask(question(world), [&](const Result<Comparison>&) { first = true; });
    ticket = service.ask(question(world),
                         [&](const Result<Comparison>& found) { second = found && found->exact; });
    QTRY_VERIFY(second);
    QVERIFY2(!first, "an answer came for a ticket that was replaced");
}

void TestCompareService::endsWhileItIsAsked()
{
    World world(5, 600);
    auto service = std::make_unique<CompareService>(
        std::make_shared<Comparer>(world.store, std::make_shared<WorkerPool>(1)));
    bool told = false;
    const auto ticket = service->ask(question(world), [&](const Result<Comparison>&) { told = true; });
    service->retire();
    service.reset();
    QCoreApplication::processEvents();
    QVERIFY(!told);
}

} // namespace faultline::test

QTEST_GUILESS_MAIN(faultline::test::TestCompareService)
#include "tst_compare_service.moc"
