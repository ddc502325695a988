// What ends does not hold the window: commits, commands that do not want to go, questions under way.
#include "models/session/ingest_service.h"
#include "models/session/live_feeds.h"
#include "models/session/query_service.h"
#include "models/session/workspace.h"
#include "tests/gui/window_fixture.h"
#include "views/investigate/investigate_page.h"

#include <csignal>
#include <future>
#include <thread>

using namespace faultline;

namespace {

class NoEngine final : public QueryEngine
{
public:
    Result<Answer> ask(const Question&, std::stop_token, const Partial&) override { return none(); }
    Result<std::vector<Answer>> askAll(const std::vector<Question>&, std::stop_token, const Partial&) override
    {
        return none();
    }
    Result<std::vector<std::string>> fieldNames(std::stop_token) override { return none(); }
    void forget() override {}

private:
    static Error none() { return makeError(ErrorKind::Internal, "ask", "there is none"); }
};

/// Work that goes on until the test lets it end, whoever asks it to stop.
struct Stubborn
{
    std::promise<void> released;
    std::shared_future<void> release = released.get_future().share();
    std::atomic<bool> entered = false;
    void work()
    {
        entered = true;
        release.wait();
    }
};

} // namespace

class TestClosing : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void servicesRetireAtOnce()
    {
        Stubborn stubborn;
        const IngestService::Run run = [&](const IngestRequest&, std::function<void(const IngestProgress&)>,
                                           std::stop_token) -> Result<IngestReport> {
            stubborn.work();
            return IngestReport{};
        };
        auto ingest = std::make_unique<IngestService>(run, IngestService::Discard());
        auto feeds = std::make_unique<LiveFeeds>(run);
        auto queries = std::make_shared<QueryService>(std::make_shared<NoEngine>());
        QSignalSpy finished(ingest.get(), &IngestService::finished), ended(feeds.get(), &LiveFeeds::ended);
        QVERIFY(ingest->start({}));
        feeds->followFiles({"a.log"});
        bool answered = false;
        std::atomic<bool> asked = false;
        auto ticket = queries->run([&](QueryEngine&, std::stop_token) -> std::function<void()> {
            asked = true;
            stubborn.work();
            return [&] { answered = true; };
        });
        QTRY_VERIFY(stubborn.entered && asked);
        // Returns although all of them are in the middle of something.
        ingest->retire();
        feeds->retire();
        queries->retire();
        std::atomic<int> gone = 0;
        std::thread elsewhere([&] {
            feeds.reset();
            ++gone;
            ingest.reset();
            ++gone;
            queries.reset();
            ++gone;
        });
        QCOMPARE(gone.load(), 0);
        stubborn.released.set_value();
        elsewhere.join();
        QCOMPARE(gone.load(), 3);
        QCoreApplication::processEvents();
        QVERIFY2(finished.empty() && ended.empty() && !answered, "what has retired still says something");
    }
    /// A command that does not want to go is killed after half a second; the window does not wait for that.
    void anotherCaseOpensMeanwhile()
    {
        WindowFixture fixture;
        fixture.window().show();
        QVERIFY(QTest::qWaitForWindowExposed(&fixture.window()));
        const QString file = fixture.root().filePath(QStringLiteral("process"));
        CaseRequest first;
        first.command = "trap '' TERM; echo $$ > '" + file.toStdString() +
                        "'; echo '{\"time\":\"2026-01-02T03:00:00Z\",\"message\":\"x\"}'; "
                        "while :; do sleep 0.05; done";
        fixture.window().openCase(first);
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("1 event"), 20'000);
        QFile number(file);
        QVERIFY(number.open(QIODevice::ReadOnly));
        const int process = number.readAll().trimmed().toInt();
        QVERIFY(process > 0 && ::kill(process, 0) == 0);
        const std::string store = fixture.storePath().toStdString();
        // When the next case is there, the command of the last one is not over yet.
        bool alive = false;
        connect(&fixture.window(), &MainWindow::caseOpened, this, [&] { alive = ::kill(process, 0) == 0; });
        fixture.setStoreName(QStringLiteral("next"));
        CaseRequest next;
        next.paths = {fixture.writeLog(QStringLiteral("a.log"), 100).toStdString()};
        fixture.window().openCase(next);
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("100 events"), 20'000);
        QVERIFY2(alive, "the window has waited until the command was killed");
        QTRY_VERIFY2(::kill(process, 0) != 0, "the command goes on without its case");
        // What it gave is kept, and its store is free again.
        CaseRequest again;
        again.storePath = store;
        fixture.window().openCase(again);
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("1 event"), 20'000);
        QTRY_VERIFY(!fixture.find<QLabel>("storeLabel")->text().contains(QStringLiteral("another process")));
    }
    void aClosedWindowIsGone()
    {
        WindowFixture fixture;
        fixture.window().show();
        QVERIFY(QTest::qWaitForWindowExposed(&fixture.window()));
        CaseRequest first;
        first.command = "trap '' TERM; echo '{\"message\":\"x\"}'; while :; do sleep 0.05; done";
        fixture.window().openCase(first);
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("1 event"), 20'000);
        // Where it ends without being closed first, too.
        bool hidden = false;
        connect(fixture.window().page(), &QObject::destroyed, this,
                [&, window = &fixture.window()] { hidden = !window->isVisible(); });
        fixture.end();
        QVERIFY2(hidden, "the window stands there while its services end");
    }
};

QTEST_MAIN(TestClosing)
#include "tst_closing.moc"
