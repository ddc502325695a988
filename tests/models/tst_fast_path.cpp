// The fast path of JSON lines gives the rows that the decoder gives, whatever is done to the lines.
#include "models/records/json_escapes.h"
#include "tests/support/data_files.h"
#include "tests/support/demo_lines.h"
#include "tests/support/ingest_lines.h"
#include "tests/support/ingest_rows.h"

#include <QTest>

#include <random>

using namespace faultline;
using namespace faultline::test;

class TestFastPath : public QObject
{
    Q_OBJECT

    std::shared_ptr<const Normaliser> m_normaliser = loadNormaliser();

    void compareFastAndSlow(const std::string& bytes, const std::string& what, const char* format = "json")
    {
        ParseHow how;
        how.format = format;
        how.constants = {{"service", "from-path"}, {"rack.name", "r1"}};
        compareFastAndSlow(bytes, what, how);
        how.clockOffset = -90'500'000'000;
        how.innerJson = "msg";
        how.overrides = {{"message", "path"}, {"host", "level"}};
        compareFastAndSlow(bytes, what + ", with settings", how);
    }
    void compareFastAndSlow(const std::string& bytes, const std::string& what, ParseHow how)
    {
        const ParsedSource fast = parseSource(bytes, how, m_normaliser);
        how.fastPath = false;
        const ParsedSource slow = parseSource(bytes, how, m_normaliser);
        QVERIFY2(!slow.rows.empty(), what.c_str());
        VERIFY_SAME(textsOf(fast.rows), textsOf(slow.rows), what);
        QVERIFY2(fast.ledger == slow.ledger && fast.last == slow.last, what.c_str());
        QCOMPARE(fast.quarantine.size(), slow.quarantine.size());
        const std::string lost = lostBytes(bytes, fast);
        QVERIFY2(lost.empty(), (what + ": " + lost).c_str());
    }

private Q_SLOTS:
    void fastPathEqualsSlowPath()
    {
        const std::string demo = demoLines(3'000);
        QVERIFY(demo.size() > 300'000);
        compareFastAndSlow(demo, "demo");
        std::mt19937_64 random(7);
        std::string odd;
        for (const std::string_view line : linesOf(demo))
            odd += random() % 3 == 0 ? mutated(std::string(line), random) : std::string(line);
        compareFastAndSlow(odd, "mutated demo");
        compareFastAndSlow(mixedLines(100'000, 3), "mixed lines");
    }

    void fastPathEqualsSlowPathInContainers()
    {
        std::mt19937_64 random(19);
        const std::string demo = demoLines(2'000);
        std::string cri, odd;
        std::size_t number = 0;
        for (const std::string_view json : linesOf(demo)) {
            ++number;
            const std::string time = "2026-01-01T00:00:" + std::to_string(10 + number % 50) + "." +
                                     std::to_string(100'000'000 + number) +
                                     (number % 9 == 0 ? "+01:00 " : "Z ");
            const std::string line = time + (random() % 5 == 0 ? "stderr " : "stdout ") +
                                     (random() % 40 == 0 ? "P " : "F ") +
                                     (random() % 10 == 0 ? std::string("plain text\n") : std::string(json));
            cri += line;
            odd += random() % 3 == 0 ? mutated(line, random) : line;
            if (random() % 50 == 0) odd += "Traceback (most recent call last):\n  File x\n12Error: no\n";
        }
        compareFastAndSlow(cri, "container lines", "cri");
        compareFastAndSlow(cri + odd, "container lines, mutated", "cri");
    }

    void fastPathEqualsSlowPathOnLoggers()
    {
        const auto files = dataFiles("json-logs/loggers");
        if (!files) QSKIP("shared data json-logs/loggers is not there");
        QVERIFY2(!files->empty(), "the folder is there, its files are not");
        std::mt19937_64 random(11);
        for (const std::string& file : *files) {
            const auto bytes = readDataFile(file);
            QVERIFY(bytes);
            std::string some, odd;
            std::size_t count = 0;
            for (const std::string_view line : linesOf(*bytes)) {
                if (++count > 2'000) break;
                some += line;
                odd += random() % 4 == 0 ? mutated(std::string(line), random) : std::string(line);
            }
            if (some.empty()) continue;
            if (some.back() != '\n') some += '\n';
            // Each line again, since the second one takes the fast path.
            compareFastAndSlow(some + some, file);
            compareFastAndSlow(some + odd, file + ", mutated");
        }
    }

    /// Go, PHP, Python, .NET ... escape more than JSON asks for. Their lines are columns all the same.
    void writersHabits()
    {
        static const char* const words[] = {"<nil>",       "a & b",      "https://x/y", "caf\u00e9",  "it's",
                                            "a=b",         "\U0001f600", "\u2028",      "say \"hi\"", "tab\t",
                                            "\x01\x1b[0m", "plain",      "C:\\x"};
        using E = JsonEscapes;
        const unsigned habits[] = {E::Html | E::Separators,
                                   E::Slash | E::Ascii,
                                   E::Ascii,
                                   E::Ascii | E::Html | E::Marks | E::Upper,
                                   E::Upper | E::Ascii,
                                   E::Slash,
                                   0};
        std::mt19937_64 random(23);
        std::string mixed;
        for (const unsigned habit : habits) {
            std::string bytes;
            for (int i = 0; i < 400; ++i) {
                std::string line = "{\"time\":\"2026-01-01T00:00:" + std::to_string(10 + i % 50) + "Z\"";
                for (const char* name : {"level", "msg", "url"}) {
                    std::string text = "v" + std::to_string(i);
                    for (auto n = random() % 4; n > 0; --n)
                        text += std::string(" ") + words[random() % std::size(words)];
                    line += std::string(",\"") + name + "\":\"";
                    appendJsonEscaped(text, E(habit), line);
                    line += '"';
                }
                line += "}\n";
                bytes += line;
                mixed += random() % 3 == 0 ? mutated(line, random) : line;
            }
            const std::string what = "habit " + std::to_string(habit);
            compareFastAndSlow(bytes, what);
            for (const StoredRow& row : parseSource(bytes, {}, m_normaliser).rows)
                QVERIFY2(row.text.find(" raw: ") == std::string::npos, (what + ": " + row.text).c_str());
        }
        compareFastAndSlow(mixed, "habits, mutated");
    }

    /// Values that the fast path has to work out as the normaliser does.
    void workedOutValues()
    {
        std::string bytes;
        for (int i = 0; i < 60; ++i) {
            const std::string n = std::to_string(i), two = std::to_string(10 + i % 50);
            bytes += "{\"instant\":{\"epochSecond\":17953598" + two + ",\"nanoOfSecond\":" + n +
                     "000000},\"level\":\"INFO\",\"message\":\"m" + n + "\"}\n";
            bytes += "{\"time\":\"Nov 22 15:04:" + two + "\",\"message\":\"no year " + n + "\"}\n";
            bytes += "{\"PodName\":\"cart-7d9f8b6c5-x2x" + std::to_string(2 + i % 7) +
                     "z\",\"Container\":\"server\",\"message\":\"a\",\"time\":17953598" + two + "}\n";
            bytes += "{\"pod\":\"redis-" + n + "\",\"container\":\"" + (i % 2 ? "app" : "sidecar") +
                     "\",\"message\":\"b\"}\n";
            bytes += "{\"pod\":\"redis-" + n + "\",\"message\":\"c\"}\n";
        }
        compareFastAndSlow(bytes, "worked out");
        ParseHow how;
        for (const StoredRow& row : parseSource(bytes, how, m_normaliser).rows)
            if (row.document.find("time") != std::string::npos ||
                row.document.find("instant") != std::string::npos)
                QVERIFY2((row.flags & FlagTimeMissing) == 0, row.text.c_str());
    }

    /// A clock that is off, whatever the times are written in: the field keeps the text.
    void mendedClocks()
    {
        std::string bytes;
        for (int i = 0; i < 60; ++i) {
            const std::string n = std::to_string(i), two = std::to_string(10 + i % 50);
            const std::string seconds = "17953598" + two, tail = ",\"message\":\"m" + n + "\"}\n";
            const std::string quoted[] = {"2026-11-22T15:04:" + two + "Z",
                                          "2026-11-22T15:04:" + two + "." + n + "+02:00",
                                          "2026-11-22 15:04:" + two + ",123",
                                          "2026\\/11\\/22 15:04:" + two,
                                          i % 2 ? "2026/11/22 15:04:" + two : "2026\\/11\\/22 15:04:" + two,
                                          "22/Nov/2026:15:04:" + two + " +0100",
                                          "Sun, 22 Nov 2026 15:04:" + two + " GMT",
                                          "Nov 22 15:04:" + two,
                                          "2262-04-11T23:47:" + two + "Z",
                                          "1677-09-21T00:12:" + two + "Z",
                                          seconds,
                                          seconds + "." + n,
                                          i % 3 ? "not a time" : "2026-11-22T15:04:" + two + "Z",
                                          " {\\\"a\\\":" + n + "}"};
            const std::string bare[] = {seconds,
                                        seconds + "123",
                                        seconds + "123456",
                                        seconds + "123456789",
                                        seconds + "." + n,
                                        seconds + "123." + n,
                                        "-" + seconds,
                                        i % 3 ? "9223372036854775807" : "9223372036854775808",
                                        i % 3 ? "null" : seconds,
                                        "0"};
            int kind = 0;
            for (const std::string& time : quoted)
                bytes += "{\"k" + std::to_string(kind++) + "\":1,\"time\":\"" + time + "\"" + tail;
            for (const std::string& time : bare)
                bytes += "{\"k" + std::to_string(kind++) + "\":1,\"time\":" + time + tail;
            bytes += "{\"time\":\"" + quoted[0] + "\",\"ts\":" + seconds + tail;
            bytes += "{\"instant\":{\"epochSecond\":" + seconds + ",\"nanoOfSecond\":" + n + "}" + tail;
        }
        ParseHow how;
        for (const std::int64_t offset :
             {std::int64_t{0}, kSecondNs, -90'500'000'000, 366 * 86'400 * kSecondNs}) {
            how.clockOffset = offset;
            compareFastAndSlow(bytes, "clock " + std::to_string(offset), how);
        }
        // Times are as without the offset, and the offset.
        how.clockOffset = 0;
        const auto before = parseSource(bytes, how, m_normaliser).rows;
        how.clockOffset = -kSecondNs;
        const auto after = parseSource(bytes, how, m_normaliser).rows;
        QCOMPARE(after.size(), before.size());
        std::size_t moved = 0;
        for (std::size_t i = 0; i < after.size(); ++i) {
            QCOMPARE(after[i].document, before[i].document);
            if (((before[i].flags | after[i].flags) & FlagTimeMissing) != 0) continue;
            QCOMPARE(before[i].time - after[i].time, kSecondNs);
            ++moved;
        }
        QVERIFY2(moved > after.size() / 2, std::to_string(moved).c_str());
    }

    /// A text that was plain so far may hold an object in the next line; and times that the path gives.
    void plainBeforeInner()
    {
        std::string bytes;
        for (int i = 0; i < 60; ++i) {
            const std::string n = std::to_string(i);
            const char* const inner[] = {"plain ", "{\\\"a\\\":", " {\\\"a\\\":", "\\n\\t{\\\"b\\\":", "[",
                                         " "};
            const std::string text = inner[i % 6] + n + (i % 6 > 0 && i % 6 < 4 ? "}" : "");
            bytes += "{\"message\":\"m\",\"payload\":\"" + text + "\"}\n";
            bytes += "{\"message\":\"" + text + "\"}\n";
            bytes += "{\"message\":\"m\",\"payload\":{\"c\":" + n + "}}\n";
        }
        ParseHow how;
        compareFastAndSlow(bytes, "no setting", how);
        how.innerJson = "payload";
        compareFastAndSlow(bytes, "inner payload", how);
        how.constants = {{"time", "2026-01-01T00:00:00Z"}, {"level", "warn"}};
        compareFastAndSlow(bytes, "a time of the path", how);
        how.clockOffset = kSecondNs;
        compareFastAndSlow(bytes, "a time of the path, mended", how);
    }
};

QTEST_GUILESS_MAIN(TestFastPath)
#include "tst_fast_path.moc"
