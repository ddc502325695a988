#pragma once
#include "models/store/store.h"

#include <set>
#include <string>

namespace faultline {

/// The fields that have a column with values in any segment, by path, and the canonical ones that events
/// have. From directories alone; any thread.
std::set<std::string> storedFieldNames(const StoreSnapshot& snapshot);

} // namespace faultline
