// The window never waits: no piece of work on its thread may take longer than 50 ms, whatever the user does.
#include "models/session/demo_files.h"
#include "models/tables/event_list_model.h"
#include "tests/gui/window_fixture.h"
#include "views/investigate/event_list_view.h"
#include "views/investigate/investigate_page.h"
#include "views/timeline/histogram_view.h"
#include "views/timeline/timeline_pane.h"
#include "views/window/app_style.h"

#include <QAbstractItemView>
#include <QAction>
#include <QApplication>
#include <QFile>
#include <QFontDatabase>
#include <QScrollBar>
#include <QTabWidget>
#include <QToolButton>
#include <QWheelEvent>

#include <time.h>

#include <algorithm>
#include <optional>
#include <random>
#include <utility>

using namespace faultline;

namespace {

constexpr double kMostMs = 50;
constexpr qint64 kMostBytes = 32 * 1024; ///< less than a single chunk of a store

/// What this thread has computed.
double cpuMs()
{
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

/// Bytes that this thread has read and written so far; nothing where the kernel does not count them. The
/// event loop wakes its threads by eight bytes each time, and this function reads some itself.
std::optional<qint64> fileBytes()
{
    QFile file(QStringLiteral("/proc/thread-self/io"));
    if (!file.open(QIODevice::ReadOnly | QIODevice::Unbuffered)) return std::nullopt;
    qint64 bytes = 0;
    const QList<QByteArray> lines = file.read(4'096).split('\n');
    for (const QByteArray& line : lines)
        if (line.startsWith("rchar") || line.startsWith("wchar"))
            bytes += line.mid(line.indexOf(':') + 1).trimmed().toLongLong();
    return bytes;
}

/// Measures each event that the thread handles by what holds on a busy machine too: what it computes, and
/// whether it reads or writes files.
class WatchedApplication final : public QApplication
{
public:
    using QApplication::QApplication;
    bool notify(QObject* object, QEvent* event) override
    {
        if (m_depth > 0 || !watching) return QApplication::notify(object, event);
        ++m_depth;
        const QString what = QStringLiteral("%1 (%2), event %3")
                                 .arg(QLatin1String(object->metaObject()->className()), object->objectName())
                                 .arg(event->type());
        const auto bytesBefore = fileBytes();
        const double before = cpuMs();
        const bool done = QApplication::notify(object, event);
        const double took = cpuMs() - before;
        if (bytesBefore) {
            const qint64 bytes = *fileBytes() - *bytesBefore;
            if (bytes > mostBytes) {
                mostBytes = bytes;
                mostBytesWhat = step + QStringLiteral(": ") + what;
            }
        }
        slices.push_back(took);
        if (took > worst) {
            worst = took;
            worstWhat = step + QStringLiteral(": ") + what;
        }
        --m_depth;
        return done;
    }
    bool watching = false;
    QString step; ///< what the user does
    double worst = 0;
    QString worstWhat;
    qint64 mostBytes = 0;
    QString mostBytesWhat;
    std::vector<double> slices;

private:
    int m_depth = 0;
};

} // namespace

class TestSlices : public QObject
{
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        m_window = std::make_unique<WindowFixture>();
        m_window->window().resize(1920, 1080);
        m_window->window().show();
        QVERIFY(QTest::qWaitForWindowExposed(&m_window->window()));
        // Fonts are read when they are first used; that is not what is looked for.
        QFont fixed = QFontDatabase::systemFont(QFontDatabase::FixedFont), bold = QApplication::font();
        bold.setBold(true);
        for (const QFont& font : {fixed, bold}) (void)QFontMetrics(font).horizontalAdvance(QLatin1Char('x'));
        DemoOptions options;
        options.events = 300'000;
        const auto files = ensureDemoFiles(m_window->root().path().toStdString(), options, false, {});
        QVERIFY(files);
        for (const std::string& file : *files) m_files.push_back(QString::fromStdString(file));
    }
    void reading();
    void scrolling();
    void askingAndTyping();
    void theTimeline();
    void fieldsAndPatterns();
    void otherScreens();
    void anotherCase();

private:
    WatchedApplication& application() { return *static_cast<WatchedApplication*>(qApp); }
    /// Does a step of the user and lets the window work until it is at rest.
    void step(const char* name, const std::function<void()>& run)
    {
        WatchedApplication& watched = application();
        watched.step = QLatin1String(name);
        watched.watching = true;
        // As the user's own event: what it calls counts as one slice.
        QMetaObject::invokeMethod(&watched, run, Qt::QueuedConnection);
        QCoreApplication::processEvents();
        (void)QTest::qWaitFor([this] { return atRest(); }, 20'000);
        watched.watching = false;
    }
    bool atRest()
    {
        const auto* const page = m_window->window().page();
        if (page == nullptr) return false;
        const auto* const histogram = page->findChild<HistogramView*>();
        const auto* const model = page->findChild<EventListModel*>();
        return histogram->exact() && !model->counting();
    }
    /// The slices since the last time.
    void check(const char* where)
    {
        WatchedApplication& watched = application();
        std::sort(watched.slices.begin(), watched.slices.end());
        QVERIFY(!watched.slices.empty());
        const double p99 = watched.slices[watched.slices.size() * 99 / 100];
        qInfo("%s: %zu slices, p99 %.1f ms, worst %.1f ms (%s), at most %lld bytes of files (%s)", where,
              watched.slices.size(), p99, watched.worst, qPrintable(watched.worstWhat), watched.mostBytes,
              qPrintable(watched.mostBytesWhat));
        watched.slices.clear();
        const double worst = std::exchange(watched.worst, 0);
        const qint64 bytes = std::exchange(watched.mostBytes, 0);
        QVERIFY2(worst <= kMostMs, qPrintable(QStringLiteral("%1 ms at once on the window's thread: %2")
                                                  .arg(worst)
                                                  .arg(watched.worstWhat)));
        QVERIFY2(bytes <= kMostBytes,
                 qPrintable(QStringLiteral("%1 bytes read and written on the window's thread: %2")
                                .arg(bytes)
                                .arg(watched.mostBytesWhat)));
    }
    std::unique_ptr<WindowFixture> m_window;
    QStringList m_files;
};

void TestSlices::reading()
{
    WatchedApplication& watched = application();
    watched.step = QStringLiteral("reading");
    watched.watching = true;
    QVERIFY(m_window->openAndWait(m_files));
    QVERIFY(QTest::qWaitFor([this] { return atRest(); }, 30'000));
    watched.watching = false;
    check("reading 300,000 events");
}

void TestSlices::scrolling()
{
    auto* const list = m_window->find<EventListView>("eventList");
    QScrollBar* const bar = list->verticalScrollBar();
    std::mt19937 random(3);
    for (int i = 0; i < 30; ++i) step("scroll", [&] { bar->setValue(bar->value() + 40); });
    for (int i = 0; i < 20; ++i)
        step("jump",
             [&] { bar->setValue(static_cast<int>(random() % static_cast<unsigned>(bar->maximum() + 1))); });
    list->setFocus();
    for (int i = 0; i < 20; ++i) step("next row", [&] { QTest::keyClick(list, Qt::Key_Down); });
    for (int i = 0; i < 5; ++i) step("next error", [&] { QTest::keyClick(list, Qt::Key_E); });
    check("scrolling");
}

void TestSlices::askingAndTyping()
{
    InvestigatePage* const page = m_window->window().page();
    auto* const input = m_window->find<QLineEdit>("searchInput");
    input->setFocus();
    for (const QChar letter : QStringLiteral("level:>=warn service:pri"))
        step("typing", [&] { QTest::keyClick(input, letter.toLatin1()); });
    step("enter", [&] { QTest::keyClick(input, Qt::Key_Return); });
    for (const char* const query :
         {"level:error", "timeout", "message=~\"took [0-9]{3,}\"", "duration_ms>500", "nothing_has_this", ""})
        step(query, [&] { page->submit(QString::fromLatin1(query)); });
    check("asking");
}

void TestSlices::theTimeline()
{
    auto* const histogram = m_window->find<HistogramView>("histogram");
    auto* const timeline = m_window->window().findChild<TimelinePane*>();
    const QPointF middle(histogram->width() * 0.6, histogram->height() / 2.0);
    const auto wheel = [&](int turn, Qt::KeyboardModifiers modifiers) {
        QWheelEvent event(middle, histogram->mapToGlobal(middle), {}, {0, turn}, Qt::NoButton, modifiers,
                          Qt::NoScrollPhase, false);
        QCoreApplication::sendEvent(histogram, &event);
    };
    for (int i = 0; i < 10; ++i) step("zoom in", [&] { wheel(120, Qt::NoModifier); });
    for (int i = 0; i < 10; ++i) step("pan", [&] { wheel(120, Qt::ShiftModifier); });
    for (int i = 0; i < 12; ++i) step("zoom out", [&] { wheel(-120, Qt::NoModifier); });
    for (const char* const field : {"service", "message", "trace_id", "severity"})
        step(field, [&] { timeline->setGroup(QLatin1String(field)); });
    step("rates", [&] { m_window->find<QToolButton>("rateButton")->click(); });
    for (int i = 0; i < 40; ++i)
        step("hover", [&] { QTest::mouseMove(histogram, QPoint(200 + i * 30, 60)); });
    check("the timeline");
}

void TestSlices::fieldsAndPatterns()
{
    auto* const tabs = m_window->find<QTabWidget>("fieldTabs");
    step("patterns", [&] { tabs->setCurrentIndex(1); });
    step("fields", [&] { tabs->setCurrentIndex(0); });
    auto* const fields = m_window->find<QAbstractItemView>("fieldList");
    fields->setFocus();
    for (int i = 0; i < 12; ++i) {
        step("next field", [&] { QTest::keyClick(fields, Qt::Key_Down); });
        step("its values", [&] { QTest::keyClick(fields, Qt::Key_Return); });
    }
    check("fields and patterns");
}

void TestSlices::otherScreens()
{
    step("dark and light", [&] { m_window->find<QAction>("darkAction")->toggle(); });
    step("SQL console", [&] { m_window->find<QAction>("sqlAction")->trigger(); });
    step("and back", [&] { m_window->find<QAction>("sqlAction")->trigger(); });
    step("resize", [&] { m_window->window().resize(900, 700); });
    check("other screens");
}

void TestSlices::anotherCase()
{
    // With screens whose services end, a question under way, and the store's file to be closed.
    step("sources", [&] { m_window->find<QAction>("sourcesAction")->trigger(); });
    const QString file = m_window->writeLog(QStringLiteral("small.log"), 1'000);
    m_window->setStoreName(QStringLiteral("another"));
    QSignalSpy opened(&m_window->window(), &MainWindow::caseOpened);
    step("another case", [&] {
        m_window->window().page()->submit(QStringLiteral("message=~\"a.*b.*c.*d\""));
        CaseRequest request;
        request.paths = {file.toStdString()};
        m_window->window().openCase(request);
    });
    application().watching = true;
    QVERIFY(
        QTest::qWaitFor([&] { return !opened.empty() && m_window->countText() == u"1,000 events"; }, 20'000));
    application().watching = false;
    check("another case");
}

int main(int argc, char** argv)
{
    QApplication::setStyle(new AppStyle);
    WatchedApplication application(argc, argv);
    QTEST_SET_MAIN_SOURCE_PATH
    TestSlices test;
    return QTest::qExec(&test, argc, argv);
}

#include "tst_slices.moc"
