#pragma once
#include "models/ingest/byte_input.h"

#include <cstddef>
#include <string>
#include <vector>

namespace faultline {

/// Moves entries with these paths to the front, in the order of `first`; the others keep theirs behind them.
/// Gives for each place before where that entry stands now. Any thread.
std::vector<std::size_t> putFirst(std::vector<InputEntry>& entries, const std::vector<std::string>& first);

} // namespace faultline
