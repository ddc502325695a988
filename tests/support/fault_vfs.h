#pragma once
#include <cstdint>

namespace faultline::testing {

/// A call of SQLite to the file system; a bit each.
enum IoCall : std::uint32_t {
    IoRead = 1,
    IoWrite = 2,
    IoSync = 4,
    IoTruncate = 8,
    IoFileSize = 16,
    IoOpen = 32,
    IoDelete = 64,
    IoShmMap = 128,
    IoAll = 255,
};

/// What to do to which call.
struct Fault
{
    std::uint32_t calls = 0; ///< IoCall bits that count
    std::uint64_t at = 0;    ///< the at-th of them fails, from 1; 0: none
    bool sticky = false;     ///< and all of them after it
    bool full = false;       ///< writes fail with SQLITE_FULL instead of SQLITE_IOERR_WRITE
    bool shortRead = false;  ///< reads give half of the bytes and zeros
    bool kill = false;       ///< the process dies there (SIGKILL) instead
};

/// An SQLite VFS named "fault" over the system's: counts calls and lets some fail. A write that fails has
/// written half of its bytes. One for the whole program, since SQLite registers it so; any thread.
class FaultVfs
{
public:
    static const char* name();           ///< registers it at the first call
    static void arm(const Fault& fault); ///< counting starts anew
    static void disarm();
    static std::uint64_t calls();    ///< that matched since arm()
    static std::uint64_t failures(); ///< since arm()
};

} // namespace faultline::testing
