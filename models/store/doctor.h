#pragma once
#include "models/base/result.h"
#include "models/base/time.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace faultline {

/// One thing that doctor has to say.
struct DoctorFinding
{
    enum class Grade : std::uint8_t {
        Note,     ///< nothing to do
        Problem,  ///< wrong, and not repaired (no repair was asked for, or there is none)
        Repaired, ///< was wrong, is right now, nothing was lost
        Lost,     ///< was wrong, is consistent now, and something is gone: see what and events
    };
    Grade grade = Grade::Note;
    std::string where;        ///< "segment 12", "source 3 (app.json)", "file"
    std::string what;         ///< a sentence
    std::uint64_t events = 0; ///< concerned; exact. Of Lost: gone altogether
};

struct DoctorReport
{
    std::vector<DoctorFinding> findings;
    std::uint64_t segments = 0, columns = 0, events = 0, deletedEvents = 0, sources = 0, lostEvents = 0;
    std::uint64_t damagedEvents = 0; ///< saved without some of their values (FlagDamaged)
    std::string keptFile; ///< where the damaged file was put aside, when the store had to be written anew
    /// No problem left.
    bool healthy() const;
};

struct DoctorOptions
{
    bool repair = false;
    std::string vfs;
    std::shared_ptr<const Clock> clock;                                    ///< null: the machine's
    std::function<void(std::uint64_t done, std::uint64_t total)> progress; ///< in segments
    std::stop_token stop;
};

/// Looks at every byte of a store: SQLite's own check, every directory, chunk and document, zone maps, masks,
/// checkpoints, the account of each source against the events that are there, what would bring removed
/// sources back (checkRemovedSources()), and what belongs to nothing. With `repair` (needs the writer's lock)
/// it mends what can be mended: every value of a damaged segment that is still right goes into a new one
/// (rescueSegment()), the old one stays and is listed in the table `damaged`; orphans leave, the account says
/// what was lost; a file with broken B-trees is written anew and the old one put aside. Without `repair` it
/// reads one state for its whole length: the log of a busy writer grows meanwhile. Errors: Locked, NotFound,
/// Cancelled, DiskFull, or a file that is no store at all.
Result<DoctorReport> runDoctor(const std::string& path, const DoctorOptions& options);

} // namespace faultline
