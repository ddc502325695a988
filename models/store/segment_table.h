#pragma once
#include "models/base/hash.h"
#include "models/store/sqlite.h"
#include "models/store/store.h"

#include <map>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace faultline {

/// The tables segment, directory, chunk, mask and field: SQL of segments, without threads or caches.

inline constexpr std::int64_t kChunkIdsPerSegment = 2048;
static_assert(kChunkIdsPerSegment >= kSegmentColumns);
inline std::int64_t chunkId(std::int64_t segment, std::int64_t column)
{
    return segment * kChunkIdsPerSegment + column;
}

/// Column `state` of a segment.
enum class SegmentState : std::int64_t {
    Live = 1,
    Retired = 2, ///< merged or wholly deleted: kept for snapshots that hold it, then removed
    Damaged = 3, ///< taken out by doctor: kept for who wants to look at it, and named in the table `damaged`
    Staged = 4,  ///< written ahead of the transaction that makes it live; of nobody after a crash
};

/// directory.checksums: XXH3-64, little-endian, of the directory and of each chunk in order.
void appendChecksum(std::string& sums, std::string_view data);
/// Whether `data` is what entry `index` of `sums` was made of; true when `sums` is empty (a store of version
/// 1).
bool checksumHolds(std::string_view sums, std::size_t index, std::string_view data);

/// One row of `segment` with its mask, as a snapshot needs it.
struct SegmentRow
{
    std::int64_t id = 0;
    RowIndex rows = 0; ///< 0: the number that stands there is impossible
    std::int64_t minTime = 0, maxTime = 0;
    std::int64_t storedBytes = 0;
    std::uint64_t maskVersion = 0; ///< 0: no mask
};

/// A segment's directory as it is stored, decoded and checked against its row.
struct StoredDirectory
{
    std::shared_ptr<const SegmentInfo> info;
    std::string checksums; ///< empty: version 1
};

/// Gives each field path its number; remembers those it has seen. Call forget() after a rollback.
class FieldNumbers
{
public:
    Result<std::int64_t> number(Connection& connection, std::string_view path);
    void forget() { m_known.clear(); }

private:
    std::unordered_map<std::string, std::int64_t> m_known;
};

struct InsertedSegment
{
    std::int64_t id = 0;
    std::string checksums;
};
/// Writes a segment, inside a transaction of the caller's.
Result<InsertedSegment> insertSegment(Connection& connection, FieldNumbers& fields,
                                      const SealedSegment& segment, TimeNs now,
                                      SegmentState state = SegmentState::Live);
/// Staged segments to live ones; NotFound when one is not there.
Status makeLive(Connection& connection, std::span<const SegmentId> staged);
/// Staged segments to retired ones, which housekeeping removes at its next turn; all of them when `staged` is
/// empty.
Status dropStaged(Connection& connection, std::span<const SegmentId> staged);
Result<std::vector<SegmentId>> stagedSegments(Connection& connection);
/// All live segments. `id` 0: all of them.
Result<std::vector<SegmentRow>> liveSegments(Connection& connection, std::int64_t id = 0);
/// Reads and decodes a directory; Damaged when it does not hold together, or the row makes no sense.
Result<StoredDirectory> readDirectory(Connection& connection, const SegmentRow& row, bool withChecksums);
/// A chunk's bytes; NotFound when the segment is gone.
Result<std::string> readChunk(Connection& connection, std::int64_t segment, ColumnIndex column);

struct StoredMask
{
    std::uint64_t version = 0;
    RowIndex deleted = 0;
    DeleteMask bits;
};
/// The mask of a segment of `rows` rows; version 0 and no bits when there is none. Damaged when it does not
/// fit.
Result<StoredMask> readMask(Connection& connection, std::int64_t segment, RowIndex rows);
Status writeMask(Connection& connection, std::int64_t segment, const StoredMask& mask);

Status retireSegment(Connection& connection, std::int64_t segment, TimeNs now);
/// A retired segment is live again; a live one stays as it is. Damaged when it is neither: doctor took it
/// out, and what could be saved of it is elsewhere.
Status reviveSegment(Connection& connection, std::int64_t segment);
/// In whatever state it is; NotFound when it is gone.
Result<RowIndex> rowsOfSegment(Connection& connection, std::int64_t segment);
/// Removes a segment, its directory, chunks and mask.
Status eraseSegment(Connection& connection, std::int64_t segment);
struct RetiredSegment
{
    std::int64_t id = 0;
    std::int64_t storedBytes = 0;
};
/// Retired before `before`, without those that hold rows of a removed source that can be brought back.
Result<std::vector<RetiredSegment>> retiredSegments(Connection& connection, TimeNs before);

Result<std::uint64_t> readGeneration(Connection& connection);
Status bumpGeneration(Connection& connection);

} // namespace faultline
