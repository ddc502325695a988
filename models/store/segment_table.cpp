#include "models/store/segment_table.h"

#include <bit>
#include <limits>

namespace faultline {

namespace {

Error damaged(std::int64_t segment, std::string why)
{
    return makeError(
        ErrorKind::Damaged, "read segment " + std::to_string(segment), std::move(why),
        {"Run `faultline doctor` on the store: it lists what is damaged and repairs what it can."});
}

void bindBound(Statement& statement, int index, const ColumnInfo& column, bool upper)
{
    if (column.kind == ValueKind::Text && !(column.minText.empty() && column.maxText.empty())) {
        statement.bindBlob(index, upper ? column.maxText : column.minText);
    } else if (column.kind != ValueKind::Text && column.present > 0 && column.minInt <= column.maxInt) {
        statement.bind(index, upper ? column.maxInt : column.minInt);
    } else {
        statement.bindNull(index);
    }
}

} // namespace

void appendChecksum(std::string& sums, std::string_view data)
{
    std::uint64_t sum = hash64(data);
    for (int i = 0; i < 8; ++i, sum >>= 8) sums += static_cast<char>(sum & 0xff);
}

bool checksumHolds(std::string_view sums, std::size_t index, std::string_view data)
{
    if (sums.empty()) return true;
    if (index * 8 + 8 > sums.size()) return false;
    std::string expected;
    appendChecksum(expected, data);
    return sums.substr(index * 8, 8) == expected;
}

Result<std::int64_t> FieldNumbers::number(Connection& connection, std::string_view path)
{
    std::string key(path);
    if (const auto found = m_known.find(key); found != m_known.end()) return found->second;
    std::int64_t id = 0;
    {
        auto find = connection.prepare("SELECT id FROM field WHERE path = ?1");
        if (!find) return std::move(find).error();
        find->bindText(1, path);
        auto row = find->step();
        if (!row) return std::move(row).error();
        if (*row) id = find->integer(0);
    }
    if (id == 0) {
        auto insert = connection.prepare("INSERT INTO field(path) VALUES(?1)");
        if (!insert) return std::move(insert).error();
        insert->bindText(1, path);
        if (auto done = insert->run(); !done) return std::move(done).error();
        id = connection.lastInsertId();
    }
    m_known.emplace(std::move(key), id);
    return id;
}

Result<InsertedSegment> insertSegment(Connection& connection, FieldNumbers& fields,
                                      const SealedSegment& segment, TimeNs now, SegmentState state)
{
    const SegmentInfo& info = segment.info;
    if (segment.chunks.size() != info.columns.size() || info.columns.size() > kChunkIdsPerSegment) {
        return makeError(ErrorKind::Internal, "store a segment", "its chunks do not match its columns");
    }
    InsertedSegment inserted;
    {
        auto insert = connection.prepare(
            "INSERT INTO segment(kind, state, min_ts, max_ts, rows, raw_bytes, stored_bytes, "
            "written_at) VALUES(1, ?7, ?1, ?2, ?3, ?4, ?5, ?6)");
        if (!insert) return std::move(insert).error();
        insert->bind(1, info.minTime).bind(2, info.maxTime).bind(3, info.rows);
        insert->bind(4, static_cast<std::int64_t>(info.rawBytes))
            .bind(5, static_cast<std::int64_t>(info.storedBytes));
        insert->bind(6, now).bind(7, static_cast<std::int64_t>(state));
        if (auto done = insert->run(); !done) return std::move(done).error();
        inserted.id = connection.lastInsertId();
    }
    const std::string directory = encodeDirectory(info);
    appendChecksum(inserted.checksums, directory);
    for (std::size_t i = 0; i < segment.chunks.size(); ++i) {
        const ColumnInfo& column = info.columns[i];
        auto field = fields.number(connection, column.path);
        if (!field) return std::move(field).error();
        auto insert = connection.prepare(
            "INSERT INTO chunk(id, segment, field, encoding, rows, min, max, \"distinct\", "
            "raw_bytes, data) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)");
        if (!insert) return std::move(insert).error();
        insert->bind(1, chunkId(inserted.id, static_cast<std::int64_t>(i)))
            .bind(2, inserted.id)
            .bind(3, *field);
        insert->bind(4, column.codec).bind(5, column.present);
        bindBound(*insert, 6, column, false);
        bindBound(*insert, 7, column, true);
        if (column.distinct > 0) {
            insert->bind(8, column.distinct);
        } else {
            insert->bindNull(8);
        }
        insert->bind(9, static_cast<std::int64_t>(column.rawBytes)).bindBlob(10, segment.chunks[i]);
        if (auto done = insert->run(); !done) return std::move(done).error();
        appendChecksum(inserted.checksums, segment.chunks[i]);
    }
    {
        auto insert =
            connection.prepare("INSERT INTO directory(segment, data, checksums) VALUES(?1, ?2, ?3)");
        if (!insert) return std::move(insert).error();
        insert->bind(1, inserted.id).bindBlob(2, directory).bindBlob(3, inserted.checksums);
        if (auto done = insert->run(); !done) return std::move(done).error();
    }
    return inserted;
}

Result<std::vector<SegmentRow>> liveSegments(Connection& connection, std::int64_t id)
{
    auto query = connection.prepare(
        "SELECT s.id, s.rows, s.min_ts, s.max_ts, s.stored_bytes, coalesce(m.version, 0) "
        "FROM segment s LEFT JOIN mask m ON m.segment = s.id WHERE s.state = 1 AND s.kind = 1 "
        "AND (?1 = 0 OR s.id = ?1)");
    if (!query) return std::move(query).error();
    query->bind(1, id);
    std::vector<SegmentRow> rows;
    for (;;) {
        auto row = query->step();
        if (!row) return std::move(row).error();
        if (!*row) return rows;
        const std::int64_t count = query->integer(1);
        SegmentRow& entry = rows.emplace_back();
        entry.id = query->integer(0);
        entry.rows = count <= 0 || count > kSegmentRows ? 0 : static_cast<RowIndex>(count);
        entry.minTime = query->integer(2);
        entry.maxTime = query->integer(3);
        entry.storedBytes = query->integer(4);
        entry.maskVersion = static_cast<std::uint64_t>(query->integer(5));
    }
}

Result<StoredDirectory> readDirectory(Connection& connection, const SegmentRow& row, bool withChecksums)
{
    if (row.rows == 0) return damaged(row.id, "its number of rows makes no sense");
    auto query = connection.prepare(withChecksums ? "SELECT data, checksums FROM directory WHERE segment = ?1"
                                                  : "SELECT data, NULL FROM directory WHERE segment = ?1");
    if (!query) return std::move(query).error();
    query->bind(1, row.id);
    auto found = query->step();
    if (!found) return std::move(found).error();
    if (!*found) return damaged(row.id, "its directory is missing");
    StoredDirectory stored;
    const std::string_view data = query->blob(0);
    stored.checksums = std::string(query->blob(1));
    if (!checksumHolds(stored.checksums, 0, data))
        return damaged(row.id, "the checksum of its directory does not hold");
    auto info = decodeDirectory(data);
    if (!info) return damaged(row.id, "its directory does not decode: " + info.error().why);
    if (info->rows != row.rows || info->minTime != row.minTime || info->maxTime != row.maxTime) {
        return damaged(row.id, "its directory is another segment's");
    }
    if (info->columns.size() < RowColumnCount || info->columns.size() > kChunkIdsPerSegment) {
        return damaged(row.id, "its directory has " + std::to_string(info->columns.size()) + " columns");
    }
    if (!stored.checksums.empty() && stored.checksums.size() != 8 * (info->columns.size() + 1)) {
        return damaged(row.id, "its checksums do not match its columns");
    }
    info->id = SegmentId{row.id};
    stored.info = std::make_shared<const SegmentInfo>(std::move(*info));
    return stored;
}

Result<std::string> readChunk(Connection& connection, std::int64_t segment, ColumnIndex column)
{
    auto query = connection.prepare("SELECT data FROM chunk WHERE id = ?1");
    if (!query) return std::move(query).error();
    query->bind(1, chunkId(segment, column));
    auto row = query->step();
    if (!row) return std::move(row).error();
    if (!*row) {
        return makeError(ErrorKind::NotFound, "read segment " + std::to_string(segment),
                         "column " + std::to_string(column) + " is not in the store (any more)",
                         {"The segment was merged or deleted long ago: ask again with a new snapshot."});
    }
    return query->text(0);
}

Result<StoredMask> readMask(Connection& connection, std::int64_t segment, RowIndex rows)
{
    StoredMask mask;
    auto query = connection.prepare("SELECT version, deleted, bits FROM mask WHERE segment = ?1");
    if (!query) return std::move(query).error();
    query->bind(1, segment);
    auto row = query->step();
    if (!row) return std::move(row).error();
    if (!*row) return mask;
    const std::string_view bytes = query->blob(2);
    const std::size_t words = (static_cast<std::size_t>(rows) + 63) / 64;
    if (bytes.size() != words * 8) return damaged(segment, "its delete mask has a wrong length");
    std::vector<std::uint64_t> bits(words);
    RowIndex deleted = 0;
    for (std::size_t w = 0; w < words; ++w) {
        for (std::size_t b = 8; b-- > 0;)
            bits[w] = bits[w] << 8 | static_cast<std::uint8_t>(bytes[w * 8 + b]);
        deleted += static_cast<RowIndex>(std::popcount(bits[w]));
    }
    const bool beyond = (rows & 63) != 0 && bits.back() >> (rows & 63) != 0;
    if (beyond || query->integer(1) != deleted) return damaged(segment, "its delete mask is out of range");
    mask.version = static_cast<std::uint64_t>(query->integer(0));
    mask.deleted = deleted;
    mask.bits = std::make_shared<const std::vector<std::uint64_t>>(std::move(bits));
    return mask;
}

Status writeMask(Connection& connection, std::int64_t segment, const StoredMask& mask)
{
    std::string bytes;
    bytes.reserve(mask.bits->size() * 8);
    for (std::uint64_t word : *mask.bits) {
        for (int i = 0; i < 8; ++i, word >>= 8) bytes += static_cast<char>(word & 0xff);
    }
    auto put = connection.prepare(
        "INSERT OR REPLACE INTO mask(segment, version, deleted, bits) VALUES(?1, ?2, ?3, ?4)");
    if (!put) return std::move(put).error();
    put->bind(1, segment)
        .bind(2, static_cast<std::int64_t>(mask.version))
        .bind(3, mask.deleted)
        .bindBlob(4, bytes);
    return put->run();
}

Status retireSegment(Connection& connection, std::int64_t segment, TimeNs now)
{
    auto update =
        connection.prepare("UPDATE segment SET state = 2, retired_at = ?2 WHERE id = ?1 AND state = 1");
    if (!update) return std::move(update).error();
    update->bind(1, segment).bind(2, now);
    return update->run();
}

Status makeLive(Connection& connection, std::span<const SegmentId> staged)
{
    for (const SegmentId id : staged) {
        auto update = connection.prepare("UPDATE segment SET state = 1 WHERE id = ?1 AND state = 4");
        if (!update) return std::move(update).error();
        update->bind(1, id.value);
        if (auto done = update->run(); !done) return done;
        if (connection.changes() == 0)
            return makeError(ErrorKind::NotFound, "make segment " + std::to_string(id.value) + " live",
                             "it is not there any more");
    }
    return {};
}

Status dropStaged(Connection& connection, std::span<const SegmentId> staged)
{
    if (staged.empty())
        return connection.execute("UPDATE segment SET state = 2, retired_at = 0 WHERE state = 4");
    for (const SegmentId id : staged) {
        auto update =
            connection.prepare("UPDATE segment SET state = 2, retired_at = 0 WHERE id = ?1 AND state = 4");
        if (!update) return std::move(update).error();
        update->bind(1, id.value);
        if (auto done = update->run(); !done) return done;
    }
    return {};
}

Result<std::vector<SegmentId>> stagedSegments(Connection& connection)
{
    auto query = connection.prepare("SELECT id FROM segment WHERE state = 4 ORDER BY id");
    if (!query) return std::move(query).error();
    std::vector<SegmentId> staged;
    for (;;) {
        auto row = query->step();
        if (!row) return std::move(row).error();
        if (!*row) return staged;
        staged.push_back(SegmentId{query->integer(0)});
    }
}

Status reviveSegment(Connection& connection, std::int64_t segment)
{
    auto update = connection.prepare(
        "UPDATE segment SET state = 1, retired_at = NULL WHERE id = ?1 AND state IN (1, 2)");
    if (!update) return std::move(update).error();
    update->bind(1, segment);
    if (auto done = update->run(); !done) return done;
    if (connection.changes() == 0) return damaged(segment, "it was taken out of the store for its damage");
    return {};
}

Result<RowIndex> rowsOfSegment(Connection& connection, std::int64_t segment)
{
    auto query = connection.prepare("SELECT rows FROM segment WHERE id = ?1");
    if (!query) return std::move(query).error();
    query->bind(1, segment);
    auto row = query->step();
    if (!row) return std::move(row).error();
    if (!*row)
        return makeError(ErrorKind::NotFound, "find segment " + std::to_string(segment),
                         "its space was reclaimed");
    const std::int64_t rows = query->integer(0);
    if (rows <= 0 || rows > kSegmentRows) return damaged(segment, "its number of rows makes no sense");
    return static_cast<RowIndex>(rows);
}

Status eraseSegment(Connection& connection, std::int64_t segment)
{
    {
        auto chunks = connection.prepare("DELETE FROM chunk WHERE id >= ?1 AND id < ?2");
        if (!chunks) return std::move(chunks).error();
        chunks->bind(1, chunkId(segment, 0)).bind(2, chunkId(segment + 1, 0));
        if (auto done = chunks->run(); !done) return done;
    }
    for (const char* sql : {"DELETE FROM directory WHERE segment = ?1", "DELETE FROM mask WHERE segment = ?1",
                            "DELETE FROM segment WHERE id = ?1"}) {
        auto erase = connection.prepare(sql);
        if (!erase) return std::move(erase).error();
        erase->bind(1, segment);
        if (auto done = erase->run(); !done) return done;
    }
    return {};
}

Result<std::vector<RetiredSegment>> retiredSegments(Connection& connection, TimeNs before)
{
    auto query =
        connection.prepare("SELECT id, stored_bytes FROM segment WHERE state = 2 AND retired_at < ?1 "
                           "AND id NOT IN (SELECT segment FROM removed_mask)");
    if (!query) return std::move(query).error();
    query->bind(1, before);
    std::vector<RetiredSegment> retired;
    for (;;) {
        auto row = query->step();
        if (!row) return std::move(row).error();
        if (!*row) return retired;
        retired.push_back({query->integer(0), query->integer(1)});
    }
}

Result<std::uint64_t> readGeneration(Connection& connection)
{
    auto value = connection.number("SELECT value FROM meta WHERE key = 'generation'");
    if (!value) return std::move(value).error();
    return static_cast<std::uint64_t>(*value);
}

Status bumpGeneration(Connection& connection)
{
    return connection.execute("UPDATE meta SET value = value + 1 WHERE key = 'generation'");
}

} // namespace faultline
