#include "models/query/filter.h"
#include "models/query/match.h"
#include "models/records/time_text.h"

#include <QTest>

#include <re2/re2.h>

#include <chrono>
#include <random>

using namespace faultline;

namespace {

ValueTest testOf(const std::string& query)
{
    const auto filter = parseFilter(query, 0);
    if (!filter) qFatal("%s", explainFilterError(query, filter.error()).c_str());
    auto test = ValueTest::compile(**filter);
    if (!test) qFatal("%s", test.error().line().c_str());
    return std::move(*test);
}

/// Text made of few letters, so that parts of it come again, with characters that fold beyond ASCII.
std::string foldingText(std::mt19937_64& random, std::size_t longest)
{
    static const std::vector<std::string> parts{"a", "A", "k", "K", "s",    "S",    "ſ", "\xe2\x84\xaa",
                                                "é", "É", "0", " ", "\xff", "\xc5", "z", "ß",
                                                "σ", "ς", "Σ", "@", "`",    "[",    "{"};
    std::string made;
    for (std::size_t i = 0, n = random() % (longest + 1); i < n; ++i) made += parts[random() % parts.size()];
    return made;
}

bool validUtf8(const std::string& text)
{
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size())).toUtf8() ==
           QByteArray::fromStdString(text);
}

} // namespace

class MatchTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void foldedSearchIsRe2()
    {
        std::mt19937_64 random(11);
        std::size_t hits = 0;
        for (int i = 0; i < 4'000; ++i) {
            const std::string needle = foldingText(random, 3), text = foldingText(random, 60);
            if (!validUtf8(needle)) continue;
            const RE2 re("(?i)" + RE2::QuoteMeta(needle));
            const bool expected = RE2::PartialMatch(text, re);
            hits += expected;
            const FoldSearch search(needle);
            QVERIFY2(search.in(text) == expected, (needle + " in " + text).c_str());
            QVERIFY2(search.equals(text) == RE2::FullMatch(text, re), (needle + " = " + text).c_str());
        }
        QVERIFY(hits > 100);
    }

    void wildcardsAreRe2()
    {
        std::mt19937_64 random(12);
        std::size_t hits = 0;
        for (int i = 0; i < 4'000; ++i) {
            std::string pattern, expression = "(?is)\\A";
            for (std::size_t k = 0, n = 2 + random() % 2; k < n; ++k) {
                const std::string piece = foldingText(random, 2);
                pattern += (k ? "*" : "") + piece;
                expression += (k ? "\\C*" : "") + RE2::QuoteMeta(piece);
            }
            const std::string text = foldingText(random, 8);
            if (!validUtf8(pattern)) continue;
            const bool expected = RE2::PartialMatch(text, RE2(expression + "\\z"));
            hits += expected;
            Filter leaf;
            leaf.kind = Filter::Kind::Equals;
            leaf.field = "f";
            leaf.text = pattern;
            leaf.wildcard = true;
            QVERIFY2(ValueTest::compile(leaf)->testText(text) == expected, (pattern + " ~ " + text).c_str());
        }
        QVERIFY(hits > 20);
    }

    void longTextsAreSearchedAtEveryPlace()
    {
        for (const std::string needle :
             {"x", "Xy", "xyz", "timeout", "a-needle-of-more-than-16-bytes", "42"}) {
            const FoldSearch search(needle);
            for (std::size_t size = needle.size(); size < 140; ++size)
                for (std::size_t at = 0; at + needle.size() <= size; at += 1 + size / 40) {
                    std::string text(size, '.');
                    QVERIFY(!search.in(text));
                    text.replace(at, needle.size(), needle);
                    QCOMPARE(search.find(text).begin, at);
                    QCOMPARE(search.find(text, at + 1).begin, FoldSearch::npos);
                }
        }
    }

    void numbersAreTestedAlikeInEveryKind()
    {
        std::mt19937_64 random(13);
        const std::vector<std::string> operands{
            "0", "-1", "15", "1.5", "-0.25", "1e2", "1.50", "99999999999999999999", "-7.125"};
        for (int i = 0; i < 4'000; ++i) {
            const std::string operand = operands[random() % operands.size()];
            static const std::vector<std::string> forms{":", ">", ">=", "<", "<="};
            const ValueTest test = testOf("f" + forms[random() % forms.size()] + operand);
            const Decimal value{static_cast<std::int64_t>(random() % 4'000) - 2'000,
                                static_cast<std::uint8_t>(1 + random() % 3)};
            std::string text = std::to_string(value.mantissa) + "e-" + std::to_string(value.scale);
            QCOMPARE(test.testDecimal(value), test.testNumber(text));
            QCOMPARE(test.numberSpan(value.scale)->contains(value.mantissa), test.testNumber(text));
            QCOMPARE(test.testInt(value.mantissa), test.testNumber(std::to_string(value.mantissa)));
        }
    }

    void regexHintsHold()
    {
        const std::vector<std::string> expressions{
            "connection (reset|refused)", "(?i)KeLvin", "timeout|deadline", "took \\d+ms", "a.*b", "foo.?bar",
            "[Ee]rror: .*disk",           "straße"};
        const std::vector<std::string> texts{"connection reset",
                                             "Connection refused",
                                             "\xe2\x84\xaa"
                                             "elvin",
                                             "a deadline",
                                             "took 12ms",
                                             "axb",
                                             "foobar",
                                             "error: no disk",
                                             "STRASSE straße",
                                             "fooXbar",
                                             ""};
        for (const auto& expression : expressions) {
            const auto regex = Regex::compile(expression);
            QVERIFY(regex);
            for (const auto& text : texts) {
                if (!regex->matches(text)) continue;
                for (const auto& atom : regex->requiredAll())
                    QVERIFY2(FoldSearch(atom).in(text), (expression + text).c_str());
                bool any = regex->requiredAny().empty();
                for (const auto& atom : regex->requiredAny()) any = any || FoldSearch(atom).in(text);
                QVERIFY2(any, (expression + text).c_str());
            }
        }
        QVERIFY(!Regex::compile("connection .*reset")->requiredAll().empty());
        QVERIFY(!Regex::compile("connection (reset|refused)")->requiredAny().empty());
        QVERIFY(!Regex::compile("timeout|deadline")->requiredAny().empty());
        QCOMPARE(*Regex::compile("a\\.b")->literal(), std::string("a.b"));
        QVERIFY(!Regex::compile("a.b")->literal());
    }

    void tornBytesDoNotHideALine()
    {
        QVERIFY(Regex::compile("foo.*bar")->matches("foo\xff\xc3 bar"));
        QVERIFY(Regex::compile("foo[^x]bar")
                    ->matches("foo\xff"
                              "bar"));
        QVERIFY(!Regex::compile("foo[^x]bar")
                     ->matches("foo\xc3\xa9\xc3\xa9"
                               "bar"));
        QVERIFY(testOf("reset").testText("\xff\xfe connection RESET \x80"));
        QVERIFY(testOf("f:\"caf\\xe9\"").testText("CAF\xe9"));
    }

    void timesInTheirPlace()
    {
        const auto time = parseTime("2026-11-22T15:04:05.123Z", {});
        QVERIFY(time);
        for (const char* query :
             {"t:2026-11-22", "t>2026-11-21", "t:\"2026-11-22T15:04:05.123Z\"", "t:2026-11-22T15*",
              "t=~\"05\\\\.123\"", "t:[2026-11-22 TO 2026-11-22]", "t>=\"2026-11-22 15:04:05\"", "t:*"})
            QVERIFY2(testOf(query).testTime(time->ns, time->layout), query);
        for (const char* query : {"t>2026-11-22", "t<\"2026-11-22 15:04:05\"", "t:15", "t:2026"})
            QVERIFY2(!testOf(query).testTime(time->ns, time->layout), query);
        const auto epoch = parseTime("1795359845", {});
        QVERIFY(epoch);
        QVERIFY(testOf("t:1795359845").testTime(epoch->ns, epoch->layout));
        QVERIFY(testOf("t>1795359844").testTime(epoch->ns, epoch->layout));
        QVERIFY(testOf("t>2026-11-21").testTime(epoch->ns, epoch->layout));
    }

    void wordSpeed()
    {
        std::string text;
        for (int i = 0; text.size() < (4u << 20); ++i)
            text += "request " + std::to_string(i * 7919) + " to checkout-service took " +
                    std::to_string(i % 977) + " ms, upstream payments answered 200 after 3 tries\n";
        const auto speed = [&](const std::string& needle) {
            const FoldSearch search(needle);
            double best = 0;
            for (int run = 0; run < 5; ++run) {
                const auto begin = std::chrono::steady_clock::now();
                const bool found = search.in(text);
                const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
                if (found) qFatal("the needle is not in the text");
                best = std::max(best, static_cast<double>(text.size()) / took.count() / 1e9);
            }
            qInfo("\"%s\": %.1f GB/s over one text", needle.c_str(), best);
        };
        speed("timeout");
        speed("connection reset");
        speed("OOMKilled");
        const ValueTest word = testOf("timeout");
        double best = 0;
        for (int run = 0; run < 5; ++run) {
            const auto begin = std::chrono::steady_clock::now();
            for (std::size_t at = 0; at < text.size();) {
                const std::size_t end = text.find('\n', at);
                if (word.testText(std::string_view(text).substr(at, end - at)))
                    qFatal("the word is not in the text");
                at = end + 1;
            }
            const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
            best = std::max(best, static_cast<double>(text.size()) / took.count() / 1e9);
        }
        qInfo("\"timeout\": %.1f GB/s line by line", best);
    }
};

QTEST_APPLESS_MAIN(MatchTest)
#include "tst_match.moc"
