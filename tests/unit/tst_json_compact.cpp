#include "models/records/json_compact.h"

#include <QTest>

#include <nlohmann/json.hpp>
#include <random>

using namespace faultline;

/// JSON on one line, its tokens untouched.
class TestJsonCompact : public QObject
{
    Q_OBJECT
private:
    static nlohmann::ordered_json randomValue(std::mt19937_64& random, unsigned deep)
    {
        switch (random() % (deep == 0 ? 4 : 6)) {
        case 0: return static_cast<std::int64_t>(random());
        case 1: return nullptr;
        case 2: return std::string("a \"b\" \\ {[ ]} , : \n\t ") + std::to_string(random() % 100);
        case 3: return random() % 2 == 0;
        case 4: {
            auto list = nlohmann::ordered_json::array();
            for (std::size_t i = random() % 4; i > 0; --i) list.push_back(randomValue(random, deep - 1));
            return list;
        }
        default: {
            auto object = nlohmann::ordered_json::object();
            for (std::size_t i = random() % 4; i > 0; --i)
                object["k " + std::to_string(i)] = randomValue(random, deep - 1);
            return object;
        }
        }
    }

private Q_SLOTS:
    void tokensStay_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("compact"); // empty: refused
        QTest::addColumn<int>("rest");
        QTest::newRow("object") << QByteArray("{ \"a\" : 1.50 ,\r\n\t\"b c\" : [ ] }\n")
                                << QByteArray("{\"a\":1.50,\"b c\":[]}") << 1;
        QTest::newRow("array") << QByteArray(" [1 , 2] x") << QByteArray("[1,2]") << 2;
        QTest::newRow("escapes") << QByteArray("{\"a\\\\\": \"\\\" } \"}")
                                 << QByteArray("{\"a\\\\\":\"\\\" } \"}") << 0;
        QTest::newRow("line end in a string") << QByteArray("{\"a\":\"x\ny\"}") << QByteArray() << 0;
        QTest::newRow("escaped line end") << QByteArray("{\"a\":\"x\\\ny\"}") << QByteArray() << 0;
        QTest::newRow("not closed") << QByteArray("{\"a\":[1}") << QByteArray() << 0;
        QTest::newRow("open") << QByteArray("{\"a\":{}") << QByteArray() << 0;
        QTest::newRow("open string") << QByteArray("{\"a") << QByteArray() << 0;
        QTest::newRow("ends in an escape") << QByteArray("{\"a\\") << QByteArray() << 0;
        QTest::newRow("text") << QByteArray("\"a\"") << QByteArray() << 0;
        QTest::newRow("number") << QByteArray("17") << QByteArray() << 0;
        QTest::newRow("nothing") << QByteArray(" \n") << QByteArray() << 0;
    }
    void tokensStay()
    {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, compact);
        QFETCH(int, rest);
        std::string out = "before";
        const std::size_t taken = appendCompactJson(text.toStdString(), out);
        QCOMPARE(QByteArray::fromStdString(out), "before" + compact);
        QCOMPARE(taken, compact.isEmpty() ? std::size_t{0} : static_cast<std::size_t>(text.size() - rest));
    }
    void anyDocument()
    {
        std::mt19937_64 random(5);
        for (int i = 0; i < 300; ++i) {
            auto value = randomValue(random, 5);
            if (!value.is_structured()) value = nlohmann::ordered_json::array({value});
            const std::string pretty = value.dump(static_cast<int>(random() % 5));
            std::string out;
            QCOMPARE(appendCompactJson(pretty, out), pretty.size());
            QCOMPARE(QByteArray::fromStdString(out), QByteArray::fromStdString(value.dump()));
        }
    }
    void deepTextIsNoRecursion()
    {
        const std::string deep(1'000'000, '[');
        std::string out;
        QCOMPARE(appendCompactJson(deep, out), std::size_t{0});
        QVERIFY(out.empty());
        const std::string whole = deep + std::string(deep.size(), ']');
        QCOMPARE(appendCompactJson(whole, out), whole.size());
        QVERIFY(out == whole);
    }
};

QTEST_APPLESS_MAIN(TestJsonCompact)
#include "tst_json_compact.moc"
