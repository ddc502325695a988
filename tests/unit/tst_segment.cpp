#include "models/store/segment_builder.h"
#include "tests/support/memory_columns.h"
#include "tests/support/segment_rows.h"

#include <QObject>
#include <QTest>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <random>
#include <tuple>

using namespace faultline;
using test::Row;
using test::Rows;

class TestSegment : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void documentsRebuild_data()
    {
        QTest::addColumn<int>("rows");
        QTest::addColumn<bool>("sorted");
        QTest::newRow("one row") << 1 << true;
        QTest::newRow("a few") << 7 << true;
        QTest::newRow("sorted") << 5'000 << true;
        QTest::newRow("unsorted") << 5'000 << false;
        QTest::newRow("full") << 65'536 << true;
    }
    void documentsRebuild();
};

void TestSegment::documentsRebuild()
{
    QFETCH(int, rows);
    QFETCH(bool, sorted);
    SegmentBuilder builder;
    for (unsigned round = 0; round < 2; ++round) { // the second uses the memory of the first
        std::mt19937_64 random(static_cast<unsigned>(rows) + round);
        Rows adder(builder);
        std::vector<Row> all;
        TimeNs time = 1'700'000'000'000'000'000;
        for (int i = 0; i < rows; ++i) {
            time += static_cast<TimeNs>(random() % 3'000'000);
            const TimeNs shaken = sorted ? time : time - static_cast<TimeNs>(random() % 50'000'000);
            all.push_back(adder.add(random, shaken, static_cast<Ordinal>(i)));
        }
        QCOMPARE(builder.rows(), static_cast<RowIndex>(rows));
        const SealedSegment sealed = builder.seal();
        QCOMPARE(builder.rows(), RowIndex{0});
        test::MemoryColumns columns;
        const auto info = columns.add(sealed);
        QVERIFY2(info != nullptr, "the directory does not read back");
        QCOMPARE(info->rows, static_cast<RowIndex>(rows));
        std::stable_sort(all.begin(), all.end(), [](const Row& a, const Row& b) {
            return std::tuple(a.time, a.source, a.ordinal) < std::tuple(b.time, b.source, b.ordinal);
        });
        DocumentBuilder documents(info, columns);
        std::uint64_t rawBytes = 0;
        for (std::size_t i = 0; i < all.size(); ++i) {
            std::string text;
            const Status status = documents.append(static_cast<RowIndex>(i), text);
            QVERIFY2(status.ok(), status.ok() ? "" : status.error().line().c_str());
            QCOMPARE(text, all[i].document);
            text.clear();
            QVERIFY(*documents.appendField(static_cast<RowIndex>(i), SeverityColumn, text));
            QCOMPARE(text, std::to_string(all[i].severity));
            rawBytes += all[i].document.size();
        }
        QCOMPARE(info->rawBytes, rawBytes);
        QCOMPARE(info->minTime, all.front().time);
        QCOMPARE(info->maxTime, all.back().time);
        const auto missing =
            std::count_if(all.begin(), all.end(), [](const Row& row) { return row.flags != 0; });
        QCOMPARE(info->timeMissing, static_cast<RowIndex>(missing));
        const auto& counts = info->rollup.counts;
        QCOMPARE(std::accumulate(counts.begin(), counts.end(), 0u),
                 static_cast<unsigned>(rows) - info->timeMissing);
    }
}

QTEST_APPLESS_MAIN(TestSegment)
#include "tst_segment.moc"
