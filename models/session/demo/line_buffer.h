#pragma once
#include <cassert>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

namespace faultline::demo {

/// Bytes of one stream until they are handed over. Appends are unchecked: a line is at most kMaxLine bytes
/// (message templates and stack traces are ours and bounded), and room() is asked for before each.
class LineBuffer
{
public:
    static constexpr std::size_t kCapacity = 256 * 1024, kMaxLine = 16 * 1024;
    LineBuffer() : m_bytes(std::make_unique<char[]>(kCapacity)), m_end(m_bytes.get()) {}

    bool room() const { return size() + kMaxLine <= kCapacity; }
    std::size_t size() const { return static_cast<std::size_t>(m_end - m_bytes.get()); }
    std::string_view view() const { return {m_bytes.get(), size()}; }
    void clear() { m_end = m_bytes.get(); }

    template <std::size_t N> LineBuffer& lit(const char (&text)[N])
    {
        std::memcpy(m_end, text, N - 1);
        m_end += N - 1;
        return *this;
    }
    LineBuffer& text(std::string_view text)
    {
        std::memcpy(m_end, text.data(), text.size());
        m_end += text.size();
        return *this;
    }
    LineBuffer& put(char c)
    {
        *m_end++ = c;
        return *this;
    }
    LineBuffer& number(std::uint64_t value)
    {
        char digits[20];
        char* first = digits + sizeof digits;
        do {
            *--first = static_cast<char>('0' + value % 10);
            value /= 10;
        } while (value != 0);
        return text({first, static_cast<std::size_t>(digits + sizeof digits - first)});
    }
    /// Exactly `width` digits, leading zeros.
    LineBuffer& padded(std::uint64_t value, unsigned width)
    {
        for (unsigned i = width; i-- > 0; value /= 10) m_end[i] = static_cast<char>('0' + value % 10);
        m_end += width;
        return *this;
    }
    LineBuffer& hex(std::uint64_t value, unsigned digits = 16)
    {
        for (unsigned i = digits; i-- > 0; value >>= 4) m_end[i] = "0123456789abcdef"[value & 15];
        m_end += digits;
        return *this;
    }
    /// A thousandth of `value`, with three decimals: microseconds as milliseconds.
    LineBuffer& thousandth(std::uint64_t value)
    {
        return number(value / 1000).put('.').padded(value % 1000, 3);
    }
    LineBuffer& hundredth(std::uint64_t value) { return number(value / 100).put('.').padded(value % 100, 2); }

private:
    std::unique_ptr<char[]> m_bytes;
    char* m_end;
};

} // namespace faultline::demo
