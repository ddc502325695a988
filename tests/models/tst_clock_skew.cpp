#include "models/analysis/clock_skew.h"
#include "models/analysis/tracer.h"
#include "tests/support/memory_events.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <functional>
#include <random>

namespace faultline::test {

namespace {

using Verdict = SkewEstimate::Verdict;
constexpr std::int64_t kMs = 1'000'000;

/// What traces of a caller and a callee look like.
struct Requests
{
    std::int64_t offset = 0;      ///< ns that the callee's clock is ahead
    int count = 200;              ///< traces
    double forward = 8, back = 8; ///< ms on the way, mean of an exponential distribution
    double work = 60;             ///< ms at the callee, the same
    double least = 1;             ///< ms that each of these takes at least
    double noise = 0;             ///< ms, standard deviation of each written time
    bool parents = false;         ///< events name spans and their parents
    bool oneLine = false;         ///< each writes one line at its end, with how long it took
    std::int64_t grain = 1;       ///< ns to which the callee's times are cut
    double strays = 0;            ///< share of traces where the callee goes on long after the answer
};

TruthEvent eventOf(TimeNs time, std::uint32_t source, int trace)
{
    TruthEvent event;
    event.key = {time, SourceId{source}, 0};
    event.severity = 9;
    event.values = {{"message", ValueKind::Text, "m"},
                    {"service", ValueKind::Text, "s" + std::to_string(source)},
                    {"trace_id", ValueKind::Text, "trace-" + std::to_string(trace)}};
    return event;
}

/// A call per trace, of source `callee` by source `caller`.
std::vector<TruthEvent> calls(const Requests& how, std::uint64_t seed, std::uint32_t caller = 1,
                              std::uint32_t callee = 2)
{
    std::mt19937_64 dice(seed);
    const auto exponential = [&](double mean) {
        return how.least + (mean > 0 ? std::exponential_distribution<double>(1 / mean)(dice) : 0);
    };
    const auto noise = [&] {
        return how.noise > 0 ? std::normal_distribution<double>(0, how.noise)(dice) : 0.0;
    };
    std::vector<TruthEvent> events;
    TimeNs now = 1'795'359'600 * kSecondNs;
    for (int i = 0; i < how.count; ++i) {
        now += static_cast<TimeNs>(dice() % 2'000'000'000);
        const double forward = exponential(how.forward), work = exponential(how.work),
                     back = exponential(how.back);
        const bool stray = static_cast<double>(dice() % 1000) < how.strays * 1000;
        const auto at = [&](double ms) { return now + static_cast<TimeNs>((ms + noise()) * 1e6); };
        const auto atCallee = [&](double ms) { return (at(ms) + how.offset) / how.grain * how.grain; };
        const TimeNs a1 = at(0), a2 = at(forward + work + back);
        const TimeNs b1 = atCallee(forward), b2 = atCallee(forward + work + (stray ? 4'000 : 0));
        const auto add = [&](TimeNs time, std::uint32_t source, TimeNs took, bool isCaller) {
            TruthEvent event = eventOf(time, source, i);
            if (took >= 0)
                event.values.push_back(
                    {"event.duration", ValueKind::Int, std::to_string(std::max<TimeNs>(took, 0))});
            if (how.parents) {
                const std::string own = (isCaller ? "a" : "b") + std::to_string(i);
                event.values.push_back({"span_id", ValueKind::Text, own});
                if (!isCaller)
                    event.values.push_back({"parent_span_id", ValueKind::Text, "a" + std::to_string(i)});
            }
            events.push_back(std::move(event));
        };
        if (how.oneLine) {
            add(a2, caller, a2 - a1, true);
            add(b2, callee, b2 - b1, false);
        } else {
            add(a1, caller, -1, true);
            add(b1, callee, -1, false);
            add(b2, callee, -1, false);
            add(a2, caller, -1, true);
        }
    }
    return events;
}

SkewReport report(std::vector<TruthEvent> events, std::size_t held = 1'000'000, std::size_t threads = 1)
{
    std::sort(events.begin(), events.end(), [](const TruthEvent& a, const TruthEvent& b) {
        return std::pair(a.key.time, a.key.source) < std::pair(b.key.time, b.key.source);
    });
    Ordinal ordinals[10] = {};
    for (TruthEvent& event : events) event.key.ordinal = ordinals[event.key.source.value]++;
    MemoryEvents::Options options;
    options.segmentEvents = 700;
    options.rawPercent = 0;
    Tracer tracer(std::make_shared<MemoryEvents>(events, options), std::make_shared<WorkerPool>(threads),
                  {64u << 20, held});
    auto found = tracer.skew({});
    return found ? *found : SkewReport{};
}

std::string text(const SkewReport& report)
{
    std::string all;
    for (const SkewPair& pair : report.pairs)
        all += pair.caller + " > " + pair.callee + " verdict " +
               std::to_string(static_cast<int>(pair.estimate.verdict)) + " offset " +
               std::to_string(pair.estimate.offset) + " [" + std::to_string(pair.estimate.low) + ", " +
               std::to_string(pair.estimate.high) + "] of " + std::to_string(pair.estimate.traces) + "; ";
    for (const ClockFix& fix : report.fixes)
        all += "fix " + fix.party + " by " + std::to_string(fix.add) + " after " + fix.after + "; ";
    return all;
}

std::string path(int source)
{
    return "/logs/app-" + std::to_string(source) + ".json";
}

} // namespace

class TestClockSkew : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void pairsWithJitter_data();
    void pairsWithJitter();
    void nothingIsClaimed_data();
    void nothingIsClaimed();
    void workInTurn_data();
    void workInTurn();
    void whoCallsIsFound();
    void oneWrongClockOfThree();
    void fewerTracesThanThereAre();
    void theIntervalKeepsItsWord();
    void onesidedWaysWithJitter();
    void oneDirectionAloneSaysNothing();
};

void TestClockSkew::pairsWithJitter_data()
{
    QTest::addColumn<qint64>("offset");
    QTest::addColumn<int>("way");
    for (const qint64 offset : {qint64{3'000}, qint64{-750}, qint64{120}, qint64{-3'600'000}, qint64{250}})
        for (int way = 0; way < 8; ++way)
            QTest::addRow("%lld ms, way %d", static_cast<long long>(offset), way) << offset << way;
}

void TestClockSkew::pairsWithJitter()
{
    QFETCH(qint64, offset);
    QFETCH(int, way);
    Requests how;
    how.offset = offset * kMs;
    how.parents = way % 2 == 0;
    how.oneLine = way == 2 || way == 3;
    if (way == 4 || way == 5) { // far apart ways, and written late
        how.forward = 25;
        how.back = 5;
        how.noise = 6;
        how.count = 400;
    }
    if (way == 6) how.strays = 0.05;
    if (way == 7) how.grain = kMs;
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
        const SkewReport found = report(calls(how, seed));
        const std::string said = text(found);
        QCOMPARE(found.pairs.size(), std::size_t{1});
        const SkewEstimate& estimate = found.pairs[0].estimate;
        QVERIFY2(estimate.verdict == (how.parents ? Verdict::Apart : Verdict::Suspected), said.c_str());
        QVERIFY2(found.pairs[0].caller == path(1) && found.pairs[0].callee == path(2), said.c_str());
        QVERIFY2(std::abs(estimate.offset - how.offset) < 50 * kMs, said.c_str());
        QVERIFY2(estimate.low <= how.offset && how.offset <= estimate.high, said.c_str());
        QVERIFY2(estimate.uncertainty < 60 * kMs, said.c_str());
        QVERIFY2((estimate.evidence == SkewEstimate::Evidence::Parents) == how.parents, said.c_str());
        // What is seen in times alone mends no clock.
        QCOMPARE(found.fixes.size(), std::size_t{how.parents ? 1u : 0u});
        for (const ClockFix& fix : found.fixes)
            QVERIFY2(fix.party == path(2) && fix.add == -estimate.offset, said.c_str());
    }
}

void TestClockSkew::nothingIsClaimed_data()
{
    QTest::addColumn<bool>("named");
    for (const char* name :
         {"clocks agree", "few traces", "an offset within the delays", "a clock that drifts", "whole seconds",
          "no trace in common", "one line without a duration each"})
        QTest::newRow(name) << true;
}

void TestClockSkew::nothingIsClaimed()
{
    const QByteArray tag = QTest::currentDataTag();
    for (const bool parents : {true, false}) {
        for (std::uint64_t seed = 1; seed <= 4; ++seed) {
            Requests how;
            how.parents = parents;
            std::vector<TruthEvent> events;
            if (tag == "clocks agree") {
                events = calls(how, seed);
            } else if (tag == "few traces") {
                how.offset = 5'000 * kMs;
                how.count = 19;
                events = calls(how, seed);
            } else if (tag == "an offset within the delays") {
                how.offset = 2 * kMs;
                how.least = 10;
                events = calls(how, seed);
            } else if (tag == "a clock that drifts") {
                for (int i = 0; i < 10; ++i) {
                    how.offset = (i * 3'000 - 10'000) * kMs;
                    how.count = 40;
                    auto some = calls(how, seed * 100 + static_cast<std::uint64_t>(i));
                    for (TruthEvent& event : some)
                        for (TruthValue& value : event.values)
                            if (value.path == "trace_id") value.text += "." + std::to_string(i);
                    events.insert(events.end(), some.begin(), some.end());
                }
            } else if (tag == "whole seconds") {
                how.grain = kSecondNs;
                events = calls(how, seed);
            } else if (tag == "no trace in common") {
                events = calls(how, seed);
                for (TruthEvent& event : events)
                    for (TruthValue& value : event.values)
                        if (value.path == "trace_id")
                            value.text += "." + std::to_string(event.key.source.value);
            } else {
                how.offset = 500 * kMs;
                events = calls(how, seed);
                std::vector<TruthEvent> few;
                for (std::size_t i = 0; i + 1 < events.size(); i += 4) {
                    few.push_back(events[i]);
                    few.push_back(events[i + 1]);
                }
                events = few;
            }
            const SkewReport found = report(events);
            const std::string said = text(found);
            for (const SkewPair& pair : found.pairs)
                QVERIFY2(pair.estimate.verdict != Verdict::Apart, said.c_str());
            QVERIFY2(found.fixes.empty(), said.c_str());
            if (tag == "clocks agree") {
                QVERIFY2(found.pairs[0].estimate.verdict == Verdict::Together, said.c_str());
                QVERIFY2(found.pairs[0].estimate.uncertainty < 50 * kMs, said.c_str());
            }
        }
    }
}

void TestClockSkew::workInTurn_data()
{
    QTest::addColumn<int>("lag");
    QTest::addColumn<bool>("together");
    for (const int lag : {0, 5, 200, 5'000})
        for (const bool together : {false, true})
            QTest::addRow("%d ms later, %s", lag, together ? "slow together" : "each for itself")
                << lag << together;
}

void TestClockSkew::workInTurn()
{
    // One service does its part, then the other one: no call, so that nothing bounds the clocks.
    QFETCH(int, lag);
    QFETCH(bool, together);
    for (std::uint64_t seed = 1; seed <= 6; ++seed) {
        std::mt19937_64 dice(seed);
        std::vector<TruthEvent> events;
        TimeNs now = 1'795'359'600 * kSecondNs;
        for (int i = 0; i < 150; ++i) {
            now += static_cast<TimeNs>(dice() % 3'000'000'000);
            const auto part = [&](int most) {
                return static_cast<TimeNs>(1 + dice() % static_cast<unsigned>(most)) * kMs;
            };
            const TimeNs load = together ? part(400) : 0;
            const TimeNs first = part(100) + load, second = part(80) + load * 8 / 10;
            const TimeNs wait = lag > 0 ? lag * kMs + part(lag) / 4 : 0;
            events.push_back(eventOf(now, 1, i));
            events.push_back(eventOf(now + first, 1, i));
            events.push_back(eventOf(now + first + wait, 2, i));
            events.push_back(eventOf(now + first + wait + second, 2, i));
        }
        const SkewReport found = report(events);
        const std::string said = text(found);
        QVERIFY2(found.pairs.size() == 1 && found.pairs[0].estimate.verdict != Verdict::Apart, said.c_str());
    }
}

void TestClockSkew::whoCallsIsFound()
{
    // The second source calls the first one.
    Requests how;
    how.offset = 900 * kMs;
    for (const bool parents : {true, false}) {
        how.parents = parents;
        const SkewReport found = report(calls(how, 3, 2, 1));
        const std::string said = text(found);
        QVERIFY2(found.pairs.size() == 1 && found.pairs[0].caller == path(2), said.c_str());
        QVERIFY2(std::abs(found.pairs[0].estimate.offset - how.offset) < 50 * kMs, said.c_str());
    }
}

void TestClockSkew::oneWrongClockOfThree()
{
    // The second source is wrong: it calls the third one, and is called by the first.
    Requests how;
    how.parents = true;
    how.offset = 4'000 * kMs;
    auto events = calls(how, 1, 1, 2);
    how.offset = -4'000 * kMs;
    auto more = calls(how, 2, 2, 3);
    for (TruthEvent& event : more)
        for (TruthValue& value : event.values)
            if (value.path == "trace_id") value.text += "-inner";
    for (TruthEvent& event : more)
        event.key.time += 4'000 * kMs; // the caller's times here are by the wrong clock
    events.insert(events.end(), more.begin(), more.end());
    how.offset = 0;
    more = calls(how, 3, 1, 3);
    for (TruthEvent& event : more)
        for (TruthValue& value : event.values)
            if (value.path == "trace_id") value.text += "-direct";
    events.insert(events.end(), more.begin(), more.end());
    const SkewReport found = report(events);
    const std::string said = text(found);
    QCOMPARE(found.pairs.size(), std::size_t{3});
    QVERIFY2(found.fixes.size() == 1 && found.fixes[0].party == path(2), said.c_str());
    QVERIFY2(std::abs(found.fixes[0].add + 4'000 * kMs) < 50 * kMs, said.c_str());
}

void TestClockSkew::fewerTracesThanThereAre()
{
    // More events than are held: the same answer from any number of threads.
    Requests how;
    how.offset = 2'000 * kMs;
    how.count = 900;
    const auto events = calls(how, 5);
    const SkewReport one = report(events, 1'000, 0), other = report(events, 1'000, 3);
    QCOMPARE(text(one), text(other));
    QVERIFY(one.halvings >= 2);
    QVERIFY(one.traces < 400 && one.traces > 50);
    QVERIFY2(std::abs(one.pairs[0].estimate.offset - how.offset) < 50 * kMs, text(one).c_str());
}

void TestClockSkew::theIntervalKeepsItsWord()
{
    // The true offset lies within the interval that is claimed, over ways and jitter of many kinds.
    int claims = 0, misses = 0;
    for (std::uint64_t seed = 1; seed <= 400; ++seed) {
        std::mt19937_64 dice(seed);
        const auto pick = [&](double low, double high) {
            return low + (high - low) * static_cast<double>(dice() % 10'000) / 10'000;
        };
        const double forward = pick(1, 60), back = pick(1, 60), work = pick(5, 400), sigma = pick(0, 10);
        const auto offset = static_cast<std::int64_t>(pick(-5'000, 5'000) * 1e6);
        std::exponential_distribution<double> onWay(1 / forward), onReturn(1 / back), atWork(1 / work);
        std::normal_distribution<double> written(0, sigma + 0.001);
        std::vector<SkewSample> samples;
        for (int i = 0; i < 150; ++i) {
            const double f = onWay(dice), w = atWork(dice), b = onReturn(dice);
            const double a1 = written(dice), a2 = f + w + b + written(dice), b1 = f + written(dice),
                         b2 = f + w + written(dice);
            const auto ns = [](double ms) { return static_cast<std::int64_t>(ms * 1e6); };
            samples.push_back({ns(b1 - a1) + offset, ns(b2 - a2) + offset, ns(a2 - a1), ns(b2 - b1)});
        }
        const SkewEstimate estimate = estimateSkew(samples, SkewEstimate::Evidence::Parents);
        if (estimate.verdict != Verdict::Apart) continue;
        ++claims;
        misses += offset < estimate.low || offset > estimate.high ? 1 : 0;
    }
    QVERIFY2(claims > 250, qPrintable(QString::number(claims)));
    QVERIFY2(misses * 20 <= claims, qPrintable(QStringLiteral("%1 of %2").arg(misses).arg(claims)));
}

void TestClockSkew::onesidedWaysWithJitter()
{
    // The worst there is for the selection of narrow intervals: they differ by jitter alone, and the truth
    // lies at the end of the interval, since one way takes all of the time.
    int claims = 0, misses = 0;
    for (const auto& [forward, back] :
         {std::pair(40, 2), std::pair(100, 1), std::pair(2, 90), std::pair(20, 20)}) {
        for (const double sigma : {0.2, 1.0, 3.0, 6.0}) {
            for (std::uint64_t seed = 1; seed <= 40; ++seed) {
                std::mt19937_64 dice(seed);
                std::normal_distribution<double> written(0, sigma);
                std::exponential_distribution<double> atWork(1 / 60.0);
                std::vector<SkewSample> samples;
                for (int i = 0; i < 150; ++i) {
                    const double w = atWork(dice), a1 = written(dice),
                                 a2 = forward + w + back + written(dice), b1 = forward + written(dice),
                                 b2 = forward + w + written(dice);
                    const auto ns = [](double ms) { return static_cast<std::int64_t>(ms * 1e6); };
                    samples.push_back(
                        {ns(b1 - a1) + 3'000 * kMs, ns(b2 - a2) + 3'000 * kMs, ns(a2 - a1), ns(b2 - b1)});
                }
                const SkewEstimate estimate = estimateSkew(samples, SkewEstimate::Evidence::Parents);
                if (estimate.verdict != Verdict::Apart) continue;
                ++claims;
                misses += 3'000 * kMs < estimate.low || 3'000 * kMs > estimate.high ? 1 : 0;
            }
        }
    }
    QVERIFY2(claims > 500, qPrintable(QString::number(claims)));
    QVERIFY2(misses * 20 <= claims, qPrintable(QStringLiteral("%1 of %2").arg(misses).arg(claims)));
}

void TestClockSkew::oneDirectionAloneSaysNothing()
{
    // Messages one way: the callee's line always comes later, by what nobody knows.
    std::vector<SkewSample> samples;
    std::mt19937_64 dice(1);
    for (int i = 0; i < 500; ++i) {
        const auto lag = static_cast<std::int64_t>(dice() % 90 + 10) * kMs;
        samples.push_back({lag, lag, 0, 0});
    }
    QVERIFY(estimateSkew(samples, SkewEstimate::Evidence::Times).verdict != Verdict::Apart);
    QVERIFY(estimateSkew({}, SkewEstimate::Evidence::Parents).verdict == Verdict::FewTraces);
}

} // namespace faultline::test

QTEST_GUILESS_MAIN(faultline::test::TestClockSkew)
#include "tst_clock_skew.moc"
