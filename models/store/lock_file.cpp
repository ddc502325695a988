#include "models/store/lock_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <utility>

namespace faultline {

Result<std::optional<LockFile>> LockFile::tryLock(const std::string& storePath)
{
    const std::string path = pathOf(storePath);
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (descriptor < 0) return systemError(ErrorKind::Store, "open the lock file " + path, errno);
    LockFile lock(descriptor);
    int locked = -1;
    do {
        locked = ::flock(descriptor, LOCK_EX | LOCK_NB);
    } while (locked != 0 && errno == EINTR);
    if (locked != 0) {
        if (errno == EWOULDBLOCK) return std::optional<LockFile>();
        return systemError(ErrorKind::Store, "lock " + path, errno);
    }
    // Somebody may have deleted the store, and its lock, between our open and our lock: that one guards
    // nothing.
    struct stat held
    {
    }, named{};
    if (::fstat(descriptor, &held) != 0 || ::stat(path.c_str(), &named) != 0 || held.st_ino != named.st_ino ||
        held.st_dev != named.st_dev) {
        return std::optional<LockFile>();
    }
    // Only for messages: a full disk must not keep the writer out.
    const std::string text = std::to_string(::getpid()) + "\n";
    if (::ftruncate(descriptor, 0) == 0 && ::pwrite(descriptor, text.data(), text.size(), 0) < 0) errno = 0;
    return std::optional<LockFile>(std::move(lock));
}

long LockFile::holder(const std::string& storePath)
{
    const int descriptor = ::open(pathOf(storePath).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (descriptor < 0) return 0;
    char text[32];
    const ssize_t size = ::pread(descriptor, text, sizeof text, 0);
    ::close(descriptor);
    long process = 0;
    if (size > 0) std::from_chars(text, text + size, process);
    return process;
}

LockFile::LockFile(LockFile&& other) noexcept : m_descriptor(std::exchange(other.m_descriptor, -1)) {}

LockFile& LockFile::operator=(LockFile&& other) noexcept
{
    std::swap(m_descriptor, other.m_descriptor);
    return *this;
}

LockFile::~LockFile()
{
    if (m_descriptor >= 0) ::close(m_descriptor);
}

} // namespace faultline
