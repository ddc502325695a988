#include "models/analysis/trace_fields.h"
#include "models/analysis/tracer.h"
#include "models/query/filter_build.h"
#include "models/records/severity.h"
#include "tests/support/memory_events.h"
#include "tests/support/random_events.h"
#include "tests/support/search_world.h"

#include <QTest>

#include <algorithm>
#include <functional>
#include <map>
#include <random>
#include <set>

namespace faultline::test {

namespace {

/// Random events in few traces, whose ids are of every form.
struct TraceWorld
{
    TraceWorld(std::uint64_t seed, std::size_t count, std::size_t ids, std::size_t segmentEvents = 120)
        : random(seed), events(random.events(count, 3))
    {
        std::mt19937_64 dice(seed);
        for (std::size_t i = 0; i < ids; ++i) pool.push_back(idOf(i, dice));
        addTraces(dice);
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
    std::vector<std::string> pool;
    std::shared_ptr<MemoryEvents> store;

private:
    static std::string idOf(std::size_t number, std::mt19937_64& dice)
    {
        static constexpr char hex[] = "0123456789abcdef";
        std::string id;
        const auto digits = [&](int count) {
            for (int i = 0; i < count; ++i) id += hex[dice() % 16];
        };
        switch (number % 6) {
        case 0: digits(32); break;
        case 1: digits(16); break;
        case 2:
            digits(8);
            for (const int length : {4, 4, 4, 12}) {
                id += '-';
                digits(length);
            }
            break;
        case 3: id = "req-" + std::to_string(number); break;
        case 4: id = "a long id of a kind that nobody expects, number " + std::to_string(number); break;
        case 5: id = "Request " + std::to_string(number) + " é"; break;
        }
        return id;
    }
    void addTraces(std::mt19937_64& dice)
    {
        const std::string overlong(300, 'x');
        for (TruthEvent& event : events) {
            std::erase_if(event.values, [](const TruthValue& value) {
                return value.path == "trace_id" || value.path == "trace.id" || value.path == "event.duration";
            });
            event.canonical[4] = "";
            if (dice() % 12 == 0) continue;
            const bool other = dice() % 5 == 0;
            const std::string path = other ? "trace.id" : "trace_id";
            // Some traces have much more events than others.
            const std::size_t at = std::min(dice() % pool.size(), dice() % pool.size());
            event.values.push_back({path, ValueKind::Text, dice() % 60 == 0 ? overlong : pool[at]});
            event.canonical[4] = path;
            if (dice() % 9 == 0)
                event.values.push_back(
                    {"event.duration", ValueKind::Int, std::to_string(dice() % 5'000'000'000)});
            if (dice() % 3 == 0)
                event.values.push_back({"span_id", ValueKind::Text, "s" + std::to_string(dice() % 9)});
        }
    }
};

bool isError(const TruthEvent& event)
{
    return event.severity >= 17;
}
bool isTimed(const TruthEvent& event)
{
    return (event.flags & FlagTimeMissing) == 0;
}

/// What the event says of how long it took, by its values.
std::int64_t durationOf(const TruthEvent& event)
{
    std::map<std::string, std::int64_t> all;
    for (const TruthValue& value : event.values) {
        const bool readable = value.kind == ValueKind::Int || value.kind == ValueKind::Decimal ||
                              value.kind == ValueKind::Number || value.kind == ValueKind::Text;
        const auto field = durationField(value.path);
        if (!field || !readable) continue;
        if (const auto ns = readDuration(*field, value.text)) all[value.path] = *ns;
    }
    return all.empty() ? 0 : all.begin()->second;
}

std::vector<TraceSummary> summariesOf(const std::vector<TruthEvent>& events, const Selection& selection,
                                      TopTraces& totals)
{
    std::map<std::string, std::vector<const TruthEvent*>> byId;
    for (const TruthEvent& event : events) {
        if (!selects(selection, event)) continue;
        const auto id = fieldText(event, "trace_id");
        if (!id) {
            ++totals.without;
        } else if (id->size() > TopTraces::kIdBytes) {
            ++totals.overlong;
        } else {
            ++totals.events;
            byId[*id].push_back(&event);
        }
    }
    std::vector<TraceSummary> all;
    for (const auto& [id, of] : byId) {
        TraceSummary trace;
        trace.id = id;
        std::set<std::string> services;
        for (const TruthEvent* event : of) {
            ++trace.events;
            trace.worst = std::max(trace.worst, severityClass(event->severity));
            const auto service = fieldText(*event, "service");
            if (service) services.insert(*service);
            if (isError(*event)) {
                ++trace.errors;
                if (!trace.firstError || event->key < *trace.firstError) {
                    trace.firstError = event->key;
                    trace.firstFailing = service.value_or("");
                }
            }
            if (!isTimed(*event)) continue;
            const TimeNs begin = event->key.time - durationOf(*event);
            trace.begin = trace.timed ? std::min(trace.begin, begin) : begin;
            trace.end = trace.timed ? std::max(trace.end, event->key.time) : event->key.time;
            trace.timed = true;
        }
        trace.services.assign(services.begin(), services.end());
        all.push_back(std::move(trace));
    }
    totals.traces = all.size();
    for (const TraceSummary& trace : all) totals.failed += trace.errors > 0 ? 1 : 0;
    return all;
}

std::vector<TraceSummary> firstOf(std::vector<TraceSummary> all, std::size_t top,
                                  const std::function<std::uint64_t(const TraceSummary&)>& value)
{
    std::sort(all.begin(), all.end(), [&](const TraceSummary& a, const TraceSummary& b) {
        if (value(a) != value(b)) return value(a) > value(b);
        const TimeNs beginA = a.timed ? a.begin : kTimeMax, beginB = b.timed ? b.begin : kTimeMax;
        return beginA != beginB ? beginA < beginB : a.id < b.id;
    });
    if (all.size() > top) all.resize(top);
    return all;
}

std::string show(const TraceSummary& trace)
{
    std::string text =
        trace.id + " events " + std::to_string(trace.events) + " errors " + std::to_string(trace.errors) +
        " worst " + std::to_string(trace.worst) +
        (trace.timed ? " from " + std::to_string(trace.begin) + " to " + std::to_string(trace.end)
                     : " untimed") +
        " first failing " + trace.firstFailing;
    if (trace.firstError) text += " at " + std::to_string(trace.firstError->time);
    for (const std::string& service : trace.services) text += " [" + service + "]";
    return text;
}

std::string difference(const std::vector<TraceSummary>& found, const std::vector<TraceSummary>& wanted)
{
    if (found.size() != wanted.size())
        return std::to_string(found.size()) + " traces instead of " + std::to_string(wanted.size());
    for (std::size_t i = 0; i < found.size(); ++i)
        if (show(found[i]) != show(wanted[i]))
            return "found " + show(found[i]) + "\nwanted " + show(wanted[i]);
    return {};
}

std::string keyText(const EventKey& key)
{
    return std::to_string(key.time) + "/" + std::to_string(key.source.value) + "/" +
           std::to_string(key.ordinal);
}

/// A trace as text: what must be equal.
std::string show(const Trace& trace)
{
    std::string text = "events " + std::to_string(trace.events) + " errors " + std::to_string(trace.errors) +
                       " untimed " + std::to_string(trace.untimed) + " left out " +
                       std::to_string(trace.leftOut) + " worst " + std::to_string(trace.worst);
    if (trace.timed) text += " from " + std::to_string(trace.first) + " to " + std::to_string(trace.last);
    if (trace.firstError)
        text += "\nfirst error " + keyText(trace.firstError->key) + trace.firstError->message;
    for (const TraceLane& lane : trace.lanes) {
        text += "\nlane " + (lane.absent ? std::string("(absent)") : lane.name) + " " +
                std::to_string(lane.events) + " " + std::to_string(lane.errors) + " " +
                std::to_string(lane.worst);
        if (lane.timed) text += " from " + std::to_string(lane.first) + " to " + std::to_string(lane.last);
        if (lane.firstError) text += " error " + keyText(lane.firstError->key) + lane.firstError->message;
    }
    for (const TraceEvent& event : trace.list)
        text += "\nevent " + keyText(event.key) + " lane " + std::to_string(event.lane) + " " +
                event.message + " span " + event.spanId + " took " +
                (event.duration ? std::to_string(*event.duration) : std::string("?"));
    for (const TraceGap& gap : trace.gaps)
        text += "\ngap " + std::to_string(gap.length()) + " " + keyText(gap.before.key) + " " +
                keyText(gap.after.key);
    return text;
}

/// The same by looking at every event.
Trace traceTruth(const std::vector<TruthEvent>& events, const TraceQuestion& question)
{
    const Selection selection{filters::equals(question.field, question.id), question.range};
    std::vector<const TruthEvent*> rows;
    for (const TruthEvent& event : events)
        if (selects(selection, event)) rows.push_back(&event);
    std::sort(rows.begin(), rows.end(),
              [](const TruthEvent* a, const TruthEvent* b) { return a->key < b->key; });
    Trace trace;
    std::map<std::optional<std::string>, std::size_t> lanes;
    const TruthEvent* previous = nullptr;
    std::vector<std::pair<const TruthEvent*, const TruthEvent*>> gaps;
    for (const TruthEvent* row : rows) {
        const auto service = fieldText(*row, question.lane);
        const auto [known, added] = lanes.emplace(service, trace.lanes.size());
        if (added) {
            trace.lanes.emplace_back();
            trace.lanes.back().absent = !service;
            trace.lanes.back().name = service.value_or("");
        }
        TraceLane& lane = trace.lanes[known->second];
        TraceEvent event;
        event.key = row->key;
        event.lane = known->second;
        event.message = fieldText(*row, "message").value_or("");
        event.spanId = fieldText(*row, "span_id").value_or("");
        const bool says = std::any_of(row->values.begin(), row->values.end(), [](const TruthValue& value) {
            const auto field = durationField(value.path);
            return field && value.kind != ValueKind::Bool && value.kind != ValueKind::Null &&
                   value.kind != ValueKind::Json && readDuration(*field, value.text);
        });
        if (says) event.duration = durationOf(*row);
        ++trace.events;
        ++lane.events;
        trace.worst = std::max(trace.worst, severityClass(row->severity));
        lane.worst = std::max(lane.worst, severityClass(row->severity));
        if (isError(*row)) {
            ++trace.errors;
            ++lane.errors;
            if (!trace.firstError) trace.firstError = event;
            if (!lane.firstError) lane.firstError = event;
        }
        if (isTimed(*row)) {
            if (!trace.timed) trace.first = row->key.time;
            if (!lane.timed) lane.first = row->key.time;
            trace.timed = lane.timed = true;
            trace.last = lane.last = row->key.time;
            if (previous != nullptr && previous->key.time < row->key.time) gaps.emplace_back(previous, row);
            previous = row;
        } else {
            ++trace.untimed;
        }
        if (trace.list.size() < question.events)
            trace.list.push_back(event);
        else
            ++trace.leftOut;
    }
    std::stable_sort(gaps.begin(), gaps.end(), [](const auto& a, const auto& b) {
        return a.second->key.time - a.first->key.time > b.second->key.time - b.first->key.time;
    });
    if (gaps.size() > Trace::kMostGaps) gaps.resize(Trace::kMostGaps);
    for (const auto& [before, after] : gaps) {
        TraceGap gap;
        gap.before.key = before->key;
        gap.after.key = after->key;
        if (gap.length() >= (trace.last - trace.first) / 20) trace.gaps.push_back(gap);
    }
    return trace;
}

} // namespace

class TestTraces : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void listsEqualTheTruth_data();
    void listsEqualTheTruth();
    void lanesEqualTheTruth_data();
    void lanesEqualTheTruth();
    void aLongTraceIsCountedWhole();
    void spansAndTheirParents();
    void whichFieldsAreDurations();
    void damageIsSaid();
    void cancelled();
    void badQuestions();
};

void TestTraces::listsEqualTheTruth_data()
{
    QTest::addColumn<quint64>("seed");
    for (quint64 seed = 1; seed <= 8; ++seed) QTest::newRow(qPrintable(QString::number(seed))) << seed;
}

void TestTraces::listsEqualTheTruth()
{
    QFETCH(quint64, seed);
    TraceWorld world(seed, 500, seed % 2 == 0 ? 40 : 200);
    if (seed % 3 == 0) world.removeSome();
    // So little may be held that most ids are put off to further passes, or all at once.
    for (const std::size_t held : {std::size_t{1}, std::size_t{12'000}, std::size_t{64} << 20}) {
        Tracer tracer(world.store, std::make_shared<WorkerPool>(seed % 3), {held, 1'000});
        for (int round = 0; round < 3; ++round) {
            TopTracesQuestion question;
            question.top = round == 0 ? 1'000 : 7;
            if (round == 2) {
                const auto filter = parseFilter(world.random.query(), world.events.front().key.time);
                if (filter) question.selection.filter = *filter; // else everything
                question.selection.range = {world.events[world.events.size() / 4].key.time,
                                            world.events[world.events.size() * 3 / 4].key.time};
            }
            const auto found = tracer.top(question);
            QVERIFY2(found.ok(), found.ok() ? "" : qPrintable(test::show(found.error().line())));
            TopTraces wanted;
            const auto all = summariesOf(world.events, question.selection, wanted);
            QCOMPARE(found->traces, wanted.traces);
            QCOMPARE(found->failed, wanted.failed);
            QCOMPARE(found->events, wanted.events);
            QCOMPARE(found->without, wanted.without);
            QCOMPARE(found->overlong, wanted.overlong);
            auto timed = all, failed = all;
            std::erase_if(timed, [](const TraceSummary& trace) { return !trace.timed; });
            std::erase_if(failed, [](const TraceSummary& trace) { return trace.errors == 0; });
            const std::string differs[] = {
                difference(found->busiest,
                           firstOf(all, question.top, [](const auto& t) { return t.events; })),
                difference(found->slowest,
                           firstOf(timed, question.top, [](const auto& t) { return t.duration(); })),
                difference(found->failing,
                           firstOf(failed, question.top, [](const auto& t) { return t.errors; }))};
            for (const std::string& what : differs) QVERIFY2(what.empty(), qPrintable(test::show(what)));
        }
    }
}

void TestTraces::lanesEqualTheTruth_data()
{
    listsEqualTheTruth_data();
}

void TestTraces::lanesEqualTheTruth()
{
    QFETCH(quint64, seed);
    TraceWorld world(seed + 100, 600, 24);
    if (seed % 2 == 0) world.removeSome();
    Tracer tracer(world.store, std::make_shared<WorkerPool>(seed % 3));
    for (std::size_t i = 0; i < world.pool.size(); ++i) {
        TraceQuestion question;
        question.id = world.pool[i];
        question.events = i % 3 == 0 ? 4 : 1'000;
        question.lane = i % 5 == 0 ? "status" : "service";
        if (i % 4 == 1)
            question.range = {world.events[world.events.size() / 3].key.time, world.events.back().key.time};
        const auto found = tracer.trace(question);
        QVERIFY2(found.ok(), found.ok() ? "" : qPrintable(test::show(found.error().line())));
        const std::string a = show(*found), b = show(traceTruth(world.events, question));
        QVERIFY2(a == b, qPrintable(test::show("found " + a + "\n\nwanted " + b)));
    }
}

void TestTraces::aLongTraceIsCountedWhole()
{
    std::vector<TruthEvent> events;
    constexpr std::size_t kCount = 30'000;
    TimeNs time = 1'795'359'600'000'000'000;
    for (std::size_t i = 0; i < kCount; ++i) {
        TruthEvent event;
        time += i == 20'000 ? 3'000 * kSecondNs : 1'000'000;
        event.key = {time, SourceId{static_cast<std::uint32_t>(1 + i % 3)}, i / 3};
        event.severity = i % 1'000 == 999 ? 17 : 9;
        event.values = {{"message", ValueKind::Text, "step " + std::to_string(i)},
                        {"service", ValueKind::Text, "s" + std::to_string(i % 700)},
                        {"trace_id", ValueKind::Text, "one"}};
        events.push_back(std::move(event));
    }
    MemoryEvents::Options options;
    options.segmentEvents = 6'000;
    const auto store = std::make_shared<MemoryEvents>(events, options);
    Tracer tracer(store, std::make_shared<WorkerPool>(1));
    TraceQuestion question;
    question.id = "one";
    question.events = 50;
    const auto found = tracer.trace(question);
    QVERIFY(found.ok());
    QCOMPARE(found->events, std::uint64_t{kCount});
    QCOMPARE(found->errors, std::uint64_t{30});
    QCOMPARE(found->list.size(), std::size_t{50});
    QCOMPARE(found->leftOut, std::uint64_t{kCount - 50});
    QCOMPARE(found->lanes.size(), TraceLane::kMostLanes);
    std::uint64_t sum = 0;
    for (const TraceLane& lane : found->lanes) sum += lane.events;
    QCOMPARE(sum, std::uint64_t{kCount});
    QVERIFY2(found->lanes.back().others, "services past the most lanes share one");
    QCOMPARE(found->gaps.size(), std::size_t{1});
    QCOMPARE(found->gaps[0].before.message, std::string("step 19999"));
    QCOMPARE(found->gaps[0].after.message, std::string("step 20000"));
    QCOMPARE(found->firstError->message, std::string("step 999"));
}

void TestTraces::spansAndTheirParents()
{
    std::vector<TruthEvent> events;
    const TimeNs begin = 1'795'359'600 * kSecondNs;
    const auto add = [&](std::int64_t ms, std::uint32_t source, const std::string& service,
                         const std::string& span, const std::string& parent, int took,
                         Severity severity = 9) {
        TruthEvent event;
        event.key = {begin + ms * 1'000'000, SourceId{source}, events.size()};
        event.severity = severity;
        event.values = {{"message", ValueKind::Text, service},
                        {"service", ValueKind::Text, service},
                        {"trace_id", ValueKind::Text, "t"}};
        if (!span.empty()) event.values.push_back({"span_id", ValueKind::Text, span});
        if (!parent.empty()) event.values.push_back({"parent_span_id", ValueKind::Text, parent});
        if (took >= 0) event.values.push_back({"elapsed_ms", ValueKind::Int, std::to_string(took)});
        events.push_back(std::move(event));
    };
    add(100, 1, "edge", "a", "0000000000000000", -1);
    add(140, 2, "shop", "b", "a", 20);     // 120 to 140
    add(150, 2, "shop", "c", "b", -1, 17); // 150 to 190
    add(190, 2, "shop", "c", "b", -1);
    add(195, 3, "loop", "x", "y", -1);
    add(196, 3, "loop", "y", "x", -1);
    add(197, 3, "loop", "", "", 5);    // without an id: 192 to 197
    add(300, 1, "edge", "a", "", 260); // 40 to 300
    MemoryEvents::Options options;
    options.overflowPercent = 0;
    Tracer tracer(std::make_shared<MemoryEvents>(events, options), std::make_shared<WorkerPool>(0));
    TraceQuestion question;
    question.id = "t";
    const auto found = tracer.trace(question);
    QVERIFY(found.ok());
    std::string text;
    for (const TraceSpan& span : found->spans)
        text += span.id + "<" + span.parentId + " " + found->lanes[span.lane].name + " " +
                std::to_string((span.begin - begin) / 1'000'000) + "-" +
                std::to_string((span.end - begin) / 1'000'000) + " depth " + std::to_string(span.depth) +
                " " + std::to_string(span.events) + "/" + std::to_string(span.errors) + "; ";
    QCOMPARE(text,
             std::string("a< edge 40-300 depth 0 2/0; b<a shop 120-140 depth 1 1/0; c<b shop 150-190 depth 2 "
                         "2/1; < loop 192-197 depth 0 1/0; x<y loop 195-195 depth 1 1/0; y<x loop 196-196 "
                         "depth 1 1/0; "));
    QCOMPARE(found->begin, begin + 40'000'000);
    QCOMPARE(found->first, begin + 100'000'000);
    QCOMPARE(found->firstError->lane, found->list[2].lane);
}

void TestTraces::whichFieldsAreDurations()
{
    const auto ns = [](std::string_view path, std::string_view text) -> std::int64_t {
        const auto field = durationField(path);
        return field ? readDuration(*field, text).value_or(-1) : -2;
    };
    QCOMPARE(ns("duration_ms", "12.5"), std::int64_t{12'500'000});
    QCOMPARE(ns("http.response.duration_ms", "1"), std::int64_t{-2});
    QCOMPARE(ns("response.time_ms", "1"), std::int64_t{-2});
    QCOMPARE(ns("event.duration", "1500"), std::int64_t{1'500});
    QCOMPARE(ns("responseTime", "7951"), std::int64_t{7'951'000'000});
    QCOMPARE(ns("ElapsedMs", "3"), std::int64_t{3'000'000});
    QCOMPARE(ns("Elapsed", "3.25"), std::int64_t{3'250'000});
    QCOMPARE(ns("took_seconds", "2"), std::int64_t{2'000'000'000});
    QCOMPARE(ns("latency_us", "2"), std::int64_t{2'000});
    QCOMPARE(ns("duration", "7.952593"), std::int64_t{7'952'593'000});
    QCOMPARE(ns("duration", "7952"), std::int64_t{-1});
    QCOMPARE(ns("duration", "12ms"), std::int64_t{12'000'000});
    QCOMPARE(ns("duration_ms", "-1"), std::int64_t{-1});
    QCOMPARE(ns("duration_ms", "n/a"), std::int64_t{-1});
    QCOMPARE(ns("duration_ms", "9999999999999"), std::int64_t{-1});
    for (const char* path : {"db.query_ms", "pool.duration_ms", "elapsed", "took", "durations", "latency",
                             "duration_ratio", "timeout_ms", "message"})
        QVERIFY2(!durationField(path), path);
}

void TestTraces::damageIsSaid()
{
    TraceWorld world(5, 400, 30);
    const SegmentId bad = world.store->snapshot().value()->segments[1].info->id;
    const std::uint64_t rows = world.store->snapshot().value()->segments[1].info->rows;
    world.store->beforeRead = [bad](const SegmentInfo& info, ColumnIndex) -> Status {
        if (info.id == bad)
            return makeError(ErrorKind::Damaged, "read a column", "its checksum does not hold");
        return {};
    };
    Tracer tracer(world.store, std::make_shared<WorkerPool>(1));
    const auto lists = tracer.top({});
    QVERIFY(lists.ok());
    QCOMPARE(lists->missed.size(), std::size_t{1});
    QCOMPARE(lists->missed[0].segment, bad);
    QCOMPARE(lists->events + lists->without + lists->overlong, std::uint64_t{400 - rows});
    TraceQuestion question;
    question.id = world.pool[0];
    const auto trace = tracer.trace(question);
    QVERIFY(trace.ok());
    QCOMPARE(trace->missed.size(), std::size_t{1});
    const auto clocks = tracer.skew({});
    QVERIFY(clocks.ok());
    QCOMPARE(clocks->missed.size(), std::size_t{1});
}

void TestTraces::cancelled()
{
    TraceWorld world(6, 200, 10);
    std::stop_source stop;
    stop.request_stop();
    Tracer tracer(world.store, std::make_shared<WorkerPool>(1));
    TraceQuestion question;
    question.id = world.pool[0];
    const auto trace = tracer.trace(question, stop.get_token());
    QVERIFY(!trace.ok() && trace.error().kind == ErrorKind::Cancelled);
    const auto lists = tracer.top({}, stop.get_token());
    QVERIFY(!lists.ok() && lists.error().kind == ErrorKind::Cancelled);
    const auto clocks = tracer.skew({}, stop.get_token());
    QVERIFY(!clocks.ok() && clocks.error().kind == ErrorKind::Cancelled);
}

void TestTraces::badQuestions()
{
    TraceWorld world(7, 50, 5);
    Tracer tracer(world.store, std::make_shared<WorkerPool>(0));
    QVERIFY(!tracer.trace({}).ok());
    TraceQuestion question;
    question.id = "nobody has this";
    const auto none = tracer.trace(question);
    QVERIFY(none.ok());
    QCOMPARE(none->events, std::uint64_t{0});
    question.events = TraceQuestion::kMostEvents + 1;
    QVERIFY(!tracer.trace(question).ok());
    TopTracesQuestion lists;
    lists.top = 0;
    QVERIFY(!tracer.top(lists).ok());
    lists.top = 3;
    lists.field = "no such field";
    const auto without = tracer.top(lists);
    QVERIFY(without.ok());
    QCOMPARE(without->traces, std::uint64_t{0});
    QCOMPARE(without->without, std::uint64_t{50});
}

} // namespace faultline::test

QTEST_GUILESS_MAIN(faultline::test::TestTraces)
#include "tst_traces.moc"
