#pragma once
#include "models/base/time.h"
#include "models/query/text_table.h"
#include "models/query/value_key.h"

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace faultline {

/// What is summed of a trace.
struct TraceTotals
{
    TimeNs begin = kTimeMax, end = kTimeMin; ///< of timed events; begin > end: there is none
    std::uint64_t events = 0, errors = 0;
    std::uint8_t worst = 0; ///< severity class
    bool timed() const { return begin <= end; }
    std::uint64_t duration() const
    {
        return timed() ? static_cast<std::uint64_t>(end) - static_cast<std::uint64_t>(begin) : 0;
    }
    void add(const TraceTotals& other)
    {
        begin = other.begin < begin ? other.begin : begin;
        end = other.end > end ? other.end : end;
        events += other.events;
        errors += other.errors;
        worst = other.worst > worst ? other.worst : worst;
    }
};

/// Sums up traces by id, exactly, in bounded memory: ids are split by hash into shards, and when they get too
/// many, the last shards are put off to a further pass over the data, as KeyCounter does.
///
/// Use      add() to batches from any thread, flush() each; after a pass nextPass(), and when it says true
///          everything is added again. Answers after the last pass.
/// Bound    About `limit` bytes, and what the batches hold; one shard (1/64 of the ids) is always held.
class TraceTally
{
public:
    struct Item
    {
        std::string id;
        TraceTotals totals;
    };
    enum class By : std::uint8_t { Events, Duration, Errors };
    static constexpr std::size_t kOrders = 3;
    /// The largest first; ties: the earlier begin, then by id.
    static bool before(By by, const Item& a, const Item& b);

    class Batch
    {
    public:
        explicit Batch(TraceTally& tally) : m_tally(&tally) { m_keys.reserve(kFull); }
        void add(const ValueKey& key, const TraceTotals& totals)
        {
            m_keys.push_back({key, totals});
            if (m_keys.size() >= kFull) flush();
        }
        /// Copies the text, which has no key.
        void add(std::string_view text, const TraceTotals& totals);
        /// Hands over what is here. Without it what was added last is lost.
        void flush();

    private:
        friend class TraceTally;
        static constexpr std::size_t kFull = 4096;
        struct Key
        {
            ValueKey key;
            TraceTotals totals;
        };
        struct Text
        {
            std::uint64_t hash = 0;
            std::size_t begin = 0;
            std::size_t length = 0;
            TraceTotals totals;
        };
        TraceTally* m_tally;
        std::vector<Key> m_keys;
        std::vector<Text> m_texts;
        std::string m_bytes;
        std::vector<std::uint64_t> m_hashes;
        std::vector<std::uint32_t> m_sorted;
    };

    explicit TraceTally(std::size_t keep, std::size_t limitBytes);
    ~TraceTally();
    bool nextPass();
    std::uint64_t distinct() const { return m_distinct; }
    std::uint64_t failed() const { return m_failed; }
    /// `keep` of them; by duration and by errors without those that have none.
    std::vector<Item> top(By by) const;

private:
    static constexpr std::size_t kShards = 64;
    struct Shard;
    void add(Batch& batch);
    void putOff();
    void finish(const Shard& shard);
    void offer(const Item& item);
    bool wanted(const TraceTotals& totals) const;

    std::size_t m_keep, m_limit;
    std::unique_ptr<std::array<Shard, kShards>> m_shards;
    std::atomic<std::size_t> m_held{0};
    std::array<std::vector<Item>, kOrders> m_best; ///< heaps: the worst of them stands first
    std::uint64_t m_distinct = 0, m_failed = 0;
};

} // namespace faultline
