#include "models/analysis/pattern_clusters.h"
#include "models/analysis/pattern_miner.h"
#include "models/base/hash.h"
#include "models/query/filter.h"
#include "models/records/mask.h"
#include "models/records/severity.h"
#include "tests/support/search_world.h"

#include <QTest>

#include <algorithm>
#include <map>
#include <random>

namespace faultline::test {
namespace {

bool isTimed(const TruthEvent& event)
{
    return (event.flags & FlagTimeMissing) == 0;
}

std::optional<std::string> messageOf(const TruthEvent& event)
{
    for (const TruthValue& value : event.values)
        if (value.path == event.canonical[0] && value.kind == ValueKind::Text) return value.text;
    return std::nullopt;
}

/// What the report has to say, event by event.
struct Truth
{
    std::map<std::uint64_t, PatternFacts> patterns;
    std::uint64_t total = 0;
    bool knowsBefore = false;
    TimeNs beforeBegin = 0;
};

Truth truthOf(const std::vector<TruthEvent>& events, const PatternReportQuestion& question,
              const PatternReport& report)
{
    Truth truth;
    const Selection& selection = question.selection;
    for (const TruthEvent& event : events) {
        const auto message = messageOf(event);
        const std::uint64_t id = message ? hash64(patternOf(*message)) : 0;
        const bool earlier =
            isTimed(event) && selection.range.begin != kTimeMin && event.key.time < selection.range.begin;
        if (earlier) {
            truth.beforeBegin =
                truth.knowsBefore ? std::min(truth.beforeBegin, event.key.time) : event.key.time;
            truth.knowsBefore = true;
            if (!message) continue;
            PatternFacts& facts = truth.patterns[id];
            facts.storeHadIt = true;
            if (selection.filter && !matches(*selection.filter, event)) continue;
            ++facts.before;
            facts.lastBefore = event.key.time;
        }
        if (!selects(selection, event)) continue;
        ++truth.total;
        if (!message) continue;
        PatternFacts& facts = truth.patterns[id];
        PatternSummary& summary = facts.summary;
        facts.series.resize(question.buckets);
        if (isTimed(event) && event.key.time >= report.origin) {
            const auto bucket =
                (static_cast<std::uint64_t>(event.key.time) - static_cast<std::uint64_t>(report.origin)) /
                static_cast<std::uint64_t>(report.step);
            if (bucket < question.buckets) ++facts.series[bucket];
        }
        if (summary.count++ == 0 || (isTimed(event) && !summary.timed)) {
            facts.first = event.key;
            summary.example = *message;
            summary.timed = isTimed(event);
            facts.last = event.key;
        }
        if (isTimed(event) == summary.timed) facts.last = event.key;
        ++summary.bySeverity[severityClass(event.severity)];
    }
    std::erase_if(truth.patterns,
                  [](const auto& each) { return each.second.summary.count == 0 && each.second.before == 0; });
    return truth;
}

std::string textOf(const PatternReport& report)
{
    std::string text = std::to_string(report.total) + ' ' + std::to_string(report.knowsBefore) + '\n';
    for (const PatternFacts& facts : report.patterns) {
        text += std::to_string(facts.summary.id) + ' ' + facts.summary.pattern + ' ' + facts.summary.example;
        for (const std::uint64_t number :
             {facts.summary.count, facts.before, static_cast<std::uint64_t>(facts.verdict.isNew),
              static_cast<std::uint64_t>(facts.verdict.gone),
              static_cast<std::uint64_t>(facts.verdict.bursting)})
            text += ' ' + std::to_string(number);
        for (const std::uint64_t count : facts.series) text += ',' + std::to_string(count);
        text += '\n';
    }
    return text;
}

TimeNs middleOf(const std::vector<TruthEvent>& events)
{
    std::vector<TimeNs> times;
    for (const TruthEvent& event : events)
        if (isTimed(event)) times.push_back(event.key.time);
    std::sort(times.begin(), times.end());
    return times[times.size() / 2];
}

} // namespace

class TestPatternMiner : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void everyCountIsThatOfAllEvents()
    {
        int compared = 0;
        for (std::uint64_t seed = 1; seed <= 12; ++seed) {
            World world(seed, 400);
            if (seed % 3 == 0) world.removeSome();
            const TimeNs middle = middleOf(world.events);
            PatternMiner miner(world.store, std::make_shared<WorkerPool>(seed % 3));
            for (int round = 0; round < 8; ++round) {
                PatternReportQuestion question;
                const std::string query = round % 2 == 0 ? std::string() : world.random.query();
                const auto filter = parseFilter(query, 0);
                if (!filter) continue;
                question.selection.filter = *filter;
                if (round % 4 != 0) question.selection.range.begin = middle;
                if (round > 5) question.selection.range.end = kTimeMax - 5;
                question.buckets = 7 + static_cast<std::size_t>(round);
                const auto report = miner.report(question);
                QVERIFY2(report.ok(), query.c_str());
                const Truth truth = truthOf(world.events, question, *report);
                const std::string about = "seed " + std::to_string(seed) + " query " + query;
                QVERIFY2(report->total == truth.total, about.c_str());
                QVERIFY2(report->knowsBefore == truth.knowsBefore, about.c_str());
                QCOMPARE(report->beforeBegin, truth.beforeBegin);
                QVERIFY2(report->patterns.size() == truth.patterns.size(), about.c_str());
                for (const PatternFacts& facts : report->patterns) {
                    const auto found = truth.patterns.find(facts.summary.id);
                    QVERIFY2(found != truth.patterns.end(), about.c_str());
                    const PatternFacts& wanted = found->second;
                    QCOMPARE(facts.summary.count, wanted.summary.count);
                    QCOMPARE(facts.before, wanted.before);
                    QCOMPARE(facts.storeHadIt, wanted.storeHadIt);
                    QCOMPARE(facts.lastBefore, wanted.lastBefore);
                    QVERIFY2(facts.first == wanted.first && facts.last == wanted.last, about.c_str());
                    QCOMPARE(facts.summary.bySeverity, wanted.summary.bySeverity);
                    QCOMPARE(facts.summary.example, wanted.summary.example);
                    if (wanted.summary.count > 0) QVERIFY2(facts.series == wanted.series, about.c_str());
                    QCOMPARE(facts.verdict.isNew,
                             truth.knowsBefore && wanted.summary.count > 0 && !wanted.storeHadIt);
                    QCOMPARE(facts.summary.count == 0 && facts.before > 0,
                             facts.verdict.gone == PatternVerdict::Gone::Rare ||
                                 facts.verdict.gone == PatternVerdict::Gone::Absent);
                    ++compared;
                }
            }
        }
        QVERIFY2(compared > 500, "too little was compared");
    }

    void theSameInAnyOrderAndWithAnyThreads()
    {
        RandomEvents random(3);
        auto events = random.events(500, 3);
        PatternReportQuestion question;
        question.selection.range.begin = middleOf(events);
        std::string wanted;
        for (std::uint64_t seed = 1; seed <= 4; ++seed) {
            auto copy = events;
            MemoryEvents::Options options;
            options.seed = seed; // other segments
            const auto store = std::make_shared<MemoryEvents>(copy, options);
            PatternMiner miner(store, std::make_shared<WorkerPool>(seed - 1));
            const auto report = miner.report(question);
            QVERIFY(report.ok());
            if (wanted.empty()) wanted = textOf(*report);
            QCOMPARE(textOf(*report), wanted);
        }
    }

    void variablesAreCountedExactly()
    {
        int compared = 0;
        for (std::uint64_t seed = 1; seed <= 6; ++seed) {
            World world(seed, 400);
            PatternMiner miner(world.store, std::make_shared<WorkerPool>(1));
            const auto report = miner.report({});
            QVERIFY(report.ok());
            for (const PatternFacts& facts : report->patterns) {
                std::vector<std::map<std::string, std::uint64_t>> wanted;
                std::uint64_t count = 0;
                for (const TruthEvent& event : world.events) {
                    const auto message = messageOf(event);
                    if (!message || hash64(patternOf(*message)) != facts.summary.id) continue;
                    ++count;
                    std::vector<Variable> parts;
                    maskMessage(*message, parts);
                    wanted.resize(std::max(wanted.size(), parts.size()));
                    for (std::size_t i = 0; i < parts.size(); ++i)
                        ++wanted[i][message->substr(parts[i].begin, parts[i].end - parts[i].begin)];
                }
                const auto found = miner.variables({{}, facts.summary.id, 1'000});
                QVERIFY(found.ok());
                QCOMPARE(found->count, count);
                QCOMPARE(found->variables.size(), wanted.size());
                for (std::size_t i = 0; i < wanted.size(); ++i) {
                    QCOMPARE(found->variables[i].distinct, std::uint64_t{wanted[i].size()});
                    for (const auto& value : found->variables[i].top)
                        QCOMPARE(wanted[i][value.value], value.count);
                    ++compared;
                }
            }
        }
        QVERIFY2(compared > 5, std::to_string(compared).c_str());
    }

    void whatIsSaid()
    {
        PatternReport report;
        report.knowsBefore = true;
        report.step = 10;
        report.range = {1'000, 1'200};
        report.beforeBegin = 0;
        report.series.assign(20, 50);
        PatternFacts facts;
        facts.summary.count = 100;
        facts.series.assign(20, 5);
        QVERIFY(judgePattern(facts, report).isNew);
        QVERIFY(!judgePattern(facts, report).bursting);
        facts.storeHadIt = true;
        QVERIFY(!judgePattern(facts, report).isNew);
        facts.series[7] = 90;
        QVERIFY(judgePattern(facts, report).bursting);
        QCOMPARE(judgePattern(facts, report).peak, std::size_t{7});
        facts.series.assign(20, 0);
        for (std::size_t i = 0; i < 10; ++i) facts.series[i] = 4;
        QCOMPARE(judgePattern(facts, report).gone, PatternVerdict::Gone::Stopped);
        facts.series[17] = 4; // a pause, and then again
        QCOMPARE(judgePattern(facts, report).gone, PatternVerdict::Gone::No);
        facts.summary.count = 0;
        facts.before = 100;
        facts.series.assign(20, 0);
        QCOMPARE(judgePattern(facts, report).gone, PatternVerdict::Gone::Absent);
        QCOMPARE(judgePattern(facts, report).expected, 20.0);
        facts.before = 3;
        QCOMPARE(judgePattern(facts, report).gone, PatternVerdict::Gone::Rare);
        report.knowsBefore = false;
        PatternFacts fresh;
        fresh.summary.count = 5;
        QVERIFY(!judgePattern(fresh, report).isNew);
    }

    void mergedCountsAreSums()
    {
        World world(5, 400);
        PatternMiner miner(world.store, std::make_shared<WorkerPool>(1));
        PatternReportQuestion question;
        question.selection.range.begin = middleOf(world.events);
        const auto report = miner.report(question);
        QVERIFY(report.ok() && report->patterns.size() > 3);
        const PatternFacts* const some[] = {&report->patterns[2], &report->patterns[0], &report->patterns[1]};
        const PatternFacts sum = mergeFacts(some, *report);
        std::uint64_t count = 0, inSeries = 0, wanted = 0;
        for (const PatternFacts* each : some) {
            count += each->summary.count;
            for (const auto bucket : each->series) wanted += bucket;
        }
        for (const auto bucket : sum.series) inSeries += bucket;
        QCOMPARE(sum.summary.count, count);
        QCOMPARE(inSeries, wanted);
        QCOMPARE(sum.members.size(), std::size_t{3});
        QVERIFY(std::is_sorted(sum.members.begin(), sum.members.end()));
        QCOMPARE(sum.summary.id, sum.members.front());
    }

    void closePatterns()
    {
        std::vector<std::string> patterns{"connection to db-a lost after <*> ms",
                                          "connection to db-b lost after <*> ms",
                                          "connection to <*> lost after <*> ms",
                                          "server started",
                                          "server stopped",
                                          "got <*> <*> <*> rows of table a",
                                          "got <*> rows of table a"};
        const auto clusters = clusterPatterns(patterns);
        QCOMPARE(clusters[0], clusters[1]);
        QCOMPARE(clusters[0], clusters[2]);
        QVERIFY(clusters[3] != clusters[4]);
        QCOMPARE(clusters[5], clusters[6]);
        // In any order.
        std::mt19937 dice(4);
        for (int round = 0; round < 20; ++round) {
            std::vector<std::size_t> order{0, 1, 2, 3, 4, 5, 6};
            std::shuffle(order.begin(), order.end(), dice);
            std::vector<std::string> shuffled;
            for (const std::size_t i : order) shuffled.push_back(patterns[i]);
            const auto again = clusterPatterns(shuffled);
            for (std::size_t i = 0; i < order.size(); ++i) QCOMPARE(again[i], clusters[order[i]]);
        }
        QVERIFY(clusterPatterns({}).empty());
    }

    void errorsDamageAndCancel()
    {
        World world(7, 300);
        PatternMiner miner(world.store, std::make_shared<WorkerPool>(1));
        PatternReportQuestion question;
        question.buckets = 0;
        QVERIFY(!miner.report(question).ok());
        std::stop_source stop;
        stop.request_stop();
        const auto stopped = miner.report({}, stop.get_token());
        QVERIFY(!stopped.ok() && stopped.error().kind == ErrorKind::Cancelled);
        const SegmentId bad = world.store->snapshot().value()->segments[1].info->id;
        world.store->beforeRead = [bad](const SegmentInfo& info, ColumnIndex) -> Status {
            if (info.id != bad) return {};
            return makeError(ErrorKind::Damaged, "read a column", "its checksum does not hold");
        };
        const auto report = miner.report({});
        QVERIFY(report.ok());
        QCOMPARE(report->missed.size(), std::size_t{1});
    }
};

} // namespace faultline::test

QTEST_GUILESS_MAIN(faultline::test::TestPatternMiner)
#include "tst_pattern_miner.moc"
