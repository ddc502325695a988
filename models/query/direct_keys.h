#pragma once
#include "models/query/key_counter.h"
#include "models/query/segment_scan.h"

#include <optional>
#include <string_view>

namespace faultline {

/// Counts the values of a field whose column repeats few of them within a segment (heap, ids, templates with
/// variables): each row goes to the counter at once, where numbering the values of the segment first would be
/// work for nothing. Keys are `prefix` and the value. Gives the number of rows that have one; nothing, and no
/// key added, when the column is of another form.
std::optional<RowIndex> addDirectly(SegmentScan& scan, std::string_view field, const SelectedRows& selected,
                                    std::string_view prefix, KeyCounter::Batch& batch);

} // namespace faultline
