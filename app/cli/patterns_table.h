#pragma once
#include "app/cli/command.h"
#include "models/query/engine.h"

#include <span>

namespace faultline::cli {

/// A line a pattern: count, the worst severity it was seen with, first and last time, text.
void printPatterns(const Context& context, std::span<const PatternSummary> patterns);

} // namespace faultline::cli
