#include "models/session/case_request.h"
#include "tests/gui/window_fixture.h"
#include "views/investigate/event_list_view.h"
#include "views/investigate/investigate_page.h"
#include "views/timeline/histogram_view.h"
#include "views/window/recent_labels.h"
#include "views/window/skipped_text.h"

#include <QAction>
#include <QApplication>
#include <QMenu>
#include <QMimeData>
#include <QPushButton>
#include <QStatusBar>

using namespace faultline;

/// Which store a window ends up with, and what it says when there is nothing to read.
class TestOpening : public QObject
{
    Q_OBJECT
private:
    using Join = MainWindow::Prompts::JoinAnswer;

    static void drop(WindowFixture& fixture, const QStringList& paths)
    {
        QMimeData data;
        QList<QUrl> urls;
        for (const QString& path : paths) urls.push_back(QUrl::fromLocalFile(path));
        data.setUrls(urls);
        QDragEnterEvent enter({50, 50}, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(&fixture.window(), &enter);
        QDropEvent event({50, 50}, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(&fixture.window(), &event);
    }
    static QAction* openFiles(WindowFixture& fixture)
    {
        for (QAction* const action : fixture.window().findChildren<QAction*>())
            if (action->shortcut() == QKeySequence(Qt::CTRL | Qt::Key_O)) return action;
        return nullptr;
    }
    static QString makeStore(WindowFixture& fixture, const QString& name, int events)
    {
        Workspace::Options options;
        const QString path = fixture.root().filePath(name);
        options.storePath = path.toStdString();
        options.write = options.create = true;
        auto workspace = Workspace::open(options);
        if (!workspace) qFatal("no store");
        IngestRequest request;
        request.paths = {fixture.writeLog(QStringLiteral("of-") + name, events).toStdString()};
        if (!(*workspace)->ingest(request, {}, {})) qFatal("nothing read");
        return path;
    }

private Q_SLOTS:
    void aStoreAmongPathsIsOpened()
    {
        auto request = caseRequest({"/a.log", "/s.faultline", "/b.log"});
        QVERIFY(request.ok());
        QCOMPARE(request->storePath, std::string("/s.faultline"));
        QCOMPARE(request->paths, (std::vector<std::string>{"/a.log", "/b.log"}));
        QVERIFY(caseRequest({"/s.faultline"}, "/s.faultline").ok());
        QVERIFY(caseRequest({}, "/s.faultline").ok());
        const auto two = caseRequest({"/s.faultline", "/t.faultline"});
        QVERIFY(!two.ok());
        QCOMPARE(static_cast<int>(two.error().kind), static_cast<int>(ErrorKind::Usage));
        QCOMPARE(two.error().line(),
                 std::string("open /t.faultline: it is a second store, beside /s.faultline"));
        QVERIFY(!caseRequest({"/s.faultline"}, "/t.faultline").ok());
    }

    void filesDoNotJoinAStoreUnasked()
    {
        WindowFixture fixture;
        fixture.window().show();
        const QString more = fixture.writeLog(QStringLiteral("b.log"), 30);
        QVERIFY(fixture.openAndWait({fixture.writeLines(
            QStringLiteral("a.log"), {"{\"time\":\"2026-01-02T03:00:00Z\",\"message\":\"one\"}"})}));
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("1 event"), 10'000);
        QTRY_VERIFY_WITH_TIMEOUT(
            fixture.find<QLabel>("storeLabel")->text().startsWith(QStringLiteral("1 event in")), 10'000);
        QVERIFY(fixture.joins().isEmpty());
        fixture.setChosenFiles({more});
        fixture.setJoinAnswer(Join::Cancel);
        QSignalSpy finished(&fixture.window(), &MainWindow::readFinished);
        openFiles(fixture)->trigger();
        QCOMPARE(fixture.joins(), QStringList{QStringLiteral("case 1 1")});
        QCOMPARE(finished.count(), 0);

        fixture.setJoinAnswer(Join::Add);
        drop(fixture, {more});
        QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 1, 10'000);
        QCOMPARE(fixture.joins().size(), 2);
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("31 events"), 10'000);

        fixture.setJoinAnswer(Join::OpenNew);
        fixture.setStoreName(QStringLiteral("other"));
        fixture.setChosenFiles({more});
        openFiles(fixture)->trigger();
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("30 events"), 10'000);
    }

    void aDroppedStoreIsOpened()
    {
        WindowFixture fixture;
        fixture.window().show();
        const QString store = makeStore(fixture, QStringLiteral("dropped.faultline"), 12);
        const QString second = makeStore(fixture, QStringLiteral("second.faultline"), 7);
        QVERIFY(fixture.openAndWait({fixture.writeLog(QStringLiteral("a.log"), 40)}));
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("40 events"), 10'000);
        drop(fixture, {store});
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("12 events"), 10'000);
        QVERIFY(fixture.joins().isEmpty());
        // With files beside it they are read into it, as on the command line.
        drop(fixture, {second, fixture.writeLines(QStringLiteral("c.log"), {"{\"message\":\"one more\"}"})});
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("8 events"), 10'000);
        drop(fixture, {store, second});
        QTRY_VERIFY_WITH_TIMEOUT(
            fixture.window().statusBar()->currentMessage().contains(QStringLiteral("it is a second store")),
            10'000);
        QCOMPARE(fixture.countText(), QStringLiteral("8 events"));
    }

    void nothingToReadLeavesNoStore()
    {
        WindowFixture fixture;
        fixture.window().show();
        QFile program(fixture.root().filePath(QStringLiteral("bin.log")));
        QVERIFY(program.open(QIODevice::WriteOnly));
        program.write(QByteArray("\x7f"
                                 "ELF\2\1\1",
                                 7) +
                      QByteArray(4'000, '\0'));
        program.close();
        const QString empty = fixture.writeLines(QStringLiteral("empty.log"), {});
        QVERIFY(fixture.openAndWait({program.fileName(), empty}));
        QVERIFY(fixture.window().page() == nullptr);
        QCOMPARE(fixture.find<QLabel>("startTitle")->text(), QStringLiteral("Nothing to read there"));
        const QString text = fixture.find<QLabel>("startText")->text();
        QVERIFY2(text.contains(QStringLiteral("bin.log: an executable")), qPrintable(text));
        QVERIFY2(text.contains(QStringLiteral("empty.log: ")), qPrintable(text));
        QVERIFY2(text.endsWith(whatIsRead()), qPrintable(text));
        QTRY_VERIFY_WITH_TIMEOUT(!QFile::exists(fixture.storePath()), 10'000);
        QVERIFY(!fixture.find<QMenu>("recentMenu")->isEnabled());
        // The next ones are opened as if nothing had been.
        QVERIFY(fixture.openAndWait({fixture.writeLog(QStringLiteral("a.log"), 20)}));
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("20 events"), 10'000);
        QTRY_COMPARE_WITH_TIMEOUT(fixture.find<QMenu>("recentMenu")->actions().size(), 1, 10'000);
        // A store with events stays as it is.
        fixture.setJoinAnswer(Join::Add);
        QSignalSpy finished(&fixture.window(), &MainWindow::readFinished);
        drop(fixture, {program.fileName()});
        QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 1, 10'000);
        QCOMPARE(fixture.countText(), QStringLiteral("20 events"));
        QVERIFY(QFile::exists(fixture.storePath()));
    }

    void aStoreThatWasThereStaysAndSaysThatItIsEmpty()
    {
        WindowFixture fixture;
        fixture.window().show();
        const QString store = fixture.root().filePath(QStringLiteral("mine.faultline"));
        {
            Workspace::Options options;
            options.storePath = store.toStdString();
            options.write = options.create = true;
            QVERIFY(Workspace::open(options).ok());
        }
        CaseRequest request;
        request.storePath = store.toStdString();
        request.paths = {fixture.writeLines(QStringLiteral("empty.log"), {}).toStdString()};
        QSignalSpy finished(&fixture.window(), &MainWindow::readFinished);
        fixture.window().openCase(request);
        QTRY_COMPARE_WITH_TIMEOUT(finished.count(), 1, 10'000);
        QVERIFY(QFile::exists(store));
        auto* const label = fixture.find<QLabel>("rangeLabel");
        QTRY_COMPARE_WITH_TIMEOUT(label->text(), QStringLiteral("No events"), 10'000);
        const QString text = fixture.find<EventListView>("eventList")->emptyText();
        QVERIFY2(text.contains(QStringLiteral("empty.log: ")), qPrintable(text));
        QCOMPARE(fixture.find<HistogramView>("histogram")->note(), QStringLiteral("No events"));
    }

    void withoutATimeItIsNotSaidThatThereAreNoEvents()
    {
        WindowFixture fixture;
        fixture.window().show();
        QVERIFY(fixture.openAndWait({fixture.writeLines(QStringLiteral("a.log"), {"{\"message\":\"m\"}"})}));
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("1 event"), 10'000);
        QTRY_COMPARE_WITH_TIMEOUT(fixture.find<QLabel>("rangeLabel")->text(),
                                  QStringLiteral("No event has a time"), 10'000);
        QTRY_COMPARE_WITH_TIMEOUT(fixture.find<HistogramView>("histogram")->note(),
                                  QStringLiteral("1 event without a time, shown in the list only"), 10'000);
    }

    void fiveReasonsAndTheNumberOfTheOthers()
    {
        IngestReport report;
        for (int i = 0; i < 7; ++i) {
            SourceReport source;
            source.name = "f" + std::to_string(i);
            source.state = SourceState::Skipped;
            source.detail = "an executable";
            report.sources.push_back(source);
        }
        const QStringList lines = skippedText(report).split(u'\n');
        QCOMPARE(lines.size(), 6);
        QCOMPARE(lines.front(), QStringLiteral("f0: an executable"));
        QCOMPARE(lines.back(), QStringLiteral("and 2 others"));
        report.sources.resize(6);
        QVERIFY(skippedText(report).endsWith(QStringLiteral("and 1 other")));
    }

    void storesOfOneNameAreToldApart()
    {
        const auto labels = recentLabels({{"/home/a/case.faultline", "case", 1},
                                          {"/home/b/case.faultline", "case", 1},
                                          {"/home/b/other.faultline", "other", 1}});
        QCOMPARE(labels, (std::vector<QString>{QStringLiteral("case  (/home/a)"),
                                               QStringLiteral("case  (/home/b)"), QStringLiteral("other")}));
    }
};

QTEST_MAIN(TestOpening)
#include "tst_opening.moc"
