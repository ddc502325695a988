#include "models/session/view_link.h"
#include "models/tables/event_list_model.h"
#include "tests/gui/window_fixture.h"
#include "views/investigate/event_list_view.h"
#include "views/investigate/investigate_page.h"
#include "views/timeline/heat_strip.h"
#include "views/timeline/histogram_view.h"
#include "views/timeline/overview_bar.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QMenu>
#include <QToolButton>

using namespace faultline;

/// Going from event to event, filters beside the query, groups of the chart and links, in the real window.
class TestWalks : public QObject
{
    Q_OBJECT
    static void open(WindowFixture& fixture)
    {
        fixture.window().resize(1200, 900);
        fixture.window().show();
        QVERIFY(QTest::qWaitForWindowExposed(&fixture.window()));
        QVERIFY(fixture.openAndWait({fixture.writeLog(QStringLiteral("a.log"), 600)}));
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("600 events"), 10'000);
        QTRY_VERIFY_WITH_TIMEOUT(fixture.find<HistogramView>("histogram")->exact(), 10'000);
    }
    /// Seconds behind the first event of the log; -1 when no event is current.
    static qint64 current(WindowFixture& fixture)
    {
        auto* const list = fixture.find<EventListView>("eventList");
        const auto* const model = fixture.window().findChild<EventListModel*>();
        const EventRow* const event = model->event(list->currentRow());
        return event == nullptr ? -1 : event->key.time / kSecondNs - 1'767'322'800;
    }
    static void press(WindowFixture& fixture, int key, Qt::KeyboardModifiers with = {})
    {
        QTest::keyClick(fixture.find<EventListView>("eventList"), static_cast<Qt::Key>(key), with);
    }

private Q_SLOTS:
    void errorsByKey()
    {
        WindowFixture fixture;
        open(fixture);
        fixture.find<EventListView>("eventList")->setFocus();
        QTRY_COMPARE(current(fixture), qint64{0});
        press(fixture, Qt::Key_E);
        QTRY_COMPARE(current(fixture), qint64{49});
        press(fixture, Qt::Key_E);
        QTRY_COMPARE(current(fixture), qint64{99});
        press(fixture, Qt::Key_E, Qt::ShiftModifier);
        QTRY_COMPARE(current(fixture), qint64{49});
        QSignalSpy said(fixture.window().page(), &InvestigatePage::noticed);
        press(fixture, Qt::Key_E, Qt::ShiftModifier);
        QTRY_COMPARE(said.size(), 1);
        QCOMPARE(said[0][0].toString(), QStringLiteral("No error before this event"));
        QCOMPARE(current(fixture), qint64{49});
    }
    void fromARowThatIsStillRead()
    {
        WindowFixture fixture;
        fixture.window().show();
        QVERIFY(QTest::qWaitForWindowExposed(&fixture.window()));
        QVERIFY(fixture.openAndWait({fixture.writeLog(QStringLiteral("long.log"), 20'010)}));
        QTRY_COMPARE(fixture.countText(), QStringLiteral("20,010 events"));
        fixture.find<EventListView>("eventList")->setFocus();
        press(fixture, Qt::Key_J);
        QTRY_COMPARE(current(fixture), qint64{1});
        press(fixture, Qt::Key_G, Qt::ShiftModifier); // the end; its rows come later
        QCOMPARE(current(fixture), qint64{-1});
        press(fixture, Qt::Key_E, Qt::ShiftModifier);
        QTRY_COMPARE(current(fixture), qint64{19'999});
    }
    void filtersBesideTheQuery()
    {
        WindowFixture fixture;
        open(fixture);
        auto* const list = fixture.find<EventListView>("eventList");
        list->setFocus();
        press(fixture, Qt::Key_E);
        QTRY_COMPARE(current(fixture), qint64{49});
        fixture.search(QStringLiteral("took"));
        QTRY_COMPARE(fixture.countText(), QStringLiteral("600 events"));
        InvestigationView view = fixture.window().page()->view();
        view.addChip({"service:pay"});
        fixture.window().page()->show(view);
        QTRY_COMPARE(fixture.countText(), QStringLiteral("60 events"));
        QCOMPARE(fixture.window().page()->query(), QStringLiteral("took"));
        auto* const chip = fixture.find<QToolButton>("chip0");
        chip->setFocus();
        QTest::keyClick(chip, Qt::Key_N);
        QTRY_COMPARE(fixture.countText(), QStringLiteral("540 events"));
        QTest::keyClick(chip, Qt::Key_Space);
        QTRY_COMPARE(fixture.countText(), QStringLiteral("600 events"));
        QTest::keyClick(list, Qt::Key_Backspace);
        QTRY_COMPARE(fixture.countText(), QStringLiteral("540 events"));
        QTest::keyClick(list, Qt::Key_F, Qt::ControlModifier | Qt::ShiftModifier);
        QTRY_COMPARE(fixture.countText(), QStringLiteral("600 events"));
        QTest::keyClick(list, Qt::Key_F, Qt::ControlModifier | Qt::ShiftModifier);
        QTRY_COMPARE(fixture.countText(), QStringLiteral("540 events"));
    }
    void groupsRatesAndLanes()
    {
        WindowFixture fixture;
        open(fixture);
        auto* const chart = fixture.find<HistogramView>("histogram");
        QTest::mouseClick(fixture.find<QToolButton>("groupButton"), Qt::LeftButton);
        auto* const menu = fixture.window().findChild<QMenu*>(QStringLiteral("groupMenu"));
        QVERIFY(menu != nullptr);
        QAction* service = nullptr;
        for (QAction* const action : menu->actions())
            if (action->text() == QStringLiteral("service")) service = action;
        QVERIFY(service != nullptr);
        service->trigger();
        menu->close();
        QTRY_COMPARE(chart->legend().join(QLatin1Char('|')), QStringLiteral("cart 540|pay 60"));
        QTest::mouseClick(fixture.find<QToolButton>("rateButton"), Qt::LeftButton);
        QVERIFY(chart->rates());
        QVERIFY2(chart->data().highestRate() == 1, "one event a second, and no more in any");
        // A cell of the lane: that service, at that time.
        auto* const lanes = fixture.find<HeatStrip>("heatStrip");
        QTRY_COMPARE(lanes->lanes().join(QLatin1Char(' ')), QStringLiteral("pay cart"));
        QTest::mouseClick(lanes, Qt::LeftButton, {}, QPoint(lanes->width() / 2, 4));
        QTRY_COMPARE(fixture.window().page()->view().chips.size(), std::size_t{1});
        QCOMPARE(fixture.window().page()->view().chips[0].text, std::string("service:pay"));
        QVERIFY(!fixture.window().page()->range().unbounded());
        QVERIFY(fixture.window().page()->back());
        QTRY_COMPARE(fixture.countText(), QStringLiteral("600 events"));
        QVERIFY(fixture.find<OverviewBar>("overview")->isVisible());
    }
    void linksLeadToTheSameLine()
    {
        WindowFixture fixture;
        open(fixture);
        fixture.search(QStringLiteral("service:pay"));
        QTRY_COMPARE(fixture.countText(), QStringLiteral("60 events"));
        fixture.find<EventListView>("eventList")->setFocus();
        press(fixture, Qt::Key_E);
        QTRY_VERIFY(current(fixture) == 49 || current(fixture) == 99);
        const qint64 chosen = current(fixture);
        QGuiApplication::clipboard()->clear();
        press(fixture, Qt::Key_L, Qt::ControlModifier);
        QTRY_VERIFY(!QGuiApplication::clipboard()->text().isEmpty());
        const auto link = parseLink(QGuiApplication::clipboard()->text().toStdString());
        QVERIFY(link.ok());
        QCOMPARE(link->query, std::string("service:pay"));
        QCOMPARE(link->selection.size(), std::size_t{32});
        // A colleague who has the same lines comes to the same one; who has not is told.
        WindowFixture other;
        open(other);
        other.window().page()->openLink(*link);
        QTRY_COMPARE(other.countText(), QStringLiteral("60 events"));
        QTRY_COMPARE(current(other), chosen);
        QSignalSpy said(other.window().page(), &InvestigatePage::noticed);
        ViewLink absent = *link;
        absent.selection = contentHash("another line");
        other.window().page()->openLink(absent);
        QTRY_COMPARE(said.size(), 1);
        QVERIFY(said[0][0].toString().contains(QStringLiteral("does not hold the line")));
    }
};

QTEST_MAIN(TestWalks)
#include "tst_walks.moc"
