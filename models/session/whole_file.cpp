#include "models/session/whole_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <utility>

namespace faultline {
namespace {

namespace fs = std::filesystem;

/// A new file in this folder, under a name that nobody has. By number and not at random: what is there is
/// left alone by O_EXCL, which does not follow links either.
int openBeside(const fs::path& folder, std::string& name)
{
    constexpr int kMostTries = 1'000;
    for (int number = 1; number <= kMostTries; ++number) {
        name =
            (folder / (".faultline-" + std::to_string(::getpid()) + '-' + std::to_string(number) + ".part"))
                .string();
        const int file = ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
        if (file >= 0 || errno != EEXIST) return file;
    }
    return -1;
}

} // namespace

Error cannotWrite(const std::string& path, int code)
{
    // EFBIG: a limit of the user's or of the file system, which another folder may not have.
    const bool full = code == ENOSPC || code == EDQUOT || code == EFBIG;
    Error error = systemError(full ? ErrorKind::DiskFull : ErrorKind::Store, "write " + path, code);
    error.hints = {"Nothing was left there. Choose another folder, or make room."};
    return error;
}

Result<WholeFile> WholeFile::create(const std::string& path)
{
    WholeFile file;
    file.m_named = path;
    std::error_code failed;
    const fs::path target = fs::weakly_canonical(fs::absolute(path, failed), failed);
    file.m_target = failed ? path : target.string();
    struct stat there = {};
    const bool replaces = ::stat(file.m_target.c_str(), &there) == 0;
    // A device would be gone for every program.
    if (replaces && S_ISDIR(there.st_mode)) return cannotWrite(path, EISDIR);
    if (replaces && !S_ISREG(there.st_mode))
        return makeError(ErrorKind::Store, "write " + path, "it is no file", {"Choose another name."});
    std::string beside;
    const int opened = openBeside(fs::path(file.m_target).parent_path(), beside);
    if (opened < 0) return cannotWrite(path, errno);
    file.m_beside = std::move(beside);
    if (replaces) (void)::fchmod(opened, there.st_mode & 0777); // where that is not allowed, the umask's
    file.m_stream = ::fdopen(opened, "wb");
    if (file.m_stream == nullptr) {
        const int code = errno;
        ::close(opened);
        return cannotWrite(path, code);
    }
    return file;
}

WholeFile::WholeFile(WholeFile&& other) noexcept
    : m_named(std::move(other.m_named))
    , m_target(std::move(other.m_target))
    , m_beside(std::exchange(other.m_beside, {}))
    , m_stream(std::exchange(other.m_stream, nullptr))
{}

WholeFile::~WholeFile()
{
    if (m_stream != nullptr) (void)std::fclose(m_stream);
    if (!m_beside.empty()) ::unlink(m_beside.c_str());
}

Status WholeFile::finish()
{
    int failure = 0;
    errno = 0;
    // After a write that failed, its reason is not known any more: that of the next one is.
    const bool broken = std::ferror(m_stream) != 0;
    if (std::fflush(m_stream) != 0 || ::fsync(::fileno(m_stream)) != 0) failure = errno;
    if (std::fclose(std::exchange(m_stream, nullptr)) != 0 && failure == 0) failure = errno;
    if (broken && failure == 0) failure = EIO;
    if (failure == 0 && ::rename(m_beside.c_str(), m_target.c_str()) != 0) failure = errno;
    if (failure != 0) return cannotWrite(m_named, failure); // the destructor takes it away
    m_beside.clear();
    return {};
}

} // namespace faultline
