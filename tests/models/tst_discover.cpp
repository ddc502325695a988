#include "models/ingest/discover.h"
#include "models/ingest/glob.h"
#include "models/ingest/path_order.h"
#include "tests/support/packing.h"

#include <QTemporaryDir>
#include <QTest>

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>

using namespace faultline;
using namespace faultline::test;
namespace fs = std::filesystem;

class TestDiscover : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<QTemporaryDir> m_folder;
    fs::path m_root;

    void write(const std::string& name, const std::string& bytes = "{\"a\":1}\n")
    {
        fs::create_directories((m_root / name).parent_path());
        std::ofstream(m_root / name, std::ios::binary) << bytes;
    }
    static std::string content(const InputEntry& entry)
    {
        if (!entry.open) return "no open()";
        auto input = entry.open();
        if (!input) return "cannot open: " + input.error().line();
        std::string text;
        char buffer[1000];
        for (;;) {
            auto chunk = (*input)->read(buffer, sizeof buffer);
            if (!chunk) return text + "|" + chunk.error().why;
            text.append(buffer, chunk->bytes);
            if (chunk->eof) return text;
        }
    }
    /// "name" for what is read, "name: reason" for what is not, a line each.
    std::string listed(const std::vector<std::string>& paths)
    {
        auto entries = discoverInputs(paths);
        if (!entries) return entries.error().line();
        std::string text;
        for (const InputEntry& entry : *entries)
            text += entry.name + (entry.skipReason.empty() ? "" : ": " + entry.skipReason) + "\n";
        return text;
    }

private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_root = fs::path(m_folder->path().toStdString());
    }

    /// Tables and texts for people are left out of folders, by name and content together.
    void tablesAndProse()
    {
        const std::string prose = "# About\n\nThis software is provided by the copyright holders.\n";
        write("LICENSE", prose);
        write("README.md", prose);
        write("notes.md", prose);
        write("NOTICE.txt", prose);
        write("notice.log", "{\"ts\":1,\"note\":\"a log\"}\n");
        write("readme.log", "2026-01-01 00:00:00 INFO started\n2026-01-01 00:00:01 WARN slow\n");
        write("odd.md", "2026-01-01 00:00:00 INFO started\n2026-01-01 00:00:01 WARN slow\n");
        write("hello.txt", prose);
        write("m.csv", "time,pod,cpu\n2023-01-29 08:41:00,a,0.5\n2023-01-29 08:42:00,b,\"1,5\"\n");
        write("frame.csv", ",latency,169.254.170.2_remote\r\n0,1.5,1\r\n1,2,3\r\n");
        write("wide.tsv", "a\tb\n1\t2\n");
        write("postgres.csv", "2026-01-01 00:00:00.1 UTC,\"app\",12,\"LOG\",\"ready\"\n"
                              "2026-01-01 00:00:01.1 UTC,\"app\",12,\"LOG\",\"done\"\n");
        write("scrape.txt", "# HELP up Whether it is up\n# TYPE up gauge\nup{job=\"a\"} 1 1790000000000\n");
        write("comment.log", "# TYPE of this file: log\n2026-01-01 00:00:00 INFO started\n");
        write("commas.log", "a,b\n1,2\n");
        write("ragged.csv", "a,b\n1,2,3\n");
        QCOMPARE(
            QString::fromStdString(listed({m_root.string()})),
            QString::fromLatin1("LICENSE: a text for people, not a log; name it to read it all the same\n"
                                "NOTICE.txt: a text for people, not a log; name it to read it all the same\n"
                                "README.md: a text for people, not a log; name it to read it all the same\n"
                                "commas.log\n"
                                "comment.log\n"
                                "frame.csv: a CSV table; metrics are not read yet\n"
                                "hello.txt\n"
                                "m.csv: a CSV table; metrics are not read yet\n"
                                "notes.md: a text for people, not a log; name it to read it all the same\n"
                                "notice.log\n"
                                "odd.md\n"
                                "postgres.csv\n"
                                "ragged.csv\n"
                                "readme.log\n"
                                "scrape.txt: Prometheus metrics; metrics are not read yet\n"
                                "wide.tsv: a CSV table; metrics are not read yet\n"));
        QCOMPARE(listed({(m_root / "LICENSE").string()}), std::string("LICENSE\n"));
        QVERIFY(listed({(m_root / "m.csv").string()}).starts_with("m.csv: a CSV table"));
    }

    void ordersByPathAndSeriesOldestFirst()
    {
        const std::vector<std::string> expected = {"/v/access.log-20260130.gz",
                                                   "/v/access.log-20260131",
                                                   "/v/access.log",
                                                   "/v/app.log.2026-01-01.1.gz",
                                                   "/v/app.log.2026-01-01.2",
                                                   "/v/app-2026-01-30.log",
                                                   "/v/app-2026-01-31.log",
                                                   "/v/app.log.10.gz",
                                                   "/v/app.log.2.gz",
                                                   "/v/app.log.1",
                                                   "/v/app.log",
                                                   "/v/pod/2.log",
                                                   "/v/pod/10.log",
                                                   "/v/pod2/a.log"};
        std::vector<std::string> mixed = expected;
        std::mt19937 random(3);
        for (int round = 0; round < 50; ++round) {
            std::shuffle(mixed.begin(), mixed.end(), random);
            std::sort(mixed.begin(), mixed.end(), pathBefore);
            for (std::size_t i = 0; i < expected.size(); ++i)
                QCOMPARE(QString::fromStdString(mixed[i]), QString::fromStdString(expected[i]));
        }
    }

    void theOrderIsStrictAndTotal()
    {
        const std::string letters = "a1.0-/g2z";
        std::mt19937 random(11);
        std::vector<std::string> names;
        for (int i = 0; i < 60; ++i) {
            std::string name;
            for (unsigned n = 1 + random() % 6; n > 0; --n)
                name.push_back(letters[random() % letters.size()]);
            if (random() % 3 == 0) name += ".log." + std::to_string(random() % 12);
            if (random() % 4 == 0) name += "-20260131";
            names.push_back(name);
        }
        for (const auto& a : names)
            for (const auto& b : names) {
                if (a == b) continue;
                QVERIFY2(pathBefore(a, b) != pathBefore(b, a), (a + " " + b).c_str());
                for (const auto& c : names)
                    if (pathBefore(a, b) && pathBefore(b, c))
                        QVERIFY2(pathBefore(a, c), (a + " " + b + " " + c).c_str());
            }
    }

    void globsMatch_data()
    {
        QTest::addColumn<QString>("pattern");
        QTest::addColumn<QString>("name");
        QTest::addColumn<bool>("matches");
        const auto row = [](const char* pattern, const char* name, bool matches) {
            QTest::addRow("%s %s", pattern, name)
                << QString::fromLatin1(pattern) << QString::fromLatin1(name) << matches;
        };
        row("*.log", "a.log", true);
        row("*.log", ".log", false);
        row(".*", ".log", true);
        row("a*b*c", "aXbbYc", true);
        row("a*b*c", "aXbbY", false);
        row("?.log", "ab.log", false);
        row("[a-c]x", "bx", true);
        row("[!a-c]x", "bx", false);
        row("[]]", "]", true);
        row("[ab", "[ab", true);
        row("\\*", "*", true);
        row("\\*", "x", false);
        row("*", "", true);
        row("a*a*a*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false);
    }
    void globsMatch()
    {
        QFETCH(QString, pattern);
        QFETCH(QString, name);
        QFETCH(bool, matches);
        QCOMPARE(globMatch(pattern.toStdString(), name.toStdString()), matches);
    }

    void bracesExpand()
    {
        const auto joined = [](std::string_view pattern) {
            std::string text;
            for (const std::string& one : expandBraces(pattern)) text += (text.empty() ? "" : " ") + one;
            return QString::fromStdString(text);
        };
        QCOMPARE(joined("a{b,c{d,e}}f"), QStringLiteral("abf acdf acef"));
        QCOMPARE(joined("{a}"), QStringLiteral("{a}"));
        QCOMPARE(joined("{a,"), QStringLiteral("{a,"));
        QCOMPARE(joined("x{,y}"), QStringLiteral("x xy"));
        std::string hostile;
        for (int i = 0; i < 40; ++i) hostile += "{a,b}";
        QVERIFY(expandBraces(hostile).size() <= 1000);
    }

    void aFolderWithEverything()
    {
        write("app.log");
        write("app.log.1");
        write("app.log.2.gz", packed("{\"a\":2}\n", "gzip"));
        write(".hidden/x.log");
        write("sub/deep/y.json");
        write("empty.log", "");
        write("pic.log", "\x89PNG\r\n\x1a\n");
        write("app.log~");
        write(".git/config");
        write("zeros.img", std::string(20'000, '\0'));
        write("hole.log", std::string(20'000, '\0') + "{\"a\":1}\n");
        fs::create_symlink("nowhere", m_root / "dangling.log");
        fs::create_symlink("sub/deep/y.json", m_root / "again.json");
        fs::create_directory_symlink("..", m_root / "sub/loop");
        ::mkfifo((m_root / "fifo").c_str(), 0600);
        const std::string expected = "again.json: the same file as " + (m_root / "sub/deep/y.json").string() +
                                     "\n"
                                     "app.log.2.gz\napp.log.1\napp.log\n"
                                     "app.log~: a file of an editor\n"
                                     "dangling.log: the link points to nowhere, which does not exist\n"
                                     "empty.log: empty\nfifo: a pipe (name it, to read from it)\n"
                                     ".git: a folder of version control\n"
                                     "hole.log\npic.log: a PNG image\nzeros.img: nothing but zero bytes\n"
                                     ".hidden/x.log\nsub/deep/y.json\n";
        std::string got = listed({m_root.string()});
        // ".git" sorts by its first byte; the order of the rest is what matters here.
        const auto sorted = [](std::string text) {
            std::vector<std::string> parts;
            for (std::size_t at = 0, end = 0; (end = text.find('\n', at)) != std::string::npos; at = end + 1)
                parts.push_back(text.substr(at, end - at));
            std::sort(parts.begin(), parts.end());
            std::string all;
            for (const auto& part : parts) all += part + "\n";
            return QString::fromStdString(all);
        };
        QCOMPARE(sorted(got), sorted(expected));
        QVERIFY(got.find("app.log.2.gz\napp.log.1\napp.log\n") != std::string::npos);
        QCOMPARE(got, listed({m_root.string()}));
    }

    void whatCannotBeReadSaysWhy()
    {
        if (::geteuid() == 0) {
            // Root reads everything; what is left is what is not there.
            QCOMPARE(QString::fromStdString(listed({(m_root / "none").string()})),
                     QString::fromStdString((m_root / "none").string() + ": No such file or directory\n"));
        } else {
            write("closed.log");
            ::chmod((m_root / "closed.log").c_str(), 0);
            QCOMPARE(QString::fromStdString(listed({m_root.string()})),
                     QStringLiteral("closed.log: Permission denied\n"));
        }
        const std::string pattern = (m_root / "*.nothing").string();
        QCOMPARE(QString::fromStdString(listed({pattern})),
                 QString::fromStdString(pattern + ": nothing matches this pattern\n"));
        std::stop_source stop;
        stop.request_stop();
        QVERIFY(!discoverInputs({m_root.string()}, stop.get_token()));
    }

    void globsAndNames()
    {
        for (const char* name : {"a/x.log", "a/b/y.log", "a/b/z.txt", "c.log", "[odd].log"}) write(name);
        QCOMPARE(QString::fromStdString(listed({(m_root / "**/*.log").string()})),
                 QStringLiteral("[odd].log\nc.log\nx.log\ny.log\n"));
        QCOMPARE(QString::fromStdString(listed({(m_root / "a/{x.log,b/z.*}").string()})),
                 QStringLiteral("x.log\nz.txt\n"));
        QCOMPARE(QString::fromStdString(listed({(m_root / "[odd].log").string()})),
                 QStringLiteral("[odd].log\n"));
        // The same file named twice is read once; a file of an editor that is named is read.
        write("note~");
        QCOMPARE(QString::fromStdString(listed({(m_root / "c.log").string(), (m_root / "c.log").string(),
                                                (m_root / "note~").string()})),
                 QStringLiteral("c.log\nnote~\n"));
    }

    void archivesListTheirMembers_data()
    {
        QTest::addColumn<QString>("format");
        QTest::addColumn<QString>("filter");
        QTest::newRow("zip") << QStringLiteral("zip") << QStringLiteral("none");
        QTest::newRow("tar") << QStringLiteral("tar") << QStringLiteral("none");
        QTest::newRow("tar.gz") << QStringLiteral("tar") << QStringLiteral("gzip");
        QTest::newRow("tar.zst") << QStringLiteral("tar") << QStringLiteral("zstd");
        QTest::newRow("tar.xz") << QStringLiteral("tar") << QStringLiteral("xz");
    }
    void archivesListTheirMembers()
    {
        QFETCH(QString, format);
        QFETCH(QString, filter);
        std::string nested = archived({{"inner.log", "inner\n"}}, "zip");
        for (int level = 0; level < 4; ++level) nested = archived({{"n", nested}}, level % 2 ? "zip" : "tar");
        const std::string two =
            archived({{"i/one.log", "one\n"}, {"two.gz", packed("two\n", "gzip")}}, "tar", "gzip");
        write("x.bin", archived({{"b.log", "b\n"},
                                 {"pic.png", "\x89PNG\r\n\x1a\n"},
                                 {"two.tgz", two},
                                 {".git/config", "x"},
                                 {"a.log.gz", packed("a\n", "gzip")},
                                 {"deep", nested}},
                                format.toStdString(), filter.toStdString()));
        QCOMPARE(
            QString::fromStdString(listed({m_root.string()})),
            QStringLiteral(
                "x.bin!b.log\nx.bin!pic.png: a PNG image\nx.bin!two.tgz!i/one.log\nx.bin!two.tgz!two.gz\n"
                "x.bin!.git/config: a folder of version control\nx.bin!a.log.gz\n"
                "x.bin!deep!n!n!n: archives are nested more than 4 deep\n"));
        auto entries = discoverInputs({m_root.string()});
        QVERIFY(entries);
        const auto& list = *entries;
        for (int round = 0; round < 2; ++round) { // in order, then from the end
            const std::vector<std::pair<std::size_t, std::string>> wanted = {
                {0, "b\n"}, {2, "one\n"}, {3, "two\n"}, {5, "a\n"}};
            for (std::size_t i = 0; i < wanted.size(); ++i) {
                const auto& [index, text] = wanted[round ? wanted.size() - 1 - i : i];
                QCOMPARE(QString::fromStdString(content(list[index])), QString::fromStdString(text));
            }
        }
        auto first = list[0].open(), other = list[2].open(); // at the same time
        QVERIFY(first && other);
    }

    void encryptedAndBrokenArchives()
    {
        write("secret.zip", archived({{"s.log", "secret\n"}}, "zip", "none", "pass"));
        QCOMPARE(QString::fromStdString(listed({m_root.string()})),
                 QStringLiteral("secret.zip!s.log: encrypted; unpack it with its password first\n"));
        std::string text;
        for (int i = 0; i < 4000; ++i) text += "line " + std::to_string(i * 7919) + "\n";
        const std::string whole = archived({{"one.log", text}, {"two.log", text}}, "tar", "gzip");
        write("secret.zip", whole.substr(0, whole.size() * 3 / 4));
        auto entries = discoverInputs({m_root.string()});
        QVERIFY(entries);
        QCOMPARE(entries->size(), std::size_t(3)); // both members, and why there are no more
        QCOMPARE(content((*entries)[0]), text);
        const std::string second = content((*entries)[1]);
        QVERIFY2(second.find("cut short at compressed byte") != std::string::npos,
                 second.substr(0, 100).c_str());
        QVERIFY(text.starts_with(second.substr(0, second.find('|'))) && second.find('|') > 1000);
        QVERIFY((*entries)[2].unreadable);
    }
};

QTEST_APPLESS_MAIN(TestDiscover)
#include "tst_discover.moc"
