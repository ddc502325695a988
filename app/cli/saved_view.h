#pragma once
#include "app/cli/command.h"
#include "models/query/engine.h"

#include <string>

namespace faultline::cli {

/// What a view that was saved in the window selects: its query, its filters that are switched on, and its
/// range, a relative one ("the last 15 minutes") as it is at `now`. One of the store goes before one of all
/// stores.
///
/// Error: NotFound with the names there are, Damaged where what was saved cannot be read. Blocks on disk.
Result<Selection> savedSelection(const Context& context, const std::string& store, const std::string& name,
                                 TimeNs now);

} // namespace faultline::cli
