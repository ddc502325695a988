#include "models/base/worker_pool.h"
#include "models/query/local_engine.h"
#include "tests/support/memory_events.h"
#include "tests/support/random_events.h"

#include <QTest>

#include <chrono>
#include <cmath>
#include <random>
#include <set>
#include <thread>

namespace faultline::test {

namespace {

QString show(std::string_view text)
{
    return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size()));
}

std::string show(const std::vector<std::optional<std::string>>& group)
{
    std::string out = "(";
    for (const auto& value : group) out += (value ? "'" + *value + "'" : "absent") + " ";
    return out + ")";
}

bool close(double a, double b)
{
    return a == b || std::abs(a - b) <= 1e-9 * std::max(std::abs(a), std::abs(b));
}

std::string show(const EventKey& key)
{
    return std::to_string(key.time) + "/" + std::to_string(key.source.value) + "/" +
           std::to_string(key.ordinal);
}

/// What differs between two answers, as a sentence; empty when nothing does.
std::string difference(const CountAnswer& a, const CountAnswer& b)
{
    return a.count == b.count ? "" : std::to_string(a.count) + " events, not " + std::to_string(b.count);
}

std::string difference(const HistogramAnswer& a, const HistogramAnswer& b)
{
    if (a.total != b.total) return "total " + std::to_string(a.total) + ", not " + std::to_string(b.total);
    if (a.outside != b.outside)
        return "outside " + std::to_string(a.outside) + ", not " + std::to_string(b.outside);
    if (a.firstBucket != b.firstBucket || a.buckets != b.buckets) return "other buckets";
    if (a.series.size() != b.series.size()) return "other number of series";
    for (std::size_t i = 0; i < a.series.size(); ++i) {
        const auto &x = a.series[i], &y = b.series[i];
        if (x.group != y.group || x.absent != y.absent || x.other != y.other || x.counts != y.counts ||
            x.total != y.total) {
            return "series " + std::to_string(i) + " is another";
        }
    }
    return "";
}

std::string difference(const FacetAnswer& a, const FacetAnswer& b)
{
    if (a.total != b.total) return "total " + std::to_string(a.total) + ", not " + std::to_string(b.total);
    // Asked for every field, the scanner adds canonical names that no event spells so; that they are right is
    // asked for by name, in namesOfEveryField().
    std::vector<FieldSummary> mine;
    const auto& theirs = b.fields;
    for (const auto& each : a.fields) {
        const auto same = [&](const FieldSummary& other) { return other.field == each.field; };
        static const std::set<std::string> extra{"severity", "message",  "service", "host",
                                                 "logger",   "trace_id", "span_id"};
        if (extra.count(each.field) == 0 || std::any_of(theirs.begin(), theirs.end(), same))
            mine.push_back(each);
    }
    if (mine.size() != theirs.size()) return "other number of fields";
    for (std::size_t i = 0; i < mine.size(); ++i) {
        const auto &x = mine[i], &y = theirs[i];
        if (x.field != y.field) return "field " + x.field + ", not " + y.field;
        if (x.type != y.type) return x.field + " is " + x.type + ", not " + y.type;
        if (x.present != y.present || x.distinct != y.distinct)
            return x.field + ": present or distinct differ";
        if (x.top.size() != y.top.size()) return x.field + ": other number of values";
        for (std::size_t k = 0; k < x.top.size(); ++k) {
            if (x.top[k].value != y.top[k].value || x.top[k].count != y.top[k].count) {
                return x.field + ": '" + x.top[k].value + "', not '" + y.top[k].value + "'";
            }
        }
    }
    return "";
}

std::string difference(const GroupAnswer& a, const GroupAnswer& b)
{
    if (a.total != b.total || a.groups != b.groups) return "other totals";
    if (a.rows.size() != b.rows.size()) return "other number of rows";
    for (std::size_t i = 0; i < a.rows.size(); ++i) {
        if (a.rows[i].group != b.rows[i].group || a.rows[i].count != b.rows[i].count) {
            return show(a.rows[i].group) + " " + std::to_string(a.rows[i].count) + ", not " +
                   show(b.rows[i].group) + " " + std::to_string(b.rows[i].count);
        }
    }
    return "";
}

std::string difference(const StatsAnswer& a, const StatsAnswer& b)
{
    if (a.count != b.count || a.nonNumeric != b.nonNumeric) {
        return std::to_string(a.count) + " numbers and " + std::to_string(a.nonNumeric) + " others, not " +
               std::to_string(b.count) + " and " + std::to_string(b.nonNumeric);
    }
    if (!close(a.min, b.min) || !close(a.max, b.max)) return "other bounds";
    if (!close(a.sum, b.sum) || !close(a.mean, b.mean)) return "other sum or mean";
    if (a.quantiles.size() != b.quantiles.size()) return "other number of percentiles";
    for (std::size_t i = 0; i < a.quantiles.size(); ++i) {
        if (!close(a.quantiles[i].second, b.quantiles[i].second)) {
            return "percentile " + std::to_string(a.quantiles[i].first) + ": " +
                   std::to_string(a.quantiles[i].second) + ", not " + std::to_string(b.quantiles[i].second);
        }
    }
    return "";
}

std::string difference(const EventRow& x, const EventRow& y)
{
    if (x.key != y.key) return show(x.key) + ", not " + show(y.key);
    if (x.severity != y.severity || x.flags != y.flags) return "severity or flags of " + show(x.key);
    if (x.message != y.message) return "message '" + x.message + "', not '" + y.message + "'";
    if (x.service != y.service || x.host != y.host || x.logger != y.logger)
        return "canonical fields of " + show(x.key);
    if (x.traceId != y.traceId || x.spanId != y.spanId) return "ids of " + show(x.key);
    if (!x.message.empty() && x.patternId != y.patternId) return "pattern of " + x.message;
    if (x.columns != y.columns) return "columns " + show(x.columns) + ", not " + show(y.columns);
    if (x.document != y.document) return "document " + x.document + ", not " + y.document;
    return "";
}

std::string difference(const PageAnswer& a, const PageAnswer& b)
{
    for (std::size_t i = 0; i < std::min(a.rows.size(), b.rows.size()); ++i) {
        if (auto what = difference(a.rows[i], b.rows[i]); !what.empty())
            return "row " + std::to_string(i) + ": " + what;
    }
    if (a.rows.size() != b.rows.size()) {
        return std::to_string(a.rows.size()) + " rows, not " + std::to_string(b.rows.size());
    }
    return a.more == b.more ? "" : "other `more`";
}

std::string difference(const PatternAnswer& a, const PatternAnswer& b)
{
    if (a.total != b.total) return "other total";
    if (a.patterns.size() != b.patterns.size()) {
        return std::to_string(a.patterns.size()) + " patterns, not " + std::to_string(b.patterns.size());
    }
    for (std::size_t i = 0; i < a.patterns.size(); ++i) {
        const auto &x = a.patterns[i], &y = b.patterns[i];
        if (x.id != y.id || x.count != y.count) return "'" + x.pattern + "', not '" + y.pattern + "'";
        if (x.pattern != y.pattern || x.example != y.example) return "text of pattern '" + x.pattern + "'";
        if (x.first != y.first || x.last != y.last || x.bySeverity != y.bySeverity)
            return "times of '" + x.pattern + "'";
    }
    return "";
}

std::string difference(const Answer& a, const Answer& b)
{
    if (a.index() != b.index()) return "an answer to another question";
    return std::visit([&](const auto& x) { return difference(x, std::get<std::decay_t<decltype(x)>>(b)); },
                      a);
}

std::string describe(const Question& question)
{
    static const char* const names[] = {"count", "histogram", "facet", "group", "stats", "page", "patterns"};
    const Selection& selection =
        std::visit([](const auto& asked) -> const Selection& { return asked.selection; }, question);
    std::string out = names[question.index()];
    out += " of [" + (selection.filter ? printFilter(*selection.filter) : std::string()) + "]";
    if (!selection.range.unbounded()) {
        out += " in " + std::to_string(selection.range.begin) + ".." + std::to_string(selection.range.end);
    }
    if (const auto* group = std::get_if<GroupQuestion>(&question)) {
        for (const auto& field : group->by) out += " by " + field;
    }
    if (const auto* stats = std::get_if<StatsQuestion>(&question)) out += " of field " + stats->field;
    return out;
}

/// Some events get their service, message and ids from fields of other names, as loggers do.
void renameCanonical(std::vector<TruthEvent>& events, std::uint64_t seed)
{
    std::mt19937_64 random(seed);
    for (TruthEvent& event : events) {
        const auto way = random() % 4;
        for (TruthValue& value : event.values) {
            if (value.path == "service" && way == 1) {
                value.path = event.canonical[1] = "app.name";
                if (random() % 2 == 0) event.values.push_back({"app", ValueKind::Text, "shop"});
            } else if (value.path == "message" && way >= 2) {
                value.path = event.canonical[0] = way == 2 ? "msg" : "log.text";
                if (random() % 3 == 0)
                    event.values.push_back({"message", ValueKind::Text, "not the message"});
            }
            if (value.path == event.canonical[1] && random() % 5 == 0) break;
        }
        if (way == 3) { // a field that is another one's canonical field, and none here
            event.values.push_back({"app.name", ValueKind::Text, "kelvin"});
        }
        static constexpr char hex[] = "0123456789abcdef";
        std::string id;
        for (int i = 0; i < 32; ++i) id += hex[(random() % 40) * (static_cast<std::uint64_t>(i) + 3) % 16];
        event.values.push_back({way == 0 ? "trace.id" : "trace_id", ValueKind::Text, id});
        event.canonical[4] = event.values.back().path;
    }
}

struct World
{
    World(std::uint64_t seed, std::size_t count, std::size_t segmentEvents = 150)
        : random(seed), events(random.events(count, 3))
    {
        renameCanonical(events, seed);
        MemoryEvents::Options options;
        options.seed = seed;
        options.segmentEvents = segmentEvents;
        store = std::make_shared<MemoryEvents>(events, options);
    }
    void removeSome()
    {
        const auto gone = [](const EventKey& key) { return (key.ordinal * 7 + key.source.value) % 5 == 0; };
        store->remove(gone);
        std::erase_if(events, [&](const TruthEvent& event) { return gone(event.key); });
    }
    RandomEvents random;
    std::vector<TruthEvent> events;
    std::shared_ptr<MemoryEvents> store;
};

} // namespace

class TestSearchTruth : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void answersEqualTheTruth_data();
    void answersEqualTheTruth();
    void namesOfEveryField();
    void severalQuestionsInOnePass();
    void threadsDoNotMatter();
    void pagesContinue_data();
    void pagesContinue();
    void pagesSkip();
    void rowsStream();
    void fieldsOfARow();
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
    World world(seed, seed % 3 == 0 ? 1500 : 500);
    if (seed % 2 == 0) world.removeSome();
    LocalEngine engine(world.store, std::make_shared<WorkerPool>(seed % 2));
    for (int i = 0; i < 120; ++i) {
        const Question question = world.random.question();
        const auto answer = engine.ask(question, {}, {});
        QVERIFY2(answer.ok(), answer.ok() ? "" : qPrintable(show(answer.error().line())));
        const std::string what = difference(*answer, truth(question, world.events));
        QVERIFY2(what.empty(), qPrintable(show(describe(question) + ": " + what)));
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
    World world(5, 1200);
    LocalEngine alone(world.store, std::make_shared<WorkerPool>(0));
    LocalEngine many(world.store, std::make_shared<WorkerPool>(3));
    for (int i = 0; i < 60; ++i) {
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

void TestSearchTruth::pagesContinue_data()
{
    QTest::addColumn<bool>("up");
    QTest::addColumn<QString>("query");
    for (const bool up : {true, false}) {
        for (const char* query : {"", "message:*", "NOT service:checkout", "timeout", "user.id:*"}) {
            QTest::addRow("%s [%s]", up ? "up" : "down", query) << up << QString::fromUtf8(query);
        }
    }
}

void TestSearchTruth::pagesContinue()
{
    QFETCH(bool, up);
    QFETCH(QString, query);
    World world(11, 700, 60);
    LocalEngine engine(world.store, std::make_shared<WorkerPool>(1));
    PageQuestion question;
    question.selection.filter = *parseFilter(query.toStdString(), 0);
    question.order = up ? Order::Ascending : Order::Descending;
    question.limit = 0;
    const auto whole = std::get<PageAnswer>(truth(question, world.events));
    QVERIFY(whole.rows.size() > 20);
    question.limit = 37;
    std::vector<EventRow> rows;
    for (bool more = true; more;) {
        const auto answer = engine.ask(question, {}, {});
        QVERIFY(answer.ok());
        const auto& page = std::get<PageAnswer>(*answer);
        QVERIFY2(!page.rows.empty(), "an empty page after one that said there is more");
        rows.insert(rows.end(), page.rows.begin(), page.rows.end());
        question.after = rows.back().key;
        more = page.more;
        QVERIFY2(rows.size() <= whole.rows.size(), "pages overlap");
    }
    QCOMPARE(rows.size(), whole.rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const std::string what = difference(rows[i], whole.rows[i]);
        QVERIFY2(what.empty(), qPrintable(show(what)));
    }
}

void TestSearchTruth::pagesSkip()
{
    World world(12, 800, 70);
    world.removeSome();
    LocalEngine engine(world.store, std::make_shared<WorkerPool>(1));
    std::mt19937_64 random(3);
    for (int i = 0; i < 80; ++i) {
        PageQuestion question;
        if (i % 2 == 0) question.selection.filter = *parseFilter("service:checkout OR level:warn", 0);
        if (i % 3 == 0) question.selection.range = {world.events[100].key.time, world.events[500].key.time};
        question.order = random() % 2 == 0 ? Order::Ascending : Order::Descending;
        question.limit = 0;
        const auto whole = std::get<PageAnswer>(truth(question, world.events)).rows;
        QVERIFY(whole.size() > 10);
        const std::size_t after = random() % whole.size(), skip = random() % (whole.size() + 5);
        const bool anchored = random() % 2 == 0;
        question.limit = 1 + random() % 20;
        question.skip = skip;
        question.inclusive = random() % 2 == 0;
        std::size_t begin = skip;
        if (anchored) {
            question.after = whole[after].key;
            begin += after + (question.inclusive ? 0 : 1);
        }
        const auto answer = engine.ask(question, {}, {});
        QVERIFY(answer.ok());
        const auto& page = std::get<PageAnswer>(*answer);
        const std::size_t left = begin < whole.size() ? whole.size() - begin : 0;
        QCOMPARE(page.rows.size(), std::min<std::size_t>(question.limit, left));
        for (std::size_t k = 0; k < page.rows.size(); ++k) {
            const std::string what = difference(page.rows[k], whole[begin + k]);
            QVERIFY2(what.empty(), qPrintable(show(what)));
        }
        QCOMPARE(page.more, left > question.limit);
        // The position of a row is the number of keys before it.
        if (question.order != Order::Ascending || page.rows.empty()) continue;
        const auto before = engine.ask(CountQuestion{question.selection, page.rows.front().key}, {}, {});
        QVERIFY(before.ok());
        QCOMPARE(std::get<CountAnswer>(*before).count, std::uint64_t{begin});
    }
}

void TestSearchTruth::rowsStream()
{
    World world(13, 600, 80);
    LocalEngine engine(world.store, std::make_shared<WorkerPool>(1));
    PageQuestion question;
    question.limit = 0;
    question.withDocument = true;
    const auto whole = std::get<PageAnswer>(truth(question, world.events)).rows;
    std::vector<EventRow> rows;
    question.sink = [&](EventRow&& row) {
        rows.push_back(std::move(row));
        return true;
    };
    QVERIFY(engine.ask(question, {}, {}).ok());
    QCOMPARE(rows.size(), whole.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const std::string what = difference(rows[i], whole[i]);
        QVERIFY2(what.empty(), qPrintable(show(what)));
    }
    rows.clear();
    question.sink = [&](EventRow&& row) {
        rows.push_back(std::move(row));
        return rows.size() < 10;
    };
    const auto stopped = engine.ask(question, {}, {});
    QVERIFY(stopped.ok());
    QCOMPARE(rows.size(), std::size_t{10});
    QVERIFY2(std::get<PageAnswer>(*stopped).more, "a sink that stopped leaves more");
}

void TestSearchTruth::fieldsOfARow()
{
    World world(14, 300, 50);
    LocalEngine engine(world.store, std::make_shared<WorkerPool>(0));
    PageQuestion question;
    question.order = Order::Ascending;
    question.limit = 300;
    question.withFields = true;
    const auto answer = engine.ask(question, {}, {});
    QVERIFY(answer.ok());
    const auto& rows = std::get<PageAnswer>(*answer).rows;
    QCOMPARE(rows.size(), world.events.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const TruthEvent& event = world.events[i];
        QCOMPARE(rows[i].fields.size(), event.values.size());
        for (const TruthValue& value : event.values) {
            const auto same = [&](const EventRow::Field& field) {
                return field.path == value.path && field.text == value.text;
            };
            QVERIFY2(
                std::any_of(rows[i].fields.begin(), rows[i].fields.end(), same),
                qPrintable(show("no field " + value.path + " = " + value.text + " in " + event.document)));
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
    LocalEngine engine(world.store, std::make_shared<WorkerPool>(1));
    std::stop_source source;
    std::atomic<int> reads{0};
    world.store->beforeRead = [&](const SegmentInfo&, ColumnIndex) {
        if (++reads == 5) source.request_stop();
        return Status();
    };
    GroupQuestion question;
    question.by = {"message", "mixed"};
    question.selection.filter = *parseFilter("timeout OR kelvin", 0);
    const auto answer = engine.ask(question, source.get_token(), {});
    QVERIFY(!answer.ok());
    QCOMPARE(answer.error().kind, ErrorKind::Cancelled);
    QVERIFY2(reads <= 8, "columns were read long after the stop");
    // What was cut short is not remembered.
    world.store->beforeRead = nullptr;
    const auto again = engine.ask(question, {}, {});
    QVERIFY(again.ok());
    const std::string what = difference(*again, truth(question, world.events));
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
        return makeError(ErrorKind::Damaged, "read segment " + std::to_string(segment.id.value),
                         "bad checksum");
    };
    const auto damaged = engine.ask(GroupQuestion{{}, {"service"}, 0}, {}, {});
    QVERIFY(!damaged.ok());
    QCOMPARE(damaged.error().kind, ErrorKind::Damaged);
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
