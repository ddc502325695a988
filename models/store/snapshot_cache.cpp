#include "models/store/snapshot_cache.h"

#include <algorithm>

namespace faultline {

Result<SnapshotPtr> SnapshotCache::refresh(Connection& connection)
{
    std::lock_guard lock(m_mutex);
    auto transaction = Transaction::begin(connection, Transaction::Kind::Read);
    if (!transaction) return std::move(transaction).error();
    return build(connection);
}

Result<SnapshotPtr> SnapshotCache::build(Connection& connection)
{
    auto generation = readGeneration(connection);
    if (!generation) return std::move(generation).error();
    if (m_current && m_current->generation == *generation) return m_current;
    auto rows = liveSegments(connection);
    if (!rows) return std::move(rows).error();

    std::unordered_map<std::int64_t, const SegmentEntry*> before;
    if (m_current) {
        for (const auto& entry : m_current->segments) before.emplace(entry.info->id.value, &entry);
    }
    auto snapshot = std::make_shared<StoreSnapshot>();
    snapshot->generation = *generation;
    snapshot->segments.reserve(rows->size());
    for (const SegmentRow& row : *rows) {
        const auto old = before.find(row.id);
        const bool same = old != before.end() && old->second->maskVersion == row.maskVersion;
        auto read = same ? Result<SegmentEntry>(*old->second) : entryOf(connection, row);
        if (!read) {
            // One damaged segment does not take the others with it; what is only passing (a disk that does
            // not answer, a lock) is asked again.
            if (read.error().kind != ErrorKind::Damaged) return std::move(read).error();
            UnreadableSegment& missing = snapshot->unreadable.emplace_back();
            missing.id = SegmentId{row.id};
            missing.events = row.rows;
            missing.why = read.error().why;
            if (row.minTime <= row.maxTime) {
                missing.minTime = row.minTime;
                missing.maxTime = row.maxTime;
            }
            continue;
        }
        SegmentEntry& entry = snapshot->segments.emplace_back(std::move(*read));
        const bool first = snapshot->segments.size() == 1;
        snapshot->events += row.rows - entry.deletedRows;
        snapshot->minTime = first ? row.minTime : std::min(snapshot->minTime, row.minTime);
        snapshot->maxTime = first ? row.maxTime : std::max(snapshot->maxTime, row.maxTime);
    }
    std::sort(snapshot->segments.begin(), snapshot->segments.end(),
              [](const SegmentEntry& a, const SegmentEntry& b) {
                  if (a.info->maxTime != b.info->maxTime) return a.info->maxTime > b.info->maxTime;
                  return a.info->id > b.info->id;
              });
    std::sort(snapshot->unreadable.begin(), snapshot->unreadable.end(),
              [](const UnreadableSegment& a, const UnreadableSegment& b) { return a.id < b.id; });
    m_current = std::move(snapshot);
    m_offered.clear();
    std::erase_if(m_known, [](const auto& known) { return known.second.info.expired(); });
    return m_current;
}

Result<SegmentEntry> SnapshotCache::entryOf(Connection& connection, const SegmentRow& row)
{
    auto info = infoOf(connection, row);
    if (!info) return std::move(info).error();
    SegmentEntry entry;
    entry.info = std::move(*info);
    if (row.maskVersion == 0) return entry;
    auto mask = readMask(connection, row.id, row.rows);
    if (!mask) return std::move(mask).error();
    entry.deleted = std::move(mask->bits);
    entry.deletedRows = mask->deleted;
    entry.maskVersion = mask->version;
    return entry;
}

Result<std::shared_ptr<const SegmentInfo>> SnapshotCache::infoOf(Connection& connection,
                                                                 const SegmentRow& row)
{
    if (const auto known = m_known.find(row.id); known != m_known.end()) {
        if (auto info = known->second.info.lock()) return info;
    }
    auto stored = readDirectory(connection, row, m_withChecksums);
    if (!stored) return std::move(stored).error();
    Known& known = m_known[row.id];
    known.info = stored->info;
    known.checksums = stored->checksums.empty()
                          ? nullptr
                          : std::make_shared<const std::string>(std::move(stored->checksums));
    return stored->info;
}

void SnapshotCache::offer(std::shared_ptr<const SegmentInfo> info, std::string checksums)
{
    // Nobody may ever ask for a snapshot (a command that only reads files in): keep a few.
    constexpr std::size_t kOffered = 64;
    std::lock_guard lock(m_mutex);
    Known& known = m_known[info->id.value];
    known.info = info;
    known.checksums = std::make_shared<const std::string>(std::move(checksums));
    m_offered.push_back(std::move(info));
    if (m_offered.size() <= kOffered) return;
    const std::int64_t oldest = m_offered.front()->id.value;
    m_offered.pop_front();
    if (const auto place = m_known.find(oldest); place != m_known.end() && place->second.info.expired())
        m_known.erase(place);
}

bool SnapshotCache::held(std::int64_t segment) const
{
    std::lock_guard lock(m_mutex);
    const auto known = m_known.find(segment);
    return known != m_known.end() && !known->second.info.expired();
}

std::shared_ptr<const std::string> SnapshotCache::checksums(SegmentId segment) const
{
    std::lock_guard lock(m_mutex);
    const auto known = m_known.find(segment.value);
    return known == m_known.end() ? nullptr : known->second.checksums;
}

} // namespace faultline
