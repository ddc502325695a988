#include "models/base/worker_pool.h"
#include "models/query/key_counter.h"
#include "models/query/local_engine.h"
#include "models/query/pattern_id.h"
#include "tests/support/answers.h"
#include "tests/support/search_world.h"

#include <QTest>

#include <algorithm>
#include <chrono>
#include <map>
#include <random>
#include <thread>

namespace faultline::test {

class TestSearchTruth : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void answersEqualTheTruth_data();
    void answersEqualTheTruth();
    void largeSegments_data();
    void largeSegments();
    void manyValuesInPasses();
    void manyValuesOfEveryQuestion();
    void moreGroupsThanCanBeHeld();
    void percentilesInPasses();
    void percentilesOverTime();
    void patternsById();
    void namesOfEveryField();
    void fieldsPastTheColumns();
    void severalQuestionsInOnePass();
    void threadsDoNotMatter();
    void cachedSelectionsZoom();
    void partialThenExact();
    void cancelIsQuick();
    void mergesBelowAQuestion();
    void errorsComeThrough();
};

void TestSearchTruth::answersEqualTheTruth_data()
{
    QTest::addColumn<quint64>("seed");
    for (quint64 seed = 1; seed <= 10; ++seed) QTest::newRow(qPrintable(QString::number(seed))) << seed;
}

void TestSearchTruth::answersEqualTheTruth()
{
    QFETCH(quint64, seed);
    World world(seed, seed % 3 == 0 ? 700 : 250);
    if (seed % 2 == 0) world.removeSome();
    LocalEngine engine(world.store, std::make_shared<WorkerPool>(seed % 2));
    for (int i = 0; i < 40; ++i) {
        const Question question = world.random.question();
        const auto answer = engine.ask(question, {}, {});
        QVERIFY2(answer.ok(), answer.ok() ? "" : qPrintable(show(answer.error().line())));
        const std::string what = difference(*answer, truth(question, world.events));
        QVERIFY2(what.empty(), qPrintable(show(describe(question) + ": " + what)));
    }
}

void TestSearchTruth::largeSegments_data()
{
    // Segments with enough rows that ids become templates, heaps and bytes, and codes wider than a byte.
    QTest::addColumn<QString>("query");
    for (const char* query : {"", "1234", "0", "\"order 1\"", "r-77", "message=~\"order [0-9]{4} for r-1\"",
                              "request:r-5*", "trace_id:*a1*", "message:\"r-8\" -service:checkout",
                              "pattern_id:*", "pattern_id:*7", "-pattern_id:*b*"}) {
        QTest::newRow(query) << QString::fromUtf8(query);
    }
}

void TestSearchTruth::largeSegments()
{
    QFETCH(QString, query);
    static World world(31, 4000, 2000);
    LocalEngine engine(world.store, std::make_shared<WorkerPool>(1));
    Selection selection;
    selection.filter = *parseFilter(query.toStdString(), 0);
    const std::vector<Question> questions{
        CountQuestion{selection, {}},
        GroupQuestion{selection, {"request"}, 7},
        GroupQuestion{selection, {"service", "severity"}, 0},
        GroupQuestion{selection, {"message", "request"}, 9},
        FacetQuestion{selection, {"request", "trace_id", "message"}, 5, true},
        HistogramQuestion{selection, 3, 40 * kSecondNs, {"service"}, 2},
        StatsQuestion{selection, "duration_ms", {0, 0.5, 0.99}, {}, 0},
        StatsQuestion{selection, "duration_ms", {0.5}, {"request"}, 50},
        FacetQuestion{selection, {"request", "trace_id", "message", "mixed", "timestamp"}, 0, true, false},
        StatsQuestion{selection, "duration_ms", {0.5}, {}, 0, {0, 10, 10.5, 100}},
        StatsOverTimeQuestion{selection, "duration_ms", 7, 50 * kSecondNs, {0, 0.5, 0.99}},
        PatternQuestion{selection, 10}};
    const auto answers = engine.askAll(questions, {}, {});
    QVERIFY(answers.ok());
    for (std::size_t i = 0; i < questions.size(); ++i) {
        const std::string what = difference((*answers)[i], truth(questions[i], world.events));
        QVERIFY2(what.empty(), qPrintable(show(describe(questions[i]) + ": " + what)));
    }
}

void TestSearchTruth::manyValuesInPasses()
{
    // More distinct values than may be held: shards are put off to further passes, and nothing is lost.
    KeyCounter counter(20, 2'000);
    std::map<std::string, std::uint64_t> wanted;
    int passes = 0;
    do {
        ++passes;
        std::mt19937_64 random(9);
        wanted.clear();
        for (int segment = 0; segment < 12; ++segment) {
            KeyCounter::Batch batch(counter);
            for (int i = 0; i < 10'000; ++i) {
                const std::string key =
                    std::to_string(random() % 10 == 0 ? random() % 40 : random() % 60'000);
                batch.add(std::string_view(key), 1);
                ++wanted[key];
            }
            batch.flush();
        }
    } while (counter.nextPass());
    QVERIFY2(passes > 3, "the limit was not reached");
    QCOMPARE(counter.distinct(), std::uint64_t{wanted.size()});
    std::vector<std::pair<std::string, std::uint64_t>> best(wanted.begin(), wanted.end());
    std::stable_sort(best.begin(), best.end(),
                     [](const auto& a, const auto& b) { return a.second > b.second; });
    const auto top = counter.top();
    QCOMPARE(top.size(), std::size_t{20});
    for (std::size_t i = 0; i < top.size(); ++i) {
        QVERIFY2(top[i].key == best[i].first && top[i].count == best[i].second,
                 "another value at this place");
    }
}

void TestSearchTruth::manyValuesOfEveryQuestion()
{
    // So few values may be held that each question takes several passes.
    World world(33, 900, 200);
    for (const std::size_t held : {2, 40, 400}) {
        LocalEngine::Options options;
        options.heldValues = held;
        LocalEngine engine(world.store, std::make_shared<WorkerPool>(1), options);
        for (const char* query : {"", "NOT level:info", "request:*7*"}) {
            Selection selection;
            selection.filter = *parseFilter(query, 0);
            const std::vector<Question> questions{
                GroupQuestion{selection, {"request"}, 5},
                GroupQuestion{selection, {"trace_id", "service"}, 12},
                GroupQuestion{selection, {"rare"}, 2},
                FacetQuestion{selection, {"message", "time", "duration_ms", "trace_id"}, 4, true},
                FacetQuestion{selection, {}, 3, true},
                HistogramQuestion{selection, 3, 40 * kSecondNs, {"request"}, 4},
                HistogramQuestion{selection, 3, 7 * kSecondNs, {"service", "mixed"}, 2}};
            for (const Question& question : questions) {
                const auto answer = engine.ask(question, {}, {});
                QVERIFY2(answer.ok(), answer.ok() ? "" : qPrintable(show(answer.error().line())));
                Question asked = question;
                if (auto* facets = std::get_if<FacetQuestion>(&asked); facets && facets->fields.empty()) {
                    for (const auto& field : std::get<FacetAnswer>(*answer).fields)
                        facets->fields.push_back(field.field);
                }
                const std::string what = difference(*answer, truth(asked, world.events));
                QVERIFY2(what.empty(), qPrintable(show(describe(question) + ": " + what)));
            }
        }
    }
}

void TestSearchTruth::moreGroupsThanCanBeHeld()
{
    // An answer with all groups has a bound; with the most frequent ones there is none.
    World world(34, 900, 200);
    LocalEngine::Options options;
    options.heldValues = 100;
    LocalEngine engine(world.store, std::make_shared<WorkerPool>(1), options);
    const std::vector<Question> questions{
        GroupQuestion{{}, {"request"}, 0}, GroupQuestion{{}, {"request", "service"}, 0},
        FacetQuestion{{}, {"request"}, 0, true}, FacetQuestion{{}, {}, 0, true}};
    for (const Question& question : questions) {
        const auto answer = engine.ask(question, {}, {});
        QVERIFY2(!answer.ok(), qPrintable(show(describe(question))));
        QCOMPARE(answer.error().kind, ErrorKind::Limit);
        QVERIFY2(!answer.error().hints.empty(), "no hint what would help");
    }
    const auto few = engine.ask(GroupQuestion{{}, {"service"}, 0}, {}, {});
    QVERIFY2(few.ok(), few.ok() ? "" : qPrintable(show(few.error().line())));
}

void TestSearchTruth::percentilesInPasses()
{
    // So few values may be gathered that ranks are narrowed down bit by bit.
    World world(32, 900);
    for (const std::uint64_t limit : {0, 3, 40}) {
        LocalEngine engine(world.store, std::make_shared<WorkerPool>(1),
                           LocalEngine::Options{64u << 20, limit});
        for (const char* field : {"status", "duration_ms", "mixed"}) {
            for (const std::vector<std::string>& by :
                 {std::vector<std::string>{}, {"service"}, {"request", "severity"}}) {
                const StatsQuestion question{{}, field, {0, 0.1, 0.5, 0.501, 0.9, 0.999, 1}, by, 0};
                const auto answer = engine.ask(question, {}, {});
                QVERIFY(answer.ok());
                const std::string what = difference(*answer, truth(question, world.events));
                QVERIFY2(what.empty(), qPrintable(show(describe(question) + ": " + what)));
            }
        }
    }
}

void TestSearchTruth::percentilesOverTime()
{
    // More buckets than are made at once, in several passes each; ends of the range inside of buckets.
    World world(33, 1'200, 150);
    for (const std::uint64_t limit : {0, 40, 2'000'000}) {
        LocalEngine engine(world.store, std::make_shared<WorkerPool>(1),
                           LocalEngine::Options{64u << 20, limit});
        for (const TimeRange range :
             {TimeRange{}, TimeRange{world.events[100].key.time + 1, world.events[900].key.time - 1}}) {
            for (const TimeNs step : {5 * kSecondNs, 31 * kSecondNs, 4'000 * kSecondNs}) {
                const StatsOverTimeQuestion question{
                    {nullptr, range}, "duration_ms", 3, step, {0, 0.5, 0.99, 1}};
                const auto answer = engine.ask(question, {}, {});
                QVERIFY2(answer.ok(), answer.ok() ? "" : qPrintable(show(answer.error().line())));
                const std::string what = difference(*answer, truth(question, world.events));
                QVERIFY2(what.empty(), qPrintable(show(describe(question) + ": " + what)));
            }
        }
    }
    LocalEngine engine(world.store, std::make_shared<WorkerPool>(1));
    StatsOverTimeQuestion tooFine;
    tooFine.field = "duration_ms";
    tooFine.step = 1'000;
    auto answer = engine.ask(tooFine, {}, {});
    QVERIFY2(!answer.ok() && answer.error().kind == ErrorKind::Limit, "more points than may be were made");
    tooFine.step = 0;
    answer = engine.ask(tooFine, {}, {});
    QVERIFY2(!answer.ok() && answer.error().kind == ErrorKind::Usage, "a step of nothing was taken");
    StatsOverTimeQuestion nothing;
    nothing.field = "no_such_field";
    nothing.step = 100 * kSecondNs;
    answer = engine.ask(nothing, {}, {});
    QVERIFY(answer.ok() && std::get<StatsOverTimeAnswer>(*answer).buckets.empty());
}

void TestSearchTruth::patternsById()
{
    // A filter for a pattern gives the events that the list of patterns counts for it.
    World world(34, 900, 300);
    LocalEngine engine(world.store, std::make_shared<WorkerPool>(1));
    const auto listed = engine.ask(PatternQuestion{}, {}, {});
    QVERIFY(listed.ok());
    const auto& patterns = std::get<PatternAnswer>(*listed).patterns;
    QVERIFY(patterns.size() > 3);
    for (const PatternSummary& pattern : patterns) {
        CountQuestion question;
        question.selection.filter = *parseFilter("pattern_id:" + patternIdText(pattern.id), 0);
        const auto answer = engine.ask(question, {}, {});
        QVERIFY(answer.ok());
        QVERIFY2(std::get<CountAnswer>(*answer).count == pattern.count,
                 qPrintable(show("another number of events has the pattern " + pattern.pattern)));
    }
}

void TestSearchTruth::namesOfEveryField()
{
    World world(21, 800);
    LocalEngine engine(world.store, std::make_shared<WorkerPool>(1));
    FacetQuestion question;
    question.selection.filter = *parseFilter("NOT level:info", 0);
    const auto every = engine.ask(question, {}, {});
    QVERIFY(every.ok());
    std::vector<std::string> names;
    for (const auto& field : std::get<FacetAnswer>(*every).fields) names.push_back(field.field);
    for (const char* name : {"severity", "message", "service", "trace_id"}) {
        QVERIFY2(std::find(names.begin(), names.end(), name) != names.end(), name);
    }
    question.fields = names;
    const std::string what = difference(*every, truth(question, world.events));
    QVERIFY2(what.empty(), qPrintable(show(what)));
}

void TestSearchTruth::fieldsPastTheColumns()
{
    // Fields that stand in the overflow column of every event, and nowhere else.
    RandomEvents random(22);
    std::vector<TruthEvent> events = random.events(500, 2);
    MemoryEvents::Options made;
    made.seed = 22;
    made.segmentEvents = 120;
    made.overflowPercent = 100;
    const auto store = std::make_shared<MemoryEvents>(events, made);
    for (const std::size_t held : {0, 3, 60}) {
        LocalEngine::Options options;
        options.heldValues = held;
        LocalEngine engine(store, std::make_shared<WorkerPool>(1), options);
        FacetQuestion question;
        question.top = 4;
        question.selection.filter = *parseFilter("NOT status:500", 0);
        std::vector<double> shares;
        const auto every = engine.ask(question, {}, [&shares](const Answer&, const ScanProgress& progress) {
            shares.push_back(static_cast<double>(progress.eventsScanned) /
                             static_cast<double>(progress.eventsTotal));
        });
        QVERIFY2(every.ok(), every.ok() ? "" : qPrintable(show(every.error().line())));
        QCOMPARE(shares.back(), 1.0);
        QVERIFY2(std::is_sorted(shares.begin(), shares.end()), "progress went back");
        for (const auto& field : std::get<FacetAnswer>(*every).fields) question.fields.push_back(field.field);
        for (const char* name : {"mixed", "path", "severity", "status", "time"}) {
            QVERIFY2(std::find(question.fields.begin(), question.fields.end(), name) != question.fields.end(),
                     name);
        }
        const std::string what = difference(*every, truth(question, events));
        QVERIFY2(what.empty(), qPrintable(show(what)));
    }
}

void TestSearchTruth::severalQuestionsInOnePass()
{
    World world(77, 900);
    LocalEngine engine(world.store, std::make_shared<WorkerPool>(1));
    for (int round = 0; round < 10; ++round) {
        std::vector<Question> questions;
        for (int i = 0; i < 6; ++i) questions.push_back(world.random.question());
        const auto answers = engine.askAll(questions, {}, {});
        QVERIFY(answers.ok());
        QCOMPARE(answers->size(), questions.size());
        for (std::size_t i = 0; i < questions.size(); ++i) {
            const std::string what = difference((*answers)[i], truth(questions[i], world.events));
            QVERIFY2(what.empty(), qPrintable(show(describe(questions[i]) + ": " + what)));
        }
    }
}

void TestSearchTruth::threadsDoNotMatter()
{
    World world(5, 600);
    LocalEngine alone(world.store, std::make_shared<WorkerPool>(0));
    LocalEngine many(world.store, std::make_shared<WorkerPool>(3));
    for (int i = 0; i < 40; ++i) {
        const Question question = world.random.question();
        const auto a = alone.ask(question, {}, {}), b = many.ask(question, {}, {});
        QVERIFY(a.ok() && b.ok());
        const std::string what = difference(*a, *b);
        QVERIFY2(what.empty(), qPrintable(show(describe(question) + ": " + what)));
        if (const auto* stats = std::get_if<StatsAnswer>(&*a)) {
            QVERIFY2(stats->sum == std::get<StatsAnswer>(*b).sum,
                     "the sum depends on the order of the threads");
        }
    }
}

void TestSearchTruth::cachedSelectionsZoom()
{
    World world(15, 900, 100);
    LocalEngine engine(world.store, std::make_shared<WorkerPool>(0));
    CountQuestion question;
    question.selection.filter = *parseFilter("message:timeout OR user.id:*", 0);
    QVERIFY(engine.ask(question, {}, {}).ok());
    const std::size_t reads = world.store->reads;
    QVERIFY(engine.ask(question, {}, {}).ok());
    QCOMPARE(world.store->reads.load(), reads);
    engine.forget();
    QVERIFY(engine.ask(question, {}, {}).ok());
    QVERIFY2(world.store->reads > reads, "forget() leaves the selections");
    // A changed delete mask is seen at once, and a range needs no second scan of the texts.
    world.removeSome();
    question.selection.range = {world.events[50].key.time, world.events[300].key.time};
    const auto answer = engine.ask(question, {}, {});
    QVERIFY(answer.ok());
    const std::string what = difference(*answer, truth(question, world.events));
    QVERIFY2(what.empty(), qPrintable(show(what)));
}

void TestSearchTruth::partialThenExact()
{
    World world(16, 1200, 60);
    world.store->beforeRead = [](const SegmentInfo&, ColumnIndex) {
        std::this_thread::sleep_for(std::chrono::milliseconds(4));
        return Status();
    };
    LocalEngine engine(world.store, std::make_shared<WorkerPool>(0));
    GroupQuestion question;
    question.by = {"service"};
    question.selection.filter = *parseFilter("message:*", 0);
    std::vector<std::pair<std::uint64_t, ScanProgress>> told;
    const auto begin = std::chrono::steady_clock::now();
    const auto answer = engine.ask(question, {}, [&](const Answer& partial, const ScanProgress& progress) {
        told.emplace_back(std::get<GroupAnswer>(partial).total, progress);
    });
    const auto took = std::chrono::steady_clock::now() - begin;
    QVERIFY(answer.ok());
    QVERIFY2(told.size() >= 3, "no partial answers");
    for (std::size_t i = 0; i + 1 < told.size(); ++i) {
        QVERIFY(!told[i].second.exact);
        QVERIFY2(told[i].first <= told[i + 1].first, "a partial answer shrank");
        QVERIFY(told[i].second.eventsScanned <= told[i + 1].second.eventsScanned);
    }
    QVERIFY(told.back().second.exact);
    QCOMPARE(told.back().second.eventsScanned, std::uint64_t{world.events.size()});
    QCOMPARE(told.back().second.eventsTotal, std::uint64_t{world.events.size()});
    QVERIFY2(static_cast<double>(told.size() - 1) <= std::chrono::duration<double>(took).count() * 20 + 1,
             "too often");
    const std::string what = difference(*answer, truth(question, world.events));
    QVERIFY2(what.empty(), qPrintable(show(what)));
}

void TestSearchTruth::cancelIsQuick()
{
    World world(17, 1200, 60);
    GroupQuestion group;
    group.by = {"message", "mixed"};
    group.selection.filter = *parseFilter("timeout OR kelvin", 0);
    for (const Question& question :
         std::vector<Question>{group, FacetQuestion{group.selection, {}, 3, true}}) {
        LocalEngine engine(world.store, std::make_shared<WorkerPool>(1));
        std::stop_source source;
        std::atomic<int> reads{0};
        world.store->beforeRead = [&](const SegmentInfo&, ColumnIndex) {
            if (++reads == 5) source.request_stop();
            return Status();
        };
        const auto answer = engine.ask(question, source.get_token(), {});
        QVERIFY(!answer.ok());
        QCOMPARE(answer.error().kind, ErrorKind::Cancelled);
        QVERIFY2(reads <= 8, "columns were read long after the stop");
    }
    // What was cut short is not remembered.
    LocalEngine engine(world.store, std::make_shared<WorkerPool>(1));
    std::stop_source source;
    std::atomic<int> reads{0};
    world.store->beforeRead = [&](const SegmentInfo&, ColumnIndex) {
        if (++reads == 200) source.request_stop(); // among the fields, behind the filter
        return Status();
    };
    QVERIFY(!engine.ask(FacetQuestion{group.selection, {}, 3, true}, source.get_token(), {}).ok());
    world.store->beforeRead = nullptr;
    const auto again = engine.ask(group, {}, {});
    QVERIFY(again.ok());
    const std::string what = difference(*again, truth(group, world.events));
    QVERIFY2(what.empty(), qPrintable(show(what)));
}

void TestSearchTruth::mergesBelowAQuestion()
{
    World world(18, 600, 60);
    LocalEngine engine(world.store, std::make_shared<WorkerPool>(0));
    int reads = 0;
    bool merged = false;
    world.store->beforeRead = [&](const SegmentInfo&, ColumnIndex) {
        if (++reads == 10) {
            merged = true;
            world.store->renumber();
        }
        return Status();
    };
    GroupQuestion question;
    question.by = {"service", "status"};
    const auto answer = engine.ask(question, {}, {});
    QVERIFY2(answer.ok(), answer.ok() ? "" : qPrintable(show(answer.error().line())));
    QVERIFY(merged);
    const std::string what = difference(*answer, truth(question, world.events));
    QVERIFY2(what.empty(), qPrintable(show(what)));
}

void TestSearchTruth::errorsComeThrough()
{
    World world(19, 300, 60);
    LocalEngine engine(world.store, std::make_shared<WorkerPool>(1));
    world.store->beforeRead = [](const SegmentInfo& segment, ColumnIndex index) -> Status {
        if (index < RowColumnCount) return {};
        return makeError(ErrorKind::Store, "read segment " + std::to_string(segment.id.value),
                         "the disk does not answer");
    };
    const auto refused = engine.ask(GroupQuestion{{}, {"service"}, 0}, {}, {});
    QVERIFY(!refused.ok());
    QCOMPARE(refused.error().kind, ErrorKind::Store);
    QVERIFY(engine.missed().empty());
    // What is damaged is left out, and said so.
    world.store->beforeRead = [](const SegmentInfo& segment, ColumnIndex index) -> Status {
        if (index < RowColumnCount) return {};
        return makeError(ErrorKind::Damaged, "read segment " + std::to_string(segment.id.value),
                         "bad checksum");
    };
    const auto damaged = engine.ask(GroupQuestion{{}, {"service"}, 0}, {}, {});
    QVERIFY(damaged.ok());
    QCOMPARE(std::get<GroupAnswer>(*damaged).total, std::uint64_t{0});
    QCOMPARE(engine.missed().size(), world.store->snapshot().value()->segments.size());
    HistogramQuestion zero;
    zero.step = 0;
    const auto usage = engine.ask(zero, {}, {});
    QVERIFY(!usage.ok());
    QCOMPARE(usage.error().kind, ErrorKind::Usage);
    HistogramQuestion tiny;
    tiny.step = 1;
    const auto limit = engine.ask(tiny, {}, {});
    QVERIFY(!limit.ok());
    QCOMPARE(limit.error().kind, ErrorKind::Limit);
}

} // namespace faultline::test

QTEST_APPLESS_MAIN(faultline::test::TestSearchTruth)
#include "tst_search_truth.moc"
