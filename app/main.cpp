#include "app/cli/command.h"
#include "app/interrupt.h"
#include "models/session/demo_files.h"
#include "models/session/store_places.h"
#ifdef FAULTLINE_GUI
#include "views/window/run_window.h"
#endif
#if defined(FAULTLINE_GUI) && __has_include("views/run_window.h")
#include "views/run_window.h"
#define FAULTLINE_WINDOW
#endif

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <clocale>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace {

using namespace faultline;

bool isCommand(const std::string& word)
{
    const auto all = cli::commands();
    return word == "help" || std::any_of(all.begin(), all.end(),
                                         [&](const cli::Command* command) { return command->name == word; });
}

bool wantsUtf8()
{
    for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
        const char* value = std::getenv(name);
        if (value && *value)
            return std::strstr(value, "UTF-8") || std::strstr(value, "utf8") || std::strstr(value, "utf-8");
    }
    return false;
}

cli::Context surroundings(std::stop_token stop)
{
    cli::Context context;
    context.outIsTerminal = ::isatty(STDOUT_FILENO) == 1;
    context.errIsTerminal = ::isatty(STDERR_FILENO) == 1;
    context.inIsTerminal = ::isatty(STDIN_FILENO) == 1;
    winsize size{};
    if (context.outIsTerminal && ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20)
        context.width = size.ws_col;
    context.utf8 = !context.outIsTerminal || wantsUtf8();
    context.clock = std::make_shared<SystemClock>();
    context.dataDirectory = StorePlaces().directory();
    context.stop = std::move(stop);
    return context;
}

/// Whether this command line asks for the window: nothing at all, `window`, or a path instead of a command.
bool wantsWindow(const std::vector<std::string>& words)
{
    if (words.empty() || words[0] == "window") return true;
    if (words[0].starts_with("-") || words[0] == "help") return false;
    for (const cli::Command* command : cli::commands())
        if (command->name == words[0]) return false;
    std::error_code code;
    return std::filesystem::exists(words[0], code);
}

/// The window on these paths; where there is none (no display, or built without it) the same in the terminal.
int openWindow(const cli::Context& context, int& argc, char** argv, std::vector<std::string> paths)
{
#ifdef FAULTLINE_WINDOW
    const auto set = [](const char* name) {
        const char* value = std::getenv(name);
        return value && *value;
    };
    if (set("DISPLAY") || set("WAYLAND_DISPLAY") || set("QT_QPA_PLATFORM"))
        return runWindow(argc, argv, paths);
    std::fputs("No display here (DISPLAY and WAYLAND_DISPLAY are not set): the same in the terminal.\n",
               context.err);
#else
    (void)argc;
    (void)argv;
    std::fputs("This program was built without its window: the same in the terminal.\n", context.err);
#endif
    paths.insert(paths.begin(), "overview");
    const cli::Context context = surroundings(interrupt.token());
#ifdef FAULTLINE_GUI
    if (const auto request = windowRequest(context, words)) return runWindow(argc, argv, *request);
#endif
    return cli::runCli(context, words);
}
