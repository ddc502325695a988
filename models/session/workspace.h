#pragma once
#include "models/base/result.h"
#include "models/base/time.h"
#include "models/base/worker_pool.h"
#include "models/ingest/ingest.h"
#include "models/query/engine.h"
#include "models/session/ingest_anywhere.h"
#include "models/session/source_changes.h"
#include "models/session/store_upkeep.h"
#include "models/store/store.h"

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace faultline {

class Comparer;
class Tracer;

/// A store with what works on it: the engine that answers questions, the pool they share, and ingest. The
/// window and every command stand on this one composition, so that they give the same answers.
///
/// Threads  The members may be used from any thread; open() and ingest() block on disk.
class Workspace
{
public:
    struct Options
    {
        std::string storePath;
        bool write = false;                 ///< takes the writer's lock when it is free
        bool create = false;                ///< makes the store when there is none
        std::size_t threads = 0;            ///< 0: cores
        std::shared_ptr<const Clock> clock; ///< null: the machine's
        bool background = false;            ///< scans give way to a window of this program
    };
    static Result<std::shared_ptr<Workspace>> open(const Options& options);
    ~Workspace();

    const std::shared_ptr<Store>& store() const { return m_store; }
    const std::shared_ptr<QueryEngine>& engine() const { return m_engine; }
    /// "What changed" within this store; models/analysis/comparer.h.
    const std::shared_ptr<Comparer>& comparer() const { return m_comparer; }
    /// The same with A in this store and B in the other one, which lives as long.
    std::shared_ptr<Comparer> comparerAgainst(const Workspace& other) const;
    /// Traces of this store; models/analysis/tracer.h.
    const std::shared_ptr<Tracer>& tracer() const { return m_tracer; }
    const std::shared_ptr<const Clock>& clock() const { return m_clock; }

    /// Reads sources into the store; see Ingest::run. When another process writes it, that one does the work;
    /// see ingestAnywhere().
    Result<IngestReport> ingest(const IngestRequest& request,
                                std::function<void(const IngestProgress&)> progress, std::stop_token stop);
    /// What is read in now. Of another process that writes the store it is not known: as if it followed.
    IngestActivity activity() const;
    /// Takes back what a run has committed: sources that the run made are removed; those it went on with
    /// stay, and are named in the answer.
    Result<std::vector<std::string>> discard(const IngestReport& report,
                                             const std::vector<SourceRecord>& before);
    /// Removes sources for good, here or through the process that writes the store.
    Status removeSources(const std::vector<SourceId>& sources);
    /// Settings, removal and their undoing; see changeSourceAnywhere().
    Result<SourceChangeReport> changeSource(const SourceChangeRequest& request,
                                            const std::function<void(const RenormaliseProgress&)>& progress,
                                            std::stop_token stop);
    /// What settings would do to a source, on a few of its rows; writes nothing.
    Result<SettingsPreview> previewSettings(SourceId source, const SourceSettings& settings,
                                            std::stop_token stop);
    /// The settings that a source is read with now.
    Result<SourceSettings> sourceSettings(const SourceRecord& source);

private:
    Workspace() = default;
    IngestPlace place() const;
    std::shared_ptr<const Clock> m_clock;
    std::shared_ptr<Store> m_store;
    IngestRunner m_runner;
    std::shared_ptr<WorkerPool> m_pool;
    std::shared_ptr<QueryEngine> m_engine;
    std::shared_ptr<Comparer> m_comparer;
    std::shared_ptr<Tracer> m_tracer;
    std::unique_ptr<StoreUpkeep> m_upkeep; ///< when this process writes
    std::unique_ptr<IngestHost> m_host;    ///< when this process writes; last: ends before the store
};

} // namespace faultline
