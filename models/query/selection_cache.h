#pragma once
#include "models/base/ids.h"
#include "models/query/row_set.h"

#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

namespace faultline {

/// Which rows of a segment a filter matches, kept so that a zoom or another grouping does not scan again.
/// Ranges and delete masks are applied afterwards, so they are not part of the key. Bounded in bytes, least
/// recently used first out. Any thread.
class SelectionCache
{
public:
    explicit SelectionCache(std::size_t bytes) : m_limit(bytes) {}
    /// Null when it is not there. `filter` is the canonical text.
    std::shared_ptr<const RowSet> find(const std::string& filter, SegmentId segment);
    void add(const std::string& filter, SegmentId segment, std::shared_ptr<const RowSet> rows);
    void clear();

private:
    struct Entry
    {
        std::string key;
        std::shared_ptr<const RowSet> rows;
        std::size_t bytes = 0;
    };
    static std::string keyOf(const std::string& filter, SegmentId segment);
    std::mutex m_mutex;
    std::size_t m_limit, m_held = 0;
    std::list<Entry> m_entries; ///< most recent first
    std::unordered_map<std::string, std::list<Entry>::iterator> m_index;
};

} // namespace faultline
