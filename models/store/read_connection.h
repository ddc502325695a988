#pragma once
#include "models/store/sqlite.h"

#include <memory>
#include <string>

namespace faultline {

/// The one place where connections for reading are made: the pool, the watcher, doctor and the SQL console
/// all come here. 2 MB of page cache, no memory map, query_only.
Result<std::unique_ptr<Connection>> openReadConnection(const std::string& path, const std::string& vfs,
                                                       bool immutable);

} // namespace faultline
