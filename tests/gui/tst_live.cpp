#include "models/session/workspace.h"
#include "models/tables/event_list_model.h"
#include "tests/gui/window_fixture.h"
#include "views/investigate/event_list_view.h"
#include "views/investigate/investigate_page.h"
#include "views/investigate/live_pill.h"

using namespace faultline;

/// A store that another process fills while the window looks at it.
class TestLive : public QObject
{
    Q_OBJECT
    /// Lines behind those of the log, as another process would hand them over.
    static QString more(WindowFixture& fixture, const QString& name, int first, int count)
    {
        QList<QByteArray> lines;
        for (int i = 0; i < count; ++i)
            lines.push_back("{\"time\":" + QByteArray::number(1'767'322'800 + first + i) +
                            ",\"level\":\"info\",\"service\":\"late\",\"message\":\"came " +
                            QByteArray::number(i) + "\"}");
        return fixture.writeLines(name, lines);
    }
    static bool feed(WindowFixture& fixture, const QString& file)
    {
        Workspace::Options options;
        options.storePath = fixture.storePath().toStdString();
        options.write = true; // the window is the writer: it takes the work over
        auto other = Workspace::open(options);
        if (!other) return false;
        IngestRequest request;
        request.paths = {file.toStdString()};
        Result<IngestReport> report = makeError(ErrorKind::Internal, "feed", "it did not run");
        std::thread process([&] { report = (*other)->ingest(request, {}, {}); });
        const bool done = QTest::qWaitFor([&] { return static_cast<bool>(report); }, 10'000);
        process.join();
        return done;
    }
    static void open(WindowFixture& fixture)
    {
        fixture.window().resize(1200, 800);
        fixture.window().show();
        QVERIFY(QTest::qWaitForWindowExposed(&fixture.window()));
        QVERIFY(fixture.openAndWait({fixture.writeLog(QStringLiteral("a.log"), 1'000)}));
        QTRY_COMPARE(fixture.countText(), QStringLiteral("1,000 events"));
        fixture.find<EventListView>("eventList")->setFocus();
    }

private Q_SLOTS:
    void aReadIsNotNew()
    {
        WindowFixture fixture;
        open(fixture);
        QVERIFY(!fixture.find<LivePill>("livePill")->isVisible());
    }
    void newRowsDoNotMoveTheView()
    {
        WindowFixture fixture;
        open(fixture);
        auto* const list = fixture.find<EventListView>("eventList");
        auto* const pill = fixture.find<LivePill>("livePill");
        list->setCurrentRow(500, true);
        const int top = list->topRow();
        QVERIFY(feed(fixture, more(fixture, QStringLiteral("b.log"), 2'000, 214)));
        QTRY_COMPARE(fixture.countText(), QStringLiteral("1,214 events"));
        QTRY_VERIFY(pill->isVisible());
        QCOMPARE(pill->text(), QStringLiteral("214 new"));
        QCOMPARE(list->topRow(), top);
        QCOMPARE(list->currentRow(), 500);
        QVERIFY2(list->rect().contains(pill->geometry()), "it lies over the list");
        // More of them, among the others: what one looks at stays where it is on the screen.
        QVERIFY(feed(fixture, more(fixture, QStringLiteral("c.log"), 100, 6)));
        QTRY_COMPARE(pill->text(), QStringLiteral("220 new"));
        QTRY_COMPARE(list->currentRow(), 506);
        QCOMPARE(list->currentRow() - list->topRow(), 500 - top);
        QTest::mouseClick(pill, Qt::LeftButton);
        QCOMPARE(list->currentRow(), 1'219);
        QVERIFY(!pill->isVisible());
    }
    void theEndIsSeen()
    {
        WindowFixture fixture;
        open(fixture);
        auto* const list = fixture.find<EventListView>("eventList");
        auto* const pill = fixture.find<LivePill>("livePill");
        QVERIFY(feed(fixture, more(fixture, QStringLiteral("b.log"), 2'000, 5)));
        QTRY_COMPARE(pill->text(), QStringLiteral("5 new"));
        QTest::keyClick(list, Qt::Key_End);
        QTRY_VERIFY(!pill->isVisible());
        // Another question has nothing new either.
        QVERIFY(feed(fixture, more(fixture, QStringLiteral("c.log"), 3'000, 5)));
        QTRY_COMPARE(pill->text(), QStringLiteral("5 new"));
        fixture.search(QStringLiteral("service:late"));
        QTRY_COMPARE(fixture.countText(), QStringLiteral("10 events"));
        QTRY_VERIFY(!pill->isVisible());
    }
    void aHeldViewLosesNothing()
    {
        WindowFixture fixture;
        open(fixture);
        auto* const list = fixture.find<EventListView>("eventList");
        auto* const pill = fixture.find<LivePill>("livePill");
        const auto* const model = fixture.window().page()->findChild<EventListModel*>();
        QTest::keyClick(list, Qt::Key_P);
        QTRY_COMPARE(pill->text(), QStringLiteral("Paused"));
        QVERIFY(feed(fixture, more(fixture, QStringLiteral("b.log"), 2'000, 30)));
        QTRY_COMPARE(pill->text(), QStringLiteral("Paused · 30 new"));
        QCOMPARE(model->rowCount(), 1'000);
        QCOMPARE(fixture.countText(), QStringLiteral("1,000 events"));
        QTest::keyClick(list, Qt::Key_P);
        QTRY_COMPARE(fixture.countText(), QStringLiteral("1,030 events"));
        QTRY_COMPARE(pill->text(), QStringLiteral("30 new"));
        QVERIFY(!fixture.window().page()->paused());
        QTRY_COMPARE(model->rowCount(), 1'030);
    }
};

QTEST_MAIN(TestLive)
#include "tst_live.moc"
