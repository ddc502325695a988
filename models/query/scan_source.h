#pragma once
#include "models/store/segment.h"
#include "models/store/store.h"

#include <map>
#include <memory>
#include <string>

namespace faultline {

/// What the local engine reads: snapshots, columns and the names of sources. The store gives it
/// (scanSourceOf()), tests make one in memory. Any thread.
class ScanSource : public ColumnSource
{
public:
    virtual Result<SnapshotPtr> snapshot() = 0;
    /// Name of each source for people and queries: its path.
    virtual Result<std::map<SourceId, std::string>> sourceNames() = 0;
};

/// The store as a ScanSource; holds it.
std::shared_ptr<ScanSource> scanSourceOf(std::shared_ptr<Store> store);

} // namespace faultline
