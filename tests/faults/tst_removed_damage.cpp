// What brings removed sources back, and what a change of a source leaves behind: damaged, inconsistent, or on
// a full disk.
#include "models/store/doctor.h"
#include "models/store/read_connection.h"
#include "models/store/source_store.h"
#include "models/store/writer.h"
#include "tests/support/fault_vfs.h"
#include "tests/support/store_fixture.h"

#include <QFile>
#include <QTest>

#include <algorithm>

using namespace faultline;
using namespace faultline::testing;

namespace {

constexpr TimeNs kStart = 1'700'000'000 * kSecondNs;
constexpr RowIndex kRows = 60;
const SourceId kKept{1}, kGone{2};
constexpr std::size_t kOfKept = 3 * kRows, kOfGone = 4 * kRows;

struct Made
{
    std::int64_t mixed = 0; ///< a segment of both sources
    std::int64_t own = 0;   ///< one of the removed source alone
};

/// Two sources: three times kRows events of each in one segment, and kRows more of the one that is removed.
Result<Made> makeStore(const std::string& path)
{
    auto opened = Store::open(path, {});
    if (!opened) return opened.error();
    Store& store = **opened;
    for (const char* name : {"kept", "gone"})
        if (auto id = store.addSource(makeSource(name)); !id) return id.error();
    for (Ordinal n = 0; n < 3; ++n)
        for (const SourceId id : {kKept, kGone}) {
            const auto at = kStart + static_cast<TimeNs>(n) * kRows * kSecondNs;
            if (auto done = store.commit(makeBatch(id, n * kRows, kRows, at, 2)); !done) return done.error();
        }
    if (auto merged = store.mergeSmallSegments(); !merged) return merged.error();
    if (auto done = store.commit(makeBatch(kGone, 3 * kRows, kRows, kStart + 86'400 * kSecondNs)); !done)
        return done.error();
    Made made;
    auto snapshot = store.snapshot();
    if (!snapshot) return snapshot.error();
    if ((*snapshot)->segments.size() != 2)
        return makeError(ErrorKind::Internal, "make a store", "the segments were not merged");
    for (const SegmentEntry& entry : (*snapshot)->segments)
        (entry.info->sources.size() == 2 ? made.mixed : made.own) = entry.info->id.value;
    if (auto done = SourceStore::of(store).setSourceAside(kGone); !done) return done.error();
    return made;
}

Status runSql(const std::string& path, const std::string& sql)
{
    auto connection = Writer::openConnection(path, {}, false);
    if (!connection) return std::move(connection).error();
    return (*connection)->execute(sql.c_str());
}

/// Zeros in the place of a column: its checksum does not hold any more.
Status spoil(const std::string& path, std::int64_t segment, RowColumn column)
{
    return runSql(path, "UPDATE chunk SET data = zeroblob(length(data)) WHERE id = " +
                            std::to_string(chunkId(segment, column)));
}

std::int64_t numberIn(const std::string& path, const char* sql)
{
    auto connection = openReadConnection(path, {}, false);
    if (!connection) return -1;
    return (*connection)->number(sql, -1).value();
}

DoctorReport examine(const std::string& path, bool repair)
{
    DoctorOptions options;
    options.repair = repair;
    auto report = runDoctor(path, options);
    if (report) return *report;
    DoctorReport failed;
    failed.findings.push_back({DoctorFinding::Grade::Problem, "doctor", describe(report.error()), 0});
    return failed;
}

QByteArray print(const DoctorReport& report)
{
    QByteArray text;
    for (const auto& finding : report.findings)
        text += QByteArray::number(static_cast<int>(finding.grade)) + ' ' +
                QByteArray::fromStdString(finding.where + ": " + finding.what) + '\n';
    return text;
}

/// Events of findings of one grade about the removed source.
std::uint64_t said(const DoctorReport& report, DoctorFinding::Grade grade)
{
    std::uint64_t events = 0;
    for (const auto& finding : report.findings)
        if (finding.grade == grade && finding.where == "removed source 2 (gone)") events += finding.events;
    return events;
}

/// Brings the source back: so many events are there then, and the doctor has nothing to say.
std::string bringBack(const std::string& path, std::size_t events)
{
    {
        auto store = Store::open(path, {});
        if (!store) return describe(store.error());
        if (auto done = SourceStore::of(**store).restoreSource(kGone); !done) return describe(done.error());
        auto documents = documentsOf(**store);
        if (!documents) return describe(documents.error());
        if (documents->size() != events) return std::to_string(documents->size()) + " events";
        if ((*store)->sources(true)->size() != 2) return "it is not in the list";
    }
    const DoctorReport report = examine(path, false);
    return report.findings.empty() ? std::string() : print(report).toStdString();
}

} // namespace

class TestRemovedDamage : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void soundOnesAreHealthy()
    {
        const StoreFolder folder;
        VERIFY_OK(makeStore(folder.file()));
        for (const bool repair : {false, true}) {
            const DoctorReport report = examine(folder.file(), repair);
            QVERIFY2(report.findings.empty(), print(report));
            QCOMPARE(report.events, std::uint64_t{kOfKept});
        }
        QCOMPARE(bringBack(folder.file(), kOfKept + kOfGone), std::string());
    }

    /// A segment that is kept for a removed source alone is looked at, too.
    void itsOwnSegmentIsDamaged()
    {
        const StoreFolder folder;
        const auto made = makeStore(folder.file());
        VERIFY_OK(made);
        VERIFY_OK(spoil(folder.file(), made->own, OrdinalColumn));
        const DoctorReport found = examine(folder.file(), false);
        QVERIFY2(!found.healthy(), print(found));
        QVERIFY2(said(found, DoctorFinding::Grade::Problem) == kRows, print(found));
        const DoctorReport repaired = examine(folder.file(), true);
        QVERIFY2(repaired.healthy() && said(repaired, DoctorFinding::Grade::Lost) == kRows, print(repaired));
        QCOMPARE(repaired.lostEvents, std::uint64_t{kRows});
        const DoctorReport after = examine(folder.file(), false);
        QVERIFY2(after.findings.empty(), print(after));
        QCOMPARE(bringBack(folder.file(), kOfKept + kOfGone - kRows), std::string());
    }

    /// What doctor saves of a segment is what was there: rows of a removed source were not, and that is said.
    void aSharedSegmentIsDamaged()
    {
        const StoreFolder folder;
        const auto made = makeStore(folder.file());
        VERIFY_OK(made);
        VERIFY_OK(spoil(folder.file(), made->mixed, SeverityColumn));
        QVERIFY(!examine(folder.file(), false).healthy());
        const DoctorReport repaired = examine(folder.file(), true);
        QVERIFY2(said(repaired, DoctorFinding::Grade::Lost) == 3 * kRows, print(repaired));
        const DoctorReport after = examine(folder.file(), false);
        QVERIFY2(after.findings.empty(), print(after));
        QCOMPARE(bringBack(folder.file(), kOfKept + kRows), std::string());
    }

    void whatWasTakenOutIsNotBroughtBack()
    {
        const StoreFolder folder;
        const auto made = makeStore(folder.file());
        VERIFY_OK(made);
        VERIFY_OK(
            runSql(folder.file(), "UPDATE segment SET state = 3 WHERE id = " + std::to_string(made->mixed)));
        auto store = Store::open(folder.file(), {});
        VERIFY_OK(store);
        SourceStore& sources = SourceStore::of(**store);
        const Status refused = sources.restoreSource(kGone);
        QVERIFY2(!refused, "a source is there again without its events");
        QCOMPARE(refused.error().kind, ErrorKind::Damaged);
        QCOMPARE(sources.removedSources()->size(), std::size_t{1});
        QCOMPARE((*store)->sources()->size(), std::size_t{1});
    }

    void orphansAndMasksThatDoNotFit()
    {
        const StoreFolder folder;
        const auto made = makeStore(folder.file());
        VERIFY_OK(made);
        VERIFY_OK(runSql(folder.file(),
                         "INSERT INTO removed_checkpoint VALUES(99, 1, 1, 1, zeroblob(16));"
                         "INSERT INTO removed_quarantine VALUES(1000, 99, 1, 1, 1, 1, 'why', x'00');"
                         "INSERT INTO removed_mask VALUES(99, 1, x'00');"
                         "INSERT INTO source_change(source, changed_at, settings, format, format_overridden) "
                         "VALUES(99, 1, '', '', 0);"
                         "UPDATE removed_mask SET bits = x'ff' WHERE segment = " +
                             std::to_string(made->own)));
        const DoctorReport found = examine(folder.file(), false);
        QVERIFY2(found.findings.size() == 5, print(found));
        const DoctorReport repaired = examine(folder.file(), true);
        QVERIFY2(repaired.healthy(), print(repaired));
        QCOMPARE(said(repaired, DoctorFinding::Grade::Lost), std::uint64_t{kRows});
        const DoctorReport after = examine(folder.file(), false);
        QVERIFY2(after.findings.empty(), print(after));
        QCOMPARE(bringBack(folder.file(), kOfKept + kOfGone - kRows), std::string());
    }

    void masksThatNameForeignRows()
    {
        const StoreFolder folder;
        const auto made = makeStore(folder.file());
        VERIFY_OK(made);
        const std::string words((2 * kOfKept + 63) / 64 * 16, '0');
        VERIFY_OK(runSql(folder.file(), "UPDATE removed_mask SET bits = x'ff" + words.substr(2) +
                                            "' WHERE segment = " + std::to_string(made->mixed)));
        const DoctorReport found = examine(folder.file(), false);
        QVERIFY2(!found.healthy(), print(found));
        const DoctorReport repaired = examine(folder.file(), true);
        QVERIFY2(said(repaired, DoctorFinding::Grade::Lost) == 3 * kRows, print(repaired));
    }

    /// Rows of a removed source that can be seen: nothing is lost, and they are covered again.
    void aMaskIsMissing()
    {
        const StoreFolder folder;
        VERIFY_OK(makeStore(folder.file()));
        VERIFY_OK(runSql(folder.file(), "DELETE FROM mask"));
        const DoctorReport found = examine(folder.file(), false);
        QVERIFY2(!found.healthy(), print(found));
        QCOMPARE(found.events, std::uint64_t{2 * kOfKept});
        const DoctorReport repaired = examine(folder.file(), true);
        QVERIFY2(repaired.healthy(), print(repaired));
        QCOMPARE(repaired.events, std::uint64_t{kOfKept});
        QCOMPARE(repaired.lostEvents, std::uint64_t{0});
        QCOMPARE(bringBack(folder.file(), kOfKept + kOfGone), std::string());
    }

    /// A store that has to be written anew keeps them.
    void brokenTreesKeepThem()
    {
        const StoreFolder folder;
        VERIFY_OK(makeStore(folder.file()));
        VERIFY_OK(runSql(folder.file(),
                         "INSERT INTO source_change(source, changed_at, settings, format, format_overridden) "
                         "VALUES(1, 1, '{}', 'json', 0); PRAGMA wal_checkpoint(TRUNCATE)"));
        const std::int64_t page =
            numberIn(folder.file(), "SELECT rootpage FROM sqlite_schema WHERE name = 'quarantine'");
        QFile file(QString::fromStdString(folder.file()));
        QVERIFY(file.open(QIODevice::ReadWrite) && file.seek((page - 1) * 16384));
        QCOMPARE(file.write(QByteArray(16384, '\x5a')), qint64{16384});
        file.close();
        const DoctorReport repaired = examine(folder.file(), true);
        QVERIFY2(!repaired.keptFile.empty(), print(repaired));
        QCOMPARE(said(repaired, DoctorFinding::Grade::Lost), std::uint64_t{0});
        auto store = Store::open(folder.file(), {});
        VERIFY_OK(store);
        SourceStore& sources = SourceStore::of(**store);
        QCOMPARE(sources.sourceChanges(kKept)->size(), std::size_t{1});
        VERIFY_OK(sources.restoreSource(kGone));
        QCOMPARE(documentsOf(**store).value().size(), kOfKept + kOfGone);
        QCOMPARE((*store)->quarantine(kGone, 0, 100)->size(), std::size_t{6});
    }

    /// Segments of a change that did not end are no damage; who writes next drops them.
    void staged()
    {
        const StoreFolder folder;
        VERIFY_OK(makeStore(folder.file()));
        {
            auto store = Store::open(folder.file(), {});
            VERIFY_OK(store);
            VERIFY_OK(SourceStore::of(**store).stageSegment(makeSegment(kKept, 0, 5, kStart)));
            const DoctorReport beside = examine(folder.file(), false);
            QVERIFY2(beside.healthy() && beside.findings.size() == 1, print(beside));
        }
        const DoctorReport repaired = examine(folder.file(), true);
        QVERIFY2(repaired.healthy() && repaired.findings.size() == 1, print(repaired));
        const DoctorReport after = examine(folder.file(), false);
        QVERIFY2(after.findings.empty(), print(after));
    }

    /// A full disk keeps nobody from opening a store in which some are left; they go when there is room.
    void stagedOnAFullDisk()
    {
        const StoreFolder folder;
        VERIFY_OK(makeStore(folder.file()));
        {
            auto store = Store::open(folder.file(), {});
            VERIFY_OK(store);
            VERIFY_OK(SourceStore::of(**store).stageSegment(makeSegment(kKept, 0, 5, kStart)));
        }
        const char* const count = "SELECT count(*) FROM segment WHERE state = 4";
        QCOMPARE(numberIn(folder.file(), count), std::int64_t{1});
        Store::Options options;
        options.vfs = FaultVfs::name();
        options.readers = 2;
        Fault full;
        full.calls = IoWrite;
        full.at = 1;
        full.sticky = full.full = true;
        FaultVfs::arm(full);
        auto store = Store::open(folder.file(), options);
        FaultVfs::disarm();
        VERIFY_OK(store);
        QVERIFY((*store)->isWriter());
        QCOMPARE(documentsOf(**store).value().size(), kOfKept);
        QTRY_COMPARE_WITH_TIMEOUT(numberIn(folder.file(), count), std::int64_t{0}, 10'000);
        // The same when a change ends for want of space, and cannot even take its own away.
        const auto staged = SourceStore::of(**store).stageSegment(makeSegment(kKept, 0, 5, kStart));
        VERIFY_OK(staged);
        FaultVfs::arm(full);
        const Status dropped = SourceStore::of(**store).dropStagedSegments({&*staged, 1});
        FaultVfs::disarm();
        QVERIFY(!dropped);
        QCOMPARE(dropped.error().kind, ErrorKind::DiskFull);
        QTRY_COMPARE_WITH_TIMEOUT(numberIn(folder.file(), count), std::int64_t{0}, 40'000);
    }
};

QTEST_GUILESS_MAIN(TestRemovedDamage)
#include "tst_removed_damage.moc"
