#include "models/tables/event_list_model.h"
#include "models/tables/field_table_model.h"
#include "tests/gui/window_fixture.h"
#include "views/investigate/event_list_view.h"
#include "views/investigate/investigate_page.h"
#include "views/timeline/histogram_view.h"

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QClipboard>
#include <QHelpEvent>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QMimeData>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScrollBar>
#include <QStatusBar>
#include <QTableView>
#include <QToolTip>

using namespace faultline;

/// Types and clicks in the real window, offscreen, on a real store.
class TestMainWindow : public QObject
{
    Q_OBJECT
private:
    static constexpr int kEvents = 3'000;

private Q_SLOTS:
    void startPageOffersWaysIn()
    {
        WindowFixture fixture;
        fixture.window().show();
        QVERIFY(QTest::qWaitForWindowExposed(&fixture.window()));
        QVERIFY(fixture.find<QPushButton>("openFilesButton")->isVisible());
        // The demo of this fixture fails: the reason is shown, and the ways in stay.
        QTest::mouseClick(fixture.find<QPushButton>("demoButton"), Qt::LeftButton);
        QTRY_COMPARE(fixture.find<QLabel>("startTitle")->text(), QStringLiteral("That did not work"));
        QVERIFY(fixture.find<QPushButton>("openFilesButton")->isEnabled());
    }

    void itFitsIntoEightHundredPixels()
    {
        WindowFixture fixture;
        MainWindow& window = fixture.window();
        window.show();
        const auto fits = [&window](const char* where) {
            QCoreApplication::sendPostedEvents();
            const QSize least = window.minimumSizeHint();
            window.resize(800, 600);
            const bool good = QTest::qWaitFor([&] { return window.size() == QSize(800, 600); }, 2'000);
            if (!good) qWarning() << where << "needs" << least;
            return good;
        };
        QVERIFY(fits("the start page"));
        QVERIFY(fixture.openAndWait({fixture.writeLog(QStringLiteral("a.log"), 100)}));
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("100 events"), 10'000);
        QVERIFY(fits("the investigation"));
        // A message is read whole: what stands beside it gives way while it does.
        auto* const store = fixture.find<QLabel>("storeLabel");
        window.statusBar()->showMessage(QStringLiteral("short"));
        QVERIFY(store->isVisible());
        const QString message =
            QStringLiteral("write <where>: the disk is full, and more is to be said of it");
        window.statusBar()->showMessage(message);
        QVERIFY(!store->isVisible() && !fixture.find<QLabel>("ingestText")->isVisible());
        QVERIFY(window.statusBar()->toolTip().contains(QStringLiteral("&lt;where&gt;")));
        window.statusBar()->clearMessage();
        QVERIFY(store->isVisible() && window.statusBar()->toolTip().isEmpty());
        // The line for a time is in nobody's way.
        window.activateWindow();
        auto* const list = fixture.find<EventListView>("eventList");
        list->setFocus();
        QTest::keyClick(list, Qt::Key_G, Qt::ControlModifier);
        QTRY_VERIFY(fixture.find<QLineEdit>("timeInput")->hasFocus());
        fixture.find<QLineEdit>("searchInput")->setFocus();
        QVERIFY(!fixture.find<QWidget>("timePrompt")->isVisible());
        // What would help when nothing matches: its ends are read, and all of it is said.
        fixture.search(QStringLiteral("service:pay message:\"") + QString(50, QLatin1Char('m')) + u'"');
        QTRY_VERIFY_WITH_TIMEOUT(window.findChild<QPushButton*>(QStringLiteral("remedy0")) != nullptr,
                                 10'000);
        auto* const remedy = fixture.find<QPushButton>("remedy0");
        QTRY_VERIFY(remedy->width() > 0 && remedy->width() <= remedy->parentWidget()->width());
        QVERIFY2(remedy->sizeHint().width() <= remedy->parentWidget()->width(), qPrintable(remedy->text()));
        QVERIFY(remedy->accessibleName().contains(QString(50, QLatin1Char('m'))));
        window.page()->submit({});
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("100 events"), 10'000);
        list->setFocus();
        list->setCurrentRow(3);
        QTest::keyClick(list, Qt::Key_X);
        fixture.find<QWidget>("fieldPanel")->show();
        QTRY_VERIFY(fixture.find<QWidget>("contextPane")->isVisible());
        QVERIFY(fits("the fields, what is around an event and its detail"));
        const QString longest = QString(60, QLatin1Char('w')) + QStringLiteral(" <b>&amp;");
        for (const char* const name : {"ingestText", "storeLabel", "countLabel", "feedText"})
            fixture.find<QLabel>(name)->setText(longest);
        fixture.find<QWidget>("feedBar")->show();
        QVERIFY(fits("long words in the status line"));
        // What was cut is told where the pointer rests, as it is.
        auto* const label = fixture.find<QLabel>("countLabel");
        QVERIFY(label->width() < label->sizeHint().width());
        QHelpEvent help(QEvent::ToolTip, label->rect().center(), label->mapToGlobal(label->rect().center()));
        QCoreApplication::sendEvent(label, &help);
        QVERIFY2(QToolTip::text().contains(QStringLiteral("&lt;b&gt;&amp;amp;")),
                 qPrintable(QToolTip::text()));
        QToolTip::hideText();
        for (const char* const action : {"sqlAction", "sourcesAction"}) {
            fixture.find<QAction>(action)->trigger();
            QVERIFY(fits(action));
        }
    }

    void opensFilesFromTheDialog()
    {
        WindowFixture fixture;
        fixture.window().show();
        fixture.setChosenFiles({fixture.writeLog(QStringLiteral("a.log"), 100)});
        QTest::mouseClick(fixture.find<QPushButton>("openFilesButton"), Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(fixture.window().page() != nullptr, true, 10'000);
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("100 events"), 10'000);
    }

    void searchesFiltersAndGoesBack()
    {
        WindowFixture fixture;
        fixture.window().show();
        QVERIFY(fixture.openAndWait({fixture.writeLog(QStringLiteral("a.log"), kEvents)}));
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("3,000 events"), 10'000);
        fixture.search(QStringLiteral("service:pay"));
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("300 events"), 10'000);
        fixture.search(QStringLiteral("service:pay level:error"));
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("60 events"), 10'000);

        auto* const list = fixture.find<EventListView>("eventList");
        list->setFocus();
        QTest::keyClick(list, Qt::Key_Backspace);
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("300 events"), 10'000);
        QTest::keyClick(list, Qt::Key_Backspace);
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("3,000 events"), 10'000);
        QVERIFY(!fixture.window().page()->back());
        QVERIFY(fixture.window().page()->forward());
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("300 events"), 10'000);
    }

    void aFaultyQueryShowsItsPlaceAndChangesNothing()
    {
        WindowFixture fixture;
        fixture.window().show();
        QVERIFY(fixture.openAndWait({fixture.writeLog(QStringLiteral("a.log"), 200)}));
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("200 events"), 10'000);
        fixture.search(QStringLiteral("(service:pay"));
        auto* const error = fixture.find<QLabel>("searchError");
        QTRY_VERIFY(error->isVisible());
        QVERIFY2(error->text().contains(QLatin1Char('^')), qPrintable(error->text()));
        QCOMPARE(fixture.countText(), QStringLiteral("200 events of the query before"));
        fixture.search(QStringLiteral("service:pay"));
        QTRY_VERIFY(!error->isVisible());
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("20 events"), 10'000);
    }

    void aPastedTextIsOfferedAsItStands()
    {
        WindowFixture fixture;
        fixture.window().show();
        QVERIFY(fixture.openAndWait({fixture.writeLines(
            QStringLiteral("a.log"), {R"({"level":"info","message":"Code not found"})",
                                      R"({"level":"error","message":"app.Error: Code not found"})",
                                      R"({"level":"warn","message":"again app.Error: Code not found"})"})}));
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("3 events"), 10'000);
        auto* const input = fixture.find<QLineEdit>("searchInput");

        // What does not parse: the keyboard leads to the offers, the operator first.
        fixture.search(QStringLiteral("Code not found"));
        auto* const operatorOffer = fixture.find<QPushButton>("searchOffer0");
        auto* const textOffer = fixture.find<QPushButton>("searchOffer1");
        QCOMPARE(operatorOffer->text(), QStringLiteral("With the operator: Code NOT found"));
        QCOMPARE(textOffer->text(), QStringLiteral("To search for it as it stands: \"Code not found\""));
        QVERIFY(input->nextInFocusChain() == operatorOffer ||
                input->nextInFocusChain()->nextInFocusChain() == operatorOffer);
        QCOMPARE(operatorOffer->nextInFocusChain(), textOffer);
        QTest::keyClick(textOffer, Qt::Key_Space);
        QTRY_COMPARE(input->text(), QStringLiteral("\"Code not found\""));
        QVERIFY(!textOffer->isVisible());

        // What parses and finds nothing.
        fixture.search(QStringLiteral("app.Error: Code missing"));
        QTRY_VERIFY_WITH_TIMEOUT(fixture.find<QWidget>("emptyNote")->isVisible(), 10'000);
        fixture.search(QStringLiteral("app.Error: Code"));
        const auto offered = [&fixture] {
            auto* const remedy = fixture.window().findChild<QPushButton*>(QStringLiteral("remedy0"));
            return remedy != nullptr ? remedy->text() : QString();
        };
        QTRY_COMPARE_WITH_TIMEOUT(offered(), QStringLiteral("As it stands, \"app.Error: Code\": 2 events"),
                                  10'000);
        QTest::mouseClick(fixture.find<QPushButton>("remedy0"), Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("2 events"), 10'000);
        QCOMPARE(input->text(), QStringLiteral("\"app.Error: Code\""));
    }

    void theKeyboardMovesThroughTheListAndShowsTheEvent()
    {
        WindowFixture fixture;
        fixture.window().show();
        QVERIFY(fixture.openAndWait({fixture.writeLog(QStringLiteral("a.log"), kEvents)}));
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("3,000 events"), 10'000);
        auto* const list = fixture.find<EventListView>("eventList");
        list->setFocus();
        QTest::keyClick(list, Qt::Key_G, Qt::ShiftModifier);
        QTRY_COMPARE(list->currentRow(), kEvents - 1);
        QTest::keyClick(list, Qt::Key_G);
        QTRY_COMPARE(list->currentRow(), 0);
        QTest::keyClick(list, Qt::Key_J);
        QTest::keyClick(list, Qt::Key_J);
        QTest::keyClick(list, Qt::Key_K);
        QCOMPARE(list->currentRow(), 1);
        auto* const original = fixture.find<QPlainTextEdit>("detailOriginal");
        QTRY_VERIFY_WITH_TIMEOUT(original->toPlainText().contains(QStringLiteral("\"request 1 took 1 ms\"")),
                                 10'000);
        QTest::keyClick(list, Qt::Key_C);
        QTRY_COMPARE_WITH_TIMEOUT(QApplication::clipboard()->text(), original->toPlainText(), 10'000);
    }

    void aValueOfTheDetailPaneFiltersForAndOut()
    {
        WindowFixture fixture;
        fixture.window().show();
        QVERIFY(fixture.openAndWait({fixture.writeLog(QStringLiteral("a.log"), 700)}));
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("700 events"), 10'000);
        auto* const list = fixture.find<EventListView>("eventList");
        list->setCurrentRow(3);
        auto* const table = fixture.find<QTableView>("detailFields");
        QTRY_VERIFY_WITH_TIMEOUT(table->model()->rowCount() > 5, 10'000);
        int userRow = -1;
        for (int row = 0; row < table->model()->rowCount(); ++row)
            if (table->model()->index(row, 0).data().toString() == QLatin1String("user.id")) userRow = row;
        QVERIFY2(userRow >= 0, "the event's fields have no user.id");
        // The first event's fields may have been there before.
        QTRY_COMPARE_WITH_TIMEOUT(table->model()->index(userRow, 1).data().toString(), QStringLiteral("u-3"),
                                  10'000);
        table->setFocus();
        table->setCurrentIndex(table->model()->index(userRow, 0));
        QTest::keyClick(table, Qt::Key_F);
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("100 events"), 10'000);
        QVERIFY(fixture.window().page()->back());
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("700 events"), 10'000);
        list->setCurrentRow(3);
        QTRY_VERIFY_WITH_TIMEOUT(table->model()->rowCount() > userRow, 10'000);
        table->setFocus();
        table->setCurrentIndex(table->model()->index(userRow, 0));
        QTest::keyClick(table, Qt::Key_O);
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("600 events"), 10'000);
    }

    void aDragOnTheHistogramZooms()
    {
        WindowFixture fixture;
        fixture.window().resize(1200, 800);
        fixture.window().show();
        QVERIFY(QTest::qWaitForWindowExposed(&fixture.window()));
        QVERIFY(fixture.openAndWait({fixture.writeLog(QStringLiteral("a.log"), kEvents)}));
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("3,000 events"), 10'000);
        auto* const histogram = fixture.find<HistogramView>("histogram");
        QTRY_VERIFY_WITH_TIMEOUT(histogram->range().end > histogram->range().begin, 10'000);
        const int middle = histogram->height() / 2;
        QTest::mousePress(histogram, Qt::LeftButton, {}, {histogram->width() / 3, middle});
        QTest::mouseMove(histogram, {histogram->width() / 2, middle});
        QTest::mouseRelease(histogram, Qt::LeftButton, {}, {histogram->width() / 2, middle});
        QVERIFY(fixture.window().page()->range().unbounded());
        QVERIFY(fixture.chooseForRange("zoomToRange"));
        QTRY_VERIFY_WITH_TIMEOUT(!fixture.window().page()->range().unbounded(), 10'000);
        const TimeRange range = fixture.window().page()->range();
        const qint64 expected = (range.end - range.begin) / kSecondNs;
        QTRY_VERIFY_WITH_TIMEOUT(fixture.countText() != QStringLiteral("3,000 events") &&
                                     !fixture.countText().contains(QStringLiteral("…")),
                                 10'000);
        const qint64 shown = QLocale().toLongLong(fixture.countText().section(QLatin1Char(' '), 0, 0));
        QVERIFY2(std::abs(shown - expected) <= 1,
                 qPrintable(QStringLiteral("%1 shown, %2 s").arg(shown).arg(expected)));
        auto* const list = fixture.find<EventListView>("eventList");
        list->setFocus();
        QTest::keyClick(list, Qt::Key_Backspace);
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("3,000 events"), 10'000);
    }

    void aDragOffersWhatCanBeDone()
    {
        WindowFixture fixture;
        fixture.window().resize(1200, 800);
        fixture.window().show();
        QVERIFY(QTest::qWaitForWindowExposed(&fixture.window()));
        QVERIFY(fixture.openAndWait({fixture.writeLog(QStringLiteral("a.log"), kEvents)}));
        auto* const histogram = fixture.find<HistogramView>("histogram");
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("3,000 events"), 10'000);
        QTRY_VERIFY_WITH_TIMEOUT(histogram->exact(), 10'000);
        const TimeRange whole = histogram->range();
        const int y = histogram->plot().center().y(), left = histogram->plot().left();
        const auto drag = [&] {
            QTest::mousePress(histogram, Qt::LeftButton, {}, {left + 200, y});
            QTest::mouseMove(histogram, {left + 400, y});
            QTest::mouseRelease(histogram, Qt::LeftButton, {}, {left + 400, y});
        };
        // Escape: nothing is done, and the shade goes.
        drag();
        const QString said = histogram->hoverText();
        auto* menu = fixture.find<QMenu>("rangeMenu");
        QTRY_VERIFY(menu->isVisible());
        QTest::keyClick(menu, Qt::Key_Escape);
        QTRY_VERIFY(fixture.window().findChild<QMenu*>(QStringLiteral("rangeMenu")) == nullptr);
        QVERIFY(histogram->hoverText() != said);
        QVERIFY(fixture.window().page()->range().unbounded());
        // Search only here: the chart keeps its range, a filter has the time.
        drag();
        QVERIFY(fixture.chooseForRange("searchRange"));
        const QString events = said.section(QStringLiteral("  "), 2, 2);
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), events, 10'000);
        QVERIFY(fixture.window().page()->range().unbounded());
        QTRY_COMPARE(histogram->range(), whole);
        const auto& chips = fixture.window().page()->view().chips;
        QCOMPARE(chips.size(), std::size_t{1});
        QVERIFY2(chips.front().text.starts_with("timestamp:["), chips.front().text.c_str());
        QVERIFY(fixture.window().page()->back());
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("3,000 events"), 10'000);
        // By the keyboard: bars are selected, and the menu's key asks.
        QTRY_VERIFY_WITH_TIMEOUT(histogram->exact(), 10'000);
        histogram->setFocus();
        QTest::keyClick(histogram, Qt::Key_Right);
        QTest::keyClick(histogram, Qt::Key_Right, Qt::ShiftModifier);
        QTest::keyClick(histogram, Qt::Key_F10, Qt::ShiftModifier);
        QVERIFY(fixture.chooseForRange("zoomToRange"));
        QTRY_VERIFY_WITH_TIMEOUT(!fixture.window().page()->range().unbounded(), 10'000);
    }

    void filesAreDroppedOnTheWindow()
    {
        WindowFixture fixture;
        fixture.window().show();
        QMimeData data;
        data.setUrls({QUrl::fromLocalFile(fixture.writeLog(QStringLiteral("dropped.log"), 60))});
        QDragEnterEvent enter({50, 50}, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(&fixture.window(), &enter);
        QVERIFY(enter.isAccepted());
        QDropEvent drop({50, 50}, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(&fixture.window(), &drop);
        QTRY_COMPARE_WITH_TIMEOUT(fixture.window().page() != nullptr, true, 10'000);
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("60 events"), 10'000);
    }

    void theModelKeepsItsPromises()
    {
        WindowFixture fixture;
        fixture.window().show();
        QVERIFY(fixture.openAndWait({fixture.writeLog(QStringLiteral("a.log"), kEvents)}));
        auto* const model = fixture.window().page()->findChild<EventListModel*>();
        QVERIFY(model != nullptr);
        const QAbstractItemModelTester tester(model, QAbstractItemModelTester::FailureReportingMode::Fatal);
        QTRY_COMPARE_WITH_TIMEOUT(model->rowCount(), kEvents, 10'000);
        // Far apart rows: pages are found by position, and each row is the one it says it is.
        for (const int row : {0, 2'999, 1'500, 700, 701, 255, 256, 2'304}) {
            QTRY_VERIFY_WITH_TIMEOUT(model->event(row) != nullptr, 10'000);
            QCOMPARE(QString::fromStdString(model->event(row)->message),
                     QStringLiteral("request %1 took %2 ms").arg(row).arg(row % 97));
        }
        QSignalSpy located(model, &EventListModel::located);
        model->locate(model->event(700)->key);
        QVERIFY(located.wait(10'000));
        QCOMPARE(located.front().at(1).toLongLong(), 700);
        QVERIFY2(located.front().at(2).toBool(), "the event was said not to be in the list");
        EventKey between = model->event(700)->key;
        between.time += 1;
        model->locate(between);
        QVERIFY(located.wait(10'000));
        QCOMPARE(located.back().at(1).toLongLong(), 701);
        QVERIFY2(!located.back().at(2).toBool(), "an event that is not there was found");
        const auto* const fields = fixture.window().page()->findChild<FieldTableModel*>();
        QVERIFY(fields != nullptr);
        const QAbstractItemModelTester fieldsTester(const_cast<FieldTableModel*>(fields),
                                                    QAbstractItemModelTester::FailureReportingMode::Fatal);
        fixture.find<EventListView>("eventList")->setCurrentRow(5);
        QTRY_VERIFY_WITH_TIMEOUT(fields->rowCount() > 3, 10'000);
    }

    void closesWhileItReads()
    {
        WindowFixture fixture;
        fixture.window().show();
        CaseRequest request;
        request.paths.push_back(fixture.writeLog(QStringLiteral("big.log"), 60'000).toStdString());
        QSignalSpy opened(&fixture.window(), &MainWindow::caseOpened);
        fixture.window().openCase(request);
        QVERIFY(opened.wait(10'000));
        fixture.window().close();
    }
};

QTEST_MAIN(TestMainWindow)
#include "tst_main_window.moc"
