#include "models/session/store_places.h"

#include "models/base/hash.h"
#include "models/records/time_text.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace faultline {

namespace fs = std::filesystem;

namespace {

std::string canonical(const std::string& path)
{
    std::error_code failed;
    const fs::path full = fs::weakly_canonical(fs::absolute(path, failed), failed);
    std::string text = failed ? path : full.string();
    while (text.size() > 1 && text.back() == '/') text.pop_back();
    return text;
}

constexpr std::size_t kMostRemembered = 30;
/// A path of a line is no longer than the system allows; a damaged file is not read on for ever.
constexpr std::size_t kLongestPath = 4'096;

std::string recentFile(const std::string& directory)
{
    return directory + "/recent-stores";
}

std::vector<std::string> linesOf(const std::string& path)
{
    std::vector<std::string> lines;
    std::ifstream file(path);
    for (std::string line; lines.size() < kMostRemembered && std::getline(file, line);)
        if (!line.empty() && line.size() <= kLongestPath) lines.push_back(line);
    return lines;
}

/// Written beside and renamed, so that a reader never sees half a name.
bool replaceFile(const std::string& path, const std::string& text)
{
    const std::string fresh = path + ".new";
    {
        std::ofstream file(fresh, std::ios::trunc);
        file << text;
        if (!file.flush()) return false;
    }
    std::error_code failed;
    fs::rename(fresh, path, failed);
    return !failed;
}

std::string lastFile(const std::string& directory)
{
    return directory + "/last-store";
}

} // namespace

std::string followedStoreName(TimeNs now)
{
    std::string name = "followed-" + formatRfc3339(now).substr(0, 19);
    std::replace(name.begin(), name.end(), ':', '-');
    return name;
}

std::string StorePlaces::forPaths(const std::vector<std::string>& paths) const
{
    std::vector<std::string> full;
    for (const std::string& path : paths) full.push_back(path == "-" ? path : canonical(path));
    std::sort(full.begin(), full.end());
    full.erase(std::unique(full.begin(), full.end()), full.end());
    if (full.empty() || (full.size() == 1 && full.front() == "-")) return m_catalogue.defaultPath();
    if (full.size() == 1) return m_catalogue.pathFor(full.front());
    // Several: named after the first file, told apart by a hash of all.
    RunningHash all;
    for (const std::string& path : full) all.add(path + '\n');
    const std::string& first = full.front() == "-" ? full[1] : full.front();
    return m_catalogue.pathFor(first + "-and-" + std::to_string(full.size() - 1) + "-more-" +
                               all.digest().hex().substr(0, 8));
}

std::string StorePlaces::named(const std::string& name) const
{
    return directory() + "/" + name + ".faultline";
}

Result<CatalogueEntry> StorePlaces::find(const std::string& nameOrPath) const
{
    auto entries = list();
    if (!entries) return std::move(entries).error();
    const std::string full = canonical(nameOrPath);
    Error missing =
        makeError(ErrorKind::NotFound, "find the store " + nameOrPath, "there is none of this name");
    for (const CatalogueEntry& entry : *entries) {
        if (entry.name == nameOrPath || canonical(entry.path) == full) return entry;
        if (missing.hints.size() < 8) missing.hints.push_back("There is " + entry.name + ".");
    }
    std::error_code failed;
    if (fs::is_regular_file(full, failed)) {
        CatalogueEntry entry;
        entry.path = full;
        entry.name = fs::path(full).stem().string();
        entry.bytes = fs::file_size(full, failed);
        return entry;
    }
    if (missing.hints.empty()) missing.hints.push_back("faultline stores lists what there is.");
    return missing;
}

std::string StorePlaces::last() const
{
    std::ifstream file(lastFile(directory()));
    std::string path;
    std::getline(file, path);
    std::error_code failed;
    return fs::exists(path, failed) ? path : std::string();
}

void StorePlaces::rememberLast(const std::string& path) const
{
    if (path == last()) return;
    std::error_code failed;
    const fs::path folder = directory();
    fs::create_directories(folder.parent_path(), failed);
    ::mkdir(folder.c_str(), 0700);
    if (!replaceFile(lastFile(directory()), path + '\n')) return;
    if (path.find('\n') != std::string::npos) return;
    std::string text = path + '\n';
    for (const std::string& line : linesOf(recentFile(directory())))
        if (line != path) text += line + '\n';
    replaceFile(recentFile(directory()), text);
}

std::vector<RecentStore> StorePlaces::recent(std::size_t most) const
{
    std::vector<RecentStore> stores;
    const auto add = [&](const std::string& path) {
        const bool known = std::any_of(stores.begin(), stores.end(),
                                       [&](const RecentStore& store) { return store.path == path; });
        std::error_code failed;
        if (known || stores.size() >= most || !fs::is_regular_file(path, failed)) return;
        RecentStore store{path, fs::path(path).stem().string(), fs::file_size(path, failed)};
        if (const auto log = fs::file_size(path + "-wal", failed); !failed) store.bytes += log;
        stores.push_back(std::move(store));
    };
    for (const std::string& path : linesOf(recentFile(directory()))) add(path);
    if (auto entries = list()) {
        std::stable_sort(
            entries->begin(), entries->end(),
            [](const CatalogueEntry& a, const CatalogueEntry& b) { return a.changed > b.changed; });
        for (const CatalogueEntry& entry : *entries) add(entry.path);
    }
    return stores;
}

} // namespace faultline
