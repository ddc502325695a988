#include "models/tables/cell_text.h"
#include "models/tables/event_list_model.h"
#include "models/tables/field_list_model.h"
#include "models/tables/field_values_model.h"
#include "models/tables/number_facts.h"
#include "models/tables/pattern_list_model.h"
#include "tests/gui/window_fixture.h"
#include "views/fields/distribution_view.h"
#include "views/fields/field_panel.h"
#include "views/fields/keyed_list.h"
#include "views/fields/trend_chart.h"
#include "views/investigate/investigate_page.h"
#include "views/timeline/timeline_pane.h"

#include <QAbstractItemModelTester>
#include <QApplication>
#include <QClipboard>
#include <QMenu>
#include <QScrollArea>
#include <QTabWidget>

#include <atomic>
#include <numeric>

using namespace faultline;

namespace {

constexpr int kWait = 10'000;

/// An engine whose answers the test makes.
class FakeEngine final : public QueryEngine
{
public:
    std::function<Result<std::vector<Answer>>(const std::vector<Question>&, const Partial&)> answer;
    std::vector<std::string> names{"a", "b"};
    std::atomic<int> asked{0};

    Result<Answer> ask(const Question& question, std::stop_token stop, const Partial& partial) override
    {
        auto answers = askAll({question}, std::move(stop), partial);
        if (!answers) return answers.error();
        return answers->front();
    }
    Result<std::vector<Answer>> askAll(const std::vector<Question>& questions, std::stop_token,
                                       const Partial& partial) override
    {
        ++asked;
        return answer(questions, partial);
    }
    Result<std::vector<std::string>> fieldNames(std::stop_token) override
    {
        ++asked;
        return names;
    }
    void forget() override {}
};

FacetAnswer facet(std::uint64_t total, std::vector<FieldSummary> fields)
{
    FacetAnswer answer;
    answer.total = total;
    answer.fields = std::move(fields);
    return answer;
}

FieldSummary summary(const char* name, std::uint64_t present, ValueKind kind = ValueKind::Text)
{
    FieldSummary made;
    made.field = name;
    made.present = present;
    made.kinds = 1u << static_cast<unsigned>(kind);
    return made;
}

} // namespace

/// The panel of fields and patterns, in the real window and on answers of the test's own.
class TestFields : public QObject
{
    Q_OBJECT
private:
    /// 600 events, one a second: 30 errors of another pattern; 200 of cart and 400 of pay; `rare` in the
    /// first 60, each another; duration_ms from 0 to 99.
    static QString writeEvents(const WindowFixture& fixture)
    {
        QList<QByteArray> lines;
        for (int i = 0; i < 600; ++i) {
            const bool error = i % 20 == 19;
            QByteArray line =
                "{\"time\":\"2026-01-02T03:" + QByteArray::number(i / 60).rightJustified(2, '0') + ':' +
                QByteArray::number(i % 60).rightJustified(2, '0') + "Z\",\"level\":\"" +
                (error ? "error" : "info") + "\",\"service\":\"" + (i % 3 == 0 ? "cart" : "pay") +
                "\",\"message\":\"" +
                (error ? "payment of order " + QByteArray::number(i) + " refused"
                       : "request " + QByteArray::number(i) + " done") +
                "\",\"duration_ms\":" + QByteArray::number(i % 100) + ",\"ok\":" + (error ? "false" : "true");
            if (i < 60) line += ",\"rare\":\"x" + QByteArray::number(i) + '"';
            if (i == 7)
                line += ",\"odd\":\"<b>bold</b> \\u202eturned\\nline\",\"big\":\"" +
                        QByteArray(100'000, 'y') + '"';
            lines.push_back(line + '}');
        }
        return fixture.writeLines(QStringLiteral("fields.log"), lines);
    }
    static bool open(WindowFixture& fixture)
    {
        fixture.window().resize(1400, 900);
        fixture.window().show();
        return fixture.openAndWait({writeEvents(fixture)});
    }
    static QStringList names(const QAbstractItemModel* model)
    {
        QStringList all;
        for (int row = 0; row < model->rowCount(); ++row)
            all.push_back(model->index(row, 0).data().toString());
        return all;
    }
    static QMenu* menuOf(WindowFixture& fixture, KeyedList* list, int row, const char* name)
    {
        const QPoint at = list->visualRect(list->model()->index(row, list->modelColumn())).center();
        QContextMenuEvent event(QContextMenuEvent::Mouse, at, list->viewport()->mapToGlobal(at));
        QApplication::sendEvent(list->viewport(), &event);
        return fixture.window().findChild<QMenu*>(QLatin1String(name));
    }
    static bool choose(QMenu* menu, const QString& text)
    {
        for (QAction* const action : menu->actions()) {
            if (action->text().remove(QLatin1Char('&')) != text) continue;
            action->trigger();
            menu->close();
            return true;
        }
        return false;
    }
    /// Opens a field by the keyboard and waits for its values.
    static bool openField(WindowFixture& fixture, const QString& name)
    {
        auto* const list = fixture.find<KeyedList>("fieldList");
        const auto* const model = qobject_cast<FieldListModel*>(list->model());
        if (!QTest::qWaitFor([&] { return model->rowOf(name) >= 0 && !model->loading(); }, kWait))
            return false;
        list->setFocus();
        list->setCurrentRow(model->rowOf(name));
        QTest::keyClick(list, Qt::Key_Return);
        auto* const values = qobject_cast<FieldValuesModel*>(fixture.find<KeyedList>("fieldValues")->model());
        return QTest::qWaitFor(
            [&] { return values->field() == name && values->summary() && !values->loading(); }, kWait);
    }

private Q_SLOTS:
    void fieldsComeCanonicalFirstThenByPresence()
    {
        WindowFixture fixture;
        QVERIFY(open(fixture));
        auto* const list = fixture.find<KeyedList>("fieldList");
        QVERIFY2(list->isVisible(), "a wide window shows the fields");
        auto* const model = qobject_cast<FieldListModel*>(list->model());
        const QAbstractItemModelTester tester(model, QAbstractItemModelTester::FailureReportingMode::Fatal);
        const QStringList wanted{
            QStringLiteral("timestamp"), QStringLiteral("severity"), QStringLiteral("message"),
            QStringLiteral("service"),   QStringLiteral("source"),   QStringLiteral("duration_ms"),
            QStringLiteral("level"),     QStringLiteral("ok"),       QStringLiteral("time"),
            QStringLiteral("rare"),      QStringLiteral("big"),      QStringLiteral("odd")};
        QTRY_COMPARE_WITH_TIMEOUT(names(model), wanted, kWait);
        QTRY_VERIFY_WITH_TIMEOUT(!model->loading(), kWait);
        const auto row = [&](const char* name) { return model->index(model->rowOf(QLatin1String(name)), 1); };
        QCOMPARE(row("rare").data().toString(), QStringLiteral("10 %"));
        QCOMPARE(row("rare").data(FieldListModel::PresentRole).toULongLong(), 60ull);
        QCOMPARE(row("duration_ms").data().toString(), QStringLiteral("100 %"));
        const auto type = [&](const char* name) {
            return static_cast<FieldType>(row(name).data(FieldListModel::TypeRole).toInt());
        };
        QCOMPARE(type("duration_ms"), FieldType::Number);
        QCOMPARE(type("ok"), FieldType::Bool);
        QCOMPARE(type("timestamp"), FieldType::Time);
        QCOMPARE(type("service"), FieldType::Text);
        QCOMPARE(row("rare").data(Qt::AccessibleTextRole).toString(),
                 QStringLiteral("rare, text, in 10 % of the events"));
        QTRY_COMPARE(fixture.find<QLabel>("fieldsNote")->text(), QStringLiteral("12 fields in 600 events"));

        // Of another view.
        fixture.search(QStringLiteral("level:error"));
        QTRY_COMPARE_WITH_TIMEOUT(row("rare").data().toString(), QStringLiteral("10 %"), kWait);
        QTRY_COMPARE_WITH_TIMEOUT(row("rare").data(FieldListModel::PresentRole).toULongLong(), 3ull, kWait);
        fixture.search(QStringLiteral("nothing_has_this_word"));
        QTRY_COMPARE_WITH_TIMEOUT(fixture.find<QLabel>("fieldsNote")->text(),
                                  QStringLiteral("The view has no events"), kWait);
    }

    void theKeyboardReachesEverything()
    {
        WindowFixture fixture;
        QVERIFY(open(fixture));
        auto* const panel = fixture.find<FieldPanel>("fieldPanel");
        auto* const list = fixture.find<KeyedList>("fieldList");
        auto* const events = fixture.find<QWidget>("eventList");
        QTRY_VERIFY_WITH_TIMEOUT(list->model()->rowCount() == 12, kWait);
        events->setFocus();
        QTest::keyClick(events, Qt::Key_B, Qt::ControlModifier);
        QVERIFY2(list->hasFocus(), "Ctrl+B goes to the fields");
        QTest::keyClick(list, Qt::Key_F);
        auto* const filter = fixture.find<QLineEdit>("fieldFilter");
        QVERIFY2(filter->hasFocus(), "f goes to the names");
        QTest::keyClicks(filter, QStringLiteral("RAR"));
        QCOMPARE(names(list->model()), QStringList{QStringLiteral("rare")});
        QTest::keyClick(filter, Qt::Key_Return);
        QVERIFY(list->hasFocus());
        QTest::keyClick(list, Qt::Key_Return);
        auto* const values = fixture.find<KeyedList>("fieldValues");
        QVERIFY2(values->isVisible() || fixture.find<QLabel>("fieldNote")->isVisible(), "the field is open");
        auto* const model = qobject_cast<FieldValuesModel*>(values->model());
        const QAbstractItemModelTester tester(model, QAbstractItemModelTester::FailureReportingMode::Fatal);
        QTRY_COMPARE_WITH_TIMEOUT(model->rowCount(), 12, kWait);
        QVERIFY(values->hasFocus() || QTest::qWaitFor([&] { return values->hasFocus(); }, 1'000));
        QCOMPARE(model->index(0, 0).data().toString(), QStringLiteral("x0"));
        QCOMPARE(model->index(10, 0).data().toString(), QStringLiteral("and 50 other values"));
        QCOMPARE(model->index(10, 1).data().toString(), QStringLiteral("50"));
        QCOMPARE(model->index(11, 0).data().toString(), QStringLiteral("(absent)"));
        QCOMPARE(model->index(11, 1).data().toString(), QStringLiteral("540"));
        QCOMPARE(model->index(11, 2).data().toString(), QStringLiteral("90 %"));
        QCOMPARE(fixture.find<QLabel>("fieldNote")->text(),
                 QStringLiteral("In 60 of 600 events (10 %); 60 distinct values"));
        QTest::keyClick(values, Qt::Key_C);
        QCOMPARE(QGuiApplication::clipboard()->text(), QStringLiteral("x0"));
        // Enter filters for it, and Backspace comes back.
        QTest::keyClick(values, Qt::Key_Return);
        QTRY_VERIFY_WITH_TIMEOUT(fixture.countText().startsWith(QStringLiteral("1 event")), kWait);
        QTRY_COMPARE_WITH_TIMEOUT(model->rowCount(), 1, kWait);
        QVERIFY(fixture.window().page()->back());
        QTRY_COMPARE_WITH_TIMEOUT(model->rowCount(), 12, kWait);
        values->setFocus();
        values->setCurrentRow(1);
        QTest::keyClick(values, Qt::Key_Minus);
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("599 events"), kWait);
        QVERIFY(fixture.window().page()->back());
        QTest::keyClick(values, Qt::Key_E);
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("60 events"), kWait);
        QVERIFY(fixture.window().page()->back());
        QTRY_COMPARE_WITH_TIMEOUT(model->rowCount(), 12, kWait);
        // (absent) is a filter too.
        values->setCurrentRow(11);
        QTest::keyClick(values, Qt::Key_Return);
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("540 events"), kWait);
        QVERIFY(fixture.window().page()->back());
        QTest::keyClick(values, Qt::Key_L);
        auto* const table = fixture.window().findChild<EventListModel*>();
        QCOMPARE(table->fields(), std::vector<std::string>{"rare"});
        QTest::keyClick(values, Qt::Key_G);
        QCOMPARE(fixture.window().findChild<TimelinePane*>()->group(), QStringLiteral("rare"));
        QTest::keyClick(values, Qt::Key_Escape);
        QVERIFY2(list->hasFocus() && !fixture.find<QScrollArea>("fieldCard")->isVisible(),
                 "Esc closes the field");
        QTest::keyClick(list, Qt::Key_Escape);
        QVERIFY2(events->hasFocus(), "Esc goes back to the events");
        QTest::keyClick(events, Qt::Key_B, Qt::ControlModifier);
        QTest::keyClick(list, Qt::Key_B, Qt::ControlModifier);
        QVERIFY2(!panel->isVisible() && events->hasFocus(), "Ctrl+B in the fields hides them");
        QTest::keyClick(events, Qt::Key_B, Qt::ControlModifier);
        QVERIFY(panel->isVisible() && list->hasFocus());
    }

    void aNarrowWindowLeavesTheRoomToTheEvents()
    {
        WindowFixture fixture;
        fixture.window().resize(800, 600);
        fixture.window().show();
        QVERIFY(fixture.openAndWait({writeEvents(fixture)}));
        auto* const panel = fixture.find<FieldPanel>("fieldPanel");
        QVERIFY(!panel->isVisible());
        auto* const events = fixture.find<QWidget>("eventList");
        events->setFocus();
        QTest::keyClick(events, Qt::Key_B, Qt::ControlModifier);
        QVERIFY(panel->isVisible());
        QTRY_COMPARE_WITH_TIMEOUT(fixture.find<KeyedList>("fieldList")->model()->rowCount(), 12, kWait);
        QVERIFY2(fixture.window().width() <= 800, "the panel makes the window wider than the screen");
    }

    void numbersHavePercentilesDistributionAndTrend()
    {
        WindowFixture fixture;
        QVERIFY(open(fixture));
        QVERIFY(openField(fixture, QStringLiteral("duration_ms")));
        const auto text = [&](const char* name) { return fixture.find<QLabel>(name)->text(); };
        QTRY_COMPARE_WITH_TIMEOUT(text("number_max"), QStringLiteral("99"), kWait);
        QCOMPARE(text("number_min"), QStringLiteral("0"));
        QCOMPARE(text("number_mean"), QStringLiteral("49.5"));
        QCOMPARE(text("number_p50"), QStringLiteral("49.5"));
        QCOMPARE(text("number_p90"), QStringLiteral("89.1"));
        QCOMPARE(text("number_p99"), QStringLiteral("98.01"));
        auto* const sizes = fixture.find<DistributionView>("numberDistribution");
        QTRY_VERIFY_WITH_TIMEOUT(sizes->isVisible(), kWait);
        const auto& counts = sizes->distribution().counts;
        QCOMPARE(std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}) +
                     sizes->distribution().above,
                 std::uint64_t{600});
        QCOMPARE(sizes->distribution().width, 5.0);
        QCOMPARE(counts.front(), std::uint64_t{30});
        auto* const trend = fixture.find<TrendChart>("numberTrend");
        // The range may be known a moment after the first answer.
        QTRY_VERIFY_WITH_TIMEOUT(trend->isVisible(), kWait);
        QTRY_COMPARE_WITH_TIMEOUT(trend->points(), 120, kWait);
        // Points and bars are read by the keyboard.
        auto* const point = fixture.find<QLabel>("numberPoint");
        trend->setFocus(Qt::TabFocusReason);
        QTest::keyClick(trend, Qt::Key_Right);
        QCOMPARE(point->text(), QStringLiteral("2026-01-02 03:00:05: p50 7, p95 8.8, p99 8.96 of 5"));
        sizes->setFocus(Qt::TabFocusReason);
        QTest::keyClick(sizes, Qt::Key_Right);
        QCOMPARE(point->text(), QStringLiteral("5 up to 10: 30 values"));
        QVERIFY(!trend->accessibleDescription().isEmpty() && !sizes->accessibleDescription().isEmpty());
        // Without numbers none of it is there.
        QVERIFY(openField(fixture, QStringLiteral("service")));
        QTRY_VERIFY_WITH_TIMEOUT(!trend->isVisible(), kWait);
    }

    void everyValueHasItsMenu()
    {
        WindowFixture fixture;
        QVERIFY(open(fixture));
        QVERIFY(openField(fixture, QStringLiteral("service")));
        auto* const values = fixture.find<KeyedList>("fieldValues");
        QCOMPARE(names(values->model()), (QStringList{QStringLiteral("pay"), QStringLiteral("cart")}));
        QMenu* menu = menuOf(fixture, values, 1, "valueMenu");
        QVERIFY(menu != nullptr);
        QVERIFY(choose(menu, QStringLiteral("Filter for this value")));
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("200 events"), kWait);
        QVERIFY(fixture.window().page()->back());
        QTRY_COMPARE_WITH_TIMEOUT(values->model()->rowCount(), 2, kWait);
        QTRY_VERIFY(fixture.window().findChild<QMenu*>(QStringLiteral("valueMenu")) == nullptr);
        // A click opens it too.
        QTest::mouseClick(values->viewport(), Qt::LeftButton, {},
                          values->visualRect(values->model()->index(0, 0)).center());
        menu = fixture.window().findChild<QMenu*>(QStringLiteral("valueMenu"));
        QVERIFY(menu != nullptr);
        QVERIFY(choose(menu, QStringLiteral("Filter out this value")));
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("200 events"), kWait);
        QVERIFY(fixture.window().page()->back());
        // And each name.
        auto* const list = fixture.find<KeyedList>("fieldList");
        const auto* const fields = qobject_cast<FieldListModel*>(list->model());
        menu = menuOf(fixture, list, fields->rowOf(QStringLiteral("rare")), "fieldNameMenu");
        QVERIFY(menu != nullptr);
        QVERIFY(choose(menu, QStringLiteral("Field is absent")));
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("540 events"), kWait);
    }

    void patternsAreFilters()
    {
        WindowFixture fixture;
        QVERIFY(open(fixture));
        fixture.find<QTabWidget>("fieldTabs")->setCurrentIndex(1);
        auto* const list = fixture.find<KeyedList>("patternList");
        auto* const model = qobject_cast<PatternListModel*>(list->model());
        const QAbstractItemModelTester tester(model, QAbstractItemModelTester::FailureReportingMode::Fatal);
        QTRY_COMPARE_WITH_TIMEOUT(model->rowCount(), 2, kWait);
        const auto cell = [&](int row, int column) { return model->index(row, column).data().toString(); };
        QCOMPARE(cell(0, PatternListModel::PatternColumn), QStringLiteral("request <*> done"));
        QCOMPARE(cell(0, PatternListModel::CountColumn), QStringLiteral("570"));
        QCOMPARE(cell(1, PatternListModel::PatternColumn), QStringLiteral("payment of order <*> refused"));
        QCOMPARE(cell(1, PatternListModel::CountColumn), QStringLiteral("30"));
        QCOMPARE(cell(1, PatternListModel::ShareColumn), QStringLiteral("5.0 %"));
        QCOMPARE(cell(1, PatternListModel::SeverityColumn), QStringLiteral("error"));
        QCOMPARE(cell(1, PatternListModel::FirstColumn), QStringLiteral("2026-01-02 03:00:19"));
        QCOMPARE(cell(1, PatternListModel::LastColumn), QStringLiteral("2026-01-02 03:09:59"));
        QTRY_COMPARE(fixture.find<QLabel>("patternsNote")->text(),
                     QStringLiteral("2 patterns in 600 events"));
        list->setFocus();
        list->setCurrentRow(1);
        QTest::keyClick(list, Qt::Key_Return);
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("30 events"), kWait);
        QTRY_COMPARE_WITH_TIMEOUT(model->rowCount(), 1, kWait);
        QVERIFY(fixture.window().page()->back());
        QTRY_COMPARE_WITH_TIMEOUT(model->rowCount(), 2, kWait);
        list->setFocus();
        list->setCurrentRow(1);
        QTest::keyClick(list, Qt::Key_Minus);
        QTRY_COMPARE_WITH_TIMEOUT(fixture.countText(), QStringLiteral("570 events"), kWait);
        QVERIFY(fixture.window().page()->back());
        QTRY_COMPARE_WITH_TIMEOUT(model->rowCount(), 2, kWait);
        QMenu* const menu = menuOf(fixture, list, 1, "patternMenu");
        QVERIFY(menu != nullptr);
        QVERIFY(choose(menu, QStringLiteral("Copy pattern")));
        QCOMPARE(QGuiApplication::clipboard()->text(), QStringLiteral("payment of order <*> refused"));
    }

    void hostileValuesAreText()
    {
        WindowFixture fixture;
        QVERIFY(open(fixture));
        QVERIFY(openField(fixture, QStringLiteral("odd")));
        auto* const values = fixture.find<KeyedList>("fieldValues");
        const QModelIndex odd = values->model()->index(0, 0);
        QVERIFY2(odd.data(Qt::ToolTipRole).toString().contains(QStringLiteral("&lt;b&gt;bold")),
                 "a tool tip takes the value for HTML");
        values->grab();
        QVERIFY(openField(fixture, QStringLiteral("big")));
        const QModelIndex big = values->model()->index(0, 0);
        QVERIFY2(big.data().toString().size() <= 600, "a cell has a text that a view measures all of");
        QVERIFY(big.data(Qt::ToolTipRole).toString().size() < 5'000);
        QTest::keyClick(values, Qt::Key_C);
        QCOMPARE(QGuiApplication::clipboard()->text().size(), 100'000);
    }

    void partialAnswersAndErrorsAreSaid()
    {
        auto engine = std::make_shared<FakeEngine>();
        std::atomic<bool> hold{true};
        engine->answer = [&](const std::vector<Question>& questions,
                             const QueryEngine::Partial& partial) -> Result<std::vector<Answer>> {
            const auto* const asked = std::get_if<FacetQuestion>(&questions.front());
            if (asked != nullptr && !asked->values)
                return std::vector<Answer>{facet(100, {summary("a", 10), summary("b", 90)})};
            if (asked == nullptr) return makeError(ErrorKind::Damaged, "read patterns", "the disk is gone");
            FieldSummary some = summary("a", 4);
            some.distinct = 1;
            some.top = {{"one", 4}};
            if (partial) partial(facet(40, {some}), {400, 1'000, false});
            while (hold) QTest::qSleep(5);
            some.present = some.top.front().count = 10;
            return std::vector<Answer>{facet(100, {some})};
        };
        auto service = std::make_shared<QueryService>(engine);
        FieldPanel panel(service, nullptr);
        panel.resize(300, 700);
        panel.setSelection({});
        QTest::qWait(200);
        QCOMPARE(engine->asked.load(), 0); // nobody looks
        panel.show();
        StoreSummary store;
        store.events = 100;
        store.generation = 1;
        panel.setSummary(store);
        auto* const list = panel.findChild<KeyedList*>(QStringLiteral("fieldList"));
        QTRY_COMPARE_WITH_TIMEOUT(names(list->model()),
                                  (QStringList{QStringLiteral("b"), QStringLiteral("a")}), kWait);
        panel.openField(QStringLiteral("a"));
        auto* const note = panel.findChild<QLabel*>(QStringLiteral("fieldNote"));
        QTRY_COMPARE_WITH_TIMEOUT(
            note->text(),
            QStringLiteral("In 4 of 40 events (10 %); 1 distinct value; so far: 40 % of the events read"),
            kWait);
        hold = false;
        QTRY_COMPARE_WITH_TIMEOUT(note->text(),
                                  QStringLiteral("In 10 of 100 events (10 %); 1 distinct value"), kWait);
        panel.findChild<QTabWidget*>(QStringLiteral("fieldTabs"))->setCurrentIndex(1);
        QTRY_COMPARE_WITH_TIMEOUT(panel.findChild<QLabel*>(QStringLiteral("patternsNote"))->text(),
                                  QStringLiteral("read patterns: the disk is gone"), kWait);
    }

    void onlyTheNewestViewIsAnswered()
    {
        // An answer to an earlier selection that comes late is not shown.
        auto engine = std::make_shared<FakeEngine>();
        std::atomic<int> slow{1};
        engine->answer = [&](const std::vector<Question>& questions,
                             const QueryEngine::Partial&) -> Result<std::vector<Answer>> {
            const bool old = selectionIsAll(questions.front());
            while (old && slow > 0) QTest::qSleep(5);
            return std::vector<Answer>{facet(100, {summary("a", old ? 1 : 2), summary("b", 3)})};
        };
        auto service = std::make_shared<QueryService>(engine);
        FieldListModel model(service);
        const QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::Fatal);
        model.setSelection({});
        QTRY_VERIFY_WITH_TIMEOUT(engine->asked >= 2, kWait);
        Selection other;
        other.range = {0, 1};
        model.setSelection(other);
        QTRY_VERIFY_WITH_TIMEOUT(!model.loading(), kWait);
        slow = 0;
        QTest::qWait(50);
        QCOMPARE(
            model.index(model.rowOf(QStringLiteral("a")), 0).data(FieldListModel::PresentRole).toULongLong(),
            2ull);
        // Names that are filtered keep their order.
        model.setNameFilter(QStringLiteral("A"));
        QCOMPARE(names(&model), QStringList{QStringLiteral("a")});
    }

    void sharesAreNeverRoundedToAllOrNothing_data()
    {
        QTest::addColumn<quint64>("part");
        QTest::addColumn<quint64>("whole");
        QTest::addColumn<QString>("text");
        QTest::newRow("none") << quint64{0} << quint64{10} << QStringLiteral("0 %");
        QTest::newRow("all") << quint64{10} << quint64{10} << QStringLiteral("100 %");
        QTest::newRow("hardly any") << quint64{1} << quint64{1'000'000} << QStringLiteral("< 0.1 %");
        QTest::newRow("nearly all") << quint64{999'999} << quint64{1'000'000} << QStringLiteral("> 99.9 %");
        QTest::newRow("some") << quint64{1} << quint64{3} << QStringLiteral("33 %");
        QTest::newRow("few") << quint64{1} << quint64{80} << QStringLiteral("1.3 %");
        QTest::newRow("of nothing") << quint64{0} << quint64{0} << QString();
    }
    void sharesAreNeverRoundedToAllOrNothing()
    {
        QFETCH(quint64, part);
        QFETCH(quint64, whole);
        QFETCH(QString, text);
        QCOMPARE(percentText(part, whole), text);
    }

    void distributionsHaveRoundBounds()
    {
        QVERIFY(distributionCuts(5, 5, 5).empty());
        // A long tail does not press all else into one bar.
        const auto cuts = distributionCuts(0, 1e9, 96);
        QCOMPARE(cuts.front(), 0.0);
        QCOMPARE(cuts[1], 5.0);
        QCOMPARE(cuts.back(), 100.0);
        for (const double most : {1e-300, 3.0, 1e15, 1e300}) {
            const auto some = distributionCuts(-most, most, most / 2);
            QVERIFY2(some.size() >= 2 && some.size() <= 51, qPrintable(QString::number(most)));
            QVERIFY(some.front() <= -most && some.back() > most / 2);
        }
        QVERIFY(distributionCuts(-1e308, 1e308, 1e308).empty()); // their distance is no double
        QVERIFY(distributionCuts(1e17, 1e17 + 16, 1e17 + 16).empty() ||
                distributionCuts(1e17, 1e17 + 16, 1e17 + 16).size() >= 2);
    }

private:
    static bool selectionIsAll(const Question& question)
    {
        return std::visit([](const auto& asked) { return asked.selection.range.unbounded(); }, question);
    }
};

QTEST_MAIN(TestFields)
#include "tst_fields.moc"
