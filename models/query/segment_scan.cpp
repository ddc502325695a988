#include "models/query/segment_scan.h"

#include "models/query/packed_view.h"
#include "models/query/row_kernels.h"
#include "models/store/text_parts.h"

#include <algorithm>

namespace faultline {

namespace {

// Columns that a task keeps to itself, so that a small cache is not asked for them again by every sink.
constexpr std::size_t kPinnedBytes = 16u << 20;
constexpr std::size_t kPartBytes = 4u << 20; // of columns that are not unpacked

} // namespace

bool SegmentScan::inDirectory(ColumnIndex index)
{
    if (index < m_pinned.size()) return true;
    fail(makeError(ErrorKind::Damaged, "read segment " + std::to_string(info().id.value),
                   "column " + std::to_string(index) + " is not in its directory"));
    return false;
}

std::shared_ptr<TextParts> SegmentScan::texts(ColumnIndex index)
{
    if (stopped() || !inDirectory(index)) return nullptr;
    if (m_pinned[index]) return std::make_shared<TextParts>(m_pinned[index]);
    if (m_parts[index]) return m_parts[index];
    auto parts = m_source.texts(info(), index);
    if (!parts) {
        fail(std::move(parts).error());
        return nullptr;
    }
    // Another leaf of the filter may ask for the same column. What was unpacked of it meanwhile is as often
    // nothing, so that the bound is on blobs.
    const std::size_t bytes = (*parts)->bytes();
    if (m_partBytes + bytes <= kPartBytes) {
        m_partBytes += bytes;
        m_parts[index] = *parts;
    }
    return std::move(*parts);
}

ColumnPtr SegmentScan::column(ColumnIndex index)
{
    if (stopped() || !inDirectory(index)) return nullptr;
    if (m_pinned[index]) return m_pinned[index];
    auto column = m_source.column(info(), index);
    if (!column) {
        fail(std::move(column).error());
        return nullptr;
    }
    ColumnPtr data = std::move(column).value();
    const std::size_t bytes = data->bytes();
    if (m_pinnedBytes + bytes <= kPinnedBytes) {
        m_pinnedBytes += bytes;
        m_pinned[index] = data;
    }
    return data;
}

void SegmentScan::fail(Error error)
{
    if (m_failed) return;
    m_failed = true;
    m_error = std::move(error);
}

Status SegmentScan::status() const
{
    if (m_failed) return m_error;
    if (m_stop.stop_requested()) return makeError(ErrorKind::Cancelled, "search events", "it was stopped");
    return {};
}

RowSet SegmentScan::rowsOfShapes(const std::vector<bool>& shapes)
{
    std::size_t marked = 0;
    for (const bool mark : shapes) marked += mark ? 1 : 0;
    if (marked == 0) return RowSet::none(rows());
    if (marked == shapes.size()) return RowSet::all(rows());
    const ColumnPtr codes = column(ShapeColumn);
    if (!codes || codes->ints.count < rows()) return RowSet::none(rows());
    std::vector<std::uint8_t> verdict(shapes.size());
    for (std::size_t i = 0; i < shapes.size(); ++i) verdict[i] = shapes[i] ? 1 : 0;
    return rowsWithVerdict(codes->ints, rows(), verdict);
}

const RowSet& SegmentScan::timeMissing()
{
    if (m_timeMissing) return *m_timeMissing;
    m_timeMissing = RowSet::none(rows());
    if (info().timeMissing == 0) return *m_timeMissing;
    if (info().timeMissing == rows()) return *(m_timeMissing = RowSet::all(rows()));
    const ColumnPtr flags = column(FlagsColumn);
    if (!flags || flags->ints.count < rows()) return *m_timeMissing;
    std::uint64_t* words = m_timeMissing->words();
    for (RowIndex row = 0; row < rows(); ++row) {
        if ((flags->ints.at(row) & FlagTimeMissing) != 0) words[row >> 6] |= std::uint64_t{1} << (row & 63);
    }
    m_timeMissing->normalise();
    return *m_timeMissing;
}

const std::string& SegmentScan::sourceName(SourceId id) const
{
    static const std::string unknown;
    const auto found = m_names->find(id);
    return found == m_names->end() ? unknown : found->second;
}

void narrowToRange(SegmentScan& scan, const TimeRange& range, SelectedRows& selected)
{
    const RowIndex rows = scan.rows();
    if (scan.entry().deleted) selected.set.subtract(RowSet::of(*scan.entry().deleted, rows));
    if (!range.unbounded() && scan.info().timeMissing > 0) selected.set.subtract(scan.timeMissing());
    if (range.covers(scan.info().minTime, scan.info().maxTime)) return;
    const ColumnPtr times = scan.column(TimeColumn);
    if (!times || times->ints.count < rows) return;
    selected.begin = static_cast<RowIndex>(lowerBound(times->ints, range.begin));
    if (range.end != kTimeMax) selected.end = static_cast<RowIndex>(lowerBound(times->ints, range.end));
    selected.begin = std::min(selected.begin, selected.end);
}

} // namespace faultline
