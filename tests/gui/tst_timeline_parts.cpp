#include "models/query/filter_build.h"
#include "models/session/query_service.h"
#include "views/timeline/heat_strip.h"
#include "views/timeline/histogram_view.h"
#include "views/timeline/overview_bar.h"
#include "views/timeline/timeline_pane.h"

#include <QImage>
#include <QSignalSpy>
#include <QTest>
#include <QToolButton>

#include <atomic>
#include <mutex>

using namespace faultline;

namespace {

constexpr TimeNs kMinute = 60 * kSecondNs;
constexpr TimeNs kStart = 29'850'000 * kMinute;

HistogramAnswer::Series series(std::vector<std::string> group, std::vector<std::uint64_t> counts)
{
    HistogramAnswer::Series made;
    made.absent.assign(group.size(), false);
    made.group = std::move(group);
    made.counts = std::move(counts);
    return made;
}

/// How many pixels have exactly this colour.
int pixels(const QImage& image, const QColor& color)
{
    int found = 0;
    for (int y = 0; y < image.height(); ++y)
        for (int x = 0; x < image.width(); ++x) found += image.pixelColor(x, y) == color ? 1 : 0;
    return found;
}

} // namespace

/// The heat strip and the overview, by mouse and keys.
/// Answers with one event of one service; counts questions of the lanes and of the overview, and holds them
/// while it is locked.
class SlowEngine final : public QueryEngine
{
public:
    Result<Answer> ask(const Question& question, std::stop_token, const Partial&) override
    {
        const auto& histogram = std::get<HistogramQuestion>(question);
        const bool chart = histogram.by == std::vector<std::string>{"severity"} && histogram.selection.filter;
        if (!chart) {
            ++(histogram.by.size() == 2 ? lanes : overviews);
            const std::lock_guard wait(held);
        }
        HistogramAnswer answer;
        answer.buckets = 1;
        answer.total = 1;
        answer.series.resize(1);
        answer.series.front().group = {"shop", "error"};
        answer.series.front().group.resize(histogram.by.size());
        answer.series.front().absent.assign(histogram.by.size(), false);
        answer.series.front().counts = {1};
        answer.series.front().total = 1;
        return Answer(answer);
    }
    Result<std::vector<Answer>> askAll(const std::vector<Question>& questions, std::stop_token stop,
                                       const Partial& partial) override
    {
        std::vector<Answer> answers;
        for (const Question& question : questions) answers.push_back(*ask(question, stop, partial));
        return answers;
    }
    Result<std::vector<std::string>> fieldNames(std::stop_token) override
    {
        return std::vector<std::string>{};
    }
    void forget() override {}
    std::mutex held;
    std::atomic<int> lanes = 0, overviews = 0;
};

class TestTimelineParts : public QObject
{
    Q_OBJECT
    static HistogramAnswer someServices()
    {
        HistogramAnswer answer;
        answer.buckets = 10;
        answer.series.push_back(series({"cart", "info"}, {5, 5, 5, 5, 5, 5, 5, 5, 5, 5}));
        answer.series.push_back(series({"cart", "error"}, {0, 0, 0, 9, 0, 0, 0, 0, 0, 0}));
        answer.series.push_back(series({"auth", "info"}, {900, 900, 0, 0, 0, 0, 0, 0, 0, 0}));
        answer.series.push_back(series({"edge", "warn"}, {0, 3, 0, 0, 0, 0, 0, 0, 0, 0}));
        return answer;
    }
private Q_SLOTS:
    void lanesByTheirWorst()
    {
        HeatStrip strip;
        strip.setAnswer(someServices(), kStart, kMinute);
        QCOMPARE(strip.lanes().join(QLatin1Char(' ')), QStringLiteral("cart edge auth"));
        QVERIFY(strip.accessibleDescription().contains(QStringLiteral("cart: 9 errors, 0 warnings")));
        HistogramAnswer many;
        for (int i = 0; i < 20; ++i)
            many.series.push_back(
                series({"s" + std::to_string(i), "info"}, {static_cast<std::uint64_t>(100 - i)}));
        strip.setAnswer(many, kStart, kMinute);
        QCOMPARE(strip.lanes().size(), 9);
        QCOMPARE(strip.lanes().last(), QStringLiteral("12 others"));
        strip.setMostLanes(2);
        strip.setAnswer(many, kStart, kMinute);
        QCOMPARE(strip.lanes().join(QLatin1Char(' ')), QStringLiteral("s0 s1 18 others"));
        strip.clear();
        QVERIFY(strip.lanes().isEmpty());
    }
    void aCellIsAServiceAndATime()
    {
        HeatStrip strip;
        strip.setAnswer(someServices(), kStart, kMinute);
        strip.resize(600, strip.sizeHint().height());
        strip.setScale({{kStart, kStart + 10 * kMinute}, 100, 600});
        strip.show();
        QVERIFY(QTest::qWaitForWindowExposed(&strip));
        QSignalSpy chosen(&strip, &HeatStrip::cellChosen);
        QTest::mouseClick(&strip, Qt::LeftButton, {}, QPoint(100 + 3 * 50 + 20, 4));
        QCOMPARE(chosen.size(), 1);
        QCOMPARE(chosen[0][0].toString(), QStringLiteral("cart"));
        QCOMPARE(chosen[0][1].value<TimeRange>(), (TimeRange{kStart + 3 * kMinute, kStart + 4 * kMinute}));
        QTest::mouseClick(&strip, Qt::LeftButton, {}, QPoint(20, 4)); // the name is no cell
        QCOMPARE(chosen.size(), 1);
        const QImage seen = strip.grab().toImage();
        QVERIFY2(pixels(seen, Theme::darkTheme().severity[5]) > 200, "the nine errors are not to be seen");
    }
    void cellsByKeyboard()
    {
        HeatStrip strip;
        strip.setAnswer(someServices(), kStart, kMinute);
        strip.resize(600, strip.sizeHint().height());
        strip.setScale({{kStart, kStart + 10 * kMinute}, 100, 600});
        QSignalSpy chosen(&strip, &HeatStrip::cellChosen);
        QSignalSpy crosshair(&strip, &HeatStrip::crosshairMoved);
        QTest::keyClick(&strip, Qt::Key_Return); // nowhere yet
        QCOMPARE(chosen.size(), 0);
        QTest::keyClick(&strip, Qt::Key_Right);
        QTest::keyClick(&strip, Qt::Key_Right);
        QTest::keyClick(&strip, Qt::Key_Down);
        QVERIFY2(strip.accessibleDescription().contains(QStringLiteral("W warn 3")),
                 qPrintable(strip.accessibleDescription()));
        QTest::keyClick(&strip, Qt::Key_Return);
        QCOMPARE(chosen.size(), 1);
        QCOMPARE(chosen[0][0].toString(), QStringLiteral("edge"));
        QCOMPARE(chosen[0][1].value<TimeRange>(), (TimeRange{kStart + kMinute, kStart + 2 * kMinute}));
        // The same place in another answer is another service: nothing is chosen then.
        HistogramAnswer other;
        other.series.push_back(series({"auth", "info"}, {1, 1}));
        other.series.push_back(series({"cart", "info"}, {2, 2}));
        strip.setAnswer(other, kStart, kMinute);
        QTest::keyClick(&strip, Qt::Key_Return);
        QCOMPARE(chosen.size(), 1);
        strip.setAnswer(someServices(), kStart, kMinute);
        QTest::keyClick(&strip, Qt::Key_Right);
        QTest::keyClick(&strip, Qt::Key_Down);
        for (int i = 0; i < 30; ++i) QTest::keyClick(&strip, Qt::Key_Left); // stays in the range
        QTest::keyClick(&strip, Qt::Key_Return);
        QCOMPARE(chosen[1][1].value<TimeRange>(), (TimeRange{kStart, kStart + kMinute}));
        QVERIFY(crosshair.size() > 3);
    }
    void theOverviewMovesTheView()
    {
        OverviewBar bar;
        bar.resize(624, 22); // 600 pixels of time
        HistogramAnswer answer;
        answer.series.push_back(series({"error"}, {1, 2, 3}));
        const TimeRange whole{kStart, kStart + 600 * kMinute};
        bar.setAnswer(answer, kStart, 200 * kMinute, whole);
        bar.setView({kStart + 100 * kMinute, kStart + 200 * kMinute});
        bar.show();
        QVERIFY(QTest::qWaitForWindowExposed(&bar));
        QSignalSpy chosen(&bar, &OverviewBar::rangeChosen);
        const auto drag = [&](int from, int to) {
            QTest::mousePress(&bar, Qt::LeftButton, {}, QPoint(12 + from, 10));
            QTest::mouseMove(&bar, QPoint(12 + (from + to) / 2, 10));
            QTest::mouseMove(&bar, QPoint(12 + to, 10));
            QTest::mouseRelease(&bar, Qt::LeftButton, {}, QPoint(12 + to, 10));
            const auto last = chosen.takeLast();
            chosen.clear();
            if (last[1].toBool()) qFatal("the last range of a drag is called a passing one");
            const auto range = last[0].value<TimeRange>();
            return std::pair(static_cast<int>((range.begin - kStart) / kMinute),
                             static_cast<int>((range.end - kStart) / kMinute));
        };
        const auto near = [](std::pair<int, int> a, std::pair<int, int> b) {
            return std::abs(a.first - b.first) <= 2 && std::abs(a.second - b.second) <= 2;
        };
        QVERIFY(near(drag(150, 250), {200, 300})); // within: moves
        bar.setView({kStart + 100 * kMinute, kStart + 200 * kMinute});
        QVERIFY(near(drag(200, 300), {100, 300})); // the right edge
        bar.setView({kStart + 100 * kMinute, kStart + 200 * kMinute});
        QVERIFY(near(drag(500, 400), {400, 500})); // elsewhere: selects
        bar.setView({kStart + 100 * kMinute, kStart + 200 * kMinute});
        QTest::mouseClick(&bar, Qt::LeftButton, {}, QPoint(12 + 450, 10));
        const auto clicked = chosen.takeLast()[0].value<TimeRange>();
        QVERIFY(std::abs(clicked.begin - (kStart + 400 * kMinute)) <= 2 * kMinute);
        QCOMPARE(clicked.end - clicked.begin, 100 * kMinute);
        QTest::keyClick(&bar, Qt::Key_Right);
        QCOMPARE(chosen.takeLast()[0].value<TimeRange>(),
                 (TimeRange{kStart + 125 * kMinute, kStart + 225 * kMinute}));
        QTest::keyClick(&bar, Qt::Key_Plus);
        QCOMPARE(chosen.takeLast()[0].value<TimeRange>(),
                 (TimeRange{kStart + 125 * kMinute, kStart + 175 * kMinute}));
    }
    /// A store that grows faster than it is counted: what is asked is waited for, then asked once more.
    void growthDoesNotStarveTheLanes()
    {
        const auto engine = std::make_shared<SlowEngine>();
        const auto queries = std::make_shared<QueryService>(engine);
        TimelinePane pane(queries);
        pane.resize(800, 400);
        pane.setVisible(true);
        const auto* const lanes = pane.findChild<HeatStrip*>();
        QVERIFY(lanes != nullptr);
        const TimeRange range{kSecondNs, 100 * kSecondNs};
        engine->held.lock();
        pane.setWhole(range, true);
        pane.show(filters::exists("level"), range);
        for (int i = 0; i < 5; ++i) {
            pane.setWhole(range, true);
            pane.grow(range);
            QTRY_COMPARE(engine->lanes.load(), 1);
            QTRY_COMPARE(engine->overviews.load(), 1);
        }
        engine->held.unlock();
        QTRY_COMPARE(lanes->lanes(), QStringList{QStringLiteral("shop")});
        QTRY_COMPARE(engine->lanes.load(), 2);
        QTRY_COMPARE(engine->overviews.load(), 2);
        // Another selection does not wait.
        pane.show(nullptr, range);
        QTRY_COMPARE(engine->lanes.load(), 3);
    }
    void theLogarithmIsOffered()
    {
        const auto engine = std::make_shared<SlowEngine>();
        const auto queries = std::make_shared<QueryService>(engine);
        TimelinePane pane(queries);
        auto* const button = pane.findChild<QToolButton*>(QStringLiteral("logButton"));
        QVERIFY(button != nullptr && button->isHidden());
        pane.offerLogarithm(true);
        QVERIFY(!button->isHidden());
        button->click();
        QVERIFY(pane.chart()->logarithmic());
        pane.offerLogarithm(false);
        QVERIFY2(button->isHidden() && !pane.chart()->logarithmic(), "switched off means as it was");
    }
    void heightsOfValues()
    {
        const ValueScale linear{200, false}, logarithmic{9'999, true};
        QCOMPARE(linear.shareOf(50), 0.25);
        QVERIFY(linear.marks().empty());
        QCOMPARE(logarithmic.shareOf(0), 0.0);
        QCOMPARE(logarithmic.shareOf(9'999), 1.0);
        QCOMPARE(logarithmic.shareOf(99), 0.5);
        QCOMPARE(logarithmic.marks(), (std::vector<double>{10, 100, 1'000}));
        QCOMPARE((ValueScale{0, true}.shareOf(5)), 0.0);
    }
};

QTEST_MAIN(TestTimelineParts)
#include "tst_timeline_parts.moc"
