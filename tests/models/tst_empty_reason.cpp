#include "models/base/near_words.h"
#include "models/session/empty_reason.h"
#include "models/session/workspace.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace faultline;

/// What is said when a query matches nothing.
class TestEmptyReason : public QObject
{
    Q_OBJECT
private:
    static FilterPtr parsed(const char* query)
    {
        auto filter = parseFilter(query, 0);
        if (!filter) qFatal("the query %s of this test does not parse", query);
        return *filter;
    }
    static QString joined(const std::vector<UnknownName>& names)
    {
        QStringList lines;
        for (const UnknownName& name : names) lines.push_back(QString::fromStdString(sentence(name)));
        return lines.join(QStringLiteral(" | "));
    }
    QTemporaryDir m_folder;
    std::shared_ptr<Workspace> m_workspace;

private Q_SLOTS:
    void initTestCase()
    {
        QFile file(m_folder.filePath(QStringLiteral("a.log")));
        QVERIFY(file.open(QIODevice::WriteOnly));
        for (int i = 0; i < 60; ++i) {
            const char* const service = i % 3 == 0 ? "checkout" : i % 3 == 1 ? "cart" : "payment";
            file.write(QByteArray("{\"time\":\"2026-01-02T03:00:") + (i < 10 ? "0" : "") +
                       QByteArray::number(i) + "Z\",\"level\":\"" + (i % 10 == 0 ? "error" : "info") +
                       "\",\"service\":\"" + service +
                       "\",\"message\":\"done\",\"http\":{\"status_code\":200},\"items\":[{\"sku\":\"s" +
                       QByteArray::number(i) + "\"}]}\n");
        }
        file.close();
        Workspace::Options options;
        options.storePath = m_folder.filePath(QStringLiteral("s.faultline")).toStdString();
        options.write = options.create = true;
        options.threads = 1;
        auto workspace = Workspace::open(options);
        QVERIFY(workspace.ok());
        m_workspace = *workspace;
        IngestRequest request;
        request.paths = {file.fileName().toStdString()};
        const auto report = m_workspace->ingest(request, {}, {});
        QVERIFY(report.ok());
        QCOMPARE(report->total.stored.records, std::uint64_t{60});
    }

    void nearWordsAreNear_data()
    {
        QTest::addColumn<QString>("word");
        QTest::addColumn<QString>("near");
        QTest::addRow("a letter missing") << "servce"
                                          << "service";
        QTest::addRow("letters swapped") << "leevl"
                                         << "level";
        QTest::addRow("case") << "Service"
                              << "service";
        QTest::addRow("part of a dotted name") << "status_code"
                                               << "http.status_code";
        QTest::addRow("first part") << "user"
                                    << "user.id,user.name";
        QTest::addRow("too long a name") << "service.name"
                                         << "service";
        QTest::addRow("nothing like it") << "zebra"
                                         << "";
        QTest::addRow("empty") << ""
                               << "";
    }
    void nearWordsAreNear()
    {
        QFETCH(QString, word);
        QFETCH(QString, near);
        const std::vector<std::string> known{"http.status_code", "level",   "message",
                                             "service",          "user.id", "user.name"};
        QStringList found;
        for (const auto& name : nearWords(word.toStdString(), known, 3))
            found.push_back(QString::fromStdString(name));
        QCOMPARE(found.join(QLatin1Char(',')), near);
    }

    void unknownNamesAreNamed_data()
    {
        QTest::addColumn<QByteArray>("query");
        QTest::addColumn<QString>("said");
        QTest::addRow("nothing wrong") << QByteArray("service:checkout level:error done") << "";
        QTest::addRow("field") << QByteArray("servce:checkout")
                               << "no event has a field named servce; near: service";
        QTest::addRow("without a near one") << QByteArray("zebra>3") << "no event has a field named zebra";
        QTest::addRow("level") << QByteArray("level:erorr") << "no event has the level erorr; near: error";
        QTest::addRow("value") << QByteArray("service:chekout")
                               << "no event has the service chekout; near: checkout";
        QTest::addRow("under not, and twice")
            << QByteArray("-servce:a OR servce:b") << "no event has a field named servce; near: service";
        QTest::addRow("inside an array") << QByteArray("items.sku:s1") << "";
        QTest::addRow("row columns") << QByteArray("source:* timestamp:* severity:info") << "";
        QTest::addRow("two") << QByteArray("servce:a levl:b")
                             << "no event has a field named servce; near: service | "
                                "no event has a field named levl; near: level";
        QTest::addRow("words only") << QByteArray("servce") << "";
    }
    void unknownNamesAreNamed()
    {
        QFETCH(QByteArray, query);
        QFETCH(QString, said);
        const auto names = unknownNames(*m_workspace->engine(), parsed(query.constData()));
        QVERIFY2(names.ok(), names.ok() ? "" : names.error().line().c_str());
        QCOMPARE(joined(*names), said);
    }

    void remediesGiveEvents_data()
    {
        QTest::addColumn<QByteArray>("query");
        QTest::addColumn<bool>("outside");
        QTest::addColumn<QString>("said");
        QTest::addRow("a term hides everything")
            << QByteArray("service:checkout done absent_word") << false << "drop absent_word: 20";
        QTest::addRow("two terms, the smaller loss first")
            << QByteArray("service:cart service:checkout") << false
            << "drop service:cart: 20, drop service:checkout: 20";
        QTest::addRow("a slip") << QByteArray("servce:checkout level:error") << false
                                << "replace service:checkout: 2, drop servce:checkout: 6";
        QTest::addRow("a level") << QByteArray("level:erorr") << false << "replace level:error: 6";
        QTest::addRow("the range") << QByteArray("service:cart") << true << "all time: 20";
        QTest::addRow("nothing helps") << QByteArray("absent_word") << false << "";
        QTest::addRow("two words that are not there") << QByteArray("absent_word absent_too") << false << "";
    }
    void remediesGiveEvents()
    {
        QFETCH(QByteArray, query);
        QFETCH(bool, outside);
        QFETCH(QString, said);
        Selection selection{parsed(query.constData()), {}};
        if (outside) selection.range = {0, kSecondNs};
        const auto reason = whyEmpty(*m_workspace->engine(), selection, query.toStdString());
        QVERIFY2(reason.ok(), reason.ok() ? "" : reason.error().line().c_str());
        QStringList lines;
        for (const Remedy& remedy : reason->remedies) {
            const char* const kind = remedy.kind == Remedy::Kind::AllTime    ? "all time"
                                     : remedy.kind == Remedy::Kind::DropTerm ? "drop "
                                     : remedy.kind == Remedy::Kind::AsText   ? "text "
                                                                             : "replace ";
            lines.push_back(QLatin1String(kind) + QString::fromStdString(remedy.term) + QStringLiteral(": ") +
                            QString::number(remedy.events));
            const auto count = m_workspace->engine()->ask(CountQuestion{remedy.selection, {}});
            QVERIFY(count.ok());
            QCOMPARE(std::get<CountAnswer>(*count).count, remedy.events);
        }
        QCOMPARE(lines.join(QStringLiteral(", ")), said);
    }

    void stopsWhenAsked()
    {
        std::stop_source stop;
        stop.request_stop();
        const auto reason =
            whyEmpty(*m_workspace->engine(), {parsed("servce:a absent_word"), {}}, {}, stop.get_token());
        QVERIFY(!reason.ok());
        QCOMPARE(reason.error().kind, ErrorKind::Cancelled);
    }
};

QTEST_MAIN(TestEmptyReason)
#include "tst_empty_reason.moc"
