#include "models/tables/sql_result_model.h"
#include "tests/gui/window_fixture.h"
#include "views/sql/sql_console.h"
#include "views/sql/statement_edit.h"

#include <QAction>
#include <QClipboard>
#include <QGuiApplication>
#include <QMenu>
#include <QPushButton>
#include <QStyledItemDelegate>
#include <QTableView>
#include <QToolButton>

using namespace faultline;

/// The SQL console in the window: by keys and by names.
class TestSqlConsole : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void openedByItsKey();
    void aStatementByKeys();
    void theFaultIsMarked();
    void whatIsNoReading();
    void nothingMatches();
    void stoppedByEscape();
    void copied();
    void writtenToAFile();
    void statementsBefore();
    void examplesAnswer();
    void hostileValues();
    void caretOfALongLine();

private:
    void type(const QString& statement);
    QString status() { return m_window->find<QLabel>("sqlStatus")->text(); }
    QString fault()
    {
        auto* const label = m_window->find<QLabel>("sqlFault");
        return label->isVisible() ? label->text() : QString();
    }
    std::unique_ptr<WindowFixture> m_window;
    StatementEdit* m_statement = nullptr;
    QTableView* m_table = nullptr;
};

void TestSqlConsole::initTestCase()
{
    m_window = std::make_unique<WindowFixture>();
    m_window->window().show();
    QVERIFY(QTest::qWaitForWindowExposed(&m_window->window()));
    QVERIFY(m_window->openAndWait({m_window->writeLog(QStringLiteral("app.log"), 1'000)}));
}

void TestSqlConsole::type(const QString& statement)
{
    m_statement->setFocus();
    m_statement->selectAll();
    // Qt Test has no key for a line end in a text.
    const QStringList lines = statement.split(QLatin1Char('\n'));
    for (qsizetype i = 0; i < lines.size(); ++i) {
        if (i > 0) QTest::keyClick(m_statement, Qt::Key_Return);
        QTest::keyClicks(m_statement, lines[i]);
    }
    QTest::keyClick(m_statement, Qt::Key_Return, Qt::ControlModifier);
}

void TestSqlConsole::openedByItsKey()
{
    auto* const action = m_window->find<QAction>("sqlAction");
    QCOMPARE(action->shortcut(), QKeySequence(Qt::Key_F7));
    action->trigger();
    m_statement = m_window->find<StatementEdit>("sqlStatement");
    m_table = m_window->find<QTableView>("sqlTable");
    QVERIFY(m_statement->isVisible());
    QTRY_VERIFY(m_statement->hasFocus());
    QVERIFY(!m_window->find<QPushButton>("sqlFile")->isEnabled());
    QVERIFY(!m_window->find<QPushButton>("sqlStop")->isEnabled());
    // Back, and there again: the same console.
    QTest::keyClick(m_statement, Qt::Key_Escape);
    QTRY_VERIFY(!m_statement->isVisible());
    QVERIFY(m_window->find<QLineEdit>("searchInput")->isVisible());
    action->trigger();
    QVERIFY(m_statement->isVisible());
    QCOMPARE(m_window->window().findChildren<SqlConsole*>().size(), 1);
}

void TestSqlConsole::aStatementByKeys()
{
    type(QStringLiteral("SELECT severity, count(*) AS n FROM events GROUP BY severity ORDER BY n DESC"));
    QTRY_COMPARE(m_table->model()->rowCount(), 3);
    const auto text = [&](int row, int column) {
        return m_table->model()->index(row, column).data().toString();
    };
    QCOMPARE(text(0, 0) + text(0, 1), QStringLiteral("info900"));
    QCOMPARE(text(1, 0) + text(1, 1), QStringLiteral("warn80"));
    QCOMPARE(text(2, 0) + text(2, 1), QStringLiteral("error20"));
    QCOMPARE(m_table->model()->headerData(1, Qt::Horizontal).toString(), QStringLiteral("n"));
    QTRY_VERIFY2(status().startsWith(QStringLiteral("3 rows in ")), qPrintable(status()));
    QVERIFY(m_window->find<QPushButton>("sqlFile")->isEnabled());
    QVERIFY(fault().isEmpty());
}

void TestSqlConsole::theFaultIsMarked()
{
    type(QStringLiteral("SELECT severity,\n  severty FROM events"));
    QTRY_VERIFY(!fault().isEmpty());
    const QStringList lines = fault().split(QLatin1Char('\n'));
    QCOMPARE(lines.at(0), QStringLiteral("2:   severty FROM events"));
    QCOMPARE(lines.at(1), QStringLiteral("     ^^^^^^^"));
    QVERIFY2(lines.at(2).contains(QStringLiteral("no such column")), qPrintable(fault()));
    QVERIFY2(fault().contains(QStringLiteral("field(row, 'severty')")), "says what helps");
    QCOMPARE(m_statement->extraSelections().size(), 1);
    QCOMPARE(m_statement->extraSelections().front().cursor.selectedText(), QStringLiteral("severty"));
    QCOMPARE(m_table->model()->rowCount(), 0);
    QVERIFY2(!m_window->find<QPushButton>("sqlFile")->isEnabled(), "there is no answer to be written");
    // Typing takes the mark away.
    QTest::keyClicks(m_statement, QStringLiteral("x"));
    QVERIFY(m_statement->extraSelections().isEmpty());
}

void TestSqlConsole::whatIsNoReading()
{
    for (const char* const statement :
         {"DELETE FROM events", "ATTACH 'x' AS y", "PRAGMA user_version = 3", "SELECT 1; SELECT 2", "   "}) {
        type(QString::fromLatin1(statement));
        QTRY_VERIFY2(!fault().isEmpty(), statement);
        QTRY_COMPARE(status(), QStringLiteral("Nothing was answered"));
    }
}

void TestSqlConsole::nothingMatches()
{
    type(QStringLiteral("SELECT message FROM events WHERE service = 'none'"));
    QTRY_VERIFY2(status().startsWith(QStringLiteral("No rows, in ")), qPrintable(status()));
    QCOMPARE(m_table->model()->columnCount(), 1);
    QVERIFY(fault().isEmpty());
}

void TestSqlConsole::stoppedByEscape()
{
    type(
        QStringLiteral("WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 2000000000) "
                       "SELECT max(n) FROM c"));
    QCOMPARE(status(), QStringLiteral("Running…"));
    QVERIFY(m_window->find<QPushButton>("sqlStop")->isEnabled());
    QTest::keyClick(m_statement, Qt::Key_Escape);
    QCOMPARE(status(), QStringLiteral("Stopped"));
    QVERIFY2(m_statement->isVisible(), "the first Escape stops, the second one leaves");
    QCOMPARE(m_table->model()->rowCount(), 0);
    QVERIFY(!m_window->find<QPushButton>("sqlStop")->isEnabled());
}

void TestSqlConsole::copied()
{
    type(QStringLiteral("SELECT 1, 'two' UNION ALL SELECT 3, 'a' || char(10) || 'b'"));
    QTRY_COMPARE(m_table->model()->rowCount(), 2);
    m_table->setFocus();
    m_table->selectAll();
    QTest::keyClick(m_table, Qt::Key_C, Qt::ControlModifier);
    QCOMPARE(QGuiApplication::clipboard()->text(), QStringLiteral("1\ttwo\n3\ta b"));
    // One value goes as it is.
    m_table->selectionModel()->setCurrentIndex(m_table->model()->index(1, 1),
                                               QItemSelectionModel::ClearAndSelect);
    QTest::keyClick(m_table, Qt::Key_C, Qt::ControlModifier);
    QCOMPARE(QGuiApplication::clipboard()->text(), QStringLiteral("a\nb"));
}

void TestSqlConsole::writtenToAFile()
{
    const QString path = m_window->root().filePath(QStringLiteral("answer.csv"));
    m_window->setAnswerFile(path);
    type(QStringLiteral("SELECT service, count(*) FROM events GROUP BY service ORDER BY 1"));
    QTRY_COMPARE(m_table->model()->rowCount(), 2);
    QTRY_VERIFY(m_window->find<QPushButton>("sqlFile")->isEnabled());
    // What is typed meanwhile is not what was answered.
    QTest::keyClicks(m_statement, QStringLiteral(" nonsense"));
    QTest::mouseClick(m_window->find<QPushButton>("sqlFile"), Qt::LeftButton);
    QTRY_VERIFY2(status().contains(QStringLiteral("2 rows written to ")), qPrintable(status()));
    QFile file(path);
    QVERIFY(file.open(QIODevice::ReadOnly));
    QCOMPARE(file.readAll(), QByteArray("service,count(*)\r\ncart,900\r\npay,100\r\n"));
}

void TestSqlConsole::statementsBefore()
{
    type(QStringLiteral("SELECT 'first'"));
    QTRY_VERIFY(status().startsWith(QStringLiteral("1 row in ")));
    type(QStringLiteral("SELECT 'last'"));
    QTRY_VERIFY(status().startsWith(QStringLiteral("1 row in ")));
    m_statement->setPlainText(QStringLiteral("SELECT 'unfinished"));
    QTest::keyClick(m_statement, Qt::Key_Up, Qt::AltModifier);
    QCOMPARE(m_statement->toPlainText(), QStringLiteral("SELECT 'last'"));
    QTest::keyClick(m_statement, Qt::Key_Up, Qt::AltModifier);
    QCOMPARE(m_statement->toPlainText(), QStringLiteral("SELECT 'first'"));
    QTest::keyClick(m_statement, Qt::Key_Down, Qt::AltModifier);
    QTest::keyClick(m_statement, Qt::Key_Down, Qt::AltModifier);
    QCOMPARE(m_statement->toPlainText(), QStringLiteral("SELECT 'unfinished"));
}

void TestSqlConsole::examplesAnswer()
{
    const auto actions = m_window->find<QToolButton>("sqlExamples")->menu()->actions();
    QVERIFY(actions.size() >= 5);
    for (QAction* const action : actions) {
        action->trigger();
        QTRY_VERIFY2(status().contains(QStringLiteral(" in ")), qPrintable(action->text() + status()));
        QVERIFY2(fault().isEmpty(), qPrintable(action->text() + fault()));
    }
    auto* const help = m_window->find<QWidget>("sqlHelp");
    QVERIFY(!help->isVisible());
    m_window->find<QToolButton>("sqlHelpButton")->click();
    QVERIFY(help->isVisible());
    m_window->find<QToolButton>("sqlHelpButton")->click();
}

void TestSqlConsole::hostileValues()
{
    type(QStringLiteral("SELECT '<b>x</b>' || char(8238) || char(27) || '[31m' AS v"));
    QTRY_VERIFY(status().startsWith(QStringLiteral("1 row in ")));
    const QModelIndex index = m_table->model()->index(0, 0);
    QVERIFY(!m_table->model()->index(0, 0).data(Qt::ToolTipRole).toString().contains(QStringLiteral("<b>")));
    // What is painted has neither controls nor a change of direction.
    struct Option : QStyledItemDelegate
    {
        using QStyledItemDelegate::initStyleOption;
    };
    QStyleOptionViewItem option;
    (static_cast<const QStyledItemDelegate*>(m_table->itemDelegate())->*(&Option::initStyleOption))(&option,
                                                                                                    index);
    QVERIFY(option.text.startsWith(QStringLiteral("<b>x</b>")));
    QVERIFY(!option.text.contains(QChar(0x202e)) && !option.text.contains(QChar(27)));
}

void TestSqlConsole::caretOfALongLine()
{
    const QString statement = QStringLiteral("SELECT 1\nFROM ") + QString(300, QChar(0xe9)) +
                              QStringLiteral(" evnts, ") + QString(300, QLatin1Char('x'));
    const std::size_t place = statement.left(statement.indexOf(QStringLiteral("evnts"))).toUtf8().size();
    const QStringList lines = caretLines(statement, {place, 5}, 90).split(QLatin1Char('\n'));
    QCOMPARE(lines.size(), 2);
    QVERIFY2(lines[0].startsWith(QStringLiteral("2: …")) && lines[0].endsWith(QStringLiteral("…")),
             qPrintable(lines[0]));
    QVERIFY2(lines[0].size() < 100, qPrintable(lines[0]));
    const qsizetype at = lines[1].indexOf(QLatin1Char('^'));
    QCOMPARE(lines[0].mid(at, 5), QStringLiteral("evnts"));
    QCOMPARE(lines[1].mid(at), QStringLiteral("^^^^^"));
    // At the very end of the text.
    QCOMPARE(caretLines(QStringLiteral("SELECT"), {6, 1}), QStringLiteral("1: SELECT\n         ^"));
}

QTEST_MAIN(TestSqlConsole)
#include "tst_sql_console.moc"
