#pragma once
#include "models/store/sqlite.h"
#include "models/store/store.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace faultline {

/// The tables source, checkpoint, quarantine and setting: SQL, without threads.

Result<SourceId> insertSource(Connection& connection, const SourceRecord& record);
/// The sources of the store, or those that were removed and can be brought back.
enum class SourceTables : std::uint8_t { Live, Removed };
Result<std::vector<SourceRecord>> readSources(Connection& connection, bool withCheckpoints,
                                              SourceTables tables = SourceTables::Live);
Result<bool> sourceExists(Connection& connection, SourceId id);
/// path, name, format, settings, state, detail, device, inode. NotFound when there is no such source.
Status writeSource(Connection& connection, const SourceRecord& record);
/// Settings and format alone. NotFound when there is no such source.
Status writeSourceSettings(Connection& connection, SourceId id, const std::string& settings,
                           const std::string& format, bool formatOverridden);
/// Puts the time that events without one inherit into the last checkpoint; nothing happens where there is
/// none.
Status writeLastTime(Connection& connection, SourceId id, std::optional<TimeNs> time);
/// Adds the delta, checkpoint and state of a commit. The source must exist.
Status applySourceUpdate(Connection& connection, const CommitBatch::SourceUpdate& update);
/// Counts events of the source that a mask took away, or that were lost with a damaged segment.
Status addDeletedEvents(Connection& connection, SourceId id, std::uint64_t events);
Status addLostEvents(Connection& connection, SourceId id, std::uint64_t events);
/// The source, its checkpoints and its quarantine. Its events must be masked in the same transaction.
Status eraseSource(Connection& connection, SourceId id);

Status insertQuarantine(Connection& connection, const QuarantineRecord& record);
Result<std::vector<QuarantineRecord>> readQuarantine(Connection& connection, std::optional<SourceId> source,
                                                     std::uint64_t offset, std::uint64_t limit);

/// Sources whose checkpoints do not grow with their position, or have a hash of no known length. `table`:
/// "checkpoint", or "removed_checkpoint" of the removed ones.
Result<std::vector<SourceId>> sourcesOfBadCheckpoints(Connection& connection, const char* table);
Result<std::map<std::string, std::string>> readSettings(Connection& connection, std::string_view prefix);
Status writeSetting(Connection& connection, std::string_view key, std::string_view value);

/// What doctor compares with the segments.
struct SourceBalance
{
    SourceId id;
    std::string name;
    Ledger ledger;
    std::uint64_t deletedEvents = 0, lostEvents = 0;
    std::uint64_t quarantineRows = 0;
};
Result<std::vector<SourceBalance>> readBalances(Connection& connection);

} // namespace faultline
