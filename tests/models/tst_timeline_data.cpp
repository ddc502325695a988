#include "models/session/timeline_data.h"

#include <QTest>

#include <random>

using namespace faultline;

/// The numbers behind the timeline, against a count by hand.
class TestTimelineData : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void gridsLieAtRoundTimes()
    {
        constexpr TimeNs kMinute = 60 * kSecondNs;
        TimelineGrid grid = timelineGrid({10 * kMinute + 5, 70 * kMinute}, kMinute, 4'000);
        QCOMPARE(grid.origin, 10 * kMinute);
        QCOMPARE(grid.parts, 60u);
        QCOMPARE(grid.fineStep(), kSecondNs);
        grid = timelineGrid({10 * kMinute + 5, 70 * kMinute}, kMinute, 300);
        QCOMPARE(grid.parts, 4u);
        grid = timelineGrid({-kMinute - 5, 0}, kMinute, 100);
        QCOMPARE(grid.origin, -2 * kMinute);
        grid = timelineGrid({0, 3 * kSecondNs}, 3 * kSecondNs, 1'000'000);
        QCOMPARE(grid.fineStep(), kSecondNs);
        grid = timelineGrid({0, 1'000}, 7, 1'000'000);
        QCOMPARE(grid.parts, 1u);
        grid = timelineGrid({kTimeMin, kTimeMax}, kTimeMax / 100, 1'000);
        QCOMPARE(grid.origin, kTimeMin);
    }
    void countsAndPeaks()
    {
        std::mt19937 random(11);
        for (int round = 0; round < 60; ++round) {
            const TimeNs step = 60 * kSecondNs;
            const TimeNs begin = static_cast<TimeNs>(random() % 1'000'000) * 1'000'003;
            const TimeRange range{begin, begin + static_cast<TimeNs>(1 + random() % 3'600) * kSecondNs};
            const TimelineGrid grid = timelineGrid(range, step, 100 + random() % 5'000);
            HistogramAnswer answer;
            std::vector<std::pair<TimeNs, std::string>> events;
            for (int i = 0; i < 500; ++i) {
                const auto span = static_cast<std::uint64_t>(range.end - range.begin);
                events.emplace_back(range.begin + static_cast<TimeNs>(random() % span),
                                    random() % 3 == 0 ? "a" : "b");
            }
            const std::size_t fine =
                static_cast<std::size_t>((range.end - grid.origin) / grid.fineStep()) + 1;
            for (const char* const name : {"a", "b"}) {
                HistogramAnswer::Series series;
                series.group = {name};
                series.absent = {false};
                series.counts.assign(fine, 0);
                for (const auto& [time, group] : events)
                    if (group == name)
                        ++series.counts[static_cast<std::size_t>((time - grid.origin) / grid.fineStep())];
                answer.series.push_back(std::move(series));
            }
            const TimelineData data = gatherTimeline(answer, grid, range);
            QCOMPARE(data.total, std::uint64_t{500});
            QCOMPARE(data.groups.front().name, std::string("b"));
            for (std::size_t i = 0; i < data.size(); ++i) {
                const TimeRange bucket = data.bucket(i);
                std::uint64_t total = 0, ofA = 0, peak = 0;
                for (const auto& [time, group] : events) {
                    if (!bucket.contains(time)) continue;
                    ++total;
                    ofA += group == "a";
                    QCOMPARE(data.bucketAt(time), std::optional(i));
                    const TimeNs moment = (time - grid.origin) / grid.fineStep();
                    std::uint64_t beside = 0;
                    for (const auto& other : events)
                        beside += (other.first - grid.origin) / grid.fineStep() == moment;
                    peak = std::max(peak, beside);
                }
                QCOMPARE(data.totals[i], total);
                QCOMPARE(data.groups.back().counts[i], ofA);
                QCOMPARE(data.peaks[i], peak);
                QVERIFY(data.peakRate(i) * 1.0000001 >= data.meanRate(i));
            }
        }
    }
    void jumpsOfTheRate()
    {
        TimelineData data;
        data.totals = {10, 12, 11, 9, 80, 90, 10, 11, 10, 9, 100, 10, 0, 0, 0, 9};
        QCOMPARE(rateJumps(data), (std::vector<std::size_t>{4, 10}));
        data.totals = {0, 0, 5, 0, 50};
        QCOMPARE(rateJumps(data), std::vector<std::size_t>{4});
        // A rise that takes some buckets: the mean of those before would rise with it.
        data.totals.assign(20, 100);
        for (const std::uint64_t each : {130, 160, 200, 250, 280, 290, 300}) data.totals.push_back(each);
        QCOMPARE(rateJumps(data), std::vector<std::size_t>{22});
        // Few events vary by themselves.
        data.totals = {3, 5, 2, 4, 11, 3, 4, 12, 2, 3};
        QVERIFY(rateJumps(data).empty());
        data.totals = {};
        QVERIFY(rateJumps(data).empty());
    }
};

QTEST_APPLESS_MAIN(TestTimelineData)
#include "tst_timeline_data.moc"
