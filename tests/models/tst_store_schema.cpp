#include "models/base/hash.h"
#include "models/store/schema.h"
#include "models/store/segment_table.h"
#include "models/store/source_store.h"
#include "models/store/source_table.h"
#include "models/store/store.h"
#include "models/store/writer.h"
#include "tests/support/fault_vfs.h"
#include "tests/support/store_fixture.h"

#include <QFile>
#include <QTest>

#include <map>
#include <set>

using namespace faultline;
using namespace faultline::testing;

namespace {

constexpr TimeNs kStart = 1'700'000'000 * kSecondNs;
constexpr int kSegments = 7;

// A store of version 1 as the first release would have left it: its schema by script, its rows without
// checksums.
Status makeVersion1(const std::string& path)
{
    auto opened = Writer::openConnection(path, {}, true);
    if (!opened) return std::move(opened).error();
    Connection& connection = **opened;
    if (auto done = connection.execute("PRAGMA page_size=16384; PRAGMA journal_mode=WAL"); !done) return done;
    if (auto done = connection.execute(schemaVersion1()); !done) return done;
    // Rows are written by the code of today, which wants the new column; it leaves again at the end.
    if (auto done = connection.execute("ALTER TABLE directory ADD COLUMN checksums BLOB"); !done) return done;
    FieldNumbers fields;
    auto source = insertSource(connection, makeSource("old"));
    if (!source) return std::move(source).error();
    for (int n = 0; n < kSegments; ++n) {
        CommitBatch batch =
            makeBatch(*source, static_cast<Ordinal>(n) * 20, 20, kStart + TimeNs{n} * 20 * kSecondNs, 1);
        auto inserted = insertSegment(connection, fields, batch.segments[0], kStart);
        if (!inserted) return std::move(inserted).error();
        if (auto done = applySourceUpdate(connection, batch.sources[0]); !done) return done;
        if (auto done = insertQuarantine(connection, batch.quarantine[0]); !done) return done;
        if (auto done = bumpGeneration(connection); !done) return done;
    }
    if (auto done = connection.execute("ALTER TABLE directory DROP COLUMN checksums"); !done) return done;
    if (auto done = connection.checkpoint(true); !done) return done;
    connection.setCheckpointOnClose(true);
    return {};
}

// Table -> hash of all its rows, columns of version 1 only.
Result<std::map<std::string, std::string>> rowHashes(const std::string& path)
{
    auto connection = Connection::open(path, {});
    if (!connection) return std::move(connection).error();
    std::map<std::string, std::string> hashes;
    for (const char* sql :
         {"SELECT * FROM field ORDER BY 1", "SELECT * FROM segment ORDER BY 1",
          "SELECT segment, data FROM directory ORDER BY 1", "SELECT * FROM chunk ORDER BY 1",
          "SELECT * FROM source ORDER BY 1", "SELECT * FROM checkpoint ORDER BY 1, 2",
          "SELECT * FROM quarantine ORDER BY 1"}) {
        auto rows = (*connection)->prepare(sql);
        if (!rows) return std::move(rows).error();
        RunningHash hash;
        for (;;) {
            auto row = rows->step();
            if (!row) return std::move(row).error();
            if (!*row) break;
            for (int i = 0; i < rows->columns(); ++i) {
                const std::string value = rows->text(i);
                hash.add(std::to_string(value.size()) + (rows->isNull(i) ? "N" : ":"));
                hash.add(value);
            }
        }
        hashes[sql] = hash.digest().hex();
    }
    return hashes;
}

Result<SchemaState> stateOf(const std::string& path)
{
    auto connection = Connection::open(path, {});
    if (!connection) return std::move(connection).error();
    return readSchema(**connection);
}

Result<std::string> shapeOf(const std::string& path)
{
    auto connection = Connection::open(path, {});
    if (!connection) return std::move(connection).error();
    auto rows = (*connection)->prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name");
    if (!rows) return std::move(rows).error();
    std::string shape;
    for (;;) {
        auto row = rows->step();
        if (!row) return std::move(row).error();
        if (!*row) return shape;
        shape += rows->text(0) + "\n";
    }
}

Status runSql(const std::string& path, const char* sql)
{
    auto connection = Writer::openConnection(path, {}, false);
    if (!connection) return std::move(connection).error();
    if (auto done = (*connection)->execute(sql); !done) return done;
    if (auto done = (*connection)->checkpoint(true); !done) return done;
    (*connection)->setCheckpointOnClose(true);
    return {};
}

} // namespace

class TestStoreSchema : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void version1IsBroughtToToday();
    void version2IsBroughtToToday();
    void version3IsBroughtToToday();
    void interruptedMigrationResumes();
    void migrationSurvivesEveryFault();
    void version1IsReadAsItIs();
    void newerStoreIsRefused();
    void newerStoreThatMayBeRead();
};

void TestStoreSchema::version1IsBroughtToToday()
{
    const StoreFolder folder;
    VERIFY_OK(makeVersion1(folder.file()));
    QCOMPARE(stateOf(folder.file()).value().version, std::int64_t{1});
    auto before = rowHashes(folder.file());
    VERIFY_OK(before);
    {
        auto store = Store::open(folder.file(), {});
        VERIFY_OK(store);
        QVERIFY((*store)->isWriter());
        QCOMPARE(documentsOf(**store).value().size(), std::size_t{20 * kSegments});
    }
    auto after = rowHashes(folder.file());
    VERIFY_OK(after);
    for (const auto& [table, hash] : *before) QVERIFY2((*after)[table] == hash, table.c_str());
    const SchemaState state = stateOf(folder.file()).value();
    QCOMPARE(state.version, std::int64_t{4});
    QCOMPARE(state.minReader, std::int64_t{3});
    QCOMPARE(state.minWriter, std::int64_t{4});
    {
        auto fresh = Store::open(folder.file("fresh"), {});
        VERIFY_OK(fresh);
    }
    QCOMPARE(QString::fromStdString(shapeOf(folder.file()).value()),
             QString::fromStdString(shapeOf(folder.file("fresh")).value()));
}

void TestStoreSchema::version2IsBroughtToToday()
{
    const StoreFolder folder;
    {
        auto store = Store::open(folder.file(), {});
        VERIFY_OK(store);
        auto source = (*store)->addSource(makeSource("a"));
        VERIFY_OK(source);
        VERIFY_OK((*store)->commit(makeBatch(*source, 0, 10, kStart)));
    }
    VERIFY_OK(runSql(folder.file(),
                     "UPDATE meta SET value = 1 WHERE key = 'min_reader'; UPDATE meta SET value = 2 "
                     "WHERE key = 'min_writer'; PRAGMA user_version = 2"));
    auto before = rowHashes(folder.file());
    VERIFY_OK(before);
    {
        Store::Options options;
        options.mode = Store::Mode::ReadOnly;
        auto store = Store::open(folder.file(), options);
        VERIFY_OK(store);
        QCOMPARE(stateOf(folder.file()).value().version, std::int64_t{2});
        QCOMPARE(documentsOf(**store).value().size(), std::size_t{10});
    }
    VERIFY_OK(Store::open(folder.file(), {}));
    const SchemaState state = stateOf(folder.file()).value();
    QVERIFY(state.version == 4 && state.minReader == 3 && state.minWriter == 4);
    QVERIFY(rowHashes(folder.file()).value() == *before);
}

// Tables for what can be taken back: a reader of version 3 passes over them, and a store of version 3 that is
// only read has none.
void TestStoreSchema::version3IsBroughtToToday()
{
    const StoreFolder folder;
    SourceId id;
    {
        auto store = Store::open(folder.file(), {});
        VERIFY_OK(store);
        auto source = (*store)->addSource(makeSource("a"));
        VERIFY_OK(source);
        id = *source;
        VERIFY_OK((*store)->commit(makeBatch(*source, 0, 10, kStart)));
    }
    const std::string shape = shapeOf(folder.file()).value();
    VERIFY_OK(runSql(folder.file(),
                     "DROP TABLE source_change; DROP TABLE removed_source; DROP TABLE removed_checkpoint; "
                     "DROP TABLE removed_quarantine; DROP TABLE removed_mask; "
                     "UPDATE meta SET value = 3 WHERE key = 'min_writer'; PRAGMA user_version = 3"));
    auto before = rowHashes(folder.file());
    VERIFY_OK(before);
    {
        Store::Options options;
        options.mode = Store::Mode::ReadOnly;
        auto store = Store::open(folder.file(), options);
        VERIFY_OK(store);
        QCOMPARE(documentsOf(**store).value().size(), std::size_t{10});
        QVERIFY(SourceStore::of(*(*store)).removedSources().value().empty());
        QVERIFY(SourceStore::of(*(*store)).sourceChanges(id).value().empty());
    }
    VERIFY_OK(Store::open(folder.file(), {}));
    const SchemaState state = stateOf(folder.file()).value();
    QVERIFY(state.version == 4 && state.minReader == 3 && state.minWriter == 4);
    QVERIFY(rowHashes(folder.file()).value() == *before);
    QCOMPARE(QString::fromStdString(shapeOf(folder.file()).value()), QString::fromStdString(shape));
}

void TestStoreSchema::interruptedMigrationResumes()
{
    const StoreFolder folder;
    VERIFY_OK(makeVersion1(folder.file()));
    auto before = rowHashes(folder.file());
    VERIFY_OK(before);
    {
        auto connection = Writer::openConnection(folder.file(), {}, false);
        VERIFY_OK(connection);
        std::stop_source stop;
        stop.request_stop();
        auto stopped = migrateSchema(**connection, stop.get_token());
        QVERIFY(!stopped);
        QCOMPARE(stopped.error().kind, ErrorKind::Cancelled);
    }
    QCOMPARE(stateOf(folder.file()).value().version, std::int64_t{1});
    auto store = Store::open(folder.file(), {});
    VERIFY_OK(store);
    QCOMPARE(documentsOf(**store).value().size(), std::size_t{20 * kSegments});
    QCOMPARE(stateOf(folder.file()).value().version, kSchemaVersion);
    QVERIFY(rowHashes(folder.file()).value() == *before);
}

void TestStoreSchema::migrationSurvivesEveryFault()
{
    const StoreFolder folder;
    VERIFY_OK(makeVersion1(folder.file("master")));
    auto before = rowHashes(folder.file("master"));
    VERIFY_OK(before);
    Store::Options options;
    options.vfs = FaultVfs::name();
    Fault fault;
    fault.calls = IoWrite | IoSync;
    FaultVfs::arm(fault);
    QFile::copy(QString::fromStdString(folder.file("master")), QString::fromStdString(folder.file("count")));
    VERIFY_OK(Store::open(folder.file("count"), options));
    const std::uint64_t total = FaultVfs::calls();
    FaultVfs::disarm();
    std::set<std::int64_t> versions;
    for (std::uint64_t k = 1; k <= total; k += 2) {
        const std::string path = folder.file(("k" + std::to_string(k)).c_str());
        QVERIFY(QFile::copy(QString::fromStdString(folder.file("master")), QString::fromStdString(path)));
        fault.at = k;
        fault.sticky = true;
        FaultVfs::arm(fault);
        (void)Store::open(path, options).ok();
        FaultVfs::disarm();
        versions.insert(stateOf(path).value().version);
        auto store = Store::open(path, options);
        VERIFY_OK(store);
        const std::string message = "call " + std::to_string(k);
        QVERIFY2(stateOf(path).value().version == kSchemaVersion, message.c_str());
        QVERIFY2(rowHashes(path).value() == *before, message.c_str());
    }
    QVERIFY2(versions.count(1) == 1, "some of the faults interrupted the migration");
}

void TestStoreSchema::version1IsReadAsItIs()
{
    const StoreFolder folder;
    VERIFY_OK(makeVersion1(folder.file()));
    Store::Options options;
    options.mode = Store::Mode::ReadOnly;
    auto store = Store::open(folder.file(), options);
    VERIFY_OK(store);
    QCOMPARE(documentsOf(**store).value().size(), std::size_t{20 * kSegments});
    QCOMPARE(stateOf(folder.file()).value().version, std::int64_t{1});
    // The writer of the newer version beside it: both see the same events.
    auto writer = Store::open(folder.file(), {});
    VERIFY_OK(writer);
    QVERIFY((*writer)->isWriter());
    VERIFY_OK((*writer)->commit(makeBatch(SourceId{1}, 1000, 10, kStart + 1000 * kSecondNs)));
    QVERIFY(documentsOf(**store).value() == documentsOf(**writer).value());
}

void TestStoreSchema::newerStoreIsRefused()
{
    const StoreFolder folder;
    VERIFY_OK(Store::open(folder.file(), {}));
    VERIFY_OK(runSql(
        folder.file(),
        "UPDATE meta SET value = 9 WHERE key IN ('min_reader', 'min_writer'); PRAGMA user_version = 9"));
    auto hashes = rowHashes(folder.file());
    VERIFY_OK(hashes);
    for (const auto mode : {Store::Mode::ReadWrite, Store::Mode::ReadOnly, Store::Mode::Immutable}) {
        Store::Options options;
        options.mode = mode;
        auto store = Store::open(folder.file(), options);
        QVERIFY(!store);
        QCOMPARE(store.error().kind, ErrorKind::Unsupported);
        QVERIFY2(store.error().why.find("newer") != std::string::npos && !store.error().hints.empty(),
                 "says what to do");
    }
    QVERIFY2(rowHashes(folder.file()).value() == *hashes, "nothing was changed");
}

void TestStoreSchema::newerStoreThatMayBeRead()
{
    const StoreFolder folder;
    {
        auto store = Store::open(folder.file(), {});
        VERIFY_OK(store);
        auto source = (*store)->addSource(makeSource("a"));
        VERIFY_OK(source);
        VERIFY_OK((*store)->commit(makeBatch(*source, 0, 10, kStart)));
    }
    VERIFY_OK(runSql(folder.file(),
                     "UPDATE meta SET value = 5 WHERE key = 'min_writer'; PRAGMA user_version = 5; "
                     "ALTER TABLE source ADD COLUMN of_tomorrow"));
    auto store = Store::open(folder.file(), {});
    VERIFY_OK(store);
    QVERIFY2(!(*store)->isWriter(), "min_writer keeps this program from writing");
    QCOMPARE(documentsOf(**store).value().size(), std::size_t{10});
    QCOMPARE((*store)->sources().value().size(), std::size_t{1});
}

QTEST_APPLESS_MAIN(TestStoreSchema)
#include "tst_store_schema.moc"
