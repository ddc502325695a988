#pragma once
#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace faultline {

/// Memory for the texts of one record: views stay valid until reset(), which keeps the memory (to 1 MiB) for
/// the next record. One thread at a time.
class TextArena
{
public:
    std::string_view keep(std::string_view text)
    {
        char* const place = allocate(text.size());
        if (!text.empty()) std::memcpy(place, text.data(), text.size());
        return {place, text.size()};
    }
    char* allocate(std::size_t bytes)
    {
        while (m_current < m_blocks.size()) {
            Block& block = m_blocks[m_current];
            if (block.size - m_used >= bytes) {
                char* const place = block.data.get() + m_used;
                m_used += bytes;
                return place;
            }
            ++m_current;
            m_used = 0;
        }
        const std::size_t size = std::max<std::size_t>(bytes, kBlock);
        m_blocks.push_back({std::make_unique_for_overwrite<char[]>(size), size});
        m_used = bytes;
        return m_blocks.back().data.get();
    }
    void reset()
    {
        std::size_t held = 0;
        for (std::size_t i = 0; i < m_blocks.size(); ++i) {
            held += m_blocks[i].size;
            if (held > kKeep) {
                m_blocks.resize(i);
                break;
            }
        }
        m_current = m_used = 0;
    }

private:
    static constexpr std::size_t kBlock = 64 * 1024, kKeep = 1024 * 1024;
    struct Block
    {
        std::unique_ptr<char[]> data;
        std::size_t size = 0;
    };
    std::vector<Block> m_blocks;
    std::size_t m_current = 0, m_used = 0;
};

} // namespace faultline
