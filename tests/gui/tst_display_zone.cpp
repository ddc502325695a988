#include "models/records/time_text.h"
#include "views/render/time_axis.h"

#include <QTest>

using namespace faultline;

namespace {

TimeNs at(const char* text)
{
    return parseTime(text, {})->ns;
}

DisplayZone berlin()
{
    return {DisplayZone::Kind::Local, QTimeZone("Europe/Berlin")};
}

} // namespace

/// Times as clocks of a zone show them, also where the clocks change.
class TestDisplayZone : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void offsetsFollowTheChangeOfTheClocks()
    {
        const DisplayZone zone = berlin();
        // 2026: forward at 2026-03-29T01:00Z, back at 2026-10-25T01:00Z.
        QCOMPARE(zone.offset(at("2026-03-29T00:59:59Z")), 3'600);
        QCOMPARE(zone.offset(at("2026-03-29T01:00:00Z")), 7'200);
        QCOMPARE(zone.offset(at("2026-10-25T00:59:59Z")), 7'200);
        QCOMPARE(zone.offset(at("2026-10-25T01:00:00Z")), 3'600);
        QCOMPARE(formatTimeForPeople(at("2026-03-29T00:59:59.5Z"), 3, zone),
                 QStringLiteral("2026-03-29 01:59:59.500"));
        QCOMPARE(formatTimeForPeople(at("2026-03-29T01:00:00Z"), 0, zone),
                 QStringLiteral("2026-03-29 03:00:00"));
        QCOMPARE(formatRange({at("2026-03-29T00:00:00Z"), at("2026-03-29T02:00:00Z")}, zone),
                 QStringLiteral("2026-03-29 01:00:00 +01:00 to 2026-03-29 04:00:00 +02:00 (2 h)"));
        QCOMPARE(zone.label(at("2026-07-01T00:00:00Z")), QStringLiteral("Europe/Berlin +02:00"));
    }

    void wallTimesAreReadAsTheClocksShowThem()
    {
        const DisplayZone zone = berlin();
        QCOMPARE(zone.fromWall(at("2026-01-02T04:00:00Z")), at("2026-01-02T03:00:00Z"));
        QCOMPARE(zone.fromWall(at("2026-07-02T04:00:00Z")), at("2026-07-02T02:00:00Z"));
        QCOMPARE(zone.fromWall(at("2026-03-29T01:59:59Z")), at("2026-03-29T00:59:59Z"));
        QCOMPARE(zone.fromWall(at("2026-03-29T03:00:00Z")), at("2026-03-29T01:00:00Z"));
        // Left out: half an hour behind the change.
        QCOMPARE(zone.fromWall(at("2026-03-29T02:30:00Z")), at("2026-03-29T01:30:00Z"));
        // Twice: the first.
        QCOMPARE(zone.fromWall(at("2026-10-25T02:30:00Z")), at("2026-10-25T00:30:00Z"));
        QCOMPARE(zone.fromWall(at("2026-10-25T03:00:00Z")), at("2026-10-25T02:00:00Z"));
        QCOMPARE(DisplayZone().fromWall(7), TimeNs{7});
    }

    void extremesAreTimesToo()
    {
        const DisplayZone tokyo(DisplayZone::Kind::Local, QTimeZone("Asia/Tokyo"));
        for (const TimeNs time : {kTimeMin, kTimeMin + 1, TimeNs{-1}, TimeNs{0}, kTimeMax - 1, kTimeMax}) {
            for (const DisplayZone& zone : {tokyo, berlin(), DisplayZone()}) {
                QVERIFY(!formatTimeForPeople(time, 9, zone).isEmpty());
                (void)zone.fromWall(time);
            }
        }
        QVERIFY(!timeTicks({kTimeMin, kTimeMax}, 800, 80, tokyo).empty());
        QVERIFY(!timeTicks({kTimeMin, kTimeMax}, 800, 80, berlin()).empty());
        // A name that nobody knows is UTC.
        const DisplayZone none(DisplayZone::Kind::Local, QTimeZone("Nowhere/Land"));
        QCOMPARE(none.offset(0), 0);
    }

    void ticksStandAtTimesOfTheZone()
    {
        const DisplayZone india(DisplayZone::Kind::Local, QTimeZone("Asia/Kolkata"));
        const TimeRange day{at("2026-01-02T00:00:00Z"), at("2026-01-03T00:00:00Z")};
        const auto ticks = timeTicks(day, 800, 80, india);
        QVERIFY(ticks.size() >= 4);
        for (const TimeTick& tick : ticks) {
            const TimeNs wall = tick.time + india.offset(tick.time) * kSecondNs;
            QVERIFY2(wall % (3'600 * kSecondNs) == 0, qPrintable(tick.label));
        }
        // Days begin at midnight there, before and after the change of the clocks.
        const DisplayZone zone = berlin();
        const auto days = timeTicks({at("2026-03-26T12:00:00Z"), at("2026-04-01T12:00:00Z")}, 800, 80, zone);
        QVERIFY(days.size() >= 5);
        for (const TimeTick& tick : days)
            QVERIFY2(formatTimeForPeople(tick.time, 0, zone).endsWith(QStringLiteral("00:00:00")),
                     qPrintable(tick.label));
        QStringList labels;
        for (const TimeTick& tick : days) labels.push_back(tick.label);
        labels.removeDuplicates();
        QCOMPARE(static_cast<std::size_t>(labels.size()), days.size());
        // Hours over the change: none that the clocks leave out, in order, and none twice.
        const auto hours = timeTicks({at("2026-03-28T23:00:00Z"), at("2026-03-29T05:00:00Z")}, 900, 80, zone);
        for (std::size_t i = 0; i < hours.size(); ++i) {
            QVERIFY2(!hours[i].label.endsWith(QStringLiteral("02:00")), qPrintable(hours[i].label));
            QVERIFY(i == 0 || hours[i].time > hours[i - 1].time);
        }
    }

    void eventsOfSourcesHaveTheirOwn()
    {
        const DisplayZone source(DisplayZone::Kind::Source, QTimeZone("Asia/Tokyo"));
        const TimeNs time = at("2026-01-02T03:00:00Z");
        QCOMPARE(source.offset(time), 0);
        QCOMPARE(source.offset(time, std::int16_t{-480}), -8 * 3'600);
        QCOMPARE(source.suffix(time, std::int16_t{-480}), QStringLiteral("-08:00"));
        QCOMPARE(source.suffix(time, std::nullopt), QStringLiteral("UTC"));
        QCOMPARE(source.with(DisplayZone::Kind::Local).suffix(time, std::int16_t{-480}),
                 QStringLiteral("+09:00"));
        QCOMPARE(offsetText(20'700), QStringLiteral("+05:45"));
    }
};

QTEST_MAIN(TestDisplayZone)
#include "tst_display_zone.moc"
