#include "views/window/run_window.h"

#include "views/investigate/investigate_page.h"
#include "views/render/plain_text.h"
#include "views/window/app_icon.h"
#include "views/window/app_style.h"
#include "views/window/main_window.h"

#include <QApplication>
#include <QMessageBox>
#include <QScreen>

#include <malloc.h>

#include <algorithm>
#include <cstdio>
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
    QApplication::setWindowIcon(appIcon());
    QApplication::setStyle(new AppStyle);
    MainWindow window(request.places, MainWindow::Prompts::dialogs());
    for (const Error& error : request.damaged) window.tell(error);
    // The screen may be another one than last time.
    if (const QScreen* const screen = QGuiApplication::primaryScreen())
        window.resize(window.size().boundedTo(screen->availableSize()));
    window.show();
    // A signal ends the window as closing it does: what is committed stays.
    const std::stop_callback onStop(
        stop, [] { QMetaObject::invokeMethod(qApp, &QCoreApplication::quit, Qt::QueuedConnection); });
    if (request.link) {
        const auto show = [&window, link = *request.link] {
            if (window.page() != nullptr) window.page()->openLink(link);
        };
        QObject::connect(&window, &MainWindow::caseOpened, &window, show, Qt::SingleShotConnection);
    }
    const CaseRequest& first = request.first;
    if (first.demo || !first.paths.empty() || !first.storePath.empty()) window.openCase(first);
    if (request.failure) {
        auto* const box =
            new QMessageBox(QMessageBox::Warning, QCoreApplication::translate("faultline", "Faultline"),
                            oneLine(request.failure->line()), QMessageBox::Ok, &window);
        box->setTextFormat(Qt::PlainText);
        box->setAttribute(Qt::WA_DeleteOnClose);
        box->open();
    }
    const int code = QApplication::exec();
    window.hide(); // where a signal ended it
    // Nobody can read a status line any more.
    for (const Error& error : window.finish())
        std::fprintf(stderr, "faultline: not kept: %s\n", oneLine(error.line()).toUtf8().constData());
    return code;
}

} // namespace faultline
