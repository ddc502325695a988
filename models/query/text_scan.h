#pragma once
#include "models/query/leaf_test.h"
#include "models/query/row_set.h"
#include "models/query/segment_scan.h"
#include "models/store/text_parts.h"

#include <functional>
#include <string_view>

namespace faultline {

/// The test of one text, exactly. Called for few texts: distinct values, and what the hints leave over.
using TextTest = std::function<bool(std::string_view)>;

/// The rows of a text column (Text, Number or Json kind, any form) whose value passes. Exact for the rows in
/// `within`; others may be missing. Unpacks no more of the column than it takes. The hints hold for the texts
/// as they are in the column: give none where values are numbers or inside JSON.
RowSet scanTexts(SegmentScan& scan, TextParts& parts, const TextHints& hints, const TextTest& test,
                 const RowSet& within);

/// The texts of a table that pass, one bit each.
std::vector<std::uint64_t> scanTable(SegmentScan& scan, const StringTable& table, const TextHints& hints,
                                     const TextTest& test);

} // namespace faultline
