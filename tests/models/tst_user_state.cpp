#include "models/session/kept_lists.h"
#include "models/session/marks.h"
#include "models/session/settings.h"
#include "models/session/state_keeper.h"
#include "models/session/user_state.h"

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QFileInfo>
#include <QJsonDocument>
#include <QProcess>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
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

    /// Holds the lock of the user's documents, as another process does; gives its descriptor.
    static int holdLock(const UserState& state)
    {
        const auto folder = state.makeFolder({});
        if (!folder) qFatal("no folder");
        const int lock = ::open((*folder + "/lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        if (lock < 0 || ::flock(lock, LOCK_EX) != 0) qFatal("no lock");
        return lock;
    }
    static QJsonObject with(QJsonObject object, const char* name)
    {
        object[QLatin1String(name)] = true;
        return object;
    }
    static QString text(const UserState& state, const char* name)
    {
        const auto read = state.read({}, name);
        return read ? QString::fromStdString(read->json) : QStringLiteral("not read");
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

    void onlyWhatIsStillDamagedIsPutAside()
    {
        const QTemporaryDir root;
        const UserState state(root.path().toStdString());
        const std::string path = state.path({}, "views");
        const int lock = holdLock(state);
        put(path, "{\"cut");
        // Somebody holds the lock, and may just replace it: not ours to move.
        const auto read = state.read({}, "views", {std::chrono::milliseconds(0), {}});
        QVERIFY(read && read->damaged && read->json.empty());
        QVERIFY2(QFile::exists(QString::fromStdString(path)), "moved without the lock");
        QVERIFY(!QFile::exists(QString::fromStdString(path + ".damaged-1")));
        // A reader that saw the broken one gets the good one, which stays where it is.
        std::jthread reader([&] {
            const auto good = state.read({}, "views");
            QVERIFY(good && !good->damaged);
            QCOMPARE(QString::fromStdString(good->json), QStringLiteral("{}"));
        });
        put(path + ".new", "{}");
        QCOMPARE(::rename((path + ".new").c_str(), path.c_str()), 0);
        ::close(lock);
        reader.join();
        QCOMPARE(text(state, "views"), QStringLiteral("{}"));
        QVERIFY(!QFile::exists(QString::fromStdString(path + ".damaged-1")));
    }

    void whatItsOwnerCannotReadIsPutAside()
    {
        const QTemporaryDir root;
        const UserState state(root.path().toStdString());
        QVERIFY(state.write({}, "marks", R"({"marks":7})"));
        const auto changed = state.update({}, "marks", [](const std::string& before) -> Result<std::string> {
            if (!before.empty()) return makeError(ErrorKind::Input, "read marks", "its marks are no list");
            return std::string(R"({"marks":[]})");
        });
        QVERIFY(changed && changed->damaged);
        QCOMPARE(QString::fromStdString(changed->damaged->why), QStringLiteral("its marks are no list"));
        QCOMPARE(text(state, "marks"), QStringLiteral(R"({"marks":[]})"));
        QFile kept(QString::fromStdString(state.path({}, "marks") + ".damaged-1"));
        QVERIFY(kept.open(QIODevice::ReadOnly));
        QCOMPARE(kept.readAll(), QByteArray(R"({"marks":7})"));
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

    void aChangeThatCouldNotBeWrittenIsMadeWithTheNext()
    {
        const QTemporaryDir root;
        const QString inTheWay = root.filePath(QStringLiteral("state"));
        QFile file(inTheWay);
        QVERIFY(file.open(QIODevice::WriteOnly));
        const auto state = std::make_shared<const UserState>(root.path().toStdString());
        StateKeeper keeper(state);
        QSignalSpy failed(&keeper, &StateKeeper::failed);
        keeper.change({}, "views", [](const QJsonObject& before) { return with(before, "a"); });
        QVERIFY(failed.wait(10'000));
        QVERIFY(QFile::remove(inTheWay));
        keeper.change({}, "views", [](const QJsonObject& before) { return with(before, "b"); });
        QTRY_COMPARE_WITH_TIMEOUT(text(*state, "views"), QStringLiteral(R"({"a":true,"b":true})"), 10'000);
    }

    void theEndWaitsOnlySoLong()
    {
        const QTemporaryDir root;
        const auto state = std::make_shared<const UserState>(root.path().toStdString());
        const int lock = holdLock(*state);
        QElapsedTimer timer;
        {
            StateKeeper keeper(state);
            keeper.change({}, "views", [](const QJsonObject& before) { return with(before, "a"); });
            keeper.put({}, "session", {{QStringLiteral("b"), 1}});
            for (int i = 0; i < 50; ++i)
                keeper.change({}, "history", [](const QJsonObject& before) { return with(before, "c"); });
            timer.start();
            const std::vector<Error> lost = keeper.finish();
            QCOMPARE(lost.size(), std::size_t{2});
            QCOMPARE(lost[0].kind, ErrorKind::Locked);
            QVERIFY2(lost[0].what.find("history.json") != std::string::npos, lost[0].what.c_str());
        }
        QVERIFY2(timer.elapsed() < 4'000, qPrintable(QString::number(timer.elapsed())));
        // What takes the place of all there is needs no lock.
        QCOMPARE(text(*state, "session"), QStringLiteral(R"({"b":1})"));
        QCOMPARE(text(*state, "views"), QString());
        ::close(lock);
    }

    void windowsHearOfEachOther()
    {
        const QTemporaryDir root;
        const auto state = std::make_shared<const UserState>(root.path().toStdString());
        StateKeeper here(state), there(std::make_shared<const UserState>(root.path().toStdString()));
        QList<QJsonObject> heard;
        connect(&here, &StateKeeper::changed, this,
                [&](const std::string& store, const std::string& name, const QJsonObject& document) {
                    QCOMPARE(store + '|' + name, std::string("|settings"));
                    heard.push_back(document);
                });
        here.follow({}, "settings");
        QTRY_COMPARE_WITH_TIMEOUT(heard.size(), 1, 10'000);
        QVERIFY(heard[0].isEmpty());
        there.change({}, "other", [](const QJsonObject& before) { return with(before, "x"); });
        there.change({}, "settings", [](const QJsonObject& before) { return with(before, "a"); });
        QTRY_COMPARE_WITH_TIMEOUT(heard.size(), 2, 10'000);
        QCOMPARE(heard[1].keys(), QStringList{QStringLiteral("a")});
        // Its own are told too, with what others changed; what says nothing new is not.
        here.change({}, "settings", [](const QJsonObject& before) { return with(before, "b"); });
        here.change({}, "settings", [](const QJsonObject& before) { return with(before, "b"); });
        QTRY_COMPARE_WITH_TIMEOUT(heard.size(), 3, 10'000);
        QCOMPARE(heard[2].keys(), QStringList({QStringLiteral("a"), QStringLiteral("b")}));
        here.unfollow({}, "settings");
        there.change({}, "settings", [](const QJsonObject& before) { return with(before, "c"); });
        QJsonObject read;
        there.read({}, "settings", [&](const QJsonObject& document) { read = document; });
        QTRY_COMPARE_WITH_TIMEOUT(read.size(), 3, 10'000);
        QCOMPARE(heard.size(), 3);
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

    void editsOfMarksKeepThoseOfOthers()
    {
        const auto mark = [](TimeNs time, const char* label = "") {
            return Mark{{time, std::string(32, 'a'), 0}, label, "text"};
        };
        const std::vector<Mark> before{mark(1), mark(2, "two"), mark(3)};
        const MarkEdit edit = editBetween(before, {mark(1), mark(2, "2"), mark(4)});
        QVERIFY(!edit.empty() && editBetween(before, before).empty());
        // Another window has marked 9, taken 2 away, and taken 3 away as well.
        std::vector<Mark> kept{mark(1, "one"), mark(9)};
        QCOMPARE(applyEdit(edit, kept), std::size_t{0});
        QVERIFY2(kept == (std::vector<Mark>{mark(1, "one"), mark(4), mark(9)}), marksToJson(kept).c_str());
        QVERIFY(applyEdit(edit, kept) == 0 && kept.size() == 3); // made twice is made once
        std::vector<Mark> full;
        for (std::size_t i = 0; i < kMostMarks; ++i) full.push_back(mark(static_cast<TimeNs>(100 + i)));
        QCOMPARE(applyEdit(edit, full), std::size_t{1});
        QCOMPARE(full.size(), kMostMarks);
    }

    void viewsKeepTheirPlacesAndNames()
    {
        const QJsonObject content{{QStringLiteral("view"), QJsonObject()}};
        SavedViews views;
        for (const char* const name : {"a", "b", "c"}) QVERIFY(faultline::put(views, {name, content}));
        const auto names = [&] {
            std::string all;
            for (const SavedView& view : views) all += view.name + ';';
            return QString::fromStdString(all);
        };
        QVERIFY(!rename(views, "b", " c ") && !rename(views, "x", "y") && !rename(views, "b", " "));
        QVERIFY(rename(views, "b", " B\n 2 ") && rename(views, "a", "a"));
        QCOMPARE(names(), QStringLiteral("a;B 2;c;"));
        QVERIFY(insert(views, {"c", content}, 1) && insert(views, {"c", content}, 99));
        QCOMPARE(names(), QStringLiteral("a;c (2);B 2;c;c (3);"));
        const std::string longest(120, 'x');
        QVERIFY(faultline::put(views, {longest, content}));
        QCOMPARE(QString::fromStdString(freeName(views, longest)),
                 QString(116, QLatin1Char('x')) + QStringLiteral(" (2)"));
    }

    void aChoiceLeavesTheOthersInTheDocument()
    {
        const auto before = QJsonDocument::fromJson(
            R"({"zone":"local","tomorrow":{"a":1},"window":{"width":1000,"height":700,"maximized":false}})");
        const QJsonObject after = changedSettings(before.object(), [](Settings& settings) {
            settings.look = Settings::Look::Light;
            settings.zone = "utc";
        });
        QJsonObject expected = before.object();
        expected[QStringLiteral("theme")] = QStringLiteral("light");
        expected[QStringLiteral("zone")] = QStringLiteral("utc");
        QCOMPARE(after, expected);
        Settings mine;
        mine.window = {900, 600, false};
        QVERIFY(mine.experiments.enable("log-scale"));
        adopt(mine, settingsFromJson(after));
        QVERIFY(mine.look == Settings::Look::Light && mine.window.width == 900);
        QVERIFY(mine.experiments.on("log-scale"));
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
