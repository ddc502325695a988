#include "models/store/schema.h"

#include "models/base/hash.h"
#include "models/store/segment_table.h"

#include <vector>

namespace faultline {

namespace {

// Documented for people in the help. A chunk's id is segment x 2048 + column, so that one lookup finds it; a
// rowid table, because WITHOUT ROWID is wrong for rows with large values. AUTOINCREMENT: an id of a deleted
// segment or source is never given again, since caches and other processes may still know it. The directory
// stands apart from the segment's numbers, so that a list of all segments reads few pages.
constexpr const char* kVersion1 = R"sql(
CREATE TABLE meta(key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE field(id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE);
CREATE TABLE segment(id INTEGER PRIMARY KEY AUTOINCREMENT, kind INTEGER NOT NULL, state INTEGER NOT NULL,
  min_ts INTEGER NOT NULL, max_ts INTEGER NOT NULL, rows INTEGER NOT NULL, raw_bytes INTEGER NOT NULL,
  stored_bytes INTEGER NOT NULL, written_at INTEGER NOT NULL, retired_at INTEGER);
CREATE TABLE directory(segment INTEGER PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE chunk(id INTEGER PRIMARY KEY, segment INTEGER NOT NULL, field INTEGER NOT NULL, encoding INTEGER NOT NULL,
  rows INTEGER NOT NULL, min, max, "distinct" INTEGER, raw_bytes INTEGER NOT NULL, data BLOB NOT NULL);
CREATE TABLE mask(segment INTEGER PRIMARY KEY, version INTEGER NOT NULL, deleted INTEGER NOT NULL, bits BLOB NOT NULL);
CREATE TABLE damaged(segment INTEGER PRIMARY KEY, rows INTEGER NOT NULL, min_ts INTEGER, max_ts INTEGER,
  found_at INTEGER NOT NULL, reason TEXT NOT NULL);
CREATE TABLE source(id INTEGER PRIMARY KEY AUTOINCREMENT, path TEXT NOT NULL, name TEXT NOT NULL, format TEXT NOT NULL,
  format_overridden INTEGER NOT NULL, state INTEGER NOT NULL, detail TEXT NOT NULL, settings TEXT NOT NULL,
  device INTEGER NOT NULL, inode INTEGER NOT NULL, first_arrival INTEGER NOT NULL, last_arrival INTEGER NOT NULL,
  received_records INTEGER NOT NULL, received_bytes INTEGER NOT NULL, stored_records INTEGER NOT NULL,
  stored_bytes INTEGER NOT NULL, quarantined_records INTEGER NOT NULL, quarantined_bytes INTEGER NOT NULL,
  duplicate_records INTEGER NOT NULL, duplicate_bytes INTEGER NOT NULL, events INTEGER NOT NULL,
  cut_bytes INTEGER NOT NULL, joined INTEGER NOT NULL, deleted_events INTEGER NOT NULL, lost_events INTEGER NOT NULL);
CREATE TABLE checkpoint(source INTEGER NOT NULL, position INTEGER NOT NULL, records INTEGER NOT NULL,
  events INTEGER NOT NULL, hash BLOB NOT NULL, PRIMARY KEY(source, position)) WITHOUT ROWID;
CREATE TABLE quarantine(id INTEGER PRIMARY KEY, source INTEGER NOT NULL, record INTEGER NOT NULL,
  position INTEGER NOT NULL, length INTEGER NOT NULL, arrival INTEGER NOT NULL, reason TEXT NOT NULL, bytes BLOB NOT NULL);
CREATE INDEX quarantine_source ON quarantine(source, record);
CREATE TABLE setting(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
INSERT INTO meta VALUES('min_reader', 1), ('min_writer', 1), ('generation', 0);
PRAGMA application_id = 1179407436;
PRAGMA user_version = 1;
)sql";
static_assert(kApplicationId == 1179407436);

constexpr const char* kExpandTo2 = "ALTER TABLE directory ADD COLUMN checksums BLOB";
constexpr const char* kFinish2 =
    "UPDATE meta SET value = 2 WHERE key = 'min_writer'; PRAGMA user_version = 2";
// What segments may hold from now on; nothing that is stored changes.
constexpr const char* kFinish3 =
    "UPDATE meta SET value = 3 WHERE key IN ('min_reader', 'min_writer'); PRAGMA user_version = 3";

// The columns of `source`, in its order; those of the tables of removed sources are the same and one more.
constexpr const char* kExpandTo4 = R"sql(
CREATE TABLE IF NOT EXISTS source_change(id INTEGER PRIMARY KEY AUTOINCREMENT, source INTEGER NOT NULL,
  changed_at INTEGER NOT NULL, settings TEXT NOT NULL, format TEXT NOT NULL, format_overridden INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS source_change_source ON source_change(source, id);
CREATE TABLE IF NOT EXISTS removed_source(id INTEGER PRIMARY KEY, path TEXT NOT NULL, name TEXT NOT NULL,
  format TEXT NOT NULL, format_overridden INTEGER NOT NULL, state INTEGER NOT NULL, detail TEXT NOT NULL,
  settings TEXT NOT NULL, device INTEGER NOT NULL, inode INTEGER NOT NULL, first_arrival INTEGER NOT NULL,
  last_arrival INTEGER NOT NULL, received_records INTEGER NOT NULL, received_bytes INTEGER NOT NULL,
  stored_records INTEGER NOT NULL, stored_bytes INTEGER NOT NULL, quarantined_records INTEGER NOT NULL,
  quarantined_bytes INTEGER NOT NULL, duplicate_records INTEGER NOT NULL, duplicate_bytes INTEGER NOT NULL,
  events INTEGER NOT NULL, cut_bytes INTEGER NOT NULL, joined INTEGER NOT NULL, deleted_events INTEGER NOT NULL,
  lost_events INTEGER NOT NULL, removed_at INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS removed_checkpoint(source INTEGER NOT NULL, position INTEGER NOT NULL,
  records INTEGER NOT NULL, events INTEGER NOT NULL, hash BLOB NOT NULL, PRIMARY KEY(source, position)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS removed_quarantine(id INTEGER PRIMARY KEY, source INTEGER NOT NULL, record INTEGER NOT NULL,
  position INTEGER NOT NULL, length INTEGER NOT NULL, arrival INTEGER NOT NULL, reason TEXT NOT NULL, bytes BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS removed_quarantine_source ON removed_quarantine(source);
CREATE TABLE IF NOT EXISTS removed_mask(source INTEGER NOT NULL, segment INTEGER NOT NULL, bits BLOB NOT NULL,
  PRIMARY KEY(source, segment)) WITHOUT ROWID;
)sql";
constexpr const char* kFinish4 =
    "UPDATE meta SET value = 4 WHERE key = 'min_writer'; PRAGMA user_version = 4";

Result<bool> hasColumn(Connection& connection, const char* table, const char* column)
{
    auto query = connection.prepare("SELECT count(*) FROM pragma_table_info(?1) WHERE name = ?2");
    if (!query) return std::move(query).error();
    query->bindText(1, table).bindText(2, column);
    auto row = query->step();
    if (!row) return std::move(row).error();
    return query->integer(0) > 0;
}

// Checksums of one segment from what is stored now.
Result<std::string> checksumsOf(Connection& connection, std::int64_t segment, std::string_view directory)
{
    std::string sums;
    appendChecksum(sums, directory);
    auto chunks = connection.prepare("SELECT id, data FROM chunk WHERE id >= ?1 AND id < ?2 ORDER BY id");
    if (!chunks) return std::move(chunks).error();
    chunks->bind(1, chunkId(segment, 0)).bind(2, chunkId(segment + 1, 0));
    for (std::int64_t next = chunkId(segment, 0);; ++next) {
        auto row = chunks->step();
        if (!row) return std::move(row).error();
        if (!*row) return sums;
        if (chunks->integer(0) != next) {
            return makeError(ErrorKind::Damaged, "bring the store to version 2",
                             "segment " + std::to_string(segment) + " lacks a column",
                             {"Run `faultline doctor --repair` on the store, then open it again."});
        }
        appendChecksum(sums, chunks->blob(1));
    }
}

Status expandTo2(Connection& connection)
{
    auto there = hasColumn(connection, "directory", "checksums");
    if (!there) return std::move(there).error();
    if (*there) return {};
    auto transaction = Transaction::begin(connection, Transaction::Kind::Write);
    if (!transaction) return std::move(transaction).error();
    if (auto done = connection.execute(kExpandTo2); !done) return done;
    return transaction->commit();
}

// One segment per transaction; true while there are more.
Result<bool> fillOneTo2(Connection& connection)
{
    auto transaction = Transaction::begin(connection, Transaction::Kind::Write);
    if (!transaction) return std::move(transaction).error();
    std::int64_t segment = 0;
    std::string sums;
    {
        auto next = connection.prepare("SELECT segment, data FROM directory WHERE checksums IS NULL LIMIT 1");
        if (!next) return std::move(next).error();
        auto row = next->step();
        if (!row) return std::move(row).error();
        if (!*row) return false;
        segment = next->integer(0);
        auto computed = checksumsOf(connection, segment, next->blob(1));
        if (!computed) return std::move(computed).error();
        sums = std::move(*computed);
    }
    {
        auto update = connection.prepare("UPDATE directory SET checksums = ?2 WHERE segment = ?1");
        if (!update) return std::move(update).error();
        update->bind(1, segment).bindBlob(2, sums);
        if (auto done = update->run(); !done) return std::move(done).error();
    }
    if (auto done = transaction->commit(); !done) return std::move(done).error();
    return true;
}

Status finish2(Connection& connection)
{
    auto transaction = Transaction::begin(connection, Transaction::Kind::Write);
    if (!transaction) return std::move(transaction).error();
    auto open =
        connection.number("SELECT count(*) FROM directory WHERE checksums IS NULL OR length(checksums) < 8");
    if (!open) return std::move(open).error();
    if (*open != 0)
        return makeError(ErrorKind::Internal, "bring the store to version 2", "a segment was passed over");
    if (auto done = connection.execute(kFinish2); !done) return done;
    return transaction->commit();
}

Status finish3(Connection& connection)
{
    auto transaction = Transaction::begin(connection, Transaction::Kind::Write);
    if (!transaction) return std::move(transaction).error();
    if (auto done = connection.execute(kFinish3); !done) return done;
    return transaction->commit();
}

// Nothing is there to be filled: the tables and the version come in one transaction.
Status migrateTo4(Connection& connection)
{
    auto transaction = Transaction::begin(connection, Transaction::Kind::Write);
    if (!transaction) return std::move(transaction).error();
    if (auto done = connection.execute(kExpandTo4); !done) return done;
    if (auto done = connection.execute(kFinish4); !done) return done;
    return transaction->commit();
}

} // namespace

const char* schemaVersion1()
{
    return kVersion1;
}

Result<SchemaState> readSchema(Connection& connection)
{
    SchemaState state;
    // One transaction: a migration of the writer may be going on.
    auto transaction = Transaction::begin(connection, Transaction::Kind::Read);
    if (!transaction) return std::move(transaction).error();
    auto tables = connection.number("SELECT count(*) FROM sqlite_schema");
    if (!tables) return std::move(tables).error();
    auto application = connection.number("PRAGMA application_id");
    if (!application) return std::move(application).error();
    auto version = connection.number("PRAGMA user_version");
    if (!version) return std::move(version).error();
    if (*tables == 0 && *application == 0 && *version == 0) {
        state.empty = true;
        return state;
    }
    if (*application != kApplicationId) {
        return makeError(ErrorKind::Input, "open the store " + connection.path(),
                         "it is an SQLite database, but not one of Faultline",
                         {"Name a store with --store, or another file to make a new one."});
    }
    state.version = *version;
    auto minReader = connection.number("SELECT value FROM meta WHERE key = 'min_reader'");
    if (!minReader) return std::move(minReader).error();
    auto minWriter = connection.number("SELECT value FROM meta WHERE key = 'min_writer'");
    if (!minWriter) return std::move(minWriter).error();
    state.minReader = *minReader;
    state.minWriter = *minWriter;
    auto sums = hasColumn(connection, "directory", "checksums");
    if (!sums) return std::move(sums).error();
    state.checksums = *sums;
    return state;
}

Error schemaRefusal(const SchemaState& state, const std::string& path, bool forWriting)
{
    if (state.version < kOldestReadable) {
        return makeError(ErrorKind::Damaged, "open the store " + path,
                         "its version is " + std::to_string(state.version) + ", which never existed",
                         {"Run `faultline doctor` on the store."});
    }
    const std::int64_t needed = forWriting ? state.minWriter : state.minReader;
    return makeError(ErrorKind::Unsupported, (forWriting ? "write the store " : "open the store ") + path,
                     "it was made by a newer Faultline (store version " + std::to_string(state.version) +
                         ", needs a program that knows version " + std::to_string(needed) +
                         "; this one knows " + std::to_string(kSchemaVersion) + ")",
                     {"Update Faultline and open it again; nothing in the store was changed."});
}

Status createSchema(Connection& connection, TimeNs now)
{
    // Both must come before the first table.
    if (auto done = connection.execute(
            "PRAGMA page_size=16384; PRAGMA auto_vacuum=INCREMENTAL; PRAGMA journal_mode=WAL");
        !done) {
        return done;
    }
    auto transaction = Transaction::begin(connection, Transaction::Kind::Write);
    if (!transaction) return std::move(transaction).error();
    // The newest shape is the oldest one plus every step, so that new and migrated stores are the same.
    if (auto done = connection.execute(kVersion1); !done) return done;
    if (auto done = connection.execute(kExpandTo2); !done) return done;
    if (auto done = connection.execute(kFinish2); !done) return done;
    if (auto done = connection.execute(kFinish3); !done) return done;
    if (auto done = connection.execute(kExpandTo4); !done) return done;
    if (auto done = connection.execute(kFinish4); !done) return done;
    {
        auto insert = connection.prepare("INSERT INTO meta VALUES('created', ?1)");
        if (!insert) return std::move(insert).error();
        insert->bind(1, now);
        if (auto done = insert->run(); !done) return done;
    }
    if (auto done = transaction->commit(); !done) return done;
    // Into the file itself, so that its first bytes say what it is while the rest is still in the log.
    return connection.checkpoint(false);
}

Status migrateSchema(Connection& connection, std::stop_token stop)
{
    auto version = connection.number("PRAGMA user_version");
    if (!version) return std::move(version).error();
    if (*version >= kSchemaVersion) return {};
    if (*version < 2) {
        if (auto done = expandTo2(connection); !done) return done;
        for (;;) {
            if (stop.stop_requested()) {
                return makeError(ErrorKind::Cancelled, "bring the store to version 2", "stopped",
                                 {"It goes on from there when the store is opened again."});
            }
            auto more = fillOneTo2(connection);
            if (!more) return std::move(more).error();
            if (!*more) break;
        }
        if (auto done = finish2(connection); !done) return done;
    }
    if (*version < 3) {
        if (auto done = finish3(connection); !done) return done;
    }
    return migrateTo4(connection);
}

} // namespace faultline
