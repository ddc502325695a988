#pragma once
#include "models/store/sqlite.h"

#include <cstdint>
#include <string>
#include <vector>

namespace faultline {

/// What came out of a store whose B-trees are broken.
struct Salvage
{
    std::uint64_t segments = 0, events = 0;         ///< copied whole
    std::uint64_t partSegments = 0;                 ///< copied as far as they could be read: to be mended
    std::uint64_t lostSegments = 0, lostEvents = 0; ///< named in the table `damaged` of the new store
    std::vector<std::string> tables;                ///< of which not every row could be read
};

/// Copies what can be read of `damaged` into `target`, an empty store of the newest schema: the small tables
/// row by row from both ends, and of every segment, those kept for removed sources too, the directory and the
/// chunks that can be reached. Those of which parts are missing are for doctor's examination, like any
/// damaged segment. `target` is committed.
Result<Salvage> salvageStore(Connection& damaged, Connection& target, bool checksums, std::int64_t now);

} // namespace faultline
