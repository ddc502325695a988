#include "models/analysis/event_scan.h"
#include "models/analysis/trace_fields.h"
#include "models/analysis/trace_ids.h"
#include "models/analysis/trace_tally.h"
#include "models/analysis/tracer.h"
#include "models/query/field_codes.h"
#include "models/records/severity.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <set>
#include <unordered_map>

namespace faultline {

namespace {

constexpr Severity kError = 17;

/// The event times, severities and durations of a segment, as sums need them.
class RowFacts
{
public:
    RowFacts(SegmentScan& scan, const SelectedRows& selected)
        : m_times(scan.column(TimeColumn))
        , m_severities(scan.column(SeverityColumn))
        , m_durations(scan, selected)
        , m_missing(scan.info().timeMissing > 0 ? &scan.timeMissing() : nullptr)
    {
        m_usable = m_times && m_severities && m_times->ints.count >= scan.rows() &&
                   m_severities->ints.count >= scan.rows();
    }
    bool usable() const { return m_usable; }
    Severity severity(RowIndex row) const { return static_cast<Severity>(m_severities->ints.at(row)); }
    TimeNs time(RowIndex row) const { return m_times->ints.at(row); }
    TraceTotals at(RowIndex row) const
    {
        TraceTotals one;
        const Severity level = severity(row);
        one.events = 1;
        one.errors = level >= kError ? 1 : 0;
        one.worst = severityClass(level);
        if (m_missing == nullptr || !m_missing->has(row)) {
            one.end = time(row);
            one.begin = beginOf(one.end, m_durations.at(row));
        }
        return one;
    }

private:
    ColumnPtr m_times, m_severities;
    DurationReader m_durations;
    const RowSet* m_missing;
    bool m_usable = false;
};

/// Sums of all traces; what is counted beside them goes into `answer`.
Result<std::unique_ptr<TraceTally>> sumUp(EventScan& events, const CompiledFilter& filter,
                                          const TopTracesQuestion& question, std::size_t heldBytes,
                                          TopTraces& answer)
{
    auto tally = std::make_unique<TraceTally>(question.top, heldBytes);
    std::atomic<std::uint64_t> with{0}, without{0}, overlong{0};
    for (bool first = true, again = true; again; first = false) {
        const Status status =
            events.forEach(filter, question.selection.range,
                           [&](SegmentScan& scan, const SelectedRows& selected, std::size_t) {
                               const FieldRows rows = findRows(scan, question.field, selected);
                               if (scan.stopped()) return;
                               if (rows.parts.empty() && !rows.overflowData) {
                                   if (first) without += selected.count();
                                   return;
                               }
                               const RowFacts facts(scan, selected);
                               if (scan.stopped() || !facts.usable()) return;
                               TraceTally::Batch batch(*tally);
                               std::uint64_t count = 0, tooLong = 0;
                               forEachId(
                                   scan, question.field, rows,
                                   [&](RowIndex row, const ValueKey& key) {
                                       ++count;
                                       batch.add(key, facts.at(row));
                                   },
                                   [&](RowIndex row, std::string_view text) {
                                       ++count;
                                       if (text.size() > TopTraces::kIdBytes)
                                           ++tooLong;
                                       else
                                           batch.add(text, facts.at(row));
                                   });
                               if (scan.stopped()) return;
                               batch.flush();
                               if (!first) return;
                               with += count - tooLong;
                               overlong += tooLong;
                               without += selected.count() - count;
                           });
        if (!status) return status.error();
        again = tally->nextPass();
    }
    answer.traces = tally->distinct();
    answer.failed = tally->failed();
    answer.events = with;
    answer.without = without;
    answer.overlong = overlong;
    return tally;
}

/// Services and first error of the traces that are listed, in one more pass over the segments that hold them.
class Details
{
public:
    void want(TraceSummary& summary) { m_wanted[summary.id].push_back(&summary); }
    Status read(EventScan& events, const CompiledFilter& filter, const TopTracesQuestion& question);

private:
    struct Found
    {
        std::set<std::string> services;
        bool more = false;
        std::optional<EventKey> firstError;
        std::string firstFailing;
    };
    struct KeyHash
    {
        std::size_t operator()(const ValueKey& key) const { return key.hash(); }
    };
    void scan(SegmentScan& scan, const SelectedRows& selected, const TopTracesQuestion& question);

    std::map<std::string, std::vector<TraceSummary*>, std::less<>> m_wanted;
    std::vector<std::string> m_ids;
    std::unordered_map<ValueKey, std::size_t, KeyHash> m_byKey;
    std::map<std::string, std::size_t, std::less<>> m_byText;
    std::vector<Found> m_found;
    std::mutex m_mutex;
};

void Details::scan(SegmentScan& scan, const SelectedRows& selected, const TopTracesQuestion& question)
{
    const FieldRows rows = findRows(scan, question.field, selected);
    if (scan.stopped()) return;
    std::vector<std::pair<RowIndex, std::size_t>> hits;
    forEachId(
        scan, question.field, rows,
        [&](RowIndex row, const ValueKey& key) {
            if (const auto known = m_byKey.find(key); known != m_byKey.end())
                hits.emplace_back(row, known->second);
        },
        [&](RowIndex row, std::string_view text) {
            if (const auto known = m_byText.find(text); known != m_byText.end())
                hits.emplace_back(row, known->second);
        });
    if (scan.stopped() || hits.empty()) return;
    SelectedRows few{RowSet::none(scan.rows()), 0, scan.rows()};
    for (const auto& [row, trace] : hits) few.set.insert(row);
    const FieldCodes services = FieldCodes::of(scan, question.lane, few);
    const ColumnPtr times = scan.column(TimeColumn), severities = scan.column(SeverityColumn),
                    sources = scan.column(SourceColumn), ordinals = scan.column(OrdinalColumn);
    if (scan.stopped() || !times || !severities || !sources || !ordinals) return;
    std::string name;
    const std::lock_guard lock(m_mutex);
    for (const auto& [row, trace] : hits) {
        Found& found = m_found[trace];
        name.clear();
        const bool named = services.append(services.code(row), name);
        if (name.size() > TraceLane::kNameBytes) name.resize(TraceLane::kNameBytes);
        if (named && !found.services.contains(name)) {
            // One more than is shown, so that the first by name are shown whatever comes first.
            found.services.insert(name);
            if (found.services.size() > TraceSummary::kMostNames) {
                found.services.erase(std::prev(found.services.end()));
                found.more = true;
            }
        }
        if (severities->ints.at(row) < kError) continue;
        const EventKey key{times->ints.at(row), SourceId{static_cast<std::uint32_t>(sources->ints.at(row))},
                           static_cast<Ordinal>(ordinals->ints.at(row))};
        if (found.firstError && *found.firstError < key) continue;
        found.firstError = key;
        found.firstFailing = named ? name : std::string();
    }
}

Status Details::read(EventScan& events, const CompiledFilter& filter, const TopTracesQuestion& question)
{
    std::vector<TimeRange> spans; // of the traces that are wanted
    for (const auto& [id, summaries] : m_wanted) {
        const std::size_t number = m_ids.size();
        m_ids.push_back(id);
        if (const auto key = ValueKey::of(id))
            m_byKey.emplace(*key, number);
        else
            m_byText.emplace(id, number);
        const TraceSummary& summary = *summaries.front();
        spans.push_back(summary.timed ? TimeRange{summary.begin, summary.end} : TimeRange());
    }
    m_found.resize(m_ids.size());
    const Status status = events.forEach(
        filter, question.selection.range,
        [&](SegmentScan& scan, const SelectedRows& selected, std::size_t) {
            this->scan(scan, selected, question);
        },
        [&](const SegmentEntry& entry) {
            const SegmentInfo& info = *entry.info;
            // Events without a time of their own may lie anywhere.
            return info.timeMissing > 0 ||
                   std::any_of(spans.begin(), spans.end(), [&](const TimeRange& span) {
                       return info.maxTime >= span.begin && info.minTime <= span.end;
                   });
        });
    if (!status) return status;
    for (std::size_t i = 0; i < m_ids.size(); ++i) {
        for (TraceSummary* summary : m_wanted.find(m_ids[i])->second) {
            summary->services.assign(m_found[i].services.begin(), m_found[i].services.end());
            summary->moreServices = m_found[i].more;
            summary->firstError = m_found[i].firstError;
            summary->firstFailing = m_found[i].firstFailing;
        }
    }
    return {};
}

std::vector<TraceSummary> summariesOf(const TraceTally& tally, TraceTally::By by)
{
    std::vector<TraceSummary> list;
    for (auto& item : tally.top(by)) {
        TraceSummary summary;
        summary.id = std::move(item.id);
        summary.events = item.totals.events;
        summary.errors = item.totals.errors;
        summary.worst = item.totals.worst;
        summary.timed = item.totals.timed();
        if (summary.timed) {
            summary.begin = item.totals.begin;
            summary.end = item.totals.end;
        }
        list.push_back(std::move(summary));
    }
    return list;
}

} // namespace

Tracer::Tracer(std::shared_ptr<ScanSource> source, std::shared_ptr<WorkerPool> pool, Options options)
    : m_source(std::move(source)), m_pool(std::move(pool)), m_options(options)
{}

Result<TopTraces> Tracer::top(const TopTracesQuestion& question, std::stop_token stop)
{
    if (question.top == 0 || question.top > TopTracesQuestion::kMostTop)
        return makeError(ErrorKind::Usage, "look at traces",
                         "a list has 1 to " + std::to_string(TopTracesQuestion::kMostTop) + " of them");
    auto filter = CompiledFilter::compile(question.selection.filter);
    if (!filter) return filter.error();
    TopTraces answer;
    std::vector<MissedEvents> missed;
    const Status status =
        overSnapshot(*m_source, *m_pool, question.selection.range, std::move(stop), missed,
                     [&](EventScan& events) -> Status {
                         answer = {};
                         auto tally = sumUp(events, **filter, question, m_options.heldBytes, answer);
                         if (!tally) return tally.error();
                         answer.busiest = summariesOf(**tally, TraceTally::By::Events);
                         answer.slowest = summariesOf(**tally, TraceTally::By::Duration);
                         answer.failing = summariesOf(**tally, TraceTally::By::Errors);
                         tally->reset();
                         Details details;
                         for (auto* list : {&answer.busiest, &answer.slowest, &answer.failing})
                             for (TraceSummary& summary : *list) details.want(summary);
                         if (answer.busiest.empty()) return {};
                         return details.read(events, **filter, question);
                     });
    if (!status) return status.error();
    answer.missed = std::move(missed);
    return answer;
}

} // namespace faultline
