#include "models/store/read_connection.h"
#include "models/store/schema.h"
#include "models/store/segment_table.h"
#include "models/store/store_impl.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <thread>

namespace faultline {

namespace {

namespace fs = std::filesystem;

// Missing folders and the file itself, readable by their owner only: log lines hold secrets.
Status makePrivateFile(const fs::path& path)
{
    std::vector<fs::path> missing;
    std::error_code failed;
    for (fs::path folder = path.parent_path(); !folder.empty() && !fs::exists(folder, failed);
         folder = folder.parent_path()) {
        missing.push_back(folder);
    }
    for (auto folder = missing.rbegin(); folder != missing.rend(); ++folder) {
        if (::mkdir(folder->c_str(), 0700) != 0 && errno != EEXIST) {
            return systemError(ErrorKind::Store, "make the folder " + folder->string(), errno);
        }
    }
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (descriptor < 0) {
        if (errno == EEXIST) return {};
        return systemError(ErrorKind::Store, "make the store " + path.string(), errno);
    }
    // Before any connection of this process: closing it cancels no lock.
    ::close(descriptor);
    return {};
}

bool folderWritable(const std::string& path)
{
    return ::access(fs::path(path).parent_path().c_str(), W_OK) == 0;
}

/// Whether the files that sharing needs can be made: not in a folder without the right, on a medium that is
/// read-only, or where there is no room for one more.
bool folderTakesFiles(const std::string& path)
{
    if (!folderWritable(path)) return false;
    std::string probe = path + "-XXXXXX";
    const int descriptor = ::mkostemp(probe.data(), O_CLOEXEC);
    if (descriptor < 0) return errno == EEXIST || errno == EMFILE || errno == ENFILE || errno == ENAMETOOLONG;
    ::close(descriptor);
    ::unlink(probe.c_str());
    return true;
}

/// The store may be readable as it is, where sharing is what failed.
bool onlyWithoutSharing(const Error& error, const std::string& path)
{
    return (error.kind == ErrorKind::Store || error.kind == ErrorKind::DiskFull) && !folderTakesFiles(path);
}

struct Attempt
{
    std::unique_ptr<Connection> connection;
    SchemaState schema;
};

Result<Attempt> openToRead(const std::string& path, const std::string& vfs, bool immutable)
{
    auto connection = openReadConnection(path, vfs, immutable);
    if (!connection) return std::move(connection).error();
    auto schema = readSchema(**connection);
    if (!schema) return std::move(schema).error();
    return Attempt{std::move(*connection), *schema};
}

// An immutable store is read without its log: commits that are only there must not vanish in silence.
Status refuseUnreadLog(const std::string& path)
{
    std::error_code failed;
    const auto log = fs::file_size(path + "-wal", failed);
    if (failed || log == 0) return {};
    return makeError(
        ErrorKind::Store, "open the store " + path,
        "it can only be read as it is, and its write-ahead log holds commits that are not in it yet",
        {"Copy the store and the -wal file beside it to a folder that can be written, and open the copy."});
}

// Opens for reading, beside a writer or without one; falls back to immutable where the folder does not allow
// the files that sharing needs.
Status openReader(StoreImpl::Opened& opened, bool immutable)
{
    using Steady = std::chrono::steady_clock;
    const auto deadline = Steady::now() + std::chrono::seconds(2);
    if (immutable) {
        if (auto done = refuseUnreadLog(opened.path); !done) return done;
    }
    for (;;) {
        auto attempt = openToRead(opened.path, opened.vfs, immutable);
        if (!attempt) {
            if (immutable || !onlyWithoutSharing(attempt.error(), opened.path))
                return std::move(attempt).error();
            if (auto done = refuseUnreadLog(opened.path); !done) return done;
            immutable = true;
            continue;
        }
        if (attempt->schema.empty) {
            // A writer may just be making it.
            if (!immutable && Steady::now() < deadline && LockFile::holder(opened.path) != 0) {
                std::this_thread::sleep_for(std::chrono::milliseconds(20));
                continue;
            }
            return makeError(ErrorKind::NotFound, "open the store " + opened.path, "it is empty");
        }
        if (!attempt->schema.mayRead()) return schemaRefusal(attempt->schema, opened.path, false);
        opened.checksums = attempt->schema.checksums;
        opened.immutable = immutable;
        if (!immutable) opened.watcher = std::move(attempt->connection);
        return {};
    }
}

// With the lock held. False: the store asks for a newer program to write it, but may be read.
Result<bool> openWriter(StoreImpl::Opened& opened)
{
    auto connection = Writer::openConnection(opened.path, opened.vfs, false);
    if (!connection) return std::move(connection).error();
    Connection& writer = **connection;
    auto schema = readSchema(writer);
    if (!schema) return std::move(schema).error();
    if (schema->empty) {
        if (auto done = createSchema(writer, opened.clock->now()); !done) return std::move(done).error();
    } else {
        if (!schema->mayRead()) return schemaRefusal(*schema, opened.path, false);
        if (!schema->mayWrite()) return false;
        if (auto done = writer.execute("PRAGMA journal_mode=WAL"); !done) return std::move(done).error();
        if (auto done = migrateSchema(writer); !done) return std::move(done).error();
        // Of a change that did not come to its end: nobody finishes it any more. Nobody sees them either:
        // where there is no room to drop them, that is done later.
        auto staged = stagedSegments(writer);
        if (!staged) return std::move(staged).error();
        if (!staged->empty()) {
            if (auto done = dropStaged(writer, {}); !done) {
                if (done.error().kind != ErrorKind::DiskFull) return std::move(done).error();
                opened.staged = std::move(*staged);
            }
        }
    }
    opened.writer = std::move(*connection);
    return true;
}

} // namespace

Result<std::shared_ptr<Store>> Store::open(const std::string& path, Options options)
{
    std::error_code failed;
    // One name for one file, so that everybody finds the same lock.
    const fs::path absolute = fs::weakly_canonical(fs::absolute(path, failed), failed);
    if (failed) return systemError(ErrorKind::Store, "open the store " + path, failed.value());
    StoreImpl::Opened opened;
    opened.path = absolute.string();
    opened.vfs = options.vfs;
    opened.clock = options.clock ? options.clock : std::make_shared<SystemClock>();
    opened.cacheBytes = options.cacheBytes;
    opened.readers = options.readers;

    const bool exists = fs::exists(absolute, failed);
    if (!exists && (options.mode != Mode::ReadWrite || !options.create)) {
        return makeError(ErrorKind::NotFound, "open the store " + opened.path, "there is no such file",
                         {"Name a store with --store, or read a log in to make one."});
    }
    if (fs::is_directory(absolute, failed)) {
        return makeError(ErrorKind::Input, "open the store " + opened.path, "it is a folder");
    }
    bool reading = options.mode != Mode::ReadWrite;
    if (!reading && exists && ::access(opened.path.c_str(), W_OK) != 0) reading = true;
    if (!reading) {
        if (!exists) {
            if (auto done = makePrivateFile(absolute); !done) return std::move(done).error();
        }
        auto lock = LockFile::tryLock(opened.path);
        if (!lock) {
            if (!exists || folderWritable(opened.path)) return std::move(lock).error();
            reading = true;
        } else if (!*lock) {
            reading = true;
        } else {
            opened.lock = std::move(*lock);
            auto writes = openWriter(opened);
            if (!writes) {
                if (!exists || folderWritable(opened.path)) return std::move(writes).error();
                reading = true;
            } else {
                reading = !*writes;
            }
            if (reading) opened.lock.reset();
        }
    }
    if (reading) {
        if (auto done = openReader(opened, options.mode == Mode::Immutable); !done)
            return std::move(done).error();
    }
    return std::shared_ptr<Store>(std::make_shared<StoreImpl>(std::move(opened)));
}

} // namespace faultline
