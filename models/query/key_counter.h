#pragma once
#include "models/query/text_table.h"

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace faultline {

/// Counts texts over all segments, exactly, in bounded memory. The texts are split by hash into shards; when
/// they get too many, the last shards are put off and counted in a further pass over the data.
///
/// Use      add() from any thread; after a pass nextPass(), and when it says true everything is added again.
///          top() and distinct() any time (what is known so far).
/// Bound    About `limit` distinct texts are held at a time; with `keep` 0 all of them stay.
class KeyCounter
{
    struct Waiting
    {
        std::uint64_t hash = 0;
        std::uint32_t count = 0, length = 0;
    };
    /// Texts that are not looked up yet, back to back.
    struct Texts
    {
        std::vector<Waiting> items;
        std::string bytes;
    };

public:
    struct Item
    {
        std::string key;
        std::uint64_t count = 0;
    };
    /// Counts of one segment, collected without a lock.
    class Batch
    {
    public:
        explicit Batch(const KeyCounter& counter) : m_open(counter.openShards()) {}
        /// Copies the key, unless this pass has nothing to do with it.
        void add(std::string_view key, std::uint64_t count);

    private:
        friend class KeyCounter;
        std::uint64_t m_open;
        std::array<Texts, 64> m_shards;
    };

    explicit KeyCounter(std::size_t keep, std::size_t limit = 1'000'000) : m_keep(keep), m_limit(limit) {}
    void add(Batch& batch);
    bool nextPass();
    /// The most frequent first, ties by key; `keep` of them, or all.
    std::vector<Item> top();
    std::uint64_t distinct();

private:
    static constexpr std::size_t kShards = 64;
    struct Shard
    {
        mutable std::mutex mutex;
        TextTable table;
        Texts waiting;     ///< looked up many at a time, while the table is in the cache
        bool off = false;  ///< put off to a later pass
        bool done = false; ///< counted in an earlier pass
    };
    /// A bit for each shard that this pass counts.
    std::uint64_t openShards() const;
    void putOff();
    /// Takes what waits into the table. The shard is locked.
    void settle(Shard& shard);
    static void keepBest(std::vector<Item>& items, std::size_t keep);
    static void takeBest(const TextTable& table, std::size_t keep, std::vector<Item>& items);
    std::size_t m_keep, m_limit;
    std::array<Shard, kShards> m_shards;
    std::atomic<std::size_t> m_held{0};
    std::vector<Item> m_best;     ///< of shards that are done
    std::uint64_t m_distinct = 0; ///< in shards that are done
};

} // namespace faultline
