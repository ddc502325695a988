#pragma once
#include "models/base/result.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace faultline {

/// A stream of decoded (decompressed) bytes: a file, a member of an archive, a pipe.
///
/// Threads  One thread at a time. read() may block; a pipe's read() returns 0 bytes with eof false when
/// `stop`
///          of its owner was requested.
/// Errors   A stream that is cut short or corrupt gives the bytes before the fault first, then an Error whose
///          `why` names the compressed byte offset; the source is then Incomplete, never lost. Every further
///          read() gives the same Error.
/// Growth   A plain file may be read again after eof: it gives what was appended since.
class ByteInput
{
public:
    struct Chunk
    {
        std::size_t bytes = 0;
        bool eof = false;
    };
    virtual ~ByteInput() = default;
    /// Fills at most `capacity` bytes at `buffer`.
    virtual Result<Chunk> read(char* buffer, std::size_t capacity) = 0;
    /// Compressed bytes consumed so far, for progress; equals the decoded count for plain input.
    virtual std::uint64_t consumed() const = 0;
    /// Total compressed size, 0 when not known (pipes).
    virtual std::uint64_t size() const = 0;
    /// True when seek() works: plain files. Containers that have their index at the end need it.
    virtual bool seekable() const { return false; }
    /// Goes on reading at byte `position`.
    virtual Status seek(std::uint64_t position);
};

/// One readable thing found behind a path the user named: a plain or compressed file, or a member of an
/// archive (also of an archive in an archive).
struct InputEntry
{
    std::string path;        ///< absolute; members as "/x/a.tar.gz!dir/b.log"; "-" for stdin
    std::string name;        ///< for people: relative to what the user named
    std::uint64_t bytes = 0; ///< on disk (compressed)
    std::uint64_t device = 0, inode = 0;
    std::int64_t modified = 0; ///< TimeNs of the file's mtime
    std::string
        skipReason; ///< not empty: not a log (image, core, executable, encrypted archive), or unreadable
    bool unreadable = false; ///< skipReason says why it could not be opened
    bool judged = false;     ///< skipReason is a judgement of readable text: who names a format reads it
    std::string encoding;    ///< "UTF-16LE" where the text is read as UTF-8 and was something else
    bool missing = false;    ///< unreadable, since nothing is there: a path that was named wrongly
    bool unlooked = false;   ///< of a look within a time (DiscoverWithin): there was none left for this one
    /// Of a look within a time, for a member of an archive: its first decoded bytes, up to kSniffBytes, and
    /// whether they are all there is.
    std::string head;
    bool headIsAll = false;
    bool compressed = false; ///< of a look within a time: layers of compression were taken off
    /// Opens it from its first decoded byte.
    std::function<Result<std::unique_ptr<ByteInput>>()> open;
};

} // namespace faultline
