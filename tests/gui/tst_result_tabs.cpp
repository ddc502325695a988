#include "tests/gui/window_fixture.h"
#include "views/investigate/event_list_view.h"
#include "views/investigate/result_tabs.h"
#include "views/keys/key_table.h"

#include <QKeyEvent>
#include <QLabel>
#include <QTabBar>

using namespace faultline;

/// What is under the timeline: pages, their tabs and their keys.
class TestResultTabs : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void onePageHasNoTabs();
    void pagesKeepTheirPlaceInAnyOrder();
    void keysAndClicksBringThePageAndTheKeyboard();
    void aPageThatIsNotThereIsNotShown();
    void theWindowShowsTheListAlone();
};

namespace {

struct Bench
{
    QWidget window;
    KeyTable keys;
    ResultTabs tabs{keys, &window};
    QLineEdit events{&window}, changes{&window}, traces{&window};
    QTabBar* bar = tabs.findChild<QTabBar*>(QStringLiteral("resultTabBar"));

    Bench()
    {
        window.resize(600, 300);
        tabs.resize(600, 300);
        tabs.addPage(ResultTabs::Place::Events, QStringLiteral("Events"), &events);
    }
    ~Bench()
    {
        for (QWidget* const page : {&events, &changes, &traces}) page->setParent(nullptr);
    }
    bool press(Qt::Key key)
    {
        const QKeyEvent event(QEvent::KeyPress, key, Qt::ControlModifier);
        return keys.handle(event);
    }
    bool show()
    {
        window.show();
        return QTest::qWaitForWindowActive(&window);
    }
};

} // namespace

void TestResultTabs::onePageHasNoTabs()
{
    Bench bench;
    QVERIFY(bench.show());
    QVERIFY(!bench.bar->isVisible());
    QVERIFY(bench.events.isVisible());
    QCOMPARE(bench.keys.rows().size(), std::size_t{1});
    bench.tabs.addPage(ResultTabs::Place::Changes, QStringLiteral("What changed"), &bench.changes);
    QVERIFY(bench.bar->isVisible());
    QVERIFY2(bench.events.isVisible() && !bench.changes.isVisible(),
             "a page that comes must not come in front");
}

void TestResultTabs::pagesKeepTheirPlaceInAnyOrder()
{
    Bench bench;
    bench.tabs.addPage(ResultTabs::Place::Traces, QStringLiteral("Traces"), &bench.traces);
    bench.tabs.addPage(ResultTabs::Place::Changes, QStringLiteral("What changed"), &bench.changes);
    QCOMPARE(bench.bar->count(), 3);
    QCOMPARE(bench.bar->tabText(0), QStringLiteral("Events"));
    QCOMPARE(bench.bar->tabText(1), QStringLiteral("What changed"));
    QCOMPARE(bench.bar->tabText(2), QStringLiteral("Traces"));
    QCOMPARE(bench.bar->currentIndex(), 0);
    QVERIFY(bench.press(Qt::Key_3));
    QCOMPARE(bench.tabs.current(), ResultTabs::Place::Traces);
    QVERIFY(bench.press(Qt::Key_2));
    QCOMPARE(bench.tabs.current(), ResultTabs::Place::Changes);
    bench.tabs.setNote(ResultTabs::Place::Changes, QStringLiteral("12"));
    QCOMPARE(bench.bar->tabText(1), QStringLiteral("What changed 12"));
    bench.tabs.setNote(ResultTabs::Place::Changes, {});
    QCOMPARE(bench.bar->tabText(1), QStringLiteral("What changed"));
    QVERIFY2(bench.bar->tabToolTip(1).contains(QStringLiteral("Ctrl+2")),
             qPrintable(bench.bar->tabToolTip(1)));
}

void TestResultTabs::keysAndClicksBringThePageAndTheKeyboard()
{
    Bench bench;
    bench.tabs.addPage(ResultTabs::Place::Changes, QStringLiteral("What changed"), &bench.changes);
    QVERIFY(bench.show());
    QSignalSpy changed(&bench.tabs, &ResultTabs::currentChanged);
    QVERIFY(bench.press(Qt::Key_2));
    QVERIFY(bench.changes.isVisible() && bench.changes.hasFocus());
    QTest::mouseClick(bench.bar, Qt::LeftButton, {}, bench.bar->tabRect(0).center());
    QVERIFY(bench.events.isVisible() && bench.events.hasFocus());
    QCOMPARE(changed.size(), 2);
    // The keyboard goes along with the page that it was in.
    bench.tabs.show(ResultTabs::Place::Changes);
    QVERIFY(bench.changes.hasFocus());
    // Within the bar it stays there.
    bench.bar->setFocus();
    QTest::keyClick(bench.bar, Qt::Key_Left);
    QCOMPARE(bench.tabs.current(), ResultTabs::Place::Events);
    QVERIFY(bench.bar->hasFocus());
    bench.tabs.focusPage();
    QVERIFY(bench.events.hasFocus());
}

void TestResultTabs::aPageThatIsNotThereIsNotShown()
{
    Bench bench;
    bench.tabs.show(ResultTabs::Place::Traces, true);
    QCOMPARE(bench.tabs.current(), ResultTabs::Place::Events);
    QVERIFY(!bench.press(Qt::Key_3));
}

void TestResultTabs::theWindowShowsTheListAlone()
{
    WindowFixture fixture;
    fixture.window().show();
    QVERIFY(fixture.openAndWait({fixture.writeLog(QStringLiteral("a.ndjson"), 50)}));
    auto* const list = fixture.find<EventListView>("eventList");
    QTRY_VERIFY(list->isVisible());
    list->setFocus();
    // F6 leads all the way around, and back to the list.
    int steps = 0;
    do QTest::keyClick(fixture.window().focusWidget(), Qt::Key_F6);
    while (!list->hasFocus() && ++steps < 10);
    QVERIFY2(list->hasFocus(), "F6 does not come back to the list");
    fixture.find<QLineEdit>("searchInput")->setFocus();
    QTest::keyClick(fixture.window().focusWidget(), Qt::Key_1, Qt::ControlModifier);
    QVERIFY2(list->hasFocus(), "Ctrl+1 leads to the events from anywhere");
}

QTEST_MAIN(TestResultTabs)
#include "tst_result_tabs.moc"
