#pragma once
#include "models/analysis/trace.h"
#include "models/base/ids.h"
#include "models/session/workspace.h"

#include <cstdint>
#include <string>
#include <vector>

namespace faultline {

/// A ClockFix as a change of a source's settings: `then` is what SourceSettings::clockOffset is to become
/// (`faultline sources set N --offset`, which can be undone).
struct SourceClockFix
{
    SourceId source;
    std::string path;
    std::int64_t now = 0, then = 0; ///< ns
    std::int64_t uncertainty = 0;   ///< ns
    std::string after;              ///< path of the source whose clock is taken for right
};

/// The fixes of a report over sources (SkewQuestion::party "source"); rounded to whole milliseconds where the
/// estimate is no finer, else to microseconds. A source that is gone, or would be moved by more than
/// kMostClockOffset, has none. Blocks on disk.
Result<std::vector<SourceClockFix>> sourceClockFixes(Workspace& workspace, const SkewReport& report);

} // namespace faultline
