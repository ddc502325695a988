#include "models/session/state_keeper.h"
#include "models/tables/context_model.h"
#include "models/tables/event_list_model.h"
#include "tests/gui/window_fixture.h"
#include "views/context/context_pane.h"
#include "views/investigate/event_copier.h"
#include "views/investigate/event_list_view.h"
#include "views/investigate/investigate_page.h"
#include "views/marks/mark_list.h"
#include "views/marks/mark_memory.h"
#include "views/timeline/histogram_view.h"

#include <QAbstractItemModelTester>
#include <QAccessible>
#include <QClipboard>
#include <QGuiApplication>
#include <QListWidget>
#include <QPlainTextEdit>
#include <QScrollBar>
#include <QTableView>
#include <QToolButton>

using namespace faultline;

/// The lists of an investigation: what is around an event, columns, several lines a row, marks, copying, and
/// what a screen reader gets of all that.
class TestPanes : public QObject
{
    Q_OBJECT
    static constexpr TimeNs kFirst = 1'767'322'800;
    static void open(WindowFixture& fixture, int events = 3'000)
    {
        fixture.window().resize(1200, 900);
        fixture.window().show();
        QVERIFY(QTest::qWaitForWindowExposed(&fixture.window()));
        fixture.window().activateWindow();
        QVERIFY(fixture.openAndWait({fixture.writeLog(QStringLiteral("a.log"), events)}));
        QTRY_VERIFY_WITH_TIMEOUT(model(fixture)->rowCount() == events && model(fixture)->event(0) != nullptr,
                                 10'000);
        fixture.find<EventListView>("eventList")->setFocus();
    }
    static void openLines(WindowFixture& fixture, const QList<QByteArray>& lines)
    {
        fixture.window().resize(1200, 900);
        fixture.window().show();
        QVERIFY(QTest::qWaitForWindowExposed(&fixture.window()));
        fixture.window().activateWindow();
        QVERIFY(fixture.openAndWait({fixture.writeLines(QStringLiteral("a.log"), lines)}));
        QTRY_VERIFY_WITH_TIMEOUT(
            model(fixture)->rowCount() == lines.size() && model(fixture)->event(0) != nullptr, 10'000);
        fixture.find<EventListView>("eventList")->setFocus();
    }
    static EventListModel* model(WindowFixture& fixture)
    {
        return fixture.window().page()->findChild<EventListModel*>();
    }
    static EventListView* matches(WindowFixture& fixture) { return fixture.find<EventListView>("eventList"); }
    static EventListView* around(WindowFixture& fixture)
    {
        return fixture.find<EventListView>("contextList");
    }
    /// Seconds behind the first event of the log; -1 when no event is current.
    static qint64 current(const EventListView* list)
    {
        const EventRow* const event = list->model()->held(list->currentRow());
        return event == nullptr ? -1 : event->key.time / kSecondNs - kFirst;
    }
    static QByteArray line(int second, const QByteArray& rest)
    {
        return "{\"time\":\"2026-01-02T03:00:" + QByteArray::number(second).rightJustified(2, '0') + "Z\"," +
               rest + "}";
    }

private Q_SLOTS:
    void theChosenRowStaysInSight()
    {
        WindowFixture fixture;
        open(fixture);
        EventListView* const list = matches(fixture);
        const int row = list->topRow() + list->visibleRows() - 2; // near the lower edge
        list->setCurrentRow(row);
        QTRY_COMPARE(current(list), qint64{row});
        const auto inSight = [&] {
            const QRect place = list->rowRect(row);
            return place.top() >= 0 && place.bottom() <= list->viewport()->height();
        };
        QVERIFY(inSight());
        QTest::keyClick(list, Qt::Key_X); // the pane above takes half of the room
        QTRY_VERIFY(fixture.find<ContextPane>("contextPane")->isVisible());
        QTRY_VERIFY2(inSight(), "the chosen row went below the edge");
        QCOMPARE(list->currentRow(), row);
    }
    void whatIsAroundAMatch()
    {
        WindowFixture fixture;
        open(fixture);
        auto* const pane = fixture.find<ContextPane>("contextPane");
        QAbstractItemModelTester tester(pane->model(), QAbstractItemModelTester::FailureReportingMode::Fatal);
        QAbstractItemModelTester listTester(model(fixture),
                                            QAbstractItemModelTester::FailureReportingMode::Fatal);
        fixture.search(QStringLiteral("service:pay")); // every tenth
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("300 events"), 10'000);
        QTRY_VERIFY(model(fixture)->event(150) != nullptr);
        EventListView *const list = matches(fixture), *const context = around(fixture);
        list->setFocus();
        list->setCurrentRow(150);
        QVERIFY(!pane->isVisible());
        QTest::keyClick(list, Qt::Key_X);
        QVERIFY(pane->isVisible());
        QTRY_COMPARE_WITH_TIMEOUT(current(context), qint64{1509}, 10'000);
        // All that was around it, second by second; the matches among it have their mark.
        const auto inOrder = [&] {
            for (int row = 1; row < context->model()->rowCount(); ++row)
                if (context->model()->held(row)->key.time - context->model()->held(row - 1)->key.time !=
                    kSecondNs)
                    return false;
            return true;
        };
        QVERIFY(inOrder());
        QTRY_VERIFY_WITH_TIMEOUT(context->model()->isMatch(context->currentRow()), 10'000);
        QVERIFY(!context->model()->isMatch(context->currentRow() + 1));
        QVERIFY(context->model()->isMatch(context->currentRow() + 10));
        QVERIFY(context->isAnchor(context->currentRow()));
        // The next match takes the place of this one on the screen.
        const int below = context->currentRow() - context->topRow();
        QTest::keyClick(list, Qt::Key_J);
        QTRY_COMPARE_WITH_TIMEOUT(current(context), qint64{1519}, 10'000);
        QCOMPARE(context->currentRow() - context->topRow(), below);
        // Without end in both directions.
        QTest::keyClick(list, Qt::Key_F6);
        QVERIFY(context->hasFocus());
        for (int i = 0; i < 400 && current(context) != 0; ++i) {
            QTest::keyClick(context, Qt::Key_PageUp);
            QCoreApplication::processEvents();
        }
        QTRY_VERIFY_WITH_TIMEOUT(
            (QTest::keyClick(context, Qt::Key_PageUp), context->repaint(), current(context) == 0), 10'000);
        QVERIFY(inOrder());
        QVERIFY2(context->model()->rowCount() <= ContextModel::kMostRows, "all of it is held");
        QTest::keyClick(context, Qt::Key_G, Qt::ShiftModifier);
        QTRY_COMPARE_WITH_TIMEOUT(current(context), qint64{2999}, 10'000);
        QTest::keyClick(context, Qt::Key_G);
        QTRY_COMPARE_WITH_TIMEOUT(current(context), qint64{0}, 10'000);
        // An event here shows its fields, and the match stays what it was.
        auto* const original = fixture.find<QPlainTextEdit>("detailOriginal");
        QTest::keyClick(context, Qt::Key_J);
        QTRY_VERIFY_WITH_TIMEOUT(original->toPlainText().contains(QStringLiteral("request 1 ")), 10'000);
        QCOMPARE(current(list), qint64{1519});
        // From there to the next match.
        QTest::keyClick(context, Qt::Key_N);
        QTRY_COMPARE_WITH_TIMEOUT(current(list), qint64{9}, 10'000);
        QTRY_COMPARE_WITH_TIMEOUT(current(context), qint64{9}, 10'000);
        QVERIFY2(context->hasFocus(), "the keyboard stays where it was");
        QTest::keyClick(context, Qt::Key_N, Qt::ShiftModifier);
        QTest::keyClick(context, Qt::Key_Escape);
        QVERIFY(list->hasFocus());
        QTest::keyClick(list, Qt::Key_X);
        QVERIFY(!pane->isVisible());
    }

    void whatIsAroundIsScoped()
    {
        WindowFixture fixture;
        open(fixture, 600);
        EventListView *const list = matches(fixture), *const context = around(fixture);
        list->setCurrentRow(109);
        QTest::keyClick(list, Qt::Key_X);
        QTRY_COMPARE_WITH_TIMEOUT(current(context), qint64{109}, 10'000);
        QVERIFY2(!context->model()->isMatch(context->currentRow()), "without a query nothing is a match");
        QTest::mouseClick(fixture.find<QToolButton>("scopeService"), Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(context->model()->rowCount(), 60, 10'000);
        QCOMPARE(current(context), qint64{109});
        for (int row = 0; row < 60; ++row) QCOMPARE(context->model()->held(row)->service, std::string("pay"));
        // Another event of the other service brings that one's.
        QTest::keyClick(list, Qt::Key_J);
        QTRY_COMPARE_WITH_TIMEOUT(current(context), qint64{110}, 10'000);
        QCOMPARE(context->model()->held(context->currentRow() + 1)->service, std::string("cart"));
        QTest::keyClick(context, Qt::Key_5);
        QTRY_COMPARE_WITH_TIMEOUT(context->model()->rowCount(), 0, 10'000);
        QCOMPARE(context->emptyText(), QStringLiteral("This event has no trace_id: nothing to go by"));
        QTest::keyClick(context, Qt::Key_2);
        QTRY_COMPARE_WITH_TIMEOUT(current(context), qint64{110}, 10'000);
        QVERIFY(fixture.find<QLabel>("contextTitle")->text().contains(QStringLiteral("source ")));
        QVERIFY(fixture.find<QToolButton>("scopeSource")->isChecked());
        QTest::keyClick(list, Qt::Key_S);
        QVERIFY(fixture.find<QToolButton>("scopeService")->isChecked());
        QVERIFY(fixture.window().page()->listLayout().scope == ListLayout::Scope::Service);
    }

    void columnsAreChosenMovedAndKept()
    {
        WindowFixture fixture;
        open(fixture, 300);
        EventListView* const list = matches(fixture);
        InvestigatePage* const page = fixture.window().page();
        QSignalSpy changed(page, &InvestigatePage::listLayoutChanged);
        QTest::keyClick(list, Qt::Key_L);
        auto* const search = fixture.find<QLineEdit>("columnSearch");
        auto* const names = fixture.find<QListWidget>("columnList");
        QTRY_VERIFY_WITH_TIMEOUT(!names->findItems(QStringLiteral("user.id"), Qt::MatchExactly).isEmpty(),
                                 10'000);
        QTest::keyClicks(search, QStringLiteral("USER"));
        QTest::keyClick(search, Qt::Key_Return);
        QCOMPARE(model(fixture)->fields(), std::vector<std::string>{"user.id"});
        fixture.find<QWidget>("columnPicker")->hide();
        const int field = EventRows::FirstFieldColumn;
        QCOMPARE(list->columns(), (std::vector<int>{0, 1, 2, field, EventRows::MessageColumn}));
        // By keyboard: to the field, then to the left.
        list->setFocus();
        for (int i = 0; i < 3; ++i) QTest::keyClick(list, Qt::Key_Right);
        QCOMPARE(list->currentColumn(), field);
        QTest::keyClick(list, Qt::Key_Left, Qt::ControlModifier | Qt::ShiftModifier);
        QCOMPARE(list->columns(), (std::vector<int>{0, 1, field, 2, EventRows::MessageColumn}));
        const int wide = list->box(field).width;
        QTest::keyClick(list, Qt::Key_Greater, Qt::ShiftModifier);
        QVERIFY(list->box(field).width > wide);
        // By the mouse: the time behind the service.
        const int y = list->headerHeight() / 2;
        const auto middle = [&](int column) {
            return QPoint(list->box(column).left + list->box(column).width / 2, y);
        };
        QTest::mousePress(list->viewport(), Qt::LeftButton, {}, middle(EventRows::TimeColumn));
        const QPoint target = middle(EventRows::ServiceColumn) + QPoint(20, 0);
        QTest::mouseMove(list->viewport(), target);
        QMouseEvent drag(QEvent::MouseMove, target, list->viewport()->mapToGlobal(QPointF(target)),
                         Qt::LeftButton, Qt::LeftButton, {});
        QCoreApplication::sendEvent(list->viewport(), &drag);
        QTest::mouseRelease(list->viewport(), Qt::LeftButton, {}, target);
        QCOMPARE(list->columns(), (std::vector<int>{1, field, 2, 0, EventRows::MessageColumn}));
        QVERIFY(changed.size() >= 3);
        QCOMPARE(around(fixture)->columns(), list->columns());
        // A session brings all of it back.
        const auto kept = layoutFromJson(layoutToJson(page->listLayout()));
        QVERIFY(kept.ok());
        WindowFixture other;
        open(other, 300);
        other.window().page()->setListLayout(*kept);
        QCOMPARE(matches(other)->columns(), list->columns());
        QCOMPARE(matches(other)->box(field).width, list->box(field).width);
        QCOMPARE(model(other)->fields(), std::vector<std::string>{"user.id"});
        QVERIFY(other.window().page()->listLayout() == page->listLayout());
        // More columns than there is room for: the list is wider than its view, the message stays readable.
        for (const char* name : {"duration_ms", "level", "time", "source", "host", "logger"})
            Q_EMIT matches(other)->columnRemoved(QLatin1String(name));
        QTRY_VERIFY(matches(other)->horizontalScrollBar()->maximum() > 0);
        QVERIFY(matches(other)->box(EventRows::MessageColumn).width > 100);
    }

    void longMessagesTakeSeveralLines()
    {
        WindowFixture fixture;
        QList<QByteArray> lines;
        for (int i = 0; i < 50; ++i) {
            QByteArray message = "order " + QByteArray::number(i) + " failed";
            if (i % 5 == 0)
                for (int frame = 0; frame < 45; ++frame)
                    message += "\\n\\tat com.example.Frame" + QByteArray::number(frame) + ".run(Frame.java)";
            lines.push_back(line(i, "\"level\":\"error\",\"message\":\"" + message + "\""));
        }
        openLines(fixture, lines);
        EventListView* const list = matches(fixture);
        const int one = list->rowRect(0).height();
        QTest::keyClick(list, Qt::Key_W);
        QVERIFY(list->wrap());
        QVERIFY(fixture.window().page()->listLayout().wrap);
        QTRY_COMPARE(list->rowRect(0).height(), (one - 2) * EventListView::kMostLines + 2);
        QCOMPARE(list->rowRect(1).height(), one);
        QCOMPARE(list->rowRect(1).top(), list->rowRect(0).bottom() + 1);
        // The click finds the row that is there, the keyboard each in turn and in sight, to the last one.
        for (const int row : {1, 4, 0, 2}) {
            QTest::mouseClick(list->viewport(), Qt::LeftButton, {}, {300, list->rowRect(row).bottom() - 1});
            QCOMPARE(list->currentRow(), row);
        }
        for (int row = 3; row < 50; ++row) {
            QTest::keyClick(list, Qt::Key_J);
            QCOMPARE(list->currentRow(), row);
            const QRect box = list->rowRect(row);
            QVERIFY2(box.top() >= list->headerHeight() && box.bottom() <= list->viewport()->height(),
                     qPrintable(QStringLiteral("row %1 is at %2 to %3 of %4")
                                    .arg(row)
                                    .arg(box.top())
                                    .arg(box.bottom())
                                    .arg(list->viewport()->height())));
        }
        list->verticalScrollBar()->setValue(list->verticalScrollBar()->maximum());
        QVERIFY2(list->rowRect(49).bottom() <= list->viewport()->height(), "the last row cannot be reached");
        QTest::keyClick(list, Qt::Key_W);
        QCOMPARE(list->rowRect(0).height(), one);
        const WrappedText text = wrapText("one two three\nfour", 8, 3);
        QCOMPARE(text.lines,
                 (QStringList{QStringLiteral("one two "), QStringLiteral("three"), QStringLiteral("four")}));
        const WrappedText cut = wrapText("a\nb\nc\nd\ne", 8, 3);
        QCOMPARE(cut.lines.size(), 2);
        QCOMPARE(cut.more, qint64{3});
        QVERIFY(wrapText(std::string(100'000, 'x'), 80, 12).moreOrOver);
    }

    void marksSurviveReadingTheLinesAgain()
    {
        std::vector<Mark> kept;
        {
            WindowFixture fixture;
            open(fixture, 600);
            EventListView* const list = matches(fixture);
            for (const int row : {40, 7, 300}) {
                list->setCurrentRow(row);
                QTRY_VERIFY_WITH_TIMEOUT(list->model()->event(row) != nullptr, 10'000);
                QTest::keyClick(list, Qt::Key_M);
            }
            QTRY_COMPARE_WITH_TIMEOUT(fixture.window().page()->marks().size(), std::size_t{3}, 10'000);
            QVERIFY(list->isMarked(300));
            list->setCurrentRow(7);
            QVERIFY(list->isMarked(7));
            QCOMPARE(fixture.find<HistogramView>("histogram")->marks().size(), std::size_t{3});
            QTest::keyClick(list, Qt::Key_BracketRight);
            QTRY_COMPARE_WITH_TIMEOUT(current(list), qint64{40}, 10'000);
            QTest::keyClick(list, Qt::Key_M); // and away again
            QTRY_COMPARE(fixture.window().page()->marks().size(), std::size_t{2});
            QVERIFY(!list->isMarked(40));
            kept = *marksFromJson(marksToJson(fixture.window().page()->marks()));
        }
        // Another store, with lines before these.
        WindowFixture fixture;
        QList<QByteArray> before;
        for (int i = 0; i < 5; ++i)
            before.push_back("{\"time\":\"2026-01-01T00:00:0" + QByteArray::number(i) +
                             "Z\",\"message\":\"before\"}");
        fixture.window().resize(1200, 900);
        fixture.window().show();
        QVERIFY(QTest::qWaitForWindowExposed(&fixture.window()));
        fixture.window().activateWindow();
        QVERIFY(fixture.openAndWait({fixture.writeLines(QStringLiteral("0.log"), before),
                                     fixture.writeLog(QStringLiteral("a.log"), 600)}));
        QTRY_VERIFY_WITH_TIMEOUT(model(fixture)->rowCount() == 605 && model(fixture)->event(0) != nullptr,
                                 10'000);
        EventListView* const list = matches(fixture);
        list->setFocus();
        kept.push_back({{kFirst * kSecondNs, std::string(32, 'f'), 0}, "gone", "of another store"});
        fixture.window().page()->setMarks(kept);
        QTRY_VERIFY_WITH_TIMEOUT(list->isMarked(12), 10'000);
        list->setCurrentRow(0);
        QTest::keyClick(list, Qt::Key_BracketRight);
        QTRY_COMPARE_WITH_TIMEOUT(current(list), qint64{7}, 10'000);
        QTest::keyClick(list, Qt::Key_BracketRight);
        QTRY_COMPARE_WITH_TIMEOUT(current(list), qint64{300}, 10'000);
        QSignalSpy said(fixture.window().page(), &InvestigatePage::noticed);
        QTest::keyClick(list, Qt::Key_BracketRight);
        QCOMPARE(said.size(), 1);
        QCOMPARE(said[0][0].toString(), QStringLiteral("No mark after this event"));
        // One that the query does not keep is shown all the same.
        fixture.search(QStringLiteral("service:pay"));
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("60 events"), 10'000);
        list->setFocus();
        list->setCurrentRow(59);
        QTRY_COMPARE_WITH_TIMEOUT(current(list), qint64{599}, 10'000);
        QTest::keyClick(list, Qt::Key_BracketLeft);
        QTRY_VERIFY_WITH_TIMEOUT(fixture.find<QPlainTextEdit>("detailOriginal")
                                     ->toPlainText()
                                     .contains(QStringLiteral("request 300 ")),
                                 10'000);
        QTest::keyClick(list, Qt::Key_BracketLeft);
        QTRY_VERIFY_WITH_TIMEOUT(fixture.find<QPlainTextEdit>("detailOriginal")
                                     ->toPlainText()
                                     .contains(QStringLiteral("request 7 ")),
                                 10'000);
        // The list of them: names, what is not here, and away.
        QTest::keyClick(list, Qt::Key_M, Qt::ControlModifier);
        auto* const table = fixture.find<QTableView>("markList");
        QAbstractItemModelTester tester(table->model(),
                                        QAbstractItemModelTester::FailureReportingMode::Fatal);
        QCOMPARE(table->model()->rowCount(), 3);
        QVERIFY(table->model()->index(0, 2).data().toString().startsWith(QStringLiteral("(not in this")));
        QVERIFY(table->model()->setData(table->model()->index(1, 1), QStringLiteral("here it began")));
        QCOMPARE(fixture.window().page()->marks()[1].label, std::string("here it began"));
        table->setCurrentIndex(table->model()->index(0, 1));
        QTest::keyClick(table, Qt::Key_Delete);
        QCOMPARE(fixture.window().page()->marks().size(), std::size_t{2});
    }

    void marksAreKeptWithTheStore()
    {
        QTemporaryDir root;
        const auto state = std::make_shared<UserState>(root.path().toStdString());
        StateKeeper keeper(state);
        const auto toKeep = [](InvestigatePage* page) {
            return QString::fromStdString(marksToJson(page->marks()));
        };
        QString before;
        for (int round = 0; round < 2; ++round) {
            WindowFixture fixture;
            open(fixture, 100);
            InvestigatePage* const page = fixture.window().page();
            keepMarks(&keeper, "a store", page);
            if (round == 0) {
                matches(fixture)->setCurrentRow(11);
                QTest::keyClick(matches(fixture), Qt::Key_M);
                QTRY_COMPARE_WITH_TIMEOUT(page->marks().size(), std::size_t{1}, 10'000);
                before = toKeep(page);
                QTRY_VERIFY_WITH_TIMEOUT(
                    (keeper.flush(), QFile::exists(QString::fromStdString(state->path("a store", "marks")))),
                    10'000);
            } else {
                QTRY_COMPARE_WITH_TIMEOUT(toKeep(page), before, 10'000);
                QTRY_VERIFY_WITH_TIMEOUT(matches(fixture)->isMarked(11), 10'000);
            }
        }
    }

    void equalEventsHaveMarksOfTheirOwn()
    {
        WindowFixture fixture;
        QList<QByteArray> lines;
        for (int i = 0; i < 6; ++i) lines.push_back(line(1, "\"level\":\"info\",\"message\":\"again\""));
        openLines(fixture, lines);
        EventListView* const list = matches(fixture);
        list->setCurrentRow(3);
        QTest::keyClick(list, Qt::Key_M);
        QTRY_COMPARE_WITH_TIMEOUT(fixture.window().page()->marks().size(), std::size_t{1}, 10'000);
        QCOMPARE(fixture.window().page()->marks().front().anchor.nth, 3u);
        QVERIFY(list->isMarked(3));
        QVERIFY(!list->isMarked(2));
    }

    void rowsAreSelectedAndCopied()
    {
        WindowFixture fixture;
        QList<QByteArray> lines;
        for (int i = 0; i < 20; ++i)
            lines.push_back(line(i, "\"level\":\"warn\",\"service\":\"pay\",\"message\":\"```` <b>\\n```\\n" +
                                        QByteArray::number(i) + "\""));
        openLines(fixture, lines);
        EventListView* const list = matches(fixture);
        list->setCurrentRow(4);
        for (int i = 0; i < 2; ++i) QTest::keyClick(list, Qt::Key_Down, Qt::ShiftModifier);
        QCOMPARE(*list->selected(), (EventListView::Rows{4, 6}));
        QSignalSpy said(fixture.window().page(), &InvestigatePage::noticed);
        QClipboard* const clipboard = QGuiApplication::clipboard();
        clipboard->clear();
        QTest::keyClick(list, Qt::Key_C);
        QTRY_COMPARE_WITH_TIMEOUT(clipboard->text().toUtf8(),
                                  lines[4] + '\n' + lines[5] + '\n' + lines[6] + '\n', 10'000);
        QCOMPARE(said.back()[0].toString(), QStringLiteral("Copied 3 events: the original lines"));
        QTest::keyClick(list, Qt::Key_C, Qt::ShiftModifier);
        QTRY_COMPARE_WITH_TIMEOUT(said.back()[0].toString(), QStringLiteral("Copied 3 events as Markdown"),
                                  10'000);
        // No line within the block is as long a run as its ends.
        QStringList block = clipboard->text().trimmed().split(QLatin1Char('\n'));
        // Below it the link to the first of them.
        const QString link = block.takeLast();
        QVERIFY2(link.startsWith(QStringLiteral("<faultline://open?")) && link.endsWith(QLatin1Char('>')),
                 qPrintable(link));
        const auto read = parseLink(link.mid(1).chopped(1).toStdString());
        QVERIFY(read);
        QCOMPARE(read->selection, contentHash(lines[4].toStdString()));
        QCOMPARE(block.takeLast(), QString());
        QCOMPARE(block.front(), QStringLiteral("`````"));
        QCOMPARE(block.back(), block.front());
        QCOMPARE(block.filter(QStringLiteral("`````")).size(), 2);
        QVERIFY(block[1].startsWith(QStringLiteral("2026-01-02 03:00:04.000000000Z  warn  pay  ````")));
        // A click on one with Shift selects up to it; a plain step ends the selection.
        QTest::mouseClick(list->viewport(), Qt::LeftButton, Qt::ShiftModifier, list->rowRect(9).center());
        QCOMPARE(*list->selected(), (EventListView::Rows{4, 9}));
        QTest::keyClick(list, Qt::Key_J);
        QCOMPARE(*list->selected(), (EventListView::Rows{10, 10}));
        QTest::keyClick(list, Qt::Key_C);
        QTRY_COMPARE_WITH_TIMEOUT(clipboard->text().toUtf8(), lines[10], 10'000);
        QTest::keyClick(list, Qt::Key_A, Qt::ControlModifier);
        QCOMPARE(*list->selected(), (EventListView::Rows{0, 19}));
        QTest::keyClick(list, Qt::Key_C, Qt::ControlModifier | Qt::ShiftModifier);
        QTRY_COMPARE_WITH_TIMEOUT(said.back()[0].toString(), QStringLiteral("Copied 20 events as text"),
                                  10'000);
        QCOMPARE(fenced(QStringLiteral("a\n``````")).count(QStringLiteral("```````")), 2);
    }

    void goesToATime()
    {
        WindowFixture fixture;
        open(fixture, 3'000);
        EventListView* const list = matches(fixture);
        QTest::keyClick(list, Qt::Key_G, Qt::ControlModifier);
        auto* const input = fixture.find<QLineEdit>("timeInput");
        QVERIFY(input->isVisible());
        QTest::keyClicks(input, QStringLiteral("half past"));
        QTest::keyClick(input, Qt::Key_Return);
        QVERIFY2(fixture.find<QLabel>("timeFault")->text().startsWith(QStringLiteral("this is no time")),
                 qPrintable(fixture.find<QLabel>("timeFault")->text()));
        // A time of day is one of the day that is looked at.
        input->selectAll();
        QTest::keyClicks(input, QStringLiteral("3:10"));
        QTest::keyClick(input, Qt::Key_Return);
        QTRY_COMPARE_WITH_TIMEOUT(current(list), qint64{600}, 10'000);
        QTest::keyClick(list, Qt::Key_G, Qt::ControlModifier);
        input->selectAll();
        QTest::keyClicks(input, QStringLiteral("2026-01-02T03:20"));
        QTest::keyClick(input, Qt::Key_Return);
        QTRY_COMPARE_WITH_TIMEOUT(current(list), qint64{1200}, 10'000);
        QVERIFY(!input->isVisible());
        QVERIFY(list->hasFocus());
        QTest::keyClick(list, Qt::Key_Colon, Qt::ShiftModifier);
        QVERIFY(input->isVisible());
        input->selectAll();
        QTest::keyClicks(input, QStringLiteral("2027"));
        QTest::keyClick(input, Qt::Key_Return);
        QTRY_COMPARE_WITH_TIMEOUT(current(list), qint64{2999}, 10'000);
    }

    void anEventIsReadInThreeForms()
    {
        WindowFixture fixture;
        openLines(fixture, {line(1, "\"level\":\"error\",\"message\":\"failed\",\"error\":{\"stack\":"
                                    "\"Error: x\\n    at a (b.js:1)\\n    at c (d.js:2)\"},\"n\":1.50")});
        EventListView* const list = matches(fixture);
        auto* const text = fixture.find<QPlainTextEdit>("detailOriginal");
        list->setCurrentRow(0);
        QTRY_VERIFY_WITH_TIMEOUT(text->toPlainText().startsWith(QStringLiteral("{\"time\":\"2026")), 10'000);
        QTest::keyClick(list, Qt::Key_V);
        QVERIFY2(text->toPlainText().contains(QStringLiteral("\n  \"n\": 1.50\n}")),
                 qPrintable(text->toPlainText()));
        QTest::keyClick(list, Qt::Key_V);
        QCOMPARE(text->toPlainText(), QStringLiteral("Error: x\n    at a (b.js:1)\n    at c (d.js:2)"));
        auto* const fields = fixture.find<QTableView>("detailFields");
        QTest::keyClick(list, Qt::Key_Return);
        QVERIFY(fields->hasFocus());
        for (int row = 0; row < fields->model()->rowCount(); ++row)
            if (fields->model()->index(row, 0).data().toString() == QLatin1String("message"))
                fields->setCurrentIndex(fields->model()->index(row, 0));
        QCOMPARE(text->toPlainText(), QStringLiteral("failed"));
        QTest::keyClick(fields, Qt::Key_V);
        QVERIFY(text->toPlainText().startsWith(QStringLiteral("{\"time\":\"2026")));
        QTest::keyClick(fields, Qt::Key_Escape);
        QVERIFY(list->hasFocus());
    }

    void screenReadersSeeRowsAndCells()
    {
        WindowFixture fixture;
        open(fixture, 300);
        EventListView* const list = matches(fixture);
        list->setCurrentRow(9);
        QAccessibleInterface* const table = QAccessible::queryAccessibleInterface(list);
        QVERIFY(table != nullptr);
        QVERIFY(table->role() == QAccessible::Table);
        QCOMPARE(table->text(QAccessible::Name), QStringLiteral("Events"));
        QAccessibleTableInterface* const cells = table->tableInterface();
        QVERIFY(cells != nullptr);
        QCOMPARE(cells->rowCount(), 300);
        QCOMPARE(cells->columnCount(), 4);
        QCOMPARE(cells->cellAt(9, 1)->text(QAccessible::Name), QStringLiteral("warn"));
        QCOMPARE(cells->cellAt(9, 2)->text(QAccessible::Name), QStringLiteral("pay"));
        QCOMPARE(cells->columnDescription(3), QStringLiteral("Message"));
        QVERIFY(cells->cellAt(300, 0) == nullptr);
        QCOMPARE(table->childCount(), list->visibleRows());
        QAccessibleInterface* const row = table->child(9 - list->topRow());
        QVERIFY(row != nullptr && row->role() == QAccessible::Row);
        QCOMPARE(row->text(QAccessible::Name),
                 QStringLiteral("2026-01-02 03:00:09.000, warn, pay, request 9 took 9 ms"));
        QVERIFY(row->state().selected && row->state().focused);
        QCOMPARE(row->childCount(), 4);
        QVERIFY(row->child(2)->parent() == row);
        QVERIFY(row->parent() == table);
        QCOMPARE(table->indexOfChild(row), 9 - list->topRow());
        QVERIFY(table->focusChild() == row);
        const QPoint middle = row->rect().center();
        QVERIFY(table->childAt(middle.x(), middle.y()) == row);
        // Each step moves the focus. (Without a reader Qt passes no event on, so that none can be seen here;
        // this is what it would be about.)
        QTest::keyClick(list, Qt::Key_J);
        QAccessibleEvent focus(list, QAccessible::Focus);
        focus.setChild(10 - list->topRow());
        QVERIFY(focus.accessibleInterface() == table->focusChild());
        QCOMPARE(focus.accessibleInterface()->text(QAccessible::Name).section(QStringLiteral(", "), 2),
                 QStringLiteral("cart, request 10 took 10 ms"));
    }
};

QTEST_MAIN(TestPanes)
#include "tst_panes.moc"
