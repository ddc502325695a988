#include "views/window/run_window.h"

#include "views/window/main_window.h"

#include <QApplication>
#include <QStyleFactory>

#include <malloc.h>

#include <algorithm>
#include <cstdlib>
#include <thread>

namespace faultline {

bool canShowWindow()
{
    for (const char* name : {"QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"})
        if (const char* value = std::getenv(name); value != nullptr && *value != '\0') return true;
    return false;
}

void prepareProcess()
{
#ifdef M_ARENA_MAX
    mallopt(M_ARENA_MAX, static_cast<int>(std::clamp(std::thread::hardware_concurrency(), 2u, 64u)));
#endif
}

int runWindow(int& argc, char** argv, const WindowRequest& request, std::stop_token stop)
{
    prepareProcess();
    QApplication::setApplicationName(QStringLiteral("faultline"));
    QApplication::setDesktopFileName(QStringLiteral("org.faultline.Faultline"));
    const QApplication application(argc, argv);
    QApplication::setStyle(QStyleFactory::create(QStringLiteral("Fusion")));
    MainWindow window(request.places, MainWindow::Prompts::dialogs());
    window.show();
    // A signal ends the window as closing it does: what is committed stays.
    const std::stop_callback onStop(
        stop, [] { QMetaObject::invokeMethod(qApp, &QCoreApplication::quit, Qt::QueuedConnection); });
    const CaseRequest& first = request.first;
    if (first.demo || !first.paths.empty() || !first.storePath.empty()) window.openCase(first);
    return QApplication::exec();
}

} // namespace faultline
