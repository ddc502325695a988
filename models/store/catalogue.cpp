#include "models/store/catalogue.h"

#include "models/base/hash.h"
#include "models/store/lock_file.h"
#include "models/store/schema.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <optional>

namespace faultline {

namespace {

namespace fs = std::filesystem;

constexpr const char* kSuffix = ".faultline";

std::string environment(const char* name)
{
    const char* value = std::getenv(name);
    return value ? value : "";
}

// SQLite's own mark and ours at byte 68, read without SQLite: nothing is opened that may be in use.
bool looksLikeStore(const std::string& path)
{
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return false;
    std::array<char, 72> head{};
    const ssize_t size = ::pread(descriptor, head.data(), head.size(), 0);
    ::close(descriptor);
    if (size == 0) return true; // made, and never written
    if (size != static_cast<ssize_t>(head.size())) return false;
    return std::memcmp(head.data(), "SQLite format 3", 16) == 0 &&
           std::memcmp(head.data() + 68, "FLTL", 4) == 0;
}

// Holds the writer's lock while files come and go. Nobody may write; readers of another process go on with
// the files that they have open.
Result<LockFile> lockToChange(const std::string& path, const char* what)
{
    std::error_code failed;
    if (!fs::is_regular_file(path, failed)) {
        return makeError(ErrorKind::NotFound, std::string(what) + " the store " + path,
                         "there is no such file");
    }
    if (!looksLikeStore(path)) {
        return makeError(ErrorKind::Input, std::string(what) + " the store " + path,
                         "it is not a Faultline store");
    }
    auto lock = LockFile::tryLock(path);
    if (!lock) return std::move(lock).error();
    if (!*lock) {
        return makeError(ErrorKind::Locked, std::string(what) + " the store " + path,
                         "process " + std::to_string(LockFile::holder(path)) + " has it open",
                         {"Close that window or command first."});
    }
    return std::move(**lock);
}

Status syncFolder(const fs::path& folder)
{
    const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return systemError(ErrorKind::Store, "open the folder " + folder.string(), errno);
    const int done = ::fsync(descriptor);
    const int error = errno;
    ::close(descriptor);
    if (done != 0) return systemError(ErrorKind::Store, "write the folder " + folder.string(), error);
    return {};
}

Status copyDurably(const std::string& from, const std::string& to)
{
    std::error_code failed;
    if (!fs::copy_file(from, to, failed) || failed) {
        return systemError(ErrorKind::Store, "copy " + from + " to " + to, failed.value());
    }
    fs::permissions(to, fs::perms::owner_read | fs::perms::owner_write, failed);
    const int descriptor = ::open(to.c_str(), O_RDWR | O_CLOEXEC);
    if (descriptor < 0) return systemError(ErrorKind::Store, "open " + to, errno);
    const int done = ::fsync(descriptor);
    const int error = errno;
    ::close(descriptor);
    if (done != 0) return systemError(ErrorKind::Store, "write " + to, error);
    return {};
}

} // namespace

Catalogue::Catalogue(std::string directory) : m_directory(std::move(directory))
{
    if (!m_directory.empty()) return;
    m_directory = environment("FAULTLINE_DATA_DIR");
    if (!m_directory.empty()) return;
    std::string data = environment("XDG_DATA_HOME");
    // The XDG rules: a relative path is to be ignored.
    if (data.empty() || data.front() != '/') {
        const std::string home = environment("HOME");
        data = (home.empty() ? "/tmp" : home) + "/.local/share";
    }
    m_directory = data + "/faultline";
}

std::string Catalogue::pathFor(std::string_view absolutePath) const
{
    fs::path input = fs::path(absolutePath).lexically_normal();
    if (!input.has_filename() && input.has_parent_path()) input = input.parent_path();
    // Up to two names for people; the hash tells equal names in different places apart.
    std::string name = input.parent_path().filename().string();
    if (!name.empty()) name += '-';
    name += input.filename().string();
    std::string safe;
    for (const char c : name) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                           c == '-' || c == '_' || c == '.';
        safe += plain ? c : '_';
    }
    if (safe.size() > 60) safe.resize(60);
    while (!safe.empty() && (safe.front() == '.' || safe.front() == '-')) safe.erase(0, 1);
    if (safe.empty()) safe = "root";
    char hash[17];
    std::snprintf(hash, sizeof hash, "%016llx", static_cast<unsigned long long>(hash64(input.string())));
    return m_directory + "/" + safe + "-" + std::string(hash, 10) + kSuffix;
}

std::string Catalogue::defaultPath() const
{
    return m_directory + "/default" + kSuffix;
}

Result<std::vector<CatalogueEntry>> Catalogue::list() const
{
    std::vector<CatalogueEntry> entries;
    std::error_code failed;
    fs::directory_iterator folder(m_directory, failed);
    if (failed) {
        if (failed == std::errc::no_such_file_or_directory) return entries;
        return systemError(ErrorKind::Store, "list the stores in " + m_directory, failed.value());
    }
    for (const auto& file : folder) {
        const std::string path = file.path().string();
        if (file.path().extension() != kSuffix || !file.is_regular_file(failed) || !looksLikeStore(path))
            continue;
        CatalogueEntry& entry = entries.emplace_back();
        entry.path = path;
        entry.name = file.path().stem().string();
        for (const char* suffix : {"", "-wal", "-shm"}) {
            struct stat info
            {};
            if (::stat((path + suffix).c_str(), &info) != 0) continue;
            entry.bytes += static_cast<std::uint64_t>(info.st_size);
            if (std::string_view(suffix) != "-shm") {
                entry.changed = std::max(entry.changed, static_cast<std::int64_t>(info.st_mtime));
            }
        }
        auto lock = LockFile::tryLock(path);
        entry.inUse = lock.ok() && !lock->has_value();
    }
    std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    return entries;
}

Status Catalogue::remove(const std::string& path)
{
    auto lock = lockToChange(path, "delete");
    if (!lock) return std::move(lock).error();
    // The log first: a store without its log is older, a log without its store would be taken for another's.
    for (const char* suffix : {"-wal", "-shm", "", "-sock", "-lock"}) {
        const std::string file = path + suffix;
        if (::unlink(file.c_str()) != 0 && errno != ENOENT)
            return systemError(ErrorKind::Store, "delete " + file, errno);
    }
    return syncFolder(fs::absolute(path).parent_path());
}

Status Catalogue::move(const std::string& from, const std::string& to)
{
    std::error_code failed;
    if (fs::exists(to, failed))
        return makeError(ErrorKind::Input, "move the store to " + to, "that file exists already");
    auto lock = lockToChange(from, "move");
    if (!lock) return std::move(lock).error();
    auto target = LockFile::tryLock(to);
    if (!target) return std::move(target).error();
    if (!*target)
        return makeError(ErrorKind::Locked, "move the store to " + to,
                         "another process has that name locked");
    // The log goes first and back last on failure, so that the store never stands anywhere without its log.
    const bool hasLog = fs::exists(from + "-wal", failed);
    const auto step = [](const std::string& a, const std::string& b) -> Result<bool> {
        if (::rename(a.c_str(), b.c_str()) == 0) return true;
        if (errno != EXDEV) return systemError(ErrorKind::Store, "move " + a + " to " + b, errno);
        if (auto done = copyDurably(a, b); !done) return std::move(done).error();
        return false; // copied: the original is still there
    };
    Result<bool> logMoved = hasLog ? step(from + "-wal", to + "-wal") : Result<bool>(true);
    Result<bool> moved = logMoved ? step(from, to) : Result<bool>(logMoved.error());
    if (!moved) {
        if (hasLog && logMoved && *logMoved) {
            ::rename((to + "-wal").c_str(), (from + "-wal").c_str());
        } else {
            ::unlink((to + "-wal").c_str());
        }
        ::unlink(to.c_str()); // half a copy: nothing was there before
        ::unlink((to + "-lock").c_str());
        return std::move(moved).error();
    }
    if (auto done = syncFolder(fs::absolute(to).parent_path()); !done) return done;
    for (const char* suffix : {"", "-wal", "-shm", "-sock", "-lock"}) ::unlink((from + suffix).c_str());
    return syncFolder(fs::absolute(from).parent_path());
}

} // namespace faultline
