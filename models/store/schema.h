#pragma once
#include "models/base/result.h"
#include "models/base/time.h"
#include "models/store/sqlite.h"

#include <cstdint>
#include <stop_token>
#include <string>

namespace faultline {

/// 'FLTL', at byte 68 of the file.
inline constexpr std::int64_t kApplicationId = 0x464C544C;
/// PRAGMA user_version of the stores that this program writes.
///
/// 1  the first shape
/// 2  directory.checksums: XXH3-64 of a segment's directory and of each of its chunks, so that a flipped bit
/// in
///    a BLOB is found (SQLite does not look into them). Readers of version 1 are not in the way of it
///    (min_reader 1), writers of version 1 are (min_writer 2), since they would store segments without.
/// 3  directories with string styles from 0x81 on (JsonEscapes), columns with Codec::Patterns. Nothing that
/// is
///    stored changes; older readers know neither (min_reader 3).
/// 4  the tables source_change (settings of a source before each change) and removed_* (what brings a removed
///    source back), segments in state 4 (staged). Readers of version 3 pass over all of it; its writers are
///    in the way (min_writer 4), since they would purge what can still be brought back.
inline constexpr std::int64_t kSchemaVersion = 4;
/// The oldest shape that this program reads as it is. Version N - 1 is read side by side with N.
inline constexpr std::int64_t kOldestReadable = 1;

/// What a store says about who may use it.
struct SchemaState
{
    bool empty = false; ///< a new file: no tables yet
    std::int64_t version = 0;
    std::int64_t minReader = 0, minWriter = 0;
    bool checksums =
        false; ///< directory.checksums is there (from version 2, or a migration that was interrupted)
    bool mayRead() const { return minReader <= kSchemaVersion && version >= kOldestReadable; }
    bool mayWrite() const { return mayRead() && minWriter <= kSchemaVersion; }
};

/// Reads it; Damaged or Input when the file is not a Faultline store.
Result<SchemaState> readSchema(Connection& connection);
/// "made by a newer Faultline ... update", for a store that this program may not read (or write).
Error schemaRefusal(const SchemaState& state, const std::string& path, bool forWriting);

/// Makes an empty file a store of kSchemaVersion, in one transaction. `connection` writes.
Status createSchema(Connection& connection, TimeNs now);
/// Brings an older store to kSchemaVersion: expand (new column, old readers go on), fill in slices of one
/// transaction each, verify, and only then the version. Interrupted anywhere, a further call goes on from
/// there; `stop` ends it between slices with Cancelled.
Status migrateSchema(Connection& connection, std::stop_token stop = {});

/// Statements that make version 1, for the tests of the migration.
const char* schemaVersion1();

} // namespace faultline
