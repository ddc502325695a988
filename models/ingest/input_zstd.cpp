#include "models/ingest/input_streams.h"

#include <zstd.h>

#include <algorithm>
#include <optional>
#include <vector>

namespace faultline {
namespace {

class ZstdInput final : public ByteInput
{
public:
    ZstdInput(std::unique_ptr<ByteInput> raw, std::string name)
        : m_raw(std::move(raw))
        , m_name(std::move(name))
        , m_context(ZSTD_createDCtx())
        , m_buffer(ZSTD_DStreamInSize() * 2)
    {}
    ~ZstdInput() override { ZSTD_freeDCtx(m_context); }
    ZstdInput(const ZstdInput&) = delete;
    ZstdInput& operator=(const ZstdInput&) = delete;

    Result<Chunk> read(char* buffer, std::size_t capacity) override
    {
        std::size_t filled = 0;
        while (filled < capacity && !m_fault && !m_ended) {
            if (m_at == m_end && !m_rawEnded && !m_flushing) {
                if (filled > 0 && m_raw->size() == 0) return Chunk{filled, false}; // a live pipe
                auto chunk = m_raw->read(m_buffer.data(), m_buffer.size());
                if (!chunk) {
                    m_fault = std::move(chunk).error();
                    break;
                }
                m_at = 0;
                m_end = chunk->bytes;
                m_taken += chunk->bytes;
                m_rawEnded = chunk->eof;
                if (chunk->bytes == 0 && !chunk->eof) return Chunk{filled, false};
                continue;
            }
            if (m_at == m_end && m_rawEnded && !m_flushing) {
                if (m_inFrame || m_taken == 0) fail("the zstd stream is cut short");
                m_ended = true;
                break;
            }
            filled += decompress(buffer + filled, capacity - filled);
        }
        if (filled == 0 && m_fault) return *m_fault;
        return Chunk{filled, m_ended && !m_fault};
    }
    std::uint64_t consumed() const override { return m_raw->consumed(); }
    std::uint64_t size() const override { return m_raw->size(); }

private:
    void fail(const std::string& why)
    {
        m_fault = makeError(ErrorKind::Input, "decompress " + m_name,
                            why + " at compressed byte " + std::to_string(m_taken - (m_end - m_at)),
                            {"What was decompressed before the fault is kept."});
    }

    // One block a call: zstd does not say how much it wrote in a call that fails, and the blocks before the
    // fault must be delivered.
    std::size_t decompress(char* buffer, std::size_t capacity)
    {
        ZSTD_inBuffer in{m_buffer.data() + m_at, std::min(m_hint, m_end - m_at), 0};
        ZSTD_outBuffer out{buffer, capacity, 0};
        const std::size_t left = ZSTD_decompressStream(m_context, &out, &in);
        if (ZSTD_isError(left)) {
            if (!m_inFrame && m_frames > 0)
                fail("other bytes follow the end of the zstd stream");
            else
                fail(std::string("the zstd stream has a fault (") + ZSTD_getErrorName(left) + ")");
            return 0;
        }
        m_at += in.pos;
        m_flushing = out.pos == out.size; // more may be waiting inside
        if (left == 0) {
            ++m_frames;
            m_inFrame = false;
            m_flushing = false;
            m_hint = kFrameStart;
        } else {
            if (in.pos > 0) m_inFrame = true;
            m_hint = left;
        }
        return out.pos;
    }

    static constexpr std::size_t kFrameStart = 5; // magic and descriptor: what zstd asks for first
    std::unique_ptr<ByteInput> m_raw;
    std::string m_name;
    ZSTD_DCtx* m_context;
    std::vector<char> m_buffer;
    std::size_t m_at = 0, m_end = 0;
    std::size_t m_hint = kFrameStart;
    std::uint64_t m_taken = 0, m_frames = 0;
    bool m_inFrame = false, m_flushing = false, m_rawEnded = false, m_ended = false;
    std::optional<Error> m_fault;
};

} // namespace

std::unique_ptr<ByteInput> makeZstdInput(std::unique_ptr<ByteInput> raw, std::string name)
{
    return std::make_unique<ZstdInput>(std::move(raw), std::move(name));
}

} // namespace faultline
