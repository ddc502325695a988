#include "models/analysis/comparer.h"

#include "models/analysis/change_ranking.h"
#include "models/analysis/change_text.h"
#include "models/analysis/field_plan.h"
#include "models/analysis/pair_tally.h"
#include "models/analysis/pattern_tally.h"
#include "models/query/filter_build.h"

#include <algorithm>
#include <cmath>
#include <mutex>
#include <optional>
#include <set>
#include <string>

namespace faultline {

namespace {

constexpr int kSnapshots = 8;            // tries when merges take segments away
constexpr double kWorthwhile = 2.5;      // naive strength below which nothing is looked at in time
constexpr std::size_t kCandidates = 320; // that are looked at in time
constexpr std::size_t kTogether = 64;    // that are folded in one pass
constexpr std::size_t kHeads = 24;       // groups after which no further pass is made
constexpr std::size_t kOfPatterns = 160; // of them, at most

/// The fields that a filter asks about.
void addFields(const FilterPtr& filter, std::set<std::string>& fields)
{
    std::vector<const Filter*> open;
    if (filter) open.push_back(filter.get());
    while (!open.empty()) {
        const Filter& each = *open.back();
        open.pop_back();
        if (!each.field.empty()) fields.insert(each.field);
        for (const FilterPtr& child : each.children) open.push_back(child.get());
    }
}

/// Fields by which the sides were chosen: they differ because that was asked for.
std::set<std::string> chosenBy(const CompareQuestion& question, bool twoStores)
{
    std::set<std::string> fields;
    const bool same = question.against == CompareQuestion::Against::Selection &&
                      (question.a.filter == question.b.filter ||
                       (question.a.filter && question.b.filter && *question.a.filter == *question.b.filter));
    if (!same) {
        addFields(question.a.filter, fields);
        addFields(question.b.filter, fields);
    }
    if (twoStores) fields.insert("source");
    if (fields.contains("level") || fields.contains("severity")) fields.insert({"level", "severity"});
    return fields;
}

/// One comparison over one state of the stores.
class Run
{
public:
    Run(CompareRows& rows, const CompareQuestion& question, bool twoStores)
        : m_rows(rows), m_question(question), m_chosenBy(chosenBy(question, twoStores))
    {}
    Result<Comparison> operator()(const Comparer::Partial& partial);

private:
    Status countPatterns();
    Status countField(const PlannedField& field);
    Status countPairs();
    Result<Comparison> judged(bool exact);
    std::vector<ChangeCandidate> candidates(FilterParts& parts) const;

    CompareRows& m_rows;
    const CompareQuestion& m_question;
    const std::set<std::string> m_chosenBy;
    statistics::Exposure m_exposure;
    std::vector<ChangeItem> m_patterns;
    std::uint64_t m_tests = 0, m_pairTests = 0;
    std::uint64_t m_fieldsLooked = 0;
    std::mutex m_mutex;
    std::vector<FieldItems> m_fields;
    std::vector<PairField> m_few;
    std::vector<ChangeItem> m_pairs;
};

Status Run::countPatterns()
{
    PatternTally tally;
    if (Status status = m_rows.forEach(
            [&](SegmentScan& scan, const SegmentSides& sides, std::size_t) { tally.scan(scan, sides); });
        !status)
        return status;
    m_patterns = tally.items();
    std::vector<statistics::Ratio> ratios;
    for (const ChangeItem& item : m_patterns) ratios.push_back({item.count[0], item.count[1]});
    m_exposure = statistics::exposureOf(ratios, m_rows.events(0), m_rows.events(1));
    std::erase_if(m_patterns, [](const ChangeItem& item) {
        return item.count[0] + item.count[1] < statistics::kLeastEvents;
    });
    m_tests += m_patterns.size();
    for (ChangeItem& item : m_patterns)
        item.naive = statistics::signedRoot(static_cast<double>(item.count[0]),
                                            static_cast<double>(item.count[1]), m_exposure.ratio);
    keepStrongest(m_patterns, kOfPatterns);
    return {};
}

Status Run::countField(const PlannedField& field)
{
    FieldTally tally(field.name);
    const auto count = [&](SegmentScan& scan, const SegmentSides& sides, std::size_t) {
        tally.scan(scan, sides);
    };
    if (Status status = m_rows.forEachOf(field.segments, count); !status) return status;
    if (tally.again())
        if (Status status = m_rows.forEachOf(field.segments, count); !status) return status;
    FieldItems items = itemsOf(tally, m_exposure.ratio, m_rows.events(0), m_rows.events(1));
    std::lock_guard lock(m_mutex);
    m_tests += items.tests;
    if (tally.present(0) + tally.present(1) != 0) ++m_fieldsLooked;
    if (!items.few.empty()) {
        PairField few{field.name, {}, items.strongest};
        for (auto& value : items.few) few.values.push_back(std::move(value.text));
        m_few.push_back(std::move(few));
        items.few.clear();
    }
    m_fields.push_back(std::move(items));
    return {};
}

Status Run::countPairs()
{
    PairTally tally(PairTally::choose(m_few, m_rows.events(0) + m_rows.events(1)));
    if (Status status = m_rows.forEach(
            [&](SegmentScan& scan, const SegmentSides& sides, std::size_t) { tally.scan(scan, sides); });
        !status)
        return status;
    m_pairs = tally.items(m_exposure.ratio, m_pairTests);
    return {};
}

std::vector<ChangeCandidate> Run::candidates(FilterParts& parts) const
{
    std::vector<ChangeItem> items = m_patterns;
    for (const FieldItems& field : m_fields)
        items.insert(items.end(), field.items.begin(), field.items.end());
    items.insert(items.end(), m_pairs.begin(), m_pairs.end());
    std::erase_if(items, [](const ChangeItem& item) { return std::abs(item.naive) < kWorthwhile; });
    keepStrongest(items, kCandidates);
    std::vector<ChangeCandidate> candidates;
    for (ChangeItem& item : items) {
        ChangeCandidate candidate;
        auto filter = parts.add(item.filter());
        if (!filter) continue; // a value that no search can name
        candidate.filter = std::move(*filter);
        if (item.kind == Change::Kind::Number) {
            ChangeItem middle = item;
            middle.numbers.above = true;
            middle.value = std::to_string(item.numbers.medianB);
            candidate.probe[0] = parts.add(middle.filter());
            candidate.probe[1] = parts.add(filters::exists(item.field));
            if (!candidate.probe[1]) candidate.probe[0].reset();
        }
        candidate.item = std::move(item);
        candidates.push_back(std::move(candidate));
    }
    return candidates;
}

Result<Comparison> Run::judged(bool exact)
{
    Comparison answer;
    answer.eventsA = m_rows.events(0);
    answer.eventsB = m_rows.events(1);
    answer.timeA = m_rows.time(0);
    answer.timeB = m_rows.time(1);
    answer.exposure = m_exposure.ratio;
    answer.tests = m_tests + m_pairTests;
    answer.fieldsLooked = m_fieldsLooked;
    answer.exact = exact;

    FilterParts parts;
    std::vector<ChangeCandidate> looked = candidates(parts);
    ChangeSeries series(CompareBuckets(answer.timeA, answer.timeB), std::move(looked), std::move(parts));
    if (Status status = m_rows.forEach(
            [&](SegmentScan& scan, const SegmentSides& sides, std::size_t) { series.scan(scan, sides); });
        !status)
        return status.error();
    JudgeContext context;
    context.exposure = m_exposure;
    for (int side = 0; side < 2; ++side) {
        context.events[side] = m_rows.events(side);
        context.time[side] = m_rows.time(side);
    }
    context.tests = m_tests;
    context.pairTests = m_pairTests;
    context.level = m_question.falseDiscovery;
    Judged found = judge(series, context);
    answer.passed = found.passing.size();
    const std::size_t top = std::clamp<std::size_t>(m_question.top, 1, CompareQuestion::kMostGroups);
    Folding folding(context);
    std::size_t folded = 0;
    const auto foldMore = [&](const std::vector<JudgedChange>& all, std::size_t& from,
                              bool weaker) -> Status {
        const auto begin = all.begin() + static_cast<std::ptrdiff_t>(from);
        const std::size_t count = std::min(kTogether, all.size() - from);
        const std::vector<JudgedChange> more(begin, begin + static_cast<std::ptrdiff_t>(count));
        from += count;
        std::vector<FilterParts::Terms> filters;
        for (const auto* list : {&folding.heads(), &more})
            for (const JudgedChange& each : *list)
                filters.push_back(series.candidates()[each.candidate].filter);
        SharedEvents shared(series.parts(), std::move(filters));
        Status status = m_rows.forEach(
            [&](SegmentScan& scan, const SegmentSides& sides, std::size_t) { shared.scan(scan, sides); });
        if (status) folding.add(more, shared, weaker);
        return status;
    };
    while (folded < found.passing.size() && folding.heads().size() < std::min(top, kHeads))
        if (Status status = foldMore(found.passing, folded, false); !status) return status.error();
    answer.moreGroups = answer.passed - folded;
    const std::size_t passing = folding.groups().size();
    std::size_t looseLooked = 0;
    if (passing < top && !found.weaker.empty())
        if (Status status = foldMore(found.weaker, looseLooked, true); !status) return status.error();
    auto& groups = folding.groups();
    const auto middle = groups.begin() + static_cast<std::ptrdiff_t>(passing);
    answer.weaker.assign(std::make_move_iterator(middle), std::make_move_iterator(groups.end()));
    groups.erase(middle, groups.end());
    answer.groups = std::move(groups);
    if (answer.groups.size() > top) {
        answer.moreGroups += answer.groups.size() - top;
        answer.groups.resize(top);
    }
    answer.weaker.resize(std::min(answer.weaker.size(), top - answer.groups.size()));
    const auto tell = [&](Change& change) {
        change.what = whatText(change);
        change.why = whyText(change, answer);
    };
    for (auto* list : {&answer.groups, &answer.weaker}) {
        for (ChangeGroup& group : *list) {
            tell(group.head);
            for (Change& same : group.same) tell(same);
        }
    }
    answer.notes = std::move(found.notes);
    for (const FieldItems& field : m_fields)
        answer.notes.insert(answer.notes.end(), field.notes.begin(), field.notes.end());
    std::sort(answer.notes.begin(), answer.notes.end(), [](const FieldNote& a, const FieldNote& b) {
        return a.field != b.field ? a.field < b.field : a.why < b.why;
    });
    return answer;
}

Result<Comparison> Run::operator()(const Comparer::Partial& partial)
{
    if (m_rows.events(0) == 0 || m_rows.events(1) == 0) {
        Comparison nothing;
        nothing.eventsA = m_rows.events(0);
        nothing.eventsB = m_rows.events(1);
        nothing.timeA = m_rows.time(0);
        nothing.timeB = m_rows.time(1);
        nothing.exact = true;
        return nothing;
    }
    if (Status status = countPatterns(); !status) return status.error();
    std::vector<PlannedField> plan = planFields(m_rows);
    std::erase_if(plan, [&](const PlannedField& field) { return m_chosenBy.contains(field.name); });
    // Severity and service are what people look at first.
    std::stable_partition(plan.begin(), plan.end(), [](const PlannedField& field) {
        return field.name == "severity" || field.name == "service";
    });
    const auto first =
        static_cast<std::size_t>(std::count_if(plan.begin(), plan.end(), [](const PlannedField& field) {
            return field.name == "severity" || field.name == "service";
        }));
    const auto count = [&](std::size_t begin, std::size_t end) {
        return m_rows.inParallel(end - begin, [&](std::size_t i) { return countField(plan[begin + i]); });
    };
    if (Status status = count(0, first); !status) return status.error();
    if (partial) {
        auto answer = judged(false);
        if (!answer) return answer;
        partial(*answer);
    }
    if (Status status = count(first, plan.size()); !status) return status.error();
    if (Status status = countPairs(); !status) return status.error();
    return judged(true);
}

/// A with the selection of B put in where it follows from A.
Result<CompareQuestion> resolved(CompareQuestion question, const CompareStore& storeA)
{
    if (!(question.falseDiscovery > 0 && question.falseDiscovery < 1))
        return makeError(ErrorKind::Usage, "compare events",
                         "the level of false discovery is not between 0 and 1");
    if (question.against != CompareQuestion::Against::Before) return question;
    TimeRange& range = question.a.range;
    if (range.begin == kTimeMin)
        return makeError(ErrorKind::Usage, "compare with the time before", "the selection has no begin",
                         {"Give the time from which on something is odd."});
    if (range.end == kTimeMax && storeA.snapshot->events != 0)
        range.end = std::max(storeA.snapshot->maxTime, range.begin) + 1;
    question.b.filter = question.a.filter;
    __extension__ using Wide = __int128;
    const Wide begin = static_cast<Wide>(range.begin) - (static_cast<Wide>(range.end) - range.begin);
    question.b.range = {begin < kTimeMin + 1 ? kTimeMin + 1 : static_cast<TimeNs>(begin), range.begin};
    question.against = CompareQuestion::Against::Selection;
    return question;
}

} // namespace

Comparer::Comparer(std::shared_ptr<ScanSource> store, std::shared_ptr<WorkerPool> pool)
    : m_sources{std::move(store)}, m_pool(std::move(pool))
{}

Comparer::Comparer(std::shared_ptr<ScanSource> a, std::shared_ptr<ScanSource> b,
                   std::shared_ptr<WorkerPool> pool)
    : m_sources{std::move(a), std::move(b)}, m_pool(std::move(pool))
{}

Result<Comparison> Comparer::compare(const CompareQuestion& question, std::stop_token stop,
                                     const Partial& partial)
{
    std::vector<DamagedSegment> damaged;
    int left = kSnapshots;
    for (;;) {
        if (stop.stop_requested()) return makeError(ErrorKind::Cancelled, "compare events", "it was stopped");
        std::vector<std::unique_ptr<CompareStore>> stores;
        for (const auto& source : m_sources) {
            auto store = std::make_unique<CompareStore>();
            store->source = source;
            store->number = stores.size();
            auto snapshot = source->snapshot();
            if (!snapshot) return snapshot.error();
            store->snapshot = std::move(*snapshot);
            auto names = source->sourceNames();
            if (!names) return names.error();
            store->names = std::make_shared<const SegmentScan::SourceNames>(std::move(*names));
            stores.push_back(std::move(store));
        }
        std::vector<MissedEvents> missed;
        for (const auto& store : stores)
            for (const UnreadableSegment& segment : store->snapshot->unreadable)
                missed.push_back({segment.id, segment.events, segment.why});
        auto asked = resolved(question, *stores.front());
        if (!asked) return asked.error();
        const std::size_t known = damaged.size();
        const auto answer = [&]() -> Result<Comparison> {
            auto rows = CompareRows::find(std::move(stores), *asked, m_pool, stop, damaged);
            if (!rows) return rows.error();
            return Run(*rows, *asked, m_sources.size() > 1)(partial);
        }();
        if (!answer) {
            const ErrorKind kind = answer.error().kind;
            // Once more without the segment, or with the snapshot after the merge that took it away.
            if (kind == ErrorKind::Damaged && damaged.size() > known) continue;
            if (kind == ErrorKind::NotFound && --left > 0) continue;
            return answer;
        }
        Comparison found = *answer;
        for (const DamagedSegment& segment : damaged) missed.push_back(segment.events);
        found.missed = std::move(missed);
        return found;
    }
}

} // namespace faultline
