#include "models/store/blob_io.h"

#include "models/base/hash.h"

#include <zstd.h>

#include <array>
#include <cstring>

namespace faultline {
namespace {

// Tags of an array, and of the meta stream itself. Stored.
constexpr std::uint8_t kInline = 0; // in the meta stream (for the meta stream: not compressed)
constexpr std::uint8_t kBulk = 1;
constexpr std::uint8_t kBulkZstd = 2;

constexpr std::size_t kInlineBytes = 192; // below this an array gains nothing from a frame of its own
constexpr std::size_t kCheckBytes = 4;

void appendVarint(std::uint64_t value, std::string& out)
{
    while (value >= 0x80) {
        out.push_back(static_cast<char>(value | 0x80));
        value >>= 7;
    }
    out.push_back(static_cast<char>(value));
}

bool readVarint(std::string_view bytes, std::size_t& at, std::uint64_t& value)
{
    value = 0;
    for (unsigned shift = 0; shift < 64 && at < bytes.size(); shift += 7) {
        const auto byte = static_cast<std::uint8_t>(bytes[at++]);
        if (shift == 63 && byte > 1) return false;
        value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
        if (byte < 0x80) return true;
    }
    return false;
}

std::uint32_t checkOf(std::string_view bytes)
{
    return static_cast<std::uint32_t>(hash64(bytes));
}

/// True for bytes that look like random ones: no entropy coder would shrink them, and looking for matches in
/// them is what compressing a segment would spend its time on.
bool looksRandom(const std::uint8_t* data, std::size_t size)
{
    constexpr std::size_t pieces = 8, pieceBytes = 512;
    if (size < pieces * pieceBytes) return false;
    std::array<std::uint16_t, 256> counts{};
    for (std::size_t piece = 0; piece < pieces; ++piece) {
        const std::uint8_t* from = data + piece * ((size - pieceBytes) / (pieces - 1));
        for (std::size_t i = 0; i < pieceBytes; ++i) ++counts[from[i]];
    }
    std::uint64_t squares = 0;
    for (const std::uint64_t count : counts) squares += count * count;
    // Expected for uniform bytes: n + n^2 / 256. A fifth above that is about 7.75 bits a byte.
    constexpr std::uint64_t n = pieces * pieceBytes;
    return squares < n + n * n / 256 + n * n / 256 / 5;
}

ZSTD_DCtx* threadDecompressor()
{
    struct Free
    {
        void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
    };
    // Scratch memory of the library, not state: one for each thread that reads.
    static thread_local std::unique_ptr<ZSTD_DCtx, Free> context(ZSTD_createDCtx());
    return context.get();
}

bool unpack(std::string_view stored, void* out, std::size_t size)
{
    ZSTD_DCtx* context = threadDecompressor();
    if (context == nullptr) return false;
    const std::size_t got = ZSTD_decompressDCtx(context, out, size, stored.data(), stored.size());
    return !ZSTD_isError(got) && got == size;
}

} // namespace

struct Compressor::Context
{
    ZSTD_CCtx* zstd = ZSTD_createCCtx();
    ~Context() { ZSTD_freeCCtx(zstd); }
};

Compressor::Compressor() : m_context(std::make_unique<Context>()) {}
Compressor::~Compressor() = default;

bool Compressor::append(const void* data, std::size_t size, std::string& out)
{
    if (m_context->zstd == nullptr || looksRandom(static_cast<const std::uint8_t*>(data), size)) return false;
    const std::size_t before = out.size();
    const std::size_t room = size - size / 10; // does not fit: does not pay
    out.resize(before + room);
    const std::size_t got =
        ZSTD_compressCCtx(m_context->zstd, out.data() + before, room, data, size, m_level);
    const bool pays = !ZSTD_isError(got) && got < room;
    out.resize(pays ? before + got : before);
    return pays;
}

void BlobWriter::start(std::uint8_t format)
{
    m_format = format;
    m_meta.clear();
    m_bulk.clear();
}

void BlobWriter::varint(std::uint64_t value)
{
    appendVarint(value, m_meta);
}

void BlobWriter::text(std::string_view bytes)
{
    varint(bytes.size());
    m_meta.append(bytes);
}

void BlobWriter::array(const void* data, std::size_t size)
{
    if (size == 0) return;
    if (size < kInlineBytes) {
        byte(kInline);
        m_meta.append(static_cast<const char*>(data), size);
        return;
    }
    const std::size_t before = m_bulk.size();
    if (m_compressor.append(data, size, m_bulk)) {
        byte(kBulkZstd);
        varint(m_bulk.size() - before);
    } else {
        byte(kBulk);
        m_bulk.append(static_cast<const char*>(data), size);
    }
}

std::string BlobWriter::finish()
{
    std::string packed;
    const bool zstd =
        m_meta.size() >= kInlineBytes && m_compressor.append(m_meta.data(), m_meta.size(), packed);
    const std::string& meta = zstd ? packed : m_meta;
    std::string blob;
    blob.reserve(2 + 20 + meta.size() + m_bulk.size() + kCheckBytes);
    blob.push_back(static_cast<char>(m_format));
    blob.push_back(static_cast<char>(zstd ? kBulkZstd : kInline));
    appendVarint(m_meta.size(), blob);
    if (zstd) appendVarint(meta.size(), blob);
    blob.append(meta).append(m_bulk);
    const std::uint32_t check = checkOf(blob);
    for (unsigned i = 0; i < kCheckBytes; ++i) blob.push_back(static_cast<char>(check >> (8 * i)));
    return blob;
}

BlobReader::BlobReader(std::string_view blob, std::size_t metaLimit)
{
    m_failed = true;
    if (blob.size() < 3 + kCheckBytes) return;
    std::uint32_t check = 0;
    for (unsigned i = 0; i < kCheckBytes; ++i)
        check |= static_cast<std::uint32_t>(static_cast<std::uint8_t>(blob[blob.size() - kCheckBytes + i]))
                 << (8 * i);
    blob.remove_suffix(kCheckBytes);
    if (check != checkOf(blob)) return;
    m_format = static_cast<std::uint8_t>(blob[0]);
    const auto tag = static_cast<std::uint8_t>(blob[1]);
    std::size_t at = 2;
    std::uint64_t size = 0, stored = 0;
    if ((tag != kInline && tag != kBulkZstd) || !readVarint(blob, at, size) || size > metaLimit) return;
    stored = size;
    if (tag == kBulkZstd && !readVarint(blob, at, stored)) return;
    if (stored > blob.size() - at) return;
    m_meta = blob.substr(at, stored);
    m_bulk = blob.substr(at + stored);
    if (tag == kBulkZstd) {
        m_unpacked.resize(size);
        if (!unpack(m_meta, m_unpacked.data(), size)) return;
        m_meta = m_unpacked;
    }
    m_failed = false;
}

std::uint8_t BlobReader::byte()
{
    if (m_failed || m_at == m_meta.size()) {
        m_failed = true;
        return 0;
    }
    return static_cast<std::uint8_t>(m_meta[m_at++]);
}

std::uint64_t BlobReader::varint()
{
    std::uint64_t value = 0;
    if (m_failed || !readVarint(m_meta, m_at, value)) {
        m_failed = true;
        return 0;
    }
    return value;
}

std::string_view BlobReader::text()
{
    const std::uint64_t size = varint();
    if (m_failed || size > m_meta.size() - m_at) {
        m_failed = true;
        return {};
    }
    m_at += size;
    return m_meta.substr(m_at - size, size);
}

std::string_view BlobReader::nextArray(std::size_t size, std::uint8_t& tag)
{
    tag = byte();
    std::uint64_t stored = size;
    if (tag == kBulkZstd) stored = varint();
    if (m_failed || tag > kBulkZstd) {
        m_failed = true;
        return {};
    }
    const std::string_view from = tag == kInline ? m_meta : m_bulk;
    std::size_t& at = tag == kInline ? m_at : m_bulkAt;
    if (stored > from.size() - at) {
        m_failed = true;
        return {};
    }
    at += stored;
    return from.substr(at - stored, stored);
}

bool BlobReader::array(void* out, std::size_t size)
{
    if (size == 0) return !m_failed;
    std::uint8_t tag = kInline;
    const std::string_view stored = nextArray(size, tag);
    if (m_failed) return false;
    if (tag != kBulkZstd)
        std::memcpy(out, stored.data(), size);
    else if (!unpack(stored, out, size))
        m_failed = true;
    return !m_failed;
}

bool BlobReader::skipArray(std::size_t size)
{
    std::uint8_t tag = kInline;
    if (size > 0) nextArray(size, tag);
    return !m_failed;
}

} // namespace faultline
