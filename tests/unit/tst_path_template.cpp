#include "models/ingest/path_template.h"

#include <QTest>

#include <algorithm>
#include <random>

using namespace faultline;

namespace {

QString shown(const std::vector<std::pair<std::string, std::string>>& fields)
{
    QString text;
    for (const auto& [field, value] : fields)
        text +=
            (text.isEmpty() ? QString() : QStringLiteral(" ")) + QString::fromStdString(field + "=" + value);
    return text;
}

} // namespace

class TestPathTemplate : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void matches_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("path");
        QTest::addColumn<QString>("fields");
        const auto row = [](const char* text, const char* path, const char* fields) {
            QTest::addRow("%s on %s", text, path)
                << QString::fromLatin1(text) << QString::fromLatin1(path) << QString::fromLatin1(fields);
        };
        row("{host}/var/log/{service}/...", "/data/web-1/var/log/nginx/access.log",
            "host=web-1 service=nginx");
        row("{host}/var/log/{service}/...", "/data/web-1/var/log/nginx/a/b/c.log",
            "host=web-1 service=nginx");
        row("{host}/var/log/{service}/...", "/var/log/nginx/access.log", "no");
        row("{host}/var/log/{service}/...", "/x/all.tar.gz!web-2/var/log/db/x.log", "host=web-2 service=db");
        row("/logs/{service}/{date}.log", "/logs/pay/2026-01-31.log", "service=pay date=2026-01-31");
        row("/logs/{service}/{date}.log", "/x/logs/pay/2026-01-31.log", "no");
        row("logs/{service}.log", "/x/y/logs/pay.log", "service=pay");
        row("{service}-{date}.log", "/x/pay-api-2026-01-31.log", "service=pay-api date=2026-01-31");
        row("{service}.log*", "/x/pay.log.1.gz", "service=pay");
        row("{service}/{}.log", "/x/pay/1.log", "service=pay");
        row("{service}.log", "/x/.log", "no");
        row(".../{service}/*.json", "/a/b/pay/x.json", "service=pay");
        row("a_{x}_{y}", "/a_1_2_3", "x=1 y=2_3");
        row("", "/var/log/pods/shop_pay-7f9c_0a1b2c3d-0000-1111-2222-333344445555/pay/0.log",
            "k8s.namespace.name=shop k8s.pod.name=pay-7f9c k8s.pod.uid=0a1b2c3d-0000-1111-2222-333344445555 "
            "k8s.container.name=pay k8s.container.restart_count=0 service=pay");
        row("", "/dump/node1/var/log/pods/shop_pay-7f9c_0a1b2c3d/pay/3.log.20260131-101010.gz",
            "host=node1 k8s.namespace.name=shop k8s.pod.name=pay-7f9c k8s.pod.uid=0a1b2c3d "
            "k8s.container.name=pay service=pay");
        row("",
            "/var/log/containers/pay-7f9c_shop_pay-api-"
            "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef.log",
            "k8s.pod.name=pay-7f9c k8s.namespace.name=shop k8s.container.name=pay-api "
            "container.id=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef service=pay-api");
        row("", "/var/log/pods/shop_checkout-7d9f8b6c5-x2x9z_0a1b2c3d/server/0.log",
            "k8s.namespace.name=shop k8s.pod.name=checkout-7d9f8b6c5-x2x9z k8s.pod.uid=0a1b2c3d "
            "k8s.container.name=server k8s.container.restart_count=0 service=checkout");
        row("", "/var/lib/docker/containers/0123456789abcdef/0123456789abcdef-json.log",
            "container.id=0123456789abcdef");
        row("", "/var/lib/docker/containers/not-an-id/x-json.log", "no");
        row("", "/home/me/app.log", "no");
    }
    void matches()
    {
        QFETCH(QString, text);
        QFETCH(QString, path);
        QFETCH(QString, fields);
        const auto got = pathFields(text.toStdString(), path.toStdString());
        QCOMPARE(got.empty() ? QStringLiteral("no") : shown(got), fields);
    }

    void faultsHaveAPlace_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<int>("offset");
        QTest::newRow("empty") << QString() << 0;
        QTest::newRow("not closed") << QStringLiteral("a/{host") << 2;
        QTest::newRow("not opened") << QStringLiteral("a/host}") << 6;
        QTest::newRow("name") << QStringLiteral("a/{ho st}") << 3;
        QTest::newRow("twice") << QStringLiteral("{a}/{a}") << 4;
        QTest::newRow("not parted") << QStringLiteral("{a}{b}") << 3;
        QTest::newRow("dots inside") << QStringLiteral("a/.../b") << 2;
        QTest::newRow("dots alone") << QStringLiteral("...") << 0;
    }
    void faultsHaveAPlace()
    {
        QFETCH(QString, text);
        QFETCH(int, offset);
        const auto parsed = PathTemplate::parse(text.toStdString());
        QVERIFY(!parsed && parsed.error().kind == ErrorKind::Usage && parsed.error().place);
        QCOMPARE(int(parsed.error().place->offset), offset);
    }

    void guesses_data()
    {
        QTest::addColumn<QStringList>("paths");
        QTest::addColumn<QString>("guess");
        const auto row = [](const char* name, QStringList paths, const char* guess) {
            QTest::newRow(name) << paths << QString::fromLatin1(guess);
        };
        row("hosts and services",
            {QStringLiteral("/c/web-1/var/log/nginx/access.log"),
             QStringLiteral("/c/web-2/var/log/nginx/access.log"),
             QStringLiteral("/c/db-1/var/log/postgres/x.log")},
            "{host}/var/log/{service}/...");
        row("one host", {QStringLiteral("/var/log/nginx/a.log"), QStringLiteral("/var/log/pay/b.log")},
            "var/log/{service}/...");
        row("flat", {QStringLiteral("/logs/a.log"), QStringLiteral("/logs/b.log")}, "");
        row("home", {QStringLiteral("/home/me/a.log")}, "");
        row("services", {QStringLiteral("/x/services/pay/a.log"), QStringLiteral("/x/services/cart/a.log")},
            "services/{service}/...");
        row("docker", {QStringLiteral("/var/lib/docker/containers/0123456789ab/0123456789ab-json.log")},
            "docker/containers/{container.id}/{}-json.log*");
    }
    void guesses()
    {
        QFETCH(QStringList, paths);
        QFETCH(QString, guess);
        std::vector<std::string> list;
        for (const QString& path : paths) list.push_back(path.toStdString());
        QCOMPARE(QString::fromStdString(guessPathTemplate(list)), guess);
        std::reverse(list.begin(), list.end());
        QCOMPARE(QString::fromStdString(guessPathTemplate(list)), guess);
        if (!guess.isEmpty()) QVERIFY(PathTemplate::parse(guess.toStdString()));
    }

    void hostileTemplatesAndPaths()
    {
        const std::string letters = "{}ab*./!_-";
        std::mt19937 random(42);
        for (int round = 0; round < 20'000; ++round) {
            std::string text, path;
            for (unsigned n = random() % 14; n > 0; --n) text.push_back(letters[random() % letters.size()]);
            for (unsigned n = random() % 20; n > 0; --n) path.push_back(letters[random() % letters.size()]);
            const auto parsed = PathTemplate::parse(text);
            if (!parsed) continue;
            const auto fields = parsed->match(path);
            if (!fields) continue;
            for (const auto& [field, value] : *fields)
                QVERIFY2(!value.empty() && path.find(value) != std::string::npos,
                         (text + " on " + path).c_str());
        }
        for (const std::string_view known : knownPathTemplates()) QVERIFY(PathTemplate::parse(known));
    }
};

QTEST_APPLESS_MAIN(TestPathTemplate)
#include "tst_path_template.moc"
