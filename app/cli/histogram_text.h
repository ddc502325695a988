#pragma once
#include "app/cli/command.h"
#include "models/query/engine.h"
#include "models/session/workspace.h"

namespace faultline::cli {

/// A histogram as text: a line a bucket with its time, its counts and a bar. With groups a column for each of
/// the first six, the rest together; the bar is the sum.
void printHistogram(const Context& context, const HistogramQuestion& question, const HistogramAnswer& answer);

/// A round step (1, 2, 5, 10, 15, 30 s, m; 1, 2, 3, 6, 12 h; days) that cuts the range into at most about
/// `buckets`. An open range is that of the store.
Result<TimeNs> automaticStep(Workspace& workspace, TimeRange range, unsigned buckets);

} // namespace faultline::cli
