#pragma once
#include "models/store/int_codec.h"

#include <optional>
#include <span>
#include <string_view>

namespace faultline {

/// Texts of a column while it is written: `bytes` between offsets[i] and offsets[i + 1].
struct TextSpan
{
    std::span<const std::uint32_t> offsets; ///< size() + 1 of them
    std::string_view bytes;
    std::size_t size() const { return offsets.size() - 1; }
    std::string_view at(std::size_t i) const { return bytes.substr(offsets[i], offsets[i + 1] - offsets[i]); }
};

/// Hex digits or UUIDs as bytes.
struct HexTexts
{
    std::vector<std::uint8_t> bytes; ///< fixedBytes for each text
    std::uint32_t fixedBytes = 0;
    bool uuid = false;
    bool upper = false;
};

/// Working memory, kept from column to column.
struct TextScratch
{
    IntScratch ints;
    std::vector<std::int64_t> lengths;
    HexTexts hex;
};

/// True, with `out` filled, when all texts are hex digits of one even length (4 to 2 x kMaxFixedBytes) and
/// one case, or all are UUIDs. False at the first that is not.
bool packHex(const TextSpan& texts, HexTexts& out);
/// Writes the text of one packed value: hexLength() characters.
void writeHex(const std::uint8_t* bytes, std::size_t count, bool uuid, bool upper, char* to);
inline std::size_t hexLength(std::size_t count, bool uuid)
{
    return count * 2 + (uuid ? 4 : 0);
}
/// Appends it.
void appendHex(const std::uint8_t* bytes, std::size_t count, bool uuid, bool upper, std::string& out);

/// Writes texts (at least one) in the smaller form of TextForm. The reader must know how many there are.
void putTexts(BlobWriter& out, const TextSpan& texts, TextScratch& scratch);
/// Writes texts as lengths and bytes, without a form.
void putPlainTexts(BlobWriter& out, const TextSpan& texts, TextScratch& scratch);
/// Writes what packHex() made, without a form.
void putHex(BlobWriter& out, const HexTexts& hex);

/// Read back; `count` at most 65,536. On failure `in` has failed.
StringTable getTexts(BlobReader& in, std::size_t count);
StringTable getPlainTexts(BlobReader& in, std::size_t count);
HexTexts getHex(BlobReader& in, std::size_t count);
/// Pass over the same without unpacking more than lengths.
void skipTexts(BlobReader& in, std::size_t count);
void skipPlainTexts(BlobReader& in, std::size_t count);
/// What getHex() reads before the bytes: everything but them.
HexTexts getHexForm(BlobReader& in);

} // namespace faultline
