#include "models/store/salvage.h"

#include "models/store/segment_table.h"

namespace faultline {

namespace {

struct Table
{
    const char* name;
    const char* forward;
    const char* backward;
    const char* insert;
    std::int64_t since = 1; ///< the version of the store from which on there is one
};

// The last rows of a table are reached from behind when a page in its middle is broken.
constexpr Table kTables[] = {
    {"source", "SELECT * FROM source ORDER BY id", "SELECT * FROM source ORDER BY id DESC",
     "INSERT OR IGNORE INTO source "
     "VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19,?20,?21,?22,"
     "?23,?24,?25)"},
    {"field", "SELECT * FROM field ORDER BY id", "SELECT * FROM field ORDER BY id DESC",
     "INSERT OR IGNORE INTO field VALUES(?1,?2)"},
    {"checkpoint", "SELECT * FROM checkpoint ORDER BY source, position",
     "SELECT * FROM checkpoint ORDER BY source DESC, position DESC",
     "INSERT OR IGNORE INTO checkpoint VALUES(?1,?2,?3,?4,?5)"},
    {"quarantine", "SELECT * FROM quarantine NOT INDEXED ORDER BY id",
     "SELECT * FROM quarantine NOT INDEXED ORDER BY id DESC",
     "INSERT OR IGNORE INTO quarantine VALUES(?1,?2,?3,?4,?5,?6,?7,?8)"},
    {"setting", "SELECT * FROM setting ORDER BY key", "SELECT * FROM setting ORDER BY key DESC",
     "INSERT OR IGNORE INTO setting VALUES(?1,?2)"},
    {"mask", "SELECT * FROM mask ORDER BY segment", "SELECT * FROM mask ORDER BY segment DESC",
     "INSERT OR IGNORE INTO mask VALUES(?1,?2,?3,?4)"},
    {"damaged", "SELECT * FROM damaged ORDER BY segment", "SELECT * FROM damaged ORDER BY segment DESC",
     "INSERT OR IGNORE INTO damaged VALUES(?1,?2,?3,?4,?5,?6)"},
    {"segment", "SELECT * FROM segment ORDER BY id", "SELECT * FROM segment ORDER BY id DESC",
     "INSERT OR IGNORE INTO segment VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10)"},
    {"source_change", "SELECT * FROM source_change NOT INDEXED ORDER BY id",
     "SELECT * FROM source_change NOT INDEXED ORDER BY id DESC",
     "INSERT OR IGNORE INTO source_change VALUES(?1,?2,?3,?4,?5,?6)", 4},
    {"removed_source", "SELECT * FROM removed_source ORDER BY id",
     "SELECT * FROM removed_source ORDER BY id DESC",
     "INSERT OR IGNORE INTO removed_source "
     "VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19,?20,?21,?22,"
     "?23,?24,?25,?26)",
     4},
    {"removed_checkpoint", "SELECT * FROM removed_checkpoint ORDER BY source, position",
     "SELECT * FROM removed_checkpoint ORDER BY source DESC, position DESC",
     "INSERT OR IGNORE INTO removed_checkpoint VALUES(?1,?2,?3,?4,?5)", 4},
    {"removed_quarantine", "SELECT * FROM removed_quarantine NOT INDEXED ORDER BY id",
     "SELECT * FROM removed_quarantine NOT INDEXED ORDER BY id DESC",
     "INSERT OR IGNORE INTO removed_quarantine VALUES(?1,?2,?3,?4,?5,?6,?7,?8)", 4},
    {"removed_mask", "SELECT * FROM removed_mask ORDER BY source, segment",
     "SELECT * FROM removed_mask ORDER BY source DESC, segment DESC",
     "INSERT OR IGNORE INTO removed_mask VALUES(?1,?2,?3)", 4},
};

// What was merged away needs no rescue; what is kept for a removed source does.
constexpr const char* kDropRetired = "DELETE FROM segment WHERE state <> 1 AND NOT (state = 2 AND id IN "
                                     "(SELECT segment FROM removed_mask))";

/// Segments that are only there for removed sources.
Result<std::vector<std::int64_t>> keptForRemoved(Connection& target)
{
    auto query = target.prepare("SELECT id FROM segment WHERE state = 2 ORDER BY id");
    if (!query) return std::move(query).error();
    std::vector<std::int64_t> ids;
    for (;;) {
        auto row = query->step();
        if (!row) return std::move(row).error();
        if (!*row) return ids;
        ids.push_back(query->integer(0));
    }
}

// A row of the segment table whose numbers cannot be: its events are lost, their number is not known.
constexpr const char* kDropImpossible =
    "INSERT OR REPLACE INTO damaged(segment, rows, min_ts, max_ts, found_at, reason) SELECT id, 0, NULL, "
    "NULL, 0, "
    "'its row in the segment table makes no sense' FROM segment WHERE typeof(rows) <> 'integer' OR rows < 1 "
    "OR rows > 65536; "
    "DELETE FROM segment WHERE typeof(rows) <> 'integer' OR rows < 1 OR rows > 65536";
static_assert(kSegmentRows == 65'536);

// Copies until the first row that cannot be read. True: all of them. An Error is one of the target.
Result<bool> copyRows(Connection& damaged, Connection& target, const char* select, const char* insert)
{
    auto rows = damaged.prepare(select);
    if (!rows) return false;
    for (;;) {
        auto row = rows->step();
        if (!row) return false;
        if (!*row) return true;
        auto put = target.prepare(insert);
        if (!put) return std::move(put).error();
        for (int i = 0; i < rows->columns(); ++i) put->bindColumn(i + 1, *rows, i);
        // A row that broke a rule of its table (a NULL where none may be) is a row that could not be read.
        if (auto done = put->run(); !done && done.error().kind != ErrorKind::Store)
            return std::move(done).error();
    }
}

// Copies one row, as it is. False when there is none, or it cannot be read.
Result<bool> copyRow(Connection& damaged, Connection& target, const char* select, std::int64_t id,
                     const char* insert, std::string_view sums, std::size_t index, int data, bool& sound)
{
    auto query = damaged.prepare(select);
    if (!query) return false;
    query->bind(1, id);
    auto row = query->step();
    if (!row || !*row) return false;
    auto put = target.prepare(insert);
    if (!put) return std::move(put).error();
    for (int i = 0; i < query->columns(); ++i) put->bindColumn(i + 1, *query, i);
    sound = sound && checksumHolds(sums, index, query->blob(data));
    if (auto done = put->run(); !done) {
        if (done.error().kind == ErrorKind::Store) return false; // a NULL where none may be
        return std::move(done).error();
    }
    return true;
}

std::int64_t columnsOf(Connection& damaged, std::int64_t segment, std::string_view sums)
{
    if (sums.size() >= 8 * (RowColumnCount + 1)) return static_cast<std::int64_t>(sums.size() / 8) - 1;
    auto query = damaged.prepare("SELECT max(id) FROM chunk WHERE id >= ?1 AND id < ?2");
    if (!query) return kSegmentColumns;
    query->bind(1, chunkId(segment, 0)).bind(2, chunkId(segment + 1, 0));
    auto row = query->step();
    if (!row) return kSegmentColumns;
    return query->isNull(0) ? 0 : query->integer(0) - chunkId(segment, 0) + 1;
}

enum class Copied { Whole, Part, Nothing };

// Copies directory and chunks of a segment, each for itself: one that is out of reach hides no other.
Result<Copied> copySegment(Connection& damaged, Connection& target, std::int64_t segment, bool checksums)
{
    std::string sums;
    bool sound = true;
    if (auto query = damaged.prepare("SELECT checksums FROM directory WHERE segment = ?1");
        checksums && query) {
        query->bind(1, segment);
        if (auto row = query->step(); row && *row) sums = query->text(0);
    }
    auto directory = copyRow(damaged, target,
                             checksums ? "SELECT segment, data, checksums FROM directory WHERE segment = ?1"
                                       : "SELECT segment, data, NULL FROM directory WHERE segment = ?1",
                             segment, "INSERT INTO directory(segment, data, checksums) VALUES(?1, ?2, ?3)",
                             sums, 0, 1, sound);
    if (!directory) return std::move(directory).error();
    const std::int64_t columns = columnsOf(damaged, segment, sums);
    std::int64_t copied = 0;
    for (std::int64_t column = 0; column < columns && column < kSegmentColumns; ++column) {
        auto chunk = copyRow(damaged, target, "SELECT * FROM chunk WHERE id = ?1", chunkId(segment, column),
                             "INSERT INTO chunk VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)", sums,
                             static_cast<std::size_t>(column) + 1, 9, sound);
        if (!chunk) return std::move(chunk).error();
        if (*chunk) ++copied;
    }
    if (copied == 0) return Copied::Nothing;
    return *directory && sound && copied == columns ? Copied::Whole : Copied::Part;
}

Status noteDamaged(Connection& target, const SegmentRow& row, std::int64_t now)
{
    if (auto done = eraseSegment(target, row.id); !done) return done;
    auto put =
        target.prepare("INSERT OR REPLACE INTO damaged(segment, rows, min_ts, max_ts, found_at, reason) "
                       "VALUES(?1, ?2, ?3, ?4, ?5, 'nothing of it could be read')");
    if (!put) return std::move(put).error();
    put->bind(1, row.id).bind(2, row.rows).bind(3, row.minTime).bind(4, row.maxTime).bind(5, now);
    return put->run();
}

} // namespace

Result<Salvage> salvageStore(Connection& damaged, Connection& target, bool checksums, std::int64_t now)
{
    Salvage salvage;
    const auto version = damaged.number("PRAGMA user_version");
    {
        auto transaction = Transaction::begin(target, Transaction::Kind::Write);
        if (!transaction) return std::move(transaction).error();
        for (const Table& table : kTables) {
            if (version && *version < table.since) continue;
            auto whole = copyRows(damaged, target, table.forward, table.insert);
            if (!whole) return std::move(whole).error();
            if (*whole) continue;
            salvage.tables.emplace_back(table.name);
            auto rest = copyRows(damaged, target, table.backward, table.insert);
            if (!rest) return std::move(rest).error();
        }
        if (auto done = target.execute(kDropRetired); !done) return std::move(done).error();
        if (auto done = target.execute(kDropImpossible); !done) return std::move(done).error();
        if (auto done = transaction->commit(); !done) return std::move(done).error();
    }
    auto segments = liveSegments(target);
    if (!segments) return std::move(segments).error();
    for (const SegmentRow& row : *segments) {
        auto transaction = Transaction::begin(target, Transaction::Kind::Write);
        if (!transaction) return std::move(transaction).error();
        auto copied = copySegment(damaged, target, row.id, checksums);
        if (!copied) return std::move(copied).error();
        if (*copied == Copied::Whole) {
            ++salvage.segments;
            salvage.events += row.rows;
        } else if (*copied == Copied::Part) {
            ++salvage.partSegments;
        } else {
            ++salvage.lostSegments;
            salvage.lostEvents += row.rows;
            if (auto done = noteDamaged(target, row, now); !done) return std::move(done).error();
        }
        if (auto done = transaction->commit(); !done) return std::move(done).error();
    }
    auto kept = keptForRemoved(target);
    if (!kept) return std::move(kept).error();
    for (const std::int64_t segment : *kept) {
        auto transaction = Transaction::begin(target, Transaction::Kind::Write);
        if (!transaction) return std::move(transaction).error();
        auto copied = copySegment(damaged, target, segment, checksums);
        if (!copied) return std::move(copied).error();
        // The examination says what a source that was removed has lost with it.
        if (*copied == Copied::Nothing) {
            if (auto done = eraseSegment(target, segment); !done) return std::move(done).error();
        }
        if (auto done = transaction->commit(); !done) return std::move(done).error();
    }
    auto generation = readGeneration(damaged);
    auto bump = target.prepare("UPDATE meta SET value = ?1 WHERE key = 'generation'");
    if (!bump) return std::move(bump).error();
    bump->bind(1, generation ? static_cast<std::int64_t>(*generation) + 1 : now);
    if (auto done = bump->run(); !done) return std::move(done).error();
    return salvage;
}

} // namespace faultline
