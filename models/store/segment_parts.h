#pragma once
#include "models/store/segment_table.h"

#include <stop_token>
#include <string>
#include <vector>

namespace faultline {

/// What is still right of a segment, column by column.
struct SegmentParts
{
    SegmentInfo info; ///< without shapes where the directory is lost; then the chunks tell the columns
    bool shapesLost = false;
    std::vector<ColumnPtr> columns; ///< absent in every row where they are not sound
    std::vector<bool> sound;
    std::vector<std::uint64_t> deleted; ///< one bit a row
    std::vector<std::string> faults;    ///< "column user: its checksum does not hold"
    std::vector<std::string> fields;    ///< damaged ones by name
};

/// Reads what is there and holds it against its checksums and formats. Errors: those of the disk; Cancelled.
Result<SegmentParts> readSoundParts(Connection& connection, const SegmentRow& row, bool withChecksums,
                                    std::stop_token stop);

/// A column that no row has.
ColumnPtr absentColumn(ValueKind kind, RowIndex rows);

} // namespace faultline
