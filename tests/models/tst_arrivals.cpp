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
        arrivals.total(100); // the answer to a new question: nothing of it is new
        QCOMPARE(arrivals.fresh(), std::int64_t{0});
        arrivals.total(314);
        QCOMPARE(arrivals.fresh(), std::int64_t{214});
        arrivals.seen();
        QCOMPARE(arrivals.fresh(), std::int64_t{0});
        arrivals.total(320);
        QCOMPARE(arrivals.fresh(), std::int64_t{6});
        arrivals.total(10); // a source was removed
        QCOMPARE(arrivals.fresh(), std::int64_t{0});
        arrivals.total(12);
        arrivals.reset(); // another view
        QCOMPARE(arrivals.fresh(), std::int64_t{0});
        arrivals.total(5);
        QCOMPARE(arrivals.fresh(), std::int64_t{0});
    }
};

QTEST_APPLESS_MAIN(TestArrivals)
#include "tst_arrivals.moc"
