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

template <class Body> void forEachChange(const Comparison& comparison, Body&& body)
{
    for (const auto* list : {&comparison.groups, &comparison.weaker}) {
        for (const ChangeGroup& group : *list) {
            body(group.head);
            for (const Change& same : group.same) body(same);
        }
    }
}

std::vector<TruthEvent> selected(const std::vector<TruthEvent>& events, const Selection& selection)
{
    std::vector<TruthEvent> found;
    std::copy_if(events.begin(), events.end(), std::back_inserter(found),
                 [&](const TruthEvent& event) { return selects(selection, event); });
    return found;
}

std::uint64_t countOf(const std::vector<TruthEvent>& events, const FilterPtr& filter)
{
    return std::get<CountAnswer>(truth(CountQuestion{{filter, TimeRange()}, {}}, events)).count;
}

/// The truth of a search knows nothing of where events come from.
std::uint64_t countOf(const std::vector<TruthEvent>& events, const Change& change)
{
    const bool first = change.field == "source", second = change.secondField == "source";
    if (!first && !second) return countOf(events, change.filter);
    if (change.kind == Change::Kind::Presence) return events.size();
    const std::string& path = first ? change.value : change.secondValue;
    std::vector<TruthEvent> there;
    for (const TruthEvent& event : events)
        if (path == "/logs/app-" + std::to_string(event.key.source.value) + ".json") there.push_back(event);
    if (change.kind == Change::Kind::Value) return there.size();
    return countOf(there, first ? filters::equals(change.secondField, change.secondValue)
                                : filters::equals(change.field, change.value));
}

} // namespace

/// Random events, and counts by looking at each of them.
class TestCompareTruth : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void countsEqualTheTruth_data();
    void countsEqualTheTruth();
    void valuesEqualTheTruth_data();
    void valuesEqualTheTruth();
    void cleanupTestCase()
    {
        QVERIFY2(m_seen > 100,
                 qPrintable(QString::number(m_seen) + QStringLiteral(" differences: little was tested")));
    }

private:
    std::size_t m_seen = 0;
};

void TestCompareTruth::countsEqualTheTruth_data()
{
    QTest::addColumn<quint64>("seed");
    for (quint64 seed = 1; seed <= 8; ++seed) QTest::newRow(qPrintable(QString::number(seed))) << seed;
}

void TestCompareTruth::countsEqualTheTruth()
{
    QFETCH(quint64, seed);
    World world(seed, 1200, 260);
    if (seed % 3 == 0) world.removeSome();
    Comparer comparer(world.store, threads(seed % 3));
    std::mt19937_64 random(seed);
    std::size_t seen = 0;
    for (int i = 0; i < 8; ++i) {
        CompareQuestion question;
        question.falseDiscovery = 0.999; // nearly all that is looked at
        question.top = CompareQuestion::kMostGroups;
        TimeNs low = kTimeMax, high = kTimeMin;
        for (const TruthEvent& event : world.events) {
            low = std::min(low, event.key.time);
            high = std::max(high, event.key.time);
        }
        if (i % 2 == 0 && i < 4) {
            const TimeNs middle = low + (high - low) / 100 * static_cast<TimeNs>(20 + random() % 60);
            question.a.range = {middle, kTimeMax};
        }
        // Both sides are to have something: a filter of some of the events.
        for (int tries = 0; i != 0 && tries < 200; ++tries) {
            auto filter = parseFilter(world.random.query(), kStart);
            if (!filter) continue;
            question.a.filter = *filter;
            const std::size_t some = selected(world.events, question.a).size();
            if (some > world.events.size() / 8 && some < world.events.size() * 7 / 8) break;
        }
        question.against = i % 2 == 0 ? CompareQuestion::Against::Rest : CompareQuestion::Against::Selection;
        if (i >= 3) question.b.filter = filters::negate(question.a.filter);
        auto answer = comparer.compare(question);
        QVERIFY2(answer.ok(), answer.ok() ? "" : qPrintable(show(answer.error().line())));
        const auto odd = selected(world.events, question.a);
        std::set<EventKey> inA;
        for (const TruthEvent& event : odd) inA.insert(event.key);
        std::vector<TruthEvent> normal;
        if (question.against == CompareQuestion::Against::Rest) {
            for (const TruthEvent& event : world.events)
                if (!inA.contains(event.key)) normal.push_back(event);
        } else {
            normal = selected(world.events, question.b);
        }
        QCOMPARE(answer->eventsA, std::uint64_t{odd.size()});
        QCOMPARE(answer->eventsB, std::uint64_t{normal.size()});
        std::string wrong;
        forEachChange(*answer, [&](const Change& change) {
            const std::string what = change.what + ": " + change.why;
            if (change.inA != countOf(odd, change) || change.inB != countOf(normal, change))
                wrong += what + "\n";
            ++seen;
        });
        QVERIFY2(wrong.empty(), qPrintable(show(wrong)));
    }
    m_seen += seen;
}

void TestCompareTruth::valuesEqualTheTruth_data()
{
    QTest::addColumn<quint64>("seed");
    QTest::addColumn<int>("held");
    for (quint64 seed = 1; seed <= 4; ++seed) {
        QTest::addRow("%d few", static_cast<int>(seed)) << seed << 20'000;
        QTest::addRow("%d many", static_cast<int>(seed)) << seed << 5;
    }
}

void TestCompareTruth::valuesEqualTheTruth()
{
    QFETCH(quint64, seed);
    QFETCH(int, held);
    World world(seed, 3000, 900);
    CompareQuestion question;
    question.a.range = {world.events[world.events.size() / 2].key.time, kTimeMax};
    std::vector<std::unique_ptr<CompareStore>> stores;
    stores.push_back(std::make_unique<CompareStore>());
    stores.back()->source = world.store;
    stores.back()->snapshot = *world.store->snapshot();
    stores.back()->names = std::make_shared<const SegmentScan::SourceNames>(*world.store->sourceNames());
    std::vector<DamagedSegment> damaged;
    auto rows = CompareRows::find(std::move(stores), question, threads(1), {}, damaged);
    QVERIFY(rows.ok());
    std::vector<std::uint32_t> all(rows->segments().size());
    for (std::uint32_t i = 0; i < all.size(); ++i) all[i] = i;

    for (const std::string field :
         {"service", "request", "mixed", "status", "severity", "host", "user.id", "ok"}) {
        FieldTally tally(field, static_cast<std::size_t>(held));
        const auto count = [&](SegmentScan& scan, const SegmentSides& sides, std::size_t) {
            tally.scan(scan, sides);
        };
        QVERIFY(rows->forEachOf(all, count).ok());
        if (tally.again()) QVERIFY(rows->forEachOf(all, count).ok());
        // The values as people group by them; numbers with a point are counted in bins and not here.
        std::map<std::string, std::pair<std::uint64_t, std::uint64_t>> truth;
        std::uint64_t present[2] = {0, 0};
        for (const TruthEvent& event : world.events) {
            const auto text = fieldText(event, field);
            if (!text) continue;
            const bool inA =
                question.a.range.contains(event.key.time) && (event.flags & FlagTimeMissing) == 0;
            ++present[inA ? 0 : 1];
            std::string path = field;
            for (std::size_t c = 0; c < kCanonicalCount; ++c)
                if (canonicalName(static_cast<Canonical>(c)) == field && !event.canonical[c].empty())
                    path = event.canonical[c];
            auto value = std::find_if(event.values.begin(), event.values.end(),
                                      [&](const TruthValue& each) { return each.path == path; });
            if (value == event.values.end())
                value = std::find_if(event.values.begin(), event.values.end(),
                                     [&](const TruthValue& each) { return each.path == field; });
            if (field != "severity" && (value == event.values.end() ||
                                        (value->kind != ValueKind::Text && value->kind != ValueKind::Int &&
                                         value->kind != ValueKind::Bool)))
                continue;
            auto& counts = truth[*text];
            ++(inA ? counts.first : counts.second);
        }
        QCOMPARE(tally.present(0), present[0]);
        QCOMPARE(tally.present(1), present[1]);
        std::map<std::string, std::pair<std::uint64_t, std::uint64_t>> found;
        for (const auto& value : tally.values()) found[value.text] = {value.count[0], value.count[1]};
        if (!tally.many()) {
            QVERIFY2(found == truth, qPrintable(show(field)));
            continue;
        }
        for (const auto& [text, counts] : found)
            if (truth[text] != counts) QFAIL(qPrintable(show(field + " = " + text)));
        for (const auto& [text, counts] : truth)
            if (tally.often() != 0 && std::max(counts.first, counts.second) >= tally.often() &&
                !found.contains(text))
                QFAIL(qPrintable(show(field + " = " + text + " is missing")));
    }
}

} // namespace faultline::test

QTEST_GUILESS_MAIN(faultline::test::TestCompareTruth)
#include "tst_compare_truth.moc"
