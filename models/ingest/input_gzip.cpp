#include "models/ingest/input_streams.h"

#include <isa-l/igzip_lib.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <optional>
#include <vector>

namespace faultline {
namespace {

constexpr std::size_t kInputBytes = 256u << 10;

std::string_view faultOf(int code)
{
    switch (code) {
    case ISAL_INVALID_BLOCK: return "an invalid block";
    case ISAL_INVALID_SYMBOL: return "an invalid symbol";
    case ISAL_INVALID_LOOKBACK: return "a reference before its beginning";
    case ISAL_INVALID_WRAPPER: return "an invalid header";
    case ISAL_UNSUPPORTED_METHOD: return "a method of compression that is not deflate";
    case ISAL_INCORRECT_CHECKSUM: return "a checksum that does not fit its bytes";
    default: return "a fault";
    }
}

class GzipInput final : public ByteInput
{
public:
    GzipInput(std::unique_ptr<ByteInput> raw, std::string name)
        : m_raw(std::move(raw))
        , m_name(std::move(name))
        , m_state(std::make_unique<inflate_state>())
        , m_buffer(kInputBytes)
    {
        isal_inflate_init(m_state.get());
        m_state->crc_flag = ISAL_GZIP;
    }

    Result<Chunk> read(char* buffer, std::size_t capacity) override
    {
        capacity = std::min<std::size_t>(capacity, std::numeric_limits<std::uint32_t>::max());
        std::size_t filled = 0;
        while (filled < capacity && !m_fault && !m_ended) {
            if (m_state->avail_in == 0 && !m_rawEnded) {
                // Of a live pipe what is there, rather than waiting for a full buffer.
                if (filled > 0 && m_raw->size() == 0) return Chunk{filled, false};
                if (fill()) return Chunk{filled, false}; // a pipe whose owner asked to stop
                continue;
            }
            if (m_betweenMembers) {
                startMember();
                continue;
            }
            filled += inflate(buffer + filled, capacity - filled);
        }
        // Bytes before the fault first.
        if (filled == 0 && m_fault) return *m_fault;
        return Chunk{filled, m_ended};
    }
    std::uint64_t consumed() const override { return m_raw->consumed(); }
    std::uint64_t size() const override { return m_raw->size(); }

private:
    std::uint64_t offset() const { return m_taken - m_state->avail_in; }

    void fail(std::string why)
    {
        m_fault = makeError(ErrorKind::Input, "decompress " + m_name, std::move(why),
                            {"What was decompressed before the fault is kept."});
    }

    /// True when the raw stream gave nothing and has not ended.
    bool fill()
    {
        auto chunk = m_raw->read(reinterpret_cast<char*>(m_buffer.data()), m_buffer.size());
        if (!chunk) {
            m_fault = std::move(chunk).error();
            return false;
        }
        m_rawEnded = chunk->eof;
        m_taken += chunk->bytes;
        m_state->next_in = m_buffer.data();
        m_state->avail_in = static_cast<std::uint32_t>(chunk->bytes);
        return chunk->bytes == 0 && !chunk->eof;
    }

    // Between members: padding of zeros, another member, or bytes that do not belong here.
    void startMember()
    {
        while (m_state->avail_in > 0 && *m_state->next_in == 0 && m_members > 0) {
            ++m_state->next_in;
            --m_state->avail_in;
            m_padded = true;
        }
        if (m_state->avail_in == 0) {
            if (m_rawEnded) m_ended = true;
            return;
        }
        if (*m_state->next_in != 0x1f) {
            const std::string kind =
                m_members == 0 ? "is not gzip" : "other bytes follow the end of the gzip stream";
            fail(kind + " at compressed byte " + std::to_string(offset()));
            return;
        }
        if (m_padded) {
            fail("other bytes follow the padding after the gzip stream at compressed byte " +
                 std::to_string(offset()));
            return;
        }
        // The window of a member never reaches into the one before.
        auto* const in = m_state->next_in;
        const auto available = m_state->avail_in;
        isal_inflate_reset(m_state.get());
        m_state->crc_flag = ISAL_GZIP;
        m_state->next_in = in;
        m_state->avail_in = available;
        m_memberAt = offset();
        m_betweenMembers = false;
    }

    std::size_t inflate(char* buffer, std::size_t capacity)
    {
        m_state->next_out = reinterpret_cast<std::uint8_t*>(buffer);
        m_state->avail_out = static_cast<std::uint32_t>(capacity);
        const std::uint32_t before = m_state->avail_in;
        const int code = isal_inflate(m_state.get());
        const std::size_t made = capacity - m_state->avail_out;
        if (code < 0) {
            const bool laterHeader =
                m_members > 0 && (code == ISAL_INVALID_WRAPPER || code == ISAL_UNSUPPORTED_METHOD);
            if (laterHeader)
                fail("other bytes follow the end of the gzip stream at compressed byte " +
                     std::to_string(m_memberAt));
            else
                fail("the gzip stream has " + std::string(faultOf(code)) + " near compressed byte " +
                     std::to_string(offset()));
        } else if (m_state->block_state == ISAL_BLOCK_FINISH) {
            ++m_members;
            m_betweenMembers = true;
        } else if (made == 0 && m_state->avail_in == 0 && m_rawEnded) {
            fail("the gzip stream is cut short at compressed byte " + std::to_string(offset()));
        } else if (made == 0 && m_state->avail_in == before && before > 0) {
            fail("the gzip stream does not go on at compressed byte " + std::to_string(offset()));
        }
        return made;
    }

    std::unique_ptr<ByteInput> m_raw;
    std::string m_name;
    std::unique_ptr<inflate_state> m_state;
    std::vector<std::uint8_t> m_buffer;
    std::uint64_t m_taken = 0;    // bytes taken from m_raw
    std::uint64_t m_memberAt = 0; // where the member began
    std::uint64_t m_members = 0;  // complete ones
    bool m_betweenMembers = true;
    bool m_padded = false;
    bool m_rawEnded = false;
    bool m_ended = false;
    std::optional<Error> m_fault;
};

} // namespace

std::unique_ptr<ByteInput> makeGzipInput(std::unique_ptr<ByteInput> raw, std::string name)
{
    return std::make_unique<GzipInput>(std::move(raw), std::move(name));
}

} // namespace faultline
