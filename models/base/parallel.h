#pragma once
#include "models/base/result.h"
#include "models/base/worker_pool.h"

#include <cstddef>
#include <functional>
#include <stop_token>

namespace faultline {

/// WorkerPool::parallelFor() of a body that may fail: no index is begun after the first failure. That one is
/// the answer; of several the one that is not Cancelled. After `stop`: whatever the bodies said.
Status parallelFor(WorkerPool& pool, std::size_t count, const std::function<Status(std::size_t)>& body,
                   std::stop_token stop);

} // namespace faultline
