#include "models/query/filter_build.h"
#include "models/session/investigation_view.h"
#include "models/session/view_link.h"

#include <QTest>

#include <random>

using namespace faultline;

namespace {

std::string printed(const Result<FilterPtr>& filter)
{
    if (!filter) return "error: " + filter.error().line();
    return *filter ? printFilter(**filter) : std::string();
}

constexpr TimeNs kNoon = 1'790'000'000 * kSecondNs;

} // namespace

/// Views as values: their filter, their history, their two forms as text.
class TestInvestigationView : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void filters()
    {
        InvestigationView view;
        QCOMPARE(printed(filterOf(view, 0)), std::string());
        view.query = "timeout OR reset";
        view.chips = {{"service:cart"}, {"level:debug", true, true}, {"host:a", false}};
        QCOMPARE(printed(filterOf(view, 0)), std::string("(timeout OR reset) service:cart -level:debug"));
        view.chipsOn = false;
        QCOMPARE(printed(filterOf(view, 0)), std::string("timeout OR reset"));
        view.chipsOn = true;
        view.chips[0].text = "service:(";
        QVERIFY2(printed(filterOf(view, 0)).find("of the filter \"service:(\"") != std::string::npos,
                 printed(filterOf(view, 0)).c_str());
    }
    void aChipOfTheSameTextIsTheSameChip()
    {
        InvestigationView view;
        view.addChip({"service:cart"});
        view.chips[0].enabled = false;
        view.chipsOn = false;
        view.addChip({"service:cart", true, true});
        QCOMPARE(view.chips.size(), std::size_t{1});
        QVERIFY(view.chipsOn && view.chips[0].enabled && view.chips[0].negated);
        view.chips.push_back({"host:a", false, false, true});
        QCOMPARE(view.pinned().chips.size(), std::size_t{1});
        QCOMPARE(view.pinned().chips[0].text, std::string("host:a"));
        view.chips.pop_back();
        QVERIFY(view.without(0).chips.empty() && view.without(7).chips.size() == 1);
    }
    void history()
    {
        ViewHistory history;
        InvestigationView a, b;
        a.query = "a";
        b.query = "b";
        QVERIFY(!history.go({}) && !history.back() && !history.forward());
        QVERIFY(history.go(a) && !history.go(a) && history.go(b));
        QVERIFY(history.back());
        QCOMPARE(history.now().query, std::string("a"));
        QVERIFY(history.forward());
        QCOMPARE(history.now().query, std::string("b"));
        QVERIFY(history.back() && history.go({}) && !history.forward());
        for (int i = 0; i < 300; ++i) {
            a.query = std::to_string(i);
            history.go(a);
        }
        QCOMPARE(history.past().size(), ViewHistory::kMostSteps);
    }
    void jsonComesBack()
    {
        InvestigationView view;
        QCOMPARE(*viewFromJson(viewToJson(view)), view);
        view.query = "message:\"a \\\"quote\\\"\" \xc3\xbc";
        view.chips = {{"service:cart", false, true, true}, {"x:1"}};
        view.chipsOn = false;
        view.range = {0, kNoon + 123};
        view.relative = "now-15m";
        view.whole = true;
        QCOMPARE(*viewFromJson(viewToJson(view)), view);
        for (const char* const broken :
             {"", "[]", "{", "{\"query\":1}", "{\"chips\":{}}", "{\"chips\":[{}]}",
              "{\"from\":\"yesterday\"}",
              "{\"from\":\"2026-01-02T00:00:00Z\",\"to\":\"2026-01-01T00:00:00Z\"}", "{\"chips_on\":\"no\"}"})
            QVERIFY2(!viewFromJson(broken), broken);
        QVERIFY(!viewFromJson(std::string(70'000, ' ')));
        QVERIFY(!viewFromJson(std::string(30'000, '[')));
    }
    void linksComeBack()
    {
        std::mt19937 random(3);
        const std::string_view alphabet = "ab:\"\\&=?%+#/ ()\xc3\xa9*";
        for (int i = 0; i < 500; ++i) {
            ViewLink link;
            for (unsigned n = random() % 12; n > 0; --n) {
                const char c = alphabet[random() % alphabet.size()];
                if (static_cast<unsigned char>(c) < 0x80) link.query.push_back(c);
            }
            link.query += "\xc3\xa9";
            if (random() % 2 != 0)
                link.range = {static_cast<TimeNs>(random()) * 1'000,
                              kNoon + static_cast<TimeNs>(random() % 999)};
            if (random() % 2 != 0) link.zone = "local";
            if (random() % 2 != 0) link.selection = contentHash(link.query);
            if (random() % 2 != 0) link.at = kNoon;
            const auto again = parseLink(printLink(link));
            QVERIFY2(again.ok(), printLink(link).c_str());
            QVERIFY2(*again == link, printLink(link).c_str());
        }
    }
    void linksAreReadStrictly_data()
    {
        QTest::addColumn<QString>("link");
        QTest::addColumn<QString>("why");
        const auto row = [](const char* link, const char* why) {
            QTest::newRow(link) << QString::fromUtf8(link) << QString::fromUtf8(why);
        };
        row("http://open?q=a", "does not begin");
        row("faultline://import?q=a", "nothing to do called \"import\"");
        row("faultline://open?q=%2", "broken in \"q\"");
        row("faultline://open?q=%zz", "broken in \"q\"");
        row("faultline://open?q=%ff", "no text");
        row("faultline://open?q=a%0ab", "no text");
        row("faultline://open?q=a&q=b", "twice");
        row("faultline://open?from=noon", "no time with a zone");
        row("faultline://open?from=2026-01-02T00:00:00", "no time with a zone");
        row("faultline://open?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "ends before");
        row("faultline://open?tz=Mars", "utc, local or source");
        row("faultline://open?sel=12", "32 hex digits");
    }
    void linksAreReadStrictly()
    {
        QFETCH(QString, link);
        QFETCH(QString, why);
        const auto parsed = parseLink(link.toStdString());
        QVERIFY(!parsed);
        QVERIFY2(parsed.error().why.find(why.toStdString()) != std::string::npos, parsed.error().why.c_str());
    }
    void linksOfOtherVersions()
    {
        const auto parsed = parseLink("faultline://open/?q=a+b%20c&later=1&from=2026-01-02T00:00:00%2B01:00");
        QVERIFY(parsed.ok());
        QCOMPARE(parsed->query, std::string("a b c"));
        QVERIFY(parsed->range.end == kTimeMax && parsed->range.begin != kTimeMin);
    }
};

QTEST_APPLESS_MAIN(TestInvestigationView)
#include "tst_investigation_view.moc"
