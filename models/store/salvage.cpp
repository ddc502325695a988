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
};

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

// Copies directory and chunks of a segment; false when a part is missing or not what was written.
Result<bool> copySegment(Connection& damaged, Connection& target, std::int64_t segment, bool checksums)
{
    std::string sums;
    {
        auto directory =
            damaged.prepare(checksums ? "SELECT segment, data, checksums FROM directory WHERE segment = ?1"
                                      : "SELECT segment, data, NULL FROM directory WHERE segment = ?1");
        if (!directory) return false;
        directory->bind(1, segment);
        auto row = directory->step();
        if (!row || !*row) return false;
        sums = directory->text(2);
        if (!checksumHolds(sums, 0, directory->blob(1))) return false;
        auto put = target.prepare("INSERT INTO directory(segment, data, checksums) VALUES(?1, ?2, ?3)");
        if (!put) return std::move(put).error();
        for (int i = 0; i < 3; ++i) put->bindColumn(i + 1, *directory, i);
        if (auto done = put->run(); !done) return std::move(done).error();
    }
    auto chunks = damaged.prepare("SELECT * FROM chunk WHERE id >= ?1 AND id < ?2 ORDER BY id");
    if (!chunks) return false;
    chunks->bind(1, chunkId(segment, 0)).bind(2, chunkId(segment + 1, 0));
    for (std::int64_t column = 0;; ++column) {
        auto row = chunks->step();
        if (!row) return false;
        if (!*row) return sums.empty() || sums.size() == 8 * (static_cast<std::size_t>(column) + 1);
        if (chunks->integer(0) != chunkId(segment, column)) return false;
        if (!checksumHolds(sums, static_cast<std::size_t>(column) + 1, chunks->blob(9))) return false;
        auto put = target.prepare("INSERT INTO chunk VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)");
        if (!put) return std::move(put).error();
        for (int i = 0; i < 10; ++i) put->bindColumn(i + 1, *chunks, i);
        if (auto done = put->run(); !done) return std::move(done).error();
    }
}

Status noteDamaged(Connection& target, const SegmentRow& row, std::int64_t now)
{
    if (auto done = eraseSegment(target, row.id); !done) return done;
    auto put =
        target.prepare("INSERT OR REPLACE INTO damaged(segment, rows, min_ts, max_ts, found_at, reason) "
                       "VALUES(?1, ?2, ?3, ?4, ?5, 'a part of it could not be read')");
    if (!put) return std::move(put).error();
    put->bind(1, row.id).bind(2, row.rows).bind(3, row.minTime).bind(4, row.maxTime).bind(5, now);
    return put->run();
}

} // namespace

Result<Salvage> salvageStore(Connection& damaged, Connection& target, bool checksums, std::int64_t now)
{
    Salvage salvage;
    {
        auto transaction = Transaction::begin(target, Transaction::Kind::Write);
        if (!transaction) return std::move(transaction).error();
        for (const Table& table : kTables) {
            auto whole = copyRows(damaged, target, table.forward, table.insert);
            if (!whole) return std::move(whole).error();
            if (*whole) continue;
            salvage.tables.emplace_back(table.name);
            auto rest = copyRows(damaged, target, table.backward, table.insert);
            if (!rest) return std::move(rest).error();
        }
        // What was merged away needs no rescue.
        if (auto done = target.execute("DELETE FROM segment WHERE state <> 1"); !done)
            return std::move(done).error();
        if (auto done = target.execute(kDropImpossible); !done) return std::move(done).error();
        if (auto done = transaction->commit(); !done) return std::move(done).error();
    }
    auto segments = liveSegments(target);
    if (!segments) return std::move(segments).error();
    for (const SegmentRow& row : *segments) {
        auto transaction = Transaction::begin(target, Transaction::Kind::Write);
        if (!transaction) return std::move(transaction).error();
        auto whole = copySegment(damaged, target, row.id, checksums);
        if (!whole) return std::move(whole).error();
        if (*whole) {
            ++salvage.segments;
            salvage.events += row.rows;
        } else {
            ++salvage.lostSegments;
            salvage.lostEvents += row.rows;
            if (auto done = noteDamaged(target, row, now); !done) return std::move(done).error();
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
