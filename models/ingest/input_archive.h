#pragma once
#include "models/base/time.h"
#include "models/ingest/byte_input.h"
#include "models/ingest/content_kind.h"

#include <memory>
#include <mutex>
#include <string>

namespace faultline {

/// One regular file in a container.
struct ArchiveMember
{
    std::size_t index = 0;   ///< its place in the container, counting every header
    std::string name;        ///< as written there; never used as a path on disk
    std::uint64_t bytes = 0; ///< decoded; 0 when the container does not say
    TimeNs modified = 0;
    std::string skipReason; ///< encrypted, a link, ...
};

/// Walks over the members of a zip or tar from front to back; holds one block of it in memory.
///
/// Threads  One.
/// Errors   A container that is cut short gives its members before the fault first.
class ArchiveCursor
{
public:
    /// `raw` is the container's own bytes (decompressed); `name` is for messages.
    static Result<std::unique_ptr<ArchiveCursor>> open(std::unique_ptr<ByteInput> raw, ContentKind kind,
                                                       std::string name);
    ~ArchiveCursor();
    ArchiveCursor(const ArchiveCursor&) = delete;
    ArchiveCursor& operator=(const ArchiveCursor&) = delete;

    /// Goes to the next file or link; false at the end. What is left of the current one is skipped.
    Result<bool> next(ArchiveMember& member);
    /// Bytes of the current member.
    Result<ByteInput::Chunk> read(char* buffer, std::size_t capacity);
    /// Headers passed so far: the index of the next one.
    std::size_t position() const;

private:
    struct Impl;
    explicit ArchiveCursor(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

/// The current member of `cursor` as a stream, which owns the cursor.
std::unique_ptr<ByteInput> makeMemberInput(std::unique_ptr<ArchiveCursor> cursor, std::uint64_t bytes);

/// Opens members of one container by index. The cursor of a member that is done is kept for the next one, so
/// that reading all members in their order decompresses a tar.gz once; at most one idle cursor is kept.
///
/// Threads  Any; members opened at the same time have cursors of their own.
class ArchiveReader : public std::enable_shared_from_this<ArchiveReader>
{
public:
    using OpenRaw = std::function<Result<std::unique_ptr<ByteInput>>()>;
    ArchiveReader(OpenRaw openRaw, ContentKind kind, std::string name);
    Result<std::unique_ptr<ByteInput>> open(std::size_t index);
    /// A cursor at the beginning.
    Result<std::unique_ptr<ArchiveCursor>> cursor() const;

private:
    class Member;
    void park(std::unique_ptr<ArchiveCursor> cursor);
    OpenRaw m_openRaw;
    ContentKind m_kind;
    std::string m_name;
    std::mutex m_mutex;
    std::unique_ptr<ArchiveCursor> m_idle;
};

} // namespace faultline
