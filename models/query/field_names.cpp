#include "models/query/field_names.h"

#include "models/query/field_reader.h"

namespace faultline {

std::set<std::string> storedFieldNames(const StoreSnapshot& snapshot)
{
    std::set<std::string> names;
    for (const SegmentEntry& entry : snapshot.segments) {
        const SegmentInfo& info = *entry.info;
        for (std::size_t c = RowColumnCount; c < info.columns.size(); ++c)
            if (info.columns[c].present > 0) names.insert(info.columns[c].path);
        for (const Shape& shape : info.shapes) {
            for (std::size_t c = 0; c < kCanonicalCount; ++c)
                if (shape.canonical[c] != kNoColumn)
                    names.insert(std::string(canonicalName(static_cast<Canonical>(c))));
        }
    }
    return names;
}

} // namespace faultline
