// The Sources screen: its states, settings with their preview, undoing, quarantine, removal.
#include "models/tables/event_list_model.h"
#include "models/tables/source_list_model.h"
#include "tests/gui/window_fixture.h"
#include "views/investigate/investigate_page.h"
#include "views/sources/sources_page.h"

#include <QAbstractItemModelTester>
#include <QAction>
#include <QApplication>
#include <QComboBox>
#include <QCompleter>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QTabWidget>
#include <QTableView>

#include <sqlite3.h>

using namespace faultline;

namespace {

QList<QByteArray> lines(int count)
{
    QList<QByteArray> all;
    for (int i = 0; i < count; ++i)
        all << "{\"time\":\"2026-01-02T03:00:" + QByteArray::number(10 + i % 50) +
                   "Z\",\"sent\":\"2026-02-02 03:00:00\",\"msg\":\"m " + QByteArray::number(i) +
                   "\",\"text\":\"t " + QByteArray::number(i) + "\"}";
    return all;
}

} // namespace

class TestSources : public QObject
{
    Q_OBJECT

    /// Opens the screen by its key and waits for the list.
    static bool openScreen(WindowFixture& fixture)
    {
        fixture.window().resize(1280, 800);
        fixture.window().show();
        if (!QTest::qWaitForWindowExposed(&fixture.window())) return false;
        fixture.window().activateWindow();
        if (!QTest::qWaitForWindowActive(&fixture.window())) return false;
        QTest::keyClick(&fixture.window(), Qt::Key_F8);
        auto* const page = fixture.window().findChild<SourcesPage*>();
        if (page == nullptr) return false;
        return QTest::qWaitFor([&] { return page->isVisible() && page->service()->loaded(); }, 10'000);
    }
    /// A picture of the screen, where the test is asked for them.
    static void picture(WindowFixture& fixture, const char* name)
    {
        const QString folder = qEnvironmentVariable("FAULTLINE_PICTURES");
        if (folder.isEmpty()) return;
        for (const bool dark : {true, false}) {
            fixture.window().setDark(dark);
            QCoreApplication::sendPostedEvents();
            fixture.window().grab().save(QStringLiteral("%1/sources-%2-%3.png")
                                             .arg(folder, QLatin1String(name),
                                                  dark ? QStringLiteral("dark") : QStringLiteral("light")));
        }
        fixture.window().setDark(true);
    }
    static QString cell(const QTableView* table, int row, int column)
    {
        return table->model()->index(row, column).data().toString();
    }
    static bool waitForRow(const QTableView* table, const QString& text, int column, int row = 0)
    {
        return QTest::qWaitFor([&] { return cell(table, row, column) == text; }, 10'000);
    }

private Q_SLOTS:
    void listFilterAndSort()
    {
        WindowFixture fixture;
        QVERIFY(
            fixture.openAndWait({fixture.writeLines(QStringLiteral("big.log"), lines(200)),
                                 fixture.writeLines(QStringLiteral("small.log"), lines(5) << "{broken")}));
        QVERIFY(openScreen(fixture));
        auto* const table = fixture.find<QTableView>("sourceTable");
        QTRY_COMPARE(table->model()->rowCount(), 2);
        QCOMPARE(cell(table, 0, SourceListModel::NameColumn), QStringLiteral("big.log"));
        QCOMPARE(cell(table, 0, SourceListModel::EventsColumn), QStringLiteral("200"));
        QCOMPARE(cell(table, 0, SourceListModel::StateColumn), QStringLiteral("ended"));
        QCOMPARE(cell(table, 1, SourceListModel::QuarantinedColumn), QStringLiteral("1"));
        table->sortByColumn(SourceListModel::EventsColumn, Qt::AscendingOrder);
        QCOMPARE(cell(table, 0, SourceListModel::NameColumn), QStringLiteral("small.log"));
        picture(fixture, "list");
        // By typing.
        QTest::keyClick(table, Qt::Key_Slash);
        auto* const filter = fixture.find<QLineEdit>("sourceFilter");
        QTRY_VERIFY(filter->hasFocus());
        QTest::keyClicks(filter, QStringLiteral("BIG"));
        QCOMPARE(table->model()->rowCount(), 1);
        QCOMPARE(fixture.find<QLabel>("sourceCount")->text(), QStringLiteral("1 of 2 sources"));
        QTest::keyClicks(filter, QStringLiteral("x"));
        QVERIFY(fixture.find<QLabel>("sourcesNote")->isVisible());
        QVERIFY(fixture.find<QLabel>("sourcesNote")->text().contains(QStringLiteral("BIGx")));
        picture(fixture, "nothing-matches");
        QTest::keyClick(filter, Qt::Key_Escape);
        QCOMPARE(table->model()->rowCount(), 2);
        // Escape goes back.
        QTest::keyClick(filter, Qt::Key_Escape);
        QTRY_VERIFY(!fixture.find<QWidget>("sourcesPage")->isVisible());
    }

    void settings()
    {
        WindowFixture fixture;
        QVERIFY(fixture.openAndWait({fixture.writeLines(QStringLiteral("app.log"), lines(300))}));
        QVERIFY(openScreen(fixture));
        auto* const preview = fixture.find<QTableView>("settingsPreview");
        QTRY_COMPARE(preview->model()->rowCount(), 20);
        auto* const note = fixture.find<QLabel>("settingsNote");
        QTRY_VERIFY(note->text().startsWith(QStringLiteral("As it is")));
        auto* const apply = fixture.find<QPushButton>("applySettings");
        auto* const undo = fixture.find<QPushButton>("undoSettings");
        QVERIFY2(!apply->isEnabled(), "nothing is set that is not so already");
        QVERIFY(!undo->isEnabled());
        QTest::keyClicks(fixture.find<QLineEdit>("role_timestamp"), QStringLiteral("sent"));
        QTest::keyClicks(fixture.find<QLineEdit>("role_message"), QStringLiteral("text"));
        QTest::keyClicks(fixture.find<QLineEdit>("sourceZone"), QStringLiteral("+02:00"));
        QTRY_COMPARE(cell(preview, 0, SettingsPreviewModel::TimeAfterColumn),
                     QStringLiteral("2026-02-02 01:00:00.000"));
        QCOMPARE(cell(preview, 0, SettingsPreviewModel::MessageColumn), QStringLiteral("m 0 → t 0"));
        QTRY_VERIFY(note->text().contains(QStringLiteral("20 would change")));
        picture(fixture, "settings");
        QTRY_VERIFY(apply->isEnabled());
        QTest::keyClick(apply, Qt::Key_Space);
        QTRY_VERIFY(fixture.find<QLabel>("settingsOutcome")
                        ->text()
                        .startsWith(QStringLiteral("300 events read again")));
        QTRY_VERIFY(undo->isEnabled());
        QTRY_COMPARE(cell(preview, 0, SettingsPreviewModel::TimeBeforeColumn),
                     QStringLiteral("2026-02-02 01:00:00.000"));
        QTest::keyClick(undo, Qt::Key_Space);
        QTRY_COMPARE(cell(preview, 0, SettingsPreviewModel::TimeBeforeColumn),
                     QStringLiteral("2026-01-02 03:00:10.000"));
        QTRY_VERIFY(!undo->isEnabled());
        QTRY_VERIFY(fixture.find<QLineEdit>("role_message")->text().isEmpty());
        // What cannot be read is said, and not applied.
        QTest::keyClicks(fixture.find<QLineEdit>("sourceOffset"), QStringLiteral("soon"));
        QTRY_VERIFY(note->text().contains(QStringLiteral("soon")));
        QVERIFY(!apply->isEnabled());
        picture(fixture, "fault");
        // The names of the fields are offered.
        auto* const role = fixture.find<QLineEdit>("role_severity");
        QTRY_VERIFY(role->completer()->model()->rowCount() >= 4);
    }

    /// Of a source that another version of the program has read, no settings are stored.
    void whatWasNeverStoredIsShownAsItIs()
    {
        WindowFixture first;
        QList<QByteArray> bare;
        for (int i = 0; i < 30; ++i)
            bare << "{\"time\":\"2026-01-02 03:00:" + QByteArray::number(10 + i) + "\",\"msg\":\"m\"}";
        QVERIFY(first.openAndWait({first.writeLines(QStringLiteral("app.log"), bare)}));
        QVERIFY(openScreen(first));
        QTRY_COMPARE(first.find<QTableView>("settingsPreview")->model()->rowCount(), 20);
        QTest::keyClicks(first.find<QLineEdit>("sourceZone"), QStringLiteral("+02:00"));
        auto* const apply = first.find<QPushButton>("applySettings");
        QTRY_VERIFY(apply->isEnabled());
        apply->click();
        QTRY_VERIFY(first.find<QLabel>("settingsOutcome")->text().startsWith(QStringLiteral("30 events")));
        first.end();
        sqlite3* store = nullptr;
        QCOMPARE(sqlite3_open(first.storePath().toUtf8().constData(), &store), SQLITE_OK);
        QCOMPARE(sqlite3_exec(store, "UPDATE source SET settings=''", nullptr, nullptr, nullptr), SQLITE_OK);
        sqlite3_close(store);

        WindowFixture second;
        second.window().openCase({{}, first.storePath().toStdString(), false});
        QTRY_VERIFY_WITH_TIMEOUT(second.window().page() != nullptr, 10'000);
        QVERIFY(openScreen(second));
        auto* const zone = second.find<QLineEdit>("sourceZone");
        QTRY_COMPARE_WITH_TIMEOUT(zone->text(), QStringLiteral("+02:00"), 10'000);
        auto* const note = second.find<QLabel>("settingsNote");
        QTRY_VERIFY2(note->text().startsWith(QStringLiteral("As it is")), qPrintable(note->text()));
        QVERIFY(!second.find<QPushButton>("applySettings")->isEnabled());
        // The list that comes every second leaves what is being typed.
        zone->selectAll();
        QTest::keyClicks(zone, QStringLiteral("+03:00"));
        second.find<SourcesPage>("sourcesPage")->service()->refresh();
        QSignalSpy listed(second.find<SourcesPage>("sourcesPage")->service(), &SourceService::listed);
        QVERIFY(listed.wait(10'000));
        QCOMPARE(zone->text(), QStringLiteral("+03:00"));
        QTRY_VERIFY(second.find<QPushButton>("applySettings")->isEnabled());
    }

    /// Stopped before it is done: nothing is changed, and it can be asked for again.
    void settingsAreCancelled()
    {
        WindowFixture fixture;
        QVERIFY(fixture.openAndWait({fixture.writeLines(QStringLiteral("app.log"), lines(3'000))}));
        QVERIFY(openScreen(fixture));
        const auto* const preview = fixture.find<QTableView>("settingsPreview");
        QTRY_COMPARE(preview->model()->rowCount(), 20);
        auto* const apply = fixture.find<QPushButton>("applySettings");
        auto* const cancel = fixture.find<QPushButton>("cancelSettings");
        const auto* const outcome = fixture.find<QLabel>("settingsOutcome");
        auto* const role = fixture.find<QLineEdit>("role_timestamp");
        const QString before = cell(preview, 0, SettingsPreviewModel::TimeBeforeColumn);
        QVERIFY(!cancel->isVisible());
        QTest::keyClicks(role, QStringLiteral("sent"));
        QTRY_VERIFY(apply->isEnabled());
        QTest::keyClick(apply, Qt::Key_Space);
        QVERIFY(cancel->isVisible() && cancel->hasFocus());
        QVERIFY2(!apply->isEnabled() && !role->isEnabled(), "two changes at once");
        QTest::keyClick(cancel, Qt::Key_Space);
        QTRY_COMPARE_WITH_TIMEOUT(outcome->text(), QStringLiteral("Stopped: nothing was changed"), 10'000);
        QVERIFY(outcome->isVisible() && !cancel->isVisible());
        QVERIFY2(fixture.window().focusWidget() != nullptr && fixture.window().focusWidget()->isVisible(),
                 "the keyboard has stayed on a button that is gone");
        QVERIFY(!fixture.find<QPushButton>("undoSettings")->isEnabled());
        QCOMPARE(cell(preview, 0, SettingsPreviewModel::TimeBeforeColumn), before);
        // What was typed stands, and goes through.
        QCOMPARE(role->text(), QStringLiteral("sent"));
        QTRY_VERIFY(apply->isEnabled());
        QTest::keyClick(apply, Qt::Key_Space);
        QTRY_VERIFY_WITH_TIMEOUT(outcome->text().startsWith(QStringLiteral("3,000 events read again")),
                                 20'000);
        QTRY_VERIFY(cell(preview, 0, SettingsPreviewModel::TimeBeforeColumn) != before);
    }

    /// One setting after the other: what the preview shows, then what the investigation shows, then undone.
    void eachSetting_data()
    {
        QTest::addColumn<QString>("edit");
        QTest::addColumn<QString>("typed");
        QTest::addColumn<int>("column");
        QTest::addColumn<QString>("shown"); // in the first row of the preview
        QTest::addColumn<QString>("query"); // gives all events afterwards, none before; none: times
        const auto row = [](const char* edit, const char* typed, int column, const char* shown,
                            const char* query) {
            QTest::newRow(edit) << QString::fromUtf8(edit) << QString::fromUtf8(typed) << column
                                << QString::fromUtf8(shown) << QString::fromUtf8(query);
        };
        using Model = SettingsPreviewModel;
        row("sourceZone", "+02:00", Model::TimeAfterColumn, "2026-02-02 01:00:00.000", "");
        row("sourceOffset", "-1h30m", Model::TimeAfterColumn, "2026-02-02 01:30:00.000", "");
        row("sourceInner", "payload", Model::SeverityColumn, "none → error", "level:error");
        row("role_timestamp", "seen", Model::TimeAfterColumn, "2025-05-05 05:05:05.000", "");
        row("role_severity", "grade", Model::SeverityColumn, "none → fatal", "level:fatal");
        row("role_message", "text", Model::MessageColumn, "m 0 → t 0", "message:t");
        row("role_service", "part", Model::ServiceColumn, "– → billing", "service:billing");
        row("role_host", "box", Model::HostColumn, "– → web-7", "host:\"web-7\"");
        // What is not of that format is text.
        row("sourceFormat", "journald-export", Model::MessageColumn, "m 0 → {", "message:billing");
    }
    void eachSetting()
    {
        QFETCH(const QString, edit);
        QFETCH(const QString, typed);
        QFETCH(const int, column);
        QFETCH(const QString, shown);
        QFETCH(const QString, query);
        QList<QByteArray> all;
        for (int i = 0; i < 30; ++i)
            all << "{\"time\":\"2026-02-02 03:00:00\",\"seen\":\"2025-05-05T05:05:05Z\",\"grade\":\"fatal\","
                   "\"msg\":\"m " +
                       QByteArray::number(i) + "\",\"text\":\"t " + QByteArray::number(i) +
                       "\",\"part\":\"billing\",\"box\":\"web-7\",\"payload\":\"{\\\"level\\\":\\\"error\\\"}"
                       "\"}";
        WindowFixture fixture;
        QVERIFY(fixture.openAndWait({fixture.writeLines(QStringLiteral("app.log"), all)}));
        QVERIFY(openScreen(fixture));
        // What the investigation has: the number of events, or the time of the first.
        const auto* const list = fixture.window().page()->findChild<EventListModel*>();
        const auto found = [&]() -> QString {
            if (!query.isEmpty()) return fixture.countText();
            const EventRow* const first = list->event(0);
            return first != nullptr ? momentText(first->key.time) : QString();
        };
        const QString none =
            query.isEmpty() ? QStringLiteral("2026-02-02 03:00:00") : QStringLiteral("0 events");
        const QString some = query.isEmpty() ? shown.left(19) : QStringLiteral("30 events");
        auto* const preview = fixture.find<QTableView>("settingsPreview");
        QTRY_COMPARE(preview->model()->rowCount(), 20);
        auto* const apply = fixture.find<QPushButton>("applySettings");
        auto* const undo = fixture.find<QPushButton>("undoSettings");
        auto* const widget = fixture.find<QWidget>(qPrintable(edit));
        QTest::mouseClick(widget, Qt::LeftButton);
        QTRY_VERIFY(widget->hasFocus() || edit == QLatin1String("sourceFormat"));
        if (auto* const box = qobject_cast<QComboBox*>(widget)) {
            box->hidePopup();
            box->setFocus();
        }
        const QString before = cell(preview, 0, column);
        QTest::keyClicks(widget, typed);
        QTRY_VERIFY2(apply->isEnabled(), qPrintable(fixture.find<QLabel>("settingsNote")->text()));
        QTRY_VERIFY2(cell(preview, 0, column).startsWith(shown), qPrintable(cell(preview, 0, column)));
        QVERIFY(preview->model()->index(0, column).data(SettingsPreviewModel::ChangedRole).toBool());
        if (!query.isEmpty()) fixture.search(query);
        QTRY_COMPARE(found(), none);
        QTest::mouseClick(apply, Qt::LeftButton);
        QTRY_VERIFY2(fixture.find<QLabel>("settingsOutcome")
                         ->text()
                         .startsWith(QStringLiteral("30 events read again")),
                     qPrintable(fixture.find<QLabel>("settingsOutcome")->text()));
        QTRY_COMPARE(found(), some);
        QTRY_VERIFY(undo->isEnabled());
        QTest::mouseClick(undo, Qt::LeftButton);
        QTRY_COMPARE(found(), none);
        QTRY_COMPARE(cell(preview, 0, column), before);
    }

    void keyboardAlone()
    {
        WindowFixture fixture;
        QVERIFY(fixture.openAndWait({fixture.writeLines(QStringLiteral("app.log"), lines(5) << "{x")}));
        QVERIFY(openScreen(fixture));
        auto* const table = fixture.find<QTableView>("sourceTable");
        auto* const tabs = fixture.find<QTabWidget>("sourceTabs");
        QTRY_VERIFY(table->hasFocus());
        const std::pair<Qt::Key, int> digits[] = {{Qt::Key_2, 1}, {Qt::Key_3, 2}, {Qt::Key_1, 0}};
        for (const auto& [key, tab] : digits) {
            QTest::keyClick(table, key);
            QCOMPARE(tabs->currentIndex(), tab);
        }
        QTRY_VERIFY(fixture.find<QWidget>("sourceZone")->isEnabled());
        QStringList order;
        for (int i = 0; i < 13; ++i) {
            QTest::keyClick(QApplication::focusWidget(), Qt::Key_Tab);
            order << QApplication::focusWidget()->objectName();
        }
        QCOMPARE(order.mid(1).join(QLatin1Char(' ')),
                 QStringLiteral("sourceFormat sourceZone sourceOffset sourceInner role_timestamp "
                                "role_severity role_message role_service role_host settingsPreview "
                                "sourceFilter sourceTable"));
        // A key of the screen is typed where text is.
        auto* const zone = fixture.find<QLineEdit>("sourceZone");
        zone->setFocus();
        QTest::keyClicks(zone, QStringLiteral("+1"));
        QCOMPARE(zone->text(), QStringLiteral("+1"));
        QTest::keyClick(zone, Qt::Key_Escape);
        QTRY_VERIFY(!fixture.find<QWidget>("sourcesPage")->isVisible());
        QTest::keyClick(&fixture.window(), Qt::Key_F8);
        QTRY_VERIFY(table->isVisible());
        QTest::keyClick(&fixture.window(), Qt::Key_F8);
        QTRY_VERIFY(!table->isVisible());
    }

    void quarantine()
    {
        WindowFixture fixture;
        QVERIFY(fixture.openAndWait(
            {fixture.writeLines(QStringLiteral("app.log"), lines(3) << "{\"a\":<b>bold</b>"
                                                                    << "{x")}));
        QVERIFY(openScreen(fixture));
        fixture.find<QTabWidget>("sourceTabs")->setCurrentIndex(1);
        auto* const records = fixture.find<QTableView>("quarantineTable");
        QTRY_COMPARE(records->model()->rowCount(), 2);
        QCOMPARE(cell(records, 0, QuarantineModel::RecordColumn), QStringLiteral("4"));
        QVERIFY(!cell(records, 0, QuarantineModel::ReasonColumn).isEmpty());
        QTRY_COMPARE(fixture.find<QPlainTextEdit>("quarantineBytes")->toPlainText(),
                     QStringLiteral("{\"a\":<b>bold</b>"));
        picture(fixture, "quarantine");
    }

    void removeAndBringBack()
    {
        WindowFixture fixture;
        QVERIFY(fixture.openAndWait({fixture.writeLines(QStringLiteral("a.log"), lines(30)),
                                     fixture.writeLines(QStringLiteral("b.log"), lines(20) << "x")}));
        QVERIFY(openScreen(fixture));
        auto* const table = fixture.find<QTableView>("sourceTable");
        QTRY_COMPARE(table->model()->rowCount(), 2);
        fixture.find<QTabWidget>("sourceTabs")->setCurrentIndex(2);
        QVERIFY(fixture.find<QPlainTextEdit>("sourceAccount")
                    ->toPlainText()
                    .contains(QStringLiteral("30 events")));
        auto* const remove = fixture.find<QPushButton>("removeSource");
        remove->click();
        QVERIFY(waitForRow(table, QStringLiteral("removed"), SourceListModel::StateColumn));
        QTRY_COMPARE(remove->text(), QStringLiteral("&Bring back"));
        picture(fixture, "removed");
        QTRY_VERIFY(remove->isEnabled());
        remove->click();
        QVERIFY(waitForRow(table, QStringLiteral("ended"), SourceListModel::StateColumn));
    }

    void models()
    {
        SourceListModel sources;
        SettingsPreviewModel preview;
        QuarantineModel quarantine;
        const QAbstractItemModelTester a(&sources), b(&preview), c(&quarantine);
        std::vector<SourceView> views(3);
        for (std::size_t i = 0; i < views.size(); ++i) {
            views[i].record.id = SourceId{static_cast<std::uint32_t>(3 - i)};
            views[i].record.name = "n" + std::to_string(i);
        }
        views[0].life = SourceLife::Silent;
        views[0].silence = 200 * kSecondNs;
        views[0].usualGap = kSecondNs;
        sources.setSources({});
        sources.setSources(views);
        QCOMPARE(sources.rowOf(SourceId{3}), 2);
        QCOMPARE(sources.rowOf(SourceId{9}), -1);
        QVERIFY(sources.index(2, 0).data(SourceListModel::LateRole).toBool());
        QCOMPARE(sources.index(2, SourceListModel::StateColumn).data().toString(), QStringLiteral("silent"));
        QCOMPARE(sources.index(2, SourceListModel::LagColumn).data().toString(), QStringLiteral("3 min"));
        views.pop_back();
        sources.setSources(views);
        SettingsPreview some;
        some.rows.resize(2);
        some.rows[0].after.severity = 17;
        preview.setPreview(some);
        QVERIFY(preview.index(0, SettingsPreviewModel::SeverityColumn)
                    .data(SettingsPreviewModel::ChangedRole)
                    .toBool());
        preview.setPreview({});
        quarantine.setRecords(std::vector<QuarantineRecord>(2));
        quarantine.setRecords({});
    }
};

QTEST_MAIN(TestSources)
#include "tst_sources.moc"
