#pragma once
#include "models/store/segment_table.h"

#include <deque>
#include <memory>
#include <mutex>
#include <unordered_map>

namespace faultline {

/// The list of segments at the newest commit that was looked at. Directories are decoded once and shared by
/// all snapshots. Any thread.
class SnapshotCache
{
public:
    explicit SnapshotCache(bool withChecksums) : m_withChecksums(withChecksums) {}

    /// The newest state that `connection` sees; what did not change is taken over. Damaged segments are
    /// listed in it; an Error is one of the disk, or of the list itself.
    Result<SnapshotPtr> refresh(Connection& connection);
    /// A segment that was just written, so that refresh() need not read its directory.
    void offer(std::shared_ptr<const SegmentInfo> info, std::string checksums);
    /// Whether a snapshot (the current one too) still holds the segment.
    bool held(std::int64_t segment) const;
    /// XXH3-64 of directory and chunks; null when not known.
    std::shared_ptr<const std::string> checksums(SegmentId segment) const;

private:
    struct Known
    {
        std::weak_ptr<const SegmentInfo> info;
        std::shared_ptr<const std::string> checksums;
    };
    Result<SnapshotPtr> build(Connection& connection);
    Result<SegmentEntry> entryOf(Connection& connection, const SegmentRow& row);
    Result<std::shared_ptr<const SegmentInfo>> infoOf(Connection& connection, const SegmentRow& row);

    const bool m_withChecksums;
    mutable std::mutex m_mutex;
    SnapshotPtr m_current;
    std::unordered_map<std::int64_t, Known> m_known;
    std::deque<std::shared_ptr<const SegmentInfo>> m_offered; ///< the last few
};

} // namespace faultline
