#include "models/ingest/input_streams.h"
#include "models/records/utf8.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <vector>

namespace faultline {
namespace {

/// The three bytes that UTF-8's pattern would give a surrogate. No valid UTF-8 holds them, so they can be
/// turned back (WTF-8, https://wtf-8.codeberg.page, section 3.2), and who reads the line flags it.
void appendSurrogate(std::uint32_t unit, std::string& text)
{
    text.push_back(static_cast<char>(0xe0 | unit >> 12));
    text.push_back(static_cast<char>(0x80 | (unit >> 6 & 0x3f)));
    text.push_back(static_cast<char>(0x80 | (unit & 0x3f)));
}

class Utf16Input final : public ByteInput
{
public:
    Utf16Input(std::unique_ptr<ByteInput> raw, bool bigEndian)
        : m_raw(std::move(raw)), m_bigEndian(bigEndian), m_buffer(128u << 10)
    {}

    Result<Chunk> read(char* buffer, std::size_t capacity) override
    {
        if (m_at == m_text.size() && !m_ended && !m_fault) {
            m_text.clear();
            m_at = 0;
            auto chunk = m_raw->read(m_buffer.data() + m_kept, m_buffer.size() - m_kept);
            if (!chunk) {
                m_fault = std::move(chunk).error();
                flushEnd();
            } else {
                convert(m_kept + chunk->bytes);
                if (chunk->eof) {
                    m_ended = true;
                    flushEnd();
                }
            }
        }
        const std::size_t given = std::min(capacity, m_text.size() - m_at);
        std::memcpy(buffer, m_text.data() + m_at, given);
        m_at += given;
        if (given == 0 && m_fault) return *m_fault;
        return Chunk{given, m_ended && !m_fault && m_at == m_text.size()};
    }
    std::uint64_t consumed() const override { return m_raw->consumed(); }
    std::uint64_t size() const override { return m_raw->size(); }

private:
    void convert(std::size_t bytes)
    {
        m_text.reserve(bytes * 3 / 2 + 8);
        for (std::size_t i = 0; i + 1 < bytes; i += 2) {
            const auto a = static_cast<unsigned char>(m_buffer[i]),
                       b = static_cast<unsigned char>(m_buffer[i + 1]);
            unit(m_bigEndian ? (a << 8 | b) : (b << 8 | a));
        }
        m_kept = bytes & 1;
        if (m_kept) m_buffer[0] = m_buffer[bytes - 1];
    }

    void unit(int value)
    {
        const auto u = static_cast<std::uint32_t>(value);
        if (m_high != 0) {
            if (u >= 0xdc00 && u < 0xe000) {
                appendUtf8(0x10000 + ((m_high - 0xd800) << 10) + (u - 0xdc00), m_text);
                m_high = 0;
                return;
            }
            appendSurrogate(m_high, m_text);
            m_high = 0;
        }
        if (u >= 0xd800 && u < 0xdc00)
            m_high = u;
        else if (u >= 0xdc00 && u < 0xe000)
            appendSurrogate(u, m_text);
        else
            appendUtf8(u, m_text);
    }

    void flushEnd()
    {
        if (m_high != 0) appendSurrogate(m_high, m_text);
        if (m_kept) { // half a unit: a byte that UTF-8 never has, then the byte as a character
            m_text.push_back('\xff');
            appendUtf8(static_cast<unsigned char>(m_buffer[0]), m_text);
        }
        m_high = 0;
        m_kept = 0;
    }

    std::unique_ptr<ByteInput> m_raw;
    bool m_bigEndian;
    std::vector<char> m_buffer;
    std::string m_text;
    std::size_t m_at = 0, m_kept = 0;
    std::uint32_t m_high = 0;
    bool m_ended = false;
    std::optional<Error> m_fault;
};

class PeekInput final : public ByteInput
{
public:
    PeekInput(std::unique_ptr<ByteInput> raw, Head& head) : m_raw(std::move(raw))
    {
        m_head.resize(kSniffBytes);
        std::size_t filled = 0;
        // A pipe may give its bytes in drops: wait only for as many as the magic numbers need.
        constexpr std::size_t kEnough = 16;
        while (filled < m_head.size()) {
            auto chunk = m_raw->read(m_head.data() + filled, m_head.size() - filled);
            if (!chunk) {
                m_fault = std::move(chunk).error();
                break;
            }
            filled += chunk->bytes;
            m_ended = chunk->eof;
            if (chunk->eof || chunk->bytes == 0 || (m_raw->size() == 0 && filled >= kEnough)) break;
        }
        m_head.resize(filled);
        head.bytes = m_head;
        head.fault = m_fault.has_value();
    }

    Result<Chunk> read(char* buffer, std::size_t capacity) override
    {
        if (m_at < m_head.size()) {
            const std::size_t given = std::min(capacity, m_head.size() - m_at);
            std::memcpy(buffer, m_head.data() + m_at, given);
            m_at += given;
            if (m_at == m_head.size() && !m_ended && !m_fault && given < capacity && m_raw->size() > 0) {
                auto chunk = m_raw->read(buffer + given, capacity - given);
                if (chunk) return Chunk{given + chunk->bytes, chunk->eof};
                m_fault = std::move(chunk).error();
            }
            return Chunk{given, m_ended && m_at == m_head.size() && !m_raw->seekable()};
        }
        if (m_fault) return *m_fault;
        if (m_ended && !m_raw->seekable()) return Chunk{0, true};
        return m_raw->read(buffer, capacity);
    }
    std::uint64_t consumed() const override { return m_raw->consumed(); }
    std::uint64_t size() const override { return m_raw->size(); }

private:
    std::unique_ptr<ByteInput> m_raw;
    std::string m_head;
    std::size_t m_at = 0;
    bool m_ended = false;
    std::optional<Error> m_fault;
};

class BombGuard final : public ByteInput
{
public:
    BombGuard(std::unique_ptr<ByteInput> decoded, std::string name)
        : m_decoded(std::move(decoded)), m_name(std::move(name))
    {}
    Result<Chunk> read(char* buffer, std::size_t capacity) override
    {
        constexpr std::uint64_t kHarmless = 1ull << 30, kRatio = 10'000;
        if (m_bytes > kHarmless && m_bytes / kRatio > m_decoded->consumed()) {
            return makeError(ErrorKind::Limit, "decompress " + m_name,
                             "it grew to " + std::to_string(m_bytes) + " bytes out of " +
                                 std::to_string(m_decoded->consumed()) + ", as no log does",
                             {"Decompress it by hand when it is what you want."});
        }
        auto chunk = m_decoded->read(buffer, capacity);
        if (chunk) m_bytes += chunk->bytes;
        return chunk;
    }
    std::uint64_t consumed() const override { return m_decoded->consumed(); }
    std::uint64_t size() const override { return m_decoded->size(); }

private:
    std::unique_ptr<ByteInput> m_decoded;
    std::string m_name;
    std::uint64_t m_bytes = 0;
};

} // namespace

std::unique_ptr<ByteInput> makeBombGuard(std::unique_ptr<ByteInput> decoded, std::string name)
{
    return std::make_unique<BombGuard>(std::move(decoded), std::move(name));
}

std::unique_ptr<ByteInput> makeUtf16Input(std::unique_ptr<ByteInput> raw, bool bigEndian)
{
    return std::make_unique<Utf16Input>(std::move(raw), bigEndian);
}

std::unique_ptr<ByteInput> makePeekInput(std::unique_ptr<ByteInput> raw, Head& head)
{
    return std::make_unique<PeekInput>(std::move(raw), head);
}

} // namespace faultline
