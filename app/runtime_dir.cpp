#include "app/runtime_dir.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

namespace faultline {
namespace {

/// A folder that only this user can look into; a link is none.
bool isOwn(const std::string& path)
{
    struct stat status
    {};
    return ::lstat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode) && status.st_uid == ::geteuid() &&
           (status.st_mode & 077) == 0;
}

} // namespace

void ensureRuntimeDirectory()
{
    if (const char* const given = std::getenv("XDG_RUNTIME_DIR"); given && *given) return;
    const std::string user = std::to_string(::geteuid());
    std::string path = "/run/user/" + user;
    if (!isOwn(path)) {
        std::error_code failed;
        path = (std::filesystem::temp_directory_path(failed) / ("faultline-runtime-" + user)).string();
        if (failed) return;
        ::mkdir(path.c_str(), 0700); // it may be there
        if (!isOwn(path)) return;    // somebody else's: Qt finds a way, and says so
    }
    ::setenv("XDG_RUNTIME_DIR", path.c_str(), 0);
}

} // namespace faultline
