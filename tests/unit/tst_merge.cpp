#include "models/store/merge.h"
#include "models/store/segment_builder.h"
#include "tests/support/memory_columns.h"
#include "tests/support/segment_rows.h"

#include <QObject>
#include <QTest>

#include <algorithm>
#include <random>
#include <tuple>

using namespace faultline;
using test::Row;
using test::Rows;

class TestMerge : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void liveRowsInOrder();
    void splitsPastTheColumnLimit();
    void nothingLeft();
    void stops();
};

void TestMerge::liveRowsInOrder()
{
    std::mt19937_64 random(11);
    test::MemoryColumns columns;
    std::vector<SegmentEntry> entries;
    std::vector<Row> expected;
    SegmentBuilder builder;
    for (int segment = 0; segment < 5; ++segment) {
        Rows adder(builder);
        std::vector<Row> all;
        TimeNs time = 1'700'000'000'000'000'000 + segment * 40'000'000; // they overlap
        const int rows = 1 + static_cast<int>(random() % 900);
        for (int i = 0; i < rows; ++i)
            all.push_back(adder.add(random, time += static_cast<TimeNs>(random() % 200'000),
                                    static_cast<Ordinal>(segment * 1'000 + i)));
        SegmentEntry entry{columns.add(builder.seal()), nullptr, 0, 0};
        QVERIFY(entry.info != nullptr);
        std::stable_sort(all.begin(), all.end(), [](const Row& a, const Row& b) {
            return std::tuple(a.time, a.source, a.ordinal) < std::tuple(b.time, b.source, b.ordinal);
        });
        if (segment % 2 == 1) {
            std::vector<std::uint64_t> mask((all.size() + 63) / 64);
            std::vector<Row> left;
            for (std::size_t i = 0; i < all.size(); ++i) {
                if (random() % 3 == 0)
                    mask[i / 64] |= std::uint64_t{1} << (i % 64);
                else
                    left.push_back(all[i]);
            }
            entry.deleted = std::make_shared<const std::vector<std::uint64_t>>(std::move(mask));
            entry.deletedRows = static_cast<RowIndex>(all.size() - left.size());
            all = std::move(left);
        }
        entries.push_back(entry);
        expected.insert(expected.end(), all.begin(), all.end());
    }
    std::sort(expected.begin(), expected.end(), [](const Row& a, const Row& b) {
        return std::tuple(a.time, a.source, a.ordinal) < std::tuple(b.time, b.source, b.ordinal);
    });
    auto merged = mergeSegments(entries, columns, {});
    QVERIFY2(merged.ok(), merged.ok() ? "" : merged.error().line().c_str());
    QCOMPARE(merged->size(), std::size_t{1});
    const auto info = columns.add(merged->front());
    QVERIFY(info != nullptr);
    QCOMPARE(static_cast<std::size_t>(info->rows), expected.size());
    DocumentBuilder documents(info, columns);
    for (std::size_t i = 0; i < expected.size(); ++i) {
        std::string text, ordinal, flags;
        const auto row = static_cast<RowIndex>(i);
        QVERIFY(documents.append(row, text).ok());
        QCOMPARE(text, expected[i].document);
        QVERIFY(*documents.appendField(row, OrdinalColumn, ordinal));
        QCOMPARE(ordinal, std::to_string(expected[i].ordinal));
        QVERIFY(*documents.appendField(row, FlagsColumn, flags));
        QCOMPARE(flags, std::to_string(expected[i].flags));
    }
}

void TestMerge::splitsPastTheColumnLimit()
{
    test::MemoryColumns columns;
    std::vector<SegmentEntry> entries;
    SegmentBuilder builder;
    for (int segment = 0; segment < 2; ++segment) {
        for (int i = 0; i < 800; ++i) { // 800 fields of their own: two segments do not fit one
            const ColumnIndex column =
                builder.column("f" + std::to_string(segment) + "." + std::to_string(i), ValueKind::Int);
            Shape shape;
            shape.literals = {"", ""};
            shape.slots = {{column, SlotStyle::Digits, {}}};
            builder.addInt(column, i);
            builder.endRow(
                {segment * 10'000 + i, static_cast<Ordinal>(i), SourceId{1}, builder.shape(shape), 0, 9, 3});
        }
        entries.push_back({columns.add(builder.seal()), nullptr, 0, 0});
        QVERIFY(entries.back().info != nullptr);
    }
    auto merged = mergeSegments(entries, columns, {});
    QVERIFY(merged.ok());
    QCOMPARE(merged->size(), std::size_t{2});
    RowIndex rows = 0;
    for (const SealedSegment& sealed : *merged) {
        const auto info = columns.add(sealed);
        QVERIFY(info != nullptr);
        QVERIFY(info->columns.size() <= kSegmentColumns);
        DocumentBuilder documents(info, columns);
        for (RowIndex row = 0; row < info->rows; ++row, ++rows) {
            std::string text;
            QVERIFY(documents.append(row, text).ok());
            QCOMPARE(text, std::to_string(rows % 800));
        }
    }
    QCOMPARE(rows, RowIndex{1'600});
}

void TestMerge::nothingLeft()
{
    std::mt19937_64 random(5);
    test::MemoryColumns columns;
    SegmentBuilder builder;
    Rows adder(builder);
    for (int i = 0; i < 70; ++i) adder.add(random, i, static_cast<Ordinal>(i));
    const auto all = std::make_shared<const std::vector<std::uint64_t>>(2, ~std::uint64_t{0});
    const std::vector<SegmentEntry> entries{{columns.add(builder.seal()), all, 70, 1}};
    const auto merged = mergeSegments(entries, columns, {});
    QVERIFY(merged.ok());
    QVERIFY(merged->empty());
}

void TestMerge::stops()
{
    std::mt19937_64 random(6);
    test::MemoryColumns columns;
    SegmentBuilder builder;
    Rows adder(builder);
    for (int i = 0; i < 70; ++i) adder.add(random, i, static_cast<Ordinal>(i));
    const std::vector<SegmentEntry> entries{{columns.add(builder.seal()), nullptr, 0, 0}};
    std::stop_source stop;
    stop.request_stop();
    const auto merged = mergeSegments(entries, columns, stop.get_token());
    QVERIFY(!merged.ok());
    QVERIFY(merged.error().kind == ErrorKind::Cancelled);
}

QTEST_APPLESS_MAIN(TestMerge)
#include "tst_merge.moc"
