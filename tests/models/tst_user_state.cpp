#include "models/session/settings.h"
#include "models/session/state_keeper.h"
#include "models/session/user_state.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonDocument>
#include <QProcess>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include <sys/wait.h>
#include <unistd.h>

#include <thread>

using namespace faultline;

/// The user's documents on disk, and their asynchronous front.
class TestUserState : public QObject
{
    Q_OBJECT
private:
    static QStringList filesOf(const QString& folder)
    {
        return QDir(folder).entryList(QDir::Files | QDir::Hidden, QDir::Name);
    }
    static void put(const std::string& path, const QByteArray& bytes)
    {
        QFile file(QString::fromStdString(path));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(bytes);
    }

private Q_SLOTS:
    void aDocumentComesBackAsItWasWritten()
    {
        const QTemporaryDir root;
        const std::string data = (root.path() + QStringLiteral("/not/yet/there")).toStdString();
        const UserState state(data);
        auto nothing = state.read({}, "settings");
        QVERIFY(nothing && nothing->json.empty() && !nothing->damaged);
        QVERIFY(state.write({}, "settings", R"({"a":1})"));
        QVERIFY(state.write("/stores/a.faultline", "settings", R"({"a":2})"));
        QCOMPARE(QString::fromStdString(UserState(data).read({}, "settings")->json),
                 QStringLiteral(R"({"a":1})"));
        QCOMPARE(QString::fromStdString(state.read("/stores/../stores/a.faultline", "settings")->json),
                 QStringLiteral(R"({"a":2})"));
        QVERIFY(state.read("/stores/b.faultline", "settings")->json.empty());
        const QFileInfo about(QString::fromStdString(state.path({}, "settings")));
        QCOMPARE(about.permissions() & (QFileDevice::ReadGroup | QFileDevice::ReadOther),
                 QFileDevice::Permissions());
        QCOMPARE(filesOf(about.path()),
                 QStringList({QStringLiteral("lock"), QStringLiteral("settings.json")}));
    }

    void whatIsNoDocumentIsRefused()
    {
        const QTemporaryDir root;
        const UserState state(root.path().toStdString());
        for (const char* text : {"[1]", "{", "1", "{} {}"})
            QCOMPARE(state.write({}, "a", text).error().kind, ErrorKind::Input);
        const std::string large = std::string("{\"a\":\"") + std::string(UserState::kMostBytes, 'x') + "\"}";
        QCOMPARE(state.write({}, "a", large).error().kind, ErrorKind::Limit);
        for (const char* name : {"", "../a", "a/b", "A", "a.b"}) {
            QVERIFY2(!state.write({}, name, "{}"), name);
            QVERIFY2(!state.read({}, name), name);
        }
        QVERIFY(state.read({}, "a")->json.empty());
    }

    void aDamagedOneIsKeptAsideAndToldOnce_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::newRow("cut") << QByteArray(R"({"a":1)");
        QTest::newRow("no object") << QByteArray("[]");
        QTest::newRow("bytes") << QByteArray("\0\xff\xfe{}", 5);
        QTest::newRow("deep") << QByteArray(200'000, '\x5b');
        QTest::newRow("deep objects") << QByteArray("{\"a\":").repeated(50'000);
        QTest::newRow("large") << QByteArray(UserState::kMostBytes + 1, ' ');
    }
    void aDamagedOneIsKeptAsideAndToldOnce()
    {
        QFETCH(QByteArray, bytes);
        const QTemporaryDir root;
        const UserState state(root.path().toStdString());
        QVERIFY(state.write({}, "views", "{}"));
        const std::string path = state.path({}, "views");
        put(path, bytes);
        const auto read = state.read({}, "views");
        QVERIFY(read && read->json.empty());
        QVERIFY2(read->damaged && read->damaged->kind == ErrorKind::Damaged, "nothing was said");
        QVERIFY(QString::fromStdString(read->damaged->hints.at(0)).contains(QStringLiteral(".damaged-1")));
        QFile kept(QString::fromStdString(path + ".damaged-1"));
        QVERIFY(kept.open(QIODevice::ReadOnly));
        QVERIFY2(kept.readAll() == bytes, "the bytes are not those that were there");
        QVERIFY2(!state.read({}, "views")->damaged, "told twice");
        QVERIFY(state.write({}, "views", R"({"b":1})"));
        QCOMPARE(QString::fromStdString(state.read({}, "views")->json), QStringLiteral(R"({"b":1})"));
    }

    void processesThatAddLoseNothing()
    {
        const QTemporaryDir root;
        const UserState state(root.path().toStdString());
        constexpr int kProcesses = 4, kEach = 25;
        std::vector<pid_t> children;
        for (int process = 0; process < kProcesses; ++process) {
            const pid_t child = ::fork();
            QVERIFY(child >= 0);
            if (child == 0) {
                bool good = true;
                for (int i = 0; i < kEach; ++i)
                    good = state
                               .update({}, "history",
                                       [&](const std::string& before) {
                                           const auto old =
                                               QJsonDocument::fromJson(QByteArray::fromStdString(before));
                                           QJsonObject next = old.object();
                                           next[QStringLiteral("%1-%2").arg(process).arg(i)] = true;
                                           return QJsonDocument(next).toJson().toStdString();
                                       })
                               .ok() &&
                           good;
                ::_exit(good ? 0 : 1);
            }
            children.push_back(child);
        }
        for (const pid_t child : children) {
            int status = 0;
            QCOMPARE(::waitpid(child, &status, 0), child);
            QCOMPARE(status, 0);
        }
        const auto read = state.read({}, "history");
        QVERIFY(read && !read->damaged);
        QCOMPARE(QJsonDocument::fromJson(QByteArray::fromStdString(read->json)).object().size(),
                 kProcesses * kEach);
    }

    void aReaderNeverSeesHalfADocument()
    {
        const QTemporaryDir root;
        const UserState state(root.path().toStdString());
        const auto document = [](char c) {
            return std::string("{\"a\":\"") + std::string(100'000, c) + "\"}";
        };
        QVERIFY(state.write({}, "a", document('x')));
        std::jthread writer([&](const std::stop_token& stop) {
            for (int i = 0; !stop.stop_requested(); ++i)
                (void)state.write({}, "a", document(i % 2 ? 'x' : 'y'));
        });
        for (int i = 0; i < 200; ++i) {
            const auto read = state.read({}, "a");
            QVERIFY(read && !read->damaged);
            QVERIFY(read->json == document('x') || read->json == document('y'));
        }
    }

    void oldStoresAreForgotten()
    {
        const QTemporaryDir root;
        const UserState state(root.path().toStdString());
        const QString stores = root.path() + QStringLiteral("/state/stores");
        for (std::size_t i = 0; i < UserState::kMostStores + 3; ++i)
            QVERIFY(QDir().mkpath(stores + QStringLiteral("/old%1").arg(i)));
        QVERIFY(state.write("/new.faultline", "session", "{}"));
        QCOMPARE(QDir(stores).entryList(QDir::Dirs | QDir::NoDotAndDotDot).size(),
                 static_cast<qsizetype>(UserState::kMostStores));
        QCOMPARE(QString::fromStdString(state.read("/new.faultline", "session")->json), QStringLiteral("{}"));
    }

    void whatIsPutIsWrittenAtTheLatestAtTheEnd()
    {
        const QTemporaryDir root;
        const auto state = std::make_shared<const UserState>(root.path().toStdString());
        {
            StateKeeper keeper(state);
            for (int i = 0; i < 100; ++i) keeper.put({}, "session", {{QStringLiteral("a"), i}});
            keeper.put("/a.faultline", "session", {{QStringLiteral("b"), 1}});
            QCOMPARE(keeper.unwritten({}, "session")->value(QStringLiteral("a")).toInt(), 99);
            keeper.change({}, "history", [](QJsonObject before) {
                before[QStringLiteral("c")] = 3;
                return before;
            });
        }
        QCOMPARE(QString::fromStdString(state->read({}, "session")->json), QStringLiteral(R"({"a":99})"));
        QCOMPARE(QString::fromStdString(state->read("/a.faultline", "session")->json),
                 QStringLiteral(R"({"b":1})"));
        QCOMPARE(QString::fromStdString(state->read({}, "history")->json), QStringLiteral(R"({"c":3})"));
    }

    void whatIsPutIsWrittenSoon()
    {
        const QTemporaryDir root;
        const auto state = std::make_shared<const UserState>(root.path().toStdString());
        StateKeeper keeper(state);
        keeper.put({}, "session", {{QStringLiteral("a"), 1}});
        QTRY_VERIFY_WITH_TIMEOUT(!keeper.unwritten({}, "session"), 10'000);
        QCOMPARE(QString::fromStdString(state->read({}, "session")->json), QStringLiteral(R"({"a":1})"));
        QJsonObject read;
        keeper.put({}, "session", {{QStringLiteral("a"), 2}});
        keeper.read({}, "session", [&](const QJsonObject& document) { read = document; });
        QTRY_COMPARE(read[QStringLiteral("a")].toInt(), 2);
    }

    void aDiskThatCannotBeWrittenIsSaidOnce()
    {
        const QTemporaryDir root;
        QFile file(root.filePath(QStringLiteral("state")));
        QVERIFY(file.open(QIODevice::WriteOnly)); // where the folder should be
        StateKeeper keeper(std::make_shared<const UserState>(root.path().toStdString()));
        QSignalSpy failed(&keeper, &StateKeeper::failed);
        keeper.put({}, "session", {{QStringLiteral("a"), 1}});
        keeper.flush();
        QVERIFY(failed.wait(10'000));
        keeper.put({}, "session", {{QStringLiteral("a"), 2}});
        keeper.flush();
        QTRY_VERIFY(!keeper.unwritten({}, "session"));
        QCOMPARE(failed.size(), 1);
    }

    void settingsKeepWhatIsKnownAndBounded()
    {
        Settings settings;
        settings.look = Settings::Look::Light;
        settings.zone = "local";
        settings.window = {1'200, 800, true};
        settings.experiments.keep("log-scale", true);
        QVERIFY(settingsFromJson(settingsToJson(settings)) == settings);
        const auto hostile = QJsonDocument::fromJson(
            R"({"theme":"pink","zone":7,"window":{"width":1e9,"height":5},"experiments":["no-such",3,{}]})");
        QVERIFY(settingsFromJson(hostile.object()) == Settings());
    }

    void experimentsAreKnownByName()
    {
        EnabledExperiments enabled;
        QVERIFY(!enabled.on("log-scale"));
        const Status unknown = enabled.enable("teleport");
        QCOMPARE(unknown.error().kind, ErrorKind::Usage);
        QVERIFY(QString::fromStdString(unknown.error().hints.at(0)).contains(QStringLiteral("log-scale")));
        QVERIFY(enabled.enable("log-scale"));
        QVERIFY(enabled.on("log-scale") && enabled.forThisRun("log-scale") && !enabled.kept("log-scale"));
        // For one run: it is not in what is kept.
        Settings settings;
        settings.experiments = enabled;
        QVERIFY(!settingsFromJson(settingsToJson(settings)).experiments.on("log-scale"));
    }
};

QTEST_GUILESS_MAIN(TestUserState)
#include "tst_user_state.moc"
