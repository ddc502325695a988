#pragma once
#include "models/store/store.h"

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace faultline {

/// How long a removed source can be brought back.
inline constexpr TimeNs kRemovedKept = 86'400 * kSecondNs;

/// A source that was removed and can be brought back.
struct RemovedSource
{
    SourceId id;
    std::string path, name, format;
    std::uint64_t events = 0, bytes = 0; ///< of its ledger; bytes received
    TimeNs removedAt = 0, keptUntil = 0;
};

/// What the settings of a source were before a change.
struct SourceChange
{
    std::int64_t number = 0; ///< grows with each change of the store's sources
    TimeNs at = 0;           ///< of the change
    std::string settings, format;
    bool formatOverridden = false;
};

/// New rows for all events of one source.
struct SourceRewrite
{
    SourceId source;
    SnapshotPtr snapshot;          ///< the rows were made of its events
    std::vector<SegmentId> staged; ///< hold the source's events and no others
    std::string settings, format;  ///< of the source from now on
    bool formatOverridden = false;
    std::optional<TimeNs> lastTime; ///< of the last event with a time of its own; see Checkpoint
    bool undoes = false;            ///< takes the newest change back, instead of keeping one more
};

/// What a user does to the sources of a store after they were read in, and what takes it back.
///
/// Threads, errors  as Store.
class SourceStore
{
public:
    virtual ~SourceStore() = default;
    /// Of a store that Store::open() made.
    static SourceStore& of(Store& store);

    /// Masks all events of the source, so that restoreSource() brings them back for kRemovedKept; until then
    /// their space is kept. Its quarantine and its checkpoints go, too. (Store::removeSource() is for good.)
    virtual Status setSourceAside(SourceId id) = 0;
    /// As if it had never been removed. NotFound when its space was reclaimed; Input when its path, or its
    /// content under another name (rotated, compressed, a pipe once more), was read in meanwhile; Damaged
    /// when rows of it are out of reach.
    virtual Status restoreSource(SourceId id) = 0;
    /// Gives up what would bring a removed source back.
    virtual Status reclaimSource(SourceId id) = 0;
    virtual Result<std::vector<RemovedSource>> removedSources() = 0;

    // Another reading of a source's events, made of what is stored
    /// What the settings were before each change that is kept, newest first.
    virtual Result<std::vector<SourceChange>> sourceChanges(SourceId id) = 0;
    /// Writes a segment that nobody sees until finishRewrite(). What was staged and not finished is dropped
    /// when the store is opened for writing again.
    virtual Result<SegmentId> stageSegment(const SealedSegment& segment) = 0;
    /// Where it fails (a full disk), the store does it by itself as soon as it can.
    virtual Status dropStagedSegments(std::span<const SegmentId> staged) = 0;
    /// In one transaction: the staged segments take the place of all events of the source, and its settings
    /// change. Locked when its events are not those of the snapshot any more; nothing is changed then.
    virtual Status finishRewrite(const SourceRewrite& rewrite) = 0;
    /// No merge begins while the answer lives; one that is under way is waited for.
    virtual std::shared_ptr<void> holdMerges() = 0;
};

} // namespace faultline
