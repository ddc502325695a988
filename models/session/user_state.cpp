#include "models/session/user_state.h"

#include "models/base/hash.h"

#include <QJsonDocument>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <utility>
#include <vector>

namespace faultline {

namespace fs = std::filesystem;

namespace {

/// A file descriptor that closes itself.
class Descriptor
{
public:
    explicit Descriptor(int fd) : m_fd(fd) {}
    ~Descriptor() { close(); }
    Descriptor(Descriptor&& other) noexcept : m_fd(std::exchange(other.m_fd, -1)) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int get() const { return m_fd; }
    bool close()
    {
        const int fd = std::exchange(m_fd, -1);
        return fd < 0 || ::close(fd) == 0;
    }

private:
    int m_fd;
};

std::string canonical(const std::string& path)
{
    std::error_code failed;
    const fs::path full = fs::weakly_canonical(fs::absolute(path, failed), failed);
    return failed ? path : full.string();
}

bool isName(std::string_view name)
{
    return !name.empty() && name.size() <= 40 && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    });
}

/// Qt's reader ends at a depth of 1,024 and at once where the text is none.
bool isObject(std::string_view json)
{
    QJsonParseError fault;
    const auto document = QJsonDocument::fromJson(
        QByteArray::fromRawData(json.data(), static_cast<qsizetype>(json.size())), &fault);
    return fault.error == QJsonParseError::NoError && document.isObject();
}

Error storeError(const std::string& what, int code)
{
    return systemError(code == ENOSPC || code == EDQUOT ? ErrorKind::DiskFull : ErrorKind::Store, what, code);
}

Status writeAll(int fd, std::string_view text, const std::string& what)
{
    while (!text.empty()) {
        const ssize_t written = ::write(fd, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return storeError(what, errno);
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

/// Written beside and renamed. The name beside is the process's own, so that two do not write into one file.
Status replaceFile(const std::string& path, std::string_view text)
{
    const std::string what = "write " + path;
    std::string fresh = path + ".XXXXXX";
    Descriptor file(::mkostemp(fresh.data(), O_CLOEXEC)); // 0600
    if (file.get() < 0) return storeError(what, errno);
    Status status = writeAll(file.get(), text, what);
    if (status && ::fsync(file.get()) != 0) status = storeError(what, errno);
    if (!file.close() && status) status = storeError(what, errno);
    if (status && ::rename(fresh.c_str(), path.c_str()) != 0) status = storeError(what, errno);
    if (!status) ::unlink(fresh.c_str());
    return status;
}

/// The text of a file, nothing when it is missing; one byte more than the limit when it is longer.
Result<std::string> readFile(const std::string& path)
{
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (file.get() < 0 && (errno == ENOENT || errno == ENOTDIR)) return std::string();
    if (file.get() < 0) return storeError("read " + path, errno);
    struct stat about = {};
    if (::fstat(file.get(), &about) != 0 || !S_ISREG(about.st_mode))
        return makeError(ErrorKind::Store, "read " + path, "it is no file");
    std::string text;
    std::vector<char> part(64 * 1024);
    while (text.size() <= UserState::kMostBytes) {
        const ssize_t got = ::read(file.get(), part.data(), part.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return storeError("read " + path, errno);
        if (got == 0) break;
        text.append(part.data(), static_cast<std::size_t>(got));
    }
    return text;
}

/// The lock of a folder's documents, held until it goes out of scope. There is no call that waits for one
/// only so long: it is tried again and again.
Result<Descriptor> takeLock(const std::string& folder, const std::string& what, const LockPatience& patience)
{
    const std::string path = folder + "/lock";
    Descriptor lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (lock.get() < 0) return storeError(what, errno);
    constexpr std::chrono::milliseconds kBetween{5};
    std::mutex mutex;
    std::condition_variable_any wake;
    for (std::chrono::milliseconds waited{0};; waited += kBetween) {
        if (::flock(lock.get(), LOCK_EX | LOCK_NB) == 0) return lock;
        if (errno == EINTR) continue;
        if (errno != EWOULDBLOCK) return storeError(what, errno);
        if (waited >= patience.most || patience.stop.stop_requested()) break;
        std::unique_lock held(mutex);
        wake.wait_for(held, patience.stop, kBetween, [] { return false; });
    }
    return makeError(ErrorKind::Locked, what, "another process holds " + path,
                     {"It was not written. Where a faultline process has stopped answering, end it."});
}

/// Why these bytes are no document; empty: they are one, or there is none.
std::string faultOf(const std::string& text)
{
    if (text.size() > UserState::kMostBytes) return "it is longer than 4 MiB";
    return text.empty() || isObject(text) ? "" : "it is no JSON object";
}

/// Puts a file aside under a name that is free; the lock is held.
Error setAside(const std::string& file, const std::string& why)
{
    Error error = makeError(ErrorKind::Damaged, "read " + file, why);
    std::error_code failed;
    for (int number = 1; number <= 9; ++number) {
        const std::string kept = file + ".damaged-" + std::to_string(number);
        if (fs::exists(kept, failed) && number < 9) continue; // the last one is taken over
        fs::rename(file, kept, failed);
        error.hints = {failed ? "It is left where it is." : "It is kept as " + kept + "."};
        break;
    }
    return error;
}

/// Reads a document; one that is none is put aside. The lock is held.
Result<UserState::Document> readHeld(const std::string& file)
{
    auto text = readFile(file);
    if (!text) return std::move(text).error();
    UserState::Document document;
    if (const std::string why = faultOf(*text); !why.empty())
        document.damaged = setAside(file, why);
    else
        document.json = std::move(*text);
    return document;
}

} // namespace

UserState::UserState(std::string dataDirectory) : m_root(std::move(dataDirectory) + "/state") {}

std::string UserState::folder(const std::string& store) const
{
    if (store.empty()) return m_root;
    RunningHash hash;
    hash.add(canonical(store));
    return m_root + "/stores/" + hash.digest().hex();
}

std::string UserState::path(const std::string& store, std::string_view name) const
{
    return folder(store) + '/' + std::string(name) + ".json";
}

Result<std::string> UserState::makeFolder(const std::string& store) const
{
    const std::string wanted = folder(store);
    std::error_code failed;
    if (fs::is_directory(wanted, failed)) return wanted;
    fs::create_directories(fs::path(m_root).parent_path(), failed);
    for (const std::string& each : {m_root, m_root + "/stores", wanted})
        if (::mkdir(each.c_str(), 0700) != 0 && errno != EEXIST)
            return storeError("make the folder " + each, errno);
    if (!store.empty()) forgetOldStores();
    return wanted;
}

void UserState::forgetOldStores() const
{
    std::vector<std::pair<fs::file_time_type, fs::path>> known;
    std::error_code failed;
    for (fs::directory_iterator each(m_root + "/stores", failed), end; !failed && each != end;
         each.increment(failed)) {
        std::error_code gone;
        // A file that is replaced changes the folder: its time is that of the last write.
        const auto changed = fs::last_write_time(each->path(), gone);
        if (!gone) known.emplace_back(changed, each->path());
    }
    if (known.size() <= kMostStores) return;
    std::sort(known.begin(), known.end());
    known.resize(known.size() - kMostStores);
    for (const auto& [changed, old] : known) fs::remove_all(old, failed);
}

Result<UserState::Document> UserState::read(const std::string& store, std::string_view name,
                                            const LockPatience& patience) const
{
    const std::string file = path(store, name);
    if (!isName(name)) return makeError(ErrorKind::Internal, "read " + file, "that is no name of a document");
    auto text = readFile(file);
    if (!text) return std::move(text).error();
    Document document;
    const std::string why = faultOf(*text);
    if (why.empty()) {
        document.json = std::move(*text);
        return document;
    }
    // Whoever writes may have put a good one there by now: looked at again while nobody can.
    const auto lock = takeLock(folder(store), "read " + file, patience);
    if (lock) return readHeld(file);
    document.damaged = makeError(ErrorKind::Damaged, "read " + file, why, {"It is left where it is."});
    return document;
}

Status UserState::write(const std::string& store, std::string_view name, std::string_view json,
                        const LockPatience& patience) const
{
    auto written = update(
        store, name, [json](const std::string&) { return std::string(json); }, patience);
    if (written) return {};
    if (written.error().kind != ErrorKind::Locked) return std::move(written).error();
    // The lock is for those who change what is there. This one takes its place, and does that as a whole.
    return replaceFile(path(store, name), json);
}

Result<UserState::Document> UserState::update(const std::string& store, std::string_view name,
                                              const Change& change, const LockPatience& patience) const
{
    const std::string file = path(store, name), what = "write " + file;
    if (!isName(name)) return makeError(ErrorKind::Internal, what, "that is no name of a document");
    const auto place = makeFolder(store);
    if (!place) return place.error();
    const auto lock = takeLock(*place, what, patience);
    if (!lock) return lock.error();
    auto document = readHeld(file);
    if (!document) return std::move(document).error();
    auto next = change(document->json);
    if (!next && !document->json.empty()) {
        document->damaged = setAside(file, next.error().why);
        document->json.clear();
        next = change({});
    }
    if (!next) return std::move(next).error();
    if (next->empty() || *next == document->json) return document;
    if (next->size() > kMostBytes) return makeError(ErrorKind::Limit, what, "it is longer than 4 MiB");
    if (!isObject(*next)) return makeError(ErrorKind::Input, what, "it is no JSON object");
    if (Status replaced = replaceFile(file, *next); !replaced) return std::move(replaced).error();
    document->json = std::move(*next);
    return document;
}

} // namespace faultline
