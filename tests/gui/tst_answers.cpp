#include "models/tables/event_list_model.h"
#include "tests/gui/window_fixture.h"
#include "views/investigate/event_list_view.h"
#include "views/investigate/investigate_page.h"
#include "views/timeline/histogram_view.h"

#include <QAction>
#include <QApplication>
#include <QMenu>
#include <QPushButton>
#include <QTableView>
#include <QWheelEvent>

using namespace faultline;

/// Whether what the window shows is the answer to what it says it is.
class TestAnswers : public QObject
{
    Q_OBJECT
private:
    static QAction* actionOf(QMenu* menu, const char* text)
    {
        if (menu == nullptr) return nullptr;
        for (QAction* const action : menu->actions())
            if (QString(action->text()).remove(QLatin1Char('&')) == QLatin1String(text)) return action;
        return nullptr;
    }
    static QMenu* menuAt(WindowFixture& fixture, const QPoint& at, const char* name)
    {
        auto* const list = fixture.find<EventListView>("eventList");
        QContextMenuEvent event(QContextMenuEvent::Mouse, at, list->viewport()->mapToGlobal(at));
        QApplication::sendEvent(list->viewport(), &event);
        return fixture.window().findChild<QMenu*>(QLatin1String(name));
    }
    static void open(WindowFixture& fixture, const QString& log, const QString& count)
    {
        fixture.window().resize(1400, 800);
        fixture.window().show();
        QVERIFY(QTest::qWaitForWindowExposed(&fixture.window()));
        QVERIFY(fixture.openAndWait({log}));
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), count, 10'000);
        auto* const histogram = fixture.find<HistogramView>("histogram");
        QTRY_VERIFY_WITH_TIMEOUT(histogram->exact(), 10'000);
    }

private Q_SLOTS:
    void aFewOldEventsAreSaidAndAllTimeShowsThem()
    {
        WindowFixture fixture;
        QList<QByteArray> lines;
        for (int i = 0; i < 4; ++i)
            lines.push_back("{\"time\":\"2013-09-06T20:00:4" + QByteArray::number(i) +
                            "Z\",\"level\":\"info\",\"message\":\"old " + QByteArray::number(i) + "\"}");
        for (int i = 0; i < 3'600; ++i) {
            const QByteArray clock = QByteArray::number(12 + i / 600) + ":" +
                                     QByteArray::number(i / 10 % 60).rightJustified(2, '0') + ":" +
                                     QByteArray::number(i % 10 * 6).rightJustified(2, '0');
            lines.push_back("{\"time\":\"2026-11-17T" + clock + "Z\",\"level\":\"info\",\"message\":\"new " +
                            QByteArray::number(i) + "\"}");
        }
        open(fixture, fixture.writeLines(QStringLiteral("a.log"), lines), QStringLiteral("3,604 events"));
        auto* const label = fixture.find<QLabel>("rangeLabel");
        auto* const chip = fixture.find<QPushButton>("outsideChip");
        auto* const all = fixture.find<QPushButton>("allButton");
        const QString dense = QStringLiteral("2026-11-17 12:00:00 to 2026-11-17 17:59:54 UTC (5 h 59 min)");
        const QString whole = QStringLiteral("2013-09-06 20:00:40 to 2026-11-17 17:59:54 UTC (13 y 74 d)");
        QTRY_COMPARE_WITH_TIMEOUT(label->text(), dense, 10'000);
        QTRY_COMPARE_WITH_TIMEOUT(chip->text(), QStringLiteral("4 events outside: 2013-09-06"), 10'000);
        QVERIFY(chip->isVisible() && all->isEnabled());
        // Ctrl+0, the button and the label do the same: every event is in the chart.
        QTest::mouseClick(chip, Qt::LeftButton);
        auto* const histogram = fixture.find<HistogramView>("histogram");
        QTRY_COMPARE_WITH_TIMEOUT(label->text(), whole, 10'000);
        QTRY_VERIFY_WITH_TIMEOUT(
            histogram->exact() && histogram->legend() == QStringList{QStringLiteral("I info 3,604")}, 10'000);
        QTRY_VERIFY_WITH_TIMEOUT(!chip->isVisible(), 10'000);
        QVERIFY(!all->isEnabled());
        QCOMPARE(fixture.countText(), QStringLiteral("3,604 events"));
        QVERIFY(fixture.window().page()->back());
        QTRY_COMPARE_WITH_TIMEOUT(label->text(), dense, 10'000);
        QTRY_VERIFY_WITH_TIMEOUT(chip->isVisible(), 10'000);
        QTest::keyClick(&fixture.window(), Qt::Key_0, Qt::ControlModifier);
        QTRY_COMPARE_WITH_TIMEOUT(label->text(), whole, 10'000);
        // With a filter it is how many of those that match.
        QVERIFY(fixture.window().page()->back());
        fixture.search(QStringLiteral("\"old 1\" OR \"new 1\""));
        QTRY_COMPARE_WITH_TIMEOUT(chip->text(), QStringLiteral("1 event outside"), 10'000);
    }

    void theAnswerOfAnEarlierQueryIsMarked()
    {
        WindowFixture fixture;
        open(fixture, fixture.writeLog(QStringLiteral("a.log"), 500), QStringLiteral("500 events"));
        auto* const histogram = fixture.find<HistogramView>("histogram");
        auto* const list = fixture.find<EventListView>("eventList");
        const QImage fresh = histogram->grab().toImage();
        fixture.search(QStringLiteral("level:error (service:pay"));
        QCOMPARE(fixture.countText(), QStringLiteral("500 events of the query before"));
        QVERIFY(histogram->stale() && list->stale());
        QVERIFY2(histogram->grab().toImage() != fresh, "the old chart looks like the answer");
        fixture.search(QStringLiteral("level:error"));
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("10 events"), 10'000);
        QVERIFY(!histogram->stale() && !list->stale());
        // The text of the answer in sight, typed again, is that answer again.
        fixture.search(QStringLiteral("level:error ("));
        QVERIFY(histogram->stale());
        auto* const input = fixture.find<QLineEdit>("searchInput");
        input->end(false);
        QTest::keyClick(input, Qt::Key_Backspace);
        QTest::keyClick(input, Qt::Key_Backspace);
        QVERIFY(!histogram->stale());
        QCOMPARE(fixture.countText(), QStringLiteral("10 events"));
        // What is found out late about the query before does not take the place of the error.
        fixture.search(QStringLiteral("servce:pay"));
        fixture.search(QStringLiteral("servce:pay ("));
        auto* const error = fixture.find<QLabel>("searchError");
        QVERIFY2(error->text().contains(u'^'), qPrintable(error->text()));
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("0 events of the query before"),
                                  10'000);
        QTest::qWait(200);
        QVERIFY2(error->text().contains(u'^'), qPrintable(error->text()));
    }

    void aQuestionThatFailsSaysSoWhereTheAnswerWouldBe()
    {
        WindowFixture fixture;
        open(fixture, fixture.writeLog(QStringLiteral("a.log"), 500), QStringLiteral("500 events"));
        for (const char* suffix : {"", "-wal", "-shm"})
            QFile::remove(fixture.storePath() + QLatin1String(suffix));
        fixture.search(QStringLiteral("took"));
        auto* const histogram = fixture.find<HistogramView>("histogram");
        QTRY_VERIFY2_WITH_TIMEOUT(fixture.countText().startsWith(QStringLiteral("Not counted: ")),
                                  qPrintable(fixture.countText()), 10'000);
        QTRY_VERIFY2_WITH_TIMEOUT(histogram->note().contains(QStringLiteral("the file was removed")),
                                  qPrintable(histogram->note()), 10'000);
        QVERIFY(!histogram->exact());
        QCOMPARE(fixture.find<EventListView>("eventList")->emptyText(), histogram->note());
    }

    void whileBrushingTheSelectionIsSaidAboveTheBars()
    {
        WindowFixture fixture;
        open(fixture, fixture.writeLog(QStringLiteral("a.log"), 3'000), QStringLiteral("3,000 events"));
        auto* const histogram = fixture.find<HistogramView>("histogram");
        const QRect plot = histogram->plot();
        const int y = plot.center().y();
        for (const auto& [from, to] : {std::pair(plot.left() + 200, plot.left() + 700),
                                       std::pair(plot.right() - 5, plot.right() - 200),
                                       std::pair(plot.left() + 2, plot.left() + 60)}) {
            QTest::mousePress(histogram, Qt::LeftButton, {}, {from, y});
            QTest::mouseMove(histogram, {to, y});
            const QString said = histogram->hoverText();
            QVERIFY2(said.contains(QStringLiteral(" to ")), qPrintable(said));
            QVERIFY2(histogram->hoverBox().bottom() < plot.top() && histogram->hoverBox().left() >= 0 &&
                         histogram->hoverBox().right() <= histogram->width(),
                     "what is said covers a peak, or is cut");
            QTest::mouseRelease(histogram, Qt::LeftButton, {}, {to, y});
            QCOMPARE(histogram->hoverText(), said); // the brush stays while the menu asks
            QVERIFY(fixture.chooseForRange("zoomToRange"));
            // What was said is what there is then.
            const QString events = said.section(QStringLiteral("  "), 2, 2);
            QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), events, 10'000);
            const TimeRange range = fixture.window().page()->range();
            QCOMPARE(QStringLiteral("%1 s").arg((range.end - range.begin) / kSecondNs),
                     QStringLiteral("%1 s").arg(QLocale().toInt(events.section(u' ', 0, 0))));
            QVERIFY(fixture.window().page()->back());
            QTRY_VERIFY_WITH_TIMEOUT(histogram->exact(), 10'000);
            QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("3,000 events"), 10'000);
        }
    }

    void theWheelStopsAtAMillisecond()
    {
        WindowFixture fixture;
        open(fixture, fixture.writeLog(QStringLiteral("a.log"), 1'000), QStringLiteral("1,000 events"));
        auto* const histogram = fixture.find<HistogramView>("histogram");
        const QPointF middle(histogram->width() / 2.0, histogram->height() / 2.0);
        for (int i = 0; i < 60; ++i) {
            QWheelEvent event(middle, histogram->mapToGlobal(middle), {}, {0, 120}, Qt::NoButton, {},
                              Qt::NoScrollPhase, false);
            QApplication::sendEvent(histogram, &event);
        }
        const TimeRange range = fixture.window().page()->range();
        QCOMPARE(range.end - range.begin, HistogramView::kShortest);
        const QString label = fixture.find<QLabel>("rangeLabel")->text();
        QVERIFY2(label.endsWith(QStringLiteral("(1 ms)")), qPrintable(label));
        QVERIFY2(label.section(u' ', 1, 1) != label.section(u' ', 4, 4), qPrintable(label));
    }

    void aroundAnEventNothingIsFilteredOut()
    {
        WindowFixture fixture;
        open(fixture, fixture.writeLog(QStringLiteral("a.log"), 3'000), QStringLiteral("3,000 events"));
        fixture.search(QStringLiteral("service:pay"));
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("300 events"), 10'000);
        auto* const list = fixture.find<EventListView>("eventList");
        auto* const model = fixture.window().page()->findChild<EventListModel*>();
        QTRY_VERIFY_WITH_TIMEOUT(model->event(20) != nullptr, 10'000);
        list->setCurrentRow(20); // the 210th of all
        QMenu* const menu = menuAt(fixture, {500, list->headerHeight() + 20 * 17}, "rowMenu");
        QVERIFY(menu != nullptr);
        QAction* const around =
            actionOf(menu->findChild<QMenu*>(QStringLiteral("aroundMenu")), "2  1 minute before and after");
        QVERIFY(around != nullptr);
        around->trigger();
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("120 events"), 10'000);
        QCOMPARE(fixture.window().page()->query(), QString());
        QVERIFY(fixture.window().page()->back());
        QCOMPARE(fixture.window().page()->query(), QStringLiteral("service:pay"));
        QVERIFY(fixture.window().page()->range().unbounded());
    }

    void aTraceIsShownFromItsFirstEventToItsLast()
    {
        WindowFixture fixture;
        QList<QByteArray> lines;
        for (int i = 0; i < 60; ++i)
            lines.push_back("{\"time\":\"2026-01-02T03:10:" + QByteArray::number(i).rightJustified(2, '0') +
                            "Z\",\"level\":\"warn\",\"message\":\"m\",\"trace_id\":\"trace-" +
                            (i >= 10 && i <= 30 ? "a"
                             : i == 45          ? "alone"
                                                : "other") +
                            "\"}");
        open(fixture, fixture.writeLines(QStringLiteral("a.log"), lines), QStringLiteral("60 events"));
        InvestigatePage* const page = fixture.window().page();
        page->showTrace(QStringLiteral("trace-a"));
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("21 events"), 10'000);
        QCOMPARE(fixture.find<QLabel>("rangeLabel")->text(),
                 QStringLiteral("2026-01-02 03:10:09 to 2026-01-02 03:10:31 UTC (22 s)"));
        QVERIFY(page->back());
        QVERIFY(page->range().unbounded() && page->query().isEmpty());
        page->showTrace(QStringLiteral("trace-alone"));
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("1 event"), 10'000);
        QCOMPARE(page->range().end - page->range().begin, kSecondNs);
    }

    void columnsAreTakenAwayAndMadeWider()
    {
        WindowFixture fixture;
        open(fixture, fixture.writeLog(QStringLiteral("a.log"), 300), QStringLiteral("300 events"));
        auto* const list = fixture.find<EventListView>("eventList");
        auto* const model = fixture.window().page()->findChild<EventListModel*>();
        auto* const fields = fixture.find<QTableView>("detailFields");
        list->setCurrentRow(0);
        const auto rowOf = [&](const char* name) {
            for (int row = 0; row < fields->model()->rowCount(); ++row)
                if (fields->model()->index(row, 0).data().toString() == QLatin1String(name)) return row;
            return -1;
        };
        QTRY_VERIFY_WITH_TIMEOUT(rowOf("user.id") >= 0, 10'000);
        const auto fieldMenu = [&](const char* text) {
            const QModelIndex index = fields->model()->index(rowOf("user.id"), 0);
            Q_EMIT fields->customContextMenuRequested(fields->visualRect(index).center());
            auto* const menu = fixture.window().findChild<QMenu*>(QStringLiteral("fieldMenu"));
            QAction* const action = actionOf(menu, text);
            if (action != nullptr) action->trigger();
            delete menu;
            return action != nullptr;
        };
        QVERIFY(fieldMenu("Show as column"));
        QCOMPARE(model->fields(), std::vector<std::string>{"user.id"});
        QVERIFY2(!fieldMenu("Show as column"), "offered for what is shown");
        QVERIFY(fieldMenu("Remove column"));
        QVERIFY(model->fields().empty());
        QVERIFY(fieldMenu("Show as column"));

        // Every column but the last follows its edge; a double click fits it.
        const int y = list->headerHeight() / 2;
        QTRY_VERIFY_WITH_TIMEOUT(model->event(0) != nullptr && !model->event(0)->columns.empty(), 10'000);
        for (const int column :
             {static_cast<int>(EventListModel::TimeColumn), static_cast<int>(EventListModel::SeverityColumn),
              static_cast<int>(EventListModel::ServiceColumn),
              static_cast<int>(EventListModel::FirstFieldColumn)}) {
            const auto before = list->box(column);
            const QPoint edge(before.left + before.width, y);
            QTest::mousePress(list->viewport(), Qt::LeftButton, {}, edge);
            QTest::mouseMove(list->viewport(), edge + QPoint(40, 0));
            QTest::mouseRelease(list->viewport(), Qt::LeftButton, {}, edge + QPoint(40, 0));
            QCOMPARE(list->box(column).width, before.width + 40);
            QTest::mouseDClick(list->viewport(), Qt::LeftButton, {}, edge + QPoint(40, 0));
            QVERIFY2(list->box(column).width < before.width + 40, "a double click does not fit it");
        }
        const auto field = list->box(EventListModel::FirstFieldColumn);
        QMenu* menu = menuAt(fixture, {field.left + field.width / 2, y}, "headerMenu");
        QVERIFY(actionOf(menu, "Width to contents") != nullptr);
        QAction* const remove = actionOf(menu, "Remove column");
        QVERIFY(remove != nullptr);
        remove->trigger();
        QVERIFY(model->fields().empty());
        delete menu;
        menu = menuAt(fixture, {5, y}, "headerMenu");
        QVERIFY2(actionOf(menu, "Remove column") == nullptr, "the time cannot be taken away");
    }
};

QTEST_MAIN(TestAnswers)
#include "tst_answers.moc"
