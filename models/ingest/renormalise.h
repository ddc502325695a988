#pragma once
#include "models/base/result.h"
#include "models/ingest/normaliser.h"
#include "models/ingest/source_settings.h"
#include "models/store/source_store.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace faultline {

struct RenormaliseProgress
{
    std::uint64_t eventsDone = 0, eventsTotal = 0;
};

struct RenormaliseReport
{
    std::uint64_t events = 0;
    std::uint64_t timed = 0; ///< that have a time of their own now
    SourceSettings before, now;
    std::string format; ///< of the source now
};

/// Reads all events of a source once more, out of the store and with other settings: its file may be gone.
/// Each event keeps its bytes, its ordinal and its place in the ledger; its time, severity, canonical and
/// derived fields are as if the source had been read in with these settings. What is in quarantine stays
/// there.
///
/// Commit   Segments are written ahead, unseen; one transaction puts them in the place of the old rows and
///          keeps the settings. Until then, after a stop, a failure or a kill, the store is as before.
/// Threads  Blocks; works on up to three threads of its own. `progress` is called on any of them, one at a
///          time. Nothing may read into the same source meanwhile (see IngestGate); Locked when it happened.
/// Memory   About 150 MB for each of the threads at most.
Result<RenormaliseReport> renormalise(const std::shared_ptr<Store>& store,
                                      const std::shared_ptr<const Normaliser>& normaliser, SourceId source,
                                      const SourceSettings& settings,
                                      const std::function<void(const RenormaliseProgress&)>& progress,
                                      std::stop_token stop);
/// The same with the settings that it had before the last change that is kept; NotFound when there is none.
Result<RenormaliseReport> undoSettings(const std::shared_ptr<Store>& store,
                                       const std::shared_ptr<const Normaliser>& normaliser, SourceId source,
                                       const std::function<void(const RenormaliseProgress&)>& progress,
                                       std::stop_token stop);

/// What settings would do, on a few rows.
struct SettingsPreview
{
    struct Face
    {
        TimeNs time = 0;
        bool ownTime = false; ///< read from the event; else that of a neighbour or of the file
        Severity severity = 0;
        std::string service, host, message;
        bool operator==(const Face&) const = default;
    };
    struct Row
    {
        Ordinal ordinal = 0;
        std::string document; ///< at most 4 KiB of it
        Face before, after;
    };
    std::vector<Row> rows; ///< by ordinal: from the first, the middle and the last part of the source
    std::size_t timedBefore = 0, timedAfter = 0; ///< of the rows
    std::size_t changed = 0;                     ///< rows that differ in what a face has
};
inline constexpr std::size_t kPreviewRows = 20;

/// Never writes; reads the rows and their segments' columns.
Result<SettingsPreview> previewSettings(const std::shared_ptr<Store>& store,
                                        const std::shared_ptr<const Normaliser>& normaliser, SourceId source,
                                        const SourceSettings& settings, std::stop_token stop);

/// The settings that a source was read with: those that are kept, or, for a source of a program that did not
/// keep any, what its events show of them (constants, zone).
Result<SourceSettings> settingsOfSource(Store& store, const Normaliser& normaliser,
                                        const SourceRecord& source);

/// What the source was recognised as, also when its format is overridden now.
Result<std::string> recognisedFormat(Store& store, const SourceRecord& source);

/// What the settings of `before` mean when only what a user sets is taken from `wanted`: constants and the
/// file's time stay.
SourceSettings withUserSettings(const SourceSettings& before, const SourceSettings& wanted);

} // namespace faultline
