#pragma once
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace faultline {

/// A text in 16 bytes, where it is short or an id: equal texts have equal keys, and a text that has a key
/// never stands anywhere as a text. Up to 15 bytes; 16 or 32 lower-case hex digits; a lower-case UUID; a time
/// as 2026-11-22T15:04:05.123456789Z with 0 to 9 digits behind the point.
struct ValueKey
{
    enum class Form : std::uint8_t { Short, Hex, Uuid, Time };
    std::uint64_t low = 0, high = 0;
    Form form = Form::Short;
    bool operator==(const ValueKey&) const = default;

    /// The key of a text that has one.
    static std::optional<ValueKey> of(std::string_view text)
    {
        if (text.size() < 16) return ofShort(text.data(), text.size());
        if (text.size() == 16 || text.size() == 32 || text.size() == 36) return ofDigits(text);
        if (text.size() >= 20 && text.size() <= 30 && text[10] == 'T') return ofTime(text);
        return std::nullopt;
    }
    /// Of up to 15 bytes.
    static ValueKey ofShort(const char* text, std::size_t size)
    {
        ValueKey key;
        const auto load = [text](std::size_t at, auto& word) { std::memcpy(&word, text + at, sizeof word); };
        if (size >= 8) {
            load(0, key.low);
            if (size > 8) {
                load(size - 8, key.high);
                key.high >>= 8 * (16 - size);
            }
        } else if (size >= 4) {
            std::uint32_t first = 0, last = 0;
            load(0, first);
            load(size - 4, last);
            key.low = first | std::uint64_t{last} << 8 * (size - 4);
        } else {
            for (std::size_t i = 0; i < size; ++i)
                key.low |= std::uint64_t{static_cast<unsigned char>(text[i])} << 8 * i;
        }
        key.high |= std::uint64_t{size} << 56;
        return key;
    }
    /// Of 16 lower-case hex digits, as bytes.
    static ValueKey ofHex8(const std::uint8_t* bytes)
    {
        ValueKey key;
        std::memcpy(&key.low, bytes, 8);
        key.high = kHex8;
        return key;
    }
    /// Of 32 lower-case hex digits, or of a lower-case UUID.
    static ValueKey ofBytes16(const std::uint8_t* bytes, bool uuid)
    {
        ValueKey key;
        std::memcpy(&key.low, bytes, 8);
        std::memcpy(&key.high, bytes + 8, 8);
        key.form = uuid ? Form::Uuid : Form::Hex;
        return key;
    }

    std::uint64_t hash() const
    {
        std::uint64_t mixed = (low + static_cast<std::uint64_t>(form)) * 0x9e3779b97f4a7c15u;
        mixed = (mixed ^ mixed >> 32 ^ high) * 0xd6e8feb86659fd93u;
        mixed = (mixed ^ mixed >> 32) * 0xd6e8feb86659fd93u;
        return mixed ^ mixed >> 32;
    }
    void append(std::string& out) const;

private:
    static constexpr std::uint64_t kHex8 = std::uint64_t{0x80} << 56; ///< no length of a short text
    static std::optional<ValueKey> ofDigits(std::string_view text);
    static std::optional<ValueKey> ofTime(std::string_view text);
    void appendTime(std::string& out) const;
};

} // namespace faultline
