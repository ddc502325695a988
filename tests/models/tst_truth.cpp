#include "models/query/filter_build.h"
#include "tests/support/random_events.h"
#include "tests/support/truth.h"

#include <QTest>

using namespace faultline;
using namespace faultline::test;

/// The truth is simple enough to be believed; what it must have is coherence with itself.
class TruthTest : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void everyRandomQueryParsesAndHasItsComplement()
    {
        RandomEvents random(5);
        const auto events = random.events(300, 2);
        std::size_t some = 0;
        for (int i = 0; i < 400; ++i) {
            const std::string query = random.query(1);
            if (query.find("()") != std::string::npos) continue;
            const auto filter = parseFilter(query, 0);
            if (!filter) {
                // only a group around an empty query is wrong
                QVERIFY2(query.find("( ") != std::string::npos || query.find(" )") != std::string::npos ||
                             query == "NOT ",
                         explainFilterError(query, filter.error()).c_str());
                continue;
            }
            const auto printed = parseFilter(printFilter(**filter), 0);
            QVERIFY(printed);
            const auto count = [&](const FilterPtr& asked) {
                CountQuestion question;
                question.selection.filter = asked;
                return std::get<CountAnswer>(truth(question, events)).count;
            };
            const std::uint64_t yes = count(*filter), no = count(filters::negate(*printed));
            QCOMPARE(yes + no, events.size());
            some += yes > 0 && no > 0;
        }
        QVERIFY(some > 100);
    }

    void pagesJoinToTheWholeList()
    {
        RandomEvents random(6);
        const auto events = random.events(200, 3);
        PageQuestion question;
        question.order = Order::Ascending;
        question.limit = 7;
        std::size_t seen = 0;
        for (;;) {
            const auto page = std::get<PageAnswer>(truth(question, events));
            for (const auto& row : page.rows) QVERIFY(row.key == events[seen++].key);
            if (!page.more) break;
            question.after = page.rows.back().key;
        }
        QCOMPARE(seen, events.size());
    }

    void sumsAgree()
    {
        RandomEvents random(7);
        const auto events = random.events(300);
        for (int i = 0; i < 60; ++i) {
            const Question question = random.question();
            const Answer answer = truth(question, events);
            if (const auto* histogram = std::get_if<HistogramAnswer>(&answer)) {
                std::uint64_t sum = histogram->outside;
                for (const auto& series : histogram->series)
                    for (const auto count : series.counts) sum += count;
                QCOMPARE(sum, histogram->total);
            }
            if (const auto* group = std::get_if<GroupAnswer>(&answer);
                group && group->rows.size() == group->groups) {
                std::uint64_t sum = 0;
                for (const auto& row : group->rows) sum += row.count;
                QCOMPARE(sum, group->total);
            }
        }
    }
};

QTEST_APPLESS_MAIN(TruthTest)
#include "tst_truth.moc"
