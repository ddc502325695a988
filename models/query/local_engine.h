#pragma once
#include "models/base/worker_pool.h"
#include "models/query/engine.h"
#include "models/query/scan_source.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>

namespace faultline {

class SelectionCache;

/// The QueryEngine over a local store: one pass over the segments with all sinks, on the pool and the asking
/// thread, newest segments first. Answers do not depend on the number of threads.
class LocalEngine final : public QueryEngine
{
public:
    struct Options
    {
        std::size_t selectionCacheBytes = 64u << 20;
        std::uint64_t gatheredValues =
            2'000'000;              ///< that a percentile holds at once; more take further passes
        std::size_t heldValues = 0; ///< that a count of values holds at once, of 64 bytes; 0: by the question
        std::chrono::milliseconds partialEvery{50}; ///< between two partial answers, at least
    };
    LocalEngine(std::shared_ptr<ScanSource> source, std::shared_ptr<WorkerPool> pool, Options options);
    LocalEngine(std::shared_ptr<ScanSource> source, std::shared_ptr<WorkerPool> pool)
        : LocalEngine(std::move(source), std::move(pool), Options())
    {}
    ~LocalEngine() override;

    Result<Answer> ask(const Question& question, std::stop_token stop, const Partial& partial) override;
    Result<std::vector<Answer>> askAll(const std::vector<Question>& questions, std::stop_token stop,
                                       const Partial& partial) override;
    Result<std::vector<std::string>> fieldNames(std::stop_token stop) override;
    void forget() override;
    std::vector<MissedEvents> missed() const override;

private:
    class DamageWatch;
    /// One scan without the segments that `watch` knows to be damaged; what it finds damaged is noted there.
    Result<std::vector<Answer>> scanOnce(const std::vector<Question>& questions, const SnapshotPtr& snapshot,
                                         DamageWatch& watch, const std::stop_token& stop,
                                         const Partial& partial);
    /// Scans again without each segment that turns out to be damaged.
    Result<std::vector<Answer>> scanSound(const std::vector<Question>& questions, const SnapshotPtr& snapshot,
                                          const std::stop_token& stop, const Partial& partial);
    void noteMissed(const std::vector<Question>& questions, const StoreSnapshot& snapshot,
                    const DamageWatch& watch);
    Result<std::vector<Answer>> scanAll(const std::vector<Question>& questions, const std::stop_token& stop,
                                        const Partial& partial);
    Result<Answer> streamPage(const PageQuestion& question, const std::stop_token& stop);

    std::shared_ptr<ScanSource> m_source;
    std::shared_ptr<WorkerPool> m_pool;
    std::unique_ptr<SelectionCache> m_cache;
    Options m_options;
    mutable std::mutex m_missedMutex;
    std::map<SegmentId, MissedEvents> m_missed;
};

} // namespace faultline
