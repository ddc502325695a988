#pragma once
#include "models/store/blob_io.h"
#include "models/store/segment.h"

#include <cstddef>
#include <string>

namespace faultline {

// What decodeColumn() and TextParts share.

/// Most memory that the small numbers of a column's blob may take.
inline constexpr std::size_t kColumnMetaBytes = std::size_t{64} << 20;

Error damagedColumn(const ColumnInfo& info, std::string why);
/// Whether a column with this directory entry can have a blob at all.
Status checkColumnEntry(const ColumnInfo& info, RowIndex rows);
/// The rows that have a value, from the head of a blob that was just opened; checks them against the
/// directory.
Result<Presence> beginColumn(BlobReader& in, const ColumnInfo& info, RowIndex rows);

} // namespace faultline
