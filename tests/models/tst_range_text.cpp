#include "models/records/time_text.h"
#include "models/session/range_text.h"

#include <QTest>

using namespace faultline;

namespace {

TimeNs at(const char* text)
{
    return parseTime(text, {})->ns;
}

QString shown(const Result<TypedRange>& typed)
{
    if (!typed) return QStringLiteral("error: ") + QString::fromStdString(typed.error().why);
    const auto text = [](TimeNs time) { return QString::fromStdString(formatRfc3339(time)).left(23); };
    return text(typed->range.begin) + QStringLiteral(" ") + text(typed->range.end) +
           (typed->relative.empty() ? QString() : QLatin1Char(' ') + QString::fromStdString(typed->relative));
}

RangeContext context(int offset = 0)
{
    RangeContext made;
    made.now = at("2026-11-22T15:04:05Z");
    made.day = at("2026-03-01T23:30:00Z");
    made.fromWall = [offset](TimeNs wall) { return wall - offset * kSecondNs; };
    made.toWall = [offset](TimeNs time) { return time + offset * kSecondNs; };
    return made;
}

} // namespace

/// Ranges as people type and paste them.
class TestRangeText : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void reads_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("expected");
        const auto row = [](const char* text, const char* expected) {
            QTest::newRow(text) << QString::fromUtf8(text) << QString::fromLatin1(expected);
        };
        row("now-15m", "2026-11-22T14:49:05.000 2026-11-22T15:04:05.000 now-15m");
        row(" NOW-15m ", "2026-11-22T14:49:05.000 2026-11-22T15:04:05.000 now-15m");
        row("-1d..now", "2026-11-21T15:04:05.000 2026-11-22T15:04:05.000 now-1d");
        row("now-2h..now-1h", "2026-11-22T13:04:05.000 2026-11-22T14:04:05.000");
        row("last 2h", "2026-11-22T13:04:05.000 2026-11-22T15:04:05.000 now-7200000ms");
        row("last 15 minutes", "2026-11-22T14:49:05.000 2026-11-22T15:04:05.000 now-900000ms");
        row("past 1 week", "2026-11-15T15:04:05.000 2026-11-22T15:04:05.000 now-604800000ms");
        row("90s", "2026-11-22T15:02:35.000 2026-11-22T15:04:05.000 now-90000ms");
        row("2026-11-20", "2026-11-20T00:00:00.000 2026-11-21T00:00:00.000");
        row("2026-11", "2026-11-01T00:00:00.000 2026-12-01T00:00:00.000");
        row("2026", "2026-01-01T00:00:00.000 2027-01-01T00:00:00.000");
        row("2026-11-20T12", "2026-11-20T12:00:00.000 2026-11-20T13:00:00.000");
        row("2026-11-20 12:03", "2026-11-20T12:03:00.000 2026-11-20T12:04:00.000");
        row("2026-11-20 12:03:04", "2026-11-20T12:02:34.000 2026-11-20T12:03:34.000");
        row("2026-11-20T12:03:04.500Z", "2026-11-20T12:02:34.500 2026-11-20T12:03:34.500");
        row("2026-11-20T12:03:04,500+02:00", "2026-11-20T10:02:34.500 2026-11-20T10:03:34.500");
        row("1767322800", "2026-01-02T02:59:30.000 2026-01-02T03:00:30.000");
        row("1767322800123", "2026-01-02T02:59:30.123 2026-01-02T03:00:30.123");
        row("1767322800123456", "2026-01-02T02:59:30.123 2026-01-02T03:00:30.123");
        row("1767322800123456789", "2026-01-02T02:59:30.123 2026-01-02T03:00:30.123");
        row("10/Oct/2025:13:55:36 -0700", "2025-10-10T20:55:06.000 2025-10-10T20:56:06.000");
        row("1767322800..1767322860", "2026-01-02T03:00:00.000 2026-01-02T03:01:00.000");
        row("2026-11-20..2026-11-21", "2026-11-20T00:00:00.000 2026-11-22T00:00:00.000");
        row("2026-11-20 12:00..12:30", "2026-11-20T12:00:00.000 2026-11-20T12:30:00.000");
        row("2026-11-20 12:00 to 2026-11-20 12:30", "2026-11-20T12:00:00.000 2026-11-20T12:30:00.000");
        row("2026-11-20T12:00:00Z - 2026-11-20T12:30:00Z", "2026-11-20T12:00:00.000 2026-11-20T12:30:00.000");
        row("2026-11-20T12:00:00Z/2026-11-20T12:30:00Z", "2026-11-20T12:00:00.000 2026-11-20T12:30:00.000");
        row("2026-11-20 12:00:00 UTC \xe2\x80\x93 2026-11-20 12:30:00 UTC",
            "2026-11-20T12:00:00.000 2026-11-20T12:30:00.000");
        row("12:03", "2026-03-01T12:03:00.000 2026-03-01T12:04:00.000");
        row("9:05..9:10", "2026-03-01T09:05:00.000 2026-03-01T09:10:00.000");
        row("around 12:03 +/- 5m", "2026-03-01T11:58:00.000 2026-03-01T12:08:00.000");
        row("12:03:04 \xc2\xb1 10 s", "2026-03-01T12:02:54.000 2026-03-01T12:03:14.000");
        row("around 2026-11-20T12:00:00Z +/- 1h", "2026-11-20T11:00:00.000 2026-11-20T13:00:00.000");
        row("around 12:03", "2026-03-01T12:02:30.000 2026-03-01T12:03:30.000");
        row("today", "2026-11-22T00:00:00.000 2026-11-23T00:00:00.000");
        row("yesterday", "2026-11-21T00:00:00.000 2026-11-22T00:00:00.000");
        row("all", "1677-09-21T00:12:43.145 2262-04-11T23:47:16.854");
    }
    void reads()
    {
        QFETCH(QString, text);
        QFETCH(QString, expected);
        QCOMPARE(shown(readRange(text.toStdString(), context())), expected);
    }

    void aZoneThatIsNotWrittenIsTheOneInUse_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("expected");
        const auto row = [](const char* text, const char* expected) {
            QTest::newRow(text) << QString::fromUtf8(text) << QString::fromLatin1(expected);
        };
        // One hour east: the day in view is the second of March there.
        row("12:03", "2026-03-02T11:03:00.000 2026-03-02T11:04:00.000");
        row("2026-11-20", "2026-11-19T23:00:00.000 2026-11-20T23:00:00.000");
        row("2026-11-20 12:03", "2026-11-20T11:03:00.000 2026-11-20T11:04:00.000");
        row("2026-11-20T12", "2026-11-20T11:00:00.000 2026-11-20T12:00:00.000");
        row("2026-11-20T12Z", "2026-11-20T12:00:00.000 2026-11-20T13:00:00.000");
        row("2026-11-20T12:03Z", "2026-11-20T12:03:00.000 2026-11-20T12:04:00.000");
        row("2026-11-20T12:03:00+05:30", "2026-11-20T06:32:30.000 2026-11-20T06:33:30.000");
        row("1767322800", "2026-01-02T02:59:30.000 2026-01-02T03:00:30.000");
        row("now-15m", "2026-11-22T14:49:05.000 2026-11-22T15:04:05.000 now-15m");
        row("today", "2026-11-21T23:00:00.000 2026-11-22T23:00:00.000");
    }
    void aZoneThatIsNotWrittenIsTheOneInUse()
    {
        QFETCH(QString, text);
        QFETCH(QString, expected);
        QCOMPARE(shown(readRange(text.toStdString(), context(3'600))), expected);
    }

    void whatCannotBeReadHasAPlaceAndAWayOut_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<int>("offset");
        QTest::newRow("word") << "soon" << 0;
        QTest::newRow("end") << "2026-11-20..never" << 12;
        QTest::newRow("begin") << "  then..2026-11-20" << 2;
        QTest::newRow("no end") << "2026-11-20.." << 12;
        QTest::newRow("turned") << "12:30..12:00" << 7;
        QTest::newRow("length") << "last fortnight" << 5;
        QTest::newRow("side") << "around 12:03 +/- much" << 17;
        QTest::newRow("centre") << "around noon +/- 5m" << 7;
        QTest::newRow("hour 25") << "25:00" << 0;
        QTest::newRow("zero") << "last 0m" << 5;
        QTest::newRow("far") << "now-999999999999w" << 0;
        QTest::newRow("long") << QString(5'000, QLatin1Char('1')) << 0;
    }
    void whatCannotBeReadHasAPlaceAndAWayOut()
    {
        QFETCH(QString, text);
        QFETCH(int, offset);
        const auto typed = readRange(text.toStdString(), context());
        QVERIFY2(!typed, qPrintable(shown(typed)));
        QCOMPARE(typed.error().kind, ErrorKind::Usage);
        QVERIFY(typed.error().place && !typed.error().hints.empty());
        QCOMPARE(static_cast<int>(typed.error().place->offset), offset);
    }

    void aRelativeRangeMovesWithNow()
    {
        const TimeNs now = at("2026-11-22T15:00:00Z");
        QVERIFY(relativeRange("now-15m", now) == (TimeRange{at("2026-11-22T14:45:00Z"), now}));
        QVERIFY(relativeRange("now-7200000ms", now) == (TimeRange{at("2026-11-22T13:00:00Z"), now}));
        for (const char* text : {"", "now", "now+5m", "2026", "now-", "now--5m", "now-5q"})
            QVERIFY2(!relativeRange(text, now), text);
    }
    void oneTimeIsOfTheZoneInUse()
    {
        RangeContext context;
        context.now = context.day = 1'767'322'800 * kSecondNs;                       // 2026-01-02T03:00:00Z
        context.fromWall = [](TimeNs wall) { return wall + 5 * 3'600 * kSecondNs; }; // UTC-5
        context.toWall = [](TimeNs time) { return time - 5 * 3'600 * kSecondNs; };
        const auto seconds = [&](const char* text) {
            const auto time = readPoint(text, context);
            return time ? *time / kSecondNs - 1'767'322'800 : -1;
        };
        QCOMPARE(seconds("2026-01-01 22:10:00"), qint64{600});
        QCOMPARE(seconds("22:10"), qint64{600}); // of the day that clocks there show
        QCOMPARE(seconds("2026-01-02T03:10:00Z"), qint64{600});
        QCOMPARE(seconds("2026-01-01T22:10:00-0500"), qint64{600});
        QCOMPARE(seconds("2026-01-01T22-0500"), qint64{0});
        QCOMPARE(seconds("1767323400"), qint64{600});
        const auto fault = readPoint("half past", context);
        QVERIFY(!fault && fault.error().place);
    }
};

QTEST_GUILESS_MAIN(TestRangeText)
#include "tst_range_text.moc"
