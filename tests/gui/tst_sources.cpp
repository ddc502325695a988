// The Sources screen: its states, settings with their preview, undoing, quarantine, removal.
#include "models/tables/source_list_model.h"
#include "tests/gui/window_fixture.h"
#include "views/sources/sources_page.h"

#include <QAbstractItemModelTester>
#include <QAction>
#include <QComboBox>
#include <QCompleter>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QTabWidget>
#include <QTableView>

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
        QVERIFY(apply->isEnabled());
        QVERIFY(!undo->isEnabled());
        QTest::keyClicks(fixture.find<QLineEdit>("role_timestamp"), QStringLiteral("sent"));
        QTest::keyClicks(fixture.find<QLineEdit>("role_message"), QStringLiteral("text"));
        QTest::keyClicks(fixture.find<QLineEdit>("sourceZone"), QStringLiteral("+02:00"));
        QTRY_COMPARE(cell(preview, 0, SettingsPreviewModel::TimeAfterColumn),
                     QStringLiteral("2026-02-02 01:00:00.000"));
        QCOMPARE(cell(preview, 0, SettingsPreviewModel::MessageColumn), QStringLiteral("m 0 → t 0"));
        QTRY_VERIFY(note->text().contains(QStringLiteral("20 would change")));
        picture(fixture, "settings");
        apply->click();
        QTRY_VERIFY(note->text().contains(QStringLiteral("As it is")) ||
                    note->text().contains(QStringLiteral("read again")));
        QTRY_VERIFY(undo->isEnabled());
        QTRY_COMPARE(cell(preview, 0, SettingsPreviewModel::TimeBeforeColumn),
                     QStringLiteral("2026-02-02 01:00:00.000"));
        undo->click();
        QTRY_COMPARE(cell(preview, 0, SettingsPreviewModel::TimeBeforeColumn),
                     QStringLiteral("2026-01-02 03:00:10.000"));
        QTRY_VERIFY(!undo->isEnabled());
        QTRY_VERIFY(fixture.find<QLineEdit>("role_message")->text().isEmpty());
        // What cannot be read is said, and not applied.
        QTest::keyClicks(fixture.find<QLineEdit>("sourceOffset"), QStringLiteral("soon"));
        QTRY_VERIFY(note->text().contains(QStringLiteral("soon")));
        picture(fixture, "fault");
        // The names of the fields are offered.
        auto* const role = fixture.find<QLineEdit>("role_severity");
        QTRY_VERIFY(role->completer()->model()->rowCount() >= 4);
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
        QVERIFY(fixture.find<QLabel>("sourceAccount")->text().contains(QStringLiteral("30 events")));
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
