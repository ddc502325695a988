// kill -9 in the middle of an ingest, by itself and behind the hand-over socket: what was acknowledged is
// there afterwards, and a second run ends with every record exactly once. The process dies at a counted call
// of SQLite to the file system, chosen by a seed. FAULTLINE_KILLS sets how many times in all (40);
// Qt ends a test function after five minutes: QTEST_FUNCTION_TIMEOUT (ms) allows for more.
#include "models/session/ingest_anywhere.h"
#include "tests/support/ingest_input.h"
#include "tests/support/store_fixture.h"

#include <QProcess>
#include <QTest>

#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <random>
#include <thread>

using namespace faultline;
using namespace faultline::testing;

namespace {

constexpr std::size_t kLines = 20'000; // 2.6 MB: a piece of 1 MiB, then the rest
constexpr std::uint64_t kSeed = 20'260'301;

int killCount()
{
    bool known = false;
    const int asked = qEnvironmentVariableIntValue("FAULTLINE_KILLS", &known);
    return known && asked > 0 ? asked : 40;
}

// What a child has said: the last number behind "events" and "done".
struct Said
{
    std::uint64_t events = 0, calls = 0;
    bool done = false, ready = false;
};
Said readSaid(const QByteArray& text)
{
    Said said;
    for (const QByteArray& line : text.split('\n')) {
        if (line.startsWith("events ")) said.events = line.mid(7).toULongLong();
        if (line == "ready") said.ready = true;
        if (line.startsWith("done ")) {
            said.done = true;
            said.calls = line.mid(5).toULongLong();
        }
    }
    return said;
}

QStringList childArguments(const char* mode, const std::string& store, std::uint64_t killAt)
{
    return {QString::fromLatin1(mode), QString::fromStdString(store), QString::number(killAt)};
}

std::uint64_t eventsIn(const std::string& path)
{
    auto store = Store::open(path, {});
    if (!store) return 0;
    auto snapshot = (*store)->snapshot();
    return snapshot ? (*snapshot)->events : 0;
}

} // namespace

class TestKill : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY(m_folder.valid());
        std::signal(SIGPIPE, SIG_IGN);
        m_input = makeIngestInput(kLines, 1);
        m_log = m_folder.file("app.ndjson");
        QVERIFY(writeFile(m_log, m_input.bytes));
        auto runner = makeIngestRunner(std::make_shared<SystemClock>());
        VERIFY_OK(runner);
        m_runner = *runner;
    }

    // Nothing dies: the child and the judge agree, and the number of calls is known.
    void withoutAKill()
    {
        const std::string store = m_folder.file("whole.faultline");
        const Said said = runChild(store, 0);
        QVERIFY2(said.done, "the child did not end well");
        QCOMPARE(QString::fromStdString(judgeIngest(store, m_input)), QString());
        QVERIFY2(said.calls > 10, "too few calls to choose from");
        m_calls = said.calls;
    }

    void killedIngestGoesOn()
    {
        if (m_calls == 0) QSKIP("the run without a kill failed");
        std::mt19937_64 random(kSeed);
        int killed = 0;
        const int rounds = killCount() * 5 / 8;
        for (int round = 0; round < rounds; ++round) {
            const std::uint64_t at = 1 + random() % m_calls;
            const QByteArray where = "round " + QByteArray::number(round) + ", killed at call " +
                                     QByteArray::number(static_cast<qulonglong>(at));
            const std::string store = m_folder.file(("direct-" + std::to_string(round)).c_str());
            const Said said = runChild(store, at);
            killed += said.done ? 0 : 1;
            const std::uint64_t kept = eventsIn(store);
            QVERIFY2(kept >= said.events,
                     (where + ": " + QByteArray::number(static_cast<qulonglong>(said.events)) +
                      " events were acknowledged, " + QByteArray::number(static_cast<qulonglong>(kept)) +
                      " are there")
                         .constData());
            {
                auto opened = Store::open(store, {});
                VERIFY_OK(opened);
                IngestRequest request;
                request.paths = {m_log};
                VERIFY_OK(m_runner(*opened, request, {}, {}));
            }
            const std::string bad = judgeIngest(store, m_input);
            QVERIFY2(bad.empty(), (where + ": " + QByteArray::fromStdString(bad)).constData());
        }
        QVERIFY2(killed * 10 >= rounds * 8, "too few of the kills came in time to mean something");
    }

    // The holder dies with the work of another process, which takes over: files and pipes.
    void killedHolderIsReplaced()
    {
        std::mt19937_64 random(kSeed + 1);
        int killed = 0;
        std::uint64_t calls = 0; // of a holder that lives: the first two rounds, of which the smaller counts
        const int rounds = 2 + killCount() * 3 / 8;
        for (int round = 0; round < rounds; ++round) {
            const bool pipe = round % 2 == 1;
            const std::uint64_t at = round < 2 ? 0 : 1 + random() % calls;
            const QByteArray where = "round " + QByteArray::number(round) + (pipe ? ", pipe" : ", file") +
                                     ", killed at call " + QByteArray::number(static_cast<qulonglong>(at));
            const std::string store = m_folder.file(("held-" + std::to_string(round)).c_str());
            QProcess holder;
            holder.start(QStringLiteral(FAULTLINE_INGEST_CHILD), childArguments("hold", store, at));
            QByteArray said;
            while (!readSaid(said).ready && holder.waitForReadyRead(60'000))
                said += holder.readAllStandardOutput();
            QVERIFY2(readSaid(said).ready, where.constData());

            std::array<int, 2> ends{-1, -1};
            std::jthread feeder;
            IngestPlace place;
            auto opened = Store::open(store, {});
            VERIFY_OK(opened);
            QVERIFY2(!(*opened)->isWriter(), "the holder has the lock");
            place.store = *opened;
            place.runner = m_runner;
            IngestRequest request;
            request.paths = {pipe ? "-" : m_log};
            if (pipe) {
                QVERIFY(::pipe(ends.data()) == 0);
                request.stdinDescriptor = [&ends] { return ends[0]; };
                feeder = std::jthread([this, out = ends[1]] {
                    std::size_t sent = 0;
                    while (sent < m_input.bytes.size()) {
                        const ssize_t put =
                            ::write(out, m_input.bytes.data() + sent, m_input.bytes.size() - sent);
                        if (put <= 0) break;
                        sent += static_cast<std::size_t>(put);
                    }
                    ::close(out);
                });
            }
            auto report = ingestAnywhere(place, request, {}, {});
            if (pipe) ::close(ends[0]);
            if (feeder.joinable()) feeder.join();
            VERIFY_OK(report);
            QVERIFY2(report->total.events == m_input.documents.size(),
                     (where + ": the ledger that came back has " +
                      QByteArray::number(static_cast<qulonglong>(report->total.events)) + " events")
                         .constData());
            QVERIFY(report->total.balanced());
            QCOMPARE(report->total.received.bytes, std::uint64_t{m_input.bytes.size()});
            place.store.reset();
            opened->reset();
            holder.closeWriteChannel();
            QVERIFY(holder.waitForFinished(60'000));
            killed += holder.exitStatus() == QProcess::CrashExit ? 1 : 0;
            if (round < 2) {
                said += holder.readAllStandardOutput();
                QVERIFY2(readSaid(said).calls > 10, where.constData());
                calls = round == 0 ? readSaid(said).calls : std::min(calls, readSaid(said).calls);
            }
            const std::string bad = judgeIngest(store, m_input);
            QVERIFY2(bad.empty(), (where + ": " + QByteArray::fromStdString(bad)).constData());
        }
        // How many calls there are varies a little with the threads: a point may lie behind the end.
        QVERIFY2(killed * 10 >= (rounds - 2) * 7, "too few of the kills came in time to mean something");
    }

private:
    Said runChild(const std::string& store, std::uint64_t killAt)
    {
        QProcess child;
        child.setProcessChannelMode(QProcess::ForwardedErrorChannel);
        child.start(QStringLiteral(FAULTLINE_INGEST_CHILD), childArguments("ingest", store, killAt)
                                                                << QString::fromStdString(m_log));
        if (!child.waitForFinished(120'000)) return {};
        return readSaid(child.readAllStandardOutput());
    }

    StoreFolder m_folder;
    IngestInput m_input;
    std::string m_log;
    IngestRunner m_runner;
    std::uint64_t m_calls = 0;
};

QTEST_GUILESS_MAIN(TestKill)
#include "tst_kill.moc"
