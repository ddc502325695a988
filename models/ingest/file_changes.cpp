#include "models/ingest/file_changes.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <map>
#include <optional>
#include <set>

namespace faultline {
namespace {

/// Waits for a descriptor (or for nothing, -1), a time or a stop. One waker serves all calls.
class Waiter
{
public:
    Waiter() : m_wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
    ~Waiter()
    {
        if (m_wake >= 0) ::close(m_wake);
    }
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;

    bool readable(int descriptor, std::chrono::milliseconds timeout, const std::stop_token& stop)
    {
        const std::stop_callback wake(stop, [this] { ::eventfd_write(m_wake, 1); });
        pollfd waits[2] = {{descriptor, POLLIN, 0}, {m_wake, POLLIN, 0}};
        const int limit = static_cast<int>(std::clamp<std::int64_t>(timeout.count(), 0, INT_MAX));
        const int ready = ::poll(waits, 2, limit); // EINTR: the caller comes again
        eventfd_t ignored = 0;
        if (waits[1].revents != 0) ::eventfd_read(m_wake, &ignored);
        return ready > 0 && waits[0].revents != 0;
    }

private:
    int m_wake;
};

class PollingSource final : public ChangeSource
{
public:
    Status watch(const std::string&) override { return {}; }
    Result<FileChanges> wait(std::chrono::milliseconds timeout, std::stop_token stop) override
    {
        m_waiter.readable(-1, timeout, stop);
        return FileChanges{};
    }
    bool sees() const override { return false; }

private:
    Waiter m_waiter;
};

class InotifySource final : public ChangeSource
{
public:
    explicit InotifySource(int descriptor) : m_descriptor(descriptor) {}
    ~InotifySource() override { ::close(m_descriptor); }
    InotifySource(const InotifySource&) = delete;
    InotifySource& operator=(const InotifySource&) = delete;

    Status watch(const std::string& folder) override
    {
        constexpr std::uint32_t kMask = IN_MODIFY | IN_ATTRIB | IN_CREATE | IN_DELETE | IN_MOVED_FROM |
                                        IN_MOVED_TO | IN_CLOSE_WRITE | IN_DELETE_SELF | IN_MOVE_SELF |
                                        IN_ONLYDIR;
        const int watch = ::inotify_add_watch(m_descriptor, folder.c_str(), kMask);
        if (watch < 0) return systemError(ErrorKind::Input, "watch " + folder, errno);
        m_folders[watch] = folder;
        return {};
    }

    Result<FileChanges> wait(std::chrono::milliseconds timeout, std::stop_token stop) override
    {
        FileChanges changes;
        if (!m_waiter.readable(m_descriptor, timeout, stop)) return changes;
        std::set<std::string> modified;
        alignas(inotify_event) char buffer[64u << 10];
        for (;;) {
            const ssize_t got = ::read(m_descriptor, buffer, sizeof buffer);
            if (got < 0 && errno == EINTR) continue;
            if (got <= 0) break; // drained
            for (ssize_t at = 0; at < got;) {
                const auto* event = reinterpret_cast<const inotify_event*>(buffer + at);
                at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
                constexpr std::uint32_t kContent = IN_MODIFY | IN_CLOSE_WRITE | IN_ATTRIB;
                const auto folder = m_folders.find(event->wd);
                if ((event->mask & IN_IGNORED) != 0 && folder != m_folders.end())
                    m_folders.erase(folder);
                else if ((event->mask & kContent) != 0 && event->len > 0 && folder != m_folders.end())
                    modified.insert(folder->second + "/" + event->name);
                else
                    changes.rescan = true; // names, folders, or IN_Q_OVERFLOW: events were lost
            }
        }
        changes.modified.assign(modified.begin(), modified.end());
        return changes;
    }
    bool sees() const override { return true; }

private:
    int m_descriptor;
    Waiter m_waiter;
    std::map<int, std::string> m_folders;
};

} // namespace

std::unique_ptr<ChangeSource> makePollingSource()
{
    return std::make_unique<PollingSource>();
}

std::unique_ptr<ChangeSource> makeInotifySource()
{
    const int descriptor = ::inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (descriptor < 0) return makePollingSource();
    return std::make_unique<InotifySource>(descriptor);
}

} // namespace faultline
