#pragma once
#include "models/analysis/change_items.h"
#include "models/analysis/compare_rows.h"
#include "models/analysis/filter_parts.h"

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace faultline {

/// How the time of the two sides is cut. Buckets of A are the finer the shorter it is; those of B are as
/// wide, or a whole number of times wider where there would be too many. Edges of both fall on the begin of
/// A.
class CompareBuckets
{
public:
    CompareBuckets(TimeRange a, TimeRange b);
    std::size_t count(int side) const { return m_count[side]; }
    TimeNs width(int side) const { return m_width[side]; }
    TimeNs beginOf(int side, std::size_t bucket) const;
    /// Times outside are in the first or the last one.
    std::size_t bucketOf(int side, TimeNs time) const;
    /// Lengths of blocks for statistics::dispersion(): equal in time on both sides, up to the shorter side.
    const std::vector<std::size_t>& blocks(int side) const { return m_blocks[side]; }

private:
    TimeNs m_origin = 0;
    TimeNs m_width[2] = {1, 1};
    std::int64_t m_first[2] = {0, 0};
    std::size_t m_count[2] = {1, 1};
    std::vector<std::size_t> m_blocks[2];
};

/// A difference that is looked at in time.
struct ChangeCandidate
{
    ChangeItem item;
    FilterParts::Terms filter;
    std::uint64_t count[2] = {0, 0};      ///< events that match the filter
    std::vector<std::uint32_t> series[2]; ///< by bucket
    std::optional<EventKey> first[2];     ///< of the events of a side
    std::optional<TimeNs> lastTime[2];
    std::string example; ///< Pattern: message of the first event in A, else in B
    /// Number: events of B above its median, and all that have the field, by bucket; tells numbers that only
    /// grow.
    std::optional<FilterParts::Terms> probe[2];
    std::vector<std::uint32_t> probeSeries[2];
};

/// Events that have a field, which is what shares of its values are shares of.
struct FieldPresence
{
    FilterParts::Terms filter;
    std::uint64_t count[2] = {0, 0};
    std::vector<std::uint32_t> series[2];
};

/// The events of many candidates, counted in buckets. scan() from any thread.
class ChangeSeries
{
public:
    /// `parts` has the filters of the candidates.
    ChangeSeries(CompareBuckets buckets, std::vector<ChangeCandidate> candidates, FilterParts parts);
    void scan(SegmentScan& scan, const SegmentSides& sides);

    const CompareBuckets& buckets() const { return m_buckets; }
    const FilterParts& parts() const { return m_parts; }
    std::vector<ChangeCandidate>& candidates() { return m_candidates; }
    /// Of the field of a Value; null for others.
    const FieldPresence* presence(const ChangeCandidate& candidate) const;
    /// All events of a side, by bucket.
    const std::vector<std::uint32_t>& total(int side) const { return m_total[side]; }

private:
    struct Edges; ///< rows at which buckets begin, in one segment
    void noteFirst(SegmentScan& scan, const RowSet& rows, ChangeCandidate& candidate, int side);
    CompareBuckets m_buckets;
    std::vector<ChangeCandidate> m_candidates;
    FilterParts m_parts;
    std::map<std::string, FieldPresence> m_presence; ///< by field
    std::vector<std::uint32_t> m_total[2];
    std::mutex m_mutex;
};

/// How many events two candidates share, on both sides, for each two of some. scan() from any thread.
class SharedEvents
{
public:
    /// `parts` outlives this.
    SharedEvents(const FilterParts& parts, std::vector<FilterParts::Terms> filters);
    void scan(SegmentScan& scan, const SegmentSides& sides);
    std::uint64_t shared(std::size_t i, std::size_t j, int side) const
    {
        return m_counts[(i * m_filters.size() + j) * 2 + static_cast<std::size_t>(side)];
    }

private:
    const FilterParts& m_parts;
    std::vector<FilterParts::Terms> m_filters;
    std::vector<std::uint64_t> m_counts;
    std::mutex m_mutex;
};

} // namespace faultline
