#pragma once
#include "models/query/field_rows.h"
#include "models/query/key_counter.h"

#include <cstdint>
#include <string_view>

namespace faultline {

/// What one segment has of a field.
struct ValueCount
{
    std::uint64_t present = 0; ///< rows that have it
    std::uint32_t kinds = 0;   ///< bit ValueKind for each kind among them
};

/// Adds the values of a field in one segment to the batch, as texts that people group by (FieldReader): the
/// values of a dictionary once each with their count, ids as bytes, what hardly repeats row by row. What was
/// added is of no use when the scan has stopped.
ValueCount countValues(SegmentScan& scan, std::string_view field, const FieldRows& rows,
                       KeyCounter::Batch& batch);

} // namespace faultline
