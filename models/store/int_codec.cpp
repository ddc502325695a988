#include "models/store/int_codec.h"

#include "models/store/codecs.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <numeric>

namespace faultline {
namespace {

std::uint64_t bitsOf(std::int64_t value)
{
    return static_cast<std::uint64_t>(value);
}
std::int64_t valueOf(std::uint64_t bits)
{
    return static_cast<std::int64_t>(bits);
}

/// Bits a number takes on disk: 1, 2 or 4 when that is enough, else whole bytes.
unsigned diskBits(std::uint64_t largest)
{
    const auto bits = static_cast<unsigned>(std::bit_width(largest));
    if (bits <= 2) return std::max(1u, bits);
    if (bits <= 4) return 4;
    return (bits + 7) / 8 * 8;
}

bool isDiskBits(unsigned bits)
{
    return bits == 1 || bits == 2 || bits == 4 || (bits >= 8 && bits <= 64 && bits % 8 == 0);
}

/// Numbers below 16 share bytes, the first in the lowest bits; larger ones are split into one array for each
/// of their bytes, lowest first: the high bytes hardly vary and compress to nothing.
template <class T>
void putPlanes(BlobWriter& out, const T* numbers, std::size_t count, unsigned bits, IntScratch& scratch)
{
    auto& bytes = scratch.bytes;
    if (bits < 8) {
        const unsigned perByte = 8 / bits;
        bytes.assign((count + perByte - 1) / perByte, 0);
        std::size_t i = 0;
        for (std::size_t at = 0; at < bytes.size(); ++at) {
            unsigned packed = 0;
            for (unsigned shift = 0; shift < 8 && i < count; shift += bits, ++i)
                packed |= static_cast<unsigned>(numbers[i]) << shift;
            bytes[at] = static_cast<std::uint8_t>(packed);
        }
        out.array(bytes.data(), bytes.size());
        return;
    }
    bytes.resize(count);
    for (unsigned shift = 0; shift < bits; shift += 8) {
        for (std::size_t i = 0; i < count; ++i) bytes[i] = static_cast<std::uint8_t>(numbers[i] >> shift);
        out.array(bytes.data(), count);
    }
}

template <class T> void mergePlane(T* out, const std::uint8_t* plane, std::size_t count, unsigned shift)
{
    for (std::size_t i = 0; i < count; ++i)
        out[i] = static_cast<T>(out[i] | (static_cast<T>(plane[i]) << shift));
}

/// Reads numbers into `width` bytes each (1, 2, 4 or 8); `bits` fit the width.
bool getPlanes(BlobReader& in, std::size_t count, unsigned bits, std::uint8_t width,
               std::vector<std::uint8_t>& data)
{
    std::vector<std::uint8_t> plane;
    if (bits < 8) {
        const unsigned perByte = 8 / bits;
        plane.resize((count + perByte - 1) / perByte);
        if (!in.array(plane.data(), plane.size())) return false;
        data.assign(count * width, 0);
        const unsigned mask = (1u << bits) - 1;
        for (std::size_t i = 0; i < count; ++i)
            data[i * width] = static_cast<std::uint8_t>(plane[i / perByte] >> (i % perByte * bits) & mask);
        return true;
    }
    if (bits == 8 && width == 1) {
        data.resize(count);
        return in.array(data.data(), count);
    }
    data.assign(count * width, 0);
    plane.resize(count);
    for (unsigned shift = 0; shift < bits; shift += 8) {
        if (!in.array(plane.data(), count)) return false;
        if (width == 2)
            mergePlane(reinterpret_cast<std::uint16_t*>(data.data()), plane.data(), count, shift);
        else if (width == 4)
            mergePlane(reinterpret_cast<std::uint32_t*>(data.data()), plane.data(), count, shift);
        else if (width == 8)
            mergePlane(reinterpret_cast<std::uint64_t*>(data.data()), plane.data(), count, shift);
        else
            std::copy(plane.begin(), plane.end(), data.begin());
    }
    return true;
}

/// Divides exactly by one number many times: by its inverse modulo 2^64, which also tells whether it divides.
class ExactDivisor
{
public:
    explicit ExactDivisor(std::uint64_t divisor) : m_shift(static_cast<unsigned>(std::countr_zero(divisor)))
    {
        const std::uint64_t odd = divisor >> m_shift;
        m_inverse = odd; // right in the lowest 3 bits; each step doubles them
        for (int i = 0; i < 5; ++i) m_inverse *= 2 - odd * m_inverse;
        m_largest = ~std::uint64_t{0} / odd;
    }
    std::uint64_t divide(std::uint64_t value) const { return (value >> m_shift) * m_inverse; }
    bool divides(std::uint64_t value) const
    {
        const std::uint64_t low = value & ((std::uint64_t{1} << m_shift) - 1);
        return low == 0 && divide(value) <= m_largest;
    }

private:
    unsigned m_shift;
    std::uint64_t m_inverse = 1;
    std::uint64_t m_largest = 0;
};

std::uint64_t commonDivisor(const std::vector<std::uint64_t>& numbers)
{
    std::uint64_t divisor = 0;
    std::size_t i = 0;
    while (i < numbers.size() && divisor == 0) divisor = numbers[i++];
    while (i < numbers.size()) {
        const ExactDivisor exact(divisor);
        while (i < numbers.size() && exact.divides(numbers[i])) ++i;
        if (i == numbers.size()) break;
        divisor = std::gcd(divisor, numbers[i]);
        if (divisor == 1) break;
    }
    return std::max<std::uint64_t>(divisor, 1);
}

std::uint64_t bitsUsed(const std::vector<std::uint64_t>& numbers)
{
    std::uint64_t bits = 0;
    for (const std::uint64_t number : numbers) bits += static_cast<std::uint64_t>(std::bit_width(number));
    return bits;
}

/// Whether differences are likely to be shorter than the numbers themselves, from a few runs of them.
bool looksSequential(const std::vector<std::uint64_t>& numbers)
{
    constexpr std::size_t run = 64, runs = 8;
    if (numbers.size() < 16) return false;
    const std::size_t step = numbers.size() <= run * runs ? run : (numbers.size() - run) / (runs - 1);
    std::uint64_t plain = 0, different = 0, looked = 0;
    for (std::size_t begin = 0; begin + 1 < numbers.size(); begin += step) {
        const std::size_t end = std::min(begin + run, numbers.size());
        std::int64_t least = valueOf(numbers[begin + 1] - numbers[begin]);
        for (std::size_t i = begin + 1; i < end; ++i)
            least = std::min(least, valueOf(numbers[i] - numbers[i - 1]));
        for (std::size_t i = begin + 1; i < end; ++i, ++looked) {
            plain += static_cast<unsigned>(std::bit_width(numbers[i]));
            different += static_cast<unsigned>(std::bit_width(numbers[i] - numbers[i - 1] - bitsOf(least)));
        }
    }
    return different + 2 * looked < plain;
}

template <class T> std::uint64_t maxOf(const PackedInts& ints)
{
    const T* values = ints.as<T>();
    T largest = 0;
    for (std::size_t i = 0; i < ints.count; ++i) largest = std::max(largest, values[i]);
    return largest;
}

template <class T> std::uint64_t minOf(const PackedInts& ints)
{
    const T* values = ints.as<T>();
    T smallest = values[0];
    for (std::size_t i = 1; i < ints.count; ++i) smallest = std::min(smallest, values[i]);
    return smallest;
}

template <class T> void narrow(const std::vector<std::uint64_t>& numbers, PackedInts& out)
{
    out.data.resize(numbers.size() * sizeof(T));
    T* to = reinterpret_cast<T*>(out.data.data());
    for (std::size_t i = 0; i < numbers.size(); ++i) to[i] = static_cast<T>(numbers[i]);
}

} // namespace

std::uint8_t widthFor(std::uint64_t largest)
{
    if (largest == 0) return 0;
    if (largest <= 0xff) return 1;
    if (largest <= 0xffff) return 2;
    return largest <= 0xffff'ffff ? 4 : 8;
}

std::uint64_t largestStored(const PackedInts& ints)
{
    switch (ints.width) {
    case 1: return maxOf<std::uint8_t>(ints);
    case 2: return maxOf<std::uint16_t>(ints);
    case 4: return maxOf<std::uint32_t>(ints);
    case 8: return maxOf<std::uint64_t>(ints);
    default: return 0;
    }
}

std::uint64_t smallestCode(const PackedInts& codes)
{
    switch (codes.width) {
    case 1: return minOf<std::uint8_t>(codes);
    case 2: return minOf<std::uint16_t>(codes);
    case 4: return minOf<std::uint32_t>(codes);
    default: return bitsOf(codes.base);
    }
}

IntBounds putInts(BlobWriter& out, std::span<const std::int64_t> values, IntScratch& scratch)
{
    IntBounds bounds{values[0], values[0]};
    for (const std::int64_t value : values) {
        bounds.min = std::min(bounds.min, value);
        bounds.max = std::max(bounds.max, value);
    }
    if (bounds.min == bounds.max) {
        out.byte(static_cast<std::uint8_t>(IntForm::Constant));
        out.signedVarint(bounds.min);
        return bounds;
    }
    auto& stored = scratch.stored;
    stored.resize(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) stored[i] = bitsOf(values[i]) - bitsOf(bounds.min);
    std::uint64_t range = bitsOf(bounds.max) - bitsOf(bounds.min);
    std::uint64_t scale = 1;
    if (range > 15) { // below that nothing can be won
        scale = commonDivisor(stored);
        if (scale > 1) {
            const ExactDivisor exact(scale);
            for (std::uint64_t& number : stored) number = exact.divide(number);
            range /= scale;
        }
    }
    auto& deltas = scratch.deltas;
    std::int64_t smallest = 0;
    std::uint64_t deltaRange = 0;
    bool useDeltas = looksSequential(stored);
    if (useDeltas) {
        deltas.resize(values.size() - 1);
        smallest = valueOf(stored[1] - stored[0]);
        std::int64_t largest = smallest;
        for (std::size_t i = 0; i + 1 < stored.size(); ++i) {
            deltas[i] = stored[i + 1] - stored[i];
            smallest = std::min(smallest, valueOf(deltas[i]));
            largest = std::max(largest, valueOf(deltas[i]));
        }
        for (std::uint64_t& delta : deltas) delta -= bitsOf(smallest);
        deltaRange = bitsOf(largest) - bitsOf(smallest);
        // Differences of unrelated numbers are a bit longer than the numbers; a real sequence saves far more.
        useDeltas = deltaRange == 0 || bitsUsed(deltas) + 2 * values.size() < bitsUsed(stored);
    }
    out.byte(static_cast<std::uint8_t>(useDeltas ? IntForm::Delta : IntForm::Plain));
    out.signedVarint(bounds.min);
    out.varint(scale);
    if (!useDeltas) {
        const unsigned bits = diskBits(range);
        out.byte(static_cast<std::uint8_t>(bits));
        putPlanes(out, stored.data(), stored.size(), bits, scratch);
        return bounds;
    }
    const unsigned bits = deltaRange == 0 ? 0 : diskBits(deltaRange);
    out.byte(widthFor(range));
    out.varint(stored[0]);
    out.signedVarint(smallest);
    out.byte(static_cast<std::uint8_t>(bits));
    if (bits > 0) putPlanes(out, deltas.data(), deltas.size(), bits, scratch);
    return bounds;
}

void putCodes(BlobWriter& out, std::span<const std::uint32_t> codes, IntScratch& scratch)
{
    std::uint32_t smallest = codes[0], largest = codes[0];
    for (const std::uint32_t code : codes) {
        smallest = std::min(smallest, code);
        largest = std::max(largest, code);
    }
    if (smallest == largest) {
        out.byte(static_cast<std::uint8_t>(IntForm::Constant));
        out.signedVarint(smallest);
        return;
    }
    out.byte(static_cast<std::uint8_t>(IntForm::Plain));
    out.signedVarint(0);
    out.varint(1);
    const unsigned bits = diskBits(largest);
    out.byte(static_cast<std::uint8_t>(bits));
    putPlanes(out, codes.data(), codes.size(), bits, scratch);
}

PackedInts getInts(BlobReader& in, std::size_t count)
{
    PackedInts ints;
    const auto form = static_cast<IntForm>(in.byte());
    if (form > IntForm::Delta) in.fail();
    ints.base = in.signedVarint();
    if (in.failed()) return {};
    ints.count = count;
    if (form == IntForm::Constant) return ints;
    ints.scale = in.varint();
    if (form == IntForm::Plain) {
        const unsigned bits = in.byte();
        if (!isDiskBits(bits)) in.fail();
        if (in.failed()) return {};
        ints.width = static_cast<std::uint8_t>(bits <= 8 ? 1 : bits == 16 ? 2 : bits <= 32 ? 4 : 8);
        if (!getPlanes(in, count, bits, ints.width, ints.data)) return {};
        return ints;
    }
    ints.width = in.byte();
    const std::uint64_t first = in.varint();
    const std::uint64_t step = bitsOf(in.signedVarint());
    const unsigned bits = in.byte();
    if ((ints.width != 1 && ints.width != 2 && ints.width != 4 && ints.width != 8) ||
        (bits != 0 && !isDiskBits(bits)) || count == 0)
        in.fail();
    if (in.failed()) return {};
    PackedInts deltas;
    deltas.count = count - 1;
    deltas.width = static_cast<std::uint8_t>(bits == 0    ? 0
                                             : bits <= 8  ? 1
                                             : bits == 16 ? 2
                                             : bits <= 32 ? 4
                                                          : 8);
    if (bits > 0 && !getPlanes(in, count - 1, bits, deltas.width, deltas.data)) return {};
    std::vector<std::uint64_t> numbers(count);
    std::uint64_t number = first, seen = first;
    numbers[0] = first;
    const auto sum = [&](auto at) {
        for (std::size_t i = 1; i < count; ++i) {
            number += at(i - 1) + step;
            seen |= number;
            numbers[i] = number;
        }
    };
    switch (deltas.width) {
    case 0: sum([](std::size_t) { return std::uint64_t{0}; }); break;
    case 1: sum([p = deltas.as<std::uint8_t>()](std::size_t i) { return std::uint64_t{p[i]}; }); break;
    case 2: sum([p = deltas.as<std::uint16_t>()](std::size_t i) { return std::uint64_t{p[i]}; }); break;
    case 4: sum([p = deltas.as<std::uint32_t>()](std::size_t i) { return std::uint64_t{p[i]}; }); break;
    default: sum([p = deltas.as<std::uint64_t>()](std::size_t i) { return p[i]; }); break;
    }
    if (widthFor(seen) > ints.width) {
        in.fail();
        return {};
    }
    switch (ints.width) {
    case 1: narrow<std::uint8_t>(numbers, ints); break;
    case 2: narrow<std::uint16_t>(numbers, ints); break;
    case 4: narrow<std::uint32_t>(numbers, ints); break;
    default: narrow<std::uint64_t>(numbers, ints); break;
    }
    return ints;
}

PackedInts getCodes(BlobReader& in, std::size_t count, std::uint64_t last)
{
    PackedInts codes = getInts(in, count);
    const bool plain = codes.width == 0 ? codes.base >= 0 : codes.base == 0 && codes.scale == 1;
    const std::uint64_t largest = codes.width == 0 ? bitsOf(codes.base) : largestStored(codes);
    if (!plain || codes.width > 4 || largest > last) in.fail();
    return in.failed() ? PackedInts{} : codes;
}

PackedInts packCodes(std::span<const std::uint32_t> codes, std::uint32_t last)
{
    PackedInts ints;
    ints.count = codes.size();
    ints.width = std::max<std::uint8_t>(1, widthFor(last));
    ints.data.resize(codes.size() * ints.width);
    for (std::size_t i = 0; i < codes.size(); ++i)
        std::memcpy(ints.data.data() + i * ints.width, &codes[i], ints.width);
    return ints;
}

PackedInts spreadCodes(PackedInts dense, const Presence& presence)
{
    if (presence.isAll()) return dense;
    PackedInts all;
    all.count = presence.rows();
    all.width = dense.width == 0 ? widthFor(static_cast<std::uint64_t>(dense.base)) : dense.width;
    all.data.assign(all.count * all.width, 0);
    const auto fill = [&](auto* to, auto at) {
        std::size_t next = 0;
        for (std::size_t word = 0; word < presence.bits().size(); ++word)
            for (std::uint64_t left = presence.bits()[word]; left != 0; left &= left - 1)
                to[word * 64 + static_cast<unsigned>(__builtin_ctzll(left))] = at(next++);
    };
    const auto run = [&]<class T>(T* to) {
        if (dense.width == 0)
            fill(to, [value = static_cast<T>(dense.base)](std::size_t) { return value; });
        else
            fill(to, [from = dense.as<T>()](std::size_t i) { return from[i]; });
    };
    switch (all.width) {
    case 1: run(all.data.data()); break;
    case 2: run(reinterpret_cast<std::uint16_t*>(all.data.data())); break;
    case 4: run(reinterpret_cast<std::uint32_t*>(all.data.data())); break;
    default: break; // all codes are 0: refused by the callers
    }
    return all;
}

} // namespace faultline
