#include "models/records/severity.h"
#include "models/records/time_text.h"
#include "tests/support/segment_rows.h"
#include "tests/support/sql_rows.h"
#include "tests/support/store_fixture.h"

#include <QElapsedTimer>
#include <QFile>
#include <QTest>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <tuple>

using namespace faultline;
using namespace faultline::testing;
using faultline::test::Row;
using faultline::test::Rows;

namespace {

constexpr TimeNs kStart = 1'700'000'000 * kSecondNs;

} // namespace

class TestSqlTables : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void columnsOfEvents();
    void countsBySeverity();
    void fieldsHaveTheirTypes();
    void ordersOfTime();
    void deletedRowsAreGone();
    void boundsAgainstAScan();
    void quarantineAndSources();
    void percentiles();
    void timesAndPatterns();
    void regularExpressions();
    void whatIsRefused();
    void placesOfErrors();
    void bombsStopAtTheDeadline();
    void stopAndFewerRows();
    void strangeHandles();
    void overlappingSegments();

private:
    std::unique_ptr<SqlSession> session(std::shared_ptr<Store> store, std::chrono::milliseconds timeout = {});
    StoreFolder m_folder;
    std::shared_ptr<Store> m_store;
    std::vector<Row> m_rows; ///< not deleted, in order of (time, source, ordinal)
    std::unique_ptr<SqlSession> m_sql;
};

std::unique_ptr<SqlSession> TestSqlTables::session(std::shared_ptr<Store> store,
                                                   std::chrono::milliseconds timeout)
{
    SqlSession::Options options;
    options.timeout = timeout;
    options.regexp = [](std::string_view expression) -> Result<SqlSession::TextTest> {
        if (expression == "(") return makeError(ErrorKind::Usage, "read the expression", "a ) is missing");
        return SqlSession::TextTest(
            [part = std::string(expression)](std::string_view text) { return text.find(part) != text.npos; });
    };
    auto made = SqlSession::open(std::move(store), std::move(options));
    return made ? std::move(*made) : nullptr;
}

// Two sources; four segments of the random rows of other tests, which overlap in time, with equal times in
// them.
void TestSqlTables::initTestCase()
{
    auto store = Store::open(m_folder.file(), {});
    VERIFY_OK(store);
    m_store = *store;
    for (const char* name : {"a.json", "b.json"}) VERIFY_OK(m_store->addSource(makeSource(name)));
    std::mt19937_64 random(7);
    for (int s = 0; s < 4; ++s) {
        SegmentBuilder builder;
        Rows rows(builder);
        for (Ordinal i = 0; i < 700; ++i) {
            const TimeNs time = kStart + (s * 400 + static_cast<TimeNs>(random() % 700)) * kSecondNs;
            m_rows.push_back(rows.add(random, time, 1'000 * static_cast<Ordinal>(s) + i));
        }
        CommitBatch batch;
        batch.segments.push_back(builder.seal());
        std::map<std::uint32_t, Ledger> deltas;
        for (std::size_t i = m_rows.size() - 700; i < m_rows.size(); ++i) {
            Ledger& delta = deltas[m_rows[i].source];
            delta.stored += {1, m_rows[i].document.size() + 1};
            delta.received = delta.stored;
            ++delta.events;
        }
        for (const auto& [source, delta] : deltas) {
            CommitBatch::SourceUpdate update;
            update.id = SourceId{source};
            update.delta = delta;
            update.arrival = kStart;
            if (s == 0 && source == 1) {
                for (std::uint64_t q = 0; q < 100; ++q) {
                    QuarantineRecord record;
                    record.source = update.id;
                    record.record = 10'000 + q;
                    record.position = q * 10;
                    record.bytes = std::string("{b\0d ", 5) + std::to_string(q);
                    record.length = record.bytes.size();
                    record.reason = q % 2 ? "it ends inside an object" : "a comma is missing";
                    record.arrival = kStart;
                    update.delta.quarantined += {1, record.length};
                    update.delta.received += {1, record.length};
                    batch.quarantine.push_back(std::move(record));
                }
            }
            batch.sources.push_back(std::move(update));
        }
        VERIFY_OK(m_store->commit(std::move(batch)));
    }
    std::sort(m_rows.begin(), m_rows.end(), [](const Row& a, const Row& b) {
        return std::tie(a.time, a.source, a.ordinal) < std::tie(b.time, b.source, b.ordinal);
    });
    m_sql = session(m_store);
    QVERIFY(m_sql);
}

void TestSqlTables::columnsOfEvents()
{
    Rowwise sink;
    VERIFY_OK(m_sql->run("SELECT * FROM events ORDER BY timestamp", sink));
    const std::vector<std::string> expected = {"timestamp", "timestamp_ns", "severity", "severity_number",
                                               "service",   "host",         "logger",   "message",
                                               "trace_id",  "span_id",      "pattern",  "source",
                                               "source_id", "ordinal",      "flags",    "document"};
    QVERIFY(sink.names == expected);
    Rowwise part;
    VERIFY_OK(m_sql->run(
        "SELECT timestamp, timestamp_ns, severity, severity_number, source, source_id, ordinal, flags, "
        "document FROM events ORDER BY timestamp_ns, source_id, ordinal",
        part));
    QCOMPARE(part.rows.size(), m_rows.size());
    for (std::size_t i = 0; i < m_rows.size(); ++i) {
        const Row& row = m_rows[i];
        const std::string wanted = formatRfc3339(row.time) + "|" + std::to_string(row.time) + "|" +
                                   std::string(severityName(row.severity)) + "|" +
                                   std::to_string(row.severity) + "|/logs/" + (row.source == 1 ? "a" : "b") +
                                   ".json|" + std::to_string(row.source) + "|" + std::to_string(row.ordinal) +
                                   "|" + std::to_string(row.flags) + "|" + row.document;
        QVERIFY2(part.rows[i] == wanted, (part.rows[i] + "\n" + wanted).c_str());
    }
    COMPARE_ROWS(*m_sql, "SELECT group_concat(name, ' ') FROM sqlite_schema",
                 "events quarantine sources settings");
}

void TestSqlTables::countsBySeverity()
{
    std::map<std::string, int> counts;
    for (const Row& row : m_rows) ++counts[std::string(severityName(row.severity))];
    std::string expected;
    for (const auto& [name, count] : counts)
        expected += (expected.empty() ? "" : "\n") + name + "|" + std::to_string(count);
    COMPARE_ROWS(*m_sql, "SELECT severity, count(*) FROM events GROUP BY severity ORDER BY 1", expected);
    COMPARE_ROWS(*m_sql, "SELECT count(*) FROM events", std::to_string(m_rows.size()));
    COMPARE_ROWS(*m_sql, "SELECT count(*) FROM events WHERE severity = 'error'",
                 std::to_string(counts["error"]));
    COMPARE_ROWS(*m_sql, "SELECT count(*) FROM events WHERE severity IN ('error', 'fatal')",
                 std::to_string(counts["error"] + counts["fatal"]));
}

void TestSqlTables::fieldsHaveTheirTypes()
{
    Rowwise sink;
    VERIFY_OK(m_sql->run("SELECT document, typeof(field(row, 'status')), typeof(field(row, 'took')), "
                         "typeof(field(row, 'ok')), typeof(field(row, 'trace')), typeof(field(row, 'none')), "
                         "typeof(field(row, 'ts')), typeof(field(row, 'nowhere')), field(row, 'status'), "
                         "field(row, 'trace'), field(row, 'ts') FROM events",
                         sink));
    std::size_t full = 0;
    for (const std::string& row : sink.rows) {
        const std::string document = row.substr(0, row.find('|'));
        const auto value = [&](const std::string& name, char until) {
            const auto at = document.find("\"" + name + "\":") + name.size() + 3;
            return document.substr(at, document.find(until, at) - at);
        };
        if (!document.starts_with("{\"ts\"")) {
            QVERIFY2(row.find("|null|null|null|null|null|null|null|NULL|NULL|NULL") != row.npos, row.c_str());
            continue;
        }
        ++full;
        std::string trace = value("trace", ',');
        trace = trace.substr(1, trace.size() - 2);
        const std::string wanted = document + "|integer|real|integer|text|null|integer|null|" +
                                   value("status", ',') + "|" + trace + "|" + value("ts", ',');
        QVERIFY2(row == wanted, (row + "\n" + wanted).c_str());
    }
    QVERIFY(full > 1'000);
    COMPARE_ROWS(*m_sql, "SELECT count(*) FROM events WHERE field(row, 'service') IS NOT service", "0");
    COMPARE_ROWS(
        *m_sql,
        "SELECT count(*) FROM events WHERE message IS NOT NULL AND message NOT LIKE 'order % took % ms%'",
        "0");
}

void TestSqlTables::ordersOfTime()
{
    for (const std::string direction : {"", " DESC"}) {
        Rowwise plan;
        VERIFY_OK(m_sql->run(
            "EXPLAIN QUERY PLAN SELECT ordinal FROM events ORDER BY timestamp_ns" + direction, plan));
        for (const std::string& line : plan.rows)
            QVERIFY2(line.find("TEMP B-TREE") == line.npos, line.c_str());
        Rowwise sink;
        VERIFY_OK(m_sql->run(
            "SELECT timestamp_ns, source_id, ordinal FROM events ORDER BY timestamp_ns" + direction, sink));
        QCOMPARE(sink.rows.size(), m_rows.size());
        for (std::size_t i = 0; i < m_rows.size(); ++i) {
            const Row& row = direction.empty() ? m_rows[i] : m_rows[m_rows.size() - 1 - i];
            const std::string wanted = std::to_string(row.time) + "|" + std::to_string(row.source) + "|" +
                                       std::to_string(row.ordinal);
            QVERIFY2(sink.rows[i] == wanted, (direction + " " + sink.rows[i] + " " + wanted).c_str());
        }
    }
    // An order that the scan does not have is sorted.
    COMPARE_ROWS(
        *m_sql,
        "SELECT max(ordinal) = (SELECT ordinal FROM events ORDER BY ordinal DESC LIMIT 1) FROM events", "1");
    COMPARE_ROWS(*m_sql,
                 "WITH o AS (SELECT timestamp_ns t, ordinal d, lag(timestamp_ns) OVER (ORDER BY "
                 "timestamp_ns, ordinal DESC) "
                 "p FROM events ORDER BY timestamp_ns, ordinal DESC) SELECT count(*) FROM o WHERE p > t",
                 "0");
}

void TestSqlTables::deletedRowsAreGone()
{
    const StoreFolder folder;
    auto store = Store::open(folder.file(), {});
    VERIFY_OK(store);
    auto source = (*store)->addSource(makeSource("app.json"));
    VERIFY_OK(source);
    VERIFY_OK((*store)->commit(makeBatch(*source, 0, 200, kStart)));
    auto sql = session(*store);
    QVERIFY(sql);
    COMPARE_ROWS(*sql, "SELECT count(*), min(ordinal) FROM events", "200|0");
    auto snapshot = (*store)->snapshot();
    VERIFY_OK(snapshot);
    std::vector<std::uint64_t> bits(4);
    bits[0] = 7;
    VERIFY_OK((*store)->deleteRows((*snapshot)->segments[0].info->id, bits));
    COMPARE_ROWS(*sql, "SELECT count(*), min(ordinal), min(field(row, 'n')) FROM events", "197|3|3");
    COMPARE_ROWS(*sql, "SELECT field(1, 'n') IS NULL, field(3, 'n') FROM (SELECT 1)", "1|3");
}

// What a scan passes over must be what SQLite would have thrown away: each condition as it is, and hidden
// from the scan by a unary plus.
void TestSqlTables::boundsAgainstAScan()
{
    std::mt19937_64 random(11);
    const auto pick = [&](std::initializer_list<const char*> of) {
        return std::string(*(of.begin() + random() % of.size()));
    };
    const auto literal = [&](const std::string& column) -> std::string {
        const TimeNs time = kStart + static_cast<TimeNs>(random() % 1'900) * kSecondNs +
                            static_cast<TimeNs>(random() % 3) - 1;
        if (column == "timestamp_ns") {
            switch (random() % 8) {
            case 0: return std::to_string(time) + ".5";
            case 1:
                return pick(
                    {"-9223372036854775808", "9223372036854775807", "1e300", "-1e300", "NULL", "x'00'"});
            case 2: return "'" + std::to_string(time) + "'";
            default: return std::to_string(time);
            }
        }
        if (column == "timestamp") {
            const std::string text = formatRfc3339(time);
            switch (random() % 6) {
            case 0: return pick({"''", "'2'", "'3'", "'1677'", "'2262-04-12'", "'~'", "NULL", "5", "x'32'"});
            case 1: return "'" + text.substr(0, random() % text.size()) + "'";
            default: return "'" + text + "'";
            }
        }
        if (column == "severity_number")
            return pick({"0", "9", "17", "24", "16.5", "25", "-1", "'17'", "NULL", "1e9"});
        if (column == "severity") return pick({"'error'", "'ERROR'", "'none'", "'warn'", "5", "NULL"});
        if (column == "service") return pick({"'svc-1'", "'svc-11'", "'svc-99'", "''", "NULL", "1"});
        if (column == "source") return pick({"'/logs/a.json'", "'/logs/b.json'", "'/logs/c.json'", "NULL"});
        return pick({"1", "2", "3", "-1", "4294967297", "'1'", "NULL"}); // source_id
    };
    int some = 0;
    for (int round = 0; round < 250; ++round) {
        std::string pushed, hidden;
        for (std::size_t i = 0, count = 1 + random() % 3; i < count; ++i) {
            const std::string column = pick({"timestamp_ns", "timestamp_ns", "timestamp", "severity_number",
                                             "severity", "service", "source", "source_id"});
            const std::string op = pick({"=", "<", "<=", ">", ">=", ">=", "<="});
            const std::string value = literal(column);
            const std::string between = i == 0 ? "" : random() % 4 == 0 ? " OR " : " AND ";
            // The plus hides the column from the scan and takes its affinity away: a cast gives that back.
            const bool number =
                column == "timestamp_ns" || column.starts_with("severity_") || column == "source_id";
            pushed += between + column + " " + op + " " + value;
            hidden +=
                between + "CAST(" + column + " AS " + (number ? "INTEGER" : "TEXT") + ") " + op + " " + value;
        }
        const std::string order =
            pick({"", " ORDER BY timestamp_ns LIMIT 9999", " ORDER BY timestamp DESC LIMIT 9999"});
        const std::string select =
            "SELECT count(*), total(ordinal), total(source_id), min(timestamp_ns) FROM (SELECT * FROM "
            "events WHERE ";
        const std::string expected = joined(ask(*m_sql, select + hidden + ")"));
        if (!expected.starts_with("0|")) ++some;
        QVERIFY2(!expected.starts_with("error"), expected.c_str());
        COMPARE_ROWS(*m_sql, select + pushed + order + ")", expected);
    }
    QVERIFY2(some > 60, "enough of the conditions hold for something");
}

void TestSqlTables::quarantineAndSources()
{
    COMPARE_ROWS(
        *m_sql,
        "SELECT count(*), min(record), max(record), count(DISTINCT reason), min(source) FROM quarantine",
        "100|10000|10099|2|/logs/a.json");
    COMPARE_ROWS(*m_sql,
                 "SELECT typeof(bytes), length(bytes), length, arrival FROM quarantine WHERE record = 10042",
                 "blob|7|7|2023-11-14T22:13:20.000000000Z");
    COMPARE_ROWS(*m_sql, "SELECT count(*) FROM quarantine WHERE length(bytes) = length", "100");
    COMPARE_ROWS(*m_sql, "SELECT count(*) FROM quarantine a JOIN quarantine b USING (record)", "100");
    std::map<std::uint32_t, int> counts;
    for (const Row& row : m_rows) ++counts[row.source];
    COMPARE_ROWS(
        *m_sql,
        "SELECT id, path, name, state, events, received_records = stored_records + quarantined_records + "
        "duplicate_records, quarantined_records FROM sources",
        "1|/logs/a.json|a.json|reading|" + std::to_string(counts[1]) +
            "|1|100\n2|/logs/b.json|b.json|reading|" + std::to_string(counts[2]) + "|1|0");
    VERIFY_OK(m_store->setSetting("view/b", "2"));
    VERIFY_OK(m_store->setSetting("view/a", "1"));
    COMPARE_ROWS(*m_sql, "SELECT key, value FROM settings", "view/a|1\nview/b|2");
    for (int i = 0; i < 130; ++i) VERIFY_OK(m_store->setSetting("x" + std::to_string(i), "y"));
    COMPARE_ROWS(*m_sql, "SELECT count(*), count(DISTINCT key) FROM settings", "132|132");
}

void TestSqlTables::percentiles()
{
    const std::string numbers =
        " FROM (WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 100) "
        "SELECT x FROM n)";
    COMPARE_ROWS(
        *m_sql,
        "SELECT percentile(x, 0), percentile(x, 50), percentile(x, 95), percentile(x, 100), median(x), "
        "percentile_cont(x, 0.25)" +
            numbers,
        "1|50.5|95.05|100|50.5|25.75");
    COMPARE_ROWS(
        *m_sql,
        "SELECT percentile(x, 50) FROM (SELECT 1 x UNION ALL SELECT '3' UNION ALL SELECT 'n/a' UNION "
        "ALL SELECT NULL)",
        "2");
    COMPARE_ROWS(*m_sql, "SELECT percentile(NULL, 50), median('x')", "NULL|NULL");
    for (const char* bad :
         {"SELECT percentile(1, 101)", "SELECT percentile(1, NULL)", "SELECT percentile_cont(1, 95)",
          "SELECT percentile(x, x) FROM (SELECT 1 x UNION ALL SELECT 2)"}) {
        const auto answer = ask(*m_sql, bad);
        QVERIFY2(!answer && answer.error().kind == ErrorKind::Usage, bad);
    }
    // Over a field, with groups, against a sort by hand.
    auto rows = ask(
        *m_sql, "SELECT field(row, 'status') FROM events WHERE field(row, 'status') IS NOT NULL ORDER BY 1");
    VERIFY_OK(rows);
    const double at = 0.9 * static_cast<double>(rows->size() - 1);
    const auto below = static_cast<std::size_t>(at);
    const double part = at - std::floor(at);
    const double expected = std::stod((*rows)[below]) * (1 - part) + std::stod((*rows)[below + 1]) * part;
    COMPARE_ROWS(*m_sql, "SELECT round(percentile(field(row, 'status'), 90), 6) FROM events",
                 QByteArray::number(std::round(expected * 1e6) / 1e6, 'g', 12).toStdString());
}

void TestSqlTables::timesAndPatterns()
{
    COMPARE_ROWS(*m_sql, "SELECT to_ns('2023-11-14T22:13:20Z'), to_time(1700000000000000000)",
                 "1700000000000000000|2023-11-14T22:13:20.000000000Z");
    COMPARE_ROWS(
        *m_sql,
        "SELECT time_bucket('5m', 1700000000000000000), time_bucket('1m', -1), "
        "time_bucket('1w', -9223372036854775808)",
        "2023-11-14T22:10:00.000000000Z|1969-12-31T23:59:00.000000000Z|1677-09-21T00:12:43.145224192Z");
    COMPARE_ROWS(
        *m_sql,
        "SELECT sum(n) FROM (SELECT time_bucket('1m', timestamp_ns) b, count(*) n FROM events GROUP BY b)",
        std::to_string(m_rows.size()));
    COMPARE_ROWS(*m_sql, "SELECT to_ns('now') = to_ns('now'), to_ns('now') - to_ns('now-1h')",
                 "1|3600000000000");
    COMPARE_ROWS(*m_sql,
                 "SELECT count(DISTINCT pattern), count(DISTINCT pattern_of(message)), max(length(pattern)), "
                 "sum((pattern IS NULL) <> (message IS NULL)) FROM events",
                 "1|1|16|0");
    QVERIFY(!ask(*m_sql, "SELECT to_ns('yesterday-ish')"));
    QVERIFY(!ask(*m_sql, "SELECT time_bucket('soon', 5)"));
}

void TestSqlTables::regularExpressions()
{
    int withSeven = 0;
    for (const Row& row : m_rows) withSeven += row.document.find("7") != std::string::npos;
    COMPARE_ROWS(*m_sql, "SELECT count(*) FROM events WHERE document REGEXP '7'", std::to_string(withSeven));
    COMPARE_ROWS(
        *m_sql,
        "SELECT count(*) FROM events WHERE document REGEXP ordinal % 2", // compiled again for each row
        joined(ask(*m_sql, "SELECT count(*) FROM events WHERE instr(document, ordinal % 2) > 0")));
    const auto bad = ask(*m_sql, "SELECT 'x' REGEXP '('");
    QVERIFY(!bad);
    QCOMPARE(bad.error().why, std::string("a ) is missing"));
    COMPARE_ROWS(*m_sql, "SELECT NULL REGEXP 'x', 'x' REGEXP NULL", "NULL|NULL");
}

void TestSqlTables::whatIsRefused()
{
    const std::string out = m_folder.file("out.db");
    const std::vector<std::string> hostile = {
        "DELETE FROM events",
        "INSERT INTO settings VALUES('a', 'b')",
        "UPDATE sources SET path = 'x'",
        "DROP TABLE events",
        "CREATE TABLE t(x)",
        "CREATE TEMP TABLE t AS SELECT * FROM events",
        "CREATE VIEW v AS SELECT 1",
        "CREATE VIRTUAL TABLE f USING fts5(x)",
        "ATTACH '" + out + "' AS o",
        "ATTACH '" + m_store->path() + "' AS o",
        "DETACH main",
        "VACUUM INTO '" + out + "'",
        "PRAGMA query_only = 0",
        "PRAGMA writable_schema = 1",
        "PRAGMA temp_store_directory = '/'",
        "SELECT * FROM pragma_database_list",
        "SELECT load_extension('libm.so')",
        "SELECT writefile('" + out + "', 'x')",
        "SELECT readfile('/etc/passwd')",
        "BEGIN",
        "SAVEPOINT a",
        "REINDEX",
        "ANALYZE",
        "ALTER TABLE events RENAME TO x",
        "REPLACE INTO events(message) VALUES('x')",
        "SELECT 1; DELETE FROM events",
        "SELECT 1; SELECT 2",
        "SELECT ?",
        "SELECT :name FROM events",
        "",
        " ;; -- nothing\n/* at all",
        std::string("SELECT 1\0; DROP TABLE events", 28),
        std::string(2'000'000, ' ') + "SELECT 1",
        "SELECT " + std::string(5'000, '(') + "1" + std::string(5'000, ')'),
        "SELECT length(zeroblob(1000000000))",
    };
    for (const std::string& statement : hostile) {
        const auto answer = ask(*m_sql, statement);
        QVERIFY2(!answer, (statement.substr(0, 100) + ": " + joined(answer)).c_str());
        const ErrorKind kind = answer.error().kind;
        QVERIFY2(kind == ErrorKind::Usage || kind == ErrorKind::Limit,
                 (statement.substr(0, 100) + ": " + describe(answer.error())).c_str());
    }
    QVERIFY2(!QFile::exists(QString::fromStdString(out)), "no statement made a file");
    COMPARE_ROWS(*m_sql, "SELECT count(*) FROM events -- all of them ;\n ; /* end */",
                 std::to_string(m_rows.size()));
    COMPARE_ROWS(*m_sql, "SELECT count(*) > 10 FROM pragma_table_info('events')", "1");
}

void TestSqlTables::placesOfErrors()
{
    const std::string statement = "SELECT message FROM events WHERE duration_ms > 5";
    auto answer = ask(*m_sql, statement);
    QVERIFY(!answer);
    QVERIFY(answer.error().place.has_value());
    QCOMPARE(statement.substr(answer.error().place->offset, answer.error().place->length),
             std::string("duration_ms"));
    QVERIFY2(!answer.error().hints.empty() &&
                 answer.error().hints[0].find("field(row, 'duration_ms')") != std::string::npos,
             "says how a field is read");
    answer = ask(*m_sql, "SELECT 1; SELECT 2");
    QVERIFY(!answer && answer.error().place);
    QCOMPARE(answer.error().place->offset, std::size_t{10});
    answer = ask(*m_sql, "SELECT * FROM logs");
    QVERIFY(!answer && !answer.error().hints.empty());
}

void TestSqlTables::bombsStopAtTheDeadline()
{
    auto sql = session(m_store, std::chrono::milliseconds(150));
    QVERIFY(sql);
    for (const char* bomb :
         {"WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n",
          "SELECT count(*) FROM events a, events b, events c WHERE a.ordinal + b.ordinal = -c.ordinal",
          "SELECT count(*) FROM events a, events b WHERE b.severity_number = 25 AND a.flags = 99 AND "
          "b.message = a.message || 'x'"}) {
        QElapsedTimer timer;
        timer.start();
        const auto answer = ask(*sql, bomb);
        // The last one may be quick enough: its answer is empty.
        if (answer) continue;
        QVERIFY2(answer.error().kind == ErrorKind::Deadline, describe(answer.error()).c_str());
        QVERIFY2(timer.elapsed() < 20'000, bomb);
    }
    const auto first =
        ask(*sql, "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n");
    QVERIFY2(!first && first.error().kind == ErrorKind::Deadline, "endless recursion ends");
    COMPARE_ROWS(*sql, "SELECT 1", "1");
}

void TestSqlTables::stopAndFewerRows()
{
    std::stop_source source;
    source.request_stop();
    Rowwise sink;
    const auto done = m_sql->run("SELECT * FROM events", sink, source.get_token());
    QVERIFY(!done);
    QCOMPARE(done.error().kind, ErrorKind::Cancelled);
    Rowwise three;
    three.most = 3;
    VERIFY_OK(m_sql->run("SELECT ordinal FROM events", three));
    QCOMPARE(three.rows.size(), std::size_t{3});
}

void TestSqlTables::strangeHandles()
{
    COMPARE_ROWS(*m_sql,
                 "SELECT field(-1, 'n'), field(9223372036854775807, 'n'), field(-9223372036854775808, 'n'), "
                 "field(65535, 'n'), field(NULL, 'n'), field(0, NULL), field(0, '_time'), field(0, '')",
                 "NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL");
    const auto text = ask(*m_sql, "SELECT field('message', 'n') FROM events");
    QVERIFY(!text && text.error().kind == ErrorKind::Usage);
}

// More segments over one time than may be open: then SQLite sorts.
void TestSqlTables::overlappingSegments()
{
    const StoreFolder folder;
    auto store = Store::open(folder.file(), {});
    VERIFY_OK(store);
    for (int s = 0; s < 20; ++s) {
        auto source = (*store)->addSource(makeSource("s" + std::to_string(s)));
        VERIFY_OK(source);
        VERIFY_OK((*store)->commit(makeBatch(*source, 0, 30, kStart + s)));
    }
    auto sql = session(*store);
    QVERIFY(sql);
    for (const std::string direction : {"", " DESC"}) {
        const auto rows = ask(*sql, "SELECT timestamp_ns FROM events ORDER BY timestamp_ns" + direction);
        VERIFY_OK(rows);
        QCOMPARE(rows->size(), std::size_t{600});
        std::vector<std::string> sorted = *rows; // of one length
        std::sort(sorted.begin(), sorted.end());
        if (!direction.empty()) std::reverse(sorted.begin(), sorted.end());
        QVERIFY(*rows == sorted);
    }
    COMPARE_ROWS(*sql, "SELECT count(*) FROM events WHERE source = '/logs/s7'", "30");
    COMPARE_ROWS(*sql, "SELECT count(*) FROM events a JOIN events b ON a.timestamp_ns = b.timestamp_ns + 1",
                 "570");
}

QTEST_APPLESS_MAIN(TestSqlTables)
#include "tst_sql_tables.moc"
