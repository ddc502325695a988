#include "models/session/arrivals.h"

#include <QTest>

using namespace faultline;

class TestArrivals : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void whatCameSinceItWasSeen()
    {
        Arrivals arrivals;
        QCOMPARE(arrivals.fresh(), std::int64_t{0});
        arrivals.seen();
        QVERIFY(!arrivals.since());
        arrivals.shown(100, 5); // the answer to a new question: nothing of it is new
        QCOMPARE(arrivals.fresh(), std::int64_t{0});
        arrivals.shown(314, 5);
        QCOMPARE(arrivals.fresh(), std::int64_t{214});
        arrivals.seen();
        QCOMPARE(arrivals.fresh(), std::int64_t{0});
        arrivals.shown(320, 5);
        QCOMPARE(arrivals.fresh(), std::int64_t{6});
        arrivals.shown(10, 5); // a source was removed
        QCOMPARE(arrivals.fresh(), std::int64_t{0});
        arrivals.shown(12, 5);
        arrivals.reset(); // another view
        QCOMPARE(arrivals.fresh(), std::int64_t{0});
        arrivals.shown(5, 5);
        QCOMPARE(arrivals.fresh(), std::int64_t{0});
    }
    void aViewThatMovesOn()
    {
        Arrivals arrivals;
        arrivals.shown(900, 100);
        // As many have left as have come: its own number says nothing.
        arrivals.shown(900, 160);
        QVERIFY(arrivals.moved());
        QCOMPARE(arrivals.since(), std::optional<TimeNs>(100));
        arrivals.total(960);
        QCOMPARE(arrivals.fresh(), std::int64_t{60});
        arrivals.shown(840, 220);
        arrivals.total(970);
        QCOMPARE(arrivals.fresh(), std::int64_t{70});
        arrivals.seen();
        QVERIFY(!arrivals.moved());
        QCOMPARE(arrivals.since(), std::optional<TimeNs>(220));
        QCOMPARE(arrivals.fresh(), std::int64_t{0});
        arrivals.shown(843, 220);
        QCOMPARE(arrivals.fresh(), std::int64_t{3});
    }
    void whatIsReadIsKnown()
    {
        Arrivals arrivals;
        arrivals.shown(900, 100);
        arrivals.total(950); // of a view that is held: it shows 900 of them
        arrivals.known();
        QCOMPARE(arrivals.fresh(), std::int64_t{0});
        arrivals.total(955);
        QCOMPARE(arrivals.fresh(), std::int64_t{5});
    }
};

QTEST_APPLESS_MAIN(TestArrivals)
#include "tst_arrivals.moc"
