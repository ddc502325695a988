#pragma once
#include "models/query/text_table.h"
#include "models/query/value_key.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace faultline {

/// Counts of values. Short ones and ids are keys of 16 bytes in one flat table, other texts are kept beside
/// it.
class ValueTable
{
public:
    /// A key with its count, and the state of a place in the table. At most 2^62 - 1 of a value.
    struct Place
    {
        std::uint64_t low = 0, high = 0;
        std::uint64_t countAndForm = 0; ///< count x 4 + form; 0: a free place
        Place() = default;
        Place(const ValueKey& key, std::uint64_t count)
            : low(key.low), high(key.high), countAndForm(count << 2 | static_cast<std::uint64_t>(key.form))
        {}
        ValueKey key() const { return {low, high, static_cast<ValueKey::Form>(countAndForm & 3)}; }
        std::uint64_t count() const { return countAndForm >> 2; }
    };

    void add(const Place& added, std::uint64_t hash)
    {
        if (m_keys * 3 >= m_places.size() * 2) grow();
        for (std::size_t at = hash & m_mask;; at = (at + 1) & m_mask) {
            Place& place = m_places[at];
            if (place.countAndForm == 0) {
                place = added;
                ++m_keys;
                return;
            }
            if (place.low == added.low && place.high == added.high &&
                ((place.countAndForm ^ added.countAndForm) & 3) == 0) {
                place.countAndForm += added.countAndForm & ~std::uint64_t{3};
                return;
            }
        }
    }
    /// Begins to read where a key of that hash would be.
    void prefetch(std::uint64_t hash) const
    {
        if (!m_places.empty()) __builtin_prefetch(&m_places[hash & m_mask], 1);
    }
    void prefetchText(std::uint64_t hash) const { m_texts.prefetch(hash); }
    /// A text that has no key (ValueKey::of()).
    void add(std::string_view text, std::uint64_t hash, std::uint64_t count)
    {
        m_texts.entry(m_texts.intern(text, hash)).count += count;
    }

    std::size_t size() const { return m_keys + m_texts.size(); }
    /// Memory that the values take, about.
    std::size_t bytes() const { return m_places.size() * sizeof(Place) + m_texts.bytes(); }
    std::span<const Place> places() const { return m_places; } ///< free ones among them
    const TextTable& texts() const { return m_texts; }
    void clear();

private:
    void grow();
    std::vector<Place> m_places;
    std::size_t m_keys = 0;
    std::uint64_t m_mask = 0;
    TextTable m_texts;
};

} // namespace faultline
