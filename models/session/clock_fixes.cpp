#include "models/session/clock_fixes.h"

#include "models/ingest/source_settings.h"

#include <algorithm>

namespace faultline {

Result<std::vector<SourceClockFix>> sourceClockFixes(Workspace& workspace, const SkewReport& report)
{
    std::vector<SourceClockFix> fixes;
    if (report.fixes.empty()) return fixes;
    auto sources = workspace.store()->sources();
    if (!sources) return sources.error();
    for (const ClockFix& fix : report.fixes) {
        const auto source = std::find_if(sources->begin(), sources->end(), [&](const SourceRecord& record) {
            return record.path == fix.party;
        });
        if (source == sources->end()) continue;
        auto settings = workspace.sourceSettings(*source);
        if (!settings) return settings.error();
        const std::int64_t unit = fix.uncertainty >= 1'000'000 ? 1'000'000 : 1'000;
        if (fix.add > kMostClockOffset || fix.add < -kMostClockOffset) continue;
        const std::int64_t half = fix.add < 0 ? -unit / 2 : unit / 2;
        SourceClockFix made;
        made.source = source->id;
        made.path = source->path;
        made.now = settings->clockOffset;
        made.then = made.now + (fix.add + half) / unit * unit;
        made.uncertainty = fix.uncertainty;
        made.after = fix.after;
        if (made.then > kMostClockOffset || made.then < -kMostClockOffset) continue;
        fixes.push_back(std::move(made));
    }
    return fixes;
}

} // namespace faultline
