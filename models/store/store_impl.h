#pragma once
#include "models/store/column_cache.h"
#include "models/store/file_identity.h"
#include "models/store/lock_file.h"
#include "models/store/observers.h"
#include "models/store/reader_pool.h"
#include "models/store/snapshot_cache.h"
#include "models/store/source_store.h"
#include "models/store/store.h"
#include "models/store/watcher.h"
#include "models/store/writer.h"

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>

namespace faultline {

/// Store over a file: puts pool, writer, caches and tables together. Reading and asking is in store_impl.cpp,
/// opening in store_open.cpp, changing stored events in store_upkeep.cpp.
class StoreImpl final : public Store, public SourceStore
{
public:
    /// How a store was opened.
    struct Opened
    {
        std::string path, vfs;
        std::shared_ptr<const Clock> clock;
        std::size_t cacheBytes = 0, readers = 0;
        bool immutable = false;
        bool checksums = true;
        std::optional<LockFile> lock;        ///< set: this process writes
        std::unique_ptr<Connection> writer;  ///< set with `lock`
        std::unique_ptr<Connection> watcher; ///< set when another process may write
        std::vector<SegmentId> staged;       ///< left by a change that did not end; to be dropped
    };
    explicit StoreImpl(Opened opened);
    ~StoreImpl() override;

    bool isWriter() const override { return m_writer != nullptr; }
    const std::string& path() const override { return m_path; }
    Result<SnapshotPtr> snapshot() override;
    std::uint64_t onChange(std::function<void()> callback) override
    {
        return m_observers.add(std::move(callback));
    }
    void removeOnChange(std::uint64_t id) override { m_observers.remove(id); }
    Result<ColumnPtr> column(const SegmentInfo& segment, ColumnIndex index) override;
    /// Out of the cache where the column is there; else nothing is kept: a search of texts goes over more
    /// than fits.
    Result<std::shared_ptr<TextParts>> texts(const SegmentInfo& segment, ColumnIndex index) override;

    Status commit(CommitBatch batch, std::stop_token stop) override;
    Result<SourceId> addSource(const SourceRecord& record) override;
    Result<std::vector<SourceId>> addSources(const std::vector<SourceRecord>& records) override;
    Result<std::vector<SourceRecord>> sources(bool withCheckpoints) override;
    Status updateSource(const SourceRecord& record) override;
    Status removeSource(SourceId id) override;
    Status setSourceAside(SourceId id) override;
    Status restoreSource(SourceId id) override;
    Status reclaimSource(SourceId id) override;
    Result<std::vector<RemovedSource>> removedSources() override;
    Result<std::vector<SourceChange>> sourceChanges(SourceId id) override;
    Result<SegmentId> stageSegment(const SealedSegment& segment) override;
    Status dropStagedSegments(std::span<const SegmentId> staged) override;
    Status finishRewrite(const SourceRewrite& rewrite) override;
    std::shared_ptr<void> holdMerges() override;
    Result<std::vector<QuarantineRecord>> quarantine(std::optional<SourceId> source, std::uint64_t offset,
                                                     std::uint64_t limit) override;
    Result<std::map<std::string, std::string>> settings(std::string_view prefix) override;
    Status setSetting(const std::string& key, const std::string& value) override;
    Status deleteRows(SegmentId segment, const std::vector<std::uint64_t>& rows) override;
    Result<std::size_t> mergeSmallSegments(std::stop_token stop) override;
    ReaderPoolStatus readerStatus() const override { return m_pool.status(); }
    WriterStatus writerStatus() const override { return m_writer ? m_writer->status() : WriterStatus{}; }
    std::uint64_t fileBytes() const override;

    /// A connection for reading, for what else lives in models/store (SQL for people).
    Result<ReaderPool::Lease> reader(ReaderPool::Use use = ReaderPool::Use::Normal, std::stop_token stop = {})
    {
        return m_pool.borrow(use, ReaderPool::kPatience, stop);
    }
    const ColumnCache& cache() const { return m_cache; }

private:
    Error notWriter(const std::string& what) const;
    Status write(const std::string& what, std::function<Status(Connection&)> job, bool events = false);
    /// The blob of a column, checked.
    Result<std::string> readBlob(const SegmentInfo& segment, ColumnIndex index);
    /// Adds to a mask inside a transaction; `bits` may name rows that are deleted already. The answer: those
    /// that were not.
    Result<std::vector<std::uint64_t>> maskRows(Connection& connection, const SegmentRow& row,
                                                const std::vector<std::uint64_t>& bits);
    /// The same, and the accounts of the sources say so.
    Status deleteFrom(Connection& connection, const SegmentRow& row, const SegmentInfo& info,
                      const std::vector<std::uint64_t>& bits);
    /// Takes rows out of a mask; a segment that was retired for it is live again.
    Status unmaskRows(Connection& connection, std::int64_t segment, const std::string& bytes);
    /// A bit for each row of the source, deleted ones too.
    Result<std::vector<std::uint64_t>> rowsOfSource(const SegmentInfo& info, SourceId id);
    /// Masks all rows of a source; `masked` is told of each segment that had some.
    Status maskSource(Connection& connection, SourceId id,
                      const std::function<Status(std::int64_t, const std::vector<std::uint64_t>&)>& masked);
    Status takeAway(SourceId id, bool forGood);
    /// A source that came after the removal of another one, and has its content, or its path.
    struct ReadAgain
    {
        SourceRecord source;
        bool all = false; ///< of what was removed nothing is missing in it
    };
    Result<std::optional<ReadAgain>> readInMeanwhile(SourceId id);
    Status maskReplaced(Connection& connection, const SourceRewrite& rewrite, std::uint64_t& replaced);
    Result<std::set<SegmentId>> keptSegments();
    Status giveUpRemoved(Connection& connection, TimeNs before);
    Status dropLeftBehind(Connection& connection);
    Result<bool> houseKeeping(Connection& connection);
    struct Replacement
    {
        bool done = false; ///< false: an input changed meanwhile
    };
    /// Remembers which of them have a damaged column, so that the others still merge; false when none has.
    bool leaveDamaged(std::span<const SegmentEntry> inputs);
    Status replaceSegments(std::span<const SegmentEntry> inputs, const std::vector<SealedSegment>& outputs,
                           Replacement& result);

    const std::string m_path;
    const FileIdentity m_file;
    const std::shared_ptr<const Clock> m_clock;
    std::optional<LockFile> m_lock; ///< goes last: the next writer must find everything closed
    ColumnCache m_cache;
    SnapshotCache m_snapshots;
    Observers m_observers;
    ReaderPool m_pool;

    /// Commits so far (writer) or data_version (reader) that m_latest belongs to.
    std::atomic<std::int64_t> m_commits{0};
    std::mutex m_snapshotMutex;
    SnapshotPtr m_latest;
    std::int64_t m_latestAt = -1;
    std::mutex m_mergeMutex; ///< one merge at a time
    std::atomic<int> m_mergesHeld{0};
    std::set<SegmentId> m_unmergeable;
    std::mutex m_leftMutex;
    std::vector<SegmentId> m_leftBehind; ///< staged segments that are nobody's, and could not be dropped
    TimeNs m_purgedAt = 0;               ///< of the writer's thread

    std::unique_ptr<Writer> m_writer;
    std::unique_ptr<Watcher> m_watcher;
};

} // namespace faultline
