#include "models/session/source_changes.h"

#include "models/session/handover_client.h"
#include "models/session/handover_protocol.h"
#include "models/session/ingest_anywhere.h"
#include "resources/embedded.h"

namespace faultline {

Result<SourceChangeReport> changeSource(const std::shared_ptr<Store>& store,
                                        const SourceChangeRequest& request,
                                        const std::function<void(const RenormaliseProgress&)>& progress,
                                        std::stop_token stop)
{
    using What = SourceChangeRequest::What;
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
    auto normaliser = Normaliser::load(embeddedFile("fields/aliases.json"));
    if (!normaliser) return std::move(normaliser).error();
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
    SourceChangeReport report;
    const Status done = writeAnywhere(
        place, "change a source of the store " + path,
        [&]() -> Result<bool> {
            auto given = changeThroughHolder(
                path, request,
                [&](const IngestProgress& so) {
                    if (progress) progress(handover::changeProgressOf(so));
                },
                stop);
            if (!given) return given.error();
            if (given->what != HandoverOutcome::What::Report) return false;
            report = handover::changeReportOf(given->report);
            return true;
        },
        [&](const std::shared_ptr<Store>& writer) -> Status {
            auto changed = changeSource(writer, request, progress, stop);
            if (!changed) return std::move(changed).error();
            report = *changed;
            return {};
        },
        stop);
    if (!done) return done.error();
    return report;
}

} // namespace faultline
