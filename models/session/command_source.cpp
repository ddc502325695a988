#include "models/session/command_source.h"

#include "models/base/time.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <system_error>

extern char** environ;

namespace faultline {
namespace {

/// How often it is looked whether the process has ended, where the system cannot tell.
constexpr int kLookMs = 50;

Error cannotStart(int reason)
{
    return makeError(ErrorKind::Input, "run the command", std::generic_category().message(reason));
}

struct Pipe
{
    Descriptor in, out;
};

bool makePipe(Pipe& pipe)
{
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return false;
    pipe.in = Descriptor(ends[0]);
    pipe.out = Descriptor(ends[1]);
    return true;
}

/// posix_spawn with what is set up for it.
int spawnShell(const std::string& command, const Pipe& output, const Pipe& errors, pid_t& process)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, output.out.get(), STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, errors.out.get(), STDERR_FILENO);
    posix_spawn_file_actions_addclosefrom_np(&actions, 3);
    // A group of its own, and the signals as a program expects them: ours are ignored or blocked in places.
    sigset_t none, usual;
    sigemptyset(&none);
    sigemptyset(&usual);
    for (const int signal : {SIGPIPE, SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGCHLD}) sigaddset(&usual, signal);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &usual);
    posix_spawnattr_setflags(&attributes,
                             POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    std::string shell = "sh", option = "-c", text = command;
    const std::array<char*, 4> words = {shell.data(), option.data(), text.data(), nullptr};
    const int failed = ::posix_spawn(&process, "/bin/sh", &actions, &attributes, words.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return failed;
}

} // namespace

Result<std::unique_ptr<CommandSource>> CommandSource::start(const std::string& command,
                                                            std::chrono::milliseconds grace)
{
    Pipe output, errors;
    if (!makePipe(output) || !makePipe(errors)) return cannotStart(errno);
    std::unique_ptr<CommandSource> source(new CommandSource);
    source->m_wake = Descriptor(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!source->m_wake) return cannotStart(errno);
    ::fcntl(errors.in.get(), F_SETFL, O_NONBLOCK);
    pid_t process = -1;
    if (const int failed = spawnShell(command, output, errors, process); failed != 0)
        return cannotStart(failed);
    source->m_process = process;
    source->m_output = std::move(output.in);
    source->m_errors = std::move(errors.in);
    source->m_thread = std::thread([raw = source.get(), grace] { raw->watch(grace); });
    return source;
}

CommandSource::~CommandSource()
{
    stop();
    if (m_thread.joinable()) m_thread.join();
}

void CommandSource::stop()
{
    ::eventfd_write(m_wake.get(), 1);
}

std::optional<std::string> CommandSource::wait()
{
    if (m_thread.joinable()) m_thread.join();
    if (m_stopped || (!m_signalled && m_status == 0)) return std::nullopt;
    std::string said = m_signalled ? "it was ended by signal " + std::to_string(m_status)
                                   : "it ended with status " + std::to_string(m_status);
    while (!m_errorText.empty() && (m_errorText.back() == '\n' || m_errorText.back() == ' '))
        m_errorText.pop_back();
    if (!m_errorText.empty()) said += ": " + m_errorText;
    return said;
}

/// True while more may come.
bool CommandSource::takeErrors()
{
    std::array<char, 4096> bytes{};
    // So much at once: one that never stops complaining is to be stopped all the same.
    for (int part = 0; part < 16; ++part) {
        const ssize_t got = ::read(m_errors.get(), bytes.data(), bytes.size());
        if (got == 0) return false;
        if (got < 0) return errno == EAGAIN || errno == EINTR;
        m_errorText.append(bytes.data(), static_cast<std::size_t>(got));
        if (m_errorText.size() <= kMostErrorBytes) continue;
        // Whole lines, where there are some.
        std::size_t from = m_errorText.size() - kMostErrorBytes;
        if (const std::size_t line = m_errorText.find('\n', from); line != std::string::npos) from = line + 1;
        m_errorText.erase(0, from);
    }
    return true;
}

/// The shell has ended, and is kept: while it is, nobody else gets the number of its group.
bool CommandSource::hasEnded() const
{
    siginfo_t info = {};
    return ::waitid(P_PID, static_cast<id_t>(m_process), &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
           info.si_pid == m_process;
}

void CommandSource::watch(std::chrono::milliseconds grace)
{
    const Descriptor ending(static_cast<int>(::syscall(SYS_pidfd_open, m_process, 0)));
    std::array<pollfd, 3> waits = {pollfd{m_wake.get(), POLLIN, 0}, pollfd{m_errors.get(), POLLIN, 0},
                                   pollfd{ending.get(), POLLIN, 0}};
    while (!hasEnded()) {
        ::poll(waits.data(), waits.size(), ending ? -1 : kLookMs);
        if (waits[0].revents != 0) {
            m_stopped = true;
            break;
        }
        if (waits[1].revents != 0 && !takeErrors()) waits[1].fd = -1;
    }
    ::kill(-m_process, SIGTERM);
    waits[0].fd = -1;
    const auto deadline = SystemClock().steady() + grace;
    while (!hasEnded()) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - SystemClock().steady());
        if (left.count() <= 0) break;
        const int most = static_cast<int>(left.count());
        ::poll(waits.data(), waits.size(), ending ? most : std::min(most, kLookMs));
        if (waits[1].revents != 0 && !takeErrors()) waits[1].fd = -1;
    }
    if (m_stopped || !hasEnded()) ::kill(-m_process, SIGKILL);
    siginfo_t info = {};
    while (::waitid(P_PID, static_cast<id_t>(m_process), &info, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
    }
    ::kill(-m_process, SIGKILL); // what its shell left behind
    while (::waitid(P_PID, static_cast<id_t>(m_process), &info, WEXITED) != 0 && errno == EINTR) {
    }
    takeErrors();
    m_signalled = info.si_code != CLD_EXITED;
    m_status = info.si_status;
}

} // namespace faultline
