#include "models/store/change_table.h"

#include "models/store/source_table.h"

namespace faultline {

namespace {

// All columns of `source`, for copies between the two tables whatever their order is.
constexpr const char* kSourceColumns =
    "id, path, name, format, format_overridden, state, detail, settings, device, inode, first_arrival, "
    "last_arrival, received_records, received_bytes, stored_records, stored_bytes, quarantined_records, "
    "quarantined_bytes, duplicate_records, duplicate_bytes, events, cut_bytes, joined, deleted_events, "
    "lost_events";

Result<bool> hasTables(Connection& connection)
{
    auto count = connection.number("SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN "
                                   "('source_change', 'removed_mask')");
    if (!count) return std::move(count).error();
    return *count == 2;
}

// One statement with the id as ?1, and what it changed.
Result<int> runFor(Connection& connection, const std::string& sql, std::int64_t id)
{
    auto statement = connection.prepare(sql);
    if (!statement) return std::move(statement).error();
    statement->bind(1, id);
    if (auto done = statement->run(); !done) return std::move(done).error();
    return connection.changes();
}

Status runAll(Connection& connection, std::initializer_list<const char*> statements, std::int64_t id)
{
    for (const char* sql : statements) {
        if (auto done = runFor(connection, sql, id); !done) return std::move(done).error();
    }
    return {};
}

Error notRemoved(SourceId id)
{
    return makeError(ErrorKind::NotFound, "find the removed source " + std::to_string(id.value),
                     "it is not among those that can be brought back",
                     {"A removed source is kept for a day; then its space is used again."});
}

} // namespace

Status pushChange(Connection& connection, SourceId id, TimeNs now)
{
    {
        auto insert = connection.prepare(
            "INSERT INTO source_change(source, changed_at, settings, format, format_overridden) "
            "SELECT id, ?2, settings, format, format_overridden FROM source WHERE id = ?1");
        if (!insert) return std::move(insert).error();
        insert->bind(1, id.value).bind(2, now);
        if (auto done = insert->run(); !done) return done;
    }
    auto trim =
        connection.prepare("DELETE FROM source_change WHERE source = ?1 AND id NOT IN "
                           "(SELECT id FROM source_change WHERE source = ?1 ORDER BY id DESC LIMIT ?2)");
    if (!trim) return std::move(trim).error();
    trim->bind(1, id.value).bind(2, kKeptChanges);
    return trim->run();
}

Status popChange(Connection& connection, SourceId id)
{
    auto gone =
        runFor(connection,
               "DELETE FROM source_change WHERE id = (SELECT max(id) FROM source_change WHERE source = ?1)",
               id.value);
    if (!gone) return std::move(gone).error();
    if (*gone == 0)
        return makeError(ErrorKind::NotFound, "undo the last change of source " + std::to_string(id.value),
                         "none is kept");
    return {};
}

Status forgetChanges(Connection& connection, SourceId id)
{
    return runAll(connection, {"DELETE FROM source_change WHERE source = ?1"}, id.value);
}

Result<std::vector<SourceChange>> readChanges(Connection& connection, SourceId id)
{
    std::vector<SourceChange> changes;
    auto there = hasTables(connection);
    if (!there) return std::move(there).error();
    if (!*there) return changes;
    auto query =
        connection.prepare("SELECT id, changed_at, settings, format, format_overridden FROM source_change "
                           "WHERE source = ?1 ORDER BY id DESC");
    if (!query) return std::move(query).error();
    query->bind(1, id.value);
    for (;;) {
        auto row = query->step();
        if (!row) return std::move(row).error();
        if (!*row) return changes;
        changes.push_back(
            {query->integer(0), query->integer(1), query->text(2), query->text(3), query->integer(4) != 0});
    }
}

Status moveToRemoved(Connection& connection, SourceId id, TimeNs now)
{
    {
        auto insert =
            connection.prepare(std::string("INSERT INTO removed_source(") + kSourceColumns +
                               ", removed_at) SELECT " + kSourceColumns + ", ?2 FROM source WHERE id = ?1");
        if (!insert) return std::move(insert).error();
        insert->bind(1, id.value).bind(2, now);
        if (auto done = insert->run(); !done) return done;
    }
    if (auto done =
            runAll(connection,
                   {"INSERT INTO removed_checkpoint SELECT * FROM checkpoint WHERE source = ?1",
                    // An id is free again when its source is gone: a new one here.
                    "INSERT INTO removed_quarantine(source, record, position, length, arrival, reason, "
                    "bytes) SELECT source, record, position, length, arrival, reason, bytes "
                    "FROM quarantine WHERE source = ?1 ORDER BY id"},
                   id.value);
        !done)
        return done;
    return eraseSource(connection, id);
}

Status moveBack(Connection& connection, SourceId id)
{
    auto moved = runFor(connection,
                        std::string("INSERT INTO source(") + kSourceColumns + ") SELECT " + kSourceColumns +
                            " FROM removed_source WHERE id = ?1",
                        id.value);
    if (!moved) return std::move(moved).error();
    if (*moved == 0) return notRemoved(id);
    // The quarantine's own ids may have been given again since.
    return runAll(connection,
                  {"INSERT INTO checkpoint SELECT * FROM removed_checkpoint WHERE source = ?1",
                   "INSERT INTO quarantine(source, record, position, length, arrival, reason, bytes) "
                   "SELECT source, record, position, length, arrival, reason, bytes FROM removed_quarantine "
                   "WHERE source = ?1 ORDER BY id",
                   "DELETE FROM removed_checkpoint WHERE source = ?1",
                   "DELETE FROM removed_quarantine WHERE source = ?1",
                   "DELETE FROM removed_mask WHERE source = ?1", "DELETE FROM removed_source WHERE id = ?1"},
                  id.value);
}

Result<std::vector<RemovedSource>> readRemoved(Connection& connection)
{
    std::vector<RemovedSource> removed;
    auto there = hasTables(connection);
    if (!there) return std::move(there).error();
    if (!*there) return removed;
    auto query = connection.prepare("SELECT id, path, name, format, events, received_bytes, removed_at "
                                    "FROM removed_source ORDER BY id");
    if (!query) return std::move(query).error();
    for (;;) {
        auto row = query->step();
        if (!row) return std::move(row).error();
        if (!*row) return removed;
        RemovedSource& source = removed.emplace_back();
        source.id.value = static_cast<std::uint32_t>(query->integer(0));
        source.path = query->text(1);
        source.name = query->text(2);
        source.format = query->text(3);
        source.events = static_cast<std::uint64_t>(query->integer(4));
        source.bytes = static_cast<std::uint64_t>(query->integer(5));
        source.removedAt = query->integer(6);
        source.keptUntil = source.removedAt + kRemovedKept;
    }
}

Status keepRemovedMask(Connection& connection, SourceId id, std::int64_t segment, const std::string& bits)
{
    auto insert = connection.prepare("INSERT INTO removed_mask(source, segment, bits) VALUES(?1, ?2, ?3)");
    if (!insert) return std::move(insert).error();
    insert->bind(1, id.value).bind(2, segment).bindBlob(3, bits);
    return insert->run();
}

Result<std::vector<RemovedMask>> readRemovedMasks(Connection& connection, SourceId id)
{
    auto query =
        connection.prepare("SELECT segment, bits FROM removed_mask WHERE source = ?1 ORDER BY segment");
    if (!query) return std::move(query).error();
    query->bind(1, id.value);
    std::vector<RemovedMask> masks;
    for (;;) {
        auto row = query->step();
        if (!row) return std::move(row).error();
        if (!*row) return masks;
        masks.push_back({query->integer(0), query->text(1)});
    }
}

Result<std::vector<SegmentRow>> segmentsOfRemoved(Connection& connection, SourceId id)
{
    auto query = connection.prepare(
        "SELECT s.id, s.rows, s.min_ts, s.max_ts, s.stored_bytes FROM removed_mask r "
        "JOIN segment s ON s.id = r.segment WHERE r.source = ?1 AND s.state IN (1, 2) ORDER BY s.id");
    if (!query) return std::move(query).error();
    query->bind(1, id.value);
    std::vector<SegmentRow> segments;
    for (;;) {
        auto row = query->step();
        if (!row) return std::move(row).error();
        if (!*row) return segments;
        SegmentRow& segment = segments.emplace_back();
        segment.id = query->integer(0);
        const std::int64_t rows = query->integer(1);
        segment.rows = rows <= 0 || rows > kSegmentRows ? 0 : static_cast<RowIndex>(rows);
        segment.minTime = query->integer(2);
        segment.maxTime = query->integer(3);
        segment.storedBytes = query->integer(4);
    }
}

Result<std::set<SegmentId>> segmentsKept(Connection& connection)
{
    std::set<SegmentId> kept;
    auto there = hasTables(connection);
    if (!there) return std::move(there).error();
    if (!*there) return kept;
    auto query = connection.prepare("SELECT DISTINCT segment FROM removed_mask");
    if (!query) return std::move(query).error();
    for (;;) {
        auto row = query->step();
        if (!row) return std::move(row).error();
        if (!*row) return kept;
        kept.insert(SegmentId{query->integer(0)});
    }
}

Status forgetRemoved(Connection& connection, SourceId id)
{
    auto gone = runFor(connection, "DELETE FROM removed_source WHERE id = ?1", id.value);
    if (!gone) return std::move(gone).error();
    if (*gone == 0) return notRemoved(id);
    return runAll(connection,
                  {"DELETE FROM removed_checkpoint WHERE source = ?1",
                   "DELETE FROM removed_quarantine WHERE source = ?1",
                   "DELETE FROM removed_mask WHERE source = ?1",
                   "DELETE FROM source_change WHERE source = ?1"},
                  id.value);
}

Result<std::vector<SourceId>> removedBefore(Connection& connection, TimeNs before)
{
    auto query = connection.prepare("SELECT id FROM removed_source WHERE removed_at < ?1");
    if (!query) return std::move(query).error();
    query->bind(1, before);
    std::vector<SourceId> ids;
    for (;;) {
        auto row = query->step();
        if (!row) return std::move(row).error();
        if (!*row) return ids;
        ids.push_back(SourceId{static_cast<std::uint32_t>(query->integer(0))});
    }
}

} // namespace faultline
