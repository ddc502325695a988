#include "models/query/key_counter.h"

#include <algorithm>

namespace faultline {

namespace {

constexpr std::size_t kSettle = 8192; // texts of a shard that wait before they are looked up

bool better(const KeyCounter::Item& a, const KeyCounter::Item& b)
{
    return a.count != b.count ? a.count > b.count : a.key < b.key;
}

std::size_t shardOf(std::uint64_t hash)
{
    return hash >> 58;
}

} // namespace

std::uint64_t KeyCounter::openShards() const
{
    std::uint64_t open = 0;
    for (std::size_t s = 0; s < kShards; ++s) {
        std::lock_guard lock(m_shards[s].mutex);
        if (!m_shards[s].off && !m_shards[s].done) open |= std::uint64_t{1} << s;
    }
    return open;
}

void KeyCounter::Batch::add(std::string_view key, std::uint64_t count)
{
    const std::uint64_t hash = hash64(key);
    const std::size_t shard = shardOf(hash);
    if ((m_open >> shard & 1) == 0) return;
    m_shards[shard].items.push_back(
        {hash, static_cast<std::uint32_t>(count), static_cast<std::uint32_t>(key.size())});
    m_shards[shard].bytes += key;
}

void KeyCounter::add(Batch& batch)
{
    for (std::size_t s = 0; s < kShards; ++s) {
        Texts& texts = batch.m_shards[s];
        if (texts.items.empty()) continue;
        Shard& shard = m_shards[s];
        std::lock_guard lock(shard.mutex);
        if (shard.off || shard.done) continue;
        if (shard.waiting.items.empty()) {
            std::swap(shard.waiting, texts);
        } else {
            shard.waiting.items.insert(shard.waiting.items.end(), texts.items.begin(), texts.items.end());
            shard.waiting.bytes += texts.bytes;
        }
        if (shard.waiting.items.size() >= kSettle) settle(shard);
    }
    if (m_keep != 0 && m_held > m_limit) putOff();
}

void KeyCounter::settle(Shard& shard)
{
    const std::size_t before = shard.table.size();
    std::size_t at = 0;
    for (const Waiting& item : shard.waiting.items) {
        const std::string_view key(shard.waiting.bytes.data() + at, item.length);
        shard.table.entry(shard.table.intern(key, item.hash)).count += item.count;
        at += item.length;
    }
    m_held += shard.table.size() - before;
    shard.waiting.items.clear();
    shard.waiting.bytes.clear();
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
        shard.waiting = {};
    }
}

bool KeyCounter::nextPass()
{
    // What still waits may be more than can be held.
    for (Shard& shard : m_shards) {
        if (!shard.off && !shard.done) settle(shard);
        if (m_keep != 0 && m_held > m_limit) putOff();
    }
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

std::vector<KeyCounter::Item> KeyCounter::top()
{
    std::vector<Item> items = m_best;
    for (Shard& shard : m_shards) {
        std::lock_guard lock(shard.mutex);
        if (shard.off || shard.done) continue;
        settle(shard);
        takeBest(shard.table, m_keep, items);
    }
    keepBest(items, m_keep);
    return items;
}

std::uint64_t KeyCounter::distinct()
{
    std::uint64_t distinct = m_distinct;
    for (Shard& shard : m_shards) {
        std::lock_guard lock(shard.mutex);
        if (shard.off || shard.done) continue;
        settle(shard);
        distinct += shard.table.size();
    }
    return distinct;
}

} // namespace faultline
