#pragma once
#include "models/query/scan_source.h"
#include "tests/support/truth.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace faultline::test {

/// Events as a store holds them: cut into sealed segments, encoded, and decoded again when they are asked
/// for. Any thread may read; changes come from one thread while nobody reads.
class MemoryEvents final : public ScanSource
{
public:
    struct Options
    {
        std::uint64_t seed = 1;
        std::size_t segmentEvents = 150; ///< about
        int rawPercent = 10;             ///< rows kept as raw text beside their columns
        int overflowPercent = 10;        ///< rows with "mixed" and "path" in the overflow column
    };
    /// Builds segments of events that share a source or overlap in time, as the seed wills. Sets each event's
    /// document to what the segments hold.
    MemoryEvents(std::vector<TruthEvent>& events, const Options& options);
    /// For other tests: segments as they are.
    MemoryEvents() = default;

    void add(const SealedSegment& sealed);
    /// Masks rows that `gone` names.
    void remove(const std::function<bool(const EventKey&)>& gone);

    Result<SnapshotPtr> snapshot() override;
    Result<std::map<SourceId, std::string>> sourceNames() override;
    Result<ColumnPtr> column(const SegmentInfo& segment, ColumnIndex index) override;
    /// Part by part, or out of what is decoded: which of them depends on segment and column.
    Result<std::shared_ptr<TextParts>> texts(const SegmentInfo& segment, ColumnIndex index) override;

    /// Called before a column is read; a test can stop or fail there.
    std::function<Status(const SegmentInfo&, ColumnIndex)> beforeRead;
    std::atomic<std::size_t> reads{0};
    std::atomic<std::size_t> parts{0}; ///< columns that were asked for part by part
    /// Replaces the ids of all segments, as a merge does: columns of the old ones are NotFound.
    void renumber();

private:
    void publish();
    Result<std::string> blobOf(const SegmentInfo& segment, ColumnIndex index);
    std::mutex m_mutex;
    StoreSnapshot m_state;
    SnapshotPtr m_published;
    std::map<SegmentId, std::vector<std::string>> m_chunks;
    std::map<std::pair<std::int64_t, ColumnIndex>, ColumnPtr> m_cache;
    std::int64_t m_nextId = 1;
};

} // namespace faultline::test
