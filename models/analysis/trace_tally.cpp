#include "models/analysis/trace_tally.h"

#include <algorithm>
#include <limits>

namespace faultline {

namespace {

constexpr std::size_t kBatchBytes = 1u << 20;
constexpr std::uint32_t kAhead = 8; // places that are being read while one is looked at

std::uint64_t valueOf(TraceTally::By by, const TraceTotals& totals)
{
    switch (by) {
    case TraceTally::By::Events: return totals.events;
    case TraceTally::By::Duration: return totals.duration();
    case TraceTally::By::Errors: return totals.errors;
    }
    return 0;
}

constexpr std::array<TraceTally::By, TraceTally::kOrders> kAll{
    TraceTally::By::Events, TraceTally::By::Duration, TraceTally::By::Errors};

bool inList(TraceTally::By by, const TraceTotals& totals)
{
    switch (by) {
    case TraceTally::By::Events: return true;
    case TraceTally::By::Duration: return totals.timed();
    case TraceTally::By::Errors: return totals.errors > 0;
    }
    return false;
}

/// An id and its sums in 48 bytes.
struct Place
{
    std::uint64_t low = 0, high = 0;
    TimeNs begin = 0, end = 0;
    std::uint64_t eventsWorstForm = 0; ///< events x 32 + worst class x 4 + form of the key; 0: free
    std::uint64_t errors = 0;

    static std::uint64_t pack(const TraceTotals& totals, ValueKey::Form form)
    {
        return totals.events << 5 | std::uint64_t{totals.worst} << 2 | static_cast<std::uint64_t>(form);
    }
    TraceTotals totals() const
    {
        TraceTotals all;
        all.begin = begin;
        all.end = end;
        all.events = eventsWorstForm >> 5;
        all.worst = static_cast<std::uint8_t>(eventsWorstForm >> 2 & 7);
        all.errors = errors;
        return all;
    }
    ValueKey key() const { return {low, high, static_cast<ValueKey::Form>(eventsWorstForm & 3)}; }
};

/// Open addressing over any number of places, so that it can grow by half.
class PlaceTable
{
public:
    void prefetch(std::uint64_t hash) const
    {
        if (!m_places.empty()) __builtin_prefetch(&m_places[placeOf(hash)], 1);
    }
    void add(const ValueKey& key, std::uint64_t hash, const TraceTotals& totals)
    {
        if (m_used * 5 >= m_places.size() * 4) grow();
        Place& place = find(key, hash);
        if (place.eventsWorstForm == 0) {
            ++m_used;
            place = {key.low,      key.high, totals.begin, totals.end, Place::pack(totals, key.form),
                     totals.errors};
            return;
        }
        TraceTotals sum = place.totals();
        sum.add(totals);
        place.begin = sum.begin;
        place.end = sum.end;
        place.errors = sum.errors;
        place.eventsWorstForm = Place::pack(sum, key.form);
    }
    std::size_t size() const { return m_used; }
    std::size_t bytes() const { return m_places.capacity() * sizeof(Place); }
    const std::vector<Place>& places() const { return m_places; }
    void clear()
    {
        m_places = {};
        m_used = 0;
    }

private:
    std::size_t placeOf(std::uint64_t hash) const
    {
        return static_cast<std::size_t>((hash & 0xffff'ffffu) * m_places.size() >> 32);
    }
    Place& find(const ValueKey& key, std::uint64_t hash)
    {
        std::size_t at = placeOf(hash);
        for (;;) {
            Place& place = m_places[at];
            if (place.eventsWorstForm == 0 ||
                (place.low == key.low && place.high == key.high && place.key().form == key.form))
                return place;
            if (++at == m_places.size()) at = 0;
        }
    }
    void grow()
    {
        std::vector<Place> old(std::max<std::size_t>(64, m_places.size() + m_places.size() / 2));
        old.swap(m_places);
        for (const Place& place : old) {
            if (place.eventsWorstForm == 0) continue;
            const ValueKey key = place.key();
            find(key, key.hash()) = place;
        }
    }
    std::vector<Place> m_places;
    std::size_t m_used = 0;
};

} // namespace

struct TraceTally::Shard
{
    std::mutex mutex;
    PlaceTable keys;
    TextTable texts;
    std::vector<TraceTotals> textTotals; ///< as `texts`
    std::size_t weight = 0;              ///< bytes, as counted in m_held
    bool off = false;                    ///< put off to a later pass
    bool done = false;                   ///< summed in an earlier pass

    std::size_t bytes() const
    {
        return keys.bytes() + texts.bytes() + textTotals.capacity() * sizeof(TraceTotals);
    }
    void clear()
    {
        keys.clear();
        texts.clear();
        textTotals = {};
    }
};

bool TraceTally::before(By by, const Item& a, const Item& b)
{
    const std::uint64_t ofA = valueOf(by, a.totals), ofB = valueOf(by, b.totals);
    if (ofA != ofB) return ofA > ofB;
    if (a.totals.begin != b.totals.begin) return a.totals.begin < b.totals.begin;
    return a.id < b.id;
}

void TraceTally::Batch::add(std::string_view text, const TraceTotals& totals)
{
    m_texts.push_back({hash64(text), m_bytes.size(), text.size(), totals});
    m_bytes += text;
    if (m_texts.size() >= kFull || m_bytes.size() >= kBatchBytes) flush();
}

void TraceTally::Batch::flush()
{
    if (m_keys.empty() && m_texts.empty()) return;
    m_tally->add(*this);
    m_keys.clear();
    m_texts.clear();
    m_bytes.clear();
}

TraceTally::TraceTally(std::size_t keep, std::size_t limitBytes)
    : m_keep(std::max<std::size_t>(keep, 1))
    , m_limit(limitBytes)
    , m_shards(std::make_unique<std::array<Shard, kShards>>())
{}

TraceTally::~TraceTally() = default;

void TraceTally::add(Batch& batch)
{
    // Together by shard, so that each is locked once and its table is in the cache.
    const auto shardOf = [](std::uint64_t hash) { return static_cast<std::size_t>(hash >> 58); };
    std::array<std::uint32_t, kShards + 1> starts{};
    const auto count = static_cast<std::uint32_t>(batch.m_keys.size());
    batch.m_hashes.resize(count);
    batch.m_sorted.resize(count);
    for (std::uint32_t i = 0; i < count; ++i) {
        batch.m_hashes[i] = batch.m_keys[i].key.hash();
        ++starts[shardOf(batch.m_hashes[i]) + 1];
    }
    for (std::size_t s = 0; s < kShards; ++s) starts[s + 1] += starts[s];
    auto next = starts;
    for (std::uint32_t i = 0; i < count; ++i) batch.m_sorted[next[shardOf(batch.m_hashes[i])]++] = i;
    const auto account = [this](Shard& shard) {
        const std::size_t bytes = shard.bytes();
        m_held += bytes - shard.weight;
        shard.weight = bytes;
    };
    for (std::size_t s = 0; s < kShards; ++s) {
        if (starts[s] == starts[s + 1]) continue;
        Shard& shard = (*m_shards)[s];
        const std::lock_guard lock(shard.mutex);
        if (shard.off || shard.done) continue;
        const std::uint32_t end = starts[s + 1];
        for (std::uint32_t i = starts[s]; i < std::min(end, starts[s] + kAhead); ++i)
            shard.keys.prefetch(batch.m_hashes[batch.m_sorted[i]]);
        for (std::uint32_t i = starts[s]; i < end; ++i) {
            if (i + kAhead < end) shard.keys.prefetch(batch.m_hashes[batch.m_sorted[i + kAhead]]);
            const Batch::Key& added = batch.m_keys[batch.m_sorted[i]];
            shard.keys.add(added.key, batch.m_hashes[batch.m_sorted[i]], added.totals);
        }
        account(shard);
    }
    for (const Batch::Text& text : batch.m_texts) {
        Shard& shard = (*m_shards)[shardOf(text.hash)];
        const std::lock_guard lock(shard.mutex);
        if (shard.off || shard.done) continue;
        const std::size_t at =
            shard.texts.intern(std::string_view(batch.m_bytes).substr(text.begin, text.length), text.hash);
        if (at == shard.textTotals.size()) shard.textTotals.emplace_back();
        shard.textTotals[at].add(text.totals);
        account(shard);
    }
    if (m_held > m_limit) putOff();
}

void TraceTally::putOff()
{
    // The first shard that still counts is never put off, so that each pass finishes at least one.
    std::size_t first = 0;
    for (; first < kShards; ++first) {
        Shard& shard = (*m_shards)[first];
        const std::lock_guard lock(shard.mutex);
        if (!shard.off && !shard.done) break;
    }
    for (std::size_t s = kShards; s-- > first + 1 && m_held > m_limit;) {
        Shard& shard = (*m_shards)[s];
        const std::lock_guard lock(shard.mutex);
        if (shard.off || shard.done) continue;
        shard.off = true;
        m_held -= shard.weight;
        shard.weight = 0;
        shard.clear();
    }
}

bool TraceTally::wanted(const TraceTotals& totals) const
{
    return std::any_of(kAll.begin(), kAll.end(), [&](By by) {
        const auto& best = m_best[static_cast<std::size_t>(by)];
        return inList(by, totals) &&
               (best.size() < m_keep || valueOf(by, totals) >= valueOf(by, best.front().totals));
    });
}

void TraceTally::offer(const Item& item)
{
    for (const By by : kAll) {
        if (!inList(by, item.totals)) continue;
        auto& best = m_best[static_cast<std::size_t>(by)];
        const auto order = [by](const Item& a, const Item& b) { return before(by, a, b); };
        if (best.size() >= m_keep) {
            if (!before(by, item, best.front())) continue;
            std::pop_heap(best.begin(), best.end(), order);
            best.back() = item;
        } else {
            best.push_back(item);
        }
        std::push_heap(best.begin(), best.end(), order);
    }
}

void TraceTally::finish(const Shard& shard)
{
    m_distinct += shard.keys.size() + shard.texts.size();
    const auto take = [&](const TraceTotals& totals, auto&& appendId) {
        if (totals.errors > 0) ++m_failed;
        if (!wanted(totals)) return;
        Item item;
        item.totals = totals;
        appendId(item.id);
        offer(item);
    };
    for (const Place& place : shard.keys.places()) {
        if (place.eventsWorstForm != 0)
            take(place.totals(), [&](std::string& id) { place.key().append(id); });
    }
    for (std::size_t i = 0; i < shard.texts.size(); ++i)
        take(shard.textTotals[i], [&](std::string& id) { id = shard.texts.text(i); });
}

bool TraceTally::nextPass()
{
    bool again = false;
    for (Shard& shard : *m_shards) {
        if (shard.done) continue;
        if (shard.off) {
            shard.off = false;
            again = true;
            continue;
        }
        finish(shard);
        shard.clear();
        shard.weight = 0;
        shard.done = true;
    }
    m_held = 0;
    return again;
}

std::vector<TraceTally::Item> TraceTally::top(By by) const
{
    std::vector<Item> items = m_best[static_cast<std::size_t>(by)];
    std::sort(items.begin(), items.end(), [by](const Item& a, const Item& b) { return before(by, a, b); });
    return items;
}

} // namespace faultline
