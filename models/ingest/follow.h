#pragma once
#include "models/base/result.h"
#include "models/base/time.h"
#include "models/ingest/byte_input.h"
#include "models/ingest/file_changes.h"

#include <chrono>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace faultline {

/// A file as it is followed: its content from its creation (or its last truncation) on, whatever its name.
/// Never used twice.
using FollowId = std::uint64_t;

/// What happened to a followed file. Hints for the pipeline, in the order in which to act on them: what
/// belongs to an older file comes before the new file that took its name.
struct FollowEvent
{
    enum class Kind : std::uint8_t {
        Appeared,   ///< a file to read: look into it (inspectFile), say what is new (decideWhatIsNew), read
                    ///< open(file)
        Grown,      ///< there are bytes up to `size`
        Renamed,    ///< now at `path`, before at `previousPath`; its bytes go on under the same descriptor
        Truncated,  ///< the content of `previous` was cut or replaced in place: `file` is a new generation of
                    ///< `path`, to be treated as Appeared; `previous` has ended, what was not read of it is
                    ///< gone
        Removed,    ///< no name any more; it may still grow, what is there can still be read
        Compressed, ///< `previous` is now at `path` in a compressed file `file`: to be treated as Appeared
        Ended, ///< removed and quiet for a while, or given up: read it to its end, its descriptor closes next
               ///< time
    };
    Kind kind = Kind::Grown;
    FollowId file = 0;
    FollowId previous = 0;    ///< Truncated, Compressed, and Appeared in the place of another file
    std::string path;         ///< absolute; where it was last, for Removed and Ended
    std::string previousPath; ///< Renamed
    std::uint64_t size = 0;   ///< in bytes on disk
    std::uint64_t device = 0, inode = 0;
};

/// Watches files, folders (recursive) and globs as discoverInputs() takes them.
///
/// A followed file is known by its open descriptor, so that a name, an inode that is used again or a link
/// that points elsewhere cannot confuse it: what is written to a file after it was renamed or unlinked is
/// still seen. Content that was replaced in place is noticed by the size, the first 256 and the last 64 bytes
/// known. The file system is compared with what is known at every hint of the ChangeSource, and at least
/// every Options::rescan (without a working watch: Options::poll).
///
/// Threads  One; open() streams may be read by others.
/// Limits   At most Options::maxOpen descriptors are held; of more files those that changed last.
class Follower
{
public:
    struct Options
    {
        std::chrono::milliseconds rescan{2000}, poll{250};
        std::chrono::milliseconds linger{60'000}; ///< a removed file that is quiet for so long has ended
        std::chrono::milliseconds settle{1000};   ///< a compressed file that is quiet for so long is complete
        std::size_t maxOpen = 512;
    };
    Follower(std::vector<std::string> paths, Options options, std::shared_ptr<const Clock> clock,
             std::unique_ptr<ChangeSource> changes);
    ~Follower();
    Follower(const Follower&) = delete;
    Follower& operator=(const Follower&) = delete;

    /// Returns when something happened, after `timeout` (then empty), or on `stop`. The first call gives an
    /// Appeared for every file that is there, in the order of discoverInputs(). A zero timeout looks once and
    /// returns.
    Result<std::vector<FollowEvent>> wait(std::chrono::milliseconds timeout, std::stop_token stop);

    /// The file's own bytes (not decompressed) from byte `position`, also when it has another name or none by
    /// now. The stream stays good after the file has ended. NotFound when it is gone and its descriptor was
    /// given up.
    Result<std::unique_ptr<ByteInput>> open(FollowId file, std::uint64_t position = 0);

    /// True while changes are only found by looking regularly (no inotify, or its limits are reached).
    bool polling() const;

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace faultline
