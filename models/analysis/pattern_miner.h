#pragma once
#include "models/analysis/pattern_report.h"
#include "models/base/worker_pool.h"
#include "models/query/scan_source.h"

#include <functional>
#include <memory>
#include <stop_token>

namespace faultline {

/// What there is to say of the message patterns of a selection. Exact over all events; the answers depend
/// neither on the number of threads nor on the order of ingest.
///
/// How      Every segment once: its rows in the range by pattern and bucket, and those before the range, with
///          the filter (what is gone) and without it (what is new).
/// Threads  The questions block and may be asked from any worker thread, several at once. Never on the GUI
///          thread.
/// Cancel   ErrorKind::Cancelled.
/// Errors   Usage: a filter that does not compile, numbers out of their bounds; Limit: more numbers than
///          kMostNumbers in the variables of a pattern. Damaged segments are no error: see `missed`.
/// Memory   report(): patterns x (buckets x 8 + 500) bytes, and per thread those of one segment.
class PatternMiner
{
public:
    static constexpr std::size_t kMostNumbers = 20'000'000;
    PatternMiner(std::shared_ptr<ScanSource> source, std::shared_ptr<WorkerPool> pool);

    /// What is known so far, on any one thread at a time; at most ten times a second.
    using Partial = std::function<void(const PatternReport&)>;
    Result<PatternReport> report(const PatternReportQuestion& question, std::stop_token stop = {},
                                 const Partial& partial = {});
    Result<PatternVariables> variables(const PatternVariablesQuestion& question, std::stop_token stop = {});

private:
    std::shared_ptr<ScanSource> m_source;
    std::shared_ptr<WorkerPool> m_pool;
};

} // namespace faultline
