// The settings of a source: their text, its bounds, and how zones and offsets are written.
#include "models/ingest/source_settings.h"

#include <QTest>

#include <random>

using namespace faultline;

class TestSourceSettings : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void roundTrip()
    {
        std::mt19937_64 random(7);
        const char* formats[] = {"", "json", "cri", "text"};
        for (int i = 0; i < 500; ++i) {
            SourceSettings settings;
            settings.format = formats[random() % 4];
            if (random() % 2) settings.zoneOffsetMinutes = static_cast<std::int16_t>(random() % 1681) - 840;
            if (random() % 2)
                settings.clockOffset = static_cast<std::int64_t>(random() % 1'000'000'000'000) - 5'000;
            for (const std::string_view role : settingRoles())
                if (random() % 3 == 0)
                    settings.setField(role, "a.\"b\" \xc3\xa9" + std::to_string(random() % 9));
            if (random() % 3 == 0) settings.innerJson = "payload";
            for (std::size_t n = random() % 4; n > 0; --n)
                settings.constants.emplace_back("c" + std::to_string(n),
                                                "v\n" + std::to_string(random() % 5));
            if (random() % 2) settings.fileTime = static_cast<TimeNs>(random() >> 2);
            const std::string text = printSettings(settings);
            const auto again = parseSettings(text);
            QVERIFY2(again.ok(), text.c_str());
            QVERIFY2(*again == settings, text.c_str());
            QCOMPARE(printSettings(*again), text);
        }
        QVERIFY(*parseSettings("") == SourceSettings());
    }

    void refused_data()
    {
        QTest::addColumn<QByteArray>("text");
        for (const char* text : {"{",
                                 "[]",
                                 "1",
                                 "{}",
                                 "{\"v\":2}",
                                 "{\"v\":1,\"x\":1}",
                                 "{\"v\":1,\"zone\":\"+02:00\"}",
                                 "{\"v\":1,\"zone\":841}",
                                 "{\"v\":1,\"zone\":1.5}",
                                 "{\"v\":1,\"format\":\"bogus\"}",
                                 "{\"v\":1,\"format\":\"\"}",
                                 "{\"v\":1,\"offset\":9223372036854775807}",
                                 "{\"v\":1,\"offset\":18446744073709551615}",
                                 "{\"v\":1,\"fields\":{\"colour\":\"a\"}}",
                                 "{\"v\":1,\"fields\":{\"host\":\"\"}}",
                                 "{\"v\":1,\"fields\":{\"host\":{}}}",
                                 "{\"v\":1,\"fields\":[]}",
                                 "{\"v\":1,\"constants\":{\"\":\"x\"}}",
                                 "{\"v\":1,\"v\":1}",
                                 "{\"v\":1,\"constants\":{\"a\":\"1\",\"a\":\"2\"}}",
                                 "{\"v\":1,\"inner\":\"a\\u0000b\"}",
                                 "{\"v\":1} x",
                                 "{\"v\":1,\"constants\":{\"a\":[[[[[[[]]]]]]]}}"})
            QTest::newRow(text) << QByteArray(text);
        QTest::newRow("long path") << QByteArray("{\"v\":1,\"inner\":\"" + QByteArray(513, 'a') + "\"}");
        QTest::newRow("long") << QByteArray("{\"v\":1,\"inner\":\"" + QByteArray(70'000, 'a') + "\"}");
        QTest::newRow("deep") << QByteArray(60'000, '[');
    }
    void refused()
    {
        QFETCH(QByteArray, text);
        const auto settings = parseSettings(text.toStdString());
        QVERIFY2(!settings, "it is taken");
        QVERIFY(!settings.error().why.empty());
    }

    void zones()
    {
        const std::pair<const char*, int> good[] = {{"UTC", 0},      {"Z", 0},       {"+02:00", 120},
                                                    {"-0530", -330}, {"+2", 120},    {"-14", -840},
                                                    {"+00:00", 0},   {"+05:45", 345}};
        for (const auto& [text, minutes] : good) {
            const auto zone = parseZone(text);
            QVERIFY2(zone.ok(), text);
            QCOMPARE(int(*zone), minutes);
            QCOMPARE(*parseZone(zoneText(*zone)), *zone);
        }
        for (const char* text :
             {"", "+", "2", "+15", "+02:60", "+2:0", "+:30", "02:00", "+1234567", "CET", "+ 2"})
            QVERIFY2(!parseZone(text), text);
    }

    void offsets()
    {
        const std::pair<const char*, std::int64_t> good[] = {{"90s", 90 * kSecondNs},
                                                             {"+1h30m", 5400 * kSecondNs},
                                                             {"-250ms", -250'000'000},
                                                             {"0", 0},
                                                             {"-0", 0},
                                                             {"-2d", -2 * 86400 * kSecondNs}};
        for (const auto& [text, ns] : good) {
            const auto offset = parseClockOffset(text);
            QVERIFY2(offset.ok(), text);
            QCOMPARE(*offset, ns);
            QCOMPARE(*parseClockOffset(clockOffsetText(*offset)), ns);
        }
        for (const char* text : {"", "90", "--1s", "1x", "99999w", "+-1s"})
            QVERIFY2(!parseClockOffset(text), text);
        std::mt19937_64 random(3);
        for (int i = 0; i < 1000; ++i) {
            const auto ns = static_cast<std::int64_t>(random() >> (random() % 60)) % kMostClockOffset;
            const auto again = parseClockOffset(clockOffsetText(-ns));
            QVERIFY2(again.ok(), clockOffsetText(-ns).c_str());
            QCOMPARE(*again, -ns);
        }
    }

    void rolesKeepTheirOrder()
    {
        SourceSettings settings;
        settings.setField("host", "h");
        settings.setField("timestamp", "t");
        settings.setField("message", "m");
        settings.setField("host", "h2");
        settings.setField("message", "");
        QCOMPARE(settings.fields.size(), std::size_t{2});
        QCOMPARE(settings.fields[0].first, std::string("timestamp"));
        QCOMPARE(settings.field("host"), std::string_view("h2"));
        QCOMPARE(describeSettings(settings), std::string("timestamp from t, host from h2"));
        QCOMPARE(describeSettings({}), std::string("as recognised"));
    }
};

QTEST_APPLESS_MAIN(TestSourceSettings)
#include "tst_source_settings.moc"
