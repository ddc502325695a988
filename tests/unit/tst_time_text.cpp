#include "models/records/civil_date.h"
#include "models/records/time_text.h"
#include "models/records/user_time.h"

#include <QTest>

#include <array>
#include <random>
#include <string>

using namespace faultline;
using Form = TimeLayout::Form;

namespace {

constexpr TimeNs kNow = 1'795'355'726'000'000'000; // 2026-11-22T13:55:26Z
const TimeContext kContext{0, kNow};

struct Case
{
    const char* text;
    TimeNs ns; ///< 0: no time
    Form form; ///< None: the layout cannot write it again
};

/// Edge values of reliability E5: epochs of every magnitude, ends of the range, leap seconds, mixed offsets.
const Case kCases[] = {
    {"2026-11-22T15:04:05Z", 1'795'359'845'000'000'000, Form::Rfc3339},
    {"2026-11-22T15:04:05.1Z", 1'795'359'845'100'000'000, Form::Rfc3339},
    {"2026-11-22T15:04:05.123456789Z", 1'795'359'845'123'456'789, Form::Rfc3339},
    {"2026-11-22T15:04:05.1234567891Z", 1'795'359'845'123'456'789, Form::None},
    {"2026-11-22T15:04:05.000000000Z", 1'795'359'845'000'000'000, Form::Rfc3339},
    {"2026-11-22 15:04:05,123", 1'795'359'845'123'000'000, Form::Rfc3339},
    {"2026-11-22t15:04:05z", 1'795'359'845'000'000'000, Form::Rfc3339},
    {"2026-11-22_15:04:05", 1'795'359'845'000'000'000, Form::Rfc3339},
    {"2026-11-22T15:04:05+00:00", 1'795'359'845'000'000'000, Form::Rfc3339},
    {"2026-11-22T15:04:05-00:00", 1'795'359'845'000'000'000, Form::None},
    {"2026-11-22T17:04:05+02:00", 1'795'359'845'000'000'000, Form::Rfc3339},
    {"2026-11-22T17:04:05+0200", 1'795'359'845'000'000'000, Form::Rfc3339},
    {"2026-11-22T17:04:05+02", 1'795'359'845'000'000'000, Form::Rfc3339},
    {"2026-11-22T09:19:05.5-05:45", 1'795'359'845'500'000'000, Form::Rfc3339},
    {"2026-11-22 15:04:05.123 +0000 UTC", 1'795'359'845'123'000'000, Form::None},
    {"2026-11-22 15:04:05 UTC", 1'795'359'845'000'000'000, Form::None},
    {"2026-11-22T15:04Z", 1'795'359'840'000'000'000, Form::None},
    {"20261122T150405Z", 1'795'359'845'000'000'000, Form::None},
    {"2026/11/22 15:04:05", 1'795'359'845'000'000'000, Form::Slashed},
    {"2026/11/22 15:04:05.000250", 1'795'359'845'000'250'000, Form::Slashed},
    {"22/Nov/2026:15:04:05 +0000", 1'795'359'845'000'000'000, Form::ClfDate},
    {"10/Oct/2000:13:55:36 -0700", 971'211'336'000'000'000, Form::ClfDate},
    {"Sun, 22 Nov 2026 15:04:05 GMT", 1'795'359'845'000'000'000, Form::Rfc1123},
    {"Mon, 22 Nov 2026 15:04:05 GMT", 1'795'359'845'000'000'000, Form::None},
    {"Sun, 22 Nov 2026 17:04:05 +0200", 1'795'359'845'000'000'000, Form::None},
    {"Sun Nov 22 15:04:05 2026", 1'795'359'845'000'000'000, Form::None},
    {"Nov 22 15:04:05", 1'795'359'845'000'000'000, Form::None},
    {"Nov  2 15:04:05", 1'793'631'845'000'000'000, Form::None},
    {"Nov 22 2026 15:04:05", 1'795'359'845'000'000'000, Form::None},
    {"1795359845", 1'795'359'845'000'000'000, Form::EpochInt},
    {"1795359845123", 1'795'359'845'123'000'000, Form::EpochInt},
    {"1795359845123456", 1'795'359'845'123'456'000, Form::EpochInt},
    {"1795359845123456789", 1'795'359'845'123'456'789, Form::EpochInt},
    {"1795359845.123456789", 1'795'359'845'123'456'789, Form::EpochDecimal},
    {"1795359845.5", 1'795'359'845'500'000'000, Form::EpochDecimal},
    {"1795359845.1234567899", 1'795'359'845'123'456'789, Form::None},
    {"1795359845123.25", 1'795'359'845'123'250'000, Form::None},
    {"1.795359845123e9", 1'795'359'845'123'000'000, Form::None},
    {"1.795359845123E+12", 1'795'359'845'123'000'000, Form::None},
    {"1e400", 0, Form::None},
    {"-1", -1'000'000'000, Form::EpochInt},
    {"-0.5", -500'000'000, Form::EpochDecimal},
    {"-1000000000000", -1'000'000'000'000'000'000, Form::EpochInt},
    {"007", 7'000'000'000, Form::None},
    {"1", 1'000'000'000, Form::EpochInt},
    {"0", 0, Form::None},
    {"-0", 0, Form::None},
    {"0.0", 0, Form::None},
    {"0.000000001", 1, Form::EpochDecimal},
    {"0.0000000001", 0, Form::None},
    {"9223372036", 9'223'372'036'000'000'000, Form::EpochInt},
    {"9223372037", 0, Form::None},
    {"99999999999", 0, Form::None},
    {"100000000000", 100'000'000'000'000'000, Form::EpochInt},
    {"99999999999999", 0, Form::None},
    {"9223372036854", 9'223'372'036'854'000'000, Form::EpochInt},
    {"9223372036855", 0, Form::None},
    {"100000000000000", 100'000'000'000'000'000, Form::EpochInt},
    {"99999999999999999", 0, Form::None},
    {"100000000000000000", 100'000'000'000'000'000, Form::EpochInt},
    {"9223372036854775807", kTimeMax, Form::EpochInt},
    {"9223372036854775808", 0, Form::None},
    {"-9223372036854775808", kTimeMin, Form::EpochInt},
    {"-9223372036854775809", 0, Form::None},
    {"18446744073709551616", 0, Form::None},
    {"1970-01-01T00:00:00Z", 0, Form::None},
    {"1970-01-01T00:00:00.000000001Z", 1, Form::Rfc3339},
    {"1969-12-31T23:59:59.999999999Z", -1, Form::Rfc3339},
    {"2038-01-19T03:14:08Z", 2'147'483'648'000'000'000, Form::Rfc3339},
    {"2262-04-11T23:47:16.854775807Z", kTimeMax, Form::Rfc3339},
    {"2262-04-11T23:47:16.854775808Z", 0, Form::None},
    {"1677-09-21T00:12:43.145224192Z", kTimeMin, Form::Rfc3339},
    {"1677-09-21T00:12:43.145224191Z", 0, Form::None},
    {"0001-01-01T00:00:00Z", 0, Form::None},
    {"0000-01-01T00:00:00Z", 0, Form::None},
    {"9999-12-31T23:59:59.999Z", 0, Form::None},
    {"2016-12-31T23:59:60Z", 1'483'228'799'999'999'999, Form::None},
    {"2016-12-31T23:59:60.5Z", 1'483'228'799'999'999'999, Form::None},
    {"2017-01-01T05:44:60+05:45", 1'483'228'799'999'999'999, Form::None},
    {"2016-12-31T18:59:60-05:00", 1'483'228'799'999'999'999, Form::None},
    {"2016-12-31T12:30:60Z", 0, Form::None},
    {"2016-12-31T23:59:61Z", 0, Form::None},
    {"2016-02-29T00:00:00Z", 1'456'704'000'000'000'000, Form::Rfc3339},
    {"2015-02-29T00:00:00Z", 0, Form::None},
    {"2100-02-29T00:00:00Z", 0, Form::None},
    {"2026-13-01T00:00:00Z", 0, Form::None},
    {"2026-00-01T00:00:00Z", 0, Form::None},
    {"2026-01-00T00:00:00Z", 0, Form::None},
    {"2026-04-31T00:00:00Z", 0, Form::None},
    {"2026-01-01T24:00:00Z", 0, Form::None},
    {"2026-01-01T00:60:00Z", 0, Form::None},
    {"2026-01-01T00:00:00.Z", 0, Form::None},
    {"2026-01-01T00:00:00+24:00", 0, Form::None},
    {"2026-01-01T00:00:00+00:60", 0, Form::None},
    {"2026-01-01T00:00:00+0", 0, Form::None},
    {"2026-01-01T00:00:00Zx", 0, Form::None},
    {"2026-01-01T00:00:00 ", 0, Form::None},
    {" 2026-01-01T00:00:00Z", 0, Form::None},
    {"2026-01-01x00:00:00Z", 0, Form::None},
    {"2026-01-01", 0, Form::None},
    {"2026-1-1T00:00:00Z", 0, Form::None},
    {"+1795359845", 0, Form::None},
    {"1795359845.", 0, Form::None},
    {".5", 0, Form::None},
    {"1e", 0, Form::None},
    {"-", 0, Form::None},
    {"", 0, Form::None},
    {"nan", 0, Form::None},
    {"Feb 30 15:04:05", 0, Form::None},
    {"now", 0, Form::None},
};

std::string formatted(TimeNs ns, const TimeLayout& layout)
{
    std::string out;
    formatTime(ns, layout, out);
    return out;
}

/// A random layout that exists: fromCode() decides.
TimeLayout randomLayout(std::mt19937_64& random)
{
    while (true) {
        TimeLayout layout;
        layout.form = static_cast<Form>(1 + random() % 6);
        const bool dashed = layout.form == Form::Rfc3339;
        if (dashed) layout.separator = "Tt _"[random() % 4];
        layout.digits = static_cast<std::uint8_t>(random() % 10);
        if (layout.form == Form::ClfDate || layout.form == Form::Rfc1123 || layout.form == Form::EpochInt)
            layout.digits = 0;
        if (layout.digits != 0 && layout.form != Form::EpochDecimal && random() % 3 == 0)
            layout.fractionMark = ',';
        if (dashed) layout.zone = static_cast<TimeLayout::Zone>(random() % 6);
        if (layout.form == Form::ClfDate) layout.zone = TimeLayout::Zone::PlainOffset;
        layout.offsetMinutes = static_cast<std::int16_t>(static_cast<int>(random() % 2879) - 1439);
        if (layout.form == Form::EpochInt) layout.unit = static_cast<std::uint8_t>(random() % 4 * 3);
        if (layout.form == Form::EpochInt || layout.form == Form::EpochDecimal ||
            layout.form == Form::Rfc1123 || layout.zone == TimeLayout::Zone::Z ||
            layout.zone == TimeLayout::Zone::LowerZ)
            layout.offsetMinutes = 0;
        if (TimeLayout::fromCode(layout.code()) == layout) return layout;
    }
}

} // namespace

class TestTimeText : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void edges()
    {
        for (const Case& c : kCases) {
            const std::string text = c.text;
            const auto parsed = parseTime(text, kContext);
            if (c.ns == 0) {
                QVERIFY2(!parsed, qPrintable(QString::fromLatin1("%1 read as %2")
                                                 .arg(QLatin1String(c.text))
                                                 .arg(parsed ? parsed->ns : 0)));
                continue;
            }
            QVERIFY2(parsed, c.text);
            if (parsed->ns != c.ns)
                QFAIL(qPrintable(QString::fromLatin1("%1: %2, expected %3")
                                     .arg(QLatin1String(c.text))
                                     .arg(parsed->ns)
                                     .arg(c.ns)));
            QVERIFY2(parsed->layout.form == c.form, c.text);
            if (c.form == Form::None) continue;
            QCOMPARE(formatted(parsed->ns, parsed->layout), text);
            const auto again = TimeLayout::fromCode(parsed->layout.code());
            QVERIFY2(again && *again == parsed->layout, c.text);
            // 1677 and 2262 are left to parseTime().
            TimeNs ns = 0;
            if (parseTimeAs(parsed->layout, text, ns))
                QCOMPARE(ns, c.ns);
            else
                QVERIFY2(c.ns < -9'200'000'000'000'000'000 || c.ns > 9'200'000'000'000'000'000, c.text);
        }
    }

    void roundTrips()
    {
        std::mt19937_64 random(20261122);
        for (int i = 0; i < 100'000; ++i) {
            const TimeLayout layout = randomLayout(random);
            // Years 1680 to 2260, or close to now.
            TimeNs ns =
                static_cast<TimeNs>(random() % 18'300'000'000'000'000'000ULL - 9'150'000'000'000'000'000ULL);
            if (i % 2 == 0)
                ns = kNow + static_cast<TimeNs>(random() % 400'000'000'000'000'000ULL) -
                     200'000'000'000'000'000;
            const TimeContext context{
                layout.zone == TimeLayout::Zone::None ? layout.offsetMinutes : std::int16_t{0}, kNow};
            const std::string text = formatted(ns, layout);
            const auto parsed = parseTime(text, context);
            // A number of another unit's magnitude is read in that unit, or is out of its range.
            if (layout.form == Form::EpochInt && (!parsed || parsed->layout.unit != layout.unit)) continue;
            QVERIFY2(parsed, text.c_str());
            QVERIFY2(parsed->layout == layout || (layout.offsetMinutes == 0), text.c_str());
            QVERIFY2(parsed->layout.form != Form::None, text.c_str());
            QCOMPARE(formatted(parsed->ns, parsed->layout), text);
            TimeNs fast = 0;
            QVERIFY2(parseTimeAs(parsed->layout, text, fast), text.c_str());
            QCOMPARE(fast, parsed->ns);
            QVERIFY(parsed->ns <= ns || ns < 0);
            QVERIFY(ns - parsed->ns < kSecondNs && parsed->ns - ns < kSecondNs);
        }
    }

    /// The fast path never reads what the slow one refuses, and never differs.
    void fastPathOnDamagedText()
    {
        std::mt19937_64 random(7);
        int read = 0;
        for (int i = 0; i < 100'000; ++i) {
            const TimeLayout layout = randomLayout(random);
            const TimeContext context{
                layout.zone == TimeLayout::Zone::None ? layout.offsetMinutes : std::int16_t{0}, kNow};
            std::string text =
                formatted(kNow + static_cast<TimeNs>(random() % 1'000'000'000'000'000'000ULL), layout);
            const std::size_t at = random() % text.size();
            static constexpr char kBytes[] = "0123456789:-+.,TtZz /e\x80\xb0\xff";
            if (i % 3 == 0)
                text[at] = kBytes[random() % (sizeof kBytes - 1)];
            else if (i % 3 == 1)
                text[at] = static_cast<char>(random());
            else
                text.resize(at);
            TimeNs fast = 0;
            if (!parseTimeAs(layout, text, fast)) continue;
            ++read;
            const auto slow = parseTime(text, context);
            QVERIFY2(slow && slow->layout == layout, text.c_str());
            QCOMPARE(fast, slow->ns);
        }
        QVERIFY(read > 1000);
    }

    void calendar()
    {
        // Every day of the range, against a count that steps day by day.
        int year = 1678, month = 1, day = 1, weekday = 6;
        for (std::int64_t days = daysFromCivil(1678, 1, 1); year < 2262; ++days) {
            QCOMPARE(daysFromCivil(year, month, day), days);
            QCOMPARE(weekdayOf(days), weekday);
            const CivilTime c = civilFromNs(days * 86400 * kSecondNs - 1, 1);
            if (c.year != year || c.month != month || c.day != day || c.minute != 0 || c.second != 59)
                QFAIL(qPrintable(QString::number(days)));
            weekday = (weekday + 1) % 7;
            if (++day > daysInMonth(year, month)) {
                day = 1;
                if (++month > 12) {
                    month = 1;
                    ++year;
                }
            }
        }
    }

    void assumedZone()
    {
        const auto parsed = parseTime("2026-11-22 15:04:05.250", {120, kNow});
        QVERIFY(parsed && parsed->zoneAssumed);
        QCOMPARE(parsed->ns, TimeNs{1'795'352'645'250'000'000});
        QCOMPARE(int{parsed->layout.offsetMinutes}, 120);
        QCOMPARE(formatted(parsed->ns, parsed->layout), std::string("2026-11-22 15:04:05.250"));
        QVERIFY(!parseTime("2026-11-22 15:04:05.250Z", {120, kNow})->zoneAssumed);
        QVERIFY(!parseTime("1795352645", {120, kNow})->zoneAssumed);
    }

    void nearestYear()
    {
        const TimeNs newYear = 1'798'761'600'000'000'000; // 2027-01-01
        const auto read = [](const char* text, TimeNs now) {
            return formatRfc3339(parseTime(text, {0, now})->ns);
        };
        QCOMPARE(read("Dec 31 23:59:59", newYear + kSecondNs), std::string("2026-12-31T23:59:59.000000000Z"));
        QCOMPARE(read("Jan  1 00:00:05", newYear - kSecondNs), std::string("2027-01-01T00:00:05.000000000Z"));
        QCOMPARE(read("Feb 29 12:00:00", newYear), std::string("2028-02-29T12:00:00.000000000Z"));
        QCOMPARE(read("Feb 29 12:00:00", newYear - 365 * 86400 * kSecondNs),
                 std::string("2024-02-29T12:00:00.000000000Z"));
        QCOMPARE(read("<Jan 1 00:00:05" + 1, newYear), std::string("2027-01-01T00:00:05.000000000Z"));
    }

    void codes()
    {
        // Stored numbers: a change here breaks every store.
        const auto codeOf = [](const char* text) { return parseTime(text, kContext)->layout.code(); };
        QCOMPARE(codeOf("2026-11-22T15:04:05.123Z"), std::uint64_t{1 | 3 << 7 | 1 << 11});
        QCOMPARE(codeOf("2026-11-22 15:04:05,123"), std::uint64_t{1 | 2 << 4 | 1 << 6 | 3 << 7});
        QCOMPARE(codeOf("2026-11-22T15:04:05-02:30"), std::uint64_t{1 | 2 << 11 | 299 << 18});
        QCOMPARE(codeOf("1795359845123"), std::uint64_t{2 | 3 << 14});
        QCOMPARE(codeOf("1795359845.12"), std::uint64_t{3 | 2 << 7});
        QCOMPARE(TimeLayout{}.code(), std::uint64_t{0});
        QVERIFY(TimeLayout::fromCode(0) == TimeLayout{});
        int valid = 0;
        for (std::uint64_t code = 0; code < (1U << 18); ++code) {
            const auto layout = TimeLayout::fromCode(code);
            if (!layout) continue;
            ++valid;
            QCOMPARE(layout->code(), code);
        }
        QVERIFY(valid > 300);
        std::mt19937_64 random(3);
        for (int i = 0; i < 100'000; ++i) {
            const std::uint64_t code = random() >> (random() % 60);
            const auto layout = TimeLayout::fromCode(code);
            if (layout) QCOMPARE(layout->code(), code);
        }
    }

    void userTimes()
    {
        const TimeNs minute = 60 * kSecondNs;
        QCOMPARE(parseUserTime("now", kNow), std::optional(kNow));
        QCOMPARE(parseUserTime(" now-15m ", kNow), std::optional(kNow - 15 * minute));
        QCOMPARE(parseUserTime("now+1h30m", kNow), std::optional(kNow + 90 * minute));
        QCOMPARE(parseUserTime("now-1w", kNow), std::optional(kNow - 7 * 1440 * minute));
        QCOMPARE(parseUserTime("2026-11-22", kNow), std::optional(TimeNs{1'795'305'600'000'000'000}));
        QCOMPARE(parseUserTime("1970-01-01", kNow), std::optional(TimeNs{0}));
        QCOMPARE(parseUserTime("1795359845", kNow), std::optional(TimeNs{1'795'359'845'000'000'000}));
        for (const char* bad :
             {"now-", "now15m",    "now--15m",     "now-15",      "nowish", "2026-02-30", "2026-11/22",
              "",     "yesterday", "now-999999w",  "09:03",       "12345",  "99999999",   "123.5",
              "-5",   "20261122",  "2026-13",      "2026/13",     "2026-1", "26-11",      "2026-11-22T25",
              "2300", "202",       "2026-11-22T1", "2026-11-22T", "20:26"})
            QVERIFY2(!parseUserTime(bad, kNow), bad);
        QCOMPARE(parseUserTime("100000000", kNow), std::optional(TimeNs{100'000'000'000'000'000}));
    }

    void userTimesAreAsLongAsTheirLastPart_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("first");
        QTest::addColumn<QByteArray>("last");
        const auto row = [](const char* text, const char* first, const char* last) {
            QTest::addRow("%s", text) << QByteArray(text) << QByteArray(first) << QByteArray(last);
        };
        row("2024", "2024-01-01T00:00:00.000000000Z", "2024-12-31T23:59:59.999999999Z");
        row("2024-02", "2024-02-01T00:00:00.000000000Z", "2024-02-29T23:59:59.999999999Z");
        row("2023/12", "2023-12-01T00:00:00.000000000Z", "2023-12-31T23:59:59.999999999Z");
        row("2023-01-29", "2023-01-29T00:00:00.000000000Z", "2023-01-29T23:59:59.999999999Z");
        row("2023-01-29T10", "2023-01-29T10:00:00.000000000Z", "2023-01-29T10:59:59.999999999Z");
        row("2023-01-29 10", "2023-01-29T10:00:00.000000000Z", "2023-01-29T10:59:59.999999999Z");
        row("2023-01-29T10Z", "2023-01-29T10:00:00.000000000Z", "2023-01-29T10:59:59.999999999Z");
        row("2023-01-29T10+02:00", "2023-01-29T08:00:00.000000000Z", "2023-01-29T08:59:59.999999999Z");
        row("2023-01-29T10:15", "2023-01-29T10:15:00.000000000Z", "2023-01-29T10:15:59.999999999Z");
        row("2023-01-29T10:15+02:00", "2023-01-29T08:15:00.000000000Z", "2023-01-29T08:15:59.999999999Z");
        row("2023-01-29T10:15:20Z", "2023-01-29T10:15:20.000000000Z", "2023-01-29T10:15:20.999999999Z");
        row("2023-01-29T10:15:20.5Z", "2023-01-29T10:15:20.500000000Z", "2023-01-29T10:15:20.599999999Z");
        row("1795359845", "2026-11-22T15:04:05.000000000Z", "2026-11-22T15:04:05.000000000Z");
        row("now", "2026-11-22T13:55:26.000000000Z", "2026-11-22T13:55:26.000000000Z");
    }
    void userTimesAreAsLongAsTheirLastPart()
    {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, first);
        QFETCH(QByteArray, last);
        const auto time = readUserTime(text.toStdString(), kNow);
        QVERIFY(time.has_value());
        QCOMPARE(QByteArray::fromStdString(formatRfc3339(time->first)), first);
        QCOMPARE(QByteArray::fromStdString(formatRfc3339(time->last)), last);
        QCOMPARE(parseUserTime(text.toStdString(), kNow), std::optional(time->first));
    }

    void whatIsMissingOfATimeIsSaid()
    {
        QCOMPARE(userTimeHint("09:03", "2023-01-29"),
                 std::string("A time of day needs its date: 2023-01-29T09:03."));
        QCOMPARE(userTimeHint("9:03:15"), std::string("A time of day needs its date: 2026-11-22T09:03:15."));
        QVERIFY(userTimeHint("12345").starts_with("A number is a year"));
        for (const char* other : {"", "soon", ":", "1:", "ab:cd", "12:x4", "2026-11-22T99:99"})
            QCOMPARE(userTimeHint(other), std::string());
    }

    void durations()
    {
        const std::pair<const char*, std::int64_t> good[] = {
            {"250ms", 250'000'000},       {"1h30m", 5'400 * kSecondNs},
            {"2d", 172'800 * kSecondNs},  {"15m", 900 * kSecondNs},
            {"1w", 604'800 * kSecondNs},  {"1.5s", 1'500'000'000},
            {"0.000000001s", 1},          {"10us", 10'000},
            {"10\xc2\xb5s", 10'000},      {"7ns", 7},
            {"-1m30s", -90 * kSecondNs},  {"0s", 0},
            {"1h1ms", 3'600'001'000'000}, {"9223372036854775807ns", INT64_MAX},
            {"0.1w", 60'480 * kSecondNs}};
        for (const auto& [text, ns] : good) {
            const auto parsed = parseDuration(text);
            QVERIFY2(parsed, text);
            QCOMPARE(*parsed, ns);
        }
        for (const char* bad : {"", "-", "15", "m", "1h30", "30m1h", "5m5m", "1.h", ".5h", "1 h", "1H",
                                "1hour", "9223372036854775808ns", "20000w", "1h-5m", "--1h"})
            QVERIFY2(!parseDuration(bad), bad);
    }
};

QTEST_APPLESS_MAIN(TestTimeText)
#include "tst_time_text.moc"
