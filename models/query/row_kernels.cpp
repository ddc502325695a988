#include "models/query/row_kernels.h"

#include <algorithm>
#include <bit>
#include <limits>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace faultline {

std::uint64_t packBytes(const std::uint8_t* bytes)
{
#ifdef __SSE2__
    std::uint64_t word = 0;
    for (unsigned k = 0; k < 4; ++k) {
        const __m128i part = _mm_load_si128(reinterpret_cast<const __m128i*>(bytes + 16 * k));
        word |= static_cast<std::uint64_t>(static_cast<unsigned>(_mm_movemask_epi8(part))) << (16 * k);
    }
    return word;
#else
    std::uint64_t word = 0;
    for (unsigned k = 0; k < 64; ++k) word |= static_cast<std::uint64_t>(bytes[k] & 1) << k;
    return word;
#endif
}

RowSet presentRows(const Presence& presence)
{
    if (presence.isAll()) return RowSet::all(presence.rows());
    if (presence.count() == 0) return RowSet::none(presence.rows());
    return RowSet::of(presence.bits(), presence.rows());
}

RowSet spreadBits(std::vector<std::uint64_t> dense, const Presence& presence)
{
    const RowIndex rows = presence.rows();
    if (presence.isAll()) return RowSet::of(std::move(dense), rows);
    if (presence.count() == 0) return RowSet::none(rows);
    RowSet set = RowSet::bits(rows);
    std::uint64_t* words = set.words();
    dense.push_back(0); // reading past the last word needs no test
    const auto& bits = presence.bits();
    std::size_t at = 0;
    for (std::size_t i = 0; i < bits.size(); ++i) {
        std::uint64_t mask = bits[i];
        if (mask == 0) continue;
        const auto count = static_cast<unsigned>(std::popcount(mask));
        // The next `count` dense bits, then one after the other to the places of the mask.
        const std::size_t word = at / 64, shift = at % 64;
        std::uint64_t source = dense[word] >> shift;
        if (shift != 0) source |= dense[word + 1] << (64 - shift);
        at += count;
        std::uint64_t out = 0;
        for (; mask != 0; mask &= mask - 1) {
            if ((source & 1) != 0) out |= mask & (0 - mask);
            source >>= 1;
        }
        words[i] = out;
    }
    set.normalise();
    return set;
}

RowSet rowsInSpan(const ColumnData& column, std::int64_t first, std::int64_t last)
{
    const PackedInts& ints = column.ints;
    const auto& presence = column.presence;
    const std::size_t count = ints.count;
    if (first > last || count == 0) return RowSet::none(presence.rows());
    // Into the numbers as stored: base + scale x stored is in [first, last].
    const std::uint64_t scale = std::max<std::uint64_t>(ints.scale, 1);
    if (last < ints.base) return RowSet::none(presence.rows());
    const std::uint64_t above = static_cast<std::uint64_t>(last) - static_cast<std::uint64_t>(ints.base);
    const std::uint64_t high = above / scale;
    std::uint64_t low = 0;
    if (first > ints.base) {
        const std::uint64_t below = static_cast<std::uint64_t>(first) - static_cast<std::uint64_t>(ints.base);
        low = below / scale + (below % scale != 0 ? 1 : 0);
    }
    if (low > high) return RowSet::none(presence.rows());
    std::vector<std::uint64_t> dense((count + 63) / 64, 0);
    withStored(ints, [&](auto view) {
        using Number = std::remove_cvref_t<decltype(view[0])>;
        constexpr std::uint64_t most = std::numeric_limits<Number>::max();
        if (low > most) return;
        const auto from = static_cast<Number>(low);
        const auto width = static_cast<Number>(std::min(high, most) - low);
        testNumbers(view, count, dense.data(),
                    [from, width](Number number) { return static_cast<Number>(number - from) <= width; });
    });
    return spreadBits(std::move(dense), presence);
}

RowSet rowsWithVerdict(const PackedInts& codes, RowIndex rows, const std::vector<std::uint8_t>& verdict)
{
    const std::size_t count = std::min<std::size_t>(rows, codes.count);
    const auto base = static_cast<std::uint64_t>(codes.base);
    // One code alone, or all but one, is a compare and not a look-up.
    std::size_t hits = 0, hit = 0;
    for (std::size_t code = 0; code < verdict.size(); ++code) {
        if (verdict[code] == 0) continue;
        ++hits;
        hit = code;
    }
    if (hits == 0) return RowSet::none(rows);
    if (hits == verdict.size()) return RowSet::all(rows);
    std::vector<std::uint64_t> words((std::size_t{rows} + 63) / 64, 0);
    withStored(codes, [&](auto view) {
        using Number = std::remove_cvref_t<decltype(view[0])>;
        constexpr std::uint64_t most = std::numeric_limits<Number>::max();
        if (hits == 1) {
            const std::uint64_t off = std::uint64_t{hit} - base;
            if (codes.scale == 0 || off % codes.scale != 0 || off / codes.scale > most) return;
            const auto stored = static_cast<Number>(off / codes.scale);
            testNumbers(view, count, words.data(), [stored](Number number) { return number == stored; });
            return;
        }
        // By number as stored, for widths that have few; bytes of 0 and 0xff.
        std::vector<std::uint8_t> pass(sizeof(Number) == 1 ? 256 : verdict.size() + 1, 0);
        for (std::size_t code = 0; code < verdict.size(); ++code) {
            const std::uint64_t off = std::uint64_t{code} - base;
            if (code < base || codes.scale == 0 || off % codes.scale != 0) continue;
            if (off / codes.scale < pass.size()) pass[off / codes.scale] = verdict[code] != 0 ? 0xff : 0;
        }
        const std::uint8_t* table = pass.data();
        const std::size_t size = pass.size();
        if (sizeof(Number) == 1) {
            testNumbers(view, count, words.data(), [table](Number number) { return table[number] != 0; });
        } else {
            testNumbers(view, count, words.data(),
                        [table, size](Number number) { return number < size && table[number] != 0; });
        }
    });
    return RowSet::of(std::move(words), rows);
}

} // namespace faultline
