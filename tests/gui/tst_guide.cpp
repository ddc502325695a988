#include "models/records/time_text.h"
#include "models/session/demo_files.h"
#include "models/tables/event_list_model.h"
#include "models/tables/pattern_list_model.h"
#include "tests/gui/window_fixture.h"
#include "views/fields/keyed_list.h"
#include "views/investigate/event_list_view.h"
#include "views/investigate/investigate_page.h"
#include "views/timeline/histogram_view.h"
#include "views/window/app_style.h"

#include <QApplication>
#include <QClipboard>
#include <QGuiApplication>
#include <QPushButton>

using namespace faultline;

/// The walk of resources/help/guide.md, key by key: from the start page to the first failing request of the
/// demo incident, its trace and its cause. With FAULTLINE_PICTURES=FOLDER each step is saved as a picture.
class TestGuide : public QObject
{
    Q_OBJECT
    static constexpr int kWait = 20'000;
    int m_keys = 0;

    /// To whatever has the keyboard, as a keyboard does.
    void press(int key, Qt::KeyboardModifiers with = {})
    {
        QWidget* const popup = QApplication::activePopupWidget();
        QWidget* const focused = popup != nullptr ? popup : QApplication::focusWidget();
        QVERIFY2(focused != nullptr, "nothing has the keyboard");
        QTest::keyClick(focused, static_cast<Qt::Key>(key), with);
        ++m_keys;
    }
    void type(const char* text)
    {
        QTest::keyClicks(QApplication::focusWidget(), QLatin1String(text));
        m_keys += static_cast<int>(qstrlen(text));
    }
    static void picture(WindowFixture& fixture, const char* name)
    {
        const QString folder = qEnvironmentVariable("FAULTLINE_PICTURES");
        if (folder.isEmpty()) return;
        // Answers come from other threads, and what is shown of them at most some tenths of a second later.
        QTest::qWait(1'200);
        const QPixmap shot = fixture.window().grab();
        QVERIFY(shot.save(QDir(folder).filePath(QStringLiteral("guide-%1.png").arg(QLatin1String(name)))));
    }
    static const EventRow* current(WindowFixture& fixture)
    {
        auto* const list = fixture.find<EventListView>("eventList");
        return list->model()->held(list->currentRow());
    }
    static QString timeOf(const EventRow* event)
    {
        std::string text;
        if (event != nullptr) text = formatRfc3339(event->key.time);
        return QString::fromStdString(text).left(23); // to the millisecond
    }

private Q_SLOTS:
    void fromTheStartPageToTheCause()
    {
        const QTemporaryDir data;
        WindowFixture fixture("UTC", {}, false, [&](CaseOpener::Places& places) {
            places.makeDemo = [root = data.path().toStdString()](std::stop_token stop) {
                return ensureDemoFiles(root, DemoOptions(), false, std::move(stop));
            };
        });
        fixture.window().resize(1280, 800);
        fixture.window().show();
        QVERIFY(QTest::qWaitForWindowActive(&fixture.window()));
        picture(fixture, "1-start");

        // The demo.
        QSignalSpy read(&fixture.window(), &MainWindow::readFinished);
        press(Qt::Key_D, Qt::AltModifier);
        QTRY_COMPARE_WITH_TIMEOUT(read.size(), 1, kWait);
        auto* const list = fixture.find<EventListView>("eventList");
        auto* const chart = fixture.find<HistogramView>("histogram");
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("210,480 events"), kWait);
        QTRY_VERIFY_WITH_TIMEOUT(list->hasFocus() && chart->exact(), kWait);

        // Errors alone, and where their rate jumps.
        press(Qt::Key_Slash);
        type("level:>=error");
        press(Qt::Key_Return);
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("11,804 events"), kWait);
        QTRY_VERIFY_WITH_TIMEOUT(chart->exact(), kWait);
        QStringList jumps;
        for (int i = 0; i < 3; ++i) {
            const TimeNs before = current(fixture) != nullptr ? current(fixture)->key.time : kTimeMin;
            press(Qt::Key_R);
            QTRY_VERIFY_WITH_TIMEOUT(current(fixture) != nullptr && current(fixture)->key.time > before,
                                     kWait);
            jumps.push_back(timeOf(current(fixture)).mid(11, 5));
        }
        QVERIFY2(jumps.join(u' ').contains(QStringLiteral("16:0")), qPrintable(jumps.join(u' ')));
        picture(fixture, "2-jumps");

        // What kinds of errors there are, and since when.
        press(Qt::Key_B, Qt::ControlModifier | Qt::ShiftModifier);
        auto* const patterns = fixture.find<KeyedList>("patternList");
        const auto text = [&](int row) {
            return patterns->model()->index(row, PatternListModel::PatternColumn).data().toString();
        };
        QTRY_VERIFY_WITH_TIMEOUT(patterns->hasFocus() && patterns->model()->rowCount() > 10, kWait);
        QTRY_VERIFY_WITH_TIMEOUT(!static_cast<PatternListModel*>(patterns->model())->loading(), kWait);
        press(Qt::Key_Down);
        const QString chosen = text(patterns->currentRow());
        QVERIFY2(chosen.startsWith(QStringLiteral("quote failed: SELECT p.*, h.*")), qPrintable(chosen));
        picture(fixture, "3-patterns");

        // The first of that kind.
        press(Qt::Key_Plus);
        press(Qt::Key_Escape);
        QVERIFY(list->hasFocus());
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("1,533 events"), kWait);
        press(Qt::Key_Home);
        QTRY_COMPARE_WITH_TIMEOUT(timeOf(current(fixture)), QStringLiteral("2026-11-17T15:40:51.791"), kWait);
        QCOMPARE(current(fixture)->service, std::string("pricing"));
        picture(fixture, "4-first");

        // Its trace: what the request went through.
        press(Qt::Key_T);
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("11 events"), kWait);
        QTRY_COMPARE_WITH_TIMEOUT(timeOf(current(fixture)), QStringLiteral("2026-11-17T15:40:51.791"), kWait);
        press(Qt::Key_M);
        picture(fixture, "5-trace");

        // What somebody changed in the minute before it.
        press(Qt::Key_X, Qt::ShiftModifier);
        QTRY_VERIFY(QApplication::activePopupWidget() != nullptr);
        press(Qt::Key_Down);
        press(Qt::Key_Down);
        press(Qt::Key_Return);
        QTRY_COMPARE_WITH_TIMEOUT(fixture.window().page()->range().end -
                                      fixture.window().page()->range().begin,
                                  120 * kSecondNs, kWait);
        // A desktop gives the keyboard back to the window when a menu closes; this platform does not.
        fixture.window().activateWindow();
        QTRY_VERIFY(QApplication::focusWidget() != nullptr);
        press(Qt::Key_Slash);
        type("actor:*");
        press(Qt::Key_Return);
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("1 event"), kWait);
        press(Qt::Key_Home);
        QTRY_COMPARE_WITH_TIMEOUT(timeOf(current(fixture)), QStringLiteral("2026-11-17T15:40:00.636"), kWait);
        QVERIFY(QString::fromStdString(current(fixture)->message)
                    .startsWith(QStringLiteral("flag pricing-engine-v2 changed from 0 % to 10 %")));
        picture(fixture, "6-cause");

        // For the ticket.
        QSignalSpy said(fixture.window().page(), &InvestigatePage::noticed);
        press(Qt::Key_C, Qt::ShiftModifier);
        QTRY_VERIFY_WITH_TIMEOUT(
            QGuiApplication::clipboard()->text().contains(QStringLiteral("<faultline://open?")), kWait);
        QVERIFY2(QGuiApplication::clipboard()->text().contains(QStringLiteral("0 % to 10 %")),
                 qPrintable(QGuiApplication::clipboard()->text()));
        qInfo("%d keys; jumps at %s", m_keys, qPrintable(jumps.join(QStringLiteral(", "))));
        QVERIFY(m_keys <= 60);
    }
};

int main(int argc, char** argv)
{
    QApplication application(argc, argv);
    QApplication::setStyle(new AppStyle);
    TestGuide test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_guide.moc"
