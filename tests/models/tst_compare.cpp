#include "models/analysis/change_text.h"
#include "models/analysis/comparer.h"
#include "models/analysis/field_tally.h"
#include "models/base/worker_pool.h"
#include "models/query/field_reader.h"
#include "models/query/filter_build.h"
#include "tests/support/search_world.h"

#include <QTest>

#include <algorithm>
#include <map>
#include <random>
#include <set>

namespace faultline::test {

namespace {

constexpr TimeNs kStart = 1'795'359'600'000'000'000; // 2026-11-22T15:00:00Z

std::shared_ptr<WorkerPool> threads(std::size_t count)
{
    return std::make_shared<WorkerPool>(count);
}

TimeNs second(double at)
{
    return kStart + static_cast<TimeNs>(at * 1e9);
}

/// Events that are made one by one.
class Made
{
public:
    explicit Made(std::uint64_t seed) : random(seed) {}
    TruthEvent& add(double at, const std::string& message, const std::string& service)
    {
        TruthEvent event;
        event.key = {second(at), SourceId{1}, 0};
        event.severity = 9;
        event.values = {{"message", ValueKind::Text, message}, {"service", ValueKind::Text, service}};
        event.canonical = {"message", "service", "host", "logger", "trace_id", "span_id"};
        events.push_back(std::move(event));
        return events.back();
    }
    /// In order of time, with the ordinals of their places.
    std::shared_ptr<MemoryEvents> store(std::uint64_t seed = 1, std::size_t segment = 400)
    {
        std::stable_sort(events.begin(), events.end(),
                         [](const TruthEvent& a, const TruthEvent& b) { return a.key.time < b.key.time; });
        for (std::size_t i = 0; i < events.size(); ++i) events[i].key.ordinal = i;
        MemoryEvents::Options options;
        options.seed = seed;
        options.segmentEvents = segment;
        options.rawPercent = options.overflowPercent = 0;
        return std::make_shared<MemoryEvents>(events, options);
    }
    double uniform() { return std::uniform_real_distribution<double>(0, 1)(random); }
    std::mt19937_64 random;
    std::vector<TruthEvent> events;
};

/// Ten minutes of a service that does the same all the time; `from` is when something else begins.
Made traffic(std::uint64_t seed, std::size_t count, double seconds = 600)
{
    Made made(seed);
    static const char* const messages[] = {"request handled in 12 ms",
                                           "cache miss for key 17",
                                           "user 5 logged in",
                                           "order 9 placed",
                                           "sent 3 mails",
                                           "token verified",
                                           "job 4 done"};
    static const char* const services[] = {"web", "cart", "mail"};
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t what = made.random() % 7;
        TruthEvent& event = made.add(made.uniform() * seconds, messages[what], services[what % 3]);
        event.values.push_back({"status", ValueKind::Int, made.random() % 20 == 0 ? "404" : "200"});
        event.values.push_back({"region", ValueKind::Text, made.random() % 3 == 0 ? "eu" : "us"});
        event.values.push_back({"took", ValueKind::Int, std::to_string(1 + made.random() % 400)});
    }
    return made;
}

CompareQuestion lastPart(double from, double to = 600)
{
    CompareQuestion question;
    question.a.range = {second(from), second(to)};
    question.against = CompareQuestion::Against::Rest;
    return question;
}

Comparison compared(const std::shared_ptr<ScanSource>& store, const CompareQuestion& question,
                    std::size_t workers = 1)
{
    Comparer comparer(store, threads(workers));
    auto answer = comparer.compare(question);
    if (!answer) qFatal("%s", answer.error().line().c_str());
    return std::move(*answer);
}

/// Everything that is said, for a compare of two answers.
std::string told(const Comparison& comparison)
{
    std::string text = std::to_string(comparison.tests) + " " + std::to_string(comparison.passed) + " " +
                       std::to_string(comparison.moreGroups) + "\n";
    for (const ChangeGroup& group : comparison.groups) {
        text += group.head.what + ": " + group.head.why + "\n";
        for (const Change& same : group.same) text += "  " + same.what + ": " + same.why + "\n";
    }
    for (const FieldNote& note : comparison.notes)
        text += note.field + " " + std::to_string(static_cast<int>(note.why)) + "\n";
    return text;
}

std::uint64_t countOf(const std::vector<TruthEvent>& events, const Selection& selection)
{
    return std::get<CountAnswer>(truth(CountQuestion{selection, {}}, events)).count;
}

} // namespace

class TestCompare : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void threadsAndIngestDoNotMatter_data();
    void threadsAndIngestDoNotMatter();
    void findsWhatIsNew();
    void foldsTheSameEvents();
    void findsPairs();
    void findsSlowTails();
    void findsWhatIsGone();
    void earlierComesFirst();
    void swapsAreOneDifference();
    void whatWasAskedForIsNoDifference();
    void idsAreNoFindings();
    void countersAreNoFindings();
    void nothingWhereNothingChanged();
    void againstTheTimeBefore();
    void twoStores();
    void partialComesFirst();
    void cancelIsQuick();
    void damageIsLeftOut();
    void emptySides();
};

void TestCompare::threadsAndIngestDoNotMatter_data()
{
    QTest::addColumn<quint64>("seed");
    for (quint64 seed = 1; seed <= 3; ++seed) QTest::newRow(qPrintable(QString::number(seed))) << seed;
}

void TestCompare::threadsAndIngestDoNotMatter()
{
    QFETCH(quint64, seed);
    Made made = traffic(seed, 3000);
    for (TruthEvent& event : made.events) {
        event.values.push_back({"request", ValueKind::Text, "r-" + std::to_string(made.random() % 2000)});
        if (event.key.time >= second(480) && made.random() % 4 == 0) event.values[3].text = "asia";
    }
    CompareQuestion question = lastPart(480);
    question.top = 40;
    std::string first;
    for (const std::size_t segment : {97, 700, 5000}) {
        const auto store = made.store(seed * 31 + segment, segment);
        for (const std::size_t workers : {0, 1, 3}) {
            const std::string answer = told(compared(store, question, workers));
            if (first.empty()) first = answer;
            if (answer != first) QFAIL(qPrintable(show(first + "\nbut\n" + answer)));
        }
    }
    QVERIFY2(first.find("region = asia") != first.npos, qPrintable(show(first)));
}

void TestCompare::findsWhatIsNew()
{
    Made made = traffic(7, 4000);
    for (int i = 0; i < 60; ++i) made.add(500 + i * 1.5, "pool exhausted after 30 s", "cart");
    const Comparison found = compared(made.store(), lastPart(480));
    QVERIFY(!found.groups.empty());
    const Change& head = found.groups.front().head;
    QVERIFY2(head.kind == Change::Kind::Pattern && head.pattern.find("pool exhausted") != head.pattern.npos,
             qPrintable(show(told(found))));
    QCOMPARE(head.way, Change::Way::New);
    QCOMPARE(head.inA, std::uint64_t{60});
    QCOMPARE(head.inB, std::uint64_t{0});
    QCOMPARE(head.effect, 1.0);
    QVERIFY(head.onset && *head.onset == second(500));
    QVERIFY(!head.beganBefore);
    QCOMPARE(head.example, std::string("pool exhausted after 30 s"));
    QVERIFY(head.q <= 0.05);
    QVERIFY2(head.why.find("New: 60 events in A, none in B") == 0, qPrintable(show(head.why)));
}

void TestCompare::foldsTheSameEvents()
{
    Made made = traffic(8, 4000);
    for (int i = 0; i < 120; ++i) {
        TruthEvent& event = made.add(481 + i * 0.9, "disk nearly full", "disk-watch");
        event.values.push_back({"device", ValueKind::Text, "sda" + std::to_string(i % 2)});
        event.values.push_back({"rack", ValueKind::Text, "r7"});
    }
    const Comparison found = compared(made.store(), lastPart(480));
    QCOMPARE(found.groups.size(), std::size_t{1});
    std::set<std::string> same;
    for (const Change& change : found.groups.front().same) same.insert(change.what);
    same.insert(found.groups.front().head.what);
    for (const char* what : {"service = disk-watch", "rack = r7", "message pattern \"disk nearly full\""})
        QVERIFY2(same.contains(what), qPrintable(show(told(found))));
}

void TestCompare::findsPairs()
{
    // Each value is as frequent as ever, but for what the two together add.
    Made made(9);
    for (int i = 0; i < 12'000; ++i) {
        const double at = made.uniform() * 600;
        TruthEvent& event =
            made.add(at, "request " + std::to_string(made.random() % 1000) + " handled", "web");
        const bool odd = at >= 480 && made.random() % 8 == 0;
        const std::size_t r = made.random() % 20, v = made.random() % 20;
        event.values.push_back({"region", ValueKind::Text, odd ? "eu-2" : "eu-" + std::to_string(r % 6)});
        event.values.push_back({"version", ValueKind::Text, odd ? "v3" : "v" + std::to_string(v % 8)});
    }
    const Comparison found = compared(made.store(1, 3000), lastPart(480));
    QVERIFY(!found.groups.empty());
    const Change& head = found.groups.front().head;
    QVERIFY2(head.kind == Change::Kind::Pair && head.value == "eu-2" && head.secondValue == "v3",
             qPrintable(show(told(found))));
    QVERIFY2(found.groups.size() <= 2, qPrintable(show(told(found))));
}

void TestCompare::findsSlowTails()
{
    Made made = traffic(10, 8000);
    for (TruthEvent& event : made.events)
        if (event.key.time >= second(480) && made.random() % 12 == 0)
            event.values[4].text = std::to_string(900 + made.random() % 600);
    const Comparison found = compared(made.store(1, 2000), lastPart(480));
    QVERIFY(!found.groups.empty());
    const Change& head = found.groups.front().head;
    QVERIFY2(head.kind == Change::Kind::Number && head.field == "took", qPrintable(show(told(found))));
    QVERIFY(head.numbers && head.numbers->above && head.numbers->p95A > head.numbers->p95B);
    QVERIFY(head.numbers->distance > 0.04);
}

void TestCompare::findsWhatIsGone()
{
    Made made = traffic(11, 6000);
    std::erase_if(made.events, [](const TruthEvent& event) {
        return event.key.time >= second(500) && event.values[0].text == "sent 3 mails";
    });
    const Comparison found = compared(made.store(), lastPart(500));
    QVERIFY(!found.groups.empty());
    const Change& head = found.groups.front().head;
    QVERIFY2(head.pattern == "sent <*> mails", qPrintable(show(told(found))));
    QCOMPARE(head.way, Change::Way::Gone);
    QCOMPARE(head.inA, std::uint64_t{0});
    QVERIFY(head.onset && *head.onset >= second(495) && *head.onset <= second(505));
}

void TestCompare::earlierComesFirst()
{
    Made made = traffic(12, 6000);
    for (int i = 0; i < 100; ++i) made.add(485 + i * 1.1, "flag pricing is on", "cart");
    for (int i = 0; i < 110; ++i) made.add(525 + i * 0.65, "upstream timed out", "web");
    const Comparison found = compared(made.store(), lastPart(480));
    QVERIFY2(found.groups.size() >= 2, qPrintable(show(told(found))));
    QVERIFY2(found.groups[0].head.pattern == "flag pricing is on", qPrintable(show(told(found))));
    QVERIFY2(found.groups[1].head.pattern == "upstream timed out", qPrintable(show(told(found))));
    QVERIFY(*found.groups[0].head.onset < *found.groups[1].head.onset);
}

void TestCompare::swapsAreOneDifference()
{
    Made made = traffic(31, 4000);
    for (TruthEvent& event : made.events)
        event.values.push_back({"engine", ValueKind::Text, event.key.time < second(480) ? "v1" : "v2"});
    const Comparison found = compared(made.store(), lastPart(480));
    QVERIFY2(found.groups.size() == 1, qPrintable(show(told(found))));
    QCOMPARE(found.groups.front().head.what, std::string("engine = v2"));
    QVERIFY2(told(found).find("engine = v1: Gone") != std::string::npos, qPrintable(show(told(found))));
}

void TestCompare::whatWasAskedForIsNoDifference()
{
    // The sides are chosen by region; what eu has more of is said all the same.
    Made made = traffic(32, 4000);
    for (TruthEvent& event : made.events)
        if (event.values[3].text == "eu" && made.random() % 5 == 0) event.values[2].text = "500";
    CompareQuestion question;
    question.a.filter = filters::equals("region", "eu");
    question.against = CompareQuestion::Against::Selection;
    question.b.filter = filters::equals("region", "us");
    const Comparison found = compared(made.store(), question);
    QVERIFY2(!found.groups.empty() && found.groups.front().head.what == "status = 500",
             qPrintable(show(told(found))));
    QVERIFY2(told(found).find("region") == std::string::npos, qPrintable(show(told(found))));
}

void TestCompare::idsAreNoFindings()
{
    // Ids that live for a while: each is new at some time.
    Made made = traffic(13, 6000);
    for (TruthEvent& event : made.events) {
        const auto batch = (event.key.time - kStart) / (7 * kSecondNs);
        event.values.push_back({"batch", ValueKind::Text, "b" + std::to_string(batch)});
        event.values.push_back({"unique", ValueKind::Text, "u" + std::to_string(made.random())});
    }
    const Comparison found = compared(made.store(), lastPart(480));
    QVERIFY2(found.groups.empty(), qPrintable(show(told(found))));
    const auto noted = [&](const char* field, FieldNote::Why why) {
        return std::any_of(found.notes.begin(), found.notes.end(),
                           [&](const FieldNote& note) { return note.field == field && note.why == why; });
    };
    QVERIFY2(noted("batch", FieldNote::Why::Passing), qPrintable(show(told(found))));
}

void TestCompare::countersAreNoFindings()
{
    Made made = traffic(14, 6000);
    for (TruthEvent& event : made.events) {
        const auto at = (event.key.time - kStart) / 1'000'000;
        event.values.push_back({"sequence", ValueKind::Int, std::to_string(1'000'000 + at)});
    }
    const Comparison found = compared(made.store(), lastPart(480));
    QVERIFY2(found.groups.empty(), qPrintable(show(told(found))));
    QVERIFY2(told(found).find("sequence 2") != std::string::npos, qPrintable(show(told(found))));
}

/// Bursts of lines, a busy hour, ids: but nothing that A has and B has not. Of so many pairs few may have a
/// finding: the level says one in twenty.
void TestCompare::nothingWhereNothingChanged()
{
    int wrong = 0;
    std::string what;
    constexpr int pairs = 40;
    for (std::uint64_t seed = 100; seed < 100 + pairs; ++seed) {
        Made made = traffic(seed, 1500);
        for (int burst = 0; burst < 25; ++burst) {
            const double at = made.uniform() * 600, length = 0.2 + 8 * made.uniform();
            const std::size_t kind = made.random() % 4, size = 5 + made.random() % 60;
            for (std::size_t i = 0; i < size; ++i) {
                const double when = std::min(at + length * made.uniform(), 599.9);
                made.add(when, "retry number " + std::to_string(i) + " of kind " + std::string(kind + 1, 'k'),
                         "web");
            }
        }
        const Comparison found = compared(made.store(seed, 1000), lastPart(450));
        if (found.groups.empty()) continue;
        ++wrong;
        what += told(found);
    }
    QVERIFY2(wrong <= 5,
             qPrintable(show(std::to_string(wrong) + " of " + std::to_string(pairs) + "\n" + what)));
}

void TestCompare::againstTheTimeBefore()
{
    Made made = traffic(15, 4000);
    CompareQuestion question = lastPart(480);
    question.against = CompareQuestion::Against::Before;
    Selection before;
    before.range = {second(360), second(480)};
    const Comparison found = compared(made.store(), question);
    QCOMPARE(found.eventsB, countOf(made.events, before));
    QCOMPARE(found.timeB, before.range);
    question.a.range.begin = kTimeMin;
    Comparer comparer(made.store(), threads(0));
    const auto answer = comparer.compare(question);
    QVERIFY(!answer.ok());
    QCOMPARE(answer.error().kind, ErrorKind::Usage);
}

void TestCompare::twoStores()
{
    Made good = traffic(16, 3000), bad = traffic(17, 2400);
    for (TruthEvent& event : bad.events) {
        event.key.time += 3600 * kSecondNs; // another day
        if (bad.random() % 6 == 0) event.values[2].text = "500";
    }
    const auto goodStore = good.store(), badStore = bad.store();
    Comparer comparer(badStore, goodStore, threads(1));
    CompareQuestion question;
    const auto found = comparer.compare(question);
    QVERIFY(found.ok());
    QCOMPARE(found->eventsA, std::uint64_t{2400});
    QCOMPARE(found->eventsB, std::uint64_t{3000});
    QVERIFY(!found->groups.empty());
    QVERIFY2(found->groups.front().head.what == "status = 500", qPrintable(show(told(*found))));
    QCOMPARE(found->groups.front().head.inA,
             countOf(bad.events, {found->groups.front().head.filter, TimeRange()}));
}

void TestCompare::partialComesFirst()
{
    Made made = traffic(18, 3000);
    for (int i = 0; i < 60; ++i) made.add(500 + i * 1.5, "pool exhausted", "cart");
    Comparer comparer(made.store(), threads(1));
    int early = 0;
    const auto answer = comparer.compare(lastPart(480), {}, [&](const Comparison& part) {
        ++early;
        QVERIFY(!part.exact);
        QVERIFY(!part.groups.empty());
    });
    QVERIFY(answer.ok());
    QCOMPARE(early, 1);
    QVERIFY(answer->exact);
}

void TestCompare::cancelIsQuick()
{
    Made made = traffic(19, 3000);
    const auto store = made.store();
    std::stop_source stop;
    std::size_t reads = 0;
    std::mutex mutex;
    store->beforeRead = [&](const SegmentInfo&, ColumnIndex) -> Status {
        std::lock_guard lock(mutex);
        if (++reads == 20) stop.request_stop();
        return {};
    };
    Comparer comparer(store, threads(1));
    const auto answer = comparer.compare(lastPart(480), stop.get_token());
    QVERIFY(!answer.ok());
    QCOMPARE(answer.error().kind, ErrorKind::Cancelled);
    QVERIFY2(reads < 30, "columns were read long after it was stopped");
}

void TestCompare::damageIsLeftOut()
{
    Made made = traffic(20, 3000);
    const auto store = made.store();
    const auto snapshot = *store->snapshot();
    const SegmentInfo& bad = *snapshot->segments[1].info;
    store->beforeRead = [&](const SegmentInfo& segment, ColumnIndex column) -> Status {
        if (segment.id == bad.id && column >= RowColumnCount)
            return makeError(ErrorKind::Damaged, "read", "its checksum does not hold");
        return {};
    };
    const Comparison found = compared(store, lastPart(300));
    QCOMPARE(found.missed.size(), std::size_t{1});
    QCOMPARE(found.missed.front().segment, bad.id);
    QCOMPARE(found.eventsA + found.eventsB, std::uint64_t{3000} - bad.rows);
}

void TestCompare::emptySides()
{
    Made made = traffic(21, 300);
    CompareQuestion question = lastPart(700, 800);
    const Comparison found = compared(made.store(), question);
    QCOMPARE(found.eventsA, std::uint64_t{0});
    Made none(1);
    const Comparison nothing = compared(std::make_shared<MemoryEvents>(), CompareQuestion());
    QCOMPARE(nothing.eventsA + nothing.eventsB, std::uint64_t{0});
    QVERIFY(nothing.groups.empty());
}

} // namespace faultline::test

QTEST_GUILESS_MAIN(faultline::test::TestCompare)
#include "tst_compare.moc"
