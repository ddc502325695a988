#pragma once
#include "app/cli/table.h"
#include "models/analysis/trace.h"
#include "models/session/clock_fixes.h"

#include <optional>
#include <string>
#include <vector>

namespace faultline::cli {

/// Lanes with bars over time, gaps and events; as JSON one object; as ndjson its events.
void printTrace(const Context& context, const Trace& trace, const std::string& lane, Format format);

enum class TraceOrder { Busiest, Slowest, Failing };
/// One list, or all three.
void printTopTraces(const Context& context, const TopTraces& traces, std::optional<TraceOrder> order,
                    Format format);

/// `fixes` with the commands that would make them; `all`: also pairs of which nothing can be said.
void printSkew(const Context& context, const SkewReport& report, const std::vector<SourceClockFix>& fixes,
               const std::string& storeOption, bool all, Format format);

} // namespace faultline::cli
