#pragma once
#include "app/cli/command.h"
#include "app/cli/table.h"
#include "models/analysis/comparison.h"

namespace faultline::cli {

/// Prints what changed: text for people (Format::Table), one object (json), an object a difference (ndjson),
/// or a row a difference (csv).
void printComparison(const Context& context, const Comparison& comparison, Format format);

} // namespace faultline::cli
