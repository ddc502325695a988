#include "models/session/view_link.h"
#include "models/tables/event_list_model.h"
#include "models/tables/field_list_model.h"
#include "models/tables/pattern_list_model.h"
#include "tests/gui/window_fixture.h"
#include "views/fields/keyed_list.h"
#include "views/investigate/event_list_view.h"
#include "views/investigate/investigate_page.h"
#include "views/keys/key_help.h"
#include "views/search/chip_bar.h"
#include "views/timeline/histogram_view.h"

#include <QAction>
#include <QApplication>
#include <QPushButton>
#include <QTableView>
#include <QToolButton>

using namespace faultline;

/// What the first walks of new users, by keyboard alone, got stuck at.
class TestKeyboard : public QObject
{
    Q_OBJECT
    static void open(WindowFixture& fixture)
    {
        fixture.window().resize(1400, 900);
        fixture.window().show();
        fixture.window().activateWindow();
        QVERIFY(QTest::qWaitForWindowActive(&fixture.window()));
        QVERIFY(fixture.openAndWait({fixture.writeLog(QStringLiteral("a.log"), 600)}));
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("600 events"), 10'000);
        QTRY_VERIFY_WITH_TIMEOUT(events(fixture)->model()->held(0) != nullptr, 10'000);
        events(fixture)->setCurrentRow(0);
    }
    static EventListView* events(WindowFixture& fixture) { return fixture.find<EventListView>("eventList"); }
    static QLineEdit* input(WindowFixture& fixture) { return fixture.find<QLineEdit>("searchInput"); }
    /// To whatever has the keyboard, as a keyboard does.
    static void press(int key, Qt::KeyboardModifiers with = {})
    {
        QTest::keyClick(QApplication::focusWidget(), static_cast<Qt::Key>(key), with);
    }
    static void openPatterns(WindowFixture& fixture)
    {
        events(fixture)->setFocus();
        press(Qt::Key_B, Qt::ControlModifier | Qt::ShiftModifier);
        auto* const list = fixture.find<KeyedList>("patternList");
        QTRY_VERIFY_WITH_TIMEOUT(list->model()->rowCount() > 0, 10'000);
        QVERIFY(list->hasFocus());
    }

private Q_SLOTS:
    /// A list would look for a row that begins with what is typed, and swallow it.
    void theSearchFromEveryList()
    {
        WindowFixture fixture;
        open(fixture);
        const QList<QWidget*> lists{fixture.find<KeyedList>("fieldList"),
                                    fixture.find<QTableView>("detailFields"), events(fixture),
                                    fixture.find<HistogramView>("histogram")};
        for (QWidget* const list : lists) {
            list->setFocus();
            QTest::keyClick(list, Qt::Key_Slash);
            QVERIFY2(input(fixture)->hasFocus(), qPrintable(list->objectName()));
        }
        openPatterns(fixture);
        press(Qt::Key_X); // of the page: what is around the event
        QTRY_VERIFY(fixture.find<QWidget>("contextPane")->isVisible());
        press(Qt::Key_Slash);
        QVERIFY(input(fixture)->hasFocus());
    }

    void enterGoesToTheEventsAndEscapeBringsTheSearchBack()
    {
        WindowFixture fixture;
        open(fixture);
        fixture.search(QStringLiteral("level:error"));
        QVERIFY(events(fixture)->hasFocus());
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("12 events"), 10'000);
        press(Qt::Key_Slash);
        QTest::keyClicks(input(fixture), QStringLiteral("other"));
        press(Qt::Key_Escape); // the completions, if they are there
        if (input(fixture)->hasFocus()) press(Qt::Key_Escape);
        QVERIFY(events(fixture)->hasFocus());
        QCOMPARE(input(fixture)->text(), QStringLiteral("level:error"));
        // What was typed is not lost.
        press(Qt::Key_Slash);
        press(Qt::Key_Up);
        QCOMPARE(input(fixture)->text(), QStringLiteral("other"));
        // With a fault the keyboard stays where it is mended; Escape brings back what is shown.
        fixture.search(QStringLiteral("level:("));
        QVERIFY(input(fixture)->hasFocus());
        QVERIFY(fixture.find<QLabel>("searchError")->isVisible());
        press(Qt::Key_Escape);
        if (input(fixture)->hasFocus()) press(Qt::Key_Escape);
        QCOMPARE(input(fixture)->text(), QStringLiteral("level:error"));
        QVERIFY(!fixture.find<QLabel>("searchError")->isVisible());
        QVERIFY(!events(fixture)->stale());
    }

    void otherScreensGiveTheKeyboardBack()
    {
        WindowFixture fixture;
        open(fixture);
        for (const char* const name : {"sourcesAction", "sqlAction"}) {
            auto* const from = fixture.find<QTableView>("detailFields");
            from->setFocus();
            fixture.find<QAction>(name)->trigger();
            QVERIFY2(!from->isVisible(), name);
            press(Qt::Key_Escape);
            QVERIFY2(from->hasFocus(), name);
        }
        events(fixture)->setFocus();
        fixture.find<QAction>("sourcesAction")->trigger();
        fixture.find<QAction>("sourcesAction")->trigger();
        QVERIFY(events(fixture)->hasFocus());
    }

    void f6GoesFromPartToPart()
    {
        WindowFixture fixture;
        open(fixture);
        events(fixture)->setFocus();
        const QList<QWidget*> order{fixture.find<QTableView>("detailFields"), input(fixture),
                                    fixture.find<HistogramView>("histogram"),
                                    fixture.find<KeyedList>("fieldList"), events(fixture)};
        for (QWidget* const part : order) {
            press(Qt::Key_F6);
            QVERIFY2(part->hasFocus(), qPrintable(part->objectName()));
        }
        press(Qt::Key_F6, Qt::ShiftModifier);
        QVERIFY(order[3]->hasFocus());
    }

    /// What has the keyboard can be seen.
    void aFrameShowsWhereTheKeyboardIs()
    {
        WindowFixture fixture;
        open(fixture);
        const auto framed = [&]() -> QString {
            const auto* const frame = fixture.window().findChild<QWidget*>(QStringLiteral("focusFrame"));
            return frame == nullptr ? QString() : frame->parentWidget()->objectName();
        };
        for (const char* const name : {"fieldList", "detailFields", "eventList"}) {
            fixture.find<QWidget>(name)->setFocus();
            QCOMPARE(framed(), QLatin1String(name));
        }
        input(fixture)->setFocus(); // has one of its own
        QCOMPARE(framed(), QString());
        fixture.find<QWidget>("fieldList")->setFocus();
        fixture.window().resize(1500, 950);
        const auto* const frame = fixture.window().findChild<QWidget*>(QStringLiteral("focusFrame"));
        QTRY_COMPARE(frame->size(), frame->parentWidget()->size());
    }

    /// The help has a key once: of the view that takes it.
    void noKeyIsListedTwice()
    {
        WindowFixture fixture;
        open(fixture);
        openPatterns(fixture);
        for (const char* const name :
             {"patternList", "fieldList", "detailFields", "eventList", "histogram"}) {
            QStringList keys;
            auto sections = KeyHelp::sectionsFor(&fixture.window(), fixture.find<QWidget>(name));
            sections.pop_back(); // of the menus
            for (const KeyHelp::Section& section : sections)
                for (const auto& row : section.rows) keys += row.first.split(QStringLiteral(", "));
            QVERIFY(!keys.isEmpty());
            for (const QString& key : keys)
                QVERIFY2(keys.count(key) == 1, qPrintable(QLatin1String(name) + QLatin1Char(' ') + key));
        }
    }

    void aPatternIsReadInFullAndAsAFilter()
    {
        WindowFixture fixture;
        open(fixture);
        openPatterns(fixture);
        const auto* const whole = fixture.find<QLabel>("patternWhole");
        QTRY_VERIFY(whole->isVisible());
        QVERIFY2(whole->text().startsWith(QStringLiteral("request ")), qPrintable(whole->text()));
        press(Qt::Key_Plus);
        auto* const chip = fixture.find<QToolButton>("chip0");
        QVERIFY2(chip->text().startsWith(QStringLiteral("pattern: request ")), qPrintable(chip->text()));
        // It is kept with the view, and is not of another text.
        const auto again = viewFromJson(viewToJson(fixture.window().page()->view()));
        QVERIFY(again);
        QCOMPARE(*again, fixture.window().page()->view());
        press(Qt::Key_B, Qt::ControlModifier | Qt::ShiftModifier);
        QVERIFY(!fixture.find<KeyedList>("patternList")->isVisible());
        QVERIFY(events(fixture)->hasFocus());
    }

    void enterPressesButtons()
    {
        WindowFixture fixture;
        fixture.window().show();
        QVERIFY(QTest::qWaitForWindowActive(&fixture.window()));
        fixture.setChosenFiles({fixture.writeLog(QStringLiteral("a.log"), 20)});
        auto* const button = fixture.find<QPushButton>("openFilesButton");
        button->setFocus();
        QSignalSpy finished(&fixture.window(), &MainWindow::readFinished);
        press(Qt::Key_Return);
        QTRY_COMPARE_WITH_TIMEOUT(finished.size(), 1, 10'000);
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("20 events"), 10'000);
    }
};

QTEST_MAIN(TestKeyboard)
#include "tst_keyboard.moc"
