#include "models/store/removed_check.h"

#include "models/store/segment_check.h"
#include "models/store/segment_table.h"
#include "models/store/source_table.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace faultline {

namespace {

using Grade = DoctorFinding::Grade;
using Bits = std::vector<std::uint64_t>;

std::uint64_t countOf(const Bits& bits)
{
    std::uint64_t count = 0;
    for (const std::uint64_t word : bits) count += static_cast<unsigned>(std::popcount(word));
    return count;
}

Bits allRows(RowIndex rows)
{
    Bits bits((static_cast<std::size_t>(rows) + 63) / 64, ~std::uint64_t{0});
    if ((rows & 63) != 0) bits.back() = (std::uint64_t{1} << (rows & 63)) - 1;
    return bits;
}

/// Nothing when they do not fit a segment of so many rows.
std::optional<Bits> bitsOf(std::string_view bytes, RowIndex rows)
{
    Bits bits((static_cast<std::size_t>(rows) + 63) / 64);
    if (bytes.size() != bits.size() * 8) return std::nullopt;
    for (std::size_t i = 0; i < bytes.size(); ++i)
        bits[i / 8] |= std::uint64_t{static_cast<std::uint8_t>(bytes[i])} << (i % 8 * 8);
    if ((rows & 63) != 0 && bits.back() >> (rows & 63) != 0) return std::nullopt;
    return bits;
}

/// A row of removed_source.
struct Removed
{
    SourceId id;
    std::string name;
    std::uint64_t events = 0, gone = 0; ///< of its account; of those deleted or lost
    std::uint64_t quarantined = 0, quarantineRows = 0;
    bool balanced = true;
};

/// A row of removed_mask and the segment that it is about.
struct Mask
{
    SegmentRow segment;
    std::int64_t state = 0; ///< 0: there is no such segment
    std::string bytes;
};

class RemovedCheck
{
public:
    RemovedCheck(Connection& connection, const DoctorOptions& options, bool checksums,
                 std::map<SourceId, std::uint64_t>& live, DoctorReport& report)
        : m_connection(connection), m_options(options), m_checksums(checksums), m_live(live), m_report(report)
    {}

    Status run()
    {
        if (auto done = staged(); !done) return done;
        auto tables = m_connection.number(
            "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name IN ('source_change', "
            "'removed_source', 'removed_checkpoint', 'removed_quarantine', 'removed_mask')");
        if (!tables) return std::move(tables).error();
        if (*tables == 0) return {}; // a store of a version before 4
        if (*tables != 5) {
            add(Grade::Problem, "file", "a table of removed sources is missing: none can be brought back");
            return {};
        }
        if (auto done = orphans(); !done) return done;
        auto list = removed();
        if (!list) return std::move(list).error();
        for (const Removed& source : *list) {
            if (auto done = look(source); !done) return done;
        }
        return checkpoints();
    }

private:
    void add(Grade grade, std::string where, std::string what, std::uint64_t events = 0)
    {
        m_report.findings.push_back({grade, std::move(where), std::move(what), events});
        if (grade == Grade::Lost) m_report.lostEvents += events;
    }

    static std::string whereOf(const Removed& source)
    {
        return "removed source " + std::to_string(source.id.value) + " (" + source.name + ")";
    }

    Status repair(const std::function<Status()>& work)
    {
        auto transaction = Transaction::begin(m_connection, Transaction::Kind::Write);
        if (!transaction) return std::move(transaction).error();
        if (auto done = work(); !done) return done;
        return transaction->commit();
    }

    /// One statement with its numbers.
    Status change(const std::string& sql, std::initializer_list<std::int64_t> numbers)
    {
        auto statement = m_connection.prepare(sql);
        if (!statement) return std::move(statement).error();
        int index = 0;
        for (const std::int64_t number : numbers) statement->bind(++index, number);
        return statement->run();
    }

    Status staged()
    {
        auto count = m_connection.number("SELECT count(*) FROM segment WHERE state = 4");
        if (!count) return std::move(count).error();
        if (*count == 0) return {};
        const std::string what = std::to_string(*count) + (*count == 1 ? " segment was" : " segments were") +
                                 " written ahead by a change of a source that did not end";
        if (!m_options.repair) {
            add(Grade::Note, "file", what + " yet; what is left of one goes with the next start of a writer");
            return {};
        }
        if (auto done = repair([&] { return dropStaged(m_connection, {}); }); !done) return done;
        add(Grade::Repaired, "file", what + "; their space is used again");
        return {};
    }

    Status orphans()
    {
        static constexpr struct
        {
            const char* what;
            const char* table;
            const char* condition;
        } kKinds[] = {
            {"removed sources that are there, too", "removed_source", "id IN (SELECT id FROM source)"},
            {"checkpoints of no removed source", "removed_checkpoint",
             "source NOT IN (SELECT id FROM removed_source)"},
            {"quarantined records of no removed source", "removed_quarantine",
             "source NOT IN (SELECT id FROM removed_source)"},
            {"masks of no removed source", "removed_mask", "source NOT IN (SELECT id FROM removed_source)"},
            {"changes of no source", "source_change",
             "source NOT IN (SELECT id FROM source UNION SELECT id FROM removed_source)"},
        };
        for (const auto& kind : kKinds) {
            const std::string which = std::string(kind.table) + " WHERE " + kind.condition;
            auto count = m_connection.number("SELECT count(*) FROM " + which);
            if (!count) return std::move(count).error();
            if (*count == 0) continue;
            const std::string what = std::to_string(*count) + " " + kind.what;
            if (!m_options.repair) {
                add(Grade::Problem, "file", what);
                continue;
            }
            if (auto done = repair([&] { return change("DELETE FROM " + which, {}); }); !done) return done;
            add(Grade::Repaired, "file", what + " were removed");
        }
        return {};
    }

    Result<std::vector<Removed>> removed()
    {
        auto query = m_connection.prepare(
            "SELECT id, name, events, deleted_events + lost_events, quarantined_records, "
            "(SELECT count(*) FROM removed_quarantine q WHERE q.source = r.id), "
            "received_records = stored_records + quarantined_records + duplicate_records AND "
            "received_bytes = stored_bytes + quarantined_bytes + duplicate_bytes "
            "FROM removed_source r WHERE id NOT IN (SELECT id FROM source) ORDER BY id");
        if (!query) return std::move(query).error();
        std::vector<Removed> list;
        for (;;) {
            auto row = query->step();
            if (!row) return std::move(row).error();
            if (!*row) return list;
            Removed& source = list.emplace_back();
            source.id.value = static_cast<std::uint32_t>(query->integer(0));
            source.name = query->text(1);
            source.events = static_cast<std::uint64_t>(query->integer(2));
            source.gone = static_cast<std::uint64_t>(query->integer(3));
            source.quarantined = static_cast<std::uint64_t>(query->integer(4));
            source.quarantineRows = static_cast<std::uint64_t>(query->integer(5));
            source.balanced = query->integer(6) != 0;
        }
    }

    Result<std::vector<Mask>> masksOf(SourceId id)
    {
        auto query = m_connection.prepare(
            "SELECT r.segment, coalesce(s.state, 0), s.rows, s.min_ts, s.max_ts, r.bits "
            "FROM removed_mask r LEFT JOIN segment s ON s.id = r.segment WHERE r.source = ?1");
        if (!query) return std::move(query).error();
        query->bind(1, id.value);
        std::vector<Mask> masks;
        for (;;) {
            auto row = query->step();
            if (!row) return std::move(row).error();
            if (!*row) return masks;
            Mask& mask = masks.emplace_back();
            mask.segment.id = query->integer(0);
            mask.state = query->integer(1);
            const std::int64_t rows = query->integer(2);
            mask.segment.rows = rows < 1 || rows > kSegmentRows ? 0 : static_cast<RowIndex>(rows);
            mask.segment.minTime = query->integer(3);
            mask.segment.maxTime = query->integer(4);
            mask.bytes = query->text(5);
        }
    }

    Status look(const Removed& source)
    {
        auto masks = masksOf(source.id);
        if (!masks) return std::move(masks).error();
        std::uint64_t kept = 0, lost = 0;
        bool faulty = false;
        for (const Mask& mask : *masks) {
            if (m_options.stop.stop_requested())
                return makeError(ErrorKind::Cancelled, "check the store", "stopped");
            std::uint64_t events = 0;
            auto fault = faultOf(source, mask, events);
            if (!fault) return std::move(fault).error();
            if (fault->empty()) {
                kept += events;
                continue;
            }
            faulty = true;
            const std::string what = "segment " + std::to_string(mask.segment.id) + ": " + *fault + ". " +
                                     std::to_string(events) + " of its events";
            if (!m_options.repair) {
                add(Grade::Problem, whereOf(source), what + " cannot be brought back", events);
                continue;
            }
            auto done = repair([&]() -> Status {
                return change("DELETE FROM removed_mask WHERE source = ?1 AND segment = ?2",
                              {source.id.value, mask.segment.id});
            });
            if (!done) return done;
            lost += events;
            add(Grade::Lost, whereOf(source), what + " are lost", events);
        }
        return balance(source, kept, lost, faulty);
    }

    Status balance(const Removed& source, std::uint64_t kept, std::uint64_t lost, bool faulty)
    {
        if (!source.balanced)
            add(Grade::Problem, whereOf(source),
                "what it received is not what was stored, quarantined or found twice");
        if (source.quarantined != source.quarantineRows)
            add(Grade::Problem, whereOf(source),
                "its account has " + std::to_string(source.quarantined) + " quarantined records, " +
                    std::to_string(source.quarantineRows) + " are there");
        const std::uint64_t known = kept + source.gone;
        if (known > source.events) {
            add(Grade::Problem, whereOf(source),
                "it has more events (" + std::to_string(known) + ") than its account (" +
                    std::to_string(source.events) + ")");
            return {};
        }
        const std::uint64_t missing = source.events - known;
        if (missing == 0) return {};
        if (!m_options.repair) {
            if (!faulty) // else said already
                add(Grade::Problem, whereOf(source),
                    std::to_string(missing) + " events of its account are not there", missing);
            return {};
        }
        auto done = repair([&] {
            return change("UPDATE removed_source SET lost_events = lost_events + ?2 WHERE id = ?1",
                          {source.id.value, static_cast<std::int64_t>(missing)});
        });
        if (!done) return done;
        if (missing > lost)
            add(Grade::Lost, whereOf(source),
                std::to_string(missing - lost) + " events of its account are lost; it says so now",
                missing - lost);
        return {};
    }

    /// Why the rows cannot be brought back; empty when they can. `events`: how many they are, as far as that
    /// is known.
    Result<std::string> faultOf(const Removed& source, const Mask& mask, std::uint64_t& events)
    {
        if (mask.state == 0) return std::string("it is not in the store any more");
        if (mask.segment.rows == 0) return std::string("its number of rows makes no sense");
        const auto bits = bitsOf(mask.bytes, mask.segment.rows);
        if (!bits) return std::string("the mask of the removal does not fit it");
        events = countOf(*bits);
        const auto state = static_cast<SegmentState>(mask.state);
        if (state != SegmentState::Live && state != SegmentState::Retired)
            return std::string("it was damaged, and taken out of the store");
        if (state == SegmentState::Retired) { // live ones were looked at
            auto facts = checkSegment(m_connection, mask.segment, m_checksums, m_options.stop);
            if (!facts) return std::move(facts).error();
            if (!facts->fault.empty()) return facts->fault;
        }
        auto own = rowsOfSource(mask.segment, source.id);
        if (!own) {
            const ErrorKind kind = own.error().kind;
            if (kind == ErrorKind::Damaged || kind == ErrorKind::NotFound) return own.error().line();
            return std::move(own).error();
        }
        for (std::size_t w = 0; w < bits->size(); ++w)
            if (((*bits)[w] & ~(*own)[w]) != 0)
                return std::string("the mask of the removal has rows of other sources");
        // Not before it is known that these rows are the source's.
        if (auto done = cover(source, mask, *bits); !done) return std::move(done).error();
        return std::string();
    }

    Result<Bits> rowsOfSource(const SegmentRow& row, SourceId id)
    {
        auto directory = readDirectory(m_connection, row, m_checksums);
        if (!directory) return std::move(directory).error();
        auto chunk = readChunk(m_connection, row.id, SourceColumn);
        if (!chunk) return std::move(chunk).error();
        const auto damaged = [](const char* why) {
            return makeError(ErrorKind::Damaged, "column source", why);
        };
        if (!checksumHolds(directory->checksums, std::size_t{SourceColumn} + 1, *chunk))
            return damaged("its checksum does not hold");
        auto column = decodeColumn(directory->info->columns[SourceColumn], row.rows, *chunk);
        if (!column) return std::move(column).error();
        if (!(*column)->presence.isAll()) return damaged("an event has no source");
        Bits bits((static_cast<std::size_t>(row.rows) + 63) / 64);
        for (RowIndex r = 0; r < row.rows; ++r)
            if ((*column)->ints.at(r) == id.value) bits[r >> 6] |= std::uint64_t{1} << (r & 63);
        return bits;
    }

    /// What a removal has taken away is masked; all of a segment that is retired for it is.
    Status cover(const Removed& source, const Mask& mask, const Bits& bits)
    {
        const RowIndex rows = mask.segment.rows;
        const bool retired = static_cast<SegmentState>(mask.state) == SegmentState::Retired;
        auto stored = readMask(m_connection, mask.segment.id, rows);
        if (!stored) {
            if (stored.error().kind != ErrorKind::Damaged) return std::move(stored).error();
            if (!retired) return {}; // said of the segment
        }
        Bits now = stored && stored->bits ? *stored->bits : Bits(bits.size());
        const Bits wanted = retired ? allRows(rows) : bits;
        std::uint64_t seen = 0, open = 0;
        for (std::size_t w = 0; w < now.size(); ++w) {
            open += static_cast<unsigned>(std::popcount(wanted[w] & ~now[w]));
            seen += static_cast<unsigned>(std::popcount(bits[w] & ~now[w]));
            now[w] |= wanted[w];
        }
        if (open == 0) return {};
        const std::string what = std::to_string(retired ? open : seen) + " rows of segment " +
                                 std::to_string(mask.segment.id) +
                                 " that its removal took away are not masked";
        if (!m_options.repair) {
            add(Grade::Problem, whereOf(source), what, retired ? 0 : seen);
            return {};
        }
        StoredMask fresh;
        fresh.version = (stored ? stored->version : 0) + 1;
        fresh.deleted = static_cast<RowIndex>(countOf(now));
        fresh.bits = std::make_shared<const Bits>(std::move(now));
        auto done = repair([&]() -> Status {
            if (auto written = writeMask(m_connection, mask.segment.id, fresh); !written) return written;
            return bumpGeneration(m_connection);
        });
        if (!done) return done;
        if (!retired) {
            const auto live = m_live.find(source.id);
            if (live != m_live.end()) {
                const std::uint64_t taken = std::min(seen, live->second);
                m_report.events -= taken;
                m_report.deletedEvents += taken;
                live->second -= taken;
                if (live->second == 0) m_live.erase(live);
            }
        }
        add(Grade::Repaired, whereOf(source), what + "; they are now");
        return {};
    }

    Status checkpoints()
    {
        const auto bad = sourcesOfBadCheckpoints(m_connection, "removed_checkpoint");
        if (!bad) return bad.error();
        for (const SourceId id : *bad)
            add(Grade::Problem, "removed source " + std::to_string(id.value),
                "its checkpoints do not grow with its position; do not bring it back, read its file again");
        return {};
    }

    Connection& m_connection;
    const DoctorOptions& m_options;
    const bool m_checksums;
    std::map<SourceId, std::uint64_t>& m_live;
    DoctorReport& m_report;
};

} // namespace

Status checkRemovedSources(Connection& connection, const DoctorOptions& options, bool checksums,
                           std::map<SourceId, std::uint64_t>& live, DoctorReport& report)
{
    return RemovedCheck(connection, options, checksums, live, report).run();
}

} // namespace faultline
