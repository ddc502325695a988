#pragma once
#include "models/analysis/trace.h"
#include "models/base/worker_pool.h"
#include "models/query/scan_source.h"

#include <cstddef>
#include <memory>
#include <stop_token>

namespace faultline {

/// Answers questions about the traces of a store. Exact over all events; the answers depend neither on the
/// number of threads nor on the order of ingest.
///
/// Threads  The questions block and may be asked from any worker thread, several at once. Never on the GUI
///          thread.
/// Cancel   Within 20 ms of `stop`: ErrorKind::Cancelled.
/// Errors   Usage: a filter that does not compile, numbers out of their bounds. Damaged segments are no
///          error: see `missed` of the answers.
/// Memory   trace(): the events of its list, and 4,096 rows of each segment that has a part of the trace at
///          one time. top(): `heldBytes`, with a further pass over the events for what is more.
///          skew(): `skewEvents` x 100 bytes, and 3,000,000 samples of 32.
class Tracer
{
public:
    struct Options
    {
        std::size_t heldBytes = 160u << 20;
        std::size_t skewEvents = 1'000'000;
    };
    Tracer(std::shared_ptr<ScanSource> source, std::shared_ptr<WorkerPool> pool, Options options);
    Tracer(std::shared_ptr<ScanSource> source, std::shared_ptr<WorkerPool> pool)
        : Tracer(std::move(source), std::move(pool), Options())
    {}

    /// The events whose `field` is `id`, as the search finds them. A trace without events is no error.
    Result<Trace> trace(const TraceQuestion& question, std::stop_token stop = {});
    Result<TopTraces> top(const TopTracesQuestion& question, std::stop_token stop = {});
    /// All pairs of parties that share traces.
    Result<SkewReport> skew(const SkewQuestion& question, std::stop_token stop = {});

private:
    std::shared_ptr<ScanSource> m_source;
    std::shared_ptr<WorkerPool> m_pool;
    Options m_options;
};

} // namespace faultline
