#include "models/ingest/follow.h"

#include "models/ingest/content_kind.h"
#include "models/ingest/discover.h"
#include "models/ingest/glob.h"
#include "models/ingest/head_index.h"
#include "models/ingest/input_streams.h"
#include "models/ingest/open_input.h"
#include "models/ingest/path_order.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <map>
#include <set>

namespace faultline {
namespace {

namespace fs = std::filesystem;
using SteadyTime = std::chrono::steady_clock::time_point;
using FileKey = std::pair<std::uint64_t, std::uint64_t>; // device, inode

constexpr std::size_t kHead = 256, kTail = 64;

struct Seen
{
    std::string path;
    FileKey key;
    std::uint64_t size = 0;
};

std::string readAt(int descriptor, std::uint64_t position, std::size_t length)
{
    std::string bytes(length, '\0');
    std::size_t filled = 0;
    while (filled < length) {
        const ssize_t got = ::pread(descriptor, bytes.data() + filled, length - filled,
                                    static_cast<off_t>(position + filled));
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) break;
        filled += static_cast<std::size_t>(got);
    }
    bytes.resize(filled);
    return bytes;
}

/// A descriptor that closes itself.
class Descriptor
{
public:
    explicit Descriptor(int value = -1) : m_value(value) {}
    ~Descriptor() { reset(); }
    Descriptor(Descriptor&& other) noexcept : m_value(std::exchange(other.m_value, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept
    {
        if (this != &other) {
            reset();
            m_value = std::exchange(other.m_value, -1);
        }
        return *this;
    }
    explicit operator bool() const { return m_value >= 0; }
    int get() const { return m_value; }
    void reset()
    {
        if (m_value >= 0) ::close(m_value);
        m_value = -1;
    }

private:
    int m_value;
};

struct Followed
{
    FollowId id = 0;
    std::string path;
    FileKey key;
    Descriptor descriptor;
    std::uint64_t size = 0;
    std::int64_t changed = 0; // mtime, for rewriting without a new size
    std::string head, tail;   // the first bytes, and the last ones before `size`
    SteadyTime quietSince;
    bool gone = false;     // no path
    bool announced = true; // false: empty, or in the making: a compressed file, a copy
    FollowId tookFrom = 0; // who had the path before
};

} // namespace

struct Follower::Impl
{
    std::vector<std::string> paths;
    Options options;
    std::shared_ptr<const Clock> clock;
    std::unique_ptr<ChangeSource> changes;
    std::map<FollowId, Followed> files;
    std::map<FileKey, FollowId> byKey;
    std::set<FollowId> ending; // Ended was said: forgotten at the next call
    FollowId next = 1;
    SteadyTime scanAt{}, settleAt = SteadyTime::max();
    std::size_t held = 0; // open descriptors
    bool scanned = false, blind = false;
    bool making = false; // a file that is not announced yet has changed

    // What is there

    void watch(const fs::path& folder)
    {
        // Again with each scan: the folder may be another one under the same name by now.
        if (!changes->watch(folder.string())) blind = true;
    }

    void seeFile(const fs::path& path, std::map<std::string, Seen>& seen)
    {
        struct stat info = {};
        if (::stat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return;
        seen[path.string()] = {
            path.string(), {info.st_dev, info.st_ino}, static_cast<std::uint64_t>(info.st_size)};
        std::error_code error;
        if (fs::is_symlink(path, error)) {
            const fs::path target = fs::canonical(path, error);
            if (!error) watch(target.parent_path());
        }
    }

    void seeFolder(const fs::path& root, std::map<std::string, Seen>& seen)
    {
        std::set<FileKey> entered;
        std::vector<fs::path> open{root};
        while (!open.empty()) {
            const fs::path folder = std::move(open.back());
            open.pop_back();
            struct stat info = {};
            if (::stat(folder.c_str(), &info) != 0 || !entered.insert({info.st_dev, info.st_ino}).second)
                continue;
            watch(folder); // before it is listed, so that nothing appears in between unnoticed
            std::error_code error;
            fs::directory_iterator walk(folder, error), end;
            for (; !error && walk != end; walk.increment(error)) {
                std::error_code ignored;
                const bool isFolder = walk->is_directory(ignored);
                if (!junkReason(walk->path().filename().string(), isFolder).empty()) continue;
                if (isFolder)
                    open.push_back(walk->path());
                else
                    seeFile(walk->path(), seen);
            }
        }
    }

    /// The folder above the first part with a wildcard.
    static fs::path fixedPart(const fs::path& pattern)
    {
        fs::path fixed;
        for (const fs::path& part : pattern) {
            if (hasGlob(part.string())) break;
            fixed /= part;
        }
        return fixed;
    }

    std::vector<Seen> look(const std::stop_token& stop)
    {
        std::map<std::string, Seen> seen;
        blind = false;
        for (const std::string& text : paths) {
            std::error_code error;
            const fs::path path = fs::absolute(text, error).lexically_normal();
            std::vector<fs::path> roots{path};
            if (!fs::exists(fs::symlink_status(path, error)) && hasGlob(path.string())) {
                watch(fixedPart(path));
                const auto matches = expandGlob(path.string(), stop);
                roots.assign(matches.begin(), matches.end());
            }
            for (const fs::path& root : roots) {
                if (fs::is_directory(root, error)) {
                    seeFolder(root.has_filename() ? root : root.parent_path(), seen);
                } else {
                    watch(root.parent_path());
                    seeFile(root, seen);
                    seeSiblings(root, seen);
                }
            }
        }
        std::vector<Seen> list;
        for (auto& [path, one] : seen) list.push_back(std::move(one));
        std::sort(list.begin(), list.end(),
                  [](const Seen& a, const Seen& b) { return pathBefore(a.path, b.path); });
        return list;
    }

    // A file that is named alone: where it goes when it is rotated is seen in its folder, as far as it was
    // followed.
    void seeSiblings(const fs::path& file, std::map<std::string, Seen>& seen)
    {
        std::error_code error;
        const std::string stem = seriesName(file.filename().string()).stem;
        fs::directory_iterator walk(file.parent_path(), error), end;
        for (; !error && walk != end; walk.increment(error)) {
            const std::string name = walk->path().filename().string();
            if (name == file.filename() || seriesName(name).stem != stem) continue;
            std::map<std::string, Seen> one;
            seeFile(walk->path(), one);
            for (auto& [path, sibling] : one)
                if (byKey.contains(sibling.key) || isSuccessor(path)) seen.emplace(path, sibling);
        }
    }

    /// A compressed file that has the name of a followed one, with more behind it.
    bool isSuccessor(const std::string& path) const
    {
        const std::string name = fs::path(path).filename().string();
        if (!seriesName(name).compressed) return false;
        return std::any_of(files.begin(), files.end(), [&](const auto& one) {
            return path.size() > one.second.path.size() && path.starts_with(one.second.path) &&
                   path[one.second.path.size()] == '.';
        });
    }

    // What is known of a file

    bool ensureOpen(Followed& file)
    {
        if (file.descriptor) return true;
        if (file.gone) return false;
        Descriptor descriptor(::open(file.path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
        struct stat info = {};
        if (!descriptor || ::fstat(descriptor.get(), &info) != 0) return false;
        if (FileKey{info.st_dev, info.st_ino} != file.key) return false;
        file.descriptor = std::move(descriptor);
        ++held;
        return true;
    }

    void giveUp(Followed& file)
    {
        if (file.descriptor) --held;
        file.descriptor.reset();
    }

    /// Closes the descriptors of the files that were quiet longest, an eighth at a time, so that the search
    /// is not made for each; one without a name could not be opened again.
    void limitDescriptors(FollowId keep)
    {
        if (held <= options.maxOpen) return;
        std::vector<Followed*> open;
        for (auto& [id, file] : files)
            if (file.descriptor && id != keep && !file.gone) open.push_back(&file);
        const std::size_t closed = std::min(open.size(), held - options.maxOpen + options.maxOpen / 8);
        std::nth_element(open.begin(), open.begin() + static_cast<std::ptrdiff_t>(closed), open.end(),
                         [](const Followed* a, const Followed* b) { return a->quietSince < b->quietSince; });
        for (std::size_t i = 0; i < closed; ++i) giveUp(*open[i]);
    }

    void remember(Followed& file, std::uint64_t size, std::int64_t changed)
    {
        file.size = size;
        file.changed = changed;
        if (!file.descriptor) return;
        if (file.head.size() < kHead && file.head.size() < size)
            file.head = readAt(file.descriptor.get(), 0,
                               static_cast<std::size_t>(std::min<std::uint64_t>(kHead, size)));
        const std::size_t tail = static_cast<std::size_t>(std::min<std::uint64_t>(kTail, size));
        file.tail = readAt(file.descriptor.get(), size - tail, tail);
    }

    bool sameContent(const Followed& file) const
    {
        const int descriptor = file.descriptor.get();
        return readAt(descriptor, 0, file.head.size()) == file.head &&
               readAt(descriptor, file.size - file.tail.size(), file.tail.size()) == file.tail;
    }

    FollowEvent event(FollowEvent::Kind kind, const Followed& file) const
    {
        FollowEvent result;
        result.kind = kind;
        result.file = file.id;
        result.path = file.path;
        result.size = file.size;
        result.device = file.key.first;
        result.inode = file.key.second;
        return result;
    }

    /// Growth, truncation, rewriting.
    void checkContent(FollowId id, std::vector<FollowEvent>& events)
    {
        Followed& file = files.at(id);
        struct stat info = {};
        if (file.descriptor ? ::fstat(file.descriptor.get(), &info) != 0
                            : ::stat(file.path.c_str(), &info) != 0)
            return;
        if (!file.descriptor && FileKey{info.st_dev, info.st_ino} != file.key) return; // the next scan tells
        const auto size = static_cast<std::uint64_t>(info.st_size);
        const std::int64_t changed = std::int64_t(info.st_mtim.tv_sec) * kSecondNs + info.st_mtim.tv_nsec;
        if (size == file.size && changed == file.changed) return;
        file.quietSince = clock->steady();
        if (!ensureOpen(file)) return;
        limitDescriptors(id);
        if (!file.announced) making = true;
        if (size >= file.size && sameContent(file)) {
            const bool grown = size > file.size;
            remember(file, size, changed);
            if (grown && file.announced) events.push_back(event(FollowEvent::Kind::Grown, file));
            return;
        }
        // A new generation under the same inode.
        Followed fresh;
        fresh.id = next++;
        fresh.path = file.path;
        fresh.key = file.key;
        fresh.gone = file.gone;
        fresh.announced = file.announced;
        fresh.quietSince = file.quietSince;
        fresh.descriptor = std::move(file.descriptor);
        remember(fresh, size, changed);
        FollowEvent told = event(FollowEvent::Kind::Truncated, fresh);
        told.previous = id;
        if (fresh.announced) events.push_back(std::move(told));
        byKey[fresh.key] = fresh.id;
        files.erase(id);
        files.emplace(fresh.id, std::move(fresh));
    }

    // A scan

    void scan(const std::stop_token& stop, std::vector<FollowEvent>& events)
    {
        const std::vector<Seen> list = look(stop);
        if (stop.stop_requested()) return;
        std::map<FileKey, const Seen*> there;
        std::map<std::string, FollowId> holders; // who had a path before
        for (const auto& [id, file] : files)
            if (!file.gone) holders[file.path] = id;
        for (const Seen& one : list) {
            const auto known = byKey.find(one.key);
            const bool current = known != byKey.end() && files.at(known->second).path == one.path;
            const auto [at, fresh] = there.try_emplace(one.key, &one);
            if (!fresh && current) at->second = &one; // of several names the one that it had
        }
        // Those that are known come first, so that an old file's last bytes are read before a new one starts.
        std::vector<FollowId> removed;
        std::vector<FollowId> ids;
        for (const auto& [id, file] : files) ids.push_back(id);
        for (const FollowId id : ids) {
            Followed& file = files.at(id);
            const auto at = there.find(file.key);
            // Without a descriptor an inode may be another file's by now.
            const bool reused =
                at != there.end() && !file.descriptor && !sameBeginning(file, at->second->path);
            if (at != there.end() && !reused) {
                const bool moved = file.gone || file.path != at->second->path;
                const std::string before = std::exchange(file.path, at->second->path);
                file.gone = false;
                if (moved && file.announced) {
                    FollowEvent told = event(FollowEvent::Kind::Renamed, file);
                    told.previousPath = before;
                    events.push_back(std::move(told));
                }
                checkContent(id, events);
                continue;
            }
            if (reused)
                byKey.erase(file.key);
            else
                checkContent(id, events);
            const auto still = files.find(id) != files.end() ? id : next - 1;
            Followed& last = files.at(still);
            if (!last.gone) {
                last.gone = true;
                last.quietSince = clock->steady();
                removed.push_back(still);
            }
        }
        std::vector<const Seen*> fresh;
        for (const Seen& one : list)
            if (there.at(one.key) == &one && !byKey.contains(one.key)) fresh.push_back(&one);
        std::vector<FollowEvent> arrivals;
        for (const Seen* one : fresh) arrive(*one, holders, arrivals);
        settle(arrivals, removed);
        for (const FollowId id : removed)
            if (files.at(id).announced) events.push_back(event(FollowEvent::Kind::Removed, files.at(id)));
        events.insert(events.end(), std::make_move_iterator(arrivals.begin()),
                      std::make_move_iterator(arrivals.end()));
        end(events);
        scanned = true;
        scanAt = std::min(settleAt, clock->steady() + (polls() ? options.poll : options.rescan));
    }

    bool sameBeginning(const Followed& file, const std::string& path) const
    {
        const Descriptor descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
        return descriptor && readAt(descriptor.get(), 0, file.head.size()) == file.head;
    }

    void arrive(const Seen& one, const std::map<std::string, FollowId>& holders,
                std::vector<FollowEvent>& arrivals)
    {
        Followed file;
        file.id = next;
        file.path = one.path;
        file.key = one.key;
        file.quietSince = clock->steady();
        if (!ensureOpen(file)) return; // not readable, or gone again: the next scan tries once more
        ++next;
        struct stat info = {};
        ::fstat(file.descriptor.get(), &info);
        remember(file, static_cast<std::uint64_t>(info.st_size),
                 std::int64_t(info.st_mtim.tv_sec) * kSecondNs + info.st_mtim.tv_nsec);
        file.announced = !scanned;
        const auto holder = holders.find(one.path);
        if (holder != holders.end()) file.tookFrom = holder->second;
        if (file.announced) arrivals.push_back(event(FollowEvent::Kind::Appeared, file));
        byKey[file.key] = file.id;
        if (held > options.maxOpen) giveUp(file); // opened again when it changes
        files.emplace(file.id, std::move(file));
    }

    // What is in the making is announced when it is complete: a compressed file or a copy when its original
    // is gone or it is quiet, an empty file when it is not empty any more. Everything else at once.
    void settle(std::vector<FollowEvent>& arrivals, std::vector<FollowId>& removed)
    {
        making = false;
        bool waiting = false;
        const bool any = std::any_of(files.begin(), files.end(), [](const auto& one) {
            return !one.second.announced && !one.second.gone && one.second.size != 0;
        });
        HeadIndex heads;
        for (const auto& [id, file] : files)
            if (any && file.announced) heads.add(file.head);
        for (auto& [id, file] : files) {
            if (file.announced || file.gone || file.size == 0) continue;
            const ContentKind kind = guessContent(file.head).kind;
            const bool packed = isCompressed(kind) || isContainer(kind);
            const bool quiet = clock->steady() - file.quietSince >= options.settle;
            const FollowId original = packed ? originalOf(file) : 0;
            if (!quiet && packed && !(original != 0 && files.at(original).gone && readsToItsEnd(file)))
                waiting = true;
            else if (!quiet && !packed && heads.hasTwin(file.head)) // perhaps a copy in the making
                waiting = true;
            else {
                file.announced = true;
                heads.add(file.head);
                FollowEvent told =
                    event(original != 0 ? FollowEvent::Kind::Compressed : FollowEvent::Kind::Appeared, file);
                told.previous = original != 0 ? original : file.tookFrom;
                arrivals.push_back(std::move(told));
                std::erase(removed, original); // it is not removed, it lives on compressed
            }
        }
        settleAt = waiting ? clock->steady() + options.settle / 4 : SteadyTime::max();
    }

    FollowId originalOf(Followed& file)
    {
        if (!ensureOpen(file)) return 0;
        auto stream = decodeStream(makeFileInput(::dup(file.descriptor.get()), file.path), file.path);
        if (!stream || stream->head.empty()) return 0;
        FollowId found = 0;
        const std::string stem = seriesName(file.path).stem;
        for (const auto& [id, other] : files) {
            if (id == file.id || !other.announced || other.head.empty() ||
                !stream->head.starts_with(other.head))
                continue;
            const bool series = seriesName(other.path).stem == stem;
            if (found == 0 || series) found = id;
        }
        return found;
    }

    static bool readsToItsEnd(const Followed& file)
    {
        auto stream = decodeStream(makeFileInput(::dup(file.descriptor.get()), file.path), file.path);
        std::vector<char> buffer(256u << 10);
        while (stream) {
            auto chunk = stream->input->read(buffer.data(), buffer.size());
            if (!chunk) return false;
            if (chunk->eof) return true;
        }
        return false;
    }

    void end(std::vector<FollowEvent>& events)
    {
        for (auto& [id, file] : files) {
            if (!file.gone || clock->steady() - file.quietSince < options.linger) continue;
            if (ending.insert(id).second && file.announced)
                events.push_back(event(FollowEvent::Kind::Ended, file));
        }
    }

    void forgetEnded()
    {
        for (const FollowId id : ending) {
            const auto file = files.find(id);
            if (file == files.end()) continue;
            const auto known = byKey.find(file->second.key);
            if (known != byKey.end() && known->second == id) byKey.erase(known);
            giveUp(file->second);
            files.erase(file);
        }
        ending.clear();
    }

    bool polls() const { return blind || !changes->sees(); }

    void apply(const FileChanges& hint, const std::stop_token& stop, std::vector<FollowEvent>& events)
    {
        const bool due = clock->steady() >= scanAt;
        if (!scanned || hint.rescan || due) {
            scan(stop, events);
            return;
        }
        for (const std::string& path : hint.modified) {
            // By the inode, which a link's other name has as well. What is not followed has none here.
            struct stat info = {};
            if (::stat(path.c_str(), &info) != 0) continue; // gone: the next scan tells
            const auto known = byKey.find({info.st_dev, info.st_ino});
            if (known != byKey.end()) checkContent(known->second, events);
        }
        if (making) scan(stop, events);
    }
};

Follower::Follower(std::vector<std::string> paths, Options options, std::shared_ptr<const Clock> clock,
                   std::unique_ptr<ChangeSource> changes)
    : m_impl(std::make_unique<Impl>())
{
    m_impl->paths = std::move(paths);
    m_impl->options = options;
    m_impl->clock = std::move(clock);
    m_impl->changes = std::move(changes);
}
Follower::~Follower() = default;

bool Follower::polling() const
{
    return m_impl->polls();
}

Result<std::vector<FollowEvent>> Follower::wait(std::chrono::milliseconds timeout, std::stop_token stop)
{
    using std::chrono::milliseconds;
    Impl& impl = *m_impl;
    impl.forgetEnded();
    std::vector<FollowEvent> events;
    milliseconds left = timeout, pause{0}; // the first look does not wait
    for (;;) {
        auto hint = impl.changes->wait(pause, stop);
        if (!hint) return std::move(hint).error();
        if (stop.stop_requested()) return events;
        impl.apply(*hint, stop, events);
        left -= pause;
        if (!events.empty() || left <= milliseconds(0)) return events;
        const auto untilScan = std::chrono::ceil<milliseconds>(impl.scanAt - impl.clock->steady());
        pause = std::clamp(untilScan, milliseconds(1), left);
    }
}

Result<std::unique_ptr<ByteInput>> Follower::open(FollowId id, std::uint64_t position)
{
    const auto file = m_impl->files.find(id);
    if (file != m_impl->files.end() && m_impl->ensureOpen(file->second)) m_impl->limitDescriptors(id);
    if (file == m_impl->files.end() || !file->second.descriptor)
        return makeError(ErrorKind::NotFound, "read a followed file", "it is gone");
    const int copy = ::fcntl(file->second.descriptor.get(), F_DUPFD_CLOEXEC, 0);
    if (copy < 0) return systemError(ErrorKind::Input, "read " + file->second.path, errno);
    return makeFileInput(copy, file->second.path, position);
}

} // namespace faultline
