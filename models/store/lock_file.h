#pragma once
#include "models/base/result.h"

#include <optional>
#include <string>

namespace faultline {

/// The right to write a store: an flock on `<store>-lock`, held until it is destroyed. Never a POSIX lock,
/// and never on the store itself: SQLite's own locks there would be cancelled by any close() in this process.
/// The file holds the writer's process number for messages; it is left behind on purpose (removing it would
/// let two processes hold locks on two files of one name).
class LockFile
{
public:
    /// Nothing when another process (or another Store of this one) has it.
    static Result<std::optional<LockFile>> tryLock(const std::string& storePath);
    /// Process number that the lock file names; 0 when not known.
    static long holder(const std::string& storePath);
    static std::string pathOf(const std::string& storePath) { return storePath + "-lock"; }

    LockFile(LockFile&& other) noexcept;
    LockFile& operator=(LockFile&& other) noexcept;
    ~LockFile();

private:
    explicit LockFile(int descriptor) : m_descriptor(descriptor) {}
    int m_descriptor = -1;
};

} // namespace faultline
