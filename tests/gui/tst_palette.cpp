#include "models/session/kept_lists.h"
#include "tests/gui/window_fixture.h"
#include "views/investigate/event_list_view.h"
#include "views/investigate/investigate_page.h"
#include "views/investigate/search_bar.h"
#include "views/keys/key_help.h"
#include "views/palette/commands.h"
#include "views/palette/fuzzy.h"
#include "views/palette/pick_dialog.h"
#include "views/window/settings_dialog.h"

#include <QAction>
#include <QCheckBox>
#include <QComboBox>
#include <QJsonDocument>
#include <QListWidget>
#include <QMenu>
#include <QMenuBar>
#include <QToolButton>

using namespace faultline;

namespace {

void open(WindowFixture& fixture, int count = 300)
{
    fixture.window().resize(1200, 900);
    fixture.window().show();
    QVERIFY(QTest::qWaitForWindowExposed(&fixture.window()));
    QVERIFY(fixture.openAndWait({fixture.writeLog(QStringLiteral("a.log"), count)}));
    QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("%1 events").arg(count), 10'000);
}

void reopen(WindowFixture& fixture, const QString& store)
{
    fixture.window().show();
    QSignalSpy opened(&fixture.window(), &MainWindow::caseOpened);
    fixture.window().openCase({{}, store.toStdString(), false});
    QVERIFY(opened.wait(20'000));
}

/// The dialog that a key has opened, with its line and its list.
struct Pick
{
    explicit Pick(WindowFixture& fixture)
        : dialog(fixture.window().findChild<PickDialog*>())
        , input(dialog == nullptr ? nullptr : dialog->findChild<QLineEdit*>(QStringLiteral("pickInput")))
        , list(dialog == nullptr ? nullptr : dialog->findChild<QListWidget*>(QStringLiteral("pickList")))
    {}
    QString first() const { return list->count() == 0 ? QString() : list->item(0)->text(); }
    PickDialog* dialog;
    QLineEdit* input;
    QListWidget* list;
};

QAction* entry(QMenu* menu, const QString& text)
{
    const auto actions = menu->actions();
    for (QAction* const action : actions)
        if (KeyHelp::plainTitle(action->text()) == text) return action;
    return nullptr;
}

void showPalette(WindowFixture& fixture)
{
    fixture.find<QAction>("paletteAction")->trigger();
    QVERIFY(Pick(fixture).dialog != nullptr);
}

} // namespace

/// Commands, searches and views by name, and the settings, in the real window.
class TestPalette : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void lettersInOrderFit()
    {
        QVERIFY(fuzzyScore({}, QStringLiteral("anything")) > 0);
        QCOMPARE(fuzzyScore(QStringLiteral("xyz"), QStringLiteral("Next error")), 0);
        QVERIFY(fuzzyScore(QStringLiteral("nxer"), QStringLiteral("Next error")) > 0);
        QVERIFY(fuzzyScore(QStringLiteral("error next"), QStringLiteral("Next error")) > 0);
        QCOMPARE(fuzzyScore(QStringLiteral("ren"), QStringLiteral("nert")), 0);
        QVERIFY(fuzzyScore(QStringLiteral("err"), QStringLiteral("Next error")) >
                fuzzyScore(QStringLiteral("err"), QStringLiteral("Exact row before")));
        QVERIFY(fuzzyScore(QStringLiteral("trace"), QStringLiteral("All events of its trace")) >
                fuzzyScore(QStringLiteral("trace"), QStringLiteral("Retrace")));
    }

    void everyActionAndEveryKeyIsThereOnce()
    {
        WindowFixture fixture;
        open(fixture);
        auto* const page = fixture.window().page();
        QStringList listed;
        const auto commands = commandsOf(fixture.window().menuBar(), page);
        for (const Choice& choice : commands) listed.push_back(choice.where + u'/' + choice.title);
        QStringList twice = listed;
        twice.removeDuplicates();
        QCOMPARE(listed.size(), twice.size());
        int actions = 0, keys = 0;
        const auto tops = fixture.window().menuBar()->actions();
        std::function<void(const QMenu*, const QString&)> walk = [&](const QMenu* menu,
                                                                     const QString& where) {
            const auto entries = menu->actions();
            for (const QAction* const action : entries) {
                if (action->isSeparator() || !action->isEnabled() || !action->isVisible()) continue;
                const QString title = KeyHelp::plainTitle(action->text());
                if (action->menu() != nullptr) {
                    walk(action->menu(), where + QStringLiteral(" \u203a ") + title);
                    continue;
                }
                ++actions;
                QVERIFY2(listed.contains(where + u'/' + title), qPrintable(title));
            }
        };
        for (const QAction* const top : tops) walk(top->menu(), KeyHelp::plainTitle(top->text()));
        QList<QWidget*> widgets = page->findChildren<QWidget*>();
        widgets.push_front(page);
        for (QWidget* const widget : widgets) {
            const auto* const view = dynamic_cast<const HasKeys*>(widget);
            if (view == nullptr || view->takesText() || !widget->isVisibleTo(page)) continue;
            for (const KeyTable::Row& row : view->keys().rows()) {
                ++keys;
                QVERIFY2(listed.contains(view->keysTitle() + u'/' + row.what), qPrintable(row.what));
            }
        }
        QVERIFY2(actions > 10 && keys > 30, "the test found little to compare");
        QVERIFY(static_cast<qsizetype>(actions + keys) >= listed.size());
    }

    void aCommandIsDoneByTyping()
    {
        WindowFixture fixture;
        open(fixture);
        auto* const list = fixture.find<EventListView>("eventList");
        list->setFocus();
        QTRY_COMPARE(list->currentRow(), 0);
        showPalette(fixture);
        Pick pick(fixture);
        QTRY_VERIFY(pick.input->hasFocus());
        QTest::keyClicks(pick.input, QStringLiteral("nxt err"));
        QCOMPARE(pick.first(), QStringLiteral("Next error"));
        QTest::keyClick(pick.input, Qt::Key_Return);
        QTRY_COMPARE_WITH_TIMEOUT(list->currentRow(), 49, 10'000);
        // It is the first one next time, and after a start of the program.
        QTRY_VERIFY(fixture.window().findChild<PickDialog*>() == nullptr);
        showPalette(fixture);
        QCOMPARE(Pick(fixture).first(), QStringLiteral("Next error"));
        Pick again(fixture);
        QTest::keyClicks(again.input, QStringLiteral("qqqqq"));
        QCOMPARE(again.list->count(), 0);
        QTest::keyClick(again.input, Qt::Key_Escape);
        QTRY_VERIFY(fixture.window().findChild<PickDialog*>() == nullptr);
        fixture.end();
        WindowFixture second("UTC", fixture.root().path());
        QVERIFY(!second.window().settings().recentCommands.empty());
        QCOMPARE(QString::fromStdString(second.window().settings().recentCommands.front()),
                 QStringLiteral("Next error"));
    }

    void searchesComeBackAfterAStart()
    {
        WindowFixture first;
        open(first);
        for (const char* const query : {"service:pay", "level:error", "service:pay", "service:cart"})
            first.search(QString::fromLatin1(query));
        QTRY_COMPARE_WITH_TIMEOUT(first.countText(), QStringLiteral("270 events"), 10'000);
        first.end();
        WindowFixture second("UTC", first.root().path());
        reopen(second, first.storePath());
        QTRY_COMPARE_WITH_TIMEOUT(second.countText(), QStringLiteral("270 events"), 10'000);
        auto* const input = second.find<QLineEdit>("searchInput");
        input->setFocus();
        input->setText(QStringLiteral("half a thou"));
        const auto up = [&] {
            QTest::keyClick(input, Qt::Key_Up);
            return input->text();
        };
        QCOMPARE(up(), QStringLiteral("service:cart"));
        QCOMPARE(up(), QStringLiteral("service:pay"));
        QCOMPARE(up(), QStringLiteral("level:error"));
        QCOMPARE(up(), QStringLiteral("level:error"));
        for (int i = 0; i < 3; ++i) QTest::keyClick(input, Qt::Key_Down);
        QCOMPARE(input->text(), QStringLiteral("half a thou"));
        // Part of one finds it.
        QTest::keyClick(input, Qt::Key_R, Qt::ControlModifier);
        Pick pick(second);
        QVERIFY(pick.dialog != nullptr);
        QTest::keyClicks(pick.input, QStringLiteral("err"));
        QCOMPARE(pick.first(), QStringLiteral("level:error"));
        QTest::keyClick(pick.input, Qt::Key_Return);
        QTRY_COMPARE_WITH_TIMEOUT(second.countText(), QStringLiteral("6 events"), 10'000);
    }

    void aViewIsSavedOpenedRenamedAndDeleted()
    {
        WindowFixture first;
        open(first);
        first.search(QStringLiteral("service:pay"));
        QTRY_COMPARE_WITH_TIMEOUT(first.countText(), QStringLiteral("30 events"), 10'000);
        first.window().page()->typeRange(QStringLiteral("2026-01-02 03:01..03:02"));
        QTRY_COMPARE_WITH_TIMEOUT(first.countText(), QStringLiteral("6 events"), 10'000);
        auto* const menu = first.find<QToolButton>("viewsButton")->menu();
        const auto fill = [&] { Q_EMIT menu->aboutToShow(); };
        fill();
        QVERIFY(entry(menu, QStringLiteral("No saved views yet")) != nullptr);
        first.setViewName(QStringLiteral("  Pay \n & one minute "));
        entry(menu, QStringLiteral("Save this view…"))->trigger();
        first.window().page()->submit({});
        first.window().page()->showAllTime();
        QTRY_COMPARE_WITH_TIMEOUT(first.countText(), QStringLiteral("300 events"), 10'000);
        fill();
        const QString name = QStringLiteral("Pay & one minute");
        QVERIFY(entry(menu, name) != nullptr);
        entry(menu, name)->trigger();
        QTRY_COMPARE_WITH_TIMEOUT(first.countText(), QStringLiteral("6 events"), 10'000);
        QVERIFY(first.window().page()->back());
        QTRY_COMPARE_WITH_TIMEOUT(first.countText(), QStringLiteral("300 events"), 10'000);

        first.setViewName(QStringLiteral("Everywhere"), true);
        fill();
        entry(entry(menu, QStringLiteral("Rename"))->menu(), name)->trigger();
        fill();
        QVERIFY(entry(menu, name) == nullptr);
        entry(entry(menu, QStringLiteral("Delete"))->menu(), QStringLiteral("Everywhere"))->trigger();
        fill();
        QVERIFY(entry(menu, QStringLiteral("Everywhere")) == nullptr);
        entry(menu, QStringLiteral("Undo: delete Everywhere"))->trigger();
        fill();
        QVERIFY(entry(menu, QStringLiteral("Everywhere")) != nullptr);
        first.end();

        // By the palette, after a start.
        WindowFixture second("UTC", first.root().path());
        reopen(second, first.storePath());
        QTRY_COMPARE_WITH_TIMEOUT(second.countText(), QStringLiteral("300 events"), 10'000);
        showPalette(second);
        Pick pick(second);
        QTest::keyClicks(pick.input, QStringLiteral("everywh"));
        QCOMPARE(pick.first(), QStringLiteral("Everywhere"));
        QTest::keyClick(pick.input, Qt::Key_Return);
        QTRY_COMPARE_WITH_TIMEOUT(second.countText(), QStringLiteral("6 events"), 10'000);
    }

    void keptListsAreBounded()
    {
        QueryHistory history;
        for (int i = 0; i < 600; ++i) remember(history, "q" + std::to_string(i));
        remember(history, "  ");
        remember(history, std::string(9'000, 'x'));
        QCOMPARE(history.size(), std::size_t{500});
        QCOMPARE(QString::fromStdString(history.back()), QStringLiteral("q599"));
        QVERIFY(historyFromJson(historyToJson(history)) == history);
        SavedViews views;
        const QJsonObject content{{QStringLiteral("view"), QJsonObject()}};
        for (int i = 0; i < 300; ++i) QVERIFY(put(views, {"v" + std::to_string(i), content}));
        QVERIFY(!put(views, {"one more", content}));
        QVERIFY(put(views, {"v7", content}));
        QVERIFY(!put(views, {"  ", content}));
        QVERIFY(savedViewsFromJson(savedViewsToJson(views)) == views);
        QVERIFY(savedViewsFromJson({{QStringLiteral("views"), 7}}).empty());
    }

    void settingsAreInForceAtOnceAndKept()
    {
        WindowFixture first("Europe/Berlin");
        open(first, 100);
        first.find<QAction>("settingsAction")->trigger();
        auto* const dialog = first.window().findChild<SettingsDialog*>();
        QVERIFY(dialog != nullptr);
        dialog->findChild<QComboBox*>(QStringLiteral("lookBox"))->setCurrentIndex(2);
        QVERIFY(QApplication::palette().window().color().lightness() > 128);
        QVERIFY(!first.find<QAction>("darkAction")->isChecked());
        dialog->findChild<QComboBox*>(QStringLiteral("zoneBox"))->setCurrentIndex(1);
        QCOMPARE(first.find<QToolButton>("zoneButton")->text(), QStringLiteral("Europe/Berlin +01:00"));
        // This run has it by name: it cannot be switched here.
        auto* const check = dialog->findChild<QCheckBox*>(QStringLiteral("experiment-log-scale"));
        QVERIFY(check != nullptr && check->isChecked() && !check->isEnabled());
        QVERIFY(first.find<QToolButton>("logButton")->isVisibleTo(&first.window()));
        first.end();
        WindowFixture second("Europe/Berlin", first.root().path());
        QVERIFY(second.window().settings().look == Settings::Look::Light);
        QVERIFY(!second.find<QAction>("darkAction")->isChecked());
        second.find<QAction>("darkAction")->toggle();
        QVERIFY(QApplication::palette().window().color().lightness() < 128);
    }

    void anExperimentIsOffUntilItIsSwitchedOn()
    {
        WindowFixture fixture("UTC", {}, false);
        open(fixture, 100);
        QVERIFY(!fixture.find<QToolButton>("logButton")->isVisibleTo(&fixture.window()));
        SettingsDialog dialog(fixture.window().settings(), &fixture.window());
        dialog.setAttribute(Qt::WA_DeleteOnClose, false);
        Settings changed;
        changed.look = Settings::Look::Light; // chosen in another window meanwhile
        connect(&dialog, &SettingsDialog::changed, this,
                [&](const SettingsChange& change) { change(changed); });
        auto* const check = dialog.findChild<QCheckBox*>(QStringLiteral("experiment-log-scale"));
        QVERIFY(!check->isChecked());
        check->click();
        QVERIFY(changed.experiments.kept("log-scale"));
        QVERIFY(changed.look == Settings::Look::Light);
    }
};

QTEST_MAIN(TestPalette)
#include "tst_palette.moc"
