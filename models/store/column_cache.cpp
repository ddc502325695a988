#include "models/store/column_cache.h"

namespace faultline {
namespace {

constexpr std::size_t kRemembered = 1u << 16; // of columns that are not here
constexpr std::size_t kPassingShare = 8;      // part of the room for what was asked for just now

std::uint64_t keyOf(SegmentId segment, ColumnIndex column)
{
    return static_cast<std::uint64_t>(segment.value) << 16 | column;
}

} // namespace

Result<ColumnPtr> ColumnCache::get(SegmentId segment, ColumnIndex column, const Load& load)
{
    const std::uint64_t key = keyOf(segment, column);
    std::shared_ptr<Loading> loading;
    {
        std::unique_lock lock(m_mutex);
        if (ColumnPtr known = use(key)) return known;
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

ColumnPtr ColumnCache::find(SegmentId segment, ColumnIndex column)
{
    std::lock_guard lock(m_mutex);
    return use(keyOf(segment, column));
}

ColumnPtr ColumnCache::use(std::uint64_t key)
{
    const auto found = m_entries.find(key);
    if (found == m_entries.end()) return nullptr;
    ++m_hits;
    const Order::iterator entry = found->second;
    const std::uint64_t before = entry->asked;
    entry->asked = ++m_now;
    if (!entry->passing) {
        m_kept.order.splice(m_kept.order.begin(), m_kept.order, entry);
    } else if (makeRoom(entry->bytes, before)) {
        m_kept.order.splice(m_kept.order.begin(), m_passing.order, entry);
        m_kept.bytes += entry->bytes;
        m_passing.bytes -= entry->bytes;
        entry->passing = false;
    } else {
        m_passing.order.splice(m_passing.order.begin(), m_passing.order, entry);
    }
    return entry->column;
}

void ColumnCache::keep(std::uint64_t key, const ColumnPtr& column)
{
    const std::size_t bytes = column->bytes() + sizeof(Entry) + 64; // and what the maps take for it
    std::uint64_t before = 0;
    if (const auto gone = m_gone.find(key); gone != m_gone.end()) {
        before = gone->second;
        m_gone.erase(gone);
    }
    const std::uint64_t now = ++m_now;
    const bool kept = makeRoom(bytes, before);
    if (!kept && bytes > m_capacity / kPassingShare) return remember(key, now);
    Part& part = kept ? m_kept : m_passing;
    part.order.push_front({key, column, bytes, now, !kept});
    part.bytes += bytes;
    m_entries[key] = part.order.begin();
    while (m_passing.bytes > m_capacity / kPassingShare) dropLast(m_passing);
}

/// Whether there is room, after what was last asked for earlier than `askedBefore` has gone as far as it
/// must.
bool ColumnCache::makeRoom(std::size_t bytes, std::uint64_t askedBefore)
{
    const std::size_t room = m_capacity - m_capacity / kPassingShare;
    if (bytes > room) return false;
    std::size_t left = m_kept.bytes;
    for (auto last = m_kept.order.end(); left + bytes > room;) {
        --last; // not at the beginning: something is left
        if (last->asked >= askedBefore) return false;
        left -= last->bytes;
    }
    while (m_kept.bytes + bytes > room) dropLast(m_kept);
    return true;
}

void ColumnCache::dropLast(Part& part)
{
    const Entry& last = part.order.back();
    remember(last.key, last.asked);
    part.bytes -= last.bytes;
    m_entries.erase(last.key);
    part.order.pop_back();
}

void ColumnCache::remember(std::uint64_t key, std::uint64_t asked)
{
    if (m_gone.size() >= kRemembered) m_gone.clear();
    m_gone[key] = asked;
}

std::size_t ColumnCache::bytes() const
{
    std::lock_guard lock(m_mutex);
    return m_kept.bytes + m_passing.bytes;
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
