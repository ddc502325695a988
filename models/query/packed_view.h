#pragma once
#include "models/store/column_data.h"

#include <cstddef>
#include <cstdint>

namespace faultline {

/// Width 0: every stored number is 0.
struct ZeroView
{
    constexpr std::uint8_t operator[](std::size_t) const { return 0; }
};

/// Calls body(view) with a pointer to the numbers as stored (u8, u16, u32 or u64), or a ZeroView: one kernel
/// a width, chosen once and not once a row.
template <class Body> decltype(auto) withStored(const PackedInts& ints, Body&& body)
{
    switch (ints.width) {
    case 1: return body(ints.as<std::uint8_t>());
    case 2: return body(ints.as<std::uint16_t>());
    case 4: return body(ints.as<std::uint32_t>());
    case 8: return body(ints.as<std::uint64_t>());
    default: return body(ZeroView{});
    }
}

/// For ascending numbers: the first index whose value is >= `value`.
inline std::size_t lowerBound(const PackedInts& ints, std::int64_t value, std::size_t first = 0)
{
    std::size_t count = ints.count - first;
    while (count > 0) {
        const std::size_t half = count / 2;
        if (ints.at(first + half) < value) {
            first += half + 1;
            count -= half + 1;
        } else {
            count = half;
        }
    }
    return first;
}

} // namespace faultline
