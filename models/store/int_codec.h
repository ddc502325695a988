#pragma once
#include "models/store/blob_io.h"
#include "models/store/column_data.h"

#include <span>
#include <vector>

namespace faultline {

/// Working memory of the encoders, kept from column to column.
struct IntScratch
{
    std::vector<std::uint64_t> stored;
    std::vector<std::uint64_t> deltas;
    std::vector<std::uint8_t> bytes;
};

/// Smallest and largest, found on the way.
struct IntBounds
{
    std::int64_t min = 0, max = 0;
};

/// Writes integers in the smallest of the forms of IntForm. The reader must know how many there are.
/// `values` is not empty.
IntBounds putInts(BlobWriter& out, std::span<const std::int64_t> values, IntScratch& scratch);
/// Codes: numbers below 65,537 that keep base 0 and scale 1 (unless all are equal).
void putCodes(BlobWriter& out, std::span<const std::uint32_t> codes, IntScratch& scratch);

/// Reads `count` integers back; on failure `in` has failed and the answer is empty.
PackedInts getInts(BlobReader& in, std::size_t count);
/// Passes over `count` integers without unpacking them.
void skipInts(BlobReader& in, std::size_t count);
/// As getInts(), and fails unless the numbers are codes up to `last`.
PackedInts getCodes(BlobReader& in, std::size_t count, std::uint64_t last);

/// Largest stored number (not value); 0 when empty.
std::uint64_t largestStored(const PackedInts& ints);
/// Whether all numbers are in [least, greatest].
bool within(const PackedInts& ints, std::int64_t least, std::int64_t greatest);
/// Smallest code: the stored number, or the base of codes that are all equal.
std::uint64_t smallestCode(const PackedInts& codes);
/// Packs codes in memory: width 1, 2 or 4, base 0 and scale 1; `last` is the largest that can occur.
PackedInts packCodes(std::span<const std::uint32_t> codes, std::uint32_t last);
/// Bytes in memory for numbers up to `largest`: 0, 1, 2, 4 or 8.
std::uint8_t widthFor(std::uint64_t largest);

/// Codes (from 1) of the present rows become codes of every row, 0 where there is none.
PackedInts spreadCodes(PackedInts dense, const Presence& presence);

} // namespace faultline
