#include "app/cli/command.h"
#include "app/interrupt.h"
#include "app/runtime_dir.h"
#include "app/url_words.h"
#include "models/session/case_request.h"
#include "models/session/experiments.h"
#include "models/session/store_places.h"
#ifdef FAULTLINE_GUI
#include "models/session/demo_files.h"
#include "models/session/user_state.h"
#include "views/window/run_window.h"
#endif

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <clocale>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

namespace {

using namespace faultline;

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
    if (cli::commandPlace(words) || std::find(words.begin(), words.end(), "--help") != words.end())
        return false;
    if (words.empty() || isUrl(words[0]) || words[0] == "window" || words[0] == "--store" ||
        words[0] == "--demo" || words[0] == "--enable" || words[0].starts_with("--enable="))
        return true;
    if (words[0].starts_with("-") || words[0] == "help") return false;
    std::error_code code;
    return std::filesystem::exists(words[0], code);
}

#ifdef FAULTLINE_GUI
/// What the window opens: `words` are paths, or --store PATH, or --demo.
Result<WindowRequest> windowRequest(const cli::Context& context, const std::vector<std::string>& words,
                                    const std::vector<std::string>& enabled)
{
    WindowRequest request;
    bool demo = false;
    std::string store;
    std::vector<std::string> paths;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (words[i] == "--demo")
            demo = true;
        else if (words[i] == "--store" && i + 1 < words.size())
            store = std::filesystem::absolute(words[++i]).string();
        else if (words[i].starts_with("-"))
            return makeError(ErrorKind::Usage, "open the window", "there is no option " + words[i],
                             {"It takes paths, --store PATH, --demo or --enable EXPERIMENT; faultline --help "
                              "lists the commands."});
        else
            paths.push_back(std::filesystem::absolute(words[i]).string());
    }
    auto asked = caseRequest(paths, store);
    if (!asked) return std::move(asked).error();
    request.first = std::move(*asked);
    request.first.demo = demo;
    const char* const named = std::getenv("FAULTLINE_STORE");
    if (request.first.storePath.empty() && !request.first.demo && named && *named)
        request.first.storePath = named;
    const std::string directory = context.dataDirectory;
    const auto state = std::make_shared<const UserState>(directory);
    request.places.state = state;
    request.places.settings = readSettings(*state, request.damaged);
    for (const std::string& name : enabled) (void)request.places.settings.experiments.enable(name);
    request.places.clock = context.clock;
    request.places.dataDirectory = directory;
    request.places.storeFor = [directory, clock = context.clock](const CaseRequest& first) {
        const StorePlaces places(directory);
        if (!first.command.empty()) return places.named(followedStoreName(clock->now()));
        return first.demo ? places.named("demo") : places.forPaths(first.paths);
    };
    request.places.recent = [directory] { return StorePlaces(directory).recent(20); };
    request.places.remember = [directory](const std::string& path) {
        StorePlaces(directory).rememberLast(path);
    };
    request.places.makeDemo = [directory](std::stop_token stop) {
        return ensureDemoFiles(directory, DemoOptions(), false, std::move(stop));
    };
    return request;
}

/// A link is opened in the store that is named with it, or in the one that was used last.
void takeLink(const cli::Context& context, ViewLink link, WindowRequest& request)
{
    request.link = std::move(link);
    CaseRequest& first = request.first;
    if (first.demo || !first.paths.empty() || !first.storePath.empty()) return;
    first.storePath = StorePlaces(context.dataDirectory).last();
    if (first.storePath.empty())
        request.failure = makeError(ErrorKind::NotFound, "open the link",
                                    "there is no store yet in which it could show something");
}
#endif

/// What there is to see of these words without a window.
int inTerminal(const cli::Context& context, std::vector<std::string> words)
{
    std::erase(words, "--demo");
    std::vector<std::string> paths;
    std::string store;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (words[i] == "--store" && i + 1 < words.size())
            store = words[++i];
        else
            paths.push_back(words[i]);
    }
    auto request = caseRequest(paths, store);
    if (!request) return cli::printError(context, request.error());
    if (request->storePath.empty()) {
        paths.insert(paths.begin(), "overview");
        return cli::runCli(context, paths);
    }
    // An overview without paths reads the demo: not into a store of somebody's.
    words = {request->paths.empty() ? "sources" : "overview", "--store", request->storePath};
    words.insert(words.end(), request->paths.begin(), request->paths.end());
    return cli::runCli(context, words);
}

/// Takes `--enable NAME` out of the words: the names. Error: Usage where there is no such experiment.
Result<std::vector<std::string>> takeEnabled(std::vector<std::string>& words)
{
    std::vector<std::string> enabled, rest;
    EnabledExperiments known;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const bool joined = words[i].starts_with("--enable=");
        if (!joined && (words[i] != "--enable" || i + 1 == words.size())) {
            rest.push_back(words[i]);
            continue;
        }
        enabled.push_back(joined ? words[i].substr(9) : words[i + 1]);
        i += joined ? 0 : 1;
        if (Status status = known.enable(enabled.back()); !status) return std::move(status).error();
    }
    words = std::move(rest);
    return enabled;
}

/// The window on these paths; where there is none (no display, or built without it) the same in the terminal.
int openWindow(const cli::Context& context, int& argc, char** argv, std::vector<std::string> words)
{
    const auto enabled = takeEnabled(words);
    if (!enabled) return cli::printError(context, enabled.error());
    auto plain = withoutUrls(words);
    std::vector<std::string> paths = plain ? plain->words : std::vector<std::string>();
#ifdef FAULTLINE_GUI
    if (canShowWindow()) {
        ensureRuntimeDirectory();
        auto request = windowRequest(context, paths, *enabled);
        if (request && !plain) request->failure = plain.error();
        if (request && plain && plain->link) takeLink(context, std::move(*plain->link), *request);
        return request ? runWindow(argc, argv, *request, context.stop)
                       : cli::printError(context, request.error());
    }
    std::fputs("No display here (DISPLAY and WAYLAND_DISPLAY are not set): the same in the terminal.\n",
               context.err);
#else
    (void)argc;
    (void)argv;
    std::fputs("This program was built without its window: the same in the terminal.\n", context.err);
#endif
    if (!plain) return cli::printError(context, plain.error());
    if (plain->link) return cli::runCli(context, searchWords(*plain->link));
    return inTerminal(context, std::move(paths));
}

} // namespace

int main(int argc, char** argv)
{
    std::setlocale(LC_CTYPE, "C.UTF-8"); // names in archives; numbers stay as in C
    const std::vector<std::string> words(argv + 1, argv + argc);
    Interrupt interrupt;
    const cli::Context context = surroundings(interrupt.token());
    if (!wantsWindow(words)) {
        std::signal(SIGPIPE, SIG_DFL); // whoever reads has had enough: end as any filter does, without a word
        return cli::runCli(context, words);
    }
    const bool named = !words.empty() && words[0] == "window";
    return openWindow(context, argc, argv, {words.begin() + (named ? 1 : 0), words.end()});
}
