#include "models/analysis/pattern_miner.h"

#include "models/analysis/event_scan.h"
#include "models/query/field_reader.h"
#include "models/query/message_patterns.h"
#include "models/records/mask.h"
#include "models/records/severity.h"

#include <algorithm>
#include <chrono>
#include <mutex>
#include <unordered_map>

namespace faultline {
namespace {

constexpr RowIndex kNoRow = ~RowIndex{0};

/// First and last of rows in order.
struct RowEnds
{
    RowIndex first = kNoRow, last = 0;
    bool any() const { return first != kNoRow; }
    void add(RowIndex row)
    {
        if (first == kNoRow) first = row;
        last = row;
    }
};

/// One pattern in one segment.
struct LocalFacts
{
    std::uint64_t id = 0;
    std::size_t code = 0; ///< one that has it
    std::uint64_t count = 0, before = 0;
    RowEnds timed, standIn, earlier;
    bool storeHadIt = false;
    std::array<std::uint64_t, 7> bySeverity{};
    std::vector<std::uint64_t> series;
};

/// The patterns of one segment by the numbers of its rows.
class LocalPatterns
{
public:
    LocalPatterns(SegmentScan& scan, std::size_t buckets)
        : m_patterns(scan, {RowSet::all(scan.rows()), 0, scan.rows()})
        , m_places(m_patterns.size(), kUnknown)
        , m_buckets(buckets)
    {}
    LocalFacts* at(RowIndex row)
    {
        const auto code = static_cast<std::size_t>(m_patterns.codes().stored(row));
        std::uint32_t& place = m_places[code];
        if (place == kUnknown) place = find(code);
        return place == kNone ? nullptr : &m_facts[place];
    }
    std::string text(const LocalFacts& facts) const { return m_patterns.text(facts.code); }
    std::vector<LocalFacts>& all() { return m_facts; }

private:
    static constexpr std::uint32_t kUnknown = ~0u, kNone = ~0u - 1;
    std::uint32_t find(std::size_t code)
    {
        const auto id = m_patterns.id(code);
        if (!id) return kNone;
        const auto [found, isNew] = m_byId.try_emplace(*id, static_cast<std::uint32_t>(m_facts.size()));
        if (isNew) {
            LocalFacts facts;
            facts.id = *id;
            facts.code = code;
            facts.series.assign(m_buckets, 0);
            m_facts.push_back(std::move(facts));
        }
        return found->second;
    }
    MessagePatterns m_patterns;
    std::vector<std::uint32_t> m_places;
    std::unordered_map<std::uint64_t, std::uint32_t> m_byId;
    std::vector<LocalFacts> m_facts;
    std::size_t m_buckets;
};

class Report
{
public:
    Report(const PatternReportQuestion& question, const PatternMiner::Partial& partial)
        : m_question(question), m_partial(partial)
    {}
    Status read(EventScan& events, const CompiledFilter& filter);
    PatternReport take();

private:
    void placeChart(const EventScan& events);
    void scan(SegmentScan& scan, const CompiledFilter& filter);
    void countRange(SegmentScan& scan, const SelectedRows& selected, LocalPatterns& patterns);
    void countBefore(SegmentScan& scan, const RowSet& matching, LocalPatterns& patterns);
    void add(SegmentScan& scan, LocalPatterns& patterns);
    PatternReport finish(bool exact) const;

    const PatternReportQuestion& m_question;
    const PatternMiner::Partial& m_partial;
    TimeRange m_beforeRange{0, 0};
    bool m_hasBefore = false;
    std::mutex m_mutex;
    PatternReport m_report; ///< but its patterns
    std::unordered_map<std::uint64_t, PatternFacts> m_known;
    std::chrono::steady_clock::time_point m_told{};
};

void Report::placeChart(const EventScan& events)
{
    TimeRange chart = m_question.chart;
    const TimeRange& range = m_question.selection.range;
    if (chart.begin >= chart.end) chart = range;
    if (chart.begin == kTimeMin || chart.end == kTimeMax) {
        // Where the store's events lie.
        TimeNs first = kTimeMax, last = kTimeMin;
        for (const SegmentEntry& entry : events.segments()) {
            first = std::min(first, entry.info->minTime);
            last = std::max(last, entry.info->maxTime);
        }
        if (first > last) first = last = 0;
        if (chart.begin == kTimeMin) chart.begin = std::min(first, chart.end);
        if (chart.end == kTimeMax) chart.end = std::max(chart.begin, last == kTimeMax ? last : last + 1);
    }
    const auto width = static_cast<std::uint64_t>(chart.end) - static_cast<std::uint64_t>(chart.begin);
    const std::uint64_t step = width / m_question.buckets + (width % m_question.buckets != 0 ? 1 : 0);
    m_report.origin = chart.begin;
    m_report.step = static_cast<TimeNs>(std::max<std::uint64_t>(step, 1));
    m_report.series.assign(m_question.buckets, 0);
}

Status Report::read(EventScan& events, const CompiledFilter& filter)
{
    m_report = {};
    m_known.clear();
    m_report.range = m_question.selection.range;
    m_hasBefore = m_report.range.begin != kTimeMin;
    m_beforeRange = {kTimeMin, m_report.range.begin};
    placeChart(events);
    std::vector<std::size_t> which;
    for (std::size_t i = 0; i < events.segments().size(); ++i) {
        const SegmentInfo& info = *events.segments()[i].info;
        const bool wanted = m_report.range.overlaps(info.minTime, info.maxTime) ||
                            (m_hasBefore && m_beforeRange.overlaps(info.minTime, info.maxTime));
        if (!wanted || events.isDamaged(i)) continue;
        which.push_back(i);
        m_report.eventsTotal += info.rows;
    }
    return events.forEachOf(which, [&](SegmentScan& segment, std::size_t) { scan(segment, filter); });
}

void Report::scan(SegmentScan& scan, const CompiledFilter& filter)
{
    const RowSet matching = filter.matchesAll() ? RowSet::all(scan.rows()) : filter.evaluate(scan);
    if (scan.stopped()) return;
    LocalPatterns patterns(scan, m_report.series.size());
    SelectedRows selected{matching, 0, scan.rows()};
    narrowToRange(scan, m_report.range, selected);
    if (!scan.stopped() && selected.count() > 0) countRange(scan, selected, patterns);
    if (m_hasBefore && scan.info().minTime < m_report.range.begin) countBefore(scan, matching, patterns);
    if (!scan.stopped()) add(scan, patterns);
}

void Report::countRange(SegmentScan& scan, const SelectedRows& selected, LocalPatterns& patterns)
{
    const ColumnPtr times = scan.column(TimeColumn), severities = scan.column(SeverityColumn);
    if (!times || !severities) return;
    const RowSet* const missing = scan.info().timeMissing > 0 ? &scan.timeMissing() : nullptr;
    const auto origin = static_cast<std::uint64_t>(m_report.origin);
    const auto step = static_cast<std::uint64_t>(m_report.step);
    std::vector<std::uint64_t> all(m_report.series.size(), 0);
    std::uint64_t total = 0;
    RowIndex begin = selected.begin;
    while (begin < selected.end && !scan.stopped()) {
        const RowIndex end = std::min(selected.end, begin + 32'768);
        forEachRow(selected.set, begin, end, [&](RowIndex row) {
            ++total;
            const bool timed = missing == nullptr || !missing->has(row);
            const TimeNs time = times->ints.at(row);
            std::size_t bucket = all.size();
            if (timed && time >= m_report.origin)
                bucket = static_cast<std::size_t>(
                    std::min<std::uint64_t>((static_cast<std::uint64_t>(time) - origin) / step, all.size()));
            if (bucket < all.size()) ++all[bucket];
            LocalFacts* const facts = patterns.at(row);
            if (facts == nullptr) return;
            ++facts->count;
            ++facts->bySeverity[std::min<std::size_t>(
                severityClass(static_cast<Severity>(severities->ints.at(row))), 6)];
            (timed ? facts->timed : facts->standIn).add(row);
            if (bucket < all.size()) ++facts->series[bucket];
        });
        begin = end;
    }
    if (scan.stopped()) return;
    const std::lock_guard lock(m_mutex);
    m_report.total += total;
    for (std::size_t i = 0; i < all.size(); ++i) m_report.series[i] += all[i];
}

void Report::countBefore(SegmentScan& scan, const RowSet& matching, LocalPatterns& patterns)
{
    SelectedRows earlier{RowSet::all(scan.rows()), 0, scan.rows()};
    narrowToRange(scan, m_beforeRange, earlier);
    const ColumnPtr times = scan.column(TimeColumn);
    if (scan.stopped() || !times || earlier.count() == 0) return;
    RowIndex first = kNoRow;
    forEachRow(earlier.set, earlier.begin, earlier.end, [&](RowIndex row) {
        if (first == kNoRow) first = row;
        LocalFacts* const facts = patterns.at(row);
        if (facts == nullptr) return;
        facts->storeHadIt = true;
        if (!matching.has(row)) return;
        ++facts->before;
        facts->earlier.add(row);
    });
    const std::lock_guard lock(m_mutex);
    const TimeNs time = times->ints.at(first);
    m_report.beforeBegin = m_report.knowsBefore ? std::min(m_report.beforeBegin, time) : time;
    m_report.knowsBefore = true;
}

void Report::add(SegmentScan& scan, LocalPatterns& patterns)
{
    const ColumnPtr times = scan.column(TimeColumn), sources = scan.column(SourceColumn),
                    ordinals = scan.column(OrdinalColumn);
    if (!times || !sources || !ordinals) return;
    const FieldReader reader(scan, "message");
    const auto keyOf = [&](RowIndex row) {
        return EventKey{times->ints.at(row), SourceId{static_cast<std::uint32_t>(sources->ints.at(row))},
                        static_cast<Ordinal>(ordinals->ints.at(row))};
    };
    const std::lock_guard lock(m_mutex);
    for (const LocalFacts& each : patterns.all()) {
        const auto [found, isNew] = m_known.try_emplace(each.id);
        PatternFacts& facts = found->second;
        PatternSummary& summary = facts.summary;
        if (isNew) {
            summary.id = each.id;
            summary.pattern = patternForDisplay(patterns.text(each));
            facts.series.assign(m_report.series.size(), 0);
        }
        facts.storeHadIt = facts.storeHadIt || each.storeHadIt;
        facts.before += each.before;
        if (each.earlier.any()) {
            const TimeNs last = times->ints.at(each.earlier.last);
            facts.lastBefore = std::max(facts.lastBefore.value_or(last), last);
        }
        if (each.count == 0) continue;
        summary.count += each.count;
        for (std::size_t i = 0; i < each.bySeverity.size(); ++i) summary.bySeverity[i] += each.bySeverity[i];
        for (std::size_t i = 0; i < each.series.size(); ++i) facts.series[i] += each.series[i];
        // Times of their own count before those that stand in.
        const bool timed = each.timed.any();
        if (facts.first && summary.timed && !timed) continue;
        const bool better = !facts.first || (timed && !summary.timed);
        const RowEnds& ends = timed ? each.timed : each.standIn;
        const EventKey first = keyOf(ends.first), last = keyOf(ends.last);
        if (better || first < *facts.first) {
            facts.first = first;
            summary.first = first.time;
            summary.example.clear();
            reader.append(ends.first, summary.example);
        }
        if (better || last > *facts.last) {
            facts.last = last;
            summary.last = last.time;
        }
        summary.timed = summary.timed || timed;
    }
    m_report.eventsScanned += scan.rows();
    if (!m_partial || m_report.eventsScanned >= m_report.eventsTotal) return;
    const auto now = std::chrono::steady_clock::now();
    if (now - m_told < std::chrono::milliseconds(100)) return;
    m_told = now;
    m_partial(finish(false));
}

PatternReport Report::finish(bool exact) const
{
    PatternReport report = m_report;
    report.exact = exact;
    // Segments from before the range come last: until then nothing is known to be new or gone.
    if (!exact) report.knowsBefore = false;
    for (const auto& [id, facts] : m_known) {
        // Seen before the range by other filters only: that was to be known, and is no row.
        if (facts.summary.count == 0 && (facts.before == 0 || !exact)) continue;
        PatternFacts& kept = report.patterns.emplace_back(facts);
        kept.verdict = judgePattern(kept, report);
        if (!exact) kept.verdict.gone = PatternVerdict::Gone::No;
    }
    std::sort(report.patterns.begin(), report.patterns.end(),
              [](const PatternFacts& a, const PatternFacts& b) {
                  if (a.summary.count != b.summary.count) return a.summary.count > b.summary.count;
                  return a.summary.id < b.summary.id;
              });
    return report;
}

PatternReport Report::take()
{
    m_report.eventsScanned = m_report.eventsTotal;
    return finish(true);
}

} // namespace

PatternMiner::PatternMiner(std::shared_ptr<ScanSource> source, std::shared_ptr<WorkerPool> pool)
    : m_source(std::move(source)), m_pool(std::move(pool))
{}

Result<PatternReport> PatternMiner::report(const PatternReportQuestion& question, std::stop_token stop,
                                           const Partial& partial)
{
    if (question.buckets == 0 || question.buckets > PatternReportQuestion::kMostBuckets)
        return makeError(ErrorKind::Usage, "count patterns",
                         "the number of buckets is not from 1 to " +
                             std::to_string(PatternReportQuestion::kMostBuckets));
    auto filter = CompiledFilter::compile(question.selection.filter);
    if (!filter) return filter.error();
    Report report(question, partial);
    std::vector<MissedEvents> missed;
    const Status status =
        overSnapshot(*m_source, *m_pool, {kTimeMin, question.selection.range.end}, stop, missed,
                     [&](EventScan& events) { return report.read(events, **filter); });
    if (!status) return status.error();
    PatternReport answer = report.take();
    answer.missed = std::move(missed);
    return answer;
}

} // namespace faultline
