#include "models/session/workspace.h"

#include "models/analysis/comparer.h"
#include "models/analysis/tracer.h"
#include "models/query/local_engine.h"
#include "models/store/lock_file.h"
#include "resources/embedded.h"

#include <algorithm>
#include <thread>

namespace faultline {

Result<std::shared_ptr<Workspace>> Workspace::open(const Options& options)
{
    std::shared_ptr<Workspace> workspace(new Workspace);
    workspace->m_clock = options.clock ? options.clock : std::make_shared<SystemClock>();
    Store::Options storeOptions;
    storeOptions.mode = options.write ? Store::Mode::ReadWrite : Store::Mode::ReadOnly;
    storeOptions.create = options.create;
    storeOptions.clock = workspace->m_clock;
    auto store = Store::open(options.storePath, storeOptions);
    if (!store) return std::move(store).error();
    workspace->m_store = std::move(*store);
    auto runner = makeIngestRunner(workspace->m_clock);
    if (!runner) return std::move(runner).error();
    workspace->m_runner = std::move(*runner);
    if (workspace->m_store->isWriter()) {
        workspace->m_host = std::make_unique<IngestHost>(workspace->m_store, workspace->m_runner);
        workspace->m_upkeep = std::make_unique<StoreUpkeep>(workspace->m_store);
    }
    const std::size_t threads =
        options.threads != 0 ? options.threads : std::max(1u, std::thread::hardware_concurrency());
    // The asking thread works too.
    workspace->m_pool = std::make_shared<WorkerPool>(threads > 1 ? threads - 1 : 1,
                                                     options.background ? WorkerPool::Priority::Background
                                                                        : WorkerPool::Priority::Normal);
    workspace->m_engine = std::make_shared<LocalEngine>(scanSourceOf(workspace->m_store), workspace->m_pool);
    workspace->m_comparer = std::make_shared<Comparer>(scanSourceOf(workspace->m_store), workspace->m_pool);
    workspace->m_tracer = std::make_shared<Tracer>(scanSourceOf(workspace->m_store), workspace->m_pool);
    return workspace;
}

Workspace::~Workspace() = default;

std::shared_ptr<Comparer> Workspace::comparerAgainst(const Workspace& other) const
{
    return std::make_shared<Comparer>(scanSourceOf(m_store), scanSourceOf(other.m_store), m_pool);
}

Result<IngestReport> Workspace::ingest(const IngestRequest& request,
                                       std::function<void(const IngestProgress&)> progress,
                                       std::stop_token stop)
{
    return ingestAnywhere(place(), request, std::move(progress), std::move(stop));
}

IngestActivity Workspace::activity() const
{
    if (m_host) return m_host->activity();
    const bool other = LockFile::holder(m_store->path()) > 0;
    return {other, other};
}

IngestPlace Workspace::place() const
{
    IngestPlace place;
    place.store = m_store;
    place.reopen.clock = m_clock;
    place.runner = m_runner;
    place.host = m_host.get();
    return place;
}

Status Workspace::removeSources(const std::vector<SourceId>& sources)
{
    return removeAnywhere(place(), sources, {});
}

Result<SourceChangeReport>
Workspace::changeSource(const SourceChangeRequest& request,
                        const std::function<void(const RenormaliseProgress&)>& progress, std::stop_token stop)
{
    return changeSourceAnywhere(place(), request, progress, std::move(stop));
}

Result<SettingsPreview> Workspace::previewSettings(SourceId source, const SourceSettings& settings,
                                                   std::stop_token stop)
{
    auto normaliser = Normaliser::load(embeddedFile("fields/aliases.json"));
    if (!normaliser) return std::move(normaliser).error();
    return faultline::previewSettings(m_store, *normaliser, source, settings, std::move(stop));
}

Result<SourceSettings> Workspace::sourceSettings(const SourceRecord& source)
{
    auto normaliser = Normaliser::load(embeddedFile("fields/aliases.json"));
    if (!normaliser) return std::move(normaliser).error();
    return settingsOfSource(*m_store, **normaliser, source);
}

Result<std::vector<std::string>> Workspace::discard(const IngestReport& report,
                                                    const std::vector<SourceRecord>& before)
{
    std::vector<std::string> kept;
    std::vector<SourceId> made;
    for (const SourceReport& source : report.sources) {
        if (source.id.value == 0) continue; // nothing was there
        const bool known = std::any_of(before.begin(), before.end(), [&](const SourceRecord& record) {
            return record.id == source.id && record.ledger.received.records != 0;
        });
        if (known) {
            if (source.ledger.received.records != 0) kept.push_back(source.name);
        } else if (source.id != SourceId{}) { // there may have been nothing under that name
            made.push_back(source.id);
        }
    }
    if (Status status = removeSources(made); !status) return status.error();
    return kept;
}

} // namespace faultline
