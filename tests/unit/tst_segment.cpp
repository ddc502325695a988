#include "models/store/segment_builder.h"
#include "tests/support/memory_columns.h"

#include <QObject>
#include <QTest>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <random>
#include <tuple>

using namespace faultline;

namespace {

/// A document with a few fields, and how it must come back.
struct Row
{
    TimeNs time = 0;
    std::uint32_t source = 1;
    Ordinal ordinal = 0;
    std::uint8_t severity = 9;
    std::uint16_t flags = 0;
    std::string document;
};

class Rows
{
public:
    explicit Rows(SegmentBuilder& target) : m_builder(target)
    {
        m_time = m_builder.column("ts", ValueKind::Time);
        m_service = m_builder.column("service", ValueKind::Text);
        m_message = m_builder.column("msg", ValueKind::Text);
        m_status = m_builder.column("status", ValueKind::Int);
        m_took = m_builder.column("took", ValueKind::Decimal);
        m_trace = m_builder.column("trace", ValueKind::Text);
        m_ok = m_builder.column("ok", ValueKind::Bool);
        m_none = m_builder.column("none", ValueKind::Null);
        TimeLayout layout;
        layout.form = TimeLayout::Form::EpochInt;
        layout.unit = 9;
        Shape full;
        full.literals = {"{\"ts\":",       ",\"service\":\"", "\",\"msg\":\"",
                         "\",\"status\":", ",\"took\":",      ",\"trace\":\"",
                         "\",\"ok\":",     ",\"none\":",      "}"};
        full.slots = {{m_time, SlotStyle::Time, layout},
                      {m_service, SlotStyle::JsonString, {}},
                      {m_message, SlotStyle::JsonString, {}},
                      {m_status, SlotStyle::Digits, {}},
                      {m_took, SlotStyle::Digits, {}},
                      {m_trace, SlotStyle::JsonString, {}},
                      {m_ok, SlotStyle::Bool, {}},
                      {m_none, SlotStyle::Null, {}}};
        full.canonical[0] = m_message;
        full.canonical[1] = m_service;
        m_full = m_builder.shape(full);
        Shape small;
        small.literals = {"{\"msg\": \"", "\"}"};
        small.slots = {{m_message, SlotStyle::JsonString, {}}};
        small.canonical[0] = m_message;
        m_small = m_builder.shape(small);
        Shape raw;
        raw.raw = true;
        m_raw = m_builder.shape(raw);
    }

    Row add(std::mt19937_64& random, TimeNs time, Ordinal ordinal)
    {
        Row row;
        row.time = time;
        row.ordinal = ordinal;
        row.source = 1 + static_cast<std::uint32_t>(random() % 2);
        row.severity = static_cast<std::uint8_t>(random() % 25);
        row.flags = random() % 10 == 0 ? FlagTimeMissing : 0;
        RowHeader header{time, ordinal, SourceId{row.source}, 0, row.flags, row.severity, 0};
        const std::string number = std::to_string(random() % 100'000);
        const std::string message = "order " + number + " took " + std::to_string(random() % 977) +
                                    " ms for \"user-" + std::to_string(random() % 50) + "\"";
        std::string escaped;
        for (const char c : message) escaped += c == '"' ? std::string("\\\"") : std::string(1, c);
        switch (random() % 8) {
        case 0:
            header.shape = m_raw;
            row.document = "not { json " + number;
            m_builder.addText(RawColumn, row.document);
            break;
        case 1:
            header.shape = m_small;
            m_builder.addText(m_message, message);
            row.document = "{\"msg\": \"" + escaped + "\"}";
            break;
        default: {
            header.shape = m_full;
            const std::string service = "svc-" + std::to_string(random() % 12);
            const auto status = static_cast<std::int64_t>(random() % 600) - 100;
            const auto mantissa = static_cast<std::int64_t>(random() % 2'000'000) - 1'000'000;
            const bool ok = random() % 2;
            char hex[17];
            std::snprintf(hex, sizeof hex, "%016llx",
                          static_cast<unsigned long long>(random() % 3'000 * 0x9e3779b97f4a7c15u));
            m_builder.addPresent(m_time);
            m_builder.addText(m_service, service);
            m_builder.addText(m_message, message);
            m_builder.addInt(m_status, status);
            m_builder.addDecimal(m_took, {mantissa, 3});
            m_builder.addText(m_trace, hex);
            m_builder.addInt(m_ok, ok);
            m_builder.addPresent(m_none);
            char took[40];
            std::snprintf(took, sizeof took, "%s%lld.%03lld", mantissa < 0 ? "-" : "",
                          std::abs(mantissa) / 1'000LL, std::abs(mantissa) % 1'000LL);
            row.document = "{\"ts\":" + std::to_string(time) + ",\"service\":\"" + service + "\",\"msg\":\"" +
                           escaped + "\",\"status\":" + std::to_string(status) + ",\"took\":" + took +
                           ",\"trace\":\"" + hex + "\",\"ok\":" + (ok ? "true" : "false") + ",\"none\":null}";
        }
        }
        header.documentBytes = static_cast<std::uint32_t>(row.document.size());
        m_builder.endRow(header);
        return row;
    }

private:
    SegmentBuilder& m_builder;
    ColumnIndex m_time, m_service, m_message, m_status, m_took, m_trace, m_ok, m_none;
    std::uint32_t m_full, m_small, m_raw;
};

} // namespace

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
