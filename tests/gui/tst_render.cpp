#include "models/records/time_text.h"
#include "views/render/counts.h"
#include "views/render/plain_text.h"
#include "views/render/time_axis.h"

#include <QTest>

#include <chrono>

using namespace faultline;

/// What is painted, without a window: ticks of the time axis, numbers, hostile text.
class TestRender : public QObject
{
    Q_OBJECT
private:
    static TimeNs at(int year, unsigned month, unsigned day, int hour = 0, int minute = 0)
    {
        const std::chrono::sys_days days(std::chrono::year(year) / std::chrono::month(month) /
                                         std::chrono::day(day));
        return (days.time_since_epoch().count() * 24 * 60 + hour * 60 + minute) * 60 * kSecondNs;
    }
    static QString labels(TimeRange range, int pixels)
    {
        QStringList shown;
        for (const TimeTick& tick : timeTicks(range, pixels, 100))
            shown.push_back(tick.label + (tick.major ? QStringLiteral("!") : QString()));
        return shown.join(QStringLiteral(" | "));
    }

private Q_SLOTS:
    void ticksStandAtNaturalTimes_data()
    {
        QTest::addColumn<qint64>("begin");
        QTest::addColumn<qint64>("end");
        QTest::addColumn<QString>("shown");
        const auto row = [](const char* name, TimeNs begin, TimeNs end, const char* shown) {
            QTest::addRow("%s", name)
                << static_cast<qint64>(begin) << static_cast<qint64>(end) << QString::fromLatin1(shown);
        };
        row("six hours", at(2026, 11, 17, 12), at(2026, 11, 17, 18),
            "11-17 12:00! | 13:00 | 14:00 | 15:00 | 16:00 | 17:00");
        row("over midnight", at(2026, 11, 17, 19), at(2026, 11, 18, 4),
            "11-17 19:00! | 20:00 | 21:00 | 22:00 | 23:00 | 11-18! | 01:00 | 02:00 | 03:00");
        row("a week", at(2026, 12, 28), at(2027, 1, 4),
            "2026-12-28! | 12-29 | 12-30 | 12-31 | 2027-01-01! | 01-02 | 01-03");
        row("five weeks", at(2026, 1, 20), at(2026, 2, 25),
            "2026-01-21! | 01-26 | 02-01! | 02-06 | 02-11 | 02-16 | 02-21");
        row("ten months", at(2025, 9, 17), at(2026, 7, 20), "2025-10 | 2026-01! | 2026-04 | 2026-07");
        row("six years", at(2019, 5, 5), at(2025, 5, 5), "2020 | 2021 | 2022 | 2023 | 2024 | 2025");
        row("a century", at(1925, 5, 5), at(2025, 5, 5), "1940 | 1960 | 1980 | 2000 | 2020");
    }
    void ticksStandAtNaturalTimes()
    {
        QFETCH(qint64, begin);
        QFETCH(qint64, end);
        QFETCH(QString, shown);
        QCOMPARE(labels({begin, end}, 1'000), shown);
    }

    void ticksAreInsideAndApart()
    {
        for (const int pixels : {50, 300, 1'000, 3'000}) {
            for (TimeNs span = 1'000; span > 0 && span < kTimeMax / 3; span *= 3) {
                for (const TimeNs begin :
                     {TimeNs{0}, at(2026, 1, 31, 23, 59), at(1969, 12, 31), kTimeMin, kTimeMax - span}) {
                    const TimeRange range{begin, begin + span};
                    TimeNs before = kTimeMin;
                    bool first = true;
                    for (const TimeTick& tick : timeTicks(range, pixels, 100)) {
                        QVERIFY2(range.contains(tick.time), qPrintable(tick.label));
                        QVERIFY(!tick.label.isEmpty());
                        // Months are not equally long; nothing overlaps for all that.
                        const double apart = first ? 0
                                                   : static_cast<double>(tick.time - before) /
                                                         static_cast<double>(span) * pixels;
                        // Where only one fits, two are allowed.
                        QVERIFY2(first || apart >= 79 || pixels < 100,
                                 qPrintable(QStringLiteral("%1: %2 pixels").arg(tick.label).arg(apart)));
                        before = tick.time;
                        first = false;
                    }
                }
            }
        }
        QVERIFY(!timeTicks({kTimeMin, kTimeMax}, 1'000, 100).empty());
        QVERIFY(timeTicks({5, 5}, 1'000, 100).empty());
    }

    void lengthsAndRangesAreForPeople()
    {
        constexpr TimeNs day = 86'400 * kSecondNs;
        QCOMPARE(formatSpan(10'121 * day + 5 * 3'600 * kSecondNs), QStringLiteral("27 y 266 d"));
        QCOMPARE(formatSpan(364 * day), QStringLiteral("364 d"));
        QCOMPARE(formatSpan(90 * kSecondNs), QStringLiteral("1 min 30 s"));
        const TimeNs begin = at(2026, 11, 17, 16);
        QCOMPARE(formatRange({begin, begin + 6 * 3'600 * kSecondNs}),
                 QStringLiteral("2026-11-17 16:00:00 to 2026-11-17 22:00:00 UTC (6 h)"));
        QCOMPARE(formatRange({begin, begin + 2 * kSecondNs}),
                 QStringLiteral("2026-11-17 16:00:00.000 to 2026-11-17 16:00:02.000 UTC (2 s)"));
        QCOMPARE(formatRange({begin, begin + 1'000'000}),
                 QStringLiteral("2026-11-17 16:00:00.000000 to 2026-11-17 16:00:00.001000 UTC (1 ms)"));
        QCOMPARE(eventCount(1), QStringLiteral("1 event"));
        QCOMPARE(eventCount(0), QStringLiteral("0 events"));
        QCOMPARE(eventCount(12'345), QStringLiteral("12,345 events"));
    }

    void numbersAreCompact()
    {
        QCOMPARE(compactNumber(0), QStringLiteral("0"));
        QCOMPARE(compactNumber(9'999), QStringLiteral("9,999"));
        QCOMPARE(compactNumber(10'000), QStringLiteral("10.0k"));
        QCOMPARE(compactNumber(319'123), QStringLiteral("319k"));
        QCOMPARE(compactNumber(999'499), QStringLiteral("999k"));
        QCOMPARE(compactNumber(999'999), QStringLiteral("1.00M"));
        QCOMPARE(compactNumber(12'345'678), QStringLiteral("12.3M"));
        QCOMPARE(compactNumber(~quint64{0}), QStringLiteral("18.4E"));
    }

    void hostileTextIsHarmless()
    {
        const std::string hostile("a\0b\x1b[31mc\nd\te\xe2\x80\xae"
                                  "f\xff\xef\xbb\xbfg",
                                  22);
        QCOMPARE(oneLine(hostile), QStringLiteral("a·b·[31mc d e·f\uFFFD·g"));
        QCOMPARE(severalLines(hostile, 1'000), QStringLiteral("a␀b␛[31mc\nd\te‹U+202E›f\uFFFD‹U+FEFF›g"));
        // A cut is never inside a character.
        QCOMPARE(oneLine("ab\xc3\xa4z", 3), QStringLiteral("ab"));
        QCOMPARE(severalLines("ab\xc3\xa4z", 4), QStringLiteral("abä"));
    }

    void namesWithoutWhatMostOfThemShare()
    {
        const auto text = [](const char* utf8) { return QString::fromUtf8(utf8); };
        QCOMPARE(
            withoutShared({text("ts-order-service"), text("ts-preserve-service"),
                           text("ts-preserve-other-service"), text("gateway")}),
            (QStringList{text("…order…"), text("…preserve…"), text("…preserve-other…"), text("gateway")}));
        QCOMPARE(withoutShared({text("cart"), text("pay")}), (QStringList{text("cart"), text("pay")}));
        // One that would have nothing left stays.
        QCOMPARE(withoutShared({text("a-"), text("a-b"), text("a-c")}),
                 (QStringList{text("a-"), text("…b"), text("…c")}));
        QVERIFY(withoutShared({}).isEmpty());
    }

    void longTextIsCutInTheMiddle()
    {
        QCOMPARE(elidedMiddle(QStringLiteral("short"), 5), QStringLiteral("short"));
        QCOMPARE(elidedMiddle(QStringLiteral("0123456789"), 7), QStringLiteral("0123…89"));
        const QString pairs = QStringLiteral("😀😀😀😀😀😀");
        for (int most = 1; most < 12; ++most) {
            const QString cut = elidedMiddle(pairs, most);
            QVERIFY2(cut.size() <= most && QString::fromUtf8(cut.toUtf8()) == cut, qPrintable(cut));
        }
        QCOMPARE(menuText(QStringLiteral("a&b")), QStringLiteral("a&&b"));
    }
};

QTEST_MAIN(TestRender)
#include "tst_render.moc"
