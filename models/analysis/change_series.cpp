#include "models/analysis/change_series.h"

#include "models/base/time_buckets.h"
#include "models/query/field_reader.h"
#include "models/query/filter_build.h"
#include "models/query/packed_view.h"

#include <algorithm>
#include <bit>

namespace faultline {

namespace {

constexpr std::int64_t kFineBuckets = 128;  // of the shorter side
constexpr std::int64_t kMostBuckets = 4096; // of a side
constexpr std::size_t kFirstBlock = 4;      // buckets in the shortest block

using Wide = TimeBuckets::Wide;

Wide lengthOf(const TimeRange& range)
{
    return std::max<Wide>(static_cast<Wide>(range.end) - range.begin, 1);
}

Wide ceilDiv(Wide a, Wide b)
{
    return (a + b - 1) / b;
}

/// The first and the last row of a set; none of an empty one.
std::optional<std::pair<RowIndex, RowIndex>> endsOf(const RowSet& rows)
{
    std::optional<std::pair<RowIndex, RowIndex>> ends;
    for (std::size_t i = 0; i < rows.wordCount() && !ends; ++i) {
        if (const std::uint64_t word = rows.word(i); word != 0)
            ends.emplace(static_cast<RowIndex>(i * 64) + static_cast<RowIndex>(std::countr_zero(word)), 0);
    }
    for (std::size_t i = rows.wordCount(); ends && i-- > 0;) {
        if (const std::uint64_t word = rows.word(i); word != 0) {
            ends->second = static_cast<RowIndex>(i * 64) + 63 - static_cast<RowIndex>(std::countl_zero(word));
            break;
        }
    }
    return ends;
}

void add(std::vector<std::uint32_t>& to, std::size_t first, const std::vector<std::uint32_t>& counts)
{
    for (std::size_t i = 0; i < counts.size(); ++i) to[first + i] += counts[i];
}

} // namespace

CompareBuckets::CompareBuckets(TimeRange a, TimeRange b) : m_origin(a.begin)
{
    const TimeRange ranges[2] = {a, b};
    const Wide lengths[2] = {lengthOf(a), lengthOf(b)};
    Wide shorter = std::min(lengths[0], lengths[1]);
    if (shorter <= 1) shorter = std::max(lengths[0], lengths[1]);
    const Wide width = std::max<Wide>({ceilDiv(shorter, kFineBuckets), ceilDiv(lengths[0], kMostBuckets), 1});
    const Wide times = ceilDiv(lengths[1], kMostBuckets * width);
    m_width[0] = static_cast<TimeNs>(width);
    m_width[1] = static_cast<TimeNs>(std::min<Wide>(width * times, kTimeMax));
    for (int side = 0; side < 2; ++side) {
        const TimeBuckets buckets(m_origin, m_width[side]);
        m_first[side] = buckets.bucketOf(ranges[side].begin);
        const TimeNs last = ranges[side].end > ranges[side].begin ? ranges[side].end - 1 : ranges[side].end;
        m_count[side] = static_cast<std::size_t>(buckets.bucketOf(last) - m_first[side] + 1);
    }
    for (Wide block = kFirstBlock; block * width <= shorter || block == kFirstBlock; block *= 2) {
        m_blocks[0].push_back(static_cast<std::size_t>(block));
        m_blocks[1].push_back(static_cast<std::size_t>(std::max<Wide>(block / times, 1)));
    }
}

TimeNs CompareBuckets::beginOf(int side, std::size_t bucket) const
{
    return TimeBuckets(m_origin, m_width[side]).beginOf(m_first[side] + static_cast<std::int64_t>(bucket));
}

std::size_t CompareBuckets::bucketOf(int side, TimeNs time) const
{
    const std::int64_t bucket = TimeBuckets(m_origin, m_width[side]).bucketOf(time) - m_first[side];
    return static_cast<std::size_t>(
        std::clamp<std::int64_t>(bucket, 0, static_cast<std::int64_t>(m_count[side]) - 1));
}

/// Buckets [first, first + rows.size() - 1) of a side: bucket i has the rows [rows[i], rows[i + 1]).
struct ChangeSeries::Edges
{
    std::size_t first = 0;
    std::vector<RowIndex> rows;

    Edges(const CompareBuckets& buckets, int side, const PackedInts& times, RowIndex count)
    {
        if (count == 0) return;
        first = buckets.bucketOf(side, times.at(0));
        const std::size_t last = buckets.bucketOf(side, times.at(count - 1));
        rows.push_back(0);
        for (std::size_t b = first + 1; b <= last; ++b)
            rows.push_back(static_cast<RowIndex>(
                std::min<std::size_t>(lowerBound(times, buckets.beginOf(side, b), rows.back()), count)));
        rows.push_back(count);
    }

    std::vector<std::uint32_t> count(const RowSet& set, RowIndex found) const
    {
        std::vector<std::uint32_t> counts(rows.size() - 1, 0);
        if (found > 2 * counts.size()) {
            for (std::size_t i = 0; i < counts.size(); ++i) counts[i] = countRows(set, rows[i], rows[i + 1]);
            return counts;
        }
        std::size_t at = 0;
        forEachRow(set, [&](RowIndex row) {
            while (row >= rows[at + 1]) ++at;
            ++counts[at];
        });
        return counts;
    }
};

ChangeSeries::ChangeSeries(CompareBuckets buckets, std::vector<ChangeCandidate> candidates, FilterParts parts)
    : m_buckets(std::move(buckets)), m_candidates(std::move(candidates)), m_parts(std::move(parts))
{
    for (int side = 0; side < 2; ++side) m_total[side].assign(m_buckets.count(side), 0);
    for (ChangeCandidate& candidate : m_candidates) {
        for (int side = 0; side < 2; ++side) candidate.series[side].assign(m_buckets.count(side), 0);
        if (candidate.item.kind == Change::Kind::Value) m_presence.try_emplace(candidate.item.field);
        for (auto& series : candidate.probeSeries)
            series.assign(candidate.probe[0] ? m_buckets.count(1) : 0, 0);
    }
    for (auto& [field, presence] : m_presence) {
        for (int side = 0; side < 2; ++side) presence.series[side].assign(m_buckets.count(side), 0);
        if (auto filter = m_parts.add(filters::exists(field))) presence.filter = std::move(*filter);
    }
}

const FieldPresence* ChangeSeries::presence(const ChangeCandidate& candidate) const
{
    if (candidate.item.kind != Change::Kind::Value) return nullptr;
    const auto found = m_presence.find(candidate.item.field);
    return found == m_presence.end() ? nullptr : &found->second;
}

void ChangeSeries::noteFirst(SegmentScan& scan, const RowSet& rows, ChangeCandidate& candidate, int side)
{
    const auto ends = endsOf(rows);
    const ColumnPtr times = scan.column(TimeColumn), sources = scan.column(SourceColumn),
                    ordinals = scan.column(OrdinalColumn);
    if (!ends || !times || !sources || !ordinals) return;
    const EventKey key{times->ints.at(ends->first),
                       SourceId{static_cast<std::uint32_t>(sources->ints.at(ends->first))},
                       static_cast<Ordinal>(ordinals->ints.at(ends->first))};
    auto& first = candidate.first[side];
    auto& last = candidate.lastTime[side];
    const TimeNs end = times->ints.at(ends->second);
    last = last ? std::max(*last, end) : end;
    if (first && !(key < *first)) return;
    first = key;
    if (candidate.item.kind != Change::Kind::Pattern || (side == 1 && candidate.first[0])) return;
    const FieldReader reader(scan, "message");
    candidate.example.clear();
    reader.append(ends->first, candidate.example);
}

void ChangeSeries::scan(SegmentScan& scan, const SegmentSides& sides)
{
    const ColumnPtr times = scan.column(TimeColumn);
    if (!times || times->ints.count < scan.rows()) return;
    const Edges edges[2] = {{m_buckets, 0, times->ints, scan.rows()},
                            {m_buckets, 1, times->ints, scan.rows()}};
    for (int side = 0; side < 2; ++side) {
        if (sides.count[side] == 0) continue;
        const auto counts = edges[side].count(sides.rows[side].set, sides.count[side]);
        std::lock_guard lock(m_mutex);
        add(m_total[side], edges[side].first, counts);
    }
    // Tells what of some rows is on a side, and its counts by time: under the lock.
    const auto onSide = [&](RowSet rows, int side, const auto& note) {
        if (sides.count[side] == 0 || rows.isNone()) return;
        rows &= sides.rows[side].set;
        const RowIndex found = rows.count();
        if (found == 0) return;
        const auto counts = edges[side].count(rows, found);
        std::lock_guard lock(m_mutex);
        note(rows, found, counts);
    };
    FilterParts::Rows matches(m_parts, scan);
    for (auto& [field, presence] : m_presence) {
        if (presence.filter.empty()) continue;
        const RowSet matching = matches.of(presence.filter);
        for (int side = 0; side < 2 && !scan.stopped(); ++side)
            onSide(matching, side, [&](const RowSet&, RowIndex found, const auto& counts) {
                presence.count[side] += found;
                add(presence.series[side], edges[side].first, counts);
            });
    }
    for (ChangeCandidate& candidate : m_candidates) {
        if (scan.stopped()) return;
        const RowSet matching = matches.of(candidate.filter);
        if (scan.stopped()) return;
        for (int side = 0; side < 2; ++side)
            onSide(matching, side, [&](const RowSet& rows, RowIndex found, const auto& counts) {
                candidate.count[side] += found;
                add(candidate.series[side], edges[side].first, counts);
                noteFirst(scan, rows, candidate, side);
            });
        for (std::size_t i = 0; i < 2 && candidate.probe[i] && sides.count[1] != 0; ++i) {
            const RowSet rows = matches.of(*candidate.probe[i]);
            if (scan.stopped()) return;
            onSide(rows, 1, [&](const RowSet&, RowIndex, const auto& counts) {
                add(candidate.probeSeries[i], edges[1].first, counts);
            });
        }
    }
}

SharedEvents::SharedEvents(const FilterParts& parts, std::vector<FilterParts::Terms> filters)
    : m_parts(parts), m_filters(std::move(filters)), m_counts(m_filters.size() * m_filters.size() * 2, 0)
{}

void SharedEvents::scan(SegmentScan& scan, const SegmentSides& sides)
{
    const std::size_t size = m_filters.size();
    std::vector<std::uint64_t> counts(m_counts.size(), 0);
    std::vector<RowSet> rows[2];
    FilterParts::Rows matches(m_parts, scan);
    for (const auto& filter : m_filters) {
        if (scan.stopped()) return;
        const RowSet matching = matches.of(filter);
        for (int side = 0; side < 2; ++side) {
            rows[side].push_back(matching);
            rows[side].back() &= sides.rows[side].set;
            rows[side].back().normalise();
        }
    }
    for (int side = 0; side < 2; ++side) {
        for (std::size_t i = 0; i < size && !scan.stopped(); ++i) {
            if (rows[side][i].isNone()) continue;
            for (std::size_t j = i; j < size; ++j) {
                if (rows[side][j].isNone()) continue;
                std::uint64_t shared = 0;
                for (std::size_t w = 0; w < rows[side][i].wordCount(); ++w)
                    shared += static_cast<std::uint64_t>(
                        std::popcount(rows[side][i].word(w) & rows[side][j].word(w)));
                const auto s = static_cast<std::size_t>(side);
                counts[(i * size + j) * 2 + s] = shared;
                counts[(j * size + i) * 2 + s] = shared;
            }
        }
    }
    if (scan.stopped()) return;
    std::lock_guard lock(m_mutex);
    for (std::size_t i = 0; i < counts.size(); ++i) m_counts[i] += counts[i];
}

} // namespace faultline
