#include "models/base/hash.h"
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
    void columnLimit();
    void headTimeAndOrdinals();
    void extremeTimes();
    void damagedDirectories();
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

void TestSegment::columnLimit()
{
    SegmentBuilder builder;
    std::size_t fields = 0;
    while (builder.column("f" + std::to_string(fields), ValueKind::Int) != kNoColumn) ++fields;
    QCOMPARE(fields + RowColumnCount, std::size_t{kSegmentColumns});
    QCOMPARE(builder.column("f0", ValueKind::Int), ColumnIndex{RowColumnCount});
    QCOMPARE(builder.column("f0", ValueKind::Text), kNoColumn); // a field has a column for each kind
    Shape raw;
    raw.raw = true;
    for (std::uint16_t i = 0; i < 10; ++i) {
        builder.addInt(static_cast<ColumnIndex>(RowColumnCount + i * 100), i);
        builder.addText(RawColumn, "{\"row\":" + std::to_string(i) + "}");
        builder.addText(OverflowColumn, "{\"past\":1}");
        builder.endRow({i, i, SourceId{1}, builder.shape(raw), 0, 9, 9});
    }
    test::MemoryColumns columns;
    const auto info = columns.add(builder.seal());
    QVERIFY(info != nullptr);
    QCOMPARE(info->columns.size(), std::size_t{kSegmentColumns});
    QCOMPARE(info->columnsOf("f0"), std::vector<ColumnIndex>{RowColumnCount});
    QVERIFY(info->columnsOf("_time").empty());
    DocumentBuilder documents(info, columns);
    for (RowIndex row = 0; row < 10; ++row) {
        std::string text;
        QVERIFY(documents.append(row, text).ok());
        QCOMPARE(text, "{\"row\":" + std::to_string(row) + "}");
        for (ColumnIndex column = RowColumnCount; column < kSegmentColumns;
             column = static_cast<ColumnIndex>(column + 50))
            QCOMPARE(*documents.appendField(row, column, text), column == RowColumnCount + row * 100);
    }
    std::string text;
    QVERIFY(!documents.append(10, text).ok());
    QVERIFY(!documents.appendField(0, kSegmentColumns, text).ok());
}

void TestSegment::headTimeAndOrdinals()
{
    SegmentBuilder builder;
    Shape shape;
    shape.literals = {"x"};
    const std::uint32_t number = builder.shape(shape);
    const std::uint16_t inherits = FlagInheritsHead | FlagTimeMissing;
    builder.endRow({0, 0, SourceId{7}, number, inherits, 9, 1});
    builder.endRow({500, 1, SourceId{7}, number, 0, 9, 1});
    builder.endRow({500, 2, SourceId{7}, number, FlagTimeMissing, 9, 1});
    builder.endRow({600, 3, SourceId{8}, number, 0, 9, 1});
    QVERIFY(builder.needsHeadTime());
    QCOMPARE(*builder.lastOwnTime(), TimeNs{600});
    builder.setHeadTime(550);
    QVERIFY(!builder.needsHeadTime());
    builder.shiftOrdinals(SourceId{7}, 1'000);
    test::MemoryColumns columns;
    const auto info = columns.add(builder.seal());
    QVERIFY(info != nullptr);
    QCOMPARE(info->timeMissing, RowIndex{2});
    QCOMPARE(info->sources, (std::vector<SourceId>{SourceId{7}, SourceId{8}}));
    DocumentBuilder documents(info, columns);
    std::string seen;
    for (RowIndex row = 0; row < 4; ++row) {
        for (const ColumnIndex column : {TimeColumn, OrdinalColumn, FlagsColumn}) {
            QVERIFY(*documents.appendField(row, column, seen));
            seen += column == FlagsColumn ? ';' : ' ';
        }
    }
    QCOMPARE(seen, std::string("500 1001 0;500 1002 1;550 1000 1;600 3 0;"));
}

void TestSegment::extremeTimes()
{
    SegmentBuilder builder;
    Shape shape;
    shape.literals = {"x"};
    const std::uint32_t number = builder.shape(shape);
    Ordinal ordinal = 0;
    for (const TimeNs time : {kTimeMax, kTimeMin, TimeNs{0}, TimeNs{-1}, kTimeMax - 1, kTimeMin + 1})
        builder.endRow({time, ordinal++, SourceId{1}, number, 0, 24, 1});
    test::MemoryColumns columns;
    const auto info = columns.add(builder.seal());
    QVERIFY(info != nullptr);
    QCOMPARE(info->minTime, kTimeMin);
    QCOMPARE(info->maxTime, kTimeMax);
    QVERIFY(info->rollup.counts.size() <= 64 * 7);
    QCOMPARE(info->rollup.begin % info->rollup.width, TimeNs{0});
    QCOMPARE(std::accumulate(info->rollup.counts.begin(), info->rollup.counts.end(), 0u), 6u);
}

void TestSegment::damagedDirectories()
{
    std::mt19937_64 random(21);
    SegmentBuilder builder;
    Rows adder(builder);
    for (int i = 0; i < 50; ++i) adder.add(random, i, static_cast<Ordinal>(i));
    const SealedSegment sealed = builder.seal();
    const std::string good = encodeDirectory(sealed.info);
    QVERIFY(decodeDirectory(good).ok());
    int refused = 0;
    for (int round = 0; round < 2'000; ++round) {
        std::string bad = good.substr(0, good.size() - 4);
        for (unsigned changes = 1 + random() % 3; changes > 0 && !bad.empty(); --changes) {
            const std::size_t at = random() % bad.size();
            if (random() % 8 == 0)
                bad.resize(at);
            else
                bad[at] = static_cast<char>(random() % 3 == 0 ? 0xff : bad[at] ^ (1 << (random() % 8)));
        }
        if (bad + good.substr(good.size() - 4) != good)
            QVERIFY(!decodeDirectory(bad + good.substr(good.size() - 4)).ok());
        const std::uint64_t check = hash64(bad);
        for (unsigned i = 0; i < 4; ++i) bad.push_back(static_cast<char>(check >> (8 * i)));
        const auto read = decodeDirectory(bad);
        if (!read) {
            ++refused;
            continue;
        }
        QVERIFY(read->columns.size() >= RowColumnCount && read->rows <= kSegmentRows);
        for (std::size_t i = 0; i < read->columns.size() && i < sealed.chunks.size(); ++i)
            (void)decodeColumn(read->columns[i], read->rows, sealed.chunks[i]).ok();
    }
    QVERIFY2(refused > 500, std::to_string(refused).c_str());
}

QTEST_APPLESS_MAIN(TestSegment)
#include "tst_segment.moc"
