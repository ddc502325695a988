#pragma once
#include "models/store/segment.h"
#include "models/store/source_record.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace faultline {

/// Whether sources have the same content, told by what the store holds: their files may be gone.

/// A shorter common beginning is a header that many files share (a banner, a printed configuration).
inline constexpr std::uint64_t kCommonBeginning = 64u << 10;

enum class SameContent : std::uint8_t {
    Yes,    ///< one begins with all of the other, or both with the same kCommonBeginning bytes
    No,     ///< they part before that
    Unknown ///< no two of their checkpoints lie at the same byte
};
/// By their checkpoints (all of them are needed). What one of them has as duplicates of a third is not its
/// own: it does not count.
SameContent compareCheckpoints(const SourceRecord& a, const SourceRecord& b);

/// The first documents of a source by ordinal, up to kCommonBeginning bytes of them. Masked rows count.
using FirstDocuments = std::map<Ordinal, std::string>;
using Segments = std::vector<std::shared_ptr<const SegmentInfo>>;
Result<FirstDocuments> firstDocuments(const Segments& segments, ColumnSource& columns, SourceId source);
/// Those of `candidates` that have these documents at these ordinals, as far as they have events at all.
/// Segments that cannot be read are passed over.
std::set<SourceId> beginningWith(const FirstDocuments& documents, const Segments& segments,
                                 ColumnSource& columns, std::set<SourceId> candidates);

} // namespace faultline
