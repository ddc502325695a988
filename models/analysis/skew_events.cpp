#include "models/analysis/skew_events.h"

#include "models/analysis/trace_fields.h"
#include "models/analysis/trace_ids.h"
#include "models/base/hash.h"
#include "models/query/field_codes.h"

#include <algorithm>
#include <array>
#include <optional>
#include <tuple>
#include <unordered_map>

namespace faultline {

namespace {

constexpr std::size_t kMostParties = 20'000;               // names that are held
constexpr std::size_t kMostSamples = 3'000'000;            // of all pairs together
constexpr std::int64_t kMostApart = std::int64_t{1} << 61; // ns; so that differences can be subtracted
constexpr unsigned kMostHalvings = 40;
constexpr std::array<std::int64_t, 5> kGrains{kSecondNs, 100'000'000, 10'000'000, 1'000'000, 1'000};

/// later - earlier, where it can be worked with.
std::optional<std::int64_t> apart(TimeNs later, TimeNs earlier)
{
    std::int64_t difference = 0;
    if (__builtin_sub_overflow(later, earlier, &difference)) return std::nullopt;
    if (difference > kMostApart || difference < -kMostApart) return std::nullopt;
    return difference;
}

struct Extent
{
    std::uint64_t party = 0;
    TimeNs begin = kTimeMax, end = kTimeMin;
    void add(const SkewEvent& event)
    {
        begin = std::min(begin, event.begin);
        end = std::max(end, event.end);
    }
};

std::optional<SkewSample> sampleOf(const Extent& caller, const Extent& callee)
{
    const auto begin = apart(callee.begin, caller.begin), end = apart(callee.end, caller.end);
    const auto ofCaller = apart(caller.end, caller.begin), ofCallee = apart(callee.end, callee.begin);
    if (!begin || !end || !ofCaller || !ofCallee) return std::nullopt;
    return SkewSample{*begin, *end, *ofCaller, *ofCallee};
}

/// Hashes of the texts of a field, by row of a segment.
void hashTexts(SegmentScan& scan, std::string_view field, const std::vector<RowIndex>& rows,
               std::vector<std::uint64_t>& hashes)
{
    if (rows.empty() || findField(scan, field).nothing()) return;
    const FieldReader reader(scan, field);
    std::string text;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (hashes[i] != 0) continue;
        text.clear();
        if (!reader.append(rows[i], text)) continue;
        if (text.find_first_not_of('0') == text.npos || text == "null") continue; // none
        hashes[i] = hash64(text) | 1;
    }
}

} // namespace

void SkewEvents::scan(SegmentScan& scan, const SelectedRows& selected, const SkewQuestion& question)
{
    const FieldRows ids = findRows(scan, question.field, selected);
    if (scan.stopped() || (ids.parts.empty() && !ids.overflowData)) return;
    unsigned halvings = 0;
    {
        const std::lock_guard lock(m_mutex);
        halvings = m_halvings;
    }
    const RowSet* const missing = scan.info().timeMissing > 0 ? &scan.timeMissing() : nullptr;
    std::vector<std::pair<RowIndex, std::uint64_t>> hits;
    const auto hit = [&](RowIndex row, std::uint64_t hash) {
        if (halvings > 0 && hash >> (64 - halvings) != 0) return;
        if (missing == nullptr || !missing->has(row)) hits.emplace_back(row, hash);
    };
    forEachId(
        scan, question.field, ids, [&](RowIndex row, const ValueKey& key) { hit(row, key.hash()); },
        [&](RowIndex row, std::string_view text) { hit(row, hash64(text)); });
    if (scan.stopped() || hits.empty()) return;
    std::sort(hits.begin(), hits.end());
    SelectedRows few{RowSet::none(scan.rows()), 0, scan.rows()};
    std::vector<RowIndex> rows;
    for (const auto& [row, hash] : hits) {
        few.set.insert(row);
        rows.push_back(row);
    }
    const FieldCodes parties = FieldCodes::of(scan, question.party, few);
    const DurationReader durations(scan, few);
    const ColumnPtr times = scan.column(TimeColumn);
    std::vector<std::uint64_t> spans(rows.size(), 0), parents(rows.size(), 0);
    for (const std::string_view name : parentFields()) hashTexts(scan, name, rows, parents);
    // Without a parent anywhere spans are of no use.
    hashTexts(scan, "span_id", rows, spans);
    if (scan.stopped() || !times) return;
    std::map<std::uint32_t, std::uint64_t> known; // hash of a party by code
    std::map<std::uint64_t, std::string> names;
    std::vector<SkewEvent> made;
    std::string name;
    for (std::size_t i = 0; i < hits.size(); ++i) {
        const RowIndex row = hits[i].first;
        const std::uint32_t code = parties.code(row);
        auto party = known.find(code);
        if (party == known.end()) {
            name.clear();
            std::uint64_t hash = 0;
            if (parties.append(code, name)) {
                hash = hash64(name) | 1;
                names.emplace(hash, name);
            }
            party = known.emplace(code, hash).first;
        }
        if (party->second == 0) continue;
        SkewEvent event;
        event.trace = hits[i].second;
        event.party = party->second;
        event.end = times->ints.at(row);
        event.begin = beginOf(event.end, durations.at(row));
        event.span = spans[i];
        event.parent = parents[i];
        made.push_back(event);
    }
    take(made, names);
}

void SkewEvents::take(std::vector<SkewEvent>& events, const std::map<std::uint64_t, std::string>& names)
{
    const std::lock_guard lock(m_mutex);
    for (const auto& [hash, name] : names)
        if (m_names.size() < kMostParties) m_names.emplace(hash, name);
    for (const SkewEvent& event : events)
        if (stays(event.trace) && m_names.contains(event.party)) m_events.push_back(event);
    while (m_events.size() > m_limit && m_halvings < kMostHalvings) {
        ++m_halvings;
        std::erase_if(m_events, [this](const SkewEvent& event) { return !stays(event.trace); });
    }
}

Status SkewEvents::read(EventScan& events, const CompiledFilter& filter, const SkewQuestion& question)
{
    const Status status = events.forEach(filter, question.selection.range,
                                         [&](SegmentScan& scan, const SelectedRows& selected, std::size_t) {
                                             this->scan(scan, selected, question);
                                         });
    if (!status) return status;
    // Part by part, so that it can be stopped.
    std::array<std::vector<SkewEvent>, 64> parts;
    for (const SkewEvent& event : m_events) parts[(event.trace << m_halvings) >> 58].push_back(event);
    m_events.clear();
    for (auto& part : parts) {
        if (events.stopped()) return makeError(ErrorKind::Cancelled, "look at traces", "it was stopped");
        std::sort(part.begin(), part.end(), [](const SkewEvent& a, const SkewEvent& b) {
            return std::tie(a.trace, a.party, a.begin, a.end, a.span, a.parent) <
                   std::tie(b.trace, b.party, b.begin, b.end, b.span, b.parent);
        });
        m_events.insert(m_events.end(), part.begin(), part.end());
        part = {};
    }
    for (const SkewEvent& event : m_events) {
        std::int64_t& grain = m_grains.try_emplace(event.party, kGrains.front()).first->second;
        while (grain != 0 && event.end % grain != 0) {
            const auto next = std::upper_bound(kGrains.begin(), kGrains.end(), grain, std::greater<>());
            grain = next == kGrains.end() ? 0 : *next;
        }
    }
    return {};
}

std::int64_t SkewEvents::grain(std::uint64_t party) const
{
    const auto known = m_grains.find(party);
    return known == m_grains.end() ? 0 : known->second;
}

namespace {

/// The calls within one trace that parent spans tell of: of several between the same two the narrowest.
void addCalls(const SkewEvent* first, const SkewEvent* last, SkewSamples& samples, std::size_t& held)
{
    struct Span
    {
        Extent extent;
        std::uint64_t parent = 0;
        bool shared = false; ///< both sides have it, as with B3: nobody knows whose it is
    };
    std::map<std::uint64_t, Span> spans;
    bool parents = false;
    for (const SkewEvent* event = first; event != last; ++event) {
        if (event->span == 0) continue;
        Span& span = spans[event->span];
        if (span.extent.party == 0) span.extent.party = event->party;
        if (span.extent.party != event->party) span.shared = true;
        span.extent.add(*event);
        if (span.parent == 0) span.parent = event->parent;
        parents = parents || event->parent != 0;
    }
    if (!parents) return;
    std::map<std::pair<std::uint64_t, std::uint64_t>, SkewSample> calls; // by caller and callee
    for (const auto& [id, span] : spans) {
        const auto parent = spans.find(span.parent);
        if (span.parent == 0 || parent == spans.end() || span.shared || parent->second.shared) continue;
        const Extent& caller = parent->second.extent;
        if (caller.party == span.extent.party || caller.begin >= caller.end) continue;
        const auto sample = sampleOf(caller, span.extent);
        if (!sample) continue;
        const auto [at, added] = calls.emplace(std::pair(caller.party, span.extent.party), *sample);
        if (!added && std::tuple(sample->width(), sample->begin, sample->end) <
                          std::tuple(at->second.width(), at->second.begin, at->second.end))
            at->second = *sample;
    }
    for (const auto& [who, sample] : calls) {
        const bool forward = who.first < who.second;
        auto& pair = samples.pairs[forward ? who : std::pair(who.second, who.first)];
        auto& list = pair.calls[forward ? 0 : 1];
        if (list.size() >= SkewPairSamples::kMost || held >= kMostSamples) continue;
        list.push_back(sample);
        ++held;
    }
}

} // namespace

SkewSamples samplesOf(const std::vector<SkewEvent>& events, const std::function<bool()>& stopped)
{
    SkewSamples samples;
    std::size_t held = 0;
    std::vector<Extent> extents;
    for (std::size_t first = 0; first < events.size() && !stopped();) {
        extents.clear();
        std::size_t last = first;
        for (; last < events.size() && events[last].trace == events[first].trace; ++last) {
            if (extents.empty() || extents.back().party != events[last].party) {
                extents.emplace_back();
                extents.back().party = events[last].party;
            }
            extents.back().add(events[last]);
        }
        ++samples.traces;
        if (extents.size() > SkewReport::kMostParties) {
            ++samples.skippedWide;
            first = last;
            continue;
        }
        for (std::size_t a = 0; a < extents.size(); ++a) {
            for (std::size_t b = a + 1; b < extents.size(); ++b) {
                SkewPairSamples& pair = samples.pairs[{extents[a].party, extents[b].party}];
                ++pair.shared;
                if (pair.times.size() >= SkewPairSamples::kMost || held >= kMostSamples) continue;
                if (const auto sample = sampleOf(extents[a], extents[b])) {
                    pair.times.push_back(*sample);
                    ++held;
                }
            }
        }
        addCalls(events.data() + first, events.data() + last, samples, held);
        first = last;
    }
    return samples;
}

} // namespace faultline
