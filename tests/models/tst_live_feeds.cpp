#include "models/session/command_source.h"
#include "models/session/ingest_anywhere.h"
#include "models/session/live_feeds.h"
#include "models/session/pasted_text.h"
#include "tests/support/ingest_fixture.h"

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QFileInfo>
#include <QProcess>
#include <QSignalSpy>
#include <QTest>

#include <sys/stat.h>
#include <unistd.h>

#include <csignal>

using namespace faultline;
using namespace faultline::test;

namespace {

std::string allOf(int descriptor)
{
    std::string text;
    char buffer[1000];
    for (ssize_t got = 0; (got = ::read(descriptor, buffer, sizeof buffer)) > 0;)
        text.append(buffer, static_cast<std::size_t>(got));
    return text;
}

/// Processes of a group, or one process, that have not ended: one that only waits for init to take note of
/// its end has.
QStringList alive(const char* what, int number)
{
    QStringList found;
    const auto folders = QDir(QStringLiteral("/proc")).entryList({QStringLiteral("[0-9]*")}, QDir::Dirs);
    for (const QString& process : folders) {
        QFile file(QStringLiteral("/proc/%1/stat").arg(process));
        if (!file.open(QIODevice::ReadOnly)) continue;
        const QByteArray stat = file.readAll();
        const QList<QByteArray> parts =
            stat.mid(stat.lastIndexOf(')') + 2).split(' '); // state, parent, group
        const int has = qstrcmp(what, "group") == 0 ? parts.value(2).toInt() : process.toInt();
        if (has == number && parts.value(0) != "Z") found.push_back(process);
    }
    return found;
}

} // namespace

class TestLiveFeeds : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<IngestFixture> m_case;
    std::unique_ptr<LiveFeeds> m_feeds;

    quint64 events() const
    {
        const auto snapshot = m_case->store->snapshot();
        return snapshot ? (*snapshot)->events : 0;
    }
    std::string sourceName() const
    {
        const auto sources = m_case->store->sources();
        return sources && !sources->empty() ? sources->back().name : std::string();
    }

private Q_SLOTS:
    void init()
    {
        m_case = std::make_unique<IngestFixture>();
        QVERIFY(m_case->valid());
        m_feeds = std::make_unique<LiveFeeds>([this](const IngestRequest& request,
                                                     std::function<void(const IngestProgress&)> progress,
                                                     std::stop_token stop) {
            return Ingest(m_case->store, m_case->normaliser, std::make_shared<SystemClock>())
                .run(request, std::move(progress), std::move(stop));
        });
    }
    void cleanup()
    {
        m_feeds.reset();
        m_case.reset();
    }

    void commandWritesAndEnds()
    {
        auto source = CommandSource::start("cat; echo one; echo two >&2; printf three");
        VERIFY_OK(source);
        QCOMPARE(QString::fromStdString(allOf((*source)->output())), QStringLiteral("one\nthree"));
        QVERIFY2(!(*source)->wait(), "what ends well has nothing to say");
    }

    void commandFails()
    {
        auto source = CommandSource::start("echo 'connection refused' >&2; exit 3");
        VERIFY_OK(source);
        QCOMPARE(QString::fromStdString((*source)->wait().value_or("")),
                 QStringLiteral("it ended with status 3: connection refused"));
        auto unknown = CommandSource::start("no-such-program-here");
        VERIFY_OK(unknown);
        QVERIFY((*unknown)->wait().value_or("").find("status 127") != std::string::npos);
        auto killed = CommandSource::start("kill -KILL $$");
        VERIFY_OK(killed);
        QCOMPARE(QString::fromStdString((*killed)->wait().value_or("")),
                 QStringLiteral("it was ended by signal 9"));
        auto much =
            CommandSource::start("yes long-line-of-errors | head -n 100000 >&2; echo last >&2; exit 1");
        VERIFY_OK(much);
        const std::string said = (*much)->wait().value_or("");
        QVERIFY(said.size() < CommandSource::kMostErrorBytes + 100);
        QVERIFY2(said.ends_with("last"), said.c_str());
    }

    /// Nothing of it is left: not what ignores SIGTERM, not what its shell put behind itself.
    void nothingIsLeft()
    {
        for (const char* command :
             {"echo $$; sleep 1000", "trap '' TERM; echo $$; while :; do sleep 1000; done",
              "sleep 1000 & echo $!; wait", "sleep 1000 & echo $!",
              "(trap '' TERM; echo 0; sleep 1000) & sleep 1000"}) {
            auto source = CommandSource::start(command, std::chrono::milliseconds(100));
            VERIFY_OK(source);
            char line[20] = "";
            QVERIFY(::read((*source)->output(), line, sizeof line - 1) > 0);
            const int leader = (*source)->process(), other = std::atoi(line);
            source->reset();
            // They are killed by now; the kernel takes a moment for those that are nobody's children.
            QTRY_VERIFY2(alive("group", leader).isEmpty(), command);
            QVERIFY2(::kill(leader, 0) != 0 && errno == ESRCH, "its process is not reaped");
            if (other != 0) QTRY_VERIFY2(alive("process", other).isEmpty(), command);
        }
    }

    /// Lines show within a second of being written.
    void commandIsSeenAtOnce()
    {
        const std::string fifo = m_case->path("lines");
        QCOMPARE(::mkfifo(fifo.c_str(), 0600), 0);
        QProcess writer;
        m_feeds->followCommand("cat " + fifo);
        writer.start(QStringLiteral("sh"),
                     {QStringLiteral("-c"),
                      QStringLiteral("exec > %1; read go; echo '{\"level\":\"info\",\"message\":\"first\"}'; "
                                     "read go; echo '{\"level\":\"error\",\"message\":\"second\"}'; read go")
                          .arg(QString::fromStdString(fifo))});
        QVERIFY(writer.waitForStarted());
        QElapsedTimer since;
        qint64 longest = 0;
        for (const quint64 expected : {1, 2}) {
            writer.write("go\n");
            since.start();
            QTRY_COMPARE_WITH_TIMEOUT(events(), expected, 1000);
            longest = std::max(longest, since.elapsed());
        }
        qInfo("a line of a command is stored after %lld ms at most", longest);
        QCOMPARE(m_feeds->feeds().size(), std::size_t{1});
        QCOMPARE(QString::fromStdString(sourceName()), QString::fromStdString("cat " + fifo));
        QSignalSpy ended(m_feeds.get(), &LiveFeeds::ended);
        m_feeds->stopAll();
        QVERIFY(m_feeds->feeds().at(0).ending);
        QTRY_COMPARE(ended.size(), 1);
        QVERIFY2(ended[0][1].toString().isEmpty(), "being stopped is no failure");
        QVERIFY(m_feeds->feeds().empty());
        QCOMPARE(events(), quint64{2});
        writer.write("go\n");
        writer.waitForFinished();
    }

    /// One that never stops complaining is stopped like any other.
    void aCommandThatComplainsWithoutEnd()
    {
        QSignalSpy ended(m_feeds.get(), &LiveFeeds::ended);
        m_feeds->followCommand("echo '{\"a\":1}'; exec yes 'no route to host' >&2");
        QTRY_COMPARE_WITH_TIMEOUT(events(), quint64{1}, 10'000);
        m_feeds->stopAll();
        QTRY_COMPARE_WITH_TIMEOUT(ended.size(), 1, 10'000);
        QVERIFY2(ended[0][1].toString().isEmpty(), "being stopped is no failure");
    }

    void fileIsSeenAtOnce()
    {
        const std::string path = m_case->write("app.ndjson", "{\"level\":\"info\",\"message\":\"first\"}\n");
        m_feeds->followFiles({path});
        QTRY_COMPARE_WITH_TIMEOUT(events(), quint64{1}, 5000);
        QElapsedTimer since;
        qint64 longest = 0;
        for (quint64 i = 2; i < 6; ++i) {
            QProcess writer;
            writer.setStandardOutputFile(QString::fromStdString(path), QIODevice::Append);
            since.start();
            writer.start(QStringLiteral("echo"),
                         {QStringLiteral("{\"level\":\"info\",\"message\":\"more\"}")});
            QVERIFY(writer.waitForFinished());
            QTRY_COMPARE_WITH_TIMEOUT(events(), i, 1000);
            longest = std::max(longest, since.elapsed());
        }
        qInfo("a line in a file is stored after %lld ms at most, its writer's start included", longest);
        m_feeds.reset(); // the end of a case
    }

    void whatFailsIsSaid()
    {
        QSignalSpy ended(m_feeds.get(), &LiveFeeds::ended);
        m_feeds->followCommand("echo '{\"a\":1}'; echo 'no such pod' >&2; exit 1");
        QTRY_COMPARE(ended.size(), 1);
        QCOMPARE(ended[0][1].toString(), QStringLiteral("it ended with status 1: no such pod"));
        QCOMPARE(events(), quint64{1});
        m_feeds->followFiles({m_case->path("not-there.log")});
        m_feeds->stopAll();
        QTRY_COMPARE(ended.size(), 2);
    }

    void pasted()
    {
        const std::string data = m_case->path("data");
        const TimeNs now = 1'795'398'151 * kSecondNs; // 2026-11-23T01:42:31Z
        auto path = savePasted(data, "{\"a\":1}\n{\"a\":2}", now);
        VERIFY_OK(path);
        QCOMPARE(QString::fromStdString(*path),
                 QString::fromStdString(data + "/pasted/2026-11-23T01-42-31.log"));
        QFile file(QString::fromStdString(*path));
        QVERIFY(file.open(QIODevice::ReadOnly));
        QCOMPARE(file.readAll(), QByteArray("{\"a\":1}\n{\"a\":2}\n"));
        QCOMPARE(file.permissions() & (QFileDevice::ReadGroup | QFileDevice::ReadOther),
                 QFileDevice::Permissions());
        auto second = savePasted(data, "x", now);
        VERIFY_OK(second);
        QVERIFY(second->ends_with("/2026-11-23T01-42-31-2.log"));
        QCOMPARE(QString::fromStdString(pastedName(data, *path).value_or("")),
                 QStringLiteral("pasted 2026-11-23T01:42:31Z"));
        QCOMPARE(QString::fromStdString(pastedName(data, *second).value_or("")),
                 QStringLiteral("pasted 2026-11-23T01:42:31Z (2)"));
        QVERIFY(!pastedName(data, m_case->path("app.log")));
        QVERIFY(!pastedName(data, data + "/pasted/notes.log"));
        auto nothing = savePasted(data, " \n", now);
        QVERIFY(!nothing);
        QCOMPARE(nothing.error().kind, ErrorKind::Input);
        auto much = savePasted(data, std::string(kMostPastedBytes + 1, 'x'), now);
        QVERIFY(!much);
        QCOMPARE(much.error().kind, ErrorKind::Limit);
    }
};

QTEST_GUILESS_MAIN(TestLiveFeeds)
#include "tst_live_feeds.moc"
