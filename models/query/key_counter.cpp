#include "models/query/key_counter.h"

#include <algorithm>

namespace faultline {

namespace {

constexpr std::size_t kFewValues = 4096; // in one table; more are worth their shards
constexpr std::size_t kBatchBytes = 1u << 20;
constexpr std::size_t kAhead = 8; // places that are being read while one is looked at

bool better(const KeyCounter::Item& a, const KeyCounter::Item& b)
{
    return a.count != b.count ? a.count > b.count : a.key < b.key;
}

std::size_t shardOf(std::uint64_t hash)
{
    return hash >> 58;
}

/// The `keep` best of what is offered; 0: all. The worst of them stands first, so that most others are left
/// out by one compare of counts; texts are only made where they decide.
class Best
{
public:
    Best(std::size_t keep, std::vector<KeyCounter::Item> items) : m_keep(keep), m_items(std::move(items))
    {
        std::make_heap(m_items.begin(), m_items.end(), better);
    }
    void offer(const ValueTable& table)
    {
        for (const ValueTable::Place& place : table.places()) {
            if (place.countAndForm == 0 || place.count() < least()) continue;
            m_text.clear();
            place.key().append(m_text);
            offer(m_text, place.count());
        }
        const TextTable& texts = table.texts();
        for (std::size_t i = 0; i < texts.size(); ++i) {
            if (texts.entry(i).count >= least()) offer(texts.text(i), texts.entry(i).count);
        }
    }
    /// The best first.
    std::vector<KeyCounter::Item> take()
    {
        std::sort(m_items.begin(), m_items.end(), better);
        return std::move(m_items);
    }

private:
    bool full() const { return m_keep != 0 && m_items.size() >= m_keep; }
    std::uint64_t least() const { return full() ? m_items.front().count : 0; }
    void offer(std::string_view text, std::uint64_t count)
    {
        if (m_keep == 0) { // no order until the end
            m_items.push_back({std::string(text), count});
            return;
        }
        if (full()) {
            if (count == m_items.front().count && text >= m_items.front().key) return;
            std::pop_heap(m_items.begin(), m_items.end(), better);
            m_items.back().key.assign(text);
            m_items.back().count = count;
        } else {
            m_items.push_back({std::string(text), count});
        }
        std::push_heap(m_items.begin(), m_items.end(), better);
    }
    std::size_t m_keep;
    std::vector<KeyCounter::Item> m_items;
    std::string m_text;
};

std::size_t weightOf(const ValueTable& table)
{
    return table.bytes() / 64;
}

} // namespace

void KeyCounter::Batch::add(std::string_view text, std::uint64_t count)
{
    if (const auto key = ValueKey::of(text)) return add(*key, count);
    m_texts.push_back({hash64(text), count, m_bytes.size(), static_cast<std::uint32_t>(text.size())});
    m_bytes += text;
    if (m_texts.size() >= kFull || m_bytes.size() >= kBatchBytes) flush();
}

void KeyCounter::Batch::flush()
{
    if (m_keys.empty() && m_texts.empty()) return;
    m_counter->add(*this);
    m_keys.clear();
    m_texts.clear();
    m_bytes.clear();
}

void KeyCounter::add(Batch& batch)
{
    if (m_tooMany) return;
    if (m_shards == nullptr) addToFew(batch);
    if (m_shards != nullptr) addToShards(batch);
    if (m_held <= m_limit) return;
    if (m_keep == 0)
        m_tooMany = true;
    else if (m_shards != nullptr)
        putOff();
}

/// What is left in the batch afterwards belongs into the shards.
void KeyCounter::addToFew(Batch& batch)
{
    std::lock_guard lock(m_mutex);
    if (m_shards != nullptr) return;
    for (const ValueTable::Place& place : batch.m_keys) m_few.add(place, place.key().hash());
    for (const Batch::Text& text : batch.m_texts) m_few.add(batch.textOf(text), text.hash, text.count);
    batch.m_keys.clear();
    batch.m_texts.clear();
    m_held = weightOf(m_few);
    if (m_few.size() > std::min(kFewValues, m_limit / 2)) split();
}

void KeyCounter::split()
{
    m_owned = std::make_unique<Shards>();
    for (const ValueTable::Place& place : m_few.places()) {
        if (place.countAndForm == 0) continue;
        const std::uint64_t hash = place.key().hash();
        (*m_owned)[shardOf(hash)].table.add(place, hash);
    }
    const TextTable& texts = m_few.texts();
    for (std::size_t i = 0; i < texts.size(); ++i) {
        const auto& entry = texts.entry(i);
        (*m_owned)[shardOf(entry.hash)].table.add(texts.text(i), entry.hash, entry.count);
    }
    m_few.clear();
    std::size_t held = 0;
    for (Shard& shard : *m_owned) held += shard.weight = weightOf(shard.table);
    m_held = held;
    m_shards = m_owned.get();
}

void KeyCounter::addToShards(Batch& batch)
{
    // Together by shard, so that each is locked once and its table is in the cache.
    std::array<std::uint32_t, kShards + 1> keys{}, texts{};
    batch.m_hashes.resize(batch.m_keys.size());
    for (std::size_t i = 0; i < batch.m_keys.size(); ++i) {
        batch.m_hashes[i] = batch.m_keys[i].key().hash();
        ++keys[shardOf(batch.m_hashes[i]) + 1];
    }
    for (const Batch::Text& text : batch.m_texts) ++texts[shardOf(text.hash) + 1];
    for (std::size_t s = 0; s < kShards; ++s) {
        keys[s + 1] += keys[s];
        texts[s + 1] += texts[s];
    }
    auto nextKey = keys, nextText = texts;
    batch.m_sortedKeys.resize(batch.m_keys.size());
    for (std::size_t i = 0; i < batch.m_keys.size(); ++i)
        batch.m_sortedKeys[nextKey[shardOf(batch.m_hashes[i])]++] = batch.m_keys[i];
    batch.m_sortedTexts.resize(batch.m_texts.size());
    for (std::uint32_t i = 0; i < batch.m_texts.size(); ++i)
        batch.m_sortedTexts[nextText[shardOf(batch.m_texts[i].hash)]++] = i;

    for (std::size_t s = 0; s < kShards; ++s) {
        if (keys[s] == keys[s + 1] && texts[s] == texts[s + 1]) continue;
        Shard& shard = (*m_shards)[s];
        std::lock_guard lock(shard.mutex);
        if (shard.off || shard.done) continue;
        ValueTable& table = shard.table;
        std::array<std::uint64_t, kAhead> ahead{};
        for (std::uint32_t i = keys[s]; i < keys[s + 1] + kAhead; ++i) {
            std::uint64_t& hash = ahead[i % kAhead];
            if (i >= keys[s] + kAhead) table.add(batch.m_sortedKeys[i - kAhead], hash);
            if (i >= keys[s + 1]) continue;
            hash = batch.m_sortedKeys[i].key().hash();
            table.prefetch(hash);
        }
        for (std::uint32_t i = texts[s]; i < texts[s + 1]; ++i)
            table.prefetchText(batch.m_texts[batch.m_sortedTexts[i]].hash);
        for (std::uint32_t i = texts[s]; i < texts[s + 1]; ++i) {
            const Batch::Text& text = batch.m_texts[batch.m_sortedTexts[i]];
            table.add(batch.textOf(text), text.hash, text.count);
        }
        const std::size_t weight = weightOf(table);
        m_held += weight - shard.weight;
        shard.weight = weight;
    }
}

void KeyCounter::putOff()
{
    Shards& shards = *m_shards;
    // The first shard that still counts is never put off, so that each pass finishes at least one.
    std::size_t first = 0;
    while (first < kShards) {
        std::lock_guard lock(shards[first].mutex);
        if (!shards[first].off && !shards[first].done) break;
        ++first;
    }
    for (std::size_t s = kShards; s-- > first + 1 && m_held > m_limit;) {
        Shard& shard = shards[s];
        std::lock_guard lock(shard.mutex);
        if (shard.off || shard.done) continue;
        shard.off = true;
        m_held -= shard.weight;
        shard.weight = 0;
        shard.table.clear();
    }
}

bool KeyCounter::nextPass()
{
    if (m_shards == nullptr) return false;
    const auto isOff = [](const Shard& shard) { return shard.off; };
    if (std::none_of(m_owned->begin(), m_owned->end(), isOff)) return false;
    Best best(m_keep, std::move(m_best));
    for (Shard& shard : *m_owned) {
        if (shard.done) continue;
        if (shard.off) {
            shard.off = false;
            continue;
        }
        best.offer(shard.table);
        m_distinct += shard.table.size();
        shard.table.clear();
        shard.weight = 0;
        shard.done = true;
    }
    m_best = best.take();
    m_held = 0;
    return true;
}

std::vector<KeyCounter::Item> KeyCounter::top()
{
    Best best(m_keep, m_best);
    if (m_shards == nullptr) {
        std::lock_guard lock(m_mutex);
        if (m_shards == nullptr) best.offer(m_few);
    }
    if (m_shards != nullptr) {
        for (Shard& shard : *m_shards) {
            std::lock_guard lock(shard.mutex);
            if (!shard.off && !shard.done) best.offer(shard.table);
        }
    }
    return best.take();
}

std::uint64_t KeyCounter::distinct()
{
    if (m_shards == nullptr) {
        std::lock_guard lock(m_mutex);
        if (m_shards == nullptr) return m_few.size();
    }
    std::uint64_t distinct = m_distinct;
    for (Shard& shard : *m_shards) {
        std::lock_guard lock(shard.mutex);
        if (!shard.off && !shard.done) distinct += shard.table.size();
    }
    return distinct;
}

} // namespace faultline
