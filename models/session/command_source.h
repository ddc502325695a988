#pragma once
#include "models/base/result.h"
#include "models/session/descriptor.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>

namespace faultline {

/// A command line that the user typed, run with `sh -c` in a process group of its own, whose standard output
/// is read as a source. Its standard input is empty.
///
/// End      The command has ended when its shell has; what it left behind in its group is ended then, as by
///          stop(): SIGTERM to the group, after `grace` SIGKILL. Nothing of it outlives this object.
/// Threads  One of its own; the members from any thread, start() and the destructor from one.
class CommandSource
{
public:
    static constexpr std::size_t kMostErrorBytes = 4096; ///< of standard error, the last ones
    /// Errors: Input, when no process can be made.
    static Result<std::unique_ptr<CommandSource>>
    start(const std::string& command, std::chrono::milliseconds grace = std::chrono::milliseconds(500));
    ~CommandSource();
    CommandSource(const CommandSource&) = delete;
    CommandSource& operator=(const CommandSource&) = delete;

    /// Where its output is read; until this object ends.
    int output() const { return m_output.get(); }
    int process() const { return m_process; } ///< the leader of its group
    /// Begins to end it; returns at once.
    void stop();
    /// Waits until it has ended, and gives what is to be said: nothing when it ended well or was stopped;
    /// else its status and the last lines of its standard error.
    std::optional<std::string> wait();

private:
    CommandSource() = default;
    void watch(std::chrono::milliseconds grace);
    bool takeErrors();
    bool hasEnded() const;

    Descriptor m_output, m_errors, m_wake;
    int m_process = -1;
    std::string m_errorText; ///< of the thread until it has ended
    int m_status = 0;
    bool m_signalled = false, m_stopped = false;
    std::thread m_thread;
};

} // namespace faultline
