#include "models/store/doctor.h"
#include "models/store/read_connection.h"
#include "models/store/segment_table.h"
#include "models/store/store.h"
#include "models/store/writer.h"
#include "tests/support/store_fixture.h"

#include <QFile>
#include <QTest>

#include <algorithm>
#include <filesystem>
#include <random>
#include <set>

using namespace faultline;
using namespace faultline::testing;

namespace {

constexpr TimeNs kStart = 1'700'000'000 * kSecondNs;
constexpr RowIndex kRows = 60;
constexpr int kSegments = 6;

// Six segments of one source, with rejects; `keepLog`: the log is left beside it, as after a kill.
void makeStore(const std::string& path, const std::string& liveCopy = {})
{
    auto store = Store::open(path, {});
    VERIFY_OK(store);
    auto source = (*store)->addSource(makeSource("app"));
    VERIFY_OK(source);
    for (int n = 0; n < kSegments; ++n) {
        const auto first = static_cast<Ordinal>(n) * kRows;
        VERIFY_OK((*store)->commit(
            makeBatch(*source, first, kRows, kStart + static_cast<TimeNs>(first) * kSecondNs, 2)));
    }
    if (liveCopy.empty()) return;
    for (const char* suffix : {"", "-wal"}) {
        QVERIFY(
            QFile::copy(QString::fromStdString(path + suffix), QString::fromStdString(liveCopy + suffix)));
    }
}

void copyStore(const std::string& from, const std::string& to)
{
    for (const char* suffix : {"", "-wal", "-shm", "-lock"}) std::filesystem::remove(to + suffix);
    for (const char* suffix : {"", "-wal"}) {
        std::error_code failed;
        std::filesystem::copy_file(from + suffix, to + suffix, failed);
    }
}

QByteArray readAll(const std::string& path)
{
    QFile file(QString::fromStdString(path));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

void writeAll(const std::string& path, const QByteArray& bytes)
{
    QFile file(QString::fromStdString(path));
    QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Truncate));
    QCOMPARE(file.write(bytes), bytes.size());
}

// Finds the bytes of a chunk in the file and flips one bit of them.
void flipInChunk(const std::string& path, std::int64_t segment, std::int64_t column)
{
    std::string chunk;
    {
        auto connection = openReadConnection(path, {}, true);
        VERIFY_OK(connection);
        auto bytes = readChunk(**connection, segment, static_cast<ColumnIndex>(column));
        VERIFY_OK(bytes);
        chunk = *bytes;
    }
    QVERIFY(!chunk.empty());
    QByteArray file = readAll(path);
    const auto place = file.indexOf(QByteArray::fromStdString(chunk));
    QVERIFY2(place > 0, "the chunk lies in one piece");
    const auto at = place + static_cast<qsizetype>(chunk.size() / 2);
    file[at] = static_cast<char>(file[at] ^ 1);
    writeAll(path, file);
}

Status runSql(const std::string& path, const char* sql)
{
    auto connection = Writer::openConnection(path, {}, false);
    if (!connection) return std::move(connection).error();
    return (*connection)->execute(sql);
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

std::string print(const DoctorReport& report)
{
    std::string text;
    for (const auto& finding : report.findings) {
        text += std::to_string(static_cast<int>(finding.grade)) + " " + finding.where + ": " + finding.what +
                "\n";
    }
    return text;
}

QByteArray damage(QByteArray bytes, std::mt19937& random)
{
    const auto size = static_cast<std::uint32_t>(bytes.size());
    if (size == 0) return bytes;
    const std::uint32_t at = random() % size;
    const std::uint32_t length = std::min<std::uint32_t>(size - at, 1U << (random() % 15));
    switch (random() % 4) {
    case 0:
        for (int i = 0; i < 20; ++i) {
            const auto place = static_cast<qsizetype>(random() % size);
            bytes[place] = static_cast<char>(bytes[place] ^ (1 << (random() % 8)));
        }
        break;
    case 1: bytes.replace(at, length, QByteArray(length, '\0')); break;
    case 2: bytes.truncate(at); break;
    default:
        for (std::uint32_t i = 0; i < length; ++i) bytes[at + i] = static_cast<char>(random());
        break;
    }
    return bytes;
}

// Whatever can still be read must be what was written. Returns the number of documents.
std::size_t readEverything(const std::string& path, const std::set<std::string>& originals,
                           std::string& fault)
{
    Store::Options options;
    options.create = false;
    options.readers = 2;
    auto opened = Store::open(path, options);
    if (!opened) return 0;
    Store& store = **opened;
    (void)store.sources(true).ok();
    (void)store.quarantine(std::nullopt, 0, 1000).ok();
    (void)store.settings("").ok();
    auto snapshot = store.snapshot();
    if (!snapshot) return 0;
    std::size_t count = 0;
    for (const auto& entry : (*snapshot)->segments) {
        StoreSnapshot one;
        one.segments.push_back(entry);
        auto documents = documentsOf(one, store);
        if (!documents) continue;
        for (const auto& document : *documents) {
            if (originals.count(document) == 0) fault = "a document that was never written: " + document;
        }
        count += documents->size();
    }
    return count;
}

} // namespace

class TestStoreDamage : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void soundStoreIsHealthy();
    void flippedBitInAChunk();
    void flippedBitInADirectory();
    void orphansAndWrongAccounts();
    void brokenTreeIsWrittenAnew();
    void randomDamage_data();
    void randomDamage();
};

void TestStoreDamage::soundStoreIsHealthy()
{
    const StoreFolder folder;
    makeStore(folder.file());
    const DoctorReport report = examine(folder.file(), false);
    QVERIFY2(report.findings.empty(), print(report).c_str());
    QCOMPARE(report.segments, std::uint64_t{kSegments});
    QCOMPARE(report.events, std::uint64_t{kSegments * kRows});
    QCOMPARE(report.sources, std::uint64_t{1});
    {
        auto store = Store::open(folder.file(), {});
        VERIFY_OK(store);
        auto snapshot = (*store)->snapshot();
        VERIFY_OK(snapshot);
        VERIFY_OK((*store)->deleteRows((*snapshot)->segments[2].info->id, {0xf0}));
        VERIFY_OK((*store)->mergeSmallSegments());
        auto busy = runDoctor(folder.file(), {true, {}, nullptr, {}, {}});
        QVERIFY(!busy);
        QCOMPARE(busy.error().kind, ErrorKind::Locked);
        const DoctorReport beside = examine(folder.file(), false);
        QVERIFY2(beside.findings.empty(), print(beside).c_str());
        QCOMPARE(beside.events, std::uint64_t{kSegments * kRows - 4});
    }
    QVERIFY(examine(folder.file(), true).findings.empty());
}

void TestStoreDamage::flippedBitInAChunk()
{
    const StoreFolder folder;
    makeStore(folder.file());
    flipInChunk(folder.file(), 3, RowColumnCount); // the message
    {
        auto store = Store::open(folder.file(), {});
        VERIFY_OK(store);
        auto documents = documentsOf(**store);
        QVERIFY2(!documents, "a flipped bit is an error, not another text");
        QCOMPARE(documents.error().kind, ErrorKind::Damaged);
        QVERIFY(!documents.error().hints.empty());
    }
    const DoctorReport found = examine(folder.file(), false);
    QVERIFY(!found.healthy());
    QCOMPARE(found.findings.size(), std::size_t{1});
    QCOMPARE(found.findings[0].where, std::string("segment 3"));
    QCOMPARE(found.findings[0].events, std::uint64_t{kRows});
    const DoctorReport repaired = examine(folder.file(), true);
    QVERIFY2(repaired.healthy(), print(repaired).c_str());
    QCOMPARE(repaired.lostEvents, std::uint64_t{kRows});
    const DoctorReport after = examine(folder.file(), false);
    QVERIFY2(after.findings.empty(), print(after).c_str());
    auto store = Store::open(folder.file(), {});
    VERIFY_OK(store);
    QCOMPARE(documentsOf(**store).value().size(), std::size_t{(kSegments - 1) * kRows});
    auto connection = openReadConnection(folder.file(), {}, false);
    VERIFY_OK(connection);
    QCOMPARE((*connection)->number("SELECT rows FROM damaged WHERE segment = 3").value(),
             std::int64_t{kRows});
    QCOMPARE((*connection)->number("SELECT lost_events FROM source").value(), std::int64_t{kRows});
}

void TestStoreDamage::flippedBitInADirectory()
{
    const StoreFolder folder;
    makeStore(folder.file());
    VERIFY_OK(
        runSql(folder.file(),
               "UPDATE directory SET data = substr(data, 1, length(data) - 1) || x'ff' WHERE segment = 2"));
    auto store = Store::open(folder.file(), {});
    VERIFY_OK(store);
    auto snapshot = (*store)->snapshot();
    QVERIFY(!snapshot);
    QCOMPARE(snapshot.error().kind, ErrorKind::Damaged);
    store = Result<std::shared_ptr<Store>>(std::shared_ptr<Store>());
    const DoctorReport repaired = examine(folder.file(), true);
    QVERIFY2(repaired.healthy() && repaired.lostEvents == kRows, print(repaired).c_str());
    store = Store::open(folder.file(), {});
    VERIFY_OK(store);
    QCOMPARE(documentsOf(**store).value().size(), std::size_t{(kSegments - 1) * kRows});
}

void TestStoreDamage::orphansAndWrongAccounts()
{
    const StoreFolder folder;
    makeStore(folder.file());
    VERIFY_OK(
        runSql(folder.file(),
               "INSERT INTO chunk(id, segment, field, encoding, rows, raw_bytes, data) VALUES(2048000, 1000, "
               "1, 1, 1, 1, x'00');"
               "INSERT INTO mask VALUES(77, 1, 1, x'01');"
               "UPDATE source SET events = events + 5;"
               "UPDATE checkpoint SET records = 1 WHERE position = (SELECT max(position) FROM checkpoint)"));
    const DoctorReport found = examine(folder.file(), false);
    QCOMPARE(found.findings.size(), std::size_t{4});
    QVERIFY(!found.healthy());
    const DoctorReport repaired = examine(folder.file(), true);
    QCOMPARE(repaired.lostEvents, std::uint64_t{5});
    QVERIFY2(!repaired.healthy(), "checkpoints that run backwards are said and not touched");
    const DoctorReport after = examine(folder.file(), false);
    QVERIFY2(after.findings.size() == 1, print(after).c_str());
}

void TestStoreDamage::brokenTreeIsWrittenAnew()
{
    const StoreFolder folder;
    makeStore(folder.file());
    std::int64_t page = 0;
    {
        auto connection = openReadConnection(folder.file(), {}, true);
        VERIFY_OK(connection);
        page = (*connection)->number("SELECT rootpage FROM sqlite_schema WHERE name = 'quarantine'").value();
    }
    QByteArray bytes = readAll(folder.file());
    bytes.replace((page - 1) * 16384, 16384, QByteArray(16384, '\x5a'));
    writeAll(folder.file(), bytes);
    QVERIFY(!examine(folder.file(), false).healthy());
    const DoctorReport repaired = examine(folder.file(), true);
    QVERIFY2(!repaired.keptFile.empty() && QFile::exists(QString::fromStdString(repaired.keptFile)),
             print(repaired).c_str());
    QVERIFY2(std::any_of(repaired.findings.begin(), repaired.findings.end(),
                         [](const auto& f) {
                             return f.grade == DoctorFinding::Grade::Lost && f.where == "table quarantine";
                         }),
             print(repaired).c_str());
    auto store = Store::open(folder.file(), {});
    VERIFY_OK(store);
    QCOMPARE(documentsOf(**store).value().size(), std::size_t{kSegments * kRows});
    VERIFY_OK((*store)->commit(makeBatch(SourceId{1}, 1000, 5, kStart)));
}

void TestStoreDamage::randomDamage_data()
{
    QTest::addColumn<bool>("log");
    QTest::newRow("database") << false;
    QTest::newRow("write-ahead log") << true;
}

void TestStoreDamage::randomDamage()
{
    QFETCH(bool, log);
    const StoreFolder folder;
    const std::string master = folder.file("master");
    const std::string live = folder.file("live");
    makeStore(master, live);
    std::set<std::string> originals;
    for (Ordinal n = 0; n < Ordinal{kRows} * kSegments; ++n) originals.insert(documentOf(SourceId{1}, n));
    const std::string& from = log ? live : master;
    const QByteArray sound = readAll(log ? from + "-wal" : from);
    QVERIFY(sound.size() > 10'000);
    int harmed = 0, saved = 0;
    for (std::uint32_t seed = 1; seed <= 40; ++seed) {
        std::mt19937 random(seed);
        const std::string path = folder.file("hurt");
        copyStore(from, path);
        writeAll(log ? path + "-wal" : path, damage(sound, random));
        std::string fault;
        const std::size_t before = readEverything(path, originals, fault);
        const std::string name = "seed " + std::to_string(seed) + ": ";
        QVERIFY2(fault.empty(), (name + fault).c_str());
        if (before < originals.size()) ++harmed;
        DoctorOptions options;
        options.repair = true;
        auto report = runDoctor(path, options);
        const std::size_t after = readEverything(path, originals, fault);
        QVERIFY2(fault.empty(), (name + fault).c_str());
        if (!report) continue; // its first page is gone, or nothing is left of it
        QVERIFY2(after >= before,
                 (name + "a repair loses nothing that could be read: " + std::to_string(before) +
                  " before, " + std::to_string(after) + " after\n" + print(*report))
                     .c_str());
        if (after > before) ++saved;
        for (const auto& entry : std::filesystem::directory_iterator(folder.file(""))) {
            if (entry.path().filename().string().starts_with("hurt.")) std::filesystem::remove(entry.path());
        }
    }
    QVERIFY2(harmed > 3, "the damage was felt");
    QVERIFY2(log || saved > 0, "doctor saved something");
}

QTEST_APPLESS_MAIN(TestStoreDamage)
#include "tst_store_damage.moc"
