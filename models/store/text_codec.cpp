#include "models/store/text_codec.h"

#include "models/store/codecs.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#ifdef __SSE2__
#include <emmintrin.h>
#endif
#ifdef __SSSE3__
#include <tmmintrin.h>
#endif

namespace faultline {
namespace {

constexpr std::size_t kUuidLength = 36;
constexpr std::uint64_t kOnes = 0x0101010101010101u;

std::uint64_t load8(const char* from)
{
    std::uint64_t word;
    std::memcpy(&word, from, 8);
    if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
    return word;
}

/// Turns 8 hex digits (first in the lowest byte) into 4 bytes. `lower` and `upper` say which letters occur.
/// False when a byte is no hex digit.
bool hex8(std::uint64_t word, std::uint32_t& out, std::uint64_t& lower, std::uint64_t& upper)
{
    if (word & (kOnes * 0x80)) return false;
    const auto atLeast = [&](std::uint64_t byte, std::uint64_t of) {
        return (of + kOnes * (0x80 - byte)) & (kOnes * 0x80);
    };
    const std::uint64_t folded = word | (kOnes * 0x20); // digits keep their value: they have the bit
    const std::uint64_t isDigit = atLeast('0', word) & ~atLeast('9' + 1, word);
    const std::uint64_t isLetter = atLeast('a', folded) & ~atLeast('f' + 1, folded) & atLeast('A', word);
    if ((isDigit | isLetter) != kOnes * 0x80) return false;
    const std::uint64_t isLower = isLetter & atLeast('a', word);
    lower |= isLower;
    upper |= isLetter & ~isLower;
    std::uint64_t nibbles = (word & (kOnes * 0x0f)) + (isLetter >> 7) * 9;
    nibbles = ((nibbles & 0x000f000f000f000fu) << 4) | ((nibbles >> 8) & 0x000f000f000f000fu);
    nibbles = (nibbles | (nibbles >> 8)) & 0x0000ffff0000ffffu;
    out = static_cast<std::uint32_t>(nibbles | (nibbles >> 16));
    return true;
}

#ifdef __SSE2__
/// As hex8(), 16 digits at a time.
bool hex16(const char* from, std::uint8_t* to, std::uint64_t& lower, std::uint64_t& upper)
{
    const auto all = [](int byte) { return _mm_set1_epi8(static_cast<char>(byte)); };
    const __m128i text = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
    const __m128i folded = _mm_or_si128(text, all(0x20));
    const __m128i digit =
        _mm_and_si128(_mm_cmpgt_epi8(text, all('0' - 1)), _mm_cmplt_epi8(text, all('9' + 1)));
    const __m128i letter =
        _mm_and_si128(_mm_cmpgt_epi8(folded, all('a' - 1)), _mm_cmplt_epi8(folded, all('f' + 1)));
    if (_mm_movemask_epi8(_mm_or_si128(digit, letter)) != 0xffff) return false;
    const __m128i small = _mm_and_si128(letter, _mm_cmpgt_epi8(text, all('a' - 1)));
    lower |= static_cast<unsigned>(_mm_movemask_epi8(small));
    upper |= static_cast<unsigned>(_mm_movemask_epi8(_mm_andnot_si128(small, letter)));
    const __m128i nibbles = _mm_add_epi8(_mm_and_si128(text, all(0x0f)), _mm_and_si128(letter, all(9)));
    const __m128i pairs = _mm_or_si128(_mm_slli_epi16(nibbles, 4), _mm_srli_epi16(nibbles, 8));
    const __m128i bytes = _mm_and_si128(pairs, _mm_set1_epi16(0x00ff));
    _mm_storel_epi64(reinterpret_cast<__m128i*>(to), _mm_packus_epi16(bytes, bytes));
    return true;
}
#endif

/// Packs hex digits; their number is even, at least 2.
bool hexDigits(const char* from, std::size_t digits, std::uint8_t* to, std::uint64_t& lower,
               std::uint64_t& upper)
{
    std::uint32_t four = 0;
#ifdef __SSE2__
    for (; digits >= 16; digits -= 16, from += 16, to += 8)
        if (!hex16(from, to, lower, upper)) return false;
#endif
    while (digits >= 8) {
        if (!hex8(load8(from), four, lower, upper)) return false;
        for (unsigned i = 0; i < 4; ++i) *to++ = static_cast<std::uint8_t>(four >> (8 * i));
        from += 8;
        digits -= 8;
    }
    if (digits == 0) return true;
    std::array<char, 8> rest{'0', '0', '0', '0', '0', '0', '0', '0'};
    std::memcpy(rest.data(), from, digits);
    if (!hex8(load8(rest.data()), four, lower, upper)) return false;
    for (unsigned i = 0; i < digits / 2; ++i) *to++ = static_cast<std::uint8_t>(four >> (8 * i));
    return true;
}

bool uuidDigits(const char* from, std::uint8_t* to, std::uint64_t& lower, std::uint64_t& upper)
{
    if (from[8] != '-' || from[13] != '-' || from[18] != '-' || from[23] != '-') return false;
    std::array<char, 32> digits;
    std::memcpy(digits.data(), from, 8);
    std::memcpy(digits.data() + 8, from + 9, 4);
    std::memcpy(digits.data() + 12, from + 14, 4);
    std::memcpy(digits.data() + 16, from + 19, 4);
    std::memcpy(digits.data() + 20, from + 24, 12);
    return hexDigits(digits.data(), digits.size(), to, lower, upper);
}

} // namespace

bool packHex(const TextSpan& texts, HexTexts& out)
{
    const std::size_t count = texts.size();
    const std::size_t length = texts.offsets[1] - texts.offsets[0];
    out.uuid = length == kUuidLength && texts.bytes[texts.offsets[0] + 8] == '-';
    if (length < 4 || length % 2 != 0 || length > 2 * kMaxFixedBytes) return false;
    if (std::uint64_t{texts.offsets[count]} - texts.offsets[0] != count * length) return false;
    out.fixedBytes = static_cast<std::uint32_t>(out.uuid ? 16 : length / 2);
    out.bytes.resize(count * out.fixedBytes);
    std::uint64_t lower = 0, upper = 0;
    std::uint8_t* to = out.bytes.data();
    for (std::size_t i = 0; i < count; ++i, to += out.fixedBytes) {
        if (texts.offsets[i + 1] - texts.offsets[i] != length) return false;
        const char* from = texts.bytes.data() + texts.offsets[i];
        if (!(out.uuid ? uuidDigits(from, to, lower, upper) : hexDigits(from, length, to, lower, upper)))
            return false;
        if (lower != 0 && upper != 0) return false;
    }
    out.upper = upper != 0;
    return true;
}

void writeHex(const std::uint8_t* bytes, std::size_t count, bool uuid, bool upper, char* to)
{
    if (uuid) { // 16 bytes
        std::array<char, 32> digits;
        writeHex(bytes, 16, false, upper, digits.data());
        std::memcpy(to, digits.data(), 8);
        std::memcpy(to + 9, digits.data() + 8, 4);
        std::memcpy(to + 14, digits.data() + 12, 4);
        std::memcpy(to + 19, digits.data() + 16, 4);
        std::memcpy(to + 24, digits.data() + 20, 12);
        to[8] = to[13] = to[18] = to[23] = '-';
        return;
    }
    const char* digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
    std::size_t i = 0;
#ifdef __SSSE3__
    const __m128i table = _mm_loadu_si128(reinterpret_cast<const __m128i*>(digits));
    const __m128i low = _mm_set1_epi8(15);
    for (; i + 8 <= count; i += 8) {
        const __m128i eight = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(bytes + i));
        const __m128i high = _mm_and_si128(_mm_srli_epi16(eight, 4), low);
        const __m128i nibbles = _mm_unpacklo_epi8(high, _mm_and_si128(eight, low));
        _mm_storeu_si128(reinterpret_cast<__m128i*>(to + 2 * i), _mm_shuffle_epi8(table, nibbles));
    }
#endif
    for (; i < count; ++i) {
        to[2 * i] = digits[bytes[i] >> 4];
        to[2 * i + 1] = digits[bytes[i] & 15];
    }
}

void appendHex(const std::uint8_t* bytes, std::size_t count, bool uuid, bool upper, std::string& out)
{
    const std::size_t before = out.size();
    out.resize(before + hexLength(count, uuid));
    writeHex(bytes, count, uuid, upper, out.data() + before);
}

void putPlainTexts(BlobWriter& out, const TextSpan& texts, TextScratch& scratch)
{
    const std::size_t count = texts.size();
    scratch.lengths.resize(count);
    for (std::size_t i = 0; i < count; ++i) scratch.lengths[i] = texts.offsets[i + 1] - texts.offsets[i];
    putInts(out, scratch.lengths, scratch.ints);
    out.array(texts.bytes.data() + texts.offsets[0], texts.offsets[count] - texts.offsets[0]);
}

void putHex(BlobWriter& out, const HexTexts& hex)
{
    out.varint(hex.fixedBytes);
    out.byte(static_cast<std::uint8_t>((hex.uuid ? 1 : 0) | (hex.upper ? 2 : 0)));
    out.array(hex.bytes.data(), hex.bytes.size());
}

void putTexts(BlobWriter& out, const TextSpan& texts, TextScratch& scratch)
{
    if (packHex(texts, scratch.hex)) {
        out.byte(static_cast<std::uint8_t>(TextForm::Hex));
        putHex(out, scratch.hex);
    } else {
        out.byte(static_cast<std::uint8_t>(TextForm::Plain));
        putPlainTexts(out, texts, scratch);
    }
}

namespace {

/// Lengths of texts that are together no longer than a column may be; on failure `in` has failed.
PackedInts getLengths(BlobReader& in, std::size_t count)
{
    PackedInts lengths = getInts(in, count);
    if (!in.failed() && !within(lengths, 0, static_cast<std::int64_t>(kMaxColumnBytes))) in.fail();
    return in.failed() ? PackedInts{} : std::move(lengths);
}

/// Where each text ends, after each other from ends[-1] on (modulo 2^32); their length together, exactly.
template <class T> std::uint64_t addUp(const T* stored, const PackedInts& lengths, std::uint32_t* ends)
{
    const auto base = static_cast<std::uint64_t>(lengths.base), scale = lengths.scale;
    std::uint64_t total = 0;
    for (std::size_t i = 0; i < lengths.count; ++i) {
        total += base + scale * (stored == nullptr ? 0 : static_cast<std::uint64_t>(stored[i]));
        if (ends != nullptr) ends[i] = static_cast<std::uint32_t>(total);
    }
    return total;
}

std::uint64_t addUp(const PackedInts& lengths, std::uint32_t* ends)
{
    switch (lengths.width) {
    case 1: return addUp(lengths.as<std::uint8_t>(), lengths, ends);
    case 2: return addUp(lengths.as<std::uint16_t>(), lengths, ends);
    case 4: return addUp(lengths.as<std::uint32_t>(), lengths, ends);
    case 8: return addUp(lengths.as<std::uint64_t>(), lengths, ends);
    default: return addUp(static_cast<const std::uint8_t*>(nullptr), lengths, ends);
    }
}

} // namespace

StringTable getPlainTexts(BlobReader& in, std::size_t count)
{
    const PackedInts lengths = getLengths(in, count);
    if (in.failed()) return {};
    StringTable table;
    table.offsets.resize(count + 1);
    const std::uint64_t total = addUp(lengths, table.offsets.data() + 1);
    if (total > kMaxColumnBytes) in.fail();
    if (in.failed()) return {};
    table.bytes.resize(total);
    if (!in.array(table.bytes.data(), total)) return {};
    return table;
}

void skipPlainTexts(BlobReader& in, std::size_t count)
{
    const PackedInts lengths = getLengths(in, count);
    if (in.failed()) return;
    const std::uint64_t total = addUp(lengths, nullptr);
    if (total > kMaxColumnBytes) in.fail();
    in.skipArray(total);
}

HexTexts getHexForm(BlobReader& in)
{
    HexTexts hex;
    const std::uint64_t fixedBytes = in.varint();
    const std::uint8_t flags = in.byte();
    hex.uuid = flags & 1;
    hex.upper = flags & 2;
    if (flags > 3 || fixedBytes == 0 || fixedBytes > kMaxFixedBytes || (hex.uuid && fixedBytes != 16))
        in.fail();
    if (in.failed()) return {};
    hex.fixedBytes = static_cast<std::uint32_t>(fixedBytes);
    return hex;
}

HexTexts getHex(BlobReader& in, std::size_t count)
{
    HexTexts hex = getHexForm(in);
    if (in.failed()) return {};
    hex.bytes.resize(count * hex.fixedBytes);
    if (!in.array(hex.bytes.data(), hex.bytes.size())) return {};
    return hex;
}

StringTable getTexts(BlobReader& in, std::size_t count)
{
    const auto form = static_cast<TextForm>(in.byte());
    if (form == TextForm::Plain) return getPlainTexts(in, count);
    if (form != TextForm::Hex) in.fail();
    const HexTexts hex = getHex(in, count);
    if (in.failed()) return {};
    const std::size_t length = hexLength(hex.fixedBytes, hex.uuid);
    StringTable table;
    table.offsets.resize(count + 1);
    for (std::size_t i = 0; i < count; ++i)
        table.offsets[i + 1] = static_cast<std::uint32_t>((i + 1) * length);
    table.bytes.resize(count * length);
    if (!hex.uuid) { // back to back: as one
        writeHex(hex.bytes.data(), hex.bytes.size(), false, hex.upper, table.bytes.data());
        return table;
    }
    for (std::size_t i = 0; i < count; ++i)
        writeHex(hex.bytes.data() + i * hex.fixedBytes, hex.fixedBytes, true, hex.upper,
                 table.bytes.data() + i * length);
    return table;
}

void skipTexts(BlobReader& in, std::size_t count)
{
    const auto form = static_cast<TextForm>(in.byte());
    if (form == TextForm::Plain) return skipPlainTexts(in, count);
    if (form != TextForm::Hex) in.fail();
    const HexTexts hex = getHexForm(in);
    if (!in.failed()) in.skipArray(count * hex.fixedBytes);
}

} // namespace faultline
