#include "models/ingest/rotated_files.h"

#include "models/ingest/path_order.h"
#include "models/ingest/resume.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

namespace faultline {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostCompressed = 2;

struct Sibling
{
    std::string path;
    std::uint64_t device = 0, inode = 0;
    TimeNs changed = 0;
    bool compressed = false;
};

std::vector<Sibling> siblingsOf(const fs::path& file)
{
    std::vector<Sibling> siblings;
    const std::string stem = seriesName(file.filename().string()).stem;
    std::error_code error;
    fs::directory_iterator walk(file.parent_path(), error), end;
    for (; !error && walk != end; walk.increment(error)) {
        const std::string name = walk->path().filename().string();
        const SeriesName series = seriesName(name);
        struct stat info = {};
        if (name == file.filename() || series.stem != stem) continue;
        if (::stat(walk->path().c_str(), &info) != 0 || !S_ISREG(info.st_mode)) continue;
        siblings.push_back({walk->path().string(), info.st_dev, info.st_ino,
                            std::int64_t{info.st_ctim.tv_sec} * kSecondNs + info.st_ctim.tv_nsec,
                            series.compressed});
    }
    std::sort(siblings.begin(), siblings.end(),
              [](const Sibling& a, const Sibling& b) { return a.changed > b.changed; });
    return siblings;
}

/// Read anyhow: named, or below a folder that is.
bool isAsked(const IngestRequest& request, const std::string& path)
{
    return std::any_of(request.paths.begin(), request.paths.end(), [&](const std::string& asked) {
        std::error_code error;
        fs::path root = fs::absolute(asked, error).lexically_normal();
        if (!root.has_filename()) root = root.parent_path();
        return path == root.string() || path.starts_with(root.string() + "/");
    });
}

/// Where the content of a source that has not its file any more is now; empty when that is not known.
std::string whereIs(const SourceRecord& source, const std::stop_token& stop)
{
    std::size_t compressed = 0;
    for (const Sibling& sibling : siblingsOf(source.path)) {
        const bool same = sibling.inode == source.inode && sibling.device == source.device;
        if (!same && (!sibling.compressed || ++compressed > kMostCompressed)) continue;
        // An inode may be another file's by now; where it is the same file, its beginning is enough.
        SourceRecord known = source;
        const auto first = std::find_if(known.checkpoints.begin(), known.checkpoints.end(),
                                        [](const Checkpoint& each) { return each.position > 0; });
        if (same && first != known.checkpoints.end())
            known.checkpoints.erase(first + 1, known.checkpoints.end());
        if (beginsWithSource(sibling.path, known, stop)) return sibling.path;
    }
    return {};
}

} // namespace

void addRotatedFiles(IngestRequest& request, std::span<const SourceReport> followed,
                     std::span<const SourceRecord> sources, const std::stop_token& stop)
{
    std::vector<std::string> found;
    for (const SourceReport& one : followed) {
        const auto source = std::find_if(sources.begin(), sources.end(),
                                         [&](const SourceRecord& record) { return record.id == one.id; });
        if (source == sources.end() || source->inode == 0 || source->checkpoint.position == 0) continue;
        struct stat info = {};
        const bool there = ::stat(source->path.c_str(), &info) == 0 && info.st_dev == source->device &&
                           info.st_ino == source->inode;
        // Wherever it went in a folder that is read, it is found there.
        const fs::path beside = fs::path(source->path).parent_path() / "any";
        if (!there && isAsked(request, beside.string())) continue;
        // One that was followed under its new name already is named by nobody.
        const std::string now = there ? source->path : whereIs(*source, stop);
        if (now.empty() || isAsked(request, now)) continue;
        found.push_back(now);
        const fs::path name(source->name);
        request.names[now] = (name.parent_path() / fs::path(now).filename()).string();
    }
    request.paths.insert(request.paths.begin(), found.begin(), found.end());
}

} // namespace faultline
