// Compressed streams and archives: bounded, the same bytes however slowly they come, an error that stays.
#include "models/ingest/input_archive.h"
#include "models/ingest/open_input.h"
#include "tests/fuzz/target.h"

#include <algorithm>
#include <memory>
#include <vector>

using namespace faultline;
using faultline::fuzz::require;

namespace {

constexpr std::size_t kMostBytes = 1u << 20; // of one stream: more is only slower
constexpr int kMostMembers = 64;

/// Bytes given in pieces, as a slow disk would.
class Memory final : public ByteInput
{
public:
    Memory(std::string_view bytes, std::size_t piece) : m_bytes(bytes), m_piece(piece) {}
    Result<Chunk> read(char* buffer, std::size_t capacity) override
    {
        const std::size_t given = std::min({capacity, m_piece, m_bytes.size() - m_at});
        m_bytes.copy(buffer, given, m_at);
        m_at += given;
        return Chunk{given, m_at == m_bytes.size()};
    }
    std::uint64_t consumed() const override { return m_at; }
    std::uint64_t size() const override { return m_bytes.size(); }
    bool seekable() const override { return true; }
    Status seek(std::uint64_t position) override
    {
        m_at = std::min<std::size_t>(position, m_bytes.size());
        return {};
    }

private:
    std::string_view m_bytes;
    std::size_t m_piece, m_at = 0;
};

struct Drained
{
    std::string bytes;
    bool failed = false;
    bool cut = false; ///< by kMostBytes
};

Drained drain(ByteInput& input)
{
    Drained result;
    std::vector<char> buffer(16 * 1024);
    while (result.bytes.size() < kMostBytes) {
        const auto chunk = input.read(buffer.data(), buffer.size());
        if (!chunk) {
            result.failed = true;
            require(!input.read(buffer.data(), buffer.size()).ok(), "an error of a stream stays");
            return result;
        }
        require(chunk->bytes <= buffer.size(), "a stream fills at most the buffer");
        result.bytes.append(buffer.data(), chunk->bytes);
        if (chunk->eof) return result;
    }
    result.cut = true;
    return result;
}

Drained decode(std::string_view bytes, std::size_t piece, ContentKind& kind)
{
    auto stream = decodeStream(std::make_unique<Memory>(bytes, piece), "input");
    if (!stream) return {{}, true, false};
    kind = stream->guess.kind;
    return drain(*stream->input);
}

void walk(std::string_view bytes, ContentKind kind)
{
    auto cursor = ArchiveCursor::open(std::make_unique<Memory>(bytes, 1u << 20), kind, "input");
    if (!cursor) return;
    ArchiveMember member;
    for (int i = 0; i < kMostMembers; ++i) {
        const auto more = (*cursor)->next(member);
        if (!more || !*more) return;
        if (!member.skipReason.empty()) continue;
        std::vector<char> buffer(16 * 1024);
        for (std::size_t all = 0; all < kMostBytes;) {
            const auto chunk = (*cursor)->read(buffer.data(), buffer.size());
            if (!chunk || chunk->eof) break;
            all += chunk->bytes;
        }
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view bytes = fuzz::viewOf(data, size);
    ContentKind kind = ContentKind::Empty, slowKind = ContentKind::Empty;
    const Drained whole = decode(bytes, 1u << 20, kind);
    const Drained slow = decode(bytes, 13, slowKind);
    require(kind == slowKind, "a stream is the same however slowly it comes");
    if (!whole.cut && !slow.cut && !whole.failed && !slow.failed)
        require(whole.bytes == slow.bytes, "the bytes are the same however slowly they come");
    require(whole.failed == slow.failed || whole.cut != slow.cut,
            "a fault is one however slowly the bytes come");
    for (const ContentKind container : {ContentKind::Zip, ContentKind::Tar})
        if (kind == container) walk(bytes, container);
    return 0;
}
