#include "models/ingest/input_archive.h"

#include "models/ingest/input_streams.h"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <limits>
#include <optional>
#include <vector>

namespace faultline {
namespace {

constexpr std::size_t kBlockBytes = 256u << 10;
constexpr std::uint64_t kMaxHole = 1ull << 30; // of a sparse member

/// The stream under a libarchive handle.
struct RawStream
{
    std::unique_ptr<ByteInput> input;
    std::vector<char> block = std::vector<char>(kBlockBytes);
    std::uint64_t position = 0;
    std::optional<Error> fault;
    bool ended = false;
};

la_ssize_t readRaw(archive* handle, void* data, const void** buffer)
{
    auto& raw = *static_cast<RawStream*>(data);
    *buffer = raw.block.data();
    while (!raw.ended || raw.input->seekable()) {
        auto chunk = raw.input->read(raw.block.data(), raw.block.size());
        if (!chunk) {
            raw.fault = std::move(chunk).error();
            archive_set_error(handle, EIO, "%s", raw.fault->why.c_str());
            return -1;
        }
        raw.ended = chunk->eof;
        raw.position += chunk->bytes;
        if (chunk->bytes > 0 || chunk->eof) return static_cast<la_ssize_t>(chunk->bytes);
        archive_set_error(handle, EIO, "the reading was stopped");
        return -1; // a pipe whose owner asked to stop
    }
    return 0;
}

la_int64_t seekRaw(archive* handle, void* data, la_int64_t offset, int whence)
{
    auto& raw = *static_cast<RawStream*>(data);
    la_int64_t base = 0;
    if (whence == SEEK_CUR) base = static_cast<la_int64_t>(raw.position);
    if (whence == SEEK_END) base = static_cast<la_int64_t>(raw.input->size());
    la_int64_t target = 0;
    if (__builtin_add_overflow(base, offset, &target) || target < 0) {
        archive_set_error(handle, EIO, "a place before the beginning");
        return ARCHIVE_FATAL;
    }
    if (!raw.input->seek(static_cast<std::uint64_t>(target))) return ARCHIVE_FATAL;
    raw.position = static_cast<std::uint64_t>(target);
    return target;
}

la_int64_t skipRaw(archive*, void* data, la_int64_t request)
{
    auto& raw = *static_cast<RawStream*>(data);
    const std::uint64_t size = raw.input->size();
    if (request <= 0 || raw.position >= size) return 0;
    const std::uint64_t step =
        std::min<std::uint64_t>(static_cast<std::uint64_t>(request), size - raw.position);
    if (!raw.input->seek(raw.position + step)) return 0;
    raw.position += step;
    return static_cast<la_int64_t>(step);
}

struct Handle
{
    archive* reader = archive_read_new();
    RawStream raw;
    Handle() = default;
    ~Handle() { archive_read_free(reader); }
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;

    int start()
    {
        archive_read_set_callback_data(reader, &raw);
        archive_read_set_read_callback(reader, readRaw);
        if (raw.input->seekable()) {
            archive_read_set_seek_callback(reader, seekRaw);
            archive_read_set_skip_callback(reader, skipRaw);
        }
        return archive_read_open1(reader);
    }
    std::string why() const
    {
        const char* text = archive_error_string(reader);
        return text ? text : "a fault";
    }
};

std::string memberName(archive_entry* entry, std::size_t index)
{
    const char* name = archive_entry_pathname_utf8(entry);
    if (!name) name = archive_entry_pathname(entry);
    return name && *name ? name : "member-" + std::to_string(index);
}

} // namespace

struct ArchiveCursor::Impl
{
    Handle handle;
    std::string name;
    std::size_t position = 0;
    // The block that libarchive holds and the place in the member that was given last.
    const char* block = nullptr;
    std::size_t blockLeft = 0;
    std::uint64_t blockAt = 0, given = 0;
    bool memberEnded = true;
    std::optional<Error> fault;

    Error failure(std::string_view doing) const
    {
        if (handle.raw.fault) return *handle.raw.fault;
        return makeError(ErrorKind::Input, std::string(doing) + " " + name,
                         handle.why() + " near byte " + std::to_string(handle.raw.position),
                         {"What was read before the fault is kept."});
    }
};

ArchiveCursor::ArchiveCursor(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {}
ArchiveCursor::~ArchiveCursor() = default;
std::size_t ArchiveCursor::position() const
{
    return m_impl->position;
}

Result<std::unique_ptr<ArchiveCursor>> ArchiveCursor::open(std::unique_ptr<ByteInput> raw, ContentKind kind,
                                                           std::string name)
{
    auto impl = std::make_unique<Impl>();
    impl->name = std::move(name);
    impl->handle.raw.input = std::move(raw);
    archive* const reader = impl->handle.reader;
    if (kind == ContentKind::Zip) {
        archive_read_support_format_zip(reader);
    } else {
        archive_read_support_format_tar(reader);
    }
    archive_read_support_format_empty(reader);
    if (impl->handle.start() != ARCHIVE_OK) return impl->failure("open the archive");
    return std::unique_ptr<ArchiveCursor>(new ArchiveCursor(std::move(impl)));
}

Result<bool> ArchiveCursor::next(ArchiveMember& member)
{
    Impl& impl = *m_impl;
    if (impl.fault) return *impl.fault;
    for (;;) {
        archive_entry* entry = nullptr;
        int code = ARCHIVE_RETRY;
        for (int tries = 0; code == ARCHIVE_RETRY && tries < 4; ++tries)
            code = archive_read_next_header(impl.handle.reader, &entry);
        if (code == ARCHIVE_EOF) return false;
        if (code < ARCHIVE_WARN) {
            impl.fault = impl.failure("read the archive");
            return *impl.fault;
        }
        const std::size_t index = impl.position++;
        const auto type = archive_entry_filetype(entry);
        const char* hardLink = archive_entry_hardlink(entry);
        if (!hardLink && type != AE_IFREG && type != AE_IFLNK && type != 0) continue;
        member = {};
        member.index = index;
        member.name = memberName(entry, index);
        if (!hardLink && type == 0 && member.name.ends_with('/')) continue; // a folder in a zip without modes
        if (archive_entry_size_is_set(entry))
            member.bytes = static_cast<std::uint64_t>(std::max<la_int64_t>(0, archive_entry_size(entry)));
        if (archive_entry_mtime_is_set(entry)) {
            TimeNs seconds = archive_entry_mtime(entry);
            if (__builtin_mul_overflow(seconds, kSecondNs, &member.modified)) member.modified = 0;
        }
        if (hardLink)
            member.skipReason = "a link to " + std::string(hardLink) + " in the same archive";
        else if (type == AE_IFLNK)
            member.skipReason = "a link; what it points to is read where it stands";
        else if (archive_entry_is_encrypted(entry))
            member.skipReason = "encrypted; unpack it with its password first";
        impl.block = nullptr;
        impl.blockLeft = 0;
        impl.blockAt = 0;
        impl.given = 0;
        impl.memberEnded = !member.skipReason.empty();
        return true;
    }
}

Result<ByteInput::Chunk> ArchiveCursor::read(char* buffer, std::size_t capacity)
{
    Impl& impl = *m_impl;
    std::size_t filled = 0;
    while (filled < capacity) {
        if (impl.given < impl.blockAt) { // a hole of a sparse member
            const std::size_t zeros = static_cast<std::size_t>(
                std::min<std::uint64_t>(capacity - filled, impl.blockAt - impl.given));
            std::memset(buffer + filled, 0, zeros);
            filled += zeros;
            impl.given += zeros;
            continue;
        }
        if (impl.blockLeft > 0) {
            const std::size_t step = std::min(capacity - filled, impl.blockLeft);
            std::memcpy(buffer + filled, impl.block, step);
            filled += step;
            impl.block += step;
            impl.blockLeft -= step;
            impl.given += step;
            impl.blockAt += step;
            continue;
        }
        if (impl.fault || impl.memberEnded) break;
        const void* block = nullptr;
        std::size_t bytes = 0;
        la_int64_t at = static_cast<la_int64_t>(impl.given);
        const int code = archive_read_data_block(impl.handle.reader, &block, &bytes, &at);
        if (code == ARCHIVE_EOF) {
            impl.memberEnded = true;
            if (at > 0 && static_cast<std::uint64_t>(at) > impl.given)
                impl.blockAt = static_cast<std::uint64_t>(at);
        } else if (code == ARCHIVE_RETRY) {
            continue;
        } else if (code < ARCHIVE_WARN) {
            impl.fault = impl.failure("read the archive");
        }
        // A checksum that fails comes together with the last bytes of the member.
        if (block && bytes > 0 && code != ARCHIVE_EOF) {
            impl.block = static_cast<const char*>(block);
            impl.blockLeft = bytes;
            impl.blockAt = std::max(impl.given, static_cast<std::uint64_t>(std::max<la_int64_t>(0, at)));
        }
        if (impl.blockAt - std::min(impl.given, impl.blockAt) > kMaxHole) {
            impl.fault =
                makeError(ErrorKind::Limit, "read the archive " + impl.name,
                          "a member has a hole of more than 1 GiB at its byte " + std::to_string(impl.given));
            impl.blockAt = impl.given;
            impl.blockLeft = 0;
        }
    }
    if (filled == 0 && impl.fault) return *impl.fault;
    return ByteInput::Chunk{filled, impl.memberEnded && impl.blockLeft == 0 && impl.given >= impl.blockAt};
}

namespace {

class OwnedMember final : public ByteInput
{
public:
    OwnedMember(std::unique_ptr<ArchiveCursor> cursor, std::uint64_t bytes)
        : m_cursor(std::move(cursor)), m_bytes(bytes)
    {}
    Result<Chunk> read(char* buffer, std::size_t capacity) override
    {
        auto chunk = m_cursor->read(buffer, capacity);
        if (chunk) m_consumed += chunk->bytes;
        return chunk;
    }
    std::uint64_t consumed() const override { return m_consumed; }
    // 1: not known, but not a pipe either.
    std::uint64_t size() const override { return std::max<std::uint64_t>(m_bytes, 1); }

private:
    std::unique_ptr<ArchiveCursor> m_cursor;
    std::uint64_t m_bytes, m_consumed = 0;
};

class FilterInput final : public ByteInput
{
public:
    FilterInput(std::unique_ptr<ByteInput> raw, ContentKind kind, std::string name) : m_name(std::move(name))
    {
        m_handle.raw.input = std::move(raw);
        if (kind == ContentKind::Xz) archive_read_support_filter_xz(m_handle.reader);
        if (kind == ContentKind::Bzip2) archive_read_support_filter_bzip2(m_handle.reader);
        if (kind == ContentKind::Lz4) archive_read_support_filter_lz4(m_handle.reader);
        archive_read_support_format_raw(m_handle.reader);
        archive_read_support_format_empty(m_handle.reader);
    }
    Result<Chunk> read(char* buffer, std::size_t capacity) override
    {
        if (!m_started) {
            m_started = true;
            archive_entry* entry = nullptr;
            int code = m_handle.start();
            if (code == ARCHIVE_OK) code = archive_read_next_header(m_handle.reader, &entry);
            m_ended = code == ARCHIVE_EOF;
            if (code < ARCHIVE_WARN) fail();
        }
        std::size_t filled = 0;
        while (filled < capacity && !m_ended) {
            if (m_left == 0) {
                if (m_fault) break;
                const void* block = nullptr;
                la_int64_t at = 0;
                const int code = archive_read_data_block(m_handle.reader, &block, &m_left, &at);
                m_block = static_cast<const char*>(block);
                if (!m_block) m_left = 0;
                if (code == ARCHIVE_EOF) {
                    m_ended = true;
                    m_left = 0;
                } else if (code < ARCHIVE_WARN) {
                    fail();
                    m_left = 0;
                }
                continue;
            }
            const std::size_t step = std::min(capacity - filled, m_left);
            std::memcpy(buffer + filled, m_block, step);
            filled += step;
            m_block += step;
            m_left -= step;
        }
        if (filled == 0 && m_fault) return *m_fault;
        return Chunk{filled, m_ended};
    }
    std::uint64_t consumed() const override { return m_handle.raw.input->consumed(); }
    std::uint64_t size() const override { return m_handle.raw.input->size(); }

private:
    void fail()
    {
        if (m_handle.raw.fault) {
            m_fault = m_handle.raw.fault;
            return;
        }
        const la_int64_t at = std::max<la_int64_t>(0, archive_filter_bytes(m_handle.reader, -1));
        m_fault = makeError(ErrorKind::Input, "decompress " + m_name,
                            m_handle.why() + " near compressed byte " + std::to_string(at),
                            {"What was decompressed before the fault is kept."});
    }
    Handle m_handle;
    std::string m_name;
    const char* m_block = nullptr;
    std::size_t m_left = 0;
    bool m_started = false, m_ended = false;
    std::optional<Error> m_fault;
};

} // namespace

std::unique_ptr<ByteInput> makeMemberInput(std::unique_ptr<ArchiveCursor> cursor, std::uint64_t bytes)
{
    return std::make_unique<OwnedMember>(std::move(cursor), bytes);
}

std::unique_ptr<ByteInput> makeFilterInput(std::unique_ptr<ByteInput> raw, ContentKind kind, std::string name)
{
    return std::make_unique<FilterInput>(std::move(raw), kind, std::move(name));
}

/// A member whose cursor goes back to the reader.
class ArchiveReader::Member final : public ByteInput
{
public:
    Member(std::shared_ptr<ArchiveReader> reader, std::unique_ptr<ArchiveCursor> cursor, std::uint64_t bytes)
        : m_reader(std::move(reader)), m_cursor(std::move(cursor)), m_bytes(bytes)
    {}
    ~Member() override { m_reader->park(std::move(m_cursor)); }
    Member(const Member&) = delete;
    Member& operator=(const Member&) = delete;
    Result<Chunk> read(char* buffer, std::size_t capacity) override
    {
        auto chunk = m_cursor->read(buffer, capacity);
        if (chunk) m_consumed += chunk->bytes;
        return chunk;
    }
    std::uint64_t consumed() const override { return m_consumed; }
    std::uint64_t size() const override { return std::max<std::uint64_t>(m_bytes, 1); }

private:
    std::shared_ptr<ArchiveReader> m_reader;
    std::unique_ptr<ArchiveCursor> m_cursor;
    std::uint64_t m_bytes, m_consumed = 0;
};

ArchiveReader::ArchiveReader(OpenRaw openRaw, ContentKind kind, std::string name)
    : m_openRaw(std::move(openRaw)), m_kind(kind), m_name(std::move(name))
{}

Result<std::unique_ptr<ArchiveCursor>> ArchiveReader::cursor() const
{
    auto raw = m_openRaw();
    if (!raw) return std::move(raw).error();
    return ArchiveCursor::open(std::move(*raw), m_kind, m_name);
}

void ArchiveReader::park(std::unique_ptr<ArchiveCursor> cursor)
{
    std::unique_ptr<ArchiveCursor> old; // destroyed outside the lock
    const std::lock_guard lock(m_mutex);
    old = std::exchange(m_idle, std::move(cursor));
}

Result<std::unique_ptr<ByteInput>> ArchiveReader::open(std::size_t index)
{
    std::unique_ptr<ArchiveCursor> walk;
    {
        const std::lock_guard lock(m_mutex);
        if (m_idle && m_idle->position() <= index) walk = std::move(m_idle);
    }
    if (!walk) {
        auto fresh = cursor();
        if (!fresh) return std::move(fresh).error();
        walk = std::move(*fresh);
    }
    ArchiveMember member;
    for (;;) {
        auto more = walk->next(member);
        if (!more) return std::move(more).error();
        if (!*more || member.index > index) {
            return makeError(ErrorKind::NotFound, "open a member of " + m_name,
                             "the archive changed since it was listed: member " + std::to_string(index) +
                                 " is gone");
        }
        if (member.index == index) break;
    }
    return std::unique_ptr<ByteInput>(
        std::make_unique<Member>(shared_from_this(), std::move(walk), member.bytes));
}

} // namespace faultline
