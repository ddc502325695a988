#include "models/session/workspace.h"
#include "models/tables/event_list_model.h"
#include "tests/gui/window_fixture.h"
#include "tests/support/store_fixture.h"
#include "views/investigate/event_list_view.h"
#include "views/investigate/investigate_page.h"
#include "views/investigate/live_pill.h"

#include <QAbstractItemModelTester>
#include <QScrollBar>
#include <QToolButton>

using namespace faultline;
using faultline::testing::ManualClock;

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
    /// The end of the log that open() reads.
    static constexpr TimeNs kLogEnd = (1'767'322'800 + 1'000) * kSecondNs;
    /// A window that goes by this clock.
    static auto withClock(const std::shared_ptr<ManualClock>& clock)
    {
        return [clock](CaseOpener::Places& places) { places.clock = clock; };
    }
    static StoreSummary summaryOf(Workspace& workspace, std::uint64_t look)
    {
        const auto snapshot = workspace.store()->snapshot();
        StoreSummary summary;
        if (!snapshot) return summary;
        summary.generation = (*snapshot)->generation;
        summary.events = (*snapshot)->events;
        summary.dense = summary.whole = {(*snapshot)->minTime, (*snapshot)->maxTime + 1};
        summary.writer = true;
        summary.look = look;
        return summary;
    }
    static void open(WindowFixture& fixture)
    {
        fixture.window().resize(1200, 800);
        fixture.window().show();
        QVERIFY(QTest::qWaitForWindowExposed(&fixture.window()));
        QVERIFY(fixture.openAndWait({fixture.writeLog(QStringLiteral("a.log"), 1'000)}));
        QTRY_COMPARE(fixture.countText(), QStringLiteral("1,000 events"));
        QTRY_VERIFY(!fixture.window().page()->filling()); // what comes from now on is new
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
    void aViewUntilNowKeepsItsPlace()
    {
        const auto clock = std::make_shared<ManualClock>(kLogEnd);
        WindowFixture fixture("UTC", {}, true, withClock(clock));
        open(fixture);
        auto* const list = fixture.find<EventListView>("eventList");
        auto* const pill = fixture.find<LivePill>("livePill");
        auto* const model = fixture.window().page()->findChild<EventListModel*>();
        const QAbstractItemModelTester tester(model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        fixture.window().page()->typeRange(QStringLiteral("now-15m"));
        QTRY_COMPARE(fixture.countText(), QStringLiteral("900 events"));
        list->setCurrentRow(500, true);
        QTRY_VERIFY(model->event(500) != nullptr);
        const EventKey key = model->event(500)->key;
        const int below = 500 - list->topRow();
        // As many come as leave.
        clock->advance(60 * kSecondNs);
        QVERIFY(feed(fixture, more(fixture, QStringLiteral("b.log"), 1'000, 60)));
        QTRY_COMPARE(list->currentRow(), 440);
        QCOMPARE(list->currentRow() - list->topRow(), below);
        QVERIFY2(model->held(440) != nullptr && model->held(440)->key == key, "it shows another event");
        QCOMPARE(fixture.countText(), QStringLiteral("900 events"));
        QTRY_COMPARE(pill->text(), QStringLiteral("60 new"));
        QCOMPARE(fixture.window().page()->query(), QString());
        // Further ones, late ones among them: they are told of from the moment when one looked last.
        clock->advance(10 * kSecondNs);
        QVERIFY(feed(fixture, more(fixture, QStringLiteral("c.log"), 1'060, 10)));
        QTRY_COMPARE(pill->text(), QStringLiteral("70 new"));
        QVERIFY(feed(fixture, more(fixture, QStringLiteral("d.log"), 200, 4)));
        QTRY_COMPARE(pill->text(), QStringLiteral("74 new"));
        QTRY_COMPARE(list->currentRow(), 434);
        QTRY_VERIFY(model->event(434) != nullptr && model->event(434)->key == key);
        QTest::keyClick(list, Qt::Key_End);
        QTRY_VERIFY(!pill->isVisible());
        // At the end, where the scroll bar gives way to the rows that leave: not twice.
        const int above = list->currentRow() - list->topRow();
        clock->advance(60 * kSecondNs);
        QVERIFY(feed(fixture, more(fixture, QStringLiteral("e.log"), 1'070, 60)));
        QTRY_COMPARE(pill->text(), QStringLiteral("60 new"));
        QTRY_COMPARE(list->currentRow(), model->rowCount() - 61);
        QCOMPARE(list->currentRow() - list->topRow(), above);
    }
    /// A view that was kept goes until now, not until when it was kept, held or not.
    void aKeptViewUntilNowIsPlacedAtNow()
    {
        const auto clock = std::make_shared<ManualClock>(kLogEnd);
        WindowFixture fixture("UTC", {}, true, withClock(clock));
        open(fixture);
        InvestigatePage& page = *fixture.window().page();
        page.typeRange(QStringLiteral("now-15m"));
        QTRY_COMPARE(fixture.countText(), QStringLiteral("900 events"));
        const QJsonObject saved = page.savedForm();
        const TimeRange before = page.range();
        clock->advance(3'600 * kSecondNs);
        page.setPaused(true);
        page.openSaved(saved);
        QCOMPARE(page.range().end, before.end + 3'600 * kSecondNs);
    }
    void rowsInSightStayWithoutAChosenOne()
    {
        const auto clock = std::make_shared<ManualClock>(kLogEnd);
        WindowFixture fixture("UTC", {}, true, withClock(clock));
        open(fixture);
        auto* const list = fixture.find<EventListView>("eventList");
        const auto* const model = fixture.window().page()->findChild<EventListModel*>();
        fixture.find<QWidget>("searchInput")->setFocus();
        // Scrolled before it is known where the event is that was chosen before: it stays there.
        connect(model, &EventListModel::totalChanged, list, [list](qint64 total, bool exact) {
            if (exact && total == 900) list->verticalScrollBar()->setSliderPosition(300);
        });
        fixture.window().page()->typeRange(QStringLiteral("now-15m"));
        fixture.find<QWidget>("searchInput")->setFocus();
        QTRY_COMPARE(fixture.countText(), QStringLiteral("900 events"));
        QCOMPARE(list->topRow(), 300);
        list->clearCurrent();
        QTRY_VERIFY(model->event(300) != nullptr);
        const EventKey key = model->event(300)->key;
        clock->advance(60 * kSecondNs);
        QVERIFY(feed(fixture, more(fixture, QStringLiteral("b.log"), 1'000, 20)));
        QTRY_COMPARE(fixture.countText(), QStringLiteral("860 events"));
        QTRY_COMPARE(list->topRow(), 240);
        QTRY_VERIFY(model->event(240) != nullptr && model->event(240)->key == key);
        // All of what is in sight leaves: the list is at its begin.
        clock->advance(600 * kSecondNs);
        QVERIFY(feed(fixture, more(fixture, QStringLiteral("c.log"), 1'600, 1)));
        QTRY_COMPARE(fixture.countText(), QStringLiteral("261 events"));
        QCOMPARE(list->topRow(), 0);
        QTRY_COMPARE(model->event(0) != nullptr ? model->event(0)->key.time : 0,
                     (1'767'322'800 + 760) * kSecondNs);
    }
    void whatIsChosenIsKeptByItsEvents()
    {
        const auto clock = std::make_shared<ManualClock>(kLogEnd);
        WindowFixture fixture("UTC", {}, true, withClock(clock));
        open(fixture);
        auto* const list = fixture.find<EventListView>("eventList");
        const auto* const model = fixture.window().page()->findChild<EventListModel*>();
        fixture.window().page()->typeRange(QStringLiteral("now-15m"));
        QTRY_COMPARE(fixture.countText(), QStringLiteral("900 events"));
        list->setCurrentRow(500, true);
        for (int i = 0; i < 4; ++i) QTest::keyClick(list, Qt::Key_Down, Qt::ShiftModifier);
        QCOMPARE(list->selected(), std::optional(EventListView::Rows(500, 504)));
        // One comes before them, two within, one behind.
        for (const int at : {599, 602, 603, 700})
            QVERIFY(feed(fixture, more(fixture, QStringLiteral("late%1.log").arg(at), at, 1)));
        QTRY_COMPARE(fixture.countText(), QStringLiteral("904 events"));
        const auto selected = [list] {
            const auto rows = list->selected();
            return rows ? QStringLiteral("%1 to %2").arg(rows->first).arg(rows->second) : QString();
        };
        QTRY_COMPARE(selected(), QStringLiteral("501 to 507"));
        QCOMPARE(list->currentRow(), 507);
        // And far away from what is in sight.
        list->verticalScrollBar()->setValue(0);
        QVERIFY(feed(fixture, more(fixture, QStringLiteral("late.log"), 300, 5)));
        QTRY_COMPARE(fixture.countText(), QStringLiteral("909 events"));
        QTRY_COMPARE(list->currentRow(), 512);
        QCOMPARE(selected(), QStringLiteral("506 to 512"));
        QCOMPARE(list->topRow(), 0);
        // The current event leaves: no other one takes its place, its fields stay, and one goes on from it.
        list->setCurrentRow(10);
        QTRY_VERIFY(model->event(10) != nullptr);
        clock->advance(60 * kSecondNs);
        QVERIFY(feed(fixture, more(fixture, QStringLiteral("z.log"), 1'000, 1)));
        QTRY_COMPARE(fixture.countText(), QStringLiteral("850 events"));
        QCOMPARE(list->currentRow(), -1);
        QTest::keyClick(list, Qt::Key_N);
        QTRY_COMPARE(list->currentRow(), 0);
    }
    void aHeldViewUntilNow()
    {
        const auto clock = std::make_shared<ManualClock>(kLogEnd);
        WindowFixture fixture("UTC", {}, true, withClock(clock));
        open(fixture);
        auto* const list = fixture.find<EventListView>("eventList");
        auto* const pill = fixture.find<LivePill>("livePill");
        InvestigatePage* const page = fixture.window().page();
        page->typeRange(QStringLiteral("now-15m"));
        QTRY_COMPARE(fixture.countText(), QStringLiteral("900 events"));
        const TimeRange range = page->range();
        QTest::keyClick(list, Qt::Key_P);
        clock->advance(60 * kSecondNs);
        QVERIFY(feed(fixture, more(fixture, QStringLiteral("b.log"), 1'000, 30)));
        QTRY_COMPARE(pill->text(), QStringLiteral("Paused · 30 new"));
        clock->advance(60 * kSecondNs);
        QVERIFY(feed(fixture, more(fixture, QStringLiteral("c.log"), 1'060, 10)));
        QTRY_COMPARE(pill->text(), QStringLiteral("Paused · 40 new"));
        QCOMPARE(page->range(), range);
        QCOMPARE(fixture.countText(), QStringLiteral("900 events"));
        // Another question about what is held keeps to its time too.
        fixture.search(QStringLiteral("service:pay"));
        QTRY_COMPARE(fixture.countText(), QStringLiteral("90 events"));
        QCOMPARE(page->range(), range);
        fixture.search(QStringLiteral(" "));
        QTRY_COMPARE(fixture.countText(), QStringLiteral("900 events"));
        list->setFocus();
        QTest::keyClick(list, Qt::Key_P);
        QTRY_COMPARE(fixture.countText(), QStringLiteral("820 events"));
        QCOMPARE(page->range().end, range.end + 120 * kSecondNs);
    }
    void theLastRowsOfAReadAreNotNew()
    {
        WindowFixture files;
        Workspace::Options options;
        options.storePath = (files.root().path() + QStringLiteral("/page.faultline")).toStdString();
        options.write = options.create = true;
        const auto workspace = Workspace::open(options);
        QVERIFY(workspace);
        const auto read = [&](const QString& name, int first, int count) {
            IngestRequest request;
            request.paths = {more(files, name, first, count).toStdString()};
            QVERIFY((*workspace)->ingest(request, {}, {}));
        };
        InvestigatePage page(std::make_shared<QueryService>((*workspace)->engine()), (*workspace)->clock(),
                             {});
        page.resize(1'000, 700);
        static_cast<QWidget&>(page).show();
        const auto* const model = page.findChild<EventListModel*>();
        const auto* const pill = page.findChild<LivePill*>();
        const auto shows = [&](int rows) { return model->rowCount() == rows && !model->counting(); };
        read(QStringLiteral("a.log"), 0, 500);
        page.beginFilling();
        page.setSummary(summaryOf(**workspace, 0));
        QTRY_VERIFY(shows(500));
        // The read ends before the last of it is counted.
        read(QStringLiteral("b.log"), 1'000, 214);
        page.endFilling(1);
        page.setSummary(summaryOf(**workspace, 0));
        QTRY_VERIFY(shows(714));
        read(QStringLiteral("c.log"), 2'000, 5);
        page.setSummary(summaryOf(**workspace, 1));
        QTRY_VERIFY(shows(719));
        QCOMPARE(pill->text(), QString());
        read(QStringLiteral("d.log"), 3'000, 7);
        page.setSummary(summaryOf(**workspace, 1));
        QTRY_COMPARE(pill->text(), QStringLiteral("7 new"));
        // Held while another read goes on: what it gives is not new either, what comes behind it is.
        QTest::keyClick(page.findChild<EventListView*>(QStringLiteral("eventList")), Qt::Key_End);
        page.setPaused(true);
        page.beginFilling();
        read(QStringLiteral("e.log"), 4'000, 20);
        page.setSummary(summaryOf(**workspace, 1));
        page.endFilling(2);
        page.setSummary(summaryOf(**workspace, 2));
        QTRY_VERIFY(!page.filling());
        QCOMPARE(pill->text(), QStringLiteral("Paused"));
        read(QStringLiteral("f.log"), 5'000, 3);
        page.setSummary(summaryOf(**workspace, 2));
        QTRY_COMPARE(pill->text(), QStringLiteral("Paused · 3 new"));
        QCOMPARE(model->rowCount(), 726);
    }
};

QTEST_MAIN(TestLive)
#include "tst_live.moc"
