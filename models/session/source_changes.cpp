#include "models/session/source_changes.h"

#include "models/session/handover_client.h"
#include "models/session/handover_protocol.h"
#include "models/session/ingest_anywhere.h"
#include "resources/embedded.h"

#include <algorithm>

namespace faultline {

namespace {

using What = SourceChangeRequest::What;

Result<std::optional<SourceRecord>> findSource(Store& store, SourceId id)
{
    auto sources = store.sources();
    if (!sources) return std::move(sources).error();
    for (SourceRecord& source : *sources)
        if (source.id == id) return std::optional(std::move(source));
    return std::optional<SourceRecord>();
}

/// What a change of settings reports, counted.
Result<SourceChangeReport> asItIs(Store& store, SourceId id)
{
    SourceChangeReport report;
    auto snapshot = store.snapshot();
    if (!snapshot) return std::move(snapshot).error();
    for (const SegmentEntry& entry : (*snapshot)->segments) {
        const SegmentInfo& info = *entry.info;
        if (std::find(info.sources.begin(), info.sources.end(), id) == info.sources.end()) continue;
        auto sources = store.column(info, SourceColumn);
        if (!sources) return std::move(sources).error();
        auto flags = store.column(info, FlagsColumn);
        if (!flags) return std::move(flags).error();
        for (RowIndex row = 0; row < info.rows; ++row) {
            const bool deleted = entry.deleted && ((*entry.deleted)[row >> 6] >> (row & 63) & 1) != 0;
            if (deleted || (*sources)->ints.at(row) != id.value) continue;
            ++report.events;
            report.timed += ((*flags)->ints.at(row) & FlagTimeMissing) == 0 ? 1 : 0;
        }
    }
    return report;
}

Error changedSince(const SourceChangeRequest& request)
{
    return makeError(ErrorKind::Locked, "change source " + std::to_string(request.source.value),
                     "it was changed by somebody else meanwhile",
                     {"Nothing was changed now; look at it, and try again."});
}

Result<std::optional<SourceChangeReport>> madeSince(Store& store, const Normaliser& normaliser,
                                                    const SourceChangeRequest& request)
{
    const std::optional<SourceChangeReport> notYet;
    if (!request.seen) return notYet;
    const SourceChangeRequest::Seen& then = *request.seen;
    const auto now = lookAtSource(store, request.source);
    if (!now) return now.error();
    if (*now == then) return notYet;
    const std::optional<SourceChangeReport> done{SourceChangeReport{}};
    switch (request.what) {
    case What::Remove: return then.live && !now->live && now->removed ? done : notYet;
    case What::Restore: return then.removed && now->live && !now->removed ? done : notYet;
    case What::Reclaim: return then.removed && !now->live && !now->removed ? done : notYet;
    case What::Set:
    case What::Undo: break;
    }
    if (!then.live || !now->live) return notYet; // which says what is wrong
    if (request.what == What::Undo) {
        if (now->newest >= then.newest) return changedSince(request);
    } else {
        auto source = findSource(store, request.source);
        if (!source) return std::move(source).error();
        if (!*source) return notYet;
        auto settings = settingsOfSource(store, normaliser, **source);
        if (!settings) return std::move(settings).error();
        if (printSettings(withUserSettings(*settings, request.settings)) != (*source)->settings)
            return changedSince(request);
    }
    auto report = asItIs(store, request.source);
    if (!report) return std::move(report).error();
    return std::optional(*report);
}

} // namespace

Result<std::optional<SourceChangeReport>> madeSince(Store& store, const SourceChangeRequest& request)
{
    if (!request.seen) return std::optional<SourceChangeReport>();
    auto normaliser = Normaliser::load(embeddedFile("fields/aliases.json"));
    if (!normaliser) return std::move(normaliser).error();
    return madeSince(store, **normaliser, request);
}

Result<SourceChangeRequest::Seen> lookAtSource(Store& store, SourceId id)
{
    SourceChangeRequest::Seen seen;
    const auto source = findSource(store, id);
    if (!source) return source.error();
    seen.live = source->has_value();
    auto removed = SourceStore::of(store).removedSources();
    if (!removed) return std::move(removed).error();
    seen.removed =
        std::any_of(removed->begin(), removed->end(), [&](const auto& one) { return one.id == id; });
    auto changes = SourceStore::of(store).sourceChanges(id);
    if (!changes) return std::move(changes).error();
    if (!changes->empty()) seen.newest = changes->front().number;
    return seen;
}

Result<SourceChangeReport> changeSource(const std::shared_ptr<Store>& store,
                                        const SourceChangeRequest& request,
                                        const std::function<void(const RenormaliseProgress&)>& progress,
                                        std::stop_token stop)
{
    auto normaliser = Normaliser::load(embeddedFile("fields/aliases.json"));
    if (!normaliser) return std::move(normaliser).error();
    auto made = madeSince(*store, **normaliser, request);
    if (!made) return std::move(made).error();
    if (*made) return **made;
    const auto simply = [](Status status) -> Result<SourceChangeReport> {
        if (!status) return std::move(status).error();
        return SourceChangeReport{};
    };
    switch (request.what) {
    case What::Remove: return simply(SourceStore::of(*store).setSourceAside(request.source));
    case What::Restore: return simply(SourceStore::of(*store).restoreSource(request.source));
    case What::Reclaim: return simply(SourceStore::of(*store).reclaimSource(request.source));
    case What::Set:
    case What::Undo: break;
    }
    auto done =
        request.what == What::Set
            ? renormalise(store, *normaliser, request.source, request.settings, progress, std::move(stop))
            : undoSettings(store, *normaliser, request.source, progress, std::move(stop));
    if (!done) return std::move(done).error();
    return SourceChangeReport{done->events, done->timed};
}

Result<SourceChangeReport>
changeSourceAnywhere(const IngestPlace& place, const SourceChangeRequest& request,
                     const std::function<void(const RenormaliseProgress&)>& progress, std::stop_token stop)
{
    if (place.host != nullptr) return place.host->change(request, progress, std::move(stop));
    if (place.store->isWriter()) return changeSource(place.store, request, progress, std::move(stop));
    const std::string& path = place.store->path();
    SourceChangeRequest asked = request;
    if (!asked.seen) {
        auto seen = lookAtSource(*place.store, request.source);
        if (!seen) return std::move(seen).error();
        asked.seen = *seen;
    }
    SourceChangeReport report;
    const Status done = writeAnywhere(
        place, "change a source of the store " + path,
        [&]() -> Result<HandoverOutcome::What> {
            auto given = changeThroughHolder(
                path, asked,
                [&](const IngestProgress& so) {
                    if (progress) progress(handover::changeProgressOf(so));
                },
                stop);
            if (!given) return given.error();
            if (given->what == HandoverOutcome::What::Report)
                report = handover::changeReportOf(given->report);
            return given->what;
        },
        [&](const std::shared_ptr<Store>& writer) -> Status {
            // As a host: others hand their work over meanwhile.
            auto changed = IngestHost(writer, place.runner).change(asked, progress, stop);
            if (!changed) return std::move(changed).error();
            report = *changed;
            return {};
        },
        stop);
    if (!done) return done.error();
    return report;
}

} // namespace faultline
