#pragma once
#include "models/base/result.h"
#include "models/store/segment.h"
#include "models/store/store.h"

#include <span>
#include <stop_token>
#include <vector>

namespace faultline {

/// Copies the rows of `inputs` that are not deleted into new segments, in order of (time, source, ordinal),
/// each within the limits of a segment. Shapes, columns and flags are those of the inputs; every document
/// rebuilds to the same bytes. No output when all rows are deleted. Cancelled when `stop` is requested; other
/// errors are those of reading the columns. Takes the memory of the inputs' columns decoded, at most. Any
/// thread.
Result<std::vector<SealedSegment>> mergeSegments(std::span<const SegmentEntry> inputs, ColumnSource& columns,
                                                 std::stop_token stop);

} // namespace faultline
