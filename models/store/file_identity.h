#pragma once
#include <sys/stat.h>

#include <cstdint>
#include <string>

namespace faultline {

/// Which file a path names now: an open store whose file was removed or replaced is no longer what others
/// see.
struct FileIdentity
{
    std::uint64_t device = 0, inode = 0; ///< 0: there is none
    bool operator==(const FileIdentity&) const = default;

    static FileIdentity of(const std::string& path)
    {
        struct stat info = {};
        if (::stat(path.c_str(), &info) != 0) return {};
        return {info.st_dev, info.st_ino};
    }
};

} // namespace faultline
