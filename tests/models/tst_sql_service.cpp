#include "models/session/sql_service.h"
#include "models/tables/sql_result_model.h"
#include "tests/support/store_fixture.h"

#include <QAbstractItemModelTester>
#include <QFile>
#include <QSignalSpy>
#include <QTest>

using namespace faultline;
using namespace faultline::testing;

/// Statements on a thread of their own: parts, limits, files, stops.
class TestSqlService : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void answersInParts();
    void onlySoMuchIsGiven();
    void longValuesAreCut();
    void faultsHaveAPlace();
    void aStopIsFinal();
    void anotherRunTakesThePlace();
    void files();
    void filesThatCannotBeWritten();
    void theModel();

private:
    /// Runs it and waits for its end; the rows, NULL as "(null)".
    QStringList ask(const char* statement);
    StoreFolder m_folder;
    std::shared_ptr<Store> m_store;
    std::unique_ptr<SqlService> m_sql;
    SqlOutcome m_outcome;
    std::optional<Error> m_error;
    std::vector<std::string> m_columns;
    SqlService::Rows m_rows;
    int m_parts = 0;
};

void TestSqlService::initTestCase()
{
    auto store = Store::open(m_folder.file(), {});
    VERIFY_OK(store);
    m_store = std::move(*store);
    m_sql = std::make_unique<SqlService>(m_store, std::make_shared<SystemClock>());
    connect(m_sql.get(), &SqlService::columnsKnown, this,
            [this](const std::vector<std::string>& names) { m_columns = names; });
    connect(m_sql.get(), &SqlService::rowsCame, this, [this](const std::shared_ptr<SqlService::Rows>& rows) {
        ++m_parts;
        m_rows.insert(m_rows.end(), rows->begin(), rows->end());
    });
    connect(m_sql.get(), &SqlService::finished, this,
            [this](const SqlOutcome& outcome) { m_outcome = outcome; });
    connect(m_sql.get(), &SqlService::failed, this, [this](const Error& error) { m_error = error; });
}

QStringList TestSqlService::ask(const char* statement)
{
    m_rows.clear();
    m_columns.clear();
    m_error.reset();
    m_outcome = {};
    m_parts = 0;
    m_sql->run(statement);
    if (!QTest::qWaitFor([this] { return !m_sql->running(); }, 20'000)) return {QStringLiteral("no end")};
    QStringList lines;
    for (const auto& row : m_rows) {
        QStringList cells;
        for (const SqlCell& cell : row)
            cells.push_back(cell.null ? QStringLiteral("(null)") : QString::fromStdString(cell.text));
        lines.push_back(cells.join(QLatin1Char('|')));
    }
    return lines;
}

/// The numbers from 1 to n, without a table.
static std::string numbers(int n, const char* what = "n")
{
    return "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < " + std::to_string(n) +
           ") SELECT " + what + " FROM c";
}

void TestSqlService::answersInParts()
{
    QCOMPARE(ask("SELECT 1 AS one, 2.5 AS half, NULL AS nil, 'text' AS words"),
             QStringList{QStringLiteral("1|2.5|(null)|text")});
    QCOMPARE(m_columns, (std::vector<std::string>{"one", "half", "nil", "words"}));
    QVERIFY(m_rows[0][0].number && m_rows[0][1].number && !m_rows[0][3].number);
    QCOMPARE(m_outcome.rows, std::uint64_t{1});
    const QStringList many = ask(numbers(12'345).c_str());
    QCOMPARE(many.size(), 12'345);
    QCOMPARE(many.back(), QStringLiteral("12345"));
    QVERIFY2(m_parts > 2, "a long answer comes in parts");
    QCOMPARE(ask("SELECT * FROM events"), QStringList());
    QVERIFY(!m_error && !m_columns.empty());
}

void TestSqlService::onlySoMuchIsGiven()
{
    QCOMPARE(ask(numbers(150'000).c_str()).size(), static_cast<qsizetype>(SqlService::kMostRows));
    QVERIFY(m_outcome.more);
    QCOMPARE(m_outcome.rows, std::uint64_t{SqlService::kMostRows});
    QCOMPARE(ask(numbers(100'000).c_str()).size(), static_cast<qsizetype>(SqlService::kMostRows));
    QVERIFY2(!m_outcome.more, "all of it was given");
    // 64 MiB of text, from rows that are far fewer.
    const qsizetype wide = ask(numbers(5'000, "printf('%30000d', n)").c_str()).size();
    QVERIFY(m_outcome.more);
    QVERIFY2(wide > 2'000 && wide < 2'500, qPrintable(QString::number(wide)));
}

void TestSqlService::longValuesAreCut()
{
    ask("SELECT printf('%100000d', 7), 'short'");
    QCOMPARE(m_rows[0][0].text.size(), SqlService::kMostCell);
    QVERIFY(m_rows[0][0].cut && !m_rows[0][1].cut);
    QCOMPARE(m_outcome.cutCells, std::uint64_t{1});
}

void TestSqlService::faultsHaveAPlace()
{
    QCOMPARE(ask("SELECT *\nFROM evnts"), QStringList());
    QVERIFY(m_error);
    QVERIFY2(m_error->why.find("evnts") != std::string::npos, m_error->why.c_str());
    QCOMPARE(ask("DELETE FROM events"), QStringList());
    QVERIFY(m_error);
    QCOMPARE(ask("SELECT severty FROM events"), QStringList());
    QVERIFY(m_error && m_error->place);
    QCOMPARE(m_error->place->offset, std::size_t{7});
    QCOMPARE(m_error->place->length, std::size_t{7});
}

void TestSqlService::aStopIsFinal()
{
    QSignalSpy finished(m_sql.get(), &SqlService::finished), failed(m_sql.get(), &SqlService::failed);
    m_sql->run("SELECT count(*) FROM (" + numbers(2'000'000'000) + ")");
    QVERIFY(m_sql->running());
    QVERIFY(m_sql->cancel());
    QVERIFY(!m_sql->running() && !m_sql->cancel());
    // The next statement waits for the thread: the stop has reached the statement.
    QCOMPARE(ask("SELECT 5"), QStringList{QStringLiteral("5")});
    QCOMPARE(finished.size(), 1);
    QCOMPARE(failed.size(), 0);
}

void TestSqlService::anotherRunTakesThePlace()
{
    m_sql->run("SELECT count(*) FROM (" + numbers(2'000'000'000) + ")");
    QCOMPARE(ask("SELECT 'second'"), QStringList{QStringLiteral("second")});
}

void TestSqlService::files()
{
    const std::string statement = numbers(120'000, "n, NULL AS none, 'a,\"b' AS text, '=1+1' AS formula, n");
    const QString csv = QString::fromStdString(m_folder.file("answer.csv")),
                  lines = QString::fromStdString(m_folder.file("answer.ndjson"));
    for (const auto& [path, format] :
         {std::pair(csv, SqlService::FileFormat::Csv), std::pair(lines, SqlService::FileFormat::Ndjson)}) {
        m_outcome = {};
        m_error.reset();
        QSignalSpy progress(m_sql.get(), &SqlService::rowsWritten);
        m_sql->writeFile(statement, path.toStdString(), format);
        QTRY_VERIFY_WITH_TIMEOUT(!m_sql->running(), 20'000);
        QVERIFY2(!m_error, m_error ? m_error->line().c_str() : "");
        QCOMPARE(m_outcome.rows, std::uint64_t{120'000});
        QCOMPARE(QString::fromStdString(m_outcome.file), path);
        QVERIFY(progress.size() > 1);
        QVERIFY(!QFile::exists(path + QStringLiteral(".part")));
    }
    QFile file(csv);
    QVERIFY(file.open(QIODevice::ReadOnly));
    QCOMPARE(file.readLine(), QByteArray("n,none,text,formula,n\r\n"));
    QCOMPARE(file.readLine(), QByteArray("1,,\"a,\"\"b\",'=1+1,1\r\n"));
    QFile json(lines);
    QVERIFY(json.open(QIODevice::ReadOnly));
    QCOMPARE(json.readLine(),
             QByteArray("{\"n\":1,\"none\":null,\"text\":\"a,\\\"b\",\"formula\":\"=1+1\",\"n_2\":1}\n"));
}

void TestSqlService::filesThatCannotBeWritten()
{
    const QString path = QString::fromStdString(m_folder.file("kept.csv"));
    QFile before(path);
    QVERIFY(before.open(QIODevice::WriteOnly));
    before.write("before");
    before.close();
    const auto write = [&](const std::string& statement, const QString& to) {
        m_error.reset();
        m_sql->writeFile(statement, to.toStdString(), SqlService::FileFormat::Csv);
        return QTest::qWaitFor([this] { return !m_sql->running(); }, 20'000);
    };
    QVERIFY(write("SELECT nonsense", path));
    QVERIFY2(m_error && m_error->kind == ErrorKind::Usage, "the statement was at fault");
    QVERIFY(write("SELECT 1", QString::fromStdString(m_folder.file("no/such/folder.csv"))));
    QVERIFY(m_error && m_error->kind == ErrorKind::Store);
    if (QFile::exists(QStringLiteral("/dev/full"))) {
        // A full disk: the part lies where the name points to.
        QVERIFY(QFile::link(QStringLiteral("/dev/full"), path + QStringLiteral(".part")));
        QVERIFY(write(numbers(50'000), path));
        QVERIFY2(m_error && m_error->kind == ErrorKind::DiskFull,
                 m_error ? m_error->line().c_str() : "no error");
        QVERIFY(!m_error->hints.empty());
    }
    QVERIFY(!QFile::exists(path + QStringLiteral(".part")));
    QVERIFY(before.open(QIODevice::ReadOnly));
    QCOMPARE(before.readAll(), QByteArray("before"));
}

void TestSqlService::theModel()
{
    SqlResultModel model;
    const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    QVERIFY(model.cell({}) == nullptr);
    ask("SELECT 1 AS n, NULL AS nil UNION ALL SELECT 2, 'x'");
    model.begin(m_columns);
    model.add(m_rows);
    model.add({});
    QCOMPARE(model.rowCount(), 2);
    QCOMPARE(model.columnCount(), 2);
    QCOMPARE(model.index(0, 1).data().toString(), QStringLiteral("NULL"));
    QVERIFY(model.index(0, 1).data(SqlResultModel::NullRole).toBool());
    QCOMPARE(model.index(1, 1).data().toString(), QStringLiteral("x"));
    QVERIFY((model.index(0, 0).data(Qt::TextAlignmentRole).toInt() & Qt::AlignRight) != 0);
    QCOMPARE(model.headerData(1, Qt::Horizontal, Qt::DisplayRole).toString(), QStringLiteral("nil"));
    model.clear();
    QCOMPARE(model.rowCount(), 0);
}

QTEST_GUILESS_MAIN(TestSqlService)
#include "tst_sql_service.moc"
