#include "models/base/worker_pool.h"
#include "models/query/local_engine.h"
#include "tests/support/answers.h"
#include "tests/support/search_world.h"

#include <QTest>

#include <random>

namespace faultline::test {

class TestSearchPages : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void pagesContinue_data();
    void pagesContinue();
    void rowsThatAreKnownStay_data();
    void rowsThatAreKnownStay();
    void pagesSkip();
    void rowsStream();
    void fieldsOfARow();
};

void TestSearchPages::pagesContinue_data()
{
    QTest::addColumn<bool>("up");
    QTest::addColumn<QString>("query");
    for (const bool up : {true, false}) {
        for (const char* query : {"", "message:*", "NOT service:checkout", "timeout", "user.id:*"}) {
            QTest::addRow("%s [%s]", up ? "up" : "down", query) << up << QString::fromUtf8(query);
        }
    }
}

void TestSearchPages::pagesContinue()
{
    QFETCH(bool, up);
    QFETCH(QString, query);
    World world(11, 700, 60);
    LocalEngine engine(world.store, std::make_shared<WorkerPool>(1));
    PageQuestion question;
    question.selection.filter = *parseFilter(query.toStdString(), 0);
    question.order = up ? Order::Ascending : Order::Descending;
    question.limit = 0;
    const auto whole = std::get<PageAnswer>(truth(question, world.events));
    QVERIFY(whole.rows.size() > 20);
    question.limit = 37;
    std::vector<EventRow> rows;
    for (bool more = true; more;) {
        const auto answer = engine.ask(question, {}, {});
        QVERIFY(answer.ok());
        const auto& page = std::get<PageAnswer>(*answer);
        QVERIFY2(!page.rows.empty(), "an empty page after one that said there is more");
        rows.insert(rows.end(), page.rows.begin(), page.rows.end());
        question.after = rows.back().key;
        more = page.more;
        QVERIFY2(rows.size() <= whole.rows.size(), "pages overlap");
    }
    QCOMPARE(rows.size(), whole.rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const std::string what = difference(rows[i], whole.rows[i]);
        QVERIFY2(what.empty(), qPrintable(show(what)));
    }
}

/// Rows that are told while the scan goes on are the first ones of the page, for good.
void TestSearchPages::rowsThatAreKnownStay_data()
{
    pagesContinue_data();
}

void TestSearchPages::rowsThatAreKnownStay()
{
    QFETCH(bool, up);
    QFETCH(QString, query);
    World world(11, 700, 60);
    LocalEngine::Options options;
    options.partialEvery = std::chrono::milliseconds(0);
    LocalEngine engine(world.store, std::make_shared<WorkerPool>(0), options);
    PageQuestion question;
    question.selection.filter = *parseFilter(query.toStdString(), 0);
    question.order = up ? Order::Ascending : Order::Descending;
    question.limit = 100;
    std::vector<PageAnswer> told;
    const auto answer = engine.ask(question, {}, [&](const Answer& so, const ScanProgress& progress) {
        if (!progress.exact) told.push_back(std::get<PageAnswer>(so));
    });
    QVERIFY(answer.ok());
    const auto& whole = std::get<PageAnswer>(*answer);
    QVERIFY(whole.rows.size() > 20);
    QVERIFY(!told.empty());
    std::size_t most = 0;
    for (const PageAnswer& each : told) {
        QVERIFY2(each.more, "a page whose scan goes on may have more");
        QVERIFY2(each.rows.size() >= most, "rows were taken back");
        most = each.rows.size();
        QVERIFY(most <= whole.rows.size());
        for (std::size_t i = 0; i < most; ++i) {
            const std::string what = difference(each.rows[i], whole.rows[i]);
            QVERIFY2(what.empty(), qPrintable(show(what)));
        }
    }
    QVERIFY2(most > 0, "no row was told before the end");
}

void TestSearchPages::pagesSkip()
{
    World world(12, 800, 70);
    world.removeSome();
    LocalEngine engine(world.store, std::make_shared<WorkerPool>(1));
    std::mt19937_64 random(3);
    for (int i = 0; i < 80; ++i) {
        PageQuestion question;
        if (i % 2 == 0) question.selection.filter = *parseFilter("service:checkout OR level:warn", 0);
        if (i % 3 == 0) question.selection.range = {world.events[100].key.time, world.events[500].key.time};
        question.order = random() % 2 == 0 ? Order::Ascending : Order::Descending;
        question.limit = 0;
        const auto whole = std::get<PageAnswer>(truth(question, world.events)).rows;
        QVERIFY(whole.size() > 10);
        const std::size_t after = random() % whole.size(), skip = random() % (whole.size() + 5);
        const bool anchored = random() % 2 == 0;
        question.limit = 1 + random() % 20;
        question.skip = skip;
        question.inclusive = random() % 2 == 0;
        std::size_t begin = skip;
        if (anchored) {
            question.after = whole[after].key;
            begin += after + (question.inclusive ? 0 : 1);
        }
        const auto answer = engine.ask(question, {}, {});
        QVERIFY(answer.ok());
        const auto& page = std::get<PageAnswer>(*answer);
        const std::size_t left = begin < whole.size() ? whole.size() - begin : 0;
        QCOMPARE(page.rows.size(), std::min<std::size_t>(question.limit, left));
        for (std::size_t k = 0; k < page.rows.size(); ++k) {
            const std::string what = difference(page.rows[k], whole[begin + k]);
            QVERIFY2(what.empty(), qPrintable(show(what)));
        }
        QCOMPARE(page.more, left > question.limit);
        // The position of a row is the number of keys before it.
        if (question.order != Order::Ascending || page.rows.empty()) continue;
        const auto before = engine.ask(CountQuestion{question.selection, page.rows.front().key}, {}, {});
        QVERIFY(before.ok());
        QCOMPARE(std::get<CountAnswer>(*before).count, std::uint64_t{begin});
    }
}

void TestSearchPages::rowsStream()
{
    World world(13, 600, 80);
    LocalEngine engine(world.store, std::make_shared<WorkerPool>(1));
    PageQuestion question;
    question.limit = 0;
    question.withDocument = true;
    const auto whole = std::get<PageAnswer>(truth(question, world.events)).rows;
    std::vector<EventRow> rows;
    question.sink = [&](EventRow&& row) {
        rows.push_back(std::move(row));
        return true;
    };
    QVERIFY(engine.ask(question, {}, {}).ok());
    QCOMPARE(rows.size(), whole.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const std::string what = difference(rows[i], whole[i]);
        QVERIFY2(what.empty(), qPrintable(show(what)));
    }
    rows.clear();
    question.sink = [&](EventRow&& row) {
        rows.push_back(std::move(row));
        return rows.size() < 10;
    };
    const auto stopped = engine.ask(question, {}, {});
    QVERIFY(stopped.ok());
    QCOMPARE(rows.size(), std::size_t{10});
    QVERIFY2(std::get<PageAnswer>(*stopped).more, "a sink that stopped leaves more");
}

void TestSearchPages::fieldsOfARow()
{
    World world(14, 300, 50);
    LocalEngine engine(world.store, std::make_shared<WorkerPool>(0));
    PageQuestion question;
    question.order = Order::Ascending;
    question.limit = 300;
    question.withFields = true;
    const auto answer = engine.ask(question, {}, {});
    QVERIFY(answer.ok());
    const auto& rows = std::get<PageAnswer>(*answer).rows;
    QCOMPARE(rows.size(), world.events.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const TruthEvent& event = world.events[i];
        QCOMPARE(rows[i].fields.size(), event.values.size());
        for (const TruthValue& value : event.values) {
            const auto same = [&](const EventRow::Field& field) {
                return field.path == value.path && field.text == value.text;
            };
            QVERIFY2(
                std::any_of(rows[i].fields.begin(), rows[i].fields.end(), same),
                qPrintable(show("no field " + value.path + " = " + value.text + " in " + event.document)));
        }
    }
}

} // namespace faultline::test

QTEST_APPLESS_MAIN(faultline::test::TestSearchPages)
#include "tst_search_pages.moc"
