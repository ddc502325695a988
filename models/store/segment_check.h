#pragma once
#include "models/store/segment_table.h"

#include <map>
#include <stop_token>
#include <string>

namespace faultline {

/// What a look at every byte of a segment found.
struct SegmentFacts
{
    std::string fault; ///< empty: sound. The first thing that is wrong, as a sentence without a full stop
    std::map<SourceId, std::uint64_t> live; ///< events by source that no mask covers; only when sound
    RowIndex deleted = 0;
    std::uint64_t columns = 0;
};

/// Checks one segment: checksums, directory, every column (decodes, counts, zone map), order of time,
/// sources, mask, and that every document rebuilds. An Error when the disk cannot be read or `stop` ends it.
Result<SegmentFacts> checkSegment(Connection& connection, const SegmentRow& row, bool withChecksums,
                                  std::stop_token stop);

} // namespace faultline
