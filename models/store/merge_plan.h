#pragma once
#include "models/store/store.h"

#include <vector>

namespace faultline {

/// Which segments to merge, as groups of indices into `segments`.
///
/// Small: fewer than half of a segment's rows and bytes left, or more than a third of the rows deleted. Small
/// segments that follow each other in time go together as long as the limits of one segment allow. A
/// member that is most of its group already is left out (else every few new rows would copy a large segment
/// again): each row is copied a logarithmic number of times.
std::vector<std::vector<std::size_t>> planMerges(const std::vector<SegmentEntry>& segments);

} // namespace faultline
