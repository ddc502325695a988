#pragma once
#include "models/store/segment.h"

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>

namespace faultline {

/// Decoded columns, the least recently used leave first. One load of a column runs at a time: who asks for it
/// meanwhile waits for that one. Errors are not kept. Any thread.
class ColumnCache
{
public:
    using Load = std::function<Result<ColumnPtr>()>;
    explicit ColumnCache(std::size_t capacityBytes) : m_capacity(capacityBytes) {}

    Result<ColumnPtr> get(SegmentId segment, ColumnIndex column, const Load& load);
    std::size_t bytes() const;
    std::uint64_t loads() const;
    std::uint64_t hits() const;

private:
    struct Loading
    {
        bool done = false;
        std::size_t waiting = 0;
        std::condition_variable ready;
        std::optional<Result<ColumnPtr>> result;
    };
    struct Entry
    {
        std::uint64_t key = 0;
        ColumnPtr column;
        std::size_t bytes = 0;
    };
    using Order = std::list<Entry>; ///< the last used in front
    void keep(std::uint64_t key, const ColumnPtr& column);

    const std::size_t m_capacity;
    mutable std::mutex m_mutex;
    Order m_order;
    std::unordered_map<std::uint64_t, Order::iterator> m_entries;
    std::unordered_map<std::uint64_t, std::shared_ptr<Loading>> m_loading;
    std::size_t m_bytes = 0;
    std::uint64_t m_loads = 0, m_hits = 0;
};

} // namespace faultline
