#pragma once
#include "models/store/doctor.h"
#include "models/store/source_record.h"
#include "models/store/sqlite.h"

#include <map>

namespace faultline {

/// Doctor's look at what takes changes of sources back: the tables source_change and removed_*, the segments
/// that are kept for removed sources alone, and segments of a change that did not end.
///
/// Comes after the segments were looked at (and, with a repair, mended): rows of a removed source that were
/// in a damaged segment are lost to it, and its account says so. `live`: events that no mask covers, by
/// source; those of removed sources that were covered again are taken out of it, and out of the report's
/// events. Errors: those of the disk; Cancelled.
Status checkRemovedSources(Connection& connection, const DoctorOptions& options, bool checksums,
                           std::map<SourceId, std::uint64_t>& live, DoctorReport& report);

} // namespace faultline
