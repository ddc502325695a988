#include "models/query/value_counts.h"

#include "models/query/value_walk.h"

namespace faultline {

ValueCount countValues(SegmentScan& scan, std::string_view field, const FieldRows& rows,
                       KeyCounter::Batch& batch)
{
    return walk::walkValues(scan, field, rows, batch);
}

} // namespace faultline
