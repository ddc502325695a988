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

/// Numbers of `Bits` bits each, 8 / Bits in a byte.
template <unsigned Bits> void spreadBytes(const std::uint8_t* from, std::size_t count, std::uint8_t* to)
{
    constexpr unsigned perByte = 8 / Bits, mask = (1u << Bits) - 1;
    const std::size_t whole = count / perByte;
    for (std::size_t at = 0; at < whole; ++at)
        for (unsigned k = 0; k < perByte; ++k)
            to[at * perByte + k] = static_cast<std::uint8_t>(from[at] >> (k * Bits) & mask);
    for (std::size_t i = whole * perByte; i < count; ++i)
        to[i] = static_cast<std::uint8_t>(from[whole] >> (i % perByte * Bits) & mask);
}

/// Numbers of T out of `Planes` planes that lie one after the other.
template <class T, unsigned Planes> void mergePlanes(const std::uint8_t* planes, std::size_t count, T* out)
{
    for (std::size_t i = 0; i < count; ++i) {
        T number = planes[i];
        for (unsigned plane = 1; plane < Planes; ++plane)
            number = static_cast<T>(number | static_cast<T>(planes[plane * count + i]) << (8 * plane));
        out[i] = number;
    }
}

template <class T> T* numbersIn(std::vector<std::uint8_t>& data)
{
    return reinterpret_cast<T*>(data.data());
}

std::uint8_t widthOfBits(unsigned bits)
{
    return static_cast<std::uint8_t>(bits == 0 ? 0 : bits <= 8 ? 1 : bits == 16 ? 2 : bits <= 32 ? 4 : 8);
}

/// Reads numbers into widthOfBits(bits) bytes each.
bool getPlanes(BlobReader& in, std::size_t count, unsigned bits, std::vector<std::uint8_t>& data)
{
    data.resize(count * widthOfBits(bits));
    if (bits == 8) return in.array(data.data(), count);
    const unsigned planes = bits / 8;
    std::vector<std::uint8_t> read(bits < 8 ? (count * bits + 7) / 8 : count * planes);
    if (bits < 8) {
        if (!in.array(read.data(), read.size())) return false;
    } else {
        for (unsigned plane = 0; plane < planes; ++plane)
            if (!in.array(read.data() + plane * count, count)) return false;
    }
    switch (bits) {
    case 1: spreadBytes<1>(read.data(), count, data.data()); break;
    case 2: spreadBytes<2>(read.data(), count, data.data()); break;
    case 4: spreadBytes<4>(read.data(), count, data.data()); break;
    case 16: mergePlanes<std::uint16_t, 2>(read.data(), count, numbersIn<std::uint16_t>(data)); break;
    case 24: mergePlanes<std::uint32_t, 3>(read.data(), count, numbersIn<std::uint32_t>(data)); break;
    case 32: mergePlanes<std::uint32_t, 4>(read.data(), count, numbersIn<std::uint32_t>(data)); break;
    case 40: mergePlanes<std::uint64_t, 5>(read.data(), count, numbersIn<std::uint64_t>(data)); break;
    case 48: mergePlanes<std::uint64_t, 6>(read.data(), count, numbersIn<std::uint64_t>(data)); break;
    case 56: mergePlanes<std::uint64_t, 7>(read.data(), count, numbersIn<std::uint64_t>(data)); break;
    default: mergePlanes<std::uint64_t, 8>(read.data(), count, numbersIn<std::uint64_t>(data)); break;
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

/// The running sum of `deltas`, each `step` more, from `first` on; the bits that occur in it.
template <class T, class Delta>
std::uint64_t addUp(const Delta* deltas, std::size_t count, std::uint64_t first, std::uint64_t step, T* out)
{
    std::uint64_t number = first, seen = first;
    out[0] = static_cast<T>(first);
    for (std::size_t i = 1; i < count; ++i) {
        number += step + (deltas == nullptr ? 0 : static_cast<std::uint64_t>(deltas[i - 1]));
        seen |= number;
        out[i] = static_cast<T>(number);
    }
    return seen;
}

template <class T>
std::uint64_t addUp(const PackedInts& deltas, std::size_t count, std::uint64_t first, std::uint64_t step,
                    T* out)
{
    switch (deltas.width) {
    case 0: return addUp(static_cast<const std::uint8_t*>(nullptr), count, first, step, out);
    case 1: return addUp(deltas.as<std::uint8_t>(), count, first, step, out);
    case 2: return addUp(deltas.as<std::uint16_t>(), count, first, step, out);
    case 4: return addUp(deltas.as<std::uint32_t>(), count, first, step, out);
    default: return addUp(deltas.as<std::uint64_t>(), count, first, step, out);
    }
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

bool within(const PackedInts& ints, std::int64_t least, std::int64_t greatest)
{
    if (ints.count == 0) return true;
    if (ints.base < least || ints.base > greatest) return false;
    const std::uint64_t room = bitsOf(greatest) - bitsOf(ints.base);
    const std::uint64_t largest = largestStored(ints);
    return largest == 0 || ints.scale <= room / largest;
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
        ints.width = widthOfBits(bits);
        if (!getPlanes(in, count, bits, ints.data)) return {};
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
    deltas.width = widthOfBits(bits);
    if (bits > 0 && !getPlanes(in, count - 1, bits, deltas.data)) return {};
    ints.data.resize(count * ints.width);
    std::uint64_t seen = 0;
    switch (ints.width) {
    case 1: seen = addUp(deltas, count, first, step, numbersIn<std::uint8_t>(ints.data)); break;
    case 2: seen = addUp(deltas, count, first, step, numbersIn<std::uint16_t>(ints.data)); break;
    case 4: seen = addUp(deltas, count, first, step, numbersIn<std::uint32_t>(ints.data)); break;
    default: seen = addUp(deltas, count, first, step, numbersIn<std::uint64_t>(ints.data)); break;
    }
    if (widthFor(seen) > ints.width) {
        in.fail();
        return {};
    }
    return ints;
}

void skipInts(BlobReader& in, std::size_t count)
{
    const auto form = static_cast<IntForm>(in.byte());
    if (form > IntForm::Delta) in.fail();
    in.signedVarint(); // base
    if (in.failed() || form == IntForm::Constant) return;
    in.varint(); // scale
    if (form == IntForm::Delta) {
        in.byte();         // width
        in.varint();       // first
        in.signedVarint(); // step
        if (count == 0) return in.fail();
        --count;
    }
    const unsigned bits = in.byte();
    if (form == IntForm::Delta && bits == 0) return;
    if (!isDiskBits(bits)) in.fail();
    if (in.failed()) return;
    if (bits < 8) {
        in.skipArray((count + 8 / bits - 1) / (8 / bits));
        return;
    }
    for (unsigned plane = 0; plane < bits; plane += 8) in.skipArray(count);
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
