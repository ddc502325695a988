#include "models/session/workspace.h"
#include "models/tables/context_model.h"
#include "models/tables/event_list_model.h"
#include "tests/gui/window_fixture.h"
#include "tests/support/gated_engine.h"
#include "views/context/context_pane.h"
#include "views/investigate/event_list_view.h"
#include "views/investigate/investigate_page.h"
#include "views/investigate/place_keeper.h"
#include "views/marks/mark_keeper.h"
#include "views/timeline/histogram_view.h"

#include <QAbstractItemModelTester>
#include <QHeaderView>
#include <QTableView>

using namespace faultline;
using faultline::testing::GatedEngine;

namespace {

constexpr TimeNs kFirst = 1'767'322'800;

/// A store of 3,000 events, one a second, and its questions in the hands of the test.
struct Slow
{
    Slow()
    {
        Workspace::Options options;
        options.storePath = (files.root().path() + QStringLiteral("/slow.faultline")).toStdString();
        options.write = options.create = true;
        auto opened = Workspace::open(options);
        if (!opened) qFatal("the store cannot be made");
        workspace = std::move(*opened);
        read(files.writeLog(QStringLiteral("a.log"), 3'000));
        engine = std::make_shared<GatedEngine>(workspace->engine());
        queries = std::make_shared<QueryService>(engine);
    }
    void read(const QString& file)
    {
        IngestRequest request;
        request.paths = {file.toStdString()};
        if (!workspace->ingest(request, {}, {})) qFatal("the log cannot be read");
    }
    /// `count` events of one time.
    void late(int second, int count)
    {
        QList<QByteArray> lines;
        for (int i = 0; i < count; ++i)
            lines.push_back("{\"time\":" + QByteArray::number(qint64{kFirst} + second) +
                            ",\"message\":\"late " + QByteArray::number(i) + "\"}");
        read(files.writeLines(QStringLiteral("late%1.log").arg(++logs), lines));
    }
    WindowFixture files;
    std::shared_ptr<Workspace> workspace;
    std::shared_ptr<GatedEngine> engine;
    std::shared_ptr<QueryService> queries;
    int logs = 0;
};

EventKey at(int second)
{
    return {(kFirst + second) * kSecondNs, SourceId{0}, 0};
}

qint64 second(const EventRow* event)
{
    return event == nullptr ? -1 : event->key.time / kSecondNs - kFirst;
}

} // namespace

/// What is asked while the store changes is brought to its end, and nothing that was asked for is lost.
class TestSteady : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void anEndThatIsSoughtIsReached()
    {
        Slow slow;
        ContextModel model(slow.queries);
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        QSignalSpy shown(&model, &ContextModel::shown);
        std::vector<qint64> sought; // rows move on when further ones are read
        connect(&model, &ContextModel::sought, this,
                [&](int row) { sought.push_back(second(model.held(row))); });
        model.show(at(1'500), nullptr);
        QTRY_COMPARE(shown.size(), 1);
        // The store changes while the end is on its way.
        slow.engine->hold(1);
        QVERIFY(model.seekEnd(true));
        QTRY_COMPARE(slow.engine->held(), 1);
        for (int i = 0; i < 3; ++i) model.refresh();
        slow.engine->release();
        QTRY_VERIFY2(sought.size() == 1, "the refresh has taken the place of the end that was sought");
        QCOMPARE(sought.front(), qint64{2'999});
        QCOMPARE(slow.engine->givenUp(), 0);
        // The end is sought while a refresh is on its way, which would show that it is none any more.
        slow.late(4'000, 5);
        slow.engine->hold(1);
        model.refresh();
        QTRY_COMPARE(slow.engine->held(), 1);
        QVERIFY2(model.seekEnd(true), "the end of before is taken for that of now");
        slow.engine->release();
        QTRY_COMPARE(sought.size(), std::size_t{2});
        QCOMPARE(sought.back(), qint64{4'000});
    }
    void whatIsAroundIsReadToItsEnd()
    {
        Slow slow;
        ContextModel model(slow.queries);
        QSignalSpy shown(&model, &ContextModel::shown);
        model.show(at(1'500), nullptr);
        QTRY_COMPARE(shown.size(), 1);
        const int rows = model.rowCount();
        slow.late(1'500, 3);
        slow.engine->hold(1);
        for (int i = 0; i < 5; ++i) {
            model.refresh();
            QTRY_COMPARE(slow.engine->held(), 1);
        }
        QVERIFY2(slow.engine->givenUp() == 0, "each change of the store begins the read anew");
        slow.engine->release();
        QTRY_VERIFY(model.rowOf({at(1'500).time, SourceId{2}, 0}) >= 0);
        QVERIFY(model.rowCount() >= rows);
        // Rows behind an end are read although the store goes on to change.
        slow.engine->hold(1);
        (void)model.event(model.rowCount() - 1);
        QTRY_COMPARE(slow.engine->held(), 1);
        for (int i = 0; i < 5; ++i) model.refresh();
        QTest::qWait(0);
        slow.engine->release();
        QTRY_VERIFY(model.rowCount() > rows);
        QCOMPARE(slow.engine->givenUp(), 0);
    }
    void theListIsCountedToItsEnd()
    {
        Slow slow;
        EventListModel model(slow.queries);
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        EventListView list;
        list.setModel(&model);
        PlaceKeeper keeper(&model, &list);
        list.resize(900, 400);
        list.show();
        model.setSelection({});
        QTRY_VERIFY(model.rowCount() == 3'000 && !model.counting());
        list.setCurrentRow(1'500, true);
        QTRY_VERIFY(model.event(1'500) != nullptr && !model.reading());
        const EventKey key = model.event(1'500)->key;
        const int below = 1'500 - list.topRow();
        slow.late(700, 300);
        slow.engine->hold(1);
        for (int i = 0; i < 5; ++i) {
            keeper.stay({});
            QTRY_COMPARE(slow.engine->held(), 1);
        }
        QVERIFY2(slow.engine->givenUp() == 0, "each change of the store begins the count anew");
        // What is chosen meanwhile stays chosen, wherever it comes to be.
        list.setCurrentRow(1'503);
        const EventKey chosen = model.event(1'503)->key;
        slow.engine->release();
        QTRY_COMPARE(model.rowCount(), 3'300);
        QVERIFY2(model.held(1'800) != nullptr && model.held(1'800)->key == key,
                 "rows in sight show other events until they have been read again");
        QCOMPARE(1'800 - list.topRow(), below);
        QCOMPARE(list.currentRow(), 1'803);
        QTRY_VERIFY(!keeper.staying() && !model.reading());
        QCOMPARE(list.currentRow(), 1'803);
        QCOMPARE(model.event(1'803)->key, chosen);
    }
    void aMarkMadeWhileMarksAreLookedFor()
    {
        Slow slow;
        MarkKeeper keeper(slow.queries);
        EventListModel model(slow.queries);
        model.setSelection({});
        QTRY_VERIFY(model.event(40) != nullptr);
        const EventKey first = model.event(10)->key, second = model.event(20)->key,
                       third = model.event(30)->key;
        keeper.toggle(first);
        QTRY_COMPARE(keeper.keys()->size(), std::size_t{1});
        // The store has changed: marks are looked for, and meanwhile there is one more.
        slow.engine->hold(1);
        keeper.refresh();
        QTRY_COMPARE(slow.engine->held(), 1);
        keeper.toggle(second);
        QTRY_COMPARE(keeper.keys()->size(), std::size_t{2});
        QSignalSpy changed(&keeper, &MarkKeeper::keysChanged);
        slow.engine->release();
        // The answer to a question behind it has come: so has that one.
        keeper.toggle(third);
        QTRY_VERIFY(keeper.keys()->count(third) != 0);
        QTRY_COMPARE(slow.engine->held(), 0);
        QTest::qWait(20);
        QVERIFY2(keeper.keys()->count(second) != 0, "the mark is gone from the lists");
        QCOMPARE(keeper.keys()->size(), std::size_t{3});
        QCOMPARE(keeper.marks().size(), std::size_t{3});
        // One that goes meanwhile does not come back.
        slow.engine->hold(1);
        keeper.refresh();
        QTRY_COMPARE(slow.engine->held(), 1);
        keeper.toggle(second);
        QCOMPARE(keeper.keys()->size(), std::size_t{2});
        slow.engine->release();
        QTest::qWait(20);
        QCOMPARE(keeper.keys()->size(), std::size_t{2});
        // Twice, before the first has its mark: it has none.
        slow.engine->hold(1);
        keeper.toggle(second);
        QTRY_COMPARE(slow.engine->held(), 1);
        keeper.toggle(second);
        slow.engine->release();
        keeper.refresh();
        QTest::qWait(20);
        QCOMPARE(keeper.marks().size(), std::size_t{2});
        QCOMPARE(keeper.keys()->size(), std::size_t{2});
    }
    void whatIsAroundCannotBeRead()
    {
        Slow slow;
        ContextPane pane(slow.queries);
        pane.resize(900, 400);
        pane.show();
        const auto* const title = pane.findChild<QLabel*>(QStringLiteral("contextTitle"));
        slow.engine->fail(true);
        QSignalSpy failed(&pane, &ContextPane::failed);
        pane.follow(at(1'500));
        QTRY_COMPARE(failed.size(), 1);
        QVERIFY2(title->text().contains(QStringLiteral("the disk does not answer")),
                 qPrintable(title->text()));
        QVERIFY(pane.list()->emptyText().contains(QStringLiteral("the disk does not answer")));
        QCOMPARE(pane.model()->rowCount(), 0);
        // The next change of the store asks again, and then nothing says so any more.
        slow.engine->fail(false);
        pane.refresh();
        QTRY_VERIFY(pane.model()->rowCount() > 0);
        QTRY_VERIFY2(title->text().startsWith(QStringLiteral("Around 2026-01-02 03:25:00")),
                     qPrintable(title->text()));
        QCOMPARE(second(pane.model()->held(pane.list()->topRow() + pane.list()->visibleRows() / 2)),
                 qint64{1'500});
        // Rows that are there stay when others cannot be read.
        const int rows = pane.model()->rowCount();
        slow.engine->fail(true);
        QTest::keyClick(pane.list(), Qt::Key_End);
        QTRY_COMPARE(failed.size(), 2);
        QCOMPARE(pane.model()->rowCount(), rows);
        QVERIFY(title->text().contains(QStringLiteral("the disk does not answer")));
        slow.engine->fail(false);
        QTest::keyClick(pane.list(), Qt::Key_End);
        QTRY_COMPARE(second(pane.model()->held(pane.list()->currentRow())), qint64{2'999});
        QTRY_VERIFY(title->text().startsWith(QStringLiteral("Around 2026")));
    }
    void timesOfTheZoneInUse()
    {
        WindowFixture fixture("Europe/Berlin");
        fixture.window().resize(1200, 900);
        fixture.window().show();
        QVERIFY(QTest::qWaitForWindowExposed(&fixture.window()));
        QVERIFY(fixture.openAndWait({fixture.writeLog(QStringLiteral("a.log"), 1'000)}));
        QTRY_COMPARE(fixture.countText(), QStringLiteral("1,000 events"));
        auto* const list = fixture.find<EventListView>("eventList");
        const auto* const model = fixture.window().page()->findChild<EventListModel*>();
        list->setFocus();
        list->setCurrentRow(60);
        QTRY_VERIFY(model->event(60) != nullptr);
        QTest::keyClick(list, Qt::Key_X);
        const auto* const title = fixture.find<QLabel>("contextTitle");
        QTRY_COMPARE(title->text(), QStringLiteral("Around 2026-01-02 03:01:00.000 UTC"));
        QTest::keyClick(list, Qt::Key_Z);
        QTRY_COMPARE(title->text(), QStringLiteral("Around 2026-01-02 04:01:00.000 +01:00"));
        // What a drag over the chart offers stands under the range in the same zone.
        auto* const chart = fixture.window().page()->findChild<HistogramView*>();
        const int y = chart->height() / 2;
        QTest::mousePress(chart, Qt::LeftButton, {}, {chart->width() / 2, y});
        QTest::mouseMove(chart, {chart->width() * 3 / 4, y});
        QTest::mouseRelease(chart, Qt::LeftButton, {}, {chart->width() * 3 / 4, y});
        QMenu* menu = nullptr;
        QTRY_VERIFY((menu = fixture.window().findChild<QMenu*>(QStringLiteral("rangeMenu"))) != nullptr);
        const QString range = menu->actions().front()->text();
        QVERIFY2(range.startsWith(QStringLiteral("2026-01-02 04:")) &&
                     range.contains(QStringLiteral("+01:00")),
                 qPrintable(range));
        menu->close();
        // So does the list of marks.
        list->setFocus();
        QTest::keyClick(list, Qt::Key_M);
        QTRY_VERIFY(list->isMarked(60));
        QTest::keyClick(list, Qt::Key_M, Qt::ControlModifier);
        QTableView* marks = nullptr;
        QTRY_VERIFY((marks = fixture.window().findChild<QTableView*>(QStringLiteral("markList"))) != nullptr);
        QCOMPARE(marks->model()->headerData(0, Qt::Horizontal).toString(), QStringLiteral("Time (local)"));
        QCOMPARE(marks->model()->index(0, 0).data().toString(), QStringLiteral("2026-01-02 04:01:00.000"));
    }
};

QTEST_MAIN(TestSteady)
#include "tst_steady.moc"
