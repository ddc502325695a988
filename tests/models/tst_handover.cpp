// A second process hands its ingest to the one that writes the store. Both ends live in this process here,
// which the lock allows for (flock is per open file); tests/faults/tst_kill.cpp has real processes, and kills
// them.
#include "models/session/handover_client.h"
#include "models/session/handover_protocol.h"
#include "models/session/ingest_anywhere.h"
#include "tests/support/ingest_input.h"
#include "tests/support/store_fixture.h"

#include <QTest>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <filesystem>
#include <future>
#include <random>
#include <thread>

using namespace faultline;
using namespace faultline::testing;
namespace fs = std::filesystem;

namespace {

constexpr std::size_t kLines = 20'000; // 2.6 MB: several pieces, so several commits

/// A process that writes a store and takes work.
struct Holder
{
    std::shared_ptr<Store> store;
    std::unique_ptr<IngestHost> host;
    void end()
    {
        host.reset();
        store.reset();
    }
};

/// A pipe that a thread fills; close() tells the end.
class Feed
{
public:
    Feed() { m_ok = ::pipe2(m_ends.data(), O_CLOEXEC) == 0; }
    ~Feed()
    {
        // First the end that is read: a writer whose reader was cancelled must not wait for ever.
        ::close(m_ends[0]);
        close();
    }
    int descriptor() const { return m_ends[0]; }
    void write(std::string bytes)
    {
        if (m_writer.valid()) m_writer.get();
        m_writer = std::async(std::launch::async, [bytes = std::move(bytes), out = m_ends[1]] {
            std::size_t sent = 0;
            while (sent < bytes.size()) {
                const ssize_t put = ::write(out, bytes.data() + sent, bytes.size() - sent);
                if (put <= 0) return false;
                sent += static_cast<std::size_t>(put);
            }
            return true;
        });
    }
    void close()
    {
        if (m_writer.valid()) m_writer.get();
        if (m_ends[1] >= 0) ::close(std::exchange(m_ends[1], -1));
    }
    bool ok() const { return m_ok; }

private:
    std::array<int, 2> m_ends{-1, -1};
    std::future<bool> m_writer;
    bool m_ok = false;
};

/// Becomes true when a store has so many events.
class EventsSeen
{
public:
    explicit EventsSeen(std::shared_ptr<Store> store) : m_store(std::move(store))
    {
        m_id = m_store->onChange([this] {
            std::lock_guard lock(m_mutex);
            m_changed.notify_all();
        });
    }
    ~EventsSeen() { m_store->removeOnChange(m_id); }
    bool reach(std::uint64_t events)
    {
        std::unique_lock lock(m_mutex);
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
        for (;;) {
            lock.unlock();
            auto snapshot = m_store->snapshot();
            lock.lock();
            if (snapshot && (*snapshot)->events >= events) return true;
            // A change between the look and the wait is seen a little later.
            m_changed.wait_for(lock, std::chrono::milliseconds(50));
            if (std::chrono::steady_clock::now() > deadline) return false;
        }
    }

private:
    std::shared_ptr<Store> m_store;
    std::mutex m_mutex;
    std::condition_variable m_changed;
    std::uint64_t m_id = 0;
};

QByteArray text(const Error& error)
{
    return QByteArray::fromStdString(describe(error));
}

std::string firstDifference(const IngestReport& a, const IngestReport& b)
{
    if (a.sources.size() != b.sources.size()) return "number of sources";
    for (std::size_t i = 0; i < a.sources.size(); ++i) {
        const SourceReport &x = a.sources[i], &y = b.sources[i];
        if (x.id != y.id) return "id of " + x.name;
        if (x.name != y.name || x.path != y.path) return "name: " + x.name + " / " + y.name;
        if (x.format != y.format) return "format of " + x.name;
        if (x.state != y.state) return "state of " + x.name;
        if (x.detail != y.detail) return "detail: " + x.detail + " / " + y.detail;
        if (!(x.ledger == y.ledger)) return "ledger of " + x.name;
    }
    if (!(a.total == b.total)) return "total";
    return a.cancelled != b.cancelled ? "cancelled" : "";
}

} // namespace

class TestHandover : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { std::signal(SIGPIPE, SIG_IGN); }
    void init()
    {
        m_folder = std::make_unique<StoreFolder>();
        m_store.clear();
        QVERIFY(m_folder->valid());
        auto runner = makeIngestRunner(std::make_shared<SystemClock>());
        VERIFY_OK(runner);
        m_runner = *runner;
        m_input = makeIngestInput(kLines, 7);
    }

    void aFileAsIfReadHere()
    {
        // Paths are bytes: this one is no UTF-8.
        const std::string log = m_folder->file("app ") + "\xff.ndjson";
        QVERIFY(writeFile(log, m_input.bytes));
        IngestRequest request;
        request.paths = {log, m_folder->file("missing.log")};
        auto direct = Store::open(m_folder->file("direct.faultline"), {});
        VERIFY_OK(direct);
        auto expected = m_runner(*direct, request, {}, {});
        VERIFY_OK(expected);
        direct->reset();

        Holder holder;
        startHolder(holder);
        struct stat info = {};
        QCOMPARE(::stat((storePath() + "-sock").c_str(), &info), 0);
        QVERIFY(S_ISSOCK(info.st_mode));
        QCOMPARE(static_cast<int>(info.st_mode & 0777), 0600);
        auto got = ingestAnywhere(client(), request, {}, {});
        VERIFY_OK(got);
        QCOMPARE(QString::fromStdString(firstDifference(*got, *expected)), QString());
        QCOMPARE(got->sources[0].ledger.quarantined.records, m_input.quarantined);

        // Once more: known already.
        auto again = ingestAnywhere(client(), request, {}, {});
        VERIFY_OK(again);
        QCOMPARE(again->total.events, std::uint64_t{0});
        holder.end();
        fs::remove(log); // Qt cannot, with such a name
        QVERIFY2(!fs::exists(storePath() + "-sock"), "the socket goes with the holder");
        QCOMPARE(QString::fromStdString(judgeIngest(storePath(), m_input)), QString());
    }

    void aPipe()
    {
        Holder holder;
        startHolder(holder);
        Feed feed;
        QVERIFY(feed.ok());
        feed.write(m_input.bytes);
        auto closer = std::async(std::launch::async, [&feed] { feed.close(); });
        auto report = ingestAnywhere(client(), fromPipe(feed.descriptor()), {}, {});
        closer.get();
        VERIFY_OK(report);
        QCOMPARE(report->total.events, std::uint64_t{m_input.documents.size()});
        QCOMPARE(report->sources.size(), std::size_t{1});
        QCOMPARE(QString::fromStdString(report->sources[0].path), QStringLiteral("-"));
        holder.end();
        QCOMPARE(QString::fromStdString(judgeIngest(storePath(), m_input)), QString());
    }

    void aFileAsStandardInput()
    {
        Holder holder;
        startHolder(holder);
        const std::string log = m_folder->file("in.ndjson");
        QVERIFY(writeFile(log, "not of this\n" + m_input.bytes));
        const Descriptor file(::open(log.c_str(), O_RDONLY | O_CLOEXEC));
        QVERIFY(file && ::lseek(file.get(), 12, SEEK_SET) == 12); // as after `read line`
        auto report = ingestAnywhere(client(), fromPipe(file.get()), {}, {});
        VERIFY_OK(report);
        holder.end();
        QCOMPARE(QString::fromStdString(judgeIngest(storePath(), m_input)), QString());
    }

    void longNames()
    {
        // Past what an address of a socket can hold, folder and name.
        std::string folder = m_folder->file("deep");
        for (int i = 0; i < 8; ++i) folder += "/a folder with a long name " + std::to_string(i);
        QVERIFY(fs::create_directories(folder));
        m_store = folder + "/" + std::string(150, 'n') + ".faultline";
        Holder holder;
        startHolder(holder);
        QVERIFY(!holder.host->notServing());
        const std::string log = m_folder->file("app.ndjson");
        QVERIFY(writeFile(log, m_input.bytes));
        IngestRequest request;
        request.paths = {log};
        auto report = ingestAnywhere(client(), request, {}, {});
        VERIFY_OK(report);
        QCOMPARE(report->total.events, std::uint64_t{m_input.documents.size()});
    }

    // The holder ends while a pipe runs: the client goes on from the first byte that is not stored.
    void holderEndsInMidPipe()
    {
        Holder holder;
        startHolder(holder);
        Feed feed;
        auto given = std::async(std::launch::async, [this, &feed] {
            return ingestAnywhere(client(), fromPipe(feed.descriptor()), {}, {});
        });
        const std::size_t half = m_input.bytes.find('\n', m_input.bytes.size() / 2) - 20; // inside a line
        feed.write(m_input.bytes.substr(0, half));
        QVERIFY2(EventsSeen(holder.store).reach(1), "what comes from a pipe is stored before its end");
        holder.end();
        feed.write(m_input.bytes.substr(half));
        feed.close();
        auto report = given.get();
        VERIFY_OK(report);
        QCOMPARE(report->total.received.bytes, std::uint64_t{m_input.bytes.size()});
        QCOMPARE(report->total.events, std::uint64_t{m_input.documents.size()});
        QVERIFY(!report->cancelled);
        QCOMPARE(QString::fromStdString(judgeIngest(storePath(), m_input)), QString());
    }

    // As before, with nothing kept: what is lost is said, to the byte.
    void pipeThatCannotBeRepeated()
    {
        Holder holder;
        startHolder(holder);
        Feed feed;
        auto given = std::async(std::launch::async, [this, &feed] {
            IngestPlace place = client();
            place.keepStdinBytes = 1'000;
            return ingestAnywhere(place, fromPipe(feed.descriptor()), {}, {});
        });
        const std::size_t half = m_input.bytes.find('\n', m_input.bytes.size() / 2) - 20;
        feed.write(m_input.bytes.substr(0, half));
        QVERIFY(EventsSeen(holder.store).reach(1));
        holder.end();
        feed.write(m_input.bytes.substr(half));
        feed.close();
        auto report = given.get();
        VERIFY_OK(report);
        QCOMPARE(report->sources.size(), std::size_t{1});
        QCOMPARE(report->sources[0].state, SourceState::Incomplete);
        const QString detail = QString::fromStdString(report->sources[0].detail);
        auto store = Store::open(storePath(), {});
        VERIFY_OK(store);
        auto sources = (*store)->sources();
        VERIFY_OK(sources);
        std::uint64_t stored = 0;
        for (const SourceRecord& source : *sources) {
            QVERIFY(source.ledger.balanced());
            stored += source.ledger.received.bytes;
        }
        const std::uint64_t lost = m_input.bytes.size() - stored;
        QVERIFY2(detail.contains(QString::number(lost) + QStringLiteral(" bytes are lost")),
                 qPrintable(detail + QStringLiteral(", but lost: ") + QString::number(lost)));
    }

    void cancelReportsWhatIsKept()
    {
        Holder holder;
        startHolder(holder);
        Feed feed;
        std::stop_source stop;
        auto given = std::async(std::launch::async, [&] {
            return ingestAnywhere(client(), fromPipe(feed.descriptor()), {}, stop.get_token());
        });
        feed.write(m_input.bytes);
        QVERIFY(EventsSeen(holder.store).reach(1));
        stop.request_stop(); // the pipe stays open: only the cancel can end the run
        auto report = given.get();
        VERIFY_OK(report);
        QVERIFY(report->cancelled);
        auto snapshot = holder.store->snapshot();
        VERIFY_OK(snapshot);
        QCOMPARE(report->total.events, (*snapshot)->events);
    }

    void oneFileFromTwoClients()
    {
        Holder holder;
        startHolder(holder);
        const std::string log = m_folder->file("app.ndjson");
        QVERIFY(writeFile(log, m_input.bytes));
        IngestRequest request;
        request.paths = {log};
        Feed endless; // keeps nobody out
        auto piped = std::async(std::launch::async, [&] {
            return ingestAnywhere(client(), fromPipe(endless.descriptor()), {}, {});
        });
        auto one = std::async(std::launch::async, [&] { return ingestAnywhere(client(), request, {}, {}); });
        auto two = std::async(std::launch::async, [&] { return ingestAnywhere(client(), request, {}, {}); });
        auto here = holder.host->run(request, {}, {});
        auto first = one.get(), second = two.get();
        endless.close();
        auto nothing = piped.get();
        VERIFY_OK(here);
        VERIFY_OK(first);
        VERIFY_OK(second);
        VERIFY_OK(nothing);
        QCOMPARE(here->total.events + first->total.events + second->total.events,
                 std::uint64_t{m_input.documents.size()});
        holder.end();
        auto store = Store::open(storePath(), {});
        VERIFY_OK(store);
        auto snapshot = (*store)->snapshot();
        VERIFY_OK(snapshot);
        QCOMPARE((*snapshot)->events, std::uint64_t{m_input.documents.size()});
    }

    void followedFilesAreNotReadTwice()
    {
        IngestGate gate;
        IngestRequest follow, file, other;
        follow.follow = true;
        follow.paths = {"/var/log/app"};
        file.paths = {"/var/log/app/a.log"};
        other.paths = {"/var/log/app2/*.log"};
        auto held = gate.enter(follow, {});
        VERIFY_OK(held);
        auto refused = gate.enter(file, {});
        QVERIFY2(!refused && refused.error().kind == ErrorKind::Locked, "the same files");
        auto beside = gate.enter(other, {});
        VERIFY_OK(beside);
        std::stop_source stop;
        stop.request_stop();
        auto waits = gate.enter(other, stop.get_token());
        QVERIFY2(!waits && waits.error().kind == ErrorKind::Cancelled, "runs that end take turns");
    }

    // A run knows its sources from its start: none may be taken away from it.
    void removalKeepsRunsOut()
    {
        IngestGate gate;
        IngestRequest file;
        file.paths = {"/var/log/app/a.log"};
        {
            auto run = gate.enter(file, {});
            VERIFY_OK(run);
            QVERIFY2(!gate.tryEnterAlone(), "somebody reads");
        }
        auto alone = gate.tryEnterAlone();
        QVERIFY2(alone.has_value(), "nobody reads any more");
        QVERIFY2(!gate.tryEnterAlone(), "one at a time");
        std::stop_source stop;
        stop.request_stop();
        auto waits = gate.enter(file, stop.get_token());
        QVERIFY2(!waits && waits.error().kind == ErrorKind::Cancelled, "a run waits for it");
    }

    void holderThatTakesNoWork()
    {
        auto holder = Store::open(storePath(), {});
        VERIFY_OK(holder);
        const std::string log = m_folder->file("app.ndjson");
        QVERIFY(writeFile(log, m_input.bytes));
        IngestPlace place = client();
        place.patience = std::chrono::milliseconds(60);
        IngestRequest request;
        request.paths = {log};
        auto refused = ingestAnywhere(place, request, {}, {});
        QVERIFY(!refused);
        QCOMPARE(refused.error().kind, ErrorKind::Locked);
        QVERIFY2(refused.error().why.find(std::to_string(::getpid())) != std::string::npos,
                 text(refused.error()));
        // It ends: the same place now writes.
        holder->reset();
        auto report = ingestAnywhere(place, request, {}, {});
        VERIFY_OK(report);
        place.store.reset();
        QCOMPARE(QString::fromStdString(judgeIngest(storePath(), m_input)), QString());
    }

    void badMessages_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<int>("kind");
        const auto framed = [](const char* json) { return QByteArray::fromStdString(handover::frame(json)); };
        const int input = static_cast<int>(ErrorKind::Input), limit = static_cast<int>(ErrorKind::Limit);
        QTest::newRow("not ours") << QByteArray("GET / HTTP/1.1\r\n\r\n") << input;
        QTest::newRow("one wrong byte") << QByteArray("X") << input;
        QTest::newRow("too long") << QByteArray("FLH1\xff\xff\xff\xff", 8) << limit;
        QTest::newRow("just too long") << QByteArray("FLH1\x01\x00\x00\x01", 8) << limit;
        QTest::newRow("no JSON") << framed("{") << input;
        QTest::newRow("no object") << framed("[]") << input;
        QTest::newRow("empty") << framed("") << input;
        QTest::newRow("deep") << framed(std::string(100'000, '[').c_str()) << input;
        QTest::newRow("no protocol") << framed("{}") << input;
        QTest::newRow("later protocol")
            << framed(R"({"protocol":2,"type":"x"})") << static_cast<int>(ErrorKind::Unsupported);
        const std::string options = R"(,"input_format":"","follow":false,"again":false,"path_template":"",)"
                                    R"("zone_offset_minutes":0,"workers":)";
        const auto request = [&](const std::string& paths, const std::string& workers, bool withStdin) {
            return framed((R"({"protocol":1,"type":"ingest","stdin":)" +
                           std::string(withStdin ? "true" : "false") + R"(,"request":{"paths":)" + paths +
                           options + workers + "}}")
                              .c_str());
        };
        QTest::newRow("relative path") << request(R"(["a.log"])", "0", false) << input;
        QTest::newRow("no path") << request("[]", "0", false) << input;
        QTest::newRow("path of another type") << request("[1]", "0", false) << input;
        QTest::newRow("bad hex") << request(R"([{"hex":"2g"}])", "0", false) << input;
        QTest::newRow("stdin without a descriptor") << request(R"(["-"])", "0", true) << input;
        QTest::newRow("stdin not announced") << request(R"(["-"])", "0", false) << input;
        QTest::newRow("threads") << request(R"(["/a"])", "100000", false) << input;
        QTest::newRow("nothing to remove")
            << framed(R"({"protocol":1,"type":"remove","sources":[]})") << input;
        QTest::newRow("no number to remove")
            << framed(R"({"protocol":1,"type":"remove","sources":[-1]})") << input;
        QTest::newRow("negative") << request(R"(["/a"])", "-1", false) << input;
    }
    void badMessages()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(int, kind);
        Holder holder;
        startHolder(holder);
        const Descriptor socket = connected();
        QVERIFY(socket);
        QCOMPARE(
            ::send(socket.get(), bytes.constData(), static_cast<std::size_t>(bytes.size()), MSG_NOSIGNAL),
            static_cast<ssize_t>(bytes.size()));
        auto reply = readReply(socket);
        VERIFY_OK(reply);
        const Error* error = std::get_if<Error>(&*reply);
        QVERIFY2(error != nullptr, "refused with an error");
        QVERIFY2(static_cast<int>(error->kind) == kind, text(*error));

        // The holder takes the next as if nothing had been.
        const std::string log = m_folder->file("app.ndjson");
        QVERIFY(writeFile(log, "{\"a\":1}\n"));
        IngestRequest request;
        request.paths = {log};
        auto report = ingestAnywhere(client(), request, {}, {});
        VERIFY_OK(report);
        QCOMPARE(report->total.events, std::uint64_t{1});
    }

    void mutatedMessages()
    {
        handover::Request request;
        request.ingest.paths = {"/var/log/\xfe", "-", "/b \"quoted\""};
        request.withStdin = true;
        request.ingest.zoneOffsetMinutes = -330;
        request.ingest.inputFormat = "logfmt";
        request.ingest.again = true;
        auto same = handover::decodeRequest(handover::encodeRequest(request));
        VERIFY_OK(same);
        QVERIFY(same->ingest.paths == request.ingest.paths);
        QCOMPARE(same->ingest.zoneOffsetMinutes, request.ingest.zoneOffsetMinutes);
        QVERIFY(same->ingest.again && !same->ingest.follow && same->withStdin);

        IngestReport report;
        report.sources.resize(2);
        report.sources[0].name = "\xc3\x28";
        report.sources[0].ledger.received = {~std::uint64_t{0}, 3};
        report.total = report.sources[0].ledger;
        const std::vector<std::string> samples = {
            handover::encodeRequest(request), handover::encodeReport(report),
            handover::encodeProgress(IngestProgress()),
            handover::encodeError(makeError(ErrorKind::DiskFull, "w", "\xff", {"h"}))};
        auto back = handover::decodeReply(samples[1]);
        VERIFY_OK(back);
        QCOMPARE(QString::fromStdString(firstDifference(std::get<IngestReport>(*back), report)), QString());

        std::mt19937_64 random(99);
        int refused = 0;
        for (int i = 0; i < 20'000; ++i) {
            std::string bytes = samples[random() % samples.size()];
            for (std::uint64_t n = 1 + random() % 3; n > 0; --n) {
                const std::size_t at = random() % bytes.size();
                if (random() % 3 == 0)
                    bytes.erase(at, 1 + random() % 8);
                else
                    bytes[at] = static_cast<char>(random() % 2 ? "{}[]\",:0-9e"[random() % 11] : random());
                if (bytes.empty()) bytes = "{";
            }
            refused += handover::decodeRequest(bytes).ok() ? 0 : 1;
            refused += handover::decodeReply(bytes).ok() ? 0 : 1;
        }
        QVERIFY(refused > 20'000);
    }

    void anotherUser()
    {
        if (::geteuid() != 0) QSKIP("SKIPPED: only root can be another user");
        Holder holder;
        startHolder(holder);
        // Even where somebody made the folder and the socket open to all.
        QCOMPARE(::chmod(fs::path(storePath()).parent_path().c_str(), 0711), 0);
        QCOMPARE(::chmod((storePath() + "-sock").c_str(), 0666), 0);
        Descriptor socket;
        std::thread([&] {
            // The system call itself changes this thread alone.
            if (::syscall(SYS_setresuid, -1, 65'534, -1) == 0) socket = connected();
        }).join();
        QVERIFY(socket);
        auto reply = readReply(socket);
        VERIFY_OK(reply);
        const Error* error = std::get_if<Error>(&*reply);
        QVERIFY(error != nullptr);
        QCOMPARE(error->kind, ErrorKind::Locked);
    }

private:
    std::string storePath() const { return m_store.empty() ? m_folder->file() : m_store; }
    void startHolder(Holder& holder)
    {
        auto store = Store::open(storePath(), {});
        VERIFY_OK(store);
        QVERIFY((*store)->isWriter());
        holder.store = *store;
        holder.host = std::make_unique<IngestHost>(*store, m_runner);
        if (holder.host->notServing()) QFAIL(text(*holder.host->notServing()));
    }
    IngestPlace client() const
    {
        IngestPlace place;
        if (auto store = Store::open(storePath(), {}); store) place.store = *store;
        place.runner = m_runner;
        return place;
    }
    static IngestRequest fromPipe(int descriptor)
    {
        IngestRequest request;
        request.paths = {"-"};
        request.stdinDescriptor = [descriptor] { return descriptor; };
        return request;
    }
    Descriptor connected() const
    {
        Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        if (handover::attachSocket(socket.get(), handover::socketPlaceOf(storePath()),
                                   handover::SocketUse::Connect) != 0)
            socket.reset();
        return socket;
    }
    static Result<handover::Reply> readReply(const Descriptor& socket)
    {
        std::string buffer;
        std::array<char, 4'096> bytes;
        for (;;) {
            auto frame = handover::takeFrame(buffer, handover::kMaxReplyBytes);
            if (!frame) return frame.error();
            if (*frame) return handover::decodeReply(**frame);
            const ssize_t got = ::recv(socket.get(), bytes.data(), bytes.size(), 0);
            if (got <= 0) return makeError(ErrorKind::Input, "read the answer", "the connection was closed");
            buffer.append(bytes.data(), static_cast<std::size_t>(got));
        }
    }

    std::unique_ptr<StoreFolder> m_folder;
    std::string m_store;
    IngestRunner m_runner;
    IngestInput m_input;
};

QTEST_GUILESS_MAIN(TestHandover)
#include "tst_handover.moc"
