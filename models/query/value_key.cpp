#include "models/query/value_key.h"

#include "models/store/text_codec.h"

#include <array>

namespace faultline {

namespace {

constexpr std::uint8_t kNoDigit = 0xff;

constexpr std::array<std::uint8_t, 256> kDigits = [] {
    std::array<std::uint8_t, 256> digits{};
    for (auto& digit : digits) digit = kNoDigit;
    for (std::uint8_t i = 0; i < 10; ++i) digits[static_cast<std::size_t>('0' + i)] = i;
    for (std::uint8_t i = 0; i < 6; ++i)
        digits[static_cast<std::size_t>('a' + i)] = static_cast<std::uint8_t>(10 + i);
    return digits;
}();

// What a time looks like up to its seconds; 0 stands for any digit.
constexpr std::string_view kTimeForm = "0000-00-00T00:00:00";

/// Digits of `text` to bytes; `dashes` as a UUID has them. False at anything else.
bool readHex(std::string_view text, bool dashes, std::uint8_t* bytes)
{
    for (std::size_t at = 0; at + 1 < text.size(); at += 2) {
        if (dashes && (at == 8 || at == 13 || at == 18 || at == 23)) {
            if (text[at] != '-') return false;
            ++at;
        }
        const std::uint8_t first = kDigits[static_cast<unsigned char>(text[at])];
        const std::uint8_t second = kDigits[static_cast<unsigned char>(text[at + 1])];
        if (first == kNoDigit || second == kNoDigit) return false;
        *bytes++ = static_cast<std::uint8_t>(first << 4 | second);
    }
    return true;
}

} // namespace

std::optional<ValueKey> ValueKey::ofDigits(std::string_view text)
{
    std::array<std::uint8_t, 16> bytes{};
    const bool uuid = text.size() == 36;
    if (!readHex(text, uuid, bytes.data())) return std::nullopt;
    return text.size() == 16 ? ofHex8(bytes.data()) : ofBytes16(bytes.data(), uuid);
}

/// Digit after digit in four bits each, 16 in `low`; how many stand behind the point in the last byte.
std::optional<ValueKey> ValueKey::ofTime(std::string_view text)
{
    if (text.back() != 'Z' || text.size() == kTimeForm.size() + 2) return std::nullopt;
    ValueKey key;
    key.form = Form::Time;
    unsigned digits = 0;
    const auto put = [&](char c) {
        const auto digit = static_cast<unsigned>(c) - unsigned{'0'};
        if (digit > 9) return false;
        (digits < 16 ? key.low : key.high) |= std::uint64_t{digit} << 4 * (digits & 15);
        ++digits;
        return true;
    };
    for (std::size_t i = 0; i < kTimeForm.size(); ++i) {
        if (kTimeForm[i] == '0' ? !put(text[i]) : text[i] != kTimeForm[i]) return std::nullopt;
    }
    const unsigned whole = digits;
    if (text.size() > kTimeForm.size() + 1) {
        if (text[kTimeForm.size()] != '.') return std::nullopt;
        for (std::size_t i = kTimeForm.size() + 1; i + 1 < text.size(); ++i)
            if (!put(text[i])) return std::nullopt;
    }
    key.high |= std::uint64_t{digits - whole} << 56;
    return key;
}

void ValueKey::appendTime(std::string& out) const
{
    unsigned digits = 0;
    const auto take = [&] {
        const std::uint64_t word = digits < 16 ? low : high;
        return static_cast<char>('0' + static_cast<char>(word >> 4 * (digits++ & 15) & 15));
    };
    for (const char c : kTimeForm) out += c == '0' ? take() : c;
    const auto behind = static_cast<unsigned>(high >> 56);
    if (behind > 0) out += '.';
    for (unsigned i = 0; i < behind; ++i) out += take();
    out += 'Z';
}

void ValueKey::append(std::string& out) const
{
    if (form == Form::Time) return appendTime(out);
    std::array<std::uint8_t, 16> bytes;
    std::memcpy(bytes.data(), &low, 8);
    std::memcpy(bytes.data() + 8, &high, 8);
    if (form != Form::Short)
        appendHex(bytes.data(), 16, form == Form::Uuid, false, out);
    else if (high == kHex8)
        appendHex(bytes.data(), 8, false, false, out);
    else
        out.append(reinterpret_cast<const char*>(bytes.data()), bytes[15]);
}

} // namespace faultline
