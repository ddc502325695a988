#pragma once
#include "models/store/segment_table.h"
#include "models/store/source_store.h"
#include "models/store/sqlite.h"

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace faultline {

/// The tables source_change and removed_*: SQL of what can be taken back, without threads. Stores of a
/// version before 4, opened for reading, have none of them: the reading functions answer with nothing.

/// Changes of one source that are kept; older ones go.
inline constexpr int kKeptChanges = 10;

/// Keeps the present settings of a source as its newest change.
Status pushChange(Connection& connection, SourceId id, TimeNs now);
/// Forgets the newest change; NotFound when there is none.
Status popChange(Connection& connection, SourceId id);
/// All of them, of a source that goes for good.
Status forgetChanges(Connection& connection, SourceId id);
/// Newest first.
Result<std::vector<SourceChange>> readChanges(Connection& connection, SourceId id);

/// Moves a source, its checkpoints and its quarantine to the tables of removed ones, or back.
Status moveToRemoved(Connection& connection, SourceId id, TimeNs now);
Status moveBack(Connection& connection, SourceId id);
Result<std::vector<RemovedSource>> readRemoved(Connection& connection);
/// What brings a removed source back: its rows in one segment.
Status keepRemovedMask(Connection& connection, SourceId id, std::int64_t segment, const std::string& bits);
struct RemovedMask
{
    std::int64_t segment = 0;
    std::string bits; ///< as in the table mask
};
Result<std::vector<RemovedMask>> readRemovedMasks(Connection& connection, SourceId id);
/// Live and retired segments that hold rows of a removed source.
Result<std::vector<SegmentRow>> segmentsOfRemoved(Connection& connection, SourceId id);
/// Segments that hold rows of removed sources.
Result<std::set<SegmentId>> segmentsKept(Connection& connection);
/// Gives up everything that would bring the source back; NotFound when it is not among the removed ones.
Status forgetRemoved(Connection& connection, SourceId id);
/// Removed before `before`.
Result<std::vector<SourceId>> removedBefore(Connection& connection, TimeNs before);

} // namespace faultline
