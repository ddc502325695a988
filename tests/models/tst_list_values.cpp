#include "models/records/json_pretty.h"
#include "models/session/list_layout.h"
#include "models/session/marks.h"

#include <QTest>

using namespace faultline;

/// Values that a session keeps of its lists, and an event's JSON as people read it.
class TestListValues : public QObject
{
    Q_OBJECT
    using Kind = ListLayout::Column::Kind;
    static std::string pretty(std::string_view text, std::size_t most = 10'000)
    {
        std::string out;
        appendPrettyJson(text, most, out);
        return out;
    }
    static Mark mark(TimeNs time, char digit, const std::string& label)
    {
        return {{time, std::string(32, digit), 0}, label, "text"};
    }

private Q_SLOTS:
    void aLayoutComesBack()
    {
        ListLayout layout;
        layout.columns = {{Kind::Level, {}, 4},
                          {Kind::Field, "user.id \"x\"", 30},
                          {Kind::Message, {}, 0},
                          {Kind::Time, {}, 0}};
        layout.wrap = layout.context = true;
        layout.scope = ListLayout::Scope::Trace;
        const auto back = layoutFromJson(layoutToJson(layout));
        QVERIFY2(back.ok(), back.ok() ? "" : back.error().line().c_str());
        QVERIFY(*back == layout);
        QCOMPARE(layout.fields(), std::vector<std::string>{"user.id \"x\""});
        const auto plain = layoutFromJson("{\"unknown\":1}");
        QVERIFY(plain.ok());
        QVERIFY2(*plain == ListLayout(), "what is not said is as usual");
        const auto without = layoutFromJson("{\"columns\":[{\"column\":\"time\"}]}");
        QVERIFY(without.ok());
        QVERIFY2(without->columns.back().kind == Kind::Message, "a list without messages");
    }
    void aLayoutThatIsNoneIsRefused()
    {
        for (const char* text :
             {"", "[]", "{\"wrap\":1}", "{\"scope\":\"all\"}", "{\"columns\":{}}", "{\"columns\":[1]}",
              "{\"columns\":[{}]}", "{\"columns\":[{\"column\":\"time\",\"field\":\"a\"}]}",
              "{\"columns\":[{\"column\":\"times\"}]}", "{\"columns\":[{\"field\":\"\"}]}",
              "{\"columns\":[{\"field\":\"a\"},{\"field\":\"a\"}]}",
              "{\"columns\":[{\"field\":\"a\",\"chars\":-1}]}",
              "{\"columns\":[{\"field\":\"a\",\"chars\":100000}]}"})
            QVERIFY2(!layoutFromJson(text).ok(), text);
        std::string many = "{\"columns\":[";
        for (int i = 0; i < 70; ++i)
            many += std::string(i > 0 ? "," : "") + "{\"field\":\"f" + std::to_string(i) + "\"}";
        QVERIFY2(!layoutFromJson(many + "]}").ok(), "too many columns");
        QVERIFY(!layoutFromJson(std::string(100'000, '[')).ok());
    }
    void marksComeBackInOrder()
    {
        const std::vector<Mark> marks{mark(200, 'b', "second \"\n{[{["), mark(100, 'a', "")};
        const auto back = marksFromJson(marksToJson(marks));
        QVERIFY2(back.ok(), back.ok() ? "" : back.error().line().c_str());
        QCOMPARE(back->size(), std::size_t{2});
        QVERIFY(back->front() == marks[1]);
        QVERIFY(back->back() == marks[0]);
        QVERIFY(marksFromJson("{}").ok());
    }
    void marksThatAreNoneAreRefused()
    {
        const std::string hash(32, 'a');
        const auto one = [&](const std::string& rest) {
            return "{\"marks\":[{\"time\":\"2026-01-02T03:00:00Z\",\"hash\":\"" + hash + "\"" + rest + "}]}";
        };
        QVERIFY(marksFromJson(one("")).ok());
        for (const std::string& text :
             {std::string(), std::string("[]"), std::string("{\"marks\":1}"), std::string("{\"marks\":[1]}"),
              one(",\"nth\":-1"), one(",\"label\":1"), one(",\"label\":\"" + std::string(500, 'x') + "\""),
              std::string("{\"marks\":[{\"time\":\"x\",\"hash\":\"" + hash + "\"}]}"),
              std::string("{\"marks\":[{\"time\":\"2026-01-02T03:00:00Z\",\"hash\":\"" +
                          std::string(32, 'G') + "\"}]}"),
              marksToJson({mark(1, 'a', ""), mark(1, 'a', "again")}), std::string(50'000, '[')})
            QVERIFY2(!marksFromJson(text).ok(), text.substr(0, 200).c_str());
        QCOMPARE(markText("a\u00e9b", 2), std::string("a"));
    }
    void jsonIsFormattedTokenByToken()
    {
        QCOMPARE(pretty("{\"a\": 1.50,\"b\":[],\"c\":{ },\"d\":[1, {\"e\":\"x,{}\\\"\"}]} tail"),
                 std::string("{\n  \"a\": 1.50,\n  \"b\": [],\n  \"c\": {},\n  \"d\": [\n    1,\n    {\n"
                             "      \"e\": \"x,{}\\\"\"\n    }\n  ]\n}"));
        QCOMPARE(pretty("{}"), std::string("{}"));
        QCOMPARE(pretty("words"), std::string());
        std::string cut;
        QVERIFY2(!appendPrettyJson("{\"a\":\"" + std::string(5'000, 'x') + "\"}", 100, cut), "cut, not said");
        QVERIFY2(cut.size() <= 220, "more than asked for");
        std::string deep;
        QVERIFY(!appendPrettyJson(std::string(10'000, '['), 50'000, deep));
        QVERIFY(!appendPrettyJson("{\"a\":\"no end", 1'000, deep));
    }
};

QTEST_APPLESS_MAIN(TestListValues)
#include "tst_list_values.moc"
