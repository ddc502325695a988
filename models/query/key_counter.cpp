#include "models/query/key_counter.h"

#include <algorithm>

namespace faultline {

namespace {

constexpr std::size_t kBlock = 1u << 16;

bool better(const KeyCounter::Item& a, const KeyCounter::Item& b)
{
    return a.count != b.count ? a.count > b.count : a.key < b.key;
}

std::size_t shardOf(std::uint64_t hash)
{
    return hash >> 58;
}

} // namespace

void KeyCounter::Batch::addCopy(std::string_view key, std::uint64_t count)
{
    if (m_blocks.empty() || m_blocks.back()->size() + key.size() > m_blocks.back()->capacity()) {
        m_blocks.push_back(std::make_unique<std::string>());
        m_blocks.back()->reserve(std::max(kBlock, key.size()));
    }
    std::string& block = *m_blocks.back();
    const std::size_t offset = block.size();
    block.append(key);
    add(std::string_view(block).substr(offset), count);
}

void KeyCounter::add(Batch& batch)
{
    // Sorted by shard first, so that each lock is taken once a segment.
    auto& items = batch.m_items;
    std::array<std::size_t, kShards + 1> starts{};
    for (const auto& item : items) ++starts[shardOf(item.hash) + 1];
    for (std::size_t i = 0; i < kShards; ++i) starts[i + 1] += starts[i];
    std::vector<std::uint32_t> order(items.size());
    auto next = starts;
    for (std::size_t i = 0; i < items.size(); ++i) {
        order[next[shardOf(items[i].hash)]++] = static_cast<std::uint32_t>(i);
    }
    for (std::size_t s = 0; s < kShards; ++s) {
        if (starts[s] == starts[s + 1]) continue;
        Shard& shard = m_shards[s];
        std::lock_guard lock(shard.mutex);
        if (shard.off || shard.done) continue;
        const std::size_t before = shard.table.size();
        for (std::size_t i = starts[s]; i < starts[s + 1]; ++i) {
            const auto& item = items[order[i]];
            shard.table.entry(shard.table.intern(item.key, item.hash)).count += item.count;
        }
        m_held += shard.table.size() - before;
    }
    if (m_keep != 0 && m_held > m_limit) putOff();
}

void KeyCounter::putOff()
{
    // The first shard that still counts is never put off, so that each pass finishes at least one.
    std::size_t first = 0;
    while (first < kShards) {
        std::lock_guard lock(m_shards[first].mutex);
        if (!m_shards[first].off && !m_shards[first].done) break;
        ++first;
    }
    for (std::size_t s = kShards; s-- > first + 1 && m_held > m_limit;) {
        Shard& shard = m_shards[s];
        std::lock_guard lock(shard.mutex);
        if (shard.off || shard.done) continue;
        shard.off = true;
        m_held -= shard.table.size();
        shard.table.clear();
    }
}

bool KeyCounter::nextPass()
{
    bool again = false;
    for (const Shard& shard : m_shards) again = again || shard.off;
    if (!again) return false;
    for (Shard& shard : m_shards) {
        if (shard.done) continue;
        if (shard.off) {
            shard.off = false;
            continue;
        }
        takeBest(shard.table, m_keep, m_best);
        m_distinct += shard.table.size();
        shard.table.clear();
        shard.done = true;
    }
    keepBest(m_best, m_keep);
    m_held = 0;
    return true;
}

void KeyCounter::keepBest(std::vector<Item>& items, std::size_t keep)
{
    if (keep != 0 && items.size() > keep) {
        const auto end = items.begin() + static_cast<std::ptrdiff_t>(keep);
        std::partial_sort(items.begin(), end, items.end(), better);
        items.erase(end, items.end());
    } else {
        std::sort(items.begin(), items.end(), better);
    }
}

void KeyCounter::takeBest(const TextTable& table, std::size_t keep, std::vector<Item>& items)
{
    // Only counts that can be among the best are made into strings.
    std::uint64_t least = 0;
    if (keep != 0 && table.size() > keep) {
        std::vector<std::uint64_t> counts(table.size());
        for (std::size_t i = 0; i < table.size(); ++i) counts[i] = table.entry(i).count;
        const auto nth = counts.begin() + static_cast<std::ptrdiff_t>(keep - 1);
        std::nth_element(counts.begin(), nth, counts.end(), std::greater<>());
        least = *nth;
    }
    std::vector<std::uint32_t> ties;
    for (std::size_t i = 0; i < table.size(); ++i) {
        if (table.entry(i).count > least || keep == 0) {
            items.push_back({std::string(table.text(i)), table.entry(i).count});
        } else if (table.entry(i).count == least) {
            ties.push_back(static_cast<std::uint32_t>(i));
        }
    }
    const auto byText = [&](std::uint32_t a, std::uint32_t b) { return table.text(a) < table.text(b); };
    const std::size_t kept = std::min(ties.size(), std::max<std::size_t>(keep, 1));
    std::partial_sort(ties.begin(), ties.begin() + static_cast<std::ptrdiff_t>(kept), ties.end(), byText);
    for (std::size_t i = 0; i < kept; ++i) items.push_back({std::string(table.text(ties[i])), least});
}

std::vector<KeyCounter::Item> KeyCounter::top() const
{
    std::vector<Item> items = m_best;
    for (const Shard& shard : m_shards) {
        std::lock_guard lock(shard.mutex);
        if (!shard.off && !shard.done) takeBest(shard.table, m_keep, items);
    }
    keepBest(items, m_keep);
    return items;
}

std::uint64_t KeyCounter::distinct() const
{
    std::uint64_t distinct = m_distinct;
    for (const Shard& shard : m_shards) {
        std::lock_guard lock(shard.mutex);
        if (!shard.off && !shard.done) distinct += shard.table.size();
    }
    return distinct;
}

} // namespace faultline
