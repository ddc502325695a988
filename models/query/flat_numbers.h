#pragma once
#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace faultline {

/// Numbers to codes, open addressing; a code of 0 is a free place. Room is given once.
class FlatNumbers
{
public:
    void reserve(std::size_t most)
    {
        m_shift = 64 - static_cast<unsigned>(std::bit_width(std::max<std::size_t>(most, 8) * 2 - 1));
        m_places.assign(std::size_t{1} << (64 - m_shift), {});
    }
    /// At most as many different numbers as reserved.
    std::uint32_t& operator[](std::uint64_t number)
    {
        std::size_t at = static_cast<std::size_t>((number * 0x9e3779b97f4a7c15u) >> m_shift);
        while (m_places[at].code != 0 && m_places[at].number != number) at = (at + 1) & (m_places.size() - 1);
        m_places[at].number = number;
        return m_places[at].code;
    }

private:
    struct Place
    {
        std::uint64_t number = 0;
        std::uint32_t code = 0;
    };
    unsigned m_shift = 0;
    std::vector<Place> m_places;
};

} // namespace faultline
