#pragma once
#include "models/analysis/comparison.h"
#include "models/base/worker_pool.h"
#include "models/query/scan_source.h"

#include <functional>
#include <memory>
#include <stop_token>

namespace faultline {

/// Finds what is different between two selections of events, of one store or of two. Exact over all of them.
///
/// How      1. The rows of both sides, segment by segment. 2. Patterns of messages, then every field on its
/// own:
///          values, presence, numbers in fine bins; a field with many values keeps those that occur often
///          (see FieldTally). 3. Pairs of the fields with few values that differ most. 4. The strongest
///          differences are counted once more, as the search would, in buckets of time: from these come the
///          counts that are shown, the dispersion and the onset (models/analysis/change_statistics.h). 5.
///          What passes is put into order, and what says the same is folded
///          (models/analysis/change_ranking.h).
/// Left out Fields by which the sides were chosen (those of filters that differ; the source of two stores):
/// they
///          differ because that was asked for. With no events on a side there are no differences.
/// Exact    Counts are those that a search with Change::filter gives within the side. The answer does not
///          depend on the number of threads nor on the order of ingest (`example` of a pattern apart, where
///          first events have the same time).
/// Threads  compare() blocks and may be called from any worker thread, several at once. Never on the GUI
///          thread.
/// Cancel   Within 20 ms of `stop`: ErrorKind::Cancelled.
/// Partial  When `partial` is set it gets a comparison of patterns, severity and service alone, on the
/// calling
///          thread, before the fields are counted.
/// Errors   Usage: filters that do not compile; Against::Before without a begin or end of A. Damaged segments
///          are no error: Comparison::missed.
class Comparer
{
public:
    using Partial = std::function<void(const Comparison&)>;
    /// Both sides of one store.
    Comparer(std::shared_ptr<ScanSource> store, std::shared_ptr<WorkerPool> pool);
    /// A of one store, B of another. Against::Rest is then all of B's.
    Comparer(std::shared_ptr<ScanSource> a, std::shared_ptr<ScanSource> b, std::shared_ptr<WorkerPool> pool);

    Result<Comparison> compare(const CompareQuestion& question, std::stop_token stop = {},
                               const Partial& partial = {});

private:
    std::vector<std::shared_ptr<ScanSource>> m_sources; ///< one or two
    std::shared_ptr<WorkerPool> m_pool;
};

} // namespace faultline
