#pragma once
#include "models/base/result.h"
#include "models/store/segment.h"
#include "models/store/source_record.h"

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace faultline {

/// One bit a row: rows that were deleted. Immutable; shared by snapshots.
using DeleteMask = std::shared_ptr<const std::vector<std::uint64_t>>;

/// A segment in a snapshot.
struct SegmentEntry
{
    std::shared_ptr<const SegmentInfo> info;
    DeleteMask deleted; ///< null when no row is
    RowIndex deletedRows = 0;
    std::uint64_t maskVersion = 0; ///< grows with each change of the mask; part of a selection cache's key
};

/// A segment whose directory, mask or numbers are damaged: its events are in the store, and in no answer.
struct UnreadableSegment
{
    SegmentId id;
    std::uint64_t events = 0;                      ///< rows, deleted ones too; 0: not known
    TimeNs minTime = kTimeMin, maxTime = kTimeMax; ///< as its row in the table says
    std::string why;                               ///< "the checksum of its directory does not hold"
};

/// The store at one commit: what exists, without the data. Immutable; cheap to hold.
struct StoreSnapshot
{
    std::uint64_t generation = 0;       ///< grows with each commit that changes events
    std::vector<SegmentEntry> segments; ///< by maxTime, newest first
    std::uint64_t events = 0;           ///< not counting deleted ones
    TimeNs minTime = 0, maxTime = 0;    ///< of the segments; 0,0 when empty
    /// By id. Not among `segments`, nor counted in `events`: who answers from the snapshot says so.
    std::vector<UnreadableSegment> unreadable;
};
using SnapshotPtr = std::shared_ptr<const StoreSnapshot>;

/// What one transaction makes durable: events and the positions they cover, together.
struct CommitBatch
{
    std::vector<SealedSegment> segments;
    struct SourceUpdate
    {
        SourceId id;
        Ledger delta; ///< added to the source's ledger
        std::optional<Checkpoint> checkpoint;
        std::optional<SourceState> state;
        std::string detail; ///< set when not empty
        std::string format; ///< set when not empty
        TimeNs arrival = 0;
    };
    std::vector<SourceUpdate> sources;
    std::vector<QuarantineRecord> quarantine;
};

/// How the pool of readers is used; shown to people and exported as metrics of the application.
struct ReaderPoolStatus
{
    std::size_t size = 0, inUse = 0, waiting = 0;
    std::uint64_t borrowed = 0;        ///< since the start
    std::chrono::nanoseconds waited{}; ///< total time spent waiting
    std::chrono::nanoseconds longestWait{};
};

/// Disk full, as a state: writes wait, reads go on, writing resumes within 5 s of space returning.
struct WriterStatus
{
    bool paused = false;
    std::uint64_t bytesNeeded = 0;
    std::string place; ///< the directory that is full
    std::string reason;
};

/// The store: one SQLite file. See DESIGN: one writer (this process, or another one that holds the lock),
/// a bounded pool of readers, one cache of decoded columns.
///
/// Threads  Every member may be called from any thread; those that read or write block on disk.
/// Errors   ErrorKind::Locked when another process is the writer and a write was asked for;
///          DiskFull is not an error of commit(): it waits, see writerStatus().
class Store : public ColumnSource
{
public:
    enum class Mode {
        ReadWrite, ///< takes the writer's lock, or reads when another process has it: see isWriter()
        ReadOnly,  ///< reads a store that another process may write
        Immutable, ///< a folder that cannot be written: no lock, no WAL; the file must not change
    };
    struct Options
    {
        Mode mode = Mode::ReadWrite;
        std::size_t cacheBytes = 160u << 20; ///< of decoded columns
        std::size_t readers = 0;             ///< 0: 2 x cores + 1
        std::shared_ptr<const Clock> clock;  ///< null: the machine's
        bool create = true;
        std::string vfs; ///< SQLite VFS name, for fault injection in tests
    };
    static Result<std::shared_ptr<Store>> open(const std::string& path, Options options);
    ~Store() override;

    virtual bool isWriter() const = 0;
    virtual const std::string& path() const = 0;

    /// The newest committed state. A reading process looks for new commits of the writer first (cheap). A
    /// damaged segment is no error: see StoreSnapshot::unreadable.
    virtual Result<SnapshotPtr> snapshot() = 0;
    /// Called after a commit that this process made or noticed, on an unspecified thread; never blocks long.
    virtual std::uint64_t onChange(std::function<void()> callback) = 0;
    virtual void removeOnChange(std::uint64_t id) = 0;

    /// Durable when it returns. Waits while the disk is full, until `stop`.
    virtual Status commit(CommitBatch batch, std::stop_token stop = {}) = 0;

    // Sources
    virtual Result<SourceId> addSource(const SourceRecord& record) = 0; ///< id is given
    /// Many at once, in one transaction; ids in the order given.
    virtual Result<std::vector<SourceId>> addSources(const std::vector<SourceRecord>& records) = 0;
    virtual Result<std::vector<SourceRecord>> sources(bool withCheckpoints = false) = 0;
    virtual Status
    updateSource(const SourceRecord& record) = 0; ///< path, name, settings, state, detail, device, inode
    /// Masks all events of the source, and forgets its quarantine and checkpoints.
    virtual Status removeSource(SourceId id) = 0;
    virtual Result<std::vector<QuarantineRecord>> quarantine(std::optional<SourceId> source,
                                                             std::uint64_t offset, std::uint64_t limit) = 0;

    // Small durable settings of the application (saved views, names of patterns): key -> value.
    virtual Result<std::map<std::string, std::string>> settings(std::string_view prefix) = 0;
    virtual Status setSetting(const std::string& key, const std::string& value) = 0;

    // Upkeep
    virtual Status deleteRows(SegmentId segment,
                              const std::vector<std::uint64_t>& rows) = 0; ///< adds to the mask
    /// Merges small segments into large ones; returns how many segments were replaced. Snapshots that are
    /// held go on working.
    virtual Result<std::size_t> mergeSmallSegments(std::stop_token stop = {}) = 0;
    virtual ReaderPoolStatus readerStatus() const = 0;
    virtual WriterStatus writerStatus() const = 0;
    virtual std::uint64_t fileBytes() const = 0; ///< database and WAL
};

} // namespace faultline
