#include "models/ingest/discover.h"
#include "models/ingest/input_streams.h"
#include "models/ingest/open_input.h"
#include "models/ingest/replay_input.h"
#include "models/ingest/resume.h"
#include "tests/support/packing.h"

#include <QTemporaryDir>
#include <QTest>

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <thread>

using namespace faultline;
using namespace faultline::test;
namespace fs = std::filesystem;

namespace {

constexpr TimeNs kNow = 1'769'860'800 * kSecondNs; // 2026-01-31T12:00:00Z

std::string lines(std::size_t count, unsigned seed)
{
    std::mt19937 random(seed);
    std::string text;
    for (std::size_t i = 0; i < count; ++i)
        text += "{\"n\":" + std::to_string(i) + ",\"id\":\"" + std::to_string(random()) + "\"}\n";
    return text;
}

/// As much of a store and a pipeline as the rules need: sources, their checkpoints, and the bytes that were
/// stored.
class Model
{
public:
    std::vector<SourceRecord> sources;
    std::map<std::uint32_t, std::string> stored; // by source
    std::vector<std::uint64_t> places;           // where commits fall, apart from the end of an input
    std::string spoolFolder;

    /// Reads an entry as the pipeline would; "new", "new after 100", "continue at 100", "duplicate", with
    /// ", renames" when an older generation gives way.
    std::string ingest(const InputEntry& entry, bool again = false)
    {
        ResumeRules rules;
        rules.again = again;
        rules.now = kNow;
        rules.spoolFolder = spoolFolder;
        auto decision = decideWhatIsNew(entry, KnownSources(sources), rules);
        if (!decision) return decision.error().line();
        std::string text;
        if (decision->holder && decision->renameHolder) {
            SourceRecord& holder = byId(*decision->holder);
            holder.path = olderName(holder.path, kNow);
            text = ", renames";
        }
        if (decision->what == Newness::Duplicate) return "duplicate" + text;
        SourceRecord* source = nullptr;
        const std::string at = std::to_string(decision->checkpoint.position);
        if (decision->what == Newness::Continue) {
            source = &byId(*decision->source);
            text = "continue at " + at + text;
        } else {
            sources.push_back({});
            source = &sources.back();
            source->id = SourceId{static_cast<std::uint32_t>(sources.size())};
            source->checkpoint = decision->checkpoint;
            if (decision->checkpoint.position > 0) source->checkpoints.push_back(decision->checkpoint);
            text = (decision->checkpoint.position > 0 ? "new after " + at : "new") + text;
        }
        if (!decision->keepPath) {
            source->path = entry.path;
            source->device = entry.device;
            source->inode = entry.inode;
        }
        read(*source, *decision);
        return text;
    }
    SourceRecord& byId(SourceId id) { return sources[id.value - 1]; }

private:
    void read(SourceRecord& source, ResumeDecision& decision)
    {
        std::uint64_t position = decision.checkpoint.position;
        const auto commit = [&] {
            if (position == source.checkpoint.position) return;
            source.checkpoint = {position, position / 10, position / 10, decision.hash.digest()};
            source.checkpoints.push_back(source.checkpoint);
        };
        std::vector<char> buffer(1u << 16);
        for (;;) {
            std::uint64_t wanted = buffer.size();
            for (const std::uint64_t place : places)
                if (place > position) wanted = std::min(wanted, place - position);
            auto chunk = decision.input->read(buffer.data(), static_cast<std::size_t>(wanted));
            if (!chunk) break;
            const std::string_view bytes(buffer.data(), chunk->bytes);
            decision.hash.add(bytes);
            stored[source.id.value] += bytes;
            position += bytes.size();
            if (std::find(places.begin(), places.end(), position) != places.end()) commit();
            if (chunk->eof) break;
        }
        commit();
    }
};

} // namespace

class TestWhichBytesAreNew : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<QTemporaryDir> m_folder;
    Model m_model;

    fs::path at(const std::string& name) const { return fs::path(m_folder->path().toStdString()) / name; }
    void write(const std::string& name, const std::string& bytes) const
    {
        std::ofstream(at(name), std::ios::binary | std::ios::trunc) << bytes;
    }
    void append(const std::string& name, const std::string& bytes) const
    {
        std::ofstream(at(name), std::ios::binary | std::ios::app) << bytes;
    }
    QString ingest(const std::string& name, bool again = false)
    {
        auto entries = discoverInputs({at(name).string()});
        if (!entries || entries->size() != 1) return QStringLiteral("not one entry");
        const InputEntry& entry = entries->front();
        if (!entry.skipReason.empty()) return QString::fromStdString(entry.skipReason);
        return QString::fromStdString(m_model.ingest(entry, again));
    }
    /// Through a real pipe, as standard input gives it.
    QString pipe(const std::string& bytes)
    {
        int ends[2] = {};
        if (::pipe(ends) != 0) return QStringLiteral("no pipe");
        std::jthread writer([&bytes, out = ends[1]] {
            for (std::size_t done = 0; done < bytes.size();) {
                const ssize_t now = ::write(out, bytes.data() + done, bytes.size() - done);
                if (now <= 0) break;
                done += static_cast<std::size_t>(now);
            }
            ::close(out);
        });
        InputEntry entry;
        entry.path = entry.name = "-";
        int calls = 0;
        entry.open = [&]() -> Result<std::unique_ptr<ByteInput>> {
            if (++calls > 1) return makeError(ErrorKind::Internal, "open", "a pipe cannot be opened again");
            auto stream = decodeStream(makePipeInput(ends[0], true, "pipe", {}), "pipe");
            return std::move(stream->input);
        };
        return QString::fromStdString(m_model.ingest(entry));
    }
    std::string storedBy(std::uint32_t source) { return m_model.stored[source]; }
    std::string storedInAll()
    {
        std::string all;
        for (const auto& [id, bytes] : m_model.stored) all += bytes;
        return all;
    }

private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_model = {};
    }

    void unchanged()
    {
        const std::string text = lines(100, 1);
        write("a.log", text);
        QCOMPARE(ingest("a.log"), QStringLiteral("new"));
        QCOMPARE(ingest("a.log"), QStringLiteral("continue at %1").arg(text.size()));
        QCOMPARE(storedInAll(), text);
    }
    void grown()
    {
        const std::string text = lines(100, 1), more = lines(50, 2);
        write("a.log", text);
        ingest("a.log");
        append("a.log", more);
        QCOMPARE(ingest("a.log"), QStringLiteral("continue at %1").arg(text.size()));
        QCOMPARE(storedBy(1), text + more);
        QCOMPARE(m_model.sources.size(), std::size_t(1));
    }
    void grownInTheMiddleOfARecord()
    {
        const std::string text = lines(100, 1);
        const std::size_t half = text.size() / 2 + 3;
        write("a.log", text.substr(0, half));
        ingest("a.log");
        append("a.log", text.substr(half));
        QCOMPARE(ingest("a.log"), QStringLiteral("continue at %1").arg(half));
        QCOMPARE(storedInAll(), text);
    }
    void killedBetweenCommits()
    {
        // The last commit was in the middle of the file, and in the middle of a record.
        const std::string text = lines(100, 1);
        write("a.log", text);
        m_model.places = {1001};
        ingest("a.log");
        SourceRecord& source = m_model.sources[0];
        source.checkpoints.resize(1);
        source.checkpoint = source.checkpoints[0];
        m_model.stored[1].resize(1001);
        QCOMPARE(ingest("a.log"), QStringLiteral("continue at 1001"));
        QCOMPARE(storedInAll(), text);
    }
    void renamed()
    {
        const std::string text = lines(100, 1);
        write("a.log", text);
        ingest("a.log");
        fs::rename(at("a.log"), at("a.log.1"));
        QCOMPARE(ingest("a.log.1"), QStringLiteral("continue at %1").arg(text.size()));
        QCOMPARE(m_model.sources[0].path, at("a.log.1").string());
        QCOMPARE(storedInAll(), text);
    }
    void rotatedWithANewFileInItsPlace_data()
    {
        QTest::addColumn<bool>("oldFirst");
        QTest::newRow("old first") << true;
        QTest::newRow("new first") << false;
    }
    void rotatedWithANewFileInItsPlace()
    {
        QFETCH(bool, oldFirst);
        const std::string text = lines(100, 1), late = lines(5, 2), fresh = lines(30, 3);
        write("a.log", text);
        ingest("a.log");
        fs::rename(at("a.log"), at("a.log.1"));
        append("a.log.1", late);
        write("a.log", fresh);
        const QString old = QStringLiteral("continue at %1").arg(text.size());
        if (oldFirst) {
            QCOMPARE(ingest("a.log.1"), old);
            QCOMPARE(ingest("a.log"), QStringLiteral("new"));
        } else {
            QCOMPARE(ingest("a.log"), QStringLiteral("new, renames"));
            QCOMPARE(m_model.sources[0].path, at("a.log (before 2026-01-31T12:00:00Z)").string());
            QCOMPARE(ingest("a.log.1"), old);
        }
        QCOMPARE(m_model.sources[0].path, at("a.log.1").string());
        QCOMPARE(storedBy(1), text + late);
        QCOMPARE(storedBy(2), fresh);
    }
    void aChainShifts()
    {
        std::map<std::string, std::string> texts;
        for (const char* name : {"a.log.2", "a.log.1", "a.log"}) {
            write(name, texts[name] = lines(50, static_cast<unsigned>(texts.size()) + 10));
            QCOMPARE(ingest(name), QStringLiteral("new"));
        }
        fs::rename(at("a.log.2"), at("a.log.3"));
        fs::rename(at("a.log.1"), at("a.log.2"));
        fs::rename(at("a.log"), at("a.log.1"));
        write("a.log", lines(20, 99));
        for (const char* name : {"a.log", "a.log.1", "a.log.2", "a.log.3"}) ingest(name); // the awkward order
        QCOMPARE(m_model.sources.size(), std::size_t(4));
        QCOMPARE(m_model.sources[0].path, at("a.log.3").string());
        QCOMPARE(m_model.sources[2].path, at("a.log.1").string());
        QCOMPARE(storedInAll(), texts["a.log.2"] + texts["a.log.1"] + texts["a.log"] + lines(20, 99));
    }
    void compressedAfterItWasRead_data()
    {
        QTest::addColumn<QString>("filter");
        QTest::addColumn<bool>("grown");
        for (const char* filter : {"gzip", "zstd", "xz"})
            for (const bool grown : {false, true})
                QTest::addRow("%s %s", filter, grown ? "grown" : "as it was")
                    << QString::fromLatin1(filter) << grown;
    }
    void compressedAfterItWasRead()
    {
        QFETCH(QString, filter);
        QFETCH(bool, grown);
        const std::string text = lines(3000, 1), more = grown ? lines(10, 2) : std::string();
        write("a.log", text);
        m_model.places = {5000, 20'000, 77'777};
        ingest("a.log");
        fs::remove(at("a.log"));
        write("a.log.1.gz", packed(text + more, filter.toStdString()));
        QCOMPARE(ingest("a.log.1.gz"), QStringLiteral("continue at %1").arg(text.size()));
        QCOMPARE(storedBy(1), text + more);
        write("a.log", text.substr(0, 0) + lines(10, 7));
        QCOMPARE(ingest("a.log"), QStringLiteral("new"));
    }
    void compressedBesideTheOriginal()
    {
        const std::string text = lines(300, 1);
        write("a.log", text);
        ingest("a.log");
        write("a.log.gz", packed(text, "gzip")); // gzip -k
        QCOMPARE(ingest("a.log.gz"), QStringLiteral("duplicate"));
        QCOMPARE(storedInAll(), text);
    }
    void compressedInPart()
    {
        // A compressor at work: what can be read parts from no checkpoint, but ends before the last one.
        const std::string text = lines(20'000, 1);
        write("a.log", text);
        m_model.places = {100'000, 200'000};
        ingest("a.log");
        const std::string whole = packed(text, "gzip");
        write("a.log.1.gz", whole.substr(0, whole.size() / 2));
        fs::remove(at("a.log"));
        QVERIFY(ingest("a.log.1.gz").startsWith(QStringLiteral("new after ")));
    }
    void copyTruncate_data() { rotatedWithANewFileInItsPlace_data(); }
    void copyTruncate()
    {
        QFETCH(bool, oldFirst);
        const std::string text = lines(100, 1), late = lines(3, 2),
                          fresh = lines(400, 3); // grown past the old place
        write("a.log", text);
        ingest("a.log");
        write("a.log.1", text + late);
        write("a.log", fresh); // the same inode
        const QString old = QStringLiteral("continue at %1").arg(text.size());
        if (oldFirst) {
            QCOMPARE(ingest("a.log.1"), old);
            QCOMPARE(ingest("a.log"), QStringLiteral("new"));
        } else {
            QCOMPARE(ingest("a.log"), QStringLiteral("new, renames"));
            QCOMPARE(ingest("a.log.1"), old);
        }
        QCOMPARE(storedInAll(), text + late + fresh);
    }
    void truncatedToNothingAndWrittenAgain()
    {
        const std::string text = lines(100, 1), fresh = lines(10, 2);
        write("a.log", text);
        ingest("a.log");
        write("a.log", fresh);
        QCOMPARE(ingest("a.log"), QStringLiteral("new, renames"));
        QCOMPARE(storedBy(1), text);
        QCOMPARE(storedBy(2), fresh);
    }
    void truncatedToTheMiddle()
    {
        const std::string text = lines(100, 1), fresh = lines(40, 2);
        write("a.log", text);
        m_model.places = {700};
        ingest("a.log");
        write("a.log", text.substr(0, 700));
        QCOMPARE(ingest("a.log"), QStringLiteral("new after 700, renames"));
        append("a.log", fresh);
        QCOMPARE(ingest("a.log"), QStringLiteral("continue at 700"));
        QCOMPARE(storedInAll(), text + fresh);
    }
    void replacedByOtherContentWithTheSameHeader()
    {
        const std::string header(5000, 'h'), text = header + lines(100, 1), fresh = header + lines(100, 2);
        write("a.log", text);
        ingest("a.log");
        write("b.log", fresh);
        fs::rename(at("b.log"), at("a.log"));
        QCOMPARE(ingest("a.log"), QStringLiteral("new, renames"));
        QCOMPARE(storedBy(2), fresh);
    }
    void aCopyIsADuplicateUnlessAskedFor()
    {
        const std::string text = lines(100, 1);
        write("a.log", text);
        ingest("a.log");
        fs::copy_file(at("a.log"), at("copy.log"));
        QCOMPARE(ingest("copy.log"), QStringLiteral("duplicate"));
        QCOMPARE(storedInAll(), text);
        QCOMPARE(ingest("copy.log", true), QStringLiteral("new"));
        QCOMPARE(storedInAll(), text + text);
        QCOMPARE(ingest("copy.log"), QStringLiteral("continue at %1").arg(text.size()));
        QCOMPARE(ingest("a.log", true), QStringLiteral("new, renames"));
    }
    void aCopyOfTheBeginningIsADuplicate()
    {
        const std::string text = lines(100, 1);
        write("a.log", text);
        m_model.places = {900};
        ingest("a.log");
        write("old.log", text.substr(0, 900));
        QCOMPARE(ingest("old.log"), QStringLiteral("duplicate"));
    }
    void aHardLinkIsTheSameFile()
    {
        const std::string text = lines(100, 1), more = lines(5, 2);
        write("a.log", text);
        ingest("a.log");
        fs::create_hard_link(at("a.log"), at("link.log"));
        QCOMPARE(ingest("link.log"), QStringLiteral("duplicate"));
        append("a.log", more);
        QCOMPARE(ingest("link.log"), QStringLiteral("continue at %1").arg(text.size()));
        QCOMPARE(m_model.sources[0].path, at("a.log").string());
        QCOMPARE(storedInAll(), text + more);
    }
    void copiedAndTheOriginalDeleted()
    {
        const std::string text = lines(100, 1), more = lines(5, 2);
        write("a.log", text);
        ingest("a.log");
        write("moved.log", text + more);
        fs::remove(at("a.log"));
        QCOMPARE(ingest("moved.log"), QStringLiteral("continue at %1").arg(text.size()));
        QCOMPARE(storedInAll(), text + more);
    }
    void aCopyThatGoesOn()
    {
        // Beyond a header's size the common part is not read twice; below it, two files just begin alike.
        for (const bool large : {false, true}) {
            init();
            const std::string text = lines(large ? 3000 : 100, 1), more = lines(5, 2);
            write("a.log", text);
            ingest("a.log");
            write("b.log", text + more);
            QCOMPARE(ingest("b.log"),
                     large ? QStringLiteral("new after %1").arg(text.size()) : QStringLiteral("new"));
            QCOMPARE(storedBy(2), large ? more : text + more);
            QCOMPARE(ingest("b.log"), QStringLiteral("continue at %1").arg(text.size() + more.size()));
        }
    }
    void twoFilesWithTheSameFirst4KiB()
    {
        const std::string header(4096, 'h'), a = header + lines(200, 1), b = header + lines(200, 2);
        for (const std::vector<std::uint64_t>& places :
             {std::vector<std::uint64_t>{}, {4096}, {4096, 5000}}) {
            init();
            m_model.places = places;
            write("a.log", a);
            write("b.log", b);
            QCOMPARE(ingest("a.log"), QStringLiteral("new"));
            QCOMPARE(ingest("b.log"), QStringLiteral("new"));
            QCOMPARE(storedBy(1), a);
            QCOMPARE(storedBy(2), b);
            append("a.log", "x\n");
            append("b.log", "y\n");
            QCOMPARE(ingest("b.log"), QStringLiteral("continue at %1").arg(b.size()));
            QCOMPARE(ingest("a.log"), QStringLiteral("continue at %1").arg(a.size()));
        }
    }
    void identicalLinesInOneFile()
    {
        std::string text;
        for (int i = 0; i < 1000; ++i) text += "{\"same\":true}\n";
        write("a.log", text);
        m_model.places = {14, 140, 1400};
        QCOMPARE(ingest("a.log"), QStringLiteral("new"));
        QCOMPARE(storedInAll(), text);
        append("a.log", text);
        QCOMPARE(ingest("a.log"), QStringLiteral("continue at %1").arg(text.size()));
        QCOMPARE(storedInAll(), text + text);
    }
    void aPipeIsReplayed()
    {
        const std::string text = lines(30'000, 1), more = lines(100, 2);
        m_model.places = {1000, 300'000, 600'000};
        QCOMPARE(pipe(text), QStringLiteral("new"));
        QCOMPARE(pipe(text + more), QStringLiteral("continue at %1").arg(text.size()));
        QCOMPARE(storedInAll(), text + more);
        const std::string other = lines(40'000, 5);
        QCOMPARE(pipe(other), QStringLiteral("new"));
        QCOMPARE(storedBy(2), other);
        // Nothing parts before 6 MB: what was read ahead waits outside the memory.
        m_model.places = {};
        const std::string large = lines(300'000, 6);
        QCOMPARE(pipe(large), QStringLiteral("new"));
        std::string parts = large;
        parts[parts.size() - 100] = '#';
        QVERIFY(large.size() > Spool::kMemory);
        QCOMPARE(pipe(parts), QStringLiteral("new"));
        QCOMPARE(storedBy(4), parts);
    }
    void aPipeOfAFile()
    {
        const std::string text = lines(1000, 1);
        write("a.log", text);
        ingest("a.log");
        QCOMPARE(pipe(text), QStringLiteral("duplicate"));
        fs::remove(at("a.log"));
        QCOMPARE(pipe(text + "{}\n"), QStringLiteral("continue at %1").arg(text.size()));
        QCOMPARE(storedInAll(), text + "{}\n");
    }
    void membersOfArchivesAreRecognised()
    {
        const std::string text = lines(100, 1), more = lines(5, 2);
        write("a.log", text);
        ingest("a.log");
        write("all.tar.gz", archived({{"logs/a.log", text + more}}, "tar", "gzip"));
        fs::remove(at("a.log"));
        QCOMPARE(ingest("all.tar.gz"), QStringLiteral("continue at %1").arg(text.size()));
        write("a.log", text + more); // unpacked again, the archive still there
        QCOMPARE(ingest("a.log"), QStringLiteral("duplicate"));
        QCOMPARE(storedInAll(), text + more);
    }
    void aFileLargerThanTheMemoryKeptIsReadAgain()
    {
        const std::string one = lines(250'000, 1);
        std::string two = one;
        two[two.size() - 10] = '#';
        QVERIFY(one.size() > Spool::kMemory);
        write("one.log", one);
        write("two.log", two);
        ingest("one.log");
        QCOMPARE(ingest("two.log"), QStringLiteral("new"));
        QVERIFY(storedBy(2) == two);
    }
    void aSourceWithoutContentIsUsed()
    {
        write("a.log", "");
        QCOMPARE(ingest("a.log"), QStringLiteral("empty"));
        SourceRecord skipped;
        skipped.id = SourceId{1};
        skipped.path = at("a.log").string();
        skipped.state = SourceState::Skipped;
        m_model.sources.push_back(skipped);
        write("a.log", lines(3, 1));
        auto entries = discoverInputs({at("a.log").string()});
        auto decision = decideWhatIsNew(entries->front(), KnownSources(m_model.sources), {});
        QVERIFY(decision && decision->what == Newness::New);
        QVERIFY(decision->holder == SourceId{1} && !decision->renameHolder);
    }
    void stopIsHeeded()
    {
        write("a.log", lines(100, 1));
        ingest("a.log");
        std::stop_source stop;
        stop.request_stop();
        auto entries = discoverInputs({at("a.log").string()});
        auto decision =
            decideWhatIsNew(entries->front(), KnownSources(m_model.sources), {}, stop.get_token());
        QVERIFY(!decision && decision.error().kind == ErrorKind::Cancelled);
    }
};

QTEST_APPLESS_MAIN(TestWhichBytesAreNew)
#include "tst_which_bytes_are_new.moc"
