// The outcome table of ingest: what becomes of each kind of record, in events, bytes, kinds and reasons, and
// that all bytes are accounted for, however the input is cut.
#include "tests/support/decoded_records.h"

#include <QtTest>

#include <string>
#include <vector>

using namespace faultline;
using namespace faultline::test;
using Kind = RecordOutcome::Kind;

namespace {

struct Expected
{
    Kind kind;
    std::uint64_t bytes;
    std::size_t events = 0;
    std::uint16_t flags = 0;  ///< of the first event
    std::string message = {}; ///< its field "message", where given
    std::string reason = {};  ///< part of it
    std::uint64_t cut = 0;
};
struct Row
{
    const char* name;
    std::string input;
    std::vector<Expected> records;
    const char* format = "json";
};

constexpr std::size_t kMiB = 1024 * 1024;

std::vector<Row> rows()
{
    std::vector<Row> all;
    all.push_back(
        {"one object a line", "{\"a\":1}\n{\"a\":2}\n", {{Kind::Events, 8, 1}, {Kind::Events, 8, 1}}});
    all.push_back(
        {"no end of line at the end", "{\"a\":1}\n{\"a\":2}", {{Kind::Events, 8, 1}, {Kind::Events, 7, 1}}});
    all.push_back({"CR LF", "{\"a\":1}\r\n{\"a\":2}\r\n", {{Kind::Events, 9, 1}, {Kind::Events, 9, 1}}});
    all.push_back({"an array of objects", "[{\"a\":1},{\"a\":2}]\n", {{Kind::Events, 18, 2, FlagFromArray}}});
    all.push_back(
        {"objects back to back", "{\"a\":1}{\"a\":2} {\"a\":3}\n", {{Kind::Events, 23, 3, FlagFromArray}}});
    all.push_back({"an array of other values", "[1,2,3]\n", {{Kind::Events, 8, 1, 0, "[1,2,3]"}}});
    all.push_back(
        {"an array of mixed values", "[{\"a\":1},2]\n", {{Kind::Events, 12, 1, 0, "[{\"a\":1},2]"}}});
    all.push_back({"an empty array", "[]\n", {{Kind::Events, 3, 1, 0, "[]"}}});
    all.push_back({"an empty object", "{}\n", {{Kind::Events, 3, 1}}});
    all.push_back({"a number", "17\n", {{Kind::Events, 3, 1, 0, "17"}}});
    all.push_back({"a string", "\"hello\"\n", {{Kind::Events, 8, 1, 0, "\"hello\""}}});
    all.push_back({"null", "null\n", {{Kind::Events, 5, 1, 0, "null"}}});
    all.push_back({"a lone surrogate", "{\"a\":\"\\ud800\"}\n", {{Kind::Events, 15, 1, FlagLenient}}});
    all.push_back({"a number that overflows", "{\"a\":1e999}\n", {{Kind::Events, 12, 1, FlagLenient}}});
    all.push_back(
        {"an object that does not parse",
         "{\"a\":}\n{\"a\":2}\n",
         {{Kind::Quarantined, 7, 0, 0, "", "byte 5: expected a value but found '}'"}, {Kind::Events, 8, 1}}});
    all.push_back({"an object that is cut",
                   "{\"a\":1\n",
                   {{Kind::Quarantined, 7, 0, 0, "", "byte 6: expected ',' or '}' but found the end"}}});
    all.push_back({"an array that does not parse", "[1,\n", {{Kind::Quarantined, 4, 0, 0, "", "byte 3"}}});
    all.push_back({"a raw tab in a string",
                   "{\"a\":\"x\ty\"}\n",
                   {{Kind::Quarantined, 12, 0, 0, "", "control byte 0x09 in a string"}}});
    all.push_back({"a bare NaN",
                   "{\"a\":NaN}\n",
                   {{Kind::Quarantined, 10, 0, 0, "", "byte 5: expected a value but found 'N'"}}});
    all.push_back({"text behind an object",
                   "{\"a\":1} x\n",
                   {{Kind::Quarantined, 10, 0, 0, "", "text after the end of the value"}}});
    all.push_back(
        {"a plain text line", "hello world\n", {{Kind::Events, 12, 1, FlagPlainText, "hello world"}}});
    all.push_back(
        {"a text line in a text source", "hello world\n", {{Kind::Events, 12, 1, 0, "hello world"}}, "text"});
    all.push_back(
        {"a stack trace",
         "{\"a\":1}\nException in thread\n\tat a.b.C(C.java:1)\nCaused by: x\n\t... 3 more\n{\"a\":2}\n",
         {{Kind::Events, 8, 1},
          {Kind::Events, 20, 1, FlagPlainText},
          {Kind::Joins, 20},
          {Kind::Joins, 13},
          {Kind::Joins, 12},
          {Kind::Events, 8, 1}}});
    all.push_back({"a Python traceback",
                   "{\"a\":1}\nTraceback (most recent call last):\n  File \"x.py\", line 1, in "
                   "f\nValueError: no\nafter\n",
                   {{Kind::Events, 8, 1},
                    {Kind::Joins, 35},
                    {Kind::Joins, 28},
                    {Kind::Joins, 15},
                    {Kind::Events, 6, 1, FlagPlainText}}});
    all.push_back({"indented text at the start",
                   "  at first\n{\"a\":1}\n",
                   {{Kind::Events, 11, 1, FlagPlainText}, {Kind::Events, 8, 1}}});
    all.push_back({"indented JSON is an event",
                   "{\"a\":1}\n  {\"a\":2}\n",
                   {{Kind::Events, 8, 1}, {Kind::Events, 10, 1}}});
    all.push_back({"indented brackets that do not parse",
                   "{\"a\":1}\n  {broken\n",
                   {{Kind::Events, 8, 1}, {Kind::Joins, 10}}});
    all.push_back({"blank lines",
                   "\n\n{\"a\":1}\n\n  \n{\"a\":2}\n\n",
                   {{Kind::Events, 10, 1},
                    {Kind::Skipped, 1},
                    {Kind::Skipped, 3},
                    {Kind::Events, 8, 1},
                    {Kind::Skipped, 1}}});
    all.push_back({"nothing but blank lines", "\n \n\n", {{Kind::Skipped, 4}}});
    all.push_back({"nothing", "", {}});
    all.push_back({"invalid UTF-8 in JSON", "{\"a\":\"\xff\"}\n", {{Kind::Events, 10, 1, FlagInvalidUtf8}}});
    all.push_back({"invalid UTF-8 in text",
                   "caf\xe9 open\n",
                   {{Kind::Events, 10, 1, FlagPlainText | FlagInvalidUtf8, "caf\xe9 open"}}});
    all.push_back(
        {"NUL in text", std::string("a\0b\n", 4), {{Kind::Events, 4, 1, FlagPlainText | FlagInvalidUtf8}}});
    all.push_back({"BOM",
                   "\xef\xbb\xbf{\"a\":1}\n{\"a\":2}\n",
                   {{Kind::Events, 11, 1, FlagLenient}, {Kind::Events, 8, 1}}});
    all.push_back({"a text line over 1 MiB",
                   std::string(kMiB + 5, 'x') + "\nshort\n",
                   {{Kind::Events, kMiB + 6, 1, FlagCut, "", "", 5}, {Kind::Events, 6, 1, FlagPlainText}}});
    all.push_back({"a JSON line over 1 MiB",
                   "{\"a\":1,\"b\":\"" + std::string(kMiB, 'x') + "\"}\n",
                   {{Kind::Events, kMiB + 15, 1, FlagCut, "", "", 14}}});
    all.push_back({"nested deeper than 64",
                   std::string(70, '[') + std::string(70, ']') + "\n",
                   {{Kind::Events, 141, 1, FlagLenient}}});
    all.push_back({"a log line that begins with a bracket",
                   "[2024-11-13 09:54:35.882] ERROR: no such user\n",
                   {{Kind::Events, 46, 1, FlagPlainText, "no such user"}}});
    all.push_back({"an envelope counts once",
                   "{\"Records\":[{\"eventName\":\"A\"},{\"eventName\":\"B\"}]}\n",
                   {{Kind::Events, 50, 2, FlagFromArray}}});
    // Documents of several lines.
    all.push_back({"pretty-printed objects",
                   "{\n \"a\": 1\n}\n{\n \"a\": 2\n}\n",
                   {{Kind::Events, 11, 1}, {Kind::Skipped, 1}, {Kind::Events, 11, 1}, {Kind::Skipped, 1}},
                   "json-document"});
    all.push_back({"one big array",
                   "\n[\n{\"a\":1},\n{\"a\":2}\n]\n",
                   {{Kind::Events, 21, 2, FlagFromArray}, {Kind::Skipped, 1}},
                   "json-document"});
    all.push_back({"a document that is cut",
                   "{\n \"a\": 1\n",
                   {{Kind::Quarantined, 10, 0, 0, "", "byte 10"}},
                   "json-document"});
    all.push_back({"a document that does not parse",
                   "{\n \"a\": x\n}\n{}\n",
                   {{Kind::Quarantined, 11, 0, 0, "", "byte 8: expected a value but found 'x'"},
                    {Kind::Skipped, 1},
                    {Kind::Events, 2, 1},
                    {Kind::Skipped, 1}},
                   "json-document"});
    all.push_back({"text between documents",
                   "{}\nhello\n{}\n",
                   {{Kind::Events, 2, 1},
                    {Kind::Skipped, 1},
                    {Kind::Events, 5, 1, FlagPlainText, "hello"},
                    {Kind::Skipped, 1},
                    {Kind::Events, 2, 1},
                    {Kind::Skipped, 1}},
                   "json-document"});
    // Container lines in parts.
    all.push_back({"a docker record in parts",
                   "{\"log\":\"one \",\"stream\":\"stdout\",\"time\":\"2026-01-01T00:00:00Z\"}\n"
                   "{\"log\":\"two\\n\",\"stream\":\"stdout\",\"time\":\"2026-01-01T00:00:01Z\"}\n"
                   "{\"log\":\"three\\n\",\"stream\":\"stdout\",\"time\":\"2026-01-01T00:00:02Z\"}\n",
                   {{Kind::Events, 63, 1, FlagJoined}, {Kind::Joins, 64}, {Kind::Events, 66, 1}},
                   "docker"});
    all.push_back(
        {"parts of two streams",
         "2026-01-01T00:00:00.000000001Z stdout P one \n2026-01-01T00:00:00.000000002Z stderr F other\n"
         "2026-01-01T00:00:00.000000003Z stdout F two\n",
         {{Kind::Events, 45, 1, FlagJoined, "one two"}, {Kind::Events, 46, 1, 0, "other"}, {Kind::Joins, 44}},
         "cri"});
    all.push_back({"an entry of journald's export",
                   "MESSAGE=hi\nPRIORITY=3\n\nMESSAGE=ho\n\n",
                   {{Kind::Events, 23, 1}, {Kind::Events, 12, 1}},
                   "journald-export"});
    all.push_back({"a binary value",
                   std::string("MESSAGE\n\x03\0\0\0\0\0\0\0a\nb\n\nnot a field\n\nA=1\n", 38),
                   {{Kind::Events, 21, 1},
                    {Kind::Quarantined, 13, 0, 0, "", "byte 0: expected KEY=value"},
                    {Kind::Events, 4, 1}},
                   "journald-export"});
    return all;
}

const char* nameOf(Kind kind)
{
    switch (kind) {
    case Kind::Events: return "events";
    case Kind::Joins: return "joins";
    case Kind::Quarantined: return "quarantined";
    case Kind::Skipped: return "skipped";
    }
    return "?";
}

} // namespace

class TestOutcomes : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void table_data()
    {
        QTest::addColumn<int>("row");
        const auto all = rows();
        for (std::size_t i = 0; i < all.size(); ++i) QTest::newRow(all[i].name) << static_cast<int>(i);
    }
    void table()
    {
        QFETCH(int, row);
        const Row expected = rows()[static_cast<std::size_t>(row)];
        const Collector whole = decode(expected.format, expected.input);
        std::string seen;
        for (const auto& record : whole.records)
            seen += std::string(nameOf(record.kind)) + " " + std::to_string(record.bytes) + " bytes, " +
                    std::to_string(record.events.size()) + " events " + record.reason + "\n";
        QVERIFY2(whole.records.size() == expected.records.size(), seen.c_str());
        std::uint64_t position = 0;
        for (std::size_t i = 0; i < whole.records.size(); ++i) {
            const Record& found = whole.records[i];
            const Expected& wanted = expected.records[i];
            const std::string where = "record " + std::to_string(i) + " of\n" + seen;
            QVERIFY2(found.kind == wanted.kind, where.c_str());
            QVERIFY2(found.bytes == wanted.bytes, where.c_str());
            QVERIFY2(found.position == position, where.c_str());
            QVERIFY2(found.events.size() == wanted.events, where.c_str());
            QVERIFY2(found.cutBytes == wanted.cut, where.c_str());
            QVERIFY2(found.reason.find(wanted.reason) != std::string::npos, (where + found.reason).c_str());
            QVERIFY2((found.kind == Kind::Quarantined) == !found.reason.empty(), where.c_str());
            position += found.bytes;
            if (found.events.empty()) continue;
            QVERIFY2(found.events[0].flags == wanted.flags,
                     (where + std::to_string(found.events[0].flags)).c_str());
            if (!wanted.message.empty())
                QVERIFY2(found.events[0].text("message") == wanted.message,
                         found.events[0].text("message").c_str());
            for (const auto& event : found.events) {
                const std::string fault = faultOf(event);
                QVERIFY2(fault.empty(), (where + fault).c_str());
            }
            if (found.events[0].flags & FlagFromArray) {
                std::string rebuilt;
                for (const auto& event : found.events)
                    rebuilt += event.glueBefore + event.document + event.glueAfter;
                QCOMPARE(QByteArray::fromStdString(rebuilt), QByteArray::fromStdString(found.document));
            }
        }
        QCOMPARE(position, static_cast<std::uint64_t>(expected.input.size()));
    }
    void anyCut_data() { table_data(); }
    void anyCut()
    {
        QFETCH(int, row);
        const Row expected = rows()[static_cast<std::size_t>(row)];
        const bool large = expected.input.size() > 10'000;
        const Collector whole = decode(expected.format, expected.input);
        // An array or a run of separators may be seen in parts; what the records hold may not differ.
        const auto essence = [](const Collector& collector) {
            std::vector<Record> records;
            for (const auto& record : collector.records) {
                if (record.kind == Kind::Skipped && !records.empty() && records.back().kind == Kind::Skipped)
                    records.back().bytes += record.bytes;
                else
                    records.push_back(record);
            }
            return records;
        };
        std::vector<Collector> cuts;
        cuts.push_back(decode(expected.format, expected.input, large ? 4096 : 1));
        for (std::uint64_t seed = 1; seed <= 20; ++seed)
            cuts.push_back(decode(expected.format, expected.input, large ? 100'000 : 13, seed));
        for (const auto& cut : cuts) {
            QCOMPARE(cut.bytes(), static_cast<std::uint64_t>(expected.input.size()));
            QVERIFY(essence(cut) == essence(whole));
        }
    }
};

QTEST_APPLESS_MAIN(TestOutcomes)
#include "tst_outcomes.moc"
