#include "models/base/percent_code.h"
#include "models/base/time_buckets.h"
#include "models/base/time_math.h"

#include <QTest>

#include <random>

using namespace faultline;

/// Arithmetic at the ends of time, against 128-bit numbers.
class TestTimeMath : public QObject
{
    Q_OBJECT
    __extension__ using Wide = __int128;
    static TimeNs clamped(Wide time)
    {
        return static_cast<TimeNs>(time < kTimeMin ? kTimeMin : time > kTimeMax ? kTimeMax : time);
    }

private Q_SLOTS:
    void lengthsAndSums()
    {
        QCOMPARE(lengthOf({kTimeMin, kTimeMax}), UINT64_MAX);
        std::mt19937_64 random(7);
        for (int i = 0; i < 20'000; ++i) {
            const auto time = static_cast<TimeNs>(random() >> (random() % 3 == 0 ? 0 : random() % 64));
            const std::uint64_t by = random() >> (random() % 64);
            QCOMPARE(timeAfter(time, by), clamped(Wide(time) + Wide(by)));
            QCOMPARE(timeBefore(time, by), clamped(Wide(time) - Wide(by)));
            const TimeRange range = around(time, by);
            QCOMPARE(range.begin, clamped(Wide(time) - Wide(by)));
            QCOMPARE(range.end, clamped(Wide(time) + Wide(by)));
            QCOMPARE(middleOf(range), static_cast<TimeNs>(Wide(range.begin) + Wide(lengthOf(range) / 2)));
        }
    }
    void sharesStayWithinTheRange()
    {
        const TimeRange all{kTimeMin, kTimeMax};
        QCOMPARE(timeAtShare(all, 0), kTimeMin);
        QCOMPARE(timeAtShare(all, 1), kTimeMax);
        QCOMPARE(timeAtShare(all, 2), kTimeMax);
        QCOMPARE(timeAtShare(all, -1), kTimeMin);
        QVERIFY(std::abs(timeAtShare(all, 0.5)) < 4'096); // a double knows 2^64 to 2,048
        QCOMPARE(timeAtShare({100, 200}, 0.25), TimeNs{125});
        QCOMPARE(shareOfTime({100, 200}, 125), 0.25);
        QCOMPARE(shareOfTime({100, 200}, 50), -0.5);
        QCOMPARE(shareOfTime(all, kTimeMax), 1.0);
        QCOMPARE(timeAtShare({kTimeMax - 10, kTimeMax}, 0.999999), kTimeMax - 1);
    }
    void movesEndWhereTimeEnds()
    {
        QCOMPARE(panned({100, 200}, 0.5), std::optional(TimeRange{150, 250}));
        QCOMPARE(panned({100, 200}, -0.5), std::optional(TimeRange{50, 150}));
        QVERIFY(!panned({kTimeMin, kTimeMax}, 0.1));
        QVERIFY(!panned({kTimeMin, kTimeMax}, -0.1));
        QVERIFY(!panned({100, 100}, 0.5));
        QCOMPARE(zoomed({100, 300}, 0.5, 150), std::optional(TimeRange{125, 225}));
        QCOMPARE(zoomed({100, 300}, 2, 200), std::optional(TimeRange{0, 400}));
        QVERIFY(!zoomed({kTimeMin, kTimeMax}, 2, 0));
        for (TimeNs at = 0; at < 3'000'000; at += 17'171) // no rounding eats a nanosecond
            QCOMPARE(lengthOf(*zoomed({0, 3'000'000}, 1.0 / 3, at)), std::uint64_t{1'000'000});
        // More than 292 years are no end.
        const auto near = zoomed({kTimeMin, kTimeMax}, 0.75, 0);
        QVERIFY(near && near->begin < kTimeMin / 4 * 2.9 && near->end > kTimeMax / 4 * 2.9);
        QCOMPARE(moved({100, 200}, 10, 60), (TimeRange{150, 250}));
        QCOMPARE(moved({kTimeMax - 100, kTimeMax - 10}, 0, 60), (TimeRange{kTimeMax - 90, kTimeMax}));
        QCOMPARE(moved({kTimeMin + 5, 0}, 60, 0), (TimeRange{kTimeMin, -5}));
    }
    void bucketsReachTheEnds()
    {
        const TimeBuckets buckets(kTimeMin, kTimeMax / 10);
        QCOMPARE(buckets.beginOf(0), kTimeMin);
        QCOMPARE(buckets.endOf(1'000), kTimeMax);
        QCOMPARE(buckets.beginOf(-1), kTimeMin);
        QCOMPARE(buckets.bucketOf(kTimeMax), std::int64_t{20});
    }
    void percentCodes()
    {
        std::mt19937 random(3);
        for (int i = 0; i < 300; ++i) {
            std::string bytes(random() % 40, '\0');
            for (char& byte : bytes) byte = static_cast<char>(random());
            QCOMPARE(percentDecoded(percentEncoded(bytes)), std::optional(bytes));
        }
        QCOMPARE(percentEncoded("a-b_c.d~e/ é"), std::string("a-b_c.d~e%2F%20%C3%A9"));
        QCOMPARE(percentDecoded("a%2fB%2F+"), std::optional(std::string("a/B/+")));
        for (const char* const broken : {"%", "a%4", "%g0", "%0 ", "%%41"})
            QVERIFY2(!percentDecoded(broken), broken);
    }
};

QTEST_APPLESS_MAIN(TestTimeMath)
#include "tst_time_math.moc"
