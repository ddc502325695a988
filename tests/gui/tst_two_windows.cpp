// What is kept of the user while two windows are open on one store: neither overwrites the other.
#include "models/session/marks.h"
#include "models/session/user_state.h"
#include "models/tables/event_list_model.h"
#include "tests/gui/window_fixture.h"
#include "views/investigate/event_list_view.h"
#include "views/investigate/investigate_page.h"
#include "views/window/settings_dialog.h"
#include "views/window/view_name_dialog.h"

#include <QCheckBox>
#include <QComboBox>
#include <QPushButton>
#include <QToolButton>

using namespace faultline;

class TestTwoWindows : public QObject
{
    Q_OBJECT
    static void open(WindowFixture& fixture)
    {
        fixture.window().resize(1200, 900);
        fixture.window().show();
        QVERIFY(fixture.openAndWait({fixture.writeLog(QStringLiteral("a.log"), 60)}));
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("60 events"), 10'000);
    }
    /// The store of the first one, in another window of the same user.
    static void openToo(WindowFixture& fixture, const WindowFixture& first)
    {
        fixture.window().show();
        fixture.window().openCase({{}, first.storePath().toStdString(), false});
        QTRY_VERIFY_WITH_TIMEOUT(fixture.window().page() != nullptr, 20'000);
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("60 events"), 10'000);
    }
    static UserState stateOf(const WindowFixture& fixture)
    {
        return UserState((fixture.root().path() + QStringLiteral("/data")).toStdString());
    }
    static QMenu* viewsMenu(WindowFixture& fixture)
    {
        auto* const menu = fixture.find<QToolButton>("viewsButton")->menu();
        Q_EMIT menu->aboutToShow();
        return menu;
    }
    static QAction* entry(QMenu* menu, const char* text)
    {
        const auto actions = menu->actions();
        for (QAction* const action : actions) {
            QString shown = action->text().section(QLatin1Char('\t'), 0, 0);
            if (shown.remove(QLatin1Char('&')) == QString::fromUtf8(text)) return action;
        }
        return nullptr;
    }
    /// The saved views in the order of the menu.
    static QString views(WindowFixture& fixture)
    {
        QStringList names;
        const auto actions = viewsMenu(fixture)->actions();
        for (QAction* const action : actions) {
            if (action->menu() != nullptr) break;
            if (!action->isSeparator() && action->isEnabled()) names.push_back(action->text());
        }
        names.removeFirst(); // saving
        return names.join(QLatin1Char(' '));
    }
    static void save(WindowFixture& fixture, const char* name, bool everywhere = false)
    {
        fixture.setViewName(QLatin1String(name), everywhere);
        entry(viewsMenu(fixture), "Save this view…")->trigger();
    }
    static void rename(WindowFixture& fixture, const char* name, const char* next, bool everywhere = false)
    {
        fixture.setViewName(QLatin1String(next), everywhere);
        entry(entry(viewsMenu(fixture), "Rename")->menu(), name)->trigger();
    }
    static std::size_t marks(WindowFixture& fixture) { return fixture.window().page()->marks().size(); }
    static void toggleMark(WindowFixture& fixture, int row)
    {
        auto* const list = fixture.find<EventListView>("eventList");
        QTRY_VERIFY_WITH_TIMEOUT(list->model()->held(row) != nullptr, 10'000);
        list->setCurrentRow(row);
        QTest::keyClick(list, Qt::Key_M);
    }

private Q_SLOTS:
    void aChoiceIsOneChoice()
    {
        WindowFixture first;
        first.window().resize(1000, 700);
        first.window().show();
        WindowFixture second("UTC", first.root().path());
        second.window().show();
        first.find<QAction>("settingsAction")->trigger();
        second.find<QAction>("settingsAction")->trigger();
        auto* const firstDialog = first.window().findChild<SettingsDialog*>();
        auto* const secondDialog = second.window().findChild<SettingsDialog*>();
        QVERIFY(firstDialog != nullptr && secondDialog != nullptr);
        const auto box = [](SettingsDialog* dialog, const char* name) {
            return dialog->findChild<QComboBox*>(QLatin1String(name));
        };
        box(firstDialog, "lookBox")->setCurrentIndex(2);
        box(secondDialog, "zoneBox")->setCurrentIndex(1);
        for (WindowFixture* const fixture : {&first, &second}) {
            QTRY_VERIFY_WITH_TIMEOUT(fixture->window().settings().look == Settings::Look::Light, 10'000);
            QTRY_VERIFY_WITH_TIMEOUT(fixture->window().settings().zone == "local", 10'000);
        }
        QCOMPARE(box(secondDialog, "lookBox")->currentIndex(), 2);
        QCOMPARE(box(firstDialog, "zoneBox")->currentIndex(), 1);
        QVERIFY(!second.find<QAction>("darkAction")->isChecked());
        first.window().close();
        second.window().close();
        second.end();
        first.end();
        std::vector<Error> damaged;
        const Settings kept = readSettings(stateOf(first), damaged);
        QVERIFY(kept.look == Settings::Look::Light);
        QCOMPARE(QString::fromStdString(kept.zone), QStringLiteral("local"));
    }

    void whatThisVersionDoesNotKnowStays()
    {
        WindowFixture first;
        const UserState state = stateOf(first);
        QVERIFY(state.write({}, "settings", R"({"zone":"local","of tomorrow":[1]})"));
        first.window().setDark(false);
        first.end();
        const QString kept = QString::fromStdString(state.read({}, "settings")->json);
        QVERIFY2(kept.contains(QStringLiteral("\"of tomorrow\":[1]")), qPrintable(kept));
        QVERIFY2(kept.contains(QStringLiteral("\"zone\":\"local\"")), qPrintable(kept));
        QVERIFY2(kept.contains(QStringLiteral("\"theme\":\"light\"")), qPrintable(kept));
    }

    void marksOfBothAreKept()
    {
        WindowFixture first;
        open(first);
        WindowFixture second("UTC", first.root().path());
        openToo(second, first);
        toggleMark(first, 3);
        toggleMark(second, 5);
        QTRY_COMPARE_WITH_TIMEOUT(marks(first), std::size_t{2}, 10'000);
        QTRY_COMPARE_WITH_TIMEOUT(marks(second), std::size_t{2}, 10'000);
        QTRY_VERIFY_WITH_TIMEOUT(first.find<EventListView>("eventList")->isMarked(5), 10'000);
        // One that was taken away does not come back.
        toggleMark(first, 5);
        toggleMark(second, 7);
        QTRY_VERIFY_WITH_TIMEOUT(second.find<EventListView>("eventList")->isMarked(7), 10'000);
        QTRY_VERIFY_WITH_TIMEOUT(!second.find<EventListView>("eventList")->isMarked(5), 10'000);
        QTRY_COMPARE_WITH_TIMEOUT(marks(first), std::size_t{2}, 10'000);
        first.end();
        second.end();
        const auto kept = stateOf(first).read(first.storePath().toStdString(), "marks");
        QVERIFY(kept);
        const auto all = marksFromJson(kept->json);
        QVERIFY(all);
        QCOMPARE(all->size(), std::size_t{2});
    }

    void marksThatCannotBeReadArePutAside()
    {
        WindowFixture first;
        open(first);
        first.end();
        const UserState state = stateOf(first);
        const std::string store = first.storePath().toStdString();
        QVERIFY(state.write(store, "marks", R"({"marks":[{"time":7}]})"));
        WindowFixture second("UTC", first.root().path());
        openToo(second, first);
        const QString aside = QString::fromStdString(state.path(store, "marks") + ".damaged-1");
        QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(aside), 10'000);
        toggleMark(second, 3);
        QTRY_COMPARE_WITH_TIMEOUT(marks(second), std::size_t{1}, 10'000);
        second.end();
        QCOMPARE(marksFromJson(state.read(store, "marks")->json)->size(), std::size_t{1});
        QFile file(aside);
        QVERIFY(file.open(QIODevice::ReadOnly));
        QCOMPARE(file.readAll(), QByteArray(R"({"marks":[{"time":7}]})"));
    }

    void viewsOfBothAreKept()
    {
        WindowFixture first;
        open(first);
        WindowFixture second("UTC", first.root().path());
        openToo(second, first);
        save(first, "one");
        save(second, "two");
        save(first, "three");
        QTRY_COMPARE_WITH_TIMEOUT(views(first).split(QLatin1Char(' ')).size(), 3, 10'000);
        QTRY_COMPARE_WITH_TIMEOUT(views(second), views(first), 10'000);
        QVERIFY(views(first).contains(QStringLiteral("one")) && views(first).contains(QStringLiteral("two")));
        save(second, "all", true);
        QTRY_VERIFY_WITH_TIMEOUT(views(first).endsWith(QStringLiteral(" all")), 10'000);
    }

    void anotherNameLeavesOtherViewsAlone()
    {
        WindowFixture fixture;
        open(fixture);
        for (const char* const name : {"one", "two", "three"}) save(fixture, name);
        rename(fixture, "two", "second");
        QCOMPARE(views(fixture), QStringLiteral("one second three"));
        QSignalSpy said(&fixture.window(), &MainWindow::caseOpened);
        rename(fixture, "second", "one");
        QCOMPARE(views(fixture), QStringLiteral("one second three"));
        // Into the list of every store, where one of this name is already; then under a name that is free.
        save(fixture, "one", true);
        rename(fixture, "one", "one", true);
        QCOMPARE(views(fixture), QStringLiteral("one second three one"));
        rename(fixture, "one", "first", true);
        QCOMPARE(views(fixture), QStringLiteral("second three one first"));
        // Deleted, and back at its place.
        entry(entry(viewsMenu(fixture), "Delete")->menu(), "second")->trigger();
        QCOMPARE(views(fixture).section(QLatin1Char(' '), -3), QStringLiteral("three one first"));
        save(fixture, "second");
        entry(viewsMenu(fixture), "Undo: delete second")->trigger();
        QCOMPARE(views(fixture), QStringLiteral("second (2) three second one first"));
        const auto menus = [&] { return viewsMenu(fixture)->findChildren<QMenu*>().size(); };
        QCOMPARE(menus(), 2);
        QCOMPARE(menus(), 2);
    }

    void aNameThatComesLateIsForItsStore()
    {
        WindowFixture fixture;
        open(fixture);
        const QString asked = fixture.storePath();
        save(fixture, ""); // the question stands
        fixture.setStoreName(QStringLiteral("other"));
        fixture.window().openCase({{fixture.writeLog(QStringLiteral("b.log"), 20).toStdString()}, {}, false});
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("20 events"), 20'000);
        fixture.setViewName(QStringLiteral("late"));
        fixture.answerViewName();
        QVERIFY2(entry(viewsMenu(fixture), "late") == nullptr, "in the wrong store");
        fixture.end();
        const auto kept = stateOf(fixture).read(asked.toStdString(), "views");
        QVERIFY(kept && QString::fromStdString(kept->json).contains(QStringLiteral("\"late\"")));
    }

    void theQuestionForANameSaysWhatIsTaken()
    {
        bool answered = false;
        QWidget window;
        window.show();
        ViewNameDialog::ask(&window, {{}, {QStringLiteral("a b")}, {QStringLiteral("all")}},
                            [&](const ViewName& named) {
                                answered = true;
                                QCOMPARE(named.name, QStringLiteral("a b"));
                                QVERIFY(!named.everywhere);
                            });
        QVERIFY2(!answered, "it waited");
        auto* const dialog = window.findChild<ViewNameDialog*>();
        auto* const name = dialog->findChild<QLineEdit*>(QStringLiteral("viewName"));
        auto* const note = dialog->findChild<QLabel*>(QStringLiteral("viewNameNote"));
        auto* const yes = dialog->findChild<QPushButton*>(QStringLiteral("viewNameSave"));
        QVERIFY(!yes->isEnabled());
        QTest::keyClicks(name, QStringLiteral(" a  b "));
        QCOMPARE(note->text(), QStringLiteral("The saved view of this name is replaced."));
        QCOMPARE(yes->text(), QStringLiteral("&Replace"));
        dialog->findChild<QCheckBox*>(QStringLiteral("viewEverywhere"))->setChecked(true);
        QVERIFY(note->text().isEmpty() && yes->text() == QStringLiteral("&Save"));
        dialog->findChild<QCheckBox*>(QStringLiteral("viewEverywhere"))->setChecked(false);
        yes->click();
        QVERIFY(answered);
        ViewNameDialog again(
            {{QStringLiteral("a b"), false}, {QStringLiteral("a b")}, {QStringLiteral("a b")}}, &window);
        auto* const save = again.findChild<QPushButton*>(QStringLiteral("viewNameSave"));
        QVERIFY(save->isEnabled());
        again.findChild<QCheckBox*>(QStringLiteral("viewEverywhere"))->setChecked(true);
        QVERIFY2(!save->isEnabled(), "it would take another view's place");
    }
};

QTEST_MAIN(TestTwoWindows)
#include "tst_two_windows.moc"
