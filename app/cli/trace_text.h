#pragma once
#include "models/analysis/trace.h"
#include "models/base/time.h"

#include <cstddef>
#include <cstdint>
#include <string>

namespace faultline::cli {

/// "1.250 s", "12.500 ms", "3 ns", "2h05m"; with a sign when it is negative.
std::string spanText(std::int64_t ns);
/// "+1.250 s" from the begin of the trace.
std::string offsetText(TimeNs time, TimeNs begin);
/// What a lane is called.
std::string laneName(const TraceLane& lane);
/// Where the lane's events are in `width` columns over the trace: spans, what lies between events, errors.
std::string laneBar(const Trace& trace, std::size_t lane, std::size_t width, bool utf8);

} // namespace faultline::cli
