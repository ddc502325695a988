#include "models/store/writer.h"

#include "models/store/source_table.h"

#include <algorithm>
#include <filesystem>
#include <set>

namespace faultline {

namespace {

constexpr std::uint64_t kPageBytes = 16'384 + 24;         // of a frame in the log
constexpr std::uint64_t kCheckpointBytes = 64u << 20;     // from here on: PASSIVE after a commit
constexpr std::uint64_t kTruncateBytes = 256u << 20;      // from here on: wait for readers, at most a second
constexpr std::uint64_t kGroupBytes = 64u << 20;          // of blobs in one transaction
constexpr std::chrono::milliseconds kFirstRetry{20};      // while the disk is full; doubles
constexpr std::chrono::milliseconds kLongestRetry{1'000}; // 5 s are promised
constexpr std::chrono::milliseconds kIdleAfter{1'000};
constexpr std::chrono::milliseconds kIdleLong{20'000}; // when nothing was left to do

std::uint64_t bytesOf(const CommitBatch& batch)
{
    std::uint64_t bytes = 0;
    for (const auto& segment : batch.segments) {
        for (const auto& chunk : segment.chunks) bytes += chunk.size() + 128;
    }
    for (const auto& record : batch.quarantine) bytes += record.bytes.size() + record.reason.size() + 64;
    return bytes;
}

} // namespace

Result<std::unique_ptr<Connection>> Writer::openConnection(const std::string& path, const std::string& vfs,
                                                           bool create)
{
    Connection::Options options;
    options.readOnly = false;
    options.create = create;
    options.cacheKiB =
        16'384; // blobs pass through once: a large cache would only hold what nobody reads again
    options.vfs = vfs;
    auto connection = Connection::open(path, options);
    if (!connection) return connection;
    // No automatic checkpoints: this thread decides when.
    if (auto done = (*connection)
                        ->execute("PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0; "
                                  "PRAGMA journal_size_limit=67108864; PRAGMA secure_delete=OFF");
        !done) {
        return std::move(done).error();
    }
    return connection;
}

Writer::Writer(Setup setup, std::unique_ptr<Connection> connection)
    : m_setup(std::move(setup))
    , m_connection(std::move(connection))
    , m_file(FileIdentity::of(m_setup.path))
    , m_nextIdle(Steady::now() + kIdleAfter)
{
    m_frames = true; // perhaps left by a process that was killed
    m_thread = std::thread([this] { loop(); });
}

Writer::~Writer()
{
    {
        std::lock_guard lock(m_mutex);
        m_ending = true;
    }
    m_wake.notify_all();
    m_thread.join();
}

Status Writer::commit(CommitBatch batch, std::stop_token stop)
{
    Request request;
    request.batch = std::move(batch);
    request.stop = stop;
    request.bytes = bytesOf(request.batch);
    const std::stop_callback onStop(stop, [this] {
        std::lock_guard lock(m_mutex); // or the wake could fall between the test and the wait
        m_wake.notify_all();
    });
    std::unique_lock lock(m_mutex);
    m_commits.push_back(&request);
    m_wake.notify_all();
    m_answered.wait(lock, [&] { return request.done; });
    return std::move(request.result);
}

Status Writer::run(std::function<Status(Connection&)> work, bool events)
{
    Job job;
    job.work = std::move(work);
    job.events = events;
    std::unique_lock lock(m_mutex);
    m_jobs.push_back(&job);
    m_wake.notify_all();
    m_answered.wait(lock, [&] { return job.done; });
    return std::move(job.result);
}

WriterStatus Writer::status() const
{
    std::lock_guard lock(m_mutex);
    return m_status;
}

void Writer::loop()
{
    std::unique_lock lock(m_mutex);
    for (;;) {
        dropStopped();
        const auto now = Steady::now();
        if (!m_jobs.empty()) {
            runJob(lock);
        } else if (!m_commits.empty() && (!m_status.paused || now >= m_retryAt)) {
            runGroup(lock);
        } else if (m_ending) {
            break; // nobody waits: who calls commit() holds the store
        } else if (m_status.paused && !m_commits.empty()) {
            m_wake.wait_until(lock, m_retryAt);
        } else if (now >= m_nextIdle) {
            runIdle(lock);
        } else {
            m_wake.wait_until(lock, m_nextIdle);
        }
    }
    lock.unlock();
    close();
}

void Writer::dropStopped()
{
    if (!m_status.paused) return;
    bool any = false;
    std::erase_if(m_commits, [&](Request* request) {
        if (!request->stop.stop_requested()) return false;
        request->result = makeError(
            ErrorKind::Cancelled, "commit events", "stopped while the disk was full: " + m_status.place,
            {"Free some space; what was committed before is safe, and the rest is read again."});
        request->done = true;
        any = true;
        return true;
    });
    if (m_commits.empty()) m_status = {};
    if (any) m_answered.notify_all();
}

void Writer::runJob(std::unique_lock<std::mutex>& lock)
{
    Job* job = m_jobs.front();
    m_jobs.pop_front();
    lock.unlock();
    Status result = usable();
    if (result) {
        result = [&]() -> Status {
            auto transaction = Transaction::begin(*m_connection, Transaction::Kind::Write);
            if (!transaction) return std::move(transaction).error();
            if (auto done = job->work(*m_connection); !done) return done;
            if (job->events) {
                if (auto done = bumpGeneration(*m_connection); !done) return done;
            }
            if (auto done = transaction->commit(); !done) return done;
            return stillThere();
        }();
        if (result) {
            m_frames = true;
            m_setup.committed({}, {}, job->events);
        } else {
            m_fields.forget();
            Error error = std::move(result).error();
            if (error.kind == ErrorKind::DiskFull)
                error.bytesNeeded = std::max<std::uint64_t>(error.bytesNeeded, 1u << 20);
            afterFailure(error);
            result = std::move(error);
        }
    }
    const bool worked = result.ok();
    lock.lock();
    job->result = std::move(result);
    job->done = true;
    m_answered.notify_all();
    m_nextIdle = Steady::now() + kIdleAfter;
    if (!worked) return;
    lock.unlock();
    m_setup.notify();
    checkpointWhenLarge();
    lock.lock();
}

void Writer::runGroup(std::unique_lock<std::mutex>& lock)
{
    std::vector<Request*> group;
    std::uint64_t bytes = 0;
    for (Request* request : m_commits) {
        if (!group.empty() && bytes + request->bytes > kGroupBytes) break;
        group.push_back(request);
        bytes += request->bytes;
    }
    lock.unlock();
    std::vector<InsertedSegment> inserted;
    Status result = usable();
    if (result) result = write(group, inserted);
    if (result) {
        m_frames = true;
        std::vector<SegmentInfo> infos;
        std::vector<std::string> checksums;
        std::size_t next = 0;
        for (Request* request : group) {
            if (!request->result) continue;
            for (auto& segment : request->batch.segments) {
                SegmentInfo& info = infos.emplace_back(std::move(segment.info));
                info.id = SegmentId{inserted[next].id};
                checksums.push_back(std::move(inserted[next].checksums));
                ++next;
            }
        }
        const bool events = !infos.empty();
        m_setup.committed(std::move(infos), std::move(checksums), events);
    } else {
        m_fields.forget();
        afterFailure(result.error());
    }
    const bool worked = result.ok();
    lock.lock();
    m_nextIdle = Steady::now() + kIdleAfter;
    if (!worked && result.error().kind == ErrorKind::DiskFull) {
        // The answers of requests that were refused for another reason stand; they are given in a later
        // round.
        m_status.paused = true;
        m_status.bytesNeeded = bytes + bytes / 16 + (1u << 20); // pages are not filled to the brim
        m_status.place = std::filesystem::path(m_setup.path).parent_path().string();
        m_status.reason = result.error().why;
        m_retryAfter = std::clamp(m_retryAfter * 2, kFirstRetry, kLongestRetry);
        m_retryAt = Steady::now() + m_retryAfter;
        return;
    }
    m_status = {};
    m_retryAfter = {};
    if (m_failed) m_status.reason = m_failed->line();
    for (Request* request : group) {
        std::erase(m_commits, request);
        if (request->result) request->result = result;
        request->done = true;
    }
    m_answered.notify_all();
    if (!worked) return;
    lock.unlock();
    m_setup.notify();
    checkpointWhenLarge();
    lock.lock();
}

Status Writer::check(const CommitBatch& batch)
{
    std::set<SourceId> needed;
    for (const auto& segment : batch.segments) {
        if (segment.chunks.size() != segment.info.columns.size() ||
            segment.info.columns.size() > kChunkIdsPerSegment || segment.info.rows == 0 ||
            segment.info.rows > kSegmentRows) {
            return makeError(ErrorKind::Internal, "commit events", "a segment is not well formed");
        }
        needed.insert(segment.info.sources.begin(), segment.info.sources.end());
    }
    for (const auto& update : batch.sources) {
        needed.insert(update.id);
        if (!update.delta.balanced()) {
            return makeError(ErrorKind::Internal, "commit events",
                             "the account of source " + std::to_string(update.id.value) + " is not balanced");
        }
    }
    for (const auto& record : batch.quarantine) needed.insert(record.source);
    for (const SourceId id : needed) {
        auto there = sourceExists(*m_connection, id);
        if (!there) return std::move(there).error();
        if (*there) continue;
        return makeError(ErrorKind::NotFound, "commit events of source " + std::to_string(id.value),
                         "the store has no such source", {"It was removed, or never added."});
    }
    return {};
}

Status Writer::write(const std::vector<Request*>& group, std::vector<InsertedSegment>& inserted)
{
    auto transaction = Transaction::begin(*m_connection, Transaction::Kind::Write);
    if (!transaction) return std::move(transaction).error();
    const TimeNs now = m_setup.clock->now();
    for (Request* request : group) {
        // Everything that is the batch's own fault is found before its first row is written: one batch that
        // is refused leaves the others of the group as they are.
        request->result = check(request->batch);
        if (!request->result) {
            const ErrorKind kind = request->result.error().kind;
            if (kind == ErrorKind::NotFound || kind == ErrorKind::Internal) continue;
            Status failed = std::move(request->result);
            request->result = {};
            return failed;
        }
        for (const auto& segment : request->batch.segments) {
            auto one = insertSegment(*m_connection, m_fields, segment, now);
            if (!one) return std::move(one).error();
            inserted.push_back(std::move(*one));
        }
        for (const auto& update : request->batch.sources) {
            if (auto done = applySourceUpdate(*m_connection, update); !done) return done;
        }
        for (const auto& record : request->batch.quarantine) {
            if (auto done = insertQuarantine(*m_connection, record); !done) return done;
        }
    }
    if (!inserted.empty()) {
        if (auto done = bumpGeneration(*m_connection); !done) return done;
    }
    if (auto done = transaction->commit(); !done) return done;
    return stillThere();
}

Status Writer::stillThere()
{
    const FileIdentity now = FileIdentity::of(m_setup.path);
    if (now == m_file) return {};
    m_failed = makeError(ErrorKind::Store, "write to the store " + m_setup.path,
                         now == FileIdentity() ? "the file was removed while it was open"
                                               : "another file was put in its place while it was open",
                         {"Open the store again, and read in again what is missing in it."});
    return *m_failed;
}

Status Writer::usable()
{
    if (m_failed) return *m_failed;
    if (auto done = stillThere(); !done) return done;
    if (m_connection) {
        m_connection->clearLastCode();
        return {};
    }
    auto opened = openConnection(m_setup.path, m_setup.vfs, false);
    if (!opened) return std::move(opened).error();
    m_connection = std::move(*opened);
    return {};
}

void Writer::afterFailure(const Error& error)
{
    if (!m_connection || m_failed) return;
    const int code = m_connection->lastCode();
    if (isFsyncFailure(code)) {
        m_failed =
            makeError(ErrorKind::Store, "write to the store " + m_setup.path,
                      "the disk did not confirm a write (" + error.why + "), so that nothing more is written",
                      {"Check the disk (system log, SMART), then open the store again: what was acknowledged "
                       "is in it."});
    } else if (!isIoFailure(code)) {
        return; // rolled back, and the connection is as it was
    }
    m_connection.reset();
}

void Writer::checkpointWhenLarge()
{
    if (!m_connection) return;
    const std::uint64_t bytes = static_cast<std::uint64_t>(m_connection->walFrames()) * kPageBytes;
    if (bytes < kCheckpointBytes) return;
    m_connection->clearLastCode();
    auto done = m_connection->checkpoint(bytes >= kTruncateBytes);
    if (!done) {
        afterFailure(done.error()); // the commits are safe in the log; only a refused fsync stops the writer
    } else {
        m_frames = m_connection->framesLeft() > 0;
    }
}

void Writer::runIdle(std::unique_lock<std::mutex>& lock)
{
    lock.unlock();
    bool worked = false;
    if (!m_failed && m_connection) {
        m_connection->clearLastCode();
        Status done;
        auto wrote = m_setup.idle(*m_connection);
        if (!wrote) {
            done = std::move(wrote).error();
        } else {
            worked = *wrote;
            if (worked) m_frames = true;
        }
        if (done && m_frames) {
            done = m_connection->checkpoint(false);
            if (done) m_frames = m_connection->framesLeft() > 0;
        }
        if (!done) {
            m_connection->rollback();
            afterFailure(done.error());
        }
    }
    lock.lock();
    if (m_failed) m_status.reason = m_failed->line();
    m_nextIdle = Steady::now() + (worked || m_frames ? kIdleAfter : kIdleLong);
}

void Writer::close()
{
    if (!m_connection) return;
    if (!m_failed) {
        // Readers last a second at most; one that stays only leaves the log for the next writer.
        if (m_connection->execute("PRAGMA busy_timeout=300") && m_connection->checkpoint(true)) {
            m_connection->setCheckpointOnClose(true);
        }
    }
    m_connection.reset();
}

} // namespace faultline
