#include "models/session/pasted_text.h"

#include "models/records/time_text.h"
#include "models/session/descriptor.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>

namespace faultline {
namespace {

namespace fs = std::filesystem;

constexpr int kMostInASecond = 1000;
constexpr std::string_view kEnding = ".log";

Error cannotSave(const std::string& path, int reason)
{
    return makeError(reason == ENOSPC || reason == EDQUOT ? ErrorKind::DiskFull : ErrorKind::Store,
                     "keep the pasted lines in " + path, std::generic_category().message(reason),
                     {"They are kept in the data directory, so that they are there again later."});
}

bool writeAll(int file, std::string_view bytes)
{
    while (!bytes.empty()) {
        const ssize_t put = ::write(file, bytes.data(), bytes.size());
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(put));
    }
    return true;
}

} // namespace

Error tooMuchPasted(std::uint64_t bytes)
{
    return makeError(ErrorKind::Limit, "take the lines from the clipboard",
                     "it holds " + std::to_string(bytes / 1'000'000) +
                         " MB of text, at most 268 MB are taken",
                     {"Save them to a file, and open that."});
}

Result<std::string> savePasted(const std::string& dataDirectory, std::string_view text, TimeNs now)
{
    if (text.find_first_not_of(" \t\r\n") == std::string_view::npos)
        return makeError(ErrorKind::Input, "take the lines from the clipboard", "there is no text in it",
                         {"Copy lines of a log, or files, first."});
    if (text.size() > kMostPastedBytes) return tooMuchPasted(text.size());
    std::string name = formatRfc3339(now).substr(0, 19);
    std::replace(name.begin(), name.end(), ':', '-');
    const fs::path folder = fs::path(dataDirectory) / "pasted";
    std::error_code failed;
    fs::create_directories(folder, failed);
    if (failed) return cannotSave(folder.string(), failed.value());
    ::chmod(folder.c_str(), 0700);
    Descriptor file;
    std::string path;
    for (int i = 1; i <= kMostInASecond; ++i) {
        path = (folder / (name + (i > 1 ? "-" + std::to_string(i) : "") + std::string(kEnding))).string();
        file.reset(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
        if (file || errno != EEXIST) break;
    }
    if (!file) return cannotSave(path, errno);
    if (!writeAll(file.get(), text) || (text.back() != '\n' && !writeAll(file.get(), "\n")) ||
        ::fsync(file.get()) != 0) {
        const int reason = errno;
        ::unlink(path.c_str());
        return cannotSave(path, reason);
    }
    return path;
}

std::optional<std::string> pastedName(const std::string& dataDirectory, const std::string& path)
{
    const std::string folder = (fs::path(dataDirectory) / "pasted").string() + "/";
    constexpr std::size_t kStamp = 19; // 2026-11-23T01-42-31
    if (dataDirectory.empty() || !path.starts_with(folder) || !path.ends_with(kEnding)) return std::nullopt;
    std::string name = path.substr(folder.size(), path.size() - folder.size() - kEnding.size());
    if (name.size() < kStamp || name[10] != 'T' || name[13] != '-' || name[16] != '-') return std::nullopt;
    name[13] = name[16] = ':';
    const std::string again = name.substr(kStamp);
    return "pasted " + name.substr(0, kStamp) + "Z" + (again.empty() ? "" : " (" + again.substr(1) + ")");
}

} // namespace faultline
