#include "models/session/view_link.h"
#include "models/tables/event_list_model.h"
#include "tests/gui/window_fixture.h"
#include "views/investigate/event_list_view.h"
#include "views/investigate/investigate_page.h"
#include "views/timeline/histogram_view.h"
#include "views/timeline/timeline_pane.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QMenu>
#include <QSplitter>
#include <QToolButton>

using namespace faultline;

namespace {

constexpr TimeNs kFirst = 1'767'322'800 * kSecondNs; ///< 2026-01-02T03:00:00Z, the first event of a log

void open(WindowFixture& fixture, int count = 600)
{
    fixture.window().resize(1200, 900);
    fixture.window().show();
    QVERIFY(QTest::qWaitForWindowExposed(&fixture.window()));
    QVERIFY(fixture.openAndWait({fixture.writeLog(QStringLiteral("a.log"), count)}));
    QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("%1 events").arg(count), 10'000);
    QTRY_VERIFY_WITH_TIMEOUT(fixture.find<HistogramView>("histogram")->exact(), 10'000);
}

/// Opens a store as a second run of the program does.
void reopen(WindowFixture& fixture, const QString& store)
{
    fixture.window().show();
    QVERIFY(QTest::qWaitForWindowExposed(&fixture.window()));
    QSignalSpy opened(&fixture.window(), &MainWindow::caseOpened);
    fixture.window().openCase({{}, store.toStdString(), false});
    QVERIFY(opened.wait(20'000));
}

QString rangeText(WindowFixture& fixture)
{
    return fixture.find<QLabel>("rangeLabel")->text();
}

void press(WindowFixture& fixture, int key, Qt::KeyboardModifiers with = {})
{
    QTest::keyClick(fixture.find<EventListView>("eventList"), static_cast<Qt::Key>(key), with);
}

void typeRange(WindowFixture& fixture, const QString& text)
{
    fixture.find<EventListView>("eventList")->setFocus();
    press(fixture, Qt::Key_T, Qt::ControlModifier);
    auto* const input = fixture.find<QLineEdit>("rangeInput");
    QVERIFY(input->isVisible());
    QVERIFY(input->hasFocus());
    QTest::keyClicks(input, text);
    QTest::keyClick(input, Qt::Key_Return);
}

} // namespace

/// Times, zones and what comes back with the next start, in the real window.
class TestSession : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void aRangeIsTyped()
    {
        WindowFixture fixture;
        open(fixture);
        typeRange(fixture, QStringLiteral("2026-01-02 03:01 .. 03:02"));
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("60 events"), 10'000);
        QVERIFY(fixture.find<QLineEdit>("rangeInput")->isHidden());
        QVERIFY(fixture.find<EventListView>("eventList")->hasFocus());
        QCOMPARE(rangeText(fixture),
                 QStringLiteral("2026-01-02 03:01:00 to 2026-01-02 03:02:00 UTC (1 min)"));
        typeRange(fixture, QStringLiteral("around 3:05 +/- 10s"));
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("20 events"), 10'000);
        // What stands there is typed as it is shown: the same range.
        fixture.find<EventListView>("eventList")->setFocus();
        press(fixture, Qt::Key_T, Qt::ControlModifier);
        QCOMPARE(fixture.find<QLineEdit>("rangeInput")->text(),
                 QStringLiteral("2026-01-02 03:04:50 .. 2026-01-02 03:05:10"));
        QTest::keyClick(fixture.find<QLineEdit>("rangeInput"), Qt::Key_Return);
        QCOMPARE(fixture.window().page()->range().begin, kFirst + 290 * kSecondNs);
        QCOMPARE(fixture.window().page()->range().end, kFirst + 310 * kSecondNs);
        typeRange(fixture, QStringLiteral("all"));
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("600 events"), 10'000);
    }

    void aRangeThatIsNoneHasACaret()
    {
        WindowFixture fixture;
        open(fixture, 100);
        typeRange(fixture, QStringLiteral("03:01..never"));
        auto* const error = fixture.find<QLabel>("rangeError");
        QVERIFY(error->isVisible());
        QVERIFY2(error->text().startsWith(QStringLiteral("       ^^^^^ this is no time")),
                 qPrintable(error->text()));
        QVERIFY2(error->text().contains(QStringLiteral("now-15m")), "it does not say what would be valid");
        auto* const input = fixture.find<QLineEdit>("rangeInput");
        QVERIFY(input->hasFocus());
        QCOMPARE(fixture.countText(), QStringLiteral("100 events"));
        QTest::keyClicks(input, QStringLiteral("x"));
        QVERIFY(!error->isVisible());
        QTest::keyClick(input, Qt::Key_Escape);
        QVERIFY(input->isHidden());
        QVERIFY(fixture.find<EventListView>("eventList")->hasFocus());
    }

    void presetsEndAtTheLastEvent()
    {
        WindowFixture fixture;
        open(fixture);
        QMenu* const menu = fixture.find<QToolButton>("rangeButton")->menu();
        Q_EMIT menu->aboutToShow();
        QAction* last = nullptr;
        QAction* until = nullptr;
        const auto actions = menu->actions();
        for (QAction* const action : actions) {
            if (action->text() == QLatin1String("The last 5 minutes")) last = action;
            if (action->text() == QLatin1String("15 minutes until now")) until = action;
        }
        QVERIFY(last != nullptr && until != nullptr);
        last->trigger();
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("300 events"), 10'000);
        Q_EMIT menu->aboutToShow();
        const auto again = menu->actions();
        for (QAction* const action : again)
            if (action->text() == QLatin1String("15 minutes until now")) until = action;
        until->trigger();
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("0 events"), 10'000);
        QCOMPARE(QString::fromStdString(fixture.window().page()->view().relative), QStringLiteral("now-15m"));
        QVERIFY(rangeText(fixture).startsWith(QStringLiteral("Until now: ")));
    }

    void aroundAnEventByKey()
    {
        WindowFixture fixture;
        open(fixture);
        auto* const list = fixture.find<EventListView>("eventList");
        list->setFocus();
        list->setCurrentRow(100);
        QTRY_VERIFY(
            fixture.find<QLabel>("detailTitle")->text().startsWith(QStringLiteral("2026-01-02 03:01:40")));
        press(fixture, Qt::Key_X, Qt::ShiftModifier);
        auto* menu = fixture.window().findChild<QMenu*>(QStringLiteral("aroundEventMenu"));
        QVERIFY(menu != nullptr);
        QTRY_VERIFY(menu->isVisible());
        QTest::keyClick(menu, Qt::Key_1);
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("20 events"), 10'000);
        list->setFocus();
        QTRY_VERIFY(list->currentRow() >= 0);
        press(fixture, Qt::Key_X, Qt::ShiftModifier);
        QTRY_VERIFY((menu = fixture.window().findChild<QMenu*>(QStringLiteral("aroundEventMenu"))) !=
                        nullptr &&
                    menu->isVisible());
        QTest::keyClick(menu, Qt::Key_4);
        auto* const input = fixture.find<QLineEdit>("rangeInput");
        QTRY_VERIFY(input->isVisible());
        QCOMPARE(input->text(), QStringLiteral("around 2026-01-02 03:01:40.000000000Z +/- 30s"));
        QTest::keyClick(input, Qt::Key_Return);
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("60 events"), 10'000);
    }

    void theZoneChangesEverythingThatShowsATime()
    {
        WindowFixture fixture("Europe/Berlin");
        open(fixture);
        auto* const zone = fixture.find<QToolButton>("zoneButton");
        auto* const title = fixture.find<QLabel>("detailTitle");
        auto* const list = fixture.find<EventListView>("eventList");
        list->setFocus();
        list->setCurrentRow(0);
        QCOMPARE(zone->text(), QStringLiteral("UTC"));
        QTRY_COMPARE(title->text(), QStringLiteral("2026-01-02 03:00:00.000000000 UTC"));
        press(fixture, Qt::Key_Z);
        QCOMPARE(zone->text(), QStringLiteral("Europe/Berlin +01:00"));
        QCOMPARE(title->text(), QStringLiteral("2026-01-02 04:00:00.000000000 +01:00"));
        QVERIFY2(rangeText(fixture).startsWith(QStringLiteral("2026-01-02 04:00:00 to 2026-01-02 04:09:59")),
                 qPrintable(rangeText(fixture)));
        QVERIFY2(rangeText(fixture).contains(QStringLiteral("+01:00")), qPrintable(rangeText(fixture)));
        // A time of day is one of this zone.
        typeRange(fixture, QStringLiteral("4:01..4:02"));
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("60 events"), 10'000);
        QCOMPARE(fixture.window().page()->range().begin, kFirst + 60 * kSecondNs);
        press(fixture, Qt::Key_Z);
        QCOMPARE(zone->text(), QStringLiteral("Source zones, chart in UTC"));
        press(fixture, Qt::Key_Z);
        QCOMPARE(zone->text(), QStringLiteral("UTC"));
    }

    void eachSourceInItsOwnZone()
    {
        WindowFixture fixture("Asia/Tokyo");
        fixture.window().show();
        QVERIFY(fixture.openAndWait({fixture.writeLines(
            QStringLiteral("a.log"),
            {R"({"time":"2026-01-02T03:00:00.000+05:30","level":"info","message":"in Pune"})",
             R"({"time":"2026-01-02T03:00:00.000-08:00","level":"info","message":"in Seattle"})",
             R"({"time":1767366000,"level":"info","message":"an epoch"})"})}));
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("3 events"), 10'000);
        auto* const list = fixture.find<EventListView>("eventList");
        auto* const title = fixture.find<QLabel>("detailTitle");
        list->setFocus();
        press(fixture, Qt::Key_Z);
        press(fixture, Qt::Key_Z);
        const std::array<QString, 3> expected{QStringLiteral("2026-01-02 03:00:00.000000000 +05:30"),
                                              QStringLiteral("2026-01-02 03:00:00.000000000 -08:00"),
                                              QStringLiteral("2026-01-02 15:00:00.000000000 UTC")};
        for (int row = 0; row < 3; ++row) {
            list->setCurrentRow(row);
            QTRY_COMPARE(title->text(), expected[static_cast<std::size_t>(row)]);
        }
    }

    void theSameStoreShowsWhereOneWas()
    {
        WindowFixture first("Europe/Berlin");
        open(first);
        first.search(QStringLiteral("service:pay"));
        QTRY_COMPARE_WITH_TIMEOUT(first.countText(), QStringLiteral("60 events"), 10'000);
        typeRange(first, QStringLiteral("2026-01-02 03:01..03:06"));
        QTRY_COMPARE_WITH_TIMEOUT(first.countText(), QStringLiteral("30 events"), 10'000);
        auto* const list = first.find<EventListView>("eventList");
        list->setFocus();
        list->setCurrentRow(12);
        auto* const title = first.find<QLabel>("detailTitle");
        QTRY_VERIFY_WITH_TIMEOUT(title->text().startsWith(QStringLiteral("2026-01-02 03:03:09")), 10'000);
        press(first, Qt::Key_Z);
        const QString event = title->text();
        first.find<TimelinePane>("timelinePane")->setGroup(QStringLiteral("service"));
        first.find<QToolButton>("rateButton")->setChecked(true);
        first.window().resize(1111, 777);
        first.window().close();
        first.end();

        WindowFixture second("Europe/Berlin", first.root().path());
        QCOMPARE(second.window().size(), QSize(1111, 777));
        reopen(second, first.storePath());
        QTRY_COMPARE_WITH_TIMEOUT(second.countText(), QStringLiteral("30 events"), 10'000);
        QCOMPARE(second.find<QLineEdit>("searchInput")->text(), QStringLiteral("service:pay"));
        QTRY_COMPARE_WITH_TIMEOUT(second.find<QLabel>("detailTitle")->text(), event, 10'000);
        QCOMPARE(second.find<EventListView>("eventList")->currentRow(), 12);
        QCOMPARE(second.find<TimelinePane>("timelinePane")->group(), QStringLiteral("service"));
        QVERIFY(second.find<QToolButton>("rateButton")->isChecked());
        QCOMPARE(second.find<QToolButton>("zoneButton")->text(), QStringLiteral("Europe/Berlin +01:00"));
        QVERIFY2(!second.window().page()->back(), "the session is a step of its own");
        // A link is what was asked for.
        ViewLink link;
        link.query = "level:error";
        link.zone = "utc";
        second.window().page()->openLink(link);
        QTRY_COMPARE_WITH_TIMEOUT(second.countText(), QStringLiteral("12 events"), 10'000);
        QCOMPARE(second.find<QToolButton>("zoneButton")->text(), QStringLiteral("UTC"));
    }

    void aSessionThatCannotBeReadIsToldAndKept()
    {
        WindowFixture first;
        open(first, 100);
        first.search(QStringLiteral("service:pay"));
        QTRY_COMPARE_WITH_TIMEOUT(first.countText(), QStringLiteral("10 events"), 10'000);
        first.window().close();
        first.end();
        const UserState state((first.root().path() + QStringLiteral("/data")).toStdString());
        const QString path = QString::fromStdString(state.path(first.storePath().toStdString(), "session"));
        QTRY_VERIFY(QFile::exists(path));
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write("{\"view\":");
        file.close();
        WindowFixture second("UTC", first.root().path());
        reopen(second, first.storePath());
        QVERIFY(QFile::exists(path + QStringLiteral(".damaged-1")));
        QTRY_COMPARE_WITH_TIMEOUT(second.countText(), QStringLiteral("100 events"), 10'000);

        // Read, and no sense in it: the defaults.
        second.end();
        const std::string strange = "{\"view\":{\"query\":\"((\",\"chips\":3},\"current\":7,\"columns\":[1,{}"
                                    "],\"split\":[\"x\"],\"group\":9}";
        QVERIFY(state.write(first.storePath().toStdString(), "session", strange));
        WindowFixture third("UTC", first.root().path());
        reopen(third, first.storePath());
        QTRY_COMPARE_WITH_TIMEOUT(third.countText(), QStringLiteral("100 events"), 10'000);
    }

    void aLinkCarriesItsZoneAndFreezesNow()
    {
        WindowFixture fixture("Europe/Berlin");
        open(fixture, 100);
        press(fixture, Qt::Key_Z);
        typeRange(fixture, QStringLiteral("last 2h"));
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("0 events"), 10'000);
        const TimeRange range = fixture.window().page()->range();
        fixture.window().page()->copyLink();
        const auto link = parseLink(QGuiApplication::clipboard()->text().toStdString());
        QVERIFY(link);
        QCOMPARE(QString::fromStdString(link->zone), QStringLiteral("local"));
        QVERIFY(link->range == range);
        // What cannot be opened is not given away.
        QGuiApplication::clipboard()->setText(QStringLiteral("before"));
        QString words;
        for (int i = 0; i < 20; ++i)
            words += QStringLiteral("w%1%2 ").arg(QString(1'000, QChar(0xe9))).arg(i);
        fixture.window().page()->submit(words);
        QTRY_COMPARE(fixture.window().page()->query(), words);
        QSignalSpy said(fixture.window().page(), &InvestigatePage::noticed);
        fixture.window().page()->copyLink();
        QTRY_VERIFY(!said.isEmpty());
        QVERIFY2(said[0][0].toString().contains(QStringLiteral("too long for a link")),
                 qPrintable(said[0][0].toString()));
        QCOMPARE(QGuiApplication::clipboard()->text(), QStringLiteral("before"));
    }
};

QTEST_MAIN(TestSession)
#include "tst_session.moc"
