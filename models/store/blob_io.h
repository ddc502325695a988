#pragma once
#include "models/base/result.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace faultline {

/// A zstd compressor with its working memory, kept from one use to the next. One thread.
class Compressor
{
public:
    Compressor();
    ~Compressor();
    Compressor(const Compressor&) = delete;
    Compressor& operator=(const Compressor&) = delete;
    void setLevel(int level) { m_level = level; }
    /// Appends the compressed bytes to `out` when they take less than 90 % of `size`; else appends nothing.
    bool append(const void* data, std::size_t size, std::string& out);

private:
    struct Context;
    std::unique_ptr<Context> m_context;
    int m_level = 1;
};

/// Writes a blob: a stream of small numbers ("meta") and arrays. Large arrays stand behind the meta stream,
/// each compressed by itself where that pays; small ones stand in it and are compressed with it.
/// Layout: resources/help/file-format.md, "Blobs". One thread; buffers are reused from blob to blob.
class BlobWriter
{
public:
    explicit BlobWriter(Compressor& compressor) : m_compressor(compressor) {}
    void start(std::uint8_t format);
    void byte(std::uint8_t value) { m_meta.push_back(static_cast<char>(value)); }
    void varint(std::uint64_t value);
    void signedVarint(std::int64_t value)
    {
        const auto bits = static_cast<std::uint64_t>(value);
        varint((bits << 1) ^ (value < 0 ? ~std::uint64_t{0} : 0));
    }
    void text(std::string_view bytes); ///< its length, then its bytes
    /// `size` bytes whose number the reader knows.
    void array(const void* data, std::size_t size);
    std::string finish();

private:
    Compressor& m_compressor;
    std::uint8_t m_format = 0;
    std::string m_meta, m_bulk;
};

/// Reads a blob back. Never reads outside it: after the first thing that does not fit, failed() is true and
/// every answer is zero or empty. One thread.
class BlobReader
{
public:
    /// `metaLimit`: the most memory that the meta stream may take.
    BlobReader(std::string_view blob, std::size_t metaLimit);
    BlobReader(const BlobReader&) = delete;
    BlobReader& operator=(const BlobReader&) = delete;
    std::uint8_t format() const { return m_format; }
    bool failed() const { return m_failed; }
    void fail() { m_failed = true; }
    std::uint8_t byte();
    std::uint64_t varint();
    std::int64_t signedVarint()
    {
        const std::uint64_t bits = varint();
        return static_cast<std::int64_t>((bits >> 1) ^ (bits & 1 ? ~std::uint64_t{0} : 0));
    }
    std::string_view text();
    bool array(void* out, std::size_t size);
    bool skipArray(std::size_t size);
    /// Where reading is, to come back to what was passed over. seek() takes only what place() gave.
    struct Place
    {
        std::size_t meta = 0, bulk = 0;
    };
    Place place() const { return {m_at, m_bulkAt}; }
    void seek(Place place)
    {
        m_at = place.meta;
        m_bulkAt = place.bulk;
    }
    std::size_t metaLeft() const { return m_failed ? 0 : m_meta.size() - m_at; }
    /// True when all of it was read and nothing failed.
    bool finished() const { return !m_failed && m_at == m_meta.size() && m_bulkAt == m_bulk.size(); }

private:
    /// The next array as it is stored, and its tag; empty after a failure.
    std::string_view nextArray(std::size_t size, std::uint8_t& tag);
    std::uint8_t m_format = 0;
    bool m_failed = false;
    std::string m_unpacked;
    std::string_view m_meta, m_bulk;
    std::size_t m_at = 0, m_bulkAt = 0;
};

} // namespace faultline
