#include "models/query/local_engine.h"
#include "models/store/doctor.h"
#include "models/store/read_connection.h"
#include "models/store/segment_rescue.h"
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
            // What doctor saved of a damaged event is marked; its bytes show where.
            if (document.find("\xEF\xBF\xBD") != std::string::npos ||
                document.find(":null") != std::string::npos)
                continue;
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
    void eachPart_data();
    void eachPart();
    void rowsWithoutTheDamagedColumnStayWhole();
    void answersSayWhatTheyMiss();
    void flippedBitInADirectory();
    void orphansAndWrongAccounts();
    void cutShort();
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
    QCOMPARE(repaired.lostEvents, std::uint64_t{0});
    QCOMPARE(repaired.damagedEvents, std::uint64_t{kRows});
    QVERIFY2(repaired.findings[0].what.find("(fields message): source 1: ordinals 120-179 (60 events)") !=
                 std::string::npos,
             print(repaired).c_str());
    const DoctorReport after = examine(folder.file(), false);
    QVERIFY2(after.findings.empty(), print(after).c_str());
    auto store = Store::open(folder.file(), {});
    VERIFY_OK(store);
    const auto documents = documentsOf(**store);
    VERIFY_OK(documents);
    QCOMPARE(documents->size(), std::size_t{kSegments * kRows});
    QCOMPARE((*documents)[119], documentOf(SourceId{1}, 119));
    QCOMPARE((*documents)[120], std::string("{\"message\":\"\xEF\xBF\xBD\",\"n\":120}"));
    QCOMPARE((*documents)[180], documentOf(SourceId{1}, 180));
    auto connection = openReadConnection(folder.file(), {}, false);
    VERIFY_OK(connection);
    QCOMPARE((*connection)->number("SELECT rows FROM damaged WHERE segment = 3").value(),
             std::int64_t{kRows});
    QCOMPARE((*connection)->number("SELECT lost_events FROM source").value(), std::int64_t{0});
}

// One damaged part of segment 3, whichever it is: what is left of its events, and how many are lost.
void TestStoreDamage::eachPart_data()
{
    QTest::addColumn<int>("column");
    QTest::addColumn<int>("damaged");
    QTest::addColumn<int>("lost");
    const int all = kRows;
    QTest::newRow("time") << int{TimeColumn} << all << 0;
    QTest::newRow("severity") << int{SeverityColumn} << all << 0;
    QTest::newRow("source, of which there is one") << int{SourceColumn} << 0 << 0;
    QTest::newRow("ordinal") << int{OrdinalColumn} << 0 << all;
    QTest::newRow("flags") << int{FlagsColumn} << all << 0;
    QTest::newRow("shape") << int{ShapeColumn} << all << 0;
    QTest::newRow("raw, which no event has") << int{RawColumn} << 0 << 0;
    QTest::newRow("a number") << int{RowColumnCount} + 1 << all << 0;
}

void TestStoreDamage::eachPart()
{
    QFETCH(int, column);
    QFETCH(int, damaged);
    QFETCH(int, lost);
    const StoreFolder folder;
    makeStore(folder.file());
    VERIFY_OK(runSql(
        folder.file(),
        ("UPDATE chunk SET data = x'00' || data WHERE id = 3 * 2048 + " + std::to_string(column)).c_str()));
    const DoctorReport found = examine(folder.file(), false);
    QCOMPARE(found.findings.size(), std::size_t{1});
    const DoctorReport repaired = examine(folder.file(), true);
    QVERIFY2(repaired.healthy(), print(repaired).c_str());
    QCOMPARE(repaired.damagedEvents, static_cast<std::uint64_t>(damaged));
    QCOMPARE(repaired.lostEvents, static_cast<std::uint64_t>(lost));
    QCOMPARE(repaired.events, static_cast<std::uint64_t>(kSegments * kRows - lost));
    const DoctorReport after = examine(folder.file(), false);
    QVERIFY2(after.findings.empty(), print(after).c_str());
    auto store = Store::open(folder.file(), {});
    VERIFY_OK(store);
    auto snapshot = (*store)->snapshot();
    VERIFY_OK(snapshot);
    QCOMPARE((*snapshot)->events, static_cast<std::uint64_t>(kSegments * kRows - lost));
    std::uint64_t marked = 0;
    for (const auto& entry : (*snapshot)->segments) {
        auto flags = (*store)->column(*entry.info, FlagsColumn);
        VERIFY_OK(flags);
        for (RowIndex r = 0; r < entry.info->rows; ++r) marked += ((*flags)->ints.at(r) & FlagDamaged) != 0;
    }
    QCOMPARE(marked, static_cast<std::uint64_t>(damaged));
    VERIFY_OK(documentsOf(**store));
}

// Only the event that has the damaged value is touched.
void TestStoreDamage::rowsWithoutTheDamagedColumnStayWhole()
{
    const StoreFolder folder;
    {
        auto store = Store::open(folder.file(), {});
        VERIFY_OK(store);
        auto source = (*store)->addSource(makeSource("app"));
        VERIFY_OK(source);
        CommitBatch batch = makeBatch(*source, 0, 4, kStart);
        SegmentBuilder builder;
        const ColumnIndex message = builder.column("message", ValueKind::Text);
        const ColumnIndex user = builder.column("user", ValueKind::Text);
        Shape plain;
        plain.literals = {"{\"message\":\"", "\"}"};
        plain.slots = {{message, SlotStyle::JsonString, {}}};
        Shape named = plain;
        named.literals = {"{\"message\":\"", "\",\"user\":\"", "\"}"};
        named.slots.push_back({user, SlotStyle::JsonString, {}});
        Shape raw;
        raw.raw = true;
        for (Ordinal n = 0; n < 4; ++n) {
            RowHeader header{kStart + static_cast<TimeNs>(n), n, *source,
                             builder.shape(n == 2   ? named
                                           : n == 3 ? raw
                                                    : plain)};
            if (n == 3)
                builder.addText(RawColumn, "{ \"odd\" : 1 }");
            else
                builder.addText(message, "m" + std::to_string(n));
            if (n == 2) builder.addText(user, "somebody with a name");
            builder.endRow(header);
        }
        batch.segments = {};
        batch.segments.push_back(builder.seal());
        VERIFY_OK((*store)->commit(std::move(batch)));
    }
    VERIFY_OK(runSql(folder.file(),
                     "UPDATE chunk SET data = x'00' || data WHERE field = (SELECT id FROM field "
                     "WHERE path = 'user')"));
    const DoctorReport repaired = examine(folder.file(), true);
    QCOMPARE(repaired.damagedEvents, std::uint64_t{1});
    QCOMPARE(repaired.lostEvents, std::uint64_t{0});
    QVERIFY2(repaired.findings[0].what.find("source 1: ordinals 2 (1 events)") != std::string::npos,
             print(repaired).c_str());
    auto store = Store::open(folder.file(), {});
    VERIFY_OK(store);
    const auto documents = documentsOf(**store);
    VERIFY_OK(documents);
    const std::vector<std::string> expected = {"{\"message\":\"m0\"}", "{\"message\":\"m1\"}",
                                               "{\"message\":\"m2\",\"user\":\"\xEF\xBF\xBD\"}",
                                               "{ \"odd\" : 1 }"};
    QCOMPARE(*documents, expected);
}

// An answer is exact over what can be read, and says what it could not see.
void TestStoreDamage::answersSayWhatTheyMiss()
{
    const StoreFolder folder;
    makeStore(folder.file());
    VERIFY_OK(runSql(folder.file(), "UPDATE directory SET data = x'00' || data WHERE segment = 2;"
                                    "UPDATE chunk SET data = x'00' || data WHERE id = 4 * 2048 + 9"));
    auto store = Store::open(folder.file(), {});
    VERIFY_OK(store);
    LocalEngine engine(scanSourceOf(*store), std::make_shared<WorkerPool>(2));
    const auto count = [&](const char* query, TimeRange range) -> std::uint64_t {
        CountQuestion question;
        question.selection.filter = parseFilter(query, kStart).value();
        question.selection.range = range;
        auto answer = engine.ask(question, {}, {});
        return answer ? std::get<CountAnswer>(*answer).count : ~std::uint64_t{0};
    };
    const auto after = [](int segment) {
        return TimeRange{kStart + (segment - 1) * TimeNs{kRows} * kSecondNs, kTimeMax};
    };
    QCOMPARE(count("n>=0", after(5)), std::uint64_t{2 * kRows});
    QVERIFY2(engine.missed().empty(), "the range has nothing of the damaged ones");
    QCOMPARE(count("n>=0", {}), std::uint64_t{(kSegments - 1) * kRows});
    QCOMPARE(engine.missed().size(), std::size_t{1});
    QCOMPARE(engine.missed()[0].segment, SegmentId{2});
    QCOMPARE(engine.missed()[0].events, std::uint64_t{kRows});
    QVERIFY(engine.missed()[0].line().find(
                "segment 2 (60 events) cannot be read: the checksum of its directory") == 0);
    QCOMPARE(count("message:request", {}), std::uint64_t{(kSegments - 2) * kRows});
    QCOMPARE(engine.missed().size(), std::size_t{2});
    QVERIFY2(engine.missed()[1].line().find("message: its checksum") != std::string::npos,
             engine.missed()[1].line().c_str());
    // Pages read their columns at the end.
    PageQuestion page;
    page.limit = 1000;
    page.withDocument = true;
    auto rows = engine.ask(page, {}, {});
    VERIFY_OK(rows);
    QCOMPARE(std::get<PageAnswer>(*rows).rows.size(), std::size_t{(kSegments - 2) * kRows});
    // The sound ones merge; the damaged ones stay for doctor.
    VERIFY_OK((*store)->mergeSmallSegments());
    auto snapshot = (*store)->snapshot();
    VERIFY_OK(snapshot);
    QCOMPARE((*snapshot)->unreadable.size(), std::size_t{1});
    QCOMPARE((*snapshot)->segments.size(), std::size_t{2});
    QCOMPARE(count("n>=0", {}), std::uint64_t{(kSegments - 1) * kRows});
}

void TestStoreDamage::flippedBitInADirectory()
{
    const StoreFolder folder;
    makeStore(folder.file());
    VERIFY_OK(
        runSql(folder.file(),
               "UPDATE directory SET data = substr(data, 1, length(data) - 1) || x'ff' WHERE segment = 2"));
    {
        auto store = Store::open(folder.file(), {});
        VERIFY_OK(store);
        auto snapshot = (*store)->snapshot();
        VERIFY_OK(snapshot);
        QCOMPARE((*snapshot)->segments.size(), std::size_t{kSegments - 1});
        QCOMPARE((*snapshot)->unreadable.size(), std::size_t{1});
        QCOMPARE((*snapshot)->unreadable[0].id, SegmentId{2});
        QCOMPARE((*snapshot)->unreadable[0].events, std::uint64_t{kRows});
        QCOMPARE((*snapshot)->events, std::uint64_t{(kSegments - 1) * kRows});
        QCOMPARE(documentsOf(**store).value().size(), std::size_t{(kSegments - 1) * kRows});
    }
    // Without the directory the shapes are gone: the fields are there.
    const DoctorReport repaired = examine(folder.file(), true);
    QVERIFY2(repaired.healthy() && repaired.lostEvents == 0 && repaired.damagedEvents == kRows,
             print(repaired).c_str());
    auto store = Store::open(folder.file(), {});
    VERIFY_OK(store);
    const auto documents = documentsOf(**store);
    VERIFY_OK(documents);
    QCOMPARE(documents->size(), std::size_t{kSegments * kRows});
    QCOMPARE((*documents)[60], documentOf(SourceId{1}, 60)); // flat JSON in the order of its columns
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

// A copy that ended too early: SQLite reads nothing of it; what its pages still have is saved.
void TestStoreDamage::cutShort()
{
    const StoreFolder folder;
    makeStore(folder.file());
    const auto size = std::filesystem::file_size(folder.file());
    std::filesystem::resize_file(folder.file(), size - 3 * 16'384 - 100);
    const DoctorReport found = examine(folder.file(), false);
    QVERIFY(!found.healthy());
    QVERIFY2(found.findings[0].what.find("49252 bytes are missing") != std::string::npos,
             print(found).c_str());
    const DoctorReport repaired = examine(folder.file(), true);
    QVERIFY2(!repaired.keptFile.empty() && repaired.events >= kRows, print(repaired).c_str());
    const DoctorReport after = examine(folder.file(), false);
    QVERIFY2(
        std::all_of(after.findings.begin(), after.findings.end(), // of the quarantine nothing is left
                    [](const auto& f) { return f.what.find("quarantined records") != std::string::npos; }),
        print(after).c_str());
    QCOMPARE(after.events, repaired.events);
    auto store = Store::open(folder.file(), {});
    VERIFY_OK(store);
    VERIFY_OK((*store)->commit(makeBatch(SourceId{1}, 1000, 5, kStart)));
    // Only its first page: nothing to save, and a store again.
    const std::string stump = folder.file("stump.faultline");
    makeStore(stump);
    std::filesystem::resize_file(stump, 20'000);
    const DoctorReport nothing = examine(stump, true);
    QVERIFY2(nothing.healthy() && nothing.events == 0, print(nothing).c_str());
    VERIFY_OK(Store::open(stump, {}));
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
    QCOMPARE(readAll(repaired.keptFile), bytes);
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
