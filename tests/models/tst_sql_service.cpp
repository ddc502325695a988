#include "models/session/sql_service.h"
#include "models/tables/sql_result_model.h"
#include "tests/support/store_fixture.h"

#include <QAbstractItemModelTester>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QSignalSpy>
#include <QTest>

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>

using namespace faultline;
using namespace faultline::testing;

/// No file of this process grows beyond that: a write fails there as on a full disk.
class NoLargeFiles
{
public:
    explicit NoLargeFiles(rlim_t most)
    {
        m_handler = std::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &m_before);
        const rlimit limit{most, m_before.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    ~NoLargeFiles()
    {
        ::setrlimit(RLIMIT_FSIZE, &m_before);
        std::signal(SIGXFSZ, m_handler);
    }

private:
    rlimit m_before = {};
    void (*m_handler)(int) = nullptr;
};

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
    void filesOfOthersStay();
    void theModel();

private:
    /// What is left of files that were not finished.
    QStringList besides() const
    {
        const QFileInfo folder(QString::fromStdString(m_folder.file("any")));
        return folder.dir().entryList({QStringLiteral(".faultline*")}, QDir::Files | QDir::Hidden);
    }
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
    {
        // As on a full disk, a write in the middle fails.
        const NoLargeFiles limit(64 * 1024);
        QVERIFY(write(numbers(50'000), path));
        QVERIFY2(m_error && m_error->kind == ErrorKind::DiskFull,
                 m_error ? m_error->line().c_str() : "no error");
        QVERIFY(!m_error->hints.empty());
        // And one that only the end of the file shows.
        QVERIFY(write(numbers(11'050), path));
        QVERIFY(m_error && m_error->kind == ErrorKind::DiskFull);
    }
    QVERIFY(write("SELECT 1", QString::fromStdString(m_folder.file(""))));
    QVERIFY2(m_error && m_error->kind == ErrorKind::Store, "a folder was replaced");
    const std::string pipe = m_folder.file("pipe");
    QCOMPARE(::mkfifo(pipe.c_str(), 0600), 0);
    QVERIFY(write("SELECT 1", QString::fromStdString(pipe)));
    QVERIFY2(m_error && m_error->kind == ErrorKind::Store, "what is no file was replaced");
    QCOMPARE(besides(), QStringList());
    QVERIFY(before.open(QIODevice::ReadOnly));
    QCOMPARE(before.readAll(), QByteArray("before"));
}

void TestSqlService::filesOfOthersStay()
{
    const auto put = [&](const char* name, const char* text) {
        QFile file(QString::fromStdString(m_folder.file(name)));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(text);
    };
    const auto read = [&](const char* name) {
        QFile file(QString::fromStdString(m_folder.file(name)));
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray("not there");
    };
    const auto write = [&](const char* name) {
        m_error.reset();
        m_sql->writeFile("SELECT 7 AS n", m_folder.file(name), SqlService::FileFormat::Csv);
        return QTest::qWaitFor([this] { return !m_sql->running(); }, 20'000) && !m_error;
    };
    const auto rights = [&](const char* name) {
        struct stat about = {};
        return ::stat(m_folder.file(name).c_str(), &about) == 0 ? about.st_mode & 0777 : 0u;
    };
    const mode_t mask = ::umask(027);
    // What is beside the answer, and what a link beside it points to.
    put("mine.csv.part", "part");
    put("precious", "precious");
    QVERIFY(QFile::link(QString::fromStdString(m_folder.file("precious")),
                        QString::fromStdString(m_folder.file("linked.csv.part"))));
    QVERIFY(write("mine.csv") && write("linked.csv"));
    QCOMPARE(read("mine.csv"), QByteArray("n\r\n7\r\n"));
    QCOMPARE(read("mine.csv.part"), QByteArray("part"));
    QCOMPARE(read("precious"), QByteArray("precious"));
    QCOMPARE(rights("mine.csv"), 0640u);
    // A file that was private stays so; a link leads to the answer.
    put("private.csv", "before");
    QCOMPARE(::chmod(m_folder.file("private.csv").c_str(), 0600), 0);
    QVERIFY(QFile::link(QString::fromStdString(m_folder.file("private.csv")),
                        QString::fromStdString(m_folder.file("link.csv"))));
    QVERIFY(write("link.csv"));
    QCOMPARE(read("private.csv"), QByteArray("n\r\n7\r\n"));
    QCOMPARE(rights("private.csv"), 0600u);
    QVERIFY(QFileInfo(QString::fromStdString(m_folder.file("link.csv"))).isSymLink());
    // A name that a run before has left there.
    const std::string left = ".faultline-" + std::to_string(::getpid()) + "-1.part";
    put(left.c_str(), "left");
    QVERIFY(write("mine.csv"));
    QCOMPARE(read(left.c_str()), QByteArray("left"));
    QVERIFY(QFile::remove(QString::fromStdString(m_folder.file(left.c_str()))));
    ::umask(mask);
    QCOMPARE(besides(), QStringList());
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
