#include "models/store/source_table.h"

#include <algorithm>
#include <cstring>
#include <limits>

namespace faultline {

namespace {

// SQLite has signed numbers only; the bits survive the way there and back.
std::int64_t asSigned(std::uint64_t value)
{
    return static_cast<std::int64_t>(value);
}
std::uint64_t asUnsigned(std::int64_t value)
{
    return static_cast<std::uint64_t>(value);
}

constexpr const char* kLedgerColumns =
    "received_records, received_bytes, stored_records, stored_bytes, quarantined_records, "
    "quarantined_bytes, duplicate_records, duplicate_bytes, events, cut_bytes, joined";
constexpr int kLedgerCount = 11;

void bindLedger(Statement& statement, int first, const Ledger& ledger)
{
    const std::uint64_t values[kLedgerCount] = {ledger.received.records,
                                                ledger.received.bytes,
                                                ledger.stored.records,
                                                ledger.stored.bytes,
                                                ledger.quarantined.records,
                                                ledger.quarantined.bytes,
                                                ledger.duplicates.records,
                                                ledger.duplicates.bytes,
                                                ledger.events,
                                                ledger.cutBytes,
                                                ledger.joined};
    for (int i = 0; i < kLedgerCount; ++i) statement.bind(first + i, asSigned(values[i]));
}

Ledger ledgerAt(const Statement& row, int first)
{
    const auto at = [&](int i) { return asUnsigned(row.integer(first + i)); };
    Ledger ledger;
    ledger.received = {at(0), at(1)};
    ledger.stored = {at(2), at(3)};
    ledger.quarantined = {at(4), at(5)};
    ledger.duplicates = {at(6), at(7)};
    ledger.events = at(8);
    ledger.cutBytes = at(9);
    ledger.joined = at(10);
    return ledger;
}

// The column "hash": 16 bytes of XXH3-128; behind them, where it is known, the time of the last event as
// eight bytes, lowest first.
constexpr std::size_t kHashBytes = 16, kTimeBytes = 8;

std::string hashColumn(const Checkpoint& checkpoint)
{
    static_assert(sizeof checkpoint.hash.bytes == kHashBytes);
    std::string bytes(reinterpret_cast<const char*>(checkpoint.hash.bytes.data()), kHashBytes);
    if (!checkpoint.lastTime) return bytes;
    auto time = static_cast<std::uint64_t>(*checkpoint.lastTime);
    for (std::size_t i = 0; i < kTimeBytes; ++i, time >>= 8) bytes.push_back(static_cast<char>(time & 0xff));
    return bytes;
}

// Columns position, records, events, hash from `first` on.
Result<Checkpoint> checkpointAt(const Statement& row, int first)
{
    Checkpoint checkpoint;
    checkpoint.position = asUnsigned(row.integer(first));
    checkpoint.records = asUnsigned(row.integer(first + 1));
    checkpoint.events = asUnsigned(row.integer(first + 2));
    const std::string_view bytes = row.blob(first + 3);
    if (bytes.size() != kHashBytes && bytes.size() != kHashBytes + kTimeBytes) {
        return makeError(ErrorKind::Damaged, "read the sources", "a checkpoint's hash has a wrong length",
                         {"Run `faultline doctor` on the store."});
    }
    std::memcpy(checkpoint.hash.bytes.data(), bytes.data(), kHashBytes);
    if (bytes.size() > kHashBytes) {
        std::uint64_t time = 0;
        for (std::size_t i = kTimeBytes; i-- > 0;)
            time = time << 8 | static_cast<unsigned char>(bytes[kHashBytes + i]);
        checkpoint.lastTime = static_cast<TimeNs>(time);
    }
    return checkpoint;
}

SourceState stateAt(std::int64_t value)
{
    return value >= 1 && value <= 6 ? static_cast<SourceState>(value) : SourceState::Unreadable;
}

Error noSource(SourceId id)
{
    return makeError(ErrorKind::NotFound, "write source " + std::to_string(id.value),
                     "the store has no such source", {"It was removed, or never added."});
}

Status addTo(Connection& connection, const char* sql, SourceId id, std::uint64_t events)
{
    auto update = connection.prepare(sql);
    if (!update) return std::move(update).error();
    update->bind(1, id.value).bind(2, asSigned(events));
    return update->run();
}

const char* checkpointTable(SourceTables tables)
{
    return tables == SourceTables::Live ? "checkpoint" : "removed_checkpoint";
}

Status readLastCheckpoints(Connection& connection, SourceTables tables, std::vector<SourceRecord>& sources)
{
    auto point =
        connection.prepare(std::string("SELECT position, records, events, hash FROM ") +
                           checkpointTable(tables) + " WHERE source = ?1 ORDER BY position DESC LIMIT 1");
    if (!point) return std::move(point).error();
    for (SourceRecord& source : sources) {
        point->reset();
        point->bind(1, source.id.value);
        auto row = point->step();
        if (!row) return std::move(row).error();
        if (!*row) continue;
        auto checkpoint = checkpointAt(*point, 0);
        if (!checkpoint) return std::move(checkpoint).error();
        source.checkpoint = *checkpoint;
    }
    return {};
}

// `sources` are in the order of their ids.
Status readAllCheckpoints(Connection& connection, SourceTables tables, std::vector<SourceRecord>& sources)
{
    auto points = connection.prepare(std::string("SELECT source, position, records, events, hash FROM ") +
                                     checkpointTable(tables) + " ORDER BY source, position");
    if (!points) return std::move(points).error();
    auto source = sources.begin();
    for (;;) {
        auto row = points->step();
        if (!row) return std::move(row).error();
        if (!*row) return {};
        const std::int64_t id = points->integer(0);
        while (source != sources.end() && source->id.value < id) ++source;
        if (source == sources.end() || source->id.value != id) continue; // of no source
        auto checkpoint = checkpointAt(*points, 1);
        if (!checkpoint) return std::move(checkpoint).error();
        source->checkpoint = *checkpoint;
        source->checkpoints.push_back(*checkpoint);
    }
}

} // namespace

Result<SourceId> insertSource(Connection& connection, const SourceRecord& record)
{
    static const std::string sql =
        std::string("INSERT INTO source(path, name, format, format_overridden, state, detail, settings, "
                    "device, inode, "
                    "first_arrival, last_arrival, deleted_events, lost_events, ") +
        kLedgerColumns +
        ") VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,0,0,?12,?13,?14,?15,?16,?17,?18,?19,?20,?21,?22)";
    SourceId id;
    {
        auto insert = connection.prepare(sql);
        if (!insert) return std::move(insert).error();
        insert->bindText(1, record.path).bindText(2, record.name).bindText(3, record.format);
        insert->bind(4, record.formatOverridden).bind(5, static_cast<std::int64_t>(record.state));
        insert->bindText(6, record.detail).bindText(7, record.settings);
        insert->bind(8, asSigned(record.device)).bind(9, asSigned(record.inode));
        insert->bind(10, record.firstArrival).bind(11, record.lastArrival);
        bindLedger(*insert, 12, record.ledger);
        if (auto done = insert->run(); !done) return std::move(done).error();
        const std::int64_t given = connection.lastInsertId();
        if (given > std::numeric_limits<std::uint32_t>::max()) {
            return makeError(ErrorKind::Limit, "add a source", "the store has no source numbers left");
        }
        id.value = static_cast<std::uint32_t>(given);
    }
    if (record.checkpoint.position > 0 || record.checkpoint.records > 0) {
        CommitBatch::SourceUpdate update;
        update.id = id;
        update.checkpoint = record.checkpoint;
        update.arrival = record.lastArrival;
        if (auto done = applySourceUpdate(connection, update); !done) return std::move(done).error();
    }
    return id;
}

Result<std::vector<SourceRecord>> readSources(Connection& connection, bool withCheckpoints,
                                              SourceTables tables)
{
    const std::string sql =
        std::string("SELECT id, path, name, format, format_overridden, state, detail, settings, device, "
                    "inode, first_arrival, last_arrival, ") +
        kLedgerColumns + " FROM " + (tables == SourceTables::Live ? "source" : "removed_source") +
        " ORDER BY id";
    // One transaction, so that sources and checkpoints are of one commit.
    const bool own = !connection.inTransaction();
    std::optional<Transaction> transaction;
    if (own) {
        auto begun = Transaction::begin(connection, Transaction::Kind::Read);
        if (!begun) return std::move(begun).error();
        transaction.emplace(std::move(*begun));
    }
    auto query = connection.prepare(sql);
    if (!query) return std::move(query).error();
    std::vector<SourceRecord> sources;
    for (;;) {
        auto row = query->step();
        if (!row) return std::move(row).error();
        if (!*row) break;
        SourceRecord& source = sources.emplace_back();
        source.id.value = static_cast<std::uint32_t>(query->integer(0));
        source.path = query->text(1);
        source.name = query->text(2);
        source.format = query->text(3);
        source.formatOverridden = query->integer(4) != 0;
        source.state = stateAt(query->integer(5));
        source.detail = query->text(6);
        source.settings = query->text(7);
        source.device = asUnsigned(query->integer(8));
        source.inode = asUnsigned(query->integer(9));
        source.firstArrival = query->integer(10);
        source.lastArrival = query->integer(11);
        source.ledger = ledgerAt(*query, 12);
    }
    if (auto done = withCheckpoints ? readAllCheckpoints(connection, tables, sources)
                                    : readLastCheckpoints(connection, tables, sources);
        !done)
        return std::move(done).error();
    return sources;
}

Result<bool> sourceExists(Connection& connection, SourceId id)
{
    auto query = connection.prepare("SELECT 1 FROM source WHERE id = ?1");
    if (!query) return std::move(query).error();
    query->bind(1, id.value);
    return query->step();
}

Status writeSource(Connection& connection, const SourceRecord& record)
{
    auto update =
        connection.prepare("UPDATE source SET path = ?2, name = ?3, format = ?4, format_overridden = ?5, "
                           "state = ?6, detail = ?7, settings = ?8, device = ?9, inode = ?10 WHERE id = ?1");
    if (!update) return std::move(update).error();
    update->bind(1, record.id.value)
        .bindText(2, record.path)
        .bindText(3, record.name)
        .bindText(4, record.format);
    update->bind(5, record.formatOverridden).bind(6, static_cast<std::int64_t>(record.state));
    update->bindText(7, record.detail).bindText(8, record.settings);
    update->bind(9, asSigned(record.device)).bind(10, asSigned(record.inode));
    if (auto done = update->run(); !done) return done;
    if (connection.changes() == 0) return noSource(record.id);
    return {};
}

Status writeSourceSettings(Connection& connection, SourceId id, const std::string& settings,
                           const std::string& format, bool formatOverridden)
{
    auto update = connection.prepare(
        "UPDATE source SET settings = ?2, format = ?3, format_overridden = ?4 WHERE id = ?1");
    if (!update) return std::move(update).error();
    update->bind(1, id.value).bindText(2, settings).bindText(3, format).bind(4, formatOverridden);
    if (auto done = update->run(); !done) return done;
    if (connection.changes() == 0) return noSource(id);
    return {};
}

Status writeLastTime(Connection& connection, SourceId id, std::optional<TimeNs> time)
{
    Checkpoint last;
    {
        auto query = connection.prepare("SELECT position, records, events, hash FROM checkpoint "
                                        "WHERE source = ?1 ORDER BY position DESC LIMIT 1");
        if (!query) return std::move(query).error();
        query->bind(1, id.value);
        auto row = query->step();
        if (!row) return std::move(row).error();
        if (!*row) return {};
        auto read = checkpointAt(*query, 0);
        if (!read) return std::move(read).error();
        last = *read;
    }
    last.lastTime = time;
    const std::string hash = hashColumn(last);
    auto update = connection.prepare("UPDATE checkpoint SET hash = ?3 WHERE source = ?1 AND position = ?2");
    if (!update) return std::move(update).error();
    update->bind(1, id.value).bind(2, asSigned(last.position)).bindBlob(3, hash);
    return update->run();
}

Status applySourceUpdate(Connection& connection, const CommitBatch::SourceUpdate& update)
{
    {
        auto add = connection.prepare(
            "UPDATE source SET received_records = received_records + ?2, received_bytes = received_bytes + "
            "?3, "
            "stored_records = stored_records + ?4, stored_bytes = stored_bytes + ?5, "
            "quarantined_records = quarantined_records + ?6, quarantined_bytes = quarantined_bytes + ?7, "
            "duplicate_records = duplicate_records + ?8, duplicate_bytes = duplicate_bytes + ?9, events = "
            "events + ?10, "
            "cut_bytes = cut_bytes + ?11, joined = joined + ?12, state = coalesce(?13, state), "
            "detail = CASE WHEN ?14 <> '' THEN ?14 ELSE detail END, format = CASE WHEN ?15 <> '' THEN ?15 "
            "ELSE format END, "
            "first_arrival = CASE WHEN first_arrival = 0 THEN ?16 ELSE first_arrival END, "
            "last_arrival = max(last_arrival, ?16) WHERE id = ?1");
        if (!add) return std::move(add).error();
        add->bind(1, update.id.value);
        bindLedger(*add, 2, update.delta);
        if (update.state) {
            add->bind(13, static_cast<std::int64_t>(*update.state));
        } else {
            add->bindNull(13);
        }
        add->bindText(14, update.detail).bindText(15, update.format).bind(16, update.arrival);
        if (auto done = add->run(); !done) return done;
        if (connection.changes() == 0) return noSource(update.id);
    }
    if (!update.checkpoint) return {};
    const Checkpoint& point = *update.checkpoint;
    const std::string hash = hashColumn(point); // lives until the statement has run
    auto put =
        connection.prepare("INSERT OR REPLACE INTO checkpoint(source, position, records, events, hash) "
                           "VALUES(?1, ?2, ?3, ?4, ?5)");
    if (!put) return std::move(put).error();
    put->bind(1, update.id.value).bind(2, asSigned(point.position)).bind(3, asSigned(point.records));
    put->bind(4, asSigned(point.events)).bindBlob(5, hash);
    return put->run();
}

Status addDeletedEvents(Connection& connection, SourceId id, std::uint64_t events)
{
    return addTo(connection, "UPDATE source SET deleted_events = deleted_events + ?2 WHERE id = ?1", id,
                 events);
}

Status addLostEvents(Connection& connection, SourceId id, std::uint64_t events)
{
    return addTo(connection, "UPDATE source SET lost_events = lost_events + ?2 WHERE id = ?1", id, events);
}

Status eraseSource(Connection& connection, SourceId id)
{
    for (const char* sql : {"DELETE FROM checkpoint WHERE source = ?1",
                            "DELETE FROM quarantine WHERE source = ?1", "DELETE FROM source WHERE id = ?1"}) {
        auto erase = connection.prepare(sql);
        if (!erase) return std::move(erase).error();
        erase->bind(1, id.value);
        if (auto done = erase->run(); !done) return done;
    }
    if (connection.changes() == 0) return noSource(id);
    return {};
}

Status insertQuarantine(Connection& connection, const QuarantineRecord& record)
{
    auto insert =
        connection.prepare("INSERT INTO quarantine(source, record, position, length, arrival, reason, bytes) "
                           "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)");
    if (!insert) return std::move(insert).error();
    insert->bind(1, record.source.value).bind(2, asSigned(record.record)).bind(3, asSigned(record.position));
    insert->bind(4, asSigned(record.length))
        .bind(5, record.arrival)
        .bindText(6, record.reason)
        .bindBlob(7, record.bytes);
    return insert->run();
}

Result<std::vector<QuarantineRecord>> readQuarantine(Connection& connection, std::optional<SourceId> source,
                                                     std::uint64_t offset, std::uint64_t limit)
{
    auto query = connection.prepare(
        source ? "SELECT source, record, position, length, arrival, reason, bytes FROM quarantine "
                 "WHERE source = ?1 ORDER BY record, id LIMIT ?3 OFFSET ?2"
               : "SELECT source, record, position, length, arrival, reason, bytes FROM quarantine "
                 "WHERE ?1 = 0 ORDER BY source, record, id LIMIT ?3 OFFSET ?2");
    if (!query) return std::move(query).error();
    constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
    query->bind(1, source ? source->value : 0)
        .bind(2, asSigned(std::min(offset, kMost)))
        .bind(3, asSigned(std::min(limit, kMost)));
    std::vector<QuarantineRecord> records;
    for (;;) {
        auto row = query->step();
        if (!row) return std::move(row).error();
        if (!*row) return records;
        QuarantineRecord& record = records.emplace_back();
        record.source.value = static_cast<std::uint32_t>(query->integer(0));
        record.record = asUnsigned(query->integer(1));
        record.position = asUnsigned(query->integer(2));
        record.length = asUnsigned(query->integer(3));
        record.arrival = query->integer(4);
        record.reason = query->text(5);
        record.bytes = query->text(6);
    }
}

Result<std::vector<SourceId>> sourcesOfBadCheckpoints(Connection& connection, const char* table)
{
    auto bad = connection.prepare(
        std::string("SELECT DISTINCT source FROM (SELECT source, records, events, hash, "
                    "lag(records, 1, 0) OVER w AS records_before, lag(events, 1, 0) OVER w AS events_before "
                    "FROM ") +
        table +
        " WINDOW w AS (PARTITION BY source ORDER BY position)) "
        "WHERE records < records_before OR events < events_before OR length(hash) NOT IN (16, 24)");
    if (!bad) return std::move(bad).error();
    std::vector<SourceId> sources;
    for (;;) {
        auto row = bad->step();
        if (!row) return std::move(row).error();
        if (!*row) return sources;
        sources.push_back({static_cast<std::uint32_t>(bad->integer(0))});
    }
}

Result<std::map<std::string, std::string>> readSettings(Connection& connection, std::string_view prefix)
{
    auto query = connection.prepare("SELECT key, value FROM setting WHERE key >= ?1 ORDER BY key");
    if (!query) return std::move(query).error();
    query->bindText(1, prefix);
    std::map<std::string, std::string> settings;
    for (;;) {
        auto row = query->step();
        if (!row) return std::move(row).error();
        if (!*row || !query->blob(0).starts_with(prefix)) return settings;
        settings.emplace(query->text(0), query->text(1));
    }
}

Status writeSetting(Connection& connection, std::string_view key, std::string_view value)
{
    auto put = connection.prepare("INSERT OR REPLACE INTO setting(key, value) VALUES(?1, ?2)");
    if (!put) return std::move(put).error();
    put->bindText(1, key).bindText(2, value);
    return put->run();
}

Result<std::vector<SourceBalance>> readBalances(Connection& connection)
{
    static const std::string sql =
        std::string("SELECT id, name, deleted_events, lost_events, "
                    "(SELECT count(*) FROM quarantine q WHERE q.source = s.id), ") +
        kLedgerColumns + " FROM source s ORDER BY id";
    auto query = connection.prepare(sql);
    if (!query) return std::move(query).error();
    std::vector<SourceBalance> balances;
    for (;;) {
        auto row = query->step();
        if (!row) return std::move(row).error();
        if (!*row) return balances;
        SourceBalance& balance = balances.emplace_back();
        balance.id.value = static_cast<std::uint32_t>(query->integer(0));
        balance.name = query->text(1);
        balance.deletedEvents = asUnsigned(query->integer(2));
        balance.lostEvents = asUnsigned(query->integer(3));
        balance.quarantineRows = asUnsigned(query->integer(4));
        balance.ledger = ledgerAt(*query, 5);
    }
}

} // namespace faultline
