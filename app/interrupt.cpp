#include "app/interrupt.h"

#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <thread>

namespace faultline {
namespace {

// A signal handler reaches nothing but what has static storage; write() is all it does.
int wakeDescriptor = -1;
volatile std::sig_atomic_t signalsSeen = 0;

extern "C" void onSignal(int number)
{
    signalsSeen = signalsSeen + 1;
    if (signalsSeen > 1) {
        std::signal(number, SIG_DFL);
        std::raise(number);
        return;
    }
    const char byte = 's';
    [[maybe_unused]] const ssize_t written = ::write(wakeDescriptor, &byte, 1);
}

} // namespace

struct Interrupt::State
{
    std::stop_source source;
    int pipe[2] = {-1, -1};
    std::thread watcher;
};

Interrupt::Interrupt() : m_state(new State)
{
    if (::pipe2(m_state->pipe, O_CLOEXEC) != 0) return;
    wakeDescriptor = m_state->pipe[1];
    m_state->watcher = std::thread([state = m_state] {
        char byte = 0;
        if (::read(state->pipe[0], &byte, 1) == 1 && byte == 's') state->source.request_stop();
    });
    struct sigaction action
    {};
    action.sa_handler = onSignal;
    action.sa_flags = SA_RESTART;
    ::sigaction(SIGINT, &action, nullptr);
    ::sigaction(SIGTERM, &action, nullptr);
}

Interrupt::~Interrupt()
{
    std::signal(SIGINT, SIG_DFL);
    std::signal(SIGTERM, SIG_DFL);
    if (m_state->watcher.joinable()) {
        const char byte = 'e';
        [[maybe_unused]] const ssize_t written = ::write(m_state->pipe[1], &byte, 1);
        m_state->watcher.join();
    }
    wakeDescriptor = -1;
    for (const int descriptor : m_state->pipe)
        if (descriptor >= 0) ::close(descriptor);
    delete m_state;
}

std::stop_token Interrupt::token() const
{
    return m_state->source.get_token();
}

} // namespace faultline
