#include "models/session/user_state.h"
#include "models/tables/event_rows.h"
#include "models/tables/preflight_model.h"
#include "tests/gui/window_fixture.h"
#include "views/investigate/event_list_view.h"
#include "views/investigate/investigate_page.h"
#include "views/start/follow_dialog.h"

#include <QAbstractItemModelTester>
#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QElapsedTimer>
#include <QMimeData>
#include <QProcess>
#include <QPushButton>
#include <QStackedWidget>
#include <QStatusBar>
#include <QTableView>
#include <QToolButton>

#include <sys/stat.h>

using namespace faultline;

class TestStart : public QObject
{
    Q_OBJECT

private:
    static void show(WindowFixture& fixture, const QSize& size = {1000, 700})
    {
        fixture.window().resize(size);
        fixture.window().show();
        QVERIFY(QTest::qWaitForWindowActive(&fixture.window()));
    }
    static void copy(const QString& text) { QApplication::clipboard()->setText(text); }
    static bool holds(WindowFixture& fixture, int events)
    {
        const QString expected = QStringLiteral("%1 event%2 in the store")
                                     .arg(events)
                                     .arg(events == 1 ? QString() : QStringLiteral("s"));
        return fixture.find<QLabel>("storeLabel")->text().startsWith(expected);
    }
    /// Files of an hour each, one event a minute.
    static QString writeHours(const WindowFixture& fixture, int hours)
    {
        const QString folder = fixture.root().filePath(QStringLiteral("logs"));
        QDir().mkpath(folder);
        for (int hour = 0; hour < hours; ++hour) {
            QList<QByteArray> lines;
            for (int minute = 0; minute < 60; ++minute)
                lines.push_back(
                    QByteArray("{\"time\":\"2026-01-02T") + QByteArray::number(hour).rightJustified(2, '0') +
                    ":" + QByteArray::number(minute).rightJustified(2, '0') +
                    ":00Z\",\"level\":\"info\",\"message\":\"hour " + QByteArray::number(hour) + "\"}");
            fixture.writeLines(QStringLiteral("logs/part%1.ndjson").arg(hour), lines);
        }
        fixture.writeLines(QStringLiteral("logs/nothing.log"), {});
        return folder;
    }

private Q_SLOTS:
    void pasteOnTheStartPage()
    {
        WindowFixture fixture;
        show(fixture);
        copy(QStringLiteral(
            "{\"level\":\"info\",\"message\":\"one\"}\n{\"level\":\"error\",\"message\":\"two\"}"));
        QSignalSpy read(&fixture.window(), &MainWindow::readFinished);
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_V, Qt::ControlModifier);
        QVERIFY(read.wait(20'000));
        QTRY_VERIFY(holds(fixture, 2));
        // With a case open the same key pastes into a field, and with Shift it reads.
        auto* const input = fixture.find<QLineEdit>("searchInput");
        copy(QStringLiteral("level:error"));
        input->setFocus();
        QTest::keyClick(input, Qt::Key_V, Qt::ControlModifier);
        QCOMPARE(input->text(), QStringLiteral("level:error"));
        copy(QStringLiteral("{\"level\":\"info\",\"message\":\"three\"}"));
        QTest::keyClick(input, Qt::Key_V, Qt::ControlModifier | Qt::ShiftModifier);
        QVERIFY(read.wait(20'000));
        QTRY_VERIFY(holds(fixture, 3));
        QCOMPARE(QDir(fixture.root().filePath(QStringLiteral("data/pasted"))).entryList(QDir::Files).size(),
                 2);
        fixture.search(QStringLiteral("source:*/pasted/*"));
        QTRY_VERIFY2(fixture.countText().startsWith(QStringLiteral("3 ")), qPrintable(fixture.countText()));
    }

    void pasteOfNothingAndOfFiles()
    {
        WindowFixture fixture;
        show(fixture);
        copy(QStringLiteral("  \n"));
        QTest::mouseClick(fixture.find<QPushButton>("pasteButton"), Qt::LeftButton);
        QTRY_VERIFY2(fixture.find<QLabel>("startText")->text().contains(QStringLiteral("no text in it")),
                     qPrintable(fixture.find<QLabel>("startText")->text()));
        auto* const data = new QMimeData;
        data->setUrls({QUrl::fromLocalFile(fixture.writeLog(QStringLiteral("app.ndjson"), 7))});
        QApplication::clipboard()->setMimeData(data);
        QTest::mouseClick(fixture.find<QPushButton>("pasteButton"), Qt::LeftButton);
        QTRY_VERIFY(holds(fixture, 7));
    }

    /// A line is in the list within a second of being written; the command ends with its Stop.
    void followACommand()
    {
        WindowFixture fixture;
        show(fixture);
        const QString fifo = fixture.root().filePath(QStringLiteral("lines"));
        QCOMPARE(::mkfifo(fifo.toLocal8Bit().constData(), 0600), 0);
        fixture.setCommand(QStringLiteral("cat ") + fifo);
        QTest::mouseClick(fixture.find<QPushButton>("followCommandButton"), Qt::LeftButton);
        QTRY_VERIFY(fixture.find<QWidget>("feedBar")->isVisible());
        QVERIFY(fixture.find<QLabel>("feedText")->text().startsWith(QStringLiteral("Following: cat ")));
        QProcess writer;
        writer.start(QStringLiteral("sh"),
                     {QStringLiteral("-c"),
                      QStringLiteral("exec > %1; while read line; do echo \"$line\"; done").arg(fifo)});
        QVERIFY(writer.waitForStarted());
        auto* const list = fixture.window().page()->findChild<EventListView*>(QStringLiteral("eventList"));
        QVERIFY(list != nullptr);
        QElapsedTimer since;
        qint64 longest = 0;
        for (int i = 1; i < 4; ++i) {
            since.start();
            writer.write("{\"level\":\"error\",\"message\":\"number " + QByteArray::number(i) + "\"}\n");
            QTRY_VERIFY_WITH_TIMEOUT(list->model()->rowCount({}) == i, 1000);
            longest = std::max(longest, since.elapsed());
        }
        qInfo("a line that another process writes is in the list after %lld ms at most", longest);
        QTest::mouseClick(fixture.find<QPushButton>("feedStop"), Qt::LeftButton);
        QTRY_VERIFY(!fixture.find<QWidget>("feedBar")->isVisible());
        QCOMPARE(list->model()->rowCount({}), 3);
        writer.closeWriteChannel();
        writer.waitForFinished();
        // How one ends that fails.
        fixture.setCommand(QStringLiteral("echo 'no such pod' >&2; exit 1"));
        QTest::keyClick(list, Qt::Key_J, Qt::ControlModifier);
        QTRY_VERIFY2(fixture.window().statusBar()->currentMessage().endsWith(
                         QStringLiteral("it ended with status 1: no such pod")),
                     qPrintable(fixture.window().statusBar()->currentMessage()));
        fixture.setCommand(std::nullopt); // a change of mind
        QTest::keyClick(list, Qt::Key_J, Qt::ControlModifier);
        QVERIFY(!fixture.find<QWidget>("feedBar")->isVisible());
    }

    /// The end of the window is the end of what it follows.
    void commandEndsWithTheWindow()
    {
        const QTemporaryDir folder;
        const QString pid = folder.filePath(QStringLiteral("pid"));
        {
            WindowFixture fixture;
            show(fixture);
            fixture.setCommand(QStringLiteral("echo $$ > %1; exec sleep 1000").arg(pid));
            QTest::mouseClick(fixture.find<QPushButton>("followCommandButton"), Qt::LeftButton);
            QTRY_VERIFY(QFileInfo(pid).size() > 0);
            fixture.window().close();
        }
        QFile file(pid);
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QString stat = QStringLiteral("/proc/%1").arg(QString::fromLatin1(file.readAll().trimmed()));
        QVERIFY2(!QFileInfo::exists(stat), "the command goes on");
    }

    void followFiles()
    {
        WindowFixture fixture;
        show(fixture);
        const QString log = fixture.writeLog(QStringLiteral("app.ndjson"), 5);
        fixture.setChosenFiles({log});
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_J, Qt::ControlModifier | Qt::ShiftModifier);
        QTRY_VERIFY(holds(fixture, 5));
        QVERIFY(fixture.find<QWidget>("feedBar")->isVisible());
        QProcess writer;
        writer.setStandardOutputFile(log, QIODevice::Append);
        writer.start(QStringLiteral("echo"), {QStringLiteral("{\"level\":\"info\",\"message\":\"more\"}")});
        QVERIFY(writer.waitForFinished());
        QTRY_VERIFY_WITH_TIMEOUT(holds(fixture, 6), 1000);
        // Others are read meanwhile.
        copy(QStringLiteral("{\"level\":\"info\",\"message\":\"pasted\"}"));
        fixture.find<QAction>("pasteAction")->trigger();
        QTRY_VERIFY(holds(fixture, 7));
    }

    void preflightReadsAll()
    {
        WindowFixture fixture("UTC", {}, true, [](CaseOpener::Places& places) { places.large.files = 3; });
        show(fixture, {800, 600});
        const QString folder = writeHours(fixture, 5);
        CaseRequest request;
        request.paths = {folder.toStdString()};
        QSignalSpy read(&fixture.window(), &MainWindow::readFinished);
        fixture.window().openCase(request);
        QTRY_VERIFY(fixture.window().findChild<QTableView*>(QStringLiteral("preflightTable")) != nullptr);
        auto* const table = fixture.find<QTableView>("preflightTable");
        QTRY_VERIFY(table->isVisible());
        const QAbstractItemModelTester tester(table->model(),
                                              QAbstractItemModelTester::FailureReportingMode::QtTest);
        QCOMPARE(table->model()->rowCount(), 6);
        QVERIFY(fixture.find<QLabel>("preflightTitle")
                    ->text()
                    .startsWith(QStringLiteral("Before reading: 5 files")));
        QVERIFY(fixture.find<QLabel>("preflightFormats")->text().contains(QStringLiteral("json: 5 files")));
        const QString totals = fixture.find<QLabel>("preflightTotals")->text();
        QVERIFY2(totals.contains(QStringLiteral("2026-01-02 00:00:00Z to 2026-01-02 04:59:00Z")),
                 qPrintable(totals));
        QVERIFY2(totals.contains(QStringLiteral("About 300 events")), qPrintable(totals));
        QVERIFY2(totals.contains(QStringLiteral("free")), qPrintable(totals));
        // The skipped one, with its reason.
        auto* const skipped = fixture.find<QAbstractButton>("preflightSkipped");
        QCOMPARE(skipped->text(), QStringLiteral("Only &skipped files (1)"));
        skipped->click();
        QCOMPARE(table->model()->rowCount(), 1);
        QCOMPARE(table->model()->index(0, PreflightModel::Note).data().toString(),
                 QStringLiteral("Skipped: empty"));
        skipped->click();
        // A header sorts.
        table->sortByColumn(PreflightModel::First, Qt::AscendingOrder);
        QCOMPARE(table->model()->index(1, PreflightModel::Name).data().toString(),
                 QStringLiteral("part0.ndjson"));
        QCOMPARE(QApplication::focusWidget(), fixture.find<QWidget>("readAllButton"));
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_Return, Qt::ControlModifier);
        QVERIFY(read.wait(20'000));
        QTRY_VERIFY(holds(fixture, 300));
        QTRY_VERIFY(fixture.window().findChild<QTableView*>(QStringLiteral("preflightTable")) == nullptr);
    }

    void preflightReadsARangeFirst()
    {
        WindowFixture fixture("UTC", {}, true, [](CaseOpener::Places& places) { places.large.files = 3; });
        show(fixture);
        const QString folder = writeHours(fixture, 5);
        CaseRequest request;
        request.paths = {folder.toStdString()};
        QSignalSpy read(&fixture.window(), &MainWindow::readFinished);
        fixture.window().openCase(request);
        QTRY_VERIFY(fixture.window().findChild<QTableView*>(QStringLiteral("preflightTable")) != nullptr);
        QTRY_VERIFY(fixture.find<QTableView>("preflightTable")->isVisible());
        auto* const first = fixture.find<QPushButton>("readRangeButton");
        auto* const note = fixture.find<QLabel>("preflightRangeNote");
        QVERIFY(!first->isEnabled());
        auto* const from = fixture.find<QLineEdit>("preflightFrom");
        from->setText(QStringLiteral("14:30"));
        QVERIFY(!first->isEnabled());
        QVERIFY2(note->text().contains(QStringLiteral("2026")), qPrintable(note->text()));
        from->setText(QStringLiteral("2026-01-02T03"));
        fixture.find<QLineEdit>("preflightTo")->setText(QStringLiteral("2026-01-02T02"));
        QVERIFY(!first->isEnabled());
        fixture.find<QLineEdit>("preflightTo")->setText(QStringLiteral("2026-01-02T03"));
        QVERIFY(first->isEnabled());
        QVERIFY2(note->text().startsWith(QStringLiteral("1 file may")), qPrintable(note->text()));
        QTest::mouseClick(fixture.find<QPushButton>("last1h"), Qt::LeftButton);
        QCOMPARE(from->text(), QStringLiteral("2026-01-02T03:59:00Z"));
        from->setText(QStringLiteral("2026-01-02T04:00"));
        QTest::mouseClick(first, Qt::LeftButton);
        QVERIFY(read.wait(20'000));
        QTRY_VERIFY2(fixture.countText().startsWith(QStringLiteral("60 ")), qPrintable(fixture.countText()));
        QTRY_VERIFY(holds(fixture, 300)); // all of it was read
        QVERIFY(fixture.window().page()->range().begin == 1'767'326'400 * kSecondNs);
    }

    void preflightCancelled()
    {
        WindowFixture fixture("UTC", {}, true, [](CaseOpener::Places& places) { places.large.files = 3; });
        show(fixture);
        CaseRequest request;
        request.paths = {writeHours(fixture, 5).toStdString()};
        fixture.window().openCase(request);
        QTRY_VERIFY(fixture.window().findChild<QTableView*>(QStringLiteral("preflightTable")) != nullptr);
        QTRY_VERIFY(fixture.find<QTableView>("preflightTable")->isVisible());
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_Escape);
        QTRY_VERIFY(fixture.find<QWidget>("startPage")->isVisible());
        QVERIFY(fixture.find<QWidget>("openFilesButton")->isEnabled());
        QTRY_VERIFY2(!QFile::exists(fixture.storePath()), "a store that was made for nothing is kept");
    }

    void startPageByKeyboard()
    {
        WindowFixture fixture;
        show(fixture, {800, 600});
        QCOMPARE(QApplication::focusWidget(), fixture.find<QWidget>("openFilesButton"));
        QStringList reached;
        for (int i = 0; i < 6; ++i) {
            reached.push_back(QApplication::focusWidget()->objectName());
            QTest::keyClick(QApplication::focusWidget(), Qt::Key_Tab);
        }
        const QStringList expected = {
            QStringLiteral("openFilesButton"),     QStringLiteral("openFolderButton"),
            QStringLiteral("demoButton"),          QStringLiteral("pasteButton"),
            QStringLiteral("followCommandButton"), QStringLiteral("followFilesButton")};
        QCOMPARE(reached, expected);
        const QRect page = fixture.find<QWidget>("startPage")->rect();
        for (const QString& name : expected) {
            auto* const button = fixture.find<QPushButton>(qPrintable(name));
            QVERIFY2(page.contains(button->geometry()), qPrintable(name));
            QVERIFY(!button->toolTip().isEmpty());
        }
        FollowDialog dialog;
        QVERIFY(!dialog.findChild<QPushButton*>(QStringLiteral("followButton"))->isEnabled());
        QTest::keyClicks(dialog.findChild<QLineEdit*>(), QStringLiteral(" echo a "));
        QVERIFY(dialog.findChild<QPushButton*>(QStringLiteral("followButton"))->isEnabled());
        QCOMPARE(dialog.command(), QStringLiteral("echo a"));
    }

    /// Each hint goes when it is done or dismissed, and does not come back.
    void hints()
    {
        QTemporaryDir data;
        const auto state = std::make_shared<const UserState>(data.path().toStdString());
        for (int round = 0; round < 3; ++round) {
            WindowFixture fixture;
            const QString log = fixture.writeLog(QStringLiteral("demo.ndjson"), 200);
            const QString flag = fixture.writeLines(QStringLiteral("flags.ndjson"),
                                                    {"{\"time\":\"2026-01-02T03:00:05Z\",\"level\":\"info\","
                                                     "\"event.name\":\"feature_flag.change\","
                                                     "\"message\":\"flag x changed from 0 % to 10 %\"}"});
            WindowFixture demo("UTC", {}, true, [&](CaseOpener::Places& places) {
                places.state = state;
                places.makeDemo = [log, flag](std::stop_token) -> Result<std::vector<std::string>> {
                    return std::vector<std::string>{log.toStdString(), flag.toStdString()};
                };
            });
            show(demo);
            QSignalSpy read(&demo.window(), &MainWindow::readFinished);
            QTest::mouseClick(demo.find<QPushButton>("demoButton"), Qt::LeftButton);
            QVERIFY(read.wait(20'000));
            auto* const strip = demo.find<QWidget>("hintStrip");
            auto* const text = demo.find<QLabel>("hintText");
            QTRY_VERIFY(demo.countText().startsWith(QStringLiteral("201 ")));
            if (round == 2) {
                QVERIFY2(!strip->isVisible(), "what was dismissed has come back");
                break;
            }
            QTRY_VERIFY(strip->isVisible());
            if (round == 0) {
                QVERIFY2(text->text().startsWith(QStringLiteral("Hint 1 of 3")), qPrintable(text->text()));
                auto* const list =
                    demo.window().page()->findChild<EventListView*>(QStringLiteral("eventList"));
                list->setFocus();
                QTest::keyClick(list, Qt::Key_E);
                QVERIFY2(text->text().startsWith(QStringLiteral("Hint 2 of 3")), qPrintable(text->text()));
                QTest::mouseClick(demo.find<QToolButton>("hintDismiss"), Qt::LeftButton);
                QVERIFY2(text->text().startsWith(QStringLiteral("Hint 3 of 3")), qPrintable(text->text()));
                continue;
            }
            QVERIFY2(text->text().startsWith(QStringLiteral("Hint 3 of 3")), qPrintable(text->text()));
            QTest::mouseClick(demo.find<QPushButton>("hintShow"), Qt::LeftButton);
            QTRY_VERIFY2(demo.countText().startsWith(QStringLiteral("1 ")), qPrintable(demo.countText()));
            auto* const list = demo.window().page()->findChild<EventListView*>(QStringLiteral("eventList"));
            QTRY_VERIFY(list->model()->event(0) != nullptr);
            list->setFocus();
            list->setCurrentRow(0);
            QTRY_VERIFY(!strip->isVisible());
        }
    }

    void noHintsElsewhere()
    {
        WindowFixture fixture;
        show(fixture);
        QVERIFY(fixture.openAndWait({fixture.writeLog(QStringLiteral("a.ndjson"), 3)}));
        QVERIFY(!fixture.find<QWidget>("hintStrip")->isVisible());
    }
};

QTEST_MAIN(TestStart)
#include "tst_start.moc"
