#include "models/base/parallel.h"

#include <mutex>
#include <optional>

namespace faultline {

Status parallelFor(WorkerPool& pool, std::size_t count, const std::function<Status(std::size_t)>& body,
                   std::stop_token stop)
{
    std::stop_source inner;
    const std::stop_callback outer(std::move(stop), [&inner] { inner.request_stop(); });
    std::mutex mutex;
    std::optional<Error> error;
    pool.parallelFor(
        count,
        [&](std::size_t at) {
            Status status = body(at);
            if (status) return;
            const std::lock_guard lock(mutex);
            if (!error || error->kind == ErrorKind::Cancelled) error = status.error();
            inner.request_stop();
        },
        inner.get_token());
    if (error) return *error;
    return {};
}

} // namespace faultline
