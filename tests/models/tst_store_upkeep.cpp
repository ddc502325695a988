#include "models/session/store_upkeep.h"
#include "tests/support/store_fixture.h"

#include <QTest>

using namespace faultline;
using namespace faultline::testing;

class TestStoreUpkeep : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void smallSegmentsOfAQuietStoreBecomeLarge()
    {
        const StoreFolder folder;
        QVERIFY(folder.valid());
        auto store = Store::open(folder.file(), {});
        VERIFY_OK(store);
        auto source = (*store)->addSource(makeSource("live"));
        VERIFY_OK(source);
        const StoreUpkeep upkeep(*store, std::chrono::milliseconds(20));
        constexpr std::uint64_t kBatches = 24, kRows = 10;
        for (std::uint64_t i = 0; i < kBatches; ++i) {
            const Status committed = (*store)->commit(
                makeBatch(*source, i * kRows, kRows, static_cast<TimeNs>(i * kRows) * kSecondNs));
            VERIFY_OK(committed);
        }
        std::size_t segments = kBatches;
        QTRY_VERIFY2_WITH_TIMEOUT(
            ([&] {
                const auto snapshot = (*store)->snapshot();
                segments = snapshot ? (*snapshot)->segments.size() : kBatches;
                return segments < kBatches / 2;
            }()),
            qPrintable(QStringLiteral("%1 of %2 segments are left").arg(segments).arg(kBatches)), 20'000);
        auto documents = documentsOf(**store);
        VERIFY_OK(documents);
        QCOMPARE(documents->size(), std::size_t{kBatches * kRows});
        for (std::uint64_t i = 0; i < kBatches * kRows; ++i)
            QCOMPARE((*documents)[i], documentOf(*source, i));
    }
};

QTEST_APPLESS_MAIN(TestStoreUpkeep)
#include "tst_store_upkeep.moc"
