#pragma once
#include "models/query/value_table.h"

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace faultline {

/// Counts values over all segments, exactly, in bounded memory. Few values share one table; many are split by
/// hash into shards, and when they get too many, the last shards are put off and counted in a further pass
/// over the data.
///
/// Use      add() to batches from any thread, flush() each; after a pass nextPass(), and when it says true
///          everything is added again. top() and distinct() any time (what is known so far).
/// Bound    Values of about `limit` x 64 bytes are held at a time. With `keep` 0 the answer has all of them,
/// so
///          that no pass can help: past the limit tooMany() is true and further values are not taken.
class KeyCounter
{
public:
    struct Item
    {
        std::string key;
        std::uint64_t count = 0;
    };
    /// Values on their way into the counter: one a thread, without a lock until some thousands are together.
    class Batch
    {
    public:
        explicit Batch(KeyCounter& counter) : m_counter(&counter) {}
        void add(const ValueKey& key, std::uint64_t count = 1)
        {
            m_keys.emplace_back(key, count);
            if (m_keys.size() >= kFull) flush();
        }
        /// Copies the text.
        void add(std::string_view text, std::uint64_t count);
        /// Hands over what is here; also when it gets full. Without it what was added last is lost.
        void flush();

    private:
        friend class KeyCounter;
        static constexpr std::size_t kFull = 4096;
        struct Text
        {
            std::uint64_t hash = 0, count = 0;
            std::size_t begin = 0;
            std::uint32_t length = 0;
        };
        std::string_view textOf(const Text& text) const
        {
            return std::string_view(m_bytes).substr(text.begin, text.length);
        }
        KeyCounter* m_counter;
        std::vector<ValueTable::Place> m_keys;
        std::vector<Text> m_texts;
        std::string m_bytes;
        std::vector<ValueTable::Place> m_sortedKeys; ///< by shard
        std::vector<std::uint32_t> m_sortedTexts;
        std::vector<std::uint64_t> m_hashes;
    };

    explicit KeyCounter(std::size_t keep, std::size_t limit = 1'000'000) : m_keep(keep), m_limit(limit) {}
    bool nextPass();
    /// The most frequent first, ties by key; `keep` of them, or all.
    std::vector<Item> top();
    std::uint64_t distinct();
    bool tooMany() const { return m_tooMany; }

private:
    static constexpr std::size_t kShards = 64;
    struct Shard
    {
        std::mutex mutex;
        ValueTable table;
        std::size_t weight = 0; ///< of the table: about its bytes / 64
        bool off = false;       ///< put off to a later pass
        bool done = false;      ///< counted in an earlier pass
    };
    using Shards = std::array<Shard, kShards>;
    void add(Batch& batch);
    void addToFew(Batch& batch);
    void addToShards(Batch& batch);
    void split();
    void putOff();

    std::size_t m_keep, m_limit;
    std::mutex m_mutex; ///< of m_few, until there are shards
    ValueTable m_few;
    std::atomic<Shards*> m_shards{nullptr}; ///< of m_owned, once there are too many values for one table
    std::unique_ptr<Shards> m_owned;
    std::atomic<std::size_t> m_held{0}; ///< sum of the weights
    std::atomic<bool> m_tooMany{false};
    std::vector<Item> m_best;     ///< of shards that are done
    std::uint64_t m_distinct = 0; ///< in shards that are done
};

} // namespace faultline
