#include "models/store/doctor.h"

#include "models/store/lock_file.h"
#include "models/store/read_connection.h"
#include "models/store/removed_check.h"
#include "models/store/salvage.h"
#include "models/store/schema.h"
#include "models/store/segment_check.h"
#include "models/store/segment_rescue.h"
#include "models/store/source_table.h"
#include "models/store/writer.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <set>

namespace faultline {

namespace {

namespace fs = std::filesystem;
using Grade = DoctorFinding::Grade;

// One examination of one connection. Damage becomes findings; what stops the examination is an Error.
class Examination
{
public:
    Examination(Connection& connection, const DoctorOptions& options, TimeNs now, bool checksums,
                DoctorReport& report)
        : m_connection(connection), m_options(options), m_now(now), m_checksums(checksums), m_report(report)
    {}

    /// False: B-trees are broken, the rest was not looked at.
    Result<bool> structure();
    Status segments();
    Status orphans();
    Status removed() { return checkRemovedSources(m_connection, m_options, m_checksums, m_live, m_report); }
    Status sources();
    Status checkpoints();

private:
    void add(Grade grade, std::string where, std::string what, std::uint64_t events = 0)
    {
        m_report.findings.push_back({grade, std::move(where), std::move(what), events});
        if (grade == Grade::Lost) m_report.lostEvents += events;
    }
    Status repair(const std::function<Status()>& work);
    std::string describe(const std::string& fault, const SegmentRescue& rescue) const;
    Status mend(const SegmentRow& row, RowIndex deleted, const std::string& fault);
    Status balance(const SourceBalance& source);

    Connection& m_connection;
    const DoctorOptions& m_options;
    const TimeNs m_now;
    const bool m_checksums;
    DoctorReport& m_report;
    std::map<SourceId, std::uint64_t> m_live;
    std::set<SourceId> m_hurt; ///< that lost events or values with a segment
    bool m_damagedSegments = false;
    std::uint64_t m_missing = 0; ///< events that accounts have and the store has not
};

Status Examination::repair(const std::function<Status()>& work)
{
    auto transaction = Transaction::begin(m_connection, Transaction::Kind::Write);
    if (!transaction) return std::move(transaction).error();
    if (auto done = work(); !done) return done;
    return transaction->commit();
}

Result<bool> Examination::structure()
{
    std::vector<std::string> faults;
    bool onlyIndexes = true;
    {
        auto check = m_connection.prepare("PRAGMA integrity_check(50)");
        if (!check) return std::move(check).error();
        for (;;) {
            auto row = check->step();
            if (!row) {
                faults.push_back(row.error().why);
                onlyIndexes = false;
                break;
            }
            if (!*row) break;
            const std::string text = check->text(0);
            if (text == "ok") continue;
            if (text.find("index") == std::string::npos) onlyIndexes = false;
            faults.push_back(text);
        }
    }
    if (faults.empty()) return true;
    if (onlyIndexes && m_options.repair) {
        if (m_connection.execute("REINDEX")) {
            add(Grade::Repaired, "file", "an index did not match its table; it was built anew");
            return true;
        }
    }
    for (const auto& fault : faults) add(Grade::Problem, "file", "SQLite: " + fault);
    return onlyIndexes;
}

// What is wrong, and what that means for the events.
std::string Examination::describe(const std::string& fault, const SegmentRescue& rescue) const
{
    std::string text = fault;
    const auto list = [&text](const std::vector<std::string>& items, const char* before) {
        constexpr std::size_t kListed = 6;
        for (std::size_t i = 0; i < items.size() && i < kListed; ++i)
            text += (i == 0 ? before : ", ") + items[i];
        if (items.size() > kListed) text += " and " + std::to_string(items.size() - kListed) + " more";
    };
    if (rescue.faults.size() > 1) list(rescue.faults, ". Damaged are: ");
    const bool done = m_options.repair;
    text += ". " + std::to_string(rescue.whole) + (done ? " events are saved" : " events can be saved") +
            " as they were";
    if (!rescue.damaged.empty()) {
        text += ", " + std::to_string(rescue.damagedEvents()) + " without a part of them";
        list(rescue.fields, " (fields ");
        if (!rescue.fields.empty()) text += ")";
        text += ": " + eventsText(rescue.damaged);
    }
    if (!rescue.lost.empty())
        text += "; " + std::to_string(rescue.lostEvents()) + " are lost: " + eventsText(rescue.lost);
    return text;
}

Status Examination::mend(const SegmentRow& row, RowIndex deleted, const std::string& fault)
{
    const std::string where = "segment " + std::to_string(row.id);
    m_damagedSegments = true;
    auto rescued = rescueSegment(m_connection, row, m_checksums, m_options.stop);
    if (!rescued) {
        const ErrorKind kind = rescued.error().kind;
        if (kind != ErrorKind::Damaged && kind != ErrorKind::Internal && kind != ErrorKind::Limit)
            return std::move(rescued).error();
        rescued = SegmentRescue();
    }
    SegmentRescue& rescue = *rescued;
    // Nothing says whose events they were: the accounts of the sources tell in the end.
    if (rescue.whole + rescue.damagedEvents() + rescue.lostEvents() == 0 && row.rows > deleted)
        rescue.lost[SourceId{}].count = row.rows - deleted;
    const std::string text = describe(fault, rescue);
    const std::uint64_t lost = rescue.lostEvents();
    if (!m_options.repair) {
        add(Grade::Problem, where, text, row.rows - deleted);
        return {};
    }
    auto done = repair([&]() -> Status {
        FieldNumbers fields;
        for (const SealedSegment& segment : rescue.segments) {
            if (auto in = insertSegment(m_connection, fields, segment, m_now); !in)
                return std::move(in).error();
        }
        auto put = m_connection.prepare(
            "INSERT OR REPLACE INTO damaged(segment, rows, min_ts, max_ts, found_at, reason) "
            "VALUES(?1, ?2, ?3, ?4, ?5, ?6)");
        if (!put) return std::move(put).error();
        put->bind(1, row.id)
            .bind(2, static_cast<std::int64_t>(row.rows - deleted))
            .bind(3, row.minTime)
            .bind(4, row.maxTime);
        put->bind(5, m_now).bindText(6, text);
        if (auto ran = put->run(); !ran) return ran;
        auto update = m_connection.prepare("UPDATE segment SET state = 3 WHERE id = ?1");
        if (!update) return std::move(update).error();
        update->bind(1, row.id);
        if (auto ran = update->run(); !ran) return ran;
        return bumpGeneration(m_connection);
    });
    if (!done) return done;
    for (const auto& [source, events] : rescue.live) {
        m_live[source] += events;
        m_report.events += events;
    }
    for (const auto* events : {&rescue.damaged, &rescue.lost})
        for (const auto& [source, of] : *events) m_hurt.insert(source);
    m_report.damagedEvents += rescue.damagedEvents();
    const bool nothingGone = lost == 0 && rescue.damaged.empty();
    add(nothingGone ? Grade::Repaired : Grade::Lost, where,
        text + "; what was damaged is kept, and listed in the table `damaged`", lost);
    return {};
}

Status Examination::segments()
{
    std::vector<SegmentRow> rows;
    {
        // Not liveSegments(): one row that makes no sense must not hide the others.
        auto query = m_connection.prepare(
            "SELECT s.id, s.rows, s.min_ts, s.max_ts, coalesce(m.deleted, 0) FROM segment s "
            "LEFT JOIN mask m ON m.segment = s.id WHERE s.state = 1 ORDER BY s.id");
        if (!query) return std::move(query).error();
        for (;;) {
            auto row = query->step();
            if (!row) return std::move(row).error();
            if (!*row) break;
            SegmentRow& segment = rows.emplace_back();
            segment.id = query->integer(0);
            segment.rows =
                static_cast<RowIndex>(std::clamp<std::int64_t>(query->integer(1), 0, kSegmentRows));
            segment.minTime = query->integer(2);
            segment.maxTime = query->integer(3);
            segment.maskVersion =
                static_cast<std::uint64_t>(query->integer(4)); // for the count, if the rest is damaged
            if (query->integer(1) != segment.rows) segment.rows = 0;
        }
    }
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (m_options.progress) m_options.progress(i, rows.size());
        const SegmentRow& row = rows[i];
        auto facts = checkSegment(m_connection, row, m_checksums, m_options.stop);
        if (!facts) return std::move(facts).error();
        ++m_report.segments;
        if (!facts->fault.empty() || row.rows == 0) {
            const auto deleted = static_cast<RowIndex>(std::min<std::uint64_t>(row.maskVersion, row.rows));
            if (auto done =
                    mend(row, deleted, row.rows == 0 ? "its number of rows makes no sense" : facts->fault);
                !done) {
                return done;
            }
            continue;
        }
        m_report.columns += facts->columns;
        m_report.deletedEvents += facts->deleted;
        for (const auto& [source, events] : facts->live) {
            m_live[source] += events;
            m_report.events += events;
        }
    }
    if (m_options.progress) m_options.progress(rows.size(), rows.size());
    return {};
}

Status Examination::orphans()
{
    static constexpr struct
    {
        const char* what;
        const char* count;
        const char* erase;
    } kKinds[] = {
        {"chunks of no segment",
         "SELECT count(*) FROM chunk WHERE NOT EXISTS(SELECT 1 FROM segment s WHERE s.id = chunk.id / 2048)",
         "DELETE FROM chunk WHERE NOT EXISTS(SELECT 1 FROM segment s WHERE s.id = chunk.id / 2048)"},
        {"directories of no segment",
         "SELECT count(*) FROM directory WHERE segment NOT IN (SELECT id FROM segment)",
         "DELETE FROM directory WHERE segment NOT IN (SELECT id FROM segment)"},
        {"delete masks of no segment",
         "SELECT count(*) FROM mask WHERE segment NOT IN (SELECT id FROM segment)",
         "DELETE FROM mask WHERE segment NOT IN (SELECT id FROM segment)"},
        {"checkpoints of no source",
         "SELECT count(*) FROM checkpoint WHERE source NOT IN (SELECT id FROM source)",
         "DELETE FROM checkpoint WHERE source NOT IN (SELECT id FROM source)"},
        {"quarantined records of no source",
         "SELECT count(*) FROM quarantine WHERE source NOT IN (SELECT id FROM source)",
         "DELETE FROM quarantine WHERE source NOT IN (SELECT id FROM source)"},
    };
    static_assert(kChunkIdsPerSegment == 2048);
    for (const auto& kind : kKinds) {
        auto count = m_connection.number(kind.count);
        if (!count) return std::move(count).error();
        if (*count == 0) continue;
        const std::string what = std::to_string(*count) + " " + kind.what;
        if (!m_options.repair) {
            add(Grade::Problem, "file", what);
            continue;
        }
        if (auto done = repair([&] { return m_connection.execute(kind.erase); }); !done) return done;
        add(Grade::Repaired, "file", what + " were removed");
    }
    return {};
}

Status Examination::balance(const SourceBalance& source)
{
    const std::string where = "source " + std::to_string(source.id.value) + " (" + source.name + ")";
    const Ledger& ledger = source.ledger;
    if (!ledger.balanced()) {
        add(Grade::Problem, where, "what it received is not what was stored, quarantined or found twice");
    }
    if (source.quarantineRows != ledger.quarantined.records) {
        add(Grade::Problem, where,
            "its account has " + std::to_string(ledger.quarantined.records) + " quarantined records, " +
                std::to_string(source.quarantineRows) + " are there");
    }
    std::uint64_t live = 0;
    if (const auto found = m_live.find(source.id); found != m_live.end()) {
        live = found->second;
        m_live.erase(found);
    }
    const std::uint64_t known = live + source.deletedEvents + source.lostEvents;
    if (known == ledger.events) return {};
    if (known > ledger.events) {
        add(Grade::Problem, where,
            "it has more events (" + std::to_string(known) + ") than its account (" +
                std::to_string(ledger.events) + ")");
        return {};
    }
    const std::uint64_t missing = ledger.events - known;
    if (!m_options.repair) {
        // Said already, once, where a damaged segment explains it.
        if (!m_damagedSegments)
            add(Grade::Problem, where, std::to_string(missing) + " events of its account are not there",
                missing);
        return {};
    }
    if (auto done = repair([&] { return addLostEvents(m_connection, source.id, missing); }); !done)
        return done;
    m_report.findings.push_back({Grade::Lost, where,
                                 std::to_string(missing) + " of its events are lost; its account says so now",
                                 missing});
    m_missing += missing;
    return {};
}

Status Examination::sources()
{
    auto balances = readBalances(m_connection);
    if (!balances) return std::move(balances).error();
    m_report.sources = balances->size();
    for (const SourceBalance& source : *balances) {
        if (auto done = balance(source); !done) return done;
    }
    // Events of segments that are gone as a whole are known from the accounts alone.
    m_report.lostEvents = std::max(m_report.lostEvents, m_missing);
    for (const SourceBalance& source : *balances) {
        if (!m_hurt.contains(source.id)) continue;
        const std::string id = std::to_string(source.id.value);
        add(Grade::Note, "source " + id + " (" + source.name + ")",
            "to have all of it back, where its file is still there: faultline sources remove " + id +
                ", then read it in again");
    }
    for (const auto& [id, events] : m_live) {
        add(Grade::Problem, "source " + std::to_string(id.value),
            "it is not in the list of sources, but has events", events);
    }
    return {};
}

Status Examination::checkpoints()
{
    const auto bad = sourcesOfBadCheckpoints(m_connection, "checkpoint");
    if (!bad) return bad.error();
    // Not repaired: a checkpoint too few would read events a second time.
    for (const SourceId id : *bad)
        add(Grade::Problem, "source " + std::to_string(id.value),
            "its checkpoints do not grow with its position; remove the source and read it again");
    return {};
}

/// Puts `fresh` in the place of `path`, whose file becomes `kept`. `one`: what its log held is in the file.
Status takePlace(const std::string& fresh, const std::string& path, const std::string& kept, bool one)
{
    std::error_code failed;
    if (one) {
        fs::create_hard_link(path, kept, failed);
        one = !failed; // a file system without links: by renaming
    }
    for (const char* suffix : {"-wal", "-shm"}) {
        if (!fs::exists(path + suffix, failed)) continue;
        if (one)
            fs::remove(path + suffix, failed);
        else
            fs::rename(path + suffix, kept + suffix, failed);
        if (failed) return systemError(ErrorKind::Store, "put aside " + path + suffix, failed.value());
    }
    if (!one) fs::rename(path, kept, failed);
    if (failed) return systemError(ErrorKind::Store, "put aside " + path, failed.value());
    fs::rename(fresh, path, failed);
    if (failed)
        return systemError(ErrorKind::Store, "put the repaired store in place of " + path, failed.value());
    return {};
}

// Writes the store anew from what can be read, and puts the damaged file aside.
Status rebuild(const std::string& path, const DoctorOptions& options, TimeNs now,
               std::unique_ptr<Connection>& connection, bool checksums, DoctorReport& report)
{
    const std::string fresh = path + ".repair";
    std::error_code failed;
    for (const char* suffix : {"", "-wal", "-shm"}) fs::remove(fresh + suffix, failed);
    {
        auto target = Writer::openConnection(fresh, options.vfs, true);
        if (!target) return std::move(target).error();
        fs::permissions(fresh, fs::perms::owner_read | fs::perms::owner_write, failed);
        if (auto done = createSchema(**target, now); !done) return done;
        auto salvage = salvageStore(*connection, **target, checksums, now);
        if (!salvage) return std::move(salvage).error();
        for (const auto& table : salvage->tables) {
            report.findings.push_back(
                {Grade::Lost, "table " + table, "not every row of it could be read", 0});
        }
        if (salvage->lostSegments > 0) {
            report.findings.push_back({Grade::Lost, "file",
                                       std::to_string(salvage->lostSegments) +
                                           " segments could not be read at all; they are "
                                           "listed in the table `damaged`",
                                       salvage->lostEvents});
        }
        if (auto done = (*target)->checkpoint(true); !done) return done;
        (*target)->setCheckpointOnClose(true);
    }
    std::string kept = path + ".damaged";
    for (int n = 2; fs::exists(kept, failed); ++n) kept = path + ".damaged-" + std::to_string(n);
    // With its log copied into it the file is one thing, and a kill finds the old one or the new one whole.
    const bool copied = connection->checkpoint(true).ok();
    const auto left = fs::file_size(path + "-wal", failed);
    const bool one = copied && (failed || left == 0);
    connection.reset();
    if (auto done = takePlace(fresh, path, kept, one); !done) return done;
    report.keptFile = kept;
    report.findings.push_back(
        {Grade::Repaired, "file", "the store was written anew; the damaged file is " + kept, 0});
    auto opened = Writer::openConnection(path, options.vfs, false);
    if (!opened) return std::move(opened).error();
    connection = std::move(*opened);
    return {};
}

Status examine(Examination& examination)
{
    if (auto done = examination.segments(); !done) return done;
    if (auto done = examination.orphans(); !done) return done;
    if (auto done = examination.removed(); !done) return done;
    if (auto done = examination.sources(); !done) return done;
    return examination.checkpoints();
}

/// How much shorter the file is than its first page says; 0 when that makes no sense.
std::uint64_t missingBytes(const std::string& path)
{
    std::ifstream file(path, std::ios::binary);
    std::array<unsigned char, 100> head{};
    if (!file.read(reinterpret_cast<char*>(head.data()), head.size())) return 0;
    // After the page, since a writer may make the file longer meanwhile.
    std::error_code failed;
    const std::uint64_t size = fs::file_size(path, failed);
    if (failed) return 0;
    // The number of pages holds only while these two agree (SQLite's file format, 1.3.7).
    if (!std::equal(head.begin() + 24, head.begin() + 28, head.begin() + 92)) return 0;
    if (std::memcmp(head.data(), "SQLite format 3", 16) != 0) return 0;
    std::uint64_t page = std::uint64_t{head[16]} << 8 | head[17];
    if (page == 1) page = 65'536;
    std::uint64_t pages = 0;
    for (std::size_t i = 28; i < 32; ++i) pages = pages << 8 | head[i];
    constexpr std::uint64_t kMostCut = std::uint64_t{1} << 40; // a nonsense number must not make a huge file
    const std::uint64_t full = page * pages;
    return full > size && full - size < kMostCut ? full - size : 0;
}

/// The schema of a store whose table `meta` cannot be read: as its first page has it.
Result<SchemaState> schemaWithoutMeta(Connection& connection)
{
    auto application = connection.number("PRAGMA application_id");
    if (!application) return std::move(application).error();
    auto version = connection.number("PRAGMA user_version");
    if (!version) return std::move(version).error();
    auto checksums = connection.number(
        "SELECT count(*) FROM sqlite_schema WHERE name = 'directory' AND sql LIKE '%checksums%'");
    if (!checksums) return std::move(checksums).error();
    if (*application != kApplicationId || *version > kSchemaVersion)
        return makeError(ErrorKind::Damaged, "repair the store " + connection.path(),
                         "its first pages are damaged, and it is not known what it is");
    SchemaState state;
    state.version = state.minReader = state.minWriter = *version;
    state.checksums = *checksums > 0;
    return state;
}

void tidyClose(Connection& connection)
{
    if (connection.checkpoint(true)) connection.setCheckpointOnClose(true);
}

} // namespace

bool DoctorReport::healthy() const
{
    return std::none_of(findings.begin(), findings.end(),
                        [](const auto& finding) { return finding.grade == Grade::Problem; });
}

Result<DoctorReport> runDoctor(const std::string& path, const DoctorOptions& options)
{
    std::error_code failed;
    const std::string absolute = fs::weakly_canonical(fs::absolute(path, failed), failed).string();
    if (!fs::is_regular_file(absolute, failed)) {
        return makeError(ErrorKind::NotFound, "check the store " + path, "there is no such file");
    }
    DoctorReport report;
    const SystemClock machine;
    const TimeNs now = options.clock ? options.clock->now() : machine.now();
    std::optional<LockFile> lock;
    if (options.repair) {
        auto taken = LockFile::tryLock(absolute);
        if (!taken) return std::move(taken).error();
        if (!*taken) {
            return makeError(ErrorKind::Locked, "repair the store " + path,
                             "process " + std::to_string(LockFile::holder(absolute)) + " has it open",
                             {"Close that window or command first."});
        }
        lock = std::move(*taken);
    }
    const std::uint64_t cut = missingBytes(absolute);
    const DoctorFinding cutShort{options.repair ? Grade::Lost : Grade::Problem, "file",
                                 "it was cut short: " + std::to_string(cut) + " bytes are missing at its end",
                                 0};
    if (cut != 0 && !options.repair) {
        report.findings.push_back(cutShort);
        return report;
    }
    if (cut != 0) {
        // SQLite reads nothing of a file that is shorter than it says; zeros are pages that are broken.
        fs::resize_file(absolute, fs::file_size(absolute, failed) + cut, failed);
        if (failed) return systemError(ErrorKind::Store, "repair the store " + path, failed.value());
    }
    auto opened = options.repair ? Writer::openConnection(absolute, options.vfs, false)
                                 : openReadConnection(absolute, options.vfs, false);
    if (!opened) return std::move(opened).error();
    std::unique_ptr<Connection> connection = std::move(*opened);
    auto schema = readSchema(*connection);
    if (!schema && schema.error().kind == ErrorKind::Damaged) schema = schemaWithoutMeta(*connection);
    if (!schema) return std::move(schema).error();
    if (schema->empty) return makeError(ErrorKind::NotFound, "check the store " + path, "it is empty");
    if (!(options.repair ? schema->mayWrite() : schema->mayRead()))
        return schemaRefusal(*schema, absolute, options.repair);

    const bool checksums = schema->checksums;
    // One state for all questions: a writer may commit meanwhile. (It cannot while this process repairs.)
    std::optional<Transaction> still;
    if (!options.repair) {
        auto begun = Transaction::begin(*connection, Transaction::Kind::Read);
        if (!begun) return std::move(begun).error();
        still.emplace(std::move(*begun));
    }
    {
        Examination examination(*connection, options, now, checksums, report);
        auto sound = examination.structure();
        if (!sound) return std::move(sound).error();
        if (*sound) {
            auto done = examine(examination);
            if (!done && done.error().kind != ErrorKind::Damaged) return std::move(done).error();
            if (done) {
                if (options.repair) tidyClose(*connection);
                return report;
            }
            report.findings.push_back({Grade::Problem, "file", done.error().line(), 0});
        }
        if (!options.repair) return report;
    }
    // Broken B-trees: what was found so far describes a file that is about to be put aside.
    report = DoctorReport{};
    if (auto done = rebuild(absolute, options, now, connection, checksums, report); !done)
        return std::move(done).error();
    Examination again(*connection, options, now, true, report);
    auto sound = again.structure();
    if (!sound) return std::move(sound).error();
    if (auto done = examine(again); !done) return std::move(done).error();
    if (cut != 0) report.findings.insert(report.findings.begin(), cutShort);
    tidyClose(*connection);
    return report;
}

} // namespace faultline
