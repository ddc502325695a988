#pragma once
#include "models/base/ids.h"
#include "models/base/result.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace faultline {

/// Where the rows of a source lie in one segment.
struct OrdinalSpan
{
    std::size_t segment = 0; ///< of a snapshot
    Ordinal first = 0, last = 0;
    std::uint64_t rows = 0, bytes = 0;
    bool glued = false; ///< has elements of envelopes
    bool open = false;  ///< its last row does not end its envelope
};

/// Stands for some rows of a span, or for a place between them.
struct OrdinalSample
{
    Ordinal at = 0;
    std::uint64_t rows = 0, bytes = 0; ///< that it stands for: itself and those behind it, up to kMost
    bool cut = true;                   ///< rows may be parted before `at`: no envelope goes over it
    static constexpr std::uint64_t kMost = 64;
};
/// Samples of one span, in any order.
using SampleOrdinals = std::function<Status(const OrdinalSpan&, std::vector<OrdinalSample>&)>;

/// A range of ordinals, with the spans that may hold rows of it.
struct OrdinalRange
{
    std::size_t begin = 0, end = 0; ///< of the spans
    Ordinal first = 0, last = 0;    ///< both included
    std::uint64_t rows = 0;         ///< about
};

/// Cuts a source into ranges of about one segment's rows that follow one another: small neighbours go
/// together, spans that overlap are parted by ordinal, and no cut lies within an envelope as long as that is
/// smaller than some segments. `spans` is sorted by `first`.
///
/// Cost    n log n of the spans and the samples of those that overlap; memory of about as many samples.
/// Errors  Those of `sample`; Damaged when many rows have the same ordinal.
Result<std::vector<OrdinalRange>> cutByOrdinal(std::vector<OrdinalSpan>& spans, const SampleOrdinals& sample);

/// What sampleOf() has to know of a row.
struct OrdinalRow
{
    Ordinal ordinal = 0;
    std::size_t row = 0;
};
/// Samples of the rows of a span. `starts`: whether the row is no element of an envelope; `ends`: whether it
/// is the last of one. Both are only asked for glued spans, and for each row at most once.
void sampleRows(const OrdinalSpan& span, std::vector<OrdinalRow> rows,
                const std::function<bool(std::size_t)>& starts, const std::function<bool(std::size_t)>& ends,
                std::vector<OrdinalSample>& samples);

} // namespace faultline
