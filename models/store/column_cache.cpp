#include "models/store/column_cache.h"

namespace faultline {

Result<ColumnPtr> ColumnCache::get(SegmentId segment, ColumnIndex column, const Load& load)
{
    const std::uint64_t key = static_cast<std::uint64_t>(segment.value) << 16 | column;
    std::shared_ptr<Loading> loading;
    {
        std::unique_lock lock(m_mutex);
        if (const auto found = m_entries.find(key); found != m_entries.end()) {
            m_order.splice(m_order.begin(), m_order, found->second);
            ++m_hits;
            return found->second->column;
        }
        auto [place, fresh] = m_loading.try_emplace(key);
        if (!fresh) {
            loading = place->second;
            ++m_hits;
            loading->ready.wait(lock, [&] { return loading->done; });
            return *loading->result;
        }
        loading = std::make_shared<Loading>();
        place->second = loading;
        ++m_loads;
    }
    Result<ColumnPtr> result = load();
    std::lock_guard lock(m_mutex);
    if (result) keep(key, *result);
    loading->result.emplace(result);
    loading->done = true;
    m_loading.erase(key);
    loading->ready.notify_all();
    return result;
}

void ColumnCache::keep(std::uint64_t key, const ColumnPtr& column)
{
    const std::size_t bytes = column->bytes() + sizeof(Entry) + 64; // and what the maps take for it
    if (bytes > m_capacity) return;
    m_order.push_front({key, column, bytes});
    m_entries[key] = m_order.begin();
    m_bytes += bytes;
    while (m_bytes > m_capacity) {
        const Entry& last = m_order.back();
        m_bytes -= last.bytes;
        m_entries.erase(last.key);
        m_order.pop_back();
    }
}

std::size_t ColumnCache::bytes() const
{
    std::lock_guard lock(m_mutex);
    return m_bytes;
}

std::uint64_t ColumnCache::loads() const
{
    std::lock_guard lock(m_mutex);
    return m_loads;
}

std::uint64_t ColumnCache::hits() const
{
    std::lock_guard lock(m_mutex);
    return m_hits;
}

} // namespace faultline
