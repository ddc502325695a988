#pragma once
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace faultline {

/// One line of a source.
struct FramedLine
{
    std::string_view text;      ///< without its end (LF or CR LF); at most the limit of the framer
    std::uint64_t position = 0; ///< of its first byte in the source
    std::uint64_t bytes = 0;    ///< with its end and with what was cut
    std::uint64_t cutBytes = 0; ///< of the text past the limit
};

/// Cuts a stream of bytes, given in pieces of any size, into lines. A line that lies within one piece is not
/// copied. Memory: the part of one line, at most the limit. One thread at a time.
class LineFramer
{
public:
    explicit LineFramer(std::size_t limit) : m_limit(limit) {}

    /// Calls onLine(const FramedLine&) for each line that is complete; the text is valid during the call.
    template <class F> void feed(std::string_view bytes, std::uint64_t position, F&& onLine)
    {
        std::size_t at = 0;
        while (at < bytes.size()) {
            const void* const found = std::memchr(bytes.data() + at, '\n', bytes.size() - at);
            if (found == nullptr) {
                hold(bytes.substr(at), position + at);
                return;
            }
            const std::size_t end = static_cast<std::size_t>(static_cast<const char*>(found) - bytes.data());
            if (m_heldBytes == 0) {
                emit(bytes.substr(at, end - at), end - at, position + at, 1, onLine);
            } else {
                hold(bytes.substr(at, end - at), position + at);
                emit(m_held, m_heldBytes, m_heldPosition, 1, onLine);
                release();
            }
            at = end + 1;
        }
    }
    /// The last line may have no end.
    template <class F> void finish(F&& onLine)
    {
        if (m_heldBytes > 0) emit(m_held, m_heldBytes, m_heldPosition, 0, onLine);
        release();
    }
    std::uint64_t held() const { return m_heldBytes; }

private:
    void hold(std::string_view bytes, std::uint64_t position)
    {
        if (m_heldBytes == 0) m_heldPosition = position;
        m_heldBytes += bytes.size();
        const std::size_t room = m_limit + 1 > m_held.size() ? m_limit + 1 - m_held.size() : 0;
        m_held.append(bytes.substr(0, room));
        if (!bytes.empty()) m_lastByte = bytes.back();
    }
    void release()
    {
        m_held.clear();
        m_heldBytes = 0;
    }
    template <class F>
    void emit(std::string_view text, std::uint64_t length, std::uint64_t position, std::uint64_t endBytes,
              F&& onLine)
    {
        FramedLine line;
        line.position = position;
        line.bytes = length + endBytes;
        const char last = text.size() == length ? (text.empty() ? '\0' : text.back()) : m_lastByte;
        if (endBytes > 0 && last == '\r') {
            --length;
            if (text.size() > length) text.remove_suffix(text.size() - length);
        }
        if (length > m_limit) {
            std::size_t keep = m_limit;
            // Not inside a character.
            while (keep > 0 && keep + 4 > m_limit && (static_cast<unsigned char>(text[keep]) & 0xc0) == 0x80)
                --keep;
            text = text.substr(0, keep);
            line.cutBytes = length - keep;
        }
        line.text = text;
        onLine(static_cast<const FramedLine&>(line));
    }
    std::size_t m_limit;
    std::string m_held;
    std::uint64_t m_heldBytes = 0, m_heldPosition = 0;
    char m_lastByte = 0;
};

} // namespace faultline
