#pragma once
#include "models/store/segment.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace faultline::test {

/// Sealed segments in memory, as the store would give them back: through the bytes of their directories and
/// blobs. One thread.
class MemoryColumns final : public ColumnSource
{
public:
    /// Stores a segment under the next id; null when its own directory cannot be read back.
    std::shared_ptr<const SegmentInfo> add(const SealedSegment& sealed)
    {
        Result<SegmentInfo> info = decodeDirectory(encodeDirectory(sealed.info));
        if (!info) return nullptr;
        info->id = SegmentId{static_cast<std::int64_t>(m_chunks.size()) + 1};
        m_chunks[info->id] = sealed.chunks;
        return std::make_shared<const SegmentInfo>(std::move(info).value());
    }
    Result<ColumnPtr> column(const SegmentInfo& segment, ColumnIndex index) override
    {
        const auto found = m_chunks.find(segment.id);
        if (found == m_chunks.end() || index >= found->second.size() || index >= segment.columns.size())
            return makeError(ErrorKind::NotFound, "read a column", "it does not exist");
        return decodeColumn(segment.columns[index], segment.rows, found->second[index]);
    }

private:
    std::map<SegmentId, std::vector<std::string>> m_chunks;
};

} // namespace faultline::test
