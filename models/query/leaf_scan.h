#pragma once
#include "models/query/match.h"
#include "models/query/row_set.h"
#include "models/query/segment_scan.h"

#include <string>

namespace faultline {

/// A leaf of a filter over one segment: the directory first, then distinct values and templates, then rows.
/// Exact for the rows in `within`; of the others some may be missing.
RowSet scanLeaf(SegmentScan& scan, const ValueTest& test, const std::string& field, const RowSet& within);

} // namespace faultline
