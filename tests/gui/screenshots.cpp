// Makes the pictures of the README from the real window on the demo incident:
//   faultline_screenshots OUT_FOLDER DATA_FOLDER
#include "models/session/demo_files.h"
#include "models/session/store_places.h"
#include "views/investigate/event_list_view.h"
#include "views/investigate/investigate_page.h"
#include "views/window/main_window.h"

#include <QApplication>
#include <QDir>
#include <QElapsedTimer>
#include <QLabel>
#include <QSignalSpy>
#include <QStyleFactory>
#include <QTest>

using namespace faultline;

namespace {

/// Waits until nothing has been painted anew for a while: answers come from other threads.
void settle()
{
    QTest::qWait(1'500);
}

} // namespace

int main(int argc, char** argv)
{
    QApplication application(argc, argv);
    QApplication::setStyle(QStyleFactory::create(QStringLiteral("Fusion")));
    if (argc != 3) {
        qWarning("usage: faultline_screenshots OUT_FOLDER DATA_FOLDER");
        return 2;
    }
    const QDir out(QString::fromLocal8Bit(argv[1]));
    const std::string data = argv[2];
    CaseOpener::Places places;
    places.clock = std::make_shared<SystemClock>();
    places.storeFor = [data](const CaseRequest&) { return StorePlaces(data).named("demo"); };
    places.makeDemo = [data](std::stop_token stop) {
        return ensureDemoFiles(data, DemoOptions(), false, std::move(stop));
    };
    MainWindow window(places, MainWindow::Prompts::dialogs());
    window.resize(1400, 860);
    window.show();
    settle();
    window.grab().save(out.filePath(QStringLiteral("window-start.png")));
    QSignalSpy finished(&window, &MainWindow::readFinished);
    window.openCase({{}, {}, true});
    if (!finished.wait(120'000)) {
        qWarning("the demo was not read in two minutes");
        return 1;
    }
    settle();
    window.page()->submit(QStringLiteral("level:>=warn"));
    settle();
    auto* const list = window.findChild<EventListView*>(QStringLiteral("eventList"));
    list->setFocus();
    list->setCurrentRow(1'200, true);
    settle();
    list->setCurrentRow(1'205);
    settle();
    window.grab().save(out.filePath(QStringLiteral("window-dark.png")));
    window.setDark(false);
    settle();
    window.grab().save(out.filePath(QStringLiteral("window-light.png")));
    window.setDark(true);
    window.page()->submit(QStringLiteral("service:checkout AND (duration_ms>"));
    settle();
    window.grab().save(out.filePath(QStringLiteral("window-error.png")));
    window.page()->submit(QStringLiteral("nothing_has_this_word_in_it"));
    settle();
    window.grab().save(out.filePath(QStringLiteral("window-nothing.png")));
    return 0;
}
