#include "models/base/worker_pool.h"
#include "models/query/local_engine.h"
#include "models/records/json_text.h"
#include "models/records/time_text.h"
#include "tests/support/answers.h"
#include "tests/support/search_world.h"

#include <QTest>

#include <algorithm>
#include <random>

namespace faultline::test {

/// Texts that end up in every codec and every part of one, and what is looked for in them.
class TestSearchText : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void equalsTheTruth_data();
    void equalsTheTruth();
    void theEngineAsksForParts();
};

namespace {

constexpr TimeNs kBegin = 1'795'359'600'000'000'000; // 2026-11-22T15:00:00Z

std::string hex(std::mt19937_64& random, std::size_t digits)
{
    std::string text;
    while (text.size() < digits) text += "0123456789abcdef"[random() % 16];
    return text;
}

std::string uuid(std::mt19937_64& random)
{
    return hex(random, 8) + "-" + hex(random, 4) + "-" + hex(random, 4) + "-" + hex(random, 4) + "-" +
           hex(random, 12);
}

std::string messageOf(std::mt19937_64& random)
{
    const std::string number = std::to_string(random() % 3'000);
    switch (random() % 8) {
    case 0: return "order " + number + " placed for user-" + std::to_string(random() % 500);
    case 1:
        return "GET /api/Orders/" + number + "?page=" + std::to_string(random() % 9) + " took " + number +
               "ms";
    case 2:
        return "pool \"" + std::string(random() % 2 ? "Checkout" : "billing") + "\" exhausted after " +
               number + " ms";
    case 3: return "trace " + hex(random, 16) + " dropped";
    case 4:
        return "ka\xc5\xbf\xc5\xbf"
               "e " +
               number +
               " \xe2\x84\xaa"
               "asse"; // long s, Kelvin sign
    case 5:
        return "Stra\xc3\x9f"
               "e gesperrt: \xc3\x96rtlich " +
               number;
    case 6: return "no variable at all";
    default:
        return "job id=" + hex(random, 8) + "-" + number + " done in 0." + std::to_string(random() % 90) +
               "s";
    }
}

std::vector<TruthEvent> events()
{
    std::mt19937_64 random(5);
    std::vector<TruthEvent> made;
    for (std::size_t i = 0; i < 3'000; ++i) {
        TruthEvent event;
        event.key = {kBegin + static_cast<TimeNs>(i) * kSecondNs, SourceId{1}, i};
        event.severity = 9;
        const auto text = [&](const char* path, std::string value) {
            event.values.push_back({path, ValueKind::Text, std::move(value)});
        };
        event.values.push_back({"time", ValueKind::Time, formatRfc3339(event.key.time)});
        text("level", "info");
        if (i % 11 != 0) text("message", messageOf(random));
        text("service", i % 3 == 0 ? "checkout" : "Payments");
        text("constant", "one text Only");
        if (i % 2 == 0) text("trace_id", hex(random, 32));
        if (i % 5 == 0) text("session", uuid(random));
        if (i % 7 == 0) text("upper", i % 14 == 0 ? "DEADBEEF" : "0BADF00D");
        if (i % 3 == 1)
            text("path", "/home/u" + std::to_string(random() % 900) + "/Kasse/" + hex(random, 3) + ".log");
        // No template, no dictionary: words in random order.
        std::string heap;
        for (std::size_t n = 1 + random() % 6; n > 0; --n)
            heap += std::string(heap.empty() ? "" : " ") + (random() % 50 == 0
                                                                ? "\xe2\x84\xaa"
                                                                  "elvin"
                                                                : hex(random, 1 + random() % 9) + "xyz");
        text("words", std::move(heap));
        if (i % 4 == 0) {
            std::string list = "[\"a" + std::to_string(random() % 70) + "\",";
            list += random() % 3 == 0 ? "\"tab\\u0041b\\there\"" : "\"plain list\"";
            event.values.push_back({"tags", ValueKind::Json, list + ",{\"onlykey\":7}]"});
        }
        if (i % 6 == 0) text("mixed", "spilled over " + std::to_string(random() % 40));
        for (std::size_t c = 0; c < event.canonical.size(); ++c) {
            const bool present = std::any_of(event.values.begin(), event.values.end(),
                                             [&](const auto& v) { return v.path == event.canonical[c]; });
            if (!present) event.canonical[c].clear();
        }
        made.push_back(std::move(event));
    }
    return made;
}

struct Texts
{
    Texts() : all(events())
    {
        MemoryEvents::Options options;
        options.segmentEvents = 900;
        store = std::make_shared<MemoryEvents>(all, options);
    }
    std::vector<TruthEvent> all;
    std::shared_ptr<MemoryEvents> store;
};

} // namespace

void TestSearchText::equalsTheTruth_data()
{
    QTest::addColumn<QString>("query");
    for (const char* query :
         {// constants, and words over their borders
          "placed", "\"order 1\"", "\"r 12\"", "user-4", "\"2 placed for user-1\"", "r-", "\"=1\"", "\"ms\"",
          "0ms", "0.4", "\"ORDER 2\"", "/api/oRDERS/1", "rs/2", "\"?page=\"", "\"page=3 took\"",
          // variables that are texts, quoted parts, hex
          "checkout", "\"\\\"checkout\\\"\"", "\"ut\\\" exhausted\"", "billing", "\"trace a\"", "ce f",
          "\"id=0\"", "-1", "f-2",
          // columns of bytes: within, over dashes, over the border of two values, other letters
          "dead", "DEADBEEF", "badf00d", "abc", "a-4", "-b", "00", "fade", "g00", "deadbeef0",
          // folding
          "kasse", "KASSE",
          "KA\xc5\xbf\xc5\xbf"
          "E",
          "\xe2\x84\xaa"
          "elvin",
          "kelvin", "STRASSE",
          "stra\xc3\x9f"
          "e",
          "\xc3\xb6rtlich",
          // heaps: over the border of two values there is no word
          "xyz", "zxy", "\"xyz 0\"", "\"z 1\"",
          // arrays, escapes in them, keys
          "tabab", "\"b\\there\"", "u0041", "a7", "\"plain list\"", "onlykey", "tags", "\"list\\\",\"",
          // overflow and raw rows
          "spilled", "\"over 3\"", "\"one text only\"", "nothing-has-this",
          // other leaves over the same columns
          "=~\"order [0-9]{3} placed\"", "=~\"(?i)kasse/[a-f0-9]+\\\\.LOG\"", "message:\"after 12\"",
          "message:\"r-77\"", "message=~\"took \\\\d{4}ms\"", "trace_id:*a1*", "session:*-4*",
          "upper:deadbeef", "path:/home/u1*", "words:*1*2*", "constant:\"one text only\"", "constant:*",
          "tags:a7", "mixed:*3*", "NOT checkout", "order -user-1", "xyz OR placed OR dead", "session:*",
          "path:*kasse/0*"}) {
        QTest::newRow(query) << QString::fromUtf8(query);
    }
}

void TestSearchText::equalsTheTruth()
{
    QFETCH(QString, query);
    static Texts texts;
    auto filter = parseFilter(query.toStdString(), 0);
    QVERIFY2(filter.ok(), filter.ok() ? "" : qPrintable(show(filter.error().line())));
    LocalEngine engine(texts.store, std::make_shared<WorkerPool>(1));
    PageQuestion question;
    question.selection.filter = *filter;
    question.limit = 5'000;
    const auto answer = engine.ask(question, {}, {});
    QVERIFY2(answer.ok(), answer.ok() ? "" : qPrintable(show(answer.error().line())));
    const std::string what = difference(*answer, truth(question, texts.all));
    QVERIFY2(what.empty(), qPrintable(show(what)));
}

// Nothing between the engine and the store may decode whole columns for it.
void TestSearchText::theEngineAsksForParts()
{
    Texts texts;
    LocalEngine engine(texts.store, std::make_shared<WorkerPool>(1));
    CountQuestion question;
    question.selection.filter = *parseFilter("nosuchword", 0);
    const auto answer = engine.ask(question, {}, {});
    QVERIFY2(answer.ok(), answer.ok() ? "" : qPrintable(show(answer.error().line())));
    QVERIFY2(texts.store->parts > 0, "a word was searched, and no column was asked for part by part");
}

} // namespace faultline::test

QTEST_APPLESS_MAIN(faultline::test::TestSearchText)
#include "tst_search_text.moc"
