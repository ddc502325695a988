#pragma once
#include "models/store/segment_builder.h"

#include <optional>
#include <string>
#include <vector>

namespace faultline {

using Texts = std::vector<std::optional<std::string>>; // one a row, as appendText() must give them

/// Seals one column (the first after the row columns), and gives its entry and blob.
struct OneColumn
{
    ColumnInfo info;
    std::string blob;
    RowIndex rows = 0;
};

inline OneColumn seal(SegmentBuilder& builder)
{
    SealedSegment sealed = builder.seal();
    return {sealed.info.columns[RowColumnCount], sealed.chunks[RowColumnCount], sealed.info.rows};
}

inline void endRow(SegmentBuilder& builder, TimeNs time)
{
    const RowIndex row = builder.rows();
    Shape shape;
    shape.literals = {""};
    builder.endRow({time, row, SourceId{1}, builder.shape(shape), 0, 9, 1});
}

} // namespace faultline
