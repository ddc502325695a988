#pragma once
#include "models/ingest/renormalise.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>

namespace faultline {

struct IngestPlace;

/// What a user does to a source after it was read in.
struct SourceChangeRequest
{
    enum class What : std::uint8_t {
        Set = 1,     ///< gives it `settings` (their constants and file time are passed over): renormalise()
        Undo = 2,    ///< takes the last Set back: undoSettings()
        Remove = 3,  ///< so that it can be brought back for a while: Store::removeSource()
        Restore = 4, ///< brings a removed one back
        Reclaim = 5  ///< gives a removed one up
    };
    What what = What::Set;
    SourceId source;
    SourceSettings settings;
    /// What the source was when the change was asked for. With it a change that was made already, by a
    /// process that died before it could say so, is known again and not made twice.
    struct Seen
    {
        bool live = false, removed = false; ///< among the sources; among those that can be brought back
        std::int64_t newest = 0;            ///< SourceChange::number of its last change; 0: none is kept
        bool operator==(const Seen&) const = default;
    };
    std::optional<Seen> seen = std::nullopt;
};

struct SourceChangeReport
{
    std::uint64_t events = 0; ///< read again (Set, Undo)
    std::uint64_t timed = 0;  ///< of those: with a time of their own
};

/// What the source is now.
Result<SourceChangeRequest::Seen> lookAtSource(Store& store, SourceId source);

/// A report when the change was made since it was asked for; see SourceChangeRequest::seen. Locked when
/// something else was changed. Nothing: it is to be made.
Result<std::optional<SourceChangeReport>> madeSince(Store& store, const SourceChangeRequest& request);

/// Does it in a store that this process writes. No ingest may go on: see IngestHost::change(). With
/// SourceChangeRequest::seen: nothing but a report when it was done since; Locked when something else was.
Result<SourceChangeReport> changeSource(const std::shared_ptr<Store>& store,
                                        const SourceChangeRequest& request,
                                        const std::function<void(const RenormaliseProgress&)>& progress,
                                        std::stop_token stop);

/// Does it whoever writes the store: here, or handed over to the process that does; see ingestAnywhere() for
/// the ways and the errors. Exactly once: a holder that dies in the middle has changed nothing, and the work
/// is begun anew; one that dies behind its commit has done it, which is seen.
Result<SourceChangeReport>
changeSourceAnywhere(const IngestPlace& place, const SourceChangeRequest& request,
                     const std::function<void(const RenormaliseProgress&)>& progress, std::stop_token stop);

} // namespace faultline
