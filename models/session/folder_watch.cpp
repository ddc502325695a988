#include "models/session/folder_watch.h"

#include <sys/inotify.h>

#include <array>
#include <cstring>

namespace faultline {

FolderWatch::FolderWatch(QObject* parent)
    : QObject(parent), m_inotify(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC))
{
    if (!m_inotify) return;
    m_notifier = std::make_unique<QSocketNotifier>(m_inotify.get(), QSocketNotifier::Read);
    connect(m_notifier.get(), &QSocketNotifier::activated, this, &FolderWatch::take);
}

void FolderWatch::add(const std::string& folder)
{
    if (!m_inotify) return;
    // Held over the call: what it tells of may come before it returns.
    const std::lock_guard lock(m_mutex);
    const int watch = ::inotify_add_watch(m_inotify.get(), folder.c_str(), IN_MOVED_TO | IN_ONLYDIR);
    if (watch >= 0) m_folders[watch] = folder;
}

void FolderWatch::take()
{
    alignas(inotify_event) std::array<char, 16 * 1024> buffer{};
    const ssize_t got = ::read(m_inotify.get(), buffer.data(), buffer.size());
    for (ssize_t at = 0; at + static_cast<ssize_t>(sizeof(inotify_event)) <= got;) {
        inotify_event event{};
        std::memcpy(&event, buffer.data() + at, sizeof(event));
        const char* const name = buffer.data() + at + sizeof(event);
        at += static_cast<ssize_t>(sizeof(event) + event.len);
        std::map<int, std::string> folders;
        {
            const std::lock_guard lock(m_mutex);
            if ((event.mask & IN_Q_OVERFLOW) != 0)
                folders = m_folders;
            else if (const auto found = m_folders.find(event.wd); found != m_folders.end())
                folders.insert(*found);
            if ((event.mask & IN_IGNORED) != 0) m_folders.erase(event.wd);
        }
        const std::string file = event.len > 0 ? name : "";
        for (const auto& [watch, folder] : folders) Q_EMIT replaced(folder, file);
    }
}

} // namespace faultline
