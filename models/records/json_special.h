#pragma once
#include <cstdint>

namespace faultline {

/// Looks for the bytes that JSON's strings cannot hold as they are (quote, backslash, below 0x20) in eight
/// bytes at once. 0 when there is none; else the lowest bit that is set lies in the first of them, counted
/// from the word's low end (bits above it say nothing).
inline std::uint64_t jsonSpecials(std::uint64_t word)
{
    constexpr std::uint64_t ones = 0x0101010101010101u, tops = 0x8080808080808080u;
    const auto zeroBytes = [](std::uint64_t value) { return (value - ones) & ~value & tops; };
    // A byte below 0x20 has none of its three upper bits.
    return zeroBytes(word & (ones * 0xe0)) | zeroBytes(word ^ (ones * '"')) | zeroBytes(word ^ (ones * '\\'));
}

} // namespace faultline
