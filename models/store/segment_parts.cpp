#include "models/store/segment_parts.h"

#include "models/store/codecs.h"
#include "models/store/source_table.h"

#include <algorithm>
#include <limits>
#include <map>

namespace faultline {

namespace {

/// Only the content is judged: what the disk refuses now may be sound later.
bool isDamage(const Error& error)
{
    return error.kind == ErrorKind::Damaged || error.kind == ErrorKind::NotFound ||
           error.kind == ErrorKind::Unsupported || error.kind == ErrorKind::Limit;
}

class PartsReader
{
public:
    PartsReader(Connection& connection, const SegmentRow& row, bool checksums, std::stop_token stop)
        : m_connection(connection), m_row(row), m_withChecksums(checksums), m_stop(std::move(stop))
    {}

    Result<SegmentParts> run()
    {
        m_parts.deleted.resize((std::size_t{m_row.rows} + 63) / 64);
        if (auto done = readDirectoryOrChunks(); !done) return std::move(done).error();
        if (auto done = readColumns(); !done) return std::move(done).error();
        if (auto done = readDeleted(); !done) return std::move(done).error();
        return std::move(m_parts);
    }

private:
    static Error cancelled() { return makeError(ErrorKind::Cancelled, "check the store", "stopped"); }

    Status readDirectoryOrChunks()
    {
        auto stored = readDirectory(m_connection, m_row, m_withChecksums);
        if (stored) {
            m_parts.info = *stored->info;
            m_checksums = std::move(stored->checksums);
            return {};
        }
        if (!isDamage(stored.error())) return std::move(stored).error();
        m_parts.faults.push_back(stored.error().why);
        auto query =
            m_connection.prepare(m_withChecksums ? "SELECT data, checksums FROM directory WHERE segment = ?1"
                                                 : "SELECT data, NULL FROM directory WHERE segment = ?1");
        if (query) {
            query->bind(1, m_row.id);
            if (auto row = query->step(); row && *row) {
                // Its own check may hold where the list of checksums is what is damaged.
                auto info = decodeDirectory(query->blob(0));
                const bool its = info && info->rows == m_row.rows && info->columns.size() >= RowColumnCount;
                if (its) {
                    m_parts.info = std::move(*info);
                    m_parts.info.id = SegmentId{m_row.id};
                    return {};
                }
                // Of the rest of the list nothing says that it is wrong.
                if (query->blob(1).size() % 8 == 0) m_checksums = query->text(1);
            }
        }
        return describeByChunks();
    }

    /// A directory made of what the table of chunks says: names, codecs, counts; no shapes.
    Status describeByChunks()
    {
        m_parts.shapesLost = true;
        m_parts.info = SegmentInfo();
        m_parts.info.id = SegmentId{m_row.id};
        m_parts.info.rows = m_row.rows;
        m_parts.info.minTime = m_row.minTime;
        m_parts.info.maxTime = std::max(m_row.minTime, m_row.maxTime);
        static constexpr const char* kNames[] = {"_time",  "_severity", "_source",   "_ordinal", "_flags",
                                                 "_shape", "_raw",      "_overflow", "_glue"};
        static_assert(std::size(kNames) == RowColumnCount);
        for (unsigned i = 0; i < RowColumnCount; ++i) {
            ColumnInfo& column = m_parts.info.columns.emplace_back();
            column.path = kNames[i];
            column.kind = i >= RawColumn ? ValueKind::Text : ValueKind::Int;
        }
        auto last = lastColumn();
        if (!last) return std::move(last).error();
        for (std::int64_t index = 0; index <= *last; ++index) {
            auto query = m_connection.prepare(
                "SELECT c.encoding, c.rows, c.min, c.max, c.raw_bytes, length(c.data), f.path FROM chunk c "
                "LEFT JOIN field f ON f.id = c.field WHERE c.id = ?1");
            if (!query) return std::move(query).error();
            query->bind(1, chunkId(m_row.id, index));
            auto row = query->step();
            if (!row && !isDamage(row.error())) return std::move(row).error();
            if (static_cast<std::size_t>(index) >= m_parts.info.columns.size())
                m_parts.info.columns.emplace_back();
            ColumnInfo& column = m_parts.info.columns[static_cast<std::size_t>(index)];
            if (column.path.empty()) column.path = "lost" + std::to_string(index);
            if (row && *row) describe(*query, index >= RowColumnCount, column);
        }
        return {};
    }

    Result<std::int64_t> lastColumn()
    {
        auto query = m_connection.prepare("SELECT max(id) FROM chunk WHERE id >= ?1 AND id < ?2");
        if (!query) return std::move(query).error();
        query->bind(1, chunkId(m_row.id, 0)).bind(2, chunkId(m_row.id + 1, 0));
        auto row = query->step();
        if (!row && !isDamage(row.error())) return std::move(row).error();
        if (!row || query->isNull(0)) return std::int64_t{RowColumnCount} - 1;
        return std::min<std::int64_t>(query->integer(0) - chunkId(m_row.id, 0), kSegmentColumns - 1);
    }

    void describe(const Statement& row, bool field, ColumnInfo& column) const
    {
        column.codec = static_cast<std::uint8_t>(row.integer(0));
        column.present = static_cast<std::uint32_t>(std::clamp<std::int64_t>(row.integer(1), 0, m_row.rows));
        column.storedBytes = static_cast<std::uint64_t>(row.integer(5));
        const bool bounds = row.integer(2) <= row.integer(3) && !row.isNull(2);
        column.minInt = bounds ? row.integer(2) : std::numeric_limits<std::int64_t>::min();
        column.maxInt = bounds ? row.integer(3) : std::numeric_limits<std::int64_t>::max();
        if (!field) return;
        if (!row.text(6).empty()) column.path = row.text(6);
        switch (static_cast<Codec>(column.codec)) {
        case Codec::Ints: {
            // "true" and "false" are longer than the digits 0 and 1.
            const bool truth =
                bounds && column.minInt >= 0 && column.maxInt <= 1 && row.integer(4) >= 4 * row.integer(1);
            column.kind = truth ? ValueKind::Bool : ValueKind::Int;
            break;
        }
        case Codec::Decimals:
            column.kind = ValueKind::Decimal;
            if (!bounds) std::swap(column.minInt, column.maxInt); // "not known"
            break;
        case Codec::Presence:
        case Codec::None: column.kind = ValueKind::Null; break;
        default: column.kind = ValueKind::Text; break;
        }
    }

    Status readColumns()
    {
        const std::size_t count = m_parts.info.columns.size();
        m_parts.sound.assign(count, true);
        if (m_parts.shapesLost && !m_checksums.empty()) {
            auto any = anyChecksumHolds();
            if (!any) return std::move(any).error();
            if (!*any) m_checksums.clear();
        }
        for (std::size_t i = 0; i < count; ++i) {
            if (m_stop.stop_requested()) return cancelled();
            const ColumnInfo& info = m_parts.info.columns[i];
            auto read = readOne(static_cast<ColumnIndex>(i));
            if (!read && !isDamage(read.error())) return std::move(read).error();
            if (read) {
                m_parts.columns.push_back(std::move(*read));
                continue;
            }
            m_parts.sound[i] = false;
            m_parts.columns.push_back(absentColumn(info.kind, m_row.rows));
            if (m_parts.shapesLost && i >= RowColumnCount && info.storedBytes == 0) continue; // had no data
            m_parts.faults.push_back("column " + info.path + ": " + read.error().why);
            if (i >= RowColumnCount) m_parts.fields.push_back(info.path);
        }
        // Which of them were null and which are the event's time is in the directory alone.
        for (std::size_t i = RowColumnCount; m_parts.shapesLost && i < count; ++i) {
            if (m_parts.info.columns[i].kind == ValueKind::Null)
                m_parts.columns[i] = absentColumn(ValueKind::Null, m_row.rows);
        }
        return {};
    }

    /// A list beside a lost directory may be lost with it: then the blobs' own checks have to do.
    Result<bool> anyChecksumHolds()
    {
        for (ColumnIndex i = 0; i < m_parts.info.columns.size(); ++i) {
            auto bytes = readChunk(m_connection, m_row.id, i);
            if (!bytes && !isDamage(bytes.error())) return std::move(bytes).error();
            if (bytes && checksumHolds(m_checksums, std::size_t{i} + 1, *bytes)) return true;
        }
        return false;
    }

    Result<ColumnPtr> readOne(ColumnIndex index)
    {
        auto bytes = readChunk(m_connection, m_row.id, index);
        if (!bytes) return std::move(bytes).error();
        if (!checksumHolds(m_checksums, std::size_t{index} + 1, *bytes))
            return makeError(ErrorKind::Damaged, "read a column", "its checksum does not hold");
        auto column = decodeColumn(m_parts.info.columns[index], m_row.rows, *bytes);
        if (!column) return column;
        const bool whole = index < RawColumn;
        if (whole && !(*column)->presence.isAll())
            return makeError(ErrorKind::Damaged, "read a column", "not every event has it");
        return column;
    }

    Status readDeleted()
    {
        auto mask = readMask(m_connection, m_row.id, m_row.rows);
        if (mask) {
            if (mask->bits) m_parts.deleted = *mask->bits;
            return {};
        }
        if (!isDamage(mask.error())) return std::move(mask).error();
        m_parts.faults.push_back(mask.error().why);
        // Masks come from removing sources: what no source owns is deleted.
        std::map<SourceId, bool> there;
        for (RowIndex r = 0; m_parts.sound[SourceColumn] && r < m_row.rows; ++r) {
            const SourceId source{static_cast<std::uint32_t>(m_parts.columns[SourceColumn]->ints.at(r))};
            const auto [place, fresh] = there.try_emplace(source, true);
            if (fresh) {
                auto exists = sourceExists(m_connection, source);
                if (!exists) return std::move(exists).error();
                place->second = *exists;
            }
            if (!place->second) m_parts.deleted[r >> 6] |= std::uint64_t{1} << (r & 63);
        }
        return {};
    }

    Connection& m_connection;
    const SegmentRow m_row;
    const bool m_withChecksums;
    std::stop_token m_stop;
    std::string m_checksums;
    SegmentParts m_parts;
};

} // namespace

ColumnPtr absentColumn(ValueKind kind, RowIndex rows)
{
    auto column = std::make_shared<ColumnData>();
    column->kind = kind;
    column->presence = Presence::of({}, rows);
    return column;
}

Result<SegmentParts> readSoundParts(Connection& connection, const SegmentRow& row, bool withChecksums,
                                    std::stop_token stop)
{
    return PartsReader(connection, row, withChecksums, std::move(stop)).run();
}

} // namespace faultline
