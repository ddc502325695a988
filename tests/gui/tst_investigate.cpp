#include "models/tables/event_list_model.h"
#include "tests/gui/window_fixture.h"
#include "views/investigate/event_list_view.h"
#include "views/investigate/investigate_page.h"
#include "views/keys/key_help.h"
#include "views/keys/key_table.h"
#include "views/timeline/histogram_view.h"

#include <QAction>
#include <QApplication>
#include <QMenu>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScrollBar>
#include <QTableView>
#include <QWheelEvent>

using namespace faultline;

/// What a new user stumbled over, in the real window.
class TestInvestigate : public QObject
{
    Q_OBJECT
private:
    static QMenu* openRowMenu(WindowFixture& fixture, int row, int x)
    {
        auto* const list = fixture.find<EventListView>("eventList");
        list->setCurrentRow(row);
        const int line = QFontMetrics(list->font()).height();
        const QPoint at(x, line + 8 + (row - list->topRow()) * (line + 2) + 4);
        QContextMenuEvent event(QContextMenuEvent::Mouse, at, list->viewport()->mapToGlobal(at));
        QApplication::sendEvent(list->viewport(), &event);
        return fixture.window().findChild<QMenu*>(QStringLiteral("rowMenu"));
    }
    static QStringList texts(const QMenu* menu)
    {
        QStringList all;
        for (const QAction* action : menu->actions())
            if (!action->isSeparator()) all.push_back(action->text());
        return all;
    }
    static void press(QWidget* widget, const QKeySequence& keys)
    {
        QTest::keyClick(widget, keys[0].key(), keys[0].keyboardModifiers());
    }

private Q_SLOTS:
    void aStoreIsOpenedFromTheMenuAndOfferedAgain()
    {
        WindowFixture fixture;
        fixture.window().show();
        QVERIFY(fixture.openAndWait({fixture.writeLog(QStringLiteral("a.log"), 120)}));
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("120 events"), 10'000);
        // It is in the list of recent stores, and opening it twice says so.
        auto* const recent = fixture.find<QMenu>("recentMenu");
        QTRY_COMPARE_WITH_TIMEOUT(recent->actions().size(), 1, 10'000);
        QVERIFY2(recent->actions().front()->text().startsWith(QStringLiteral("case\t")),
                 qPrintable(recent->actions().front()->text()));

        // A second store, somewhere else.
        const QString other = fixture.root().filePath(QStringLiteral("other.faultline"));
        {
            Workspace::Options options;
            options.storePath = other.toStdString();
            options.write = options.create = true;
            auto workspace = Workspace::open(options);
            QVERIFY(workspace.ok());
            IngestRequest request;
            request.paths = {fixture.writeLog(QStringLiteral("b.log"), 70).toStdString()};
            QVERIFY((*workspace)->ingest(request, {}, {}).ok());
        }
        fixture.setChosenStore(other);
        fixture.find<QAction>("openStoreAction")->trigger();
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("70 events"), 10'000);
        QTRY_COMPARE_WITH_TIMEOUT(recent->actions().size(), 2, 10'000);
        QVERIFY(recent->actions().front()->text().startsWith(QStringLiteral("other\t")));
        recent->actions().back()->trigger();
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("120 events"), 10'000);
        // What is no store is refused, and the case at hand stays.
        fixture.setChosenStore(fixture.writeLog(QStringLiteral("c.log"), 3));
        fixture.find<QAction>("openStoreAction")->trigger();
        QSignalSpy opened(&fixture.window(), &MainWindow::caseOpened);
        QTest::qWait(300);
        QCOMPARE(opened.count(), 0);
        QCOMPARE(fixture.countText(), QStringLiteral("120 events"));
    }

    void everyKeyThatIsListedWorks()
    {
        WindowFixture fixture;
        fixture.window().show();
        QVERIFY(QTest::qWaitForWindowExposed(&fixture.window()));
        fixture.window().activateWindow();
        QVERIFY(fixture.openAndWait({fixture.writeLog(QStringLiteral("a.log"), 400)}));
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("400 events"), 10'000);
        QList<QWidget*> views{
            fixture.find<EventListView>("eventList"), fixture.find<HistogramView>("histogram"),
            fixture.find<QTableView>("detailFields"), fixture.find<QLineEdit>("searchInput")->parentWidget(),
            fixture.window().page()};
        for (QWidget* view : views) {
            const auto* const keyed = dynamic_cast<const HasKeys*>(view);
            QVERIFY2(keyed != nullptr, view->metaObject()->className());
            QVERIFY(!keyed->keys().rows().empty());
            QStringList seen;
            for (const KeyTable::Row& row : keyed->keys().rows()) {
                QVERIFY2(!row.what.isEmpty(), "a key without a word what it does");
                for (const QKeySequence& keys : row.keys) {
                    QVERIFY2(!seen.contains(keys.toString()), qPrintable(keys.toString()));
                    seen.push_back(keys.toString());
                    // The key press that a keyboard would make finds its own row.
                    const QKeyEvent event(QEvent::KeyPress, keys[0].key(), keys[0].keyboardModifiers());
                    QVERIFY2(keyed->keys().handle(event), qPrintable(keys.toString()));
                }
            }
        }
    }

    void theKeysOfTheFocusedViewAreShown()
    {
        WindowFixture fixture;
        fixture.window().show();
        QVERIFY(QTest::qWaitForWindowExposed(&fixture.window()));
        fixture.window().activateWindow();
        QVERIFY(fixture.openAndWait({fixture.writeLog(QStringLiteral("a.log"), 50)}));
        auto* const list = fixture.find<EventListView>("eventList");
        list->setFocus();
        QTest::keyClick(list, Qt::Key_Question, Qt::ShiftModifier);
        auto* const help = fixture.find<KeyHelp>("keyHelp");
        QTRY_VERIFY(help->isVisible());
        QStringList shown;
        for (const QLabel* label : help->findChildren<QLabel*>()) shown.push_back(label->text());
        for (const char* text : {"List of events", "Next event", "Back", "Everywhere", "Keys here"})
            QVERIFY2(shown.contains(QLatin1String(text)), text);
        QVERIFY2(!shown.contains(QStringLiteral("Bar after")), "keys of a view that is not focused");
        // In the search the single keys are letters.
        const auto sections = KeyHelp::sectionsFor(&fixture.window(), fixture.find<QLineEdit>("searchInput"));
        QCOMPARE(sections.size(), std::size_t{2});
        QCOMPARE(sections.front().title, QStringLiteral("Search"));
    }

    void theSelectedEventStaysThroughZoomAndBack()
    {
        WindowFixture fixture;
        fixture.window().resize(1200, 800);
        fixture.window().show();
        QVERIFY(fixture.openAndWait({fixture.writeLog(QStringLiteral("a.log"), 3'000)}));
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("3,000 events"), 10'000);
        auto* const list = fixture.find<EventListView>("eventList");
        auto* const model = fixture.window().page()->findChild<EventListModel*>();
        auto* const original = fixture.find<QPlainTextEdit>("detailOriginal");
        const auto inSight = [&] {
            return list->currentRow() >= list->topRow() &&
                   list->currentRow() < list->topRow() + list->visibleRows();
        };
        list->setCurrentRow(1'509, true);
        QTRY_VERIFY_WITH_TIMEOUT(original->toPlainText().contains(QStringLiteral("request 1509 ")), 10'000);
        const int below = list->currentRow() - list->topRow();
        const TimeNs time = model->event(1'509)->key.time;

        fixture.window().page()->setRange({time - 400 * kSecondNs, time + 400 * kSecondNs});
        QTRY_COMPARE_WITH_TIMEOUT(list->currentRow(), 400, 10'000);
        QVERIFY(inSight());
        QCOMPARE(list->currentRow() - list->topRow(), below);
        QVERIFY(original->toPlainText().contains(QStringLiteral("request 1509 ")));

        fixture.search(QStringLiteral("service:pay")); // every tenth, 1509 is one of them
        QTRY_COMPARE_WITH_TIMEOUT(list->currentRow(), 40, 10'000);
        QVERIFY(inSight());

        fixture.search(QStringLiteral("service:cart")); // it is not
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("720 events"), 10'000);
        QTRY_COMPARE_WITH_TIMEOUT(original->toPlainText(), QString(), 10'000);
        QCOMPARE(list->currentRow(), -1);

        for (int i = 0; i < 3; ++i) QVERIFY(fixture.window().page()->back());
        QTRY_COMPARE_WITH_TIMEOUT(list->currentRow(), 1'509, 10'000);
        QVERIFY(inSight());
        QTRY_VERIFY_WITH_TIMEOUT(original->toPlainText().contains(QStringLiteral("request 1509 ")), 10'000);
    }

    void manyTurnsOfTheWheelAreOneStepBack()
    {
        WindowFixture fixture;
        fixture.window().resize(1200, 800);
        fixture.window().show();
        QVERIFY(QTest::qWaitForWindowExposed(&fixture.window()));
        QVERIFY(fixture.openAndWait({fixture.writeLog(QStringLiteral("a.log"), 1'000)}));
        auto* const histogram = fixture.find<HistogramView>("histogram");
        InvestigatePage* const page = fixture.window().page();
        QTRY_VERIFY_WITH_TIMEOUT(histogram->exact(), 10'000);
        const QPointF middle(histogram->width() / 2.0, histogram->height() / 2.0);
        const auto wheel = [&](int turn, Qt::KeyboardModifiers modifiers = {}) {
            QWheelEvent event(middle, histogram->mapToGlobal(middle), {}, {0, turn}, Qt::NoButton, modifiers,
                              Qt::NoScrollPhase, false);
            QApplication::sendEvent(histogram, &event);
        };
        const auto length = [&] { return page->range().end - page->range().begin; };
        wheel(120);
        const TimeNs once = length();
        wheel(120);
        // Without an answer between: the second turn goes on from the first.
        QVERIFY2(std::abs(length() - once / 2) <= 1,
                 qPrintable(QStringLiteral("%1 after %2").arg(length()).arg(once)));
        const TimeNs begin = page->range().begin;
        wheel(-120, Qt::ShiftModifier);
        QVERIFY2(page->range().begin > begin, "Shift and the wheel did not move along the axis");
        QVERIFY(page->back());
        QVERIFY(page->range().unbounded());
        QVERIFY(!page->back());
        wheel(120);
        wheel(-120);
        wheel(-120);
        QVERIFY2(page->range().unbounded(), "zoomed out over all there is, and it is not all time");
    }

    void unknownNamesAreSaid()
    {
        WindowFixture fixture;
        fixture.window().show();
        QVERIFY(fixture.openAndWait({fixture.writeLog(QStringLiteral("a.log"), 500)}));
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("500 events"), 10'000);
        auto* const hint = fixture.find<QLabel>("searchError");
        fixture.search(QStringLiteral("servce:pay level:error"));
        QTRY_COMPARE_WITH_TIMEOUT(hint->text(),
                                  QStringLiteral("No event has a field named servce; near: service"), 10'000);
        QVERIFY(hint->isVisible());
        // What would help is offered, and does.
        QTRY_VERIFY_WITH_TIMEOUT(
            fixture.window().findChild<QPushButton*>(QStringLiteral("remedy0")) != nullptr, 10'000);
        auto* const remedy = fixture.find<QPushButton>("remedy0");
        QCOMPARE(remedy->text(), QStringLiteral("With service:pay instead: 10 events"));
        QCOMPARE(fixture.find<QPushButton>("remedy1")->text(),
                 QStringLiteral("Without servce:pay: 10 events"));
        QTest::mouseClick(remedy, Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("10 events"), 10'000);
        QCOMPARE(fixture.find<QLineEdit>("searchInput")->text(), QStringLiteral("service:pay level:error"));
        QTRY_VERIFY_WITH_TIMEOUT(!hint->isVisible(), 10'000);
        QVERIFY(!fixture.find<QWidget>("emptyNote")->isVisible());

        fixture.search(QStringLiteral("level:erorr"));
        QTRY_COMPARE_WITH_TIMEOUT(hint->text(), QStringLiteral("No event has the level erorr; near: error"),
                                  10'000);
        fixture.search(QStringLiteral("absent_word"));
        QTRY_VERIFY_WITH_TIMEOUT(fixture.find<QWidget>("emptyNote")->isVisible(), 10'000);
        QTRY_VERIFY_WITH_TIMEOUT(!hint->isVisible(), 10'000);
        QTest::mouseClick(fixture.find<QPushButton>("emptyClear"), Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("500 events"), 10'000);
    }

    void eventsWithoutTimeAreSaid()
    {
        WindowFixture fixture;
        fixture.window().show();
        QList<QByteArray> lines;
        for (int i = 0; i < 20; ++i)
            lines.push_back("{\"level\":\"info\",\"message\":\"no time " + QByteArray::number(i) + "\"}");
        QVERIFY(fixture.openAndWait({fixture.writeLines(QStringLiteral("a.log"), lines)}));
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("20 events"), 10'000);
        auto* const histogram = fixture.find<HistogramView>("histogram");
        QTRY_COMPARE_WITH_TIMEOUT(histogram->note(),
                                  QStringLiteral("20 events without a time, shown in the list only"), 10'000);
        fixture.search(QStringLiteral("\"time 1\""));
        QTRY_COMPARE_WITH_TIMEOUT(histogram->note(),
                                  QStringLiteral("11 events without a time, shown in the list only"), 10'000);
    }

    void eventsWithoutAMessageShowTheirFields()
    {
        WindowFixture fixture;
        fixture.window().show();
        QList<QByteArray> lines;
        for (int i = 0; i < 300; ++i)
            lines.push_back("{\"time\":\"2026-01-02T03:" + QByteArray::number(10 + i / 60) + ":" +
                            QByteArray::number(10 + i % 50) + "Z\",\"level\":\"warn\",\"service\":\"pay\"," +
                            (i % 100 == 7 ? "\"message\":\"with words\"," : "") +
                            "\"code\":" + QByteArray::number(i) + ",\"reason\":\"too slow\"}");
        QVERIFY(fixture.openAndWait({fixture.writeLines(QStringLiteral("a.log"), lines)}));
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("300 events"), 10'000);
        auto* const model = fixture.window().page()->findChild<EventListModel*>();
        const auto shown = [&](int row) {
            return model->index(row, EventListModel::MessageColumn).data().toString();
        };
        int withWords = 0;
        for (int row = 0; row < 300; ++row) {
            QTRY_VERIFY_WITH_TIMEOUT(!shown(row).isEmpty(), 10'000);
            if (shown(row) == QLatin1String("with words")) {
                ++withWords;
                QVERIFY(!model->index(row, 0).data(EventListModel::SummaryRole).toBool());
            } else {
                QVERIFY2(shown(row).startsWith(QStringLiteral("code=")) &&
                             shown(row).endsWith(QStringLiteral(" reason=\"too slow\"")),
                         qPrintable(shown(row)));
                QVERIFY(model->index(row, 0).data(EventListModel::SummaryRole).toBool());
            }
        }
        QCOMPARE(withWords, 3);
    }

    void theMenuOfARowElidesAndShowsTheTrace()
    {
        WindowFixture fixture;
        fixture.window().resize(1400, 800);
        fixture.window().show();
        QVERIFY(QTest::qWaitForWindowExposed(&fixture.window()));
        QList<QByteArray> lines;
        for (int i = 0; i < 40; ++i)
            lines.push_back("{\"time\":\"2026-01-02T03:10:" + QByteArray::number(10 + i) +
                            "Z\",\"level\":\"warn\",\"message\":\"first words & " + QByteArray(200, 'x') +
                            " last words\",\"trace_id\":\"" + QByteArray("0af7651916cd43dd8448eb211c80319") +
                            QByteArray::number(i / 10) + "\"}");
        lines.push_back("{\"time\":\"2026-01-02T03:11:00Z\",\"level\":\"warn\",\"message\":\"no trace\"}");
        QVERIFY(fixture.openAndWait({fixture.writeLines(QStringLiteral("a.log"), lines)}));
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("41 events"), 10'000);
        auto* const model = fixture.window().page()->findChild<EventListModel*>();
        QTRY_VERIFY_WITH_TIMEOUT(model->event(0) != nullptr, 10'000);
        const QMenu* menu = openRowMenu(fixture, 0, 600);
        QVERIFY(menu != nullptr);
        QCOMPARE(texts(menu).at(0),
                 QStringLiteral("Filter for message: first words && xxxxxxxxxxxxxxxxx…xxxxx last words"));
        QVERIFY(texts(menu).contains(QStringLiteral("Show this trace")));
        for (QAction* action : menu->actions())
            if (action->text() == QLatin1String("Show this trace")) action->trigger();
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("10 events"), 10'000);
        QCOMPARE(fixture.find<QLineEdit>("searchInput")->text(),
                 QStringLiteral("trace_id:0af7651916cd43dd8448eb211c803190"));
        QVERIFY(fixture.window().page()->back());
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("41 events"), 10'000);
        delete menu;
        QTRY_VERIFY_WITH_TIMEOUT(model->event(40) != nullptr, 10'000);
        menu = openRowMenu(fixture, 40, 600);
        QVERIFY(menu != nullptr);
        QVERIFY2(!texts(menu).contains(QStringLiteral("Show this trace")), "an event without a trace");
    }

    void aVeryLongEventDoesNotHoldTheWindowUp()
    {
        WindowFixture fixture;
        fixture.window().show();
        const QByteArray line = "{\"time\":\"2026-01-02T03:10:00Z\",\"level\":\"info\",\"message\":\"" +
                                QByteArray(900'000, 'm') + "\"}";
        QVERIFY(fixture.openAndWait({fixture.writeLines(QStringLiteral("a.log"), {line})}));
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("1 event"), 10'000);
        fixture.find<EventListView>("eventList")->setCurrentRow(0);
        auto* const original = fixture.find<QPlainTextEdit>("detailOriginal");
        QTRY_VERIFY_WITH_TIMEOUT(!original->toPlainText().isEmpty(), 10'000);
        QVERIFY2(original->toPlainText().size() < 40'000, "all of it is laid out");
        QVERIFY2(original->toPlainText().contains(QStringLiteral("more bytes")), "a cut that is not said");
    }

    void theLegendNamesTheSeverities()
    {
        WindowFixture fixture;
        fixture.window().show();
        QVERIFY(fixture.openAndWait({fixture.writeLog(QStringLiteral("a.log"), 1'000)}));
        auto* const histogram = fixture.find<HistogramView>("histogram");
        QTRY_COMPARE_WITH_TIMEOUT(histogram->legend().join(QStringLiteral(" | ")),
                                  QStringLiteral("E error 20 | W warn 80 | I info 900"), 10'000);
    }
};

QTEST_MAIN(TestInvestigate)
#include "tst_investigate.moc"
