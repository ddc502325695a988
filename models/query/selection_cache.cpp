#include "models/query/selection_cache.h"

namespace faultline {

std::string SelectionCache::keyOf(const std::string& filter, SegmentId segment)
{
    return std::to_string(segment.value) + ' ' + filter;
}

std::shared_ptr<const RowSet> SelectionCache::find(const std::string& filter, SegmentId segment)
{
    const std::string key = keyOf(filter, segment);
    std::lock_guard lock(m_mutex);
    const auto found = m_index.find(key);
    if (found == m_index.end()) return nullptr;
    m_entries.splice(m_entries.begin(), m_entries, found->second);
    return found->second->rows;
}

void SelectionCache::add(const std::string& filter, SegmentId segment, std::shared_ptr<const RowSet> rows)
{
    Entry entry{keyOf(filter, segment), std::move(rows), 0};
    entry.bytes = sizeof(Entry) + 2 * entry.key.size() + 64 + entry.rows->bytes();
    if (entry.bytes > m_limit) return;
    std::lock_guard lock(m_mutex);
    if (m_index.contains(entry.key)) return;
    m_held += entry.bytes;
    m_entries.push_front(std::move(entry));
    m_index.emplace(m_entries.front().key, m_entries.begin());
    while (m_held > m_limit) {
        m_held -= m_entries.back().bytes;
        m_index.erase(m_entries.back().key);
        m_entries.pop_back();
    }
}

void SelectionCache::clear()
{
    std::lock_guard lock(m_mutex);
    m_index.clear();
    m_entries.clear();
    m_held = 0;
}

} // namespace faultline
