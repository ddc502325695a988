#pragma once
#include "app/cli/command.h"

#include <optional>

namespace faultline::cli {

/// `sources set`, `sources remove` and `sources restore`; nothing when the words ask for none of them.
std::optional<Result<int>> changeSources(const Context& context, const Arguments& arguments);

} // namespace faultline::cli
