// How the real window does on a store, on the offscreen platform:
//   window_bench STORE            (target/times: DESIGN section 14; a store of 10 million events from `demo`)
// Prints milliseconds. A frame is what the GUI thread does between two steps of the user, in wall time and in
// its own CPU time: on a busy machine only the second says something.
#include "models/query/local_engine.h"
#include "models/session/store_places.h"
#include "models/session/workspace.h"
#include "models/tables/event_list_model.h"
#include "views/investigate/event_list_view.h"
#include "views/investigate/investigate_page.h"
#include "views/timeline/histogram_view.h"
#include "views/window/app_style.h"
#include "views/window/main_window.h"
#include "views/window/run_window.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QFile>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QScrollBar>
#include <QWheelEvent>

#include <time.h>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <random>
#include <thread>

using namespace faultline;

namespace {

double threadMs()
{
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

/// Of all threads.
double processMs()
{
    timespec now{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

/// Adds up what the GUI thread does while it handles events.
class BenchApplication final : public QApplication
{
public:
    using QApplication::QApplication;
    bool notify(QObject* object, QEvent* event) override
    {
        if (m_depth++ > 0) {
            const bool done = QApplication::notify(object, event);
            --m_depth;
            return done;
        }
        QElapsedTimer timer;
        timer.start();
        const double before = threadMs();
        const bool done = QApplication::notify(object, event);
        wall += static_cast<double>(timer.nsecsElapsed()) / 1e6;
        cpu += threadMs() - before;
        --m_depth;
        return done;
    }
    double wall = 0, cpu = 0;

private:
    int m_depth = 0;
};

struct Frames
{
    std::vector<double> wall, cpu;
    static double at(std::vector<double> values, double share)
    {
        if (values.empty()) return 0;
        std::sort(values.begin(), values.end());
        return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
    }
    void print(const char* what) const
    {
        std::printf("%-34s wall p50 %6.2f p95 %6.2f max %6.2f   cpu p50 %6.2f p95 %6.2f max %6.2f  (%zu)\n",
                    what, at(wall, 0.5), at(wall, 0.95), at(wall, 1), at(cpu, 0.5), at(cpu, 0.95), at(cpu, 1),
                    wall.size());
    }
};

long residentKb()
{
    QFile file(QStringLiteral("/proc/self/status"));
    if (!file.open(QIODevice::ReadOnly)) return 0;
    for (const QByteArray& line : file.readAll().split('\n'))
        if (line.startsWith("VmRSS:")) return line.simplified().split(' ').at(1).toLong();
    return 0;
}

class Bench
{
public:
    Bench(BenchApplication& application, MainWindow& window) : m_application(application), m_window(window) {}

    bool waitFor(const std::function<bool()>& done, int mostMs = 60'000)
    {
        QElapsedTimer timer;
        timer.start();
        while (!done() && timer.elapsed() < mostMs)
            QCoreApplication::processEvents(QEventLoop::WaitForMoreEvents, 5);
        return done();
    }
    /// One frame of 16 ms: the step, and all that follows from it.
    void frame(Frames& frames, const std::function<void()>& step)
    {
        QElapsedTimer timer;
        timer.start();
        m_application.wall = m_application.cpu = 0;
        const double cpu = threadMs();
        step();
        const double own = static_cast<double>(timer.nsecsElapsed()) / 1e6;
        const double ownCpu = threadMs() - cpu;
        do {
            QCoreApplication::processEvents(QEventLoop::AllEvents, 2);
        } while (timer.elapsed() < 16);
        frames.wall.push_back(own + m_application.wall);
        frames.cpu.push_back(ownCpu + m_application.cpu);
    }
    void scroll(EventListView& list);
    void context(EventListView& list);
    void zoom(HistogramView& histogram);
    void questions(InvestigatePage& page, HistogramView& histogram);

private:
    BenchApplication& m_application;
    MainWindow& m_window;
};

void Bench::scroll(EventListView& list)
{
    QScrollBar* const bar = list.verticalScrollBar();
    auto* const model = m_window.page()->findChild<EventListModel*>();
    const int last = bar->maximum();
    Frames smooth, sweep, jumps, keys;
    for (int i = 0; i < 300; ++i) frame(smooth, [&] { bar->setValue(bar->value() + 3); });
    smooth.print("scroll, 3 rows a frame");
    for (int i = 0; i <= 400; ++i)
        frame(sweep, [&] { bar->setValue(static_cast<int>(static_cast<double>(last) * i / 400)); });
    sweep.print("scroll, top to bottom in 400 frames");
    std::mt19937 random(7);
    std::vector<double> shown, spent;
    for (int i = 0; i < 60; ++i) {
        const int row = static_cast<int>(random() % static_cast<unsigned>(last + 1));
        QElapsedTimer timer;
        timer.start();
        const double before = processMs();
        frame(jumps, [&] { bar->setValue(row); });
        waitFor([&] { return model->event(row) != nullptr; }, 10'000);
        shown.push_back(static_cast<double>(timer.nsecsElapsed()) / 1e6);
        spent.push_back(processMs() - before);
    }
    jumps.print("scroll, random jumps");
    Frames{shown, spent}.print("rows shown after a random jump");
    for (int i = 0; i < 200; ++i) frame(keys, [&] { list.setCurrentRow(list.currentRow() + 1); });
    keys.print("next row, with its fields");
}

/// Several lines a row, the pointer over the rows, several rows selected, and the list of what is around an
/// event: following each step of the one below it, and scrolled by itself.
void Bench::context(EventListView& list)
{
    auto* const around = m_window.findChild<EventListView*>(QStringLiteral("contextList"));
    Frames wrapped, hover, select, follow, scrolling;
    ListLayout layout = m_window.page()->listLayout();
    layout.wrap = true;
    m_window.page()->setListLayout(layout);
    QScrollBar* const bar = list.verticalScrollBar();
    bar->setValue(bar->maximum() / 2);
    for (int i = 0; i < 200; ++i) frame(wrapped, [&] { bar->setValue(bar->value() + 3); });
    wrapped.print("scroll, several lines a row");
    layout.wrap = false;
    layout.context = true;
    m_window.page()->setListLayout(layout);
    const auto send = [](QWidget* to, QEvent::Type type, QPointF at, Qt::MouseButton button) {
        QMouseEvent event(type, at, to->mapToGlobal(at), button, button, Qt::NoModifier);
        QCoreApplication::sendEvent(to, &event);
    };
    for (int i = 0; i < 200; ++i)
        frame(hover, [&] { send(list.viewport(), QEvent::MouseMove, {300.0 + i, 40.0 + i}, Qt::NoButton); });
    hover.print("hover the list");
    const auto press = [](QWidget* to, int key, Qt::KeyboardModifiers with) {
        QKeyEvent event(QEvent::KeyPress, key, with);
        QCoreApplication::sendEvent(to, &event);
    };
    for (int i = 0; i < 200; ++i) frame(select, [&] { press(&list, Qt::Key_Down, Qt::ShiftModifier); });
    select.print("select row after row");
    for (int i = 0; i < 300; ++i) frame(follow, [&] { list.setCurrentRow(list.currentRow() + 1); });
    waitFor([&] { return around->currentRow() >= 0; });
    follow.print("next row, with what is around it");
    QScrollBar* const other = around->verticalScrollBar();
    for (int i = 0; i < 400; ++i) frame(scrolling, [&] { other->setValue(other->value() - 5); });
    scrolling.print("scroll what is around an event");
    layout.context = false;
    m_window.page()->setListLayout(layout);
}

void Bench::zoom(HistogramView& histogram)
{
    Frames zooming, panning;
    const QPointF middle(histogram.width() * 0.6, histogram.height() / 2.0);
    const auto wheel = [&](int turn, Qt::KeyboardModifiers modifiers) {
        QWheelEvent event(middle, histogram.mapToGlobal(middle), {}, {0, turn}, Qt::NoButton, modifiers,
                          Qt::NoScrollPhase, false);
        QCoreApplication::sendEvent(&histogram, &event);
    };
    for (int round = 0; round < 4; ++round) {
        for (int i = 0; i < 9; ++i) frame(zooming, [&] { wheel(120, Qt::NoModifier); });
        for (int i = 0; i < 40; ++i) frame(panning, [&] { wheel(i < 20 ? 120 : -120, Qt::ShiftModifier); });
        for (int i = 0; i < 10; ++i) frame(zooming, [&] { wheel(-120, Qt::NoModifier); });
    }
    zooming.print("zoom the histogram");
    panning.print("pan the histogram");
    m_window.page()->showAllTime();
    waitFor([&] { return histogram.exact(); });
}

void Bench::questions(InvestigatePage& page, HistogramView& histogram)
{
    for (const char* query : {"level:error", "timeout", "service:checkout level:>=warn", "duration_ms>500",
                              "message=~\"took [0-9]{3,}\"", "service:cart -timeout", ""}) {
        double call = 0, first = -1, complete = -1, rows = -1, chart = -1;
        qint64 total = 0;
        QElapsedTimer timer;
        auto* const model = page.findChild<EventListModel*>();
        const auto now = [&] { return static_cast<double>(timer.nsecsElapsed()) / 1e6; };
        timer.start();
        const double cpu = processMs(), own = threadMs();
        page.submit(QString::fromLatin1(query));
        call = threadMs() - own;
        const auto connection =
            QObject::connect(&page, &InvestigatePage::countChanged, &page, [&](qint64 count, bool exact) {
                if (first < 0) first = now();
                if (exact && complete < 0) complete = now();
                total = count;
            });
        waitFor([&] {
            if (rows < 0 && model->event(0) != nullptr) rows = now();
            if (chart < 0 && histogram.exact()) chart = now();
            return complete >= 0 && chart >= 0 && (rows >= 0 || total == 0);
        });
        QObject::disconnect(connection);
        std::printf("%-30s %9lld events: call %4.1f first %6.1f count %6.1f chart %6.1f rows %6.1f"
                    " process cpu %6.1f\n",
                    *query != 0 ? query : "(all)", static_cast<long long>(total), call, first, complete,
                    chart, rows, processMs() - cpu);
    }
}

/// How long a question goes on after it was cancelled, on its worker and all that help it.
void cancelLatency(const std::string& path)
{
    Workspace::Options options;
    options.storePath = path;
    auto workspace = Workspace::open(options);
    if (!workspace) return;
    std::vector<double> ends, spent;
    const char* const queries[] = {"message=~\"t.*k [0-9]{3,}ms$\"", "absent_word", "user.id:*1*", "timeout"};
    for (int i = 0; i < 40; ++i) {
        (*workspace)->engine()->forget();
        HistogramQuestion question;
        question.selection.filter = *parseFilter(queries[i % 4], 0);
        question.by = {"severity", "service"};
        question.step = 60 * kSecondNs;
        std::stop_source stop;
        std::chrono::steady_clock::time_point end;
        Result<Answer> answer = makeError(ErrorKind::Internal, "", "");
        std::thread asker([&] {
            answer = (*workspace)->engine()->ask(question, stop.get_token());
            end = std::chrono::steady_clock::now();
        });
        std::this_thread::sleep_for(std::chrono::milliseconds(5 + i * 2));
        const auto asked = std::chrono::steady_clock::now();
        const double before = processMs();
        stop.request_stop();
        asker.join();
        const double cpu = processMs() - before;
        if (answer) continue; // it was faster
        ends.push_back(std::chrono::duration<double, std::milli>(end - asked).count());
        spent.push_back(cpu);
    }
    Frames{ends, spent}.print("cancel, until the workers are free");
}

} // namespace

int main(int argc, char** argv)
{
    QElapsedTimer timer;
    timer.start();
    if (argc != 2 && argc != 3) {
        std::fputs("usage: window_bench STORE [scroll|context|zoom|questions|cancel]\n", stderr);
        return 2;
    }
    const auto wanted = [part = std::string(argc == 3 ? argv[2] : "")](const char* name) {
        return part.empty() || part == name;
    };
    if (qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM")) qputenv("QT_QPA_PLATFORM", "offscreen");
    prepareProcess();
    const std::string path = argv[1];
    BenchApplication application(argc, argv);
    QApplication::setStyle(new AppStyle);
    CaseOpener::Places places;
    places.clock = std::make_shared<SystemClock>();
    places.storeFor = [path](const CaseRequest&) { return path; };
    places.makeDemo = [](std::stop_token) -> Result<std::vector<std::string>> {
        return makeError(ErrorKind::NotFound, "make the demo", "this program has none");
    };
    MainWindow window(places, MainWindow::Prompts::dialogs());
    window.resize(1920, 1080);
    window.show();
    window.openCase({{}, path, false});
    Bench bench(application, window);
    const auto now = [&] { return static_cast<double>(timer.nsecsElapsed()) / 1e6; };
    QCoreApplication::processEvents();
    std::printf("%-34s %7.1f\n", "window shown", now());
    if (!bench.waitFor([&] { return window.page() != nullptr; })) return 1;
    QCoreApplication::processEvents();
    std::printf("%-34s %7.1f\n", "store open, page shown", now());
    auto* const list = window.findChild<EventListView*>(QStringLiteral("eventList"));
    auto* const histogram = window.findChild<HistogramView*>(QStringLiteral("histogram"));
    auto* const model = window.page()->findChild<EventListModel*>();
    bench.waitFor([&] { return model->event(0) != nullptr; });
    std::printf("%-34s %7.1f\n", "first rows", now());
    bench.waitFor([&] { return histogram->exact() && !model->counting(); });
    std::printf("%-34s %7.1f  (%d events)\n", "histogram and count complete", now(), model->rowCount());
    std::printf("%-34s %7ld MB\n", "resident after opening", residentKb() / 1000);
    if (wanted("scroll")) bench.scroll(*list);
    if (wanted("context")) bench.context(*list);
    if (wanted("zoom")) bench.zoom(*histogram);
    if (wanted("questions")) bench.questions(*window.page(), *histogram);
    std::printf("%-34s %7ld MB\n", "resident after all of it", residentKb() / 1000);
    if (wanted("cancel")) cancelLatency(path);
    return 0;
}
