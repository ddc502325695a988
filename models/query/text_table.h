#pragma once
#include "models/base/hash.h"

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace faultline {

/// Numbers texts from 0 in order of first sight. Open addressing, texts back to back.
class TextTable
{
public:
    struct Entry
    {
        std::uint64_t hash = 0;
        std::uint64_t offset = 0;
        std::uint32_t length = 0;
        std::uint64_t count = 0; ///< for the user of the table
    };
    std::uint32_t intern(std::string_view text) { return intern(text, hash64(text)); }
    std::uint32_t intern(std::string_view text, std::uint64_t hash)
    {
        if (m_entries.size() * 2 >= m_slots.size()) grow();
        for (std::size_t at = hash & m_mask;; at = (at + 1) & m_mask) {
            const std::uint32_t slot = m_slots[at];
            if (slot == 0) {
                m_entries.push_back({hash, m_bytes.size(), static_cast<std::uint32_t>(text.size()), 0});
                m_bytes.append(text);
                m_slots[at] = static_cast<std::uint32_t>(m_entries.size());
                return m_slots[at] - 1;
            }
            const Entry& entry = m_entries[slot - 1];
            if (entry.hash == hash && this->text(slot - 1) == text) return slot - 1;
        }
    }
    /// Begins to read where a text of that hash would be.
    void prefetch(std::uint64_t hash) const
    {
        if (!m_slots.empty()) __builtin_prefetch(&m_slots[hash & m_mask]);
    }
    std::size_t size() const { return m_entries.size(); }
    std::string_view text(std::size_t i) const
    {
        return std::string_view(m_bytes).substr(m_entries[i].offset, m_entries[i].length);
    }
    Entry& entry(std::size_t i) { return m_entries[i]; }
    const Entry& entry(std::size_t i) const { return m_entries[i]; }
    std::size_t bytes() const
    {
        return m_entries.capacity() * sizeof(Entry) + m_slots.capacity() * 4 + m_bytes.capacity();
    }
    void clear()
    {
        m_entries = {};
        m_slots = {};
        m_bytes = {};
        m_mask = 0;
    }

private:
    void grow()
    {
        const std::size_t size = m_slots.empty() ? 16 : m_slots.size() * 2;
        m_slots.assign(size, 0);
        m_mask = size - 1;
        for (std::size_t i = 0; i < m_entries.size(); ++i) {
            std::size_t at = m_entries[i].hash & m_mask;
            while (m_slots[at] != 0) at = (at + 1) & m_mask;
            m_slots[at] = static_cast<std::uint32_t>(i + 1);
        }
    }
    std::vector<Entry> m_entries;
    std::vector<std::uint32_t> m_slots; ///< index + 1; 0 free
    std::string m_bytes;
    std::uint64_t m_mask = 0;
};

} // namespace faultline
