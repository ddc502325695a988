#include "models/store/store_impl.h"

#include "models/store/read_connection.h"
#include "models/store/source_table.h"
#include "models/store/text_parts.h"

#include <algorithm>
#include <filesystem>
#include <thread>

namespace faultline {

namespace {

std::size_t poolSize(std::size_t asked)
{
    if (asked > 0) return asked;
    return 2 * std::max<std::size_t>(1, std::thread::hardware_concurrency()) + 1;
}

Error inSegment(const SegmentInfo& segment, ColumnIndex index, Error error)
{
    error.what = "read column " + segment.columns[index].path + " of segment " +
                 std::to_string(segment.id.value) + ": " + error.what;
    return error;
}

} // namespace

Store::~Store() = default;

StoreImpl::StoreImpl(Opened opened)
    : m_path(opened.path)
    , m_file(FileIdentity::of(m_path))
    , m_clock(std::move(opened.clock))
    , m_lock(std::move(opened.lock))
    , m_cache(opened.cacheBytes)
    , m_snapshots(opened.checksums)
    , m_pool(poolSize(opened.readers),
             [path = opened.path, vfs = opened.vfs, immutable = opened.immutable] {
                 return openReadConnection(path, vfs, immutable);
             })
    , m_leftBehind(std::move(opened.staged))
{
    if (opened.writer) {
        Writer::Setup setup;
        setup.path = m_path;
        setup.vfs = opened.vfs;
        setup.clock = m_clock;
        setup.committed = [this](std::vector<SegmentInfo>&& segments, std::vector<std::string>&& checksums,
                                 bool events) {
            for (std::size_t i = 0; i < segments.size(); ++i) {
                m_snapshots.offer(std::make_shared<const SegmentInfo>(std::move(segments[i])),
                                  std::move(checksums[i]));
            }
            if (events) m_commits.fetch_add(1);
        };
        setup.notify = [this] { m_observers.notify(); };
        setup.idle = [this](Connection& connection) { return houseKeeping(connection); };
        m_writer = std::make_unique<Writer>(std::move(setup), std::move(opened.writer));
    }
    if (opened.watcher) {
        m_watcher = std::make_unique<Watcher>(std::move(opened.watcher), [this] { m_observers.notify(); });
    }
}

StoreImpl::~StoreImpl()
{
    m_watcher.reset();
    m_pool.closeIdle(); // the writer is the last to close, so that it can take the log along
    m_writer.reset();
}

Result<SnapshotPtr> StoreImpl::snapshot()
{
    // What is open may have no name any more: its answers would be about a store that nobody else has.
    if (FileIdentity::of(m_path) != m_file) {
        return makeError(ErrorKind::Store, "read the store " + m_path,
                         "the file was removed, or another one put in its place, while it was open",
                         {"Open it again."});
    }
    std::int64_t at = m_commits.load();
    if (m_watcher) {
        auto version = m_watcher->version();
        if (!version) return std::move(version).error();
        at = *version;
    }
    std::lock_guard lock(m_snapshotMutex);
    if (m_latest && m_latestAt == at) return m_latest;
    auto connection = m_pool.borrow();
    if (!connection) return std::move(connection).error();
    auto latest = m_snapshots.refresh(**connection);
    if (!latest) return std::move(latest).error();
    // `at` was read before: a commit in between is in the snapshot already and only costs one look more.
    m_latest = std::move(*latest);
    m_latestAt = at;
    return m_latest;
}

Result<ColumnPtr> StoreImpl::column(const SegmentInfo& segment, ColumnIndex index)
{
    return m_cache.get(segment.id, index, [&]() -> Result<ColumnPtr> {
        auto blob = readBlob(segment, index);
        if (!blob) return std::move(blob).error();
        auto column = decodeColumn(segment.columns[index], segment.rows, *blob);
        if (!column) return inSegment(segment, index, std::move(column).error());
        return column;
    });
}

Result<std::shared_ptr<TextParts>> StoreImpl::texts(const SegmentInfo& segment, ColumnIndex index)
{
    if (auto known = m_cache.find(segment.id, index)) return std::make_shared<TextParts>(std::move(known));
    auto blob = readBlob(segment, index);
    if (!blob) return std::move(blob).error();
    auto parts = TextParts::open(segment.columns[index], segment.rows, std::move(*blob));
    if (!parts) return inSegment(segment, index, std::move(parts).error());
    return parts;
}

Result<std::string> StoreImpl::readBlob(const SegmentInfo& segment, ColumnIndex index)
{
    if (index >= segment.columns.size()) {
        return makeError(ErrorKind::Internal, "read segment " + std::to_string(segment.id.value),
                         "it has no column " + std::to_string(index));
    }
    const ColumnInfo& info = segment.columns[index];
    std::string bytes;
    if (info.storedBytes > 0) {
        // Decoded after the connection went back: a lease is for the disk alone.
        auto connection = m_pool.borrow();
        if (!connection) return std::move(connection).error();
        auto chunk = readChunk(**connection, segment.id.value, index);
        if (!chunk) return std::move(chunk).error();
        bytes = std::move(*chunk);
    }
    const auto sums = m_snapshots.checksums(segment.id);
    if (sums && !checksumHolds(*sums, std::size_t{index} + 1, bytes)) {
        return makeError(
            ErrorKind::Damaged,
            "read column " + info.path + " of segment " + std::to_string(segment.id.value),
            "its checksum does not hold",
            {"Run `faultline doctor` on the store: it lists what is damaged and repairs what it can."});
    }
    return bytes;
}

Error StoreImpl::notWriter(const std::string& what) const
{
    const long process = LockFile::holder(m_path);
    std::string why = "this window or command only reads the store";
    if (process > 0) why += "; process " + std::to_string(process) + " writes it";
    return makeError(ErrorKind::Locked, what, std::move(why),
                     {"Do it in the program that writes the store, or close that one first."});
}

Status StoreImpl::write(const std::string& what, std::function<Status(Connection&)> job, bool events)
{
    if (!m_writer) return notWriter(what);
    return m_writer->run(std::move(job), events);
}

Status StoreImpl::commit(CommitBatch batch, std::stop_token stop)
{
    if (!m_writer) return notWriter("commit events");
    std::erase_if(batch.segments, [](const SealedSegment& segment) { return segment.info.rows == 0; });
    return m_writer->commit(std::move(batch), stop);
}

Result<SourceId> StoreImpl::addSource(const SourceRecord& record)
{
    auto ids = addSources({record});
    if (!ids) return std::move(ids).error();
    return ids->front();
}

Result<std::vector<SourceId>> StoreImpl::addSources(const std::vector<SourceRecord>& records)
{
    std::vector<SourceId> ids;
    auto done = write("add a source", [&](Connection& connection) -> Status {
        for (const SourceRecord& record : records) {
            auto id = insertSource(connection, record);
            if (!id) return std::move(id).error();
            ids.push_back(*id);
        }
        return {};
    });
    if (!done) return std::move(done).error();
    return ids;
}

Result<std::vector<SourceRecord>> StoreImpl::sources(bool withCheckpoints)
{
    auto connection = m_pool.borrow();
    if (!connection) return std::move(connection).error();
    return readSources(**connection, withCheckpoints);
}

Status StoreImpl::updateSource(const SourceRecord& record)
{
    return write("change a source", [&](Connection& connection) { return writeSource(connection, record); });
}

Result<std::vector<QuarantineRecord>> StoreImpl::quarantine(std::optional<SourceId> source,
                                                            std::uint64_t offset, std::uint64_t limit)
{
    auto connection = m_pool.borrow();
    if (!connection) return std::move(connection).error();
    return readQuarantine(**connection, source, offset, limit);
}

Result<std::map<std::string, std::string>> StoreImpl::settings(std::string_view prefix)
{
    auto connection = m_pool.borrow();
    if (!connection) return std::move(connection).error();
    return readSettings(**connection, prefix);
}

Status StoreImpl::setSetting(const std::string& key, const std::string& value)
{
    return write("keep a setting",
                 [&](Connection& connection) { return writeSetting(connection, key, value); });
}

std::uint64_t StoreImpl::fileBytes() const
{
    std::uint64_t bytes = 0;
    for (const char* suffix : {"", "-wal"}) {
        std::error_code failed;
        const auto size = std::filesystem::file_size(m_path + suffix, failed);
        if (!failed) bytes += size;
    }
    return bytes;
}

} // namespace faultline
