#pragma once
#include "models/store/segment.h"

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>

namespace faultline {

/// Decoded columns. One load of a column runs at a time: who asks for it meanwhile waits for that one. Errors
/// are not kept. Any thread.
///
/// Full  A column takes the place of others only when it was asked for before, and since the others were: so
/// a
///       scan over more than there is room for leaves what is there alone (and finds that part again the next
///       time), and a new set of columns is in at its second use. An eighth of the room is for what was asked
///       for just now, whatever it is.
class ColumnCache
{
public:
    using Load = std::function<Result<ColumnPtr>()>;
    explicit ColumnCache(std::size_t capacityBytes) : m_capacity(capacityBytes) {}

    Result<ColumnPtr> get(SegmentId segment, ColumnIndex column, const Load& load);
    /// The column, when it is there; null else.
    ColumnPtr find(SegmentId segment, ColumnIndex column);
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
        std::uint64_t asked = 0; ///< when it was, the last time
        bool passing = false;    ///< in m_passing
    };
    using Order = std::list<Entry>; ///< the last used in front
    struct Part
    {
        Order order;
        std::size_t bytes = 0;
    };
    // All with m_mutex held.
    ColumnPtr use(std::uint64_t key);
    void keep(std::uint64_t key, const ColumnPtr& column);
    bool makeRoom(std::size_t bytes, std::uint64_t askedBefore);
    void dropLast(Part& part);
    void remember(std::uint64_t key, std::uint64_t asked);

    const std::size_t m_capacity;
    mutable std::mutex m_mutex;
    Part m_kept, m_passing;
    std::unordered_map<std::uint64_t, Order::iterator> m_entries;
    std::unordered_map<std::uint64_t, std::uint64_t>
        m_gone; ///< when columns that are not here were asked for
    std::unordered_map<std::uint64_t, std::shared_ptr<Loading>> m_loading;
    std::uint64_t m_now = 0; ///< counts questions
    std::uint64_t m_loads = 0, m_hits = 0;
};

} // namespace faultline
